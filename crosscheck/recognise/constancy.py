"""What is held constant while a loss is differentiated: each value as it was in one call, wherever it is assigned."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


class Constants:
    """The values that a program says are constant (crosscheck/recognise/held.py), by line and turn."""

    def __init__(self) -> None:
        self.hold = False
        """Whether they are held so while the loss is differentiated"""
        self.are_told = False
        """Whether anything is said to be constant in what was called"""
        self._values: dict[tuple[int, int], Any] = {}
        self._turns: dict[int, int] = {}
        self._is_holding = False

    def begin(self) -> None:
        """Get ready for another call."""
        self._turns.clear()

    def passed(self, line: int, value: Any) -> Any:
        """Note a value, or return what it was in the call that it is held from."""
        self.are_told = True
        place = (line, self._turns.get(line, 0))
        self._turns[line] = place[1] + 1
        if self._is_holding:
            value = self._values.get(place, value)
        else:
            self._values[place] = np.array(value) if isinstance(value, np.ndarray) else value
        return np.array(value) if isinstance(value, np.ndarray) else value

    @contextlib.contextmanager
    def held_from(self, call: Callable[[], Any]) -> Iterator[None]:
        """Hold all of them at what they are in a call, if that is asked for."""
        if not (self.hold and self.are_told):
            yield
            return
        self._values.clear()
        call()
        self._is_holding = True
        try:
            yield
        finally:
            self._is_holding = False
