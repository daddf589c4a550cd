"""The gradients of layer normalisation."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.layer_norm.solution import norm_forward

DX = "inverse * (dn - through_mean - through_spread)"


def case(draw: Draw) -> Case:
    """Draw rows of three numbers at least: two become 1 and -1, whatever they were."""
    D = draw.size("D", least=3)
    B = draw.size("B", least=2)
    x, gamma, beta, dy = 2 * draw.normal(B, D) + 1, draw.normal(D), draw.normal(D), draw.normal(B, D)
    _, cache = norm_forward(x, gamma, beta)

    def loss(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> Any:
        return np.sum(dy * norm_forward(x, gamma, beta)[0])

    return Case((dy, cache), lambda: gradients(loss, x, gamma, beta))


EXAM = Exam(
    function="norm_backward",
    returns=("dx", "dgamma", "dbeta"),
    case=case,
    withheld=("norm_forward",),
    wrong=(
        Wrong(
            "naive",
            "Your `dx` takes mean and spread for constants. Every entry of a row has a share in both.",
            (DX, "inverse * dn"),
        ),
        Wrong(
            "spread-constant",
            "Your `dx` takes the spread for a constant: the path through v is missing.",
            (DX, "inverse * (dn - through_mean)"),
        ),
        Wrong(
            "mean-constant",
            "Your `dx` takes the mean for a constant: its rows do not sum to zero.",
            (DX, "inverse * (dn - through_spread)"),
        ),
        Wrong(
            "gamma-outside",
            "Your `dx` is right where `gamma` is the same in every column. It must be in before the means are taken.",
            ("dn = dy * gamma", "dn = dy"),
            (DX, "gamma * inverse * (dn - through_mean - through_spread)"),
        ),
        Wrong(
            "gamma-lost",
            "Your `dx` never meets `gamma`.",
            ("dn = dy * gamma", "dn = dy"),
        ),
        Wrong(
            "gamma-in-one-term",
            "Your first term has `gamma`, your means do not.",
            ("dn.mean(", "dy.mean("),
            ("(dn * n).mean(", "(dy * n).mean("),
        ),
        Wrong(
            "scale-lost",
            "The bracket of your `dx` is right. n is x divided by something, and that is missing.",
            (DX, "dn - through_mean - through_spread"),
        ),
        Wrong(
            "scale-inverted",
            "You multiply by the spread where the forward pass divides by it.",
            (DX, "(dn - through_mean - through_spread) / inverse"),
        ),
        Wrong(
            "scale-squared",
            "You divide by the spread twice.",
            (DX, "inverse**2 * (dn - through_mean - through_spread)"),
        ),
        Wrong(
            "scale-of-first-term",
            "Only the first of your three terms is divided by the spread.",
            (DX, "inverse * dn - through_mean - through_spread"),
        ),
        Wrong(
            "means-over-batch",
            "Your means run over the batch. That is batch normalisation; here each row has its own.",
            ("dn.mean(axis=1, keepdims=True)", "dn.mean(axis=0, keepdims=True)"),
            ("(dn * n).mean(axis=1, keepdims=True)", "(dn * n).mean(axis=0, keepdims=True)"),
        ),
        Wrong(
            "sums-for-means",
            "Your two corrections are sums over the row. The forward pass has a factor 1/D in its mean and in its "
            "spread.",
            ("dn.mean(axis=1", "dn.sum(axis=1"),
            ("(dn * n).mean(axis=1", "(dn * n).sum(axis=1"),
        ),
        Wrong(
            "spread-sign",
            "Your correction for the spread has the wrong sign: a larger spread makes n smaller.",
            ("- through_spread", "+ through_spread"),
        ),
        Wrong(
            "mean-sign",
            "Your correction for the mean has the wrong sign: a larger mean makes n smaller.",
            ("- through_mean", "+ through_mean"),
        ),
        Wrong(
            "spread-without-n",
            "Your correction for the spread is the same for the whole row. How much an entry moves the spread depends "
            "on how "
            "far from the mean it is.",
            ("n * (dn * n).mean(", "(dn * n).mean("),
        ),
        Wrong(
            "spread-without-product",
            "Your correction for the spread is n times the mean of dn. The spread moves each n[d] in proportion to "
            "n[d].",
            ("n * (dn * n).mean(", "n * dn.mean("),
        ),
        Wrong(
            "spread-twice",
            "Your correction for the spread is twice as large as it should be: look for the ½ of the square root.",
            ("through_spread = n *", "through_spread = 2 * n *"),
        ),
        Wrong(
            "spread-halved",
            "Your correction for the spread is half as large as it should be: look for the 2 of the square.",
            ("through_spread = n *", "through_spread = n / 2 *"),
        ),
        Wrong(
            "dgamma-without-n",
            "Your `dgamma` is the gradient of `beta`. What is `gamma` multiplied by?",
            ("(dy * n).sum(axis=0)", "dy.sum(axis=0)"),
        ),
        Wrong(
            "dgamma-times-gamma",
            "Your `dgamma` is multiplied by `gamma` itself.",
            ("(dy * n).sum(axis=0)", "(dy * n * gamma).sum(axis=0)"),
        ),
        Wrong(
            "parameters-averaged",
            "Your `dgamma` and `dbeta` are means over the batch. Every row is a path of its own.",
            ("(dy * n).sum(axis=0)", "(dy * n).mean(axis=0)"),
            ("dy.sum(axis=0)", "dy.mean(axis=0)"),
        ),
    ),
)
