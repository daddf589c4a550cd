"""The gradient of a loss with many parameters, tested along random directions and, where one is off, entry by entry.

Where a claimed gradient predicts the derivative along all of them it is right, but for errors that cancel along each.
Where it does not, the direction is halved until a single entry is left whose derivative is another one.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

DIRECTIONS = 6
OFF = 2.0**-40
"""A share of the sum of absolute terms that no rounding of a derivative along a direction reaches"""

Slope = Callable[[str, np.ndarray], tuple[float, float]]
"""The derivative along a direction of one parameter, and its error"""


class Tested(NamedTuple):
    """A gradient that is the claimed one but for the entries that were measured."""

    gradients: dict[str, np.ndarray]
    errors: dict[str, np.ndarray]
    wrong: list[tuple[str, int]]
    """Entries that are not what was claimed"""


def by_directions(slope: Slope, claimed: Mapping[str, np.ndarray]) -> Tested:
    """Test a claimed gradient along random directions of each parameter. Raises what `slope` raises."""
    random = np.random.default_rng(11)
    gradients = {name: np.array(array, np.float64) for name, array in claimed.items()}
    errors: dict[str, np.ndarray] = {}
    wrong: list[tuple[str, int]] = []
    for name, gradient in gradients.items():
        doubts = [64 * float(np.finfo(np.float64).eps) * float(np.max(np.abs(gradient), initial=0.0))]
        for number in range(DIRECTIONS):
            share = 1.0 if number < 2 else 0.1
            vector = random.choice((-1.0, 1.0), size=gradient.shape) * (random.random(gradient.shape) < share)
            off, doubt = _off(slope, name, gradient, vector)
            doubts.append(doubt / max(1.0, float(np.sqrt(np.count_nonzero(vector)))))
            if off:
                place = _narrowed(slope, name, gradient, vector)
                found, _ = slope(name, _only(gradient, [place], vector))
                gradient.reshape(-1)[place] = found * vector.reshape(-1)[place]
                wrong.append((name, place))
        errors[name] = np.full(gradient.shape, max(doubts))
    return Tested(gradients, errors, wrong)


def _off(slope: Slope, name: str, gradient: np.ndarray, vector: np.ndarray) -> tuple[float, float]:
    """Return by how much a gradient misses the derivative along a direction; zero if by no more than rounding."""
    found, doubt = slope(name, vector)
    terms = gradient * vector
    off = found - float(np.sum(terms))
    return (off if not abs(off) <= doubt + OFF * float(np.sum(np.abs(terms))) else 0.0), doubt


def _narrowed(slope: Slope, name: str, gradient: np.ndarray, vector: np.ndarray) -> int:
    """Return an entry whose derivative is not the claimed one."""
    places = np.flatnonzero(vector)
    while len(places) > 1:
        halves = np.array_split(places, 2)
        offs = [abs(_off(slope, name, gradient, _only(gradient, half, vector))[0]) for half in halves]
        places = halves[int(offs[1] > offs[0])]
    return int(places[0])


def _only(gradient: np.ndarray, places: np.ndarray | list[int], vector: np.ndarray) -> np.ndarray:
    kept = np.zeros(gradient.shape)
    kept.reshape(-1)[places] = vector.reshape(-1)[places]
    return kept
