"""The gradient that is cut at the borders of windows."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import ONE, Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.truncation.solution import rnn_forward


def case(draw: Draw) -> Case:
    """Draw a number of steps that is no multiple of the window, so that it matters from where one counts."""
    window = 3 + int(draw.integers(2))
    T = 2 * window + 1 if draw.regime == ONE else 3 * window - 1
    draw.named |= {"T": T, "window": window}
    N, H = draw.sizes("N", "H", least=2)
    x, h0, bh = draw.normal(T, N), draw.normal(H), draw.normal(H)
    Wxh, Whh = draw.normal(H, N) / np.sqrt(N), draw.normal(H, H) / np.sqrt(H)
    dh = draw.normal(T, H)
    _, cache = rnn_forward(x, h0, Wxh, Whh, bh, window)
    constants = cache[1]

    def loss(h0: np.ndarray, Wxh: np.ndarray, Whh: np.ndarray, bh: np.ndarray) -> Any:
        total, h = 0, h0
        for t in range(T):
            before = constants[t] if t > 0 and t % window == 0 else h
            h = np.tanh(Wxh @ x[t] + Whh @ before + bh)
            total = total + np.sum(dh[t] * h)
        return total

    return Case((dh, cache), lambda: gradients(loss, h0, Wxh, Whh, bh))


CUT = "if t > 0 and t % window == 0:"

EXAM = Exam(
    function="rnn_backward",
    returns=("dh0", "dWxh", "dWhh", "dbh"),
    case=case,
    withheld=("rnn_forward",),
    wrong=(
        Wrong("not-cut", "Nothing is cut: that is the gradient through all T steps.", (CUT, "if False:")),
        Wrong(
            "cut-everywhere",
            "No step passes anything back to the step before it, not even inside of a window.",
            (CUT, "if t > 0:"),
        ),
        Wrong(
            "cut-everywhere-and-dh0",
            "Your carry is zero at every step, also for the initial state: nothing ever goes back.",
            (CUT, "if True:"),
        ),
        Wrong(
            "border-too-early",
            "Your borders lie one step too early in time: step k - 1 already is silent, and step k speaks to it.",
            (CUT, "if t > 0 and (t + 1) % window == 0:"),
        ),
        Wrong(
            "border-too-late",
            "Your borders lie one step too late in time: step k speaks, and step k + 1 is silent.",
            (CUT, "if t > 0 and (t - 1) % window == 0:"),
        ),
        Wrong(
            "counted-from-the-end",
            "Your windows are counted from the last step. They are counted from the first.",
            (CUT, "if t > 0 and (len(x) - t) % window == 0:"),
        ),
        Wrong(
            "cut-once",
            "You cut at the first border only: there is one before step k, one before step 2k, and so on.",
            (CUT, "if t == window:"),
        ),
        Wrong(
            "last-window-only",
            "Your sums hold the last window only, the one that is dealt with first. All windows count.",
            ("            carry = np.zeros(len(Whh))  #", "            break  #"),
        ),
        Wrong(
            "last-k-steps-only",
            "Your sums hold the last k steps only, and nothing of those before. All windows count.",
            ("reversed(range(len(x)))", "reversed(range(max(0, len(x) - window), len(x)))"),
        ),
        Wrong(
            "first-window-only",
            "Your sums hold the first window only: they were emptied where the carry is cut.",
            (
                "            carry = np.zeros(len(Whh))  #",
                "            carry = np.zeros(len(Whh))\n"
                "            dWxh, dWhh, dbh = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros(len(Whh))  #",
            ),
        ),
        Wrong(
            "constant-is-zero",
            "Your `dWhh` takes the state at a border for zero. It is a constant, with the value that it has.",
            ("np.outer(dz, h[t])  #", "np.outer(dz, h[t]) * (t == 0 or t % window > 0)  #"),
        ),
        Wrong(
            "windows-start-from-zero",
            "Your `dWhh` takes the first state of every window for zero, even the initial one.",
            ("np.outer(dz, h[t])  #", "np.outer(dz, h[t]) * (t % window > 0)  #"),
        ),
        Wrong(
            "outside-cut-as-well",
            "At a border you drop `dh` as well. The outside still sees that state; only the steps after it do not.",
            ("(dh[t] + carry)", "(dh[t] * ((t + 1) % window != 0) + carry)"),
        ),
        Wrong(
            "initial-state-cut",
            "Your `dh0` is zero: 0 is a multiple of the window, but no step made the initial state.",
            (CUT, "if t % window == 0:"),
        ),
        Wrong(
            "last-border-for-initial-state",
            "Your `dh0` is what the last window would have passed back. The first window reads the initial state.",
            ("    carry = np.zeros(len(Whh))\n", "    carry, last = np.zeros(len(Whh)), None\n"),
            (
                "            carry = np.zeros(len(Whh))  #",
                "            last = carry if last is None else last\n            carry = np.zeros(len(Whh))  #",
            ),
            ("dh0 = carry", "dh0 = last"),
        ),
        Wrong(
            "cut-before-use",
            "You cut the carry before step t has used it. A step at a border still listens to the step after it.",
            (
                "        dz = (1",
                "        if t > 0 and t % window == 0:\n            carry = carry * 0\n        dz = (1",
            ),
            ("            carry = np.zeros(len(Whh))  #", "            pass  #"),
        ),
        Wrong(
            "no-slope",
            "You go from the states straight to z: the tanh is left out.",
            ("(1 - h[t + 1] ** 2) * ", ""),
        ),
        Wrong(
            "slope-of-state-before",
            "Your slope of the tanh is taken at h[t], the state that step t read.",
            ("1 - h[t + 1] ** 2", "1 - h[t] ** 2"),
        ),
        Wrong(
            "carry-past-tanh",
            "What you carry back went through `Whh`, but not through the tanh of its step.",
            ("carry = Whh.T @ dz", "carry = Whh.T @ (dh[t] + carry)"),
        ),
        Wrong(
            "carry-not-transposed",
            "Your carry is multiplied by `Whh` with its axes as in the forward pass.",
            ("Whh.T @ dz", "Whh @ dz"),
        ),
        Wrong(
            "state-after",
            "Your `dWhh` is multiplied by h[t + 1], the state that step t made.",
            ("np.outer(dz, h[t])  #", "np.outer(dz, h[t + 1])  #"),
        ),
    ),
    also_right=(((CUT, "if t and not t % window:"),),),
)
