"""What two functions return, understood: which argument a gradient belongs to, and what it is the gradient of."""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import TARGET, is_weight
from crosscheck.recognise.defaults import required
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.leaves import Leaf, leaves
from crosscheck.recognise.loss_samples import samples_of
from crosscheck.recognise.places import RETURNED, Place, returned_names
from crosscheck.recognise.replay import Replay, Result
from crosscheck.recognise.roles import is_number
from crosscheck.recognise.squashed import before_squash
from crosscheck.recognise.statements import root_variable, root_word
from crosscheck.recognise.value_pairs import DATA, PREDICTED, VALUES, ValuePair, words_of
from crosscheck.recognise.value_places import EachWeighed, Listed, Minus, OneOf, Rows, Weighed
from crosscheck.recognise.world import World
from crosscheck.source.walking import last_word, walk

EXACT = 1e-6


@dataclass(frozen=True)
class Reading:
    """A call of both functions, understood."""

    loss: Any
    gradients: Mapping[str, tuple[Leaf, Any]]
    """By argument: what the gradient belongs to, and where it is"""
    exact: frozenset[str]
    """Those that are derivatives of the loss"""
    squashed: Mapping[int, Callable[[Any], Any]] = field(default_factory=dict)
    """Predictions that are replaced by what makes them, and what that is (crosscheck.recognise.squashed)"""
    said: str = ""
    """Of these"""


def reading_of(world: World, entry: Entry, pair: ValuePair, nodes: Mapping[str, ast.FunctionDef]) -> Reading | None:
    """Return what a call of both means; None if no gradient has the shape of an argument. Raises what the call does."""
    result = Replay(world, entry).run({})
    loss = _loss(result, pair)
    if loss is None:
        return None
    parts = _parts(result.returned[1], nodes[pair.gradient])
    if not isinstance(loss, Rows) and (found := _by_order(entry, pair, result, nodes[pair.gradient])):
        replay = Replay(world, entry)
        right = {name for name, (leaf, place) in found.items() if _is_exact(replay, loss, leaf, place)}
        return _signed(world, replay, Reading(loss, found, frozenset(right)), pair)
    _with_arrays(entry, [part for part in parts if np.ndim(part.read(result)) == 0], pair)
    replay = Replay(world, entry)
    targets = {str(leaf): leaf for leaf in _differentiable(entry, pair)}
    is_rows = isinstance(loss, Rows)
    values = np.shape(loss.place.read(result)) if isinstance(loss, Rows) else ()
    found: dict[str, tuple[Leaf, Any]] = {}
    exact: set[str] = set()
    if not is_rows and (mirrored := _mirrored(parts, result, targets.values())):
        right = {name for name, (leaf, place) in mirrored.items() if _is_exact(replay, loss, leaf, place)}
        return _signed(world, replay, Reading(loss, mirrored, frozenset(right)), pair)
    for place in parts:
        shape = np.shape(place.read(result))
        if is_rows:
            if shape[: len(values)] != values or len(values) != 1 or values[0] in shape[1:]:
                return None  # of two axes of one length nothing tells which is that of the examples
            shared = [leaf for leaf in targets.values() if _fits(leaf, shape[1:])]
            itself = _by_each(replay, loss, place, shape, [leaf for n, leaf in targets.items() if n not in found])
            if itself and (itself[2] or not any(_is_exact(replay, loss, leaf, Weighed(place)) for leaf in shared)):
                leaf, place, right = itself
                found[str(leaf)] = leaf, place
                exact |= {str(leaf)} if right else set()
                continue
            shape, place = shape[1:], Weighed(place)
        fitting = [leaf for leaf in targets.values() if _fits(leaf, shape) and str(leaf) not in found]
        of = pair.of or (pair.moved if len(parts) == 1 and pair.moved in pair.shared else "")
        fitting = [leaf for leaf in fitting if leaf.path[0] == of] if of else fitting
        is_told = bool(of) or (not is_rows and _is_only(pair, targets.values()))
        if len(parts) == 1 and not is_told and _is_loss(pair.value.rpartition(".")[2], fitting):
            fitting = _without_truths(fitting, place, pair.gradient)
        named = [leaf for leaf in fitting if is_named(leaf, place)]
        among = {"is_named": bool(named), "is_only": len(targets) == 1, "is_told": is_told}
        chosen, right = _chosen(replay, loss, place, named or fitting, **among)
        if chosen is None:
            return None
        if not (right or named or of or chosen.path[0] == "self") and _has_weights(replay, loss, targets.values()):
            return None  # by their shape alone, gradients are those of what the object holds
        is_predicted = not right and _is_predicted(chosen, nodes[pair.value])
        if is_predicted and not _divides_by(nodes[pair.gradient], chosen.name):
            return _before_squash(replay, loss, chosen, place) if len(parts) == 1 else None
        found[str(chosen)] = chosen, place
        exact |= {str(chosen)} if right else set()
    if not found:
        return None
    return _signed(world, replay, Reading(loss, found, frozenset(exact)), pair)


