"""Keys one by one, and a screen that is drawn anew: the two sides of a terminal."""

import contextlib
import os
import select
import shutil
import signal
import sys
import termios
import tty
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Protocol

NAMES = {
    b"\x1b[A": "up", b"\x1b[B": "down", b"\x1bOA": "up", b"\x1bOB": "down", b"\x1b[5~": "page up",
    b"\x1b[6~": "page down", b" ": "page down", b"\r": "enter", b"\n": "enter", b"\x1b": "escape", b"\x04": "q",
}  # fmt: skip


class Terminal(Protocol):
    """What the watching needs of a terminal."""

    def key(self, seconds: float) -> str | None:
        """Return the next key, None if none comes within so many seconds."""
        ...

    def draw(self, lines: Sequence[str]) -> None:
        """Show these lines, and nothing else."""
        ...

    def size(self) -> tuple[int, int]:
        """Return columns and lines."""
        ...


class Tty:
    """The terminal of this process."""

    def key(self, seconds: float) -> str | None:
        """Return the next key, None if none comes within so many seconds."""
        descriptor = sys.stdin.fileno()
        if not select.select([descriptor], [], [], seconds)[0]:
            return None
        pressed = os.read(descriptor, 1)
        if not pressed:  # the terminal is gone
            return "q"
        if pressed == b"\x1b" and select.select([descriptor], [], [], 0.02)[0]:
            pressed += os.read(descriptor, 8)
        return NAMES.get(pressed) or pressed.decode("utf-8", "replace").lower()

    def draw(self, lines: Sequence[str]) -> None:
        """Show these lines, and nothing else."""
        sys.stdout.write("\x1b[H\x1b[2J" + "\r\n".join(lines))
        sys.stdout.flush()

    def size(self) -> tuple[int, int]:
        """Return columns and lines."""
        columns, lines = shutil.get_terminal_size()
        return columns, lines


@contextlib.contextmanager
def listening_terminal() -> Iterator[Tty]:
    """Give keys without Enter and without echo; the terminal is as before afterwards, and after Ctrl-Z and fg again."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)

    def again(_number: int, _frame: FrameType | None) -> None:
        tty.setcbreak(descriptor)

    def ended(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    handlers = {number: signal.signal(number, ended) for number in (signal.SIGTERM, signal.SIGHUP)}
    handlers[signal.SIGCONT] = signal.signal(signal.SIGCONT, again)
    tty.setcbreak(descriptor)
    try:
        yield Tty()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        with contextlib.suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
        with contextlib.suppress(OSError):
            sys.stdout.write("\r\n")
            sys.stdout.flush()
