"""One answer after T symbols."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import ONE, Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.many_to_one.solution import rnn_forward


def case(draw: Draw) -> Case:
    """Draw a word in which the first symbol occurs once more."""
    T = draw.size("T", least=3)
    V, H, C = draw.sizes("V", "H", "C", least=2)
    x, h0, bh, by = draw.integers(V, T), draw.normal(H), draw.normal(H), draw.normal(C)
    x[-2] = x[0]
    if draw.regime != ONE:
        x[-1] = (x[0] + 1) % V
    Wxh, Whh = 0.7 * draw.normal(H, V), draw.normal(H, H) / np.sqrt(H)
    Why, dy = draw.normal(C, H), draw.normal(C)
    _, cache = rnn_forward(x, h0, Wxh, Whh, Why, bh, by)

    def loss(Wxh: np.ndarray, Whh: np.ndarray, Why: np.ndarray, bh: np.ndarray, by: np.ndarray) -> Any:
        return np.sum(dy * rnn_forward(x, h0, Wxh, Whh, Why, bh, by)[0])

    return Case((dy, cache), lambda: gradients(loss, Wxh, Whh, Why, bh, by))


EXAM = Exam(
    function="rnn_backward",
    returns=("dWxh", "dWhh", "dWhy", "dbh", "dby"),
    case=case,
    withheld=("rnn_forward",),
    wrong=(
        Wrong(
            "asked-at-every-step",
            "You let the gradient of the answer in at every step. The network answers once, from its last state.",
            ("    carry = Why.T @ dy  #", "    carry = outside = Why.T @ dy  #"),
            ("        carry = Whh.T @ dz", "        carry = Whh.T @ dz + outside"),
        ),
        Wrong(
            "asked-at-every-step-no-carry",
            "Each of your steps uses the gradient of the answer itself. It enters once, at the last state.",
            ("        carry = Whh.T @ dz", "        pass"),
        ),
        Wrong(
            "last-step-only",
            "Only the last step gets a gradient. What it passes back to the step before it is lost.",
            ("        carry = Whh.T @ dz", "        carry = 0 * carry"),
        ),
        Wrong(
            "carry-accumulates",
            "Your carry keeps what it held and adds to it. What step t passes back is all there is.",
            ("        carry = Whh.T @ dz", "        carry = carry + Whh.T @ dz"),
        ),
        Wrong(
            "carry-not-transposed",
            "Your carry is multiplied by `Whh` with its axes as in the forward pass.",
            ("Whh.T @ dz", "Whh @ dz"),
        ),
        Wrong(
            "carry-skips-product",
            "You carry dz itself to the step before: it did not go back through `Whh`.",
            ("Whh.T @ dz", "dz"),
        ),
        Wrong(
            "carry-past-tanh",
            "Your carry went through `Whh`, but not through the tanh of its step.",
            ("Whh.T @ dz", "Whh.T @ carry"),
        ),
        Wrong(
            "answer-not-transposed",
            "What you pass back to the last state is multiplied by `Why` with its axes as in the forward pass.",
            ("Why.T @ dy", "Why @ dy"),
        ),
        Wrong(
            "answer-through-tanh",
            "On the way from y to h[T] you went through a tanh. The answer has none; the step that made h[T] has.",
            ("carry = Why.T @ dy", "carry = (1 - h[-1] ** 2) * (Why.T @ dy)"),
        ),
        Wrong(
            "answer-through-whh",
            "You pass the gradient of the last state back through `Whh` before the loop: that step comes in the loop.",
            ("carry = Why.T @ dy", "carry = Whh.T @ (Why.T @ dy)"),
        ),
        Wrong(
            "answer-reads-all-states",
            "Your `dWhy` adds up all states. The answer is made from the last one.",
            ("np.outer(dy, h[-1])", "np.outer(dy, h[1:].sum(axis=0))"),
        ),
        Wrong(
            "answer-reads-last-but-one",
            "Your `dWhy` is built with the state before the last step.",
            ("np.outer(dy, h[-1])", "np.outer(dy, h[-2])"),
        ),
        Wrong(
            "answer-reads-mean",
            "Your `dWhy` is built with the mean of the states. The answer is made from the last one.",
            ("np.outer(dy, h[-1])", "np.outer(dy, h[1:].mean(axis=0))"),
        ),
        Wrong(
            "answer-reads-all-rows",
            "Your `dWhy` adds up all rows of `h`, the initial state among them. The answer is made from the last one.",
            ("np.outer(dy, h[-1])", "np.outer(dy, h.sum(axis=0))"),
        ),
        Wrong(
            "answer-reads-initial",
            "Your `dWhy` is built with the initial state. The answer is made from the last one.",
            ("np.outer(dy, h[-1])", "np.outer(dy, h[0])"),
        ),
        Wrong(
            "dwhy-transposed",
            "Your `dWhy` is the transpose of the gradient.",
            ("np.outer(dy, h[-1])", "np.outer(h[-1], dy)"),
        ),
        Wrong(
            "dwhy-per-step",
            "Your `dWhy` counts the answer once for each step. It was given once.",
            ("np.outer(dy, h[-1])", "len(x) * np.outer(dy, h[-1])"),
        ),
        Wrong(
            "dby-per-step",
            "Your `dby` counts the answer once for each step. It was given once.",
            ("dby = dy.copy()", "dby = len(x) * dy"),
        ),
        Wrong(
            "repeats-lost",
            "Where a symbol occurs twice, your `dWxh` keeps one of its terms: every use of a column counts.",
            ("dWxh[:, x[t]] += dz", "dWxh[:, x[t]] = dz"),
        ),
        Wrong(
            "last-occurrence-only",
            "Where a symbol occurs twice, your `dWxh` keeps the term of its last occurrence only: each use counts.",
            ("dWxh[:, x[t]] += dz", "dWxh[:, x[t]] += dz * (x[t] not in x[t + 1 :])"),
        ),
        Wrong(
            "rows-for-columns",
            "You add to row x[t] of `dWxh`. A symbol picks a column.",
            ("dWxh[:, x[t]] += dz", "dWxh[x[t]] += dz"),
        ),
        Wrong(
            "every-column",
            "You add dz to all columns of `dWxh`. Step t used the one of its symbol.",
            ("dWxh[:, x[t]] += dz", "dWxh += dz[:, None]"),
        ),
        Wrong(
            "symbol-as-number",
            "Your `dWxh` multiplies dz by the symbol, as if it were a size. It only says which column was used.",
            ("dWxh[:, x[t]] += dz", "dWxh[:, x[t]] += dz * x[t]"),
        ),
        Wrong(
            "no-slope",
            "You go from the states straight to z: the tanh is left out.",
            ("(1 - h[t + 1] ** 2) * carry", "carry"),
        ),
        Wrong(
            "slope-of-state-before",
            "Your slope of the tanh is taken at h[t], the state that step t read.",
            ("1 - h[t + 1] ** 2", "1 - h[t] ** 2"),
        ),
        Wrong(
            "slope-of-last-state",
            "Your slope of the tanh is taken at the last state, in every step.",
            ("1 - h[t + 1] ** 2", "1 - h[-1] ** 2"),
        ),
        Wrong(
            "state-after",
            "Your `dWhh` is built with h[t + 1], the state that step t made.",
            ("np.outer(dz, h[t])", "np.outer(dz, h[t + 1])"),
        ),
        Wrong(
            "dwhh-transposed",
            "Your `dWhh` is the transpose of the gradient.",
            ("np.outer(dz, h[t])", "np.outer(h[t], dz)"),
        ),
        Wrong(
            "first-step-dropped",
            "Step 0 is missing from your sums: your loop ends one step too early.",
            ("reversed(range(len(x)))", "reversed(range(1, len(x)))"),
        ),
        Wrong(
            "mean-over-steps",
            "You divide the sums over the steps by T. They are sums: every step is a path of its own.",
            ("return dWxh, dWhh, dWhy, dbh, dby", "return dWxh / len(x), dWhh / len(x), dWhy, dbh / len(x), dby"),
        ),
    ),
    also_right=((("Why.T @ dy", "dy @ Why"),),),
)
