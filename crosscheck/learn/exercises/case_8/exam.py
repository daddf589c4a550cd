"""A gate that is used twice, and one of its uses."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import MENDED, ONE, ORDINARY, Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.case_8.solution import gated_forward


def case(draw: Draw) -> Case:
    """Draw a text and a network with a gate."""
    T = draw.size("T", least=3)
    N, H = draw.sizes("N", "H")
    x, h0, dh = draw.normal(T, N), draw.normal(H), draw.normal(T, H)
    Wf, Wc, Uf = draw.normal(H, N), draw.normal(H, N), draw.normal(H, H)
    _, cache = gated_forward(x, h0, Wf, Uf, Wc)

    def loss(Wf: np.ndarray, Uf: np.ndarray, Wc: np.ndarray, h0: np.ndarray) -> Any:
        return np.sum(dh * gated_forward(x, h0, Wf, Uf, Wc)[0])

    return Case((dh, cache), lambda: gradients(loss, Wf, Uf, Wc, h0))


EXAM = Exam(
    function="gated_backward",
    returns=("dWf", "dUf", "dWc", "dh0"),
    case=case,
    withheld=("gated_forward",),
    regimes=(ORDINARY, ORDINARY, ONE),
    answer=MENDED,
    wrong=(
        Wrong(
            "as-found",
            "This is what the file did when you found it. Of the last step only `dWc` is right, of the steps before "
            "nothing is. "
            "What do `dWf` and `dUf` have in common?",
            ("(h[t] - c[t]) * dstate", "h[t] * dstate"),
        ),
        Wrong(
            "gate-sign",
            "Your `df` has the wrong sign. When the gate opens, which of the two gains?",
            ("(h[t] - c[t])", "(c[t] - h[t])"),
        ),
        Wrong(
            "gate-plus",
            "Your `df` has both terms now. But the candidate is multiplied by 1 - f, not by f.",
            ("(h[t] - c[t])", "(h[t] + c[t])"),
        ),
        Wrong(
            "gate-candidate-only",
            "Your `df` holds the path through the candidate alone now.",
            ("(h[t] - c[t])", "(-c[t])"),
        ),
        Wrong(
            "gate-state-after",
            "Your `df` uses `h[t + 1]`, which the gate helped to make. What did the gate multiply?",
            ("(h[t] - c[t])", "(h[t + 1] - c[t])"),
        ),
        Wrong(
            "no-direct-path",
            "Your carry runs through the gate's own product only. The state is also kept, in part, as it is.",
            ("carry = f[t] * dstate + Uf", "carry = Uf"),
        ),
        Wrong(
            "no-path-through-gate",
            "Your carry keeps the part that the gate lets through. But the gate read the state, too.",
            ("carry = f[t] * dstate + Uf.T @ dzf", "carry = f[t] * dstate"),
        ),
        Wrong(
            "carry-through-candidate",
            "Your carry has a term with c. The candidate of this network does not read the state.",
            ("+ Uf.T @ dzf", "+ Uf.T @ (dzf + dzc)"),
        ),
        Wrong(
            "carry-not-transposed",
            "Your carry goes through `Uf` as in the forward pass. Going back, the axes change roles.",
            ("Uf.T @ dzf", "Uf @ dzf"),
        ),
        Wrong(
            "carry-keeps-complement",
            "Your carry takes 1 - f of the gradient. Which part of the old state was kept?",
            ("carry = f[t] * dstate", "carry = (1 - f[t]) * dstate"),
        ),
        Wrong(
            "carry-accumulates",
            "Your carry keeps what it held and adds to it. What step t passes back is all there is to carry.",
            ("carry = f[t]", "carry += f[t]"),
        ),
        Wrong(
            "carry-direct-undamped",
            "Your carry passes the whole gradient to the old state. Only part of that state was kept.",
            ("carry = f[t] * dstate", "carry = dstate"),
        ),
        Wrong(
            "candidate-by-gate",
            "Your `dc` uses f. The candidate is multiplied by something else.",
            ("dc = (1 - f[t]) * dstate", "dc = f[t] * dstate"),
        ),
        Wrong(
            "gate-slope-of-tanh",
            "You changed the slope of the gate to that of a tanh. A gate is a sigmoid.",
            ("f[t] * (1 - f[t]) * df", "(1 - f[t] ** 2) * df"),
        ),
        Wrong(
            "gate-slope-lost",
            "The slope of the gate's sigmoid has gone missing.",
            ("f[t] * (1 - f[t]) * df", "df"),
        ),
        Wrong(
            "candidate-slope-of-sigmoid",
            "You changed the slope of the candidate to that of a sigmoid. The candidate is a tanh.",
            ("(1 - c[t] ** 2)", "(c[t] * (1 - c[t]))"),
        ),
        Wrong(
            "gate-state-read",
            "`dUf` uses the state that the step made. The gate read the one before.",
            ("np.outer(dzf, h[t])", "np.outer(dzf, h[t + 1])"),
        ),
    ),
    also_right=((("(h[t] - c[t]) * dstate", "h[t] * dstate - c[t] * dstate"),),),
)
