"""Functions that raise where a training has not come to its end: of a training that is cut short this says nothing."""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise import naming
from crosscheck.recognise.signed_steps import steps_in
from crosscheck.source.walking import forget, own_parts, walk

CONVERGED = naming.re.compile(r"conver", naming.re.IGNORECASE)


def without_complaints(tree: ast.Module) -> ast.Module:
    r"""Return a module in which loops that have turned for long enough end their functions; the same if they do.

    >>> code = "def fit(w):\n  for i in range(99):\n    w = w - g(w)\n    if d < 1:\n      return w\n  raise Slow(i)"
    >>> print(ast.unparse(without_complaints(ast.parse(code)).body[0].body[-1]))
    return w
    """
    if not any(True for _ in _complaints(tree)):
        return tree
    made = copy.deepcopy(tree)
    for block, complaint, ending in list(_complaints(made)):
        block[block.index(complaint)] = ast.copy_location(ending, complaint)
    forget()
    return ast.fix_missing_locations(made)


def _complaints(tree: ast.Module) -> Iterator[tuple[list[ast.stmt], ast.stmt, ast.stmt]]:
    """Yield what raises behind a loop that takes steps, the block in which it stands, and what takes its place."""
    for function in (node for node in walk(tree) if isinstance(node, ast.FunctionDef)):
        for place, loop in enumerate(function.body):
            if not isinstance(loop, ast.For | ast.While) or not any(True for _ in steps_in(loop)):
                continue
            for block in (loop.orelse, function.body[place + 1 :]):
                for statement in block:
                    if _complains(statement, is_last=statement is block[-1]):
                        yield (loop.orelse if block is loop.orelse else function.body), statement, _ending(loop)


def _complains(statement: ast.stmt, *, is_last: bool) -> bool:
    """Tell whether a statement raises where nothing has ended the loop before it."""
    if isinstance(statement, ast.Raise):
        return is_last
    if not isinstance(statement, ast.If) or statement.orelse or not isinstance(statement.body[-1], ast.Raise):
        return False
    return bool(CONVERGED.search(ast.unparse(statement.test)))


def _ending(loop: ast.For | ast.While) -> ast.stmt:
    """Return what a loop ends its function with, or nothing where it does not."""
    returns = (part for part in own_parts(loop) if isinstance(part, ast.Return))
    return copy.deepcopy(next(returns, ast.Pass()))
