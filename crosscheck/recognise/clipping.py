"""What the clips of a function make of its gradients. They are switched off while it is judged."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from crosscheck.contract import SubjectError, call
from crosscheck.recognise.unit import Unit
from crosscheck.trees import flatten


def clipped(unit: Unit, arguments: Sequence[Any], seconds: float) -> dict[str, np.ndarray]:
    """Call a unit with its clips at work; return its gradients, none where no clip was met or one raises."""
    replay = getattr(unit.subject, "replay", None)
    if replay is None:
        return {}
    hooks = replay.world.hooks
    with _clipping(replay):
        hooks.met_clip = False
        try:
            outcome = call(unit.subject, arguments, time_limit=seconds)
        except SubjectError:  # a clip of names that do not exist; the slips of the source tell of it
            return {}
    return dict(flatten(outcome.gradients)) if hooks.met_clip else {}


@contextmanager
def _clipping(replay: Any) -> Iterator[None]:
    """Switch the clips on in a replay, and in the two calls of a pair."""
    replays = [one for one in (replay, getattr(replay, "first", None), getattr(replay, "second", None)) if one]
    for one in replays:
        one.clips = True
    try:
        yield
    finally:
        for one in replays:
            one.clips = False
