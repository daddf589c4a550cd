"""The gradient through a kink, and at it."""

import numpy as np

from crosscheck.learn.exam import ONE, Case, Draw, Exam, Wrong, values


def case(draw: Draw) -> Case:
    """Draw numbers of which one is exactly 0."""
    N = draw.size("N", least=1 if draw.regime == ONE else 5)
    x, dy = draw.normal(N), draw.normal(N)
    if N > 1:
        x[:3] = 0, np.abs(x[1]), -np.abs(x[2])
    right = [slope if number > 0 else 0.0 for slope, number in zip(dy, x, strict=True)]
    return Case((dy, x), lambda: values(right))


EXAM = Exam(
    function="relu_backward",
    returns=("dx",),
    case=case,
    withheld=("relu_forward",),
    wrong=(
        Wrong(
            "open-at-zero",
            "It is right, but not where `x` is exactly 0: there your door is open, and it is agreed that it is shut.",
            ("x > 0", "x >= 0"),
        ),
        Wrong(
            "half-at-zero",
            "It is right, but not where `x` is exactly 0: there your slope is 1/2. It is agreed that it counts as 0.",
            ("(x > 0)", "np.heaviside(x, 0.5)"),
        ),
        Wrong(
            "upstream-rectified",
            "You rectify `dy`, so that its sign decides what passes. What decided on the way forward?",
            ("dy * (x > 0)", "np.maximum(dy, 0)"),
        ),
        Wrong(
            "both-rectified",
            "The door is right, but then you drop what is negative in `dy` as well. Gradients may have any sign.",
            ("dy * (x > 0)", "np.maximum(dy, 0) * (x > 0)"),
        ),
        Wrong("no-door", "You pass all of `dy`, as if every door were open.", ("dy * (x > 0)", "dy.copy()")),
        Wrong(
            "without-upstream",
            "You say where the doors are open, and stop there: nothing goes through them.",
            ("dy * (x > 0)", "1.0 * (x > 0)"),
        ),
        Wrong(
            "value",
            "You multiply `dy` by the value of the function, max(x, 0). What is wanted is its slope.",
            ("(x > 0)", "np.maximum(x, 0)"),
        ),
        Wrong(
            "sign",
            "Your slope is -1 where `x` is negative: that is the slope of |x|.",
            ("(x > 0)", "np.sign(x)"),
        ),
        Wrong("shut", "Your doors are open where they should be shut: where `x` is negative.", ("x > 0", "x < 0")),
        Wrong(
            "open-above-one",
            "Your doors open above 1. The kink is somewhere else.",
            ("x > 0", "x > 1"),
        ),
    ),
    also_right=((("dy * (x > 0)", "np.where(x > 0, dy, 0)"),), (("x > 0", "np.maximum(x, 0) > 0"),)),
)
