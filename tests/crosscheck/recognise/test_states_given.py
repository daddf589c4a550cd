"""First states that nothing hands over, and states of which the first one comes before the steps."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.other_calls import with_states_given
from crosscheck.source import read
from crosscheck.verdicts import Verdict

OPTIONAL = """
import numpy as np

class Layer:
    def __init__(self, wide, deep):
        self.W, self.R = np.random.randn(wide, deep), np.random.randn(deep, deep)

    def forward(self, x, h_0=None):
        self.x = x
        if h_0 is None:
            h_0 = np.zeros((x.shape[0], self.R.shape[0]))
        self.h = [h_0]
        for t in range(x.shape[1]):
            self.h.append(np.tanh(x[:, t] @ self.W + self.h[-1] @ self.R))
        return np.stack(self.h[1:], axis=1)

    def backward(self, dout):
        self.dW, self.dR = np.zeros_like(self.W), np.zeros_like(self.R)
        later = np.zeros_like(self.h[0])
        for t in reversed(range(self.x.shape[1])):
            draw = (dout[:, t] + later) * (1 - self.h[t + 1] ** 2)
            self.dW += self.x[:, t].T @ draw
            self.dR += {before}.T @ draw
            later = draw @ self.R.T
        return self.dW, self.dR
"""
ZEROS = "(self.h[t] if t > 0 else np.zeros_like(self.h[0]))"
UNROLLED = """
import numpy as np

class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, X):
        return X @ self.W + self.b

    def backward(self, X, gY):
        return gY @ self.W.T, X.T @ gY, gY.sum(0)

class Unrolled:
    def __init__(self, deep, steps):
        self.W, self.b = np.random.randn(deep, deep) * 0.5, np.zeros(deep)
        self.first, self.steps = np.zeros(deep), steps
        self.affine = Affine(self.W, self.b)

    def forward(self, X):
        S = np.zeros((X.shape[0], X.shape[1] + 1, len(self.b)))
        S[:, 0, :] = self.first
        for k in range(self.steps):
            S[:, k + 1, :] = np.tanh(X[:, k, :] + self.affine.forward(S[:, k, :]))
        return S

    def backward(self, X, S, gY):
        gS, gZ = np.zeros_like(gY[:, 0, :]), np.zeros_like(X)
        gW, gb = np.zeros_like(self.W), np.zeros_like(self.b)
        for k in range(self.steps - 1, -1, -1):
            gS += gY[:, k, :]
            gZ[:, k, :] = gS * (1 - S[:, k + {at}, :] ** 2)
            gS, gw, gc = self.affine.backward(S[:, k, :], gZ[:, k, :])
            gW += gw
            gb += gc
        return gZ, gW, gb, gS.sum(0)
"""

TWO_LAYERS = """
import numpy as np

class Bend:
    def forward(self, X):
        self.Y = np.tanh(X)
        return self.Y

    def backward(self, gY):
        return gY * (1 - self.Y ** 2)

class Affine:
    def __init__(self, n):
        self.W = np.random.randn(n, n)

    def forward(self, X):
        self.X = X
        return X @ self.W

    def backward(self, gY):
        self.gW = self.X.T @ gY
        return gY @ self.W.T

affine, bend = Affine(4), Bend()
X = np.random.randn(6, 4)
for turn in range(3):
    out = bend.forward(affine.forward(X))
    gX = affine.backward(bend.backward(np.random.randn(6, 4)))
"""


@pytest.mark.parametrize(("before", "verdict"), [("self.h[t]", Verdict.AGREE), (ZEROS, Verdict.DISAGREE)])
def test_a_first_state_that_may_be_given(before: str, verdict: Verdict, tmp_path: Path) -> None:
    """With zeros in its place both are right; nothing in the file says that it is zeros."""
    path = tmp_path / "program.py"
    path.write_text(OPTIONAL.format(before=before))
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit).verdict is Verdict.AGREE
    given = with_states_given(unit)
    assert given is not None
    assert given.name.endswith("with h_0 given")
    assert judge_unit(given).verdict is verdict


def test_a_first_state_that_the_file_leaves_out_stays_zeros(tmp_path: Path) -> None:
    """What it is called with is what it is judged with."""
    called = (
        "layer = Layer(3, 4)\nout = layer.forward(np.random.randn(5, 6, 3))\nlayer.backward(np.random.randn(5, 6, 4))"
    )
    path = tmp_path / "program.py"
    path.write_text(OPTIONAL.format(before=ZEROS) + called)
    (unit,) = recognise(read(path)).units
    assert with_states_given(unit) is None


@pytest.mark.parametrize(("at", "verdict"), [("1", Verdict.AGREE), ("0", Verdict.DISAGREE)])
def test_gradients_of_steps_are_those_of_the_states_behind_them(
    verdicts: Callable[[str], list[Verdict]], at: str, verdict: Verdict
) -> None:
    """One is handed over for each state, and the k-th is that of the state after the k-th step."""
    assert verdict in verdicts(UNROLLED.format(at=at))


def test_a_layer_goes_back_from_its_own_forward(verdicts: Callable[[str], list[Verdict]]) -> None:
    """Not from that of another layer, though its result has the right shape as well."""
    assert verdicts(TWO_LAYERS) == [Verdict.AGREE, Verdict.AGREE]
