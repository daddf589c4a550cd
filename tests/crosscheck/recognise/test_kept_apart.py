"""Losses in several terms that nothing adds up, gradients that point downhill, targets that are subtracted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

RIGHT, WRONG = [Verdict.AGREE], [Verdict.DISAGREE]

TWO_TASKS = """
import numpy as np

X = np.random.randn(24, 5)
age, sex = X[:, [0]] * 2 - X[:, [1]], (X[:, [2]] > 0) * 1.0
Ws, Wage, Wsex = np.random.randn(5, 6) * 0.4, np.random.randn(6, 1) * 0.4, np.random.randn(6, 1) * 0.4
bs, bage = np.zeros((1, 6)), np.zeros((1, 1))
learning_rate, m = 0.05, len(X)
for i in range(50):
    shared = np.tanh(X.dot(Ws) + bs)
    pred_age, pred_sex = shared.dot(Wage) + bage, 1 / (1 + np.exp(-shared.dot(Wsex)))
    age_loss = np.sum((pred_age - age) ** 2) / (2 * m)
    sex_loss = -np.sum(sex * np.log(pred_sex) + (1 - sex) * np.log(1 - pred_sex)) / m
    print(age_loss, sex_loss)
    d_age = (pred_age - age) / m
    d_sex = (pred_sex - sex) / m
    dWage, dbage = shared.T.dot(d_age), np.sum(d_age, axis=0, keepdims=True)
    dWsex = shared.T.dot(d_sex)
    d_shared = (d_age.dot(Wage.T) + d_sex.dot(Wsex.T)) * (1 - shared ** 2)
    dWs, dbs = X.T.dot(d_shared), np.sum(d_shared, axis=0, keepdims=True)
    Ws -= learning_rate * dWs
    bs -= learning_rate * dbs
    Wage -= learning_rate * dWage
    bage -= learning_rate * dbage
    Wsex -= learning_rate * dWsex
"""

RETURNED = """
import numpy as np

class Frames:
    def __init__(self, n, h, k, lam=0.01):
        self.A, self.B, self.C = np.random.randn(n, h) * 0.3, np.random.randn(h, h) * 0.3, np.random.randn(h, k) * 0.3
        self.lam = lam

    def learn(self, frames, cls, eta):
        n = frames.shape[1]
        states = [np.zeros((n, len(self.B)))]
        for f in frames:
            states.append(np.tanh(f @ self.A + states[-1] @ self.B))
        z = states[-1] @ self.C
        prob = np.exp(z) / np.exp(z).sum(1, keepdims=True)
        data_loss = -np.mean(np.log(prob[range(n), cls]))
        penalty = 0.5 * self.lam * (np.sum(self.A ** 2) + np.sum(self.B ** 2) + np.sum(self.C ** 2))
        delta = prob.copy()
        delta[range(n), cls] -= 1
        delta /= n
        gA, gB, gC = self.lam * self.A, self.lam * self.B, states[-1].T @ delta + self.lam * self.C
        back = delta @ self.C.T
        for t in range(len(frames), 0, -1):
            back = back * (1 - states[t] ** 2)
            gA = gA + frames[t - 1].T @ back
            gB = gB + states[t - 1].T @ back
            back = back @ self.B.T
        self.A -= eta * gA
        self.B -= eta * gB
        self.C -= eta * gC
        return data_loss, penalty

net = Frames(3, 5, 3)
cls = np.random.randint(0, 3, 12)
for i in range(9):
    print(*net.learn(np.random.randn(4, 12, 3), cls, 0.1))
"""

CALLED_TOTAL = """
import numpy as np

U, V, lam = np.random.randn(3, 5) * 0.5, np.random.randn(5, 4) * 0.5, 0.1

