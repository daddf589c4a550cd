"""Mutants of what is gathered over the steps: weights, biases, symbols, and the gradient of the softmax."""

from crosscheck.builtin.mutants.mutant import Mutant

DY = "dy[targets[t], sequences] -= 1"
START = "dy = p[t].copy()"
DWHY = "dWhy += dy @ h[t].T"
DBY = "dby += dy.sum(axis=1)"
DWXH = "dWxh += dz @ x[t].T"
DWHH = "dWhh += dz @ h[t - 1].T"
DBH = "dbh += dz.sum(axis=1)"
TOTAL = "dh = Why.T @ dy + dh_next"
SOFTMAX = "p[t] = np.exp(logits) / np.exp(logits).sum(axis=0)"
LOSS = "loss -= (logits[targets[t], sequences] - np.log(np.exp(logits).sum(axis=0))).sum()"
RETURNED = "gradients = Parameters(dWxh, dWhh, dWhy, dbh, dby)"

MUTANTS = (
    # Weights.
    Mutant("dWhy-from-old-state", 7, "dWhy is built with h[t-1].", {DWHY: "dWhy += dy @ h[t - 1].T"}),
    Mutant("dWhy-from-last-state", 17, "dWhy is built with h[T-1] at every step.", {DWHY: "dWhy += dy @ h[T - 1].T"}),
    Mutant("dWhh-transposed", 8, "dWhh is transposed.", {DWHH: "dWhh += h[t - 1] @ dz.T"}),
    Mutant(
        "dWhy-reshaped",
        8,
        "dWhy is transposed and then reshaped until it fits.",
        {DWHY: "dWhy += (h[t] @ dy.T).reshape(V, H)"},
    ),
    Mutant(
        "dWxh-transposed",
        8,
        "dWxh is returned as (V, H).",
        {RETURNED: "gradients = Parameters(dWxh.T, dWhh, dWhy, dbh, dby)"},
        "gradient-shape",
    ),
    Mutant("dWxh-overwritten", 14, "dWxh holds one step.", {DWXH: "dWxh = dz @ x[t].T"}),
    Mutant("dWhh-overwritten", 14, "dWhh holds one step.", {DWHH: "dWhh = dz @ h[t - 1].T"}),
    Mutant("dWhy-overwritten", 14, "dWhy holds one step.", {DWHY: "dWhy = dy @ h[t].T"}),
    # Biases.
    Mutant("dbh-missing", 13, "dbh stays zero.", {DBH: "dbh += 0"}),
    Mutant("dby-missing", 13, "dby stays zero.", {DBY: "dby += 0"}),
    Mutant("dbh-overwritten", 13, "dbh holds one step.", {DBH: "dbh = dz.sum(axis=1)"}),
    Mutant("dby-overwritten", 13, "dby holds one step.", {DBY: "dby = dy.sum(axis=1)"}),
    Mutant(
        "dby-last-step-only",
        13,
        "dby has the term of the last step alone.",
        {DBY: "dby += (t == T - 1) * dy.sum(axis=1)"},
    ),
    Mutant("dbh-lacks-first-step", 13, "dbh has no term of step 0.", {DBH: "dbh += (t > 0) * dz.sum(axis=1)"}),
    Mutant(
        "dbh-without-carry",
        13,
        "dbh misses the way through later states.",
        {DBH: "dbh += ((1 - h[t] * h[t]) * (Why.T @ dy)).sum(axis=1)"},
    ),
    Mutant("dbh-before-tanh", 12, "dbh is summed from dh.", {DBH: "dbh += dh.sum(axis=1)"}),
    # Symbols.
    Mutant(
        "last-write-wins",
        15,
        "A symbol that is read again overwrites its column of dWxh.",
        {DWXH: "dWxh[:, inputs[t]] = dz"},
    ),
    Mutant(
        "batch-writes-lost",
        15,
        "Of sequences that read the same symbol in a step, one counts.",
        {DWXH: "dWxh[:, inputs[t]] += dz"},
    ),
    Mutant("dWxh-at-targets", 25, "dWxh is gathered under the targets.", {DWXH: "np.add.at(dWxh.T, targets[t], dz.T)"}),
    # What the outputs hand down.
    Mutant(
        "output-error-at-end-only",
        16,
        "Only the last output's error enters the states.",
        {TOTAL: "dh = Why.T @ dy * (t == T - 1) + dh_next"},
    ),
    Mutant(
        "stale-probabilities", 17, "The last step's probabilities are used for all.", {START: "dy = p[T - 1].copy()"}
    ),
    Mutant(
        "targets-wrap",
        18,
        "The target of the step before, which at t = 0 is the last.",
        {DY: "dy[targets[t - 1], sequences] -= 1"},
    ),
    Mutant(
        "targets-off-by-one",
        25,
        "The backward pass takes the inputs for the targets.",
        {DY: "dy[inputs[t], sequences] -= 1"},
    ),
    Mutant(
        "sigmoid-of-softmax",
        25,
        "A sigmoid's derivative is applied behind the softmax.",
        {DY: f"{DY}\n        dy *= p[t] * (1 - p[t])"},
    ),
    Mutant(
        "squared-error",
        25,
        "The gradient is the one of half the squared error of the probabilities.",
        {DY: f"{DY}\n        dy = p[t] * (dy - (p[t] * dy).sum(axis=0))"},
    ),
    Mutant(
        "loss-of-shifted-targets",
        25,
        "The loss is that of other targets.",
        {LOSS: LOSS.replace("targets[t]", "targets[t - 1]")},
        "loss-differs",
    ),
    Mutant(
        "epsilon-in-logarithm",
        25,
        "1e-8 is added inside the logarithm of the loss.",
        {LOSS: "loss -= np.log(p[t][targets[t], sequences] + 1e-8).sum()"},
        "loss-differs",
    ),
    # Means, sums, factors.
    Mutant(
        "mean-loss",
        24,
        "The loss is a mean over the steps, its gradient a sum.",
        {LOSS: LOSS.replace("loss -= (", "loss -= 1 / T * (")},
        "loss-differs",
    ),
    Mutant(
        "loss-counted-twice", 24, "The loss is doubled.", {LOSS: LOSS.replace("loss -=", "loss -= 2 *")}, "loss-differs"
    ),
    Mutant(
        "mean-gradient", 24, "The gradient is a mean over the steps, the loss a sum.", {DY: f"{DY}\n        dy /= T"}
    ),
    Mutant("factor-two", 24, "Twice the gradient, as of a square.", {DY: f"{DY}\n        dy *= 2"}),
    Mutant("dbh-mean-over-batch", 24, "dbh is a mean over the batch.", {DBH: "dbh += dz.mean(axis=1)"}),
    Mutant("dWhh-mean-over-steps", 24, "dWhh alone is a mean over the steps.", {DWHH: f"{DWHH} / T"}),
    # Softmax.
    Mutant(
        "loss-unshifted",
        32,
        "The loss takes exp of the logits as they are.",
        {"logits = y - y.max(axis=0)": "logits = y"},
        "loss-overflows",
    ),
    Mutant(
        "softmax-unshifted",
        32,
        "The backward pass takes exp of the logits as they are.",
        {SOFTMAX: "p[t] = np.exp(y) / np.exp(y).sum(axis=0)"},
    ),
    # Small and coarse.
    Mutant(
        "one-entry-0.1-percent",
        38,
        "One entry of dWhh is 0.1 % too large.",
        {RETURNED: f"dWhh[0, -1] *= 1.001\n    {RETURNED}"},
    ),
    Mutant(
        "one-entry-1e-9",
        38,
        "One entry of dWxh is too large by a factor of 1 + 1e-9.",
        {RETURNED: f"dWxh[-1, 0] *= 1 + 1e-9\n    {RETURNED}"},
    ),
    Mutant(
        "step-in-float32",
        38,
        "dz is rounded to float32 in every step.",
        {DBH: f"dz = dz.astype(np.float32).astype(float)\n        {DBH}"},
    ),
    Mutant(
        "buffers-in-float32",
        38,
        "The gradients are gathered in float32 and returned as float64.",
        {
            "np.zeros_like(array) for array": "np.zeros_like(array, np.float32) for array",
            RETURNED: "gradients = Parameters(*(g.astype(float) for g in (dWxh, dWhh, dWhy, dbh, dby)))",
        },
        "float32-inside",
    ),
)
