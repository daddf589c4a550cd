"""Is the check of a file any good? Small edits of its backward pass, each of which the check must notice."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from crosscheck.contract import call
from crosscheck.errors import CrosscheckError
from crosscheck.files.canonical import canonical
from crosscheck.files.examine import Reading, judged_as_read, read_as_meant
from crosscheck.files.options import Options
from crosscheck.recognise import Unit, recognise
from crosscheck.recognise.judging import oracle_of
from crosscheck.repair.building import Builder
from crosscheck.repair.candidate import Candidate
from crosscheck.repair.edits import candidates
from crosscheck.repair.scope import Scope
from crosscheck.repair.screen import Screen
from crosscheck.source import Document
from crosscheck.verdicts import Verdict

KILLED, SURVIVED, EQUIVALENT = "killed", "survived", "equivalent"
MOST = 400
"""Mutants of one unit, the most plausible slips first"""
SCREENING = 10.0
"""Seconds for the references of the trial"""


@dataclass(frozen=True)
class Mutant:
    """One edit and what became of it."""

    line: int
    before: str
    after: str
    outcome: str
    """`killed`; `equivalent`: the same expression in other words, or the same bits in every trial; `survived`: every
    gradient is still right, but for rounding"""


def examine_mutants(document: Document, options: Options, emit: Callable[[dict[str, Any]], None]) -> None:
    """Judge the units of a document as `examine` does, and try their mutants where they agree."""
    reading = read_as_meant(document)
    for function in options.functions or (None,):
        found = recognise(reading.mended, function=function)
        for unit in found.units:
            emit({"event": "unit", "function": unit.name})
            emit({"event": "judged", "subject": _subject(unit, reading, options)})
        for skipped in found.skipped:
            emit({"event": "skipped", **skipped._asdict()})


def _subject(unit: Unit, reading: Reading, options: Options) -> dict[str, Any]:
    known = judged_as_read(unit, reading, (), options)
    entry = {"function": unit.name, "model": unit.model, **known.report.as_dict(), "mutants": []}
    if known.report.verdict is Verdict.AGREE:
        entry["mutants"] = [asdict(mutant) for mutant in mutants_of(known.unit, seed=options.seed)]
    return entry


def mutants_of(unit: Unit, *, seed: int = 0) -> list[Mutant]:
    """Try every small edit of a unit's backward pass on a few cases of all regimes.

    An edit that changes the loss, or after which the code no longer runs, is no mutant of the gradient; nor is one of
    a line that no gradient goes through, as that of an update.
    """
    screen = Screen(unit, oracle_of(unit), seed=seed, seconds=SCREENING)
    code, tree = unit.document.code, unit.document.tree
    scope = Scope(code, (), unit.editable, tree, unit.upstream, is_operation=unit.is_operation)
    builder = Builder(unit)
    found: dict[str, Mutant] = {}
    for candidate in sorted(candidates(scope), key=lambda c: c.cost)[:MOST]:
        try:
            edited = unit.document.with_edits(candidate.edits)
            subject = builder.subject(candidate)
            score = screen.score(subject)
        except CrosscheckError:
            continue
        if score is None or edited.code in found:
            continue
        outcome = KILLED
        if score.right == screen.everything:
            same = canonical(edited.tree) == canonical(unit.document.tree) or _answers_alike(unit, subject, screen)
            outcome = EQUIVALENT if same else SURVIVED
        found[edited.code] = _mutant(unit.document, edited, candidate, outcome)
    matters = {mutant.line for mutant in found.values() if mutant.outcome != EQUIVALENT}
    return [mutant for mutant in found.values() if mutant.line in matters]


def _answers_alike(unit: Unit, subject: Any, screen: Screen) -> bool:
    """Tell whether an edit changes no bit of any gradient in any trial: a transposed vector, a zero times two."""
    for trial in screen.trials:
        own, other = (call(one, trial.arguments).gradients for one in (unit.subject, subject))
        if not all(np.array_equal(own[name], other[name], equal_nan=True) for name in own):
            return False
    return True


def _mutant(document: Document, edited: Document, candidate: Candidate, outcome: str) -> Mutant:
    from crosscheck.repair.repair import lines_changed

    before, after = lines_changed(document, edited, candidate.line)
    return Mutant(document.place(candidate.line).line, before, after, outcome)
