"""Make a failing case small: the simplest one, of the same regime, in which the same array is still wrong."""

import time
from collections.abc import Sequence
from itertools import islice

from crosscheck.cases import Key
from crosscheck.judge import Judge
from crosscheck.tally import Worst, worst_entry

AT_ONCE = 16
SECONDS = 3.0
"""Every new shape costs one to compile; after these the smallest case so far is shown."""


def minimise(judge: Judge, failing: Sequence[Key], name: str) -> Worst:
    """Return the worst entry of the smallest case found in which `name` is wrong, starting from such cases."""
    key = min(failing, key=_size)
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        simpler = _first_wrong(judge, key, name, deadline)
        if simpler is None:
            break
        key = simpler
    (case,) = judge.judge([key])
    return worst_entry(case, name, case.comparisons[name])


def _first_wrong(judge: Judge, key: Key, name: str, deadline: float) -> Key | None:
    candidates = iter(judge.pair.cases.smaller(key))
    while time.monotonic() < deadline and (some := list(islice(candidates, AT_ONCE))):
        for case in judge.judge(some):
            if name in case.comparisons and case.comparisons[name].wrong.any():
                return case.key
    return None


def _size(key: Key) -> tuple[int, int]:
    return sum(key.sizes), key.seed
