"""Which loss a gradient belongs to, where the call itself leaves none behind: chosen by evidence, and always stated.

A candidate is adopted if the gradient of at least one parameter is exactly its derivative, up to one constant that the
sizes at hand explain; of several, the one under which most gradients are right.
"""

import ast
import copy
import time
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.formulas import Implied, Residual, Term, counts, implied, steps_of
from crosscheck.recognise.instrument import root_word
from crosscheck.recognise.leaves import Leaf, follow, leaves
from crosscheck.recognise.loops import LoopReplay
from crosscheck.recognise.replay import Replay, Result
from crosscheck.recognise.roles import (
    LOCAL,
    RETURNED,
    Hints,
    Place,
    Roles,
    buffers_of,
    filled,
    find,
    is_floating,
    is_number,
)
from crosscheck.recognise.slices import backward_lines
from crosscheck.recognise.steps import Stepping, moved_by, moves_often, rates, with_steps
from crosscheck.recognise.stubs import is_stub
from crosscheck.recognise.subject import shaped
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.watching import Watched, siblings_of
from crosscheck.recognise.world import World
from crosscheck.source import Document
from crosscheck.verdicts import Finding, Severity

STENCIL = ((1, 45.0 / 60), (2, -9.0 / 60), (3, 1.0 / 60))
SAMPLES = 3
SECONDS = 5.0
"""For the choice of one loss, after the calls that it is made by"""
EXACT = {8: 1e-6, 4: 5e-3}
"""How closely a derivative must be met, by the size of the parameters' numbers"""
REACH = {8: 2.0**-9, 4: 2.0**-5}
MOST = 25
"""Sequences and arrays that are considered as outputs, and as targets"""


class Scaled(NamedTuple):
    """A number of the call times a constant (a Place: it is read from a result)."""

    place: Place
    constant: float = 1.0
    length: Place | None = None
    """A sequence by whose length it is multiplied"""
    is_given: bool = False
    """Whether it is a function that is handed just what the gradient's function is handed"""

    @property
    def name(self) -> str:
        """What the author calls it."""
        return str(self.place)

    @property
    def names(self) -> frozenset[str]:
        """All that it is called."""
        return self.place.names

    def __str__(self) -> str:
        times = f", times the length of {self.length}" if self.length else ""
        sign = "minus " if self.constant < 0 else ""
        size = abs(self.constant)
        return f"{sign}{'' if size == 1 else f'{size:.6g} times '}{self.place}{times}"

    def read(self, result: Result) -> Any:
        """Return the loss."""
        value = self.place.read(result)
        value = value.reshape(()) if isinstance(value, np.ndarray) else value
        return self.constant * value * (len(self.length.read(result)) if self.length else 1)


class Decayed(NamedTuple):
    """A loss with squares of parameters added to it, which a program's gradients have in them and its loss has not."""

    inner: Any
    weights: Mapping[str, Leaf]
    strengths: Mapping[str, float]

    @property
    def name(self) -> str:
        """What the author calls the loss without them."""
        return self.inner.name

    @property
    def names(self) -> frozenset[str]:
        """All that the loss without them is called."""
        return self.inner.names

    def __str__(self) -> str:
        terms = (f"{strength:.6g}/2 times the squares of {name}" for name, strength in self.strengths.items())
        return f"{self.inner}, and {', '.join(terms)}"

    def read(self, result: Result) -> Any:
        """Return the loss with the squares."""
        roots = {**result.names, **result.arguments}
        arrays = {name: follow(roots, leaf.path) for name, leaf in self.weights.items()}
        return self.inner.read(result) + sum(0.5 * c * np.sum(arrays[n] * arrays[n]) for n, c in self.strengths.items())


Bare = Scaled | Implied | Residual
Loss = Bare | Decayed


class Choice(NamedTuple):
    """A loss that was adopted."""

    loss: Loss
    right: frozenset[str]
    """Parameters whose gradient is exactly its derivative"""
    active: frozenset[str]
    """Parameters that it depends on"""
    is_given: bool
    """Whether it is the file's own loss, unscaled, handed what the gradient's function is handed"""
    climbs: frozenset[str] = frozenset()
    """Parameters that the file moves the wrong way"""


