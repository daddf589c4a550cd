"""Loops that compute a gradient at the end of a turn, for the next one: it is computed where it is used instead.

`g = grad(x)` stands before such a loop, and again as the last thing of its turns. At the beginning of each turn it is
the same, and the step that a turn takes is that of the gradient which is computed in it.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise import naming
from crosscheck.recognise.statements import root_variable, root_word
from crosscheck.source.walking import walk


def with_gradients_first(tree: ast.Module) -> ast.Module:
    r"""Return a module in which they are computed first; the same if there are no such loops.

    >>> code = "g = grad(x)\nwhile abs(g) > 0.1:\n  x -= 0.1 * g\n  g = grad(x)\n  turns += 1"
    >>> print(ast.unparse(with_gradients_first(ast.parse(code)).body[1]))
    while abs(g) > 0.1:
        g = grad(x)
        x -= 0.1 * g
        turns += 1
    >>> plain = ast.parse("while True:\n  g = grad(x)\n  x -= 0.1 * g")
    >>> with_gradients_first(plain) is plain
    True
    """
    if not any(True for body in _bodies(tree) for _ in _late(body)):
        return tree
    made = copy.deepcopy(tree)
    for body in _bodies(made):
        for loop, number in list(_late(body)):
            loop.body.insert(0, loop.body.pop(number))
    return made


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.For | ast.While | ast.If):
            yield node.body


def _late(body: list[ast.stmt]) -> Iterator[tuple[ast.For | ast.While, int]]:
    """Yield the loops, and which of their statements is computed for the next turn."""
    for place, loop in enumerate(body):
        if not isinstance(loop, ast.For | ast.While):
            continue
        before = {ast.dump(one): body[number + 1 : place] for number, one in enumerate(body[:place])}
        for number, statement in enumerate(loop.body):
            since = before.get(ast.dump(statement)) if number > 0 and _is_gradient(statement) else None
            if since is not None and _is_the_same_after(statement, since) and _is_for_next(loop.body, number):
                yield loop, number
                break


def _is_gradient(statement: ast.stmt) -> bool:
    """Tell whether a statement assigns what a function returns that is called a gradient, or what is called so."""
    match statement:
        case ast.Assign(targets=[target], value=ast.Call() as call):
            names = [root_word(part) for part in (target.elts if isinstance(target, ast.Tuple) else [target])]
            return any(map(naming.is_gradient_argument, [*names, root_word(call.func)]))
    return False


def _is_for_next(body: list[ast.stmt], number: int) -> bool:
    """Tell whether what a statement writes is read before it in a turn, and what it reads is not written behind it."""
    writes = _names(body[number], ast.Store)
    earlier = {name for statement in body[:number] for name in _names(statement, ast.Load)}
    again = {name for statement in body[:number] for name in _names(statement, ast.Store)}
    return bool(writes & earlier) and not writes & again and _is_the_same_after(body[number], body[number + 1 :])


def _is_the_same_after(statement: ast.stmt, others: list[ast.stmt]) -> bool:
    """Tell whether others write nothing that a statement reads or writes, be it in an object: `self.w *= 0.9`."""
    own = _names(statement, ast.Load) | _names(statement, ast.Store)
    return not own & {name for other in others for name in _names(other, ast.Store)}


def _names(node: ast.AST, context: type[ast.expr_context]) -> set[str]:
    """Return the variables that are read, or written to, themselves or in a part of them."""
    places = (part for part in walk(node) if isinstance(part, ast.Name | ast.Attribute | ast.Subscript))
    return {root_variable(part) for part in places if isinstance(part.ctx, context)} - {""}
