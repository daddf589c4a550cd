"""Names of a function that are read before they have a value: sums that are never begun, carries without a start."""

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crosscheck.source.document import Document, Edit
from crosscheck.source.scopes import Scope
from crosscheck.source.walking import walk

_LOOPS = (ast.For, ast.While)
_BINDING = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Match)
# What is in these is evaluated later, or perhaps not at all.
_PERHAPS = (ast.Lambda, ast.IfExp, ast.BoolOp, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Unbegun(NamedTuple):
    """A name that is read before it has a value."""

    name: str
    line: int
    is_sum: bool
    """Whether `+=` or its like is what reads it"""
    start: tuple[int, str] | None
    """The line before which a first value belongs, and that line; None where it is not plain"""


def unbegun(document: Document, scope: Scope) -> Iterator[Unbegun]:
    """Yield the names of a function that Python finds without a value, whatever the arguments are."""
    assert isinstance(scope.node, ast.FunctionDef)
    for name, statement in scope.only_changed.items():
        if name not in scope.bound and name not in scope.elsewhere:
            adds = isinstance(statement.op, ast.Add | ast.Sub)
            plain = adds and not any(name in one.bound for one in scope.visible())
            yield Unbegun(name, statement.lineno, True, _before(document, scope, statement) if plain else None)
    for loop in scope.node.body:
        if isinstance(loop, _LOOPS):
            for name, statement in _read_first(loop, scope):
                yield Unbegun(name, statement.lineno, False, _before(document, scope, statement))


def beginnings(scope: Scope, found: Unbegun) -> tuple[Edit, ...]:
    """Return what gives a name its first value: zeros in the shape of its parameter, or zero.

    `dW` is the gradient of `W` where there is one, of a shape that a sum may not take from its first term.
    """
    if found.start is None:
        return ()
    line, indent = found.start
    like = found.name[1:] if found.name.startswith("d") and scope.finds(found.name[1:]) and scope.finds("np") else None
    value = f"np.zeros_like({like})" if like else "0"
    return (Edit((line, 0), (line, 0), f"{indent}{found.name} = {value}\n"),)


def _before(document: Document, scope: Scope, statement: ast.stmt) -> tuple[int, str] | None:
    """Return the line of the function's own statement that a statement is part of, and its indentation."""
    assert isinstance(scope.node, ast.FunctionDef)
    for own in scope.node.body:
        if own.lineno <= statement.lineno <= (own.end_lineno or own.lineno):
            text = document.lines[own.lineno - 1]
            indent = text[: len(text) - len(text.lstrip())]
            return (own.lineno, indent) if len(indent) == own.col_offset else None
    return None


def _read_first(loop: ast.For | ast.While, scope: Scope) -> Iterator[tuple[str, ast.stmt]]:
    """Yield what the first turn of a loop reads and only a later statement of the loop gives a value."""
    assert isinstance(scope.node, ast.FunctionDef)
    elsewhere = _bound([statement for statement in scope.node.body if statement is not loop])
    elsewhere |= {argument.arg for argument in walk(scope.node.args) if isinstance(argument, ast.arg)}
    elsewhere |= scope.elsewhere | _bound([loop.target] if isinstance(loop, ast.For) else [loop.test])
    so_far: set[str] = set()
    for statement in loop.body:
        if not isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr):
            so_far |= _bound([statement])
            continue
        for name in dict.fromkeys(_surely_read(statement)):
            if name in scope.bound and name not in elsewhere | so_far | scope.only_changed.keys():
                yield name, statement
                so_far.add(name)
        so_far |= _bound([statement])


def _surely_read(node: ast.AST) -> Iterator[str]:
    if isinstance(node, _PERHAPS):
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    for child in ast.iter_child_nodes(node):
        yield from _surely_read(child)


def _bound(nodes: Sequence[ast.AST]) -> set[str]:
    """Return the names that something in the nodes may give a value; too many rather than too few."""
    found: set[str] = set()
    for node in (inner for outer in nodes for inner in walk(outer)):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.ExceptHandler):
            found.add(node.name or "")
        elif isinstance(node, _BINDING):
            found |= {inner.id for inner in walk(node) if isinstance(inner, ast.Name)}
            found |= {alias.asname or alias.name.partition(".")[0] for alias in getattr(node, "names", [])
                      if isinstance(alias, ast.alias)}  # fmt: skip
            found |= {name for name in getattr(node, "names", []) if isinstance(name, str)}
            found.add(getattr(node, "name", ""))
    return found
