"""What a failing test says: the verdict and its reason, on a page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crosscheck.tally import told_apart

MOST_LINES = 40
PARAMETERS, FINDINGS, DIFF = 14, 5, 10
ORDER = ("disagree", "error", "inconclusive", "agree")


def failure(report: Mapping[str, Any], command: str) -> str:
    """Return the message of a test that fails over a report (in its JSON form), at most 40 lines of text.

    `command` is what to paste to see the same again.
    """
    return "\n".join([*list(_lines(report))[: MOST_LINES - 1], f"  reproduce: {command}"])


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    judged = f"{report['judged']} of {report['examples']} cases judged"
    yield f"{report['target']}: {report['verdict'].upper()}   {judged}, {len(report['regimes'])} regimes"
    if report["error"]:
        yield f"  {report['error']['message']}"
    yield from _table(report["parameters"])
    yield from _reasons(report)
    yield from _some([f"  {one['severity']}: {_short(one['message'])} [{one['code']}]" for one in _severest(report)])


def _table(parameters: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not parameters:
        return
    ordered = sorted(parameters, key=lambda parameter: ORDER.index(parameter["verdict"]))
    width = max(len(parameter["name"]) for parameter in ordered)
    yield f"  {'':{width}}  {'verdict':12} {'judged':>9}  {'detects':>8}  worst entry: subject, reference, noise"
    for parameter in ordered[:PARAMETERS]:
        share = f"{parameter['judged']}/{parameter['cases']}"
        line = f"  {parameter['name']:{width}}  {parameter['verdict']:12} {share:>9}  {_number(parameter, '.1e'):>8}"
        worst = parameter["worst"] if parameter["verdict"] == "disagree" else None
        yield f"{line}  {_worst(worst)}" if worst else line
    if len(ordered) > PARAMETERS:
        yield f"  … and {len(ordered) - PARAMETERS} more"


def _worst(worst: Mapping[str, Any]) -> str:
    where = f"; starts at {worst['variable']}" if worst["variable"] else ""
    if where and worst["time"] is not None:
        where += f", step {worst['time']}"
    subject, reference = told_apart(worst["subject"], worst["reference"], 7)
    return f"{worst['index']}: {subject}, {reference}, {_digits(worst['noise'], 2)}{where}"


def _reasons(report: Mapping[str, Any]) -> Iterator[str]:
    for diagnosis in report["diagnoses"][:3]:
        yield f"  why: {_short(diagnosis['message'])} [{diagnosis['code']}]"
    for repair in report["repairs"][:1]:
        yield f"  repair: under this edit it agrees on {repair['cases']} fresh cases"
        changed = [line for line in repair["diff"].splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        yield from (f"    {line}" for line in changed[:DIFF])


def _severest(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    order = ("error", "warning", "note")
    return sorted(report["findings"], key=lambda finding: order.index(finding["severity"]))


def _some(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:FINDINGS]
    if len(lines) > FINDINGS:
        yield f"  … and {len(lines) - FINDINGS} more findings"


def _short(message: str) -> str:
    """Return a sentence on one line."""
    return " ".join(message.split())


def _number(parameter: Mapping[str, Any], form: str) -> str:
    floor = parameter["detection_floor"]
    return floor if isinstance(floor, str) else f"{floor:{form}}"


def _digits(value: float | str, digits: int) -> str:
    return value if isinstance(value, str) else f"{value:.{digits}g}"
