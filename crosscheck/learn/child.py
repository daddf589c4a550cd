"""The process in which the learner's code runs, and nothing but it: no exam, no solution, no forward.

It reads requests and writes answers, one line of JSON each:

    {"preload": [modules]}                                   no answer
    {"load": source, "file", "rules", "exercise", "function"}   {"answer": ANSWER}, or an outcome with a problem
    {"call": arguments, "repeat": whether}                   an outcome
    {"count": arguments, "most": lines}                      an outcome
"""

import contextlib
import importlib
import os
import sys
from typing import Any

from crosscheck.files.guards import end_with_parent, guard, limit_memory
from crosscheck.learn import wire
from crosscheck.learn.calling import Drive, Outcome, call_once, lines_of
from crosscheck.learn.driving import driver
from crosscheck.learn.loading import Rules, load
from crosscheck.learn.obstacle import Obstacle


def main(reading: int, writing: int, parent: int, memory: int) -> None:
    """Answer requests until there are no more, and end the process."""
    os.set_inheritable(reading, False)
    os.set_inheritable(writing, False)
    end_with_parent(parent)
    limit_memory(memory)
    child = _Child()
    with open(reading, "rb") as requests:
        for line in requests:
            answer = child.answer(wire.loads(line))
            if answer is not None:
                _send(writing, wire.dumps(answer))
    os._exit(0)


def _send(writing: int, line: bytes) -> None:
    while line:
        line = line[os.write(writing, line) :]


class _Child:
    drive: Drive
    file: str

    def answer(self, request: dict[str, Any]) -> dict[str, Any] | None:
        if "preload" in request:
            for module in request["preload"]:
                with contextlib.suppress(ImportError):  # its absence is told where the learner imports it
                    importlib.import_module(module)
            guard(())
            return None
        if "load" in request:
            return self._load(request)
        if "call" in request:
            return call_once(self.drive, request["call"], self.file, repeat=request["repeat"]).as_json()
        return lines_of(self.drive, request["count"], self.file, request["most"]).as_json()

    def _load(self, request: dict[str, Any]) -> dict[str, Any]:
        rules = Rules(**request["rules"])
        self.file = request["file"]
        sys.argv = [self.file]
        try:
            module = load(request["load"], self.file, rules)
            self.drive = driver(module, request["exercise"], request["function"])
        except Obstacle as problem:
            return Outcome(problem=problem).as_json()
        return {"answer": getattr(module, "ANSWER", None)}
