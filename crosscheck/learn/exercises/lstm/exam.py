"""The gradients of an LSTM through T steps."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import ONE, ORDINARY, Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.lstm.solution import lstm_forward

CELL = "dcell = carry_c + dstate * o * (1 - shown**2)"
GATES = "[di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)]"
TWICE = (
    GATES.replace("i * (1 - i)", "sigmoid(i) * (1 - sigmoid(i))")
    .replace("f * (1 - f)", "sigmoid(f) * (1 - sigmoid(f))")
    .replace("o * (1 - o)", "sigmoid(o) * (1 - sigmoid(o))")
)


def case(draw: Draw) -> Case:
    """Draw a network with a cell that is not empty at first."""
    T = draw.size("T", least=3)
    N, H = draw.sizes("N", "H")
    x, h0, c0, b, dh = draw.normal(T, N), draw.normal(H), draw.normal(H), draw.normal(4 * H), draw.normal(T, H)
    W, U = draw.normal(4 * H, N) / np.sqrt(N), draw.normal(4 * H, H) / np.sqrt(H)
    _, cache = lstm_forward(x, h0, c0, W, U, b)

    def loss(W: np.ndarray, U: np.ndarray, b: np.ndarray, h0: np.ndarray, c0: np.ndarray) -> Any:
        return np.sum(dh * lstm_forward(x, h0, c0, W, U, b)[0])

    return Case((dh, cache), lambda: gradients(loss, W, U, b, h0, c0))


EXAM = Exam(
    function="lstm_backward",
    returns=("dW", "dU", "db", "dh0", "dc0"),
    case=case,
    withheld=("lstm_forward",),
    regimes=(ORDINARY, ONE),
    wrong=(
        Wrong(
            "no-cell-carry",
            "Your cell hears nothing from the step after it: only what it shows of itself counts.",
            (CELL, "dcell = dstate * o * (1 - shown**2)"),
        ),
        Wrong(
            "no-state-carry",
            "Your state hears nothing from the step after it, whose gates read it.",
            ("dh[t] + carry_h", "dh[t]"),
        ),
        Wrong(
            "cell-carry-unforgetting",
            "Your carry of the cell goes back undamped. How much of the old cell was kept?",
            ("carry_c = dcell * f", "carry_c = dcell"),
        ),
        Wrong(
            "cell-carry-by-input-gate",
            "Your carry of the cell is damped by i. Which gate was the old cell multiplied by?",
            ("carry_c = dcell * f", "carry_c = dcell * i"),
        ),
        Wrong(
            "cell-carry-accumulates",
            "Your carry of the cell keeps what it held and adds to it; but what it held is in the gradient of the cell "
            "already.",
            ("carry_c = dcell * f", "carry_c = carry_c + dcell * f"),
        ),
        Wrong(
            "parenthesis",
            "What the next step says of the cell goes through o and the tanh in yours. It reaches the cell directly.",
            (CELL, "dcell = (carry_c + dstate) * o * (1 - shown**2)"),
        ),
        Wrong(
            "output-gate-missing",
            "Between the cell and the state stands the output gate: your gradient of the cell does not meet it.",
            (CELL, "dcell = carry_c + dstate * (1 - shown**2)"),
        ),
        Wrong(
            "cell-slope-missing",
            "Between the cell and the state stands a tanh: your gradient of the cell does not meet its slope.",
            (CELL, "dcell = carry_c + dstate * o"),
        ),
        Wrong(
            "cell-slope-not-of-tanh",
            "Your slope is 1 - c². The cell is what goes into that tanh, not what comes out.",
            ("(1 - shown**2)", "(1 - c[t + 1] ** 2)"),
        ),
        Wrong(
            "cell-slope-of-state",
            "Your slope is 1 - h². The state is the tanh times o.",
            ("(1 - shown**2)", "(1 - h[t + 1] ** 2)"),
        ),
        Wrong(
            "cell-slope-before",
            "You take the slope at the cell before the step. The tanh of this step looked at the one after.",
            ("(1 - shown**2)", "(1 - np.tanh(c[t]) ** 2)"),
        ),
        Wrong(
            "output-gate-by-cell",
            "Your `do` is multiplied by the cell itself. What did o multiply?",
            ("do = dstate * shown", "do = dstate * c[t + 1]"),
        ),
        Wrong(
            "output-gate-by-old-cell",
            "Your `do` uses the cell before the step. The state shows the cell after it.",
            ("do = dstate * shown", "do = dstate * np.tanh(c[t])"),
        ),
        Wrong(
            "output-gate-from-cell",
            "Your `do` starts from the gradient of the cell. The output gate has no part in the cell.",
            ("do = dstate * shown", "do = dcell * shown"),
        ),
        Wrong(
            "forget-gate-new-cell",
            "Your `df` uses the cell after the step. f decided about the one before.",
            ("df = dcell * c[t]", "df = dcell * c[t + 1]"),
        ),
        Wrong(
            "forget-gate-from-state",
            "Your `df` starts from the gradient of the state. f acts on the cell.",
            ("df = dcell * c[t]", "df = dstate * c[t]"),
        ),
        Wrong(
            "own-factor",
            "Your `di` is multiplied by i, your `dg` by g. In a product, each factor gets the other one.",
            ("di = dcell * g", "di = dcell * i"),
            ("dg = dcell * i", "dg = dcell * g"),
        ),
        Wrong(
            "input-gate-own-factor",
            "Your `di` is multiplied by i. In a product, each factor gets the other one.",
            ("di = dcell * g", "di = dcell * i"),
        ),
        Wrong(
            "order-of-gates",
            "Your blocks of i and f are exchanged: the forward pass has i first.",
            (GATES, "[df * f * (1 - f), di * i * (1 - i), do * o * (1 - o), dg * (1 - g**2)]"),
        ),
        Wrong(
            "candidate-before-output",
            "Your blocks of o and g are exchanged: in this file the order is i, f, o, g.",
            (GATES, "[di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)]"),
        ),
        Wrong(
            "candidate-as-gate",
            "All four of your slopes are those of a sigmoid. g is no gate.",
            ("dg * (1 - g**2)", "dg * g * (1 - g)"),
        ),
        Wrong(
            "gates-as-tanh",
            "All four of your slopes are those of a tanh. The gates are sigmoids.",
            (GATES, "[di * (1 - i**2), df * (1 - f**2), do * (1 - o**2), dg * (1 - g**2)]"),
        ),
        Wrong(
            "slopes-missing",
            "You go from the gates straight to the weights: the slopes of their sigmoids and of the tanh are missing.",
            (GATES, "[di, df, do, dg]"),
        ),
        Wrong(
            "sigmoid-of-sigmoid",
            "Your slopes put the gates through the sigmoid once more. The cache holds them after it.",
            (GATES, TWICE),
        ),
        Wrong(
            "state-after",
            "Your `dU` uses the state that the step made. Its gates read the one before.",
            ("dU += np.outer(da, h[t])", "dU += np.outer(da, h[t + 1])"),
        ),
        Wrong(
            "weights-overwritten",
            "Your `dW`, `dU` and `db` hold the term of one step alone. Every step uses the parameters.",
            ("dW += ", "dW = "),
            ("dU += ", "dU = "),
            ("db += ", "db = "),
        ),
        Wrong(
            "carries-exchanged",
            "Your `dh0` and `dc0` stand in each other's place.",
            ("dh0, dc0 = carry_h, carry_c", "dh0, dc0 = carry_c, carry_h"),
        ),
        Wrong(
            "dc0-too-late",
            "Your `dc0` is the gradient of the cell after step 0. Between it and `c0` stands a gate.",
            ("dh0, dc0 = carry_h, carry_c", "dh0, dc0 = carry_h, dcell"),
        ),
        Wrong(
            "dh0-too-late",
            "Your `dh0` is the gradient of the state after step 0. One step more.",
            ("dh0, dc0 = carry_h, carry_c", "dh0, dc0 = dstate, carry_c"),
        ),
    ),
    also_right=((("(1 - shown**2)", "(1 - shown) * (1 + shown)"),), (("U.T @ da", "da @ U"),)),
)
