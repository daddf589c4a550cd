"""Writing down how a training goes: JSON lines, each flushed, so that a killed run keeps what it wrote."""

import dataclasses
import json
import math
import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Self

import numpy as np

from crosscheck.builtin import consoles
from crosscheck.builtin.runs import Run
from crosscheck.errors import CrosscheckError
from crosscheck.reports.environment import environment
from crosscheck.reports.recordings import KIND, VERSION, is_head, lines, read_recording
from manual.atomic import check_writable, replace_file
from manual.checkpoints import digest_text
from manual.flow import gradient_flow
from manual.parameters import Parameters
from manual.training import Progress, TrainingState

FIRST = 20
"""Steps that are recorded however seldom the others are: it is early that much happens"""
DIGITS = 6
"""Of norms, which are there to be looked at; losses are exact"""


class Wanted(NamedTuple):
    """What is to be written beside a training."""

    record: Path | None
    """JSON lines"""
    html: Path | None
    """A page, made of these in the end"""
    every: int
    """Steps between two records"""
    resumed: bool
    """Whether the training goes on, and its recording with it"""


@contextmanager
def recorded(run: Run, wanted: Wanted, engines: Sequence[str]) -> Iterator[list["Recorder"]]:
    """Open a recording for each engine, or none; when the training ends, however it ends, write the page of them.

    Raises CrosscheckError and InputError at once for files that cannot be written.
    """
    if wanted.record is None:
        yield []
        return
    if wanted.html is not None:
        _refuse_mistaken(wanted.html, "--html", run)
        check_writable(wanted.html)
    paths = [wanted.record]
    if len(engines) > 1:
        paths = [wanted.record.with_name(f"{wanted.record.stem}-{engine}{wanted.record.suffix}") for engine in engines]
    recorders: list[Recorder] = []
    try:
        with ExitStack() as stack:
            for path, engine in zip(paths, engines, strict=True):
                going_on = {"resumed": wanted.resumed, "drifts": bool(recorders)}  # checkpoints are the first one's
                recorder = Recorder(path, run, engine, every=wanted.every, **going_on)
                recorders.append(stack.enter_context(recorder))
            yield recorders
    finally:
        if len(recorders) == len(engines) and all(recorder.holds_steps for recorder in recorders):
            names = shlex.join(map(str, paths))
            told = f"recorded in {names}; to see it: crosscheck plot {names} --html FILE"
            if wanted.html is not None:
                write_page(paths, wanted.html)
                told = f"recorded in {names}, shown in {wanted.html}"
            consoles.results().print(told, soft_wrap=True, markup=False)


def write_page(paths: Sequence[Path], html: Path) -> None:
    """Write the page of one recording or several. Raises CrosscheckError and InputError."""
    from crosscheck.reports.page.training import training_page

    page = training_page([read_recording(path) for path in paths])
    replace_file(html, page.encode("utf-8", "backslashreplace"))


class Recorder:
    """A file that grows by a line now and then. Raises CrosscheckError at once for a file that cannot be written.

    A run that is resumed goes on in its file: what was recorded beyond the checkpoint, and will be again, is cut off.
    """

    def __init__(self, path: Path, run: Run, engine: str, *, every: int, resumed: bool, drifts: bool = False) -> None:
        """Open it; `drifts` says that the checkpoint is another engine's, whose losses differ from what is recorded."""
        self.path = path
        self._run, self._every = run, every
        self._last: tuple[TrainingState, Progress] | None = None
        self._written = 0
        self._head = _head(run, engine, every)
        kept, self.holds_steps = 0, False
        if resumed and path.exists():
            kept, self.holds_steps = _what_to_keep(path, run, self._head, drifts=drifts)
        self._file, self._kept = _opened(path, run), kept
        self._began = False
        if not kept:
            self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._last is not None and self._last[1].step > self._written:
            self._write_step(*self._last)
        self._file.close()

    def record(self, before: TrainingState, progress: Progress) -> None:
        """Take note of a step that was taken from the state `before`, and write it if it is due."""
        if not self._began:
            self._begin()
        if progress.sample is not None:
            text = self._run.vocabulary.decode(progress.sample.indices)
            self._write({"after": progress.step - 1, "sample": text})
        self._last = before, progress
        if progress.step <= min(self._every, FIRST) or progress.step % self._every == 0:
            self._write_step(before, progress)

    def _begin(self) -> None:
        self._began = True
        self._file.truncate(self._kept)  # not before there is something to put in its place
        self._write(self._head)

    @np.errstate(over="ignore", invalid="ignore")  # what is too large is written as "inf"
    def _write_step(self, before: TrainingState, progress: Progress) -> None:
        self._written = progress.step  # first: interrupted, a step may be missing, but none stands there twice
        line = {
            "step": progress.step,
            "loss": _plain(progress.loss),
            "smoothed_loss": _plain(progress.smoothed_loss),
            "bits_per_symbol": _plain(progress.bits_per_symbol),
            "error": _plain(progress.smoothed_error),
        }
        if progress.gradients is not None and progress.clipped is not None:
            pairs = zip(Parameters._fields, progress.gradients, progress.clipped, strict=True)
            line["norms"] = {name: [_rounded(norm(g)) for g in pair] for name, *pair in pairs}
            line["clipped"] = _rounded(self._clipped(progress.gradients, progress.clipped))
        line["flow"] = [_rounded(norm) for norm in self._flow(before, progress)]
        self._write(line)
        self.holds_steps = True

    def _clipped(self, before: Parameters, after: Parameters) -> float:
        """Return the share of entries that were clipped: all of them or none where it is their joint norm."""
        changed = sum(int((g != c).sum()) for g, c in zip(before, after, strict=True))
        if self._run.settings.clip == "norm":
            return float(changed > 0)
        return changed / sum(g.size for g in before)

    def _flow(self, before: TrainingState, progress: Progress) -> np.ndarray:
        """Return the norm at each lag, the root of the mean square over the sequences of a batch."""
        window = progress.window
        start = np.zeros_like(before.hidden_state) if window.reset else before.hidden_state
        data = (before.parameters, window.inputs, window.targets, start)
        norms = gradient_flow(*data, window=self._run.settings.truncation)
        if norms.ndim == 1:
            return norms
        return np.array([norm(row) / math.sqrt(len(row)) for row in norms])

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace"))
        self._file.write(b"\n")
        self._file.flush()


