"""What an author holds constant and says so is no path of the gradient; what is said of nothing else counts."""

from pathlib import Path

import pytest

from crosscheck.files.examine import examine
from crosscheck.files.options import Options
from crosscheck.source import read

VIEWS = """
import numpy as np

def detach(a):
    return np.array(a)

def step(W, V, a, b):
    za = np.tanh(a @ W)
    {constant}
    p = za @ V
    loss = 0.5 * np.sum((p - goal) ** 2) / len(a)
    dp = (p - goal) / len(a)
    dV = za.T @ dp
    dW = a.T @ (dp @ V.T * {slope})
    return loss, dW, dV

W, V = np.random.randn(4, 3), np.random.randn(3, 3)
for turn in range(3):
    loss, dW, dV = step(W, V, np.random.randn(6, 4), np.random.randn(6, 4))
    W -= 0.1 * dW
    V -= 0.1 * dV
"""
SLOPE = "(1 - za ** 2)"


@pytest.mark.parametrize(
    ("constant", "slope", "verdict"),
    [
        ("goal = np.tanh(b @ W)  # stop-gradient", SLOPE, "agree"),
        ("# this branch is held constant\n    goal = np.tanh(b @ W)", SLOPE, "agree"),
        ("goal = detach(np.tanh(b @ W))", SLOPE, "agree"),
        ("goal = np.tanh(b @ W)  # stop-gradient", "(1 + za ** 2)", "disagree"),
        ("goal = np.tanh(b @ W)  # the other view", SLOPE, "disagree"),
        ("n = len(b)  # stop-gradient\n    goal = np.tanh(b @ W)", SLOPE, "disagree"),
    ],
)
def test_what_is_said_to_be_constant_is_held_so(constant: str, slope: str, verdict: str, tmp_path: Path) -> None:
    (tmp_path / "views.py").write_text(VIEWS.format(constant=constant, slope=slope))
    events: list[dict[str, object]] = []
    examine(read(tmp_path / "views.py"), Options(examples=8, repair=False), events.append)
    (judged,) = (event["subject"] for event in events if event["event"] == "judged")
    assert judged["verdict"] == verdict  # pyright: ignore[reportIndexIssue]
