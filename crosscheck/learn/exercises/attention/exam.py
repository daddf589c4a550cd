"""The gradients of attention."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.attention.solution import attention_forward

SOFTMAX = "P * (dP - (P * dP).sum(axis=1, keepdims=True))"
SCALED = "dS / np.sqrt(Q.shape[1])"


def case(draw: Draw) -> Case:
    """Draw questions, keys and values."""
    T = draw.size("T", least=3)
    D, E = draw.sizes("D", "E", least=2)
    Q, K, V, dY = draw.normal(T, D), draw.normal(T, D), draw.normal(T, E), draw.normal(T, E)
    _, cache = attention_forward(Q, K, V)

    def loss(Q: np.ndarray, K: np.ndarray, V: np.ndarray) -> Any:
        return np.sum(dY * attention_forward(Q, K, V)[0])

    return Case((dY, cache), lambda: gradients(loss, Q, K, V))


EXAM = Exam(
    function="attention_backward",
    returns=("dQ", "dK", "dV"),
    case=case,
    withheld=("attention_forward",),
    wrong=(
        Wrong(
            "scale-missing",
            "Your `dQ` and `dK` are too large by the same factor: something stands between the product and `S`.",
            (SCALED, "dS"),
        ),
        Wrong(
            "scale-inverted",
            "You multiply by √D where the forward pass divides by it. A gradient goes through the same factor.",
            (SCALED, "dS * np.sqrt(Q.shape[1])"),
        ),
        Wrong(
            "scale-without-root",
            "You divide by D. The forward pass divides by its root.",
            (SCALED, "dS / Q.shape[1]"),
        ),
        Wrong(
            "scale-of-steps",
            "You divide by the root of T. D is the length of a question, not of the text.",
            (SCALED, "dS / np.sqrt(len(Q))"),
        ),
        Wrong(
            "scale-of-q-only",
            "Your `dQ` is right; your `dK` is too large by a factor. Both ways pass it.",
            (SCALED, "dS"),
            ("dQ = dS @ K", "dQ = dS @ K / np.sqrt(Q.shape[1])"),
        ),
        Wrong(
            "scale-of-k-only",
            "Your `dK` is right; your `dQ` is too large by a factor. Both ways pass it.",
            (SCALED, "dS"),
            ("dK = dS.T @ Q", "dK = dS.T @ Q / np.sqrt(Q.shape[1])"),
        ),
        Wrong(
            "softmax-diagonal",
            "Your softmax knows how a score moves its own weight only. The other weights of the row must make room.",
            (SOFTMAX, "P * (1 - P) * dP"),
        ),
        Wrong(
            "softmax-missing",
            "You take the gradient of the weights for that of the scores, future included: the softmax is left out.",
            (SOFTMAX, "dP"),
        ),
        Wrong(
            "softmax-missing-masked",
            "You take the gradient of the weights for that of the scores: the softmax is left out.",
            (SOFTMAX, "dP * (P > 0)"),
        ),
        Wrong(
            "softmax-numerator",
            "Your softmax takes its denominator for a constant.",
            (SOFTMAX, "P * dP"),
        ),
        Wrong(
            "softmax-over-questions",
            "The sum in your softmax runs down the columns. The weights of one question stand in a row.",
            ("(P * dP).sum(axis=1", "(P * dP).sum(axis=0"),
        ),
        Wrong(
            "softmax-unweighted",
            "The sum in your softmax is not weighted by `P`.",
            ("(P * dP).sum(", "dP.sum("),
        ),
        Wrong(
            "softmax-mean",
            "You subtract the plain mean over the row, future included.",
            ("(P * dP).sum(", "dP.mean("),
        ),
        Wrong(
            "softmax-outer-weight",
            "Your softmax lacks the factor `P` in front. Without it even the forbidden future gets a gradient.",
            (SOFTMAX, "dP - (P * dP).sum(axis=1, keepdims=True)"),
        ),
        Wrong(
            "dv-not-transposed",
            "Your `dV` adds up what step s attends to. A value is used by the steps that attend to it.",
            ("P.T @ dY", "P @ dY"),
        ),
        Wrong(
            "dk-not-transposed",
            "Your `dK` sums over the keys. A key is used in a column of scores, by all later questions.",
            ("dS.T @ Q", "dS @ Q"),
        ),
        Wrong(
            "dq-transposed",
            "Your `dQ` sums over the questions. A question is used in a row of scores.",
            ("dQ = dS @ K", "dQ = dS.T @ K"),
        ),
        Wrong(
            "own-side",
            "Your `dQ` is built with `Q` and your `dK` with `K`. In a product, each factor gets the other one.",
            ("dQ = dS @ K", "dQ = dS @ Q"),
            ("dK = dS.T @ Q", "dK = dS.T @ K"),
        ),
        Wrong(
            "dq-equals-dk",
            "Your `dQ` and `dK` are each other's: they are exchanged.",
            ("return dQ, dK", "return dK, dQ"),
        ),
        Wrong(
            "from-weights",
            "Your `dQ` and `dK` use `P` where the gradient of the scores belongs.",
            ("dQ = dS @ K", "dQ = P @ K"),
            ("dK = dS.T @ Q", "dK = P.T @ Q"),
        ),
    ),
    also_right=((("P.T @ dY", "np.einsum('ts,te->se', P, dY)"),),),
)
