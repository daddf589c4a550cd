"""Functions that compute a loss and what a backward pass begins with."""

from pathlib import Path

import pytest

from crosscheck.files.check import check_file
from crosscheck.verdicts import Verdict

NET = """
import numpy as np

{helper}

class Net:
    def __init__(self):
        self.W, self.V = np.random.randn(3, 5) * 0.5, np.random.randn(5, 4) * 0.5

    def forward(self, x):
        self.x, self.h = x, np.tanh(x @ self.W)
        s = self.h @ self.V
        {output}

    def backward(self, {given}):
        dz = {given} @ self.V.T * (1 - self.h ** 2)
        self.dV, self.dW = self.h.T @ {given}, self.x.T @ dz

    def step(self):
        self.V -= 0.1 * self.dV
        self.W -= 0.1 * self.dW

net = Net()
for turn in range(40):
    x, y = np.random.randn(6, 3), {targets}
    {turn}
    net.step()
    print(loss)
"""
SOFTMAX = "e = np.exp(s - s.max(1, keepdims=True)); return e / e.sum(1, keepdims=True)"
COSTS = "def risk(p, c):\n    r = np.sum(p * c, axis=1, keepdims=True)\n    return r.mean(), {} / len(p)"
PRIME = "def prime(y_true, y_pred):\n    return 2 * (y_pred - y_true) / y_true.size"
WEIGHTED = "def bce(p, y):\n    d = (3 * y * (p - 1) + (1 - y) * p) / y.size\n"
WEIGHTED += "    return -np.mean(3 * y * np.log(p) + (1 - y) * np.log(1 - p)), d"


def verdict_of(path: Path, **parts: str) -> Verdict:
    path.write_text(NET.format(**parts))
    return Verdict(check_file(path, repair=False).verdict)


@pytest.mark.parametrize(("formula", "verdict"), [("p * (c - r)", Verdict.AGREE), ("(p * c - r)", Verdict.DISAGREE)])
def test_what_a_helper_computes_is_judged_where_it_is_used(formula: str, verdict: Verdict, tmp_path: Path) -> None:
    turn = "loss, d = risk(net.forward(x), y)\n    net.backward(d)"
    parts = {"output": SOFTMAX, "given": "dlogits", "targets": "np.random.rand(6, 4)", "turn": turn}
    assert verdict_of(tmp_path / "risk.py", helper=COSTS.format(formula), **parts) is verdict


@pytest.mark.parametrize(("order", "verdict"), [("y, out", Verdict.AGREE), ("out, y", Verdict.DISAGREE)])
def test_a_helper_that_is_handed_its_arguments_in_another_order_turns_the_gradient(
    order: str, verdict: Verdict, tmp_path: Path
) -> None:
    turn = f"out = net.forward(x); loss = np.mean((y - out) ** 2); net.backward(prime({order}))"
    parts = {"output": "return s", "given": "error", "targets": "np.random.randn(6, 4)", "turn": turn}
    assert verdict_of(tmp_path / "prime.py", helper=PRIME, **parts) is verdict


def test_the_gradient_of_logits_is_called_so(tmp_path: Path) -> None:
    turn = "p = net.forward(x); loss, d = bce(p, y); net.backward(d)"
    parts = {"output": "return 1 / (1 + np.exp(-s))", "given": "dlogit", "turn": turn}
    targets = "(np.random.rand(6, 4) > 0.5).astype(float)"
    assert verdict_of(tmp_path / "logits.py", helper=WEIGHTED, targets=targets, **parts) is Verdict.AGREE


ALIGNED = """
import numpy as np

BLANK = 0

def ctc(p, label):
    T, l = len(p), [BLANK]
    for c in label:
        l += [c, BLANK]
    S = len(l)
    alpha, beta = np.zeros((T, S)), np.zeros((T, S))
    alpha[0, 0], alpha[0, 1] = p[0, l[0]], p[0, l[1]]
    for t in range(1, T):
        for s in range(S):
            a = alpha[t - 1, s]
            if s > 0:
                a += alpha[t - 1, s - 1]
            if s > 1 and l[s] != BLANK and l[s] != l[s - 2]:
                a += alpha[t - 1, s - 2]
            alpha[t, s] = a * p[t, l[s]]
    beta[T - 1, S - 1] = beta[T - 1, S - 2] = 1.0
    for t in range(T - 2, -1, -1):
        for s in range(S):
            b = beta[t + 1, s] * p[t + 1, l[s]]
            if s < S - 1:
                b += beta[t + 1, s + 1] * p[t + 1, l[s + 1]]
            if s < S - 2 and l[s] != BLANK and l[s] != l[s + 2]:
                b += beta[t + 1, s + 2] * p[t + 1, l[s + 2]]
            beta[t, s] = b
    total = alpha[T - 1, S - 1] + alpha[T - 1, S - 2]
    grad = p.copy()
    for t in range(T):
        for s in range(S):
            grad[t, l[s]] -= alpha[t, s] * beta[t, s] / total
    return -np.log(total), grad

class Reader:
    def __init__(self):
        self.U, self.V = np.random.randn(4, 5) * 0.4, np.random.randn(5, 4) * 0.4

    def loss(self, x, label):
        h = np.tanh(x @ self.U)
        o = h @ self.V
        p = np.exp(o - o.max(1, keepdims=True))
        loss, do = ctc(p / p.sum(1, keepdims=True), label)
        return loss, (x.T @ (do @ self.V.T * (1 - h ** 2)), h.T @ do)

net = Reader()
for turn in range(20):
    label = np.random.randint(1, 4, 3)
    x = np.repeat(np.eye(4)[label], np.random.randint(2, 4, 3), axis=0) + 0.2 * np.random.randn(1)
    loss, g = net.loss(x, label)
    for w, d in zip((net.U, net.V), g):
        w -= 0.05 * d
"""


@pytest.mark.thorough
def test_a_gradient_that_is_guessed_for_probabilities_may_be_of_their_logits(tmp_path: Path) -> None:
    path = tmp_path / "aligned.py"
    path.write_text(ALIGNED)
    report = check_file(path, repair=False)
    assert Verdict(report.verdict) is Verdict.INCONCLUSIVE
    assert [one["function"] for one in report.skipped] == ["ctc"]
