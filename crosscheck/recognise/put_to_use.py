"""Files of optimisers alone: each is put to use in a training that is made up, so that its steps are judged.

The training is of a linear model, whose gradients are right: what its turns make of them is the optimiser's. How one
is called is tried out, with arrays, lists and dictionaries of parameters, until all of these move.
"""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.defaults import required
from crosscheck.recognise.findings import Skipped
from crosscheck.recognise.statements import returned_parts
from crosscheck.recognise.training_loops import RATE, UPDATING
from crosscheck.recognise.unused import MOMENTUM, read_of
from crosscheck.recognise.world import World

Nodes = Mapping[str, ast.FunctionDef]

RULES = re.compile(
    r"optim|sgd|momentum|nesterov|^nag$|adam|adagrad|adadelta|adamax|rms_?prop|amsgrad|descent|^gd$|lion$",
    re.IGNORECASE,
)
"""What optimisers are called"""
TAKES_STEP = re.compile(
    r"^(?:__call__|next|step|apply|minimi[sz]e|call|calc\w*|get_?update\w*|compute\w*)$", re.IGNORECASE
)
PARAMETERS = re.compile(
    r"^(?:params?|parameters|w|ws|weights?|theta|x|xs|var\w*|values?|shape|model_?params)$", re.IGNORECASE
)
COUNTER = re.compile(r"^(?:t|step|steps|it|iter\w*|epoch|turn|k|n_iter)$", re.IGNORECASE)
SHARE = re.compile(r"beta|rho|gamma|^mu$|momentum|decay", re.IGNORECASE)
GUARD = re.compile(r"eps", re.IGNORECASE)
RATED, SHARED, GUARDED = 0.1, 0.9, 1e-8
"""Numbers in the place of those that a caller would choose"""
MOST = 12
"""Optimisers of one file that are looked at"""


class Way(NamedTuple):
    """One way to hold parameters and gradients in a training."""

    begins: str
    """Makes the parameters"""
    prediction: str
    gradients: str
    """Computes the gradients, of the errors `e`"""
    held: str
    """What an optimiser is handed: the parameters"""
    gone: str
    """And their gradients"""
    parameters: tuple[str, ...]


WEIGHTS, BIAS = "np.random.randn(8, 3)", "np.random.randn(3)"
ARRAY = Way(f"w = {WEIGHTS}", "x @ w", "dw = x.T @ e", "w", "dw", ("w",))
HELD = tuple(
    Way(
        f"params = {begins}{WEIGHTS}, {middle}{BIAS}{ends}",
        f"x @ params[{one}] + params[{other}]",
        f"grads = {begins}x.T @ e, {middle}e.sum(0){ends}",
        "params",
        "grads",
        (f"params[{one}]", f"params[{other}]"),
    )
    for begins, middle, ends, one, other in (("{'W': ", "'b': ", "}", "'W'", "'b'"), ("[", "", "]", "0", "1"))
)
"""Dictionaries and lists come first: a loop over parameters runs over the rows of an array as well"""
TRAINING = """
def {name}():
    import numpy as np
    np.random.seed(5)
    x, y = np.random.randn(9, 8), np.random.randn(9, 3)
    {begins}
    {made}
    for turn in range(1, 4):
        e = {prediction} - y
        loss = 0.5 * np.sum(e ** 2)
        {gradients}
        {step}
{name}()
"""


class Used(NamedTuple):
    """The optimisers of a file that were put to use, by name, and those that take no step."""

    trainings: dict[str, str]
    skipped: list[Skipped]


def put_to_use(world: World, nodes: Nodes) -> Used:
    """Return a training for each optimiser of an executed file."""
    used = Used({}, [])
    for name in [name for name in nodes if is_optimiser(name, nodes, world)][:MOST]:
        node = nodes[name]
        text = next(_trainings(name, node, world), None)
        if text is None:
            used.skipped.append(Skipped(name, NO_STEP, node.lineno))
        else:
            used.trainings[name] = text
    return used


NO_STEP = "nothing in the file calls it, and it takes no step as it was called"


def is_optimiser(name: str, nodes: Nodes, world: World) -> bool:
    """Tell whether a function is handed gradients and is called after a rule, or its class is."""
    node, (owner, _, word) = nodes.get(name), name.rpartition(".")
    if node is None or naming.UPHILL.search(name) or not callable(world.names.get(owner or word)):
        return False
    gradients = [argument for argument in required(node) if naming.is_gradient_argument(argument)]
    does_more = not all(isinstance(part, ast.Raise | ast.Pass | ast.Expr) for part in node.body)
    is_rule = RULES.search(word) or UPDATING.search(word) or (RULES.search(owner) and TAKES_STEP.match(word))
    return does_more and bool(is_rule) and (len(gradients) == 1 or _layer(node) is not None)


def _trainings(name: str, node: ast.FunctionDef, world: World) -> Iterator[str]:
    """Yield the trainings in which an optimiser takes steps, as they are written."""
    owner, _, word = name.rpartition(".")
    called = f"training_with_{owner or word}"
    layer = _layer(node)
    for way in (*HELD, ARRAY) if layer is None else (layer,):
        made = _made(world.names[owner], way) if owner else ""
        call = _call(node, f"rule.{word}" if owner else word, way)
        if made is None or call is None:
            continue
        states = [name for name in _states(node) if f"{name}=" in call]
        begins = "; ".join([way.begins, *(f"{name} = None" for name in states)])
        for step in _steps(node, call, way, states, has_rate=str(RATED) in made + call):
            lines = {"begins": begins, "made": made, "prediction": way.prediction, "gradients": way.gradients}
            text = TRAINING.format(name=called, step=step, **lines)
            if _moves(text, called, way, world, is_returned=step[:4] in ("w -=", "w +=")):
                yield text