@dataclass
class Sample:
    """One random state of a call, and the results around it along a random direction of each parameter."""

    center: Result
    around: dict[str, list[list[Result]]] = field(default_factory=dict)
    known: set[bytes] = field(default_factory=set)
    """What it started from, and the gradients: no outputs"""
    claimed: dict[str, float] = field(default_factory=dict)
    reach: dict[str, float] = field(default_factory=dict)
    along: dict[str, float] = field(default_factory=dict)
    """The products of each parameter with its direction: the slope of half its squares"""

    def slope(self, loss: Any, name: str) -> float:
        """Return the derivative of a loss along the direction of one parameter."""
        pairs = zip(STENCIL, self.around[name], strict=True)
        return sum(w * (_number(loss, up) - _number(loss, down)) for (_, w), (up, down) in pairs) / self.reach[name]


WEAK = naming.re.compile(r"err|^e$|miss|diff", naming.re.IGNORECASE)


def is_plain(replay: Replay, roles: Roles) -> bool:
    """Tell whether a call's loss needs no evidence: by its name, or because outputs have upstream gradients."""
    loss = roles.loss
    if loss is None:
        return False
    upstream = getattr(replay, "upstream", ())
    if loss.name.startswith("the sum of outputs"):
        return all(naming.looks_like_gradient(arrival.name) for arrival in upstream)
    if WEAK.search(loss.name) or naming.NOT_LOSS.search(loss.name) or naming.OF_LOSS.match(loss.name):
        return False
    if naming.LOSS.search(loss.name):
        return True
    has_numbers = any(leaf.value.ndim == 0 for leaf in roles.active.values())  # it may return these, moved
    is_first = loss.where == RETURNED and loss.path[1:] in ((), (0,))
    return (is_first or _is_forwards_own(replay, loss)) and not has_numbers


def _is_forwards_own(replay: Replay, loss: Place) -> bool:
    """Tell whether a number is what a forward returns first, and its backward is handed nothing that it lacks.

    A forward that returns a probability has no targets: these its backward is handed.
    """
    own = getattr(replay, "own", None)
    if own is None or loss.where != RETURNED or loss.path[1:] not in (("forward",), ("forward", 0)):
        return False
    return all(name == "self" or (np.ndim(value) == 0 and value in (1, None)) for name, value in own.items())


def with_loss(
    assemble: Callable[..., Unit],
    document: Document,
    world: World,
    replay: Replay,
    roles: Roles,
    hints: Hints,
    *nodes: Any,
) -> Unit | None:
    """Return the unit that a call is: with its own loss, or with the one that its gradients are derivatives of."""
    if is_plain(replay, roles):
        return _plain(assemble, document, world, replay, roles, *nodes) if roles.gradients else None
    siblings = siblings_of(replay, _functions(document.tree), locals_of(nodes))
    best: tuple[Watched, Roles, Choice] | None = None
    for bare in (find(replay, hints, wants_loss=False), roles):
        known = {**bare.parameters, **bare.inputs}
        signs = signs_of(document.tree, bare.gradients)
        if isinstance(replay, LoopReplay) and signs:
            known = {name: leaf for name, leaf in known.items() if name in signs}
        if not known:
            continue
        bare.buffers = replay.zeroed = buffers_of(bare.gradients, list(bare.active.values()), known)
        watched = Watched(replay, nodes[-1], siblings)
        choice = chosen(watched, known, bare.gradients, signs)
        if choice is not None and (best is None or len(choice.right) > len(best[2].right)):
            best = watched, bare, choice
    if best is None:
        return _own_number(assemble, document, world, replay, roles, *nodes)
    watched, bare, choice = best
    replay.zeroed = watched.zeroed
    return adopted(assemble, document, world, watched, bare, choice, *nodes)


