"""The parent's side of a check: it starts the child, listens to it, and ends it in time."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from crosscheck.errors import CrosscheckError
from crosscheck.files.guards import address_space
from crosscheck.files.options import Limits, Options

EXAMINE = "crosscheck.files.examine:examine"
HAS_GROUPS = os.name == "posix"
"""Whether processes have groups here, that end together"""

# What is kept of standard output and standard error, from the end, for messages.
TAIL = 4_000
_CHUNK = 1 << 16
# A child that uses less of a CPU than this waits for something.
WAITING = 0.02
# An event is some kilobytes; what is longer was not written by us.
_LONGEST_EVENT = 64 << 20

_HOME = Path(__file__).resolve().parents[2]

THREADS = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM")}
ENVIRONMENT = {
    "MPLBACKEND": "Agg",
    "PYTHONBREAKPOINT": "0",
    "PYTHONHASHSEED": "0",  # the order of a set decides which symbol has which index
    "PYTHONIOENCODING": "utf-8:backslashreplace",
}

# The package is loaded from its own folder, and nothing else of that folder: in another environment, another NumPy.
_BOOT = """
import importlib.util, json, os, sys
descriptor, home, request = int(sys.argv[1]), sys.argv[2], sys.argv[3]
def refuse(code, message):
    error = {"code": code, "message": message, "line": None, "cell": None}
    os.write(descriptor, json.dumps({"event": "failed", "error": error}).encode() + b"\\n")
    os._exit(0)
if sys.version_info < (3, 11):
    refuse("python-too-old", "%s is Python %d.%d: 3.11 or newer is needed." % (sys.executable, *sys.version_info[:2]))
try:
    import numpy
except ImportError as error:
    refuse("no-numpy", "%s cannot import NumPy (%s): install it there." % (sys.executable, error))
sys.path[:] = [place for place in sys.path if place]
folder = os.path.join(home, "crosscheck")
spec = importlib.util.spec_from_file_location(
    "crosscheck", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
)
sys.modules["crosscheck"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["crosscheck"])
from crosscheck.files.child import main
main(descriptor, request)
"""


class Process(Protocol):
    """What is asked of the process of a child: `subprocess.Popen` is one."""

    pid: int
    """It leads a process group of its own."""
    stdout: IO[bytes] | None
    stderr: IO[bytes] | None

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code, negative for a signal; raises TimeoutExpired."""
        ...


Start = Callable[[Path | None, int, str], Process]
"""(interpreter, descriptor to write events to, request as JSON) -> the child"""


class ChildBugError(RuntimeError):
    """An error of ours in the child; the message is its traceback."""


@dataclass
class Heard:
    """What a child said, and why it ended early if it did."""

    events: list[dict[str, Any]] = field(default_factory=list)
    error: dict[str, Any] | None = None
    """{"code", "message", "line", "cell"} where it did not finish."""
    printed: str = ""
    """The end of what the code under test printed."""


def listen(
    path: Path,
    options: Options,
    limits: Limits,
    *,
    python: Path | None = None,
    examine: str = EXAMINE,
    handler: Callable[[dict[str, Any]], None] = lambda _event: None,
    start: Start | None = None,
) -> Heard:
    """Examine a file in a child of its own and return what it said; whatever happens there, this returns.

    `start` starts that child, which calls `crosscheck.files.child.main`: by default a new interpreter.

    Raises ChildBugError for a bug of ours, CrosscheckError `no-python` where `python` cannot be started, and
    `no-guarded-process` on systems that know no groups of processes.
    """
    if not HAS_GROUPS:
        raise CrosscheckError(
            "Files are checked in a process that is ended with all that it starts, which this system cannot do: use "
            "Linux, macOS or WSL, or judge the function from Python, crosscheck.check(subject, twin=..., cases=...).",
            code="no-guarded-process",
        )
    request = {
        "path": str(path), "options": options.as_json(), "examine": examine, "parent": os.getpid(),
        "memory": address_space(_beginning(path), limits.memory),
    }  # fmt: skip
    reading, writing = os.pipe()
    try:
        process = (start or new_interpreter)(python, writing, json.dumps(request))
    except OSError as error:
        os.close(reading)
        raise CrosscheckError(
            f"{python or sys.executable} cannot be started ({error.strerror}): check --python.", code="no-python"
        ) from error
    finally:
        os.close(writing)
    child = _Child(process, reading, limits, path, python)
    try:
        return child.listen(handler)
    finally:
        child.end()


def silence(wall: float, used: float) -> float:
    """Return how many seconds of silence count, of so many on the clock in which so many of a CPU were used.

    Where other work takes the CPUs, a child that computes is slow and does not hang; one that waits is not slow.

    >>> silence(60.0, 5.0), silence(60.0, 0.1)
    (5.0, 60.0)
    """
    return used if used > WAITING * wall else wall


def time_left(limits: Limits, wall: float, used: float, quiet: float) -> float:
    """Return how many seconds at least a child may go on that began so long ago and used so much of a CPU.

    >>> time_left(Limits(seconds=120, clock=1200, idle=60), wall=1000, used=30, quiet=5)
    55
    """
    return min(limits.clock - wall, limits.seconds - (used or wall), limits.idle - quiet)


