"""A gradient to the last digits: nothing but complex steps gets there."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, rule

DIGITS = 1e-12
"""Of the largest entry: a difference is off by 1e-11 at best, a complex step by 1e-15"""
ROUGH = 1e-4
"""What is further off than that is no derivative at all"""


def case(draw: Draw) -> Case:
    """Draw a function and a place."""
    N = draw.size("N")
    coefficients, x = draw.normal(2, N) / np.sqrt(N), draw.normal(N)

    def accepts(found: Any) -> str | None:
        array = np.asarray(found)
        if array.dtype.kind == "c":
            return "`found` is complex: return real numbers, made of the imaginary parts."
        if array.shape != x.shape or array.dtype.kind not in "fiu":
            return f"`found` must be an array of real numbers of shape ({N},)."
        a, b = coefficients
        right = (a * np.cos(a @ x) + b * np.sin(a @ x)) * np.exp(b @ x)
        off = np.abs(array - right) / np.max(np.abs(right))
        worst = int(np.argmax(np.where(np.isfinite(off), off, np.inf)))
        if off[worst] <= DIGITS:
            return None
        if off[worst] <= ROUGH:
            return (
                f"It is nearly right: entry {worst} is off by {off[worst]:.0e} of the largest one. "
                "All digits can be had: is something subtracted, or is h too large?"
            )
        return f"`found` is not the gradient: entry {worst} is {array[worst]:.6g}, not {right[worst]:.6g}."

    return Case((coefficients, x), lambda: rule(accepts))


EXAM = Exam(
    function="gradient",
    returns=("found",),
    case=case,
    wrong=(
        Wrong(
            "not-divided",
            "You return the imaginary part itself: that is h times the slope.",
            (".imag / h", ".imag"),
        ),
        Wrong(
            "real-part",
            "You take the real part and divide it by h. The real part is f itself; in which part is the slope?",
            (".imag / h", ".real / h"),
        ),
        Wrong(
            "real-step",
            "Your gradient is 0 everywhere: nothing imaginary arrived. Either the step is real, or the array that "
            "holds it.",
            ("1j * h", "h"),
        ),
        Wrong("other-side", "Your step goes down the imaginary axis: every sign is the wrong one.", ("+= 1j", "-= 1j")),
        Wrong(
            "modulus",
            "You divide the absolute value of f by h. It mixes both parts, and is nearly f itself.",
            ("f(z).imag", "abs(f(z))"),
        ),
        Wrong(
            "all-moved",
            "You move all entries at once, so that every place holds the same number. Move entry i alone.",
            ("z[i] +=", "z +="),
        ),
        Wrong(
            "stays-moved",
            "Entries that were moved stay moved: each place holds the sum of its own slope and those before it.",
            (
                "for i in range(len(x)):\n        z = x.astype(complex)\n",
                "z = x.astype(complex)\n    for i in range(len(x)):\n",
            ),
        ),
        Wrong(
            "two-sided",
            "It is right to ten digits or so, as two-sided differences with h = 1e-5 are, or complex steps of that "
            "length. Here nothing has to be subtracted, and h can be far smaller.",
            ("h = 1e-20", "h = 1e-5"),
            ("z = x.astype(complex)", "z, w = x.copy(), x.copy()"),
            ("z[i] += 1j * h", "z[i] += h\n        w[i] -= h"),
            ("f(z).imag / h", "(f(z) - f(w)) / (2 * h)"),
        ),
        Wrong(
            "two-ways",
            "You divide by 2h, as for two sides. Here one step was made.",
            (".imag / h", ".imag / (2 * h)"),
        ),
    ),
    also_right=((("h = 1e-20", "h = 1e-100"),), (("h = 1e-20", "h = 1e-9"),)),
)
