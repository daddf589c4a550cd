"""Outputs that a backward pass makes its gradient of, in their place: the probabilities are gone then.

    d = probs[t]
    d[targets[t]] -= 1

Where nothing reads them afterwards, a copy is changed in their stead, and the loss can be found that they have.
"""

import ast
import copy
from collections.abc import Iterator
from itertools import pairwise

from crosscheck.recognise.statements import root_variable
from crosscheck.source.walking import forget, own_parts, walk


def with_outputs_kept(tree: ast.Module) -> ast.Module:
    r"""Return a module in which copies of such outputs are changed; the same if it has none.

    >>> code = "def f(p, k):\n  d = p[0]\n  d[k] -= 1\n  return d"
    >>> print(ast.unparse(with_outputs_kept(ast.parse(code))).splitlines()[1].strip())
    d = p[0].copy()
    >>> read = ast.parse(code.replace("return d", "return p"))
    >>> with_outputs_kept(read) is read
    True
    """
    if not any(True for _ in _changed(tree)):
        return tree
    made = copy.deepcopy(tree)
    for statement in list(_changed(made)):
        value = statement.value
        call = ast.Call(ast.Attribute(value, "copy", ast.Load()), [], [])
        statement.value = ast.fix_missing_locations(ast.copy_location(call, value))
    forget()
    return made


def _changed(tree: ast.Module) -> Iterator[ast.Assign]:
    """Yield the statements that give an output another name under which one is subtracted from an entry of it."""
    functions = [part for part in walk(tree) if isinstance(part, ast.FunctionDef)]
    elsewhere = {part.id for node in functions for part in walk(node) if isinstance(part, ast.Name)}
    for scope in (tree, *functions):
        parts = list(own_parts(scope))
        shared = {name for part in parts if isinstance(part, ast.Global) for name in part.names}
        shared |= elsewhere if scope is tree else set()
        blocks = (scope, *(part for part in parts if isinstance(part, ast.For | ast.While | ast.If | ast.With)))
        for one, after in (pair for block in blocks for pair in pairwise(block.body)):
            output = _output(one, after)
            if isinstance(one, ast.Assign) and output and output not in shared | set(_read_after(one, parts)):
                yield one


def _output(one: ast.stmt, after: ast.stmt) -> str:
    """Return the variable of which the first of two statements names a part, if the next one changes that so."""
    match one, after:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=ast.Name() | ast.Subscript() as value),
            ast.AugAssign(target=ast.Subscript(value=ast.Name(id=own)), op=ast.Sub(), value=ast.Constant(value=1)),
        ):
            return root_variable(value) if name == own else ""
        case _:
            return ""


def _read_after(statement: ast.Assign, parts: list[ast.AST]) -> Iterator[str]:
    """Yield the variables that are read behind a statement."""
    inside = {id(part) for part in walk(statement)}
    read = (part for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load))
    yield from (part.id for part in read if id(part) not in inside and part.lineno >= statement.lineno)
