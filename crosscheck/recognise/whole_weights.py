"""Weights that begin with whole numbers, `w = np.array([0, 0])`: they hold fractions after their first step.

NumPy gives such an array a type of its own, by which weights cannot be told from symbols.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk


def with_fractions_first(tree: ast.Module) -> ast.Module:
    r"""Return a module in which weights that are rebound by steps begin with fractions; the same if they do.

    >>> code = "w = np.array([0, 1])\nfor x in xs: w = w - 0.1 * x"
    >>> ast.unparse(with_fractions_first(ast.parse(code))).splitlines()[0]
    'w = np.array([0.0, 1.0])'
    """
    if not list(_whole(tree)):
        return tree
    made = copy.deepcopy(tree)
    for number in _whole(made):
        number.value = float(number.value)  # pyright: ignore[reportArgumentType] - it is a whole number
    return made


def _whole(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield the whole numbers in arrays that steps make others of: `w = w - rate * g`, and never `w -= rate * g`."""
    rebound = {
        part.targets[0].id
        for part in walk(tree)
        if isinstance(part, ast.Assign)
        and isinstance(part.targets[0], ast.Name)
        and isinstance(part.value, ast.BinOp)
        and isinstance(part.value.op, ast.Sub | ast.Add)
        and isinstance(part.value.left, ast.Name)
        and part.value.left.id == part.targets[0].id
        and isinstance(part.value.right, ast.BinOp)
    }
    for part in (part for part in walk(tree) if isinstance(part, ast.Assign)) if rebound else ():
        value, names = part.value, {root_word(target) for target in part.targets}
        if not isinstance(value, ast.Call) or root_word(value.func) != "array" or not names & rebound:
            continue
        if len(value.args) != 1 or value.keywords or not isinstance(value.args[0], ast.List):
            continue
        inside = list(walk(value.args[0]))
        numbers = [one for one in inside if isinstance(one, ast.Constant)]
        plain = (ast.List, ast.Constant, ast.UnaryOp, ast.USub, ast.Load)
        if numbers and all(isinstance(one, plain) for one in inside) and all(type(one.value) is int for one in numbers):
            yield from numbers
