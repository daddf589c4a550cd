"""Gradients from a cache that holds the result of a link."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.caching.solution import scale_forward


def case(draw: Draw) -> Case:
    """Draw what is divided, and what is divided by."""
    N = draw.size("N")
    x, dy, v = draw.normal(N), draw.normal(N), np.exp(draw.normal(N))
    _, cache = scale_forward(x, v)
    return Case((dy, cache), lambda: gradients(lambda x, v: np.sum(dy * scale_forward(x, v)[0]), x, v))


EXAM = Exam(
    function="scale_backward",
    returns=("dx", "dv"),
    case=case,
    withheld=("scale_forward",),
    wrong=(
        Wrong(
            "r-for-v",
            "Your slope is right for v, but you put `r` in the place of v. The cache does not hold v: rewrite the "
            "slope.",
            ("r**3", "r**-1.5"),
        ),
        Wrong(
            "slope-of-sqrt",
            "Your slope is that of sqrt(v). What stands here is one divided by it.",
            ("-0.5 * r**3", "0.5 * r"),
        ),
        Wrong("sign", "Your `dv` has the wrong sign. Does y grow or shrink when v grows?", ("-0.5", "0.5")),
        Wrong(
            "no-half", "The factor that comes down from the power is missing in your `dv`.", ("-0.5 * r**3", "-(r**3)")
        ),
        Wrong(
            "square",
            "Your `dv` holds the square of `r`: that is the slope of 1 / r, seen from r. Which power of v did you "
            "start with?",
            ("r**3", "r**2"),
        ),
        Wrong(
            "power-raised",
            "Your `dv` holds `r` to the first power, as if the power of v had not changed. It goes down by one.",
            ("r**3", "r"),
        ),
        Wrong(
            "wrong-way",
            "Your power of v went up by one, to +1/2. It goes down by one.",
            ("r**3", "r**-1"),
        ),
        Wrong(
            "dv-without-x",
            "Your `dv` goes from `dy` straight to the root. Between them stands the product with `x`.",
            ("dx, dr = dy * r, dy * x", "dx, dr = dy * r, dy"),
        ),
        Wrong(
            "factors-swapped",
            "In the product y = x r you multiplied by the factor itself: `dx` by `x`, and the gradient of r by `r`.",
            ("dx, dr = dy * r, dy * x", "dx, dr = dy * x, dy * r"),
        ),
        Wrong(
            "without-upstream",
            "You say how fast y moves, and stop there. How fast y moves the loss is missing.",
            ("dx, dr = dy * r, dy * x", "dx, dr = 1 * r, 1 * x"),
        ),
        Wrong(
            "dv-is-dr",
            "Your `dv` is the gradient of r. There is one link more, from r to v.",
            ("dr * -0.5 * r**3", "1 * dr"),
        ),
    ),
    also_right=((("dr * -0.5 * r**3", "-dr / (2 * r**-3)"),),),
)
