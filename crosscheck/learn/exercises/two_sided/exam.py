"""Two-sided differences with a step so large that it shows which difference was taken."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, values
from crosscheck.learn.exercises.two_sided.driver import function


def case(draw: Draw) -> Case:
    """Draw a function, a place and a step."""
    N = draw.size("N")
    coefficients, x, h = draw.normal(2, N) / np.sqrt(N), draw.normal(N), float(draw.random.uniform(0.3, 0.9))

    def expect() -> np.ndarray:
        sides = [[function(coefficients, x + side * h * axis) for axis in np.eye(N)] for side in (1, -1)]
        return np.subtract(sides[0], sides[1]) / (2 * h)

    return Case((coefficients, x, h), lambda: values(expect()))


EXAM = Exam(
    function="gradient",
    returns=("found",),
    case=case,
    wrong=(
        Wrong(
            "one-sided",
            "Your difference is one-sided: it goes from x to x + h.",
            ("down[i] -= h", "pass"),
            ("(2 * h)", "h"),
        ),
        Wrong(
            "one-sided-backwards",
            "Your difference is one-sided: it goes from x - h to x.",
            ("up[i] += h", "pass"),
            ("(2 * h)", "h"),
        ),
        Wrong(
            "divided-by-h",
            "Your gradient is twice what it should be: how far is it from x - h to x + h?",
            ("(2 * h)", "h"),
        ),
        Wrong(
            "one-sided-halved",
            "You move to one side only, but divide by the way to both.",
            ("down[i] -= h", "pass"),
        ),
        Wrong(
            "precedence",
            "You divide by 2 and then multiply by h: without brackets Python reads it from left to right.",
            ("(2 * h)", "2 * h"),
        ),
        Wrong("not-divided", "You do not divide by the length of the way.", (" / (2 * h)", "")),
        Wrong("sign", "You subtract the upper value from the lower one.", ("f(up) - f(down)", "f(down) - f(up)")),
        Wrong(
            "stays-moved",
            "Entries that were moved stay moved: when entry 1 has its turn, entry 0 is still off its place.",
            (
                "for i in range(len(x)):\n        up, down = x.copy(), x.copy()\n",
                "up, down = x.copy(), x.copy()\n    for i in range(len(x)):\n",
            ),
        ),
        Wrong(
            "not-put-back",
            "After its turn each entry is left at x - h. Put it back before the next one is moved.",
            ("    for i in", "    x = x.copy()\n    for i in"),
            ("down[i] -= h", "down[i] -= h\n        x[i] -= h"),
        ),
        Wrong(
            "left-up",
            "After its turn each entry is left at x + h. Put it back before the next one is moved.",
            ("    for i in", "    x = x.copy()\n    for i in"),
            ("down[i] -= h", "down[i] -= h\n        x[i] += h"),
        ),
        Wrong(
            "all-moved",
            "You move all entries at once, so that every place holds the same number. Move entry i alone.",
            ("up[i] += h", "up += h"),
            ("down[i] -= h", "down -= h"),
        ),
        Wrong(
            "half-steps",
            "Your steps to the two sides are half as long as they should be, and you divide by their distance.",
            ("up[i] += h", "up[i] += h / 2"),
            ("down[i] -= h", "down[i] -= h / 2"),
            ("(2 * h)", "h"),
        ),
        Wrong(
            "relative-step",
            "Your steps are h times the size of the entry. Here h is the step itself.",
            ("up[i] += h", "step = h * abs(x[i])\n        up[i] += step"),
            ("down[i] -= h", "down[i] -= step"),
            ("(2 * h)", "(2 * step)"),
        ),
    ),
    also_right=((("(f(up) - f(down)) / (2 * h)", "f(up) / (2 * h) - f(down) / (2 * h)"),),),
)
