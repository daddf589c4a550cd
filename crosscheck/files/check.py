"""`check_file`: a script, a notebook or a module is judged as it is."""

import shlex
import sys
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from crosscheck.errors import CrosscheckError
from crosscheck.files.options import ALLOWABLE, Limits, Options
from crosscheck.files.process import EXAMINE, Start, listen
from crosscheck.files.report import FileReport

# What the child may take beyond a budget: it ends its work by itself, and only a hang is stopped from outside.
GRACE = 15.0


def check_file(
    path: Path | str,
    *,
    function: str | Sequence[str] | None = None,
    seed: int = 0,
    examples: int | None = None,
    budget: float | None = None,
    python: Path | str | None = None,
    skip_unrecognised: bool = False,
    repair: bool = True,
    allow: Collection[str] = (),
    memory: int | None = None,
    pictures: bool = False,
    call: dict[str, Any] | None = None,
    handler: Callable[[dict[str, Any]], None] = lambda _event: None,
    examine: str = EXAMINE,
    start: Start | None = None,
) -> FileReport:
    """Judge the hand-written gradients in a file, by the loss that the file's own forward computes.

    `path` is a script, a notebook, `file.py:function` or `module:function`. Its code is executed, in a process of its
    own: as little of it as is needed, without writing, deleting, sockets and child processes (except for `allow`:
    "writes", "sockets", "processes"), within `memory` bytes and `budget` seconds. That is no sandbox. `function` names
    what to judge; otherwise everything that looks like a gradient is, and what cannot be judged forbids AGREE unless
    `skip_unrecognised`. `python` is the interpreter of another environment, in which NumPy is installed. `repair=False`
    asks for no repairs. `pictures` asks for what `crosscheck.reports.page` shows in pictures, under a key of its own.
    `call` is a call of one of its functions that nothing in the file makes (crosscheck.recognise.example_call).
    `handler` receives the events of the child as they come.

    Returns a FileReport, also where nothing could be judged (its verdict is then ERROR); raises CrosscheckError only
    for arguments of its own that make no sense.
    """
    chosen = (function,) if isinstance(function, str) else tuple(function or ())
    options = Options(chosen, seed, examples, budget, skip_unrecognised, repair, tuple(sorted(allow)), call, pictures)
    limits = _limits(options, memory)
    started = time.monotonic()
    said: list[dict[str, Any]] = []

    def listener(event: dict[str, Any]) -> None:
        said.append(event)
        handler(event)

    def report(error: dict[str, Any] | None, printed: str = "") -> FileReport:
        return _report(str(path), options, _command(str(path), options, python), said, time.monotonic() - started,
                       error, printed)  # fmt: skip

    try:
        place, named = locate(str(path))
        _refuse_folder(place)
        options = replace(options, functions=options.functions or named)
        python = None if python is None else Path(python)
        heard = listen(place, options, limits, python=python, handler=listener, examine=examine, start=start)
    except CrosscheckError as problem:
        return report(_error(problem.code, str(problem)))
    except KeyboardInterrupt as stop:
        raise InterruptedCheck(report(_error("interrupted", f"{path}: interrupted before it was done."))) from stop
    found = report(heard.error, heard.printed)
    if found.subjects or found.error or found.skipped:
        return found
    return report(_nothing(str(path), options), heard.printed)


def _refuse_folder(path: Path) -> None:
    if path.is_dir():
        raise CrosscheckError(
            f"{path} is a folder without a script or notebook to check: name a file.", code="empty-folder"
        )


class InterruptedCheck(KeyboardInterrupt):
    """Ctrl-C during a check; `report` holds what was found until then."""

    def __init__(self, report: FileReport) -> None:
        super().__init__()
        self.report = report