def _plain(
    assemble: Callable[..., Unit], document: Document, world: World, replay: Replay, roles: Roles, *nodes: Any
) -> Unit:
    """Return the unit of a loss that needs no evidence; where the file adds gradients, it may be minus the loss."""
    assert roles.loss is not None
    signs, stated, choice = signs_of(document.tree, roles.gradients), (), None
    known = {**roles.parameters, **roles.inputs}
    if -1 in signs.values() and known:
        replay.zeroed = buffers_of(roles.gradients, list(roles.active.values()), known)
        watched = Watched(replay, nodes[-1])
        choice = _weighed(Scaled(roles.loss), samples_of(watched, known, roles.gradients), known, signs)
    if choice is not None and not isinstance(choice.loss, Scaled):  # decay that the stated loss has not is a slip
        choice = None
    adds = choice is not None and 2 * len(choice.climbs) < len(choice.right)
    if choice is not None and adds and choice.loss.constant < 0:  # pyright: ignore[reportAttributeAccessIssue]
        roles.loss = choice.loss  # pyright: ignore[reportAttributeAccessIssue] - read like any other place
        stated = (f"the loss was taken to be {choice.loss}: the file adds its gradients to the parameters",)
    unit = assemble(document, world, replay, roles, *nodes)
    told = choice is not None and (adds or choice.loss.constant > 0)  # pyright: ignore[reportAttributeAccessIssue]
    climbs = choice.climbs if choice is not None and told else frozenset()
    return replace(unit, assumptions=(*unit.assumptions, *stated), faults=faults_of(climbs))


def faults_of(climbs: Iterable[str]) -> tuple[Finding, ...]:
    """Return what is wrong with updates that go the wrong way."""
    text = "it climbs: the gradient is added where it must be subtracted, or the other way round"
    message = "The update of {} is wrong: {}."
    return tuple(Finding("update-differs", Severity.ERROR, n, message.format(n, text)) for n in sorted(climbs))


def _own_number(
    assemble: Callable[..., Unit], document: Document, world: World, replay: Replay, roles: Roles, *nodes: Any
) -> Unit | None:
    """Return the unit whose loss is a number returned under the name of an error, right for no gradient as it is."""
    loss = roles.loss
    is_error = (
        loss is not None
        and loss.where == RETURNED
        and bool(naming.LOSS.search(loss.name))
        and loss.path[1:] in ((), (0,))
    )
    return assemble(document, world, replay, roles, *nodes) if is_error and roles.gradients else None


def adopted(
    assemble: Callable[..., Unit],
    document: Document,
    world: World,
    replay: Watched,
    bare: Roles,
    choice: Choice,
    *nodes: Any,
) -> Unit:
    """Put the unit together that a chosen loss makes of a call without one."""
    narrowed = Roles(
        choice.loss,  # pyright: ignore[reportArgumentType] - read like any other place
        {name: place for name, place in bare.gradients.items() if name in choice.active},
        {name: leaf for name, leaf in bare.parameters.items() if name in choice.active},
        {name: leaf for name, leaf in bare.inputs.items() if name in choice.active},
        depended_on(replay, choice.loss, bare.active, bare.without),
        bare.active,
        bare.updated,
        bare.buffers,
        bare.eliminated,
        bare.unclaimed,
    )
    used = str(choice.loss.place.path[0]) if isinstance(choice.loss, Scaled) else ""
    replay.siblings = [sibling for sibling in replay.siblings if str(sibling) == used]
    unit = assemble(document, world, replay, narrowed, *nodes)
    editable = unit.editable
    if isinstance(replay.inner, LoopReplay) and replay.inner.statements:  # the updates at the end are no forward
        start = copy.copy(nodes[-1])
        start.body = start.body[: replay.inner.statements]
        editable = backward_lines(document.tree, start, [choice.loss.name, *getattr(choice.loss, "names", ())])
    shown = "the number that is returned" if str(choice.loss) == "return" else str(choice.loss)
    stated = f"the loss was taken to be {shown}"
    editable -= shared_lines(document, replay, choice.loss)
    return replace(unit, assumptions=(*unit.assumptions, stated), editable=editable, faults=faults_of(choice.climbs))


