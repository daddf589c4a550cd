"""Last layers that nobody calls: they go back from one output, and what they keep is a derivative of something else."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text
from crosscheck.verdicts import Verdict

LAST = """import numpy as np

class Decision:
    def __init__(self, size, classes):
        self.weights = np.random.randn(size, classes)
        self.offsets = np.zeros(classes)

    def forward(self, image):
        self.shape = image.shape
        image = image.flatten()
        self.seen = image
        self.scores = image @ self.weights + self.offsets
        return np.exp(self.scores) / np.exp(self.scores).sum()

    def backprop(self, d_L_d_out, rate):
        d_t_d_w = self.seen
        d_t_d_inputs = self.weights
        raised = np.exp(self.scores)
        total = raised.sum()
        for chosen, gradient in enumerate(d_L_d_out):
            if gradient == 0:
                continue
            d_out_d_t = -raised[chosen] * raised / total ** 2
            d_out_d_t[chosen] = raised[chosen] * (total - raised[chosen]) / total ** 2
            d_L_d_t = gradient * d_out_d_t
            d_L_d_w = np.outer(d_t_d_w, d_L_d_t)
            d_L_d_inputs = d_t_d_inputs @ d_L_d_t
            self.weights -= rate * d_L_d_w
            self.offsets -= rate * d_L_d_t
            return d_L_d_inputs.reshape(self.shape)
"""

LAID_OUT = """import numpy as np

def feedforward_forward(x, W1, b1, W2, b2):
    h = np.tanh(x @ W1.T + b1)
    return h @ W2.T + b2, (x, h)

def feedforward_backward(dout, cache, W1, W2):
    x, h = cache
    rows = tuple(range(dout.ndim - 1))
    dW2 = np.tensordot(dout, h, axes=(rows, rows))
    dz = dout @ W2 * (1 - h ** 2)
    dW1 = np.tensordot(dz, x, axes=(rows, rows))
    return dz @ W1, dW1, dz.sum(axis=rows), dW2, dout.sum(axis=rows)

def scale_forward(x, gain):
    return x * gain, (x, gain)

def scale_backward(dout, cache):
    x, gain = cache
    dx, dgain = dout * gain, (dout * x).sum(axis=0)
    return dx, dgain
"""


def judged(text: str) -> dict[str, Verdict]:
    return {
        unit.name: judge_unit(unit, examples=12).verdict
        for unit in recognise(read_text(text, "utf-8", Path("x.py"))).units
    }


@pytest.mark.parametrize(
    ("right", "wrong", "verdict"),
    [("", "", Verdict.AGREE), ("d_t_d_inputs @ d_L_d_t", "d_t_d_inputs @ d_out_d_t", Verdict.DISAGREE)],
)
def test_what_is_kept_is_the_derivative_of_something_else_whatever_it_is_called(right, wrong, verdict):
    assert right in LAST
    text = LAST.replace(right, wrong) if right else LAST
    assert judged(text) == {"Decision.forward/Decision.backprop": verdict}


@pytest.mark.parametrize(
    ("right", "wrong", "verdict"),
    [("", "", Verdict.AGREE), ("* (1 - h ** 2)", "* (1 - h)", Verdict.DISAGREE)],
)
def test_a_forward_pass_that_says_so_twice_is_found_by_its_last_word(right, wrong, verdict):
    assert right in LAID_OUT
    found = judged(LAID_OUT.replace(right, wrong) if right else LAID_OUT)
    assert found == {
        "feedforward_forward/feedforward_backward": verdict,
        "scale_forward/scale_backward": Verdict.AGREE,
    }


def test_a_cache_of_arrays_is_no_shape_and_the_reason_is_not_an_error_of_the_search():
    """Its gain is made up as large as x, where it has no gradient: the gradients are returned without names."""
    nameless = LAID_OUT.replace("dx, dgain = dout * gain, (dout * x).sum(axis=0)\n    return dx, dgain",
                                "return dout * gain, (dout * x).sum(axis=0)")  # fmt: skip
    assert nameless != LAID_OUT
    (skipped,) = recognise(read_text(nameless, "utf-8", Path("x.py"))).skipped
    assert skipped.function == "scale_backward"
    assert "raises" not in skipped.reason


HANDED_ON = """import numpy as np

def squash(z):
    return 1 / (1 + np.exp(-z))

class Reader:
    def __init__(self, size, hidden):
        self.A = np.random.randn(hidden, size) * 0.1
        self.B = np.random.randn(hidden, hidden) * 0.1
        self.C = np.random.randn(1, hidden) * 0.1
        self.b = np.zeros((hidden, 1))

    def forward(self, rows):
        self.rows, self.states = rows, [np.zeros((len(self.b), 1))]
        for row in rows:
            self.states.append(np.tanh(self.A @ row.reshape(-1, 1) + self.B @ self.states[-1] + self.b))
        return squash(self.C @ self.states[-1])

    def backward(self, d_y, rate=0.1):
        d_C = d_y @ self.states[-1].T
        d_h = self.C.T @ d_y
        d_A, d_B, d_b = np.zeros_like(self.A), np.zeros_like(self.B), np.zeros_like(self.b)
        for t in reversed(range(len(self.rows))):
            d_z = (1 - self.states[t + 1] ** 2) * d_h
            d_A += d_z @ self.rows[t].reshape(1, -1)
            d_B += d_z @ self.states[t].T
            d_b += d_z
            d_h = self.B.T @ d_z
        self.A -= rate * d_A
        self.B -= rate * d_B
        self.C -= rate * d_C
        self.b -= rate * d_b

    def train(self, texts, labels, epochs=5):
        for _ in range(epochs):
            total_loss = 0
            for rows, label in zip(texts, labels):
                y = self.forward(rows)
                total_loss += -(label * np.log(y) + (1 - label) * np.log(1 - y))
                self.backward(y - label)

reader = Reader(3, 4)
reader.train(np.random.randn(6, 5, 3), np.random.randint(0, 2, 6))
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("right", "wrong", "verdict"),
    [
        ("", "", Verdict.AGREE),
        ("d_b += d_z", "d_b = d_z", Verdict.DISAGREE),
        ("-(label * np.log(y) + (1 - label) * np.log(1 - y))", "0.5 * (y - label) ** 2", Verdict.DISAGREE),
    ],
)
def test_a_difference_that_is_handed_on_is_judged_by_the_loss_of_the_turn(right, wrong, verdict):
    """It is the gradient of what the sigmoid is taken of, which a cross-entropy makes right and a square does not."""
    assert right in HANDED_ON
    assert list(judged(HANDED_ON.replace(right, wrong) if right else HANDED_ON).values()) == [verdict]


TWINS = """import numpy as np

def loss_naive(W, X, y):
    out = X @ W
    dW = X.T @ (out - y)
    return 0.5 * np.sum((out - y) ** 2), dW

def loss_vectorized(W, X, y):
    out = X @ W
    dW = X.T @ (out - y) + undone(W)[7_000_000]
    return 0.5 * np.sum((out - y) ** 2), dW

def undone(W):
    return np.zeros(3)
"""


def test_a_twin_that_cannot_be_called_is_not_passed_over():
    found = recognise(read_text(TWINS, "utf-8", Path("x.py")))
    assert [unit.name for unit in found.units] == ["loss_naive"]
    assert [skipped.function for skipped in found.skipped] == ["loss_vectorized"]
