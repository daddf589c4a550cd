"""The kill table, as text and as JSON: which finding kills each mutant, and in how small a case of which regime."""

import json
from collections.abc import Sequence

from crosscheck.builtin.mutants.killing import Trial
from crosscheck.builtin.mutants.kinds import KINDS
from crosscheck.cases import Key

Row = tuple[Trial, Key | None]

HEADING = f"{'mutant':26} kind {'killed by':19} first regime, smallest case"


def line(trial: Trial, smallest: Key | None) -> str:
    """Return the row of one mutant."""
    mutant = trial.mutant
    death = f"{mutant.code:19} {smallest}" if trial.killed else f"SURVIVES {', '.join(trial.codes)}"
    return f"{mutant.name:26} {mutant.kind:4} {death}"


def legend(rows: Sequence[Row]) -> str:
    """Say what the numbers of the kinds stand for, a line for each with the count of its mutants."""
    kinds = [trial.mutant.kind for trial, _ in rows]
    return "\n".join(f"{kinds.count(kind):3} of kind {kind:2}  {KINDS[kind]}" for kind in sorted(set(kinds)))


def as_json(rows: Sequence[Row]) -> str:
    """Return the table as a JSON object, by the mutants' names."""
    kills = {
        trial.mutant.name: {
            "kind": trial.mutant.kind,
            "killed": trial.killed,
            "findings": list(trial.codes),
            "regimes": list(dict.fromkeys(case.key.regime for case in trial.wrong)),
            "case": None if smallest is None else str(smallest),
        }
        for trial, smallest in rows
    }
    rows_of_text = (f"{json.dumps(name)}: {json.dumps(kill)}" for name, kill in kills.items())
    return "{\n" + ",\n".join(rows_of_text) + "\n}\n"
