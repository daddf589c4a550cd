"""What the child does with a document that has rules: find them, judge each, and tell what was found."""

import ast
import contextlib
import importlib
import importlib.util
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from crosscheck.custom_rules.forms import MOST_FORMS
from crosscheck.custom_rules.judging import Judgement, judged
from crosscheck.custom_rules.reading import Mention, mentions
from crosscheck.custom_rules.repairing import explained, shown
from crosscheck.custom_rules.rule import Library, Rule
from crosscheck.custom_rules.running import Module
from crosscheck.errors import CrosscheckError
from crosscheck.files.options import Options
from crosscheck.recognise.backward_passes import functions_of, has_backward, looks_like_backward
from crosscheck.source import Document
from crosscheck.verdicts import Verdict

SECONDS = 75.0
"""For all rules of a document, where there is no budget"""
REPAIRING, SECONDS_EACH = 30.0, 20.0
"""For the repairs of all rules, and of each"""
FORM_SECONDS = 1.5
"""What one more form of a JAX function costs, on a slow machine"""

Emit = Callable[[dict[str, Any]], None]
Placed = Callable[[Document, Any], Any]


def examine_rules(
    document: Document, options: Options, emit: Emit, finish: Callable[[Any, Judgement, dict[str, Any]], dict[str, Any]]
) -> tuple[set[str], bool]:
    """Judge the rules of a document; return their names, and whether there may be other gradients in it.

    `finish` completes the entry of a rule, given the rule and what was found. Raises CrosscheckError `no-library`
    where JAX or torch is missing.
    """
    found = mentions(document)
    if not found:
        return set(), True
    _refuse_missing(found)
    names: set[str] = set()
    wrong: list[Any] = []
    ends = time.monotonic() + (SECONDS if options.budget is None else 0.7 * options.budget)
    every = list(_rules(document, {mention.library for mention in found}))
    own = {node for rule, _ in every for node in rule.functions}
    judgeable = [(rule, library) for rule, library in every if not rule.refuses]
    wanted = [(rule, library) for rule, library in judgeable if not options.functions or _is_wanted(rule, options)]
    for number, (rule, library) in enumerate(wanted):
        each = (ends - time.monotonic()) / (len(wanted) - number)
        emit({"event": "unit", "function": rule.name})
        try:
            ready = library.prepare(rule, _most(rule, each))
        except CrosscheckError as problem:
            line = document.place(rule.line).line
            emit({"event": "skipped", "function": rule.name, "reason": str(problem), "line": line})
            continue
        judgement = judged(rule, ready, document, options)
        made = finish(rule, judgement, entry(rule, judgement, document))
        emit({"event": "judged", "subject": made})
        names.add(rule.name)
        if made["verdict"] == Verdict.DISAGREE:
            wrong.append((rule, ready, judgement, made))
    seconds = (REPAIRING if options.budget is None else 0.6 * options.budget) / max(len(wrong), 1)
    for rule, ready, judgement, made in wrong:
        emit({"event": "explained", "subject": _with_reason(rule, ready, judgement, document, options, seconds, made)})
    return names, _has_others(document, own)


def _with_reason(
    rule: Rule, ready: Any, judgement: Judgement, document: Document, options: Options, seconds: float, made: Any
) -> dict[str, Any]:
    """Return an entry with the reason and the repairs."""
    diagnoses, repairs = explained(rule, ready, judgement, document, options, min(SECONDS_EACH, seconds))
    listed = [
        {
            **one.as_dict(),
            "line": document.place(one.line).line,
            "cell": document.place(one.line).cell,
            "edits": [[list(e.start), list(e.end), e.text] for e in document.edits_to(one.edited)]
            if one.edited
            else [],
        }
        for one in repairs
    ]
    return {**made, "diagnoses": shown(document, diagnoses), "repairs": listed, "repair": listed[0] if listed else None}


def entry(rule: Rule, judgement: Judgement, document: Document) -> dict[str, Any]:
    """Return what stands about a rule among the subjects of the report."""
    from crosscheck.files.placing import placed

    made = {"function": rule.name, "model": rule.model, **judgement.report.as_dict(), "verdict": str(judgement.verdict)}
    made["findings"] = [asdict(placed(document, finding)) for finding in judgement.findings]
    place = document.place(rule.line)
    made |= {"file": str(document.path), "line": place.line, "cell": place.cell}
    made["assumptions"] = list(judgement.assumptions)
    made["error"] = None if judgement.error is None else dict(judgement.error)
    for parameter in made["parameters"]:
        if parameter["name"] in judgement.waived:
            parameter["verdict"] = str(judgement.waived[parameter["name"]])
    return made


def _refuse_missing(found: list[Mention]) -> None:
    for mention in found:
        if importlib.util.find_spec(mention.library) is None:
            package = "backprop-crosscheck[torch]" if mention.library == "torch" else "jax"
            error = CrosscheckError(
                f"line {mention.line}: {mention.name} needs {mention.library}, which is not installed here: "
                f"pip install '{package}', or name an environment that has it with --python.",
                code="no-library",
            )
            error.line = mention.line  # type: ignore[attr-defined]
            raise error


def _rules(document: Document, libraries: set[str]) -> Iterator[tuple[Rule, Library]]:
    """Run the module, and yield what it registers."""
    recorders: list[tuple[Any, Any]] = []
    with contextlib.ExitStack() as stack:
        for name in sorted(libraries):
            kind = importlib.import_module(f"crosscheck.custom_rules.{name}_rules")
            recorder = kind.Recorder()
            stack.enter_context(recorder.recording())
            recorders.append((kind, recorder))
        module = Module(document)
        for _, recorder in recorders:
            recorder.interrupting = True
        module.demonstrate(lambda: all(recorder.all_seen() for _, recorder in recorders))
        module.call_makers(lambda: sum(recorder.count() for _, recorder in recorders))
    named = list(module.values())
    for kind, recorder in recorders:
        library = kind.library_of(recorder)
        for rule in kind.rules_of(document, recorder, named):
            yield rule, library


def _has_others(document: Document, own: set[ast.AST]) -> bool:
    """Tell whether something else looks like a backward pass."""
    inside = {inner for node in own for inner in ast.walk(node)}
    functions = [node for node in functions_of(document.tree).values() if node not in inside]
    return any(looks_like_backward(node) and has_backward(node) for node in functions)


def _most(rule: Rule, seconds: float) -> int:
    return int(min(max(seconds / FORM_SECONDS, 1), MOST_FORMS)) if rule.model.startswith("jax") else MOST_FORMS


def _is_wanted(rule: Rule, options: Options) -> bool:
    return bool({rule.name, rule.name.rpartition(".")[2]} & set(options.functions))
