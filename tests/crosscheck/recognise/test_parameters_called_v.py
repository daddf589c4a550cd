"""A parameter that bears the name of an optimiser's memory: `v` scores attention."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

ATTENTION = """
import numpy as np

def forward(xs, params):
    out, kept = [], []
    for x in xs:
        e = np.tanh(x @ params["W"])
        a = np.exp(e @ params["v"])
        a = a / a.sum()
        out.append(a @ x)
        kept.append((x, e, a))
    return np.array(out), kept

def backward(dout, kept, params):
    grads = {k: np.zeros_like(p) for k, p in params.items()}
    for t in range(len(kept)):
        x, e, a = kept[t]
        da = x @ dout[t]
        ds = a * (da - a @ da)
        dv = e.T @ ds
        dW = x.T @ (np.outer(ds, params["v"]) * (1 - e ** 2))
        for k, g in zip(("W", "v"), (dW, dv)):
            grads[k] {adds} g
    return grads

params = {"W": np.random.randn(3, 4), "v": np.random.randn(4)}
xs = np.random.randn(5, 6, 3)
out, kept = forward(xs, params)
grads = backward(np.random.randn(5, 3), kept, params)
"""


@pytest.mark.parametrize(("adds", "verdict"), [("+=", Verdict.AGREE), ("=", Verdict.DISAGREE)])
def test_what_is_returned_for_it_is_its_gradient(
    adds: str, verdict: Verdict, verdicts: Callable[[str], list[Verdict]]
) -> None:
    assert verdicts(ATTENTION.replace("{adds}", adds)) == [verdict]
