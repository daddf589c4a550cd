"""What the author of an exercise writes: how a case is drawn, what the right answer is, and the wrong ones.

An exam never sees the learner's file. It draws cases of fresh sizes, hands the learner's function its arguments (a
cache and an upstream gradient, usually), and knows what must come back: numerical derivatives of its own forward
(`gradients`), values that it computed (`values`), or whatever satisfies a rule (`rule`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from crosscheck.trees import leaves

ORDINARY, ONE, SQUARE, HUGE, LARGE = "ordinary", "one", "square", "huge", "large"
LOUD = 1000.0
"""How much larger than usual the numbers of a huge case are: exp overflows at 710"""
SIDE = 4
"""The one size of square cases"""
SPREAD = 6
"""Sizes of ordinary cases lie within so many of the least"""
LARGEST = 40


class Draw:
    """A source of random sizes and numbers for one case; the same seed and regime draw the same case."""

    def __init__(self, seed: int, regime: str = ORDINARY, index: int = 0) -> None:
        self.regime = regime
        """`ordinary`: sizes that differ from each other. `one`: every size as small as it can be. `square`: all sizes
        equal. `huge`: as ordinary, with `scale` at 1000. `large`: sizes of some 40, to count how much is done"""
        self.random = np.random.default_rng([seed, index, *regime.encode()])
        self.scale = LOUD if regime == HUGE else 1.0
        """1, but 1000 in huge cases: multiply by it what may become large"""
        self.named: dict[str, int] = {}
        """The sizes drawn so far, for messages."""

    def sizes(self, *names: str, least: int = 1) -> tuple[int, ...]:
        """Return a size for each name, `least` or more; in ordinary cases no two of them are equal.

        >>> Draw(0).sizes("N", "D") != Draw(1).sizes("N", "D")
        True
        """
        for name in names:
            self.named[name] = self._size(least)
        return tuple(self.named[name] for name in names)

    def size(self, name: str, least: int = 1) -> int:
        """Return one size."""
        return self.sizes(name, least=least)[0]

    def normal(self, *shape: int) -> np.ndarray:
        """Return standard normal numbers; without a shape, one of them in an array of no dimensions."""
        return np.asarray(self.random.standard_normal(shape))

    def integers(self, below: int, *shape: int) -> np.ndarray:
        """Return whole numbers from 0 to `below` - 1."""
        return np.asarray(self.random.integers(below, size=shape))

    def _size(self, least: int) -> int:
        if self.regime == ONE:
            return least
        if self.regime == SQUARE:
            return max(least, SIDE)
        if self.regime == LARGE:
            return max(least, LARGEST - len(self.named))
        first = max(least, 2)
        free = sorted(set(range(first, first + SPREAD + len(self.named))) - set(self.named.values()))
        return int(self.random.choice(free[:SPREAD]))


@dataclass(frozen=True)
class Expected:
    """What must be returned in one place."""

    value: Any
    """An array or a number; None where a rule decides."""
    error: Any = 0.0
    """How far the value itself may be off, per entry; infinite where there is no derivative, at a kink."""
    accepts: Callable[[Any], str | None] | None = None
    """A rule: None if it accepts what was returned, otherwise the sentence that says why it does not."""


def gradients(loss: Callable[..., Any], *at: Any) -> list[Expected]:
    """Return the derivatives of `loss(*at)` by every argument, found numerically, one for each array in them.

    `loss` is plain NumPy and knows nothing of the backward pass; whatever is not to be differentiated it closes over.
    """
    from crosscheck.references import own_forward

    found = own_forward(loss, *at, differentiate=tuple(range(len(at))))
    pairs = (found.gradients, found.error) if len(at) > 1 else ((found.gradients,), (found.error,))
    return [Expected(value, error) for value, error in zip(*map(leaves, pairs), strict=True)]


def values(*right: Any) -> list[Expected]:
    """Return what must come back as it is, but for rounding: arrays or numbers that the exam computed."""
    return [Expected(np.asarray(value)) for value in right]


def rule(accepts: Callable[[Any], str | None]) -> list[Expected]:
    """Return an expectation that a function decides: it is given what was returned, and returns None or a sentence."""
    return [Expected(None, accepts=accepts)]


@dataclass(frozen=True)
class Case:
    """One call of the learner's function."""

    arguments: tuple[Any, ...]
    expect: Callable[[], Sequence[Expected]]
    """Finds what is expected, one for each name in the exam's `returns`: called only where it is needed."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    regime: str = ORDINARY

    @cached_property
    def expected(self) -> Sequence[Expected]:
        """What is expected."""
        return self.expect()


@dataclass(frozen=True)
class Wrong:
    """A wrong answer that people give, written as edits of solution.py."""

    name: str
    """Short and unique in the exercise: `transposed`, `no-carry`."""
    message: str
    """What the learner is told: what was computed in place of what, and not what to write."""
    edits: tuple[tuple[str, str], ...]
    """(text that occurs exactly once in solution.py, what stands there instead)"""

    def __init__(self, name: str, message: str, *edits: tuple[str, str]) -> None:
        for attribute, value in (("name", name), ("message", message), ("edits", edits)):
            object.__setattr__(self, attribute, value)


RIGHT, MENDED = "right", "mended"


@dataclass(frozen=True)
class Exam:
    """How an exercise is judged."""

    function: str
    """The function that the learner writes."""
    returns: tuple[str, ...]
    """Names of what it returns, in order; a single one comes without a tuple."""
    case: Callable[[Draw], Case]
    """Draws a case; called for several regimes."""
    wrong: tuple[Wrong, ...] = ()
    also_right: tuple[tuple[tuple[str, str], ...], ...] = ()
    """Other right answers, as edits of solution.py: they must pass."""
    withheld: tuple[str, ...] = ()
    """Functions of the learner's file that cannot be called while it is judged: the forward."""
    regimes: tuple[str, ...] = (ORDINARY, ORDINARY, ORDINARY, ONE)
    """What is tried. Add HUGE where an unstable answer is to be told."""
    answer: str | None = None
    """Of detective work: RIGHT or MENDED, what the learner must set `ANSWER` to."""
    measure: bool = True
    """Whether a large case is run to tell an answer that does far too much."""
    repeat: bool = True
    """Whether every call is made again, to see that it returns the same: False for a long training."""
