"""Which of a call's numbers are parameters, which result is the loss, and which array is the gradient of which."""

import ast
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import MASKS
from crosscheck.recognise.averages import (
    lists_of_squares,
    local_velocities,
    memories_of_squares,
    running_means,
    velocities,
)
from crosscheck.recognise.backward_passes import functions_of, reached
from crosscheck.recognise.cases import are_counts, is_binary, is_joint, is_symmetric, joint, shared_axis, shares
from crosscheck.recognise.leaves import Leaf, Path, follow, leaves, paths_of, spelled
from crosscheck.recognise.listed import with_labels
from crosscheck.recognise.matching import (
    beside,
    by_initials,
    entries_without_effect,
    is_gradient,
    is_of_backward,
    is_state,
    only_ones,
    pair,
    remaining,
    states_of,
    without_effect,
    words_of,
)
from crosscheck.recognise.memories import made_of, memories
from crosscheck.recognise.moving import factors_of_steps
from crosscheck.recognise.ordering import all_in_order, in_order
from crosscheck.recognise.places import LOCAL, RETURNED, Place, places_of
from crosscheck.recognise.replay import Replay, Result
from crosscheck.recognise.statements import moved_attributes, root_word
from crosscheck.recognise.tables_of_symbols import rows_anew
from crosscheck.source.walking import kept, walk, walked

MOST_DEAD = 5
"""States tried of a loop that moves nothing: behind a relu that lets nothing through, no loss depends on anything"""
MOST_ROWS = 40
"""Arrays of one list that are moved one by one: of more, these are the rows of some data"""
SECONDS = 8.0
"""Seconds of the processor for telling which arrays a number depends on"""
VANISHING = 1e-12
"""What rounding leaves of a gradient that is zero, of the largest one"""
REACH, CLOSE = 1e-4, 1e-4
"""How far arrays are moved to see which gradient is theirs, and how near that must come"""
STRIDE = 500
"""Between the seeds of two states"""


@dataclass
class Roles:
    """What was recognised in one call."""

    loss: Place | None
    gradients: dict[str, Place]
    """By the name of the parameter or data array"""
    parameters: dict[str, Leaf]
    inputs: dict[str, Leaf]
    """Floating data that gradients are returned of: initial states, inputs"""
    without: list[str]
    """Arrays that the loss depends on and that have no gradient"""
    active: dict[str, Leaf]
    updated: set[str]
    """Paths of arrays that the call changed in place"""
    buffers: tuple[np.ndarray, ...] = ()
    """What gradients are added to, from one call to the next if nobody empties it"""
    eliminated: frozenset[str] = frozenset()
    """Those that were paired with a gradient because nothing else was left"""
    unclaimed: frozenset[str] = frozenset()
    """Those without a gradient in whose shape a gradient was returned that belongs to nothing else"""


@dataclass(frozen=True)
class Hints:
    """What the source tells about names."""

    spoken: Mapping[Path, frozenset[str]] = field(default_factory=dict)
    """What a call returns, by path: by its return statement and by those who call it"""
    updates: frozenset[tuple[str, str]] = frozenset()
    """(parameter, variable that its update is made of)"""
    totals: frozenset[str] = frozenset()
    """Names of numbers that losses are added up in"""
    weighted: frozenset[str] = frozenset()
    """Those to which a loss is added times something, as for a mean over all batches: they are no loss of one"""
    scattered: frozenset[str] = frozenset()
    """Names of numbers that are added to entries of arrays: slopes, whatever else they are called"""
    wholes: frozenset[str] = frozenset()
    """Names of sums that a loss is a term of"""