def _is_only(pair: ValuePair, targets: Iterable[Leaf]) -> bool:
    """Tell whether functions are handed one array and hold nothing: `t` is what a number is differentiated by."""
    return "." not in pair.value and len(pair.arguments) == 1 and all(leaf.value.size > 1 for leaf in targets)


def _with_arrays(entry: Entry, single: Sequence[Any], pair: ValuePair) -> None:
    """Make arrays of the single numbers that have a gradient, in place."""
    for name in pair.shared:
        value = entry.arguments.get(name)
        if not isinstance(value, float | np.floating) or (naming.RATE.search(name) and name != pair.of):
            continue
        if name == pair.of or any(not place.names or is_named(Leaf((name,), value), place) for place in single):
            entry.arguments[name] = np.array(float(value))


def _loss(result: Result, pair: ValuePair) -> Any:
    """Return where the value is found, None if there is none."""
    value, path = result.returned[0], ("return", 0)
    if isinstance(value, tuple) and value:
        value, path = value[0], ("return", 0, 0)
    place = Place(RETURNED, path, pair.value, frozenset([pair.value]))
    if is_number(value):
        return place
    is_vector = isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind == "f"
    return Rows(place) if is_vector else None


def _by_order(entry: Entry, pair: ValuePair, result: Result, node: ast.FunctionDef) -> dict[str, tuple[Leaf, Any]]:
    """Return the numbers of a gradient by arguments that are single numbers, of `f(x, y)`; nothing if it is none such.

    The arguments become arrays, in place.
    """
    names = [what for name in required(node) if isinstance(what := pair.given[1].get(name), str)]
    values, gradient = [entry.arguments.get(name) for name in names], result.returned[1]
    if not (are_numbers_by_order(node) and all(map(is_number, values)) and np.shape(gradient) == (len(names),)):
        return {}
    for name, value in zip(names, values, strict=True):
        entry.arguments[name] = np.array(float(value))  # pyright: ignore[reportArgumentType] - it is a number
    place = Place(RETURNED, ("return", 1), node.name, frozenset([node.name]))
    leaves_ = [Leaf((name,), entry.arguments[name]) for name in names]
    return {str(leaf): (leaf, OneOf(place, index)) for index, leaf in enumerate(leaves_)}


def are_numbers_by_order(node: ast.FunctionDef) -> bool:
    r"""Tell whether a function returns as many numbers as it must be handed, in a list: the partial derivatives.

    Its arguments are used as numbers: none is looked into, gone through or multiplied as a matrix.

    >>> tell = lambda code: are_numbers_by_order(ast.parse(code).body[0])
    >>> tell("def grad(x, y): return np.array([2 * x, 2 * y])"), tell("def grad(x, y):\n  return 2 * x, y")
    (True, True)
    >>> tell("def grad(x, y): return np.array([x.sum(), y])"), tell("def grad(p): return [p[0], p[1]]")
    (False, False)
    """
    wanted = set(required(node))
    returned = [part.value for part in walk(node) if isinstance(part, ast.Return)]
    match returned:
        case [ast.Call(args=[ast.List() | ast.Tuple() as inner, *_])] | [ast.List() | ast.Tuple() as inner]:
            many = len(inner.elts)
        case _:
            return False
    looked_into = {root_variable(inner) for part in walk(node) for inner in _looked_into(part)}
    return many == len(wanted) > 1 and not wanted & looked_into


