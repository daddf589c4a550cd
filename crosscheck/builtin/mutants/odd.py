"""Variants that look wrong, or at least unlike any book, and are right: the judge must acquit them all."""

from crosscheck.builtin.mutants.mutant import Mutant

CONTAINERS = "x, z, h, p, loss = {}, {}, {-1: initial_state.reshape(-1, H).T}, {}, 0.0"
BUFFERS = "dWxh, dWhh, dWhy, dbh, dby = (np.zeros_like(array) for array in parameters)"
SOFTMAX = "logits = y - y.max(axis=0)"
DY = "dy[targets[t], sequences] -= 1"
DWHY = "dWhy += dy @ h[t].T"
DBY = "dby += dy.sum(axis=1)"
TOTAL = "dh = Why.T @ dy + dh_next"
SLOPE = "dz = (1 - h[t] * h[t]) * dh"
DWXH = "dWxh += dz @ x[t].T"
DWHH = "dWhh += dz @ h[t - 1].T"
DBH = "dbh += dz.sum(axis=1)"
CARRY = "dh_next = Whh.T @ dz"
RETURNED = "gradients = Parameters(dWxh, dWhh, dWhy, dbh, dby)"
SEQUENCES = "sequences = np.arange(inputs.shape[1])"
OUTCOME = 'return Outcome(loss, gradients, {"initial_state": initial_state_gradient}, {"final_state": final_state})'


def _odd(name: str, meaning: str, edits: dict[str, str]) -> Mutant:
    return Mutant(name, 0, meaning, edits, code="")


VARIANTS = (
    _odd("original", "h is a dictionary whose key -1 is the initial state; sequences are columns.", {}),
    _odd(
        "initial-state-in-last-row",
        "h has T + 1 rows, and h[-1], the last one, is the initial state.",
        {CONTAINERS: f"{CONTAINERS}\n    h = np.concatenate([np.zeros((T, H, len(sequences))), h[-1][None]])"},
    ),
    _odd("slope-factored", "(1 - h)(1 + h) in place of 1 - h².", {SLOPE: "dz = (1 - h[t]) * (1 + h[t]) * dh"}),
    _odd("slope-by-cosh", "1 / cosh² in place of 1 - tanh².", {SLOPE: "dz = dh / np.cosh(z[t]) ** 2"}),
    _odd(
        "slope-by-exponentials",
        "4 / (exp z + exp -z)² in place of 1 - tanh².",
        {SLOPE: "dz = 4 / (np.exp(z[t]) + np.exp(-z[t])) ** 2 * dh"},
    ),
    _odd(
        "sequence-by-sequence",
        "Outer products of one sequence after the other.",
        {DWHH: "for s in sequences:\n            dWhh += np.outer(dz[:, s], h[t - 1][:, s])"},
    ),
    _odd(
        "unit-by-unit",
        "The carry is a double loop over the units.",
        {
            CARRY: "dh_next = np.array(\n"
            "            [[sum(Whh[i, j] * dz[i, s] for i in range(H)) for s in sequences] for j in range(H)])"
        },
    ),
    _odd(
        "forwards-in-time",
        "The weights' gradients are gathered afterwards, from the first step to the last.",
        {
            BUFFERS: f"{BUFFERS}\n    steps = {{}}",
            DWHH: "steps[t] = dz",
            RETURNED: f"dWhh = sum((steps[t] @ h[t - 1].T for t in range(T)), start=dWhh)\n    {RETURNED}",
        },
    ),
    _odd(
        "one-product-for-all-steps",
        "dWhy is one product over all steps and sequences.",
        {
            BUFFERS: f"{BUFFERS}\n    errors = []",
            DWHY: "errors.append(dy)",
            RETURNED: "dWhy = np.hstack(errors) @ np.hstack([h[t] for t in reversed(range(T))]).T\n    " + RETURNED,
        },
    ),
    _odd(
        "other-association",
        "Wᵀ d as (dᵀ W)ᵀ, and both ways back in one product.",
        {TOTAL: "dh = np.hstack([Why.T, np.eye(H)]) @ np.vstack([dy, dh_next])", CARRY: "dh_next = (dz.T @ Whh).T"},
    ),
    _odd("scatter-add", "Columns of dWxh are added to by index.", {DWXH: "np.add.at(dWxh.T, inputs[t], dz.T)"}),
    _odd(
        "symbol-by-symbol",
        "Each symbol's column is summed for itself.",
        {DWXH: "for symbol in range(V):\n            dWxh[:, symbol] += dz[:, inputs[t] == symbol].sum(axis=1)"},
    ),
    _odd(
        "counts-taken-off-at-the-end",
        "dby is the sum of all probabilities, less how often each symbol was due.",
        {DBY: "dby += p[t].sum(axis=1)", RETURNED: f"dby -= np.bincount(targets.ravel(), minlength=V)\n    {RETURNED}"},
    ),
    _odd(
        "softmax-without-shift",
        "No shift by the maximum while the logits are small enough to go without.",
        {SOFTMAX: "logits = y - y.max(axis=0) if np.abs(y).max() > 300 else y"},
    ),
    _odd(
        "softmax-shifted-by-mean",
        "A shift by the middle of the range, while that is enough.",
        {
            SOFTMAX: "top, bottom = y.max(axis=0), y.min(axis=0)\n"
            "        logits = y - (top if (top - bottom).max() > 300 else (top + bottom) / 2)"
        },
    ),
    _odd(
        "extended-precision",
        "Everything inside is in long double.",
        {
            CONTAINERS: CONTAINERS.replace(
                "initial_state.reshape(-1, H).T", "np.longdouble(initial_state.reshape(-1, H).T)"
            )
        },
    ),
    _odd(
        "one-flat-buffer",
        "The gradients are views of one array, side by side.",
        {
            BUFFERS: "cuts = np.cumsum([a.size for a in parameters])\n"
            "    flat = np.zeros(cuts[-1])\n"
            "    dWxh, dWhh, dWhy, dbh, dby = (\n"
            "        part.reshape(a.shape) for part, a in zip(np.split(flat, cuts[:-1]), parameters, strict=True))"
        },
    ),
    _odd(
        "column-order",
        "The gradients are returned in Fortran's order.",
        {RETURNED: "gradients = Parameters(*(np.asfortranarray(g) for g in (dWxh, dWhh, dWhy, dbh, dby)))"},
    ),
    _odd(
        "loss-and-gradients-only",
        "Neither final state nor the initial state's gradient is returned; the loss is (1, 1).",
        {OUTCOME: "return np.array([[loss]]), gradients"},
    ),
    _odd("prints", "It prints in the loop.", {DBY: f'{DBY}\n        print("step", t)'}),
    _odd(
        "cache-that-is-right",
        "What is kept between calls depends on the sizes alone.",
        {SEQUENCES: "B = inputs.shape[1]\n    sequences = KEPT.setdefault(B, np.arange(B))"},
    ),
)
