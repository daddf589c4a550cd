"""Functions that go forward or backward by a word: `cell(x, w, mode="backward", dh=dh)`. Each way is its own function.

What goes forward keeps the name, what goes backward stands beside it. They share lines, so that an edit is of both.
"""

import ast
import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

from crosscheck.recognise import naming
from crosscheck.recognise.backward_passes import has_backward
from crosscheck.recognise.defaults import defaults_of
from crosscheck.recognise.folding import Folded, words_asked
from crosscheck.source.walking import last_word, walk

SUFFIX = "_backward"
STATED = "{0} was taken for two functions: as it is with {1}={2!r}, and, as {3}, with {1}={4!r}"


class _Modes(NamedTuple):
    """A function of two ways, and how each is chosen."""

    node: ast.FunctionDef
    argument: str
    forward: str
    backward: str
    made: tuple[ast.FunctionDef, ast.FunctionDef]


def with_modes_apart(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such functions are two; the same if it has none, or if its calls are not plain.

    >>> code = "def f(x, way, d=None):\n  if way == 'back':\n    dx = d * 2\n    return dx\n  return 2 * x\n"
    >>> print(ast.unparse(with_modes_apart(ast.parse(code + "print(f(3, 'back', d=1))"))))
    def f(x):
        return 2 * x
    <BLANKLINE>
    def f_backward(d):
        dx = d * 2
        return dx
    print(f_backward(d=1))
    """
    holders = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]
    nodes = [node for holder in holders for node in holder.body if isinstance(node, ast.FunctionDef)]
    names = [node.name for node in nodes]
    found = {}
    for node in nodes:
        modes = _modes_of(node) if names.count(node.name) == 1 and node.name + SUFFIX not in names else None
        if modes is not None and all(_called(call, modes) for call in _uses(tree, node.name)):
            found[node.name] = modes
    return ast.fix_missing_locations(_Apart(found).visit(copy.deepcopy(tree))) if found else tree


def said_of_modes(tree: ast.Module) -> list[str]:
    """Return what is assumed of a module that was changed so."""
    return [said for node in walk(tree) if (said := getattr(node, "said_of_modes", None))]


class _Apart(ast.NodeTransformer):
    def __init__(self, found: dict[str, _Modes]) -> None:
        self.found = found

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        modes = self.found.get(node.name)
        if modes is None:
            return self.generic_visit(node)
        return [self.generic_visit(copy.deepcopy(one)) for one in modes.made]

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        modes = self.found.get(last_word(node.func))
        return node if modes is None else _called(node, modes) or node


def _modes_of(node: ast.FunctionDef) -> _Modes | None:
    """Return the two ways of a function, if a word decides between them, one has gradients and the other has none."""
    arguments = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)} - {"self"}
    if node.args.vararg or node.args.kwarg or node.args.posonlyargs or node.decorator_list:
        return None
    for name in sorted(arguments):
        words = list(dict.fromkeys(word for part in walk(node) for word in words_asked(part, name)))
        backward = next((word for word in words if naming.BACKWARD.search(word) or word == "back"), None)
        if backward is None:
            continue
        defaults = [getattr(value, "value", None) for word, value in defaults_of(node) if word == name]
        others = [word for word in (*defaults, *words, "") if isinstance(word, str) and word != backward]
        made = _way(node, name, others[0], others[0]), _way(node, name, backward, others[0])
        if made[0] is None or made[1] is None or _has_gradients(made[0]) or not has_backward(made[1]):
            continue
        made[1].name += SUFFIX
        said = STATED.format(node.name, name, others[0], made[1].name, backward)
        made[1].said_of_modes = said  # pyright: ignore[reportAttributeAccessIssue]
        return _Modes(node, name, others[0], backward, (made[0], made[1]))
    return None


def _has_gradients(node: ast.FunctionDef) -> bool:
    """Tell whether a function plainly computes gradients; what a cell of an LSTM calls `g` is none."""
    written = (part.id for part in walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
    return bool(naming.BACKWARD.search(node.name)) or any(map(naming.looks_like_gradient, written))


def _way(node: ast.FunctionDef, argument: str, word: str, forward: str) -> ast.FunctionDef | None:
    """Return what a function is when an argument is a word; None if it is not only asked for.

    Going backward needs what going forward does not ask for.
    """
    folded = Folded(argument, word)
    made = copy.deepcopy(node)
    made.body = folded.statements(made.body)
    names = [part for statement in made.body for part in walk(statement) if isinstance(part, ast.Name)]
    if any(part.id == argument for part in names):
        return None
    read = {part.id for part in names}
    asked = {name for part in walk(made) for name in _asked_for_none(part)}
    places = {argument.arg: value for argument, value in _with_defaults(made.args)}
    wanted = [
        name
        for name, value in places.items()
        if value is None
        or name in folded.demanded
        or (word != forward and _is_none(value) and naming.is_gradient_argument(name) and name not in asked)
    ]
    kept = [name for name in places if name in read or name == "self"]
    order = [name for name in kept if name in wanted] + [name for name in kept if name not in wanted]
    of = {argument.arg: argument for argument, _ in _with_defaults(made.args)}
    made.args.args = [of[name] for name in order]
    made.args.defaults = [value for name in order if name not in wanted and (value := places[name]) is not None]
    made.args.kwonlyargs, made.args.kw_defaults = [], []
    return made if made.body else None


def _with_defaults(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr | None]]:
    without = len(arguments.args) - len(arguments.defaults)
    plain = [*[None] * without, *arguments.defaults]
    return [
        *zip(arguments.args, plain, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]


def _is_none(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _asked_for_none(part: ast.AST) -> Iterator[str]:
    """Yield the name of which a comparison asks whether it is None."""
    if isinstance(part, ast.Compare) and isinstance(part.left, ast.Name) and _is_none(part.comparators[0]):
        yield part.left.id


def _uses(tree: ast.Module, name: str) -> Iterator[ast.expr]:
    """Yield the calls of a function, and what mentions it otherwise."""
    calls = [part for part in walk(tree) if isinstance(part, ast.Call) and last_word(part.func) == name]
    called = {id(call.func) for call in calls}
    yield from calls
    for part in walk(tree):
        if isinstance(part, ast.Name | ast.Attribute) and last_word(part) == name and id(part) not in called:
            yield part


def _called(call: ast.expr, modes: _Modes) -> ast.Call | None:
    """Return the call of one of the two functions that a call is; None if it is not plain which, and by what."""
    if not isinstance(call, ast.Call):
        return None
    names = [argument.arg for argument in modes.node.args.args if argument.arg != "self"]
    if len(call.args) > len(names) or any(isinstance(value, ast.Starred) for value in call.args):
        return None
    given = dict(zip(names, call.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    if len(given) != len(call.args) + len(call.keywords):
        return None
    word = given.pop(modes.argument, None)
    defaults = {argument.arg: value for argument, value in _with_defaults(modes.node.args)}
    value = getattr(word or defaults[modes.argument], "value", None)
    if value not in (modes.forward, modes.backward):
        return None
    made = modes.made[value == modes.backward]
    kept = {argument.arg for argument in made.args.args}
    needed = kept - {"self"} - {argument.arg for argument, default in _with_defaults(made.args) if default is not None}
    dropped = [value for name, value in given.items() if name not in kept]
    if needed - given.keys() or not all(
        isinstance(value, ast.Constant | ast.Name | ast.Attribute) for value in dropped
    ):
        return None
    function = copy.deepcopy(call.func)
    setattr(function, "attr" if isinstance(function, ast.Attribute) else "id", made.name)
    keywords = [ast.keyword(name, value) for name, value in given.items() if name in kept]
    return ast.copy_location(ast.Call(function, [], keywords), call)
