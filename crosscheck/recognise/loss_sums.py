"""Losses of which nobody wrote down that they are several: two outputs with a target each, a penalty on activations.

What one loss leaves of the gradients is the gradient of another, or something is wrong. The other is adopted where it
explains all that is left, by a weight that stands in the program.
"""

import ast
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.formulas import Residual
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.loss_forms import Bare, Decayed, Loss, Summed, number_in
from crosscheck.recognise.loss_samples import Sample
from crosscheck.source.walking import walk

CLOSE = 1e-6
"""How closely a gradient must be met, relative to what is claimed of it"""
NOTHING = 1e-9
"""A share of a gradient that is rounding: what is left of it is nothing"""
MOST = 3
"""Losses that are added to a first one"""


Explain = Callable[[Bare, float], Bare | None]
"""Return a candidate times a constant that sizes explain"""


def summed(
    first: Bare | Decayed,
    known: Sequence[Bare],
    samples: Sequence[Sample],
    parameters: Mapping[str, Leaf],
    explain: Explain,
    weights: Collection[float],
    penalties: Collection[float],
    ends: float,
) -> Summed | None:
    """Return the sum of a loss and of others that together have all gradients for their derivatives; None if none is.

    `weights` are numbers that each of the others may be multiplied by, `penalties` those for what has no target.
    """
    parts: list[Any] = [first]
    inner = first.inner if isinstance(first, Decayed) else first
    sign = np.sign(inner.constant)

    def explain_alike(one: Bare, ratio: float) -> Bare | None:
        """Nobody minimises one loss and maximises another."""
        return explain(one, ratio) if np.sign(ratio) == sign else None

    left = _left(samples, first, parameters)
    while left is not None and (names := _unexplained(samples, left)):
        found = None
        if len(parts) <= MOST:
            ways = (
                _next(one, left, names, samples, parameters, explain_alike, weights, penalties, ends) for one in known
            )
            found = next((way for way in ways if way is not None), None)
        if found is None:
            return None
        parts.append(found)
        left = _left(left, found, parameters)
    return Summed(tuple(parts)) if left is not None and len(parts) > 1 else None


def _left(samples: Sequence[Sample], loss: Any, parameters: Mapping[str, Leaf]) -> list[Sample] | None:
    """Return the samples in which gradients are claimed that a loss leaves unexplained."""
    slopes = _slopes(samples, loss, parameters)
    if slopes is None:
        return None
    return [
        replace(sample, claimed={name: sample.claimed[name] - slopes[name][place] for name in parameters})
        for place, sample in enumerate(samples)
    ]


def _slopes(samples: Sequence[Sample], loss: Any, names: Iterable[str]) -> dict[str, np.ndarray] | None:
    """Return the derivatives of a loss in all samples; None where it cannot be computed in one of them."""
    try:
        with np.errstate(all="ignore"):
            return {name: np.array([sample.slope(loss, name) for sample in samples]) for name in names}
    except Exception:  # noqa: BLE001 - outputs that change their shape, targets that do not fit everywhere
        return None


def _unexplained(samples: Sequence[Sample], left: Sequence[Sample]) -> set[str]:
    names = left[0].claimed
    return {
        name
        for name in names
        if any(
            not abs(s.claimed[name]) <= CLOSE * max(abs(t.claimed[name]), 1e-3)
            for s, t in zip(left, samples, strict=True)
        )
    }


def depends(losses: Iterable[Loss], sample: Sample, name: str) -> bool:
    """Tell whether any of some losses moves with an array: what is written before it is read is no parameter."""
    up, down = sample.around[name][0]
    for loss in losses:
        try:
            with np.errstate(all="ignore"):
                if number_in(loss, up) != number_in(loss, down):
                    return True
        except Exception:  # noqa: BLE001, S112 - outputs that change their shape, targets that do not fit everywhere
            continue
    return False


def _next(
    candidate: Bare,
    left: Sequence[Sample],
    names: Collection[str],
    samples: Sequence[Sample],
    parameters: Mapping[str, Leaf],
    explain: Explain,
    weights: Collection[float],
    penalties: Collection[float],
    ends: float,
) -> Bare | None:
    """Return a candidate, times a constant, if it has what is left of some gradients for its derivatives.

    It has nothing to do with those of which nothing is left, and leaves nothing of one at the least.
    """
    if time.process_time() > ends:
        return None
    slopes = _slopes(left, candidate, parameters)
    if slopes is None:
        return None
    sizes = {name: max(abs(s.claimed[name]) for s in samples) for name in parameters}
    largest = max(
        (float(np.nanmax(np.abs(slope))) for slope in slopes.values() if not np.isnan(slope).all()), default=0.0
    )
    if any(
        np.nanmax(np.abs(slopes[n]), initial=0.0) > NOTHING * largest for n in parameters.keys() - names if sizes[n]
    ):
        return None
    met: dict[str, float] = {}
    for name in names:
        wanted, slope = np.array([s.claimed[name] for s in left]), slopes[name]
        is_known = np.isfinite(slope) & np.isfinite(wanted)
        if is_known.sum() < 2 or not np.any(np.abs(slope[is_known]) > NOTHING * largest):
            continue
        ratio = float(wanted[is_known] @ slope[is_known] / (slope[is_known] @ slope[is_known]))
        if np.max(np.abs(wanted - ratio * slope)[is_known]) <= CLOSE * np.max(np.abs(wanted[is_known])):
            met[name] = ratio
    if not met or np.ptp(list(met.values())) > 1e-4 * abs(next(iter(met.values()))):
        return None
    ratio = float(np.median(list(met.values())))
    is_penalty = isinstance(candidate, Residual) and all(_is_begun(name, left, samples) for name in met)
    usual = set() if is_penalty else {1.0}
    known = penalties if isinstance(candidate, Residual) else weights
    for weight in sorted(usual | set(known) - {1.0}, key=lambda weight: weight != 1.0):
        found = explain(candidate, ratio / weight)
        if found is not None:
            return found._replace(constant=found.constant * weight)
    return None


def _is_begun(name: str, left: Sequence[Sample], samples: Sequence[Sample]) -> bool:
    """Tell whether the losses before have to do with a parameter: what is added to it alone is no output's own loss."""
    pairs = ((s.claimed[name], t.claimed[name]) for s, t in zip(left, samples, strict=True))
    return any(abs(one - other) > CLOSE * abs(other) for one, other in pairs)


PENALISING = naming.re.compile(
    r"lam|beta|alpha|^mu$|rho|gamma|reg|penal|spars|weight|coef|strength|decay|^l[12]|lagr", naming.re.IGNORECASE
)
"""What the weight of a penalty is called"""


def penalties_in(tree: ast.AST, numbers: Iterable[tuple[str, float]]) -> set[float]:
    """Return the numbers that a program calls like the weights of penalties: a mere number may be part of a slip."""
    assigned = (
        (target.id, n.value.value)
        for n in walk(tree)
        if isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant) and isinstance(n.value.value, float)
        for target in n.targets
        if isinstance(target, ast.Name)
    )
    return {float(value) for name, value in (*numbers, *assigned) if PENALISING.search(name) and 0 < value <= 100}


def weights_in(tree: ast.AST, numbers: Iterable[tuple[str, float]]) -> set[float]:
    """Return the numbers of a program that a loss may be weighted by, and what they lack of one."""
    literals = (n.value for n in walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, float))
    found = {float(value) for value in (*literals, *(number for _, number in numbers)) if 0 < value <= 100}
    return found | {1 - value for value in found if 0 < value < 1}
