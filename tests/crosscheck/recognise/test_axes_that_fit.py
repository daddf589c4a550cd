"""How many axes made-up data and targets have, where NumPy would take fewer or more without a complaint."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

BATCHES = """
import numpy as np

class Sequence:
    def __init__(self, n_in, n_hidden, n_out):
        self.p = {"W": np.random.randn(n_in, n_hidden) * 0.4, "U": np.random.randn(n_hidden, n_hidden) * 0.4,
                  "V": np.random.randn(n_hidden, n_out) * 0.4}
        self.size = n_hidden

    def forward(self, X):
        h = np.zeros((len(X), self.size))
        self.seen = []
        for t in range(X.shape[1]):
            before, h = h, np.tanh(X[:, t] @ self.p["W"] + h @ self.p["U"])
            self.seen.append((X[:, t], before, h))
        return h @ self.p["V"]

    def backward(self, dout):
        g = {k: np.zeros_like(v) for k, v in self.p.items()}
        g["V"] += self.seen[-1][2].T @ dout
        dh = dout @ self.p["V"].T
        for x, before, h in reversed(self.seen):
            dz = dh * (1 - h ** 2)
            g["W"] += x.T @ dz
            g["U"] += before.T @ dz
            dh = dz @ self.p["U"].T
        return g
"""
SCALARS = """
import numpy as np

class Cell:
    def __init__(self, size):
        self.w, self.v = np.random.randn(size) * 0.5, np.random.randn(size) * 0.5
        self.R, self.c = np.random.randn(size, size) * 0.5, 0.0

    def forward(self, sequence):
        h = np.zeros(len(self.w))
        self.states, self.inputs = [h], []
        for x in sequence:
            h = np.tanh(self.w * x + self.R @ h)
            self.states.append(h)
            self.inputs.append(x)
        self.p = 1 / (1 + np.exp(-(self.v @ h + self.c)))
        return self.p

    def backward(self, label, rate):
        d = self.p - label
        dh, dw, dR = d * self.v, np.zeros_like(self.w), np.zeros_like(self.R)
        dv = d * self.states[-1]
        for t in reversed(range(len(self.inputs))):
            dz = (1 - self.states[t + 1] ** 2) * dh
            dw += dz * self.inputs[t]
            dR += np.outer(dz, self.states[t])
            dh = self.R.T @ dz
        self.w -= rate * dw
        self.R -= rate * dR
        self.v -= rate * dv
        self.c -= rate * d
"""


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        (BATCHES, "(1 - h ** 2)", "(1 - before ** 2)"),
        pytest.param(SCALARS, "self.states[t])", "self.states[t + 1])", marks=pytest.mark.thorough),
    ],
)
def test_what_nothing_calls_is_called_with_axes_that_leave_no_gradient_alike(
    code: str, old: str, new: str, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(code) == [Verdict.AGREE]
    assert old in code
    assert verdicts(code.replace(old, new)) == [Verdict.DISAGREE]
