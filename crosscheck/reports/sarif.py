"""A report as SARIF 2.1.0, which code scanners exchange: findings on lines, with the repairs as fixes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from crosscheck.explanations import PARTS, part_of, texts
from crosscheck.reports.diffs import LineEdit, line_edits
from crosscheck.reports.environment import version
from crosscheck.reports.parts import Gradient, Part, parts, shown_path
from crosscheck.reports.text import repair_sentence
from crosscheck.verdicts import Severity, Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}

Json = dict[str, Any]


def sarif(report: Mapping[str, Any], root: Path | None = None) -> str:
    """Return a report as a SARIF log with one run. Paths below `root`, the current folder, are written relative to it.

    Results are the findings, the diagnoses (on the line of the slip), and errors. A finding without a line of its own
    stands where the slip is, or else where the backward pass begins. In a notebook lines count within a cell: the
    result then names the cell among its properties and has no region.
    """
    found = list(parts(report))
    results = [result for part in found for result in _results(part, root)]
    codes = sorted({result["ruleId"] for result in results})
    for result in results:
        result["ruleIndex"] = codes.index(result["ruleId"])
    driver: Json = {"name": "crosscheck", "rules": [_rule(code) for code in codes]}
    if number := version("backprop-crosscheck"):
        driver["version"] = number
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, found, root)],
        "results": results,
        "properties": {key: report[key] for key in ("verdict", "target", "seed", "examples", "judged")},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _results(part: Part, root: Path | None) -> Iterator[Json]:
    for finding in part.findings:
        yield _of_finding(finding, part.file, (finding["cell"], finding["line"]), root, part.repairs)
    if part.error is not None:
        yield _of_error(part.error, part.file, root)
    for gradient in part.gradients:
        yield from _of_gradient(gradient, root)


def _of_gradient(gradient: Gradient, root: Path | None) -> Iterator[Json]:
    content, file = gradient.content, gradient.file
    repairs = [one for one in content["repairs"] if one["verdict"] == Verdict.AGREE] or content["repairs"]
    about = {"gradient": gradient.name, "verdict": content["verdict"]}
    if content["error"] is not None:
        yield _of_error(content["error"], file, root) | {"properties": about}
    for one in content["diagnoses"]:
        level = "error" if gradient.verdict is Verdict.DISAGREE else "warning"
        yield _result(one["code"], level, f"{gradient.name}: {one['message']}", file, (one.get("cell"), one["line"]),
                      root, repairs, {**about, "confidence": one["confidence"]})  # fmt: skip
    for finding in content["findings"]:
        own = (finding["cell"], finding["line"])
        place = own if finding["line"] else gradient.place
        more = {**about, "parameter": finding["parameter"]} if finding["parameter"] else about
        yield _of_finding(finding, file, place, root, repairs, more)


def _of_finding(
    finding: Mapping[str, Any],
    file: str | None,
    place: tuple[int | None, int | None],
    root: Path | None,
    repairs: Sequence[Mapping[str, Any]],
    about: Mapping[str, Any] | None = None,
) -> Json:
    level = _LEVELS[Severity(finding["severity"])]
    fixing = repairs if finding["severity"] == Severity.ERROR else ()
    return _result(
        finding["code"], level, finding["message"], finding["file"] or file, place, root, fixing, about or {}
    )


def _of_error(error: Mapping[str, Any], file: str | None, root: Path | None) -> Json:
    return _result(error["code"], "error", error["message"], file, (error.get("cell"), error.get("line")), root, (), {})


def _result(
    code: str,
    level: str,
    message: str,
    file: str | None,
    place: tuple[int | None, int | None],
    root: Path | None,
    repairs: Sequence[Mapping[str, Any]],
    about: Mapping[str, Any],
) -> Json:
    result: Json = {"ruleId": code, "level": level, "message": {"text": message}}
    cell, line = place
    properties = {**about, **({"cell": cell} if cell else {})}
    if file is not None:
        result["locations"] = [{"physicalLocation": _location(file, cell, line, root)}]
        if cell is None and not file.endswith(".ipynb"):
            result["fixes"] = [_fix(repair, file, root) for repair in repairs if repair["diff"]]
        elif line:
            properties["line"] = line
    if not result.get("fixes"):
        result.pop("fixes", None)
    return result | ({"properties": properties} if properties else {})


def _location(file: str, cell: int | None, line: int | None, root: Path | None) -> Json:
    location: Json = {"artifactLocation": {"uri": _uri(file, root)}}
    if line and not cell and not file.endswith(".ipynb"):
        location["region"] = {"startLine": line}
    return location


def _uri(file: str, root: Path | None) -> str:
    path = shown_path(file, root)
    return Path(path).as_uri() if Path(path).is_absolute() else quote(path, errors="surrogatepass")


def _fix(repair: Mapping[str, Any], file: str, root: Path | None) -> Json:
    change = {
        "artifactLocation": {"uri": _uri(file, root)},
        "replacements": [_replacement(edit) for edit in line_edits(repair["diff"])],
    }
    return {"description": {"text": repair_sentence(repair)}, "artifactChanges": [change]}


def _replacement(edit: LineEdit) -> Json:
    """Return an edit of whole lines; where lines stay, their last line end does, too."""
    if not edit.removed:
        region = {"startLine": edit.first, "startColumn": 1, "endLine": edit.first, "endColumn": 1}
        return {"deletedRegion": region, "insertedContent": {"text": "".join(f"{line}\n" for line in edit.added)}}
    last = edit.first + edit.removed - 1
    if not edit.added:
        return {"deletedRegion": {"startLine": edit.first, "startColumn": 1, "endLine": last + 1, "endColumn": 1}}
    region = {"startLine": edit.first, "startColumn": 1, "endLine": last}
    return {"deletedRegion": region, "insertedContent": {"text": "\n".join(edit.added)}}


def _rule(code: str) -> Json:
    known = texts().get(code)
    rule: Json = {"id": code}
    if known is None:
        return rule
    rule["shortDescription"] = {"text": part_of(known, "title")}
    rule["fullDescription"] = {"text": part_of(known, "what")}
    rule["help"] = {
        "text": "\n\n".join(f"{head}{part_of(known, part)}" for part, head in PARTS.items() if part_of(known, part))
    }
    return rule


def _invocation(report: Mapping[str, Any], found: Sequence[Part], root: Path | None) -> Json:
    """Say how the check was called, whether it could be done, and what it left out."""
    left_out = [(part, one) for part in found for one in part.skipped]
    notes = []
    for part, one in left_out:
        note: Json = {"level": "note", "message": {"text": f"{one['function']} was not judged: {one['reason']}"}}
        if part.file is not None:
            note["locations"] = [{"physicalLocation": _location(part.file, None, one.get("line"), root)}]
        notes.append(note)
    made: Json = {"executionSuccessful": report["error"] is None, "commandLine": report["reproduce"]}
    return made | ({"toolExecutionNotifications": notes} if notes else {})
