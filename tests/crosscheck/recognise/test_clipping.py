"""Gradients after a file's own clip: shown, and never judged."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.clipping import clipped
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

PROGRAM = """
import numpy as np

def clip_gradients(grads):
    return [np.clip(grad, -0.01, 0.01) for grad in grads]

def loss_and_gradient(w, x):
    z = x @ w
    loss = np.sum(z * z)
    dw = x.T @ (2 * z)
    CLIP
    return loss, dw

loss_and_gradient(np.ones((3, 2)), np.ones((5, 3)))
"""
PAIR = """
import numpy as np

def forward(w, x):
    z = x @ w
    return np.sum(z * z), (w, x, z)

def backward(cache):
    w, x, z = cache
    dw = x.T @ (2 * z)
    np.clip(dw, -0.01, 0.01, out=dw)
    return dw

loss, cache = forward(np.ones((3, 2)), np.ones((5, 3)))
dw = backward(cache)
"""


def unit_of(text):
    (unit,) = recognise(read_text(text, "utf-8", Path("x.py"))).units
    return unit


def both(unit):
    """Return the gradient of one case without its clips, and what they make of it."""
    arguments = unit.cases.build(unit.cases.draw(0, 1)).arguments
    return unit.subject(*arguments).gradients["w"], clipped(unit, arguments, 10.0)


@pytest.mark.parametrize(
    "text",
    [
        PROGRAM.replace("CLIP", "np.clip(dw, -0.01, 0.01, out=dw)"),
        PROGRAM.replace("CLIP", "dw = np.maximum(-0.01, np.minimum(dw, 0.01))"),
        PROGRAM.replace("CLIP", "dw = np.minimum(np.maximum(dw, -0.01), 0.01)"),
        PROGRAM.replace("CLIP", "(dw,) = clip_gradients([dw])"),
        PAIR,
    ],
)
def test_the_clip_takes_place_for_once(text):
    unit = unit_of(text)
    before, after = both(unit)
    assert np.abs(before).max() > 0.01
    np.testing.assert_array_equal(after["w"], np.clip(before, -0.01, 0.01))
    np.testing.assert_array_equal(both(unit)[0], before)


@pytest.mark.parametrize("clip", ["pass", "np.clip(dv, -5, 5, out=dv)"])
def test_without_a_clip_and_with_one_that_raises_there_is_nothing_to_show(clip):
    assert both(unit_of(PROGRAM.replace("CLIP", clip)))[1] == {}


def test_the_report_counts_magnitudes_before_and_after():
    unit = unit_of(PROGRAM.replace("CLIP", "np.clip(dw, -0.01, 0.01, out=dw)"))
    report = judge_unit(unit, examples=4, pictures=True).as_dict()
    assert report["verdict"] == "agree"
    counted = report["pictures"]["magnitudes"]
    limits = np.array(counted["edges"][:-1])
    assert sum(counted["before"]) == sum(counted["after"]["clip"])
    assert sum(np.array(counted["before"])[limits > -2]) > 0
    assert sum(np.array(counted["after"]["clip"])[limits > -2]) == 0


HARD = """
import numpy as np

class Hard:
    def forward(self, x):
        self.x = x.copy()
        CLIP
        return x

    def backward(self, dout):
        return dout * SLOPE

layer = Hard()
layer.forward(np.random.randn(3, 4) * 2)
layer.backward(np.random.randn(3, 4))
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    "clip", ["x = np.clip(x, -1, 1)", "x = np.maximum(-1, np.minimum(x, 1))", "np.clip(x, -1, 1, out=x)"]
)
@pytest.mark.parametrize(("slope", "verdict"), [("(np.abs(self.x) < 1)", Verdict.AGREE), ("1.0", Verdict.DISAGREE)])
def test_an_activation_is_no_clip_of_gradients(clip, slope, verdict):
    report = judge_unit(unit_of(HARD.replace("CLIP", clip).replace("SLOPE", slope)), examples=20)
    assert report.verdict is verdict


BOUNDED = """
import numpy as np

class Slow:
    def __init__(self, n):
        self.w, self.v = np.random.randn(n, 4) * 0.3, np.random.randn(4, 1) * 0.3

    def forward(self, X):
        self.X, self.h = X, np.tanh(X @ self.w)
        return self.h @ self.v

    def backward(self, d_out, rate=0.1):
        dv = self.h.T @ d_out
        dw = self.X.T @ (d_out @ self.v.T * {slope})
        self.v -= rate * dv
        {step}

def train():
    net = Slow(5)
    for turn in range(300):
        X = np.random.randn(40, 5)
        y = np.sum(X, axis=1, keepdims=True)
        out = net.forward(X)
        loss = np.mean((out - y) ** 2)
        net.backward(2 * (out - y) / len(y), rate=0.05)
        print(loss)

train()
"""
STEPS = (
    "self.w -= rate * dw\n        self.w = np.maximum(self.w, 0.05)",
    "self.w -= rate * dw\n        self.w[self.w < 0.05] = 0.05",
    "self.w = self.w - rate * dw\n        np.clip(self.w, 0.05, 1, out=self.w)",
    "self.w -= rate * dw\n        self.w /= np.linalg.norm(self.w)",
    "self.w = np.maximum(0.05, self.w - rate * dw)",
)


@pytest.mark.thorough
@pytest.mark.parametrize("step", STEPS)
def test_a_step_within_bounds_is_judged_without_them(verdicts, step):
    """Where nothing but the step is seen, it is no gradient where a bound has changed it."""
    assert verdicts(BOUNDED.format(slope="(1 - self.h ** 2)", step=step)) == [Verdict.AGREE, Verdict.AGREE]
    wrong = recognise(read_text(BOUNDED.format(slope="(1 - self.h)", step=step), "utf-8", Path("x.py")))
    assert Verdict.DISAGREE in [judge_unit(unit, examples=6).verdict for unit in wrong.units]
