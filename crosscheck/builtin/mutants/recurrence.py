"""Mutants of the way back through time: the carry, the tanh, the steps, the states at both ends."""

from crosscheck.builtin.mutants.mutant import Mutant

CARRY = "dh_next = Whh.T @ dz"
TOTAL = "dh = Why.T @ dy + dh_next"
SLOPE = "dz = (1 - h[t] * h[t]) * dh"
OLD_STATE = "dWhh += dz @ h[t - 1].T"
BACKWARDS = "for t in reversed(range(T)):"
STATE_GRADIENT = "initial_state_gradient = dh_next.T"
FINAL = "final_state = h[T - 1].T"

MUTANTS = (
    # The carry from step t+1 to step t.
    Mutant("carry-missing", 1, "Nothing is handed to the step before.", {CARRY: "dh_next = np.zeros_like(dz)"}),
    Mutant("carry-unused", 2, "The carry is computed and left out of dh.", {TOTAL: "dh = Why.T @ dy"}),
    Mutant("carry-accumulates", 3, "Each step's carry is added to all later ones.", {CARRY: "dh_next += Whh.T @ dz"}),
    Mutant("carry-subtracted", 4, "The carry has the wrong sign.", {TOTAL: "dh = Why.T @ dy - dh_next"}),
    Mutant("carry-decays", 4, "A tenth of the carry is lost in every step.", {CARRY: "dh_next = 0.9 * Whh.T @ dz"}),
    Mutant(
        "carry-one-step",
        4,
        "The carry holds the next step's own error only, not what that step was handed.",
        {CARRY: "dh_next = Whh.T @ ((1 - h[t] * h[t]) * (Why.T @ dy))"},
    ),
    Mutant(
        "carry-cut-after-5",
        4,
        "The carry is cut every fifth step, unannounced.",
        {CARRY: "dh_next = Whh.T @ dz * ((T - t) % 5 != 0)"},
    ),
    Mutant(
        "carry-cut-after-25",
        4,
        "The carry is cut after 25 steps, unannounced.",
        {CARRY: "dh_next = Whh.T @ dz * (T - t != 25)"},
    ),
    Mutant("carry-untransposed", 5, "Whh is not transposed on the way back.", {CARRY: "dh_next = Whh @ dz"}),
    Mutant("carry-without-weights", 5, "The carry does not pass through Whh.", {CARRY: "dh_next = dz"}),
    Mutant("carry-past-tanh", 12, "The carry is made of dh, not of dz.", {CARRY: "dh_next = Whh.T @ dh"}),
    Mutant(
        "carry-behind-tanh",
        12,
        "The carry is added behind tanh', not before it.",
        {TOTAL: "dh = Why.T @ dy", SLOPE: "dz = (1 - h[t] * h[t]) * dh + dh_next"},
    ),
    Mutant(
        "carry-by-diagonal",
        23,
        "Only the diagonal of Whh carries: each unit hears itself alone.",
        {CARRY: "dh_next = np.diag(Whh)[:, None] * dz"},
    ),
    Mutant(
        "carry-by-column-sums",
        23,
        "The product with Whh is taken element by element, on its column sums.",
        {CARRY: "dh_next = Whh.sum(axis=0)[:, None] * dz"},
    ),
    Mutant("fan-out-averaged", 26, "The two ways back are averaged.", {TOTAL: "dh = (Why.T @ dy + dh_next) / 2"}),
    # The derivative of tanh.
    Mutant("slope-of-old-state", 7, "tanh' is taken at h[t-1].", {SLOPE: "dz = (1 - h[t - 1] * h[t - 1]) * dh"}),
    Mutant("slope-of-last-state", 17, "tanh' is taken at h[T-1].", {SLOPE: "dz = (1 - h[T - 1] * h[T - 1]) * dh"}),
    Mutant("slope-of-sigmoid", 9, "The derivative is a sigmoid's.", {SLOPE: "dz = h[t] * (1 - h[t]) * dh"}),
    Mutant("slope-not-squared", 9, "1 - h in place of 1 - h².", {SLOPE: "dz = (1 - h[t]) * dh"}),
    Mutant("slope-of-relu", 9, "The derivative is a relu's.", {SLOPE: "dz = (h[t] > 0) * dh"}),
    Mutant("slope-of-z", 9, "1 - z² in place of 1 - h².", {SLOPE: "dz = (1 - z[t] * z[t]) * dh"}),
    Mutant("slope-of-tanh-twice", 10, "tanh' is taken of h, not of z.", {SLOPE: "dz = (1 - np.tanh(h[t]) ** 2) * dh"}),
    Mutant("slope-squared", 10, "tanh' is applied twice.", {SLOPE: "dz = (1 - h[t] * h[t]) ** 2 * dh"}),
    Mutant("slope-missing", 11, "tanh' is left out.", {SLOPE: "dz = dh"}),
    # The steps.
    Mutant("old-state-wraps", 18, "h[t-1] is the last state at t = 0.", {OLD_STATE: "dWhh += dz @ h[(t - 1) % T].T"}),
    Mutant("first-step-skipped", 19, "The way back ends at step 1.", {BACKWARDS: "for t in reversed(range(1, T)):"}),
    Mutant(
        "last-step-skipped", 19, "The way back starts at step T-2.", {BACKWARDS: "for t in reversed(range(T - 1)):"}
    ),
    Mutant(
        "dWhh-lacks-first-step", 19, "dWhh has no term of step 0.", {OLD_STATE: "dWhh += (t > 0) * dz @ h[t - 1].T"}
    ),
    Mutant("steps-typed", 37, "The way back has 8 steps at most.", {BACKWARDS: "for t in reversed(range(min(T, 8))):"}),
    Mutant(
        "steps-of-the-demo",
        37,
        "The way back has 25 steps.",
        {BACKWARDS: "for t in reversed(range(25)):"},
        "subject-raised",
    ),
    # The states at both ends.
    Mutant("dWhh-from-new-state", 6, "dWhh is built with h[t].", {OLD_STATE: "dWhh += dz @ h[t].T"}),
    Mutant(
        "start-ignored-forward",
        20,
        "The forward pass starts at zero whatever the initial state is.",
        {"initial_state.reshape(-1, H).T}": "np.zeros_like(initial_state).reshape(-1, H).T}"},
        "loss-differs",
    ),
    Mutant(
        "start-ignored-backward",
        20,
        "The backward pass takes zero for the initial state.",
        {BACKWARDS: f"h[-1] = np.zeros_like(h[-1])\n    {BACKWARDS}"},
    ),
    Mutant(
        "final-state-too-early",
        20,
        "The state before the last is returned.",
        {FINAL: "final_state = h[T - 2].T"},
        "auxiliary-differs",
    ),
    Mutant(
        "final-state-unsqueezed",
        20,
        "The last pre-activation is returned.",
        {FINAL: "final_state = z[T - 1].T"},
        "auxiliary-differs",
    ),
    Mutant(
        "dh0-zero",
        21,
        "The initial state's gradient is zero.",
        {STATE_GRADIENT: "initial_state_gradient = 0 * dh_next.T"},
    ),
    Mutant("dh0-one-step-short", 21, "It is the gradient of h[0].", {STATE_GRADIENT: "initial_state_gradient = dh.T"}),
    Mutant("dh0-without-weights", 21, "It is the gradient of z[0].", {STATE_GRADIENT: "initial_state_gradient = dz.T"}),
)
