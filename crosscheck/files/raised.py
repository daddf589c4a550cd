"""What is said of a backward pass that raises as the file stands: an error, or a slip where an edit makes it right."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import Any, NamedTuple

from crosscheck.diagnose.diagnosis import by_repair
from crosscheck.errors import CrosscheckError
from crosscheck.files.options import Options
from crosscheck.files.placing import edits_of, place_of, placed
from crosscheck.recognise import Unit, recognise
from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.findings import Recognition
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.raising import DOES_NOT_FIT, Raised, raised_in_backward
from crosscheck.recognise.world import Plan, World
from crosscheck.repair import Repair
from crosscheck.repair.candidate import Candidate
from crosscheck.repair.clock import Clock
from crosscheck.repair.edits import candidates
from crosscheck.repair.finding import agrees
from crosscheck.repair.repair import repair_of
from crosscheck.repair.scope import Scope
from crosscheck.report import Report
from crosscheck.source import Document
from crosscheck.verdicts import Finding, Severity

JUDGING = 6.0
"""Seconds for an edit with which the file runs"""
ELSEWHERE = 3.0
"""How much less likely an edit is on another line than the one that raises"""
EXAMPLES = 20


class Mended(NamedTuple):
    """An edit with which a backward pass that raised is right, and what it is a part of then."""

    unit: Unit
    repair: Repair


def standing_error(
    document: Document, found: Recognition, right: Iterable[Unit], function: str | None
) -> Raised | None:
    """Return the error of a backward pass as the file stands, if it is one of `function` where that is asked for.

    Of a pass that is `right` by itself it is not: what calls it hands it something else.
    """
    failures = [] if found.world is None else found.world.failures
    if not any(DOES_NOT_FIT.search(message) for _, message in failures):
        return None
    raised = raised_in_backward(document, {name for unit in right for name in unit.covers})
    is_wanted = raised is not None and function in (None, raised.function, raised.function.rpartition(".")[2])
    return raised if is_wanted else None


def entry_of_error(document: Document, raised: Raised, options: Options, found: Mended | None = None) -> dict[str, Any]:
    """Return what stands among the subjects of a report about a backward pass that raises."""
    report = _report(document, raised, options, found)
    place = place_of(document, raised.line)
    entry = {"function": raised.function, "model": None, **report.as_dict(), "file": str(document.path), **place}
    entry["findings"] = [asdict(placed(document, one)) for one in report.findings]
    if found is None:
        return entry
    repair, diagnoses = found.repair, by_repair(document, found.repair)
    entry["diagnoses"] = [{**asdict(one), **place_of(document, one.line)} for one in diagnoses]
    edits = edits_of(document, repair.edited)
    entry["repair"] = {**repair.as_dict(), **place_of(document, repair.line), "edits": edits}
    return entry | {"repairs": [entry["repair"]]}


def explained_error(
    document: Document, raised: Raised, options: Options, seconds: float, tick: Callable[[], None]
) -> dict[str, Any]:
    """Return the entry of a backward pass that raises, with the edit that mends it if one is found in time."""
    return entry_of_error(document, raised, options, mended(document, raised, options, seconds, tick))


def mended(
    document: Document, raised: Raised, options: Options, seconds: float, tick: Callable[[], None]
) -> Mended | None:
    """Return the first edit of a backward pass with which the file runs and all its gradients are right."""
    clock, before = Clock(), _failures(document)

    def tick_in_time() -> None:
        tick()
        if clock.spent > seconds:
            raise TimeoutError

    with contextlib.suppress(TimeoutError):
        for candidate in _ordered(document, raised):
            tick_in_time()
            with contextlib.suppress(CrosscheckError):  # it is no Python any more
                edited = document.with_edits(candidate.edits)
                if _failures(edited) < before and (found := _right(edited, raised, options, tick_in_time)):
                    unit, report = found
                    return Mended(unit, repair_of(document, edited, candidate, report.judged))
    return None


def _right(edited: Document, raised: Raised, options: Options, tick: Callable[[], None]) -> tuple[Unit, Report] | None:
    """Return a unit that goes through all that raised and is right, with the report on it."""
    whole = (raised.function, *raised.callers)[-1]  # what it goes through may be right by itself before any edit
    for unit in recognise(edited, tick=tick).units:
        if whole in _gone_through(unit):
            report = judge_unit(unit, seed=options.seed, examples=EXAMPLES, seconds=JUDGING, tick=tick)
            if agrees(report):
                return unit, report
    return None


def _gone_through(unit: Unit) -> set[str]:
    """Return the functions that a call of a unit enters."""
    used = unit.world.hooks.used
    used.clear()
    with contextlib.suppress(Exception):  # theirs
        unit.subject(*unit.cases.build(unit.cases.draw(0, 0)).arguments)
    return {*used, *unit.covers}


def _report(document: Document, raised: Raised, options: Options, found: Mended | None) -> Report:
    """Return what is said of a backward pass that raises.

    It disagrees where an edit of its own makes it right: that it raises is its own fault then, and not its caller's.
    """
    message = (
        f"{raised.function} raises as the file stands, in its own sizes and on its own data, though the forward pass "
        f"went through: {document.place(raised.line)}, {raised.message}."
    )
    finding = Finding("backward-raises", Severity.ERROR, None, message, line=raised.line)
    return Report(
        target=raised.function,
        seed=options.seed,
        examples=1,
        judged=int(found is not None),
        seconds=0.0,
        tallies=(),
        findings=(finding,),
        oracles=(),
        regimes={},
        reproduce="",
        assumptions=() if found is None else found.unit.assumptions,
        error=None if found else {"code": finding.code, "message": message, "line": raised.line},
    )


def _ordered(document: Document, raised: Raised) -> Iterator[Candidate]:
    """Yield edits of the function that raises, the most plausible first: those of the line that does."""
    nodes = [functions_of(document.tree)[name] for name in (raised.function, *raised.callers)]
    lines = {line for node in nodes for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    scope = Scope(document.code, (), lines, document.tree)
    yield from sorted(candidates(scope), key=lambda one: one.cost + ELSEWHERE * (one.line != raised.line))


def _failures(document: Document) -> int:
    """Return how many statements of a module raise in its own sizes."""
    return len(World(document, Plan(small_sizes=False)).run().failures)
