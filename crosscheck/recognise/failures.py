"""What a call that failed tells of its arguments: the message, the statement, and what was involved."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from crosscheck.recognise.ended import ended
from crosscheck.recognise.guesses import Key
from crosscheck.recognise.summing import summed
from crosscheck.recognise.world import FILENAME
from crosscheck.source.walking import kept, walked

NO_SIZES = re.compile(r"shape-mismatch for sum")
"""Complaints that two sizes differ, which do not say what they are"""


@dataclass
class Failure:
    """An error, where it arose, and which of the made-up values were in sight there."""

    error: BaseException
    line: int
    statement: ast.stmt | None
    inside: list[Key]
    """Slots that the statement names"""
    indexing: list[Key]
    """Those of them that stand between brackets"""
    asserted: tuple[Any, Any] | None = None
    """What an assertion found to be different"""
    exceeding: tuple[int, int] | None = None
    """What an assertion found to be too large, and the most that it may be"""
    summed: tuple[tuple[int, int], ...] = ()
    """Sizes that a sum over axes of two arrays takes for one, and that differ"""
    divisors: tuple[int, ...] = ()
    """What an assertion divides by"""
    steps: tuple[int, int] | None = None
    """How many steps there were, and how many a loop went through"""

    @property
    def message(self) -> str:
        """What the error says."""
        return str(self.error)


def failure_of(error: BaseException, tree: ast.Module, values: Mapping[Key, Any]) -> Failure:
    """Return what an error's traceback shows."""
    frame, line, trace = None, 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILENAME:
            frame, line = trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next
    statement = _statement(tree, line)
    if frame is None or statement is None:
        return Failure(error, line, statement, [], [])
    ids = {id(value): key for key, value in values.items() if isinstance(value, np.ndarray | list)}
    scope = {**frame.f_globals, **frame.f_locals}
    names = [node for node in walked(statement) if isinstance(node, ast.Name)]
    brackets = [
        inner.id
        for node in walked(statement)
        if isinstance(node, ast.Subscript)
        for inner in walked(node.slice)
        if isinstance(inner, ast.Name)
    ]
    inside = list(dict.fromkeys(k for n in names for k in _keys(scope.get(n.id), ids)))
    held = (_held(node, scope) for node in walked(statement) if isinstance(node, ast.Attribute))
    inside += [key for key in dict.fromkeys(k for value in held for k in _keys(value, ids)) if key not in inside]
    indexing = list(dict.fromkeys(k for name in brackets for k in _keys(scope.get(name), ids)))
    refused = _refusal(statement, tree)
    return Failure(
        error,
        line,
        statement,
        inside,
        indexing,
        _compared(refused, (ast.Eq,), frame.f_globals, scope),
        _exceeding(refused, frame.f_globals, scope),
        summed(statement, scope) if NO_SIZES.search(str(error)) else (),
        _divisors(statement, frame.f_globals, scope) if isinstance(error, AssertionError) else (),
        ended(error, tree),
    )


OPPOSITE = {ast.NotEq: ast.Eq, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Lt: ast.GtE, ast.LtE: ast.Gt}


def _refusal(statement: ast.stmt, tree: ast.Module) -> ast.stmt:
    """Return `if a != b: raise ...` as the assertion that it stands for; any other statement as it is."""
    if not isinstance(statement, ast.Raise):
        return statement
    for node in _statements(tree):
        match node:
            case ast.If(test=ast.Compare(left=one, ops=[operator], comparators=[other]), body=[*body]):
                if any(part is statement for part in body) and type(operator) in OPPOSITE:
                    met = ast.Compare(one, [OPPOSITE[type(operator)]()], [other])
                    return ast.copy_location(ast.Assert(met), statement)
    return statement


def _compared(
    statement: ast.stmt, operators: tuple[type, ...], names: dict[str, Any], scope: Mapping[str, Any]
) -> tuple[Any, Any] | None:
    """Return the two sides of an assertion that does not hold, if it compares them so."""
    test = statement.test if isinstance(statement, ast.Assert) else None
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], operators)):
        return None
    sides = _evaluated((test.left, test.comparators[0]), names, scope)
    return (sides[0], sides[1]) if len(sides) == 2 else None


def _exceeding(statement: ast.stmt, names: dict[str, Any], scope: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return what an assertion finds to be too large, and what it must not exceed: `assert steps <= self.longest`."""
    upwards = _compared(statement, (ast.LtE, ast.Lt), names, scope)
    downwards = _compared(statement, (ast.GtE, ast.Gt), names, scope)
    large, most = upwards or (downwards or (None, None))[::-1]
    return (large, most) if type(large) is int and type(most) is int and large >= most else None


def _divisors(statement: ast.stmt, names: dict[str, Any], scope: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the numbers that an assertion divides by: `assert channels % groups == 0`."""
    parts = [part.right for part in walked(statement) if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mod)]
    return tuple(value for value in _evaluated(parts, names, scope) if type(value) is int and 1 < value < 8)


def _evaluated(parts: Iterable[ast.expr], names: dict[str, Any], scope: Mapping[str, Any]) -> list[Any]:
    """Return the values of expressions where they stood; none if one of them cannot be evaluated alone."""
    try:
        return [
            eval(compile(ast.Expression(part), FILENAME, "eval"), names, dict(scope))  # noqa: S307 - it has just run
            for part in parts
        ]
    except Exception:  # noqa: BLE001 - theirs
        return []


def _held(node: ast.expr, scope: Mapping[str, Any]) -> Any:
    """Return what an attribute holds, or one of what that holds; nothing that would have to be computed."""
    if isinstance(node, ast.Attribute):
        return getattr(_held(node.value, scope), "__dict__", {}).get(node.attr)
    return scope.get(node.id) if isinstance(node, ast.Name) else None


def _keys(value: Any, ids: Mapping[int, Key]) -> Iterator[Key]:
    parts = value if isinstance(value, tuple) else (value,)
    for part in parts:
        while part is not None:
            if id(part) in ids:
                yield ids[id(part)]
            part = part.base if isinstance(part, np.ndarray) else None


def _statement(tree: ast.Module, line: int) -> ast.stmt | None:
    found = [node for node in _statements(tree) if node.lineno <= line <= (node.end_lineno or node.lineno)]
    # Of several in one place the last is the author's: what reports a call stands in front of it.
    return max(reversed(found), key=lambda node: (node.lineno, -(node.end_lineno or 0)), default=None)


@kept
def _statements(tree: ast.Module) -> tuple[ast.stmt, ...]:
    return tuple(node for node in walked(tree) if isinstance(node, ast.stmt))
