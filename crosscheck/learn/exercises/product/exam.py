"""Both gradients of a product."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.product.solution import product_forward


def case(draw: Draw) -> Case:
    """Draw two factors."""
    N = draw.size("N")
    a, b, dy = draw.normal(N), draw.normal(N), draw.normal(N)
    _, cache = product_forward(a, b)
    return Case((dy, cache), lambda: gradients(lambda a, b: np.sum(dy * product_forward(a, b)[0]), a, b))


EXAM = Exam(
    function="product_backward",
    returns=("da", "db"),
    case=case,
    withheld=("product_forward",),
    wrong=(
        Wrong(
            "own-factor",
            "Each gradient is multiplied by its own factor: `da` by `a`, `db` by `b`. What is `a` multiplied by in y?",
            ("dy * b", "dy * a"),
            ("db = dy * a", "db = dy * b"),
        ),
        Wrong(
            "own-factor-a",
            "Your `da` is `dy` times `a` itself. How fast y moves with `a` does not depend on `a`.",
            ("dy * b", "dy * a"),
        ),
        Wrong(
            "own-factor-b",
            "Your `db` is `dy` times `b` itself. How fast y moves with `b` does not depend on `b`.",
            ("dy * a", "dy * b"),
        ),
        Wrong(
            "without-upstream",
            "You say how fast y moves, and stop there. How fast y moves the loss is missing.",
            ("dy * b", "b.copy()"),
            ("dy * a", "a.copy()"),
        ),
        Wrong(
            "only-upstream",
            "You pass `dy` on as it is, as a sum would do. In a product y does not move one to one with its factors.",
            ("dy * b", "dy.copy()"),
            ("dy * a", "dy.copy()"),
        ),
        Wrong(
            "product-rule",
            "Your gradients hold the terms of both factors. Only one thing is moved at a time: the other one stands "
            "still.",
            ("dy * b", "dy * (a + b)"),
            ("dy * a", "dy * (a + b)"),
        ),
        Wrong(
            "whole-product",
            "You multiply `dy` by y. That is what y is, not how fast it moves.",
            ("da = dy * b", "da = dy * b * a"),
            ("db = dy * a", "db = dy * a * b"),
        ),
        Wrong(
            "summed",
            "Your gradients are single sums at every place. The entries are apart here: `a[i]` reaches `y[i]` and no "
            "other.",
            ("dy * b", "0 * dy + dy @ b"),
            ("dy * a", "0 * dy + dy @ a"),
        ),
        Wrong(
            "added-upstream",
            "You add the two rates. Rates that follow one another are multiplied.",
            ("dy * b", "dy + b"),
            ("dy * a", "dy + a"),
        ),
    ),
    also_right=((("dy * b", "b * dy"),),),
)
