"""Whom the hook of marked code asks: it notes values that pass by, moves one, or puts others in their place."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

MOST = 400
"""Values of one place that are kept"""


def is_numbers(value: Any) -> bool:
    """Tell whether a value is an array of floating numbers, or one such number."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "fc" and value.size > 0
    return isinstance(value, float | complex | np.floating | np.complexfloating)


class Probe:
    """One call's worth of values that pass by."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.clock = 0

    def __call__(self, mark: int, value: Any) -> Any:
        """Be asked for what goes on in place of a value; None marks the beginning of a call."""
        turn = self.counts.get(mark, 0)
        self.counts[mark] = turn + 1
        self.clock += 1
        return self.passed(mark, turn, value) if is_numbers(value) else value

    def passed(self, mark: int, turn: int, value: Any) -> Any:
        """Return what goes on."""
        raise NotImplementedError


class Recording(Probe):
    """Notes every value, when it came by, and in which call of its function."""

    def __init__(self, functions: Mapping[int, int]) -> None:
        """`functions` are the marks of the functions that marks are in."""
        super().__init__()
        self.functions = functions
        self.values: dict[int, list[np.ndarray]] = {}
        self.times: dict[int, list[int]] = {}
        self.calls: dict[int, list[int]] = {}

    def passed(self, mark: int, turn: int, value: Any) -> Any:  # noqa: ARG002 - it is the next one
        """Note a value."""
        known = self.values.setdefault(mark, [])
        if len(known) < MOST:
            known.append(np.array(value))
            self.times.setdefault(mark, []).append(self.clock)
            self.calls.setdefault(mark, []).append(self.counts.get(self.functions.get(mark, -1), 0))
        return value


class Moving(Probe):
    """Adds something to one value, the `turn`-th one at a mark."""

    def __init__(self, mark: int, turn: int, step: Any) -> None:
        super().__init__()
        self.mark, self.turn, self.step = mark, turn, step

    def __call__(self, mark: int, value: Any) -> Any:
        """Move the value."""
        if mark != self.mark:
            return value
        turn = self.counts.get(mark, 0)
        self.counts[mark] = turn + 1
        return value + self.step if turn == self.turn and is_numbers(value) else value


class Replacing(Probe):
    """Puts other values in the place of those at some marks."""

    def __init__(self, others: Mapping[int, Sequence[np.ndarray]]) -> None:
        super().__init__()
        self.others = others

    def passed(self, mark: int, turn: int, value: Any) -> Any:
        """Return the other value, if there is one of that shape."""
        others = self.others.get(mark)
        if others is None or turn >= len(others):
            return value
        other = others[turn]
        is_array = isinstance(value, np.ndarray) or other.ndim
        return other.copy() if is_array else type(value)(other)


@contextmanager
def asked(hooks: Any, probe: Probe) -> Iterator[Probe]:
    """Let the hook ask a probe for a while."""
    hooks.probe = probe
    try:
        yield probe
    finally:
        hooks.probe = None


class Probed:
    """A subject in which a probe is asked anew at every call."""

    def __init__(self, subject: Any, hooks: Any, others: Mapping[int, Sequence[np.ndarray]]) -> None:
        self.subject, self.hooks, self.others = subject, hooks, others

    def __call__(self, *arguments: Any) -> Any:
        """Call the subject."""
        with asked(self.hooks, Replacing(self.others)):
            return self.subject(*arguments)
