"""The slope of the tanh, taken of what is a tanh already."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import MENDED, Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.case_2.solution import mlp_forward


def case(draw: Draw) -> Case:
    """Draw weights of size 1."""
    B, D, H, K = draw.sizes("B", "D", "H", "K")
    x, W1, b1 = draw.normal(B, D), draw.normal(D, H) / np.sqrt(D), draw.normal(H)
    W2, b2, dy = draw.normal(H, K), draw.normal(K), draw.normal(B, K)
    _, cache = mlp_forward(x, W1, b1, W2, b2)

    def loss(W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray) -> Any:
        return np.sum(dy * mlp_forward(x, W1, b1, W2, b2)[0])

    return Case((dy, cache), lambda: gradients(loss, W1, b1, W2, b2))


EXAM = Exam(
    function="mlp_backward",
    returns=("dW1", "db1", "dW2", "db2"),
    case=case,
    withheld=("mlp_forward",),
    answer=MENDED,
    wrong=(
        Wrong(
            "as-found",
            "This is what the file did when you found it. `dW2` and `db2` are right; `dW1` and `db1` are not, unless "
            "the "
            "weights are tiny.",
            ("(1 - h**2)", "tanh_slope(h)"),
        ),
        Wrong(
            "slope-of-gradient",
            "You take the slope at `dh`, which is a gradient. A slope is taken at a value of the forward pass.",
            ("(1 - h**2)", "tanh_slope(dh)"),
        ),
        Wrong("not-squared", "Your slope is 1 - h: something is missing on the h.", ("(1 - h**2)", "(1 - h)")),
        Wrong("no-one", "Your slope is minus h²: the 1 is missing.", ("(1 - h**2)", "(-(h**2))")),
        Wrong(
            "sigmoid",
            "Your slope is h (1 - h): that belongs to the sigmoid.",
            ("(1 - h**2)", "(h * (1 - h))"),
        ),
        Wrong(
            "slope-lost",
            "The tanh is skipped: you take the gradient of h for that of z.",
            ("(1 - h**2) * dh", "dh"),
        ),
        Wrong(
            "slope-alone",
            "Your `dz` is the slope alone. What comes from behind the tanh is missing.",
            ("(1 - h**2) * dh", "1 - h**2"),
        ),
        Wrong(
            "slope-twice",
            "The slope is applied twice now.",
            ("(1 - h**2) * dh", "(1 - h**2) ** 2 * dh"),
        ),
        Wrong(
            "dw2-from-slope",
            "`dW2` was right before. It lies behind the tanh, and needs no slope of it.",
            ("dW2 = h.T @ dy", "dW2 = (1 - h**2).T @ dy"),
            ("(1 - h**2) * dh", "(1 - h * h) * dh"),
        ),
    ),
    also_right=((("1 - h**2", "(1 - h) * (1 + h)"),), (("(1 - h**2)", "tanh_slope(np.arctanh(h))"),)),
)
