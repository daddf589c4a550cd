"""Two steps, written out: where the gradient of the state gets its second term."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.two_steps.solution import two_steps_forward


def case(draw: Draw) -> Case:
    """Draw two steps and a loss that sees both states."""
    N, H = draw.sizes("N", "H")
    x, h0, bh, dh = draw.normal(2, N), draw.normal(H), draw.normal(H), draw.normal(2, H)
    Wxh, Whh = draw.normal(H, N) / np.sqrt(N), draw.normal(H, H) / np.sqrt(H)
    _, cache = two_steps_forward(x, h0, Wxh, Whh, bh)

    def loss(x: np.ndarray, Wxh: np.ndarray, Whh: np.ndarray, bh: np.ndarray) -> Any:
        return np.sum(dh * two_steps_forward(x, h0, Wxh, Whh, bh)[0])

    return Case((dh, cache), lambda: gradients(loss, x, Wxh, Whh, bh))


EXAM = Exam(
    function="two_steps_backward",
    returns=("dx", "dWxh", "dWhh", "dbh"),
    case=case,
    withheld=("two_steps_forward",),
    wrong=(
        Wrong(
            "no-carry",
            "Your first step uses `dh[0]` alone. In the figure a second arrow leaves h1: what comes back along it?",
            ("(dh[0] + dh_next)", "dh[0]"),
        ),
        Wrong(
            "carry-alone",
            "Your first step uses only what the second one passes back. The loss looks at h1 itself as well.",
            ("(dh[0] + dh_next)", "dh_next"),
        ),
        Wrong(
            "carry-is-outside",
            "You pass `dh[1]` itself back to h1. On the way from h2 to h1 lie a tanh and a product.",
            ("Whh.T @ dz2", "dh[1]"),
        ),
        Wrong(
            "carry-not-transposed",
            "What you pass back to h1 is multiplied by `Whh` as in the forward pass, with its axes the same way round.",
            ("Whh.T @ dz2", "Whh @ dz2"),
        ),
        Wrong(
            "carry-past-tanh",
            "What you pass back to h1 went through `Whh`, but not through the tanh that made h2.",
            ("Whh.T @ dz2", "Whh.T @ dh[1]"),
        ),
        Wrong(
            "carry-skips-product",
            "You pass dz2 back to h1 as it is: it did not go back through `Whh`.",
            ("Whh.T @ dz2", "dz2"),
        ),
        Wrong(
            "carry-sign",
            "What the second step passes back is subtracted in your first step. Two paths are added up.",
            ("dh[0] + dh_next", "dh[0] - dh_next"),
        ),
        Wrong(
            "carry-averaged",
            "You take the mean of the two terms of h1. Two paths are added up, however many there are.",
            ("(dh[0] + dh_next)", "(dh[0] + dh_next) / 2"),
        ),
        Wrong(
            "carry-after-tanh",
            "You add what the second step passes back to the gradient of z1. It belongs to h1, before the tanh.",
            ("(1 - h1**2) * (dh[0] + dh_next)", "(1 - h1**2) * dh[0] + dh_next"),
        ),
        Wrong(
            "rows-swapped",
            "You have taken `dh[0]` for the second state and `dh[1]` for the first.",
            ("(1 - h2**2) * dh[1]", "(1 - h2**2) * dh[0]"),
            ("(dh[0] + dh_next)", "(dh[1] + dh_next)"),
        ),
        Wrong(
            "slopes-swapped",
            "In each step your slope of the tanh is that of the other step's state.",
            ("(1 - h2**2)", "(1 - h1**2)"),
            ("(1 - h1**2) * (dh", "(1 - h2**2) * (dh"),
        ),
        Wrong(
            "slope-of-state-before",
            "Your slopes are taken at the states that the steps read. The tanh of each step made another one.",
            ("(1 - h2**2)", "(1 - h1**2)"),
            ("(1 - h1**2) * (dh", "(1 - h0**2) * (dh"),
        ),
        Wrong(
            "state-after",
            "Your `dWhh` multiplies each step by the state that it made. Which state did each step read?",
            ("np.outer(dz1, h0) + np.outer(dz2, h1)", "np.outer(dz1, h1) + np.outer(dz2, h2)"),
        ),
        Wrong(
            "dwhh-second-step-only",
            "Your `dWhh` has the term of the second step only. The first step used `Whh` as well, on h0.",
            ("np.outer(dz1, h0) + np.outer(dz2, h1)", "np.outer(dz2, h1)"),
        ),
        Wrong(
            "dwhh-first-step-only",
            "Your `dWhh` has the term of the first step only.",
            ("np.outer(dz1, h0) + np.outer(dz2, h1)", "np.outer(dz1, h0)"),
        ),
        Wrong(
            "dwxh-first-step-only",
            "Your `dWxh` has the term of the first step only.",
            ("np.outer(dz1, x[0]) + np.outer(dz2, x[1])", "np.outer(dz1, x[0])"),
        ),
        Wrong(
            "dwxh-second-step-only",
            "Your `dWxh` has the term of the second step only.",
            ("np.outer(dz1, x[0]) + np.outer(dz2, x[1])", "np.outer(dz2, x[1])"),
        ),
        Wrong(
            "dwxh-inputs-swapped",
            "Your `dWxh` multiplies each step by the input of the other one.",
            ("np.outer(dz1, x[0]) + np.outer(dz2, x[1])", "np.outer(dz1, x[1]) + np.outer(dz2, x[0])"),
        ),
        Wrong(
            "dbh-second-step-only",
            "Your `dbh` has the term of the second step only: the bias was added in the first one, too.",
            ("dbh = dz1 + dz2", "dbh = dz2"),
        ),
        Wrong(
            "dbh-first-step-only",
            "Your `dbh` has the term of the first step only: the bias was added in the second one, too.",
            ("dbh = dz1 + dz2", "dbh = dz1"),
        ),
        Wrong(
            "dx-direct-only",
            "Your `dx[0]` lacks the way through the second step: x[0] is felt in h2 as well, through h1.",
            ("np.stack([Wxh.T @ dz1,", "np.stack([Wxh.T @ ((1 - h1**2) * dh[0]),"),
        ),
        Wrong(
            "dx-swapped",
            "The rows of your `dx` are swapped: row 0 belongs to the input of the first step.",
            ("np.stack([Wxh.T @ dz1, Wxh.T @ dz2])", "np.stack([Wxh.T @ dz2, Wxh.T @ dz1])"),
        ),
        Wrong(
            "no-slope-in-first",
            "In the first step you go from h1 straight to what made z1: its tanh is left out.",
            ("(1 - h1**2) * (dh", "1 * (dh"),
        ),
        Wrong(
            "no-slope-in-second",
            "In the second step you go from h2 straight to what made z2: its tanh is left out.",
            ("(1 - h2**2) * ", ""),
        ),
        Wrong(
            "second-sees-first",
            "Your second step uses `dh[0]` as well. The loss sees h1 there, which was made before z2 and not by it.",
            ("(1 - h2**2) * dh[1]", "(1 - h2**2) * (dh[0] + dh[1])"),
        ),
        Wrong(
            "dbh-past-tanh",
            "Your `dbh` adds up the gradients of the states. The bias was added before the tanh.",
            ("dbh = dz1 + dz2", "dbh = dh[0] + dh_next + dh[1]"),
        ),
        Wrong(
            "dbh-outside-only",
            "Your `dbh` adds up the rows of `dh`, which are neither through the tanh nor all that reaches the states.",
            ("dbh = dz1 + dz2", "dbh = dh[0] + dh[1]"),
        ),
        Wrong(
            "no-slopes",
            "You go from the states straight to what made z1 and z2: the tanh was left out, in both steps.",
            ("(1 - h2**2) * ", ""),
            ("(1 - h1**2) * (dh", "1 * (dh"),
        ),
    ),
    also_right=((("dx = np.stack([Wxh.T @ dz1, Wxh.T @ dz2])", "dx = np.stack([dz1, dz2]) @ Wxh"),),),
)
