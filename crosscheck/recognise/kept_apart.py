"""Losses in several terms that nothing adds up: each is returned or printed by itself, and trained is their sum.

    return pitch_loss, duration_loss, gradients

Neither of the terms is what all gradients are of. Their sum is adopted where it has every gradient for its derivative,
each term at a weight of one or at one that stands in the function, and where no number of the call is that sum already:
such a number would be what the program states, and gradients of other weights wrong.
"""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.loss_forms import Scaled, Summed
from crosscheck.recognise.loss_samples import SAMPLES, Sample, samples_of
from crosscheck.recognise.places import LOCAL, RETURNED, Place
from crosscheck.recognise.results import sources
from crosscheck.recognise.roles import is_number
from crosscheck.recognise.unit import Doubtful
from crosscheck.recognise.watching import Watched
from crosscheck.source.walking import walk

OPPOSED = naming.re.compile(r"revers|adversar|\bw?gan\b|discriminat|critic|minimax", naming.re.IGNORECASE)
"""What tells of terms that some parameters lower and others raise"""
AGAINST = "some of its parameters lower a term of the loss that others raise: which way each should go is not known"
MOST = 6
"""Numbers that may be terms"""
CLOSE = 1e-6
"""How closely every gradient must be met, relative to its size"""
SAME = 1e-5
"""How closely a weight must be one that is written down"""
TERM = naming.re.compile(
    r"reg|penalt|decay|entropy|(?:^|_)(?:kl|l1|l2|aux|ar|tar)(?:_|$)|sparsity", naming.re.IGNORECASE
)
"""What terms are called besides losses"""
HOLDS = naming.re.compile(r"^(?:losses|costs|objectives?|terms|parts)$", naming.re.IGNORECASE)
"""What dictionaries of terms are called"""
LOWERED = naming.re.compile(r"entropy|bonus", naming.re.IGNORECASE)
"""What is taken away from a loss"""


def sum_of_terms(replay: Watched, parameters: Mapping[str, Leaf], gradients: Mapping[str, Any]) -> Summed | None:
    """Return the sum of a call's own terms that has all gradients for its derivatives; None if there is none.

    Raises what the call raises, and Doubtful where terms are said to work against each other and do.
    """
    if len(parameters) < 2 or len(list(_terms(sources(replay.run({}))))) < 2:
        return None
    samples = samples_of(replay, parameters, gradients)
    slopes: dict[Place, np.ndarray] = {}
    for place in list(_terms(samples[0].found))[:MOST]:
        found = _slopes(samples, Scaled(place), parameters)
        is_known = found is not None and not any(np.array_equal(found, o, equal_nan=True) for o in slopes.values())
        if found is not None and is_known and np.any(np.nan_to_num(found)):
            slopes[place] = found
    claimed = np.array([[sample.claimed[name] for name in parameters] for sample in samples])
    known = np.all([np.isfinite(found) for found in slopes.values()], axis=0) if slopes else np.zeros((1, 1), bool)
    if 2 * np.sum(known) < known.size:
        return None
    flat = {place: found[known] for place, found in slopes.items()}
    numbers = _numbers(replay, samples[0])
    for count in range(2, len(slopes) + 1):
        for places in combinations(slopes, count):
            columns = np.stack([flat[place] for place in places], axis=1)
            weights = _weights(columns, claimed[known], numbers, [bool(LOWERED.search(one.name)) for one in places])
            others = [slope for place, slope in flat.items() if place not in places]
            if weights is not None and not any(_is_made_of(slope, columns) for slope in others):
                return Summed(tuple(Scaled(place, weight) for place, weight in zip(places, weights, strict=True)))
    if OPPOSED.search(replay.world.document.code) and len(slopes) > 1 and known.all():
        columns = np.stack(list(slopes.values()), axis=2)
        pulls = [_pulls(columns[:, n], claimed[:, n]) for n in range(len(parameters))]
        told = np.array([pull for pull in pulls if pull is not None])
        if len(told) == len(pulls) and np.any((told > CLOSE).any(0) & (told < -CLOSE).any(0)):
            raise Doubtful(AGAINST)
    return None


def _pulls(columns: np.ndarray, claimed: np.ndarray) -> np.ndarray | None:
    """Return the weights of terms that a gradient is of, some of them below zero perhaps; None where it is of none."""
    moving = np.any(columns, axis=0)
    found, _, rank, _ = np.linalg.lstsq(columns[:, moving], claimed, rcond=1e-12)
    if rank >= SAMPLES or np.any(np.abs(columns[:, moving] @ found - claimed) > CLOSE * np.max(np.abs(claimed))):
        return None
    weights = np.zeros(len(moving))
    weights[moving] = found
    return weights


def _terms(found: Iterable[tuple[Place, Any]]) -> Iterator[Place]:
    """Yield the numbers of a call that are called like losses or terms of them, or are returned beside such."""
    for place, value in found:
        holder = str(place.path[0]) if len(place.path) == 2 and place.where == LOCAL else ""
        is_called = bool(naming.LOSS.search(place.name) or TERM.search(place.name) or HOLDS.match(holder))
        is_returned = place.where == RETURNED and isinstance(value, float | np.floating)
        is_other = bool(naming.NOT_LOSS.search(place.name)) and not HOLDS.match(holder)
        if is_number(value) and (is_called or is_returned) and not is_other:
            yield place


def _slopes(samples: Sequence[Sample], loss: Scaled, parameters: Collection[str]) -> np.ndarray | None:
    """Return the derivatives of a term in all samples, no numbers where it has a kink; None where it is not there."""
    try:
        with np.errstate(all="ignore"):
            found = np.array([[sample.slope(loss, name) for name in parameters] for sample in samples])
    except Exception:  # noqa: BLE001 - a number that is not there in every state is no term
        return None
    return found if np.isfinite(found).any() else None


def _weights(
    columns: np.ndarray, claimed: np.ndarray, numbers: Sequence[float], may_rise: Sequence[bool]
) -> list[float] | None:
    """Return the weights of terms under which every gradient is met, if they are such as are written down."""
    found, _, rank, _ = np.linalg.lstsq(columns, claimed, rcond=1e-12)
    if rank < len(found) or np.any(np.abs(columns @ found - claimed) > CLOSE * np.maximum(np.abs(claimed), 1e-6)):
        return None
    weights = []
    for weight, is_free in zip(found, may_rise, strict=True):
        size = next((number for number in numbers if abs(abs(weight) - number) <= SAME * number), None)
        if size is None or (weight < 0 and not is_free):
            return None
        weights.append(float(np.copysign(size, weight)))
    return weights if 1.0 in map(abs, weights) else None


def _is_made_of(slope: np.ndarray, columns: np.ndarray) -> bool:
    """Tell whether a number is a sum of terms already: of more than one."""
    found = np.linalg.lstsq(columns, slope, rcond=1e-12)[0]
    is_met = np.all(np.abs(columns @ found - slope) <= CLOSE * np.maximum(np.abs(slope), 1e-6))
    return bool(is_met and np.count_nonzero(np.abs(found) > CLOSE) > 1)


def _numbers(replay: Watched, sample: Sample) -> list[float]:
    """Return one, and the numbers that stand in the function or loop, or have a name in it."""
    written = (part.value for part in walk(replay.node) if isinstance(part, ast.Constant))
    named = (value for _, value in sample.found)
    every = [float(one) for one in (*written, *named) if isinstance(one, int | float) and not isinstance(one, bool)]
    return [1.0, *sorted({one for one in every if np.isfinite(one) and one > 0 and one != 1.0})]
