"""Numbers that a call computes and does nothing with but show them: perhaps its loss, whatever that is called."""

import ast
from collections.abc import Iterator

from crosscheck.recognise.printing import prints
from crosscheck.source.walking import walk, walked


def totals_in(node: ast.AST) -> frozenset[str]:
    """Return the names of a function or a loop that are written to and that nothing else is computed from.

    What is shown, noted down in a list, returned or compared to find out when to stop is not computed from.
    """
    written, read = set[str](), set[str]()
    for name, is_stored in _names(node):
        (written if is_stored else read).add(name)
    return frozenset(written - read)


def losses_in(node: ast.AST) -> frozenset[str]:
    r"""Return those of these names that squares or logarithms are added up in: they are losses, whatever their names.

    >>> said = "total -= np.log(p[y])\nz = x * 2", "seen += abs(x)", "total += (p - y) ** 2; w = w - total"
    >>> [sorted(losses_in(ast.parse(one))) for one in said]
    [['total'], [], []]
    """
    summed = {
        part.target.id
        for part in walked(node)
        if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name) and _is_term(part.value)
    }
    return totals_in(node) & summed


def _is_term(value: ast.expr) -> bool:
    """Tell whether there is a square or a logarithm in an expression."""
    for part in walk(value):
        match part:
            case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=2)):
                return True
            case ast.Call(func=ast.Attribute(attr="log" | "square" | "log1p")):
                return True
    return False


def _names(node: ast.AST) -> Iterator[tuple[str, bool]]:
    """Yield the names of variables that statements write to, and those that they compute from."""
    for statement in _statements(node):
        own: str = ""
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            own = statement.target.id
            yield own, True
        parts = [statement.iter] if isinstance(statement, ast.For) else list(_expressions(statement))
        for name in (inner for part in parts for inner in walk(part) if isinstance(inner, ast.Name)):
            if isinstance(name.ctx, ast.Store):
                yield name.id, True
            elif name.id != own:
                yield name.id, False


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements that something is computed in."""
    for statement in (inner for inner in walked(node) if isinstance(inner, ast.stmt)):
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For) or (
            isinstance(statement, ast.Expr) and not prints(statement) and not _notes_down(statement)
        ):
            yield statement


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    return (part for part in ast.iter_child_nodes(statement) if isinstance(part, ast.expr))


def _notes_down(statement: ast.Expr) -> bool:
    """Tell whether a statement adds to a list, and does nothing else: `costs.append(j)`."""
    call = statement.value
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "append"
