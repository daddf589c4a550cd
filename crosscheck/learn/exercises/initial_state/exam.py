"""What a window takes over from the next one, and what it hands to the one before."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.initial_state.solution import window_forward


def case(draw: Draw) -> Case:
    """Draw a window of three steps at least, and a loss that sees its last state twice."""
    T = draw.size("T", least=3)
    N, H = draw.sizes("N", "H")
    x, h0, bh = draw.normal(T, N), draw.normal(H), draw.normal(H)
    Wxh, Whh = draw.normal(H, N) / np.sqrt(N), draw.normal(H, H) / np.sqrt(H)
    dh, dlast = draw.normal(T, H), draw.normal(H)
    *_, cache = window_forward(x, h0, Wxh, Whh, bh)

    def loss(h0: np.ndarray, Wxh: np.ndarray, Whh: np.ndarray, bh: np.ndarray) -> Any:
        states, last, _ = window_forward(x, h0, Wxh, Whh, bh)
        return np.sum(dh * states) + np.sum(dlast * last)

    return Case((dh, dlast, cache), lambda: gradients(loss, h0, Wxh, Whh, bh))


EXAM = Exam(
    function="window_backward",
    returns=("dh0", "dWxh", "dWhh", "dbh"),
    case=case,
    withheld=("window_forward",),
    wrong=(
        Wrong(
            "dlast-unused",
            "Your carry begins with zeros, as if nothing followed. But the next window reads the last state.",
            ("carry = dlast", "carry = np.zeros_like(dlast)"),
        ),
        Wrong(
            "dlast-replaces",
            "For the last state you use `dlast` in place of its row of `dh`. The state is seen twice: both count.",
            ("(dh[t] + carry)", "(carry if t == len(x) - 1 else dh[t] + carry)"),
        ),
        Wrong(
            "dlast-at-every-step",
            "You add `dlast` at every step. Only the last state is read by the next window.",
            ("(dh[t] + carry)", "(dh[t] + carry + (dlast if t < len(x) - 1 else 0))"),
        ),
        Wrong(
            "dlast-through-whh",
            "You send `dlast` through `Whh` before you add it. It is the gradient of h[T] already.",
            ("carry = dlast", "carry = Whh.T @ dlast"),
        ),
        Wrong(
            "dlast-after-tanh",
            "You treat `dlast` as the gradient of z in the last step. It belongs to the state, before the tanh.",
            (
                "(1 - h[t + 1] ** 2) * (dh[t] + carry)",
                "(1 - h[t + 1] ** 2) * (dh[t] + (carry if t < len(x) - 1 else 0)) + (carry if t == len(x) - 1 else 0)",
            ),
        ),
        Wrong(
            "dh0-zero",
            "Your `dh0` is zero. The initial state has no row of `dh`, but step 0 reads it.",
            ("dh0 = carry", "dh0 = np.zeros_like(carry)"),
        ),
        Wrong(
            "dh0-is-dz",
            "Your `dh0` is the gradient of z in step 0: it has not gone back through `Whh` yet.",
            ("dh0 = carry", "dh0 = dz"),
        ),
        Wrong(
            "dh0-one-step-short",
            "Your `dh0` is the gradient of h[1]: it stops one step before the initial state.",
            ("dh0 = carry", "dh0 = dz / (1 - h[1] ** 2)"),
        ),
        Wrong(
            "dh0-with-outside",
            "You add `dh[0]` to your `dh0`. That row belongs to h[1], and step 0 has used it already.",
            ("dh0 = carry", "dh0 = carry + dh[0]"),
        ),
        Wrong(
            "dh0-through-tanh",
            "Your `dh0` went through one tanh too many: which step made h0, and does it belong to this window?",
            ("dh0 = carry", "dh0 = (1 - h[0] ** 2) * carry"),
        ),
        Wrong(
            "dh0-one-step-too-far",
            "Your `dh0` went back through `Whh` once more than there are steps.",
            ("dh0 = carry", "dh0 = Whh.T @ carry"),
        ),
        Wrong(
            "dh0-with-dlast",
            "You add `dlast` to your `dh0`. It belongs to the other end of the window.",
            ("dh0 = carry", "dh0 = carry + dlast"),
        ),
        Wrong(
            "dh0-of-all-steps",
            "Your `dh0` is the sum of what all steps pass back. Only one of them reads h0.",
            ("carry = dlast", "carry, total = dlast, 0"),
            ("carry = Whh.T @ dz", "carry = Whh.T @ dz\n        total = total + carry"),
            ("dh0 = carry", "dh0 = total"),
        ),
        Wrong(
            "state-after",
            "Your `dWhh` is multiplied by h[t + 1]. Step t read another state; for step 0 it is the initial one.",
            ("np.outer(dz, h[t])", "np.outer(dz, h[t + 1])"),
        ),
        Wrong(
            "dh0-not-transposed",
            "Your `dh0` is multiplied by `Whh` with its axes as in the forward pass.",
            ("dh0 = carry", "dh0 = Whh @ dz"),
        ),
        Wrong(
            "dlast-at-the-beginning",
            "You add `dlast` to the first state of the window. The next window reads the last one.",
            ("carry = dlast", "carry = np.zeros_like(dlast)"),
            ("(dh[t] + carry)", "(dh[t] + carry + (dlast if t == 0 else 0))"),
        ),
        Wrong(
            "first-step-dropped",
            "Step 0 is missing: your loop ends one step too early, in the sums and on the way to h0.",
            ("reversed(range(len(x)))", "reversed(range(1, len(x)))"),
        ),
        Wrong(
            "no-slope",
            "You go from the states straight to z: the tanh is left out.",
            ("(1 - h[t + 1] ** 2) * ", ""),
        ),
        Wrong(
            "slope-of-state-before",
            "Your slope of the tanh is taken at h[t], the state that step t read.",
            ("1 - h[t + 1] ** 2", "1 - h[t] ** 2"),
        ),
        Wrong(
            "dwhh-without-initial-state",
            "Your `dWhh` lacks the term of step 0, as if the initial state were zero.",
            ("np.outer(dz, h[t])", "np.outer(dz, h[t]) * (t > 0)"),
        ),
        Wrong(
            "carry-not-transposed",
            "Your carry is multiplied by `Whh` with its axes as in the forward pass.",
            ("Whh.T @ dz", "Whh @ dz"),
        ),
        Wrong(
            "carry-accumulates",
            "Your carry keeps what it held and adds to it, so that every step hands on more than its own.",
            ("        carry = Whh", "        carry = carry + Whh"),
        ),
    ),
    also_right=((("dh0 = carry", "dh0 = dz @ Whh"),), (("carry = dlast", "carry = dlast.copy()"),)),
)
