"""Gradients that are zero by construction, but for rounding, are judged beside the others of the same loss."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

NORMALISED = """
import numpy as np
W, b, g, s = np.random.randn(4, 5), np.zeros(5), np.ones(5), np.zeros(5)
V, c = np.random.randn(5, 2), np.zeros(2)
X, Y = np.random.randn(20, 4), np.random.randn(20, 2)
for turn in range(50):
    a = X @ W + b
    scale = 1 / np.sqrt(a.var(0) + 1e-5)
    n = (a - a.mean(0)) * scale
    h = np.maximum(g * n + s, 0)
    out = h @ V + c
    loss = np.sum((out - Y) ** 2) / len(X)
    dout = 2 * (out - Y) / len(X)
    dV, dc, dh = h.T @ dout, dout.sum(0), dout @ V.T * (h > 0)
    dg, ds, dn = (dh * n).sum(0), dh.sum(0), dh * g
    da = scale * (dn - dn.mean(0) - n * (dn * n).mean(0))
    dW, db = X.T @ da, da.sum(0){slip}
    for parameter, gradient in zip((W, b, g, s, V, c), (dW, db, dg, ds, dV, dc)):
        parameter -= 0.1 * gradient
"""


@pytest.mark.parametrize(("slip", "verdict"), [("", Verdict.AGREE), (" + 1e-7", Verdict.INCONCLUSIVE)])
def test_a_bias_before_a_normalisation_has_a_gradient_of_zero(slip: str, verdict: Verdict) -> None:
    (unit,) = recognise(read_text(NORMALISED.replace("{slip}", slip), "utf-8", Path("x.py"))).units
    report = judge_unit(unit)
    assert report.verdict is verdict
    told = [finding.parameter for finding in report.findings if finding.code == "no-effect"]
    assert told == ([] if slip else ["b"])
