"""Backward passes that functions define inside of them: judged in a loop that goes through them, or named."""

from pathlib import Path

from crosscheck.recognise.recognition import recognise
from crosscheck.recognise.unjudged import INSIDE
from crosscheck.source import read

LAYERS = """import numpy as np
rng = np.random.default_rng(0)

def mse(p, t):
    return np.mean((p - t) ** 2)

def mse_prime(p, t):
    return 2 * (p - t) / p.size

def dense(n, m):
    W, b, kept = rng.normal(size=(n, m)), np.zeros(m), {}
    def forward(x):
        kept["x"] = x
        return x @ W + b
    def backward(g, rate):
        gx = g @ W.T
        W[...] = W - rate * kept["x"].T @ g
        b[...] = b - rate * g.sum(axis=0)
        return gx
    return forward, backward

layers = [dense(2, 5), dense(5, 1)]
X, Y = rng.normal(size=(6, 2)), rng.normal(size=(6, 1))
for turn in range(50):
    out = X
    for forward, _ in layers:
        out = forward(out)
    g = mse_prime(out, Y)
    for _, backward in reversed(layers):
        g = backward(g, 0.1)
"""


def test_what_nothing_goes_through_is_named(tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text(LAYERS)
    found = recognise(read(path))
    assert [unit.name for unit in found.units] == ["mse/mse_prime"]
    assert [(one.function, one.reason) for one in found.skipped] == [("dense.backward", INSIDE)]