def by_steps(
    assemble: Callable[..., Unit], document: Document, world: World, replay: Replay, roles: Roles, *nodes: Any
) -> tuple[Unit, int] | None:
    """Return the unit whose gradients are the steps that a call takes, and how many of them are right; None if none.

    Raises what the call raises.
    """
    moved = moved_by(document.tree, roles)
    if not moved or moves_often(document.tree, nodes[-1], moved):
        return None
    stepping = Stepping(replay, moved)
    watched = Watched(stepping, nodes[-1], siblings_of(replay, _functions(document.tree), locals_of(nodes)))
    stepped = with_steps(roles, moved)
    result = replay.run({})
    numbers = [(p.name, float(v)) for p, v in sources(result) if isinstance(v, int | float) and v > 0]
    signs = dict.fromkeys(moved, 1)
    choice = chosen(watched, moved, stepped.gradients, signs, list(rates(document.tree, numbers)))
    if choice is None or not choice.right:
        return None
    unit = adopted(assemble, document, world, watched, stepped, choice, *nodes)
    stated = "only the steps of the parameters are seen: they were judged as gradients of that loss times the rate"
    return replace(unit, assumptions=(*unit.assumptions, stated), moves=True), len(choice.right)


def depended_on(replay: Replay, loss: Loss, leaves_: Mapping[str, Leaf], names: Iterable[str]) -> list[str]:
    """Return the arrays among some that a loss depends on."""
    empty = {id(array) for array in replay.zeroed}
    known = [leaf for leaf in leaves_.values() if id(leaf.value) not in empty]
    start = {id(leaf.value): filled(leaf.value, place) for place, leaf in enumerate(known)}
    at = _number(loss, replay.run(_own(start)))
    found = []
    for name in names:
        value = start.get(id(leaves_[name].value))
        if value is None:
            continue
        try:
            moved = _number(
                loss, replay.run(_own({**start, id(leaves_[name].value): value + 0.05 + 0.1 * np.abs(value)}))
            )
        except Exception:  # noqa: BLE001, S112 - an array that may not be moved is no parameter
            continue
        if moved != at:
            found.append(name)
    return found


def samples_of(replay: Replay, parameters: Mapping[str, Leaf], gradients: Mapping[str, Any]) -> list[Sample]:
    """Make the calls that every candidate is judged by. Raises what they raise."""
    empty = {id(array) for array in replay.zeroed}
    arrays = [leaf for leaf in leaves(replay.roots()) if is_floating(leaf.value) and id(leaf.value) not in empty]
    found = []
    for number in range(SAMPLES):
        random = np.random.default_rng(number)
        start = {id(leaf.value): filled(leaf.value, 500 * number + place) for place, leaf in enumerate(arrays)}
        start |= symbols_anew(replay, number)
        try:
            center = replay.run(_own(start))
        except Exception:  # noqa: BLE001 - not every symbol may stand everywhere
            start = {identity: value for identity, value in start.items() if isinstance(value, np.ndarray)}
            center = replay.run(_own(start))
        sample = Sample(center)
        sample.known = {value.tobytes() for value in start.values() if isinstance(value, np.ndarray)}
        for name, leaf in parameters.items():
            value = start[id(leaf.value)]
            direction = random.standard_normal(value.shape)
            size = value.dtype.itemsize
            reach = sample.reach[name] = REACH.get(size, REACH[8])
            claimed = np.asarray(shaped(gradients[name].read(sample.center), value))
            sample.claimed[name] = float(np.sum(claimed.reshape(value.shape) * direction))
            sample.along[name] = float(np.sum(value * direction))
            sample.known.add(claimed.tobytes())
            sample.around[name] = [
                [
                    replay.run(_own({**start, id(leaf.value): (value + s * k * reach * direction).astype(value.dtype)}))
                    for s in (1, -1)
                ]
                for k, _ in STENCIL
            ]
        found.append(sample)
    return found


