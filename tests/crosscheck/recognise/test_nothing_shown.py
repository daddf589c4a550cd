"""Zeros that equal zeros show nothing: what is shut in every case is not right for that."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

PAIR = """import numpy as np

def forward(x, W):
    z = W @ x
    return np.maximum(z, 0), (x, W, z)

def backward(d, cache):
    x, W, z = cache
    d = d * (z > 0)
    return W.T @ d, np.outer(d, x)

out, cache = forward(np.random.randn(3), np.random.randn(4, 3))
dx, dW = backward(np.ones(4), cache)
"""


class Shut:
    """A subject whose weights are below zero, and whose inputs are above."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def __call__(self, parameters: Any, data: Any) -> Any:
        return self.inner({"W": -np.abs(parameters["W"]), "x": np.abs(parameters["x"])}, data)


def test_what_is_zero_in_every_case_is_not_acquitted(tmp_path: Path) -> None:
    path = tmp_path / "pair.py"
    path.write_text(PAIR)
    (unit,) = recognise(read(path)).units
    report = judge_unit(unit, examples=8)
    assert (report.verdict, report.findings) == (Verdict.AGREE, ())

    shown = judge_unit(replace(unit, subject=Shut(unit.subject)), examples=8)
    assert (shown.verdict, shown.judged) == (Verdict.INCONCLUSIVE, 0)
    assert [finding.code for finding in shown.findings] == ["nothing-shown"]
