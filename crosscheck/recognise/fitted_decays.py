"""Decay in gradients that a candidate for a loss leaves unexplained: the parameters themselves, times a constant."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.loss_constants import closeness, constant_between
from crosscheck.recognise.loss_forms import Bare
from crosscheck.recognise.loss_samples import REACH, STENCIL, Sample
from crosscheck.recognise.spared import Spared


class Decay(NamedTuple):
    """A constant times a parameter in its gradient, or times what is left of it."""

    strength: float
    spared: Spared | None = None


def decays_left(
    samples: Sequence[Sample],
    slopes: Mapping[str, Sequence[float]],
    ratio: float,
    left: Mapping[str, Leaf],
    rates: Sequence[float],
    usual: Sequence[float],
) -> dict[str, Decay]:
    """Return the parameters whose gradients are off by a constant times themselves, or what is left of them.

    `usual` are strengths that need not stand in the program.
    """
    found = {}
    for name, leaf in left.items():
        off = [s.claimed[name] - ratio * slope for s, slope in zip(samples, slopes[name], strict=True)]
        share = max(abs(s.claimed[name]) for s in samples) / max([1e-300, *(abs(part) for part in off if part == part)])
        closely = max(closeness(leaf), min(1e-2, 1e-9 * share))
        for spared, along in _ways(samples, name):
            strength = constant_between(off, along, closely)
            if strength is not None and strength > 1e-12:
                for rate in rates:
                    told = _told(strength / rate, samples[0], closely, usual)
                    if told is not None:
                        found.setdefault(name, Decay(rate * told, spared))
    return found


def _ways(samples: Sequence[Sample], name: str) -> Iterator[tuple[Spared | None, list[float]]]:
    """Yield what decay spares of a parameter, and the slopes of half the squares of what is left."""
    yield None, [s.along[name] for s in samples]
    for spared in samples[0].sparing[name]:
        yield spared, [s.sparing[name][spared] for s in samples]


def holds_sizes(samples: Sequence[Sample], slopes: Sequence[float], ratio: float, name: str) -> bool:
    """Tell whether a gradient is off by shares of the signs of its parameter, and of that itself perhaps.

    It is the gradient of a penalty of absolute values then, which no candidate has.
    """
    off = np.array([s.claimed[name] - ratio * slope for s, slope in zip(samples, slopes, strict=True)])
    if not np.isfinite(off).all() or not off.any() or len(off) < 3:
        return False
    found, rounding = [], 1e-6 * np.max(np.abs(off))  # decay alone, of whatever sign, leaves no more for the signs
    for kind in ("across", "evenly"):  # where all signs are alike, a constant says as much
        sides = np.array([[getattr(s, kind)[name], s.along[name]] for s in samples])
        shares, *_ = np.linalg.lstsq(sides, off)
        is_met = np.max(np.abs(sides @ shares - off)) <= rounding
        found.append(bool(is_met and shares[0] * np.max(np.abs(sides[:, 0])) > rounding))
    return found == [True, False]


def moves_as_squares_do(samples: Sequence[Sample], slopes: Sequence[float], name: str) -> bool:
    """Tell whether what should be a loss moves as the squares of a parameter do: it is these, and no loss at all."""
    sides = np.array([slopes, [sample.along[name] for sample in samples]]).T
    sizes = np.max(np.abs(sides), axis=0)
    return not np.isfinite(slopes).all() or not sizes.all() or bool(np.linalg.cond(sides / sizes) > 1e4)


CLOSELY = 1e-6
"""How closely a gradient must be met by a derivative and by decay, relatively"""
FIRST_LOOK = 5e-3
"""How closely a gradient must be met with slopes of the second order for better ones to be computed"""
STRAIGHT = 0.05
"""How far a loss may bend on the way of a slope for that to be of any use, as a share of its change"""


def may_fit_beside_decay(candidate: Bare, samples: Sequence[Sample], names: Iterable[str]) -> bool:
    """Tell at a first look whether some gradient may be a candidate's times a constant, and decay.

    Raises what reading the candidate raises, and ArithmeticError where it is no number.
    """
    return any(_may_fit(candidate, samples, name) for name in names)


def _may_fit(candidate: Bare, samples: Sequence[Sample], name: str) -> bool:
    first = [_slope(candidate, sample, name) for sample in samples]
    if not _are_met(samples, first, name, FIRST_LOOK):
        return False
    return _are_met(samples, [sample.slope(candidate, name) for sample in samples], name, 10 * CLOSELY)


def _slope(candidate: Bare, sample: Sample, name: str) -> float:
    """Return a derivative of the second order where a loss is straight enough for it, or else the better one."""
    center = sample.number(candidate, sample.center)
    up, down = (sample.number(candidate, end) for end in sample.around[name][0])
    if not np.isfinite(up - down):
        raise ArithmeticError("the loss is no number")
    if sample.reach[name] > REACH[8] or abs(up + down - 2 * center) > STRAIGHT * abs(up - down):
        return sample.slope(candidate, name)
    return (up - down) / (2 * STENCIL[0][0] * sample.reach[name])


def _are_met(samples: Sequence[Sample], slopes: Sequence[float], name: str, closely: float) -> bool:
    """Tell whether a gradient may be slopes times a constant, and decay; where one is not known it may."""
    claimed = np.array([sample.claimed[name] for sample in samples])
    if not np.isfinite(slopes).all():
        return True
    if not np.any(slopes) or not np.any(claimed):
        return False
    largest = np.max(np.abs(claimed))
    sides = (np.array([slopes, along]).T for _, along in _ways(samples, name))
    return any(np.max(np.abs(two @ np.linalg.lstsq(two, claimed)[0] - claimed)) <= closely * largest for two in sides)


def beside_decay(samples: Sequence[Sample], slopes: Sequence[float], name: str) -> float | None:
    """Return the constant between a gradient and a derivative that differ by a constant times the parameter alone.

    None if they differ by more, or by nothing that can be told from rounding.
    """
    if moves_as_squares_do(samples, slopes, name):
        return None
    claimed = np.array([sample.claimed[name] for sample in samples])
    largest = np.max(np.abs(claimed))
    for _, along in _ways(samples, name):
        sides = np.array([slopes, along]).T
        (ratio, strength), *_ = np.linalg.lstsq(sides, claimed)
        (alone,), *_ = np.linalg.lstsq(sides[:, :1], claimed)
        left, without = (np.max(np.abs(made - claimed)) for made in (sides @ [ratio, strength], sides[:, 0] * alone))
        if left <= CLOSELY * largest and left < 0.01 * without and without > 1e-10 * largest:
            return float(ratio)
    return None


def _told(strength: float, sample: Sample, closely: float, usual: Sequence[float]) -> float | None:
    """Return the number of the program, divided by a size of its arrays perhaps, that a fitted number must be."""
    known = [value for _, value in sample.found]
    numbers = {float(value) for value in known if isinstance(value, int | float | np.floating) and value > 0}
    numbers |= set(usual)
    sizes = {1, *(size for value in known if isinstance(value, np.ndarray) for size in value.shape)}
    exact = {times * number / size for number in numbers for size in sizes if size for times in (1.0, 2.0, 0.5)}
    nearest = min(exact, key=lambda number: abs(number - strength), default=0.0)
    return nearest if abs(nearest - strength) <= closely * strength else None
