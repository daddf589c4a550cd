"""Means over a batch that a backward pass takes on its own: `dW = dZ @ A.T / m` beside `dA = W.T @ dZ`.

Upstream gradients are then those of each example's loss, and the mean is taken where the examples are summed: in the
gradients of what all examples share, and in no other. That is a convention and no slip, as long as all of them keep it.
"""

from collections.abc import Collection, Mapping
from itertools import combinations

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.places import STEP_OF
from crosscheck.recognise.unit import Unit

CLOSE = 1e-4
"""How closely a constant must be met, as a share of it"""
TINY = 1e-6
CASES = 4
"""In which a gradient must be right where nothing else tells that it belongs to a forward pass"""
Claims = Mapping[str, list[tuple[float, float]]]
"""For each array how the loss moves along some directions, beside what its gradient says"""


def means(unit: Unit, outputs: Collection[np.ndarray]) -> dict[str, int]:
    """Return the arrays whose gradients are means over a batch, with its size; nothing if none are.

    `outputs` are what the upstream gradients belong to; the batch is one of their axes, or two. Arrays without that
    axis are shared by the batch. Most of their entries must be right but for the mean: a weight counts for more than a
    bias.
    """
    try:
        claims = slopes(unit)
    except Exception:  # noqa: BLE001 - theirs: what cannot be called is told elsewhere
        return {}
    shapes = {name: np.shape(value) for name, value in unit.example[0].items()}
    for count, axes in batches(outputs):
        common = [name for name, shape in shapes.items() if not _has(shape, axes)]
        apart = [name for name in shapes if name not in common]
        divided = sum(np.prod(shapes[name]) for name in common if is_times(claims[name], 1 / count))
        plain = sum(np.prod(shapes[name]) for name in common if is_times(claims[name], 1.0))
        is_kept = all(is_times(claims[name], 1.0) for name in apart) if apart else not plain
        if is_kept and divided > plain:
            return dict.fromkeys(common, count)
    if all(place.name.startswith(STEP_OF) for place in unit.subject.gradients.values()):
        for count, _ in batches(outputs):  # all of them are weights, whatever sizes coincide
            if all(is_times(claims[name], 1 / count) for name in shapes):
                return dict.fromkeys(shapes, count)
    return {}


def sums(unit: Unit) -> dict[str, int]:
    """Return the data whose gradients are those of a sum over a batch, with its size, beside a loss that is its mean.

    That is the same convention: `dZ` is of each example, and the mean is taken where weights are shared, whose
    gradients must all be right. Nothing if it is not kept.
    """
    try:
        claims = slopes(unit)
    except Exception:  # noqa: BLE001 - theirs: what cannot be called is told elsewhere
        return {}
    apart = [name for name in claims if not is_right(claims[name])]
    shapes = {name: np.shape(value) for name, value in unit.example[0].items()}
    if not apart or len(apart) == len(claims) or not all(naming.DATA.match(name) for name in apart):
        return {}
    for count, axes in batches([unit.example[0][name] for name in apart]):
        common = [name for name in claims if name not in apart]
        is_batch = not any(_has(shapes[name], axes) for name in common)
        if is_batch and all(_has(shapes[name], axes) and is_times(claims[name], count) for name in apart):
            return dict.fromkeys(apart, count)
    return {}


def slopes(unit: Unit, step: float = 1e-5, case: int = 0) -> Claims:
    """Return how the loss moves along random directions of each array, by `step`, beside what its gradient says.

    Raises what the code raises.
    """
    parameters, data = unit.cases.build(unit.cases.draw(0, case)).arguments
    parameters = {name: _off_zero(value, number) for number, (name, value) in enumerate(parameters.items())}
    gradients = unit.subject(parameters, data).gradients
    found: dict[str, list[tuple[float, float]]] = {}
    for name, value in parameters.items():
        for number in range(3):
            direction = np.random.default_rng(number).standard_normal(value.shape)
            ends = [float(unit.subject({**parameters, name: value + s * step * direction}, data).loss) for s in (1, -1)]
            claimed = float(np.sum(np.asarray(gradients[name]) * direction))
            found.setdefault(name, []).append(((ends[0] - ends[1]) / (2 * step), claimed))
    return found


def _off_zero(value: np.ndarray, seed: int) -> np.ndarray:
    """Return numbers none of which is zero: among several zeros, as a relu leaves them, no maximum has a derivative."""
    small = np.random.default_rng(seed).uniform(0.01, 0.02, np.shape(value)) * (value == 0)
    return value + small.astype(value.dtype)


def is_scaled(claims: list[tuple[float, float]], counts: Collection[int]) -> bool:
    """Tell whether a gradient is the derivative times one of some numbers, or divided by it."""
    return any(is_times(claims, ratio) for count in counts for ratio in (count, 1 / count, -count, -1 / count))


def is_right(claims: list[tuple[float, float]]) -> bool:
    """Tell whether a gradient is the derivative, as far as differences show."""
    return all(abs(slope) > 1e-7 and abs(slope - claimed) <= TINY * max(1.0, abs(slope)) for slope, claimed in claims)


def has_right_one(unit: Unit) -> bool:
    """Tell whether a gradient is exactly the derivative of what a unit is taken to compute."""
    try:
        return any(map(is_right, slopes(unit).values()))
    except Exception:  # noqa: BLE001 - theirs
        return False


def is_right_throughout(unit: Unit) -> bool:
    """Tell whether a gradient is exactly the derivative in several cases: behind a relu it may be so in one of them.

    A case in which the loss does not move with an array says nothing of it.
    """
    right, wrong = set[str](), set[str]()
    for case in range(CASES):
        try:
            claims = slopes(unit, case=case)
        except Exception:  # noqa: BLE001, S112 - theirs
            continue
        moving = {name: found for name, found in claims.items() if any(abs(slope) >= TINY for slope, _ in found)}
        right |= {name for name, found in moving.items() if is_right(found)}
        wrong |= {name for name, found in moving.items() if not is_right(found)}
    return bool(right - wrong)


def is_times(claims: list[tuple[float, float]], ratio: float) -> bool:
    """Tell whether a gradient is the derivative times a number, as far as differences show."""
    moves = all(abs(slope) >= TINY for slope, _ in claims)
    return moves and all(abs(claimed / slope - ratio) <= CLOSE * abs(ratio) for slope, claimed in claims)


def batches(outputs: Collection[np.ndarray]) -> list[tuple[int, tuple[int, ...]]]:
    """Return the sizes that a mean may be taken over: an axis of an output, or two of them."""
    found: dict[int, tuple[int, ...]] = {}
    for count in (1, 2):
        for output in outputs:
            for axes in combinations(output.shape, count):
                if min(axes) > 1:
                    found.setdefault(int(np.prod(axes)), axes)
    return list(found.items())


def _has(shape: tuple[int, ...], axes: tuple[int, ...]) -> bool:
    return all(shape.count(axis) >= axes.count(axis) for axis in axes)
