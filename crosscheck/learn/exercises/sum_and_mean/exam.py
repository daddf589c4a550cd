"""The gradient of a matrix that was summed and averaged."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.sum_and_mean.solution import reduce_forward


def case(draw: Draw) -> Case:
    """Draw a matrix with two different sides."""
    N, D = draw.sizes("N", "D")
    X, ds, dm = draw.normal(N, D), draw.normal(D), draw.normal(N)
    _, _, shape = reduce_forward(X)

    def loss(X: np.ndarray) -> np.ndarray:
        s, m, _ = reduce_forward(X)
        return ds @ s + dm @ m

    return Case((ds, dm, shape), lambda: gradients(loss, X))


EXAM = Exam(
    function="reduce_backward",
    returns=("dX",),
    case=case,
    withheld=("reduce_forward",),
    wrong=(
        Wrong(
            "no-mean-factor",
            "You pass `dm` on undivided. One more in an entry is not one more in the mean of its row.",
            ("dm[:, None] / D", "dm[:, None]"),
        ),
        Wrong(
            "multiplied-by-columns",
            "You multiply by the number of columns. One more in an entry is less than one more in the mean of its row.",
            ("dm[:, None] / D", "dm[:, None] * D"),
        ),
        Wrong(
            "divided-by-rows",
            "You divide by the number of rows. Over how many entries is the mean of one row taken?",
            ("dm[:, None] / D", "dm[:, None] / N"),
        ),
        Wrong(
            "divided-by-all",
            "You divide by the number of all entries. Each mean is taken over one row only.",
            ("dm[:, None] / D", "dm[:, None] / (N * D)"),
        ),
        Wrong(
            "sum-divided",
            "You divide what comes back from the sums. A sum moves one to one with its terms.",
            ("dX += ds", "dX += ds / N"),
        ),
        Wrong(
            "only-mean",
            "Only what comes back from the means is there. `X` is used in the sums as well.",
            ("dX += ds", "pass"),
        ),
        Wrong(
            "only-sum",
            "Only what comes back from the sums is there. `X` is used in the means as well.",
            ("dX += dm[:, None] / D", "pass"),
        ),
        Wrong(
            "axes-swapped",
            "You spread `ds` and `dm` along the wrong axes: `ds[d]` belongs to column d, and `dm[n]` to row n.",
            ("dX += ds", "dX += ds[:, None]"),
            ("dm[:, None] / D", "dm / D"),
        ),
        Wrong(
            "dm-along-rows",
            "You spread `dm` along the rows, entry n over column n. But `m[n]` is the mean of row n.",
            ("dm[:, None] / D", "dm / D"),
        ),
        Wrong(
            "multiplied",
            "You multiply what comes back from the sums by what comes back from the means. They are two paths.",
            ("dX += dm[:, None] / D", "dX *= dm[:, None] / D"),
        ),
        Wrong(
            "summed-again",
            "You add up `ds` and `dm`, as the forward pass did with `X`. Going back, nothing is added up here, but "
            "copied.",
            ("dX += ds", "dX += ds.sum()"),
            ("dm[:, None] / D", "dm.sum() / D"),
        ),
    ),
    also_right=((("dX += ds", "dX += np.outer(np.ones(N), ds)"),),),
)
