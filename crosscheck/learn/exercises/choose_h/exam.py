"""A step that suits the number: judged by the error that it leaves."""

import math
from typing import Any

import numpy as np

from crosscheck.learn.exam import ORDINARY, Case, Draw, Exam, Wrong, rule
from crosscheck.learn.exercises.choose_h.solution import error
from crosscheck.learn.numbers import as_numbers

SCALES = {"small": 1e-5, "vast": 1e5}
ENOUGH = 1e-6
NEIGHBOURS = np.linspace(1, 1.001, 50)
"""A step must do for all numbers close by, so that no step passes by luck"""


def case(draw: Draw) -> Case:
    """Draw a number of any sign: small, ordinary or vast."""
    x = float(draw.random.uniform(1, 9) * draw.random.choice([-1, 1])) * SCALES.get(draw.regime, 1.0)

    def accepts(h: Any) -> str | None:
        number = as_numbers(h)
        if number is None or number.shape != () or not math.isfinite(number) or number == 0:
            return f"At x = {x:.2g} it does not return a finite number other than 0."
        step = float(number)
        left = float(np.max(error(x * NEIGHBOURS, step)))
        if left < ENOUGH:
            return None
        if abs(step) > 1e-8 * abs(x):
            why = "That is too large: between x and x + h the function bends."
        else:
            why = "That is too small: what is left is the rounding of x + h and of the cubes, divided by h."
        return f"At x = {x:.2g} your step of {step:.1g} leaves an error of {left:.0e}. {why}"

    return Case((x,), lambda: rule(accepts))


EXAM = Exam(
    function="choose_h",
    returns=("h",),
    case=case,
    regimes=(ORDINARY, "small", "vast"),
    measure=False,
    wrong=(
        Wrong(
            "fixed",
            "You return 1e-8 for every x. That is best near 1. It is large beside 0.00001, and lost beside 100000.",
            ("1e-8 * abs(x)", "1e-8"),
        ),
        Wrong(
            "customary",
            "You return 1e-5 for every x, as many programs do. Near 1 that leaves an error of 1e-5: ask the table.",
            ("1e-8 * abs(x)", "1e-5"),
        ),
        Wrong(
            "two-sided-step",
            "Your step is the cube root of 2.2e-16, times x. That is the best one for two-sided differences; this one "
            "is not.",
            ("1e-8 * abs(x)", "2.220446049250313e-16 ** (1 / 3) * abs(x)"),
        ),
        Wrong(
            "smallest-visible",
            "Your step is the smallest one that changes x at all. Then x + h has one digit of h: see the left end of "
            "the table.",
            ("1e-8 * abs(x)", "2.220446049250313e-16 * abs(x)"),
        ),
        Wrong(
            "towards-zero",
            "Your step follows the textbook and goes to zero: x + h is x, and the difference is 0 divided by "
            "something.",
            ("1e-8 * abs(x)", "1e-16 * abs(x)"),
        ),
        Wrong(
            "percent",
            "Your step is a thousandth of x. On so long a way the function bends: that is the right end of the table.",
            ("1e-8 * abs(x)", "1e-3 * abs(x)"),
        ),
        Wrong(
            "divided",
            "Your step shrinks as x grows. Run the table at 1e5: which way does the best row move?",
            ("1e-8 * abs(x)", "1e-8 / abs(x)"),
        ),
        Wrong(
            "at-least-one",
            "Your step does not follow x below 1: you take 1e-8 times the larger of 1 and x, which is long beside "
            "0.00001.",
            ("1e-8 * abs(x)", "1e-8 * max(1.0, abs(x))"),
        ),
    ),
    also_right=(
        (("1e-8 * abs(x)", "1e-7 * x"),),
        (("1e-8 * abs(x)", "2.220446049250313e-16 ** 0.5 * abs(x)"),),
    ),
)
