"""Steps that are divided by what is remembered of squares: whether they follow a rule, and how they differ from one.

All that may go into a step is fitted to it at once. Of a step Δp = -η (n / (r + ε) + λ p), whose numerator n is a sum
of the gradient and of one memory, and whose r is known, the gradient is linear in what is not known:
g = a Δp r + b Δp + c p r + d p - e m.

    RMSprop, Adagrad   r = √v'           n = g
    Adam, AMSGrad      r = √v', √max v'  n = m'
    Nadam              r = √v'           n = β₁ m' + (1 - β₁) g, each corrected perhaps
    Adamax             r = u'            n = m', u' = max(β₂ u, |g|)
    Adadelta           r = √(v' / u)     n = g, u' = ρ u + (1 - ρ) Δp²
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from crosscheck.recognise.fitting import CLOSE, FEWEST, counts, fit
from crosscheck.recognise.moments import Moment, Pair, crossed, is_greatest, is_mean, is_norm, is_sum, mixed, moment_of
from crosscheck.recognise.rule_words import (
    CLIMBS,
    CROSSED,
    DIRECTIONLESS,
    GROWN,
    MIXED,
    MULTIPLIED,
    NO_ROOT,
    NOT_SQUARED,
    REPLACED,
    ROOT_MULTIPLIED,
    SHRINKS,
    UNIFORM,
)

LARGEST_GUARD = 0.05
"""The most that ε is of what it is added to"""


POWERS = [(i, j) for i, j in product((0, 1, -1), repeat=2) if (i, j) != (-1, 1)]
"""Of the corrections that may be in a step: of the first moment, and of the root of the second one"""


class Quotient(NamedTuple):
    """A step as a quotient: g = a Δp r + b Δp + c p r + d p - e m."""

    rate: float
    """a, negative where the step falls"""
    decay: float
    """λ η: the share of the parameter that is taken away, negative where it grows"""
    past: float
    """e: how much of the memory stands beside one gradient"""
    is_guarded: bool
    """Whether what is added to r is a guard against zero, and no more"""
    mean: Moment | None = None


def quotient(
    change: np.ndarray, gradient: np.ndarray, root: np.ndarray, mean: Moment | None, value: np.ndarray | None = None
) -> Quotient | None:
    """Return a step as a quotient by a root, of the gradient and a memory, with decay if there is a value; or None."""
    columns = [change * root, change, *([] if value is None else [value * root, value])]
    factors = fit(gradient, *columns, *([] if mean is None else [mean.old]))
    if factors is None or not counts(factors[0], columns[0], gradient):
        return None
    guard = factors[1] / factors[0]
    decay = 0.0 if value is None or not counts(factors[2], columns[2], gradient) else factors[2] / factors[0]
    past = 0.0 if mean is None or not counts(factors[-1], mean.old, gradient) else -factors[-1]
    is_guarded = -CLOSE < guard < LARGEST_GUARD * float(np.max(root))
    return Quotient(float(factors[0]), float(decay), float(past), is_guarded, mean)


class Adaptive:
    """One step, and all ways in which it may be a quotient."""

    def __init__(
        self,
        gradient: np.ndarray,
        change: np.ndarray,
        pairs: Sequence[Pair],
        value: np.ndarray | None,
        numbers: Sequence[float],
        counters: Sequence[float],
    ) -> None:
        self.gradient, self.change, self.pairs, self.value = gradient, change, pairs, value
        self.numbers, self.counters = numbers, counters
        self.moments = [moment_of(pair, gradient) for pair in pairs]
        self.means: list[Moment | None] = [None, *(one for one in self.moments if one.first is not None)]
        self.guards = (0.0, *(number for number in numbers if number <= LARGEST_GUARD))

    def roots(self) -> Iterator[tuple[np.ndarray, float]]:
        """Yield what the rules divide by, and how much is kept in it of what it was."""
        squares = [(m, m.second[0]) for m in self.moments if m.second is not None and _is_of_squares(m.second)]
        for one, kept in squares:
            others = [pair for pair, other in zip(self.pairs, self.moments, strict=True) if other is not one]
            wanted = [one.new, *(pair[1] for pair in others if is_greatest(pair, one.new))]
            for of, guard in product(wanted, self.guards):
                if (of > 0).all():
                    yield np.sqrt(of + guard), kept
            for old, new in others:
                shares = fit(new, old, self.change**2)
                if shares is not None and is_mean(shares, 2):
                    yield from ((np.sqrt((one.new + guard) / (old + guard)), kept) for guard in self.guards)
        yield from ((pair[1], 1.0) for pair in self.pairs if is_norm(pair, self.gradient))

    def quotients(self, roots: Sequence[np.ndarray]) -> Iterator[Quotient]:
        """Yield a step as a quotient by each of some roots: plainly, with a mean of gradients, with decay."""
        for root, value, mean in product(roots, (None, self.value), self.means):
            found = quotient(self.change, self.gradient, root, mean, value)
            if found is not None:
                yield found

    def is_right(self) -> bool:
        """Tell whether the step follows a rule."""
        if mixed(self.moments):
            return False
        roots = list(self.roots())
        return any(
            found.rate < 0
            and found.is_guarded
            and 0 <= found.decay < 1
            and self._is_told(found)
            and _is_usual(found.mean, kept)
            and self._corrected(found) is None
            for root, kept in roots
            for found in self.quotients([root])
        ) or any(self._is_momentum_of(root) for root, _ in roots)

    def is_by_sign(self) -> bool:
        """Tell whether the step is one amount in every entry, down the gradient or a mean of it: that of Lion."""
        size = np.abs(self.change)
        olds = [one.old for one in self.moments if one.first is not None and is_mean(one.first)]
        kept = [number for number in self.numbers if 0 < number < 1]
        wanted = [self.gradient]
        wanted += [share * old + (1 - share) * self.gradient for old in olds for share in kept]
        return bool(np.ptp(size) <= CLOSE * np.max(size)) and any(
            bool((np.sign(one) == -np.sign(self.change)).all()) for one in wanted
        )

    def fault(self) -> str | None:
        """Say how the step differs from a rule, where that is certain: for steps that follow none."""
        if self.gradient.size < 2 * FEWEST or not self.pairs:
            return None
        if crossed(self.moments, self.gradient):
            return CROSSED
        if mixed(self.moments):
            return MIXED
        squares = [one for one in self.moments if one.second is not None]
        if any(one.second is not None and one.second[1] < 0 < one.second[0] for one in squares):
            return SHRINKS
        roots = [root for root, _ in self.roots()]
        for found in self.quotients(roots):
            if found.is_guarded and self._is_told(found):
                words = CLIMBS if found.rate > 0 else GROWN if found.decay < 0 else self._corrected(found)
                return REPLACED if abs(found.decay - 1) < CLOSE else words
        firsts = [one for one in self.moments if one.first is not None]
        ends = None if self.value is None else self.change + self.value
        if ends is not None and any(fit(ends, one.old, self.gradient) is not None for one in firsts):
            return REPLACED
        means = [self.gradient, *(one.new for one in firsts)]
        for one in squares:
            root = np.sqrt(np.abs(one.new))
            if any(f.is_guarded and self._is_told(f) for f in self.quotients([one.new])):
                return NO_ROOT
            if any(fit(self.change, mean * root) is not None for mean in means):
                return ROOT_MULTIPLIED
            if any(fit(self.change, *columns) is not None for columns in ([root], [one.new], [root, one.new])):
                return DIRECTIONLESS
            if np.ptp(self.change * root) < CLOSE * np.max(np.abs(self.change * root)):
                return UNIFORM
        for one in (one for one in self.moments if one.second is None and self._takes_unsquared(one)):
            for mean in (mean for mean in self.means if mean is not one):
                found = quotient(self.change, self.gradient, np.sqrt(np.abs(one.new)), mean)
                if found is not None and found.is_guarded and self._is_told(found):
                    return NOT_SQUARED
        return None

    def _takes_unsquared(self, one: Moment) -> bool:
        """Tell whether a memory takes in the gradient itself, or its size."""
        sizes = fit(one.new, one.old, np.abs(self.gradient))
        return one.first is not None or (sizes is not None and counts(sizes[1], self.gradient, one.new))

    def _is_told(self, found: Quotient) -> bool:
        """Tell whether a quotient's numerator is that of a rule."""
        if found.mean is None or found.mean.first is None or found.past == 0:
            return True
        kept, added = found.mean.first
        if not 0 < kept < 1 - CLOSE:
            return False
        told = [kept / added, kept**2 / (added * (1 + kept)), kept**2 / (1 + kept * added)]
        for count, other in product(self.counters, (0, 1)):
            share = (1 - kept**count) / (1 - kept ** (count + 1)) if other else 1 - kept**count
            told += [kept**2 * share / (added * (kept * share + 1)), kept**2 / (added * (kept + share))]
        return any(abs(found.past - past) <= 1e-5 * abs(past) for past in told)

    def _corrected(self, found: Quotient) -> str | None:
        """Say whether Adam's moments are multiplied by what they should be divided by."""
        if found.mean is None or found.mean.first is None:
            return None
        kept, added = found.mean.first
        seconds = [one.second[0] for one in self.moments if one.second is not None]
        later = [count for count in self.counters if count > 1]  # a first correction may be a mere power of ten
        said = None
        for other, rate, count in product(seconds, self.numbers, later):
            slope, first, second = abs(added * found.rate) * rate, 1 - kept**count, np.sqrt(1 - other**count)
            close = [(i, j) for i, j in POWERS if abs(slope - first**i * second**j) <= CLOSE * slope]
            if {(0, 0), (1, -1)} & set(close):
                return None
            said = MULTIPLIED if any(i == -1 or j == 1 for i, j in close) else said
        return said

    def _is_momentum_of(self, root: np.ndarray) -> bool:
        """Tell whether a memory keeps the quotients themselves, and the step is a share of it."""
        for old, new in self.pairs:
            shares, step = fit(new, old, self.gradient / root), fit(self.change, new)
            if shares is not None and step is not None and 0 < shares[0] < 1 and shares[1] * step[0] < 0:
                return True
        return False


def _is_usual(mean: Moment | None, kept: float) -> bool:
    """Tell whether a numerator is a mean, or a velocity, that forgets no later than what it is divided by."""
    if mean is None or mean.first is None:
        return True
    return (is_mean(mean.first) or abs(abs(mean.first[1]) - 1) < CLOSE) and mean.first[0] <= kept + CLOSE


def penalised(gradient: np.ndarray, value: np.ndarray, pairs: Sequence[Pair]) -> Iterator[np.ndarray]:
    """Yield the gradient with a share of the parameter added, as it went into a memory: decay by the loss."""
    for old, new in pairs:
        for columns in ((gradient, value), (gradient**2, 2 * gradient * value)):
            squares = () if columns[0] is gradient else (value**2,)
            shares = fit(new, old, *columns, *squares)
            if shares is not None and counts(shares[1], columns[0], new) and 0 < shares[2] / shares[1] < 1:
                yield gradient + shares[2] / shares[1] * value


def _is_of_squares(shares: np.ndarray) -> bool:
    """Tell whether a memory of squares is their mean, or their sum."""
    return is_sum(shares) or is_mean(shares, 2)
