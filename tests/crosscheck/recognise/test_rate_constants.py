"""Constants that all gradients of a training share: its rate makes them good, be they meant or not."""

from pathlib import Path

import pytest

from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Severity, Verdict

LOOP = """
import numpy as np

X, y = np.random.randn(9, 3), np.random.randn(9, 2)
W1, W2, rate = np.random.randn(3, 5), np.random.randn(5, 2), 0.01
for epoch in range(100):
    h = np.tanh(X @ W1)
    out = h @ W2
    loss = np.mean((out - y) ** 2)
    d = {first} * (out - y)
    dW2 = h.T @ d
    dW1 = X.T @ (({second} * d @ W2.T) * (1 - h ** 2))
    W1 -= rate * dW1
    W2 -= rate * dW2
    if epoch % 10 == 0:
        print(epoch, loss)
"""
STEP = """
import numpy as np

def step(W, b, X, y, rate):
    out = X @ W + b
    loss = np.mean((out - y) ** 2)
    dW = {first} * X.T @ (out - y) / len(X)
    db = {first} * np.mean(out - y, axis=0)
    return {results}

X, y, W, b = np.random.randn(9, 3), np.random.randn(9, 1), np.random.randn(3, 1), np.zeros(1)
for turn in range(100):
    {turn}
    print(loss)
"""
TAKEN = {"results": "W - rate * dW, b - rate * db, loss", "turn": "W, b, loss = step(W, b, X, y, 0.1)"}
HANDED = {
    "results": "loss, dW, db",
    "turn": "loss, dW, db = step(W, b, X, y, 0.1); W = W - 0.1 * dW; b = b - 0.1 * db",
}


def _judged(folder: Path, code: str) -> tuple[Verdict, set[str]]:
    path = folder / "training.py"
    path.write_text(code)
    (unit,) = recognise(read(path)).units
    report = judge_unit(unit, examples=8)
    assert (report.verdict is Verdict.DISAGREE) == any(one.severity is Severity.ERROR for one in report.findings)
    return report.verdict, {finding.code for finding in report.findings}


@pytest.mark.parametrize("first", ["1", "2", "2 / len(X)", "0.5"])
def test_a_usual_constant_of_all_gradients_is_named_and_not_judged(first: str, tmp_path: Path) -> None:
    verdict, codes = _judged(tmp_path, LOOP.format(first=first, second="1"))
    assert (verdict, "constant-at-a-rate" in codes) == (Verdict.INCONCLUSIVE, True)


@pytest.mark.parametrize(("first", "second"), [("1 / y.size", "2"), ("2 / y.size", "2"), ("0.3", "1"), ("-1", "1")])
def test_one_of_some_gradients_is_wrong_and_so_is_an_unusual_one(first: str, second: str, tmp_path: Path) -> None:
    assert _judged(tmp_path, LOOP.format(first=first, second=second))[0] is Verdict.DISAGREE


def test_without_a_constant_they_are_right(tmp_path: Path) -> None:
    assert _judged(tmp_path, LOOP.format(first="2 / y.size", second="1")) == (Verdict.AGREE, set())


@pytest.mark.parametrize(
    ("way", "first", "verdict"),
    [
        (TAKEN, "2", Verdict.AGREE),
        (TAKEN, "1", Verdict.INCONCLUSIVE),
        (HANDED, "2", Verdict.AGREE),
        (HANDED, "1", Verdict.DISAGREE),
    ],
)
def test_what_is_handed_on_is_to_be_the_derivative(
    way: dict[str, str], first: str, verdict: Verdict, tmp_path: Path
) -> None:
    assert _judged(tmp_path, STEP.format(first=first, **way))[0] is verdict
