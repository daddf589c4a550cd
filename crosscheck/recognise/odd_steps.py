"""Steps that follow no right rule, where others of the same turn do: what they are made of instead.

A hypothesis holds only if a step is what it says in every entry of several cases. Where none does, the step is one of a
rule that is not written here: it is not judged, and that is said.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from crosscheck.recognise.fitting import FEWEST, counts, fit
from crosscheck.recognise.right_rules import follows
from crosscheck.recognise.rule_words import (
    BEGINS,
    CHANGED,
    CLIMBS,
    DISORDERED,
    FOREIGN,
    FORGETFUL,
    GROWN,
    ITSELF,
    REPLACED,
    SIZED,
    TURNED,
    UNIFORM,
    UNKNOWN,
    UNREAD,
)
from crosscheck.recognise.rules import Step, divides, is_right, within

Cases = Sequence[Mapping[str, Step]]
"""The steps of several cases, by parameter, with all entries in their own shape"""
OF_NO_RULE = frozenset({REPLACED, UNIFORM, DISORDERED, TURNED, SIZED, UNKNOWN})
"""What is said of a step, whatever rule the others follow"""
CLOSE = 1e-6
"""How closely entries are the same but for their order, relative"""


def odd(
    steps: Mapping[str, Step],
    cases: Callable[[], Cases],
    numbers: Sequence[float],
    counters: Sequence[float],
    sign: int = 1,
    *,
    is_sure: bool = True,
) -> dict[str, str]:
    """Say what is wrong with steps that follow no right rule beside some that do; UNKNOWN where that is not known.

    Where none does, only what no rule has is wrong, and the rest is not known.

    `steps` hold the entries that no clip changes and no rounding hides. Steps of nothing are left alone, and so is all
    that is not computed in double precision. Where it is not sure which gradients are whose, a step of no rule says
    nothing beside others of no rule.
    """
    told = {name: step for name, step in steps.items() if _tells(step)}
    right = {name for name, step in told.items() if follows(step, numbers, counters, sign)}
    idle = dict.fromkeys(forgetful(told), FORGETFUL) | dict.fromkeys(unread(told, cases, sign), UNREAD)
    if right == told.keys():
        return idle
    several = cases()

    def is_of(whole: Step, gradient: np.ndarray) -> bool:
        return is_right(within(whole._replace(gradient=sign * gradient)), numbers, counters, sign)

    found = {}
    for name in sorted(told.keys() - right):
        most = max((len(case[name].memories) for case in several if name in case), default=0)
        known = [case for case in several if case.keys() >= told.keys() and len(case[name].memories) == most]
        wholes = [case[name] for case in known]  # without the cases in which nothing goes into a memory
        others = {other: [case[other] for case in known] for other in told.keys() - {name}}
        if known and all(_is_shortened(step.change, sign * step.gradient) for step in wholes):
            continue
        words = next(_said_of(wholes, others, sign, is_of), UNKNOWN) if len(known) >= FEWEST else UNKNOWN
        found[name] = words if right or words in OF_NO_RULE else UNKNOWN
        if not (is_sure or right) and found[name] == UNKNOWN:
            del found[name]
    return idle | found


def unread(steps: Mapping[str, Step], cases: Callable[[], Cases], sign: int = 1) -> list[str]:
    """Return the parameters that keep a memory of their squares and go by their gradient alone, where others use it.

    Their step may be divided by the root of another parameter's memory, all of it by one number in each case.
    """
    own = {name: [new for old, new in step.memories if _is_of_squares(step, old, new)] for name, step in steps.items()}
    kept = {name: steps[name] for name, found in own.items() if len(found) == 1 and steps[name].change.all()}
    divided = {name for name, one in kept.items() if divides(-sign * one.gradient / one.change, own[name][0])}
    if not divided or divided == kept.keys():
        return []
    several = cases()
    wholes = {name: [case[name] for case in several if name in case] for name in kept.keys() - divided}
    return [
        name
        for name, seen in wholes.items()
        if len(seen) >= FEWEST and all(_is_shortened(step.change, sign * step.gradient) for step in seen)
    ]


def forgetful(steps: Mapping[str, Step]) -> list[str]:
    """Return the parameters whose memory of gradients holds the last one alone, where another's keeps a share.

    Both have as many memories: `vb = -rate * db` stands beside `vw = 0.9 * vw - rate * dw`.
    """
    shares = {name: [_share_kept(step, *memory) for memory in step.memories] for name, step in steps.items()}
    counts_of = {len(found) for found in shares.values() if any(share for share in found)}
    return [
        name
        for name, found in shares.items()
        if len(found) in counts_of and 0.0 in found and not any(share for share in found)
    ]


def _share_kept(step: Step, old: np.ndarray, new: np.ndarray) -> float | None:
    """Return what a memory of gradients keeps of itself, exactly zero where that is nothing; None of other memories."""
    kept = fit(new, old, step.gradient)
    if kept is None or not counts(kept[1], step.gradient, new):
        return None
    return kept[0] if counts(kept[0], old, new) else 0.0


def _is_of_squares(step: Step, old: np.ndarray, new: np.ndarray) -> bool:
    if step.gradient.size < FEWEST:
        return False
    squares = fit(new, old, step.gradient**2)
    return squares is not None and squares[0] > 0 and squares[1] > 0


def _tells(step: Step) -> bool:
    is_exact = step.value is not None and step.value.dtype == np.float64
    return is_exact and step.gradient.size >= FEWEST and bool(np.isfinite(step.change).all() and step.change.any())


def _is_shortened(change: np.ndarray, gradient: np.ndarray) -> bool:
    """Tell whether a step goes down its gradient, however far: a bound on norms makes the rate another in each case."""
    size = float(np.linalg.norm(gradient))
    rate = float(np.sum(-change * gradient)) / size**2 if size else 0.0
    return gradient.size > 1 and rate > 0 and np.allclose(change, -rate * gradient, CLOSE, CLOSE * rate * size)


def _said_of(
    wholes: Sequence[Step],
    others: Mapping[str, Sequence[Step]],
    sign: int,
    is_of: Callable[[Step, np.ndarray], bool],
) -> Iterator[str]:
    """Yield what a step is made of, in words, the likeliest first."""
    changes, gradients = [step.change for step in wholes], [sign * step.gradient for step in wholes]
    values = [np.asarray(step.value) for step in wholes]
    wanted = [step.memories[0][1] if len(step.memories) == 1 else step.change for step in wholes]
    kept = [[step.memories[0][0] for step in wholes]] if wholes[0].memories else []

    def is_made_of(*columns: Sequence[np.ndarray]) -> bool:
        factors = _fitted(wanted, *columns, *kept)
        if factors is None:
            return len(columns) == 1 and bool(kept) and is_of(wholes[0], columns[0][0])
        return all(counts(factor, _row(column), _row(wanted)) for factor, column in zip(factors, columns, strict=False))

    for other, theirs in others.items():
        if theirs[0].change.shape == wholes[0].change.shape:
            begins = [np.asarray(their.value) for their in theirs]
            moved = [begin + their.change for begin, their in zip(begins, theirs, strict=True)]
            for taken in (begins, moved):
                ends = [change + value - start for change, value, start in zip(changes, values, taken, strict=True)]
                if _fitted(ends, gradients) is not None:
                    yield f"{BEGINS} {other}"
    ends = [change + value for change, value in zip(changes, values, strict=True)]
    shares = _fitted(changes, gradients, values)
    share = shares[1] if shares is not None and counts(shares[1], _row(values), _row(changes)) else 0.0
    if _fitted(ends, gradients) is not None or share < -1:
        yield REPLACED
    elif share > 0:
        yield GROWN
    own = _fitted(wanted, gradients, *kept)
    if own is not None and counts(own[0], _row(gradients), _row(wanted)):  # no rule says how, but by its own gradient
        if not kept and own[0] > 0:
            yield CLIMBS
        return
    is_square = gradients[0].ndim == 2 and gradients[0].shape[0] == gradients[0].shape[1] > 1
    if is_square and is_made_of([gradient.T for gradient in gradients]):
        yield TURNED
    if not wholes[0].memories and all(map(_is_disordered, changes, gradients)):
        yield DISORDERED
    if any(map(is_made_of, _sums(gradients, changes, keepdims=True))):
        yield UNIFORM
    for other, theirs in others.items():
        slopes = [sign * step.gradient for step in theirs]
        same = _fitting(slopes, changes)
        for sums in (*([] if same is None else [same]), *_sums(slopes, changes, keepdims=False)):
            if is_made_of(sums) or is_made_of(sums, gradients):
                yield f"{FOREIGN} {other}"
    if _fitted(changes, values) is not None:
        yield ITSELF
    powers = [gradient**2 for gradient in gradients], [np.abs(gradient) for gradient in gradients]
    products = [gradient * value for gradient, value in zip(gradients, values, strict=True)]
    if not wholes[0].memories and any(map(is_made_of, powers)):
        yield SIZED
    if _fitted(changes, products, values) is not None or is_made_of(products):
        yield CHANGED


def _fitted(wanted: Sequence[np.ndarray], *columns: Sequence[np.ndarray]) -> np.ndarray | None:
    """Return the factors with which arrays add up to others in all cases; None if there are none."""
    return fit(*map(_row, (wanted, *columns)))


def _row(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.ravel(array) for array in arrays])


def _is_disordered(change: np.ndarray, gradient: np.ndarray) -> bool:
    """Tell whether a step holds the entries of a gradient at one rate, in another order.

    Of two entries that add up to zero, as those of two classes do, the order tells nothing.
    """
    moved, meant = np.sort(np.ravel(change)), np.sort(-np.ravel(gradient))
    size = np.linalg.norm(meant)
    if not size or moved.size < 3:
        return False
    return bool(np.max(np.abs(moved - np.linalg.norm(moved) / size * meant)) <= CLOSE * np.max(np.abs(moved)))


def _sums(
    gradients: Sequence[np.ndarray], changes: Sequence[np.ndarray], *, keepdims: bool
) -> Iterator[list[np.ndarray]]:
    """Yield the sums of gradients along an axis, and along all, in the shape of the steps that they would make."""
    axes = range(gradients[0].ndim)
    for axis in ((), *((one,) for one in axes), tuple(axes)):
        if axis and any(gradients[0].shape[one] > 1 for one in axis):
            made = _fitting([gradient.sum(axis=axis, keepdims=keepdims) for gradient in gradients], changes)
            if made is not None:
                yield made


def _fitting(arrays: Sequence[np.ndarray], changes: Sequence[np.ndarray]) -> list[np.ndarray] | None:
    """Return arrays in the shapes of steps, whatever axes of length one they have; None where they do not fit."""
    try:
        return [
            np.reshape(array, change.shape) if array.size == change.size else np.broadcast_to(array, change.shape)
            for array, change in zip(arrays, changes, strict=True)
            if array.size != change.size or np.squeeze(array).shape == np.squeeze(change).shape
        ] or None
    except ValueError:
        return None
