"""A network that hands gradients on from layer to layer is judged with a turn of its training, or said not to be."""

from pathlib import Path

import pytest

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


ASSEMBLED = """
import numpy as np

def dense(x, w, b):
    return x @ w + b, (x, w)

def dense_back(d, kept):
    x, w = kept
    return d @ w.T, x.T @ d, d.sum(axis=0)

class Net:
    def __init__(self, sizes):
        self.p = {}
        for n in range(len(sizes) - 1):
            self.p["w%d" % n] = np.random.randn(sizes[n], sizes[n + 1])
            self.p["b%d" % n] = np.zeros(sizes[n + 1])
        self.depth = len(sizes) - 1

    def loss(self, x, y, decay=0.0):
        kept = []
        for n in range(self.depth):
            x, own = dense(x, self.p["w%d" % n], self.p["b%d" % n])
            kept.append(own)
        out = 0.5 * np.sum((x - y) ** 2)
        d, grads = x - y, {}
        for n in reversed(range(self.depth)):
            d, grads["w%d" % n], grads["b%d" % n] = dense_back(d, kept[n])
            out += 0.5 * decay * np.sum(self.p["w%d" % n] ** 2)
            grads["w%d" % n] += {decay} * self.p["w%d" % n]
        return out, grads
"""


@pytest.mark.parametrize(("decay", "verdict"), [("decay", Verdict.AGREE), ("2 * decay", Verdict.DISAGREE)])
def test_what_puts_together_what_backward_passes_return_is_judged_and_not_its_layers_alone(
    decay: str, verdict: Verdict, tmp_path: Path
) -> None:
    (tmp_path / "net.py").write_text(ASSEMBLED.replace("{decay}", decay))
    (unit,) = recognise(read(tmp_path / "net.py")).units
    assert unit.name == "Net.loss"
    assert judge_unit(unit, examples=12).verdict is verdict


def test_it_is_listed_where_it_cannot_be_judged(tmp_path: Path) -> None:
    broken = ASSEMBLED.replace("{decay}", "decay").replace("kept = []", "kept = self.nothing")
    (tmp_path / "net.py").write_text(broken)
    found = recognise(read(tmp_path / "net.py"))
    assert [unit.name for unit in found.units] == ["dense/dense_back"]
    assert [skipped.function for skipped in found.skipped] == ["Net.loss"]
