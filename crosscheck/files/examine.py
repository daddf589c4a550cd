"""What the child does with one document: mend its misspellings, find its gradients, judge, explain and repair them."""

import ast
import copy
import difflib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from crosscheck.custom_rules import examine_rules
from crosscheck.diagnose import Diagnosis, diagnose
from crosscheck.errors import CrosscheckError
from crosscheck.files.options import Options
from crosscheck.files.placing import edits_of, place_of, placed
from crosscheck.files.raised import entry_of_error, explained_error, standing_error
from crosscheck.files.second_looks import (
    has_wrong_gradient,
    with_constants_held,
    with_guards_of_zero,
    with_one_count,
    with_own_data,
    with_zero_states,
)
from crosscheck.recognise import Unit, recognise
from crosscheck.recognise.alternatives import alternatives
from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.constants import without_guards
from crosscheck.recognise.entangled import derived_data
from crosscheck.recognise.example_call import ExampleCall
from crosscheck.recognise.findings import Skipped
from crosscheck.recognise.guessed_gradients import before_softmax, is_guessed
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.other_calls import of_other_kinds, with_states_given
from crosscheck.recognise.pairs import UPSTREAM
from crosscheck.recognise.raising import Raised
from crosscheck.recognise.replay import Replay
from crosscheck.repair import Repair
from crosscheck.repair.finding import Repairing
from crosscheck.report import Report
from crosscheck.source import Document
from crosscheck.source.names import undefined_names
from crosscheck.source.problem import Problem
from crosscheck.source.slips import slips
from crosscheck.verdicts import Finding, Severity, Verdict

Emit = Callable[[dict[str, Any]], None]

JUDGING, REPAIRING = 12.0, 24.0
"""Seconds for one unit: its judgement stops drawing cases, the search for a repair stops searching"""
OTHERS = 50.0
"""Seconds after which no other activations are tried"""
REPAIRING_ALL = 40.0
"""Seconds for the repairs of all units of a file"""
SURE = frozenset({"undefined-name", "no-first-value"})


@dataclass(frozen=True)
class Reading:
    """A document as it is judged: with its undefined names mended, where they could be."""

    original: Document
    mended: Document
    problems: tuple[Problem, ...]

    def concerning(self, unit: Any) -> list[Problem]:
        """Return the problems inside of the functions of a unit or a rule: it cannot run as it is written."""
        return self.inside(unit.functions)

    def inside(self, nodes: Sequence[Any]) -> list[Problem]:
        """Return the problems inside of some functions or loops of the mended document."""
        spans = [range(node.lineno, (node.end_lineno or node.lineno) + 1) for node in nodes]
        places = {self.mended.place(line) for span in spans for line in span}
        return [problem for problem in self.problems if self.original.place(problem.line) in places]

    def code_after(self, line: int) -> str:
        """Return what a line of the original reads once it is mended; new lines stand in front of it."""
        lines = zip(self.mended.lines_of_origin, self.mended.lines, strict=True)
        return [text for number, text in lines if number == line][-1].strip()


