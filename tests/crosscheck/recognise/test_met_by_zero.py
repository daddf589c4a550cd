"""A gradient that is zero in every case, of a weight that the loss never moves with: it is right by being zero."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

ONE_STEP = """
import numpy as np

X, labels = np.random.randn(30, 5), np.random.randint(0, 2, 30)
Whh, Wxh, Why = np.random.randn(6, 6) * 0.3, np.random.randn(6, 5) * 0.3, np.random.randn(2, 6) * 0.3
rate = 0.01
for i, row in enumerate(X):
    x = row.reshape(-1, 1)
    h = {0: np.zeros((6, 1))}
    h[1] = np.tanh(Wxh @ x + Whh @ h[0])
    p = np.exp(Why @ h[1]) / np.exp(Why @ h[1]).sum()
    loss = -np.log(p[labels[i]])
    d_y = p.copy()
    d_y[labels[i]] -= 1
    d_Why = d_y @ h[1].T
    d_h = (Why.T @ d_y) * (1 - h[1] ** 2)
    d_Wxh = d_h @ x.T
    d_Whh = d_h @ h[0].T
    Whh -= rate * d_Whh
    Wxh -= rate * d_Wxh
    Why -= rate * d_Why
    print(loss)
"""


@pytest.mark.parametrize(("state", "expected"), [("h[0].T", Verdict.AGREE), ("h[1].T", None)])
def test_a_single_step_from_a_state_of_nought(
    state: str, expected: Verdict | None, verdicts: Callable[[str], list[Verdict]]
) -> None:
    found = verdicts(ONE_STEP.replace("d_h @ h[0].T", f"d_h @ {state}"))
    assert (found == [expected]) if expected else Verdict.AGREE not in found


KEYS = """
import numpy as np

class Attention:
    def __init__(self, width, classes, longest):
        self.longest, self.width = longest, width
        self.E, self.W_out = np.random.randn(classes, width), np.random.randn(width, classes)
        self.W_q, self.b_q = np.random.randn(width, width), np.zeros(width)
        self.W_k, self.b_k = np.random.randn(width, width), np.zeros(width)

    def softmax(self, z):
        e = np.exp(z - z.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    def forward(self, ids):
        T = len(ids)
        assert T <= self.longest, f"{T} steps are more than {self.longest}"
        x = self.E[ids]
        Q, K = x @ self.W_q + self.b_q, x @ self.W_k + self.b_k
        shares = self.softmax(Q @ K.T / np.sqrt(self.width))
        context = shares @ x
        probs = self.softmax(context @ self.W_out)
        return probs, {"x": x, "Q": Q, "K": K, "shares": shares, "context": context, "probs": probs}

    def loss(self, probs, targets):
        return -np.mean(np.log(probs[np.arange(len(targets)), targets]))

    def backward(self, cache, targets, lr=0.1):
        x, shares, T = cache["x"], cache["shares"], len(targets)
        d = cache["probs"].copy()
        d[np.arange(T), targets] -= 1
        d /= T
        d_shares = d @ self.W_out.T @ x.T
        d_scores = shares * (d_shares - np.sum(d_shares * shares, axis=-1, keepdims=True)) / np.sqrt(self.width)
        dQ, dK = d_scores @ cache["K"], d_scores.T @ cache["Q"]
        dW_out = cache["context"].T @ d
        dW_q, db_q, dW_k, db_k = x.T @ dQ, dQ.sum(axis=0), x.T @ dK, {of_keys}
        self.W_out -= lr * dW_out
        self.W_q -= lr * dW_q
        self.b_q -= lr * db_q
        self.W_k -= lr * dW_k
        self.b_k -= lr * db_k
"""


@pytest.mark.parametrize(
    ("of_keys", "expected"), [("dK.sum(axis=0)", Verdict.AGREE), ("dK[0]", None)], ids=["right", "wrong"]
)
def test_a_bias_of_keys_whose_gradient_cancels(
    of_keys: str, expected: Verdict | None, judged: Callable[[str], tuple[set[Verdict], list[str]]]
) -> None:
    found, _ = judged(KEYS.replace("{of_keys}", of_keys))
    assert found == {expected} if expected else Verdict.AGREE not in found
