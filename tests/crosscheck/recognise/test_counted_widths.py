"""Arguments made up for code that nothing calls: widths that are counted up to, tables that must be square."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

FACTORS = """import numpy as np

def factorise(R, P, Q, K, steps=50, rate=0.002, beta=0.02):
    Q = Q.T
    for step in range(steps):
        for i in range(len(R)):
            for j in range(len(R[i])):
                if R[i][j] > 0:
                    eij = R[i][j] - np.dot(P[i, :], Q[:, j])
                    for k in range(K):
                        before = P[i][k]
                        P[i][k] = P[i][k] + rate * (2 * eij * Q[k][j] - beta * P[i][k])
                        Q[k][j] = Q[k][j] + rate * (2 * eij * before - beta * Q[k][j])
    return P, Q.T
"""
KERNELS = """import numpy as np

class Conv:
    def __init__(self, num_filters, size, rate):
        self.rate, self.num_filters, self.size = rate, num_filters, size
        self.filters = np.random.randn(num_filters, size, size) / size ** 2

    def forward(self, input):
        self.input = input
        rows, columns = input.shape
        out = np.zeros((rows - self.size + 1, columns - self.size + 1, self.num_filters))
        for i in range(out.shape[0]):
            for j in range(out.shape[1]):
                patch = input[i:i + self.size, j:j + self.size]
                out[i, j] = np.sum(patch * self.filters, axis=(1, 2))
        return out

    def backward(self, d_out):
        d_filters = np.zeros(self.filters.shape)
        rows, columns = self.input.shape
        for i in range(rows - self.size + 1):
            for j in range(columns - self.size + 1):
                patch = self.input[i:i + self.size, j:j + self.size]
                for f in range(self.num_filters):
                    d_filters[f] += d_out[i, j, f] * patch
        self.filters -= self.rate * d_filters
"""
PATCH = "patch = self.input[i:i + self.size, j:j + self.size]"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("entry", "verdict"), [("before", Verdict.AGREE), ("P[i][k]", Verdict.DISAGREE)], ids=["before", "moved already"]
)
def test_factors_are_as_wide_as_is_counted(entry: str, verdict: Verdict, verdicts: Callable) -> None:
    assert verdicts(FACTORS.replace("eij * before", f"eij * {entry}")) == [verdict]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("patch", "verdict"),
    [(PATCH, Verdict.AGREE), (PATCH.replace("[i:i", "[j:j").replace(" j:j", " i:i"), Verdict.DISAGREE)],
    ids=["right", "turned"],
)
def test_what_can_only_be_called_with_a_square_is(patch: str, verdict: Verdict, verdicts: Callable) -> None:
    assert verdicts(KERNELS.replace(PATCH, patch)) == [verdict]
