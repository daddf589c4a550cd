"""Which of a call's numbers are parameters, which result is the loss, and which array is the gradient of which."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.leaves import Leaf, Path, follow, leaves, paths_of, spelled
from crosscheck.recognise.memories import memories
from crosscheck.recognise.replay import Replay, Result

RETURNED, LOCAL = "return", "local"


class Place(NamedTuple):
    """Where a result is found after a call."""

    where: str
    """`return`, `local`, or `after` for what the call left in its arguments and in globals"""
    path: Path
    name: str
    """What the author calls it, where that is known"""
    names: frozenset[str] = frozenset()
    """All that it is called: in the function, and by those who call it"""
    owners: frozenset[str] = frozenset()
    """What the container is called that it is returned in"""
    only_for: str = ""
    """The one argument that a backward function returns the gradient of, where it returns a single array"""

    def read(self, result: Result) -> Any:
        """Return the result. Raises LookupError or AttributeError if it is not there."""
        if self.where == RETURNED:
            return follow({"return": result.returned}, self.path)
        if self.where == LOCAL:
            return follow(result.variables, self.path)
        return follow({**result.names, **result.arguments}, self.path)

    def __str__(self) -> str:
        return self.name or spelled(self.path)


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


def find(replay: Replay, hints: Hints, *, wants_loss: bool = True, only: str = "") -> Roles:
    """Recognise the roles in a call, without a loss if none is wanted, or with the `only` one.

    Raises what the call raises.
    """
    roots = replay.roots()
    arrays = [leaf for leaf in leaves(roots) if is_floating(leaf.value)]
    values: dict[int, Any] = {id(leaf.value): filled(leaf.value, seed) for seed, leaf in enumerate(arrays)}
    handed = own(values)
    result = replay.run(handed)
    places = _places(result, hints.spoken)
    numbers = [place for place in places if wants_loss and is_number(place.read(result))]
    numbers = [place for place in numbers if place.name == only] if only else numbers
    changed = _changed(result, arrays, values)
    loss, active = None, {}
    for place in sorted(numbers, key=lambda place: -loss_rank(place))[:8]:
        active = _active(replay, place, arrays, values, float(np.asarray(place.read(result)).reshape(-1)[0]))
        if active:
            loss = place
            break
    outputs = _outputs(places, result, values)
    remembered = memories([place for place, _ in outputs], replay, arrays, values, active)
    outputs = [(place, array) for place, array in outputs if place.where != "after" or place.path not in remembered]
    if loss is None:
        active = {str(leaf): leaf for leaf in arrays}
    above = {arrival.identity for arrival in getattr(replay, "upstream", ())}
    judged = {name: leaf for name, leaf in active.items() if id(leaf.value) not in above}
    aliases = _aliases(result, handed)
    gradients = pair(judged, outputs, aliases, hints.updates, paths_of(roots))
    left = remaining(active, outputs, gradients)
    eliminated = only_ones(left)
    gradients |= eliminated
    parameters, inputs = {}, {}
    for name in gradients:
        group = inputs if is_state(active[name]) and not _is_moved(active[name], hints) else parameters
        group[name] = active[name]
    for name in [name for name in inputs if gradients[name].where == LOCAL]:  # dhnext is not offered as a result
        del inputs[name], gradients[name]
    without = [name for name in active if name not in gradients]
    buffers = buffers_of(gradients, arrays, active)
    unclaimed = frozenset(left.keys() - eliminated.keys())
    silent = {str(leaf): leaf for leaf in _silent(arrays, active, outputs, gradients)} if loss is not None else {}
    active, without, unclaimed = {**active, **silent}, [*without, *silent], unclaimed | silent.keys()
    return Roles(
        loss, gradients, parameters, inputs, without, active, changed, buffers, frozenset(eliminated), unclaimed
    )


def _is_moved(leaf: Leaf, hints: Hints) -> bool:
    """Tell whether an array is a parameter whatever it is called: the file updates it, or it is kept with others."""
    return len(leaf.path) > 1 and (
        not str(leaf.path[-1]).startswith(".") or any(leaf.name == p for p, _ in hints.updates)
    )


def buffers_of(gradients: Mapping[str, Place], arrays: Sequence[Leaf], active: Mapping[str, Leaf]) -> tuple[Any, ...]:
    """Return the arrays that hold gradients already when the call begins."""
    called = {name for place in gradients.values() for name in (place.name, *place.names)}
    paths = {place.path for place in gradients.values() if place.where == "after"}
    idle = [leaf for leaf in arrays if str(leaf) not in active]
    return tuple(leaf.value for leaf in idle if leaf.path in paths or leaf.name in called)


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

    What holds only zeros and ones stays: it encodes symbols, or masks.
    """
    if array.size > 1 and np.isin(array, (0.0, 1.0)).all() and array.any() and not (array == 1).all():
        return array
    numbers = np.random.default_rng(100 + seed).normal(size=array.shape) * 0.5
    if array.size > 1 and (array > 0).all() and np.ptp(array) != 0:
        numbers = np.abs(numbers) + 0.1
        if (array < 1).all():  # probabilities
            numbers = 0.05 + 0.9 * np.random.default_rng(100 + seed).random(size=array.shape)
    return numbers.astype(array.dtype)


