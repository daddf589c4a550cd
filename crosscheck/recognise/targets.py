"""Which functions that nothing calls are to be called, and which may be their forward passes."""

import ast
import builtins
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from crosscheck.recognise import naming
from crosscheck.recognise.annotated import annotations
from crosscheck.recognise.argument_names import TARGET
from crosscheck.recognise.backward_passes import (
    DESCENT,
    NO_BACKWARD,
    assembles,
    goes_back_from_targets,
    has_backward,
    looks_like_backward,
    only_collects,
    reached,
    words_called,
)
from crosscheck.recognise.defaults import required
from crosscheck.recognise.elementwise import DERIVES
from crosscheck.recognise.learning import steps_by_errors
from crosscheck.recognise.moving import moves_weights
from crosscheck.recognise.objects import is_stub
from crosscheck.recognise.places import returned_names
from crosscheck.recognise.preparing import attributes
from crosscheck.recognise.replay import resolve
from crosscheck.recognise.rewarded import goes_by_rewards
from crosscheck.recognise.statements import goes_back_in_time, root_word
from crosscheck.recognise.steps_of_turns import is_update
from crosscheck.recognise.world import World
from crosscheck.source.torch_words import uses_arrays_alone
from crosscheck.source.walking import walked

FUNCTION = re.compile(r"(?:call|f|fn|func(?:tion)?|forward|activat(?:e|ion)|apply|compute|eval(?:uate)?|value|loss)$")
"""What a method is called of which another is the derivative"""
CHECKS = re.compile(
    rf"compare|verif|check|test|numeric|debug|demo|^main$|evaluat|sample|optimi|{naming.UPDATE}", re.IGNORECASE
)
"""Functions that call a backward pass without being one"""

DRIVERS = re.compile(r"compare|verif|check|test|numeric|approx|debug|demo|^main$|evaluat|sample|zero", re.IGNORECASE)
"""Functions that train nothing, though they may go through a loop with gradients"""


def targets(tree: ast.Module, nodes: Mapping[str, ast.FunctionDef], world: World) -> list[str]:
    """Return the functions to be called, those that call others of them first."""
    words = words_called(tree)
    called = {name for name in nodes if name.rpartition(".")[2] in words}
    counts = Counter(name.rpartition(".")[2] for name in nodes)
    several = {
        name for name in nodes if counts[name.rpartition(".")[2]] > 1
    }  # of these one is called, and who knows which
    found = [
        name
        for name, node in nodes.items()
        if is_defined(world, name)
        and (not CHECKS.search(node.name) or goes_back_from_targets(node) or goes_by_rewards(node))
        and not (is_stub(node) or only_collects(node) or _is_of_base(name, nodes))
        and (
            looks_like_backward(node)
            or _is_backward(name, nodes)
            or _trains(node)
            or goes_by_rewards(node)
            or ((name not in called or name in several) and is_derivative(name, nodes))
        )
    ]
    reach = {name: reached(tree, [nodes[name]]) | _classes(tree, name) for name in found}

    def depth(name: str) -> int:
        word, owner = name.rpartition(".")[2], name.rpartition(".")[0]
        return sum((owner or word) in reach[other] for other in found if other.rpartition(".")[0] != owner or not owner)

    return sorted(found, key=lambda name: (not goes_through(nodes[name]), depth(name), -len(reach[name])))


def _is_of_base(name: str, nodes: Mapping[str, ast.FunctionDef]) -> bool:
    """Tell whether a method hands back what it is handed in a class that goes forward to nothing: a base of others."""
    node, owner = nodes[name], name.rpartition(".")[0]
    only = node.body[-1] if len(node.body) == 1 else None
    if not owner or not isinstance(only, ast.Return) or not isinstance(only.value, ast.Name):
        return False
    ways = [
        other for key, other in nodes.items() if key.rpartition(".")[0] == owner and naming.FORWARD.search(other.name)
    ]
    returned = (part for way in ways for part in walked(way) if isinstance(part, ast.Return) and part.value is not None)
    return only.value.id in {argument.arg for argument in node.args.args} and bool(ways) and not any(returned)


def goes_through(node: ast.FunctionDef) -> bool:
    """Tell whether a method has a loop in which others are called by its own name: a network's, of its layers."""
    loops = [part for part in walked(node) if isinstance(part, ast.For)]
    calls = (part for loop in loops for part in walked(loop) if isinstance(part, ast.Call))
    names = (call.func for call in calls if isinstance(call.func, ast.Attribute))
    return any(name.attr == node.name and ast.unparse(name.value) != "self" for name in names)