def _looked_into(node: ast.AST) -> list[ast.expr]:
    """Return what a node takes for an array or a list: it asks for a part, goes through it, or sums it up."""
    match node:
        case ast.Subscript(value=whole) | ast.Attribute(value=whole):
            return [whole]
        case ast.BinOp(op=ast.MatMult()):
            return [node.left, node.right]
        case ast.For() | ast.comprehension():
            return [node.iter]
        case ast.Call() if root_word(node.func) in OF_ARRAYS:
            return node.args
    return []


OF_ARRAYS = frozenset(["dot", "matmul", "sum", "mean", "len", "zip", "inner", "outer", "transpose"])


def _parts(gradient: Any, node: ast.FunctionDef) -> list[Any]:
    """Return where the gradients are that a function returns, with what they are called."""
    spoken = returned_names(node)
    found = []
    if isinstance(gradient, list) and len(gradient) > 1 and all(map(is_number, gradient)):
        return [Listed(Place(RETURNED, ("return", 1), node.name, spoken.get((), frozenset())))]
    for leaf in leaves({"return": gradient}):
        path = leaf.path[1:]
        names = set(spoken.get(path, ())) | {str(step).lstrip(".") for step in path[-1:] if isinstance(step, str)}
        if isinstance(leaf.value, float | np.floating | np.ndarray) and np.asarray(leaf.value).dtype.kind == "f":
            name = min(names, default=node.name)
            found.append(Place(RETURNED, ("return", 1, *path), name, frozenset(names)))
    return found


def _differentiable(entry: Entry, pair: ValuePair) -> list[Leaf]:
    """Return the arrays that both functions are handed, or their object holds."""
    roots = {name: value for name, value in entry.arguments.items() if name in pair.shared or name == "self"}
    return [
        leaf
        for leaf in leaves(roots)
        if isinstance(leaf.value, np.ndarray) and leaf.value.dtype.kind == "f" and leaf.value.size
    ]


def _fits(leaf: Leaf, shape: Sequence[int]) -> bool:
    return [size for size in leaf.value.shape if size > 1] == [size for size in shape if size > 1]


def _by_each(
    replay: Replay, loss: Rows, place: Any, shape: Sequence[int], targets: Sequence[Leaf]
) -> tuple[Leaf, EachWeighed, bool] | None:
    """Return the argument whose rows have a value and a gradient each, its gradient, and whether that is right.

    Where it is not right, the gradients of many examples may as well be those of what these share.
    """
    each = EachWeighed(place)
    alike = [leaf for leaf in targets if leaf.value.shape == tuple(shape) and leaf.path[0] != "self"]
    right = next((leaf for leaf in alike if _is_exact(replay, loss, leaf, each)), None)
    if right is not None:
        return right, each, True
    handed = [leaf for leaf in targets if leaf.path[0] != "self" and len(shape) > 1]
    return (handed[0], each, False) if handed == alike and len(alike) == 1 else None


def _mirrored(parts: Sequence[Place], result: Result, targets: Iterable[Leaf]) -> dict[str, tuple[Leaf, Any]]:
    """Return the gradients that lie in their container as the arrays lie in one argument, if all of them do."""
    held: dict[str | int, dict[Any, Leaf]] = {}
    for leaf in targets:
        held.setdefault(leaf.path[0], {})[leaf.path[1:]] = leaf
    for arrays in held.values():
        ways = {place.path[2:]: place for place in parts}
        is_alike = len(ways) > 1 and ways.keys() <= arrays.keys()
        if is_alike and all(_fits(arrays[path], np.shape(place.read(result))) for path, place in ways.items()):
            return {str(arrays[path]): (arrays[path], place) for path, place in ways.items()}
    return {}


