"""Gradients that arrive on two paths."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.paths.solution import paths_forward


def case(draw: Draw) -> Case:
    """Draw two inputs."""
    N = draw.size("N")
    a, b, dy = draw.normal(N), draw.normal(N), draw.normal(N)
    _, cache = paths_forward(a, b)
    return Case((dy, cache), lambda: gradients(lambda a, b: np.sum(dy * paths_forward(a, b)[0]), a, b))


EXAM = Exam(
    function="paths_backward",
    returns=("da", "db"),
    case=case,
    withheld=("paths_forward",),
    wrong=(
        Wrong(
            "only-product",
            "Only the path through p is there. `a` and `b` are used in s as well.",
            ("da = ds + dp * b", "da = dp * b"),
            ("db = ds + dp * a", "db = dp * a"),
        ),
        Wrong(
            "only-sum",
            "Only the path through s is there. `a` and `b` are used in p as well.",
            ("da = ds + dp * b", "da = ds"),
            ("db = ds + dp * a", "db = 1 * ds"),
        ),
        Wrong(
            "paths-multiplied",
            "You multiply what comes through s by what comes through p. Along a path one multiplies; these are two "
            "paths.",
            ("ds + dp * b", "ds * dp * b"),
            ("ds + dp * a", "ds * dp * a"),
        ),
        Wrong(
            "averaged",
            "You take the mean of the two paths. Each of them moves the loss by its whole amount.",
            ("ds + dp * b", "(ds + dp * b) / 2"),
            ("ds + dp * a", "(ds + dp * a) / 2"),
        ),
        Wrong(
            "s-and-p-swapped",
            "Your gradients of s and p are exchanged. In the product y = s p, what is s multiplied by?",
            ("ds, dp = dy * p, dy * s", "dp, ds = dy * p, dy * s"),
        ),
        Wrong(
            "own-factor",
            "Through p you multiply by the factor itself: p = a b moves with `a` as fast as `b` says.",
            ("dp * b", "dp * a"),
            ("db = ds + dp * a", "db = ds + dp * b"),
        ),
        Wrong(
            "product-as-sum",
            "Through p you pass the gradient on as it is. That is right for the sum; p is a product.",
            ("dp * b", "dp"),
            ("dp * a", "dp"),
        ),
        Wrong(
            "slopes-of-y",
            "You pass `dy` itself to s and to p. The last line of the forward pass is a product: it has slopes of its "
            "own.",
            ("ds, dp = dy * p, dy * s", "ds, dp = dy, dy"),
        ),
        Wrong(
            "without-upstream",
            "You say how fast y moves, and stop there. How fast y moves the loss is missing.",
            ("ds, dp = dy * p, dy * s", "ds, dp = p, s"),
        ),
        Wrong(
            "s-path-not-through-product",
            "To s you pass `dy` itself. Between s and y stands a product.",
            ("ds, dp = dy * p, dy * s", "ds, dp = dy, dy * s"),
        ),
        Wrong(
            "p-path-not-through-product",
            "To p you pass `dy` itself. Between p and y stands a product.",
            ("ds, dp = dy * p, dy * s", "ds, dp = dy * p, dy"),
        ),
        Wrong(
            "subtracted",
            "You subtract one path from the other. Both push the loss the way that they say.",
            ("ds + dp * b", "ds - dp * b"),
            ("ds + dp * a", "ds - dp * a"),
        ),
        Wrong(
            "upstream-once",
            "`dy` is on one of your paths only, that through p. The path through s needs it as well.",
            ("ds, dp = dy * p, dy * s", "ds, dp = p, dy * s"),
        ),
        Wrong(
            "sum-multiplied",
            "Through s you multiply by the other input, as if s were a product. A sum moves one to one with what is "
            "added.",
            ("ds + dp * b", "ds * b + dp * b"),
            ("ds + dp * a", "ds * a + dp * a"),
        ),
    ),
    also_right=((("ds + dp * b", "dy * (2 * a * b + b * b)"),),),
)
