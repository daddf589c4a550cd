"""Outputs that go back without their target, and gradients of one array alone that are off by the size of another."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

NEURON = """
import numpy as np

class Neuron:
    def __init__(self, n):
        self.w, self.b = np.random.randn(n), np.random.randn()

    def activate(self, x):
        self.x = x
        self.a = 1 / (1 + np.exp(-(np.dot(self.w, x) + self.b)))
        return self.a

    def learn(self, x, t, eta=0.5):
        y = self.activate(x)
        delta = {error} * y * (1 - y)
        self.w -= eta * delta * self.x
        self.b -= eta * delta
        return 0.5 * (y - t) ** 2

neuron = Neuron(2)
for turn in range(100):
    for x, t in [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 1)]:
        neuron.learn(np.array(x, float), t)
"""


@pytest.mark.parametrize(("error", "verdict"), [("(y - t)", Verdict.AGREE), ("y", Verdict.DISAGREE)])
def test_an_output_is_no_error_of_its_own_where_the_call_returns_its_loss(
    error: str, verdict: Verdict, tmp_path: Path
) -> None:
    (tmp_path / "neuron.py").write_text(NEURON.replace("{error}", error))
    (unit,) = recognise(read(tmp_path / "neuron.py")).units
    assert judge_unit(unit, examples=12).verdict is verdict


ATTENTION = """
import numpy as np

def attend_forward(Q, K):
    d = Q.shape[-1]
    scores = Q @ K.T / np.sqrt(d)
    return np.tanh(scores), (Q, K, scores)

def attend_backward(dout, cache):
    Q, K, scores = cache
    d = Q.shape[-1]
    ds = dout * (1 - np.tanh(scores) ** 2) / np.sqrt(d)
    return ds @ K, ds.T @ Q{slip}
"""


@pytest.mark.parametrize(("slip", "verdict"), [("", Verdict.AGREE), (" * d", Verdict.DISAGREE)])
def test_a_factor_that_is_no_size_of_the_output_is_no_mean(slip: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "attend.py").write_text(ATTENTION.replace("{slip}", slip))
    (unit,) = recognise(read(tmp_path / "attend.py")).units
    assert judge_unit(unit, examples=12).verdict is verdict


ONE_OUTPUT = """
import numpy as np

def model(X, y, W, U, b, v, c):
    hs = [np.zeros(U.shape[0])]
    for x in X:
        hs.append(np.tanh(W.dot(x) + U.dot(hs[-1]) + b))
    miss = v.dot(hs[-1]) + c - y
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b)
    dv, dc, dh = miss * hs[-1], miss, miss * v
    for t in range(len(X), 0, -1):
        da = dh * (1 - hs[t] ** 2)
        dW += np.outer(da, X[t - 1])
        dU += np.outer(da, hs[t - 1])
        db += da
        dh = {back}.dot(da)
    return 0.5 * miss ** 2, dW, dU, db, {last}, dc
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("back", "last", "verdict"),
    [("U.T", "dv", Verdict.AGREE), ("U", "dv", Verdict.DISAGREE), ("U.T", "dh", Verdict.DISAGREE)],
)
def test_a_model_of_one_output_has_several_units_and_returns_what_it_returns(
    back: str, last: str, verdict: Verdict, tmp_path: Path
) -> None:
    (tmp_path / "model.py").write_text(ONE_OUTPUT.format(back=back, last=last))
    (unit,) = recognise(read(tmp_path / "model.py")).units
    assert min(unit.example[0]["U"].shape) > 1
    assert judge_unit(unit, examples=12).verdict is verdict


DEEP = """
import numpy as np

class Net:
    def __init__(self, sizes):
        self.W = [np.random.randn(a, b) for a, b in zip(sizes, sizes[1:])]

    def sigmoid(self, x):
        return 1 / (1 + np.exp(-x))

    def sigmoid_derivative(self, a):
        return a * (1 - a)

    def learn(self, x, y):
        kept = [np.atleast_2d(x)]
        for W in self.W:
            kept.append(self.sigmoid(kept[-1].dot(W)))
        D = [{error} * self.sigmoid_derivative(kept[-1])]
        for n in range(len(kept) - 2, 0, -1):
            delta = D[-1].dot(self.W[n].T) * self.sigmoid_derivative(kept[n])
            D.append(delta)
        for n, d in enumerate(D[::-1]):
            self.W[n] += -0.1 * kept[n].T.dot(d)
"""


def test_what_learns_and_was_not_judged_is_listed_beside_what_was(tmp_path: Path) -> None:
    (tmp_path / "deep.py").write_text(DEEP.replace("{error}", "(kept[-1] - y) * kept[-1] ** 3"))
    found = recognise(read(tmp_path / "deep.py"))
    assert "Net.learn" not in {name for unit in found.units for name in unit.covers}
    assert "Net.learn" in {skipped.function for skipped in found.skipped}
