"""One call of someone else's code, which may print, warn, exit, hang or change whatever it can reach."""

import dataclasses
import functools
import inspect
import io
import signal
import sys
import threading
import time
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from crosscheck.contract.codes import finding
from crosscheck.contract.failure import LateError, SubjectError, crash, quoted
from crosscheck.contract.leaves import all_identical, changed_leaves, enumerated, named_arguments, private_copy
from crosscheck.contract.outcome import Outcome, interpret
from crosscheck.verdicts import Finding

Subject = Callable[..., Any]

# NumPy's own default, so that a verdict does not depend on an np.seterr in the caller's program.
ERROR_STATE: dict[str, Any] = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
RETRY = 0.1  # seconds until the time limit strikes again, should a bare `except:` have swallowed it
IMPORTING = 60.0
"""Seconds more for a module that is being imported, such as torch's compiler on a busy machine"""
IMPORTER = "<frozen importlib._bootstrap>"


class Attempt(NamedTuple):
    """One call and what was seen of it."""

    outcome: Outcome
    returned: Any
    """What the subject returned, untouched: it may share memory with anything."""
    handed: tuple[Any, ...]
    """The private copies of the arguments that the subject was given."""
    seconds: float
    error_state_changed: bool


_SAME_LAYOUT = functools.partial(np.ndarray.copy, order="K")  # half the cost of np.copy


class _Printed(io.StringIO):
    """Standard output during a call."""

    @property
    def buffer(self) -> BinaryIO:
        return io.BytesIO()  # bytes written beneath the text are swallowed


def call(
    subject: Subject, arguments: Sequence[Any], *, names: Sequence[str] = (), time_limit: float | None = None
) -> Outcome:
    """Call a subject with (parameters, *data) and return what it answered as NumPy arrays that nobody else holds.

    The subject gets private copies, so the arguments stay as they are whatever it does; if it changed its copies,
    the outcome's findings say so, as they say that it printed or warned. Nothing reaches standard output, and reading
    standard input ends at once. NumPy's error state is the default one during the call and afterwards what it was.

    `names` are the twin's names of the data arguments: with them, gradients of data are checked as well.
    `time_limit` in seconds works in the main thread of systems that have SIGALRM, between two bytecodes.

    Raises SubjectError if the subject raises, exits, exceeds the limit or returns what cannot be laid beside the
    parameters. KeyboardInterrupt passes through.
    """
    return attempt(subject, arguments, names=names, time_limit=time_limit).outcome


def attempt(
    subject: Subject,
    arguments: Sequence[Any],
    *,
    names: Sequence[str] = (),
    time_limit: float | None = None,
    layout: Callable[[np.ndarray], np.ndarray] = _SAME_LAYOUT,
) -> Attempt:
    """Call a subject as `call` does, with its copies of the arrays made by `layout`, and return everything seen."""
    handed = tuple(private_copy(argument, layout) for argument in arguments)
    printed = _Printed()
    own_stdout, own_stdin = sys.stdout, sys.stdin
    with warnings.catch_warnings(record=True) as caught, np.errstate(**ERROR_STATE):
        warnings.simplefilter("default")
        sys.stdout, sys.stdin = printed, io.StringIO()
        started = time.perf_counter()
        try:
            returned = limited(subject, handed, time_limit)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failure = crash(error, lambda: _wrong_call(subject, handed))
            raise SubjectError([*failure.findings, *_changes(arguments, handed, names)], failure.trace) from error
        finally:
            seconds = time.perf_counter() - started
            sys.stdout, sys.stdin = own_stdout, own_stdin
        error_state_changed = np.geterr() != ERROR_STATE
    changes = _changes(arguments, handed, names)
    try:
        outcome = interpret(returned, arguments, names)
    except SubjectError as error:
        raise SubjectError([*error.findings, *changes]) from None
    seen = (*changes, *_notes(printed, caught))
    if seen:
        outcome = dataclasses.replace(outcome, findings=seen)
    return Attempt(outcome, returned, handed, seconds, error_state_changed)


def _changes(arguments: Sequence[Any], handed: Sequence[Any], names: Sequence[str]) -> list[Finding]:
    if all_identical(arguments, handed):
        return []
    changed = changed_leaves(named_arguments(arguments, names), named_arguments(handed, names))
    sentence = (
        f"The subject changed its argument {enumerated(changed)} in place: work on a copy (np.array(x)), and write "
        "x = x + y in place of x += y."
    )
    return [finding("input-changed", sentence, changed[0])]


def _notes(printed: io.StringIO, caught: Sequence[warnings.WarningMessage]) -> Iterator[Finding]:
    text = "" if printed.closed else printed.getvalue().strip()
    if text:
        first, *others = text.splitlines()
        more = f" (and {len(others)} more)" if others else ""
        yield finding("prints", f"The subject prints: {first[:80]!r}{more}.")
    if caught:
        first = caught[0]
        more = f" (and {len(caught) - 1} more)" if len(caught) > 1 else ""
        sentence = f"The subject raises {first.category.__name__}: {quoted(first.message)}{more}"
        yield finding("warns", sentence, file=first.filename, line=first.lineno)


def limited(subject: Subject, arguments: Sequence[Any], time_limit: float | None) -> Any:
    """Call a subject as it is and return what it returns; LateError strikes where it exceeds a limit in seconds."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if time_limit is None or not in_main_thread or not hasattr(signal, "setitimer"):
        return subject(*arguments)
    running = True

    def strike(_: int, frame: types.FrameType | None) -> None:
        if running and not (_imports(frame) and time.perf_counter() - started < time_limit + IMPORTING):
            raise LateError(time_limit)

    started = time.perf_counter()
    own_handler = signal.signal(signal.SIGALRM, strike)
    own_delay, own_interval = signal.setitimer(signal.ITIMER_REAL, time_limit, RETRY)
    try:
        try:
            return subject(*arguments)
        finally:
            running = False
    finally:
        if own_delay:  # another timer was running (a test runner's): it goes on as if we had not been there
            own_delay = max(own_delay - (time.perf_counter() - started), 1e-3)
        signal.setitimer(signal.ITIMER_REAL, own_delay, own_interval)
        signal.signal(signal.SIGALRM, own_handler)


def _imports(frame: types.FrameType | None) -> bool:
    """Tell whether a module is being imported: cut off, it would leave its parts behind, and none works again."""
    while frame is not None and frame.f_code.co_filename != IMPORTER:
        frame = frame.f_back
    return frame is not None


def _wrong_call(subject: Any, arguments: Sequence[Any]) -> str | None:
    if not callable(subject):
        return (
            f"The subject is a {type(subject).__name__}, expected a function (parameters, *data) -> (loss, gradients)."
        )
    try:
        inspect.signature(subject).bind(*arguments)
    except TypeError as error:
        return (
            f"The subject cannot be called with the parameters and {len(arguments) - 1} data arguments "
            f"({quoted(error).rstrip('.')}): give it the signature (parameters, *data)."
        )
    except ValueError:  # a builtin without a signature
        return None
    return None
