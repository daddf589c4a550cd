"""Made-up arguments that choose an entry in each row, and what these entries are held against."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

VALUES = """
import numpy as np
class Values:
    def __init__(self, s, h, a):
        self.W1, self.b1 = np.random.randn(s, h), np.zeros(h)
        self.W2, self.b2 = np.random.randn(h, a), np.zeros(a)
    def forward(self, X):
        self.X = X
        self.A = np.maximum(0, X @ self.W1 + self.b1)
        return self.A @ self.W2 + self.b2
    def train(self, X, actions, targets, lr=1e-3):
        Q, n = self.forward(X), len(X)
        rows = np.arange(n)
        err = Q[rows, actions] - targets
        loss = np.mean(err ** 2)
        dQ = np.zeros_like(Q)
        dQ[rows, actions] = 2 * err / n
        dW2, db2 = self.A.T @ dQ, dQ.sum(0)
        dZ = dQ @ self.W2.T * (self.A > 0)
        dW1, db1 = self.X.T @ dZ, dZ.sum({axis})
        self.W1 -= lr * dW1
        self.b1 -= lr * db1
        self.W2 -= lr * dW2
        self.b2 -= lr * db2
        return loss
"""


@pytest.mark.parametrize(("axis", "expected"), [("0", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_there_is_one_for_each_row(axis: str, expected: Verdict, judged: Judged) -> None:
    """In a table of them, rows would be chosen many times over, and written over each other."""
    assert judged(VALUES.replace("{axis}", axis)) == ({expected}, [])


STATES = """
import numpy as np
class Recurrent:
    def __init__(self, n, k):
        self.U, self.W, self.B = np.random.randn(n, k), np.random.randn(k, k), np.random.randn(k)
    def forward(self, x, h):
        self.x, self.first = x, h
        self.hs = np.zeros((x.shape[0], self.W.shape[0]))
        for i in range(x.shape[0]):
            h = np.tanh(x[i] @ self.U + h @ self.W + self.B)
            self.hs[i] = h
        return self.hs, h
    def backward(self, grad_in):
        self.grad_U, self.grad_W, self.grad_B = np.zeros_like(self.U), np.zeros_like(self.W), np.zeros_like(self.B)
        grad_out, back = np.zeros_like(self.x), 0
        for t in range(len(self.hs) - 1, -1, -1):
            z = (grad_in[t] + back) * (1 - self.hs[t] ** 2)
            grad_out[t] = z @ self.U.T
            self.grad_U += np.outer(self.x[t], z)
            self.grad_W += np.outer(self.hs[t - 1] if t else self.first, z)
            self.grad_B += z
            back = z @ self.W{turned}
        return grad_out
"""


@pytest.mark.parametrize(("turned", "expected"), [(".T", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_the_last_state_is_no_output_beside_all_states(turned: str, expected: Verdict, judged: Judged) -> None:
    verdicts, left = judged(STATES.replace("{turned}", turned))
    assert (verdicts, left) == ({expected}, [])


HELD = """
import numpy as np
class Line:
    def __init__(self, X, n):
        self.X, self.W, self.V = X, np.random.randn(3, n), np.random.randn(n, 1)
    def forward(self):
        self.H = np.tanh(self.X @ self.W)
        self.Y_hat = self.H @ self.V
    def backward(self, dvalues):
        self.dV = self.H.T @ dvalues
        self.dW = self.X.T @ (dvalues @ self.V.T * (1 - self.H{power}))
"""


@pytest.mark.parametrize(("power", "expected"), [(" ** 2", Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_a_forward_pass_may_be_handed_nothing_and_keep_its_output(
    power: str, expected: Verdict, judged: Judged
) -> None:
    assert judged(HELD.replace("{power}", power)) == ({expected}, [])
