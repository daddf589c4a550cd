"""A grid of two layers and T steps."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.two_layers.solution import layers_forward


def case(draw: Draw) -> Case:
    """Draw three steps at least, and layers of different sizes."""
    T = draw.size("T", least=3)
    N, H, M = draw.sizes("N", "H", "M")
    x, start1, start2 = draw.normal(T, N), draw.normal(H), draw.normal(M)
    lower = draw.normal(H, N) / np.sqrt(N), draw.normal(H, H) / np.sqrt(H), draw.normal(H)
    upper = draw.normal(M, H) / np.sqrt(H), draw.normal(M, M) / np.sqrt(M), draw.normal(M)
    dh = draw.normal(T, M)
    _, cache = layers_forward(x, start1, start2, *lower, *upper)

    def loss(*parameters: np.ndarray) -> Any:
        return np.sum(dh * layers_forward(x, start1, start2, *parameters)[0])

    return Case((dh, cache), lambda: gradients(loss, *lower, *upper))


SUMS = """        dWx2 += np.outer(dz2, h1[t + 1])
        dWh2 += np.outer(dz2, h2[t])
        db2 += dz2
"""
LOWER = """        below[t] = Wx2.T @ dz2
    for t in reversed(range(len(x))):
        down = below[t]
"""
LAYER_BY_LAYER = (
    (SUMS, ""),
    ("        down = Wx2.T @ dz2\n", SUMS + LOWER),
    ("carry1, carry2 = np.zeros(len(Wh1))", "below = np.zeros_like(h1)\n    carry1, carry2 = np.zeros(len(Wh1))"),
)
"""All of time in the upper layer, then all of time in the lower one"""

EXAM = Exam(
    function="layers_backward",
    returns=("dWx1", "dWh1", "db1", "dWx2", "dWh2", "db2"),
    case=case,
    withheld=("layers_forward",),
    wrong=(
        Wrong(
            "no-upper-carry",
            "In your upper layer nothing comes back from the step that follows: you use `dh[t]` alone.",
            ("(dh[t] + carry2)", "dh[t]"),
        ),
        Wrong(
            "no-lower-carry",
            "In your lower layer nothing comes back from the step that follows: see the arrows to the right.",
            ("(down + carry1)", "down"),
        ),
        Wrong(
            "no-carries",
            "Nothing comes back from the steps that follow, in neither of the layers.",
            ("(dh[t] + carry2)", "dh[t]"),
            ("(down + carry1)", "down"),
        ),
        Wrong(
            "nothing-down",
            "Your lower layer hears nothing from the upper one, so that its gradients are zero.",
            ("down = Wx2.T @ dz2", "down = 0 * carry1"),
        ),
        Wrong(
            "down-past-tanh",
            "What you pass down went through `Wx2`, but not through the tanh of the upper layer.",
            (
                "dz2 = (1 - h2[t + 1] ** 2) * (dh[t] + carry2)",
                "dstate2 = dh[t] + carry2\n        dz2 = (1 - h2[t + 1] ** 2) * dstate2",
            ),
            ("Wx2.T @ dz2", "Wx2.T @ dstate2"),
        ),
        Wrong(
            "down-is-outside",
            "You send `dh[t]` itself through `Wx2`. Between h2 and the product lies a tanh, and later steps count too.",
            ("Wx2.T @ dz2", "Wx2.T @ dh[t]"),
        ),
        Wrong(
            "down-without-carry",
            "What you pass down comes from `dh[t]` alone: what the upper layer heard from later steps is lost.",
            ("Wx2.T @ dz2", "Wx2.T @ ((1 - h2[t + 1] ** 2) * dh[t])"),
        ),
        Wrong(
            "down-at-last-step-only",
            "You pass something down at the last step only. There is an arrow upwards at every step.",
            ("Wx2.T @ dz2", "Wx2.T @ dz2 * (t == len(x) - 1)"),
        ),
        Wrong(
            "down-not-transposed",
            "What you pass down is multiplied by `Wx2` with its axes as in the forward pass.",
            ("Wx2.T @ dz2", "Wx2 @ dz2"),
        ),
        Wrong(
            "down-through-recurrence",
            "What you pass down went through `Wh2`. Which matrix did the lower state meet?",
            ("Wx2.T @ dz2", "Wh2.T @ dz2"),
        ),
        Wrong(
            "down-is-dz",
            "You pass dz2 itself down: it did not go back through `Wx2`.",
            ("Wx2.T @ dz2", "dz2"),
        ),
        Wrong(
            "down-one-step-late",
            "You give the lower layer what the upper one had for it at the step after. They meet at the same step.",
            ("carry1, carry2 = np.zeros(len(Wh1))", "below, carry1, carry2 = np.zeros(len(Wh1)), np.zeros(len(Wh1))"),
            ("down = Wx2.T @ dz2", "down, below = below, Wx2.T @ dz2"),
        ),
        Wrong(
            "outside-below-too",
            "You add `dh[t]` to the lower states as well. The outside does not see them.",
            ("(down + carry1)", "(down + dh[t] + carry1)"),
        ),
        Wrong(
            "upper-carry-in-lower",
            "You add the carry of the upper layer to the lower states. Each layer has a carry of its own.",
            ("(down + carry1)", "(down + carry2)"),
        ),
        Wrong(
            "upper-carry-not-transposed",
            "The carry of your upper layer is multiplied by `Wh2` with its axes as in the forward pass.",
            ("Wh2.T @ dz2", "Wh2 @ dz2"),
        ),
        Wrong(
            "lower-carry-not-transposed",
            "The carry of your lower layer is multiplied by `Wh1` with its axes as in the forward pass.",
            ("Wh1.T @ dz1", "Wh1 @ dz1"),
        ),
        Wrong(
            "carries-not-transposed",
            "Both your carries are multiplied with the axes of `Wh1` and `Wh2` as in the forward pass.",
            ("Wh2.T @ dz2", "Wh2 @ dz2"),
            ("Wh1.T @ dz1", "Wh1 @ dz1"),
        ),
        Wrong(
            "carries-accumulate",
            "Your carries keep what they held and add to it.",
            ("        carry2 = Wh2", "        carry2 = carry2 + Wh2"),
            ("        carry1 = Wh1", "        carry1 = carry1 + Wh1"),
        ),
        Wrong(
            "no-upper-slope",
            "The tanh of the upper layer is left out of your way back.",
            ("(1 - h2[t + 1] ** 2) * ", ""),
        ),
        Wrong(
            "no-slopes",
            "The tanh is left out of your way back, in both layers.",
            ("(1 - h2[t + 1] ** 2) * ", ""),
            ("(1 - h1[t + 1] ** 2) * ", ""),
        ),
        Wrong(
            "no-lower-slope",
            "The tanh of the lower layer is left out of your way back.",
            ("(1 - h1[t + 1] ** 2) * ", ""),
        ),
        Wrong(
            "slopes-of-states-before",
            "Your slopes are taken at the states that the steps read, not at those that they made.",
            ("(1 - h2[t + 1] ** 2)", "(1 - h2[t] ** 2)"),
            ("(1 - h1[t + 1] ** 2)", "(1 - h1[t] ** 2)"),
        ),
        Wrong(
            "lower-slope-of-state-before",
            "In the lower layer your slope is taken at the state that the step read.",
            ("(1 - h1[t + 1] ** 2)", "(1 - h1[t] ** 2)"),
        ),
        Wrong(
            "upper-input-before",
            "Your `dWx2` is built with h1[t]. The upper layer reads the lower state that this very step has made.",
            ("np.outer(dz2, h1[t + 1])", "np.outer(dz2, h1[t])"),
        ),
        Wrong(
            "upper-input-is-x",
            "Your `dWx2` is built with the input x. What does the upper layer read?",
            ("np.outer(dz2, h1[t + 1])", "np.outer(dz2, x[t])"),
            ("dWx2, dWh2, db2 = np.zeros_like(Wx2)", "dWx2, dWh2, db2 = np.zeros((len(Wh2), x.shape[1]))"),
        ),
        Wrong(
            "states-after",
            "Your `dWh1` and `dWh2` are built with the states that the steps made. Which ones did they read?",
            ("np.outer(dz2, h2[t])", "np.outer(dz2, h2[t + 1])"),
            ("np.outer(dz1, h1[t])", "np.outer(dz1, h1[t + 1])"),
        ),
        Wrong(
            "lower-state-after",
            "Your `dWh1` is built with the state that the step made. Which one did it read?",
            ("np.outer(dz1, h1[t])", "np.outer(dz1, h1[t + 1])"),
        ),
        Wrong(
            "upper-state-after",
            "Your `dWh2` is built with the state that the step made. Which one did it read?",
            ("np.outer(dz2, h2[t])", "np.outer(dz2, h2[t + 1])"),
        ),
        Wrong(
            "dwh1-transposed",
            "Your `dWh1` is the transpose of the gradient.",
            ("np.outer(dz1, h1[t])", "np.outer(h1[t], dz1)"),
        ),
        Wrong(
            "dwh2-transposed",
            "Your `dWh2` is the transpose of the gradient.",
            ("np.outer(dz2, h2[t])", "np.outer(h2[t], dz2)"),
        ),
    ),
    also_right=((("Wx2.T @ dz2", "dz2 @ Wx2"), ("Wh1.T @ dz1", "dz1 @ Wh1")), LAYER_BY_LAYER),
)