def find(replay: Replay, hints: Hints, *, wants_loss: bool = True, only: str = "") -> Roles:
    """Recognise the roles in a call, without a loss if none is wanted, or with the `only` one.

    Raises what the call raises.
    """
    if replay.world.plan.all_equal is not None:  # a factor of a step has the shape of what it moves, and is no gradient
        factors = factors_of_steps(replay.world.document.tree)
        plain = {(p, g) for p, g in hints.updates if naming.looks_like_gradient(g) and g not in factors}
        hints = replace(hints, updates=frozenset(plain))
    roots = replay.roots()
    arrays = [leaf for leaf in leaves(roots) if is_floating(leaf.value) and id(leaf.value) not in replay.kept]
    labels = [leaf for leaf in leaves(roots) if isinstance(leaf.value, np.ndarray) and leaf.value.dtype.kind in "iu"]
    state = _in_state(replay, hints, arrays, 0, wants_loss=wants_loss, only=only)
    for attempt in range(1, MOST_DEAD if " line " in replay.entry.function else 0):
        if state.active or state.changed:
            break
        state = _in_state(replay, hints, arrays, attempt, labels, wants_loss=wants_loss, only=only)
    values, handed, result, places, changed, loss, active = state
    changed |= _moved_elsewhere(replay, hints, arrays, labels, changed)
    followers = running_means(replay.world.document.tree)
    totals = {loss.name} if loss is not None else set[str]()  # of a loss that turns add up
    active = {name: leaf for name, leaf in active.items() if leaf.name not in followers | totals}
    above = {arrival.identity for arrival in getattr(replay, "upstream", ())}
    outputs = [pair for pair in _outputs(places, result, values, above) if not _is_of_forward(pair[0], replay)]
    outputs = [(place, array) for place, array in outputs if not _is_handed(place, array, result, replay)]
    outputs = [(p, array) for p, array in outputs if np.size(array) > 1 or not (_is_rate(p) or _is_loss(p))]
    moving = velocities(replay.world.document.tree)
    local = local_velocities(replay.world.document.tree)
    kept = moving | memories_of_squares(replay.world.document.tree)
    outputs = [(place, array) for place, array in outputs if not (place.names or {place.name}) <= kept]
    remembered = memories([place for place, _ in outputs], replay, arrays, values, active)
    steps = made_of(remembered, [place for place, _ in outputs if place.where == LOCAL], replay, arrays, values)
    steps |= {("after", path) for path in remembered}
    outputs = [(place, array) for place, array in outputs if (place.where, place.path) not in steps]
    if loss is None:
        active = {str(leaf): leaf for leaf in arrays if leaf.name not in followers}
    others = {leaf.path[-1] for leaf in arrays if str(leaf) in changed and str(leaf) not in active}
    judged = {
        name: leaf
        for name, leaf in active.items()
        if id(leaf.value) not in above
        and not words_of(leaf) & (moving - local if str(leaf.path[-1]).startswith(".") else moving)
        and leaf.name not in lists_of_squares(replay.world.document.tree)
        and not (MASKS.match(leaf.name) and not _is_told(leaf, outputs))
        and (name in changed or not _is_namesake(leaf, others))
        and not _is_left_beside(leaf, active.values(), moved_attributes(replay.world.document.tree), outputs)
    }  # of `self.w` and `other.w` the gradient is that of the one which the call moves, or the file
    aliases = _aliases(result, handed)
    spoken = frozenset((*result.variables, *result.arguments, *roots))
    paths = paths_of(roots)
    gradients = pair(judged, outputs, aliases, hints.updates, paths, spoken, values)

    def is_input(leaf: Leaf, gradient: Place) -> bool:
        is_moved = _is_moved(leaf, hints) or _is_among_moved(paths.get(id(leaf.value), ()), hints)
        return is_state(leaf) and not (is_moved or gradient.name == naming.given_name(leaf.name))

    if any(is_of_backward(place) for place, _ in outputs):  # dx may be a part of what is returned: `return dx + dy`
        local = {name for name, place in gradients.items() if place.where == LOCAL and is_input(judged[name], place)}
        gradients = {name: place for name, place in gradients.items() if name not in local}
    if _returns_one_twice(hints):  # in the place of another, which a variable still holds
        gradients = {name: place for name, place in gradients.items() if place.where != LOCAL}
    told = {parameter for parameter, _ in hints.updates}
    subtracted = _subtracted(replay.world.document.tree)
    gradients = {  # `dy` is the gradient of the output, and not that of the target which is called y as well
        name: place
        for name, place in gradients.items()
        if place.where == RETURNED
        or not (naming.TRUTH.match(judged[name].name) or judged[name].name in subtracted.get(place.name, ()))
        or judged[name].name in told
    }
    returned = {name: place for name, place in gradients.items() if place.where == RETURNED}
    stands = in_order(judged, outputs, returned, list(replay.entry.arguments))
    gradients |= {name: place for name, place in stands.items() if name in gradients}  # a variable is not returned
    gradients = gradients or all_in_order(judged, outputs, list(replay.entry.arguments))
    moved = {parameter for parameter, _ in hints.updates if not naming.is_gradient_argument(parameter)}
    spare = [pair for pair in outputs if not _is_moved_itself(pair[0], moved)]
    left = remaining(judged, spare, gradients)
    eliminated = {**only_ones(left), **by_initials(left, judged)}
    eliminated |= only_ones(remaining(judged, spare, {**gradients, **eliminated})) if eliminated else {}
    beside_loss = [place for places in left.values() for place in places]
    are_named = all(place.names - {"gradients"} and not is_of_backward(place) for place in beside_loss)
    if loss is not None and not eliminated and len(left) > 1 and are_named:  # else their order tells
        eliminated |= _by_slopes(replay, loss, left, active, values, result)
        eliminated |= only_ones(remaining(judged, spare, {**gradients, **eliminated})) if eliminated else {}
    states = states_of({name: places for name, places in left.items() if name not in eliminated}, active)
    gradients |= {**eliminated, **states}
    gradients |= in_order(judged, outputs, gradients, list(replay.entry.arguments))
    gradients = gradients or all_in_order(judged, outputs, list(replay.entry.arguments), whatever_called=True)
    idle = [leaf for leaf in arrays if str(leaf) not in changed]  # what the call writes over is no parameter
    neighbours = beside(idle, active, outputs, gradients) if loss is not None else {}
    active = {**active, **{name: leaf for name, (leaf, _) in neighbours.items()}}
    gradients |= {name: place for name, (_, place) in neighbours.items()}
    parameters, inputs = {}, {}
    for name in gradients:
        group = inputs if is_input(active[name], gradients[name]) else parameters
        group[name] = active[name]
    forgotten = forgotten_by(replay)
    for name in [name for name in inputs if gradients[name].where == LOCAL]:  # dhnext is not offered as a result
        if gradients[name].path[0] not in forgotten:
            del inputs[name], gradients[name]
    without = [name for name in active if name not in gradients]
    buffers = buffers_of(gradients, arrays, active, roots)
    unclaimed = frozenset(left.keys() - eliminated.keys() - states.keys())
    idle += [leaf for leaf in arrays if str(leaf) in changed and _is_moved_by_own(leaf, hints)]
    idlers = list(without_effect(idle, active, outputs, gradients)) if loss is not None else []
    if loss is not None:
        moved_in_vain = [leaf for leaf in arrays if str(leaf) in changed]
        idlers += entries_without_effect(moved_in_vain, active, outputs, gradients)
    largest = max((float(np.max(np.abs(array), initial=0.0)) for _, array in outputs), default=0.0)
    for leaf, place, array in idlers:
        if 0 < np.max(np.abs(array)) < VANISHING * largest:  # a bias before a normalisation: it is zero, and should be
            active[str(leaf)] = parameters[str(leaf)] = leaf
            gradients[str(leaf)] = place
    silent = {str(leaf): leaf for leaf, *_ in idlers if str(leaf) not in parameters}
    active, without, unclaimed = {**active, **silent}, [*without, *silent], unclaimed | silent.keys()
    return Roles(
        loss, gradients, parameters, inputs, without, active, changed, buffers, frozenset(eliminated), unclaimed
    )


