"""A right one: the state is kept, and so is the carry."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import RIGHT, Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.case_9.solution import adding_forward


def case(draw: Draw) -> Case:
    """Draw a text and a network."""
    T = draw.size("T", least=3)
    N, H = draw.sizes("N", "H")
    x, h0, b, dh = draw.normal(T, N), draw.normal(H), draw.normal(H), draw.normal(T, H)
    Wx, Wh = draw.normal(H, N) / np.sqrt(N), draw.normal(H, H) / np.sqrt(H)
    _, cache = adding_forward(x, h0, Wx, Wh, b)

    def loss(Wx: np.ndarray, Wh: np.ndarray, b: np.ndarray, h0: np.ndarray) -> Any:
        return np.sum(dh * adding_forward(x, h0, Wx, Wh, b)[0])

    return Case((dh, cache), lambda: gradients(loss, Wx, Wh, b, h0))


EXAM = Exam(
    function="adding_backward",
    returns=("dWx", "dWh", "db", "dh0"),
    case=case,
    withheld=("adding_forward",),
    answer=RIGHT,
    wrong=(
        Wrong(
            "replaced",
            "You made the carry what comes back through the product alone. In this network the state has another way "
            "on.",
            ("carry += Wh.T @ dz", "carry = Wh.T @ dz"),
        ),
        Wrong(
            "outside-replaces",
            "What comes from outside takes the place of what was carried back, instead of joining it.",
            ("carry += dh[t]", "carry = dh[t].copy()"),
        ),
        Wrong(
            "outside-lost-on-plain-path",
            "What comes from outside goes back through the tanh, but is left out of the carry. It takes the plain way "
            "as well.",
            ("        carry += dh[t]\n", ""),
            ("* carry\n", "* (carry + dh[t])\n"),
        ),
        Wrong(
            "slope-of-state",
            "Your slope is taken at the state. Which array did the tanh make in this network?",
            ("1 - a[t] ** 2", "1 - h[t + 1] ** 2"),
        ),
        Wrong(
            "slope-of-state-before",
            "Your slope is taken at `h[t]`. Which array did the tanh make in this network?",
            ("1 - a[t] ** 2", "1 - h[t] ** 2"),
        ),
        Wrong(
            "everything-through-tanh",
            "The slope of the tanh is applied to the whole carry. One of the two paths does not go through the tanh.",
            ("dz = (1 - a[t] ** 2) * carry", "carry = (1 - a[t] ** 2) * carry\n        dz = carry"),
        ),
        Wrong(
            "state-after",
            "Your `dWh` uses the state after the step. The product read the one before.",
            ("np.outer(dz, h[t])", "np.outer(dz, h[t + 1])"),
        ),
        Wrong(
            "increment-for-state",
            "Your `dWh` uses what the step added. The product read the state.",
            ("np.outer(dz, h[t])", "np.outer(dz, a[t])"),
        ),
        Wrong(
            "carry-not-transposed",
            "The carry goes through `Wh` as in the forward pass now. It was the right way round.",
            ("Wh.T @ dz", "Wh @ dz"),
        ),
        Wrong(
            "past-tanh",
            "What you carry back through the product did not go through the tanh.",
            ("Wh.T @ dz", "Wh.T @ carry"),
        ),
        Wrong(
            "plain-path-alone",
            "Only the plain way is left: what the state does through the product is missing from the carry.",
            ("        carry += Wh.T @ dz\n", ""),
        ),
        Wrong(
            "order",
            "What comes from outside is added after the step now. But step t needs what is known of `h[t + 1]`.",
            ("        carry += dh[t]\n", ""),
            ("carry += Wh.T @ dz", "carry += Wh.T @ dz + dh[t]"),
        ),
        Wrong(
            "halved",
            "You halve the carry, as if its two paths shared the gradient. Each path gets all of it.",
            ("carry += Wh.T @ dz", "carry = (carry + Wh.T @ dz) / 2"),
        ),
        Wrong(
            "dh0-zero",
            "You return zeros for `dh0`. The initial state moves the loss through every step.",
            ("db, carry", "db, 0 * carry"),
        ),
    ),
    also_right=((("carry += Wh.T @ dz", "carry = carry + dz @ Wh"),),),
)