def symbols_anew(replay: Replay, seed: int) -> dict[int, Any]:
    """Return other symbols for the sequences of symbols that a call is handed: two of them may have been equal."""
    random = np.random.default_rng([seed, 7])
    held = [value for _, value in _sequences(replay.roots()) if holds_integers(value)]
    highest = max((int(np.max(value)) for value in held if np.ndim(value) == 1), default=0)
    found: dict[int, Any] = {}
    for value in held:
        top = highest if np.ndim(value) == 1 else int(np.max(value))
        drawn = random.integers(0, top + 1, size=np.shape(value))
        found[id(value)] = drawn.tolist() if isinstance(value, list) else drawn.astype(value.dtype)
    return found


def holds_integers(value: Any) -> bool:
    """Tell whether a value is a sequence of symbols."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iu" and value.ndim >= 1 and value.size > 0
    return isinstance(value, list) and bool(value) and all(isinstance(i, int | np.integer) for i in value)


def _sequences(roots: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in roots.items():
        if isinstance(value, list | np.ndarray):
            yield name, value


def chosen(
    replay: Watched,
    parameters: Mapping[str, Leaf],
    gradients: Mapping[str, Any],
    signs: Mapping[str, int],
    rates: Sequence[float] = (1.0,),
) -> Choice | None:
    """Choose the loss that some gradients are derivatives of; None if there is none. Raises what the call raises.

    `signs` tells of gradients whether the file adds them to their parameters (-1: it is minus the gradient) or
    subtracts them; `rates` are numbers that they may be multiplied by.
    """
    samples = samples_of(replay, parameters, gradients)
    deadline = time.process_time() + SECONDS
    best: list[tuple[tuple[int, int], Choice]] = []
    for rank, candidate in enumerate(candidates(replay, samples)):
        if time.process_time() > deadline:
            break
        choice = _weighed(candidate, samples, parameters, signs, rates)
        if choice is not None:
            best.append(((len(choice.right), -rank), choice))
        if choice is not None and choice.is_given and not choice.right:
            return choice
    if not best:
        return None
    return max(best, key=lambda pair: (not pair[1].climbs, pair[0]))[1]


def candidates(replay: Watched, samples: Sequence[Sample]) -> Iterator[Bare]:
    """Yield what the loss may be: the file's own functions first, then what outputs and targets allow."""
    center = samples[0].center
    for sibling in replay.siblings:
        if is_number(center.variables.get(str(sibling))):
            yield Scaled(Place(LOCAL, (str(sibling),), str(sibling)), is_given=sibling.exact)
    known = [(place, value) for place, value in sources(center) if _is_finite(value)]
    for place, value in known:
        is_named = bool(naming.LOSS.search(place.name)) or (place.where == RETURNED and isinstance(value, float))
        if is_number(value) and is_named and not naming.NOT_LOSS.search(place.name):
            yield Scaled(place)
    moved, still = [], []
    others = [up for around in samples[0].around.values() for up, _ in around[:1]]
    for place, value in _distinct(known):
        changes = any(_differs(value, _read(place, other)) for other in others)
        (moved if changes else still).append((place, value))
    inside = samples[0].known
    outputs = [(p, v) for p, v in moved if _is_output(v) and not (isinstance(v, np.ndarray) and v.tobytes() in inside)]
    yield from implied(outputs[:MOST], still[:MOST])
    yield from (Residual(place) for place, _ in outputs[: 4 * MOST])


def _distinct(known: Sequence[tuple[Place, Any]]) -> Iterator[tuple[Place, Any]]:
    """Yield each value once, under the first of its names."""
    seen: set[Any] = set()
    for place, value in known:
        steps = steps_of(value)
        parts = steps if isinstance(steps, list) else [steps]
        key = (isinstance(steps, list), *((np.shape(part), np.asarray(part).tobytes()) for part in parts))
        if key not in seen or sum(map(np.size, parts)) <= 3:
            seen.add(key)
            yield place, value


