"""The gradients of the parameters through T steps."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.t_steps.solution import rnn_forward


def case(draw: Draw) -> Case:
    """Draw three steps at least: some mistakes do not show in two."""
    T = draw.size("T", least=3)
    N, H = draw.sizes("N", "H")
    x, h0, bh = draw.normal(T, N), draw.normal(H), draw.normal(H)
    Wxh, Whh = draw.normal(H, N) / np.sqrt(N), draw.normal(H, H) / np.sqrt(H)
    dh = draw.normal(T, H)
    _, cache = rnn_forward(x, h0, Wxh, Whh, bh)

    def loss(Wxh: np.ndarray, Whh: np.ndarray, bh: np.ndarray) -> Any:
        return np.sum(dh * rnn_forward(x, h0, Wxh, Whh, bh)[0])

    return Case((dh, cache), lambda: gradients(loss, Wxh, Whh, bh))


EXAM = Exam(
    function="rnn_backward",
    returns=("dWxh", "dWhh", "dbh"),
    case=case,
    withheld=("rnn_forward",),
    wrong=(
        Wrong(
            "state-after",
            "Your `dWhh` is what one gets with h[t + 1] in place of h[t]: which state did step t read?",
            ("np.outer(dz, h[t])", "np.outer(dz, h[t + 1])"),
        ),
        Wrong(
            "no-carry",
            "Nothing comes back from the steps that follow: you use `dh[t]` alone.",
            ("dh[t] + dh_next", "dh[t]"),
        ),
        Wrong(
            "carry-not-transposed",
            "Your carry is multiplied by `Whh` as in the forward pass. Going back, the axes change roles.",
            ("Whh.T @ dz", "Whh @ dz"),
        ),
        Wrong(
            "carry-past-tanh",
            "What you carry back has gone through `Whh`, but not through the tanh of its step.",
            ("Whh.T @ dz", "Whh.T @ dstate"),
        ),
        Wrong(
            "carry-accumulates",
            "Your carry keeps what it held and adds to it. What step t passes back is all there is to carry.",
            ("dh_next = Whh.T", "dh_next = dh_next + Whh.T"),
        ),
        Wrong(
            "carry-sign",
            "Your carry comes back with the wrong sign.",
            ("dh_next = Whh.T", "dh_next = -Whh.T"),
        ),
        Wrong(
            "carry-skips-product",
            "You carry dz itself to the step before: it did not go back through `Whh`.",
            ("Whh.T @ dz", "dz"),
        ),
        Wrong(
            "slope-of-state-before",
            "Your slope of the tanh is taken at h[t], the state that step t read. Which state did its tanh make?",
            ("1 - h[t + 1] ** 2", "1 - h[t] ** 2"),
        ),
        Wrong(
            "slope-not-squared",
            "Your slope of the tanh is 1 - h. Look at the formula once more.",
            ("1 - h[t + 1] ** 2", "1 - h[t + 1]"),
        ),
        Wrong(
            "slope-of-sigmoid",
            "Your slope is h (1 - h): that is the derivative of the sigmoid.",
            ("1 - h[t + 1] ** 2", "h[t + 1] * (1 - h[t + 1])"),
        ),
        Wrong(
            "tanh-twice",
            "Your slope takes the tanh of `h` once more: `h` is the tanh already.",
            ("1 - h[t + 1] ** 2", "1 - np.tanh(h[t + 1]) ** 2"),
        ),
        Wrong(
            "no-slope",
            "You go from the state straight to its parameters: the tanh in between was left out.",
            ("(1 - h[t + 1] ** 2) * dstate", "dstate"),
        ),
        Wrong(
            "dwhh-overwritten",
            "Your `dWhh` holds the term of a single step: that of step 0, where your loop ended.",
            ("dWhh += np", "dWhh = np"),
        ),
        Wrong(
            "dwxh-overwritten",
            "Your `dWxh` holds the term of a single step: that of step 0, where your loop ended.",
            ("dWxh += np", "dWxh = np"),
        ),
        Wrong(
            "dbh-overwritten",
            "Your `dbh` holds the term of a single step: that of step 0, where your loop ended.",
            ("dbh += dz", "dbh = dz"),
        ),
        Wrong(
            "first-step-dropped",
            "Step 0 is missing from your sums: your loop ends one step too early.",
            ("reversed(range(len(x)))", "reversed(range(1, len(x)))"),
        ),
        Wrong(
            "last-step-dropped",
            "The last step is missing from your sums: your loop begins one step too early.",
            ("reversed(range(len(x)))", "reversed(range(len(x) - 1))"),
        ),
        Wrong(
            "forwards",
            "Your loop runs from the first step to the last. But step t needs what step t + 1 passes back.",
            ("reversed(range(len(x)))", "range(len(x))"),
        ),
        Wrong(
            "dwhh-transposed",
            "Your `dWhh` is the transpose of the gradient; both have shape (H, H), so that no shape tells.",
            ("np.outer(dz, h[t])", "np.outer(h[t], dz)"),
        ),
        Wrong(
            "dwxh-without-slope",
            "Your `dWxh` uses the gradient of the state, not that of z: the tanh lies between them.",
            ("np.outer(dz, x[t])", "np.outer(dstate, x[t])"),
        ),
        Wrong(
            "dbh-without-slope",
            "Your `dbh` uses the gradient of the state, not that of z: the tanh lies between them.",
            ("dbh += dz", "dbh += dstate"),
        ),
        Wrong(
            "mean-over-steps",
            "Your gradients are means over the steps. The steps are paths of their own: they are added up.",
            ("return dWxh, dWhh, dbh", "return dWxh / len(x), dWhh / len(x), dbh / len(x)"),
        ),
    ),
    also_right=(
        (("(1 - h[t + 1] ** 2) *", "(1 - h[t + 1]) * (1 + h[t + 1]) *"),),
        (("Whh.T @ dz", "dz @ Whh"),),
    ),
)
