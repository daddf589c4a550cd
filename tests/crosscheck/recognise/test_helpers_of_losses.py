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


def test_a_guess_gives_way_to_what_is_right_with_it(tmp_path: Path) -> None:
    path = tmp_path / "guess.py"
    path.write_text(
        """
import numpy as np

def sharpness(p):
    same = np.sum(p ** 2)
    slope = -2 * p / same
    return -np.log(same), p * (slope - np.sum(slope * p))

def loss_and_grads(W, x):
    z = x @ W
    p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    loss, d = sharpness(p)
    return loss, np.outer(x, d)

W = np.random.randn(3, 5)
for turn in range(20):
    loss, dW = loss_and_grads(W, np.random.randn(3))
    W -= 0.1 * dW
"""
    )
    assert Verdict(check_file(path, repair=False).verdict) is Verdict.AGREE
