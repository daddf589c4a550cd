"""How far a long run has come: a bar on a terminal, plain lines elsewhere."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Display(Protocol):
    """Where a run tells how far it is."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...

    def update(self, done: int, remark: str) -> None:
        """Say that `done` steps are taken, and how things stand."""
        ...

    def aside(self) -> AbstractContextManager[None]:
        """Step aside while something else is written."""
        ...


def display(console: Console, what: str, total: int | None, *, every: int | None = None) -> Display:
    """Choose the display for a console. Lines come after every `every` steps, by default twenty in a run."""
    if console.is_terminal:
        return Bar(console, what, total)
    return Lines(console, what, every or max(1, (total or 20_000) // 20))


class Lines:
    """One line now and then, the first step and the last among them."""

    def __init__(self, console: Console, what: str, every: int) -> None:
        self._console, self._what, self._every = console, what, every
        self._untold: tuple[int, str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._untold:
            self._tell(*self._untold)

    def update(self, done: int, remark: str) -> None:
        """Write a line if one is due."""
        if done == 1 or done % self._every == 0:
            self._tell(done, remark)
        else:
            self._untold = done, remark

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Lines are in nobody's way."""
        yield

    def _tell(self, done: int, remark: str) -> None:
        self._untold = None
        self._console.out(f"{self._what} {done:,}  {remark}".rstrip(), highlight=False)


class Bar:
    """A bar that vanishes at the end."""

    def __init__(self, console: Console, what: str, total: int | None) -> None:
        columns = [TextColumn(what), BarColumn(bar_width=None), MofNCompleteColumn(), TimeRemainingColumn(compact=True)]
        # What is written to standard output stays there, even where both are the same terminal: hence aside().
        self._progress = Progress(
            *columns, TextColumn("{task.fields[remark]}"), console=console, transient=True, redirect_stdout=False
        )
        self._task = self._progress.add_task(what, total=total, remark="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def update(self, done: int, remark: str) -> None:
        """Move the bar."""
        self._progress.update(self._task, completed=done, remark=remark)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar away for a moment."""
        self._progress.stop()
        yield
        self._progress.start()
