"""A carry that keeps what it held."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import MENDED, Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.case_4.solution import batch_forward


def case(draw: Draw) -> Case:
    """Draw three steps at least: two hide it."""
    T = draw.size("T", least=3)
    B, N, H = draw.sizes("B", "N", "H")
    x, h0, b, dh = draw.normal(T, B, N), draw.normal(B, H), draw.normal(H), draw.normal(T, B, H)
    Wx, Wh = draw.normal(N, H) / np.sqrt(N), draw.normal(H, H) / np.sqrt(H)
    _, cache = batch_forward(x, h0, Wx, Wh, b)

    def loss(Wx: np.ndarray, Wh: np.ndarray, b: np.ndarray, h0: np.ndarray) -> Any:
        return np.sum(dh * batch_forward(x, h0, Wx, Wh, b)[0])

    return Case((dh, cache), lambda: gradients(loss, Wx, Wh, b, h0))


EXAM = Exam(
    function="batch_backward",
    returns=("dWx", "dWh", "db", "dh0"),
    case=case,
    withheld=("batch_forward",),
    answer=MENDED,
    wrong=(
        Wrong(
            "as-found",
            "This is what the file did when you found it. With T = 1 it is right, with T = 2 all but `dh0` is, from T "
            "= 3 on "
            "nothing.",
            ("carry = dz @", "carry += dz @"),
        ),
        Wrong(
            "no-carry",
            "Now nothing comes back from the steps that follow: the last step is right, the others are not.",
            ("(dh[t] + carry)", "dh[t]"),
        ),
        Wrong(
            "not-transposed",
            "Your carry goes through `Wh` as in the forward pass. Going back, the axes change roles.",
            ("dz @ Wh.T", "dz @ Wh"),
        ),
        Wrong(
            "past-tanh",
            "What you carry back went through `Wh`, but not through the tanh of its step.",
            ("carry = dz @ Wh.T", "carry = (dh[t] + carry) @ Wh.T"),
        ),
        Wrong(
            "outside-only",
            "What you carry back is what came from outside. What came from later steps is dropped on the way.",
            ("carry = dz @ Wh.T", "carry = ((1 - h[t + 1] ** 2) * dh[t]) @ Wh.T"),
        ),
        Wrong(
            "averaged",
            "`db` is a mean over the batch now. The sequences are paths of their own: their terms add up.",
            ("dz.sum(axis=0)", "dz.mean(axis=0)"),
        ),
        Wrong(
            "weights-overwritten",
            "`dWx`, `dWh` and `db` hold the term of one step alone now. They did accumulate before, rightly.",
            ("dWx += x", "dWx = x"),
            ("dWh += h", "dWh = h"),
            ("db += dz", "db = dz"),
        ),
        Wrong(
            "dwh-overwritten",
            "`dWh` holds the term of one step alone now. Every step uses `Wh`.",
            ("dWh += h", "dWh = h"),
        ),
        Wrong(
            "state-after",
            "`dWh` uses `h[t + 1]`, the state that step t made. Which one did it read?",
            ("dWh += h[t].T", "dWh += h[t + 1].T"),
        ),
        Wrong(
            "slope-before",
            "You take the slope at `h[t]`. The tanh of step t made `h[t + 1]`, as the file had it.",
            ("1 - h[t + 1] ** 2", "1 - h[t] ** 2"),
        ),
        Wrong(
            "decay",
            "You made the carry half as large. It explodes less, and is still not the gradient.",
            ("carry = dz @ Wh.T", "carry = 0.5 * (carry + dz @ Wh.T)"),
        ),
        Wrong(
            "forwards",
            "The loop runs from the first step to the last now. But step t needs what step t + 1 hands back.",
            ("reversed(range(len(x)))", "range(len(x))"),
        ),
    ),
    also_right=((("dz @ Wh.T", "(Wh @ dz.T).T"),),),
)
