"""Make a failing case small: the simplest one, of the same regime, in which the same array is still wrong."""

import time
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from crosscheck.cases import Key
from crosscheck.judge import Judge
from crosscheck.tally import Worst, worst_entry

AT_ONCE = 16
SECONDS = 5.0
"""An explanation is worth a few seconds, not minutes: then the smallest case so far is shown."""


class Smallest(NamedTuple):
    """A minimal failing case and its worst entry."""

    key: Key
    worst: Worst


def minimise(judge: Judge, failing: Sequence[Key], name: str) -> Smallest:
    """Return the smallest case found in which the array `name` is wrong, starting from cases in which it is."""
    key = min(failing, key=_size)
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        simpler = _first_wrong(judge, key, name, deadline)
        if simpler is None:
            break
        key = simpler
    (case,) = judge.judge([key])
    return Smallest(key, worst_entry(case, name, case.comparisons[name]))


def _first_wrong(judge: Judge, key: Key, name: str, deadline: float) -> Key | None:
    candidates = iter(judge.pair.cases.smaller(key))
    while time.monotonic() < deadline and (some := list(islice(candidates, AT_ONCE))):
        for case in judge.judge(some):
            if name in case.comparisons and case.comparisons[name].wrong.any():
                return case.key
    return None


def _size(key: Key) -> tuple[int, int]:
    return sum(key.sizes), key.seed
