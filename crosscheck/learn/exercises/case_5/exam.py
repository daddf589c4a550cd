"""A right one: the initial state lies in the last row."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import RIGHT, Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.case_5.solution import symbols_forward


def case(draw: Draw) -> Case:
    """Draw a text in which symbols come back."""
    T = draw.size("T", least=3)
    V, H = draw.sizes("V", "H")
    ids, h0, b, dh = draw.integers(V, T), draw.normal(H), draw.normal(H), draw.normal(T, H)
    ids[-1] = ids[0]
    Wx, Wh = draw.normal(H, V), draw.normal(H, H) / np.sqrt(H)
    _, cache = symbols_forward(ids, h0, Wx, Wh, b)

    def loss(Wx: np.ndarray, Wh: np.ndarray, b: np.ndarray, h0: np.ndarray) -> Any:
        return np.sum(dh * symbols_forward(ids, h0, Wx, Wh, b)[0])

    return Case((dh, cache), lambda: gradients(loss, Wx, Wh, b, h0))


EXAM = Exam(
    function="symbols_backward",
    returns=("dWx", "dWh", "db", "dh0"),
    case=case,
    withheld=("symbols_forward",),
    answer=RIGHT,
    wrong=(
        Wrong(
            "own-state",
            "Your `dWh` uses the state that step t made. It was the one that step t read, and that is what `Wh` "
            "multiplied.",
            ("np.outer(dz, h[t - 1])", "np.outer(dz, h[t])"),
        ),
        Wrong(
            "first-row-at-0",
            "At t = 0 your `dWh` uses row 0, the state after step 0. Where does the forward pass put `h0`?",
            ("np.outer(dz, h[t - 1])", "np.outer(dz, h[max(t - 1, 0)])"),
        ),
        Wrong(
            "first-step-skipped",
            "Your `dWh` has no term for step 0. That step did read a state: the initial one.",
            ("np.outer(dz, h[t - 1])", "np.outer(dz, h[t - 1]) * (t > 0)"),
        ),
        Wrong(
            "last-state-at-0",
            "At t = 0 your `dWh` uses the state after the last step. The row that the file reads there holds something "
            "else.",
            ("np.outer(dz, h[t - 1])", "np.outer(dz, h[t - 1 if t else len(ids) - 1])"),
        ),
        Wrong(
            "shifted",
            "You read the states as if `h[0]` were the initial one. Look at where this forward pass puts it.",
            ("(1 - h[t]) * (1 + h[t])", "(1 - h[t + 1]) * (1 + h[t + 1])"),
            ("np.outer(dz, h[t - 1])", "np.outer(dz, h[t])"),
        ),
        Wrong(
            "carry-changed",
            "You changed the carry. For a vector `dz`, what is the difference between `dz @ Wh` and `dz @ Wh.T`? Write "
            "out one "
            "entry.",
            ("dz @ Wh", "Wh @ dz"),
        ),
        Wrong(
            "symbol-overwritten",
            "Of a symbol that occurs twice, one occurrence alone reaches `dWx` now. Before, both did.",
            ("dWx[:, i] += dz", "dWx[:, i] = dz"),
        ),
        Wrong(
            "row-of-dwx",
            "Every column of `dWx` receives every step now. Step t reads one column only.",
            ("dWx[:, i] += dz", "dWx += dz[:, None]"),
        ),
        Wrong(
            "slope-squared",
            "Your slope is (1 - h)². Multiply out what the file had.",
            ("(1 - h[t]) * (1 + h[t])", "(1 - h[t]) ** 2"),
        ),
        Wrong(
            "slope-halved",
            "Your slope is 1 - h. The factor beside it had its reason.",
            ("(1 - h[t]) * (1 + h[t])", "(1 - h[t])"),
        ),
        Wrong(
            "slope-of-state-before",
            "You take the slope at the state before the step. The tanh of step t made `h[t]`.",
            ("(1 - h[t]) * (1 + h[t])", "(1 - h[t - 1] ** 2)"),
        ),
        Wrong(
            "accumulated",
            "Your carry keeps what it held. The state before a step is read by that step only.",
            ("carry = dz", "carry += dz"),
        ),
        Wrong(
            "dh0-zero",
            "You return zeros for `dh0`. The initial state moves the loss through step 0.",
            ("db, carry", "db, 0 * carry"),
        ),
    ),
    also_right=((("(1 - h[t]) * (1 + h[t])", "(1 - h[t] ** 2)"),), (("dz @ Wh", "Wh.T @ dz"),)),
)
