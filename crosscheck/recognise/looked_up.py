r"""Targets that are looked up where a gradient is computed, and have no name: `d[t][number_of[labels[t]]] -= 1`.

Their numbers get one in front of the loop, so that a loss of them can be thought of.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.source.walking import walk, walked

NUMBERED = "{}_as_numbers"


def with_targets_looked_up(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such targets have a name; the same if there are none.

    >>> code = "for t in range(9):\n    d = [-one for one in p]\n    d[-1][ids[labels[t]]] += 1"
    >>> print(ast.unparse(with_targets_looked_up(ast.parse(code)).body[0]))
    labels_as_numbers = [ids[one] for one in labels if one in ids]
    >>> tree = ast.parse(code.replace("ids[labels[t]]", "labels[t]"))
    >>> with_targets_looked_up(tree) is tree
    True
    """
    if not any(True for part in walked(tree) if isinstance(part, ast.For) for _ in _looked_up(part)):
        return tree
    made = copy.deepcopy(tree)
    for owner in list(walk(made)):
        for field in ("body", "orelse"):
            body = getattr(owner, field, None)
            if isinstance(body, list):
                setattr(owner, field, [one for statement in body for one in (*_named(statement), statement)])
    return made


def _named(statement: ast.stmt) -> Iterator[ast.stmt]:
    """Yield what stands in front of a loop, so that its targets have names."""
    if isinstance(statement, ast.For):
        for table, labels in dict.fromkeys(_looked_up(statement)):
            text = f"{NUMBERED.format(labels)} = [{table}[one] for one in {labels} if one in {table}]"
            for part in walk(made := ast.parse(text).body[0]):
                ast.copy_location(part, statement)
            yield made


def _looked_up(loop: ast.For) -> Iterator[tuple[str, str]]:
    """Yield tables and what is looked up in them, turn by turn, for the entry of a gradient that is one less, or more.

    A loop inside of the loop is one of its own.
    """
    for part in loop.body:
        match part:
            case ast.AugAssign(
                target=ast.Subscript(
                    slice=ast.Subscript(
                        value=ast.Name(id=table),
                        slice=ast.Subscript(value=ast.Name(id=labels), slice=ast.Name(id=turn)),
                    )
                ),
                value=ast.Constant(value=1),
            ) if isinstance(loop.target, ast.Name) and turn == loop.target.id:
                yield table, labels
