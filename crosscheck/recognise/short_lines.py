"""Points of a line that a program makes up, made fewer: of `np.linspace(0, 10, 1000)` a hundred and twenty do as well.

A training that goes through them one by one takes as many turns.
"""

import ast
from collections.abc import Iterator

from crosscheck.source.walking import last_word, walk

LONG, LEFT = 200, 120
"""Points that are made fewer, and how many are left"""
WINDOW = LEFT // 2
"""The longest piece that may be taken out of them"""


def with_short_lines(tree: ast.Module) -> ast.Module:
    """Make lines shorter in a module that names neither their number nor a piece of them elsewhere; it is changed.

    >>> ast.unparse(with_short_lines(ast.parse("x = np.linspace(-3, 3, 1000)")))
    'x = np.linspace(-3, 3, 120)'
    >>> ast.unparse(with_short_lines(ast.parse("x = np.linspace(-3, 3, 1000)[:800]")))
    'x = np.linspace(-3, 3, 1000)[:800]'
    """
    counts = list(_counts(tree))
    own = {id(count) for count in counts}
    numbers = [part for part in walk(tree) if isinstance(part, ast.Constant) and type(part.value) is int]
    others = {number.value for number in numbers if id(number) not in own}
    bounds = (part for part in walk(tree) if isinstance(part, ast.Slice))
    inside = {id(part) for bound in bounds for part in walk(bound)}
    if any(isinstance(one.value, int) and one.value > WINDOW for one in numbers if id(one) in inside):
        return tree
    for count in counts:
        if isinstance(count.value, int) and count.value > LONG and count.value not in others:
            count.value = LEFT
    return tree


def _counts(tree: ast.AST) -> Iterator[ast.Constant]:
    """Yield how many points lines are made of."""
    for call in (part for part in walk(tree) if isinstance(part, ast.Call) and last_word(part.func) == "linspace"):
        given = [*call.args[2:3], *(keyword.value for keyword in call.keywords if keyword.arg == "num")]
        yield from (one for one in given if isinstance(one, ast.Constant) and type(one.value) is int)