def _by_slopes(
    replay: Replay,
    loss: Place,
    left: Mapping[str, Sequence[Place]],
    active: Mapping[str, Leaf],
    values: Mapping[int, Any],
    result: Result,
) -> dict[str, Place]:
    """Return the arrays of which one gradient alone goes the way of the loss. Raises what the call raises."""
    found: dict[str, Place] = {}
    for number, (name, places) in enumerate(left.items()):
        value = values[id(active[name].value)]
        way = np.random.default_rng(700 + number).normal(size=np.shape(value))
        ends = (replay.run(own({**values, id(active[name].value): value + step * way})) for step in (REACH, -REACH))
        up, down = (float(np.asarray(loss.read(end)).reshape(-1)[0]) for end in ends)
        slope = (up - down) / (2 * REACH)
        claims = [float(np.sum(np.asarray(place.read(result)).reshape(way.shape) * way)) for place in places]
        right = [place for place, claim in zip(places, claims, strict=True) if abs(claim - slope) <= CLOSE * abs(slope)]
        if len(right) == 1 and right[0] not in found.values():
            found[name] = right[0]
    return found


def forgotten_by(replay: Replay) -> set[str]:
    """Return the variables that the backward function of a pair computes last, and neither returns nor reads."""
    backward = getattr(replay, "backward", None)
    node = functions_of(replay.world.document.tree).get(backward.function) if backward is not None else None
    names = [part for part in walk(node) if isinstance(part, ast.Name)] if node is not None else []
    read = {part.id for part in names if isinstance(part.ctx, ast.Load)}
    return {part.id for part in names if naming.BEGINS_LIKE_GRADIENT.match(part.id)} - read


