"""A report in GitHub Actions: annotations on the lines of the backward pass, and a job summary in Markdown."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from crosscheck.reports.junit import headline
from crosscheck.reports.parts import Gradient, Part, parts, shown_path
from crosscheck.reports.text import at, repair_sentence, share_judged
from crosscheck.verdicts import Severity, Verdict

LONGEST_SUMMARY = 900_000
"""Characters; GitHub refuses a summary of more than 1 MiB"""
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_MARKS = {Verdict.AGREE: "✅", Verdict.DISAGREE: "❌", Verdict.ERROR: "⛔", Verdict.INCONCLUSIVE: "⚠️"}
_ORDER = list(Verdict)


def annotations(report: Mapping[str, Any], root: Path | None = None) -> list[str]:
    """Return workflow commands, one a line, the heaviest first: GitHub shows ten errors and ten warnings of a step.

    A gradient that is wrong gets one annotation, on the line of the slip where that was found, else where its backward
    pass begins; findings with lines of their own get theirs. Paths below `root`, the current folder, are written
    relative to it, as GitHub wants them.
    """
    found = [one for part in parts(report) for one in _of_part(part, root)]
    order = list(_COMMANDS.values())
    return [line for _, line in sorted(found, key=lambda one: order.index(one[0]))]


def _of_part(part: Part, root: Path | None) -> Iterator[tuple[str, str]]:
    if part.error is not None:
        place = (part.error.get("cell"), part.error.get("line"))
        yield _command("error", part.file, place, f"{part.target}: error", part.error["message"], root)
    for finding in part.findings:
        yield _of_finding(finding, part.file, part.target, root)
    for gradient in part.gradients:
        yield from _of_gradient(gradient, root)
    for one in part.skipped:
        message = f"{one['function']} was not judged: {one['reason']}"
        yield _command("warning", part.file, (None, one.get("line")), f"{part.target}: not judged", message, root)


def _of_gradient(gradient: Gradient, root: Path | None) -> Iterator[tuple[str, str]]:
    content = gradient.content
    alone = [finding for finding in content["findings"] if finding["line"] is not None]
    if gradient.verdict is not Verdict.AGREE:
        errors = [f["message"] for f in content["findings"] if f["severity"] == Severity.ERROR and f not in alone]
        lines = [headline(gradient)]
        lines += [error for error in errors[:5] if error not in lines[0]]
        lines += [f"{len(errors) - 5} more findings of this kind."] if len(errors) > 5 else []
        if content["repairs"]:
            first = content["repairs"][0]
            lines += [f"Repair: {repair_sentence(first)}", first["diff"].rstrip("\n")]
        lines.append(f"Reproduce: {gradient.reproduce}")
        command = "warning" if gradient.verdict is Verdict.INCONCLUSIVE else "error"
        title = f"{gradient.name}: {gradient.verdict.upper()}"
        yield _command(command, gradient.file, gradient.place, title, "\n".join(lines), root)
    for finding in alone:
        yield _of_finding(finding, gradient.file, gradient.name, root)


def _of_finding(finding: Mapping[str, Any], file: str | None, about: str, root: Path | None) -> tuple[str, str]:
    place = (finding["cell"], finding["line"])
    command = _COMMANDS[Severity(finding["severity"])]
    return _command(command, finding["file"] or file, place, f"{about}: {finding['code']}", finding["message"], root)


def _command(
    command: str, file: str | None, place: tuple[int | None, int | None], title: str, message: str, root: Path | None
) -> tuple[str, str]:
    cell, line = place
    properties: dict[str, str] = {}
    if file is not None:
        properties["file"] = shown_path(file, root)
        if cell is not None:  # GitHub counts the lines of the notebook's JSON, which nobody reads
            title = f"{title} (cell {cell}, line {line})"
        elif line is not None:
            properties["line"] = str(line)
    properties["title"] = f"crosscheck: {title}"
    written = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return command, f"::{command} {written}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    return re.sub(f"[%\r\n{more}]", lambda match: f"%{ord(match[0]):02X}", text)


def summary(report: Mapping[str, Any]) -> str:
    """Return a report as Markdown for $GITHUB_STEP_SUMMARY or a comment: a table, then what is not right at length."""
    found = list(parts(report))
    verdict = Verdict(report["verdict"])
    head = [
        f"## {_MARKS[verdict]} crosscheck: {verdict.upper()}",
        "",
        f"{_text(report['target'])}: {report['judged']} of {report['examples']} cases judged in "
        f"{report['seconds']:.1f} s.",
        "",
    ]
    if report["error"] is not None:
        head += [f"**{_text(report['error']['message'])}**", ""]
    every = sorted((g for part in found for g in part.gradients), key=lambda one: _ORDER.index(one.verdict))
    table = ["| gradient | verdict | cases judged | detects | furthest off | time |", "|---|---|---|---|---|---|"]
    table += [_row(gradient, several=len(found) > 1) for gradient in every]
    table += [f"| {_text(one['function'])} | not judged | {_text(one['reason'])} | | | |"
              for part in found for one in part.skipped]  # fmt: skip
    details = [_details(gradient) for gradient in every if gradient.verdict is not Verdict.AGREE]
    whole = [f"- {_text(one['message'])} `{one['code']}`" for part in found for one in part.findings]
    return _cut(
        ["\n".join([*head, *table, "", *whole]), *details, f"\nReproduce:\n\n{_fenced(report['reproduce'], 'sh')}\n"]
    )


def _row(gradient: Gradient, *, several: bool) -> str:
    content = gradient.content
    floors = [float(one["detection_floor"]) for one in content["parameters"]]
    off = [float(one["worst"]["discrepancy"]) for one in content["parameters"]
           if one["worst"] and "discrepancy" in one["worst"]]  # fmt: skip
    name = f"{gradient.target}, {gradient.function}" if several and gradient.function else gradient.name
    cells = [
        _text(name),
        f"{_MARKS[gradient.verdict]} {gradient.verdict}",
        f"{content['judged']} of {content['examples']}",
        f"{max(floors):.1e}" if floors else "",
        f"{max(off):.2g} tolerances" if off else "",
        f"{content['seconds']:.1f} s",
    ]
    return f"| {' | '.join(cells)} |"


def _details(gradient: Gradient) -> str:
    content = gradient.content
    lines = ["", f"### {_MARKS[gradient.verdict]} {_text(gradient.name)}", "", _text(headline(gradient)), ""]
    if content["parameters"]:
        lines += ["| parameter | verdict | judged | detects | furthest off |", "|---|---|---|---|---|"]
        lines += [_parameter(parameter) for parameter in content["parameters"]] + [""]
    lines += [f"- {one['severity']}: {_text(one['message'])} `{one['code']}`" for one in content["findings"]]
    lines += [f"- why: {at(one)}{_text(one['message'])} `{one['code']}`" for one in content["diagnoses"]]
    for repair in content["repairs"][:1]:
        lines += ["", f"Repair: {_text(repair_sentence(repair))}.", "", _fenced(repair["diff"], "diff")]
    return "\n".join([*lines, "", "Reproduce:", "", _fenced(gradient.reproduce, "sh"), ""])


def _parameter(parameter: Mapping[str, Any]) -> str:
    worst = parameter["worst"] or {}
    off = f"{float(worst['discrepancy']):.2g} tolerances" if "discrepancy" in worst else ""
    floor = f"{float(parameter['detection_floor']):.1e}"
    return f"| {_text(parameter['name'])} | {parameter['verdict']} | {share_judged(parameter)} | {floor} | {off} |"


def _text(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>|#&~])", r"\\\1", " ".join(str(text).split()))


def _fenced(text: str, language: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    ended = text if text.endswith("\n") else f"{text}\n"
    return f"{fence}{language}\n{ended}{fence}"


def _cut(pieces: Sequence[str]) -> str:
    """Join pieces as far as they fit; the first is never left out, but may be cut."""
    room, kept = LONGEST_SUMMARY - 200, list[str]()
    for piece in pieces:
        size = len(piece.encode(errors="backslashreplace"))
        if size > room:
            kept += [piece.encode(errors="backslashreplace")[:room].decode(errors="ignore")] if not kept else []
            kept.append("\n\nThe rest does not fit into a summary: it stands in the other reports.\n")
            break
        kept.append(piece)
        room -= size
    return "\n".join(kept)