def step(xs, goals):
    ce, reg, T = 0.0, 0.0, len(xs)
    dU, dV = np.zeros_like(U), np.zeros_like(V)
    for x, goal in zip(xs, goals):
        h = np.tanh(x @ U)
        q = np.exp(h @ V) / np.exp(h @ V).sum()
        ce -= np.log(q[goal])
        reg += 0.5 * lam * np.sum(h ** 2)
        d = q.copy()
        d[goal] -= 1
        dV += np.outer(h, d) / T
        dU += np.outer(x, (V @ d + lam * h) * (1 - h ** 2)) / T
    total = (ce + reg) / T
    return total, dU, dV

for turn in range(9):
    total, dU, dV = step(np.random.randn(6, 3), np.random.randint(0, 4, 6))
    U -= 0.1 * dU
    V -= 0.1 * dV
"""

FOLDED = CALLED_TOTAL.replace("reg += 0.5 * lam", "ce += 0.5 * lam").replace("(ce + reg) / T", "ce / T")

REVERSED = """
import numpy as np

lam, lr = 0.3, 0.1  # the gradient of the domain is reversed
X, y, d = np.random.randn(20, 3), np.random.rand(20, 1).round(), np.random.rand(20, 1).round()
Wf, Wy, Wd = np.random.randn(3, 5) * 0.5, np.random.randn(5, 1) * 0.5, np.random.randn(5, 1) * 0.5
for turn in range(30):
    F = np.tanh(X @ Wf)
    p_y, p_d = 1 / (1 + np.exp(-F @ Wy)), 1 / (1 + np.exp(-F @ Wd))
    loss_y = -np.mean(y * np.log(p_y) + (1 - y) * np.log(1 - p_y))
    loss_d = -np.mean(d * np.log(p_d) + (1 - d) * np.log(1 - p_d))
    dzy, dzd = (p_y - y) / 20, (p_d - d) / 20
    dWy, dWd = F.T @ dzy, F.T @ dzd
    dWf = X.T @ ((dzy @ Wy.T - lam * dzd @ Wd.T) * (1 - F ** 2))
    Wy -= lr * dWy
    Wd -= lr * dWd
    Wf -= lr * dWf
    print(loss_y, loss_d)
"""

DOWNHILL = """
import numpy as np

class Line:
    def __init__(self, n, h):
        self.P = {"V": np.random.randn(n, h) * 0.5, "W": np.random.randn(h, 1) * 0.5, "b": np.zeros(1)}
        self.vel = {k: np.zeros_like(p) for k, p in self.P.items()}

    def descent(self, X, Y):
        h = np.tanh(X @ self.P["V"])
        e = Y - (h @ self.P["W"] + self.P["b"])
        g = {"W": h.T @ e / len(Y), "b": e.sum(0) / len(Y)}
        dh = (e @ self.P["W"].T) * (1 - h ** 2)
        g["V"] = X.T @ dh / len(Y)
        return 0.5 * np.mean(e ** 2), g

    def step(self, g, lr=0.05, mu=0.9):
        for k in self.P:
            self.vel[k] = mu * self.vel[k] + lr * g[k]
            self.P[k] += self.vel[k]

net = Line(3, 5)
for turn in range(20):
    loss, g = net.descent(np.random.randn(8, 3), np.random.randn(8, 1))
    net.step(g)
"""

HANDED = """
import numpy as np

class Wave:
    def __init__(self, h=5):
        self.Wx, self.Wo = np.random.randn(h, 1) * 0.4, np.random.randn(1, h) * 0.4

    def forward(self, xs):
        self.hs = [np.tanh(self.Wx @ x) for x in xs]
        return [self.Wo @ h for h in self.hs]

    def loss_and_grads(self, xs, goals):
        ys = self.forward(xs)
        loss = sum(0.5 * np.sum((y - d) ** 2) for y, d in zip(ys, goals))
        g = {"Wx": np.zeros_like(self.Wx), "Wo": np.zeros_like(self.Wo)}
        for t in range(len(xs)):
            dy = ys[t] - goals[t]
            g["Wo"] += dy @ self.hs[t].T
            g["Wx"] += (self.Wo.T @ dy) * (1 - self.hs[t] ** 2) @ xs[t].T
        return loss, g

    def step(self, g, lr):
        for k, grad in g.items():
            setattr(self, k, getattr(self, k) - lr * grad)

