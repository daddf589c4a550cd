r"""Gradients that the way back carries from step to step, and that the next turn of a training begins with.

later = np.zeros(n)
for x, y in data:
...
for t in reversed(range(T)):
da = (Wh.T @ later + Wy.T @ dy[t]) * (1 - h[t] ** 2)
later = da
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from crosscheck.recognise import naming
from crosscheck.recognise.rule_words import STALE
from crosscheck.recognise.statements import goes_back_in_time
from crosscheck.recognise.unit import Unit
from crosscheck.source.walking import walk, walked
from crosscheck.verdicts import Finding, Severity

CARRIED = re.compile(r"next|future|later|carr(?:y|ied)|delta|following", re.IGNORECASE)
"""What is called that is handed back from one step to the one before"""
MAKES_ZEROS = re.compile(r"\b(?:zeros|zeros_like)\(")


def with_left_carries(tree: ast.Module, units: Sequence[Unit]) -> list[Unit]:
    """Return units of which the last one says what its training carries over from turn to turn, if it does."""
    found = list(units)
    for loop, name, line in _left(tree) if found else ():
        place = next((n for n, unit in enumerate(found) if loop in unit.functions), len(found) - 1)
        message = (
            f"Every turn begins with the {name} that the one before has left, so that {STALE}: "
            "set it to zero before the way back."
        )
        fault = Finding("update-differs", Severity.ERROR, None, message, line=line)
        found[place] = replace(found[place], faults=(*found[place].faults, fault))
        break
    return found


def _left(tree: ast.Module) -> Iterator[tuple[ast.For | ast.While, str, int]]:
    r"""Yield trainings, what they carry over, and the line of the way back that reads it first.

    >>> code = "later = np.zeros(3)\nfor x in data:\n{}    for t in reversed(range(9)):\n        d = W @ later + e[t]\n"
    >>> code += "        dW += d\n        later = d\n    W -= dW"
    >>> [name for _, name, _ in _left(ast.parse(code.format("")))]
    ['later']
    >>> [name for _, name, _ in _left(ast.parse(code.format("    later = np.zeros(3)\n")))]
    []
    """
    for body in (part.body for part in walk(tree) if isinstance(part, ast.Module | ast.FunctionDef)):
        zeros = {name for statement in body for name in _zeroed(statement)}
        for loop in (one for one in body if isinstance(one, ast.For | ast.While) and not goes_back_in_time(one)):
            for inner in _ways_back(loop):
                for name in sorted(zeros & _carried(inner)):
                    if not _is_set_between(loop, inner, name):
                        yield loop, name, inner.lineno


def _zeroed(statement: ast.stmt) -> Iterator[str]:
    """Yield what a statement makes zeros."""
    if isinstance(statement, ast.Assign) and MAKES_ZEROS.search(ast.unparse(statement.value)):
        yield from (target.id for target in statement.targets if isinstance(target, ast.Name))


def _ways_back(loop: ast.For | ast.While) -> Iterator[ast.For]:
    """Yield the loops through steps in each turn of a training, or of an epoch of it."""
    for part in loop.body:
        if isinstance(part, ast.For):
            yield from (part,) if goes_back_in_time(part) else _ways_back(part)


def _carried(inner: ast.For) -> set[str]:
    """Return what a step reads before it is assigned: what the step behind it has left."""
    assigned: set[str] = set()
    carried: set[str] = set()
    for statement in inner.body:
        names = [part for part in walked(statement) if isinstance(part, ast.Name)]
        read = {part.id for part in names if isinstance(part.ctx, ast.Load)}
        carried |= read - assigned
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        assigned |= {target.id} if isinstance(target, ast.Name) else set()
    called = {name for name in assigned if CARRIED.search(name) or naming.looks_like_gradient(name)}
    return carried & called


def _is_set_between(loop: ast.For | ast.While, inner: ast.For, name: str) -> bool:
    """Tell whether a turn assigns a variable outside of a loop through its steps, or makes it in place zero."""
    inside = {id(part) for part in walked(inner)}
    others = (part for part in walked(loop) if id(part) not in inside)
    return any(isinstance(part, ast.Name) and part.id == name for part in others)
