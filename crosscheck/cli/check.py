"""`crosscheck check`."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from crosscheck.cli.exits import Exit
from crosscheck.cli.outputs import Outputs, ReportCommand, report_options
from crosscheck.errors import CrosscheckError

PATH = click.Path(path_type=Path)


@click.command(
    cls=ReportCommand,
    epilog="Exit codes: 0 agree, 1 disagree, 2 could not run, 3 inconclusive, 70 a bug of crosscheck, 130 interrupted.",
)
@click.argument("targets", metavar="TARGET...", nargs=-1, required=True)
@click.option("--function", "functions", metavar="NAME", multiple=True, help="Judge only this one; may be repeated.")
@report_options
@click.option("--seed", type=click.IntRange(min=0), metavar="N", default=0, show_default=True, help="Draws the cases.")
@click.option("--examples", type=click.IntRange(min=1), metavar="N", help="Random cases for each function.")
@click.option("--budget", type=float, metavar="SECONDS", help="Time for each file.")
@click.option("--python", type=PATH, help="The interpreter of another environment, with NumPy.")
@click.option("--skip-unrecognised", is_flag=True, help="What cannot be judged does not stand in the way of AGREE.")
@click.option("--no-repair", is_flag=True, help="Look for no repair.")
@click.option("--fix", is_flag=True, help="Write the first repair to the file, and a backup beside it.")
@click.option("--force", is_flag=True, help="With --fix: even if git does not have the file as it is.")
@click.option(
    "--allow", multiple=True, type=click.Choice(["writes", "sockets", "processes"]), help="What the code may do."
)
@click.option("--memory", type=click.FloatRange(min=0.25), metavar="GIB", help="Memory for the code.  [default: 4]")
def check(targets: Sequence[str], **options: Any) -> int:
    """Judge someone's code: scripts, notebooks, folders of them, module:function.

    The code is executed, in a process of its own that may not write, delete, connect or start processes; that is no
    sandbox. The reference is the derivative of the loss that the code's own forward computes.
    """
    if options["force"] and not options["fix"]:
        raise CrosscheckError("--force belongs to --fix: leave it out.", code="bad-usage")
    return _check(targets, Outputs.of(options), options)


def _check(targets: Sequence[str], outputs: Outputs, options: dict[str, Any]) -> int:
    from crosscheck.files.check import InterruptedCheck
    from crosscheck.files.process import ChildBugError
    from crosscheck.files.together import NOTHING_TO_JUDGE
    from crosscheck.files.together import targets as each

    reports, error, stop = [], None, None
    try:
        for target, searched in each(targets):
            report = _check_one(target, options)
            if searched and report.error is not None and report.error["code"] in NOTHING_TO_JUDGE:
                continue
            reports.append(report)
            outputs.show(str(report))
            if options["fix"]:
                _fix(report, force=options["force"])
    except InterruptedCheck as interrupted:
        stop, error = interrupted, interrupted.report.error
        reports.append(interrupted.report)
        outputs.show(str(interrupted.report))
    except ChildBugError as bug:
        stop, error = bug, _stopped("bug", "This is a bug in crosscheck, not in your input.")
    if not reports and error is None:
        raise CrosscheckError(
            f"Nothing in {', '.join(targets)} looks like a hand-written gradient: name the file and the function.",
            code="nothing-judged",
        )
    result = _together(reports, targets, options["seed"], error if len(reports) != 1 else None)
    outputs.write(result.as_dict())
    if stop is not None:
        raise stop
    return Exit.of(result.verdict)


def _check_one(target: str, options: dict[str, Any]) -> Any:
    from crosscheck.files.check import check_file

    memory = options["memory"]
    with _progress(target) as handler:
        return check_file(
            target, function=options["functions"], seed=options["seed"], examples=options["examples"],
            budget=options["budget"], python=options["python"], skip_unrecognised=options["skip_unrecognised"],
            repair=not options["no_repair"], allow=options["allow"],
            pictures=options["html"] is not None,
            memory=None if memory is None else int(memory * (1 << 30)), handler=handler,
        )  # fmt: skip


@contextmanager
def _progress(target: str) -> Iterator[Any]:
    """Show on standard error, where that is a terminal, what is being judged."""
    from rich.markup import escape

    from crosscheck.builtin import consoles

    console = consoles.progress()
    if not console.is_terminal:
        yield lambda _event: None
        return
    with console.status(f"{escape(target)}: reading") as status:

        def handler(event: dict[str, Any]) -> None:
            if event["event"] == "unit":
                status.update(f"{escape(target)}: judging {escape(str(event.get('function', '')))}")

        yield handler


def _fix(report: Any, *, force: bool) -> None:
    from crosscheck.files.check import locate
    from crosscheck.repair import Repair, apply
    from crosscheck.source import Edit, read

    first = next((repair for repair in report.repairs if repair.get("edits")), None)
    if first is None:
        click.echo(f"{report.target}: there is no repair to write.", err=True)
        return
    document = read(locate(report.target)[0])
    edits = [Edit((start[0], start[1]), (end[0], end[1]), text) for start, end, text in first["edits"]]
    repair = Repair(
        first["line"], first["before"], first["after"], first["diff"], first["cases"], None,
        edited=document.with_edits(edits),
    )  # fmt: skip
    backup = apply(document, repair, force=force)
    click.echo(f"{document.path}: the repair is written; as it was before it is in {backup}.", err=True)


def _together(reports: Sequence[Any], targets: Sequence[str], seed: int, error: dict[str, Any] | None) -> Any:
    from crosscheck.files.together import Together

    command = shlex.join(["crosscheck", "check", *targets, "--seed", str(seed)])
    if len(reports) == 1:
        command = reports[0].reproduce
    return Together(tuple(reports), " ".join(targets), seed, command, error)


def _stopped(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": message, "line": None, "cell": None}
