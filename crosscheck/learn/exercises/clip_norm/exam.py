"""Three arrays shortened by one factor."""

import numpy as np

from crosscheck.learn.exam import HUGE, ONE, ORDINARY, Case, Draw, Exam, Wrong, values

WITHIN, ZERO = "within", "zero"
"""Regimes: gradients that need no clipping, and gradients of zeros"""


def case(draw: Draw) -> Case:
    """Draw gradients, and a bound below their norm; above it where the regime says so."""
    N, H = draw.sizes("N", "H", least=2)
    size = {ZERO: 0.0, ONE: 0.01}.get(draw.regime, draw.scale**60)
    gradients = tuple(size * draw.normal(*shape) for shape in ((H, N), (H, H), (H,)))
    together = np.concatenate([g.ravel() for g in gradients])
    norm = float(np.linalg.norm(together / (size or 1))) * size
    bound = {WITHIN: 1.5 * norm, ZERO: 1.0, HUGE: 5.0}.get(draw.regime, 0.7 * norm * float(draw.random.random()))
    factor = bound / norm if norm > bound else 1.0
    return Case((gradients, bound), lambda: values(*(g * factor for g in gradients)))


def _with_overflow(wrong: Wrong) -> Wrong:
    """Return the same mistake of somebody who squares the entries as they are."""
    squares = ("norm = largest * ", "norm = "), ("(g / largest)", "g")
    return Wrong(f"{wrong.name}-overflow", f"{wrong.message} And large squares overflow.", *wrong.edits, *squares)


WRONG = (
    Wrong(
        "not-clipped",
        "Nothing was shortened: the arrays come back as they came in.",
        ("factor = bound / norm", "factor = 1.0"),
    ),
    Wrong(
        "always-scaled",
        "You bring every gradient to the length `bound`, short ones too. Those within the bound stay as they are.",
        ("if norm > bound:", "if True:"),
    ),
    Wrong(
        "scaled-if-short",
        "Your comparison is the wrong way round: short gradients are stretched, and long ones are let through.",
        ("if norm > bound:", "if norm < bound:"),
    ),
    Wrong(
        "norm-of-each",
        "Each array is shortened by a norm of its own. There is one norm for all three, and so one factor.",
        (
            "(factor * g for g in gradients)",
            "(g * np.minimum(1, bound / np.maximum(np.linalg.norm(g / (largest or 1)) * largest, 1e-300))"
            " for g in gradients)",
        ),
    ),
    Wrong(
        "sum-of-norms",
        "You add up the norms of the arrays. Add up the squares of all entries, and take one root at the end.",
        (
            "np.sqrt(sum(np.sum((g / largest) ** 2) for g in gradients))",
            "sum(np.sqrt(np.sum((g / largest) ** 2)) for g in gradients)",
        ),
    ),
    Wrong(
        "largest-norm",
        "You use the largest of the norms of the arrays. All entries of all arrays count.",
        (
            "np.sqrt(sum(np.sum((g / largest) ** 2) for g in gradients))",
            "max(np.sqrt(np.sum((g / largest) ** 2)) for g in gradients)",
        ),
    ),
    Wrong(
        "mean-square",
        "You take the mean of the squares where the norm has their sum.",
        (
            "np.sqrt(sum(np.sum((g / largest) ** 2) for g in gradients))",
            "np.sqrt(sum(np.sum((g / largest) ** 2) for g in gradients) / sum(g.size for g in gradients))",
        ),
    ),
    Wrong(
        "no-root",
        "You divide by the sum of the squares: the root is missing.",
        ("if norm > bound:", "if norm > 0 and (norm := norm**2) > bound:"),
    ),
    Wrong(
        "sum-of-sizes",
        "Your norm is the sum of the sizes of the entries, in place of the root of the sum of squares.",
        (
            "np.sqrt(sum(np.sum((g / largest) ** 2) for g in gradients))",
            "sum(np.sum(np.abs(g / largest)) for g in gradients)",
        ),
    ),
    Wrong(
        "largest-entry",
        "You compare the largest entry with the bound, in place of the norm.",
        ("norm = largest * np.sqrt(sum(np.sum((g / largest) ** 2) for g in gradients))", "norm = largest"),
    ),
    Wrong(
        "bias-forgotten",
        "The bias is not in your norm: all three arrays are part of the one long vector.",
        (
            "sum(np.sum((g / largest) ** 2) for g in gradients)",
            "sum(np.sum((g / largest) ** 2) for g in gradients[:2])",
        ),
    ),
    Wrong(
        "bias-not-scaled",
        "The matrices are shortened, and the bias is not.",
        ("(factor * g for g in gradients)", "((factor if g.ndim > 1 else 1.0) * g for g in gradients)"),
    ),
    Wrong(
        "direction-only",
        "You divide by the norm and do not multiply by the bound: your gradients have length 1.",
        ("factor = bound / norm", "factor = 1 / norm"),
    ),
    Wrong(
        "factor-upside-down",
        "Your factor is upside down: what is too long becomes longer.",
        ("factor = bound / norm", "factor = norm / bound"),
    ),
    Wrong(
        "by-value",
        "You limit every entry on its own. Here all are multiplied by the same number.",
        ("(factor * g for g in gradients)", "(np.clip(g, -bound, bound) for g in gradients)"),
    ),
    Wrong(
        "overflow",
        "It is right, but not where entries are as large as 1e180: the square of such a number is infinite.",
        (
            "norm = largest * np.sqrt(sum(np.sum((g / largest) ** 2) for g in gradients))",
            "norm = np.sqrt(sum(np.sum(g**2) for g in gradients))",
        ),
    ),
    Wrong(
        "zero-divided",
        "A gradient of zeros has become NaN: something was divided by 0.",
        ("if largest > 0:", "if True:"),
        ("if norm > bound:", "if not norm <= bound:"),
    ),
    Wrong(
        "with-epsilon",
        "You add a small number to the norm. Your steps are a little shorter than the bound allows.",
        ("factor = bound / norm", "factor = bound / (norm + 1e-6)"),
    ),
)
SQUARED = {
    "sum-of-norms",
    "largest-norm",
    "mean-square",
    "bias-forgotten",
    "bias-not-scaled",
    "direction-only",
    "with-epsilon",
}
"""Mistakes that go well with another one"""

EXAM = Exam(
    function="clip_by_norm",
    returns=("dWxh", "dWhh", "dbh"),
    case=case,
    regimes=(ORDINARY, ORDINARY, ONE, WITHIN, ZERO, HUGE),
    wrong=(
        *WRONG,
        *(_with_overflow(one) for one in WRONG if one.name in SQUARED),
        Wrong(
            "always-scaled-overflow",
            "You bring every gradient to the length `bound`, short ones too; zeros become NaN, large squares infinite.",
            ("if norm > bound:", "if True:"),
            ("if largest > 0:", "if True:"),
            ("norm = largest * ", "norm = "),
            ("(g / largest)", "g"),
        ),
        Wrong(
            "norm-of-each-overflow",
            "Each array is shortened by a norm of its own, where one norm serves all three; large squares overflow.",
            (
                "(factor * g for g in gradients)",
                "(g * np.minimum(1, bound / np.sqrt(np.sum(g**2))) if g.any() else g for g in gradients)",
            ),
        ),
    ),
    also_right=((("if norm > bound:", "if norm >= bound:"),),),
)
