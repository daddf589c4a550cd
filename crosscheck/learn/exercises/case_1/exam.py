"""A mean whose factor is lost on the way to one of the two gradients."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import MENDED, Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.case_1.solution import fit_forward


def case(draw: Draw) -> Case:
    """Draw points and a line."""
    N, D = draw.sizes("N", "D")
    X, t, w, b, dloss = draw.normal(N, D), draw.normal(N), draw.normal(D), draw.normal(), float(draw.normal())
    _, cache = fit_forward(X, t, w, b)

    def loss(w: np.ndarray, b: np.ndarray) -> Any:
        return dloss * fit_forward(X, t, w, b)[0]

    return Case((dloss, cache), lambda: gradients(loss, w, b))


EXAM = Exam(
    function="fit_backward",
    returns=("dw", "db"),
    case=case,
    withheld=("fit_forward",),
    answer=MENDED,
    wrong=(
        Wrong(
            "as-found",
            "This is what the file did when you found it. `db` is right. `dw` grows with the number of points, "
            "although "
            "the loss is a mean.",
            ("dw = X.T @ dy", "dw = X.T @ dy * len(error)"),
        ),
        Wrong(
            "both-summed",
            "Both are the gradients of the sum of the squares now. The loss is their mean.",
            ("2 * error / len(error)", "2 * error"),
        ),
        Wrong(
            "mean-twice",
            "`dw` is right now, but `db` is divided by the number of points twice.",
            ("dy.sum()", "dy.mean()"),
        ),
        Wrong(
            "dw-mean-twice",
            "`db` is right, but `dw` is divided by the number of points twice.",
            ("dw = X.T @ dy", "dw = X.T @ dy / len(error)"),
        ),
        Wrong(
            "by-columns",
            "You divide by D, the numbers that each point has. The mean is over the points.",
            ("/ len(error)", "/ X.shape[1]"),
        ),
        Wrong(
            "by-all",
            "You divide by N times D. The mean is over the N points only.",
            ("/ len(error)", "/ X.size"),
        ),
        Wrong(
            "square-lost",
            "Your gradients are half of what they should be: what is the derivative of a square?",
            ("dloss * 2 * error", "dloss * error"),
        ),
        Wrong(
            "upstream-lost",
            "Your gradients do not move with `dloss`: how fast the loss moves what lies behind it is missing.",
            ("dloss * 2 * error", "2 * error"),
        ),
        Wrong(
            "sign",
            "Both have the wrong sign: it is y minus t that is squared, and y enters with a plus.",
            ("dloss * 2 * error", "-dloss * 2 * error"),
        ),
    ),
    also_right=((("dw = X.T @ dy", "dw = dy @ X"),),),
)
