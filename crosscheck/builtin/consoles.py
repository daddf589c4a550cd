"""Results on standard output, progress on standard error; both at whatever width, with colours or without."""

import sys
from typing import NoReturn

from rich.console import Console


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        """Let the command line decide: rich itself would exit with 1, which means DISAGREE here."""
        raise BrokenPipeError


def results() -> Console:
    """Return the console of standard output."""
    return _Console(highlight=False)


def progress() -> Console:
    """Return the console of standard error."""
    return _Console(stderr=True, highlight=False)


def plain(text: str) -> None:
    """Write text as it is to standard output: no markup, no wrapping."""
    sys.stdout.write(text)
    sys.stdout.flush()
