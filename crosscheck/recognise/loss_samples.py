"""The calls that every candidate for a loss is judged by: random states, and steps around them."""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from crosscheck.recognise.averages import places_of_squares
from crosscheck.recognise.cases import is_lone_target, is_one_hot, probability, shuffled
from crosscheck.recognise.formulas import Implied, Term
from crosscheck.recognise.leaves import Leaf, follow, leaves
from crosscheck.recognise.loss_forms import Bare, number_in
from crosscheck.recognise.places import Place
from crosscheck.recognise.replay import Replay, Result
from crosscheck.recognise.results import sources
from crosscheck.recognise.roles import filled, is_floating
from crosscheck.recognise.spared import Spared, left_by
from crosscheck.recognise.subject import shaped
from crosscheck.recognise.tables_of_symbols import holds_integers, rows_anew

STENCIL = ((1, 45.0 / 60), (2, -9.0 / 60), (3, 1.0 / 60))


COARSER = ((1, 8.0 / 12), (2, -1.0 / 12))
SMOOTH = 1e-5
"""How far derivatives of two orders are apart, relative, where there is no kink"""
SAMPLES = 3
MOST_DEAD = 6
"""States without any gradient that are passed over"""


REACH = {8: 2.0**-9, 4: 2.0**-5}
NUMBERS = (np.ndarray, np.floating, float)
"""What a parameter may be: one number as well as many"""


ADDED_UP = re.compile(r"accum|micro_?batch", re.IGNORECASE)
"""What the number of turns is called over which gradients are added up"""
ALL_ROWS = re.compile(r"^(?:m|[MN]|(?:n|num|number_of)_?(?:samples|examples|train\w*)|m_?train)$")
"""What the number of all examples is called"""


class Around(Sequence[tuple[Result, Result]]):
    """The results up and down a direction, step by step; each call is made when its result is first asked for.

    Most candidates are ruled out by the first step: the calls are what costs.
    """

    def __init__(self, replay: Replay, start: Mapping[int, Any], leaf: Leaf, step: np.ndarray) -> None:
        self._replay, self._start, self._leaf, self._step = replay, start, leaf, step
        self._made: dict[int, tuple[Result, Result]] = {}

    def __len__(self) -> int:
        return len(STENCIL)

    def __getitem__(self, place: Any) -> Any:
        """Return the two results at one place of the stencil. Raises what the call raises."""
        if place not in range(len(STENCIL)):
            raise IndexError(place)
        if place not in self._made:
            up, down = (self._at(sign * STENCIL[place][0]) for sign in (1, -1))
            self._made[place] = up, down
        return self._made[place]

    def _at(self, steps: int) -> Result:
        identity = id(self._leaf.value)
        value = self._start[identity]
        moved = (value + steps * self._step).astype(value.dtype)
        with self._replay.world.hooks.constants.held_from(lambda: self._replay.run(copies(self._start))):
            return self._replay.run(copies({**self._start, identity: moved}))


