"""Parameters in a dictionary that a comprehension takes apart by names that are written down."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

Judged = Callable[[str], tuple[set[Verdict], list[str]]]

LAST = """
import numpy as np

def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()

def states(x, W, U, b):
    h, hs = np.zeros(len(W)), np.empty((len(x), len(W)))
    for t in range(x.shape[0]):
        h = np.tanh(W @ h + U @ x[t] + b)
        hs[t] = h
    return hs

def bptt(params, x, y):
    W, U, b, V, c = (params[k] for k in ("W", "U", "b", "V", "c"))
    hs = states(x, W, U, b)
    p = softmax(V @ hs[-1] + c)
    loss = -np.log(p[y])
    d = p.copy()
    d[y] -= 1
    g = {"V": np.outer(d, hs[-1]), "c": d, "W": np.zeros_like(W), "U": np.zeros_like(U), "b": np.zeros_like(b)}
    late = V.T @ d
    for t in range(len(x) - 1, -1, -1):
        raw = late * (1 - hs[t] ** 2)
        g["W"] += np.outer(raw, {before} if t else np.zeros(len(W)))
        g["U"] += np.outer(raw, x[t])
        g["b"] += raw
        late = W.T @ raw
    return loss, g

def state_jacobian_norms(x, W, U, b):
    hs, dh, norms = states(x, W, U, b), np.eye(len(W)), []
    for h in hs:
        dh_dh = np.diag(1 - h**2) @ W
        dh = dh_dh @ dh
        norms.append(np.linalg.norm(dh, 2))
    return norms
"""


@pytest.mark.parametrize(
    ("before", "expected"), [("hs[t - 1]", Verdict.AGREE), ("hs[t]", Verdict.DISAGREE)], ids=["right", "wrong"]
)
def test_such_parameters_are_made_up_by_their_names(before: str, expected: Verdict, judged: Judged) -> None:
    code = LAST.replace("{before}", before)
    assert judged(code) == ({expected}, [])
