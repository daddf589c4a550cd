"""A loop that learns is told by what it does, not by what its variables are called."""

import ast

import pytest

from crosscheck.recognise.moving import moves_weights


@pytest.mark.parametrize(
    ("body", "learns"),
    [
        ("a = sig(np.dot(x, w)); w += np.dot(x.T, q)", True),
        ("a = sig(x.dot(w)); step = x.T.dot(q); w = w - 0.1 * step", True),
        ("a = np.tanh(self.w @ x); self.w -= r * np.outer(q, x)", True),
        ("a = np.tanh(net['w'] @ x); net['w'] -= r * q @ x.transpose()", True),
        ("h += 0.1 * (w @ h)", False),
        ("p = p + v; v = v - w @ p", False),
        ("a = x @ w; total += a.T @ a", False),
        ("a = x @ w; count += 1", False),
    ],
)
def test_weights_are_multiplied_by_and_moved(body: str, learns: bool) -> None:
    loop = ast.parse("for i in range(9):\n" + "".join(f"    {line}\n" for line in body.split("; ")))
    assert moves_weights(loop) is learns
