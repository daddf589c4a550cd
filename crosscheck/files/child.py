"""The process in which someone's code runs: it reads one file, examines it, and says what it finds in JSON lines.

Nothing but NumPy is needed here beside crosscheck itself. The events, each an object with "event" and more:

    begun                         the first one: whatever ends the process before it is no fault of the code
    unit      function            something was recognised, and will be judged
    judged    subject             what was found about it: an entry of "subjects" in the report
    skipped   function, reason    it looks like a gradient and was not judged; "adapter" may hold a beginning of one
    finding   finding             about the file as a whole
    assumed   assumption          about the file as a whole
    mended    repair              what would mend an error of the file as a whole, such as a misspelling
    failed    error               the last one: nothing more can be found, and why
    done                          the last one
"""

import contextlib
import importlib
import importlib.util
import json
import math
import os
import sys
import threading
import traceback
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crosscheck.errors import CrosscheckError
from crosscheck.files.guards import RefusedError, end_with_parent, guard, limit_memory
from crosscheck.files.options import Options

# Passes over syntax trees recurse, some four frames a level of what `read` accepts.
RECURSION_LIMIT = 3_000


class _AnyShape:
    """Stands for `Float` and its like where jaxtyping is not installed: shapes are not looked at here."""

    def __class_getitem__(cls, _shape: Any) -> Any:
        return Any


def _stand_in_for_jaxtyping() -> None:
    if importlib.util.find_spec("jaxtyping") is None:
        module = types.ModuleType("jaxtyping")
        module.__getattr__ = lambda _name: _AnyShape  # type: ignore[method-assign]
        sys.modules["jaxtyping"] = module


class Channel:
    """Sends events to the parent."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.lock = threading.Lock()
        os.set_inheritable(descriptor, False)

    def send(self, event: dict[str, Any]) -> None:
        """Send one event; numbers that JSON cannot carry become "nan", "inf" or "-inf"."""
        line = json.dumps(_plain(event), allow_nan=False).encode() + b"\n"
        with self.lock:
            while line:
                line = line[os.write(self.descriptor, line) :]


def main(descriptor: int, request: str) -> None:
    """Do what the request says, and end the process: no exit handler or thread of the code under test can keep it."""
    channel = Channel(descriptor)
    channel.send({"event": "begun"})
    given = json.loads(request)
    end_with_parent(given["parent"])
    limit_memory(given["memory"])
    sys.argv = [given["path"]]
    sys.setrecursionlimit(RECURSION_LIMIT)
    _work(channel, given)  # in the main thread: only there a call that takes too long can be interrupted
    os._exit(0)


def _work(channel: Channel, given: dict[str, Any]) -> None:
    try:
        _examine(Path(given["path"]), Options.from_json(given["options"]), given["examine"], channel.send)
        last: dict[str, Any] = {"event": "done"}
    except CrosscheckError as problem:
        last = _failed(problem.code, str(problem), getattr(problem, "line", None), getattr(problem, "cell", None))
    except MemoryError:
        last = _failed("out-of-memory", "The memory limit was reached: make the sizes smaller, or raise --memory.")
    except RefusedError as refusal:
        last = _failed("refused", str(refusal))
    except SystemExit as leave:
        last = _failed("subject-exited", f"The code called exit ({leave.code}) before anything was judged.")
    except BaseException:  # noqa: BLE001 (whatever it is, the parent must know)
        last = {"event": "bug", "traceback": traceback.format_exc()}
    for stream in (sys.stdout, sys.stderr):  # what they hold would be lost: the process ends without its exit handlers
        with contextlib.suppress(Exception):  # the code may have closed them, or put something else in their place
            stream.flush()
    channel.send(last)


def _examine(path: Path, options: Options, place: str, emit: Callable[[dict[str, Any]], None]) -> None:
    _stand_in_for_jaxtyping()
    from crosscheck.adapters.judging import examine_adapter, is_adapter
    from crosscheck.source import read

    module, _, name = place.partition(":")
    examine = getattr(importlib.import_module(module), name)
    document = read(path)
    guard(options.allow)
    if is_adapter(document):
        examine = examine_adapter
    examine(document, options, emit)


def _failed(code: str, message: str, line: int | None = None, cell: int | None = None) -> dict[str, Any]:
    return {"event": "failed", "error": {"code": code, "message": message, "line": line, "cell": cell}}


def _plain(value: Any) -> Any:
    """Turn what NumPy returns, and numbers that JSON cannot carry, into what it can."""
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in value]
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item() if getattr(value, "size", 1) == 1 else _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