def _report(
    target: str,
    options: Options,
    command: str,
    said: Sequence[dict[str, Any]],
    seconds: float,
    error: dict[str, Any] | None,
    printed: str,
) -> FileReport:
    of = {kind: [event for event in said if event["event"] == kind] for kind in _KINDS}
    explained = {event["subject"]["function"]: event["subject"] for event in of["explained"]}
    return FileReport(
        target=target,
        seed=options.seed,
        seconds=seconds,
        reproduce=command,
        subjects=tuple(explained.get(e["subject"]["function"], e["subject"]) for e in of["judged"]),
        skipped=tuple({k: v for k, v in event.items() if k != "event"} for event in of["skipped"]),
        file_findings=tuple(event["finding"] for event in of["finding"]),
        file_assumptions=tuple(event["assumption"] for event in of["assumed"]),
        file_repairs=tuple(event["repair"] for event in of["mended"]),
        error=error,
        lenient=options.skip_unrecognised or bool(options.functions),
        printed=printed,
    )


_KINDS = ("judged", "explained", "skipped", "finding", "assumed", "mended")


def locate(target: str) -> tuple[Path, tuple[str, ...]]:
    """Return the file of a target, and the function that it names.

    A module is looked for from the current folder on, along the path, and not imported. Raises CrosscheckError
    `no-such-file`, `no-such-module`.
    """
    path = Path(target)
    if path.exists() or ":" not in target:
        return path, ()
    head, _, function = target.rpartition(":")
    named = (function,) if function else ()
    if not head:
        raise CrosscheckError(f"{target} names no file: write FILE:FUNCTION.", code="no-such-file")
    if Path(head).is_file() or head.endswith((".py", ".ipynb")) or "/" in head:
        return Path(head), named
    parts = head.split(".")
    for folder in [Path.cwd(), *map(Path, sys.path)]:
        place = folder.joinpath(*parts)
        for candidate in (place.with_name(f"{place.name}.py"), place / "__init__.py"):
            if all(parts) and candidate.is_file():
                return candidate, named
    raise CrosscheckError(
        f"There is no module {head} here or on the path: check the name, or name its file.", code="no-such-module"
    )


def _limits(options: Options, memory: int | None) -> Limits:
    if options.seed < 0:
        raise CrosscheckError(f"seed is {options.seed}, expected at least 0.", code="bad-seed")
    if options.examples is not None and options.examples < 1:
        raise CrosscheckError(f"examples is {options.examples}, expected at least 1.", code="bad-examples")
    if options.budget is not None and not 0 < options.budget < float("inf"):
        raise CrosscheckError(f"budget is {options.budget}, expected seconds above 0.", code="bad-budget")
    if unknown := sorted(set(options.allow) - set(ALLOWABLE)):
        raise CrosscheckError(f"{unknown[0]} cannot be allowed: {', '.join(ALLOWABLE)} can.", code="bad-allowance")
    if memory is not None and memory < 1 << 28:
        raise CrosscheckError(
            f"memory is {memory} bytes, and NumPy alone takes {1 << 28:,}: allow more.", code="bad-memory"
        )
    limits = Limits() if memory is None else Limits(memory=memory)
    if options.budget is None:
        return limits
    seconds = options.budget + GRACE
    return replace(limits, seconds=seconds, clock=seconds, idle=max(limits.idle, seconds))


def _command(target: str, options: Options, python: Path | str | None) -> str:
    words = ["crosscheck", "check", target]
    for name in options.functions:
        words += [] if target.endswith(f":{name}") else ["--function", name]
    words += ["--seed", str(options.seed)]
    if options.examples is not None:
        words += ["--examples", str(options.examples)]
    if options.budget is not None:
        words += ["--budget", f"{options.budget:g}"]
    if python is not None:
        words += ["--python", str(python)]
    for kind in options.allow:
        words += ["--allow", kind]
    return shlex.join([*words, *(["--skip-unrecognised"] if options.skip_unrecognised else [])])


def _nothing(target: str, options: Options) -> dict[str, Any]:
    if options.functions:
        message = f"{target}: nothing called {', '.join(options.functions)} could be judged: check the name."
    else:
        message = (
            f"{target}: nothing in it looks like a hand-written gradient: name the function with --function, or write "
            f"an adapter (crosscheck adapter {target})."
        )
    return _error("nothing-judged", message)


def _error(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": message, "line": None, "cell": None}
