"""Gradients that a comprehension takes from a call: `W = [w - rate * d for w, d in zip(W, net.gradient(e))]`.

They are given a name in the statement before.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import forget, walk


def with_zipped_gradients(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such gradients have names; the same if it has none.

    >>> print(ast.unparse(with_zipped_gradients(ast.parse("W = [w - 0.1 * d for w, d in zip(W, back(e))]"))))
    gradients_in_line_1 = back(e)
    W = [w - 0.1 * d for w, d in zip(W, gradients_in_line_1)]
    >>> plain = ast.parse("W = [w - d for w, d in zip(W, G)]; pairs = [a * b for a, b in zip(W, f(W))]")
    >>> with_zipped_gradients(plain) is plain
    True
    """
    if not any(_zipped(statement) for body in _bodies(tree) for statement in body):
        return tree
    made = copy.deepcopy(tree)
    for body in list(_bodies(made)):
        for statement in list(body):
            if (call := _zipped(statement)) is not None:
                value = call.args[1]
                name = f"gradients_in_line_{value.lineno}"
                call.args[1] = ast.copy_location(ast.Name(name, ast.Load()), value)
                named = ast.Assign([ast.copy_location(ast.Name(name, ast.Store()), value)], value)
                body.insert(body.index(statement), ast.copy_location(named, value))
    forget()
    return made


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in walk(tree):
        for name in ("body", "orelse"):
            if isinstance(statements := getattr(node, name, None), list):
                yield statements


def _zipped(statement: ast.stmt) -> ast.Call | None:
    """Return the `zip` of what a comprehension moves with what a call returns; None if it does no such thing."""
    match statement:
        case ast.Assign(
            targets=[target],
            value=ast.ListComp(
                elt=elt, generators=[ast.comprehension(iter=ast.Call(args=[own, ast.Call()]) as call, ifs=[])]
            ),
        ) if root_word(call.func) == "zip" and ast.unparse(own) == ast.unparse(target):
            steps = (
                part for part in walk(elt) if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub | ast.Add)
            )
            return call if any(True for _ in steps) else None
    return None
