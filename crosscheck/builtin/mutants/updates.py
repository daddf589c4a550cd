"""Mutants of the optimisers."""

from crosscheck.builtin.mutants.mutant import Mutant

SGD = "moved = [array - rate * g for array"
ADAGRAD_MEMORY = "memory = memory + g * g"
ADAGRAD = "moved.append(array - rate * g / np.sqrt(memory + 1e-8))"
ADAM_MEAN = "m_unbiased = m / (1 - 0.9**t)"
ADAM_SQUARE = "v_unbiased = v / (1 - 0.999**t)"
ADAM_ROOT = "(np.sqrt(v_unbiased) + 1e-8)"


def _mutant(rule: str, name: str, meaning: str, edits: dict[str, str]) -> Mutant:
    return Mutant(f"{rule}-{name}", 39, meaning, edits, "update-differs", rule)


MUTANTS = (
    _mutant("sgd", "uphill", "The sign is wrong.", {SGD: "moved = [array + rate * g for array"}),
    _mutant(
        "sgd", "rate-of-another", "The rate is 0.01 where 0.1 was meant.", {SGD: "moved = [array - 0.01 * g for array"}
    ),
    _mutant("adagrad", "uphill", "The sign is wrong.", {ADAGRAD: ADAGRAD.replace("array - rate", "array + rate")}),
    _mutant(
        "adagrad",
        "memory-after-step",
        "The step is divided by the memory as it was before.",
        {ADAGRAD_MEMORY: "squares = g * g", ADAGRAD: f"{ADAGRAD}\n        memory = memory + squares"},
    ),
    _mutant(
        "adagrad",
        "epsilon-outside",
        "ε stands outside the root.",
        {ADAGRAD: ADAGRAD.replace("np.sqrt(memory + 1e-8)", "(np.sqrt(memory) + 1e-8)")},
    ),
    _mutant(
        "adagrad",
        "memory-not-kept",
        "The memory of this step is thrown away.",
        {"(Parameters(*memories),)": "tuple(state)"},
    ),
    _mutant(
        "adagrad", "memory-overwritten", "The memory holds the last step alone.", {ADAGRAD_MEMORY: "memory = g * g"}
    ),
    _mutant("adagrad", "memory-not-squared", "The memory adds |g|.", {ADAGRAD_MEMORY: "memory = memory + np.abs(g)"}),
    _mutant(
        "adagrad",
        "not-rooted",
        "The root is left out.",
        {ADAGRAD: ADAGRAD.replace("np.sqrt(memory + 1e-8)", "(memory + 1e-8)")},
    ),
    _mutant("adam", "uphill", "The sign is wrong.", {"array - rate * m_unbiased": "array + rate * m_unbiased"}),
    _mutant(
        "adam",
        "uncorrected",
        "Neither mean is corrected for its start.",
        {ADAM_MEAN: "m_unbiased = m", ADAM_SQUARE: "v_unbiased = v"},
    ),
    _mutant("adam", "square-uncorrected", "The mean square is not corrected.", {ADAM_SQUARE: "v_unbiased = v"}),
    _mutant(
        "adam",
        "counts-from-zero",
        "The correction is one step late.",
        {ADAM_MEAN: "m_unbiased = m / (1 - 0.9 ** max(t - 1, 1))"},
    ),
    _mutant("adam", "epsilon-inside", "ε stands inside the root.", {ADAM_ROOT: "np.sqrt(v_unbiased + 1e-8)"}),
    _mutant(
        "adam",
        "betas-swapped",
        "The two decays are swapped.",
        {
            "m = 0.9 * m + (1 - 0.9) * g": "m = 0.999 * m + (1 - 0.999) * g",
            "v = 0.999 * v + (1 - 0.999) * g * g": "v = 0.9 * v + (1 - 0.9) * g * g",
        },
    ),
    _mutant(
        "adam",
        "square-of-mean",
        "The square is that of the mean, not of the gradient.",
        {"(1 - 0.999) * g * g": "(1 - 0.999) * m * m"},
    ),
    _mutant(
        "adam",
        "memory-not-kept",
        "The means are thrown away.",
        {"(t, Parameters(*means), Parameters(*squares))": "(t, *state[1:])"},
    ),
)