def _is_namesake(leaf: Leaf, others: Collection[str | int]) -> bool:
    """Tell whether an array is an attribute of one object as another one is of another object: `.w` of both."""
    return leaf.path[-1] in others and str(leaf.path[-1]).startswith(".")


def _is_told(leaf: Leaf, outputs: Sequence[tuple[Place, Any]]) -> bool:
    """Tell whether a gradient is called after an array."""
    return any(naming.is_gradient_of(name, leaf.name) for place, _ in outputs for name in (place.name, *place.names))


def _is_left_beside(
    leaf: Leaf, others: Iterable[Leaf], moved: Collection[tuple[str, str]], outputs: Iterable[tuple[Place, Any]]
) -> bool:
    """Tell whether an attribute of an object is left as it is, and that of another object moved: `self.ref.W`.

    Where there are gradients enough for both, both of them are meant to be moved.
    """
    own = _owned(leaf)
    alike = {_owned(one) for one in others if one.path[-1] == leaf.path[-1] and one.path[:-1] != leaf.path[:-1]}
    if own is None or own in moved or not (alike - {own}) & set(moved):
        return False
    fitting = [(place, array) for place, array in outputs if np.shape(array) == leaf.value.shape]
    named = {id(array) for place, array in fitting if any(_is_called_after(word, leaf.name) for word in place.names)}
    return len(named) < 2


def _is_called_after(word: str, name: str) -> bool:
    return word == name or bool(naming.is_gradient_of(word, name))


def _owned(leaf: Leaf) -> tuple[str, str] | None:
    """Return what an object and its attribute are called: `("ref", "W")` of `self.ref.W`."""
    *_, owner, last = ("", "", *leaf.path)
    is_inner = len(leaf.path) > 2 and str(owner).startswith(".") and str(last).startswith(".")
    return (str(owner).lstrip("."), str(last).lstrip(".")) if is_inner else None


def _returns_one_twice(hints: Hints) -> bool:
    """Tell whether one gradient is returned in two places, by its name: in one of them another one is missing."""
    names = Counter(name for words in hints.spoken.values() for name in words if naming.looks_like_gradient(name))
    return any(count > 1 for count in names.values())


def _is_moved_by_own(leaf: Leaf, hints: Hints) -> bool:
    """Tell whether the file updates an array by what it calls its gradient."""
    return any(n == leaf.name and naming.is_gradient_of(moves, leaf.name) == 3 for n, moves in hints.updates)


class _State(NamedTuple):
    """One call with ordinary numbers, and what it says of the loss."""

    values: dict[int, Any]
    handed: dict[int, Any]
    result: Result
    places: list[Place]
    changed: set[str]
    loss: Place | None
    active: dict[str, Leaf]


def _in_state(
    replay: Replay,
    hints: Hints,
    arrays: Sequence[Leaf],
    attempt: int,
    labels: Sequence[Leaf] = (),
    *,
    wants_loss: bool,
    only: str,
) -> _State:
    """Make the call with other numbers in each attempt, and look for a loss. Raises what the call raises.

    Every other time what the file moves has the other sign: where few steps left weights positive, data of one sign
    would have one class.
    """
    values: dict[int, Any] = {id(leaf.value): filled(leaf.value, n + STRIDE * attempt) for n, leaf in enumerate(arrays)}
    moved = {name for name, _ in hints.updates} if attempt % 2 else set[str]()
    values |= {id(leaf.value): -values[id(leaf.value)] for leaf in arrays if leaf.name in moved}
    handed = {**{id(leaf.value): np.roll(leaf.value, attempt) for leaf in labels}, **own(values)}
    result = replay.run(handed)
    places = places_of(result, hints.spoken)
    numbers = [place for place in places if wants_loss and is_number(place.read(result))]
    numbers = [place for place in numbers if place.name == only] if only else numbers
    changed = _changed(result, arrays, values)
    for place in sorted(numbers, key=lambda place: -loss_rank(place, hints, replay.entry.function))[:8]:
        active = _active(replay, place, arrays, values, float(np.asarray(place.read(result)).reshape(-1)[0]))
        if active:
            return _State(values, handed, result, places, changed, place, active)
    return _State(values, handed, result, places, changed, None, {})


