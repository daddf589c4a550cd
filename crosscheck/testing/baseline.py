"""Baselines: what every gradient's test was worth when it was last looked at, in a small text file.

A gradient may still agree while its test has become weaker: fewer cases judged, a regime gone, a higher detection
floor, a larger discrepancy. The file is TOML, one table for each gradient in the order of their names, so that a
review of a change sees what it lost.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from crosscheck.errors import CrosscheckError

# With 12 seeds of 200 cases the largest floor of a small network was 1.13 times the smallest, and the discrepancy 1.54
# times: what is more than twofold is no chance.
WORSE = 2.0
SHARE = 0.05
HEADER = "# Written by `pytest --crosscheck-update-baseline`. What is lost against this file is reported.\n"


class Standing(NamedTuple):
    """What one gradient's test is worth."""

    judged: float
    """Share of the cases in which something was judged"""
    regimes: tuple[str, ...]
    floor: float
    """The largest detection floor among its parameters, relative to their gradients"""
    discrepancy: float
    """The furthest off of all entries, in tolerances; what is below 1 counts as 1"""

    @classmethod
    def of(cls, report: Mapping[str, Any]) -> "Standing":
        """Read it off a report in its JSON form."""
        floors = [float(parameter["detection_floor"]) for parameter in report["parameters"]]
        worst = [float(one["worst"]["discrepancy"]) for one in report["parameters"] if one["worst"]]
        return cls(
            judged=report["judged"] / max(1, report["examples"]),
            regimes=tuple(sorted(report["regimes"])),
            floor=max(floors, default=float("inf")),
            discrepancy=max([1.0, *worst]),
        )

    def losses(self, before: "Standing") -> Iterator[str]:
        """Say what is worse than it was."""
        if self.judged < before.judged - SHARE:
            yield f"{self.judged:.0%} of the cases judged, {before.judged:.0%} before"
        if gone := [regime for regime in before.regimes if regime not in self.regimes]:
            yield f"no case of {', '.join(gone)} any more"
        if self.floor > WORSE * before.floor:
            yield f"detects errors of {self.floor:.1e}, {before.floor:.1e} before"
        if self.discrepancy > WORSE * before.discrepancy:
            yield f"up to {self.discrepancy:.2g} tolerances off, {before.discrepancy:.2g} before"


def read(path: Path) -> dict[str, Standing]:
    """Return what stands in a file; nothing, where there is none. Raises CrosscheckError for a damaged one."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return {
            name: Standing(
                float(one["judged"]), tuple(map(str, one["regimes"])), float(one["floor"]), float(one["discrepancy"])
            )
            for name, one in tables.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise CrosscheckError(
            f"{path} cannot be read as a baseline ({error}): restore it from version control, or write it anew with "
            "--crosscheck-update-baseline.",
            code="bad-baseline",
        ) from error


def refuse_unusable(path: Path | None, *, update: bool) -> None:
    """Raise CrosscheckError before the first test runs where the file could be neither read nor written at the end."""
    if path is None:
        if update:
            raise CrosscheckError(
                "There is no baseline to update: name its file, --crosscheck-baseline=FILE.", code="bad-baseline"
            )
        return
    read(path)
    if update and not path.parent.is_dir():
        raise CrosscheckError(
            f"{path} cannot be written, because there is no folder {path.parent}: make it, or name another file.",
            code="bad-baseline",
        )


def write(path: Path, standings: Mapping[str, Standing]) -> None:
    """Write all of them; numbers are rounded, so that a file changes only where something did. Raises OSError."""
    tables = [
        f"[{_quoted(name)}]\njudged = {one.judged:.2f}\nregimes = [{', '.join(map(_quoted, one.regimes))}]\n"
        f"floor = {one.floor:.1e}\ndiscrepancy = {one.discrepancy:.1f}\n"
        for name, one in sorted(standings.items())
    ]
    path.write_text("\n".join([HEADER, *tables]), encoding="utf-8")


def losses(before: Mapping[str, Standing], reports: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield (gradient, what it lost) for every report that is worse than its baseline."""
    for report in reports:
        if report["name"] in before:
            for loss in Standing.of(report).losses(before[report["name"]]):
                yield report["name"], loss


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
