"""Does the check of files survive anything? `python -m tests.quality.mutated_files --mutations 10000 [--seed N]`.

Every mutation is a few random edits of a program of tests/corpus (see mutations.py), run through the check. It must
never end in a bug of ours or hang, and never be called right where central differences, which share no code with the
tool, say that it is wrong: each AGREE is proven anew by tests/corpus/labels.py.

Each file is judged in a child as always; that child is forked from this process, which has imported already what a new
interpreter would import. `--only I` runs one mutation again, and writes it to the folder given by `--keep`.
"""

import argparse
import contextlib
import json
import os
import random
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

import crosscheck.files.examine
from crosscheck.files import child
from crosscheck.files.check import check_file
from crosscheck.files.process import ENVIRONMENT, THREADS, ChildBugError
from tests.corpus import labels
from tests.quality.mutations import mutated

LONGEST = 160.0
"""Seconds: the limit of the check is 120, and its parent then ends it"""
PROVING = 60.0


class Forked:
    """A process forked from this one, in a process group of its own."""

    def __init__(self, work: Any) -> None:
        out, self._out = os.pipe()
        err, self._err = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self._become_child(work)
        os.close(self._out)
        os.close(self._err)
        self.stdout: IO[bytes] | None = os.fdopen(out, "rb", buffering=0)
        self.stderr: IO[bytes] | None = os.fdopen(err, "rb", buffering=0)
        self._code: int | None = None

    def _become_child(self, work: Any) -> None:
        with contextlib.suppress(OSError):
            os.setsid()
        for target, descriptor in ((0, os.open(os.devnull, os.O_RDONLY)), (1, self._out), (2, self._err)):
            os.dup2(descriptor, target)
        try:
            work()
        except BaseException:  # noqa: BLE001 (it must end here, and not go on as a second parent)
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(97)

    def wait(self, timeout: float | None = None) -> int:
        """See `subprocess.Popen.wait`."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self._code is None:
            ended, status = os.waitpid(self.pid, 0 if deadline is None else os.WNOHANG)
            if ended:
                self._code = os.waitstatus_to_exitcode(status)
            elif deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("forked", timeout or 0)
            else:
                time.sleep(0.01)
        return self._code


def _shortened(message: str) -> str:
    """Return the beginning of a message and its end, where a traceback says what happened."""
    return message if len(message) <= 400 else f"{message[:60]} … {message[-340:]}"


def start(_python: Path | None, writing: int, request: str) -> Forked:
    """Start the child of a check; see `crosscheck.files.process.Start`."""

    def work() -> None:
        sys.path[:] = [place for place in sys.path if place]
        warnings.simplefilter("ignore")
        child.main(writing, request)

    return Forked(work)


def proven(program: dict[str, Any], data: bytes) -> str:
    """Say what central differences make of a file: `right`, or why not."""
    reading, writing = os.pipe()

    def work() -> None:
        with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(None):
            warnings.simplefilter("ignore")
            try:
                proof = labels.prove(program, labels.python3(data, program["file"]))
                said = "right" if proof.right else f"worst {proof.worst}" if proof.failure is None else proof.failure
            except Exception as problem:  # noqa: BLE001 (whatever stops the proof is what there is to report)
                said = f"{type(problem).__name__}: {problem}"
        os.write(writing, said.encode("utf-8", "replace")[:4000])
        os._exit(0)

    process = Forked(work)
    os.close(writing)
    said = b""
    with selectors.DefaultSelector() as selector:
        selector.register(reading, selectors.EVENT_READ)
        if selector.select(PROVING):
            said = os.read(reading, 4000)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        assert stream is not None
        stream.close()
    os.close(reading)
    return said.decode("utf-8", "replace") or "no answer"


@dataclass
class Tally:
    """What became of all mutations."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    slowest: list[tuple[float, str]] = field(default_factory=list)

    def add(self, name: str, outcome: str, seconds: float) -> None:
        """Count one."""
        self.outcomes[outcome] += 1
        self.slowest = sorted([*self.slowest, (seconds, f"{name} ({outcome})")], reverse=True)[:5]


