"""`crosscheck plot`."""

from collections.abc import Sequence
from pathlib import Path

import click

PATH = click.Path(path_type=Path, readable=False)


@click.command()
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=PATH)
@click.option("--html", type=PATH, help="Write a page for a browser.  [default: draw in the terminal]")
def plot(runs: Sequence[Path], html: Path | None) -> None:
    """Show how trainings went, one or several side by side.

    RUN is a file that crosscheck train --record wrote. Of two runs that are equally long it also shows how far they
    drifted apart.
    """
    from crosscheck.builtin.plot import draw
    from crosscheck.builtin.records import write_page
    from crosscheck.builtin.runs import input_refused
    from crosscheck.reports.recordings import refuse_too_many

    if html is not None and str(html) == "-":
        raise click.UsageError("--html needs a file: name one.")
    if html in runs:
        raise click.UsageError(f"--html {html} is one of the runs: name another file.")
    refuse_too_many(runs)
    with input_refused():
        if html is None:
            draw(runs)
        else:
            write_page(runs, html)
