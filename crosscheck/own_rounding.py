"""Whether a discrepancy is the subject's own rounding: another right formula may lose more digits than the twin's.

A slip stays when the subject computes with more digits; rounding goes. So it is run once more, a float32 subject in
float64, a float64 one in extended precision where the processor has that; and where it names its own dtype, with wider
arrays in their place. Where it narrows them below that, nothing is explained: float32 inside of float64 is a fault.
"""

import contextlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from crosscheck.compare import K
from crosscheck.precision import FLOAT64, Precision, of_dtype
from crosscheck.references.extended import ExtendedPrecision, has_extended_precision
from crosscheck.references.standins import rebuilt
from crosscheck.trees import transform

NEARER = 128.0
"""Rounding falls by 2¹¹ from float64 to extended precision, by 2²⁹ from float32 to float64; a slip does not fall"""

Named = Callable[..., Mapping[str, np.ndarray]]


def own_rounding(
    subject: Callable[..., Any],
    named: Callable[[Callable[..., Any]], Named],
    arguments: tuple[Any, ...],
    wrong: Sequence[str],
    precision: Precision,
    seen: Any,
) -> dict[str, np.ndarray]:
    """Return, for those of the `wrong` arrays that rounding explains, how far it moves each entry.

    `named(subject)` is a function of the arguments that returns every array by name; `seen` is the judged case, with
    the mappings `outcome`, `reference`, `noise` and `comparisons`.
    """
    explained: dict[str, np.ndarray] = {}
    for finer in _in_finer_precision(subject, named, arguments, precision):
        explained.update(
            {
                name: np.maximum(seen.noise[name], np.abs(finer[name] - seen.outcome[name]).astype(np.float64))
                for name in wrong
                if name not in explained and _comes_nearer(finer[name], seen, name)
            }
        )
        if len(explained) == len(wrong):
            break
    return explained


def _comes_nearer(finer: np.ndarray, seen: Any, name: str) -> bool:
    reference, allowed = seen.reference[name], K * seen.comparisons[name].tolerance
    before, after = np.abs(seen.outcome[name] - reference), np.abs(finer - reference)
    return bool(np.all(after <= np.maximum(allowed, before / NEARER)))


def _in_finer_precision(
    subject: Callable[..., Any], named: Callable[[Callable[..., Any]], Named], arguments: Any, precision: Precision
) -> Iterator[Mapping[str, np.ndarray]]:
    """Yield what the subject returns in more digits: as it is, if there are plain ones, and with wider allocations."""
    if precision != FLOAT64:
        yield from _returned(named(subject), arguments, np.dtype(np.float64))
    if precision != FLOAT64 or has_extended_precision():

        class Finer(ExtendedPrecision):
            carried: ClassVar[Any] = None  # a dtype that the subject names is granted, and then carried if fine enough

            @classmethod
            def carry(cls, value: Any) -> Any:
                """Leave what is coarser than the subject's own precision as coarse as it is: that is no rounding."""
                own = of_dtype(value.dtype) if isinstance(value, np.ndarray | np.generic) else None
                return value if own is not None and own.epsilon > precision.epsilon else super().carry(value)

            @classmethod
            def holds(cls, value: Any) -> bool:
                return isinstance(value, np.ndarray | np.generic) and value.dtype == np.longdouble

        doubled: Any = rebuilt(subject, Finer)
        yield from _returned(named(doubled), arguments, np.dtype(np.longdouble))


def _returned(double: Named, arguments: Any, wider: np.dtype[Any]) -> Iterator[Mapping[str, np.ndarray]]:
    def widened(leaf: Any) -> Any:
        is_float = isinstance(leaf, np.ndarray) and (leaf.dtype.kind == "f" or leaf.dtype.name == "bfloat16")
        return leaf.astype(wider) if is_float else leaf

    with contextlib.suppress(Exception):  # the subject's own code, in numbers that it was not written for
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            returned = double(*(transform(widened, argument) for argument in arguments))
        yield returned
