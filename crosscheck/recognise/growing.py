"""Trainings that keep every value of a parameter in a list, of which the last one counts: `w.append(w[-1] - rate * g)`.

The parameter has a name of its own then, and is moved like any other.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.source.walking import walk

CURRENT = "last_of_{}"
"""What the last entry of a list is called"""
Loop = ast.For | ast.While


def with_current_values(tree: ast.Module) -> ast.Module:
    r"""Return a module in which the last entries of such lists have names; the same if it has none.

    >>> code = "w = [start]\nfor x, y in seen:\n  new = w[-1] + rate * (y - f(w[-1] @ x)) * x\n  w.append(new)"
    >>> print(ast.unparse(with_current_values(ast.parse(code))))
    w = [start]
    last_of_w = w[-1]
    for x, y in seen:
        last_of_w = last_of_w + rate * (y - f(last_of_w @ x)) * x
        new = last_of_w
        w.append(new)
    """
    if not any(True for body in _bodies(tree) for _ in _found(body)):
        return tree
    changed = copy.deepcopy(tree)
    for body in list(_bodies(changed)):
        for loop, name in list(_found(body)):
            _rewrite(loop, name)
            first = ast.Assign([ast.Name(CURRENT.format(name), ast.Store())], _last(name))
            body.insert(body.index(loop), ast.fix_missing_locations(ast.copy_location(first, loop)))
    return changed


def _bodies(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    """Yield the bodies in which trainings are: of the module, and of functions."""
    yield tree.body
    yield from (node.body for node in walk(tree) if isinstance(node, ast.FunctionDef))


def _found(body: list[ast.stmt]) -> Iterator[tuple[Loop, str]]:
    """Yield the loops of a body that append to a list what they make of its last entry, and its name."""
    for loop in (statement for statement in body if isinstance(statement, Loop)):
        moves = [move for inner in walk(loop) for move in _moves(inner)]
        names = {name for name, *_ in moves}
        if len(moves) == len(names) == 1 and not _is_written_otherwise(loop, *names):
            yield loop, names.pop()


def _moves(node: ast.AST) -> Iterator[tuple[str, list[ast.stmt], int]]:
    """Yield the names of lists, and where what is appended to them is made of their last entry."""
    whole: object = getattr(node, "body", None)
    body: list[ast.stmt] = whole if isinstance(whole, list) else []
    for place, statement in enumerate(body):
        value = statement.value if isinstance(statement, ast.Assign) else None
        if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Add | ast.Sub):
            continue
        target, last = statement.targets[0], value.left  # pyright: ignore[reportAttributeAccessIssue]
        name = ast.unparse(last.value) if isinstance(last, ast.Subscript) else ""
        if not name.isidentifier() or ast.unparse(last) != f"{name}[-1]" or not isinstance(target, ast.Name):
            continue
        if any(ast.unparse(later) == f"{name}.append({target.id})" for later in body[place + 1 :]):
            yield name, body, place


def _is_written_otherwise(loop: Loop, name: str) -> bool:
    """Tell whether a loop writes into a list in any other way than by appending once."""
    parts = [part for part in walk(loop) if isinstance(part, ast.Name | ast.Attribute)]
    stores = any(isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Store) for part in parts)
    methods = [p.attr for p in parts if isinstance(p, ast.Attribute) and getattr(p.value, "id", "") == name]
    return stores or methods != ["append"]


def _rewrite(loop: Loop, name: str) -> None:
    """Let the loop move the last entry under its own name."""
    ((_, body, place),) = [move for inner in walk(loop) for move in _moves(inner)]
    made, own = body[place], CURRENT.format(name)
    assert isinstance(made, ast.Assign)
    told = ast.Assign(made.targets, ast.Name(own, ast.Load()))
    made.targets = [ast.Name(own, ast.Store())]
    _Named(name).visit(loop)
    body.insert(place + 1, ast.copy_location(told, made))
    ast.fix_missing_locations(loop)


class _Named(ast.NodeTransformer):
    """Writes the name of the last entry in its place."""

    def __init__(self, name: str) -> None:
        self.last, self.own = f"{name}[-1]", CURRENT.format(name)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Replace `w[-1]` where it is read."""
        if isinstance(node.ctx, ast.Load) and ast.unparse(node) == self.last:
            return ast.copy_location(ast.Name(self.own, ast.Load()), node)
        self.generic_visit(node)
        return node


def _last(name: str) -> ast.expr:
    return ast.Subscript(ast.Name(name, ast.Load()), ast.UnaryOp(ast.USub(), ast.Constant(1)), ast.Load())
