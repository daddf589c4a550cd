"""Results on standard output, progress on standard error; both at whatever width, with colours or without."""

import os
import sys
from typing import NoReturn

from rich.console import Console


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        """Let the command line decide: rich itself would exit with 1, which means DISAGREE here."""
        raise BrokenPipeError


def results(color: bool | None = None) -> Console:
    """Return the console of standard output.

    It has colours where it is a terminal and NO_COLOR is not set; `color` decides whatever these say.
    """
    if color is None and not os.environ.get("NO_COLOR"):
        return _Console(highlight=False)
    if color:
        return _Console(highlight=False, force_terminal=True, color_system="standard", no_color=False)
    return _Console(highlight=False, color_system=None)


def progress() -> Console:
    """Return the console of standard error."""
    return _Console(stderr=True, highlight=False)


def marks(console: Console) -> str:
    """Return what curves are drawn with: the first mark is a bullet where the encoding has one."""
    return ("•" if console.encoding.startswith("utf") else "*") + "+xo#@"


def plain(text: str) -> None:
    """Write text as it is to standard output: no markup, no wrapping."""
    sys.stdout.write(text)
    sys.stdout.flush()
