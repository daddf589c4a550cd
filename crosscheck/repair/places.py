"""The statements of a backward pass, each with the block and the loops that it stands in."""

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from crosscheck.source.made_up import is_made_up
from crosscheck.source.walking import walk

Loop = ast.For | ast.While


@dataclass(frozen=True, eq=False)
class Place:
    """A statement, and where it stands."""

    statement: ast.stmt
    function: ast.AST
    body: Sequence[ast.stmt]
    """The block that it belongs to"""
    index: int
    loops: tuple[Loop, ...]
    editable: bool

    @property
    def line(self) -> int:
        """The line that it starts on."""
        return self.statement.lineno

    @property
    def is_simple(self) -> bool:
        """Whether it has no block of its own."""
        return not hasattr(self.statement, "body")


def holding(tree: ast.AST, editable: Collection[int]) -> Iterator[ast.AST]:
    """Yield the outermost functions, and the module itself, that hold editable lines."""
    outside = set(editable)
    waiting: list[ast.AST] = [tree]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop(0)):
            if is_made_up(node):
                continue
            if isinstance(node, ast.FunctionDef):
                lines = set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
                if lines & set(editable):
                    outside -= lines
                    yield node
            elif isinstance(node, ast.stmt):
                waiting.append(node)
    if outside:
        yield tree


def places_of(function: ast.AST, editable: Collection[int]) -> Iterator[Place]:
    """Yield the statements of a function, in order."""
    yield from _block(function.body, function, (), editable)  # pyright: ignore[reportAttributeAccessIssue]


def _block(
    body: Sequence[ast.stmt], function: ast.AST, loops: tuple[Loop, ...], editable: Collection[int]
) -> Iterator[Place]:
    for index, statement in enumerate(body):
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            if isinstance(statement, ast.FunctionDef) and not isinstance(function, ast.Module):
                yield from _block(statement.body, statement, (), editable)
            continue
        yield Place(statement, function, body, index, loops, _is_editable(statement, editable))
        inner = (*loops, statement) if isinstance(statement, Loop) else loops
        for name in ("body", "orelse", "finalbody"):
            yield from _block(getattr(statement, name, []), function, inner, editable)


def _is_editable(statement: ast.stmt, editable: Collection[int]) -> bool:
    """Tell whether a statement belongs to the backward pass; a loop does if all that is in it does.

    What is returned may be put into another order.
    """
    if isinstance(statement, ast.Return):
        return True
    if hasattr(statement, "body"):
        inner = [node for node in walk(statement) if isinstance(node, ast.stmt) and not hasattr(node, "body")]
        return bool(inner) and all(node.lineno in editable for node in inner)
    return any(line in editable for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))


def is_clip(place: Place) -> bool:
    """Tell whether a statement clips finished gradients, outside of the loop over time: that is no part of them."""
    statement = place.statement
    if isinstance(statement, ast.For):
        return _is_listed(statement) and all(_clips(inner) for inner in statement.body)
    return _clips(statement) and all(isinstance(loop, ast.For) and _is_listed(loop) for loop in place.loops)


def _clips(statement: ast.stmt) -> bool:
    calls = [node for node in walk(statement) if isinstance(node, ast.Call)]
    return not hasattr(statement, "body") and any(ast.unparse(call.func).endswith("clip") for call in calls)


def _is_listed(loop: ast.For) -> bool:
    """Tell whether a loop goes through gradients, and not through steps."""
    return "range(" not in ast.unparse(loop.iter)
