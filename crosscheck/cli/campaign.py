"""`crosscheck campaign`."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from crosscheck.cli.exits import Exit
from crosscheck.cli.outputs import refuse_unwritable
from crosscheck.errors import CrosscheckError

MODELS = 1_000_000
SIZE = 12
DTYPES = ["float64", "float32", "float16"]


@click.command()
@click.option("--pair", "name", default="rnn", show_default=True, help="Which built-in pair.")
@click.option("--models", type=int, default=MODELS, show_default=True, help="Random models to judge.")
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the models.")
@click.option("--workers", type=int, help="Processes.  [default: one for each core]")
@click.option("--dask", metavar="ADDRESS", help="Use the Dask cluster whose scheduler is there.")
@click.option("--json", "file", metavar="FILE", help="Write the report as JSON; - is standard output.")
@click.option("--case", "key", metavar="KEY", help="Judge this one case and show its worst entries.")
@click.option("--dtype", type=click.Choice(DTYPES), default=DTYPES[0], show_default=True)
@click.option("--scale", type=float, nargs=2, metavar="MIN MAX", help="Scales of the parameters.  [default: 0.001 30]")
@click.option("--size", type=int, default=SIZE, show_default=True, help="Most symbols, hidden units and steps.")
@click.option("--batch", type=int, default=0, show_default=True, help="Most sequences in a batch; 0 for none.")
def campaign(name: str, file: str | None, key: str | None, **options: Any) -> int:
    """Judge a million random models: every entry of every gradient.

    Shapes, parameters and data are drawn anew for each. Verdict and counts depend on --seed, and on what is drawn, but
    not on the number of workers. Ctrl-C tells what was judged so far.
    """
    from crosscheck.campaign.report import CampaignReport

    refuse_unwritable(file)
    drawn = "".join(
        f" --{option} {options[option]}"
        for option, default in (("dtype", DTYPES[0]), ("size", SIZE), ("batch", 0))
        if options[option] != default
    )
    try:
        if options["workers"] is not None and options["dask"] is not None:
            raise CrosscheckError(
                "--dask has workers of its own: leave out --workers or --dask.", code="two-kinds-of-workers"
            )
        pair = _pair(name, options)
        command = f"crosscheck campaign --pair {name}{drawn}"
        report = _judge_case(pair, key, command) if key else _run(pair, command, options)
    except CrosscheckError as error:
        reported = {"code": error.code, "message": str(error), "line": None}
        nothing = CampaignReport(name, options["seed"], 0, 0, 0.0, (), (), (), {}, "", error=reported)
        _write(nothing, file)
        raise
    _write(report, file)
    if file != "-":
        click.echo(str(report))
        if key:
            _echo_worst(report)
    if getattr(report, "interrupted", False):
        raise KeyboardInterrupt
    return Exit.of(report.verdict)


def _pair(name: str, options: dict[str, Any]) -> Any:
    from crosscheck.builtin.pairs import PAIRS, by_name

    size, batch = options["size"], options["batch"]
    if name not in PAIRS:
        return by_name(name)  # which says what there is
    if size < 1 or batch < 0:
        raise CrosscheckError(f"--size is {size} and --batch is {batch}, expected at least 1 and 0.", code="bad-sizes")
    sizes = dict.fromkeys(("vocabulary", "hidden", "steps"), (1, size))
    return PAIRS[name](dtype=options["dtype"], batch=(0, batch), long=None, **sizes)


def _run(pair: Any, command: str, options: dict[str, Any]) -> Any:
    from crosscheck.builtin import consoles
    from crosscheck.campaign.plan import CHUNKS_AT_ONCE, Plan
    from crosscheck.campaign.progress import Meter
    from crosscheck.campaign.run import campaign as run
    from crosscheck.strategies.stacks import MODELS as CHUNK

    plan = Plan(pair, options["models"], options["seed"], options["scale"])
    workers: int | None = options["workers"]
    if workers is None:
        workers = min(_cores(), max(1, plan.models // (CHUNKS_AT_ONCE * CHUNK)))

    def reproduce(culprit: Any) -> str:
        if culprit:
            return f"{command} --case {culprit}"
        scale = "" if plan.scale is None else " --scale {:g} {:g}".format(*plan.scale)
        return f"{command} --models {plan.models} --seed {plan.seed}{scale}"

    with Meter(consoles.progress(), pair.name, plan.models) as meter:
        return run(plan, workers=workers, dask=options["dask"], handlers=[meter], reproduce=reproduce)


def _judge_case(pair: Any, key: str, command: str) -> Any:
    from dataclasses import replace

    from crosscheck.door import check

    return replace(check(pair=replace(pair, rules=()), only=key), reproduce=f"{command} --case {key}")


def _echo_worst(report: Any) -> None:
    for tally in report.tallies:
        if tally.worst is not None:
            worst = tally.worst
            click.echo(
                f"  {tally.name}{list(worst.index)}: {worst.subject!r} by hand, {worst.reference!r} by JAX, "
                f"noise {worst.noise:.1e}, {worst.discrepancy:.3g} tolerances apart"
            )


def _cores() -> int:
    available: Callable[[int], Any] | None = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


def _write(report: Any, file: str | None) -> None:
    if file == "-":
        click.echo(report.to_json())
    elif file is not None:
        Path(file).write_text(report.to_json() + "\n", encoding="utf-8")
