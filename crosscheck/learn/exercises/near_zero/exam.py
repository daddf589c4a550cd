"""An error that does not mind zeros: gradients of all sizes, with zeros in them, and of zeros alone."""

import numpy as np

from crosscheck.learn.exam import ONE, ORDINARY, Case, Draw, Exam, Wrong, values

SCALES = {"faint": 1e-12, "loud": 1e6, "nothing": 0.0, "no_reference": 0.0}
"""Of the reference, by regime; in the regime `flipped` all signs of what was found are wrong"""


UNGUARDED = ("    if largest == 0:\n        return 0.0 if difference == 0 else np.inf\n", "")
"""Whoever writes these mistakes has not thought of zeros at all"""


def case(draw: Draw) -> Case:
    """Draw a reference with a zero in it, and something that is not far from it."""
    N = draw.size("N", least=1 if draw.regime == ONE else 4)
    scale = SCALES.get(draw.regime, 1.0)
    reference = draw.normal(N) * scale
    if draw.regime != ONE:
        reference[:2] = 0, -5 * scale
    found = reference + draw.normal(N) * scale * 1e-3
    if draw.regime != ONE:
        found[1] = -5.02 * scale  # the largest entry is negative, and so is the largest difference
    if draw.regime == "flipped":
        found = -reference
    if draw.regime == "no_reference":
        found = draw.normal(N)

    def expect() -> float:
        off, most = np.abs(found - reference).max(), np.abs(reference).max()
        return 0.0 if off == 0 else float(off / most) if most else np.inf

    return Case((found, reference), lambda: values(expect()))


EXAM = Exam(
    function="gradient_error",
    returns=("error",),
    case=case,
    regimes=(ORDINARY, ORDINARY, "faint", "loud", "flipped", ONE, "nothing", "no_reference"),
    wrong=(
        Wrong(
            "entry-by-entry",
            "You divide entry by entry, by the larger of the two. Where the reference is 0 that gives 1, however small "
            "the difference.",
            (
                "return difference / largest",
                "return np.max(np.abs(found - reference) / np.maximum(np.abs(found), np.abs(reference)))",
            ),
            UNGUARDED,
        ),
        Wrong(
            "entry-by-entry-guarded",
            "You have taken care of a reference that is 0 everywhere. But it may be 0 in one place, and you divide "
            "there.",
            (
                "return difference / largest",
                "return np.max(np.abs(found - reference) / np.maximum(np.abs(found), np.abs(reference)))",
            ),
        ),
        Wrong(
            "by-the-sum",
            "You divide entry by entry, by the sum of the two. Where the reference is 0 that gives 1, or 0/0.",
            (
                "return difference / largest",
                "return np.max(np.abs(found - reference) / (np.abs(found) + np.abs(reference)))",
            ),
            UNGUARDED,
        ),
        Wrong(
            "by-own-entry",
            "You divide entry by entry, by the reference. Where it is 0 that gives infinity, or 0/0.",
            ("return difference / largest", "return np.max(np.abs(found - reference) / np.abs(reference))"),
            UNGUARDED,
        ),
        Wrong(
            "by-the-sum-softened",
            "You divide entry by entry, by the sum of both sizes, or by 1e-8. At a 0 that still says 1, and a faint "
            "gradient passes.",
            (
                "return difference / largest",
                "return np.max(np.abs(found - reference) / np.maximum(1e-8, np.abs(found) + np.abs(reference)))",
            ),
            UNGUARDED,
        ),
        Wrong(
            "absolute",
            "You do not divide. Multiply the loss by 1000, and your error is 1000 times as large.",
            ("return difference / largest", "return difference"),
            UNGUARDED,
        ),
        Wrong(
            "softened",
            "You add 1e-8 to the denominator. Where the whole gradient is smaller than that, anything passes.",
            ("difference / largest", "difference / (largest + 1e-8)"),
            UNGUARDED,
        ),
        Wrong(
            "at-least-one",
            "You divide by 1 where the gradient is smaller. Where the whole gradient is small, anything passes.",
            ("difference / largest", "difference / max(largest, 1)"),
            UNGUARDED,
        ),
        Wrong(
            "sign-of-difference",
            "You take the largest difference with its sign. Where `found` is far too small, you see nothing.",
            ("np.max(np.abs(found - reference))", "np.max(found - reference)"),
        ),
        Wrong(
            "sign-of-reference",
            "You divide by the largest entry with its sign. The largest one in size may be negative.",
            ("np.max(np.abs(reference))", "np.max(reference)"),
        ),
        Wrong(
            "sizes-compared",
            "You compare the sizes of the entries. A gradient with the wrong sign would pass.",
            ("np.abs(found - reference)", "np.abs(np.abs(found) - np.abs(reference))"),
        ),
        Wrong(
            "mean",
            "You take the mean of the differences. One wrong entry among a million would hardly show.",
            ("np.max(np.abs(found - reference))", "np.mean(np.abs(found - reference))"),
        ),
        Wrong(
            "lengths",
            "You divide the Euclidean lengths. That is a fair measure too; asked for are the largest entries.",
            ("np.max(np.abs(found - reference))", "np.linalg.norm(found - reference)"),
            ("np.max(np.abs(reference))", "np.linalg.norm(reference)"),
        ),
        Wrong(
            "by-found",
            "You divide by the largest entry of `found`, the one that is in question.",
            ("np.max(np.abs(reference))", "np.max(np.abs(found))"),
        ),
        Wrong(
            "zero-by-zero",
            "Where everything is 0 you compute 0/0. Nothing is wrong there: the error is 0.",
            ("if largest == 0:", "if largest == 0 and difference > 0:"),
            ("0.0 if difference == 0 else np.inf", "np.inf"),
        ),
        Wrong(
            "excused",
            "Where the reference is 0 everywhere you return 0, even if `found` is not. That is the worst answer of "
            "all.",
            ("return 0.0 if difference == 0 else np.inf", "return 0.0"),
        ),
        Wrong(
            "alarm-at-nothing",
            "Where the reference is 0 everywhere you return infinity, even if `found` is 0 as well.",
            ("return 0.0 if difference == 0 else np.inf", "return np.inf"),
        ),
    ),
    also_right=((("np.max(np.abs(reference))", "np.linalg.norm(reference, np.inf)"),),),
)
