"""A training that begins with the gradient of a bias, of a pair whose other weights are moved by Adam."""

from pathlib import Path

import pytest

from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

LAST = """import numpy as np


class Last:
    def __init__(self, inputs, hidden, outputs):
        self.W, self.U = np.random.randn(hidden, inputs) * 0.3, np.random.randn(hidden, hidden) * 0.3
        self.V, self.by = np.random.randn(outputs, hidden) * 0.3, np.zeros((outputs, 1))
        self.all = [self.W, self.U, self.V, self.by]
        self.first = [np.zeros_like(p) for p in self.all]
        self.second = [np.zeros_like(p) for p in self.all]
        self.count = 0

    def forward(self, rows):
        self.rows, self.h = rows, {-1: np.zeros((len(self.W), 1))}
        for t in range(len(rows)):
            self.h[t] = np.tanh(self.W @ rows[t].reshape(-1, 1) + self.U @ self.h[t - 1])
        return self.V @ self.h[len(rows) - 1] + self.by

    def backward(self, dy):
        grads = [np.zeros_like(p) for p in self.all]
        dV, dby = dy @ self.h[len(self.rows) - 1].T, dy
        grads[2], grads[3] = dV, dby
        dh = self.V.T @ dy
        for t in reversed(range(len(self.rows))):
            da = dh * (1 - self.h[t] ** 2)
            grads[0] += da @ self.rows[t].reshape(1, -1)
            grads[1] += da @ self.h[t - 1].T
            dh = self.U.T @ da
        self.count += 1
        for k in range(len(self.all)):
            self.first[k] = 0.9 * self.first[k] + 0.1 * grads[k]
            self.second[k] = 0.999 * self.second[k] + 0.001 * grads[k] ** 2
            mean, square = self.first[k] / (1 - 0.9**self.count), self.second[k] / (1 - 0.999**self.count)
            self.all[k] -= 0.01 * mean / (np.sqrt(square) + 1e-8)


series = np.random.rand(20, 3)
windows = np.array([series[n : n + 4] for n in range(16)])
model = Last(3, 5, 3)
for turn in range(30):
    for n in range(16):
        truth = series[n + 4].reshape(-1, 1)
        guess = model.forward(windows[n])
        loss = np.mean((truth - guess) ** 2)
        dy = 2 * (guess - truth) / 3
        model.backward(dy)
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("edit", "verdict"),
    [(("", ""), Verdict.AGREE), (("dy = 2 * (guess - truth)", "dy = 2 * (guess + truth)"), Verdict.DISAGREE)],
    ids=["right", "sign"],
)
def test_the_other_gradients_are_those_of_the_pair(tmp_path: Path, edit: tuple[str, str], verdict: Verdict) -> None:
    path = tmp_path / "last.py"
    path.write_text(LAST.replace(*edit) if edit[0] else LAST)
    found = recognise(read(path))
    pair, turn = found.units
    assert pair.names.keys() == {"W", "U", "V", "by"}
    assert (pair.name, turn.without) == ("Last.forward/Last.backward", ())
    assert [judge_unit(unit, examples=4).verdict for unit in (pair, turn)] == [Verdict.AGREE, verdict]
    assert not found.skipped


def test_a_bias_that_is_called_like_a_state_is_moved_with_the_weights(tmp_path: Path) -> None:
    path = tmp_path / "last.py"
    path.write_text(
        LAST.replace("self.by", "self.c").replace("grads[2], grads[3] = dV, dby", "grads[2:] = [dV, 2 * dby]")
    )
    pair = recognise(read(path)).units[0]
    assert pair.names.keys() == {"W", "U", "V", "c"}
    assert judge_unit(pair, examples=4).verdict is Verdict.DISAGREE
