"""Where reports go: options that several commands share, and what is written for them."""

import itertools
import json
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from crosscheck.errors import CrosscheckError

FORMATS = {
    "json": "Write the report as JSON; - is standard output.",
    "html": "Write it as a page for a browser, with pictures.",
    "junit": "Write it as JUnit XML.",
    "sarif": "Write it as SARIF 2.1.0.",
}


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where the report goes. The command receives them under the names of the formats."""
    github = click.option("--github", is_flag=True, help="Annotate the lines concerned, and add to the job's summary.")
    command = github(command)
    colour = click.option("--color/--no-color", default=None, help="Colours also without a terminal, or none at all.")
    command = colour(command)
    for name, meaning in reversed(FORMATS.items()):
        command = click.option(f"--{name}", name, metavar="FILE", help=meaning)(command)
    return command


@dataclass(frozen=True)
class Outputs:
    """The files that a report is to be written to, by format; each is standard output where it is `-`."""

    files: Mapping[str, str]
    github: bool = False
    color: bool | None = None
    """Whether text has colours; None leaves it to the terminal and to NO_COLOR"""

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> "Outputs":
        """Take the options of `report_options`. Raises CrosscheckError for files that cannot be written."""
        files = {name: options[name] for name in FORMATS if options[name] is not None}
        for name, file in files.items():
            others = [other for other in files if other != name and files[other] == file]
            if others:
                where = "standard output" if file == "-" else file
                raise CrosscheckError(
                    f"--{name} and --{others[0]} both go to {where}: name another file.", code="bad-usage"
                )
            refuse_unwritable(file)
        return cls(files, options["github"], options["color"])

    @property
    def take_standard_output(self) -> bool:
        """Whether a report is written to standard output, where nothing else may stand then."""
        return "-" in self.files.values()

    def show(self, text: str) -> None:
        """Write the report as text, verdicts and diffs in colour, unless standard output is taken."""
        from rich.text import Text

        from crosscheck.builtin import consoles
        from crosscheck.builtin.table import COLOURS

        if self.take_standard_output:
            return
        console = consoles.results(self.color)
        for line in text.split("\n"):
            shown = Text(line)
            for verdict, colour in COLOURS.items():
                shown.highlight_regex(rf"(?:(?<=: )|^){verdict.upper()}\b", colour)
            if line.startswith("    +"):
                shown.stylize("green")
            elif line.startswith("    -"):
                shown.stylize("red")
            console.print(shown, soft_wrap=True)

    def write(self, report: Mapping[str, Any]) -> None:
        """Write a report in every format asked for."""
        from crosscheck import reports

        writers = {"json": _as_json, "html": reports.page, "junit": reports.junit, "sarif": reports.sarif}
        for name, file in self.files.items():
            text = writers[name](report)
            if file == "-":
                click.echo(text, nl=not text.endswith("\n"))
            else:
                Path(file).write_text(text, encoding="utf-8", errors="backslashreplace")
        if self.github:
            for line in reports.annotations(report):  # the runner reads both streams
                click.echo(line, err=self.take_standard_output)
            if place := os.environ.get("GITHUB_STEP_SUMMARY"):
                with Path(place).open("a", encoding="utf-8", errors="backslashreplace") as file:
                    file.write(reports.summary(report) + "\n")


class ReportCommand(click.Command):
    """A command with reports, which has `targets`: where it cannot run, the reports asked for say why."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; where they make no sense, nothing is known but that JSON was asked for."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if "--json=-" in given or ("--json", "-") in itertools.pairwise(given):
                Outputs({"json": "-"}).write(_refusal(ctx, given, 0, "bad-usage", error.format_message()))
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run, and write reports of what kept the command from running."""
        try:
            return super().invoke(ctx)
        except CrosscheckError as error:
            told = _refusal(ctx, ctx.params["targets"], ctx.params.get("seed", 0), error.code, str(error))
            _what_can_be_written(ctx.params).write(told)
            raise


def _what_can_be_written(options: Mapping[str, Any]) -> Outputs:
    try:
        return Outputs.of(options)
    except CrosscheckError:  # these files may be what was wrong
        return Outputs({"json": "-"} if options["json"] == "-" else {})


def _refusal(ctx: click.Context, targets: Sequence[str], seed: int, code: str, message: str) -> Mapping[str, Any]:
    from crosscheck.reports import merged

    error = {"code": code, "message": message, "line": None, "cell": None}
    command = shlex.join([*ctx.command_path.split(), *targets])
    return merged([], target=" ".join(targets), seed=seed, reproduce=command, error=error)


def _as_json(report: Mapping[str, Any]) -> str:
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def refuse_unwritable(file: str | None) -> None:
    """Check before a long run that its report can be written."""
    if file is None or file == "-":
        return
    path = Path(file)
    place = path if path.exists() else path.parent
    if path.is_dir() or not place.exists() or not os.access(place, os.W_OK):
        raise CrosscheckError(f"{file} cannot be written: name a file in a folder that you may write to.")