def _places(result: Result, spoken: Mapping[Path, frozenset[str]]) -> list[Place]:
    found = []
    known: dict[int, set[str]] = {}
    for name, value in result.variables.items():
        if isinstance(value, np.ndarray | list | dict):
            known.setdefault(id(value), set()).add(name)
    for leaf in leaves({"return": result.returned}):
        names = set(spoken.get(leaf.path[1:], ())) | known.get(id(leaf.value), set())
        steps = list(leaf.path[1:])
        if len(steps) > 1:
            names |= {f"{word}[{steps[-1]}]" for word in spoken.get(tuple(steps[:-1]), ())}
        if steps and isinstance(steps[-1], str) and not spoken.get(tuple(steps)):
            names.add(steps[-1].lstrip("."))
        best = sorted(names, key=lambda name: (not naming.looks_like_gradient(name), len(name), name))
        owners = frozenset(spoken.get(tuple(steps[:-1]), ())) if steps else frozenset()
        only = result.first if leaf.path == ("return", "backward") else ""
        found.append(Place(RETURNED, leaf.path, best[0] if best else "", frozenset(names), owners, only))
    objects = {name: value for name, value in result.variables.items() if name not in result.arguments}
    found += [  # d_by may be d_y itself
        Place(LOCAL, leaf.path, leaf.name, frozenset([leaf.name, *known.get(id(leaf.value), ())]))
        for leaf in leaves(objects)
    ]
    after = {**result.names, **result.arguments}
    found += [Place("after", leaf.path, leaf.name, frozenset([leaf.name])) for leaf in leaves(after)]
    others = [Leaf(path, None) for paths in paths_of(after).values() for path in paths[1:]]
    return found + [Place("after", leaf.path, leaf.name, frozenset([leaf.name])) for leaf in others]


def returned_names(function: ast.FunctionDef) -> dict[Path, frozenset[str]]:
    """Return the names in the last return statement, by position: `(1,)` is the second of a tuple."""
    words = ((path, _word(value)) for path, value in _returned(function))
    return {path: frozenset([word]) for path, word in words if word}


def nameless_containers(function: ast.FunctionDef) -> list[Path]:
    """Return where the last return statement builds a dict, or calls what builds a container, on the spot.

    One that is built of differences may hold parameters that were moved, and is none.
    """
    return [
        path
        for path, value in _returned(function)
        if isinstance(value, ast.Dict | ast.Call) and not _word(value) and not _has_difference(value)
    ]


def _has_difference(node: ast.expr) -> bool:
    return any(isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub) for part in ast.walk(node))


def _returned(function: ast.FunctionDef) -> Iterator[tuple[Path, ast.expr]]:
    """Yield the parts of what the last return statement returns, by position: `(1,)` is the second of a tuple."""
    returns = [node for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
    if not returns:
        return
    last = max(returns, key=lambda node: node.lineno).value
    waiting: list[tuple[Path, ast.expr]] = [((), last)] if last else []
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, ast.Tuple | ast.List):
            waiting += [((*path, place), item) for place, item in enumerate(value.elts)]
        else:
            yield path, value


