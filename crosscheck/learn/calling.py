"""One call of the learner's function: what came back, what it changed, what it printed, and how much it did."""

import contextlib
import io
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from crosscheck.learn.loading import problem_of
from crosscheck.learn.obstacle import Obstacle
from crosscheck.trees import flatten, transform

MOST_PRINTED = 2_000
"""Characters that are kept of what one call printed"""


@dataclass
class Outcome:
    """What one call did."""

    value: Any = None
    problem: Obstacle | None = None
    changed: tuple[int, ...] = ()
    """Positions of the arguments that the call changed."""
    same_again: bool = True
    """Whether a second call returned the same."""
    lines: int = 0
    """Lines of the learner's file that were run; 0 where they were not counted."""
    printed: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` understands."""
        problem = self.problem
        told = None if problem is None else {"kind": problem.kind, "message": problem.message, "line": problem.line}
        return {name: told if name == "problem" else getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "Outcome":
        """Return what was sent."""
        problem = given["problem"]
        return cls(**{**given, "problem": None if problem is None else Obstacle(**problem)})


Drive = Callable[[tuple[Any, ...]], Any]
"""Calls the learner's function with the arguments of a case"""


def call_once(drive: Drive, arguments: tuple[Any, ...], file: str, *, repeat: bool = True) -> Outcome:
    """Call with copies of the arguments; if it is to be repeated, once more, and then with arrays that stay real."""
    handed = copied(arguments)
    with listening() as heard:
        try:
            with np.errstate(all="ignore"):
                value = copied(drive(handed))
        except (Exception, SystemExit) as error:  # noqa: BLE001 (the learner's code may raise anything)
            return Outcome(problem=problem_of(error, file), printed=heard.text())
    changed = tuple(place for place, pair in enumerate(zip(arguments, handed, strict=True)) if not _same(*pair))
    outcome = Outcome(value, changed=changed, printed=heard.text())
    if repeat:
        with listening(), np.errstate(all="ignore"):
            outcome.same_again = _comes_again(drive, arguments, value)
            outcome.problem = _finds_complex(drive, arguments)
    return outcome


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
                raise _Enough
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with listening(), np.errstate(all="ignore"):
            drive(copied(arguments))
    except _Enough:
        pass
    except (Exception, SystemExit) as error:  # noqa: BLE001 (as above)
        return Outcome(problem=problem_of(error, file))
    finally:
        sys.settrace(before)
    return Outcome(lines=count)


class _Enough(BaseException):
    pass


class Heard(io.TextIOBase):
    """Keeps the beginning of what is printed."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._left = MOST_PRINTED

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def write(self, text: str) -> int:
        """Keep what there is room for."""
        if self._left > 0:
            self._parts.append(text[: self._left])
            self._left -= len(text)
            if self._left <= 0:
                self._parts.append(" …\n")
        return len(text)

    def text(self) -> str:
        """Return it."""
        return "".join(self._parts)


@contextlib.contextmanager
def listening() -> Iterator[Heard]:
    """Keep what is printed within from standard output and standard error."""
    heard = Heard()
    with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
        yield heard


def copied(tree: Any) -> Any:
    """Return a tree of the same structure with arrays of its own."""
    return transform(lambda leaf: leaf.copy() if isinstance(leaf, np.ndarray) else leaf, tree)


def _comes_again(drive: Drive, arguments: tuple[Any, ...], value: Any) -> bool:
    try:
        return _same(value, drive(copied(arguments)))
    except (Exception, SystemExit):  # noqa: BLE001 (it worked the first time)
        return False


def _same(one: Any, other: Any) -> bool:
    try:
        pairs = zip(flatten(one), flatten(other), strict=True)
        return all(a == b and _equal(x, y) for (a, x), (b, y) in pairs)
    except (ValueError, TypeError):
        return False


def _equal(one: Any, other: Any) -> bool:
    numbers = np.ndarray | np.generic | float | int
    if isinstance(one, numbers) and isinstance(other, numbers):
        one, other = np.asarray(one), np.asarray(other)
        is_float = one.dtype.kind == "f" and other.dtype.kind == "f"
        return one.shape == other.shape and bool(np.array_equal(one, other, equal_nan=is_float))
    return bool(one is other or type(one) is type(other))  # what is no number is judged by its kind


class _Real(np.ndarray):
    """An array that refuses to become complex."""

    def __array_finalize__(self, _parent: Any) -> None:
        if self.dtype.kind == "c":
            raise Obstacle(
                "complex", "Your code computes with complex numbers: this derivative is found with pencil and paper."
            )


def _finds_complex(drive: Drive, arguments: tuple[Any, ...]) -> Obstacle | None:
    """Return the problem if complex numbers are made of the arguments; code that dislikes such arrays is let be."""
    guarded = transform(
        lambda leaf: leaf.copy().view(_Real) if isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f" else leaf,
        arguments,
    )
    try:
        drive(guarded)
    except Obstacle as problem:
        return problem
    except (Exception, SystemExit):  # noqa: BLE001 (it worked on plain arrays, and is judged on what it returned)
        return None
    return None
