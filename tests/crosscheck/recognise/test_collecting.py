"""Methods that lay gradients out, or empty them, are no backward passes; layers that do so with theirs are."""

from pathlib import Path

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

LAYERS = """
import numpy as np

class Dense:
    def __init__(self, n, m):
        self.W = np.random.randn(n, m) * 0.5
        self.dW = np.zeros_like(self.W)

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        self.dW = np.zeros_like(self.W)
        self.dW += self.x.T @ dout
        return dout @ self.W.T

    def get_grads(self):
        dW = self.dW.flatten()
        return np.concatenate([dW])

    def clear_grads(self):
        self.dW *= 0

class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dout):
        return dout.reshape(self.shape)
"""


def test_what_only_collects_is_not_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    for code, wrong in ((LAYERS, set()), (LAYERS.replace("dout.reshape(self", "2 * dout.reshape(self"), {"Flatten"})):
        path.write_text(code)
        found = recognise(read(path))
        assert not found.skipped
        verdicts = {unit.name.partition(".")[0]: judge_unit(unit, examples=6).verdict for unit in found.units}
        assert verdicts.keys() == {"Dense", "Flatten"}
        assert {name for name, verdict in verdicts.items() if verdict is Verdict.DISAGREE} == wrong
