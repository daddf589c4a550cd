"""The exception that a subject's failure becomes: one sentence, and the line in its author's own file."""

import linecache
import os
import sysconfig
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from crosscheck.contract.codes import CRASHES, finding
from crosscheck.errors import CrosscheckError
from crosscheck.verdicts import Finding

LONGEST_QUOTE = 300  # characters of someone else's message: about three lines of a terminal
DEEPEST_TRACE = 10  # frames: a RecursionError has a thousand
_OURS = str(Path(__file__).parents[1]) + os.sep
_LIBRARIES = ("<frozen", *{sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


class SubjectError(CrosscheckError):
    """The subject gave nothing that can be judged. The message names the parameter, and the line where that is known.

    `findings` says what is wrong, worst first and never empty; `code` is the first one's.
    """

    def __init__(self, findings: Sequence[Finding], trace: str = "") -> None:
        others = f" (And {len(findings) - 1} more.)" if len(findings) > 1 else ""
        super().__init__(findings[0].message + others, code=findings[0].code)
        self.findings = tuple(findings)
        self.trace = trace
        """The traceback without our frames and without all but the last ten of the author's; empty if there is none."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.findings, self.trace)  # so that it can leave a worker process

    @property
    def crashed(self) -> bool:
        """Whether the subject could not be run at all, as opposed to returning something that cannot be used."""
        return self.code in CRASHES


class LateError(BaseException):
    """The time limit struck. No Exception, so that a subject's `except Exception` lets it through."""


def crash(error: BaseException, describe_call: Callable[[], str | None]) -> SubjectError:
    """Return the SubjectError of an exception that came out of a subject.

    `describe_call` says what is wrong with the way it was called; it is asked only if none of its lines ran.
    """
    frames = [(frame, line) for frame, line in traceback.walk_tb(error.__traceback__) if not _inside(frame, (_OURS,))]
    wrong_call = describe_call() if not frames and isinstance(error, TypeError) else None
    if wrong_call:
        return SubjectError([finding("subject-signature", wrong_call)])
    own = [(frame, line) for frame, line in frames if not _inside(frame, _LIBRARIES)]
    place: dict[str, Any] = {}
    where = ""
    if own or frames:
        frame, line = (own or frames)[-1]
        filename = frame.f_code.co_filename
        place = {"file": filename, "line": line}
        source = linecache.getline(filename, line, frame.f_globals).strip()
        where = f" in line {line} of {Path(filename).name}" + (f", `{source}`" if source else "")
    shown = traceback.StackSummary.extract(iter((own or frames)[-DEEPEST_TRACE:]))
    trace = "".join([*shown.format(), *traceback.format_exception_only(error)])
    if isinstance(error, SystemExit):
        sentence = f"The subject called exit({error.code!r}){where}: return the loss and the gradients instead."
        return SubjectError([finding("subject-exited", sentence, **place)], trace)
    if isinstance(error, LateError):
        reached = f"; it had come{where.replace(' in', ' to', 1)}" if where else ""
        sentence = (
            f"The subject did not return within {error.args[0]:.4g} s{reached}: choose smaller sizes or a longer limit."
        )
        return SubjectError([finding("subject-timeout", sentence, **place)], trace)
    sentence = f"The subject raised {type(error).__name__}{where}: {quoted(error)}"
    return SubjectError([finding("subject-raised", sentence, **place)], trace)


def quoted(error: object) -> str:
    """Return the message of an exception or a warning on one line, shortened, with a full stop."""
    try:
        text = " ".join(str(error).split())
    except Exception as second:  # noqa: BLE001  # an author's __str__ may raise anything
        text = f"(its message raises {type(second).__name__})"
    if len(text) > LONGEST_QUOTE:
        text = text[:LONGEST_QUOTE] + " ..."
    return (text or "no message").rstrip(".") + "."


def _inside(frame: FrameType, folders: Sequence[str]) -> bool:
    return frame.f_code.co_filename.startswith(tuple(folders))
