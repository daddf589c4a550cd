"""A custom_vjp for the cross-entropy of a softmax."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import LOUD, ORDINARY, Case, Draw, Exam, Wrong, gradients, values
from crosscheck.learn.exercises.case_7.solution import surprise_forward

SUBTRACT = "p.at[jnp.arange(len(p)), targets].add(-1)"
RESULT = "dloss[:, None] * dz, None"
WEIGHTS = "        losses, p = surprise_and_weights(z, targets)\n"


def case(draw: Draw) -> Case:
    """Draw logits and targets; at the last place exp would overflow."""
    T, V = draw.sizes("T", "V", least=2)
    z, targets, dloss = draw.normal(T, V), draw.integers(V, T), draw.normal(T)
    z[-1] += LOUD

    def loss(z: np.ndarray) -> Any:
        return np.sum(dloss * surprise_forward(z, targets)[0])

    return Case((z, targets, dloss), lambda: [*values(surprise_forward(z, targets)[0]), *gradients(loss, z)])


EXAM = Exam(
    function="with_rule",
    returns=("losses", "dz"),
    case=case,
    regimes=(ORDINARY,),
    measure=False,
    wrong=(
        Wrong(
            "targets-lost",
            "Your rule returns the softmax, weighted. That is the gradient of the first term of the loss alone.",
            (SUBTRACT, "p"),
        ),
        Wrong(
            "everywhere",
            "Your rule subtracts 1 from every probability. Only the target's own logit stands in the second term.",
            (SUBTRACT, "p - 1"),
        ),
        Wrong(
            "columns-of-targets",
            "Without the places, the targets pick whole columns: your rule subtracts in every row.",
            (SUBTRACT, "p.at[:, targets].add(-1)"),
        ),
        Wrong(
            "set-for-add",
            "At the targets your rule puts -1 in the place of the probability. The probability stays.",
            (".add(-1)", ".set(-1)"),
        ),
        Wrong(
            "upstream-lost",
            "Your rule does not use `dloss`: how much each place counts is missing.",
            (RESULT, "dz, None"),
        ),
        Wrong(
            "upstream-summed",
            "Every place counts with the sum of `dloss` in your rule. Each has its own.",
            (RESULT, "dloss.sum() * dz, None"),
        ),
        Wrong(
            "upstream-one-term",
            "The upstream gradient reaches one of your two terms only.",
            (SUBTRACT, "(dloss[:, None] * p).at[jnp.arange(len(p)), targets].add(-1)"),
            (RESULT, "dz, None"),
        ),
        Wrong("sign", "Your rule has the sign turned round.", (RESULT, "-dloss[:, None] * dz, None")),
        Wrong(
            "mean",
            "Your rule divides by the number of places. These losses are not averaged.",
            (RESULT, "dloss[:, None] * dz / len(p), None"),
        ),
        Wrong(
            "of-logits",
            "Your rule takes the logits for the probabilities: what you keep is not what you need.",
            ("return losses, (p, targets)", "return losses, (z, targets)"),
        ),
        Wrong(
            "softmax-alone",
            "Your rule is that of a softmax without the logarithm behind it.",
            (RESULT, "dloss[:, None] * dz * p, None"),
        ),
        Wrong(
            "naive-weights",
            "Your rule is right for ordinary logits. At 1000 its exponential overflows; the given function shifts them "
            "first.",
            (WEIGHTS, WEIGHTS + "        p = jnp.exp(z) / jnp.exp(z).sum(axis=1, keepdims=True)\n"),
        ),
    ),
    also_right=(((SUBTRACT, "p - (jnp.arange(p.shape[1]) == targets[:, None])"),),),
)