def _weighed(
    candidate: Bare,
    samples: Sequence[Sample],
    parameters: Mapping[str, Leaf],
    signs: Mapping[str, int],
    rates: Sequence[float] = (1.0,),
) -> Choice | None:
    """Return a candidate with the constant under which most gradients are right; None if none is."""
    try:
        with np.errstate(all="ignore"):
            if not _may_fit(candidate, samples[0], parameters, rates):
                return None
            slopes = {name: [sample.slope(candidate, name) for sample in samples] for name in parameters}
    except Exception:  # noqa: BLE001 - outputs that change their shape, targets that do not fit everywhere
        return None
    if not all(np.isfinite(found).all() for found in slopes.values()):
        return None
    active = frozenset(name for name, found in slopes.items() if np.max(np.abs(found)) > 1e-9)
    ratios = {
        name: _ratio([s.claimed[name] for s in samples], slopes[name], EXACT.get(parameters[name].value.itemsize, 1e-6))
        for name in active
    }
    is_given = isinstance(candidate, Scaled) and candidate.is_given
    best: Choice | None = None
    may_decay = not isinstance(candidate, Scaled) or candidate.place.where != RETURNED
    for ratio in dict.fromkeys(float(f"{r:.5e}") for r in ratios.values() if r is not None):
        right = frozenset(name for name, r in ratios.items() if r is not None and abs(r - ratio) <= 1e-4 * abs(ratio))
        exact = float(np.mean([ratios[name] for name in right]))  # pyright: ignore[reportArgumentType, reportCallIssue]
        loss = _at_a_rate(candidate, exact, samples[0], rates)
        left = {name: parameters[name] for name in active - right} if may_decay and not is_given else {}
        strengths = _decays(samples, slopes, exact, left)
        if loss is not None and strengths:
            loss = Decayed(loss, {name: parameters[name] for name in strengths}, strengths)
            right |= strengths.keys()
        climbs = frozenset(name for name in right if name in signs and np.sign(exact) != signs[name])
        if loss is not None and (best is None or (not climbs, len(right)) > (not best.climbs, len(best.right))):
            best = Choice(loss, right, active, is_given and loss == candidate, climbs)
    if best is None and is_given and active:
        return Choice(candidate, frozenset(), active, True)
    return best


def _decays(
    samples: Sequence[Sample], slopes: Mapping[str, Sequence[float]], ratio: float, left: Mapping[str, Leaf]
) -> dict[str, float]:
    """Return the parameters whose gradients are off by a constant times themselves, and the constant."""
    found = {}
    for name, leaf in left.items():
        off = [s.claimed[name] - ratio * slope for s, slope in zip(samples, slopes[name], strict=True)]
        strength = _ratio(off, [s.along[name] for s in samples], EXACT.get(leaf.value.itemsize, 1e-6))
        told = _told(strength, samples[0]) if strength is not None and strength > 1e-8 else None
        if told is not None:
            found[name] = told
    return found


def _told(strength: float, sample: Sample) -> float | None:
    """Return the number of the program, divided by a size of its arrays perhaps, that a fitted number must be."""
    known = [value for _, value in sources(sample.center)]
    numbers = {float(value) for value in known if isinstance(value, int | float | np.floating) and value > 0}
    sizes = {1, *(size for value in known if isinstance(value, np.ndarray) for size in value.shape)}
    exact = {times * number / size for number in numbers for size in sizes if size for times in (1.0, 2.0, 0.5)}
    return next((number for number in exact if abs(number - strength) <= 1e-6 * strength), None)


def _at_a_rate(
    candidate: Bare, ratio: float, sample: Sample, rates: Sequence[float], closely: float = 1e-4
) -> Bare | None:
    """Return a candidate times a constant that sizes explain, and a rate."""
    for rate in rates:
        loss = _explained(candidate, ratio / rate, sample, closely)
        if loss is None:
            continue
        if len(rates) > 1 and isinstance(loss, Scaled) and (abs(loss.constant) != 1 or loss.length is not None):
            continue  # the file states its loss: a factor would be a slip
        return loss._replace(constant=loss.constant * rate)
    return None


