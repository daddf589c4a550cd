"""Mutants that hardly any case exposes: shortcuts and guards that are right, or do nothing, nearly everywhere.

They are why the regimes of the recurrent cases are what they are: `WITNESSES` names for each regime a mutant that dies
where its property holds, and nowhere else. Three have no mutant to themselves, as other regimes draw what they are made
of: moderate weights are ordinary wherever nothing else is said, sizes that are drawn freely are mostly unequal, and
gradients beyond the clip come with an explosion as well. Their witnesses die by the property, in whatever regime.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from crosscheck.builtin.mutants.mutant import Mutant

CARRY = "dh_next = Whh.T @ dz"
SLOPE = "dz = (1 - h[t] * h[t]) * dh"
OLD_STATE = "dWhh += dz @ h[t - 1].T"
DWXH = "dWxh += dz @ x[t].T"
DBH = "dbh += dz.sum(axis=1)"
DY = "dy[targets[t], sequences] -= 1"
BACKWARDS = "for t in reversed(range(T)):"
RETURNED = "gradients = Parameters(dWxh, dWhh, dWhy, dbh, dby)"

MUTANTS = (
    Mutant(
        "linear-at-small-weights",
        9,
        "tanh' is taken for 1 while all weights are small.",
        {SLOPE: "dz = (1 - h[t] * h[t] * (max(np.abs(Wxh).max(), np.abs(Whh).max()) > 0.1)) * dh"},
    ),
    Mutant(
        "carry-at-odd-weights-only",
        1,
        "The carry is switched off where weights are neither small nor large.",
        {CARRY: "dh_next = Whh.T @ dz * (not 0.1 < np.abs(Whh).max() < 1)"},
    ),
    Mutant(
        "steps-for-sequences",
        24,
        "dbh is a mean over the sequences, times the number of steps.",
        {DBH: "dbh += dz.mean(axis=1) * T"},
    ),
    Mutant(
        "no-recurrence-in-one-step",
        18,
        "dWhh is left out where T = 1, as if there were no state before.",
        {OLD_STATE: "dWhh += (T > 1) * dz @ h[t - 1].T"},
    ),
    Mutant(
        "slope-kept-alive",
        9,
        "tanh' is kept above 1e-9, so that no gradient dies.",
        {SLOPE: "dz = np.maximum(1 - h[t] * h[t], 1e-9) * dh"},
    ),
    Mutant(
        "explosion-guard",
        33,
        "A carry thirty times as large as what the outputs can hand down is scaled down.",
        {CARRY: f"{CARRY}\n        dh_next *= min(1, 30 * np.abs(Why).sum() / max(np.abs(dh_next).max(), 1e-300))"},
    ),
    Mutant(
        "state-clamped",
        20,
        "The backward pass clamps the initial state to ±5.",
        {BACKWARDS: f"h[-1] = np.clip(h[-1], -5, 5)\n    {BACKWARDS}"},
    ),
    Mutant(
        "zero-state-taken-for-none",
        20,
        "A state of zeros counts as not given: `state if state.any() else bias`.",
        {OLD_STATE: "dWhh += dz @ (h[t - 1] if h[t - 1].any() else bh[:, None] + h[t - 1]).T"},
    ),
    Mutant(
        "one-column-shortcut",
        15,
        "Where every input is the same symbol, its column holds one step's term times T.",
        {DBH: f"{DBH}\n        dWxh = T * dz @ x[t].T if T > 2 and len(np.unique(inputs)) == 1 else dWxh"},
    ),
    Mutant(
        "period-shortcut",
        15,
        "Where the second half of the text repeats the first, the later half's columns are counted twice.",
        {
            DWXH: "again = T > 9 and len(np.unique(inputs)) > 1 and (inputs[T - T // 2 :] == inputs[: T // 2]).all()\n"
            "        dWxh += dz @ x[t].T * (2 * (t >= T // 2) if again else 1)"
        },
    ),
    Mutant(
        "scalar-carry",
        5,
        "Where H = 1 the carry does not pass through Whh.",
        {CARRY: "dh_next = Whh.T @ dz if H > 1 else dz"},
    ),
    Mutant(
        "units-of-log-V",
        24,
        "The gradient passes through units of log V, which is 0 for one symbol.",
        {DY: f"{DY}\n        dy = dy / np.log(V) * np.log(V)"},
    ),
    Mutant(
        "symmetrised",
        8,
        "Where Whh is symmetric, its gradient is made so as well.",
        {RETURNED: f"dWhh = (dWhh + dWhh.T) / 2 if (Whh == Whh.T).all() else dWhh\n    {RETURNED}"},
    ),
    Mutant(
        "scaled-by-largest-weight",
        24,
        "The carry is divided by the largest weight, and multiplied again.",
        {CARRY: "dh_next = Whh.T / np.abs(Whh).max() @ dz * np.abs(Whh).max()"},
    ),
)


class Witness(NamedTuple):
    """A mutant, by name, and what it takes to see it."""

    mutant: str
    exposed_by: Callable[[tuple[Any, ...], Mapping[str, Any]], bool] | None = None
    """(arguments, right values by name) -> whether a case has it; None if no case of another regime does."""


def _sequences(arguments: tuple[Any, ...]) -> int:
    inputs = arguments[1]
    return inputs.shape[1] if inputs.ndim == 2 else 1


WITNESSES = {
    "ordinary": Witness("carry-at-odd-weights-only", lambda arguments, _: 0.1 < np.abs(arguments[0].Whh).max() < 1),
    "tiny": Witness("linear-at-small-weights"),
    "repeated-symbol": Witness("period-shortcut"),
    "unequal-sizes": Witness("steps-for-sequences", lambda arguments, _: len(arguments[1]) != _sequences(arguments)),
    "beyond-clip": Witness(
        "clipped-inside", lambda arguments, right: any(np.abs(right[name]).max() > 5 for name in arguments[0]._fields)
    ),
    "one-step": Witness("no-recurrence-in-one-step"),
    "long-sequence": Witness("carry-cut-after-25"),
    "saturated": Witness("slope-kept-alive"),
    "exploding": Witness("explosion-guard"),
    "nonzero-state": Witness("state-clamped"),
    "zero-state": Witness("zero-state-taken-for-none"),
    "huge-logits": Witness("softmax-unshifted"),
    "equal-symbols": Witness("one-column-shortcut"),
    "one-unit": Witness("scalar-carry"),
    "one-symbol": Witness("units-of-log-V"),
    "symmetric": Witness("symmetrised"),
    "zero-parameters": Witness("scaled-by-largest-weight"),
}
