"""The diagonal of the softmax's Jacobian in place of all of it."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import MENDED, Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.case_6.solution import read_forward

LINE = "p * (dp - (p * dp).sum(axis=1, keepdims=True))"


def case(draw: Draw) -> Case:
    """Draw scores and a memory."""
    B, V, D = draw.sizes("B", "V", "D", least=2)
    z, M, dy = draw.normal(B, V), draw.normal(V, D), draw.normal(B, D)
    _, cache = read_forward(z, M)

    def loss(z: np.ndarray, M: np.ndarray) -> Any:
        return np.sum(dy * read_forward(z, M)[0])

    return Case((dy, cache), lambda: gradients(loss, z, M))


EXAM = Exam(
    function="read_backward",
    returns=("dz", "dM"),
    case=case,
    withheld=("read_forward",),
    answer=MENDED,
    wrong=(
        Wrong(
            "as-found",
            "This is what the file did when you found it. `dM` is right. `dz` knows how a score moves its own weight, "
            "and nothing "
            "of how it moves the others.",
            (LINE, "p * (1 - p) * dp"),
        ),
        Wrong(
            "others-plus",
            "The other weights are in it now, but as if they rose when a score rises. They must make room.",
            ("dp - (p * dp)", "dp + (p * dp)"),
        ),
        Wrong(
            "sum-over-batch",
            "Your sum runs over the batch. The weights that must make room stand in the same row.",
            ("(p * dp).sum(axis=1, keepdims=True)", "(p * dp).sum(axis=0, keepdims=True)"),
        ),
        Wrong(
            "plain-mean",
            "You subtract the plain mean of `dp` in a row. The rows of your `dz` do not sum to zero: try which mean "
            "they need.",
            ("(p * dp).sum(axis=1, keepdims=True)", "dp.mean(axis=1, keepdims=True)"),
        ),
        Wrong(
            "weights-missing-in-sum",
            "You subtract the sum of `dp` over the row. By how much does each of the other weights move?",
            ("(p * dp).sum", "dp.sum"),
        ),
        Wrong(
            "mean-for-sum",
            "You take the mean of `p * dp` over the row. The paths add up.",
            ("(p * dp).sum", "(p * dp).mean"),
        ),
        Wrong(
            "outer-weight-missing",
            "Your second term is right, and so is the first, except that neither knows how large the weight itself is.",
            (LINE, "dp - (p * dp).sum(axis=1, keepdims=True)"),
        ),
        Wrong(
            "half-weighted",
            "Your second term lacks a factor: a weight that is nearly zero cannot have a large gradient.",
            (LINE, "p * dp - (p * dp).sum(axis=1, keepdims=True)"),
        ),
        Wrong(
            "first-term-alone",
            "Your `dz` takes the denominator of the softmax for a constant.",
            (LINE, "p * dp"),
        ),
        Wrong(
            "diagonal-and-sum",
            "The sum over the row holds the score's own weight as well, and 1 - p takes it away once more.",
            (LINE, "p * ((1 - p) * dp - (p * dp).sum(axis=1, keepdims=True))"),
        ),
        Wrong(
            "cross-entropy",
            "Yours is the weights minus something: that belongs to a softmax behind which a logarithm stands. Here is "
            "none.",
            (LINE, "p - dp"),
        ),
        Wrong(
            "slope-of-tanh",
            "1 - p² is the slope of a tanh. There is none in this file.",
            (LINE, "(1 - p**2) * dp"),
        ),
        Wrong(
            "dm-from-gradient",
            "`dM` was right before. Each row of the memory enters y with its weight, and that is all.",
            ("dM = p.T @ dy", "dM = (p * (1 - p)).T @ dy"),
        ),
    ),
    also_right=(
        (
            (
                LINE,
                "np.einsum('bu,buv->bv', dp, p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :])",
            ),
        ),
    ),
)