def _moved_elsewhere(
    replay: Replay, hints: Hints, arrays: Sequence[Leaf], labels: Sequence[Leaf], changed: Collection[str]
) -> set[str]:
    """Return the paths of what the file moves, and a call only in other states than the one that was looked at.

    A hinge moves nothing where the margin is wide, and its bias in one branch only, or by a label, which may be zero.
    Raises what the call raises.
    """
    moved = {name for name, _ in hints.updates}
    found: set[str] = set()
    for attempt in range(1, MOST_DEAD):
        if not changed or all(str(leaf) in {*changed, *found} for leaf in arrays if leaf.name in moved):
            break
        values = {id(leaf.value): filled(leaf.value, n + STRIDE * attempt) for n, leaf in enumerate(arrays)}
        others = {id(leaf.value): np.roll(leaf.value, attempt) for leaf in labels}
        others |= rows_anew(replay.roots(), replay.kept, np.random.default_rng(attempt))
        found |= _changed(replay.run(own({**others, **values})), arrays, values)
    return {str(leaf) for leaf in arrays if leaf.name in moved and str(leaf) in found}


def _is_rate(place: Place) -> bool:
    """Tell whether a single number is called like a rate, which is the gradient of no bias that has one entry."""
    return bool(naming.RATE.search(place.name)) and not naming.looks_like_gradient(place.name)


@kept
def _subtracted(tree: ast.AST) -> dict[str, frozenset[str]]:
    """Return what is subtracted in what each variable is set to: `d_age = (predicted - age) / m`.

    >>> _subtracted(ast.parse("d_age = (predicted - age) / m; da = db - 1; e = np.sum(p - y)"))
    {'d_age': frozenset({'age'}), 'e': frozenset({'y'})}
    """
    found: dict[str, frozenset[str]] = {}
    for node in walked(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            differences = (part for part in walked(node.value) if isinstance(part, ast.BinOp))
            differences = (part for part in differences if not isinstance(part.left, ast.Constant))  # `1 - y`
            right = (part.right for part in differences if isinstance(part.op, ast.Sub))
            if words := frozenset(filter(None, map(root_word, right))):
                found[node.targets[0].id] = found.get(node.targets[0].id, frozenset()) | words
    return found


def _is_loss(place: Place) -> bool:
    """Tell whether a single number is called a loss: it is no gradient of an input of one number, though returned."""
    own = place.names - {"gradients"}
    return any(map(naming.LOSS.search, own)) and not any(map(naming.looks_like_gradient, own))


def _is_of_forward(place: Place, replay: Replay) -> bool:
    """Tell whether the forward function of a pair returned something, or had it for a variable: no gradient then."""
    own = getattr(replay, "variables_of_backward", None)
    return (
        place.path[:2] == ("return", "forward")
        or (own is not None and place.where == LOCAL and place.path[0] not in own)
        or _is_kept_by_forward(place, replay)
    )


def _is_kept_by_forward(place: Place, replay: Replay) -> bool:
    """Tell whether the forward of a pair keeps something that its backward leaves as it is: `self.g` is a gate."""
    backward, word = getattr(replay, "backward", None), str(place.path[-1]).lstrip(".")
    if backward is None or place.where != "after" or naming.cores(word):
        return False
    nodes = functions_of(replay.world.document.tree)
    first, second = nodes.get(replay.entry.function), nodes.get(backward.function)
    if first is None or second is None or word not in _attributes_set(first):
        return False
    called = {node.name: node for node in nodes.values()}
    reached_ = (called[name] for name in reached(replay.world.document.tree, [second]) if name in called)
    return not any(word in _attributes_set(node) for node in (second, *reached_))


def _attributes_set(node: ast.AST) -> set[str]:
    return {part.attr for part in walk(node) if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)}


def _is_handed(place: Place, array: Any, result: Result, replay: Replay) -> bool:
    """Tell whether a variable of a backward function is an argument still as its forward had it, whatever it is called.

    `dvalues` may be the predictions.
    """
    backward = getattr(replay, "backward", None)
    if backward is None or place.where != LOCAL or place.path[0] not in backward.arguments:
        return False
    return any(array is leaf.value or np.array_equal(array, leaf.value) for leaf in leaves(dict(result.arguments)))


