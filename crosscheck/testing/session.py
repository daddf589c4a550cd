"""What a run of tests asks of every gradient, and what it found: shared by `assert_agree`, declarations and the plugin.

Without pytest there is a session all the same, with the library's defaults.
"""

import unittest
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crosscheck.errors import CrosscheckError
from crosscheck.verdicts import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from crosscheck.report import Report

INCONCLUSIVE = ("fail", "skip", "pass")
"""What a test becomes whose gradient could not be judged"""


@dataclass
class Session:
    """One run of tests."""

    presets: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of `check` where a test names none of its own: from the settings"""
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of `check` whatever a test says: from the command line"""
    inconclusive: str = "fail"
    explains: bool = False
    """Whether the source of a wrong gradient is searched for the reason and a repair"""
    cache: "Path | None" = None
    """Where JAX keeps what it compiles from one run to the next"""
    observe: Callable[["Report"], None] = lambda _report: None
    """Told of every report before a test fails over it"""
    describe: Callable[["Report"], str] = str
    """What a test says that fails over a report"""

    def judge(self, subject: Callable[..., Any] | None, arguments: Mapping[str, Any]) -> "Report":
        """Check one gradient, tell the observer, and raise what its verdict means for a test.

        Raises Disagreement, and unittest.SkipTest for an inconclusive verdict where that is wished.
        """
        __tracebackhide__ = True
        report = self.check(subject, arguments)
        if self.explains and report.verdict is Verdict.DISAGREE:
            from crosscheck.testing.reasons import with_reasons

            cases = arguments["pair"].cases if "pair" in arguments else arguments.get("cases")
            report = with_reasons(report, subject or arguments["pair"].subject, cases)
        self.observe(report)
        if report.verdict is Verdict.INCONCLUSIVE and self.inconclusive == "skip":
            raise unittest.SkipTest(f"{report.target} could not be judged: rounding swamps too much of it.")
        allowed = {Verdict.AGREE} | ({Verdict.INCONCLUSIVE} if self.inconclusive == "pass" else set())
        if report.verdict not in allowed:
            from crosscheck.report import Disagreement

            raise Disagreement(self.describe(report))
        return report

    def check(self, subject: Callable[..., Any] | None, arguments: Mapping[str, Any]) -> "Report":
        """Check one gradient with the settings of the session, whatever comes of it."""
        __tracebackhide__ = True
        from crosscheck.door import check

        settings = {**self.presets, **arguments, **self.overrides}
        if self.cache is None:
            return check(subject, **settings)
        from crosscheck.testing.cache import compilation_cache

        with compilation_cache(self.cache):
            return check(subject, **settings)


_sessions: list[Session] = [Session()]


def current() -> Session:
    """Return the session that is running."""
    return _sessions[-1]


def begin(session: Session) -> None:
    """Make a session the current one, until `end`. A test run inside of a test run has its own."""
    _sessions.append(session)


def end() -> None:
    """Return to the session before."""
    _sessions.pop()


def check_inconclusive(value: str) -> str:
    """Return a legal value of `inconclusive`. Raises CrosscheckError."""
    if value not in INCONCLUSIVE:
        raise CrosscheckError(
            f"inconclusive is {value!r}, expected one of {', '.join(INCONCLUSIVE)}: what becomes of a test whose "
            "gradient could not be judged.",
            code="bad-settings",
        )
    return value
