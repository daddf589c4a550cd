"""A pair's discrepancies in a table: a row for each array, a column for each thing that is done with it."""

import re
from collections.abc import Sequence

from rich import box
from rich.table import Table

from crosscheck.tally import Tally
from crosscheck.verdicts import Verdict, aggregate
from manual.parameters import LONG_NAMES

COLOURS = {
    Verdict.AGREE: "green",
    Verdict.DISAGREE: "bold red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.ERROR: "bold red",
}
WIDE = 80
"""Characters that the table takes with the long names of the parameters and the count of cases."""
GRADIENT = "gradient"
HEADINGS = {"clip_by_value": "clipped", "clip_by_global_norm": "norm clipped"}


def discrepancies(tallies: Sequence[Tally], width: int) -> Table:
    """Draw the table; the cells hold the largest discrepancy of all cases, in tolerances."""
    cells: dict[str, dict[str, list[Tally]]] = {}
    for tally in tallies:
        array, rule = _place(tally.name)
        cells.setdefault(array, {}).setdefault(rule, []).append(tally)
    columns = list(dict.fromkeys(rule for row in cells.values() for rule in row))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=0, header_style="dim")
    table.add_column("")
    table.add_column("verdict")
    for column in columns:
        table.add_column(HEADINGS.get(column, column), justify="right")
    table.add_column("detects", justify="right")
    if width >= WIDE:
        table.add_column("judged", justify="right")
    for array, row in cells.items():
        every = [tally for group in row.values() for tally in group]
        verdict = aggregate(tally.verdict for tally in every)
        floor = max(tally.detection_floor for tally in every)
        judged = [f"{min(tally.judged for tally in every)}/{every[0].cases}"] if width >= WIDE else []
        table.add_row(
            _long_name(array) if width >= WIDE else array.replace("_", " "),
            f"[{COLOURS[verdict]}]{verdict}[/]",
            *(_furthest(row.get(column, [])) for column in columns),
            f"{floor:.0e}",
            *judged,
        )
    return table


def _place(name: str) -> tuple[str, str]:
    """Take `parameters.Wxh after adagrad` apart: the array Wxh in the column adagrad."""
    array, _, rule = name.partition(" after ")
    return re.sub(r"^(parameters|state\[\d+\])\.", "", array), rule or GRADIENT


def _furthest(tallies: Sequence[Tally]) -> str:
    found = [tally.worst.discrepancy for tally in tallies if tally.worst is not None]
    return f"{max(found):.2g}" if found else ""


def _long_name(array: str) -> str:
    return LONG_NAMES._asdict().get(array, array.replace("_", " "))
