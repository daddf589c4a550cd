"""`crosscheck mutants`."""

from pathlib import Path

import click

from crosscheck.cli.exits import Exit


@click.command()
@click.argument("target", required=False)
@click.option("--function", "functions", metavar="NAME", multiple=True, help="Of a file: only this one.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the table to this file as well.")
def mutants(target: str | None, functions: tuple[str, ...], json_file: Path | None) -> int:
    """Try the judge on backward passes that are wrong on purpose.

    Without TARGET: each mutant of the built-in catalogue must be killed, by the finding that names its fault, and
    variants that are right but look odd must be acquitted. With TARGET, a script or notebook: small edits of its own
    backward pass. Exit code 1 means that one survived (or, of the catalogue, that a right one was condemned).
    """
    if target is not None:
        return _of_file(target, functions, json_file)
    from crosscheck.builtin.mutants import CATALOGUE, VARIANTS
    from crosscheck.builtin.mutants.run import run_mutants

    return Exit.of(run_mutants(CATALOGUE, VARIANTS, json_file))


def _of_file(target: str, functions: tuple[str, ...], json_file: Path | None) -> int:
    from crosscheck.files.check import check_file
    from crosscheck.verdicts import Verdict

    report = check_file(target, function=functions, repair=False, examine="crosscheck.files.mutate:examine_mutants")
    if report.verdict is not Verdict.AGREE:
        click.echo(report)
        click.echo("Mutants are tried where the gradients agree.", err=True)
        return Exit.of(report.verdict)
    survivors = 0
    for subject in report.subjects:
        tried = subject["mutants"]
        counts = {outcome: [m for m in tried if m["outcome"] == outcome] for outcome in ("survived", "equivalent")}
        survivors += len(counts["survived"])
        killed = len(tried) - len(counts["survived"]) - len(counts["equivalent"])
        click.echo(f"{target}, {subject['function']}: {killed} of {len(tried)} mutants killed")
        for mutant in counts["survived"]:
            click.echo(f"  survived, line {mutant['line']}: {mutant['before']}  ->  {mutant['after']}")
        for mutant in counts["equivalent"]:
            click.echo(f"  equivalent, line {mutant['line']}: {mutant['before']}  ->  {mutant['after']}")
    if survivors:
        click.echo(
            "Under a mutant that survived every gradient is still right: look whether it is the same in other words."
        )
    if json_file is not None:
        json_file.write_text(report.to_json() + "\n", encoding="utf-8")
    return int(Exit.of(Verdict.DISAGREE) if survivors else Exit.of(Verdict.AGREE))
