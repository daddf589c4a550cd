"""Gradients that were guessed to belong to an argument, and are right for whoever they are handed to.

    loss, do = ctc(softmax(o), label)        # the gradient of o, before the softmax
    dV = h.T @ do

By itself `ctc` has no argument that `do` is the gradient of, and nothing but its probabilities is left.
"""

from collections.abc import Iterable

from crosscheck.recognise.assembling import LEFT
from crosscheck.recognise.unit import Unit

WITHIN = "{0} was judged within {1}, which is right: what its gradient is the gradient of by itself is not known"


def is_guessed(unit: Unit) -> bool:
    """Tell whether some of a unit's gradients belong to what they do because nothing else was left."""
    return any(LEFT in said for said in unit.assumptions)


def judged_within(unit: Unit, others: Iterable[Unit]) -> str | None:
    """Say within which one of some right units another one was judged; None if none of them goes through it."""
    for other in others:
        used = other.world.hooks.used
        used.clear()
        try:
            other.subject(*other.cases.build(other.cases.draw(0, 0)).arguments)
        except Exception:  # noqa: BLE001, S112 - theirs: it may not be callable with what is drawn
            continue
        if unit.own_name in used:
            return WITHIN.format(unit.name, other.name)
    return None