def trainings(nodes: Mapping[str, ast.FunctionDef], world: World) -> list[str]:
    """Return the functions that train something in a loop, and that nothing called."""
    return [
        name
        for name, node in nodes.items()
        if is_defined(world, name) and (learns(node) or learns_by_calls(name, nodes)) and not is_called(world, name)
    ]


def learns_by_calls(name: str, nodes: Mapping[str, ast.FunctionDef]) -> bool:
    r"""Tell whether every turn of a method's loop calls a method of its own that makes one step by its errors.

    >>> step = "def tune(self, x, y):\n  off = y - x @ self.w\n  self.w += 0.1 * off * x\n"
    >>> fit = "def fit(self, X, Y):\n  for x, y in zip(X, Y):\n    self.tune(x, y)"
    >>> both = {f"Line.{node.name}": node for node in ast.parse(step + fit).body}
    >>> learns_by_calls("Line.fit", both), learns_by_calls("Line.tune", both)
    (True, False)
    """
    owner, _, word = name.rpartition(".")
    own = {key.rpartition(".")[2]: node for key, node in nodes.items() if owner and key.rpartition(".")[0] == owner}
    called = {
        call.func.attr
        for loop in _loops(nodes[name])
        for call in walked(loop)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and root_word(call.func.value) == "self"
    }
    return not DRIVERS.search(word) and any(steps_by_errors(own[one]) for one in called & own.keys())


def _classes(tree: ast.Module, name: str) -> set[str]:
    """Return the names that the class of a method uses, where other classes are among them."""
    owner = name.rpartition(".")[0]
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == owner:
            return {inner.id for inner in walked(node) if isinstance(inner, ast.Name)}
    return set()


def _is_backward(name: str, nodes: Mapping[str, ast.FunctionDef]) -> bool:
    """Tell whether a function is called like a backward pass and is handed a gradient, or is a layer's or a model's.

    Or is handed targets and returns several things.
    """
    node = nodes[name]
    if not naming.BACKWARD.search(node.name) or NO_BACKWARD.search(node.name):
        return False
    handed = [argument.arg for argument in node.args.args]
    returns = (part.value for part in walked(node) if isinstance(part, ast.Return))
    if any(map(naming.is_gradient_argument, handed)):
        return True
    if "." in name:
        return forwards(name, nodes) != [None]
    return any(map(TARGET.match, handed)) and any(isinstance(value, ast.Tuple | ast.Dict) for value in returns)


def _trains(node: ast.FunctionDef) -> bool:
    """Tell whether a function computes several gradients, whatever it is called."""
    if not has_backward(node) or (NO_BACKWARD.search(node.name) and not goes_back_from_targets(node)):
        return False
    if moves_weights(node) or assembles(node):
        return True
    stores = (n for n in walked(node) if isinstance(n, ast.Name | ast.Attribute) and isinstance(n.ctx, ast.Store))
    written = {n.id if isinstance(n, ast.Name) else n.attr for n in stores}
    is_loss = bool(naming.LOSS.search(node.name)) or node.name in ("train", "fit", "step", "train_step", "fit_one")
    if _returns_gradients(node):
        return True
    is_loss = is_loss or _returns_by_names(node)
    found = {name for name in written if naming.BEGINS_LIKE_GRADIENT.match(name) or naming.NUMBERED.match(name)}
    return len(found) >= (1 if is_loss else 2)


