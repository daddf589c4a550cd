"""Trainings that compute a gradient for each of several examples, and step by all of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise.recognition import recognise
from crosscheck.source import read

GRAPHS = """import numpy as np

def loss_and_gradients(rows, label, W, U):
    hidden = np.tanh(rows @ W)
    pooled = hidden.sum(axis=0)
    scores = pooled @ U
    e = np.exp(scores - scores.max())
    p = e / e.sum()
    d = p.copy()
    d[label] -= 1
    dW = rows.T @ ((U @ d) * (1 - hidden ** 2))
    return -np.log(p[label]), dW, np.outer(pooled, d)

rng = np.random.default_rng(0)
sets = [(rng.normal(size=(rng.integers(3, 7), 4)), n % 3) for n in range(8)]
W, U = rng.normal(size=(4, 5)) * 0.4, rng.normal(size=(5, 3)) * 0.4
for epoch in range(30):
    W_sum, U_sum, total = np.zeros_like(W), np.zeros_like(U), 0.0
    for rows, label in sets:
        loss, dW, dU = loss_and_gradients(rows, label, W, U)
        W_sum += dW
        U_sum += dU
        total += loss
    W -= 0.05 * W_sum / len(sets)
    U -= 0.05 * U_sum / len(sets)
    print(total / len(sets))
"""
WORDS = """import numpy as np

def loss_and_gradients(v, label, W):
    e = np.exp(W @ v - (W @ v).max())
    p = e / e.sum()
    d = p.copy()
    d[label] -= 1
    return -np.log(p[label]), W.T @ d, np.outer(d, v)

rng = np.random.default_rng(0)
E, W = rng.normal(size=(10, 6)), rng.normal(size=(3, 6))
for epoch in range(5):
    for word in rng.integers(0, 10, 60):
        loss, dv, dW = loss_and_gradients(E[word], word % 3, W)
        E[word] -= 0.1 * dv
        W -= 0.1 * dW
"""
LISTED = """import numpy as np

def loss_and_gradients(params, x, y):
    W, b, V, c = params
    h = np.tanh(x @ W + b)
    d = (h @ V + c - y) / len(x)
    dz = d @ V.T * (1 - h ** 2)
    return 0.5 * np.sum((h @ V + c - y) ** 2) / len(x), (x.T @ dz, dz.sum(0), h.T @ d, d.sum(0))

rng = np.random.default_rng(0)
x, y = rng.normal(size=(20, 4)), rng.normal(size=(20, 5))
params = [rng.normal(size=(4, 6)) * 0.5, np.zeros(6), rng.normal(size=(6, 5)) * 0.5, np.zeros(5)]
velocity = [np.zeros_like(p) for p in params]
for step in range(100):
    loss, grads = loss_and_gradients(params, x, y)
    for i in range(len(params)):
        velocity[i] = 0.9 * velocity[i] - 0.05 * grads[i]
        params[i] = params[i] + velocity[i]
"""
ADDED = """import numpy as np

class Net:
    def __init__(self):
        self.p = {"W": np.random.randn(4, 3) * 0.5, "V": np.random.randn(3, 4) * 0.5}

    def forward(self, x):
        self.x, self.h = x, np.tanh(self.p["W"] @ x)
        o = self.p["V"] @ self.h
        e = np.exp(o - o.max())
        return e / e.sum()

    def backward(self, probs, target, grads):
        d = probs.copy()
        d[target] -= 1
        grads["V"] += d @ self.h.T
        grads["W"] += self.p["V"].T @ d * (1 - self.h ** 2) @ self.x.T

    def train_batch(self, rows, rate):
        grads, loss = {k: np.zeros_like(v) for k, v in self.p.items()}, 0.0
        for x, target in rows:
            probs = self.forward(x)
            loss -= np.log(probs[target, 0])
            self.backward(probs, target, grads)
        for k in self.p:
            self.p[k] -= rate * grads[k] / len(rows)
        return loss / len(rows)

np.random.seed(0)
net = Net()
rows = [(np.random.randn(3, 1), n % 3) for n in range(24)]
for turn in range(20):
    for start in range(0, 24, 8):
        net.train_batch(rows[start:start + 8], 0.1)
"""
WHOLE = "self.p[k] -= rate * grads[k] / len(rows)"
ANEW = "loss -= np.log(probs[target, 0])\n            grads = {k: np.zeros_like(v) for k, v in self.p.items()}"
SLIPS = {
    "added up, not divided": (
        ADDED,
        WHOLE,
        WHOLE.replace("len(rows)", '(len(rows) if k == "W" else 1)'),
        "update-differs: the sum of its gradients",
    ),
    "made anew": (ADDED, "loss -= np.log(probs[target, 0])", ANEW, "update-differs: only the last of the gradients"),
    "one is left out": (
        LISTED,
        "range(len(params))",
        "range(len(params) - 1)",
        "update-differs: its gradient is computed",
    ),
    "not divided": (GRAPHS, "U_sum / len(sets)", "U_sum", "update-differs: the sum of its gradients"),
    "overwritten": (GRAPHS, "U_sum += dU", "U_sum = dU", "update-differs: only the last of the gradients"),
    "the last one": (GRAPHS, "0.05 * U_sum / len(sets)", "0.05 * dU", "update-differs: only the last of the gradients"),
    "climbs": (GRAPHS, "U -= 0.05", "U += 0.05", "update-differs: it climbs"),
    "another row": (WORDS, "E[word] -=", "E[word - 1] -=", "update-differs: the step of the entries"),
    "row climbs": (WORDS, "E[word] -=", "E[word] +=", "update-differs: it climbs"),
}


@pytest.fixture
def faults(tmp_path: Path) -> Callable[[str], list[str]]:
    """Return what is said of the updates of a program."""

    def of(code: str) -> list[str]:
        path = tmp_path / "program.py"
        path.write_text(code)
        (unit,) = recognise(read(path)).units
        return [f"{fault.code}: {fault.message.partition(': ')[2]}" for fault in unit.faults]

    return of


@pytest.mark.parametrize("program", [GRAPHS, WORDS, LISTED, ADDED], ids=["graphs", "words", "listed", "added"])
def test_nothing_is_said_of_right_ones(program: str, faults: Callable) -> None:
    assert faults(program) == []


@pytest.mark.thorough
@pytest.mark.parametrize(("program", "right", "wrong", "said"), SLIPS.values(), ids=SLIPS)
def test_what_is_made_of_right_gradients_is_told(
    program: str, right: str, wrong: str, said: str, faults: Callable
) -> None:
    assert program.count(right) == 1
    (told,) = faults(program.replace(right, wrong))
    assert told.startswith(said)