@dataclass
class Sample:
    """One random state of a call, and the results around it along a random direction of each parameter."""

    center: Result
    around: dict[str, Around] = field(default_factory=dict)
    known: set[bytes] = field(default_factory=set)
    """What it started from, and the gradients: no outputs"""
    gradients: set[bytes] = field(default_factory=set)
    """Those that are claimed: no targets"""
    claimed: dict[str, float] = field(default_factory=dict)
    reach: dict[str, float] = field(default_factory=dict)
    along: dict[str, float] = field(default_factory=dict)
    """The products of parameters with their directions where gradients are not zero: slopes of half the squares"""
    sparing: dict[str, dict[Spared, float]] = field(default_factory=dict)
    """The same without what decay may spare: first entries, rows and columns, and last ones"""
    across: dict[str, float] = field(default_factory=dict)
    """The products of their signs with these directions: slopes of the sum of their sizes"""
    evenly: dict[str, float] = field(default_factory=dict)
    """The sums of these directions: slopes of the sum of a parameter's entries"""
    is_sparse: dict[str, bool] = field(default_factory=dict)
    """Whether a gradient is zero in some places, and not in all: those are rows that the call does not touch"""
    _slopes: dict[tuple[Hashable, str], float] = field(default_factory=dict)
    """What has been found, by loss and parameter: candidates are looked at alone, and as parts of sums"""
    _values: dict[Hashable, float] = field(default_factory=dict)
    """What losses are in the state itself"""
    _group: tuple[Any, ...] = ()
    """What the losses have in common of which a number was asked last: their output and their target"""
    _terms: dict[int, list[Term]] = field(default_factory=dict)
    """These as they were read, by the results, all of which are kept in `around`"""

    @cached_property
    def found(self) -> tuple[tuple[Place, Any], ...]:
        """The numbers, arrays and sequences of arrays that the call left behind in the state itself."""
        return tuple(sources(self.center))

    @cached_property
    def symbols(self) -> tuple[tuple[Place, int], ...]:
        """The lists of several symbols among them, with their lengths."""
        lists = ((place, value) for place, value in self.found if isinstance(value, list) and len(value) > 1)
        return tuple((place, len(value)) for place, value in lists if holds_integers(value))

    @cached_property
    def divisors(self) -> tuple[float, ...]:
        """Numbers that a step may be divided by besides the sizes of its own call.

        Over how many turns the program says that it adds gradients up; and how many examples it has in all, by a global
        name: gradients of a sum are those of a mean at another rate, where nothing states a loss: `m, n = data.shape`.
        """
        turns = (value for place, value in self.found if ADDED_UP.search(place.name))
        names, own = self.center.names, self.center.variables
        rows = (value for name, value in names.items() if ALL_ROWS.match(name) and name not in own)
        return tuple(float(value) for value in (*turns, *rows) if type(value) is int and value > 1)

    def number(self, loss: Any, result: Result) -> float:
        """Return the value of a loss in one of the results. Raises what reading it raises.

        Candidates come in groups that compare one output with one target: what these are is read once for a group.
        """
        if not isinstance(loss, Implied):
            return number_in(loss, result)
        group = loss.output, loss.target, loss.backwards, loss.among, loss.classes
        if group != self._group:
            self._group, self._terms = group, {}
        terms = self._terms.get(id(result))
        if terms is None:
            terms = self._terms[id(result)] = loss.terms(result)
        return float(np.asarray(loss.of(terms, result)).reshape(()))

    def slope(self, loss: Any, name: str) -> float:
        """Return the derivative of a loss along the direction of one parameter; NaN where a kink is within reach.

        Raises ArithmeticError where it is no number.
        """
        if not isinstance(loss, Bare):  # sums and decays hold what cannot be looked up
            return self._slope(loss, name, self.number(loss, self.center))
        if loss not in self._values:
            self._values[loss] = self.number(loss, self.center)
        if (loss, name) not in self._slopes:
            self._slopes[loss, name] = self._slope(loss, name, self._values[loss])
        return self._slopes[loss, name]

    def _slope(self, loss: Any, name: str, value: float) -> float:
        furthest = tuple(self.number(loss, end) for end in self.around[name][len(STENCIL) - 1])
        if furthest[0] == furthest[1] == value != 0:
            return 0.0  # it has nothing to do with this parameter
        nearer = [(self.number(loss, up), self.number(loss, down)) for up, down in list(self.around[name])[:-1]]
        ends = [*nearer, furthest]
        reach = self.reach[name]
        found, coarser = (
            sum(w * (up - down) for (_, w), (up, down) in zip(stencil, ends, strict=False)) / reach
            for stencil in (STENCIL, COARSER)
        )
        if not np.isfinite(found):
            raise ArithmeticError("the loss is no number")
        rounding = 64 * np.finfo(float).eps * max(abs(end) for pair in ends for end in pair) / reach
        is_kinked = abs(found - coarser) > SMOOTH * max(abs(found), abs(coarser)) + rounding
        return np.nan if is_kinked and reach == REACH[8] else found

    def bends(self, loss: Any, name: str) -> bool:
        """Tell whether a loss moves in proportion to a parameter, about, as around a kink, and does not jump.

        Where it moves on one side of a kink alone, it moves at least twice as far where one reaches thrice as far.
        """
        near, *_, far = (number_in(loss, up) - number_in(loss, down) for up, down in self.around[name])
        return bool(near) and 1.9 < far / near < 1.1 * STENCIL[-1][0]


MOST_PARTS = 40
"""Entries of parameters that are looked at one by one"""


def parts_of(parameters: Mapping[str, Leaf]) -> dict[str, tuple[str, np.ndarray]]:
    """Return the entries of vectors, rows and columns: what they are called, the parameter, and ones where they are.

    Weights often begin or end with the bias, of which the step is right where the others' are not.
    """
    found = {}
    for name, leaf in parameters.items():
        if leaf.value.ndim and leaf.value.size == max(leaf.value.shape):
            rows = (row.reshape(leaf.value.shape) for row in np.eye(leaf.value.size))
            found |= {f"{name}[{place}]": (name, row) for place, row in enumerate(rows)}
    return dict(list(found.items())[:MOST_PARTS])


