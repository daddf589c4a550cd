"""Functions that others are handed and call: `minimise(cost_and_gradient, theta)` goes by its one argument's own name.

Which loss a training goes down is plain where it says `cost, grad = cost_and_gradient(theta)`, and not where it says
`cost, grad = f(theta)`.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import kept, walk, walked


def with_handed_functions(tree: ast.Module) -> ast.Module:
    r"""Return a module in which functions call what all calls hand them by its own name; the same if none does.

    >>> code = "def cost(w): return w, 1\ndef descend(f, w): j, g = f(w)\ndescend(cost, 3)"
    >>> print(ast.unparse(with_handed_functions(ast.parse(code)).body[1]).splitlines()[1].strip())
    j, g = cost(w)
    >>> several = ast.parse(code + "\ndescend(abs, 3)")
    >>> with_handed_functions(several) is several
    True
    """
    known = functions_handed(tree)
    if not any(known.values()):
        return tree
    made = copy.deepcopy(tree)
    for name, node in _functions(made).items():
        for argument, function in known[name].items():
            for part in walk(node):
                if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == argument:
                    part.func.id = function
    return made


@kept
def functions_handed(tree: ast.Module) -> dict[str, dict[str, str]]:
    """Return, for each function, which of its arguments stands for which function of the module in all calls."""
    return {name: dict(_handed(tree, name)) for name in _functions(tree)}


def _functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _handed(tree: ast.Module, name: str) -> Iterator[tuple[str, str]]:
    """Yield the arguments that a function calls, with the one function of the module that all calls hand for each."""
    functions = _functions(tree)
    node = functions[name]
    places = [argument.arg for argument in node.args.args]
    called = set(_unpacked(node))
    stored = {part.id for part in walked(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    calls = [part for part in walked(tree) if isinstance(part, ast.Call) and root_word(part.func) == name]
    for place, argument in enumerate(places):
        if argument not in called or argument in stored or not calls:
            continue
        given = [_given(call, place, argument) for call in calls]
        words = {one.id if isinstance(one, ast.Name) else "" for one in given}
        word = words.pop() if len(words) == 1 else ""
        if word in functions and word != name and word not in {*places, *stored}:
            yield argument, word


def _unpacked(node: ast.AST) -> Iterator[str]:
    """Yield what is called for several results at once, a loss and its gradient perhaps: no activation is."""
    for part in (part for part in walked(node) if isinstance(part, ast.Assign)):
        if isinstance(part.value, ast.Call) and isinstance(part.value.func, ast.Name):
            yield from (part.value.func.id for target in part.targets if isinstance(target, ast.Tuple))


def _given(call: ast.Call, place: int, argument: str) -> ast.expr | None:
    """Return what a call hands for an argument; None where that is not plain."""
    if any(isinstance(one, ast.Starred) for one in call.args[: place + 1]):
        return None
    if place < len(call.args):
        return call.args[place]
    return next((keyword.value for keyword in call.keywords if keyword.arg == argument), None)