def _is_moved_itself(place: Place, moved: Collection[str]) -> bool:
    """Tell whether a result is what the file moves, by all of its names: `b -= rate * db; return b`."""
    own = place.names - {"gradients"}
    return place.where == RETURNED and bool(own) and own <= set(moved)


def _is_among_moved(paths: Sequence[Path], hints: Hints) -> bool:
    """Tell whether an array lies in a list that the file updates entry by entry: `self.all[k] -= rate * g[k]`."""
    holders = {str(path[-2]).lstrip(".") for path in paths if len(path) > 1 and not str(path[-1]).startswith(".")}
    return any(parameter in holders for parameter, _ in hints.updates)


def _is_moved(leaf: Leaf, hints: Hints) -> bool:
    """Tell whether an array is a parameter whatever it is called: the file updates it, or it is kept with others."""
    return len(leaf.path) > 1 and (
        not str(leaf.path[-1]).startswith(".") or any(leaf.name == p for p, _ in hints.updates)
    )


def buffers_of(
    gradients: Mapping[str, Place], arrays: Sequence[Leaf], active: Mapping[str, Leaf], roots: Mapping[str, Any]
) -> tuple[Any, ...]:
    """Return the arrays that hold gradients already when the call begins from some roots, whatever the path to them."""
    called = {name for place in gradients.values() for name in (place.name, *place.names)}
    paths = {place.path for place in gradients.values() if place.where == "after"}
    held = {id(array) for path in paths if (array := _held(roots, path)) is not None}
    idle = [leaf for leaf in arrays if str(leaf) not in active]
    return tuple(leaf.value for leaf in idle if leaf.path in paths or leaf.name in called or id(leaf.value) in held)


def numbers_added_to(
    gradients: Mapping[str, Place], active: Mapping[str, Leaf], roots: Mapping[str, Any]
) -> list[Path]:
    """Return the paths of plain numbers that hold gradients already when the call begins: `self.gb += e`."""
    paths = [place.path for place in gradients.values() if place.where == "after" and len(place.path) > 1]
    return [path for path in paths if isinstance(_held(roots, path), float) and spelled(path) not in active]


def _held(roots: Mapping[str, Any], path: Path) -> Any:
    try:
        return follow(roots, path)
    except (LookupError, AttributeError, TypeError):
        return None


def own(values: Mapping[int, Any]) -> dict[int, Any]:
    """Return copies: what a call changes in place, the next must not see."""
    return {identity: value.copy() if isinstance(value, np.ndarray) else value for identity, value in values.items()}


def _aliases(result: Result, handed: Mapping[int, Any]) -> dict[int, set[str]]:
    """Return, by the identity of what was replaced, the names under which the call knew the array that replaced it."""
    names: dict[int, set[str]] = {}
    by_value = {id(value): identity for identity, value in handed.items()}
    for name, value in result.variables.items():
        if id(value) in by_value:
            names.setdefault(by_value[id(value)], set()).add(name)
    return names