def samples_of(
    replay: Replay,
    parameters: Mapping[str, Leaf],
    gradients: Mapping[str, Any],
    parts: Mapping[str, tuple[str, np.ndarray]] | None = None,
) -> list[Sample]:
    """Make the calls that candidates are judged by, around parameters or `parts` of them. Raises what they raise.

    Those around a state are made when they are needed.

    States in which gradients are zero, as behind a relu that lets nothing through or of a weight whose input is, tell
    nothing of them: others are tried.
    """
    every = {name: (name, 1.0) for name in parameters} if parts is None else parts
    empty = {id(array) for array in replay.zeroed} | replay.kept
    arrays = [leaf for leaf in leaves(replay.roots()) if is_floating(leaf.value) and id(leaf.value) not in empty]
    squares = places_of_squares(replay.world.document.tree)
    found: list[tuple[int, int, dict[int, Any], Result]] = []
    wholes = {whole for whole, _ in every.values()}
    for number in range(SAMPLES + MOST_DEAD):
        numbers = {id(leaf.value): filled(leaf.value, 500 * number + place) for place, leaf in enumerate(arrays)}
        numbers |= {id(leaf.value): abs(numbers[id(leaf.value)]) for leaf in arrays if str(leaf) in squares}
        lone = (leaf.value for leaf in arrays if is_lone_target(leaf.name, leaf.value))
        numbers |= {id(value): probability(value, np.random.default_rng([number, value.ndim])) for value in lone}
        symbols = symbols_anew(replay, number)
        start = {**numbers, **symbols}
        try:
            center = replay.run(copies(start))
        except Exception:  # noqa: BLE001 - not every symbol may stand everywhere
            start = {**numbers, **{key: value for key, value in symbols.items() if isinstance(value, np.ndarray)}}
            center = replay.run(copies(start))
        dead = sum(not np.any(gradients[whole].read(center)) for whole in wholes)
        found.append((dead, number, start, center))
        if sum(not dead for dead, *_ in found) == SAMPLES:
            break
    best = sorted(found, key=lambda state: state[:2])[:SAMPLES]
    states = sorted((state[1:] for state in best), key=lambda state: state[0])
    return [_around(replay, parameters, gradients, every, *state) for state in states]


def _around(
    replay: Replay,
    parameters: Mapping[str, Leaf],
    gradients: Mapping[str, Any],
    every: Mapping[str, tuple[str, Any]],
    number: int,
    start: dict[int, Any],
    center: Result,
) -> Sample:
    """Make the calls around one state."""
    random = np.random.default_rng(number)
    sample = Sample(center)
    sample.known = {np.asarray(value).tobytes() for value in start.values() if isinstance(value, NUMBERS)}
    for name, (whole, where) in every.items():
        leaf = parameters[whole]
        value = start[id(leaf.value)]
        direction = random.standard_normal(value.shape) * where
        size = value.dtype.itemsize
        reach = sample.reach[name] = REACH.get(size, REACH[8])
        left = {**center.names, **center.arguments}
        after = follow(left, leaf.path) if leaf.path[0] in left else None
        if isinstance(after, NUMBERS):  # where it was moved to
            sample.known.add(np.asarray(after).tobytes())
        claimed = np.asarray(shaped(gradients[whole].read(sample.center), value))
        sample.claimed[name] = float(np.sum(claimed.reshape(value.shape) * direction))
        touched = np.broadcast_to(claimed.reshape(value.shape) != 0, value.shape)
        sample.along[name] = float(np.sum((value * direction)[touched]))
        sample.sparing[name] = {
            spared: float(np.sum((value * direction)[touched & left])) for spared, left in left_by(value.shape).items()
        }
        sample.across[name] = float(np.sum((np.sign(value) * direction)[touched]))
        sample.evenly[name] = float(np.sum(direction[touched]))
        sample.is_sparse[name] = bool(touched.any() and not touched.all())
        sample.gradients.add(claimed.tobytes())
        sample.known.add(claimed.tobytes())
        sample.around[name] = Around(replay, start, leaf, reach * direction)
    return sample


def symbols_anew(replay: Replay, seed: int) -> dict[int, Any]:
    """Return other symbols for the sequences of symbols that a call is handed: two of them may have been equal."""
    random = np.random.default_rng([seed, 7])
    held = [value for _, value in _sequences(replay.roots()) if holds_integers(value) and id(value) not in replay.kept]
    highest = max((int(np.max(value)) for value in held if np.ndim(value) == 1), default=0)
    found: dict[int, Any] = {}
    for value in held:
        if is_one_hot(value):
            moved = shuffled(np.asarray(value), random)
            found[id(value)] = moved.tolist() if isinstance(value, list) else moved
            continue
        top = highest if np.ndim(value) == 1 and not says_yes_or_no(value) else int(np.max(value))
        drawn = random.integers(0, top + 1, size=np.shape(value))
        if drawn.size > 1 and np.max(value) == top > drawn.max():  # `np.eye(y.max() + 1)` is as large as ever
            drawn.flat[random.integers(0, drawn.size)] = top
        found[id(value)] = drawn.tolist() if isinstance(value, list) else drawn.astype(value.dtype)
    return found | rows_anew(replay.roots(), replay.kept, np.random.default_rng([seed, 8]))


ANSWERS = 4
"""Entries of which all are 0 or 1, both of them, that are no symbols of a text by chance"""


def says_yes_or_no(value: Any) -> bool:
    """Tell whether a sequence has two symbols only, however many others have: `passed = np.array([0, 0, 1, 0, 1])`."""
    return np.size(value) >= ANSWERS and set(np.ravel(value).tolist()) == {0, 1}


def _sequences(roots: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in roots.items():
        if isinstance(value, list | np.ndarray):
            yield name, value


def copies(values: Mapping[int, Any]) -> dict[int, Any]:
    """Return copies of lists and arrays: what a call changes in place, the next must not see."""
    return {
        identity: value.copy() if isinstance(value, list | np.ndarray) else value for identity, value in values.items()
    }
