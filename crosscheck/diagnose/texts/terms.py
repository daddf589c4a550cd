"""Factors, terms and signs."""

from crosscheck.diagnose.explanation import Explanation

CODES = {
    "constant-factor": Explanation(
        "A constant factor is wrong",
        "line {line}: {about} is off by a constant factor",
        "The gradient is that of a multiple of the loss: a mean taken for a sum, a batch size in some parameters and "
        "not "
        "in others, the 2 of a square, a value counted twice.",
        "d(c L) = c dL. For ½ (y − t)² the derivative is y − t, for (y − t)² it is 2 (y − t).",
        "All entries have one ratio to the derivative. A learning rate hides it, comparing directions hides it.",
        "Let loss and gradient use the same factor, in one place: where the gradient of the output is formed.",
    ),
    "wrong-sign": Explanation(
        "A sign is wrong",
        "line {line}: a sign in {about} is the wrong one",
        "A difference is the wrong way round, or a minus is missing.",
        "d(a − b) = da − db; for L = −log p[k], dy = p − e_k.",
        "The gradient is the negative of the derivative, or one of its terms is.",
        "Exchange the two sides, or the sign.",
    ),
    "missing-factor": Explanation(
        "A factor is missing",
        "line {line}: {about} lacks a factor",
        "In a product each factor's gradient is multiplied by the other factors: a gate by what it gates.",
        "c = f ∘ c' + i ∘ g gives dc' = f ∘ dc, di = g ∘ dc. h = o ∘ tanh(c) gives dc = o ∘ (1 − tanh(c)²) ∘ dh.",
        "What is computed from this line is wrong, all else is right.",
        "Multiply by the value that stands beside it in the forward.",
    ),
    "extra-factor": Explanation(
        "A factor too many",
        "line {line}: {about} has a factor too many",
        "A factor has no counterpart in the forward, or was multiplied in twice.",
        "Each operation of the forward contributes its derivative once.",
        "What is computed from this line is wrong, all else is right.",
        "Leave the factor out.",
    ),
    "missing-term": Explanation(
        "A term is missing",
        "line {line}: {about} lacks a path that the forward has",
        "A value is used in several places, and the gradient of one use was left out.",
        "h[t] = z ∘ h[t−1] + (1 − z) ∘ g gives dL/dh[t−1] = z ∘ dL/dh[t] + (what comes through the gates).",
        "Right where the other paths are zero; often right for a single step.",
        "Go through every line of the forward that reads the variable; each contributes a term.",
    ),
    "extra-term": Explanation(
        "A term too many",
        "line {line}: {about} has a term too many",
        "Something is added that does not belong there, or that was added before.",
        "A gradient is a sum with one term for each use of the value.",
        "What is computed from this line is wrong.",
        "Leave the term out.",
    ),
    "brackets-misplaced": Explanation(
        "Brackets do not hold both terms",
        "line {line}: in {about} the brackets hold too little or too much",
        "A derivative must multiply the whole incoming gradient, or only one of two terms.",
        "(1 − h²) ∘ (a + b) is not (1 − h²) ∘ a + b.",
        "Right where the other term is zero: mostly for a single step, or a zero initial state.",
        "Put the sum into brackets before it is multiplied.",
    ),
    "sum-for-product": Explanation(
        "A sum where a product belongs",
        "line {line}: {about} adds what should be multiplied",
        "The chain rule multiplies along a path.",
        "dz = f'(z) · dh.",
        "What is computed from this line is wrong.",
        "Write * for the sign.",
    ),
    "product-for-sum": Explanation(
        "A product where a sum belongs",
        "line {line}: {about} multiplies what should be added",
        "The chain rule adds over paths.",
        "dL/dh = (from the output) + (from the next step).",
        "What is computed from this line is wrong.",
        "Write + for *.",
    ),
    "gates-confused": Explanation(
        "Two gates are mixed up",
        "line {line}: {about} uses one gate's value where another's belongs",
        "The lines of a cell's gates look alike, and one was copied without changing every letter; or the blocks of a "
        "stacked matrix are in another order than in the forward.",
        "Each gate has its own pre-activation, derivative and block of rows.",
        "The gradients of one or two gates are wrong, or they equal the right ones with blocks permuted.",
        "Compare letter by letter with the forward.",
    ),
    "softmax-jacobian-diagonal": Explanation(
        "Only the diagonal of the softmax's derivative is used",
        "line {line}: {about} takes a ∘ (1 − a) for the derivative of a softmax, whose entries depend on each other",
        "Every output of a softmax depends on every input; a ∘ (1 − a) is the sigmoid's derivative.",
        "ds = a ∘ (da − Σ a ∘ da): the sum over the axis that was normalised.",
        "Wrong unless the incoming gradient is constant along that axis; with all ones, the true gradient is zero.",
        "Write ds = a * (da - np.sum(a * da, axis=-1, keepdims=True)).",
    ),
    "scale-forgotten": Explanation(
        "The scale of the scores is left out on the way back",
        "line {line}: {about} lacks the factor that the forward scales with",
        "A forward that divides by √d has that factor in its gradient as well.",
        "s = q·k / √d gives dq = ds k / √d.",
        "One constant ratio in the gradients below the scores.",
        "Multiply by the same factor.",
    ),
    "normalisation-terms": Explanation(
        "A term of the normalisation's derivative is missing or misplaced",
        "line {line}: {about} lacks the path through the mean or the variance, or has gamma outside of it",
        "Mean and variance depend on every entry, so each entry's gradient contains two means.",
        "With x̂ = (x − μ)/σ and d̂ = γ ∘ dy: dx = (d̂ − mean(d̂) − x̂ ∘ mean(d̂ ∘ x̂)) / σ. γ stands inside the means.",
        "Right where gamma is constant, or where the incoming gradient has mean zero.",
        "Use the formula above, with the means over the axis that was normalised.",
    ),
}
