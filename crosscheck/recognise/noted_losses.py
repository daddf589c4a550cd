"""Losses without a name of their own: of `losses.append(mse + strength * sparsity)` `mse` is only a part."""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise import naming
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk

NAME = "total_loss"


def with_noted_losses(tree: ast.Module) -> ast.Module:
    r"""Return a module in which a sum of losses that is noted down in a list is a variable before; the same without.

    >>> code = "for x in xs:\n  mse = f(x)\n  losses.append(mse + 0.1 * g(x))"
    >>> print(ast.unparse(with_noted_losses(ast.parse(code)).body[0].body[1:]))
    total_loss = mse + 0.1 * g(x)
    losses.append(total_loss)
    >>> plain = ast.parse("for x in xs:\n  loss = f(x)\n  losses.append(loss)")
    >>> with_noted_losses(plain) is plain
    True
    """
    is_known = any(isinstance(node, ast.Name) and node.id == NAME for node in walk(tree))
    if is_known or not any(True for body in _bodies(tree) for _ in _noted(body)):
        return tree
    made = copy.deepcopy(tree)
    for body in _bodies(made):
        for statement, call in reversed(list(_noted(body))):
            target, value = ast.Name(NAME, ast.Store()), call.args[0]
            named = ast.fix_missing_locations(ast.copy_location(ast.Assign([target], value), statement))
            call.args[0] = ast.copy_location(ast.Name(NAME, ast.Load()), value)
            body.insert(body.index(statement), named)
    return made


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in walk(tree):
        if isinstance(node, ast.FunctionDef | ast.For | ast.While):
            yield node.body


def _noted(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, ast.Call]]:
    """Yield the statements that append a sum to a list of losses, where a loss is a term of the sum."""
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=held, attr="append"), args=[value]) as call):
                terms = list(_terms(value))
                is_sum = len(terms) > 1 and any(map(_is_loss, terms))
                if is_sum and naming.LOSS.search(root_word(held)) and not naming.NOT_LOSS.search(root_word(held)):
                    yield statement, call


def _terms(value: ast.expr) -> Iterator[ast.expr]:
    """Yield what is added up, perhaps to become a plain number: `float(a + b)`."""
    match value:
        case ast.Call(func=ast.Name(id="float"), args=[inner]):
            yield from _terms(inner)
        case ast.BinOp(op=ast.Add()):
            yield from _terms(value.left)
            yield from _terms(value.right)
        case _:
            yield value


def _is_loss(term: ast.expr) -> bool:
    return isinstance(term, ast.Name) and bool(naming.LOSS.search(term.id))