def is_named(leaf: Leaf, place: Any) -> bool:
    """Tell whether a gradient is called after an array, or is found under its name."""
    return any(
        naming.is_gradient_of(name, leaf.name) or naming.plain(name) == naming.plain(leaf.name) for name in place.names
    )


def _chosen(
    replay: Replay, loss: Any, place: Any, fitting: Sequence[Leaf], *, is_named: bool, is_only: bool, is_told: bool
) -> tuple[Leaf | None, bool]:
    """Return what a gradient belongs to, and whether it is right; None where that is not plain.

    It is plain where the gradient's own name has told which it is.
    """
    active = [leaf for leaf in fitting if _moves(replay, loss, leaf)]
    for leaf in active:
        if _is_exact(replay, loss, leaf, place):
            return leaf, True
    if is_told:
        return (active[0] if active else None), False
    kept = [leaf for leaf in active if is_named and leaf.path[0] == "self"]  # parameters, whatever they are called
    likely = kept or [leaf for leaf in active if not (DATA.match(leaf.name) or is_truth(leaf.name))]
    likely = [leaf for leaf in active if not is_truth(leaf.name)] if is_only else likely
    if is_named or len(likely) == 1:
        return (likely[0] if likely else None), False
    return None, False


def _has_weights(replay: Replay, loss: Any, targets: Iterable[Leaf]) -> bool:
    """Tell whether a loss depends on arrays that the object of both functions holds."""
    held = (leaf for leaf in targets if leaf.path[0] == "self")
    weights = (leaf for leaf in held if is_weight(leaf.name) or is_weight(str(leaf.path[1])))
    return any(_moves(replay, loss, leaf) for leaf in weights)


def _is_predicted(leaf: Leaf, node: ast.FunctionDef) -> bool:
    """Tell whether a gradient may be that of what an output was made of: before a softmax, of probabilities."""
    return bool(PREDICTED.search(leaf.name)) and "log" in ast.unparse(node)


def is_truth(name: str) -> bool:
    """Tell whether an argument is what predictions are held against, by its name."""
    return bool(TARGET.match(name) or naming.TRUTH.match(name))


def _divides_by(node: ast.FunctionDef, name: str) -> bool:
    r"""Tell whether a gradient is divided by predictions, as only that of their logarithm is, cut off perhaps.

    >>> source = "def f(p, y):\n  q = np.clip(p, 0.1, 0.9)\n  return (q - y) / (q * (1 - q))"
    >>> _divides_by(ast.parse(source).body[0], "p")
    True
    >>> _divides_by(ast.parse("def f(p, y): return (p - y) / len(p)").body[0], "p")
    False
    """

    def speaks(part: ast.AST) -> bool:
        return any(isinstance(inner, ast.Name) and inner.id in names for inner in walk(part))

    names = {name}
    for part in (part for part in walk(node) if isinstance(part, ast.Assign) and speaks(part.value)):
        names |= {target.id for target in part.targets if isinstance(target, ast.Name)}
    divided = (part.right for part in walk(node) if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div))
    texts = [ast.unparse(below) for below in divided if speaks(below)]
    return not all(".shape" in text or ".size" in text or "len(" in text or "np.size(" in text for text in texts)


def _is_loss(function: str, fitting: Sequence[Leaf]) -> bool:
    """Tell whether a function is a loss, by its name or by what it is handed: predictions beside what is true."""
    is_told = bool(naming.LOSS_FUNCTION.search(function)) or bool(set(words_of(function)) & VALUES)
    return is_told or any(PREDICTED.search(leaf.name) and not is_truth(leaf.name) for leaf in fitting)


def _without_truths(fitting: Sequence[Leaf], place: Any, gradient: str) -> list[Leaf]:
    """Leave out what predictions are held against, unless a gradient is called after it, as `df_dy` of `f(x, y)` is."""
    last = gradient.rpartition("_")[2]
    return [
        leaf
        for leaf in fitting
        if is_named(leaf, place) or not is_truth(leaf.name) or last in (leaf.name, f"d{leaf.name}")
    ]


