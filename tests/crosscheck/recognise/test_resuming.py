"""Programs that could go on from what they saved start anew, and call what a base class has that is not here."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

PROGRAM = """
import _pickle as pickle
import numpy as np
from service import Consumer

resume = True

class Player(Consumer):
    def connect(self):
        if resume:
            self.model = pickle.load(open("model.p", "rb"))
        else:
            self.model = {{}}
            self.model["W1"] = np.random.randn(6, 4)
            self.model["W2"] = np.random.randn(6)
        self.accept()

    def forward(self, x, y):
        h = np.tanh(self.model["W1"] @ x)
        return (self.model["W2"] @ h - y) ** 2, h

    def backward(self, x, y, h):
        d = 2 * (self.model["W2"] @ h - y)
        dW2 = d * h
        dW1 = np.outer(d * self.model["W2"]{slip}, x)
        return {{"W1": dW1, "W2": dW2}}

player = Player()
player.connect()
for turn in range(10):
    x, y = np.random.randn(4), 1.0
    loss, h = player.forward(x, y)
    gradients = player.backward(x, y, h)
    for name in player.model:
        player.model[name] -= 0.1 * gradients[name]
    player.send(loss)
"""


@pytest.mark.parametrize(("slip", "verdict"), [(" * (1 - h * h)", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_a_model_that_could_be_loaded_is_made(slip: str, verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "player.py"
    path.write_text(PROGRAM.format(slip=slip))
    (unit,) = recognise(read(path)).units
    report = judge_unit(unit, examples=12)
    assert report.verdict is verdict
    assert len(report.tallies) == 2


def test_what_a_base_class_that_is_not_here_does_not_hold_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "player.py"
    path.write_text(PROGRAM.format(slip="").replace("self.accept()", "self.rate = self.speed"))
    world = recognise(read(path)).world
    assert world is not None
    assert any("speed" in failure for _, failure in world.failures)


LOADED = """
import numpy as np

class Line:
    def __init__(self, n):
        self.w, self.b = np.zeros(n), 0.0
        self.w, self.b = load_model_parameters("line.npz")

    def step(self, X, y, rate=0.1):
        d = 2 * (X @ self.w + self.b - y) / len(y)
        loss = np.mean((X @ self.w + self.b - y) ** 2)
        dw, db = X.T @ d, d.{sum}()
        self.w, self.b = self.w - rate * dw, self.b - rate * db
        return loss

def load_model_parameters(path):
    stored = np.load(path)
    return stored["w"], stored["b"]
"""


@pytest.mark.parametrize(("total", "verdict"), [("sum", Verdict.AGREE), ("max", Verdict.DISAGREE)])
def test_what_is_made_and_loaded_at_once_is_made(total: str, verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "line.py"
    path.write_text(LOADED.replace("{sum}", total))
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit, examples=12).verdict is verdict
