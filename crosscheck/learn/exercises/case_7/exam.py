"""Right numbers, and a cache that is changed on the way: told by the judge, which looks at the arguments."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import MENDED, Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.case_7.solution import surprise_forward


def case(draw: Draw) -> Case:
    """Draw logits and targets."""
    T, V = draw.sizes("T", "V", least=2)
    z, targets, dloss = draw.normal(T, V), draw.integers(V, T), draw.normal(T)
    _, cache = surprise_forward(z, targets)

    def loss(z: np.ndarray) -> Any:
        return np.sum(dloss * surprise_forward(z, targets)[0])

    return Case((dloss, cache), lambda: gradients(loss, z))


EXAM = Exam(
    function="surprise_backward",
    returns=("dz",),
    case=case,
    withheld=("surprise_forward",),
    answer=MENDED,
    wrong=(
        Wrong(
            "targets-lost",
            "You changed the formula: nothing is subtracted at the targets now. It was not the formula that was at "
            "fault.",
            ("    dz[np.arange(len(p)), targets] -= 1\n", ""),
        ),
        Wrong(
            "columns-of-targets",
            "Without the places, the targets pick whole columns: 1 is subtracted in every row.",
            ("dz[np.arange(len(p)), targets] -= 1", "dz[:, np.unique(targets)] -= 1"),
        ),
        Wrong(
            "everywhere",
            "You subtract 1 from every probability. Only the target's own logit stands in the second term of the loss.",
            ("dz[np.arange(len(p)), targets] -= 1", "dz -= 1"),
        ),
        Wrong(
            "rows-of-targets",
            "You subtract from whole rows, picked by the targets. They are numbers of columns.",
            ("dz[np.arange(len(p)), targets] -= 1", "dz[targets % len(p)] -= 1"),
        ),
        Wrong(
            "order",
            "The upstream gradient is multiplied first and 1 is subtracted after: it must reach both terms.",
            (
                "    dz[np.arange(len(p)), targets] -= 1\n    dz *= dloss[:, None]\n",
                "    dz *= dloss[:, None]\n    dz[np.arange(len(p)), targets] -= 1\n",
            ),
        ),
        Wrong(
            "upstream-lost",
            "How much each place counts has gone missing: `dloss` is not used.",
            ("    dz *= dloss[:, None]\n", ""),
        ),
        Wrong(
            "upstream-summed",
            "Every place counts with the sum of `dloss` now. Each has its own.",
            ("dloss[:, None]", "dloss.sum()"),
        ),
        Wrong("sign", "The sign is turned round.", ("dloss[:, None]", "-dloss[:, None]")),
        Wrong(
            "mean",
            "You divide by the number of places. These losses are not averaged; what happens to them is told by "
            "`dloss`.",
            ("dloss[:, None]", "dloss[:, None] / len(p)"),
        ),
        Wrong(
            "of-probability",
            "You multiply by the probability once more, as if the logarithm were not there.",
            ("dloss[:, None]", "dloss[:, None] * p"),
        ),
    ),
    also_right=(
        (
            ("dz = p.copy()", "dz = p - (np.arange(p.shape[1]) == targets[:, None])"),
            ("    dz[np.arange(len(p)), targets] -= 1\n", ""),
        ),
    ),
)
