"""One call of the learner's function: what came back, what it changed, and how much it did."""

import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from crosscheck.learn.loading import problem_of
from crosscheck.learn.problem import Problem
from crosscheck.trees import flatten, transform


@dataclass
class Outcome:
    """What one call did."""

    value: Any = None
    problem: Problem | None = None
    changed: tuple[int, ...] = ()
    """Positions of the arguments that the call changed."""
    same_again: bool = True
    """Whether a second call returned the same."""
    lines: int = 0
    """Lines of the learner's file that were run; 0 where they were not counted."""


Drive = Callable[[tuple[Any, ...]], Any]
"""Calls the learner's function with the arguments of a case"""


def call_once(drive: Drive, arguments: tuple[Any, ...], file: str) -> Outcome:
    """Call with copies of the arguments, twice, and once more with arrays that refuse complex numbers."""
    handed = copied(arguments)
    try:
        with np.errstate(all="ignore"):
            value = copied(drive(handed))
            changed = tuple(place for place, pair in enumerate(zip(arguments, handed, strict=True)) if not _same(*pair))
            again = drive(copied(arguments))
            refused = _finds_complex(drive, arguments)
    except Exception as error:  # noqa: BLE001 (the learner's code may raise anything)
        return Outcome(problem=problem_of(error, file))
    return Outcome(value, refused, changed, _same(value, again))


def lines_of(drive: Drive, arguments: tuple[Any, ...], file: str, most: int) -> Outcome:
    """Count the lines of the file that a call runs, and stop it beyond `most`."""
    count = 0

    def trace(frame: types.FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        if frame.f_code.co_filename != file:
            return None
        if event == "line":
            count += 1
            if count > most:
                raise _EnoughError
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with np.errstate(all="ignore"):
            drive(copied(arguments))
    except _EnoughError:
        pass
    except Exception as error:  # noqa: BLE001 (as above)
        return Outcome(problem=problem_of(error, file))
    finally:
        sys.settrace(before)
    return Outcome(lines=count)


class _EnoughError(Exception):
    pass


def copied(tree: Any) -> Any:
    """Return a tree of the same structure with arrays of its own."""
    return transform(lambda leaf: leaf.copy() if isinstance(leaf, np.ndarray) else leaf, tree)


def _same(one: Any, other: Any) -> bool:
    try:
        pairs = zip(flatten(one), flatten(other), strict=True)
        return all(a == b and _equal(x, y) for (a, x), (b, y) in pairs)
    except (ValueError, TypeError):
        return False


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray | np.generic | float | int) and isinstance(
        other, np.ndarray | np.generic | float | int
    ):
        one, other = np.asarray(one), np.asarray(other)
        is_float = one.dtype.kind == "f" and other.dtype.kind == "f"
        return one.shape == other.shape and bool(np.array_equal(one, other, equal_nan=is_float))
    return bool(one is other or one == other)


class _Real(np.ndarray):
    """An array that refuses to become complex."""

    def __array_finalize__(self, _parent: Any) -> None:
        if self.dtype.kind == "c":
            raise Problem(
                "complex", "Your code computes with complex numbers: this derivative is found with pencil and paper."
            )


def _finds_complex(drive: Drive, arguments: tuple[Any, ...]) -> Problem | None:
    """Return the problem if complex numbers are made of the arguments; code that dislikes such arrays is let be."""
    guarded = transform(
        lambda leaf: leaf.copy().view(_Real) if isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f" else leaf,
        arguments,
    )
    try:
        drive(guarded)
    except Problem as problem:
        return problem
    except Exception:  # noqa: BLE001 (it worked on plain arrays, and will be judged on what it returned for them)
        return None
    return None
