"""Repeated symbols, of which one term stays."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import MENDED, Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.case_3.solution import lookup_forward

LINE = "np.add.at(dE, ids, dy * s)"


def case(draw: Draw) -> Case:
    """Draw a text in which the first symbol comes back twice, and so often that no two mistakes look the same."""
    V, D = draw.sizes("V", "D")
    T = draw.size("T", least=4)
    E, s, dy, ids = draw.normal(V, D), draw.normal(D), draw.normal(T, D), draw.integers(V, T)
    ids[1] = ids[-1] = ids[0]
    _, cache = lookup_forward(E, s, ids)

    def loss(E: np.ndarray, s: np.ndarray) -> Any:
        return np.sum(dy * lookup_forward(E, s, ids)[0])

    return Case((dy, cache), lambda: gradients(loss, E, s))


EXAM = Exam(
    function="lookup_backward",
    returns=("dE", "ds"),
    case=case,
    withheld=("lookup_forward",),
    answer=MENDED,
    wrong=(
        Wrong(
            "as-found",
            "This is what the file did when you found it. `ds` is right. Of a symbol that occurs more than once, one "
            "occurrence alone has reached `dE`.",
            (LINE, "dE[ids] += dy * s"),
        ),
        Wrong(
            "first-wins",
            "Of a symbol that occurs more than once, only the first occurrence reaches `dE`.",
            (LINE, "dE[ids[::-1]] += (dy * s)[::-1]"),
        ),
        Wrong(
            "mean-of-occurrences",
            "Your `dE` holds the mean over the occurrences of a symbol. They are paths of their own.",
            (LINE, "np.add.at(dE, ids, dy * s / np.bincount(ids)[ids][:, None])"),
        ),
        Wrong(
            "times-count",
            "Your `dE` takes one occurrence times their number. Each occurrence has its own row of `dy`.",
            (LINE, "dE[ids] += dy * s * np.bincount(ids)[ids][:, None]"),
        ),
        Wrong(
            "scale-lost",
            "The rows are added up well now, but the forward pass stretched them by `s` on the way to y.",
            ("ids, dy * s)", "ids, dy)"),
        ),
        Wrong(
            "unscaled",
            "You divide by `s`, as if to undo the forward pass. A gradient goes through the same factor, not its "
            "inverse.",
            ("ids, dy * s)", "ids, dy / s)"),
        ),
        Wrong(
            "all-rows",
            "Every row of your `dE` receives the whole text. Row v is used only where v stands.",
            (LINE, "dE += (dy * s).sum(axis=0)"),
        ),
        Wrong(
            "squeezed",
            "Every symbol of the text receives the sum over the whole text.",
            (LINE, "dE[ids] = (dy * s).sum(axis=0)"),
        ),
        Wrong(
            "ds-mean",
            "`ds` was right before: `s` is used at every place of the text, and its uses add up.",
            (".sum(axis=0)", ".mean(axis=0)"),
        ),
    ),
    also_right=(((LINE, "for t, v in enumerate(ids):\n        dE[v] += dy[t] * s"),),),
)
