"""What stands at the end of a run of tests: the summary, losses against the baseline, and the report files."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from crosscheck.testing import baseline
from crosscheck.testing.options import Choices
from crosscheck.verdicts import Verdict, aggregate

MARKUP = {"agree": "green", "disagree": "red", "error": "red", "inconclusive": "yellow"}
Line = tuple[str, str | None]
"""A line and its colour; "title" for a heading"""


def added(found: list[dict[str, Any]], told: dict[str, Any]) -> None:
    """Add a report to those of one test. Of a gradient that a test judges again and again, the gravest one counts."""
    for number, known in enumerate(found):
        if known["name"] == told["name"]:
            runs = known.get("runs", 1) + 1
            verdicts = [Verdict(known["verdict"]), Verdict(told["verdict"])]
            graver = told if aggregate(verdicts) is Verdict(told["verdict"]) else known
            found[number] = {**graver, "runs": runs}
            return
    found.append(told)


def close(reports: Sequence[Mapping[str, Any]], choices: Choices, config: Any) -> Iterator[Line]:
    """Write the files that were asked for, and yield the lines of the summary."""
    if config.get_verbosity() < 0:
        yield _in_one_line(reports), None
    else:
        yield "gradients", "title"
        yield from _summary(reports)
    yield from _against_baseline(reports, choices, update=config.getoption("--crosscheck-update-baseline"))
    yield from _files(reports, choices, config)


def _summary(reports: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    for report in reports:
        floor = max((float(one["detection_floor"]) for one in report["parameters"]), default=float("inf"))
        again = f", {report['runs']} times" if "runs" in report else ""
        line = (
            f"{report['verdict'].upper():12} {report['name']}   detects {floor:.1e}, {report['judged']} of "
            f"{report['examples']} cases judged{again}, {report['seconds']:.1f} s"
        )
        yield line, MARKUP[report["verdict"]]
        if cut := _cut(report):
            yield f"{'':12} {cut}", "yellow"


def _in_one_line(reports: Sequence[Mapping[str, Any]]) -> str:
    counts = Counter(report["verdict"] for report in reports)
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in MARKUP if counts[verdict])
    cut = sum(_cut(report) is not None for report in reports)
    short = f"; the budget left cases of {cut} unjudged" if cut else ""
    return f"{len(reports)} gradient{'s' if len(reports) != 1 else ''}: {told}{short}"


def _cut(report: Mapping[str, Any]) -> str | None:
    """Say what a spent budget left out; None where it was enough."""
    return next((one["message"] for one in report["findings"] if one["code"] == "budget-spent"), None)


def _against_baseline(reports: Sequence[Mapping[str, Any]], choices: Choices, *, update: bool) -> Iterator[Line]:
    path = choices.get("baseline")
    if path is None:
        return
    known = baseline.read(path)
    if update:
        try:
            baseline.write(path, {**known, **{report["name"]: baseline.Standing.of(report) for report in reports}})
        except OSError as error:
            yield f"{path} cannot be written ({error.strerror}): name another file.", "red"
            return
        yield f"baseline of {len(reports)} gradients written to {path}", None
        return
    for name, loss in baseline.losses(known, reports):
        yield f"WEAKER       {name}: {loss}", "yellow"
    for report in reports:
        if known and report["name"] not in known:
            yield f"{'':12} {report['name']} is not in {path}: add it with --crosscheck-update-baseline.", None


def _files(reports: Sequence[Mapping[str, Any]], choices: Choices, config: Any) -> Iterator[Line]:
    wanted = {name: choices.get(name) for name in ("json", "junit", "sarif", "html") if choices.get(name)}
    github = choices.get("github", "GITHUB_ACTIONS" in os.environ)
    if not wanted and not github:
        return
    from crosscheck import reports as formats

    seed = choices.get("seed", 0)
    whole = formats.merged(
        [dict(report) for report in reports],
        target=config.rootpath.name,
        seed=seed,
        reproduce=f"python -m pytest --crosscheck-seed {seed}",
    )
    for name, path in wanted.items():
        write = _json if name == "json" else getattr(formats, "page" if name == "html" else name)
        try:
            Path(path).write_text(write(whole), encoding="utf-8")
        except OSError as error:
            yield f"{path} cannot be written ({error.strerror}): name another file.", "red"
            continue
        yield f"{name} report: {path}", None
    if github:
        yield from ((line, None) for line in formats.annotations(whole))
        if place := os.environ.get("GITHUB_STEP_SUMMARY"):
            with Path(place).open("a", encoding="utf-8") as file:
                file.write(formats.summary(whole))


def _json(report: Any) -> str:
    import json

    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"
