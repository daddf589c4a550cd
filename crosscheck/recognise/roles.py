"""Which of a call's numbers are parameters, which result is the loss, and which array is the gradient of which."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.leaves import Leaf, Path, follow, leaves, spelled
from crosscheck.recognise.replay import Replay, Result

RETURNED, LOCAL = "return", "local"


class Place(NamedTuple):
    """Where a result is found after a call."""

    where: str
    """`return`, `local`, or `after` for what the call left in its arguments and in globals"""
    path: Path
    name: str
    """What the author calls it, where that is known"""

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
    """Names of arrays that the call changed in place"""


def find(replay: Replay, spoken: Mapping[Path, str]) -> Roles:
    """Recognise the roles in a call; `spoken` are the names of what it returns, by path. Raises what the call raises."""
    roots = replay.roots()
    arrays = [leaf for leaf in leaves(roots) if is_floating(leaf.value)]
    memo_free: dict[int, Any] = {id(leaf.value): filled(leaf.value, seed) for seed, leaf in enumerate(arrays)}
    result = replay.run(memo_free)
    places = _places(result, spoken)
    numbers = [place for place in places if is_number(place.read(result))]
    changed = _changed(replay, result, arrays, memo_free)
    losses = sorted((place for place in numbers), key=lambda place: -loss_rank(place))
    loss, active = None, {}
    for place in losses[:8]:
        active = _active(replay, place, arrays, memo_free, float(np.asarray(place.read(result)).reshape(-1)[0]))
        if active:
            loss = place
            break
    outputs = _outputs(places, result, memo_free)
    if loss is None:
        active = {str(leaf): leaf for leaf in arrays}
    gradients = pair(active, outputs, _order(places))
    parameters, inputs = {}, {}
    for name in gradients:
        group = inputs if is_state(active[name], replay) else parameters
        group[name] = active[name]
    for name in [name for name in inputs if gradients[name].where == LOCAL]:  # dhnext is not offered as a result
        del inputs[name], gradients[name]
    without = [name for name in active if name not in gradients]
    return Roles(loss, gradients, parameters, inputs, without, active, changed)


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
    if array.size > 1 and (array > 0).all() and not np.ptp(array) == 0:
        numbers = np.abs(numbers) + 0.1
    return numbers.astype(array.dtype)


def _places(result: Result, spoken: Mapping[Path, str]) -> list[Place]:
    found = []
    known: dict[int, str] = {}
    for name, value in result.variables.items():
        if isinstance(value, np.ndarray | list | dict):
            known.setdefault(id(value), name)
    for leaf in leaves({"return": result.returned}):
        name = spoken.get(leaf.path[1:], "" if isinstance(leaf.path[-1], int) or len(leaf.path) == 1 else leaf.name)
        found.append(Place(RETURNED, leaf.path, name or known.get(id(leaf.value)) or leaf.name))
    objects = {name: value for name, value in result.variables.items() if name not in result.arguments}
    found += [Place(LOCAL, leaf.path, leaf.name) for leaf in leaves(objects)]
    found += [Place("after", leaf.path, leaf.name) for leaf in leaves({**result.names, **result.arguments})]
    return found


def returned_names(function: ast.FunctionDef) -> dict[Path, str]:
    """Return the names in the last return statement, by position: `(1,)` is the second of a tuple."""
    returns = [node for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
    if not returns:
        return {}
    value = max(returns, key=lambda node: node.lineno).value
    if isinstance(value, ast.Tuple | ast.List):
        return {(place,): _word(item) for place, item in enumerate(value.elts)}
    return {(): _word(value)}


def _word(node: ast.expr | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        inner = node.slice
        return inner.value if isinstance(inner, ast.Constant) and isinstance(inner.value, str) else _word(node.value)
    if isinstance(node, ast.Call | ast.BinOp):
        return next((_word(part) for part in ast.iter_child_nodes(node) if isinstance(part, ast.Name)), "")
    return node.id if isinstance(node, ast.Name) else ""


def loss_rank(place: Place) -> int:
    """Say how much a number looks like the loss: by its name, then by being returned, then by being first."""
    rank = {RETURNED: 20, LOCAL: 5, "after": 10}[place.where]
    if naming.LOSS.search(place.name):
        rank += 50
    if naming.NOT_LOSS.search(place.name):
        rank -= 40
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
            value = float(np.asarray(loss.read(replay.run({**values, id(leaf.value): moved}))).reshape(-1)[0])
        except Exception:  # noqa: BLE001 - an array that may not be moved is no parameter
            continue
        if value != at and not (np.isnan(value) and np.isnan(at)):
            found[str(leaf)] = leaf
    return found


def _outputs(places: Sequence[Place], result: Result, values: Mapping[int, np.ndarray]) -> list[tuple[Place, Any]]:
    """Return the floating arrays after the call that are not what it was given."""
    given = [value for value in values.values()]
    found = []
    for place in places:
        value = place.read(result)
        if not isinstance(value, np.ndarray | np.floating | float) or isinstance(value, bool):
            continue
        array = np.asarray(value)
        if array.dtype.kind != "f" or any(
            array.shape == g.shape and np.array_equal(array, g) for g in given if g.any()
        ):
            continue
        found.append((place, array))
    return found


def pair(
    active: Mapping[str, Leaf], outputs: Sequence[tuple[Place, Any]], order: Mapping[Path, int]
) -> dict[str, Place]:
    """Match arrays with their gradients: by name, by container, and by position among what is returned."""
    scored: list[tuple[int, str, Place]] = []
    for name, leaf in active.items():
        for place, array in outputs:
            if array.shape != leaf.value.shape and array.size != leaf.value.size:
                continue
            score = _likeness(leaf, place)
            if score:
                scored.append((score + 5 * (array.shape == leaf.value.shape) + _standing(place), name, place))
    found: dict[str, Place] = {}
    taken: set[tuple[str, Path]] = set()
    for _, name, place in sorted(scored, key=lambda trio: (-trio[0], trio[1])):
        if name not in found and (place.where, place.path) not in taken:
            found[name] = place
            taken.add((place.where, place.path))
    return found


def _standing(place: Place) -> int:
    return {RETURNED: 3, "after": 2, LOCAL: 1}[place.where]


def _likeness(leaf: Leaf, place: Place) -> int:
    """Say how much a result looks like the gradient of an array, by name alone: 0 not at all."""
    words = [str(step).lstrip(".") for step in place.path if not isinstance(step, int)]
    last, own = place.name or (words[-1] if words else ""), leaf.name
    containers = [word for word in words[:-1] or words if naming.CONTAINER.search(word)]
    by_name = naming.is_gradient_of(last, own)
    if by_name and not _other_layer(leaf, place):
        return 60 + 10 * by_name
    if containers and _same_end(leaf.path, place.path):
        return 75
    if (
        len(leaf.path) > 1
        and len(place.path) > 1
        and leaf.path[:-1] == place.path[:-1]
        and _is_twin_attribute(own, last)
    ):
        return 70
    if naming.plain(own) and naming.plain(own) == naming.plain(last) and containers:
        return 65
    # delta_w of layer w: the object's attribute and a local of its method
    return 0


def _other_layer(leaf: Leaf, place: Place) -> bool:
    """Tell whether two paths lead into different members of one container: layers[0] and layers[1]."""
    numbers = [[step for step in path if isinstance(step, int)] for path in (leaf.path, place.path[1:])]
    return bool(numbers[0]) and bool(numbers[1]) and numbers[0] != numbers[1]


def _same_end(one: Path, other: Path) -> bool:
    return len(one) > 1 and len(other) > 1 and one[-1] == other[-1]


def _is_twin_attribute(own: str, last: str) -> bool:
    values, gradients = (
        {"v", "value", "val", "data", "w", "x", "param"},
        {"d", "grad", "g", "diff", "dw", "gradient", "dv"},
    )
    return own.lower() in values and last.lower() in gradients


def _order(places: Iterable[Place]) -> dict[Path, int]:
    return {place.path: number for number, place in enumerate(places) if place.where == RETURNED}


def is_state(leaf: Leaf, replay: Replay) -> bool:
    """Tell whether an array is data rather than a parameter: an initial state, or an input."""
    return bool(naming.STATE.match(leaf.name)) or leaf.name in ("x", "X", "xs", "inputs", "inp")


def _changed(replay: Replay, result: Result, arrays: Sequence[Leaf], values: Mapping[int, np.ndarray]) -> set[str]:
    """Return the names of arrays that hold something else after the call."""
    after = {**result.names, **result.arguments}
    changed = set()
    for leaf in arrays:
        try:
            now = follow(after, leaf.path)
        except (LookupError, AttributeError, TypeError):
            continue
        if (
            isinstance(now, np.ndarray)
            and now.shape == leaf.value.shape
            and not np.array_equal(now, values[id(leaf.value)])
        ):
            changed.add(leaf.name)
    return changed
