"""T steps of B sequences, in rows."""

from typing import Any

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.exercises.batches.solution import rnn_forward


def case(draw: Draw) -> Case:
    """Draw two sequences at least, and three steps."""
    T, B = draw.size("T", least=3), draw.size("B", least=2)
    N, H = draw.sizes("N", "H", least=2)
    x, h0, bh = draw.normal(T, B, N), draw.normal(B, H), draw.normal(H)
    Wxh, Whh = draw.normal(H, N) / np.sqrt(N), draw.normal(H, H) / np.sqrt(H)
    dh = draw.normal(T, B, H)
    _, cache = rnn_forward(x, h0, Wxh, Whh, bh)

    def loss(h0: np.ndarray, Wxh: np.ndarray, Whh: np.ndarray, bh: np.ndarray) -> Any:
        return np.sum(dh * rnn_forward(x, h0, Wxh, Whh, bh)[0])

    return Case((dh, cache), lambda: gradients(loss, h0, Wxh, Whh, bh))


EXAM = Exam(
    function="rnn_backward",
    returns=("dh0", "dWxh", "dWhh", "dbh"),
    case=case,
    withheld=("rnn_forward",),
    wrong=(
        Wrong(
            "carry-transposed",
            "Your carry is multiplied by the transpose of `Whh`. That is right for columns; here the states are rows.",
            ("dz @ Whh", "dz @ Whh.T"),
        ),
        Wrong(
            "carry-mixes-sequences",
            "Your carry is the sum over all sequences: each of them gets back what belongs to the others as well.",
            ("carry = dz @ Whh", "carry = np.zeros_like(dz) + (dz @ Whh).sum(axis=0)"),
        ),
        Wrong(
            "carry-averaged",
            "Your carry is divided by B. Sequences do not share a state, so that there is nothing to average.",
            ("carry = dz @ Whh", "carry = dz @ Whh / len(dz)"),
        ),
        Wrong(
            "no-carry",
            "Nothing comes back from the steps that follow: the carry is never added to `dh[t]`.",
            ("(dh[t] + carry)", "dh[t]"),
        ),
        Wrong(
            "mean-over-sequences",
            "Your gradients of the parameters are means over the sequences. The loss is their sum.",
            ("return dh0, dWxh, dWhh, dbh", "return dh0, dWxh / len(h[0]), dWhh / len(h[0]), dbh / len(h[0])"),
        ),
        Wrong(
            "everything-averaged",
            "All you return is divided by B, as if the loss were a mean over the sequences. It is a sum.",
            (
                "return dh0, dWxh, dWhh, dbh",
                "return dh0 / len(dh0), dWxh / len(dh0), dWhh / len(dh0), dbh / len(dh0)",
            ),
        ),
        Wrong(
            "dwhh-outer-of-sums",
            "In your `dWhh` every sequence meets the states of the others: you summed over b before the product.",
            ("dz.T @ h[t]", "np.outer(dz.sum(axis=0), h[t].sum(axis=0))"),
        ),
        Wrong(
            "dwxh-outer-of-sums",
            "In your `dWxh` every sequence meets the inputs of the others: you summed over b before the product.",
            ("dz.T @ x[t]", "np.outer(dz.sum(axis=0), x[t].sum(axis=0))"),
        ),
        Wrong(
            "dwhh-transposed",
            "Your `dWhh` is the transpose of the gradient: entry (i, k) of yours belongs to Whh[k, i].",
            ("dz.T @ h[t]", "h[t].T @ dz"),
        ),
        Wrong(
            "dwxh-transposed",
            "Your `dWxh` is the transpose of the gradient, with shape (N, H).",
            ("dWxh, dWhh, dbh = np.zeros_like(Wxh), ", "dWxh, dWhh, dbh = np.zeros_like(Wxh.T), "),
            ("dz.T @ x[t]", "x[t].T @ dz"),
        ),
        Wrong(
            "products-over-units",
            "Your `dWhh` sums over the units and leaves the sequences standing. It should be the other way round.",
            ("dWhh += dz.T @ h[t]", "dWhh = dWhh + dz @ h[t].T"),
        ),
        Wrong(
            "state-after",
            "Your `dWhh` is multiplied by h[t + 1], the states that step t made. Which ones did it read?",
            ("dz.T @ h[t]", "dz.T @ h[t + 1]"),
        ),
        Wrong(
            "first-sequence-only",
            "Your gradients of the parameters know the first sequence only.",
            ("dWxh += dz.T", "dz, before = dz * (np.arange(len(dz)) == 0)[:, None], dz\n        dWxh += dz.T"),
            ("carry = dz @ Whh", "carry = before @ Whh"),
        ),
        Wrong(
            "dbh-per-sequence",
            "Your `dbh` has a row for each sequence. They share one bias, which was added to every row.",
            ("dbh += dz.sum(axis=0)", "dbh = dbh + dz"),
        ),
        Wrong(
            "dbh-wrong-axis",
            "Your `dbh` is summed over the units. What was the bias copied along?",
            ("dbh += dz.sum(axis=0)", "dbh = dbh + dz.sum(axis=1)"),
        ),
        Wrong(
            "no-slope",
            "You go from the states straight to z: the tanh is left out.",
            ("(1 - h[t + 1] ** 2) * ", ""),
        ),
        Wrong(
            "slope-of-state-before",
            "Your slope of the tanh is taken at h[t], the states that step t read.",
            ("1 - h[t + 1] ** 2", "1 - h[t] ** 2"),
        ),
        Wrong(
            "carry-past-tanh",
            "What you carry back went through `Whh`, but not through the tanh of its step.",
            ("carry = dz @ Whh", "carry = (dh[t] + carry) @ Whh"),
        ),
        Wrong(
            "dbh-past-tanh",
            "Your `dbh` adds up `dh`, which has neither been through the tanh nor heard of later steps.",
            ("dbh += dz.sum(axis=0)", "dbh += dh[t].sum(axis=0)"),
        ),
        Wrong(
            "dbh-mean-of-all",
            "Your `dbh` is the mean over steps and sequences in place of their sum.",
            ("return dh0, dWxh, dWhh, dbh", "return dh0, dWxh, dWhh, dbh / (dh.shape[0] * dh.shape[1])"),
        ),
        Wrong(
            "dbh-mean",
            "Your `dbh` is the mean over the sequences in place of their sum.",
            ("dz.sum(axis=0)", "dz.mean(axis=0)"),
        ),
        Wrong(
            "dbh-of-everything",
            "Every entry of your `dbh` is the sum over all units. Each unit has a bias of its own.",
            ("dz.sum(axis=0)", "dz.sum()"),
        ),
        Wrong(
            "dh0-summed",
            "Your `dh0` is the sum over the sequences. Each of them started from a state of its own.",
            ("dh0 = carry", "dh0 = carry.sum(axis=0)"),
        ),
        Wrong(
            "dh0-is-dz",
            "Your `dh0` is the gradient of z in step 0: it has not gone back through `Whh`.",
            ("dh0 = carry", "dh0 = dz"),
        ),
        Wrong(
            "overwritten",
            "Your `dbh` holds the term of one step only: that of step 0, where the loop ended.",
            ("dbh += dz", "dbh = dz"),
        ),
    ),
    also_right=(
        (("dz.T @ h[t]", 'np.einsum("bi,bk->ik", dz, h[t])'),),
        (("dz @ Whh", "(Whh.T @ dz.T).T"),),
    ),
)