def _layer(node: ast.FunctionDef) -> Way | None:
    """Return the way of an optimiser that is handed a layer, and reads a matrix, a bias and their gradients of it."""
    if len(required(node)) != 1:
        return None
    (argument,) = required(node)
    own = sorted(read_of(node, argument))
    pairs = [(name, other) for name in own for other in own if naming.is_gradient_of(other, name) == naming.PLAINLY]
    pairs.sort(key=lambda pair: pair[0].startswith("b"))
    if len(pairs) != 2 or not pairs[1][0].startswith("b"):
        return None
    (one, gone), (other, also) = pairs
    return Way(
        f"layer = type('Layer', (), {{'__module__': '__main__'}})(); layer.{one}, layer.{other} = {WEIGHTS}, {BIAS}",
        f"x @ layer.{one} + layer.{other}",
        f"layer.{gone}, layer.{also} = x.T @ e, e.sum(0)",
        "layer",
        "layer",
        (f"layer.{one}", f"layer.{other}"),
    )


def _made(maker: Any, way: Way) -> str | None:
    """Return how an object is made that a caller would make; None if it wants something unknown."""
    given = []
    for parameter in inspect.signature(maker).parameters.values():
        is_idle = parameter.default == 0 and parameter.name in MOMENTUM
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.default is not parameter.empty and not is_idle:
            continue
        value = _number(parameter.name)
        if value is None and PARAMETERS.match(parameter.name):
            value = f"{way.held}.shape" if parameter.name == "shape" else way.held
        if value is None:
            return None
        given.append(f"{parameter.name}={value}")
    return f"rule = {maker.__name__}({', '.join(given)})"


def _call(node: ast.FunctionDef, function: str, way: Way) -> str | None:
    """Return the call of an optimiser in a turn; None if it wants something unknown."""
    given = []
    for argument in required(node):
        number = _number(argument)
        if naming.is_gradient_argument(argument):
            given.append(way.gone)
        elif COUNTER.match(argument):
            given.append("turn")
        elif number is not None:
            given.append(number)
        elif way.held not in given:
            given.append(way.held)
        else:
            return None
    given += [f"{name}={name}" for name in _states(node)]
    return f"{function}({', '.join(given)})"


def _states(node: ast.FunctionDef) -> list[str]:
    """Return the arguments that may be left out and are returned again: `def adam(w, dw, config=None)`."""
    returned = {part.id for _, part in returned_parts(node) if isinstance(part, ast.Name)}
    own = [argument.arg for argument in node.args.args if argument.arg not in required(node)]
    return [name for name in own if name in returned]


def _number(name: str) -> str | None:
    if SHARE.search(name):
        return str(SHARED)
    if GUARD.search(name):
        return str(GUARDED)
    return str(RATED) if RATE.search(name) else None


def _steps(node: ast.FunctionDef, call: str, way: Way, states: list[str], *, has_rate: bool) -> Iterator[str]:
    """Yield how a turn may use an optimiser: it moves the parameters, or returns them, or their steps."""
    places = {path[0]: part for path, part in returned_parts(node) if len(path) == 1}
    if way.held not in re.split(r"[(), ]+", call):
        rate = "" if has_rate else f"{RATED} * "
        yield from (f"w -= {rate}{call}", f"w += {rate}{call}") if way is ARRAY else ()
        return
    if places:
        known = [part.id if isinstance(part, ast.Name) else "" for _, part in sorted(places.items())]
        handed = [argument for argument in required(node) if not naming.is_gradient_argument(argument)]
        own = next((place for place, word in enumerate(known) if word in handed), 0)
        targets = [way.held if place == own else word if word in states else "_" for place, word in enumerate(known)]
        yield f"{', '.join(targets)} = {call}"
    yield f"{way.held} = {call}"
    yield call


def _moves(text: str, called: str, way: Way, world: World, *, is_returned: bool) -> bool:
    """Tell whether a training runs and every turn moves all parameters; by steps that are returned, down at first."""
    tree = ast.parse(text)
    look = ast.parse(f"seen.append([np.array(part) for part in ({', '.join(way.parameters)},)])").body[0]
    (loop,) = (part for part in ast.walk(tree) if isinstance(part, ast.For))
    loop.body = [look, *loop.body, look, ast.parse(f"gone.append({way.gone})").body[0]]
    names: dict[str, Any] = {**world.names, "seen": (seen := []), "gone": (gone := [])}
    try:
        with np.errstate(all="ignore"):
            exec(compile(ast.fix_missing_locations(tree), called, "exec"), names)  # noqa: S102 - as all of the file is
    except Exception:  # noqa: BLE001 - theirs: it is called in another way
        return False
    pairs = [both for turn in zip(seen[::2], seen[1::2], strict=True) for both in zip(*turn, strict=True)]
    if not all(map(_is_moved, pairs)):
        return False
    return not is_returned or bool(np.sum((pairs[0][1] - pairs[0][0]) * gone[0]) < 0)


def _is_moved(pair: tuple[np.ndarray, np.ndarray]) -> bool:
    before, after = pair
    is_one = before.shape == after.shape and after.dtype.kind == "f"
    return is_one and bool(np.isfinite(after).all() and (before != after).all())
