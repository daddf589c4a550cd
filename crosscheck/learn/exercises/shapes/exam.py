"""Both gradients of a product of matrices."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.shapes.solution import product_forward


def case(draw: Draw) -> Case:
    """Draw two matrices with three different sides."""
    N, D, M = draw.sizes("N", "D", "M")
    X, W, dY = draw.normal(N, D), draw.normal(D, M), draw.normal(N, M)
    _, cache = product_forward(X, W)
    return Case((dY, cache), lambda: gradients(lambda X, W: np.sum(dY * product_forward(X, W)[0]), X, W))


EXAM = Exam(
    function="product_backward",
    returns=("dX", "dW"),
    case=case,
    withheld=("product_forward",),
    wrong=(
        Wrong(
            "swapped",
            "Both are computed, but you return `dW` first and `dX` second.",
            ("return dX, dW", "return dW, dX"),
        ),
        Wrong(
            "dx-not-transposed",
            "Your `dX` multiplies by `W` as the forward pass does. Its shapes fit only when D = M.",
            ("dY @ W.T", "dY @ W"),
        ),
        Wrong(
            "dw-not-transposed",
            "Your `dW` multiplies `X` and `dY` without turning either round. Its shapes fit only when N = D.",
            ("X.T @ dY", "X @ dY"),
        ),
        Wrong(
            "dx-transposed",
            "Your `dX` is the transpose of the gradient: its shape is (D, N).",
            ("dY @ W.T", "W @ dY.T"),
        ),
        Wrong(
            "dw-transposed",
            "Your `dW` is the transpose of the gradient: its shape is (M, D).",
            ("X.T @ dY", "dY.T @ X"),
        ),
        Wrong(
            "dx-order",
            "Your `dX` has `W` on the left. Then N and D meet in the middle, and M is not summed over.",
            ("dY @ W.T", "W.T @ dY"),
        ),
        Wrong(
            "dw-order",
            "Your `dW` has `dY` on the left. Then M and N meet in the middle, and the examples are not summed over.",
            ("X.T @ dY", "dY @ X.T"),
        ),
        Wrong(
            "without-upstream",
            "Your gradients are those of the sum of all of Y: how fast each Y[n, m] moves the loss is missing.",
            ("dY @ W.T", "(0 * dY + 1) @ W.T"),
            ("X.T @ dY", "X.T @ (0 * dY + 1)"),
        ),
        Wrong(
            "mean-over-examples",
            "Your `dW` is a mean over the examples. Nothing in the forward pass divides by N, so that they are added "
            "up.",
            ("X.T @ dY", "X.T @ dY / len(X)"),
        ),
        Wrong(
            "dx-own-matrix",
            "Your `dX` is built with `X` itself. What `X[n, d]` is multiplied by stands in the other matrix.",
            ("dY @ W.T", "dY @ X.T @ X"),
        ),
        Wrong(
            "dw-one-example",
            "Your `dW` holds the term of a single example. Every example uses `W`, and each adds its own.",
            ("X.T @ dY", "X[-1][:, None] * dY[-1]"),
        ),
    ),
    also_right=((("dY @ W.T", "(W @ dY.T).T"),), (("X.T @ dY", "(dY.T @ X).T"),)),
)
