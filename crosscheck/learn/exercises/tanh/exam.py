"""The gradient through a hyperbolic tangent."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.tanh.solution import tanh_forward


def case(draw: Draw) -> Case:
    """Draw numbers where the tangent is bent."""
    N = draw.size("N")
    x, dy = draw.normal(N), draw.normal(N)
    _, cache = tanh_forward(x)
    return Case((dy, cache), lambda: gradients(lambda x: np.sum(dy * tanh_forward(x)[0]), x))


EXAM = Exam(
    function="tanh_backward",
    returns=("dx",),
    case=case,
    withheld=("tanh_forward",),
    wrong=(
        Wrong(
            "twice",
            "You take the tanh of `y`. But `y` is the tanh already: x is not in the cache, and is not needed.",
            ("1 - y**2", "1 - np.tanh(y) ** 2"),
        ),
        Wrong("not-squared", "Your slope is 1 - y. Check it at the far left, where y is -1.", ("1 - y**2", "1 - y")),
        Wrong(
            "sigmoid",
            "Your slope is y (1 - y): that is the derivative of the sigmoid. At x = 0 it gives 0, where the tanh is "
            "steepest.",
            ("1 - y**2", "y * (1 - y)"),
        ),
        Wrong(
            "no-slope", "You pass `dy` on as it is: the slope of the tanh is missing.", ("dy * (1 - y**2)", "dy.copy()")
        ),
        Wrong(
            "without-upstream",
            "You say how fast y moves with x, and stop there. How fast y moves the loss is missing.",
            ("dy * (1 - y**2)", "1 - y**2"),
        ),
        Wrong(
            "not-a-power",
            "Your slope is 1 - 2 y: the square became a product with 2.",
            ("1 - y**2", "1 - 2 * y"),
        ),
        Wrong(
            "plus", "Your slope is 1 + y². It grows towards the ends, where the tanh is flat.", ("1 - y**2", "1 + y**2")
        ),
        Wrong("sign", "Your slope is y² - 1: negative everywhere, though the tanh rises.", ("1 - y**2", "y**2 - 1")),
        Wrong(
            "value",
            "You multiply `dy` by y. That is the value of the tanh, not its slope.",
            ("(1 - y**2)", "y"),
        ),
        Wrong(
            "upstream-squared",
            "The square is on `dy` as well. Only the slope of the tanh has a square in it.",
            ("dy * (1 - y**2)", "dy - (dy * y) ** 2"),
        ),
        Wrong(
            "brackets",
            "`dy` is multiplied by the 1 only, and y² is subtracted afterwards: brackets are missing.",
            ("dy * (1 - y**2)", "dy * 1 - y**2"),
        ),
        Wrong(
            "doubled",
            "Your slope is 2 y: that of y², not that of the tanh.",
            ("1 - y**2", "2 * y"),
        ),
        Wrong(
            "minus-doubled",
            "Your slope is -2 y. That is the slope of 1 - y² itself: you have differentiated once too often.",
            ("1 - y**2", "-2 * y"),
        ),
    ),
    also_right=((("1 - y**2", "(1 - y) * (1 + y)"),), (("1 - y**2", "1 / np.cosh(np.arctanh(y)) ** 2"),)),
)
