"""`crosscheck merge`."""

import shlex
from collections.abc import Sequence
from typing import Any

import click

from crosscheck.cli.exits import Exit
from crosscheck.cli.outputs import Outputs, ReportCommand, report_options


@click.command(cls=ReportCommand)
@click.argument("targets", metavar="REPORT...", nargs=-1, required=True)
@report_options
def merge(targets: Sequence[str], **options: Any) -> int:
    """Make one report of several that --json wrote, such as those of the shards of a run.

    The exit code is that of all together: disagree before error before inconclusive before agree. A gradient that
    stands in more than one report is counted once.
    """
    from crosscheck.reports import merged, summary_lines
    from crosscheck.reports.schema import read_report
    from crosscheck.verdicts import Verdict

    outputs = Outputs.of(options)
    reports = [read_report(file) for file in targets]
    whole = merged(
        reports,
        target=" ".join(dict.fromkeys(report["target"] for report in reports)),
        seed=reports[0]["seed"],
        reproduce=shlex.join(["crosscheck", "merge", *targets]),
    )
    outputs.show("\n".join(summary_lines(whole)))
    outputs.write(whole)
    return Exit.of(Verdict(whole["verdict"]))
