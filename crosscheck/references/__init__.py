"""References that need nothing but the subject's own forward: its derivatives, and its rounding, both measured.

`own_forward` differentiates a NumPy loss, with an error for each entry, by the best means that the code allows;
`rounding_of` tells how far rounding alone moves each number that a NumPy function returns;
`perturbed_runs` is what it looks at;
`derivative` differentiates a black box of one variable.
"""

from crosscheck.references.differences import derivative
from crosscheck.references.extrapolation import Estimate
from crosscheck.references.reference import Reference, own_forward
from crosscheck.references.rounding import Rounding, perturbed_runs, rounding_of

__all__ = ["Estimate", "Reference", "Rounding", "derivative", "own_forward", "perturbed_runs", "rounding_of"]
