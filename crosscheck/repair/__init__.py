"""The search for a repair: small edits of a backward pass, each judged, so that the answer is a line and a diff.

`find_repairs` returns edits under which a unit agrees on fresh cases, the best first; `apply` writes one to the file.
"""

from crosscheck.repair.finding import find_repairs
from crosscheck.repair.repair import Repair
from crosscheck.repair.writing import apply

__all__ = ["Repair", "apply", "find_repairs"]
