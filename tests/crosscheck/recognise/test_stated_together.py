"""What a program penalises in one breath has to be in the steps of all of it."""

import pytest

from crosscheck.verdicts import Verdict

WRONG, RIGHT = Verdict.DISAGREE, Verdict.AGREE
FACTORS = """
import numpy as np

def factorise(R, P, Q, K, steps=50, alpha=0.002, beta={beta}):
    Q = Q.T
    for step in range(steps):
        for i in range(len(R)):
            for j in range(len(R[i])):
                if R[i][j] > 0:
                    eij = R[i][j] - np.dot(P[i, :], Q[:, j])
                    for k in range(K):
                        pik = P[i][k]
                        P[i][k] += alpha * (2 * eij * Q[k][j]{of_p})
                        Q[k][j] += alpha * (2 * eij * pik{of_q})
        e = 0
        for i in range(len(R)):
            for j in range(len(R[i])):
                if R[i][j] > 0:
                    e = e + pow(R[i][j] - np.dot(P[i, :], Q[:, j]), 2)
                    for k in range(K):
                        e = e + {stated}
        if e < 0.001:
            break
    return P, Q.T

R = np.array([[5, 3, 0, 1], [4, 0, 2, 1], [1, 1, 0, 5]])
P, Q = factorise(R, np.random.rand(3, 2), np.random.rand(4, 2), 2)
"""
TOGETHER = "(beta / 2) * (pow(P[i][k], 2) + pow(Q[k][j], 2))"
APART = "beta / 2 * P[i][k] ** 2 + beta / 2 * Q[k][j] ** 2"
OF_P, OF_Q = " - beta * P[i][k]", " - beta * Q[k][j]"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("stated", "of_p", "of_q", "beta", "verdict"),
    [
        (TOGETHER, OF_P, OF_Q, 0.02, RIGHT),
        (TOGETHER, OF_P, "", 0.02, WRONG),
        (TOGETHER, "", OF_Q, 0.02, WRONG),
        (APART, OF_P, "", 0.02, WRONG),
        (TOGETHER, "", "", 0.02, WRONG),
        (TOGETHER, "", "", 0.0, RIGHT),
        ("0.0 * k", OF_P, "", 0.02, RIGHT),
        ("beta / 2 * P[i][k] ** 2", OF_P, "", 0.02, RIGHT),
    ],
)
def test_what_is_penalised_together_decays_together(verdicts, stated, of_p, of_q, beta, verdict):
    code = FACTORS.format(stated=stated, of_p=of_p, of_q=of_q, beta=beta)
    assert verdicts(code) == [verdict]


MARGINS = """
import numpy as np

class Machine:
    def hinge_loss(self, X, y):
        return 0.5 * self.w @ self.w + self.C * np.mean(np.maximum(0, 1 - y * (X @ self.w + self.b)))

    def fit(self, X, y, C=1.0, rate=0.01, size=8):
        self.w, self.b, self.C, self.losses = np.zeros(X.shape[1]), 0.0, C, []
        for epoch in range(5):
            order = np.random.permutation(len(X))
            for s in range(0, len(X), size):
                gw, gb = 0, 0
                for i in order[s : s + size]:
                    if y[i] * (X[i] @ self.w + self.b) < 1:
                        gw = gw - y[i] * X[i]
                        gb = gb - y[i]
                self.w = self.w - rate * ({own}self.C * gw / size)
                self.b = self.b - rate * self.C * gb / size
            self.losses.append(self.hinge_loss(X, y))

np.random.seed(0)
y = np.sign(np.random.randn(64))
Machine().fit(np.random.randn(64, 2) + y[:, None], y)
"""


@pytest.mark.parametrize(("own", "verdict"), [("self.w + ", RIGHT), ("", WRONG)])
def test_a_penalty_of_one_weight_is_in_its_steps(verdicts, own, verdict):
    assert verdicts(MARGINS.format(own=own)) == [verdict]


LINE = """
import numpy as np

def cost(w, X, y):
    return 0.5 * np.sum((X @ w - y) ** 2) + 0.5 * np.sum(w ** 2)

X, w = np.random.randn(30, 3), np.random.randn(3)
y = X.sum(axis=1)
for turn in range(9):
    dw = X.T @ (X @ w - y){own}
    w -= 0.01 * dw
    print(cost(w, X, y))
"""


@pytest.mark.parametrize(("own", "verdict"), [(" + w", RIGHT), ("", WRONG)])
def test_a_cost_that_has_its_penalty_gets_no_other_one(verdicts, own, verdict):
    assert verdicts(LINE.format(own=own)) == [verdict]