def judge(program: dict[str, Any], data: bytes, folder: Path, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the outcome of one file, and its report."""
    path = folder / program["file"]
    path.write_bytes(data)
    started = time.monotonic()
    try:
        report = check_file(path, start=start, **options).as_dict()
    except ChildBugError as bug:
        return "BUG", {"error": {"message": str(bug)}}
    finally:
        path.unlink()
    if time.monotonic() - started > LONGEST:
        return "HANG", report
    if report["verdict"] == "error" and report["error"] is not None:
        return f"error {report['error']['code']}", report
    return report["verdict"], report


def tried(index: int, arguments: argparse.Namespace) -> tuple[dict[str, Any], bytes, list[str], bool]:
    """Return the mutation of a number: program, file, edits, and whether repairs are looked for as well."""
    rng = random.Random(f"{arguments.seed}/{index}")
    names = arguments.programs or [""]
    program = rng.choice([one for one in labels.programs() if any(name in one["file"] for name in names)])
    data, edits = mutated(rng, labels.contents(program), notebook=program["file"].endswith(".ipynb"))
    return program, data, edits, rng.random() < arguments.repairs


def run(numbers: range, arguments: argparse.Namespace) -> Tally:
    """Judge the mutations of these numbers."""
    tally = Tally()
    keep = arguments.keep
    with tempfile.TemporaryDirectory() as name:
        for number in numbers:
            program, data, edits, repair = tried(number, arguments)
            if labels.lacks_torch(program):
                tally.add(program["file"], "skipped: torch is not installed", 0.0)
                continue
            started = time.monotonic()
            options = {"repair": repair, "examples": arguments.examples}
            outcome, report = judge(program, data, Path(name), options)
            what = f"{number} {program['file']} {'+'.join(edits)}"
            tally.add(what, outcome, time.monotonic() - started)
            if outcome == "agree" and (proof := proven(program, data)) != "right":
                wrong = proof.startswith("worst")
                (tally.failures if wrong else tally.doubtful).append(f"{what}: agree, but {proof[:300]}")
                outcome = "ACQUITTED" if wrong else "unproven"
                tally.outcomes[outcome] += 1
            if outcome in {"BUG", "HANG"}:
                tally.failures.append(f"{what}: {outcome}: {_shortened(report['error']['message'].strip())}")
            if outcome == "error timed-out":
                tally.doubtful.append(f"{what}: {report['error']['message']}")
            if keep and (outcome.isupper() or outcome in {"unproven", "error timed-out"} or arguments.only is not None):
                place = keep / f"{number}-{outcome}-{program['file']}".replace(" ", "-")
                place.write_bytes(data)
                place.with_suffix(".json").write_text(json.dumps(report, indent=1), encoding="utf-8")
            if arguments.verbose:
                print(f"{time.monotonic() - started:6.1f} s  {what}: {outcome}", flush=True)
    return tally


def main() -> int:
    """Print what became of the mutations; 1 if one of them shows a fault of the tool."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs="*", help="only programs whose names hold one of these")
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first mutation")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--examples", type=int, help="random cases for each function (default: as in the check)")
    parser.add_argument("--repairs", type=float, default=0.05, help="share of the files for which repairs are sought")
    parser.add_argument("--keep", type=Path, help="folder for the files that fail")
    parser.add_argument("--only", type=int, help="run the mutation of this number")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    if os.environ.get("PYTHONHASHSEED") != "0":  # read when an interpreter starts, so it must start once more
        os.execve(sys.executable, sys.orig_argv, THREADS | os.environ | ENVIRONMENT)
    first, last = arguments.first, arguments.first + arguments.mutations
    numbers = range(first, last) if arguments.only is None else range(arguments.only, arguments.only + 1)
    started = time.monotonic()
    tally = run(numbers, arguments)
    print(f"{len(numbers)} mutations, seed {arguments.seed}, {time.monotonic() - started:.0f} s")
    for outcome, count in tally.outcomes.most_common():
        print(f"  {count:6}  {outcome}")
    for title, lines in (("FAILED", tally.failures), ("to be looked at", tally.doubtful)):
        for line in lines:
            print(f"{title}: {line}")
    print("slowest:", *(f"  {seconds:.1f} s  {what}" for seconds, what in tally.slowest), sep="\n")
    return 1 if tally.failures else 0


if __name__ == "__main__":
    assert crosscheck.files.examine is not None  # imported here, so that the children need not
    sys.exit(main())
