"""The gradients of a gate and of what goes through it."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.sigmoid.solution import gate_forward


def case(draw: Draw) -> Case:
    """Draw a gate that is neither open nor shut."""
    N = draw.size("N")
    z, c, dy = draw.normal(N), draw.normal(N), draw.normal(N)
    _, cache = gate_forward(z, c)
    return Case((dy, cache), lambda: gradients(lambda z, c: np.sum(dy * gate_forward(z, c)[0]), z, c))


EXAM = Exam(
    function="gate_backward",
    returns=("dz", "dc"),
    case=case,
    withheld=("gate_forward",),
    wrong=(
        Wrong(
            "tanh",
            "Your slope is 1 - g²: that is the derivative of the tanh.",
            ("g * (1 - g)", "(1 - g**2)"),
        ),
        Wrong(
            "twice",
            "You take the sigmoid of `g`. But `g` is the sigmoid already: z is not in the cache, and is not needed.",
            ("g * (1 - g)", "(1 / (1 + np.exp(-g))) * (1 - 1 / (1 + np.exp(-g)))"),
        ),
        Wrong("half-slope", "Your slope is 1 - g. One factor is missing.", ("dg * g * (1 - g)", "dg * (1 - g)")),
        Wrong("other-half", "Your slope is g. One factor is missing.", ("dg * g * (1 - g)", "dg * g")),
        Wrong(
            "no-slope",
            "Your `dz` is the gradient of g. From g back to z there is one more link, the sigmoid.",
            ("dg * g * (1 - g)", "1 * dg"),
        ),
        Wrong(
            "dz-without-c",
            "Your `dz` goes from `dy` straight to the sigmoid. Between them stands the product with `c`.",
            ("dg, dc = dy * c, dy * g", "dg, dc = dy, dy * g"),
        ),
        Wrong(
            "dc-without-gate",
            "Your `dc` is `dy` as it is. What flows back through a gate is held back by it, as on the way forward.",
            ("dg, dc = dy * c, dy * g", "dg, dc = dy * c, 1 * dy"),
        ),
        Wrong(
            "factors-swapped",
            "In the product y = g c you multiplied by the factor itself: what is g multiplied by?",
            ("dg, dc = dy * c, dy * g", "dg, dc = dy * g, dy * c"),
        ),
        Wrong(
            "slope-on-both",
            "Your `dc` has the slope of the sigmoid in it. `c` does not go through the sigmoid.",
            ("return dz, dc", "return dz, dc * (1 - g)"),
        ),
        Wrong(
            "without-upstream",
            "You say how fast y moves, and stop there. How fast y moves the loss is missing.",
            ("dg, dc = dy * c, dy * g", "dg, dc = 1 * c, 1 * g"),
        ),
        Wrong(
            "sign",
            "Your `dz` has the wrong sign. Does the sigmoid rise or fall? Two minus signs meet in its slope.",
            ("g * (1 - g)", "g * (g - 1)"),
        ),
    ),
    also_right=((("g * (1 - g)", "(g - g**2)"),),),
)