def returns_both(node: ast.FunctionDef) -> bool:
    r"""Tell whether a function is called like a loss and returns several results, a gradient that it computes perhaps.

    >>> returns_both(ast.parse("def nll(p, y):\n  dp = p - y\n  return p.sum(), dp").body[0])
    True
    """
    returns = [part.value for part in walked(node) if isinstance(part, ast.Return)]
    stores = (n.id for n in walked(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    is_loss = bool(naming.LOSS.search(node.name)) and any(isinstance(value, ast.Tuple) for value in returns)
    return is_loss and any(map(naming.BEGINS_LIKE_GRADIENT.match, stores))


def _returns_gradients(node: ast.FunctionDef) -> bool:
    """Tell whether a function returns something first, and then what is called a gradient of its arguments."""
    arguments = {argument.arg for argument in node.args.args}
    returned = returned_names(node)
    words = {word for path, names in returned.items() if len(path) == 1 and path != (0,) for word in names}
    return any(set(naming.cores(word)) & arguments for word in words)


def learns(node: ast.FunctionDef) -> bool:
    """Tell whether a function moves weights in a loop, or computes gradients there: it trains, by whatever name."""
    if hands_out(node):
        return False
    called = (name for loop in _loops(node) for name in words_called(loop) if naming.BACKWARD.search(name))
    return not DRIVERS.search(node.name) and (moves_in_loop(node) or any(not DRIVERS.search(name) for name in called))


def goes_back_in_turns(node: ast.FunctionDef) -> bool:
    r"""Tell whether a function calls a backward pass in its loops, and is none itself by its name.

    >>> code = "def {}(self, X, Y):\n  for x, y in zip(X, Y):\n    self.backward(self.forward(x) - y)"
    >>> [goes_back_in_turns(ast.parse(code.format(name)).body[0]) for name in ("train", "backward")]
    [True, False]
    """
    called = (name for loop in _loops(node) for name in words_called(loop))
    return not naming.BACKWARD.search(node.name) and any(map(naming.BACKWARD.search, called))


def hands_on(node: ast.FunctionDef) -> bool:
    r"""Tell whether a network does nothing but hand a gradient on from its last layer to its first.

    >>> hands_on(ast.parse("def backward(self, d):\n  for u in reversed(self.units):\n    d = u.backward(d)").body[0])
    True
    >>> hands_on(ast.parse("def backward(self, d):\n  for u in self.units:\n    d = u.backward(d)").body[0])
    False
    """
    loops = [part for part in walked(node) if isinstance(part, ast.For)]
    return all(_goes_back(loop.iter) and all(map(_is_handing_on, loop.body)) for loop in loops)


def _goes_back(source: ast.expr) -> bool:
    """Tell whether a loop goes through all of a list, from its end to its beginning."""
    match source:
        case ast.Call(func=ast.Name(id="reversed"), args=[ast.Name() | ast.Attribute()]):
            return True
        case ast.Subscript(value=ast.Name() | ast.Attribute(), slice=ast.Slice(lower=None, upper=None)):
            return ast.unparse(source).endswith("[::-1]")
        case ast.Call(func=ast.Name(id="range")):
            return ast.unparse(source).replace(" ", "").endswith(")-1,-1,-1)")
        case _:
            return False


def _is_handing_on(statement: ast.stmt) -> bool:
    """Tell whether a statement only hands on what a call returns: `d = layer.backward(d)`, one way or another."""
    if isinstance(statement, ast.If):
        return all(map(_is_handing_on, [*statement.body, *statement.orelse]))
    if isinstance(statement, ast.Expr | ast.Pass):
        return True
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
        return False
    (target, *_), call = statement.targets, statement.value
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return isinstance(target, ast.Name) and ast.unparse(target) in map(ast.unparse, given)


GATHERS = {"append", "extend", "items", "values", "keys", "update", "get", "copy", "format"}
"""Methods of containers that compute nothing"""


def hands_out(node: ast.FunctionDef) -> bool:
    """Tell whether a method only gathers what objects hold: it computes nothing, and hands none of them anything.

    >>> hands_out(ast.parse("def grads(self): return [u.grads() for u in self.units]").body[0])
    True
    >>> hands_out(ast.parse("def grads(self, d): return [u.grads(d) for u in self.units]").body[0])
    False
    """
    parts = list(walked(node))
    calls = [part for part in parts if isinstance(part, ast.Call)]
    words = [(part, getattr(part.func, "attr", getattr(part.func, "id", ""))) for part in calls]
    plain = GATHERS | set(dir(builtins))
    is_told = any(isinstance(part, ast.Yield | ast.YieldFrom) for part in parts)
    is_told = is_told or any(isinstance(part, ast.Return) and part.value is not None for part in parts)
    sums = (part.op for part in parts if isinstance(part, ast.BinOp | ast.AugAssign))
    computes = any(not isinstance(op, ast.Add | ast.Mod) for op in sums)
    is_own = [word in plain or (word == node.name and not (call.args or call.keywords)) for call, word in words]
    return is_told and not computes and all(is_own) and any(word == node.name for _, word in words)


def moves_in_loop(node: ast.FunctionDef) -> bool:
    """Tell whether a function moves weights itself, in a loop that is none through time."""
    return any(map(moves_weights, _loops(node)))


def learns_in_turns(node: ast.FunctionDef) -> bool:
    """Tell whether the errors that weights are moved by are computed in the very loop that moves them."""
    return any(map(steps_by_errors, _loops(node)))


def repeats_trainings(node: ast.AST, functions: Mapping[str, ast.FunctionDef]) -> bool:
    """Tell whether every turn of a loop is a training of its own: `for x, y in data: net.fit_one(x, y, turns=150)`."""
    called = {word for loop in _loops(node) for word in words_called(loop)} & functions.keys()
    return any(learns_in_turns(functions[word]) for word in called)


def _moves_anything(loop: ast.AST) -> bool:
    return any(is_update(part) for part in walked(loop) if isinstance(part, ast.stmt))


def _loops(node: ast.AST) -> list[ast.AST]:
    loops = (part for part in walked(node) if isinstance(part, ast.For | ast.While))
    return [loop for loop in loops if not goes_back_in_time(loop)]


def _returns_by_names(node: ast.FunctionDef) -> bool:
    """Tell whether a function returns something and a dict whose keys are called like arguments: `loss, {"W": ...}`."""
    arguments = {argument.arg for argument in node.args.args}
    for part in walked(node):
        values = part.value.elts if isinstance(part, ast.Return) and isinstance(part.value, ast.Tuple) else []
        for value in values:
            keys = {getattr(key, "value", None) for key in value.keys} if isinstance(value, ast.Dict) else set()
            if keys and keys <= arguments:
                return True
    return False


def is_defined(world: World, name: str) -> bool:
    """Tell whether a module has a function of that name now that it has been executed."""
    try:
        resolve(world.names, name)
    except (LookupError, TypeError):
        return False
    return True


def is_called(world: World, name: str) -> bool:
    """Tell whether the module called a function, and it returned."""
    return any(entry.finished for entry in world.hooks.entries.get(name, ()))


RULES = frozenset({"custom_vjp", "custom_jvp", "Function"})
"""What rules for JAX and torch are made with"""


def foreign(tree: ast.Module) -> set[str]:
    r"""Return the functions and classes of a module that compute with JAX or torch, whose rules are judged otherwise.

    In a module that has such rules all are: what a rule calls may know nothing of the library.

    >>> sorted(foreign(ast.parse("import jax\ndef f(x): return x + 1\ndef g(x): return jax.nn.relu(x)")))
    ['g']
    """
    if uses_arrays_alone(ast.unparse(tree)):
        return set()
    imported: set[str] = set()
    for node in (n for n in walked(tree) if isinstance(n, ast.Import | ast.ImportFrom)):
        module = getattr(node, "module", None)
        for alias in node.names:
            if (module or alias.name).partition(".")[0] in ("jax", "torch", "tensorflow"):
                imported.add(alias.asname or alias.name.partition(".")[0])
    parts = [part for part in tree.body if isinstance(part, ast.FunctionDef | ast.ClassDef)]  # not what loads data
    found = {p.name for p in parts if any(isinstance(n, ast.Name) and n.id in imported for n in walked(p))}
    words = {getattr(node, "attr", getattr(node, "id", "")) for node in walked(tree)}
    return {part.name for part in parts} if found and words & RULES else found


def forwards(name: str, nodes: Mapping[str, ast.FunctionDef]) -> list[str | None]:
    """Return the functions that may be the forward of a backward, and None where it may need none."""
    owner, _, word = name.rpartition(".")
    node = nodes[name]
    called = words_called(node)
    near = [other for other in nodes if other.rpartition(".")[0] == owner and other != name]
    if owner and DERIVES.search(word) and (functions := _derived(name, near, nodes)):
        return functions
    found = [
        other
        for other in near
        if naming.FORWARD.search(other.rpartition(".")[2]) or other.rpartition(".")[2] in ("__call__", "loss")
    ]
    found = [other for other in found if not naming.BACKWARD.search(other.rpartition(".")[2])]
    found = found or keeping(name, near, nodes) or _making(name, near, nodes)
    if not any(naming.is_gradient_argument(argument.arg) for argument in node.args.args):  # then it belongs to a loss
        losses = {other for other in found if naming.LOSS.search(other.rpartition(".")[2])}
        found.sort(key=lambda other: (not hands_over(nodes[other], node), other not in losses))
    stem = naming.plain(naming.backward_stem(word))
    namesakes = (
        found if not stem else [o for o in found if naming.plain(naming.forward_stem(o.rpartition(".")[2])) == stem]
    )
    alike = (stem, f"{stem}loss") if word.endswith("backward") else (stem,)  # `softmax_loss` and `softmax_backward`
    namesakes += [o for o in near if stem and naming.plain(o.rpartition(".")[2]) in alike and o not in namesakes]
    if stem and not namesakes:  # x_backward_alt, x_backward_fast
        stems = {o: naming.plain(naming.forward_stem(o.rpartition(".")[2])) for o in found}
        beginning = [o for o, own in stems.items() if own and stem.startswith(own)]
        namesakes = sorted(beginning, key=lambda o: -len(stems[o]))[:1]
    if own := [other for other in namesakes if goes_forward_itself(name, other, nodes)]:
        return [own[0]]
    again = [other for other in found if other.rpartition(".")[2] in called]
    if keeps := [other for other in again if hands_over(nodes[other], node)]:  # it goes forward once more, as well
        return [keeps[0], None]
    if again or not naming.BACKWARD.search(word):
        return [None]
    is_training = bool(DESCENT.search(word)) and any(map(_moves_anything, _loops(node)))  # it goes forward by itself
    is_handed = any(naming.is_gradient_argument(argument.arg) for argument in node.args.args) or owner
    is_handed = is_handed and not is_training
    chosen: list[str | None] = [*(namesakes or (found if len(found) == 1 or owner else []))]
    return chosen[:2] + ([] if is_handed and chosen else [None])


def hands_over(forward: ast.FunctionDef, backward: ast.FunctionDef) -> bool:
    """Tell whether a function returns by its name what a backward function is handed, and is not handed that itself."""
    returned = frozenset().union(*returned_names(forward).values())
    return bool(returned & (set(required(backward)) - set(required(forward))))


def goes_forward_itself(name: str, forward: str, nodes: Mapping[str, ast.FunctionDef]) -> bool:
    r"""Tell whether a backward function is handed a gradient and all that its forward is, and calls that once more.

    >>> source = "def run(w, x): return w @ x\ndef run_backward(dout, w, x): return dout @ x.T, run(w, x)"
    >>> goes_forward_itself("run_backward", "run", {node.name: node for node in ast.parse(source).body})
    True
    """
    given, wanted = ([argument.arg for argument in nodes[one].args.args] for one in (name, forward))
    others = [argument for argument in given if argument not in wanted]
    is_called = forward.rpartition(".")[2] in words_called(nodes[name])
    is_handed_all = bool(wanted) and set(wanted) <= set(given)
    return is_called and is_handed_all and len(others) > 0 and all(map(naming.is_gradient_argument, others))


def keeping(name: str, near: Sequence[str], nodes: Mapping[str, ast.FunctionDef]) -> list[str]:
    """Return the methods that keep in their object what a backward method reads and the constructor does not make."""
    owner, _, word = name.rpartition(".")
    if not owner or not naming.BACKWARD.search(word):
        return []
    constructor = f"{owner}.__init__"
    read = attributes(nodes[name], ast.Load)
    read -= attributes(nodes[constructor], ast.Store, nones=False) if constructor in nodes else set()
    others = [o for o in near if o != constructor and not o.rpartition(".")[2].startswith("set")]
    found = {other: len(attributes(nodes[other], ast.Store) & read) for other in others}
    best = max(found.values(), default=0)
    return [other for other, count in found.items() if count == best > 0 and len(required(nodes[other])) > 0][:1]


def _making(name: str, near: Sequence[str], nodes: Mapping[str, ast.FunctionDef]) -> list[str]:
    r"""Return the function that makes an object of the class that an argument of another is annotated with: its cache.

    >>> source = "def run(w, x): return w @ x, Kept(x)\ndef back(w, kept: Kept, d): return d @ kept.x"
    >>> _making("back", ["run"], {node.name: node for node in ast.parse(source).body})
    ['run']
    """
    said = {ast.unparse(annotation) for _, annotation in annotations(nodes[name])} - set(dir(builtins))
    found = [other for other in near if words_called(nodes[other]) & said and required(nodes[other])]
    return found if len(found) == 1 else []


def is_derivative(name: str, nodes: Mapping[str, ast.FunctionDef]) -> bool:
    """Tell whether a method is by its name and its arguments the derivative of another one of its class."""
    owner, _, word = name.rpartition(".")
    near = [other for other in nodes if other.rpartition(".")[0] == owner and other != name]
    return bool(owner and DERIVES.search(word) and _derived(name, near, nodes))


def _derived(name: str, near: Sequence[str], nodes: Mapping[str, ast.FunctionDef]) -> list[str | None]:
    """Return the method of which another is the derivative by its name, if it is handed the same."""
    wanted = required(nodes[name])
    stem = naming.plain(DERIVES.sub("", name.rpartition(".")[2]))
    alike = [other for other in near if wanted and required(nodes[other]) == wanted]
    words = {other: naming.plain(other.rpartition(".")[2]) for other in alike}
    named = [o for o, word in words.items() if (word == stem if stem else FUNCTION.match(word))]
    return [*named[:1]]
