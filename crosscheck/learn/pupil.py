"""The parent's side of the process in which the learner's code runs: started early, asked, and ended in time."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from crosscheck.files.guards import ROOM
from crosscheck.files.process import ENVIRONMENT, THREADS, cpu_seconds, silence
from crosscheck.learn import wire
from crosscheck.learn.calling import Outcome
from crosscheck.learn.course import Exercise
from crosscheck.learn.obstacle import Obstacle
from crosscheck.learn.paper import rules_of

MEMORY = 4 << 30
"""Bytes of address space that the learner's code may have"""
LARGE = {"jax", "torch"}
PATIENCE = 6.0
"""Times its limit that code may take on a busy machine, where it does not get all of a processor"""
GLANCE = 0.2
"""Seconds between two looks at whether somebody still waits"""
STARTING = 60.0
"""Seconds until a process must have answered for the first time beyond the limit: JAX and torch take some"""
_HOME = Path(__file__).resolve().parents[2]
_BOOT = """
import sys
sys.path[:] = [place for place in sys.path if place]
sys.path.insert(0, sys.argv[5])
from crosscheck.learn.child import main
sys.path.remove(sys.argv[5])
main(*map(int, sys.argv[1:5]))
"""


class Pupil:
    """A process for one answer. It may be started before there is one: then the answer is judged sooner."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.answer: Any = None
        self.superseded: Callable[[], bool] = lambda: False
        """Tells that nobody waits for this answer any longer: the file was saved again."""
        self._line = b""
        memory = MEMORY + (ROOM if LARGE & set(exercise.imports) else 0)
        theirs, self._writing = os.pipe()
        self._reading, ours = os.pipe()
        arguments = [str(number) for number in (theirs, ours, os.getpid(), memory)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 (to run their code is what is asked for)
                [sys.executable, "-W", "ignore", "-c", _BOOT, *arguments, str(_HOME)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs, ours),
                env=THREADS | os.environ | ENVIRONMENT,
                start_new_session=True,
            )
        finally:
            os.close(theirs)
            os.close(ours)
        self._send({"preload": [name for name in exercise.imports if name not in ("numpy", "math")]})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def load(self, source: str, file: str) -> Self:
        """Hand over the learner's file. Raises Obstacle if it cannot be used."""
        rules = rules_of(self.exercise)
        request = {
            "load": source,
            "file": file,
            "rules": rules.as_json(),
            "exercise": self.exercise.name,
            "function": self.exercise.exam.function,
        }
        given = self._asked(request, STARTING)
        if "problem" in given:
            problem = Outcome.from_json(given).problem
            assert problem is not None
            raise problem
        self.answer = given["answer"]
        return self

    def calls(self, arguments: Sequence[tuple[Any, ...]]) -> list[Outcome]:
        """Call the function once for each of these arguments; what ends the process ends the calls."""
        repeat = self.exercise.exam.repeat
        return [Outcome.from_json(self._asked({"call": one, "repeat": repeat})) for one in arguments]

    def lines(self, arguments: tuple[Any, ...], most: int) -> Outcome:
        """Count the lines that a call runs."""
        return Outcome.from_json(self._asked({"count": arguments, "most": most}))

    def end(self) -> None:
        """Kill the process and whatever it started, and leave no descriptor behind."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for descriptor in (self._reading, self._writing):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _asked(self, request: dict[str, Any], extra: float = 0.0) -> Any:
        self._send(request)
        started, used = time.monotonic(), cpu_seconds(self._process.pid)
        seconds = self.exercise.seconds
        while b"\n" not in self._line:
            wall = time.monotonic() - started
            spent = silence(wall, cpu_seconds(self._process.pid) - used)
            left = min(seconds + extra - spent, PATIENCE * seconds + extra - wall)
            if left <= 0:
                raise Obstacle("endless", _still_running(seconds))
            if self.superseded():
                raise Obstacle("superseded", "The file was saved again.")
            if select.select([self._reading], [], [], min(left, GLANCE))[0]:
                content = os.read(self._reading, 1 << 20)
                if not content:
                    raise self._ended()
                self._line += content
        line, _, self._line = self._line.partition(b"\n")
        return wire.loads(line)

    def _send(self, request: dict[str, Any]) -> None:
        line = wire.dumps(request)
        with contextlib.suppress(BrokenPipeError):  # the answer tells how it ended
            while line:
                line = line[os.write(self._writing, line) :]

    def _ended(self) -> Obstacle:
        try:
            code = self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            return Obstacle("crashed", "Your code closed the channel to its judge: it must not.")
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            return Obstacle("crashed", f"Your code crashed Python ({name}).")
        return Obstacle("crashed", f"Your code ended Python with exit code {code}: return instead.")


def _still_running(seconds: float) -> str:
    return f"Your code was still running after {seconds:g} s and was stopped: look for a loop that never ends."
