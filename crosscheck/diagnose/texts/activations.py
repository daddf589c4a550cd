"""Derivatives of activations, and which side of them a gradient belongs to."""

from crosscheck.diagnose.explanation import Explanation

CODES = {
    "wrong-activation-derivative": Explanation(
        "The derivative is that of another function",
        "line {line}: the derivative in {about} is not that of the activation that the forward uses",
        "Forward and backward disagree about the activation: h (1 − h) belongs to the sigmoid, 1 − h² to tanh, (h > "
        "0) to "
        "the rectifier.",
        "tanh' = 1 − tanh², σ' = σ (1 − σ), both written by the output.",
        "All that lies below the activation is wrong, always; what lies above is right.",
        "Take the derivative of the forward's activation, by the argument that the formula wants: output or input.",
    ),
    "derivative-of-activated-value": Explanation(
        "The derivative is applied to a value that was activated already",
        "line {line}: {about} applies the activation once more to what is its output already",
        "A function that wants z is given h = tanh(z), or the formula by the output is given tanh(h).",
        "1 − tanh(z)² = 1 − h². With tanh(h) it is 1 − tanh(tanh(z))².",
        "Below the activation all is wrong, by a share that fades with the square of the weights' scale: at the usual "
        "small initialisation it passes loose tests.",
        "Write 1 - h * h with the stored output, or the function with the stored input.",
    ),
    "derivative-forgotten": Explanation(
        "The activation's derivative is missing",
        "line {line}: {about} is not multiplied by the derivative of the activation",
        "On its way back through an activation a gradient is multiplied by the activation's derivative. It was not.",
        "h = f(z) gives dz = f'(z) dh.",
        "Below the activation all is wrong. For small weights tanh' is nearly 1, and loose tests pass.",
        "Multiply by the derivative, for instance dhraw = (1 - h * h) * dh; with a helper that does both, pass "
        "derivative=True.",
    ),
    "raw-and-activated-confused": Explanation(
        "The gradients before and behind an activation are mixed up",
        "line {line}: {about} uses the gradient on the wrong side of the activation",
        "There are two gradients for a state, behind the activation (dh) and before it (dhraw, dz). Weights and the "
        "step "
        "before want the one before the activation.",
        "z = W x, h = f(z): dW = dz xᵀ and dx = Wᵀ dz, with dz = f'(z) dh.",
        "Only some gradients are wrong: those of this line, or of the layer below.",
        "Use the gradient that was multiplied by the derivative.",
    ),
    "extra-call": Explanation(
        "A function too many",
        "line {line}: {about} passes through a function that the chain rule does not ask for",
        "A call in the backward pass has no counterpart in the derivation.",
        "Each operation of the forward contributes its own derivative, once.",
        "Wrong wherever the line's result goes.",
        "Leave the call out.",
    ),
}