def cpu_seconds(process: int) -> float:
    """Return how long a process has computed; 0 where the system does not tell (it does on Linux)."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _beginning(path: Path) -> bytes:
    """Return what can be read of a file, as far as imports may stand in it; nothing if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(1 << 22)
    except OSError:
        return b""


def new_interpreter(python: Path | None, writing: int, request: str) -> Process:
    """Start a child in an interpreter of its own."""
    command = [str(python or sys.executable), "-W", "ignore", "-c", _BOOT, str(writing), str(_HOME), request]
    return subprocess.Popen(  # noqa: S603 (to run their code is what is asked for)
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=(writing,),
        env=THREADS | os.environ | ENVIRONMENT, start_new_session=True,
    )  # fmt: skip


class _Child:
    def __init__(self, process: Process, reading: int, limits: Limits, path: Path, python: Path | None) -> None:
        self.process, self.reading, self.limits, self.path, self.python = process, reading, limits, path, python
        self.heard = Heard()
        self.tail = b""
        self.printed = 0
        self.line = b""
        self.begun = self.finished = False

    def listen(self, handler: Callable[[dict[str, Any]], None]) -> Heard:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        started = last = time.monotonic()
        used = 0.0
        with selectors.DefaultSelector() as selector:
            for source in (self.reading, self.process.stdout.fileno(), self.process.stderr.fileno()):
                selector.register(source, selectors.EVENT_READ)
            while self.reading in selector.get_map() and not self.finished:
                now, computed = time.monotonic(), cpu_seconds(self.process.pid)
                quiet = silence(now - last, computed - used)
                left = time_left(self.limits, now - started, computed, quiet)
                if left <= 0:
                    self._fail("timed-out", self._time_is_up(quiet))
                    break
                for key, _ in selector.select(left):
                    content = os.read(key.fd, _CHUNK)
                    if not content:
                        selector.unregister(key.fd)
                    elif key.fd == self.reading:
                        last, used = time.monotonic(), cpu_seconds(self.process.pid)
                        self._hear(content, handler)
                    else:
                        self._print(content)
                if self.heard.error is not None:
                    break
            self._print_rest(selector)
        if not self.finished and self.heard.error is None:
            self._say_how_it_ended()
        self.heard.printed = self.tail.decode("utf-8", "replace")
        return self.heard

    def end(self) -> None:
        """Kill the child and whatever it started, and leave no process or descriptor behind."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.reading)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def _hear(self, content: bytes, handler: Callable[[dict[str, Any]], None]) -> None:
        *lines, self.line = (self.line + content).split(b"\n")
        if len(self.line) > _LONGEST_EVENT:
            self._fail("garbled", f"{self.path}: the code wrote into the channel of the check: it must not.")
        for line in lines:
            try:
                event = json.loads(line)
                kind = event["event"]
            except (ValueError, TypeError, KeyError):
                self._fail("garbled", f"{self.path}: the code wrote into the channel of the check: it must not.")
                return
            if kind == "bug":
                raise ChildBugError(event["traceback"])
            self.begun = True
            self.finished = kind in {"done", "failed"}
            if kind == "begun":
                continue
            if kind == "failed":
                self.heard.error = event["error"]
            elif kind != "done":
                self.heard.events.append(event)
                handler(event)

    def _print(self, content: bytes) -> None:
        self.printed += len(content)
        self.tail = (self.tail + content)[-TAIL:]
        if self.printed > self.limits.output:
            self._fail(
                "too-much-output",
                f"{self.path}: the code printed more than {self.limits.output:,} bytes: take the prints out.",
            )

    def _print_rest(self, selector: selectors.BaseSelector) -> None:
        """Take what was printed between the last look at the pipes and the last event."""
        while self.finished and self.printed <= self.limits.output:
            ready = [key.fd for key, _ in selector.select(0) if key.fd != self.reading]
            for descriptor in ready:
                if content := os.read(descriptor, _CHUNK):
                    self._print(content)
                else:
                    selector.unregister(descriptor)
            if not ready:
                break

    def _time_is_up(self, quiet: float) -> str:
        if quiet < self.limits.idle:
            return (
                f"{self.path}: the check was not done after {min(self.limits.seconds, self.limits.clock):g} s and was "
                "stopped: give it more time with --budget, or name one function with --function."
            )
        return f"{self.path}: the code hung for {self.limits.idle:g} s and was stopped: look for an endless loop."

    def _say_how_it_ended(self) -> None:
        try:
            code = self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._fail("garbled", f"{self.path}: the code closed the channel of the check: it must not.")
            return
        last = self.tail.decode("utf-8", "replace").strip().split("\n")[-1]
        said = f" Its last words: {last[:200]}" if last else ""
        if not self.begun and self.python is not None:
            self._fail("no-python", f"{self.python} ended with code {code} before the check began: check --python.")
        elif code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            self._fail("subject-crashed", f"{self.path}: the code crashed the interpreter ({name}).{said}")
        elif "MemoryError" in last or "out of memory" in last.lower():
            self._fail("out-of-memory", f"{self.path}: the memory limit of {self.limits.memory:,} bytes was reached.")
        else:
            self._fail("subject-exited", f"{self.path}: the code ended the interpreter with exit code {code}.{said}")

    def _fail(self, code: str, message: str) -> None:
        self.heard.error = {"code": code, "message": message, "line": None, "cell": None}