def _may_fit(candidate: Bare, sample: Sample, names: Iterable[str], rates: Sequence[float]) -> bool:
    """Tell at a first look whether a candidate can be the loss of any gradient."""
    if isinstance(candidate, Scaled):
        return True
    for name in names:
        up, down = sample.around[name][0]
        slope = (_number(candidate, up) - _number(candidate, down)) / (2 * sample.reach[name])
        ratio = sample.claimed[name] / slope if slope else 0.0
        if np.isfinite(ratio) and ratio and _at_a_rate(candidate, ratio, sample, rates, closely=0.1) is not None:
            return True
    return False


def _ratio(claimed: Sequence[float], slopes: Sequence[float], tolerance: float) -> float | None:
    """Return the one constant between two lists of numbers; None if there is none."""
    if min(map(abs, slopes)) < 1e-12:
        return None
    ratios = np.array(claimed) / np.array(slopes)
    middle = float(np.median(ratios))
    return middle if middle and np.max(np.abs(ratios - middle)) <= tolerance * abs(middle) else None


def _explained(candidate: Bare, ratio: float, sample: Sample, closely: float = 1e-4) -> Bare | None:
    """Return a candidate times a constant that sizes explain."""
    sign, size = float(np.sign(ratio)), abs(ratio)
    if isinstance(candidate, Scaled):
        if abs(size - 1) < 1e-4:
            return candidate._replace(constant=sign)
        if candidate.place.where == RETURNED:  # the file states its loss: a factor would be a slip
            return None
        for place, value in sources(sample.center):
            is_sequence = isinstance(value, list) and len(value) > 1 and holds_integers(value)
            if is_sequence and abs(size - len(value)) < 1e-4 * size:
                return candidate._replace(constant=sign, length=place)
        return candidate._replace(constant=sign * _near(size)) if _near(size) in (2.0, 0.5) else None
    terms: list[Term] = candidate.terms(sample.center)
    is_square = isinstance(candidate, Residual) or candidate.formula.name == "squared error"
    for constant in (0.5, 1.0, 2.0) if is_square else (1.0,):
        for shared, count in {"": 1, **counts(terms)}.items():
            if abs(size * count - constant) <= closely * constant:
                return candidate._replace(constant=sign * constant, shared=shared if count > 1 else "")
    return None


def _near(size: float) -> float:
    return round(size, 4)


def sources(result: Result) -> Iterator[tuple[Place, Any]]:
    """Yield the numbers, arrays and sequences of arrays that a call left behind."""
    seen: set[int] = set()
    waiting: list[tuple[str, tuple[Any, ...], Any]] = [
        (LOCAL, (name,), value) for name, value in result.variables.items()
    ]
    waiting += [(RETURNED, ("return",), result.returned)]
    waiting += [("after", (name,), value) for name, value in {**result.names, **result.arguments}.items()]
    while waiting:
        where, path, value = waiting.pop(0)
        if id(value) in seen and not isinstance(value, int | float):
            continue
        seen.add(id(value))
        words = [str(step).lstrip(".") for step in path if not isinstance(step, int)]
        place = Place(where, path, _name(path, words))
        if isinstance(value, bool | str | type(None) | type | types.ModuleType) or callable(value) or is_stub(value):
            continue
        if isinstance(value, int | float | np.number | np.ndarray):
            yield place, value
        elif isinstance(value, list | tuple | dict):
            steps = steps_of(value)
            if isinstance(steps, list) and steps and len(steps) <= MOST and all(map(_is_numeric, steps)):
                yield place, value
            pairs = list(value.items() if isinstance(value, dict) else enumerate(value))
            if isinstance(value, list) and steps and isinstance(steps, list) and _is_numeric(steps[-1]):
                pairs = pairs[-1:]  # of many to one the last
            if len(pairs) <= 50:
                waiting += [(where, (*path, k), v) for k, v in pairs if isinstance(k, str | int) and len(path) < 4]
        elif hasattr(value, "__dict__") and len(path) < 4:
            waiting += [(where, (*path, f".{name}"), item) for name, item in vars(value).items()]


def _name(path: Sequence[Any], words: Sequence[str]) -> str:
    last = path[-1]
    return f"{words[-1]}[{last}]" if isinstance(last, int) and words else words[-1] if words else ""


