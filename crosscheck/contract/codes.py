"""Every way to breach the contract: its code, what the code means, how much it weighs."""

from typing import Any

from crosscheck.verdicts import Finding, Severity

CODES: dict[str, str] = {
    # The subject could not be run.
    "subject-raised": "The subject raised an exception, so there is no gradient to judge.",
    "subject-exited": "The subject called sys.exit or exit() instead of returning.",
    "subject-timeout": "The subject did not return within the time limit.",
    "subject-signature": "The subject cannot be called with the parameters followed by the data.",
    # What it returned cannot be laid beside the parameters.
    "returned-value": "The subject must return (loss, gradients) or an Outcome, and returned something else.",
    "loss-type": "The loss is not a real number.",
    "loss-not-scalar": "The loss is an array of several numbers, and only a single number has a gradient.",
    "gradient-missing": "A parameter has no gradient: it is None, or left out.",
    "gradient-structure": "The gradients are arranged in other containers than the parameters.",
    "gradient-not-array": "A gradient is a list, a string or another object instead of an array.",
    "gradient-dtype": "A gradient holds integers, booleans, complex numbers or objects, not real floating numbers.",
    "gradient-shape": "A gradient has another shape than its parameter.",
    "unknown-input": "A gradient was returned for a data argument that does not exist.",
    "auxiliary-not-array": "An auxiliary output or an intermediate is not an array of numbers.",
    # It behaves like no mathematical function.
    "input-changed": "The subject changed one of its arguments in place.",
    "not-repeatable": "Two calls with the same arguments gave different answers: state is kept, or chance is involved.",
    "accumulates": "Every call adds to the answer of the one before: gradients are not zeroed between calls.",
    "random": "The answer depends on the global random state of NumPy or Python.",
    "second-call-fails": "The first call worked and a second one with the same arguments did not.",
    "buffer-reused": "Two calls return the same memory, so that the second answer overwrites the first.",
    "shares-input-memory": "A returned array is a view of an argument, so that changing one changes the other.",
    "shares-memory": "Two returned arrays overlap in memory, so that changing one changes the other.",
    "read-only-inputs": "The subject fails when its arguments may not be written to.",
    "fortran-inputs": "The subject fails, or answers differently, when its arguments are stored column by column.",
    "strided-inputs": "The subject fails, or answers differently, when its arguments are not contiguous in memory.",
    "float32-inside": "Parameters and gradients are float64, but every value of a gradient was rounded to float32.",
    # Worth knowing.
    "only-nan": "The loss and every entry of every gradient are NaN.",
    "error-state-changed": "The subject changed how NumPy treats floating-point errors (np.seterr).",
    "slow": "One call takes so long that few cases can be judged.",
    "random-state-changed": "The subject draws from or seeds the global random state, though its answer ignores it.",
    "gradient-precision": "A gradient has a coarser precision than its parameter, and is judged in that one.",
    "prints": "The subject prints.",
    "warns": "The subject raises warnings.",
}

CRASHES = frozenset({"subject-raised", "subject-exited", "subject-timeout", "subject-signature"})
"""The codes that say that the subject could not be run: nothing is known about its gradient."""

_MILDER = {
    "only-nan": Severity.WARNING,  # the true gradient may be NaN as well: only a reference can tell
    "error-state-changed": Severity.WARNING,
    "slow": Severity.WARNING,
    "random-state-changed": Severity.NOTE,
    "gradient-precision": Severity.NOTE,
    "prints": Severity.NOTE,
    "warns": Severity.NOTE,
}


def finding(code: str, message: str, parameter: str | None = None, **place: Any) -> Finding:
    """Return a finding with the severity that its code has where a twin is given; `place` is file, cell and line."""
    assert code in CODES, code
    return Finding(code, _MILDER.get(code, Severity.ERROR), parameter, message, **place)