if __name__ == "__main__":
    net = Wave()
    for turn in range(20):
        loss, g = net.loss_and_grads(list(np.random.randn(4, 1, 1)), list(np.random.randn(4, 1, 1)))
        net.step(g, 0.01)
"""


@pytest.mark.parametrize(
    ("code", "right", "wrong", "expected"),
    [
        (TWO_TASKS, "", "", RIGHT),
        (TWO_TASKS, "d_sex.dot(Wsex.T)", "d_age.dot(Wsex.T)", WRONG),
        (RETURNED, "", "", RIGHT),
        (RETURNED, "self.lam * self.B, states", "0 * self.B, states", WRONG),
        (RETURNED, "self.lam * self.A, self.lam", "2 * self.lam * self.A, self.lam", WRONG),
        (CALLED_TOTAL, "", "", RIGHT),
        (CALLED_TOTAL, "V @ d + lam * h", "V @ d", WRONG),
        (REVERSED, "  # the gradient of the domain is reversed", "", WRONG),
        (FOLDED, "", "", RIGHT),
        (FOLDED, "dV += np.outer(h, d) / T", "dV += np.outer(h, d)", WRONG),
        (DOWNHILL, "", "", RIGHT),
        (DOWNHILL, "self.P[k] += self.vel[k]", "self.P[k] -= self.vel[k]", WRONG),
        (DOWNHILL, "X.T @ dh / len(Y)", "X.T @ dh", WRONG),
        (HANDED, "", "", RIGHT),
        (HANDED, "(1 - self.hs[t] ** 2)", "(1 - self.hs[t])", WRONG),
    ],
)
def test_verdicts(
    code: str, right: str, wrong: str, expected: list[Verdict], verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert right in code
    assert verdicts(code.replace(right, wrong) if right else code) == expected


def test_terms_that_some_lower_and_others_raise_are_not_judged(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(REVERSED)
    found = recognise(read(path))
    assert not found.units
    assert "lower a term of the loss that others raise" in found.skipped[0].reason


TABLE = """
import numpy as np

def objective(W, U, x, y, lam=0.03, even=0.2):
    T = len(x)
    h = np.zeros((T + 1, len(U)))
    for t in range(T):
        h[t + 1] = np.tanh(W @ x[t] + U @ h[t])
    off, jump = h[1:] - y, h[1:] - h[:-1]
    losses = {{"fit": np.mean(off ** 2), "decay": lam * np.sum(W ** 2), "smooth": even * np.sum(jump ** 2) / T}}
    dh = 2 * off / off.size + 2 * even * jump / T
    dh[:-1] -= 2 * even * jump[1:] / T
    dW, dU = {decay} * lam * W, np.zeros_like(U)
    for t in range(T - 1, -1, -1):
        dz = dh[t] * (1 - h[t + 1] ** 2)
        dW += np.outer(dz, x[t])
        dU += np.outer(dz, h[t])
        if t:
            dh[t - 1] += {back} @ dz
    return losses, dW, dU

W, U = np.random.randn(5, 2), np.random.randn(5, 5) * 0.5
for turn in range(100):
    losses, dW, dU = objective(W, U, np.random.randn(8, 2), np.random.randn(8, 5))
    W -= 0.05 * dW
    U -= 0.05 * dU
    print(losses)
"""


@pytest.mark.parametrize(
    ("decay", "back", "verdict"),
    [("2", "U.T", Verdict.AGREE), ("2", "U", Verdict.DISAGREE)],
)
def test_terms_that_a_dictionary_holds_are_summed(
    verdicts: Callable[[str], list[Verdict]], decay: str, back: str, verdict: Verdict
) -> None:
    """Whatever they are called there."""
    assert verdicts(TABLE.format(decay=decay, back=back)) == [verdict]


def test_half_of_a_term_is_a_weight_only_where_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(TABLE.format(decay="1", back="U.T"))
    assert all(judge_unit(unit).verdict is not Verdict.AGREE for unit in recognise(read(path)).units)
