"""How far a call came before it failed: the lines of someone's module that it went through."""

import sys
from types import FrameType
from typing import Any, Self

from crosscheck.recognise.world import FILENAME

MOST = 20_000
"""Lines that are listened to: a call that has run through so many runs through the same again"""


class Reach:
    """Takes note of the lines of the module that run, while it is entered."""

    def __init__(self) -> None:
        self.lines: set[int] = set()
        self._heard = 0

    def __enter__(self) -> Self:
        self._before = sys.gettrace()
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != FILENAME or self._heard > MOST:
            return None
        if event == "line":
            self._heard += 1
            self.lines.add(frame.f_lineno)
        return self._trace
