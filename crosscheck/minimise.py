"""Make a failing case small: the simplest one, of the same regime, in which the same array is still wrong."""

from collections.abc import Iterator, Sequence
from itertools import islice

from crosscheck.cases import Key
from crosscheck.judge import Judge, JudgedCase

# Cases that are tried at the most: a number, not a time, so that every machine finds the same case. Without padding
# each may have a shape that the twin is compiled for, for a second.
TRIES, TRIES_WITHOUT_PADDING = 400, 8
AT_ONCE = 16


def minimise(judge: Judge, failing: Sequence[Key], name: str) -> JudgedCase:
    """Return the smallest case found in which `name` is wrong, starting from such cases."""
    key = min(failing, key=_size)
    left = TRIES if judge.pair.padding or not judge.pair.twin else TRIES_WITHOUT_PADDING
    while left > 0:
        tried, simpler = _first_wrong(judge, judge.pair.cases.smaller(key), name, left)
        left -= tried
        if simpler is None:
            break
        key = simpler
    (case,) = judge.judge([key])
    return case


def _first_wrong(judge: Judge, candidates: Iterator[Key], name: str, left: int) -> tuple[int, Key | None]:
    """Return how many candidates were tried, and the first in which `name` is wrong."""
    tried = 0
    at_once = AT_ONCE if left > AT_ONCE else 1
    while tried < left and (some := list(islice(candidates, at_once))):
        for place, case in enumerate(judge.judge(some), start=1):
            if name in case.comparisons and case.comparisons[name].wrong.any() and case.is_blamable(name):
                return tried + place, case.key
        tried += len(some)
    return tried, None


def _size(key: Key) -> tuple[int, int]:
    return sum(key.sizes), key.seed
