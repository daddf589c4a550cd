"""Steps that give parameters new names, as worked examples on paper have it: `w5_new = w5 - rate * d_w5`.

The old ones are read on until all of the new ones are known. That these take their place is added, as a turn of
training would have it.
"""

import ast
import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from crosscheck.recognise import naming
from crosscheck.recognise.statements import stored
from crosscheck.source.walking import walk

FEWEST = 2
"""Of them at the least: one new name may be for anything"""
MARK = re.compile(r"_*(?P<word>[^\W\d_]*)_*\d*", re.UNICODE)
"""What is added to a name: `new_w`, `w_updated`, `w1_2`"""


class Renamed(NamedTuple):
    """A statement whose result takes the place of a parameter."""

    name: str
    parameter: str


def renamed_steps(body: Sequence[ast.stmt], started: Collection[str], numbers: Collection[str]) -> list[Renamed]:
    r"""Return the statements that give parameters a new name and a step, after the first of which no parameter moves.

    `started` are the arrays and numbers that a script begins with, `numbers` those that are plain numbers.

    >>> text = "new_w = w - rate * dw\nnew_b = b - rate * db\nc_2 = c + 1"
    >>> [(step.name, step.parameter) for step in renamed_steps(ast.parse(text).body, {"w", "b", "c"}, {"rate"})]
    [('new_w', 'w'), ('new_b', 'b')]
    """
    counts = Counter(name for statement in body for name in stored(statement))
    steps = [(statement.targets[0].id, value) for statement in body
             if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
             and isinstance(value := statement.value, ast.BinOp) and _is_step(value, started, numbers)]  # fmt: skip
    steps = [(name, value) for name, value in steps if counts[name] == 1 and name not in started]
    owners = {name: _owner(name, started) for name, _ in steps}
    found = [Renamed(name, owner) for name, _ in steps if (owner := owners[name]) and counts[owner] < 2]
    own = sum(isinstance(value.left, ast.Name) and value.left.id == owners[name] for name, value in steps)
    is_each_once = len({step.parameter for step in found}) == len(found)
    return found if own >= FEWEST and is_each_once else []


def replaced(steps: Sequence[Renamed], like: ast.stmt) -> list[ast.stmt]:
    """Return the statements by which new values take the place of the old ones."""
    made: list[ast.stmt] = []
    for step in steps:
        statement = ast.Assign([ast.Name(step.parameter, ast.Store())], ast.Name(step.name, ast.Load()))
        made.append(statement)
        for part in (statement, *walk(statement)):
            ast.copy_location(part, like)
    return made


def _is_step(value: ast.BinOp, started: Collection[str], numbers: Collection[str]) -> bool:
    """Tell whether a value is one of the arrays and, added or taken away, a product with a rate or of a gradient."""
    if not isinstance(value.op, ast.Add | ast.Sub) or not isinstance(value.left, ast.Name):
        return False
    words = {part.id for part in walk(value.right) if isinstance(part, ast.Name)}
    small = (part.value for part in walk(value.right) if isinstance(part, ast.Constant))
    is_rated = any(naming.RATE.search(word) for word in words) or any(
        isinstance(number, float) and 0 < number < 1 for number in small
    )
    return value.left.id in started and bool(words - set(numbers)) and is_rated


def _owner(name: str, started: Collection[str]) -> str:
    """Return the parameter that a name is made of, by its longest part; an empty text if it is made of none.

    >>> [_owner(name, {"w", "w1", "b"}) for name in ("n_w1", "w_new", "dw", "w1_1", "bias")]
    ['w1', 'w', '', 'w1', '']
    """
    fits = [one for one in started if len(one) < len(name) and (name.startswith(one) or name.endswith(one))]
    for one in sorted(fits, key=len, reverse=True):
        rest = name.removeprefix(one) if name.startswith(one) else name.removesuffix(one)
        mark = MARK.fullmatch(rest)
        is_apart = rest.startswith("_") if name.startswith(one) else rest.endswith("_")
        if mark and (is_apart or _is_marked(mark["word"])) and not naming.looks_like_gradient(name):
            return one
    return ""


def _is_marked(word: str) -> bool:
    """Tell whether something is called new by what is added to its name without a stroke: `newW`, `w1new`."""
    return word.lower() in ("new", "next", "updated", "nuevo", "novo", "neu", "prime", "plus")
