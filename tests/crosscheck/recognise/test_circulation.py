"""Gradients without any loss or output beside them: those that no function has are told, and no others."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.findings import NO_LOSS
from crosscheck.recognise.judging import judge_unit
from crosscheck.report import Report
from crosscheck.source import read
from crosscheck.verdicts import Verdict

ATTENTION = """
import numpy as np

def attention_backward(Q, K, V, dO, causal=True):
    scale = 1.0 / np.sqrt(Q.shape[-1])
    S = scale * Q @ K.T
    P = np.exp(S - S.max(axis=-1, keepdims=True))
    P = P / P.sum(axis=-1, keepdims=True)
    dV = P.T @ dO
    dP = dO @ V.T
    dS = P * (dP - {inner}) * scale
    dQ = dS @ K
    dK = {last}
    return dQ, dK, dV
"""
INNER, LAST = "np.sum(dP * P, axis=-1, keepdims=True)", "dS.T @ Q"
TABLE = """
import numpy as np

def policy_gradient(theta, episodes):
    gradient = np.zeros_like(theta)
    for episode in episodes:
        togo = 0
        for s, a, r in reversed(episode):
            togo += r
            shares = np.exp(theta[s]) / np.sum(np.exp(theta[s]))
            slope = np.zeros_like(theta)
            slope[s] = -shares{slip}
            slope[s, a] += 1
            gradient += togo * slope
    return gradient / len(episodes)
"""
ROWS = """
import numpy as np

def share(Q, K, i, j):
    e = np.exp(K @ Q[i] - np.max(K @ Q[i]))
    return (e / e.sum())[j]

def grad_Q(Q, K, V, dO):
    dQ = np.zeros_like(Q)
    n, d = Q.shape
    for i in range(n):
        mean = sum(share(Q, K, i, k) * (dO[i] @ V[k]) for k in range(n))
        for k in range(n):
            dQ[i] += share(Q, K, i, k) * (dO[i] @ V[k] - mean) * K[k]
    return dQ
"""
KEPT = """
import numpy as np

def backward(inputs, hs, Wh, Wx, dhs):
    dWh, dWx, dnext = np.zeros_like(Wh), np.zeros_like(Wx), np.zeros(Wh.shape[0])
    for t in reversed(range(len(inputs))):
        draw = (1 - hs[t] ** 2) * (dhs[t] + dnext)
        dWh += np.outer(draw, hs[t - 1])
        dWx += np.outer(draw, inputs[t])
        dnext = Wh.T @ draw
    return dWh, dWx
"""


def reports_on(code: str, folder: Path) -> list[Report]:
    """Judge all units of a program; each function that is left out has to say that no loss was found."""
    path = folder / "program.py"
    path.write_text(code)
    found = recognise(read(path))
    assert found.units or found.skipped
    assert all(NO_LOSS in one.reason for one in found.skipped)
    return [judge_unit(unit) for unit in found.units]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("inner", "last"), [(INNER, "dS @ Q"), ("0", LAST), (INNER.replace("dP * P", "dP"), LAST), (INNER, "dS.T @ K")]
)
def test_gradients_of_no_function_are_wrong(inner: str, last: str, tmp_path: Path) -> None:
    """Each of these slips makes two gradients change otherwise than those of one function, or does not run."""
    reports = reports_on(ATTENTION.format(inner=inner, last=last), tmp_path)
    assert [report.verdict for report in reports] == [Verdict.DISAGREE]
    assert [finding.code for finding in reports[0].findings] == ["of-no-loss"]


def test_gradients_of_some_function_are_not_accused(tmp_path: Path) -> None:
    """They are those of attention, which the file computes nowhere: that is not judged."""
    assert reports_on(ATTENTION.format(inner=INNER, last=LAST), tmp_path) == []


@pytest.mark.thorough
def test_one_gradient_is_enough(tmp_path: Path) -> None:
    """Of a table of preferences alone it must change along two directions alike in either order."""
    (report,) = reports_on(TABLE.format(slip=" ** 2"), tmp_path)
    assert report.verdict is Verdict.DISAGREE
    assert report.findings[0].parameter == "theta"
    assert reports_on(TABLE.format(slip=""), tmp_path) == []


def test_lengths_that_are_meant_to_be_one_accuse_nobody(tmp_path: Path) -> None:
    """The rows of K are gone through as far as those of Q: with more of them, shares would not add up to one."""
    assert reports_on(ROWS, tmp_path) == []


def test_what_was_computed_before_accuses_nobody(tmp_path: Path) -> None:
    """States that are handed over do not follow the weights, from which the gradients are right all the same."""
    assert reports_on(KEPT, tmp_path) == []