def examine(document: Document, options: Options, emit: Emit) -> None:
    """Judge whatever has a gradient in a document, and tell what is found as soon as it is.

    Raises CrosscheckError `no-such-function`.
    """
    _refuse_unknown(document, options.functions)
    ends = time.monotonic() + (OTHERS if options.budget is None else options.budget * 0.5)
    reading = read_as_meant(document)
    wanted: Sequence[str | None] = options.functions or (None,)
    judged: set[str] = set()
    passed_over: set[str] = set()
    assumed: list[str] = []
    remaining: list[Problem] = list(reading.problems)
    wrong: list[Judged] = []
    right: dict[str, Unit] = {}
    raising: list[Raised] = []
    left: list[Skipped] = []
    idle: set[str] = set()

    def finished(rule: Any, judgement: Any, entry: dict[str, Any]) -> dict[str, Any]:
        own = reading.concerning(rule)
        remaining[:] = [problem for problem in remaining if problem not in own]
        sure = [problem for problem in own if problem.code in SURE]
        return entry | _misspelt(judgement, reading, sure, entry) if sure else entry

    rules, others = examine_rules(reading.mended, options, emit, finished)
    judged |= rules
    call = None if options.call is None else ExampleCall.from_json(options.call)
    for function in wanted if others else ():
        found = recognise(reading.mended, function=function, call=call, tick=lambda: emit({"event": "searching"}))
        for assumption in found.assumptions:
            assumed.append(assumption)
            emit({"event": "assumed", "assumption": assumption})
        for unit in sorted(found.units, key=is_guessed):
            if unit.name in judged:
                continue
            judged.add(unit.name)
            if not is_guessed(unit):
                emit({"event": "unit", "function": unit.name})
            own = reading.concerning(unit)
            remaining = [problem for problem in remaining if problem not in own]
            known = judged_as_read(unit, reading, own, options, lambda: emit({"event": "searching"}))
            if is_guessed(unit):
                is_wrong = known.report.verdict is Verdict.DISAGREE
                if is_wrong and (said := before_softmax(unit)) is not None:
                    left.append(Skipped(unit.name, said, min((n.lineno for n in unit.functions), default=1)))  # pyright: ignore[reportAttributeAccessIssue]
                    continue
                emit({"event": "unit", "function": unit.name})
            emit({"event": "judged", "subject": known.entry()})
            if known.report.verdict is Verdict.DISAGREE:
                wrong.append(known)
            elif known.report.verdict is Verdict.AGREE:
                right[unit.name] = unit
        is_told = bool(wrong or raising or reading.problems)
        raised = None if is_told else standing_error(document, found, right.values(), function)
        if raised is not None:
            raising.append(raised)
            emit({"event": "unit", "function": raised.function})
            emit({"event": "judged", "subject": entry_of_error(document, raised, options)})
        idle |= found.never_called(functions_of(reading.mended.tree))
        own = (one for one in found.skipped if one.function.rpartition(".")[0] not in rules)  # its backward is judged
        left += [one for one in own if not raising or one.function != raising[0].function]
    for unit in right.values():
        _try_other_calls(unit, reading, options, emit)
    for function in wanted if right else ():
        unused = idle | {one.function for one in left}
        chosen, others = _try_alternatives(reading, right, unused, options, emit, function, call, ends)
        known = {one.function for one in left}
        left = [one for one in (*left, *(o for o in others if o.function not in known)) if one.function not in chosen]
    for skipped in left:
        passed_over.add(skipped.function)
        emit({"event": "skipped", **skipped._asdict(), "line": reading.mended.place(skipped.line).line})
    supplied = {name for assumption in assumed for name in [assumption.partition(" ")[0]]}
    unjudged = [node for name, node in functions_of(reading.mended.tree).items() if name in passed_over - judged]
    inside = reading.inside(unjudged)
    remaining = [problem for problem in remaining if problem.name not in supplied or problem in inside]
    for problem in remaining:
        severity = Severity.WARNING if judged and problem not in inside else Severity.ERROR
        emit({"event": "finding", "finding": asdict(placed(reading.original, _as_finding(problem, severity)))})
    seconds = REPAIRING_ALL if options.budget is None else max(2.0, options.budget * 0.6)
    for known in wrong:  # when every verdict is known: a search that takes too long costs nothing else
        entry = explained(known, options, min(REPAIRING, seconds / len(wrong)), lambda: emit({"event": "searching"}))
        emit({"event": "explained", "subject": entry})
    for raised in raising if options.repair else ():
        entry = explained_error(
            document, raised, options, min(REPAIRING, seconds), lambda: emit({"event": "searching"})
        )
        emit({"event": "explained", "subject": entry})
    stopping = [problem for problem in (inside if judged else remaining) if problem.code in SURE]
    if stopping:
        emit({"event": "failed", "error": _error(reading.original, stopping[0])})


