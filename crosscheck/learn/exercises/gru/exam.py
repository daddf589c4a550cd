"""The gradients of one step of a GRU."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import ONE, ORDINARY, Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.gru.solution import gru_forward

DH = "z * dh_new + r * dreset + Ur.T @ dar + Uz.T @ daz"
DU = "[np.outer(dar, h), np.outer(daz, h), np.outer(dan, r * h)]"


def case(draw: Draw) -> Case:
    """Draw one step from a state that is not zero."""
    N, H = draw.sizes("N", "H")
    x, h, b, dh_new = draw.normal(N), draw.normal(H), draw.normal(3 * H), draw.normal(H)
    W, U = draw.normal(3 * H, N) / np.sqrt(N), draw.normal(3 * H, H) / np.sqrt(H)
    _, cache = gru_forward(x, h, W, U, b)

    def loss(W: np.ndarray, U: np.ndarray, b: np.ndarray, x: np.ndarray, h: np.ndarray) -> Any:
        return np.sum(dh_new * gru_forward(x, h, W, U, b)[0])

    return Case((dh_new, cache), lambda: gradients(loss, W, U, b, x, h))


EXAM = Exam(
    function="gru_backward",
    returns=("dW", "dU", "db", "dx", "dh"),
    case=case,
    withheld=("gru_forward",),
    regimes=(ORDINARY, ORDINARY, ONE),
    wrong=(
        Wrong(
            "no-direct-path",
            "Your `dh` lacks the path on which the old state is kept.",
            (DH, "r * dreset + Ur.T @ dar + Uz.T @ daz"),
        ),
        Wrong(
            "no-reset-path",
            "Your `dh` lacks the path through the product r h, where `h` is a factor.",
            (DH, "z * dh_new + Ur.T @ dar + Uz.T @ daz"),
        ),
        Wrong(
            "reset-path-open",
            "On its way through the candidate your `dh` does not meet the reset gate: the third block of `U` did not "
            "read `h` itself.",
            (DH, "z * dh_new + dreset + Ur.T @ dar + Uz.T @ daz"),
        ),
        Wrong(
            "no-path-through-r",
            "Your `dh` lacks the path through the reset gate itself: r read the old state.",
            (DH, "z * dh_new + r * dreset + Uz.T @ daz"),
        ),
        Wrong(
            "no-path-through-z",
            "Your `dh` lacks the path through the update gate itself: z read the old state.",
            (DH, "z * dh_new + r * dreset + Ur.T @ dar"),
        ),
        Wrong(
            "no-path-through-gates",
            "Your `dh` lacks the paths through the gates: both of them read the old state.",
            (DH, "z * dh_new + r * dreset"),
        ),
        Wrong(
            "complement-kept",
            "The direct path of your `dh` has 1 - z. Which part of the old state was kept?",
            (DH, "(1 - z) * dh_new + r * dreset + Ur.T @ dar + Uz.T @ daz"),
        ),
        Wrong(
            "gates-not-transposed",
            "Your `dh` goes through `Ur` and `Uz` as in the forward pass.",
            (DH, "z * dh_new + r * dreset + Ur @ dar + Uz @ daz"),
        ),
        Wrong(
            "update-sign",
            "Your `dz` has the wrong sign: when z rises, which of the two gains?",
            ("(h - n) * dh_new", "(n - h) * dh_new"),
        ),
        Wrong(
            "update-old-only",
            "Your `dz` has one term. In the last line z stands twice.",
            ("(h - n) * dh_new", "h * dh_new"),
        ),
        Wrong(
            "update-new-only",
            "Your `dz` has the term of the candidate alone. In the last line z stands twice.",
            ("(h - n) * dh_new", "-n * dh_new"),
        ),
        Wrong(
            "candidate-by-z",
            "Your `dn` is multiplied by z. Look at the factor of n in the last line.",
            ("(1 - z) * dh_new", "z * dh_new"),
        ),
        Wrong(
            "candidate-slope-of-sigmoid",
            "Your slope of the candidate is that of a sigmoid. It is a tanh.",
            ("(1 - n**2)", "n * (1 - n)"),
        ),
        Wrong(
            "candidate-slope-missing",
            "Your candidate goes back without the slope of its tanh.",
            ("(1 - n**2) * dn", "dn"),
        ),
        Wrong(
            "gates-slope-missing",
            "Your gates go back without the slope of their sigmoids.",
            ("r * (1 - r) * dr", "dr"),
            ("z * (1 - z) * dz", "dz"),
        ),
        Wrong(
            "gates-slope-of-tanh",
            "Your slopes of the gates are those of a tanh. Gates are sigmoids.",
            ("r * (1 - r) * dr", "(1 - r**2) * dr"),
            ("z * (1 - z) * dz", "(1 - z**2) * dz"),
        ),
        Wrong(
            "reset-by-itself",
            "Your `dr` is multiplied by r. In a product, each factor gets the other one.",
            ("dr = h * dreset", "dr = r * dreset"),
        ),
        Wrong(
            "reset-not-through-un",
            "Your `dr` did not go back through `Un`.",
            ("dr = h * dreset", "dr = h * dan"),
        ),
        Wrong(
            "un-not-transposed",
            "Going back through `Un` you multiply as in the forward pass.",
            ("Un.T @ dan", "Un @ dan"),
        ),
        Wrong(
            "reset-after-product",
            "This is the gradient of the other GRU, which resets after the product. Here r meets `h` before it.",
            ("dr = h * dreset", "dr = (Un @ h) * dan"),
            (DU, "[np.outer(dar, h), np.outer(daz, h), np.outer(r * dan, h)]"),
            (DH, "z * dh_new + Un.T @ (r * dan) + Ur.T @ dar + Uz.T @ daz"),
        ),
        Wrong(
            "du-plain-state",
            "The third block of your `dU` uses the state as it was. What was `Un` multiplied by?",
            (DU, "[np.outer(dar, h), np.outer(daz, h), np.outer(dan, h)]"),
        ),
        Wrong(
            "du-reset-everywhere",
            "All blocks of your `dU` use r h. Only the candidate saw the state through the reset gate.",
            (DU, "[np.outer(dar, r * h), np.outer(daz, r * h), np.outer(dan, r * h)]"),
        ),
        Wrong(
            "blocks-exchanged",
            "Your blocks of r and z are exchanged. In this file r comes first.",
            ("[dar, daz, dan]", "[daz, dar, dan]"),
            (DU, "[np.outer(daz, h), np.outer(dar, h), np.outer(dan, r * h)]"),
        ),
    ),
    also_right=((("Un.T @ dan", "dan @ Un"),), (("(h - n) * dh_new", "h * dh_new - n * dh_new"),)),
)
