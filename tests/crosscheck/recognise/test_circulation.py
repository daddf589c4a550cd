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
LOOP = """
import numpy as np

rows = np.array([[0.0, 1.0, 0.5], [1.0, 1.0, 0.2], [0.3, 0.0, 1.0], [0.7, 0.4, 0.0]])
targets = np.array([[1.0], [0.0], [1.0], [0.0]])
Win, Wrec, Wout = np.random.randn(3, 4), np.random.randn(4, 4), np.random.randn(4, 1)

def squash(v):
    return 1 / (1 + np.exp(-v))

for turn in range(5000):
    state, states = np.zeros((1, 4)), [np.zeros((1, 4))]
    off = 0
    for i in range(len(rows)):
        state = squash(rows[i:i + 1] @ Win + state @ Wrec)
        shown = squash(state @ Wout)
        states.append(state)
        off += np.abs(targets[i] - shown)
    if turn % 500 == 0:
        print(off)
    dWin, dWrec, dWout = np.zeros_like(Win), np.zeros_like(Wrec), np.zeros_like(Wout)
    carried, before = np.zeros((1, 4)), np.zeros((1, 4))
    for i in reversed(range(len(rows))):
        state = {state}
        shown = squash(state @ Wout)
        miss = targets[i] - shown
        dWout += state.T @ miss
        draw = (miss @ Wout.T + carried) * state * (1 - state)
        dWin += rows[i:i + 1].T @ draw
        dWrec += {last}.T @ draw
        carried = draw @ Wrec.T
        before = state
    Win += 0.1 * dWin
    Wrec += 0.1 * dWrec
    Wout += 0.1 * dWout
"""
TWO_LOSSES = """
import numpy as np

rows = np.random.randn(6, 3)
A, B = np.random.randn(3, 2), np.random.randn(3, 2)
for turn in range(5000):
    a, b = np.tanh(rows @ A), np.tanh(rows @ B)
    dA = rows.T @ (b ** 3 * a ** 2 * (1 - a ** 2))
    dB = rows.T @ (a * b ** 4 * (1 - b ** 2))
    A -= 0.1 * dA
    B -= 0.1 * dB
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


def test_training_loops_are_held_against_themselves(tmp_path: Path) -> None:
    """States that are computed anew on the way back, from behind, are not those that the outputs come from."""
    anew = "squash(rows[i:i + 1] @ Win + before @ Wrec)"
    (report,) = reports_on(LOOP.format(state=anew, last="before"), tmp_path)
    assert report.verdict is Verdict.DISAGREE
    assert {finding.code for finding in report.findings} == {"of-no-loss"}
    assert all(finding.parameter is not None for finding in report.findings)
    (report,) = reports_on(LOOP.format(state="states[i + 1]", last="states[i]"), tmp_path)
    assert report.verdict is Verdict.AGREE


def test_two_losses_of_a_loop_accuse_nobody(tmp_path: Path) -> None:
    """Each gradient is that of some function of its parameter, and no function has both."""
    assert reports_on(TWO_LOSSES, tmp_path) == []