def _head(run: Run, engine: str, every: int) -> dict[str, Any]:
    parameters, settings = run.start.parameters, run.settings
    return {
        "crosscheck": KIND,
        "version": VERSION,
        "engine": engine,
        "text": {"file": str(run.file), "symbols": len(run.indices), "digest": digest_text(run.indices)},
        "vocabulary": len(parameters.by),
        "hidden_size": len(parameters.bh),
        "parameters": sum(p.size for p in parameters),
        "dtype": str(parameters.bh.dtype),
        "level": run.vocabulary.level,
        "settings": dataclasses.asdict(settings),
        "from_step": run.start.step,
        "record_every": every,
        "environment": environment(),
    }


def _what_to_keep(path: Path, run: Run, head: dict[str, Any], *, drifts: bool) -> tuple[int, bool]:
    """Return how much of a recording belongs to the steps before the checkpoint, and whether it holds any step."""
    kept, beyond, holds_steps, reached = 0, False, False, run.start
    for end, line in lines(path):
        if is_head(line):
            ours = all(_identity(line)[key] == value for key, value in _identity(head).items())
        else:
            # A checkpoint holds the smoothed loss to the last digit, and so does a recording.
            told = line.get("smoothed_loss")
            ours = drifts or line.get("step") != reached.step or told == reached.smoothed_loss
        if not ours:
            raise CrosscheckError(
                f"{path} is a recording of another training: name another file with --record.",
                code="not-a-recording",
            )
        holds_steps |= "step" in line
        before = line.get("from_step" if is_head(line) else "after", 0)
        beyond = beyond or line.get("step", before + 1) > reached.step
        kept = kept if beyond else end  # what is beyond the checkpoint will be written again
    return kept, holds_steps


def _identity(head: dict[str, Any]) -> dict[str, Any]:
    text = head.get("text")
    digest = text.get("digest") if isinstance(text, dict) else None
    return {"digest": digest} | {key: head.get(key) for key in ("vocabulary", "hidden_size", "dtype")}


def _opened(path: Path, run: Run) -> BinaryIO:
    """Open a file at its end; whatever is no recording is not written over."""
    _refuse_mistaken(path, "--record", run)
    if path.is_file() and path.stat().st_size:
        try:
            next(lines(path))
        except CrosscheckError as error:
            raise CrosscheckError(
                f"{path} exists and is no recording of a training: name another file, so that it is not lost.",
                code="not-a-recording",
            ) from error
    elif path.exists() and not path.is_file():
        raise CrosscheckError(f"{path} is not a regular file: name a file for --record.", code="bad-usage")
    try:
        return path.open("ab")
    except OSError as error:
        raise CrosscheckError(
            f"{path} cannot be written ({error.strerror}): name a file in a folder that you may write to."
        ) from None


def _refuse_mistaken(path: Path, option: str, run: Run) -> None:
    for other, what in ((run.file, "the text"), (run.path, "the checkpoint")):
        if os.path.realpath(path) == os.path.realpath(other):
            raise CrosscheckError(f"{option} {path} is {what}: name another file.", code="bad-usage")


def norm(array: np.ndarray) -> float:
    """Return √Σa², also where a² would be too large or too small for a number.

    >>> round(norm(np.array([3e-200, 4e-200])) * 1e200, 9), norm(np.array([3e30, 4e30], np.float32)) > 4e30
    (5.0, True)
    """
    entries = array.reshape(-1)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        quick = math.sqrt(entries @ entries)
    if 1e-9 < quick < 1e9:
        return quick
    entries = entries.astype(np.float64)
    largest = float(np.abs(entries).max())
    return largest * float(np.linalg.norm(entries / largest)) if 0 < largest < math.inf else largest


def _plain(number: float) -> float | str:
    return float(number) if math.isfinite(number) else str(float(number))


def _rounded(number: Any) -> float | str:
    return _plain(float(f"{float(number):.{DIGITS}g}"))
