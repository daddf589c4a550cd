"""`crosscheck mutants`: the judge before its own court."""

import time
from collections.abc import Sequence
from pathlib import Path

from crosscheck.builtin import consoles
from crosscheck.builtin.mutants.killing import ALL, Bench, kill_all
from crosscheck.builtin.mutants.mutant import Mutant
from crosscheck.builtin.mutants.table import HEADING, Row, as_json, legend, line
from crosscheck.verdicts import Verdict


def run_mutants(
    catalogue: Sequence[Mutant], variants: Sequence[Mutant], json_file: Path | None = None, bench: Bench | None = None
) -> Verdict:
    """Print the kill table, row by row; return DISAGREE if a mutant survives or a right variant is condemned."""
    started, bench, rows = time.monotonic(), bench or Bench(), list[Row]()
    consoles.plain(f"{HEADING}\n")
    for row in kill_all(bench, catalogue):
        rows.append(row)
        consoles.plain(f"{line(*row)}\n")
    consoles.plain(f"\n{legend(rows)}\n\n")
    survivors = [trial.mutant for trial, _ in rows if not trial.killed]
    for mutant in survivors:
        consoles.plain(f"{mutant.name} survives, and should be killed by {mutant.code}: {mutant.meaning}\n")
    condemned = [v for v in variants if bench.try_in(v, examples=ALL).report.verdict is not Verdict.AGREE]
    for variant in condemned:
        consoles.plain(f"{variant.name} is right, and was not acquitted: {variant.meaning}\n")
    consoles.plain(
        f"{len(rows) - len(survivors)} of {len(rows)} mutants killed, {len(variants) - len(condemned)} of "
        f"{len(variants)} right but odd variants acquitted, {time.monotonic() - started:.0f} s\n"
    )
    if json_file is not None:
        json_file.write_text(as_json(rows), encoding="utf-8")
    return Verdict.DISAGREE if survivors or condemned else Verdict.AGREE
