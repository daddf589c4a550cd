"""Tells whether a hand-written backward pass is right, with no tolerance to choose.

    report = crosscheck.check(subject, twin=loss_in_jax, cases=(parameters, *data))
    report = crosscheck.check_file("min-char-rnn.py")

Names are imported when they are first used: `import crosscheck` itself loads neither JAX nor Hypothesis.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crosscheck import learn, strategies
    from crosscheck.contract import Outcome
    from crosscheck.door import assert_agree, check
    from crosscheck.errors import CrosscheckError
    from crosscheck.files.check import check_file
    from crosscheck.files.report import FileReport
    from crosscheck.pair import Pair, Rule
    from crosscheck.report import Disagreement, Report
    from crosscheck.testing.declare import gradients, register
    from crosscheck.verdicts import Finding, Severity, Verdict
    from crosscheck.vjp import check_vjp

_PLACES = {
    "CrosscheckError": "errors",
    "Disagreement": "report",
    "FileReport": "files.report",
    "Finding": "verdicts",
    "Outcome": "contract",
    "Pair": "pair",
    "Report": "report",
    "Rule": "pair",
    "Severity": "verdicts",
    "Verdict": "verdicts",
    "assert_agree": "door",
    "check": "door",
    "check_file": "files.check",
    "check_vjp": "vjp",
    "gradients": "testing.declare",
    "register": "testing.declare",
}

__all__ = [
    "CrosscheckError",
    "Disagreement",
    "FileReport",
    "Finding",
    "Outcome",
    "Pair",
    "Report",
    "Rule",
    "Severity",
    "Verdict",
    "assert_agree",
    "check",
    "check_file",
    "check_vjp",
    "gradients",
    "learn",
    "register",
    "strategies",
]


def __getattr__(name: str) -> Any:
    if name in ("learn", "strategies"):
        return importlib.import_module(f"crosscheck.{name}")
    if name not in _PLACES:
        raise AttributeError(f"module 'crosscheck' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"crosscheck.{_PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
