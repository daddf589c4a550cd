"""The gradient through three links."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.chain.solution import chain_forward


def case(draw: Draw) -> Case:
    """Draw the input of the chain."""
    N = draw.size("N")
    x, dy = draw.normal(N), draw.normal(N)
    _, cache = chain_forward(x)
    return Case((dy, cache), lambda: gradients(lambda x: np.sum(dy * chain_forward(x)[0]), x))


EXAM = Exam(
    function="chain_backward",
    returns=("dx",),
    case=case,
    withheld=("chain_forward",),
    wrong=(
        Wrong(
            "cos-of-x",
            "The slope of your sine is taken at `x`. What went into the sine?",
            ("np.cos(u)", "np.cos(x)"),
        ),
        Wrong(
            "cos-of-v",
            "The slope of your sine is taken at v, which came out of the sine. What went in?",
            ("np.cos(u)", "np.cos(np.sin(u))"),
        ),
        Wrong(
            "cos-of-y",
            "The slope of your sine is taken at `y`, the end of the whole chain. What went into the sine?",
            ("np.cos(u)", "np.cos(y)"),
        ),
        Wrong(
            "exp-of-u",
            "The slope of your exponential is taken at `u`. Between `u` and the exponential stands the sine.",
            ("dy * y", "dy * np.exp(u)"),
        ),
        Wrong(
            "exp-of-x",
            "The slope of your exponential is taken at `x`. What went into the exponential?",
            ("dy * y", "dy * np.exp(x)"),
        ),
        Wrong(
            "exp-of-y",
            "You take the exponential of `y`. But `y` is the exponential already.",
            ("dy * y", "dy * np.exp(y)"),
        ),
        Wrong(
            "power-rule",
            "You treat exp(v) like a power: the exponent came down, and was lowered by one. For exp it stays where it "
            "is.",
            ("dy * y", "dy * np.sin(u) * np.exp(np.sin(u) - 1)"),
        ),
        Wrong(
            "no-exp",
            "The link of the exponential is missing: you go from `dy` straight to the sine.",
            ("dy * y", "dy"),
        ),
        Wrong(
            "no-sine",
            "The link of the sine is missing: you go from the exponential straight to the square.",
            ("dv * np.cos(u)", "dv"),
        ),
        Wrong(
            "no-square",
            "You stop at `u`. There is one more link, from `u` back to `x`.",
            ("du * 2 * x", "du"),
        ),
        Wrong(
            "square-not-doubled",
            "The slope of your square is x. It was the very first thing in this course.",
            ("du * 2 * x", "du * x"),
        ),
        Wrong(
            "minus-cos",
            "The slope of your sine has the wrong sign. It is the cosine whose slope has a minus.",
            ("np.cos(u)", "-np.cos(u)"),
        ),
        Wrong(
            "sine-not-derived",
            "Your slope of the sine is the sine itself.",
            ("np.cos(u)", "np.sin(u)"),
        ),
        Wrong(
            "without-upstream",
            "You say how fast y moves with `x`, and stop there. How fast y moves the loss is missing.",
            ("dy * y", "y"),
        ),
        Wrong(
            "slopes-added",
            "You add the slopes of the three links. What follows one another is multiplied.",
            ("du * 2 * x", "dy * (y + np.cos(u) + 2 * x)"),
        ),
    ),
    also_right=((("dy * y", "dy * np.exp(np.sin(u))"),), (("du * 2 * x", "2 * (x * du)"),)),
)
