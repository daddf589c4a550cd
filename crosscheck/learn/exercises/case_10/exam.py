"""The carry of a short text is cut off by its filling."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import MENDED, ONE, ORDINARY, Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.case_10.solution import masked_forward

CARRY = "carry = dz @ Wh.T + (1 - m[t]) * dstate"


def case(draw: Draw) -> Case:
    """Draw texts of different lengths, one of them with two steps of filling."""
    T = draw.size("T", least=4)
    B = draw.size("B", least=1 if draw.regime == ONE else 2)
    N, H = draw.sizes("N", "H")
    lengths = 1 + draw.integers(T, B)
    lengths[0], lengths[-1] = T, T - 2
    m = (np.arange(T)[:, None, None] < lengths[:, None]).astype(float)
    x, h0, b, dh = draw.normal(T, B, N), draw.normal(B, H), draw.normal(H), draw.normal(T, B, H)
    Wx, Wh = draw.normal(N, H) / np.sqrt(N), draw.normal(H, H) / np.sqrt(H)
    _, cache = masked_forward(x, m, h0, Wx, Wh, b)

    def loss(Wx: np.ndarray, Wh: np.ndarray, b: np.ndarray, h0: np.ndarray) -> Any:
        return np.sum(dh * masked_forward(x, m, h0, Wx, Wh, b)[0])

    return Case((dh, cache), lambda: gradients(loss, Wx, Wh, b, h0))


EXAM = Exam(
    function="masked_backward",
    returns=("dWx", "dWh", "db", "dh0"),
    case=case,
    withheld=("masked_forward",),
    regimes=(ORDINARY, ORDINARY, ONE),
    answer=MENDED,
    wrong=(
        Wrong(
            "as-found",
            "This is what the file did when you found it. It is right for texts that fill all T steps. Of a shorter "
            "text, what "
            "comes from its last state is lost on the way back.",
            (CARRY, "carry = dz @ Wh.T"),
        ),
        Wrong(
            "unmasked",
            "Now filling teaches the weights: the mask has gone from `dz`. It belonged there.",
            ("dz = m[t] * (1", "dz = (1"),
        ),
        Wrong(
            "mask-gone",
            "You took the mask away. The loop is now that of a network in which every step is text.",
            ("dz = m[t] * (1", "dz = (1"),
            (CARRY, "carry = dz @ Wh.T"),
        ),
        Wrong(
            "always-kept",
            "Your carry always passes on what it had, as if the state were added to. Where the mask is 1, the old "
            "state is "
            "replaced.",
            (CARRY, "carry = dz @ Wh.T + dstate"),
        ),
        Wrong(
            "mask-inverted",
            "Your carry passes on what it had where the mask is 1. When did the state go on as it was?",
            (CARRY, "carry = dz @ Wh.T + m[t] * dstate"),
        ),
        Wrong(
            "carry-lost",
            "What comes from outside at a step of filling goes on now. What was carried there from later steps does "
            "not.",
            (CARRY, "carry = dz @ Wh.T + (1 - m[t]) * dh[t]"),
        ),
        Wrong(
            "through-weights",
            "In the filling your carry goes through `Wh`. The state was not multiplied there; it went on as it was.",
            (CARRY, "carry = dz @ Wh.T + (1 - m[t]) * (dstate @ Wh.T)"),
        ),
        Wrong(
            "slope-of-state",
            "Your slope is taken at the state. With a carry that is right now, look at what the tanh made.",
            ("1 - n[t] ** 2", "1 - h[t] ** 2"),
        ),
        Wrong(
            "slope-everywhere",
            "In the filling your carry goes through the slope of a tanh. The state went round it there.",
            (CARRY, "carry = dz @ Wh.T + (1 - m[t]) * (1 - n[t] ** 2) * dstate"),
        ),
        Wrong(
            "filling-accumulates",
            "Your carry keeps what it held at every step, and adds to it.",
            (CARRY, "carry = carry + dz @ Wh.T + (1 - m[t]) * dstate"),
        ),
        Wrong(
            "carry-not-transposed",
            "The product in the carry was the right way round, for vectors that are rows.",
            ("dz @ Wh.T", "dz @ Wh"),
        ),
        Wrong(
            "db-mean",
            "`db` is a mean over the batch now. Its line was right.",
            ("dz.sum(axis=0)", "dz.mean(axis=0)"),
        ),
        Wrong(
            "state-after",
            "`dWh` uses the state after the step now. Its line was right.",
            ("dWh += h[t].T", "dWh += h[t + 1].T"),
        ),
    ),
    also_right=(((CARRY, "carry = np.where(m[t] == 1, dz @ Wh.T, dstate)"),),),
)
