"""Whether gradients are of the form Jᵀg, with the derivatives J of one output: proof, and what speaks against it."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise.formulas import steps_of
from crosscheck.recognise.leaves import Leaf, leaves
from crosscheck.recognise.loss_samples import copies, symbols_anew
from crosscheck.recognise.places import Place
from crosscheck.recognise.replay import Replay, Result
from crosscheck.recognise.results import differs, read_at
from crosscheck.recognise.roles import filled, is_floating
from crosscheck.recognise.subject import shaped
from crosscheck.recognise.watching import Watched

MOST_NUMBERS = 100
"""Numbers in an output whose derivatives are asked for"""
MORE = 4
"""Directions of each parameter beyond what any g could explain"""
MOST_SETS = 100
"""Sets of parameters that are looked at apart from the others"""
REACH = 2.0**-9
MET, MISSED = 1e-6, 1e-2
"""What is left over, as a share of the gradients, where they are of the form Jᵀg, and where they plainly are not"""
PLAINLY = 2e-3
"""The same where gradients are brought to one size: those of an output are often a hundred times those before it"""
ROUGHLY = 1e-4
"""The same where slopes are differences of the second order"""
KINK = 1e-4
"""How far derivatives of two orders are apart, relative, where there is a kink"""


class Fit(NamedTuple):
    """How well gradients are explained by derivatives of one output."""

    is_begun: bool
    """Whether one g serves some of them: the author went back from this output"""
    together: float | None
    """What is left of all of them; None where an output of so many numbers would explain anything"""
    is_of_all: bool
    """Whether the output depends on each parameter that has a gradient"""
    apart: float | None = None
    """What is left where the gradients of each parameter count as much as those of any other"""

    @property
    def is_met(self) -> bool:
        """Tell whether one g serves all gradients."""
        return self.together is not None and self.together < MET

    @property
    def is_missed(self) -> bool:
        """Tell whether some gradients are of this form, and no g serves all of them."""
        if not (self.is_of_all and self.is_begun) or self.together is None:
            return False
        return self.together > MISSED or (self.together > ROUGHLY and self.apart is not None and self.apart > PLAINLY)


class Dependence(NamedTuple):
    """Which outputs move with which arrays."""

    parameters: dict[str, set[str]]
    data: dict[str, set[str]]

    def beyond(self) -> set[str]:
        """Return the outputs that depend on targets: losses, and what goes back from them.

        Targets are the data that all parameters do without: each moves something that does not depend on them.
        """
        every = list(self.parameters.values())
        return set().union(*(moved for moved in self.data.values() if all(others - moved for others in every)))

    def ends(self) -> set[str]:
        """Return the outputs at the end of a network: they depend on parameters behind which there are no others."""
        every = list(self.parameters.values())
        return set().union(*(moved for moved in every if not any(others < moved for others in every)))


def dependence_of(replay: Watched, parameters: Mapping[str, Leaf], outputs: Mapping[str, Place]) -> Dependence:
    """Move each array by a little, in one state, and see which outputs move. Raises what the call raises."""
    start = _state(replay, 0)
    center = replay.run(copies(start))
    own = {id(leaf.value): name for name, leaf in parameters.items()}
    found = Dependence({}, {})
    for leaf in (one for one in leaves(replay.roots()) if id(one.value) in start and is_floating(one.value)):
        value = start[id(leaf.value)]
        try:
            other = replay.run(copies({**start, id(leaf.value): (value + 0.01).astype(value.dtype)}))
        except Exception:  # noqa: BLE001, S112 - not every number may stand everywhere
            continue
        moved = {name for name, place in outputs.items() if differs(place.read(center), read_at(place, other))}
        if id(leaf.value) not in own:
            found.data[str(leaf)] = moved
        elif moved:
            found.parameters[own[id(leaf.value)]] = moved
    return found


class Rows:
    """The derivatives of one output along directions of parameters, and what is claimed of them."""

    def __init__(self) -> None:
        self.own: dict[str, list[np.ndarray]] = {}
        self.beside: dict[str, list[np.ndarray]] = {}
        """Those of all outputs at the end of a network"""
        self.sizes: dict[str, list[np.ndarray]] = {}
        """Those of penalties on what is inside"""
        self.claimed: dict[str, list[float]] = {}
        self.decays: dict[str, list[float]] = {}

    def left(self, names: Sequence[str], whole: bool, evenly: bool = False) -> float | None:
        """Tell what is left of some gradients; of the `whole` each may have a decay of its own.

        `evenly` they count for as much as those of any other parameter, whatever their sizes are.
        """
        own = [
            np.concatenate([self.decays[n] if n == one else np.zeros(len(self.decays[n])) for n in names])[:, None]
            for one in names
            if whole
        ]
        derivatives, claims = np.hstack([self._stacked(self.own, names), *own]), self._claims(names)
        if evenly:
            sizes = np.concatenate([np.full(len(self.claimed[n]), np.linalg.norm(self.claimed[n])) for n in names])
            derivatives, claims = derivatives / sizes[:, None], claims / sizes
        return _left(derivatives, claims)

    def left_beside(self, names: Sequence[str], penalties: Sequence[int]) -> float | None:
        """Tell what is left beside penalties on what is inside, whose slopes are known to few digits."""
        more = self._stacked(self.sizes, names)[:, penalties]
        return _left(np.hstack([self._stacked(self.own, names), more]), self._claims(names))

    def is_of_others(self, names: Sequence[str]) -> bool:
        """Tell whether some parameters may have the gradients of a loss of their own, of several outputs."""
        share = _left(self._stacked(self.beside, names), self._claims(names))
        return share is None or share < MET

    def has_others(self, names: Sequence[str]) -> bool:
        """Tell whether outputs at the end are more than this one, or numbers made of it."""
        return _rank(self._stacked(self.beside, names)) > _rank(self._stacked(self.own, names))

    def _stacked(self, rows: Mapping[str, list[np.ndarray]], names: Sequence[str]) -> np.ndarray:
        return np.concatenate([np.array(rows[name]) for name in names])

    def _claims(self, names: Sequence[str]) -> np.ndarray:
        return np.concatenate([self.claimed[name] for name in names])


def fits_of(
    replay: Watched,
    parameters: Mapping[str, Leaf],
    gradients: Mapping[str, Place],
    outputs: Mapping[str, Place],
    last: Collection[str],
    seed: int,
    ends: float,
) -> dict[str, Fit]:
    """Hold gradients against the derivatives of outputs in one state; those that are too large are left out.

    Of outputs that are `last` parameters may have gradients of losses of their own. None is held if time is up.
    """
    start = _state(replay, seed)
    center = replay.run(copies(start))
    sizes = {name: numbers_at(place, center) for name, place in outputs.items()}
    outputs = {name: place for name, place in outputs.items() if sizes[name].size <= MOST_NUMBERS}
    if not outputs:
        return {}
    at_end = {sizes[name].tobytes(): name for name in outputs if name in last}
    most = max(sum(sizes[name].size for name in at_end.values()), *(sizes[name].size for name in outputs), 0)
    random = np.random.default_rng(seed)
    found = {name: Rows() for name in outputs}
    for name, leaf in parameters.items():
        value = start[id(leaf.value)]
        gradient = np.asarray(shaped(gradients[name].read(center), value)).reshape(value.shape)
        for direction in _directions(value.shape, most + MORE, random):
            if time.process_time() > ends:
                return {}
            around = _around(replay, start, leaf, direction)
            slopes = {
                o: _slope([[numbers_at(place, r) for r in pair] for pair in around]) for o, place in outputs.items()
            }
            near = [_sizes([*outputs.values()], result) for result in around[0]]
            shared = [slope for o in at_end.values() if (slope := slopes[o]) is not None]
            for output, slope in slopes.items():
                if slope is None or len(shared) < len(at_end):
                    continue
                rows = found[output]
                rows.own.setdefault(name, []).append(slope)
                rows.beside.setdefault(name, []).append(np.concatenate([slope, *shared]))
                rows.sizes.setdefault(name, []).append((near[0] - near[1]) / (2 * REACH))
                rows.claimed.setdefault(name, []).append(float(np.sum(gradient * direction)))
                rows.decays.setdefault(name, []).append(float(np.sum(value * direction)))
    fits = {name: _fit(rows) for name, rows in found.items()}
    return {name: fit for name, fit in fits.items() if fit is not None}


def _fit(rows: Rows) -> Fit | None:
    moving = [name for name, numbers in rows.claimed.items() if np.any(numbers)]
    if not moving:
        return None
    is_of_all = all(np.any(rows.own[name]) for name in moving)
    together = rows.left(moving, whole=True)
    few = [names for count in range(1, len(moving)) for names in combinations(moving, count)]
    begun = [names for names in few[:MOST_SETS] if (share := rows.left(names, whole=False)) is not None and share < MET]
    is_begun = bool(begun)
    if is_begun and together is not None and together > MISSED:
        count = rows.sizes[moving[0]][0].size
        penalties = [*([number] for number in range(count)), list(range(count // 2))]
        shares = (rows.left_beside(moving, numbers) for numbers in penalties)
        is_begun = not any(share is not None and share < ROUGHLY for share in shares)
    if is_begun and rows.has_others(moving):
        rest = ([name for name in moving if name not in names] for names in [(), *begun])
        is_begun = not any(map(rows.is_of_others, rest))
    return Fit(is_begun, together, is_of_all, rows.left(moving, whole=True, evenly=True))


def _rank(derivatives: np.ndarray) -> int:
    values = np.linalg.svd(derivatives, compute_uv=False)
    return int(np.sum(values > 1e-7 * np.max(values, initial=0.0)))


def _left(derivatives: np.ndarray, claimed: np.ndarray) -> float | None:
    """Return what the nearest Jᵀg leaves of gradients, as a share; None where any gradients would be explained."""
    left, values, _ = np.linalg.svd(derivatives, full_matrices=False)
    basis = left[:, values > 1e-9 * np.max(values, initial=0.0)]
    if basis.shape[0] - basis.shape[1] < 2 or basis.shape[1] == 0:
        return None
    return float(np.linalg.norm(claimed - basis @ (basis.T @ claimed)) / np.linalg.norm(claimed))


def _state(replay: Watched, seed: int) -> dict[int, Any]:
    """Return a random state of a call, as those are in which candidates for a loss are judged, in double precision."""
    empty = {id(array) for array in replay.zeroed} | replay.kept
    arrays = [leaf for leaf in leaves(replay.roots()) if is_floating(leaf.value) and id(leaf.value) not in empty]
    start: dict[int, Any] = {
        id(leaf.value): filled(leaf.value, 500 * seed + place).astype(float) for place, leaf in enumerate(arrays)
    }
    return start | symbols_anew(replay, seed)


def _directions(shape: Sequence[int], most: int, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield directions in which a parameter is moved: its entries, or random ones where it has more."""
    size = int(np.prod(shape))
    for place in range(min(size, most)):
        single = np.zeros(size)
        single[place] = 1.0
        yield random.standard_normal(shape) if size > most else single.reshape(shape)


