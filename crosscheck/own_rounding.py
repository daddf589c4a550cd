"""Whether a discrepancy is the subject's own rounding: another right formula may lose more digits than the twin's.

A slip stays when the subject computes with more digits; rounding goes. So it is run once more, a float32 subject in
float64, a float64 one in extended precision where the processor has that. Where it narrows its arrays again, nothing is
explained: float32 inside of float64 is a fault of its own.
"""

import contextlib
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.compare import K
from crosscheck.precision import FLOAT64, Precision
from crosscheck.references.extended import has_extended_precision, in_extended_precision
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
    try:
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            finer = _in_finer_precision(subject, named, arguments, precision)
    except Exception:  # noqa: BLE001 (the subject's own code, in numbers that it was not written for)
        return {}
    if finer is None:
        return {}
    return {
        name: np.maximum(seen.noise[name], np.abs(finer[name] - seen.outcome[name]).astype(np.float64))
        for name in wrong
        if _comes_nearer(finer[name], seen, name)
    }


def _comes_nearer(finer: np.ndarray, seen: Any, name: str) -> bool:
    reference, allowed = seen.reference[name], K * seen.comparisons[name].tolerance
    before, after = np.abs(seen.outcome[name] - reference), np.abs(finer - reference)
    return bool(np.all(after <= np.maximum(allowed, before / NEARER)))


def _in_finer_precision(
    subject: Callable[..., Any], named: Callable[[Callable[..., Any]], Named], arguments: Any, precision: Precision
) -> Mapping[str, np.ndarray] | None:
    if precision != FLOAT64:
        wider, double = np.dtype(np.float64), subject
    elif has_extended_precision():
        wider, double = np.dtype(np.longdouble), in_extended_precision(subject)
    else:
        return None

    def widened(leaf: Any) -> Any:
        is_float = isinstance(leaf, np.ndarray) and (leaf.dtype.kind == "f" or leaf.dtype.name == "bfloat16")
        return leaf.astype(wider) if is_float else leaf

    return named(double)(*(transform(widened, argument) for argument in arguments))
