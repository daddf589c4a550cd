"""Gradients of what was repeated."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.broadcasting.solution import scale_and_shift_forward


def case(draw: Draw) -> Case:
    """Draw a matrix with two different sides."""
    N, D = draw.sizes("N", "D")
    X, g, b, dY = draw.normal(N, D), draw.normal(N, 1), draw.normal(D), draw.normal(N, D)
    _, cache = scale_and_shift_forward(X, g, b)
    return Case((dY, cache), lambda: gradients(lambda *at: np.sum(dY * scale_and_shift_forward(*at)[0]), X, g, b))


EXAM = Exam(
    function="scale_and_shift_backward",
    returns=("dX", "dg", "db"),
    case=case,
    withheld=("scale_and_shift_forward",),
    wrong=(
        Wrong(
            "db-not-summed",
            "Your `db` is all of `dY`. But `b` is one row, used in every row of Y.",
            ("np.sum(dY, axis=0)", "dY.copy()"),
        ),
        Wrong(
            "dg-not-summed",
            "Your `dg` has an entry for every entry of `X`. But `g` is one column, used in every column of Y.",
            ("np.sum(dY * X, axis=1, keepdims=True)", "dY * X"),
        ),
        Wrong(
            "dg-flat",
            "The numbers of your `dg` are right, but it has one axis. `g` has two, the second of length 1.",
            ("axis=1, keepdims=True", "axis=1"),
        ),
        Wrong(
            "db-wide",
            "The numbers of your `db` are right, but it is a matrix of one row. `b` has one axis.",
            ("np.sum(dY, axis=0)", "np.sum(dY, axis=0, keepdims=True)"),
        ),
        Wrong(
            "db-other-axis",
            "Your `db` is summed along the other axis: entry i holds row i of `dY`. But `b[d]` stands in column d.",
            ("np.sum(dY, axis=0)", "np.sum(dY, axis=1)"),
        ),
        Wrong(
            "dg-other-axis",
            "Your `dg` is summed along the other axis: over the rows. But `g[n, 0]` is used in one row, in all its "
            "columns.",
            ("axis=1, keepdims=True", "axis=0, keepdims=True"),
        ),
        Wrong(
            "db-mean",
            "Your `db` is a mean over the rows. Each use of `b` moves the loss by its whole amount.",
            ("np.sum(dY, axis=0)", "np.mean(dY, axis=0)"),
        ),
        Wrong(
            "dg-mean",
            "Your `dg` is a mean over the columns. Each use of `g` moves the loss by its whole amount.",
            ("np.sum(dY * X", "np.mean(dY * X"),
        ),
        Wrong(
            "db-last",
            "Your `db` is the last row of `dY` alone. Every row uses `b`.",
            ("np.sum(dY, axis=0)", "dY[-1].copy()"),
        ),
        Wrong(
            "db-first",
            "Your `db` is the first row of `dY` alone. Every row uses `b`.",
            ("np.sum(dY, axis=0)", "dY[0].copy()"),
        ),
        Wrong(
            "dg-without-x",
            "Your `dg` adds up `dY` as it is. That is right for what is added; `g` is what `X` is multiplied by.",
            ("np.sum(dY * X", "np.sum(dY"),
        ),
        Wrong(
            "dx-without-g",
            "Your `dX` is `dY` as it is. Between `X` and Y stands a factor.",
            ("dX = dY * g", "dX = dY.copy()"),
        ),
        Wrong(
            "db-with-x",
            "Your `db` is multiplied by `X`. But `b` is added as it is.",
            ("np.sum(dY, axis=0)", "np.sum(dY * X, axis=0)"),
        ),
        Wrong(
            "all-summed",
            "Your `db` holds the sum of all of `dY` at every place. `b[d]` is used in column d only.",
            ("np.sum(dY, axis=0)", "np.full(dY.shape[1], np.sum(dY))"),
        ),
    ),
    also_right=((("np.sum(dY, axis=0)", "np.ones(len(dY)) @ dY"),),),
)
