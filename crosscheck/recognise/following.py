"""Arrays that follow others, `target = 0.99 * target + 0.01 * w`: running averages, which go by no gradient."""

from collections.abc import Collection, Mapping

import numpy as np

from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.roles import filled

FEW = 2
"""Numbers that are a mean of two others by chance"""
CLOSE = 1e-9
"""How closely an array is a mean of itself and another, relative"""


def followers(replay: Replay, moved: Mapping[str, Leaf]) -> set[str]:
    """Return which arrays a call moves towards another that it moves. Raises what the call raises."""
    alike = [n for n, leaf in moved.items() if leaf.value.size > FEW and _shapes(moved).count(leaf.value.shape) > 1]
    if not alike:
        return set()
    start = {name: np.asarray(filled(leaf.value, seed)) for seed, (name, leaf) in enumerate(moved.items())}
    result = replay.run({id(leaf.value): start[name].copy() for name, leaf in moved.items()})
    ends = {name: np.asarray(result.left_at(moved[name].path)) for name in alike}
    found = {
        name
        for name in alike
        for other in alike
        if name != other and start[name].shape == start[other].shape == ends[other].shape == ends[name].shape
        if _is_between(ends[name], start[name], ends[other]) or _is_between(ends[name], start[name], start[other])
    }
    return found | _beside(found, moved)


def _beside(found: Collection[str], moved: Mapping[str, Leaf]) -> set[str]:
    """Return the arrays of few numbers that lie where all others follow: of themselves these do not tell."""
    holders = {moved[name].path[:-1] for name in found} - {()}
    leading = {leaf.path[:-1] for name, leaf in moved.items() if name not in found and leaf.value.size > FEW}
    return {n for n, leaf in moved.items() if leaf.value.size <= FEW and leaf.path[:-1] in holders - leading}


def _shapes(moved: Mapping[str, Leaf]) -> list[tuple[int, ...]]:
    return [leaf.value.shape for leaf in moved.values()]


def _is_between(now: np.ndarray, before: np.ndarray, other: np.ndarray) -> bool:
    """Tell whether an array is a weighed mean of what it was and of another one."""
    table = np.stack([before.reshape(-1), other.reshape(-1)], 1)
    if not (np.isfinite(table).all() and np.isfinite(now).all()):
        return False
    shares, *_ = np.linalg.lstsq(table, now.reshape(-1))
    is_mean = abs(shares.sum() - 1) <= CLOSE and CLOSE < shares[1] <= 1 + CLOSE
    return bool(is_mean and np.max(np.abs(table @ shares - now.reshape(-1))) <= CLOSE * np.max(np.abs(now)))
