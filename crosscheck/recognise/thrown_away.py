"""Gradients that a layer computes and a loop throws away: those of the data that the first layer is handed.

A loop that goes through layers is judged as a whole, and that says nothing of them: no weight depends on them.
"""

from collections.abc import Iterable

import numpy as np

from crosscheck.recognise.unit import Unit


def thrown_away(unit: Unit, functions: Iterable[str]) -> list[str]:
    """Return the functions that a unit goes through, and of whose results none of its gradients is made."""
    hooks = unit.world.hooks
    arguments = unit.cases.build(unit.cases.draw(0, 0)).arguments

    def gradients(spoilt: str) -> list[np.ndarray]:
        hooks.spoilt, hooks.has_spoilt = spoilt, False
        try:
            found = unit.subject(*arguments).gradients
        finally:
            hooks.spoilt = ""
        return [np.asarray(found[name]) for name in sorted(found)]

    before = gradients("")

    def is_idle(name: str) -> bool:
        try:
            with np.errstate(all="ignore"):
                after = gradients(name)
        except Exception:  # noqa: BLE001 - theirs, on numbers that are three times as large: it is made use of
            return False
        return hooks.has_spoilt and all(map(_are_same, before, after))

    return [name for name in functions if is_idle(name)]


def _are_same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and np.array_equal(one, other, equal_nan=True)
