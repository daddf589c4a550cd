"""What stands in a report, as lines of plain text."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crosscheck.reports.parts import complete, parts
from crosscheck.verdicts import Severity, Verdict


def subject_lines(target: str, subject: Mapping[str, Any]) -> Iterator[str]:
    """Yield all that was found about one subject."""
    whole = complete(subject)
    name = f"{target}, {whole['function']}" if whole.get("function") else target
    yield (
        f"{name}: {whole['verdict'].upper()}   {whole['judged']} of {whole['examples']} cases judged, "
        f"{len(whole['regimes'])} regimes, {whole['seconds']:.1f} s"
    )
    if whole["error"] is not None:
        yield f"  {whole['error']['message']}"
    if whole["parameters"]:
        width = max(len(parameter["name"]) for parameter in whole["parameters"])
        yield f"  {'':{width}}  {'verdict':12} {'judged':>9}  {'detects':>8}  furthest off"
        yield from (f"  {parameter['name']:{width}}  {_row(parameter)}" for parameter in whole["parameters"])
    yield from finding_lines(whole["findings"])
    yield from (f"  why: {at(one)}{one['message']} [{one['code']}]" for one in whole["diagnoses"])
    shown = [repair for repair in whole["repairs"] if repair["verdict"] != Verdict.AGREE]
    for repair in [*shown, *(one for one in whole["repairs"] if one not in shown)][: len(shown) + 1]:
        yield from repair_lines(repair)
    yield from (f"  assumed: {assumption}" for assumption in whole["assumptions"])
    if whole["oracles"]:
        yield f"  oracles: {'; '.join(whole['oracles'])}"


def finding_lines(findings: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield findings, the heaviest first."""
    weights = list(Severity)
    for finding in sorted(findings, key=lambda finding: weights.index(finding["severity"])):
        yield f"  {finding['severity']}: {at(finding)}{finding['message']} [{finding['code']}]"


def repair_lines(repair: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a repair is good for, and its diff."""
    yield f"  repair: {repair_sentence(repair)}"
    yield from (f"    {line}" for line in repair["diff"].rstrip("\n").split("\n"))


def repair_sentence(repair: Mapping[str, Any]) -> str:
    """Say what is known of a repair."""
    if repair["verdict"] != Verdict.AGREE:  # of a misspelling, for example: that it runs does not make it right
        return f"with this edit it can be judged, and the verdict is {repair['verdict']}"
    others = f"; {repair['others']} other edits agree as well" if repair.get("others") else ""
    return f"under this edit it agrees on {repair['cases']} fresh cases{others}"


def _row(parameter: Mapping[str, Any]) -> str:
    worst = parameter.get("worst") or {}
    furthest = f"{float(worst['discrepancy']):.2g} tolerances" if "discrepancy" in worst else ""
    share = share_judged(parameter, "/")
    return f"{parameter['verdict']:12} {share:>9}  {float(parameter['detection_floor']):8.1e}  {furthest}".rstrip()


def share_judged(parameter: Mapping[str, Any], of: str = " of ") -> str:
    """Return in how many of how many cases a parameter was judged, where that is known.

    >>> share_judged({"judged": 38, "cases": 40})
    '38 of 40'
    """
    return f"{parameter['judged']}{of}{parameter['cases']}" if {"judged", "cases"} <= parameter.keys() else ""


def at(item: Mapping[str, Any]) -> str:
    """Return where a finding or diagnosis stands, as a sentence begins, unless its message says so itself."""
    if item.get("line") is None or str(item["message"]).startswith(("line ", "cell ")):
        return ""
    return f"cell {item['cell']}, line {item['line']}: " if item.get("cell") else f"line {item['line']}: "


def summary_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each gradient, more for those that do not agree, and a line for all together."""
    found = list(parts(report))
    every = [gradient for part in found for gradient in part.gradients]
    for gradient in every:
        if gradient.verdict is Verdict.AGREE:
            yield next(subject_lines(gradient.heading, gradient.content))
        else:
            yield from subject_lines(gradient.heading, gradient.content)
            yield f"  reproduce: {gradient.reproduce}"
    for part in found:
        if part.error is not None:
            yield f"{part.target}: {part.error['message']}"
        yield from finding_lines(part.findings)
        yield from (f"  not judged: {one['function']}: {one['reason']}" for one in part.skipped)
    counts = Counter(gradient.verdict for gradient in every)
    counted = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    number = f"{len(every)} gradient{'' if len(every) == 1 else 's'}"
    yield f"{report['verdict'].upper()}   {number}: {counted or 'none judged'}, {report['seconds']:.1f} s"
