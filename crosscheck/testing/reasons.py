"""Why a gradient that a test found wrong is wrong: its source is checked as `crosscheck check` would."""

import functools
import inspect
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from crosscheck.report import Report
from crosscheck.verdicts import Verdict

BUDGET = 30.0
"""Seconds, for a gradient that is known to be wrong"""


def with_reasons(report: Report, subject: Callable[..., Any]) -> Report:
    """Add diagnoses and repairs to a report, if the source of the subject is found and judged wrong there as well.

    The reference is then the function's own forward and not the twin; a reason that explains another verdict than the
    one at hand is none.
    """
    while isinstance(subject, functools.partial):
        subject = subject.func
    function = inspect.unwrap(subject)
    file, name = inspect.getsourcefile(function) if inspect.isfunction(function) else None, _name(function)
    if file is None or name is None or not Path(file).is_file():
        return report
    from crosscheck.files.check import check_file

    found = check_file(os.path.relpath(file), function=name, seed=report.seed, budget=BUDGET)
    if found.verdict is not Verdict.DISAGREE:
        return report
    told = [one for one in found.diagnoses if one["code"] != "unexplained"]
    return replace(report, diagnoses=tuple(told), repairs=tuple(found.repairs[:1]))


def _name(function: Any) -> str | None:
    """Return the name by which a file's function is found; None for one that is made inside of another."""
    name = getattr(function, "__qualname__", "<locals>")
    return None if "<" in name else name