def _around(replay: Replay, start: Mapping[int, Any], leaf: Leaf, direction: np.ndarray) -> list[tuple[Result, Result]]:
    """Make the calls one and two steps to both sides of a parameter."""
    value = start[id(leaf.value)]

    def moved(steps: int) -> Result:
        there = (value + steps * REACH * direction).astype(value.dtype)
        return replay.run(copies({**start, id(leaf.value): there}))

    return [(moved(steps), moved(-steps)) for steps in (1, 2)]


def _slope(ends: Sequence[Sequence[np.ndarray]]) -> np.ndarray | None:
    """Return the derivative of numbers one and two steps to both sides; None where a kink is within reach."""
    if len({end.size for pair in ends for end in pair}) > 1:
        return None
    near, far = ((up - down) / (2 * steps * REACH) for steps, (up, down) in zip((1, 2), ends, strict=True))
    exact = (4 * near - far) / 3
    largest = np.max(np.abs(exact), initial=0.0)
    is_kinked = np.max(np.abs(near - exact), initial=0.0) > KINK * max(largest, 1e-3)
    return None if is_kinked or not np.isfinite(exact).all() else exact


def _sizes(places: Sequence[Place], result: Result) -> np.ndarray:
    """Return half the squares, and the absolute values, of what is found at some places, summed."""
    found = [numbers_at(place, result) for place in places]
    return np.array([0.5 * np.sum(part * part) for part in found] + [np.sum(np.abs(part)) for part in found])


def numbers_at(place: Place, result: Result) -> np.ndarray:
    """Return all numbers at a place, in a row."""
    steps = steps_of(place.read(result))
    return np.concatenate(
        [np.ravel(np.asarray(part, float)) for part in (steps if isinstance(steps, list) else [steps])]
    )
