"""A network that hands gradients on from layer to layer is judged with a turn of its training, or said not to be."""

from pathlib import Path

from crosscheck.recognise.findings import Recognition
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

NETWORK = """import numpy as np

class Full:
    def __init__(self, n_in, n_out):
        self.w = np.random.randn(n_in, n_out) * 0.5

    def forward(self, x):
        self.x = x
        return x @ self.w

    def backward(self, d, rate):
        dx = d @ self.w.T
        self.w -= rate * self.x.T @ d
        return dx

class Mse:
    def forward(self, p, t):
        return np.mean((p - t) ** 2)

    def backward(self, p, t):
        return 2 * (p - t) / t.size

class Model:
    def __init__(self):
        self.parts = []
        self.objective = None

    def push(self, part):
        self.parts.append(part)

    def use(self, objective):
        self.objective = objective

    def run(self, x):
        for part in self.parts:
            x = part.forward(x)
        return x

    def backward(self, p, t, rate):
        d = self.objective.backward(p, t)
        for part in reversed(self.parts):
            d = part.backward(d, rate)

    def fit(self, x, t, epochs, rate):
        for epoch in range(epochs):
            p = self.run(x)
            cost = self.objective.forward(p, t)
            self.backward(p, t, rate)
            print(cost)

x, t = np.random.randn(4, 2), np.random.randn(4, 3)
model = Model()
model.push(Full(2, 5))
model.push(Full(5, 3))
model.use(Mse())
model.fit(x, t, 200, 0.1)
"""


def _found(folder: Path, text: str) -> Recognition:
    file = folder / "it.py"
    file.write_text(text)
    return recognise(read(file))


def test_a_network_is_judged_as_a_whole(tmp_path: Path) -> None:
    """Every layer is right; that the way through them is right as well shows in the steps that it takes."""
    found = _found(tmp_path, NETWORK)
    assert not found.skipped
    (unit,) = (unit for unit in found.units if unit.name.startswith("Model"))
    assert unit.names.keys() == {"parts_0_w", "parts_1_w"}
    assert judge_unit(unit, examples=8).verdict is Verdict.AGREE


def test_a_wrong_way_through_right_layers_is_not_passed_over(tmp_path: Path) -> None:
    """A file of right layers is right only if they are gone through from the last to the first, and nothing else."""
    wrong = NETWORK.replace("d = part.backward(d, rate)", "d = 0.5 * part.backward(d, rate)")
    assert wrong != NETWORK
    (unit,) = (unit for unit in _found(tmp_path, wrong).units if unit.name.startswith("Model"))
    assert judge_unit(unit, examples=8).verdict is Verdict.DISAGREE
