"""The noise of a product: a row that cancels, and a precision that no computer has."""

import numpy as np

from crosscheck.learn.exam import ONE, ORDINARY, Case, Draw, Exam, Wrong, values


def case(draw: Draw) -> Case:
    """Draw a matrix, one of whose rows nearly cancels."""
    M, N = draw.sizes("M", "N")
    W, x = draw.normal(M, N), draw.normal(N)
    if N > 1:
        W[0] -= (W[0] @ x) / (x @ x) * x * (1 - 1e-3)
    epsilon = float(np.exp(draw.random.uniform(-36, -7)))

    def expect() -> list[float]:
        return [epsilon * sum(abs(weight) * abs(number) for weight, number in zip(row, x, strict=True)) for row in W]

    return Case((W, x, epsilon), lambda: values(np.array(expect())))


EXAM = Exam(
    function="noise",
    returns=("floor",),
    case=case,
    regimes=(ORDINARY, ORDINARY, ORDINARY, ORDINARY, ONE),
    wrong=(
        Wrong(
            "of-the-result",
            "Your noise is that of the result: the terms had cancelled before you took off their signs.",
            ("np.sum(np.abs(W * x), axis=1)", "np.abs(np.sum(W * x, axis=1))"),
        ),
        Wrong(
            "signed",
            "Your noise is the result times epsilon, sign and all. How far something can be off has no sign.",
            ("np.sum(np.abs(W * x), axis=1)", "np.sum(W * x, axis=1)"),
        ),
        Wrong(
            "no-epsilon",
            "You add up the terms without their signs, and stop there. Rounding moves each of them by a tiny part of "
            "itself.",
            ("epsilon * ", "1 * "),
        ),
        Wrong(
            "double-always",
            "Your noise is that of double precision, whatever `epsilon` says.",
            ("epsilon * ", "np.finfo(float).eps * "),
        ),
        Wrong(
            "single-always",
            "Your noise is that of single precision, whatever `epsilon` says.",
            ("epsilon * ", "np.finfo(np.float32).eps * "),
        ),
        Wrong(
            "only-weights",
            "You add up the sizes of the weights. What is rounded is a weight times an entry of `x`.",
            ("np.abs(W * x)", "np.abs(W)"),
        ),
        Wrong(
            "signs-of-x",
            "You take the signs off the weights, but not off `x`: terms can still cancel.",
            ("np.abs(W * x)", "np.abs(W) * x"),
        ),
        Wrong(
            "signs-of-w",
            "You take the signs off `x`, but not off the weights: terms can still cancel.",
            ("np.abs(W * x)", "W * np.abs(x)"),
        ),
        Wrong(
            "largest-term",
            "Your noise is that of the largest term. All terms are rounded, and each brings its own.",
            ("np.sum(np.abs(W * x), axis=1)", "np.max(np.abs(W * x), axis=1)"),
        ),
        Wrong(
            "mean",
            "You take the mean of the terms, where all of them are added up.",
            ("np.sum(np.abs(W * x), axis=1)", "np.mean(np.abs(W * x), axis=1)"),
        ),
        Wrong(
            "same-for-all",
            "You return one noise for all entries. Each row has its own terms.",
            ("np.sum(np.abs(W * x), axis=1)", "np.full(len(W), np.sum(np.abs(W * x)))"),
        ),
        Wrong(
            "relative",
            "You divide by the result. The noise is how far an entry can be off, and not which part of it.",
            ("np.sum(np.abs(W * x), axis=1)", "np.sum(np.abs(W * x), axis=1) / np.abs(W @ x)"),
        ),
        Wrong(
            "squares",
            "You add up squares, and take the root. That is what random errors would do on the average; asked for is "
            "the sum.",
            ("np.sum(np.abs(W * x), axis=1)", "np.sqrt(np.sum((W * x) ** 2, axis=1))"),
        ),
        Wrong(
            "other-axis",
            "You sum along the other axis: entry j of yours belongs to column j of `W`.",
            ("axis=1", "axis=0"),
        ),
    ),
    also_right=((("np.sum(np.abs(W * x), axis=1)", "(np.abs(W) @ np.abs(x))"),),),
)
