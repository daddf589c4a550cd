"""Why a gradient that a test found wrong is wrong: its source is checked as `crosscheck check` would."""

import functools
import inspect
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from crosscheck.report import Report
from crosscheck.verdicts import Verdict

BUDGET = 30.0
"""Seconds, for a gradient that is known to be wrong"""
CASES_TRIED = 12
"""Among so many first cases the one is chosen whose arguments tell most about what they are"""


def with_reasons(report: Report, subject: Callable[..., Any], cases: Any = None) -> Report:
    """Add diagnoses and repairs to a report, if the source of the subject is found and judged wrong there as well.

    The reference is then the function's own forward and not the twin; a reason that explains another verdict than the
    one at hand is none. `cases` tell how to call what nothing in its file calls: one example of the arguments, or a
    strategy.
    """
    while isinstance(subject, functools.partial):
        subject = subject.func
    function = inspect.unwrap(subject)
    file, name = inspect.getsourcefile(function) if inspect.isfunction(function) else None, _name(function)
    if file is None or name is None or not Path(file).is_file():
        return report
    call = None if cases is None or "." in name else _call(name, cases, report.seed)
    version = Path(file).resolve(), Path(file).stat().st_mtime_ns
    found = _checked(os.path.relpath(file), version, name, report.seed, json.dumps(call))
    if found.verdict is not Verdict.DISAGREE:
        return report
    # The test stands in another file than the line that is named.
    told = [
        {**one, "message": f"{found.target}, {one['message']}"}
        for one in found.diagnoses
        if one["code"] != "unexplained"
    ]
    return replace(report, diagnoses=tuple(told), repairs=tuple(found.repairs[:1]))


@functools.lru_cache(maxsize=64)
def _checked(file: str, _version: tuple[Path, int], name: str, seed: int, call: str) -> Any:
    """Check one function of one version of a file once: below `@given` it fails again and again."""
    from crosscheck.files.check import check_file

    return check_file(file, function=name, seed=seed, budget=BUDGET, call=json.loads(call))


def _name(function: Any) -> str | None:
    """Return the name by which a file's function is found; None for one that is made inside of another."""
    name = getattr(function, "__qualname__", "<locals>")
    return None if "<" in name else name


def _call(name: str, cases: Any, seed: int) -> dict[str, Any] | None:
    """Return a call with small arguments whose lengths differ, as far as there is a choice."""
    from crosscheck.recognise.example_call import ExampleCall
    from crosscheck.strategies import like

    if not hasattr(cases, "draw"):
        cases = like(tuple(cases))

    def tells(key: Any) -> tuple[bool, int, int]:
        return min(key.sizes, default=2) > 1, len(set(key.sizes)), -sum(key.sizes)

    key = max((cases.draw(seed, index) for index in range(CASES_TRIED)), key=tells)
    return ExampleCall(name, tuple(cases.build(key).arguments)).as_json()
