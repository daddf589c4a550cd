"""Which step a value is taken from, and which steps are visited."""

from crosscheck.diagnose.explanation import Explanation

_MIND = "Mind Python's negative indices: h[-1] of a list with T entries is the last state, of a dict the initial one."

CODES = {
    "wrong-state-in-weight-gradient": Explanation(
        "A weight's gradient is built with the state of another step",
        "line {line}: {about} takes the state of another step than the one that the weight was multiplied by",
        "Recurrent weights multiply the state before a step, output weights the state after it. One was taken for the "
        "other.",
        "For z[t] = Whh h[t−1], dWhh = Σ dz[t] h[t−1]ᵀ; for y[t] = Why h[t], dWhy = Σ dy[t] h[t]ᵀ.",
        "Only this one gradient is wrong, also for a single step. Every other is right, so training still works "
        "somehow.",
        "Use hs[t-1] for recurrent weights and hs[t] for output weights. " + _MIND,
    ),
    "derivative-at-wrong-step": Explanation(
        "The activation's derivative is taken at another step",
        "line {line}: {about} uses a value of another step than its own",
        "The derivative of an activation belongs to the very number that came out of it.",
        "h[t] = tanh(z[t]), so dz[t] = (1 − h[t]²) dh[t]; with h[t−1] it is another function's derivative.",
        "Wrong for all that lies below the activation; the output's weights are right.",
        "Use the index of the step whose gradient is being computed.",
    ),
    "wrong-time-step": Explanation(
        "An index is off by one step",
        "line {line}: {about} takes or writes the value of another time step than it should",
        "An index in the backward pass is one too small or too large.",
        "Each line of the backward pass mirrors one of the forward: it reads at the same indices.",
        "Often right for a single step, or only wrong at one end, where an index wraps round.",
        "Put the forward line next to the backward line and compare the indices. " + _MIND,
    ),
    "targets-shifted": Explanation(
        "Loss and gradient look at different targets",
        "line {line}: {about} uses the target of another step than the loss does",
        "The loss compares the output of step t with one target, its gradient subtracts 1 at another.",
        "For L = −log p[k] with p = softmax(y): dL/dy = p − e_k, with the same k.",
        "Everything is wrong, always; the loss itself looks as usual.",
        "Index the targets as the forward does.",
    ),
    "stale-step": Explanation(
        "A fixed step stands where the running one was meant",
        "line {line}: {about} uses the same step's value in every round of the loop",
        "An index that does not depend on the loop makes every round use one step's value, mostly the last one's.",
        "Σ_t dy[t] h[t]ᵀ becomes (Σ_t dy[t]) h[T]ᵀ.",
        "Right for a single step.",
        "Use the loop's variable as index.",
    ),
    "stale-variable": Explanation(
        "A variable still holds the value of the forward's last step",
        "line {line}: {about} uses a variable that was last set in the forward pass, and not for this step",
        "After the forward loop its variables hold the last step's values. The backward loop must look each step's up.",
        "Every occurrence of h in the derivation is h[t]; the variable is h[T] in every round.",
        "Right for a single step.",
        "Keep each step's value in a list or dict in the forward, and index it in the backward pass.",
    ),
    "loop-misses-step": Explanation(
        "The loop leaves out the first or the last step",
        "line {line}: the loop over {about} does not visit every step of the forward",
        "The backward loop must visit the steps of the forward, each once.",
        "The gradient is a sum with one term for each step. range(T - 1, 0, -1) ends at 1: the stop is not included.",
        "Wrong at once for a single step, where nothing is left, and by one term otherwise.",
        "Write reversed(range(T)), which cannot be off by one.",
    ),
    "loop-order": Explanation(
        "The loop runs in the wrong direction",
        "line {line}: the loop over {about} visits the steps in another order than the chain rule does",
        "The carry comes from the step after, so that step has to be visited first.",
        "dL/dh[t] needs dL/dh[t+1].",
        "Right for a single step, and for the output's weights.",
        "Write for t in reversed(range(T)).",
    ),
    "index-wraps": Explanation(
        "An index before the beginning reads the end",
        "line {line}: at the first step {about} is read at index −1, which is the last entry and not the initial state",
        "Python takes negative indices from the end. On a list or array with one entry for each step, [t − 1] at t = "
        "0 is "
        "the last step's value.",
        "h[−1] in the derivation is the initial state.",
        "Wrong in the first step's contribution only; strongest for a single step, weak in long sequences.",
        "Give the container T + 1 rows, the initial state first, or use a dict with the key -1.",
    ),
}