def _before_squash(replay: Replay, loss: Any, leaf: Leaf, place: Any) -> Reading | None:
    """Return the reading of a gradient that is right by what its predictions are made of; None if it is not."""
    said = before_squash(replay, leaf.value, lambda: _is_exact(replay, loss, leaf, place))
    name = str(leaf)
    return Reading(loss, {name: (leaf, place)}, frozenset([name]), replay.squashed, said) if said else None


def _moves(replay: Replay, loss: Any, leaf: Leaf) -> bool:
    """Tell whether a value depends on an array."""
    uneven = 0.05 + 0.01 * (np.arange(leaf.value.size) % 7).reshape(leaf.value.shape)  # no softmax tells an even shift
    moved = leaf.value + uneven + 0.1 * np.abs(leaf.value)
    at = loss.read(replay.run({}))
    return bool(np.any(np.asarray(loss.read(replay.run({id(leaf.value): moved}))) != np.asarray(at)))


def _is_exact(replay: Replay, loss: Any, leaf: Leaf, place: Any, sign: int = 1) -> bool:
    """Tell whether a gradient is the derivative of a value in some random states."""
    try:
        with np.errstate(all="ignore"):
            for sample in samples_of(replay, {"it": leaf}, {"it": place}):
                slope, claimed = sample.slope(loss, "it"), sign * sample.claimed["it"]
                if not abs(slope - claimed) <= EXACT * max(abs(slope), 1e-3):
                    return False
    except Exception:  # noqa: BLE001 - theirs: not every number may stand everywhere
        return False
    return True


def _signed(world: World, replay: Replay, reading: Reading, pair: ValuePair) -> Reading:
    """Return a reading with minus the value, where that is what the gradients are of, and what the file drives down.

    That is so where the value is to be large, and where the file adds the gradients to the parameters. A function
    called after a likelihood that returns numbers above zero returns minus its logarithm.
    """
    if reading.exact:
        return reading
    is_maximised = bool(naming.MAXIMISED.match(pair.value.rpartition(".")[2]))
    is_added = is_added_to_parameters(world.document.tree, pair.gradient.rpartition(".")[2])
    if is_maximised and (pair.literal or is_added):
        is_minus = is_added and np.all(np.asarray(reading.loss.read(replay.run({}))) > 0)
    else:
        is_minus = is_maximised or is_added
    if not is_minus:
        return reading
    right = {n for n, (leaf, place) in reading.gradients.items() if _is_exact(replay, reading.loss, leaf, place, -1)}
    return replace(reading, loss=Minus(reading.loss), exact=frozenset(right)) if right else reading


def is_added_to_parameters(tree: ast.Module, gradient: str) -> bool:
    """Tell whether what a function returns is added to something, by a name it was given perhaps.

    >>> is_added_to_parameters(ast.parse("g = f(w); w = w + 0.1 * g"), "f")
    True
    >>> is_added_to_parameters(ast.parse("w -= 0.1 * f(w)"), "f")
    False
    """

    def calls(node: ast.AST) -> bool:
        return any(isinstance(n, ast.Call) and last_word(n.func) == gradient for n in walk(node))

    given = {
        n.id
        for statement in walk(tree)
        if isinstance(statement, ast.Assign) and calls(statement.value)
        for target in statement.targets
        for n in walk(target)
        if isinstance(n, ast.Name)
    }

    def is_step(node: ast.expr) -> bool:
        is_negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
        return not is_negative and (calls(node) or any(isinstance(n, ast.Name) and n.id in given for n in walk(node)))

    signs = set()
    for node in walk(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub) and is_step(node.value):
            signs.add(isinstance(node.op, ast.Add))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
            step = node.value
            moves = ast.unparse(step.left) == ast.unparse(node.targets[0]) and is_step(step.right)
            if moves and isinstance(step.op, ast.Add | ast.Sub):
                signs.add(isinstance(step.op, ast.Add))
    return signs == {True}
