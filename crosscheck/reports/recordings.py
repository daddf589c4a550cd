"""What a training wrote down about itself, line by line, read back.

A recording is a file of JSON lines. The first says what was trained, and so does one more for each time the run went
on; the others hold a step (`step`), or what the model wrote (`sample`). A last line without its end was being written
when the run was killed, and is passed over. Numbers that JSON cannot carry are the strings "nan", "inf" and "-inf".
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from crosscheck.errors import CrosscheckError

KIND, VERSION = "training", 1
"""What the first line holds under `crosscheck` and `version`"""

NUMBERS = ("loss", "smoothed_loss", "bits_per_symbol", "error")
"""What every step holds"""

COUNTS = ("step", "after", "from_step")
"""Integers, wherever they stand"""


MOST = 6
"""Runs side by side, as many as there are colours and marks to tell them apart"""


@dataclass(frozen=True)
class Recording:
    """A run as it was recorded; arrays have an entry for each recorded step, NaN where it tells nothing."""

    path: Path
    run: Mapping[str, Any]
    """The first line: the text, the sizes, the settings, the versions"""
    resumed: tuple[int, ...]
    """The steps after which it went on"""
    steps: np.ndarray
    numbers: Mapping[str, np.ndarray]
    """One for each of NUMBERS"""
    norms: Mapping[str, np.ndarray]
    """name of a parameter -> (steps, 2): the norm of its gradient before and after clipping"""
    clipped: np.ndarray
    """Share of the entries that clipping changed"""
    flow: np.ndarray
    """(steps, lags): the norm of the gradient of the last loss of a window in the state so many steps before"""
    samples: tuple[tuple[int, str], ...]
    """(steps taken before, text)"""


def read_recording(path: Path) -> Recording:
    """Read one. Raises CrosscheckError for files that cannot be read, that are something else, or that hold no step."""
    heads, steps, samples = [], [], []
    for number, (_, line) in enumerate(lines(path), 1):
        if is_head(line):
            heads.append(line)
        elif "sample" in line:
            samples.append((int(line.get("after", 0)), str(line["sample"])))
        elif _is_step(line):
            steps.append(line)
        else:
            raise _no_step(number, path)
    if not steps:
        raise CrosscheckError(
            f"{path} holds no steps yet: train on with --record {path.name}, or name another recording.",
            code="empty-recording",
        )
    names = dict.fromkeys(name for line in steps for name in line.get("norms", ()))
    return Recording(
        path=path,
        run=heads[0],
        resumed=tuple(int(head.get("from_step", 0)) for head in heads[1:]),
        steps=np.array([int(line["step"]) for line in steps]),
        numbers={name: _column([line[name] for line in steps]) for name in NUMBERS},
        norms={name: _table([line.get("norms", {}).get(name, ()) for line in steps], 2) for name in names},
        clipped=_column([line.get("clipped") for line in steps]),
        flow=_table([line.get("flow", ()) for line in steps]),
        samples=tuple(samples),
    )


def refuse_too_many(paths: Sequence[Path]) -> None:
    """Raise CrosscheckError for more recordings than can be told apart, and for one that is named twice."""
    if len(paths) > MOST:
        raise CrosscheckError(f"{len(paths)} runs cannot be told apart: name at most {MOST}.", code="bad-usage")
    for number, path in enumerate(paths):
        if path in paths[:number]:
            raise CrosscheckError(f"{path} is named twice: name each run once.", code="bad-usage")


def names_of(recordings: Sequence[Recording]) -> list[str]:
    """Call each by its file's name, or by its whole path where two files have the same name."""
    names = [one.path.stem for one in recordings]
    return names if len(set(names)) == len(names) else [str(one.path) for one in recordings]


def drift(recordings: Sequence[Recording]) -> tuple[np.ndarray, np.ndarray] | None:
    """Return (steps, difference of the smoothed losses) of two runs that end at the same step; None for all others."""
    if len(recordings) != 2 or recordings[0].steps[-1] != recordings[1].steps[-1]:
        return None
    one, other = recordings
    steps, first, second = np.intersect1d(one.steps, other.steps, return_indices=True)
    return steps, np.abs(one.numbers["smoothed_loss"][first] - other.numbers["smoothed_loss"][second])


def lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (where it ends in the file, what it holds) for each whole line; the first is always one that `is_head`.

    Raises CrosscheckError for a file that cannot be read and for one that is no recording.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CrosscheckError(f"There is no file {path}: check the name.", code="no-such-file") from None
    except OSError as error:
        raise CrosscheckError(f"{path} cannot be read ({error.strerror}): name a file.", code="bad-input") from None
    end = 0
    for number, raw in enumerate(content.split(b"\n")[:-1] or [b""], 1):
        end += len(raw) + 1
        line = _parsed(raw)
        if number == 1 and (line is None or not is_head(line)):
            raise CrosscheckError(
                f"{path} is no recording of a training: name a file that crosscheck train --record wrote.",
                code="not-a-recording",
            )
        if line is None:
            raise CrosscheckError(
                f"Line {number} of {path} is no JSON object: delete it, or record the training again.",
                code="not-a-recording",
            )
        if is_head(line) and line.get("version") != VERSION:
            raise CrosscheckError(
                f"{path} is of version {line.get('version')!r}, and version {VERSION} is what this crosscheck reads: "
                "use the one that recorded it.",
                code="not-a-recording",
            )
        if any(type(line.get(name, 0)) is not int for name in COUNTS):
            raise _no_step(number, path)
        yield end, line


def _no_step(number: int, path: Path) -> CrosscheckError:
    return CrosscheckError(
        f"Line {number} of {path} holds no step of a training: delete it, or record the training again.",
        code="not-a-recording",
    )


def _parsed(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


def is_head(line: Mapping[str, Any]) -> bool:
    """Tell whether a line says what was trained."""
    return line.get("crosscheck") == KIND


def _is_step(line: Mapping[str, Any]) -> bool:
    numbers = all(_number(line.get(name)) is not None for name in NUMBERS)
    return "step" in line and numbers and isinstance(line.get("norms", {}), dict)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _column(values: list[Any]) -> np.ndarray:
    numbers = map(_number, values)
    return np.array([np.nan if number is None else number for number in numbers])


def _table(rows: list[Any], width: int | None = None) -> np.ndarray:
    """Lay out rows of one length or another, NaN where they are too short."""
    rows = [row if isinstance(row, list) else [] for row in rows]
    width = max(map(len, rows), default=0) if width is None else width
    return np.array([[*_column(row[:width]), *[np.nan] * (width - len(row))] for row in rows]).reshape(len(rows), width)
