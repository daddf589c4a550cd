"""What two calls have in common."""

import numpy as np

from crosscheck.recognise.histories import _lengths
from crosscheck.recognise.pairs import _identities


class Kept:
    def __init__(self) -> None:
        self.states, self.library = [np.ones(2)], np


def test_objects_are_found_wherever_they_lie_and_nothing_that_a_module_holds() -> None:
    kept = Kept()
    found = dict(_identities({"model": kept, "np": np, "steps": 7, "both": (kept.states, "text")}))
    paths = [("model",), ("model", ".states"), ("model", ".states", 0), ("np",), ("both",)]
    objects = [kept, kept.states, kept.states[0], np]
    assert {id(one) for one in objects} <= found.keys()
    assert set(found.values()) <= {(), *paths, ("model", ".library"), ("both", 0), ("both", 0, 0)}
    assert len(found) == 6


def test_of_modules_nothing_is_a_history() -> None:
    assert _lengths({"model": Kept(), "np": np}) == {("model", ".states"): 1}