def _refuse_unknown(document: Document, wanted: Sequence[str]) -> None:
    """Refuse names of functions that nothing in the file has, before anything runs."""
    functions = list(functions_of(document.tree))
    known = {node.name for node in ast.walk(document.tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    known |= {node.id for node in ast.walk(document.tree) if isinstance(node, ast.Name)}
    for name in wanted:
        if all(part.rpartition(".")[2] in known for part in name.split("/")) or " " in name:  # as in "the loop at ..."
            continue
        near = difflib.get_close_matches(name, functions, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(functions[:8]) or 'none'}."
        raise CrosscheckError(f"{document.path} has no function {name}: {hint}", code="no-such-function")


def read_as_meant(document: Document) -> Reading:
    """Mend what is misspelt in exactly one obvious way."""
    problems = tuple(problem for problem in undefined_names(document) if problem.code != "perhaps-undefined")
    edits = [edit for problem in problems for edit in problem.edits]
    return Reading(document, document.mended(edits), problems)


@dataclass(frozen=True)
class Judged:
    """A unit with the verdict on it."""

    unit: Unit
    report: Report
    reading: Reading
    problems: Sequence[Problem]

    def entry(self, diagnoses: Sequence[Diagnosis] = (), repairs: Sequence[Repair] = ()) -> dict[str, Any]:
        """Return what stands about the unit among the subjects of the report."""
        document = self.reading.mended
        entry = {"function": self.unit.name, "model": self.unit.model, **self.report.as_dict()}
        entry |= _backward(document, self.unit)
        entry["findings"] = [asdict(placed(document, one)) for one in (*self.report.findings, *_lints(self.unit))]
        entry["diagnoses"] = [{**asdict(one), **place_of(document, one.line)} for one in diagnoses]
        entry["repairs"] = [
            {**one.as_dict(), **place_of(document, one.line), "edits": edits_of(self.reading.original, one.edited)}
            for one in repairs
        ]
        sure = [problem for problem in self.problems if problem.code in SURE]
        if sure:
            entry |= _misspelt(self.report, self.reading, sure, entry)
        entry["repair"] = entry["repairs"][0] if entry["repairs"] else None
        return entry


def judged_as_read(
    unit: Unit,
    reading: Reading,
    problems: Sequence[Problem],
    options: Options,
    tick: Callable[[], None] = lambda: None,
) -> Judged:
    """Judge one unit, with guard constants of zero where nothing else is wrong; `tick` is called on the way."""
    seconds = JUDGING if options.budget is None else max(1.0, options.budget * 0.3)

    def judge(unit: Unit, examples: int | None = options.examples) -> Report:
        return judge_unit(
            unit, seed=options.seed, examples=examples, seconds=seconds, pictures=options.pictures, tick=tick
        )

    report = judge(unit)
    replay = getattr(unit.subject, "replay", None)
    if has_wrong_gradient(report):
        unit, report = with_one_count(unit, report, judge)
    if has_wrong_gradient(report) and isinstance(replay, Replay) and derived_data(replay):
        unit, report = with_own_data(unit, report, judge, tick)
    if has_wrong_gradient(report) and isinstance(replay, Replay) and replay.world.hooks.constants.are_told:
        unit, report = with_constants_held(unit, report, judge)
    if has_wrong_gradient(report):
        unit, report = with_zero_states(unit, report, judge)
    if has_wrong_gradient(report) and without_guards(copy.deepcopy(unit.document.tree)):
        unit, report = with_guards_of_zero(unit, report, judge, tick)
    return Judged(unit, report, reading, problems)


def _try_other_calls(unit: Unit, reading: Reading, options: Options, emit: Emit) -> None:
    """Judge what is right once more with other activations or with first states; tell what is wrong."""
    emit({"event": "searching"})
    begun = with_states_given(unit)
    for other in (*([begun] if begun is not None else []), *of_other_kinds(unit)):
        known = judged_as_read(other, reading, (), options, lambda: emit({"event": "searching"}))
        if known.report.verdict is Verdict.DISAGREE:
            emit({"event": "unit", "function": other.name})
            emit({"event": "judged", "subject": known.entry(diagnose(other, known.report, ()))})
            return


def _try_alternatives(
    reading: Reading,
    right: Mapping[str, Unit],
    left: Collection[str],
    options: Options,
    emit: Emit,
    function: str | None,
    call: ExampleCall | None,
    ends: float,
) -> tuple[set[str], list[Skipped]]:
    """Judge what is right once more with the other activations that it can be asked for; tell which is wrong.

    None is begun after `ends`, of the monotonic clock, and that is said.

    Functions that are `left` may be used with these alone; return those that were judged so, and those that could not
    be judged there either.
    """
    found: set[str] = set()
    skipped: list[Skipped] = []
    for other in alternatives(reading.mended):
        if time.monotonic() > ends:
            said = f"{other.argument}={other.value!r} was not tried, nor what comes after it: there was no time left"
            emit({"event": "assumed", "assumption": said})
            break
        emit({"event": "searching"})
        searching = recognise(other.document, function=function, call=call, tick=lambda: emit({"event": "searching"}))
        skipped += [one for one in searching.skipped if one.function in left]
        for unit in searching.units:
            is_known = unit.name in right and unit.names == right[unit.name].names
            is_made_up = unit.name in unit.world.missing
            if (not is_known and not unit.covers & set(left)) or (other.is_of_unused and not is_made_up):
                continue
            place = (
                f"{other.value!r} in place of {other.argument!r}"
                if other.is_asked
                else f"{other.argument}={other.value!r}"
            )
            for one in (unit, *of_other_kinds(unit)) if other.is_asked else (unit,):
                asked = replace(one, name=f"{unit.name} with {place}")
                known = judged_as_read(asked, reading, (), options, lambda: emit({"event": "searching"}))
                is_wrong = known.report.verdict is Verdict.DISAGREE
                if not is_known and known.report.verdict in (Verdict.AGREE, Verdict.DISAGREE):
                    found |= unit.covers & set(left)
                    diagnoses = diagnose(asked, known.report, ()) if is_wrong else ()
                    emit({"event": "unit", "function": asked.name})
                    emit({"event": "judged", "subject": known.entry(diagnoses)})
                elif is_known and is_wrong and (not other.is_asked or _is_of_layer(known)):
                    emit({"event": "unit", "function": asked.name})
                    emit({"event": "judged", "subject": known.entry(diagnose(asked, known.report, ()))})
                    break
    return found, skipped


def _is_of_layer(known: Judged) -> bool:
    """Tell whether what is wrong is no output that goes with one loss: a layer by itself, or one before others."""
    is_above = getattr(known.unit.subject.loss, "name", "") == UPSTREAM
    return is_above or any(tally.verdict is Verdict.AGREE for tally in known.report.tallies)


def explained(
    known: Judged, options: Options, seconds: float, tick: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Return the entry of a unit that is wrong, with the reason and the repair; `tick` is called on the way."""
    unit, repairs, blames = known.unit, [], []
    if options.repair:
        hints = {slip.line for slip in slips(unit.document) if slip.line}
        repairing = Repairing(unit, known.report, seconds=seconds, seed=options.seed, hints=hints)
        repairing.tick = tick
        repairs, blames = repairing.repairs(), repairing.blames
    return known.entry(diagnose(unit, known.report, repairs, blames), repairs)


def _misspelt(report: Report, reading: Reading, problems: Sequence[Problem], entry: dict[str, Any]) -> dict[str, Any]:
    """Say that the code cannot run as it is written, and what it would get with its names mended."""
    first = problems[0]
    findings = [asdict(placed(reading.original, _as_finding(problem, Severity.ERROR))) for problem in problems]
    repair = {
        **place_of(reading.original, first.line),
        "before": _code_at(reading.original, first.line),
        "after": reading.code_after(first.line),
        "diff": reading.original.diff(reading.mended),
        "verdict": str(report.verdict),
        "cases": report.judged,
        "edits": edits_of(reading.original, reading.mended),
    }
    return {
        "verdict": str(Verdict.ERROR),
        "error": _error(reading.original, first),
        "findings": [*findings, *entry["findings"]],
        "repairs": [repair, *entry["repairs"]],
    }


def _lints(unit: Unit) -> list[Finding]:
    """Return what a reading of the unit's functions finds suspicious: warnings, whatever the verdict."""
    lines = {line for node in unit.functions for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}  # pyright: ignore
    return [slip for slip in slips(unit.document) if slip.line in lines]


def _as_finding(problem: Problem, severity: Severity) -> Finding:
    return Finding(problem.code, severity, None, problem.message, line=problem.line)


def _error(document: Document, problem: Problem) -> dict[str, Any]:
    place = document.place(problem.line)
    return {"code": problem.code, "message": problem.message, "line": place.line, "cell": place.cell}


def _backward(document: Document, unit: Unit) -> dict[str, Any]:
    """Return where the backward pass of a unit begins."""
    lines = unit.editable or {node.lineno for node in unit.functions}  # pyright: ignore
    return {"file": str(document.path), **place_of(document, min(lines, default=None))}


def _code_at(document: Document, line: int) -> str:
    return document.code.split("\n")[line - 1].strip()
