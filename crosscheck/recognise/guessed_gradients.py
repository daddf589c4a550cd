"""Gradients that were guessed to belong to probabilities, and may be those of what a softmax makes them of.

    loss, do = ctc(softmax(o), label)        # the gradient of o, before the softmax
    dV = h.T @ do

By itself `ctc` has no argument that `do` is the gradient of, and nothing but its probabilities is left.
"""

import numpy as np

from crosscheck.recognise.assembling import LEFT
from crosscheck.recognise.before_softmax import adds_up
from crosscheck.recognise.unit import Unit

MAY_BE = "the gradient that it returns may be that of what a softmax makes {0} of: no argument of it has its name"


def is_guessed(unit: Unit) -> bool:
    """Tell whether some of a unit's gradients belong to what they do because nothing else was left."""
    return any(LEFT in said for said in unit.assumptions)


def before_softmax(unit: Unit) -> str | None:
    """Say of which probabilities a guessed gradient may be that of the logits; None where it can be no such thing."""
    told = [name for name, value in unit.example[0].items() if np.ndim(value) and adds_up(value)]
    return MAY_BE.format(", ".join(told)) if len(told) == len(unit.example[0]) else None
