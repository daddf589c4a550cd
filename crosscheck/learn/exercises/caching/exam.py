"""Gradients from a cache that holds nothing but results."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.caching.solution import divide_forward


def case(draw: Draw) -> Case:
    """Draw what is divided, and what it is divided by, of either sign."""
    N = draw.size("N")
    x, dy = draw.normal(N), draw.normal(N)
    v = np.exp(draw.normal(N)) * draw.random.choice([-1, 1], size=N)
    _, cache = divide_forward(x, v)
    return Case((dy, cache), lambda: gradients(lambda x, v: np.sum(dy * divide_forward(x, v)[0]), x, v))


EXAM = Exam(
    function="divide_backward",
    returns=("dx", "dv"),
    case=case,
    withheld=("divide_forward",),
    wrong=(
        Wrong(
            "sign",
            "Your `dv` has the wrong sign. Does 1 / v grow or shrink when v grows?",
            ("-dy * y * r", "dy * y * r"),
        ),
        Wrong(
            "y-for-x",
            "You put `y` in the place of x. But `y` is x / v already: it is divided by v once too often.",
            ("-dy * y * r", "-dy * y * r**2"),
        ),
        Wrong(
            "r-for-v",
            "You divide by `r`² where the slope divides by v². But `r` is 1 / v.",
            ("-dy * y * r", "-dy * y / r**3"),
        ),
        Wrong(
            "r-and-y-for-v-and-x",
            "Your formula is right for x and v, but you put `y` and `r` in their places. Rewrite it for what the cache "
            "holds.",
            ("-dy * y * r", "-dy * y / r**2"),
        ),
        Wrong(
            "without-x",
            "Your `dv` holds `dy` and the slope of 1 / v. Between `y` and `r` stands the product with x.",
            ("-dy * y * r", "-dy * r**2"),
        ),
        Wrong(
            "gradient-of-r",
            "Your `dv` is the gradient of `r`. From `r` to v there is one link more.",
            ("-dy * y * r", "dy * y / r"),
        ),
        Wrong(
            "power-short",
            "Your `dv` is -`dy` times `y`: one power of v is missing in the slope.",
            ("-dy * y * r", "-dy * y"),
        ),
        Wrong(
            "logarithm",
            "Your `dv` is -`dy` times `r`. There is a power of v missing in the slope, and x is nowhere.",
            ("-dy * y * r", "-dy * r"),
        ),
        Wrong(
            "dx-by-y",
            "Your `dx` is `dy` times `y`. That is what comes out of the division, not how fast it moves with x.",
            ("dx = dy * r", "dx = dy * y"),
        ),
        Wrong(
            "dx-divided",
            "Your `dx` is divided by `r`. But `r` is 1 / v: dividing by it multiplies by v.",
            ("dx = dy * r", "dx = dy / r"),
        ),
        Wrong(
            "dx-only-upstream",
            "Your `dx` is `dy` as it is. Between x and y stands a factor.",
            ("dx = dy * r", "dx = dy.copy()"),
        ),
        Wrong(
            "without-upstream",
            "You say how fast y moves, and stop there. How fast y moves the loss is missing.",
            ("dx = dy * r", "dx = 1 * r"),
            ("-dy * y * r", "-y * r"),
        ),
    ),
    also_right=((("-dy * y * r", "-(dy * y / r) * r**2"),),),
)
