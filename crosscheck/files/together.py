"""Several files: which they are, and one report on all of them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crosscheck.files.report import FileReport
from crosscheck.reports.merging import merged
from crosscheck.verdicts import Verdict, aggregate

_ELSEWHERE = {"node_modules", "site-packages", "venv", "env", "build", "dist", "__pycache__"}

NOTHING_TO_JUDGE = frozenset({"nothing-judged", "empty-file"})
"""The errors of a file in a folder that only say that it holds no gradient."""


def targets(given: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield (target, whether it was found in a folder); folders are searched for scripts and notebooks."""
    for target in given:
        if not Path(target).is_dir():
            yield target, False
            continue
        found = sorted(_in_folder(Path(target)))
        if not found:  # which is that target's own error, and the others are judged
            yield target, False
        yield from ((str(path), True) for path in found)


def _in_folder(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            if path.name not in _ELSEWHERE and not (path / "pyvenv.cfg").exists():
                yield from _in_folder(path)
        elif path.suffix in {".py", ".ipynb"}:
            yield path


@dataclass(frozen=True)
class Together:
    """The reports of several files as one."""

    reports: tuple[FileReport, ...]
    target: str
    seed: int
    reproduce: str
    error: dict[str, Any] | None = None
    """What stopped the whole run"""

    @property
    def verdict(self) -> Verdict:
        """Disagree before error before inconclusive before agree."""
        return aggregate([*(report.verdict for report in self.reports), *([Verdict.ERROR] if self.error else [])])

    def to_json(self) -> str:
        """Return one object; with several files the lists hold what was found in all of them, and `files` each."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False)

    def as_dict(self) -> dict[str, Any]:
        """Return what `to_json` writes."""
        files = [report.as_dict() for report in self.reports]
        if len(files) == 1 and self.error is None:
            return files[0]
        return merged(files, target=self.target, seed=self.seed, reproduce=self.reproduce, error=self.error)