def is_floating(value: Any) -> bool:
    """Tell whether a value is an array of numbers that can have a gradient."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size > 0


def is_number(value: Any) -> bool:
    """Tell whether a value is one real number."""
    if isinstance(value, bool | np.bool_):
        return False
    if isinstance(value, float | np.floating):
        return True
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size == 1


def filled(array: np.ndarray, seed: int) -> np.ndarray:
    """Return ordinary numbers in the shape of an array: neither tiny nor saturating, of both signs if it may have them.

    What holds only zeros and ones, or another number for all of the ones, stays: it encodes symbols, or masks.
    """
    if is_binary(array):
        return array
    if (axis := shared_axis(array)) is not None:
        return with_labels(array, shares(array, axis, np.random.default_rng(100 + seed)))
    if is_joint(array):
        return joint(array, np.random.default_rng(100 + seed))
    numbers = np.random.default_rng(100 + seed).normal(size=array.shape) * 0.5
    if array.size > 1 and (array > 0).all() and np.ptp(array) != 0:
        numbers = np.abs(numbers) + 0.1
        if (array < 1).all():  # probabilities
            numbers = 0.05 + 0.9 * np.random.default_rng(100 + seed).random(size=array.shape)
    elif are_counts(array):
        numbers = (np.abs(numbers) + 0.1) * (array > 0)
    numbers = (numbers + numbers.T) / 2 if is_symmetric(array) else numbers
    return with_labels(array, numbers.astype(array.dtype))


def loss_rank(place: Place, hints: Hints, function: str = "") -> int:
    """Say how much a number looks like the loss: by its name, then by being returned, then by being first.

    What a function returns that is called a loss itself is more than a part of it which has that name inside.
    """
    rank = {RETURNED: 20, LOCAL: 5, "after": 10}[place.where]
    last = function.rpartition(".")[2]
    if place.path in (("return",), ("return", "forward")) and naming.LOSS_FUNCTION.search(last):
        rank += 0 if naming.NOT_LOSS.search(last) else 60
    if naming.LOSS.search(place.name) or place.name in hints.totals | hints.wholes:
        rank += 50 + 6 * (place.name in hints.wholes)
    if naming.NOT_LOSS.search(place.name) or place.name in hints.weighted:
        rank -= 40
    if place.where == LOCAL and place.name in hints.scattered:
        rank -= 60
    rank += 4 * bool(naming.WHOLE_LOSS.match(place.name)) - 4 * bool(naming.PART_OF_LOSS.search(place.name))
    if place.where == RETURNED and place.path in (("return",), ("return", 0)):
        rank += 5
    return rank - len(place.path)


def _active(
    replay: Replay, loss: Place, arrays: Sequence[Leaf], values: Mapping[int, np.ndarray], at: float
) -> dict[str, Leaf]:
    """Return the arrays that a number depends on. Raises TimeoutError where it takes too long to tell."""
    found, ends, rows = {}, time.process_time() + SECONDS, Counter()
    if not np.isfinite(at):
        return found
    for number, leaf in enumerate(arrays):
        row = tuple(None if isinstance(step, int) else step for step in leaf.path)
        rows[row] += row != tuple(leaf.path)
        if rows[row] > MOST_ROWS:
            continue
        if time.process_time() > ends:
            raise TimeoutError(f"it takes more than {SECONDS:g} s to tell which of its {len(arrays)} arrays matter")
        moved = values[id(leaf.value)] + 0.05 * filled(np.ones_like(leaf.value) * 2, 1000 + number)
        try:
            result = replay.run({**own(values), id(leaf.value): moved})
            value = float(np.asarray(loss.read(result)).reshape(-1)[0])
        except Exception:  # noqa: BLE001, S112 - an array that may not be moved is no parameter
            continue
        if value != at and not (np.isnan(value) and np.isnan(at)):
            found[str(leaf)] = leaf
    return found


def _outputs(
    places: Sequence[Place], result: Result, values: Mapping[int, np.ndarray], above: Collection[int]
) -> list[tuple[Place, Any]]:
    """Return the floating arrays after the call that are not what it was given.

    What comes from `above` may be a gradient as it is, `self.db = dy`, but for the argument that it comes by, or an
    entry of that.
    """
    found = []
    for place in places:
        value = place.read(result)
        if not isinstance(value, np.ndarray | np.floating | float) or isinstance(value, bool):
            continue
        array = np.asarray(value)
        is_entry = all(isinstance(step, int) for step in place.path[1:])
        is_argument = place.where == "after" and place.path[0] in result.arguments and is_entry
        told = above if is_gradient(place) and not is_argument else ()
        given = (g for at, g in values.items() if at not in told and array.shape == g.shape and g.any())
        is_given = any(np.array_equal(array, g) for g in given)
        is_whole = array.dtype.kind in "biu" and place.where == RETURNED and is_gradient(place)
        if (array.dtype.kind == "f" or is_whole) and (not is_given or (place.where != "after" and is_gradient(place))):
            found.append((place, array))
    return found


def _changed(result: Result, arrays: Sequence[Leaf], values: Mapping[int, np.ndarray]) -> set[str]:
    """Return the paths of arrays that hold something else after the call."""
    after = {**result.names, **result.arguments}
    changed = set()
    for leaf in arrays:
        try:
            now = follow(after, leaf.path)
        except (LookupError, AttributeError, TypeError):
            continue
        same_shape = isinstance(now, np.ndarray | np.floating) and now.shape == leaf.value.shape
        if same_shape and not np.array_equal(now, values[id(leaf.value)]):
            changed.add(str(leaf))
    return changed
