"""Arrays without a gradient: data, what belongs to another object, and gradients that are missing where they belong."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

GRAPH = """
import numpy as np

class Graph:
    def __init__(self, A, n_in, n_hidden, n_out):
        A = A + np.eye(len(A))
        self.A = A / A.sum(1)
        self.V, self.W = np.random.randn(n_in, n_hidden), np.random.randn(n_hidden, n_out)

    def forward(self, X):
        self.X = X
        self.H = np.tanh(self.A @ X @ self.V)
        Z = self.A @ self.H @ self.W
        E = np.exp(Z - Z.max(1, keepdims=True))
        self.P = E / E.sum(1, keepdims=True)
        return self.P

    def loss(self, Y, known):
        return -np.sum(np.log(self.P[known, Y[known]])) / known.sum()

    def backward(self, Y, known):
        G = self.P.copy()
        G[np.arange(len(Y)), Y] -= 1
        G[~known] = 0
        G = {adjoint} @ G / known.sum()
        dV = (self.A @ self.X).T @ ((G @ self.W.T) * (1 - self.H ** 2))
        return dV, self.H.T @ G

A = (np.random.rand(34, 34) > 0.9) * 1.0
X, Y, known = np.eye(34), np.random.randint(0, 3, 34), np.arange(34) % 2 == 0
net = Graph(A, 34, 16, 3)
for turn in range(100):
    net.forward(X)
    dV, dW = net.backward(Y, known)
    net.V -= 0.5 * dV
    net.W -= 0.5 * dW
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("adjoint", "verdict"), [("self.A.T", Verdict.AGREE), ("self.A", Verdict.DISAGREE)])
def test_what_a_constructor_computes_of_its_arguments_is_data_and_the_loss_is_that_of_what_was_kept(
    adjoint: str, verdict: Verdict, tmp_path: Path
) -> None:
    (tmp_path / "graph.py").write_text(GRAPH.replace("{adjoint}", adjoint))
    (unit,) = recognise(read(tmp_path / "graph.py")).units
    assert "Graph.loss(Y, known)" in unit.assumptions[0]
    assert (unit.without, unit.names.keys()) == ((), {"V", "W"})
    assert judge_unit(unit, examples=12).verdict is verdict


PLAYERS = """
import numpy as np

class Critic:
    def __init__(self, n):
        self.w, self.v = np.random.randn(1, n), np.random.randn(n, 1)

    def forward(self, x):
        self.x = x
        self.a = np.tanh(x @ self.w)
        return 1 / (1 + np.exp(-(self.a @ self.v)))

    def learn(self, x, t, rate):
        p = self.forward(x)
        d = (p - t) / len(x)
        dv = self.a.T @ d
        dw = self.x.T @ (d @ self.v.T * (1 - self.a ** 2))
        self.v -= rate * dv
        self.w -= rate * dw
        return -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()

class Forger:
    def __init__(self, n):
        self.w, self.v = np.random.randn(1, n), np.random.randn(n, 1)

    def forward(self, z):
        self.z = z
        self.a = np.tanh(z @ self.w)
        self.out = self.a @ self.v
        return self.out

    def learn(self, critic, rate):
        p = critic.forward(self.out)
        dx = (p - 1) / len(p) @ critic.v.T * (1 - critic.a ** 2) @ critic.w.T
        dv = self.a.T @ dx
        dw = self.z.T @ (dx @ self.v.T * (1 - self.a ** 2))
        self.v -= rate * dv
        self.w -= rate * dw
        return -np.log(p).mean()

critic, forger = Critic(5), Forger(5)
for turn in range(100):
    real, noise = np.random.randn(12, 1) + 3, np.random.rand(12, 1)
    critic.learn(real, np.ones((12, 1)), 0.05)
    critic.learn(forger.forward(noise), np.zeros((12, 1)), 0.05)
    forger.forward(np.random.rand(12, 1))
    loss = forger.learn(critic, 0.05)
"""


def test_a_gradient_is_that_of_the_weights_which_the_call_moves_and_not_of_their_namesakes(tmp_path: Path) -> None:
    (tmp_path / "players.py").write_text(PLAYERS)
    found = recognise(read(tmp_path / "players.py"))
    assert [unit.name for unit in found.units] == ["Critic.learn"]
    assert [skipped.function for skipped in found.skipped] == ["Forger.learn"]


TWICE = """
import numpy as np

class Line:
    def __init__(self, n, m):
        self.W, self.b = np.random.randn(n, m), np.zeros(m)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        dW = self.x.T @ dout
        db = dout.sum(axis=0)
        return {returned}
"""


@pytest.mark.parametrize(("returned", "without"), [("dW, db", ()), ("db, db", ("W",))])
def test_what_a_variable_holds_is_not_returned_where_another_is_returned_twice(
    returned: str, without: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "line.py").write_text(TWICE.replace("{returned}", returned))
    (unit,) = recognise(read(tmp_path / "line.py")).units
    assert unit.without == without


UNCALLED = """
import numpy as np

class Net:
    def __init__(self, n, m):
        self.W = np.random.randn(n, m)

    def forward(self, X):
        self.X, self.Z = X, np.tanh(X @ self.W)
        E = np.exp(self.Z)
        self.P = E / E.sum(1, keepdims=True)
        return self.P

    def loss(self, Y, seen):
        return -np.sum(np.log(self.P[seen, Y[seen]])) / seen.sum()

    def backward(self, Y, seen):
        G = self.P.copy()
        G[np.arange(len(Y)), Y] -= 1
        G[~seen] = 0
        return self.X.T @ {G} / seen.sum()
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("G", "verdict"), [("(G * (1 - self.Z ** 2))", Verdict.AGREE), ("G", Verdict.DISAGREE)])
def test_a_net_whose_gradients_are_all_wrong_is_held_against_its_own_loss_and_asked_with_yes_and_no(
    G: str, verdict: Verdict, tmp_path: Path
) -> None:
    (tmp_path / "net.py").write_text(UNCALLED.replace("{G}", G))
    (unit,) = recognise(read(tmp_path / "net.py")).units
    assert "Net.loss(Y, seen)" in str(unit.subject.loss)
    assert judge_unit(unit, examples=12).verdict is verdict


NORMALISED = """
import numpy as np

table = np.random.rand(9, 4)
prices = np.random.rand(9, 1)

class Prices:
    def scale(self):
        self.table_1 = table[:6]
        self.prices_1 = prices[:6]
        self.table_1 = self.table_1 / np.amax(self.table_1)
        self.prices_1 = self.prices_1 / np.amax(self.prices_1)
        self.b = np.zeros((1, 1))

    def fit(self):
        self.scale()
        self.W = np.random.randn(4, 1)
        for turn in range(200):
            out = np.tanh(self.table_1 @ self.W{bias})
            loss = 0.5 * np.sum((self.prices_1 - out) ** 2)
            delta = (out - self.prices_1) * (1 - out ** 2)
            dW = self.table_1.T @ delta
            self.W = self.W - 0.1 * dW

Prices().fit()
"""


@pytest.mark.parametrize(("bias", "left_out"), [("", []), (" + self.b", ["b"])])
def test_what_an_object_computes_of_data_is_no_parameter_and_what_it_draws_is(bias, left_out, tmp_path):
    (tmp_path / "x.py").write_text(NORMALISED.format(bias=bias))
    (unit,) = recognise(read(tmp_path / "x.py")).units
    assert [name.rpartition(".")[2] for name in unit.without] == left_out