def _word(node: ast.expr | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        inner = node.slice
        return inner.value if isinstance(inner, ast.Constant) and isinstance(inner.value, str) else _word(node.value)
    if isinstance(node, ast.BinOp):
        return _word(node.left) if isinstance(node.op, ast.Div | ast.Mult) else ""
    if isinstance(node, ast.Call):
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        return "" if owner is None or _word(owner) in ("np", "numpy", "") else _word(owner)
    return node.id if isinstance(node, ast.Name) else ""


def loss_rank(place: Place) -> int:
    """Say how much a number looks like the loss: by its name, then by being returned, then by being first."""
    rank = {RETURNED: 20, LOCAL: 5, "after": 10}[place.where]
    if naming.LOSS.search(place.name):
        rank += 50
    if naming.NOT_LOSS.search(place.name):
        rank -= 40
    rank += 4 * bool(naming.WHOLE_LOSS.match(place.name)) - 4 * bool(naming.PART_OF_LOSS.search(place.name))
    if place.where == RETURNED and place.path in (("return",), ("return", 0)):
        rank += 5
    return rank - len(place.path)


def _active(
    replay: Replay, loss: Place, arrays: Sequence[Leaf], values: Mapping[int, np.ndarray], at: float
) -> dict[str, Leaf]:
    """Return the arrays that a number depends on."""
    found = {}
    if not np.isfinite(at):
        return found
    for number, leaf in enumerate(arrays):
        moved = values[id(leaf.value)] + 0.05 * filled(np.ones_like(leaf.value) * 2, 1000 + number)
        try:
            result = replay.run({**own(values), id(leaf.value): moved})
            value = float(np.asarray(loss.read(result)).reshape(-1)[0])
        except Exception:  # noqa: BLE001, S112 - an array that may not be moved is no parameter
            continue
        if value != at and not (np.isnan(value) and np.isnan(at)):
            found[str(leaf)] = leaf
    return found


def _outputs(places: Sequence[Place], result: Result, values: Mapping[int, np.ndarray]) -> list[tuple[Place, Any]]:
    """Return the floating arrays after the call that are not what it was given."""
    found = []
    for place in places:
        value = place.read(result)
        if not isinstance(value, np.ndarray | np.floating | float) or isinstance(value, bool):
            continue
        array = np.asarray(value)
        given = (g for g in values.values() if array.shape == g.shape and g.any())
        is_given = any(np.array_equal(array, g) for g in given)
        if array.dtype.kind == "f" and (not is_given or (place.where != "after" and _is_gradient(place))):
            found.append((place, array))
    return found


def pair(
    active: Mapping[str, Leaf],
    outputs: Sequence[tuple[Place, Any]],
    aliases: Mapping[int, set[str]],
    updates: frozenset[tuple[str, str]],
    paths: Mapping[int, Sequence[Path]],
) -> dict[str, Place]:
    """Match arrays with their gradients: by name, by container, and by the updates that the file makes."""
    scored: list[tuple[int, str, Place, int]] = []
    for name, leaf in active.items():
        called = {leaf.name, *aliases.get(id(leaf.value), ())} - {""}
        for place, array in outputs:
            if array.shape != leaf.value.shape and array.size != leaf.value.size:
                if array.size == 1 and any(naming.is_gradient_of(n, leaf.name) == 3 for n in place.names):
                    scored.append((20, name, place, id(array)))  # one number for all entries: the update spreads it
                continue
            ways = [leaf, *(Leaf(path, leaf.value) for path in paths.get(id(leaf.value), ()) if path != leaf.path)]
            score = max(_likeness(way, called | ({way.name} - {""}), place, updates) for way in ways)
            if score:
                fits = array.shape == leaf.value.shape
                scored.append((score + 5 * fits + _standing(place), name, place, id(array)))
    found: dict[str, Place] = {}
    taken: set[int] = set()
    for _, name, place, identity in sorted(scored, key=lambda item: (-item[0], item[1])):
        if name not in found and identity not in taken:
            found[name] = place
            taken.add(identity)
    return found


def remaining(
    active: Mapping[str, Leaf], outputs: Sequence[tuple[Place, Any]], gradients: Mapping[str, Place]
) -> dict[str, list[Place]]:
    """Return the arrays without a gradient, each with the gradients of its shape that are returned and left over."""
    taken = {(place.where, place.path) for place in gradients.values()}
    spare = [(p, a) for p, a in outputs if p.where == RETURNED and (p.where, p.path) not in taken]
    spare = [(p, a) for p, a in spare if _is_gradient(p) or is_of_backward(p)]
    kept = {name for place in gradients.values() for name in place.names}
    found: dict[str, list[Place]] = {}
    for name, leaf in active.items():
        if name in gradients or naming.looks_like_gradient(leaf.name):
            continue
        is_data = is_state(leaf) or bool(naming.DATA.match(leaf.name))
        fitting = [
            p
            for p, array in spare
            if array.shape == leaf.value.shape
            and not p.names & kept
            and array.size > 1
            and (not is_data or is_of_backward(p))
        ]
        if fitting:
            found[name] = fitting
    return found


def only_ones(left: Mapping[str, Sequence[Place]]) -> dict[str, Place]:
    """Return the arrays for which a single gradient is left, which is left for no other."""
    claims = [place for found in left.values() for place in found]
    return {name: found[0] for name, found in left.items() if len(found) == 1 and claims.count(found[0]) == 1}


def is_of_backward(place: Place) -> bool:
    """Tell whether a backward function returns it, beside its forward: whatever it is called, it is a gradient."""
    return place.path[:2] == ("return", "backward") and len(place.path) == 3


def _silent(
    arrays: Sequence[Leaf],
    active: Mapping[str, Leaf],
    outputs: Sequence[tuple[Place, Any]],
    gradients: Mapping[str, Place],
) -> Iterator[Leaf]:
    """Yield arrays that a gradient is named after and on which the loss does not depend in this call."""
    taken = {(place.where, place.path) for place in gradients.values()}
    for leaf in arrays:
        if str(leaf) in active or naming.DATA.match(leaf.name) or is_state(leaf):
            continue
        for place, array in outputs:
            is_named = any(naming.is_gradient_of(name, leaf.name) == 3 for name in place.names)
            if is_named and array.shape == leaf.value.shape and (place.where, place.path) not in taken:
                yield leaf
                break


def _is_gradient(place: Place) -> bool:
    names = (place.names or {place.name}) - {"gradients"}  # what a container without a name is called
    return any(naming.BEGINS_LIKE_GRADIENT.match(name) and not naming.LOSS.search(name) for name in names)


def _standing(place: Place) -> int:
    return {RETURNED: 3, "after": 2, LOCAL: 1}[place.where]


def _likeness(leaf: Leaf, called: set[str], place: Place, updates: frozenset[tuple[str, str]]) -> int:
    """Say how much a result looks like the gradient of an array, by name alone: 0 not at all."""
    words = [str(step).lstrip(".") for step in place.path if not isinstance(step, int)]
    names = place.names or ({words[-1]} if words else set())
    holders = words if isinstance(place.path[-1], int) else words[:-1] or words
    containers = [word for word in (*holders, *place.owners) if naming.CONTAINER.search(word)]
    updated = not _other_owner(leaf, place)
    if leaf.path[-1:] == place.path[-1:] and _are_containers(leaf, {*words[:-1], *place.owners}, updates):
        return 96
    if updated and any((name, o) in updates for name in called for o in names if naming.looks_like_gradient(o)):
        return 97
    by_name = max((naming.is_gradient_of(other, name) for name in called for other in names), default=0)
    if by_name and not _other_layer(leaf, place):
        return 60 + 10 * by_name - 25 * _other_owner(leaf, place)
    if updated and any((name, other) in updates for name in called for other in names):
        return 78
    if containers and _same_end(leaf.path, place.path):
        remembers = any(naming.MEMORY.match(str(step).lstrip(".")) for step in leaf.path)
        return 77 - 2 * (leaf.path[:-2] != place.path[:-2]) - 5 * remembers
    same_owner = len(leaf.path) > 1 and len(place.path) > 1 and leaf.path[:-1] == place.path[:-1]
    if same_owner and _is_twin_attribute(leaf.name, words[-1] if words else ""):
        return 70
    if containers and {naming.plain(name) for name in called} & {naming.plain(name) for name in names}:
        return 65
    if any(_same_ending(name, other) for name in called for other in names):
        return 45
    return 42 if leaf.name == place.only_for else 0


def _same_ending(name: str, gradient: str) -> bool:
    """Tell `G_xh` and `W_xh`, `gxh` and `wxh`, from anything else."""
    if gradient[:1] not in "dDgG" or name[:1] not in "wWuUvVbB" or len(name) < 2:
        return False
    return naming.plain(name)[1:] == naming.plain(gradient)[1:] or naming.plain(name) == naming.plain(gradient)[1:]


def _other_layer(leaf: Leaf, place: Place) -> bool:
    """Tell whether two paths lead into different members of one container: layers[0] and layers[1]."""
    numbers = [[step for step in path if isinstance(step, int)] for path in (leaf.path, place.path[1:])]
    return bool(numbers[0]) and bool(numbers[1]) and numbers[0] != numbers[1]


def _are_containers(leaf: Leaf, others: set[str], updates: frozenset[tuple[str, str]]) -> bool:
    """Tell whether a list of gradients is what updates a list of parameters: `zip(self.weights, nabla_w)`."""
    own = {str(step).lstrip(".") for step in leaf.path[:-1] if not isinstance(step, int)}
    return any((mine, other) in updates for mine in own for other in others)


def _other_owner(leaf: Leaf, place: Place) -> bool:
    """Tell whether two attributes belong to different objects: `p.W_f.v` and `p.W_i.d`."""
    owners = [path[:-1] for path in (leaf.path, place.path) if len(path) > 2 and str(path[-1]).startswith(".")]
    return len(owners) == 2 and owners[0] != owners[1]


def _same_end(one: Path, other: Path) -> bool:
    return len(one) > 1 and len(other) > 1 and one[-1] == other[-1]


def _is_twin_attribute(own: str, last: str) -> bool:
    values, gradients = (
        {"v", "value", "val", "data", "w", "x", "param"},
        {"d", "grad", "g", "diff", "dw", "gradient", "dv"},
    )
    return own.lower() in values and last.lower() in gradients


def is_state(leaf: Leaf) -> bool:
    """Tell whether an array is data rather than a parameter: an initial state, or an input."""
    if len(leaf.path) > 1 and leaf.name.isupper():  # a matrix among matrices
        return False
    return bool(naming.STATE.match(leaf.name)) or leaf.name in ("x", "X", "xs", "inputs", "inp")


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
