"""`crosscheck mutants`."""

from pathlib import Path

import click

from crosscheck.cli.exits import Exit


@click.command()
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the table to this file as well.")
def mutants(json_file: Path | None) -> int:
    """Try the judge on backward passes that are wrong on purpose.

    Each mutant of the built-in catalogue must be killed, by the finding that names its fault; variants that are right
    but look odd must be acquitted. Exit code 1 means that one survived, or that a right one was condemned.
    """
    from crosscheck.builtin.mutants import CATALOGUE, VARIANTS
    from crosscheck.builtin.mutants.run import run_mutants

    return Exit.of(run_mutants(CATALOGUE, VARIANTS, json_file))
