"""How far a campaign has come: a bar on a terminal, lines elsewhere, both with the rate and the time left."""

import time
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bars

from crosscheck.campaign.run import Progress

SECONDS = 5.0
"""Between two lines"""


class Meter:
    """A handler of Progress events, and a context in which it may draw."""

    def __init__(self, console: Console, name: str, models: int) -> None:
        self._console, self._name = console, name
        self._last_line = time.monotonic()
        bar, remark = BarColumn(bar_width=None), TextColumn("{task.fields[remark]}")
        columns = TextColumn(name), bar, MofNCompleteColumn(), remark
        self._bars = Bars(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._bar = self._bars.add_task(name, total=models, remark="compiling")

    def __enter__(self) -> Self:
        self._bars.start()
        if not self._console.is_terminal:
            self._console.out(f"{self._name}: compiling", highlight=False)
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def __call__(self, event: Progress) -> None:
        """Show how far it is."""
        self._bars.update(self._bar, completed=event.done, remark=remark(event))
        if not self._console.is_terminal and (
            time.monotonic() - self._last_line >= SECONDS or event.done == event.total
        ):
            self._last_line = time.monotonic()
            line = f"{self._name}: {event.done:,} of {event.total:,} models, {remark(event)}"
            self._console.out(line, highlight=False)


def remark(event: Progress) -> str:
    """Say the rate, the time left, and whether anything disagrees."""
    if event.models_per_second is None:
        parts = ["compiling"]
    else:
        left = (event.total - event.done) / event.models_per_second
        parts = [f"{event.models_per_second:,.0f} a second", f"{left:,.0f} s left"]
    return ", ".join([*parts, *([f"{event.disagree:,} disagree"] if event.disagree else [])])
