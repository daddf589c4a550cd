"""Reference values, wherever they come from."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from crosscheck.precision import Precision


class Reference(NamedTuple):
    """What is said about one case: two trees of one structure, by group (loss, gradients, inputs, auxiliary, rules)."""

    exact: Mapping[str, Any]
    noise: Mapping[str, Any]
    """How far each of the numbers may be moved by rounding, and by the errors of the reference itself"""


class ReferenceSource(Protocol):
    """An oracle that the judge can ask: a twin, or the subject's own forward."""

    def references(
        self,
        cases: Sequence[tuple[Any, ...]],
        states: Sequence[tuple[Any, ...]],
        keys: Sequence[int],
        precision: Precision,
        *,
        samples: int = 8,
        magnify: float = 1.0,
    ) -> list[Reference]:
        """Return reference values and noise for each case, which depend on its own arguments and key alone.

        `keys` are 32-bit numbers that the random rounding errors are drawn from; `samples` is the number of differently
        rounded runs; `magnify` multiplies the precision's ε.
        """
        ...

    def in_precision(self, case: tuple[Any, ...], dtype: np.dtype) -> Mapping[str, Any]:
        """Return the values computed in the subject's own precision, where they may overflow."""
        ...
