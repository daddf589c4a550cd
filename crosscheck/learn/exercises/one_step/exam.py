"""All five gradients of one step."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.one_step.solution import step_forward


def case(draw: Draw) -> Case:
    """Draw a step from a state that is not zero."""
    N, H = draw.sizes("N", "H")
    x, h_before, bh, dh = draw.normal(N), draw.normal(H), draw.normal(H), draw.normal(H)
    Wxh, Whh = draw.normal(H, N) / np.sqrt(N), draw.normal(H, H) / np.sqrt(H)
    _, cache = step_forward(x, h_before, Wxh, Whh, bh)

    def loss(x: np.ndarray, h_before: np.ndarray, Wxh: np.ndarray, Whh: np.ndarray, bh: np.ndarray) -> Any:
        return np.sum(dh * step_forward(x, h_before, Wxh, Whh, bh)[0])

    return Case((dh, cache), lambda: gradients(loss, x, h_before, Wxh, Whh, bh))


EXAM = Exam(
    function="step_backward",
    returns=("dx", "dh_before", "dWxh", "dWhh", "dbh"),
    case=case,
    withheld=("step_forward",),
    wrong=(
        Wrong(
            "no-slope",
            "You take `dh` for the gradient of z: on its way from h to z it did not go through the tanh.",
            ("(1 - h**2) * dh", "dh.copy()"),
        ),
        Wrong(
            "slope-of-state-before",
            "Your slope of the tanh is taken at `h_before`, which the step read. The tanh made another state.",
            ("1 - h**2", "1 - h_before**2"),
        ),
        Wrong(
            "slope-not-squared",
            "Your slope of the tanh is 1 - h. Compare it with the formula: a square got lost.",
            ("1 - h**2", "1 - h"),
        ),
        Wrong(
            "slope-of-sigmoid",
            "Your slope is h (1 - h). It belongs to the sigmoid, and here is a tanh.",
            ("1 - h**2", "h * (1 - h)"),
        ),
        Wrong(
            "slope-of-relu",
            "Your slope is 1 where h is positive and 0 elsewhere: that is a rectifier, and here is a tanh.",
            ("1 - h**2", "1.0 * (h > 0)"),
        ),
        Wrong(
            "slope-one-plus",
            "Your slope is 1 + h. Compare it with the formula.",
            ("1 - h**2", "1 + h"),
        ),
        Wrong(
            "square-of-difference",
            "Your slope is (1 - h)². In the formula only the tanh is squared, not the difference.",
            ("1 - h**2", "(1 - h) ** 2"),
        ),
        Wrong(
            "slope-twice",
            "You multiply by the slope of the tanh twice. There is one tanh on the way.",
            ("(1 - h**2) * dh", "(1 - h**2) ** 2 * dh"),
        ),
        Wrong(
            "tanh-twice",
            "Your slope is 1 - tanh(h)²: you took the tanh of something that is a tanh already.",
            ("1 - h**2", "1 - np.tanh(h) ** 2"),
        ),
        Wrong(
            "tanh-itself",
            "You multiply by tanh(z) itself, where its slope is called for.",
            ("(1 - h**2) * dh", "h * dh"),
        ),
        Wrong(
            "state-not-transposed",
            "Your `dh_before` multiplies by `Whh` as the forward pass does. Which axis of it belongs to `h_before`?",
            ("Whh.T @ dz", "Whh @ dz"),
        ),
        Wrong(
            "state-past-tanh",
            "Your `dh_before` went back through `Whh`, but starts from `dh`: the tanh in between is left out.",
            ("Whh.T @ dz", "Whh.T @ dh"),
        ),
        Wrong(
            "state-skips-product",
            "Your `dh_before` is the gradient of z: it did not go back through the product with `Whh`.",
            ("Whh.T @ dz", "dz.copy()"),
        ),
        Wrong(
            "input-past-tanh",
            "Your `dx` went back through `Wxh`, but starts from `dh`: the tanh in between is left out.",
            ("Wxh.T @ dz", "Wxh.T @ dh"),
        ),
        Wrong(
            "input-not-transposed",
            "Your `dx` multiplies by `Wxh` as the forward pass does. Which axis of it belongs to `x`?",
            ("Wxh.T @ dz", "Wxh @ dz"),
        ),
        Wrong(
            "vectors-swapped",
            "Each of your `dx` and `dh_before` came back through the matrix of the other one.",
            ("dx = Wxh.T", "dx = Whh.T"),
            ("dh_before = Whh.T", "dh_before = Wxh.T"),
        ),
        Wrong(
            "input-through-whh",
            "Your `dx` came back through `Whh`. Which matrix is x multiplied by?",
            ("Wxh.T @ dz", "Whh.T @ dz"),
        ),
        Wrong(
            "state-after",
            "Your `dWhh` is multiplied by `h`, the state that the step made. Which state met `Whh`?",
            ("np.outer(dz, h_before)", "np.outer(dz, h)"),
        ),
        Wrong(
            "dwhh-transposed",
            "Your `dWhh` is the transpose of the gradient. Both have shape (H, H), and so nothing complained.",
            ("np.outer(dz, h_before)", "np.outer(h_before, dz)"),
        ),
        Wrong(
            "dwxh-transposed",
            "Your `dWxh` is the transpose of the gradient: entry (i, j) of yours belongs to Wxh[j, i].",
            ("np.outer(dz, x)", "np.outer(x, dz)"),
        ),
        Wrong(
            "dwhh-past-tanh",
            "Your `dWhh` uses `dh`. The matrix helped to make z, and the tanh lies between z and h.",
            ("np.outer(dz, h_before)", "np.outer(dh, h_before)"),
        ),
        Wrong(
            "dwxh-past-tanh",
            "Your `dWxh` uses `dh`. The matrix helped to make z, and the tanh lies between z and h.",
            ("np.outer(dz, x)", "np.outer(dh, x)"),
        ),
        Wrong(
            "dbh-past-tanh",
            "Your `dbh` is `dh`. The bias was added before the tanh, not after it.",
            ("dz.copy()", "dh.copy()"),
        ),
        Wrong(
            "dbh-is-one",
            "Your `dbh` is 1 everywhere: that is how fast bh moves z. How fast z moves the loss is missing.",
            ("dz.copy()", "np.ones_like(dz)"),
        ),
    ),
    also_right=((("(1 - h**2) * dh", "(1 - h) * (1 + h) * dh"),), (("Whh.T @ dz", "dz @ Whh"),)),
)
