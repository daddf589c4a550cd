"""The three gradients of a matrix times a vector."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.linear.solution import linear_forward


def case(draw: Draw) -> Case:
    """Draw a matrix with two different sides."""
    M, N = draw.sizes("M", "N")
    W, x, b, dy = draw.normal(M, N), draw.normal(N), draw.normal(M), draw.normal(M)
    _, cache = linear_forward(W, x, b)
    return Case((dy, cache), lambda: gradients(lambda W, x, b: np.sum(dy * linear_forward(W, x, b)[0]), W, x, b))


EXAM = Exam(
    function="linear_backward",
    returns=("dW", "dx", "db"),
    case=case,
    withheld=("linear_forward",),
    wrong=(
        Wrong(
            "dw-transposed",
            "Your `dW` is the transpose of the gradient: entry (i, j) of yours belongs to W[j, i].",
            ("np.outer(dy, x)", "np.outer(x, dy)"),
        ),
        Wrong(
            "dx-not-transposed",
            "Your `dx` adds up along the rows of `W`, as the forward pass does. But x[j] stands in column j.",
            ("W.T @ dy", "W @ dy"),
        ),
        Wrong(
            "dw-without-upstream",
            "Your `dW` says how fast `W` moves y, and stops there: how fast y moves the loss is missing.",
            ("np.outer(dy, x)", "np.outer(np.ones_like(dy), x)"),
        ),
        Wrong(
            "dx-without-upstream",
            "Your `dx` says how fast `x` moves the sum of y: how fast each y[i] moves the loss is missing.",
            ("W.T @ dy", "W.sum(axis=0)"),
        ),
        Wrong(
            "db-is-one",
            "Your `db` is 1 everywhere. So far b moves y; how fast y moves the loss is missing.",
            ("dy.copy()", "np.ones_like(dy)"),
        ),
        Wrong(
            "db-summed",
            "Your `db` holds the sum of all of `dy`. Each b[i] reaches one y[i] only.",
            ("dy.copy()", "np.full_like(dy, dy.sum())"),
        ),
        Wrong(
            "dw-summed",
            "Every row of your `dW` uses the sum of all of `dy`. W[i, j] reaches one y[i] only.",
            ("np.outer(dy, x)", "np.outer(np.full_like(dy, dy.sum()), x)"),
        ),
        Wrong(
            "dw-from-w",
            "Your `dW` multiplies by `W` itself. What W[i, j] is multiplied by in the forward pass is something else.",
            ("np.outer(dy, x)", "dy[:, None] * W"),
        ),
    ),
    also_right=((("W.T @ dy", "dy @ W"),), (("np.outer(dy, x)", "dy[:, None] * x"),)),
)
