"""The calls that candidates for a loss are judged by."""

import ast
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from crosscheck.recognise.constancy import Constants
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.loss_samples import SAMPLES, samples_of
from crosscheck.recognise.replay import Result

W = np.array([0.3, -1.2, 0.7])


class Cubes:
    """A call that returns the cubes of its weights, summed, and their gradient; it counts how often it is made."""

    zeroed, kept = (), frozenset()
    world = SimpleNamespace(document=SimpleNamespace(tree=ast.parse("")), hooks=SimpleNamespace(constants=Constants()))

    def __init__(self) -> None:
        self.calls = 0

    def roots(self) -> dict[str, Any]:
        """Return what the call starts from."""
        return {"w": W}

    def run(self, replaced: Mapping[int, Any]) -> Result:
        """Make the call."""
        self.calls += 1
        weights = replaced[id(W)]
        return Result((float(np.sum(weights**3)), 3 * weights**2), {}, {"w": weights}, {})


LOSS, GRADIENT = (SimpleNamespace(read=lambda result, place=place: result.returned[place]) for place in (0, 1))


def test_makes_the_calls_around_a_state_when_they_are_needed() -> None:
    replay = Cubes()
    first, *others = samples_of(replay, {"w": Leaf(("w",), W)}, {"w": GRADIENT})  # pyright: ignore - all it asks for
    assert replay.calls == SAMPLES == 1 + len(others)
    up, down = first.around["w"][0]
    assert replay.calls == SAMPLES + 2
    assert up.returned[0] != down.returned[0]
    assert first.slope(LOSS, "w") == pytest.approx(first.claimed["w"], rel=1e-9)
    assert first.slope(LOSS, "w") == first.slope(LOSS, "w")
    assert replay.calls == SAMPLES + 6
