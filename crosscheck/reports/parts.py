"""A report taken apart: what it says about each target, and of each target about each gradient."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from crosscheck.verdicts import Severity, Verdict

_LISTS = ("oracles", "assumptions", "skipped", "parameters", "findings", "diagnoses", "repairs")
_SOURCES = (".py", ".ipynb", ".pyw")


@dataclass(frozen=True)
class Gradient:
    """What a report says about one gradient."""

    target: str
    function: str
    """Empty where the target itself is what was judged"""
    content: Mapping[str, Any]
    """Every key that the contract promises"""
    reproduce: str

    @property
    def name(self) -> str:
        """What to call it where its target is known; what a test found has the name of the test."""
        return self.content.get("name") or self.function or self.target

    @property
    def heading(self) -> str:
        """What its function belongs to: the target, or the test that found it."""
        return self.content.get("name") or self.target

    @property
    def verdict(self) -> Verdict:
        """The verdict on this gradient alone."""
        return Verdict(self.content["verdict"])

    @property
    def file(self) -> str | None:
        """The source file, where it is known."""
        places = [self.content, *self.content["findings"]]
        named = next((place["file"] for place in places if place.get("file")), None)
        return named or file_of(self.target)

    @property
    def place(self) -> tuple[int | None, int | None]:
        """(cell, line) at which to point: of the slip if it was found, else of the backward pass."""
        exact = [one for one in self.content["diagnoses"] if one.get("line")]
        found = [one for one in self.content["findings"] if one.get("line") and one["severity"] == Severity.ERROR]
        cell = self.content.get("cell") or next((one["cell"] for one in found if one.get("cell")), None)
        for one in (*exact, *self.content["repairs"], *found, self.content, self.content["error"] or {}):
            if one.get("line"):
                return one.get("cell", cell), one["line"]
        return cell, None

    @property
    def wrong(self) -> list[str]:
        """The names of the parameters whose gradients are wrong."""
        return [one["name"] for one in self.content["parameters"] if one["verdict"] == Verdict.DISAGREE]


@dataclass(frozen=True)
class Part:
    """What a report says about one target: a file, or a subject of the library."""

    target: str
    content: Mapping[str, Any]
    gradients: tuple[Gradient, ...]
    findings: tuple[Mapping[str, Any], ...]
    """Those that belong to no single gradient"""
    repairs: tuple[Mapping[str, Any], ...]
    error: Mapping[str, Any] | None
    """What ended the check before it was done, or kept it from beginning"""

    @property
    def heading(self) -> str:
        """The target, or the test that found it."""
        return self.content.get("name") or self.target

    @property
    def skipped(self) -> list[Mapping[str, Any]]:
        """What looks like a gradient and was not judged."""
        return self.content["skipped"]

    @property
    def file(self) -> str | None:
        """The source file, where it is known."""
        return next((one["file"] for one in self.findings if one.get("file")), None) or file_of(self.target)


def parts(report: Mapping[str, Any]) -> Iterator[Part]:
    """Yield the parts of a report: each of its files, or the whole of it."""
    if "files" not in report:
        yield _part(report)
        return
    for file in report["files"]:
        yield from parts(file)
    errors = [file.get("error") for file in report["files"]]
    if report["error"] is not None and report["error"] not in errors:  # it stopped the whole run
        yield Part(report["target"], complete({**report, "skipped": []}), (), (), (), report["error"])


def gradients(report: Mapping[str, Any]) -> list[Gradient]:
    """Return every gradient that a report speaks of."""
    return [gradient for part in parts(report) for gradient in part.gradients]


def complete(subject: Mapping[str, Any]) -> dict[str, Any]:
    """Return a subject with every key that the contract promises."""
    repairs = subject.get("repairs", [])
    empty = {key: [] for key in _LISTS} | {"examples": 0, "judged": 0, "seconds": 0.0, "regimes": {}, "error": None}
    return {"model": None, **empty, "repair": repairs[0] if repairs else None, **subject}


def _part(report: Mapping[str, Any]) -> Part:
    target, subjects, error = report["target"], report["subjects"], report["error"]
    if not subjects and (report["parameters"] or error or not report["skipped"]):
        return Part(target, report, (Gradient(target, "", complete(report), report["reproduce"]),), (), (), None)
    wholes = [complete(subject) for subject in subjects]
    found = [Gradient(target, w["function"], w, w.get("reproduce") or report["reproduce"]) for w in wholes]
    own = {
        key: tuple(_without(report[key], [item for whole in wholes for item in whole[key]]))
        for key in ("findings", "repairs")
    }
    if any(error == whole["error"] for whole in wholes):
        error = None
    return Part(target, report, tuple(found), own["findings"], own["repairs"], error)


def _without(items: Sequence[Any], others: Sequence[Any]) -> Iterator[Any]:
    """Yield what is left of a list once the items of another are taken out, each as often as it occurs there."""
    others = list(others)
    for item in items:
        if item in others:
            others.remove(item)
        else:
            yield item


def file_of(target: str) -> str | None:
    """Return the source file that a target names, with or without a function behind it.

    >>> file_of("models/rnn.py:loss"), file_of("loss")
    ('models/rnn.py', None)
    """
    head, _, function = target.rpartition(":")
    file = head if head and function.isidentifier() else target
    return file if PurePath(file).suffix in _SOURCES else None


def shown_path(file: str, root: Path | None = None) -> str:
    """Return a path with slashes; one below `root`, the current folder, without what leads there."""
    path = Path(file)
    root = Path.cwd() if root is None else root
    absolute = path if path.is_absolute() else root / path
    return (absolute.relative_to(root) if absolute.is_relative_to(root) else path).as_posix()
