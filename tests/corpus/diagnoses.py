"""Which diagnoses are right for a program whose kinds of slips are known: the codes that name what is wrong.

Where no repair is found, what the numbers show may be right as well: that the gradient is right up to some number of
steps, say, for a slip in the carry.
"""

CARRY = {"no-carry", "carry-not-added", "carry-not-renewed"}
FACTOR = {"missing-factor", "extra-factor", "constant-factor"}
SLOPE = {"wrong-activation-derivative", "derivative-of-activated-value", "derivative-forgotten", "wrong-power"}
STATE = {"wrong-state-in-weight-gradient", "derivative-at-wrong-step", "wrong-time-step", "stale-step", "index-wraps"}
GATE = {"gates-confused", "wrong-variable", "wrong-target", "gradients-exchanged", "raw-and-activated-confused"}
ONE_STEP = {"overwritten-in-loop", "overwritten", "line-outside-loop", "wrong-beyond-some-steps"}

RIGHT: dict[int, set[str]] = {
    1: CARRY | {"wrong-carry", "wrong-target", "wrong-variable", "stale-variable", "wrong-beyond-some-steps"},
    2: CARRY | {"missing-term", "wrong-beyond-some-steps"},
    3: {"carry-accumulated", "wrong-beyond-some-steps"},
    4: {"wrong-sign", "constant-factor", "extra-factor", "steps-left-out", "loop-misses-step", "wrong-carry"},
    5: {"carry-not-transposed", "wrong-carry", "wrong-unless-symmetric"},
    6: STATE | {"wrong-variable"},
    7: STATE | {"wrong-variable"},
    8: {"weight-gradient-transposed", "equals-transpose", "transpose"},
    9: SLOPE | {"wrong-sign"},
    10: SLOPE | {"extra-call"},
    11: SLOPE,
    12: {"raw-and-activated-confused", "wrong-variable", "stale-variable", "wrong-target"},
    13: ONE_STEP | {"never-added-to", "zero-gradient", "loop-misses-step", "sum-missing"},
    14: ONE_STEP,
    15: {"scatter-loses-repeats", "wrong-for-repeated-symbols"},
    16: {"output-gradient-at-every-step", "extra-term"},
    17: STATE | {"stale-variable", "wrong-variable", "wrong-gradient-returned", "wrong-target"},
    18: STATE,
    19: {"loop-misses-step", "steps-left-out", "loop-order"},
    20: STATE | {"initial-state-ignored", "wrong-variable", "wrong-gradient-returned"},
    21: {"wrong-gradient-returned", "zero-gradient", "extra-line", "carry-not-renewed", "never-added-to"},
    22: {"wrong-variable", "stale-variable", "missing-term", "wrong-gradient-returned", "wrong-beyond-some-steps"},
    23: {"product-element-by-element", "wrong-carry"},
    24: FACTOR | {"averaged-for-summed", "summed-for-averaged", "wrong-power", "extra-line"},
    25: {"targets-shifted", "extra-factor", "wrong-target", "wrong-variable"} | STATE,
    26: FACTOR | {"averaged-for-summed"},
    27: FACTOR | CARRY | GATE | {"missing-term", "brackets-misplaced", "wrong-carry"},
    28: GATE | SLOPE | {"blocks-permuted", "equals-other-gradient"},
    29: FACTOR | GATE | CARRY | {"missing-term", "brackets-misplaced", "wrong-carry", "wrong-sign"},
    30: {"softmax-jacobian-diagonal", "scale-forgotten"},
    31: {"normalisation-terms", "missing-term", "wrong-variable", "missing-factor", "constant-factor", "wrong-power"},
    32: {"not-finite"},
    33: {"clip-inside-loop", "gradient-clipped", "clip-without-effect"},
    34: {"overwritten", "extra-line"},
    36: {"wrong-variable"},
    37: {"constant-factor"},
    38: {"extra-term", "extra-factor", "constant-factor"},
    39: {
        "update-climbs", "update-memory-overwritten", "update-memory-late", "update-memory-not-kept",
        "update-corrections-confused", "update-memory-grows", "update-memory-not-squared", "update-decays-bias",
    },
}  # fmt: skip


def is_right(kinds: list[int], codes: list[str]) -> bool:
    """Tell whether diagnoses name what is wrong with a program: every one of its kinds, as far as there are several."""
    return bool(codes) and all(RIGHT.get(kind, set()) & set(codes) for kind in kinds)
