"""What programs leave to their reader: targets by a letter, losses in other languages, biases of one number."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

LETTER = """
import numpy as np

class rnn:
    def __init__(self, i, h, o):
        self.w1, self.w2, self.w3 = np.random.randn(h, i), np.random.randn(h, h) * 0.4, np.random.randn(o, h)

    def f(self, X):
        self.X, self.S = X, np.zeros((len(X) + 1, len(self.w1)))
        self.Y = np.zeros((len(X), len(self.w3)))
        for t in range(len(X)):
            self.S[t] = np.tanh(self.w1.dot(X[t]) + self.w2.dot(self.S[t - 1]))
            self.Y[t] = self.w3.dot(self.S[t])
        return self.Y

    def b(self, D):
        E = self.Y - D
        g1, g2, g3 = self.w1 * 0, self.w2 * 0, self.w3 * 0
        n = np.zeros(len(self.w1))
        for t in range(len(D) - 1, -1, -1):
            g3 += np.outer(E[t], self.S[t])
            n = (self.w3.T.dot(E[t]) + n) * (1 - self.S[t] ** 2)
            g1 += np.outer(n, self.X[t])
            g2 += np.outer(n, self.S[t - 1])
            n = self.w2{transposed}.dot(n)
        return g1, g2, g3

net, X, D = rnn(2, 5, 2), np.random.randn(7, 2), np.random.randn(7, 2)
for e in range(20):
    net.f(X)
    g1, g2, g3 = net.b(D)
    net.w1 -= 0.01 * g1
    net.w2 -= 0.01 * g2
    net.w3 -= 0.01 * g3
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("transposed", "verdict"), [(".T", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_what_is_subtracted_from_an_output_is_a_target(
    transposed: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(LETTER.format(transposed=transposed)) == [verdict]


KEYS = """
import numpy as np

def loss_and_grads(params, X, y):
    p = 1 / (1 + np.exp(-(X @ params["w"] + params["b"])))
    {loss} = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    grads, d = {{}}, (p - y) / len(y)
    grads["w"] = X.T @ d
    grads["b"] = {times} * d.sum()
    return {loss}, grads

params = {{"w": np.random.randn(4), "b": 0.0}}
X, y = np.random.randn(9, 4), (np.random.rand(9) > 0.5).astype(float)
for turn in range(50):
    {loss}, grads = loss_and_grads(params, X, y)
    for k in params:
        params[k] = params[k] - 0.1 * grads[k]
"""


@pytest.mark.thorough
@pytest.mark.parametrize("loss", ["loss", "rugi", "sunshi"])
@pytest.mark.parametrize(("times", "verdict"), [("1", Verdict.AGREE), ("2", Verdict.DISAGREE)])
def test_a_bias_of_one_number_is_judged_that_is_moved_by_its_key(
    loss: str, times: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(KEYS.format(loss=loss, times=times)) == [verdict]


MASKED = """
import numpy as np

def attention_loss(params, queries, keys, lengths, targets):
    q, k = queries @ params["Wq"], keys @ params["Wk"]
    e = np.einsum("bd,btd->bt", q, k)
    e[np.arange(keys.shape[1])[None, :] >= lengths[:, None]] = -np.inf
    a = np.exp(e - e.max(axis=1, keepdims=True))
    a /= a.sum(axis=1, keepdims=True)
    out = np.einsum("bt,btd->bd", a, keys)
    loss = 0.5 * np.sum((out - targets) ** 2)
    da = np.einsum("bd,btd->bt", out - targets, keys)
    de = a * (da - {own})
    grads = {{"Wq": queries.T @ np.einsum("bt,btd->bd", de, k)}}
    grads["Wk"] = np.tensordot(keys, de[:, :, None] * q[:, None, :], axes=([0, 1], [0, 1]))
    return loss, grads

params = {{"Wq": np.random.randn(4, 3), "Wk": np.random.randn(4, 3)}}
for turn in range(50):
    queries, keys, lengths = np.random.randn(6, 4), np.random.randn(6, 5, 4), np.random.randint(1, 6, 6)
    loss, grads = attention_loss(params, queries, keys, lengths, np.random.randn(6, 4))
    for name in params:
        params[name] -= 0.1 * grads[name]
"""


@pytest.mark.parametrize(
    ("own", "verdict"), [("(a * da).sum(axis=1, keepdims=True)", Verdict.AGREE), ("a * da", Verdict.DISAGREE)]
)
def test_no_sequence_is_empty_where_none_of_the_program_is(own: str, verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "attention.py"
    path.write_text(MASKED.format(own=own))
    (unit,) = recognise(read(path)).units
    report = judge_unit(unit, examples=24)
    assert report.verdict is verdict


HANDED = """
import numpy as np

def cost_and_gradient(theta, X, Y, lam=0.0):
    W, v = theta[:12].reshape(3, 4), theta[12:]
    h = np.tanh(X @ W)
    miss = h @ v - Y
    cost = 0.5 * np.sum(miss ** 2) + 0.5 * lam * np.sum(W ** 2)
    gW = X.T @ (np.outer(miss, v) * (1 - h ** 2)) + lam * W
    return cost, np.concatenate([gW.ravel(), h.T @ miss])

def minimise(f, theta, args, rate=0.01, momentum=0.9, iterations=100):
    step = np.zeros_like(theta)
    for k in range(iterations):
        cost, grad = f(theta, *args)
        step = momentum * step {sign} rate * grad
        theta = theta + step
        if k % 25 == 0:
            print(k, cost)
    return theta

if __name__ == "__main__":
    theta = np.random.randn(16) * 0.2
    minimise(cost_and_gradient, theta, (np.random.randn(7, 3), np.random.randn(7), 1e-4))
"""


@pytest.mark.parametrize(("sign", "verdict"), [("-", Verdict.AGREE), ("+", Verdict.DISAGREE)])
def test_a_training_that_is_handed_its_loss_is_followed(
    sign: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(HANDED.format(sign=sign)) == [verdict]


NAMED = """
import numpy as np

class Line:
    def __init__(self, n, k):
        self.W, self.c = np.random.randn(n, k), np.zeros(k)
        self.names = ["W", "c"]
        self.vel = {name: np.zeros_like(getattr(self, name)) for name in self.names}

    def forward(self, x):
        self.x = x
        return x @ self.W + self.c

    def loss(self, p, y):
        return 0.5 * np.mean(np.sum((p - y) ** 2, 1))

    def backward(self, p, y):
        grads = {name: np.zeros_like(getattr(self, name)) for name in self.names}
        d = (p - y) / len(y)
        grads["W"] += self.x.T @ d
        grads["c"] += {sum}
        return grads

    def step(self, grads):
        for name in self.names:
            self.vel[name] = 0.9 * self.vel[name] - 0.1 * grads[name]
            setattr(self, name, getattr(self, name) + self.vel[name])

net, x, y = Line(3, 2), np.random.randn(7, 3), np.random.randn(7, 2)
for turn in range(20):
    p = net.forward(x)
    print(net.loss(p, y))
    net.step(net.backward(p, y))
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("total", "verdict"), [("d.sum(0)", Verdict.AGREE), ("d.mean(0)", Verdict.DISAGREE)])
def test_velocities_are_no_parameters_that_are_added_by_their_names(
    total: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(NAMED.replace("{sum}", total)) == [verdict]


SHOWN = """
import numpy as np

X, y = np.random.randn(9, 3), np.random.randint(0, 3, 9)
kept, labels = np.random.randn(4, 3), np.random.randint(0, 3, 4)
wanted, theta, rate = np.eye(3)[y], np.random.randn(3, 3), 0.1

def train(theta):
    for turn in range(30):
        s = X @ theta.T
        e = np.exp(s)
        p = e / e.sum(1, keepdims=True)
        for k, column in enumerate((p - wanted).T):
            slope = (column[:, None] * {rows}).sum(0) / len(X)
            theta[k] -= rate * slope
        s = kept @ theta.T
        e = np.exp(s)
        p = e / e.sum(1, keepdims=True)
        print((p.argmax(1) == labels).mean())
    return theta

train(theta)
"""


@pytest.mark.parametrize(("rows", "verdict"), [("X", Verdict.AGREE), ("X ** 2", None)])
def test_what_is_computed_anew_to_show_how_good_it_is_is_no_output_of_the_turn(
    rows: str, verdict: Verdict | None, tmp_path: Path
) -> None:
    path = tmp_path / "turns.py"
    path.write_text(SHOWN.replace("{rows}", rows))
    found = {judge_unit(unit, examples=8).verdict for unit in recognise(read(path)).units}
    assert found == {verdict} if verdict is not None else Verdict.AGREE not in found


ADDED = """
import numpy as np

class Cell:
    def __init__(self, h):
        self.W, self.U, self.b = np.random.randn(h, h), np.random.randn(1, h), np.zeros((1, h))
        self.V = np.random.randn(h, 1)

    def forward(self, x):
        self.h = [np.zeros((1, len(self.W)))]
        for t in range(len(x)):
            self.h.append(np.tanh(x[t] @ self.U + self.h[-1] @ self.W + self.b))
        self.y = self.h[-1] @ self.V
        return self.y

    def backward(self, x, y, rate):
        d = y - self.y
        dV, dU, dW = np.zeros_like(self.V), np.zeros_like(self.U), np.zeros_like(self.W)
        dh = np.zeros((1, len(self.W)))
        for t in reversed(range(len(x))):
            dV += np.outer(self.h[t], d)
            dh = d @ self.V.T + dh @ self.W.T
            raw = (1 - self.h[t] ** 2) * dh
            dU += np.outer(x[t], raw)
            dW += np.outer(self.h[t - 1], raw)
        self.W -= rate * dW
        self.U -= rate * dU
        self.V -= rate * dV

X, y = np.array([[[0], [1], [0]], [[1], [0], [1]], [[1], [1], [0]], [[0], [0], [1]]]), np.array([[1], [0], [0], [1]])
cell = Cell(10)
for turn in range(100):
    loss = 0
    for j in range(len(X)):
        out = cell.forward(X[j])
        loss += np.square(y[j] - out)
        cell.backward(X[j], y[j], 1e-6)
    print(loss)
"""


@pytest.mark.thorough
def test_a_loss_that_turns_add_up_is_no_parameter(tmp_path: Path) -> None:
    path = tmp_path / "cell.py"
    path.write_text(ADDED)
    units = recognise(read(path)).units
    assert not any("loss" in unit.names for unit in units)
    assert all(judge_unit(unit, examples=4).verdict is not Verdict.AGREE for unit in units)
