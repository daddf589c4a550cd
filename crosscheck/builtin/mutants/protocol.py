"""Mutants of the manners: what is kept between calls, what is changed in place, what shares memory, what is clipped."""

from crosscheck.builtin.mutants.mutant import Mutant

BUFFERS = "(np.zeros_like(array) for array in parameters)"
CARRY_START = "dh_next = np.zeros_like(h[-1])"
CARRY = "dh_next = Whh.T @ dz"
RETURNED = "gradients = Parameters(dWxh, dWhh, dWhy, dbh, dby)"
STATE_GRADIENT = "initial_state_gradient = dh_next.T.reshape(state_shape)"
FINAL = "final_state = h[T - 1].T.reshape(state_shape)"
KEPT_BUFFERS = "[KEPT.setdefault((i, g.shape), np.zeros_like(g)) for i, g in enumerate(parameters)]"

MUTANTS = (
    # Kept between calls.
    Mutant("never-zeroed", 34, "The gradients of all calls add up.", {BUFFERS: KEPT_BUFFERS}, "accumulates"),
    Mutant(
        "buffers-reused",
        34,
        "Every call returns the same arrays, filled anew.",
        {BUFFERS: f"[np.multiply(g, 0, out=g) for g in {KEPT_BUFFERS}]"},
        "buffer-reused",
    ),
    Mutant(
        "carry-kept",
        34,
        "The way back starts from the carry of the last call.",
        {
            CARRY_START: "dh_next = KEPT.get(h[-1].shape, np.zeros_like(h[-1]))",
            RETURNED: f"KEPT[h[-1].shape] = dh_next.copy()\n    {RETURNED}",
        },
        "not-repeatable",
    ),
    Mutant(
        "cache-consumed",
        34,
        "The states are kept from the first call, and a second one finds them used up.",
        {BUFFERS: f"{BUFFERS}\n    KEPT.setdefault('states', [h]).pop()"},
        "second-call-fails",
    ),
    # Changed in place.
    Mutant(
        "inputs-changed",
        35,
        "The inputs are reversed in place, and stay so.",
        {RETURNED: f"inputs[:] = inputs[::-1].copy()\n    {RETURNED}"},
        "input-changed",
    ),
    Mutant(
        "targets-changed",
        35,
        "The targets are shifted in place.",
        {RETURNED: f"targets += 1\n    {RETURNED}"},
        "input-changed",
    ),
    Mutant(
        "parameters-changed",
        35,
        "The step downhill is taken inside.",
        {RETURNED: f"Whh -= 0.1 * dWhh\n    {RETURNED}"},
        "input-changed",
    ),
    Mutant(
        "initial-state-overwritten",
        35,
        "The final state is written over the initial one.",
        {FINAL: f"initial_state[...] = h[T - 1].T.reshape(state_shape)\n    {FINAL}"},
        "input-changed",
    ),
    Mutant(
        "final-state-in-argument",
        35,
        "The final state is returned in the memory of the initial one.",
        {FINAL: f"{FINAL}\n    initial_state[...] = final_state\n    final_state = initial_state"},
        "shares-input-memory",
    ),
    Mutant(
        "chained-assignment",
        35,
        "One array is meant to be two: a = b = np.zeros(...).",
        {
            FINAL: f"{FINAL}\n    dstate = state = np.zeros(state_shape)\n"
            "    state[...], dstate[...] = final_state, initial_state_gradient\n"
            "    initial_state_gradient, final_state = dstate, state"
        },
        "shares-memory",
    ),
    # Not a function of its arguments.
    Mutant(
        "global-weights",
        36,
        "The carry takes Whh of the first call.",
        {CARRY: "dh_next = KEPT.setdefault(H, Whh.copy()).T @ dz"},
    ),
    Mutant(
        "global-length",
        36,
        "The way back has as many steps as the first text had.",
        {"for t in reversed(range(T)):": "for t in reversed(range(min(T, KEPT.setdefault('T', T)))):"},
    ),
    Mutant(
        "noise-of-its-own",
        38,
        "Random errors of 1e-12 from a fresh generator.",
        {RETURNED: f"dWhh *= 1 + 1e-12 * np.random.default_rng().standard_normal(dWhh.shape)\n    {RETURNED}"},
        "not-repeatable",
    ),
    Mutant(
        "noise-of-the-global-state",
        38,
        "Random errors of 1e-12 from NumPy's global state.",
        {RETURNED: f"dWhh *= 1 + 1e-12 * np.random.standard_normal(dWhh.shape)\n    {RETURNED}"},
        "random",
    ),
    # Clips, inside and outside of the backward pass.
    Mutant(
        "clipped-inside",
        33,
        "The gradients are returned clipped.",
        {RETURNED: "gradients = Parameters(*(np.clip(g, -5, 5) for g in (dWxh, dWhh, dWhy, dbh, dby)))"},
    ),
    Mutant("carry-clipped", 33, "The carry is clipped in the loop.", {CARRY: "dh_next = np.clip(Whh.T @ dz, -1, 1)"}),
    Mutant(
        "clip-rebinds",
        33,
        "The loop's variable is rebound, and nothing is clipped.",
        {"np.clip(array, -bound, bound, out=array)": "array = np.clip(array, -bound, bound)"},
        "update-differs",
        rule="clip_by_value",
    ),
    Mutant(
        "clip-at-one",
        33,
        "The bound is 1 where 5 was meant.",
        {"-bound, bound, out": "-1, 1, out"},
        "update-differs",
        rule="clip_by_value",
    ),
    Mutant(
        "clip-one-sided",
        33,
        "Negative gradients pass.",
        {"-bound, bound, out": "None, bound, out"},
        "update-differs",
        rule="clip_by_value",
    ),
    Mutant(
        "norm-of-each-array",
        33,
        "Each array is limited by its own norm.",
        {"array * min(1, bound / max(norm, 1e-300))": "array * min(1, bound / max(np.linalg.norm(array), 1e-300))"},
        "update-differs",
        rule="clip_by_global_norm",
    ),
    Mutant(
        "norm-not-rooted",
        33,
        "The square of the norm is compared.",
        {"norm = np.sqrt(sum(": "norm = (sum("},
        "update-differs",
        rule="clip_by_global_norm",
    ),
    Mutant(
        "norm-always-scaled",
        33,
        "Small gradients are enlarged to the bound.",
        {"min(1, bound / max(norm, 1e-300))": "(bound / max(norm, 1e-300))"},
        "update-differs",
        rule="clip_by_global_norm",
    ),
)
