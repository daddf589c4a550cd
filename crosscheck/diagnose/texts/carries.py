"""What is handed from one step to the one before it."""

from crosscheck.diagnose.explanation import Explanation

CODES = {
    "no-carry": Explanation(
        "No gradient is carried from one time step to the one before",
        "line {line}: {about} receives the gradient of its own step's output alone; nothing comes from the steps "
        "after it",
        "The state of a step feeds two things: the output of that step, and the next state. The backward pass follows "
        "the "
        "first path only.",
        "With h[t] = tanh(Whh h[t−1] + ...), dL/dh[t] = Whyᵀ dy[t] + Whhᵀ (1 − h[t+1]²) dL/dh[t+1]. The second term is "
        "missing.",
        "Everything is right for a single step, and for the output's own weights; the rest is wrong from two steps on. "
        "It equals the sum of the gradients of single steps. Published reference values are known that contain it.",
        "Start a variable at zero before the loop, add it to the gradient of the state, and set it at the end of each "
        "step: dhnext = np.dot(Whh.T, dhraw).",
    ),
    "carry-not-added": Explanation(
        "The carry is computed but not added",
        "line {line}: the gradient that comes back from the next step is not added to {about}",
        "The gradient from the next step is computed in each round of the loop, and then nobody uses it.",
        "dL/dh[t] is a sum over the two uses of h[t]: Whyᵀ dy[t] + dhnext. One summand was left out.",
        "As if there were no carry: right for one step, the output's own weights right for any number.",
        "Add it where the gradient of the state is formed: dh = np.dot(Why.T, dy) + dhnext.",
    ),
    "carry-not-renewed": Explanation(
        "The carry is read but never assigned in the loop",
        "line {line}: {about} starts at zero and no step assigns it, so nothing is carried to the step before",
        "A variable for the carry is there, is added in every round, and stays zero for ever.",
        "After step t it must hold dL/dh[t−1] as far as it comes through step t: Whhᵀ dz[t].",
        "As if there were no carry: right for one step only.",
        "Assign it at the end of the loop: dhnext = np.dot(Whh.T, dhraw).",
    ),
    "carry-accumulated": Explanation(
        "The carry adds up instead of being replaced",
        "line {line}: {about} is added to (+=) in each step, so that what belongs to later steps is counted again",
        "What one step hands to the step before it is a message, not a total: it has to be set anew in each round.",
        "dhnext after step t is Whhᵀ dz[t]. With += it is the sum of Whhᵀ dz[s] over all s ≥ t, although the "
        "influence of "
        "later steps is contained in dz[t] already.",
        "Right for one and two steps, wrong from three on. Tests with short sequences pass.",
        "Write = in place of +=.",
    ),
    "wrong-carry": Explanation(
        "What is handed to the step before is not the derivative",
        "line {line}: {about}, which is handed to the step before, is not the derivative of the loss",
        "A carry exists and is used, but it is scaled, has the wrong sign, or is computed from something else.",
        "It must be Whhᵀ dz[t], where dz is the gradient before the activation. A factor of 0.9 makes the influence "
        "of k "
        "steps 0.9ᵏ too small; that is a decay which the loss knows nothing of.",
        "Right for one step; the error grows with the number of steps.",
        "Compute it from the gradient before the activation and the transposed recurrent matrix, without a factor.",
    ),
    "carry-not-transposed": Explanation(
        "The recurrent matrix is not transposed on the way back",
        "line {line}: {about} goes back through the recurrent matrix itself, where its transpose belongs",
        "Going forward a state is multiplied by W; going backward its gradient is multiplied by the transpose.",
        "z_i = Σ_j W_ij h_j, so dL/dh_j = Σ_i W_ij dL/dz_i = (Wᵀ dz)_j.",
        "Nothing fails, because W is square. Right for one step, and for a symmetric W, as at initialisation with a "
        "multiple of the identity.",
        "Write np.dot(Whh.T, dhraw) for columns, np.dot(dhraw, Whh.T) for rows when the forward is h @ Whh.",
    ),
    "steps-left-out": Explanation(
        "A condition leaves steps out",
        "line {line}: the condition {about} cuts the gradient off, although the loss goes through all steps",
        "The backward pass stops going back, or skips a step, under a condition. Truncation may be intended; then it "
        "is a "
        "choice for training, and not the gradient of this loss.",
        "The true gradient is a sum over all pairs s ≤ t of the influence of step s on the loss of step t; a window "
        "of k "
        "drops the terms with t − s ≥ k.",
        "Right for sequences that are no longer than the window.",
        "Drop the condition, or make the window a named value and say in the file that the gradient is truncated.",
    ),
    "output-gradient-at-every-step": Explanation(
        "The gradient of the last output is injected at every step",
        "line {line}: the gradient of the only output is added to {about} at each step",
        "A many-to-one network has a loss at its last step. Its gradient enters there and is carried back from then "
        "on.",
        "dL/dh[T] = Wᵀ dy, and dL/dh[t] = Whhᵀ dz[t+1] for t < T: no output, no second term.",
        "Right for one step. It equals the gradient of another loss, which sums over the steps.",
        "Start the carry with Wᵀ dy before the loop, and add nothing inside of it.",
    ),
    "initial-state-ignored": Explanation(
        "The initial state is used on one side only",
        "{about} is right where the initial state is zero and wrong elsewhere",
        "The forward starts from an initial state, the backward pass behaves as if that had been zero.",
        "The first step contributes dz[0] h[−1]ᵀ to dWhh, which vanishes only for h[−1] = 0.",
        "Right in a test from a zero state; wrong as soon as the state is handed from one piece of text to the next.",
        "Let the backward pass read the same initial state, and check the index of the first step.",
    ),
}
