"""An autograd.Function for the root mean square norm."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients, values

EPSILON = 0.01
"""Large enough that a forgotten one shows"""
DX = "inverse * (dn - n * (dn * n).mean(dim=1, keepdim=True))"


def norm(x: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Return each row divided by its root mean square, its columns stretched."""
    return x / np.sqrt((x * x).mean(axis=1, keepdims=True) + EPSILON) * gain


def case(draw: Draw) -> Case:
    """Draw rows that have no mean of zero."""
    B, D = draw.sizes("B", "D", least=2)
    x, gain, dy = draw.normal(B, D) + 1, draw.normal(D), draw.normal(B, D)

    def loss(x: np.ndarray, gain: np.ndarray) -> Any:
        return np.sum(dy * norm(x, gain))

    return Case((x, gain, EPSILON, dy), lambda: [*values(norm(x, gain)), *gradients(loss, x, gain)])


EXAM = Exam(
    function="RMSNorm",
    returns=("y", "dx", "dgain"),
    case=case,
    measure=False,
    wrong=(
        Wrong(
            "spread-constant",
            "Your `dx` takes the root mean square for a constant. Every entry of a row has a share in it.",
            (DX, "inverse * dn"),
        ),
        Wrong(
            "layer-norm",
            "Your `dx` is that of layer normalisation: its rows sum to zero. Here no mean is subtracted.",
            (DX, "inverse * (dn - dn.mean(dim=1, keepdim=True) - n * (dn * n).mean(dim=1, keepdim=True))"),
        ),
        Wrong(
            "gain-outside",
            "Your `dx` is right where the gain is the same in every column. It must be in before the mean is taken.",
            (DX, "gain * inverse * (dy - n * (dy * n).mean(dim=1, keepdim=True))"),
        ),
        Wrong(
            "gain-lost",
            "Your `dx` never meets the gain.",
            (DX, "inverse * (dy - n * (dy * n).mean(dim=1, keepdim=True))"),
        ),
        Wrong(
            "scale-lost",
            "The bracket of your `dx` is right. n is x divided by something, and that is missing.",
            (DX, "dn - n * (dn * n).mean(dim=1, keepdim=True)"),
        ),
        Wrong(
            "sum-for-mean",
            "Your second term is a sum over the row. The forward pass has a factor 1/D in m.",
            ("(dn * n).mean(", "(dn * n).sum("),
        ),
        Wrong(
            "over-batch",
            "Your mean runs over the batch. Each row has its own m.",
            ("(dn * n).mean(dim=1", "(dn * n).mean(dim=0"),
        ),
        Wrong(
            "sign",
            "Your second term has the wrong sign: a larger m makes n smaller.",
            ("(dn - n *", "(dn + n *"),
        ),
        Wrong(
            "twice",
            "Your second term is twice as large as it should be: look for the ½ of the root.",
            ("(dn - n *", "(dn - 2 * n *"),
        ),
        Wrong(
            "halved",
            "Your second term is half as large as it should be: look for the 2 of the square.",
            ("(dn - n *", "(dn - n / 2 *"),
        ),
        Wrong(
            "x-for-n",
            "Your second term uses x where n belongs, which is x after the division.",
            (DX, "inverse * (dn - x * (dn * x).mean(dim=1, keepdim=True))"),
        ),
        Wrong(
            "dgain-without-n",
            "Your `dgain` is the sum of `dy`. What is the gain multiplied by?",
            ("(dy * n).sum(dim=0)", "dy.sum(dim=0)"),
        ),
        Wrong(
            "dgain-of-x",
            "Your `dgain` uses x. The gain is multiplied by what has been divided already.",
            ("(dy * n).sum(dim=0)", "(dy * x).sum(dim=0)"),
        ),
        Wrong(
            "dgain-mean",
            "Your `dgain` is a mean over the batch. Every row is a path of its own.",
            ("(dy * n).sum(dim=0)", "(dy * n).mean(dim=0)"),
        ),
        Wrong(
            "epsilon-lost",
            "Your y has no ε below its root.",
            (" + epsilon)", ")"),
        ),
        Wrong(
            "epsilon-outside",
            "Your ε is added to the root. It belongs below it, beside m.",
            (
                "torch.rsqrt((x * x).mean(dim=1, keepdim=True) + epsilon)",
                "1 / (torch.sqrt((x * x).mean(dim=1, keepdim=True)) + epsilon)",
            ),
        ),
        Wrong(
            "spread-not-mean-square",
            "You divide by the length of a row, the root of its sum of squares. The mean of the squares is asked for.",
            ("(x * x).mean(dim=1, keepdim=True) + epsilon", "(x * x).sum(dim=1, keepdim=True) + epsilon"),
            (DX, "inverse * (dn - n * (dn * n).sum(dim=1, keepdim=True))"),
        ),
    ),
)