def _is_numeric(value: Any) -> bool:
    return isinstance(value, int | float | np.number) or (isinstance(value, np.ndarray) and value.dtype.kind in "fiu")


def _is_finite(value: Any) -> bool:
    steps = steps_of(value)
    return all(np.isfinite(part).all() for part in (steps if isinstance(steps, list) else [steps]) if part is not None)


def _is_output(value: Any) -> bool:
    steps = steps_of(value)
    parts = steps if isinstance(steps, list) else [steps]
    return all(np.asarray(part).dtype.kind == "f" and np.size(part) <= 4096 for part in parts)


def _read(place: Place, result: Result) -> Any:
    try:
        return place.read(result)
    except (LookupError, AttributeError, TypeError):
        return None


def _differs(value: Any, other: Any) -> bool:
    one, two = steps_of(value), steps_of(other)
    if isinstance(one, list):
        return not isinstance(two, list) or len(one) != len(two) or any(map(_differs, one, two))
    return other is None or np.shape(one) != np.shape(two) or not np.array_equal(np.asarray(one), np.asarray(two))


def _number(loss: Any, result: Result) -> float:
    return float(np.asarray(loss.read(result)).reshape(()))


def _own(values: Mapping[int, Any]) -> dict[int, Any]:
    return {
        identity: value.copy() if isinstance(value, list | np.ndarray) else value for identity, value in values.items()
    }


def _functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    found = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for owner in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        found |= {f"{owner.name}.{node.name}": node for node in owner.body if isinstance(node, ast.FunctionDef)}
    return found


def locals_of(nodes: Iterable[ast.AST]) -> list[str]:
    """Return the names that some functions or loops assign."""
    words = (n for node in nodes for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return list(dict.fromkeys(n.id for n in words))


def signs_of(tree: ast.AST, gradients: Mapping[str, Place]) -> dict[str, int]:
    """Tell of gradients whether the file subtracts them (1) or adds them (-1), where an update says it plainly."""
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub | ast.Add):
            target, value, adds = node.target, node.value, isinstance(node.op, ast.Add)
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.BinOp)
            and isinstance(node.value.op, ast.Sub | ast.Add)
            and ast.unparse(node.value.left) == ast.unparse(node.targets[0])
        ):
            target, value, adds = node.targets[0], node.value.right, isinstance(node.value.op, ast.Add)
        else:
            continue
        if any(isinstance(n, ast.UnaryOp) and isinstance(n.op, ast.USub) for n in ast.walk(value)):
            continue
        words = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
        words |= {n.attr for n in ast.walk(value) if isinstance(n, ast.Attribute)}
        for name, place in gradients.items():
            moved = root_word(target)
            own = name.replace("]", "").replace("'", "").replace("[", ".").rpartition(".")[2]
            if moved == own and words & {place.name, *place.names} and not naming.LOSS.search(moved):
                found[name] = -1 if adds else 1
    return found


def shared_lines(document: Document, replay: Watched, loss: Loss) -> frozenset[int]:
    """Return the lines that a loss depends on outside of the call's own function: no repair may touch them."""
    functions = {node.name: node for node in ast.walk(document.tree) if isinstance(node, ast.FunctionDef)}
    starts = [sibling.function.rpartition(".")[2] for sibling in replay.siblings]
    first = str(getattr(loss, "output", getattr(loss, "difference", ("", ("",), "")))[1][0])
    if "()" in first:
        starts.append(first.partition("()")[0].rpartition(".")[2])
    reached: set[str] = set()
    waiting = [name for name in starts if name in functions]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            called = (n.func for n in ast.walk(functions[name]) if isinstance(n, ast.Call))
            words = (root_word(func) for func in called if isinstance(func, ast.Name | ast.Attribute))
            waiting += [word for word in words if word in functions]
    nodes = [functions[name] for name in reached]
    lines = {line for node in nodes for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    calling = (n for n in ast.walk(document.tree) if isinstance(n, ast.Assign) and isinstance(n.value, ast.Call))
    return frozenset(lines | {n.lineno for n in calling if root_word(n.value.func) in reached})  # pyright: ignore
