"""Steps of later turns: those that an optimiser takes once its count of steps has grown.

A call is recorded at one count. What corrects a moment, `1 - β ** t`, is held against the rules at that count alone,
where `1 - β * t` or another count may look the same, or like another rate. Here the call is made again at later counts,
from the same memories: the steps then differ by the factor of the corrections, whatever the rate.

    Δp(n) / Δp(m) = (1 - β₁ᵐ) / (1 - β₁ⁿ) · √((1 - β₂ⁿ) / (1 - β₂ᵐ))
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from crosscheck.recognise.leaves import Leaf, Path, leaves
from crosscheck.recognise.loops import LoopReplay
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.rule_words import (
    COUNTED,
    EXCHANGED,
    FIRST,
    MULTIPLIED,
    NO_NUMBER,
    ROOTED,
    SECOND,
    STUCK,
    UNEVENLY,
)
from crosscheck.recognise.rules import Step
from crosscheck.source.walking import kept, walked

LATER = (0, 1, 3, 7)
"""By how many steps later than recorded a call is made"""
OFFSETS = range(-2, 4)
"""What may be added to a count before it corrects anything"""
CLOSE = 1e-5
"""How closely factors are the same: what guards a root against zero has a part in them, and is 1e-8 of it"""

Turn = Callable[[], Mapping[str, Step]]


def later_faults(
    replay: Replay, taken: Turn, raw: Callable[[], Mapping[str, np.ndarray]], numbers: Sequence[float]
) -> dict[str, str]:
    """Say what is wrong with the steps of a call at later counts than it was recorded at; nothing where none counts.

    `taken` makes the call from preloaded memories, and `raw` from those that it was recorded with; shares that moments
    keep are among the `numbers`. Raises what the call raises.
    """
    steps, raws = [], []
    begun = counts_of(replay, numbers)
    try:
        for later in LATER if begun else LATER[:1]:
            replay.counts = {one.path: one.after(later) for one in begun}
            steps.append(taken())
            raws.append(raw())
    finally:
        replay.counts = {}
    found = {
        name: NO_NUMBER
        for name, step in steps[0].items()
        if any(_is_lost(one[name], own[name]) for one, own in zip(steps, raws, strict=True))
    }
    count = min((one.reached for one in begun if not one.is_foreign), default=0)
    foreign = [np.array([one.after(later) for later in LATER]) for one in begun if one.is_foreign]
    known = {name: _corrections(name, steps, count, foreign) for name in steps[0] if name not in found and begun}
    found |= {name: one.words for name, one in known.items() if one is not None and one.words}
    if not begun:
        found |= {name: STUCK for name, step in steps[0].items() if name not in found and _is_stuck(step, replay)}
    right = {name: one.offsets for name, one in known.items() if one is not None and one.offsets}
    if right:
        found |= {name: UNEVENLY for name, one in known.items() if one is not None and one.is_half}
    if len(right) > 1 and not frozenset.intersection(*right.values()):
        found |= dict.fromkeys(list(right)[1:], COUNTED)
    return found


def _is_lost(step: Step, raw: np.ndarray) -> bool:
    """Tell whether steps of entries that have gradients are no numbers, from preloaded memories and from their own."""
    whole = step if step.whole is None else step.whole
    given = np.isfinite(whole.gradient) & (whole.gradient != 0)
    return bool((given & ~np.isfinite(whole.change) & ~np.isfinite(raw)).any())


def _is_stuck(step: Step, replay: Replay) -> bool:
    """Tell whether both moments are corrected as in the first step for ever: by powers that stay what they began as.

    Each decay is then there twice, and the step is the rate of the program times the factor of the first correction.
    """
    held = [leaf.value for leaf in leaves(replay.roots()) if type(leaf.value) is float and 0 < leaf.value < 1]
    for one, two in _decays(step):
        both = [[value for value in held if abs(value - decay) < CLOSE] for decay in (one, two)]
        if abs(one - two) < CLOSE or min(map(len, both)) < 2 or not step.change.all():
            continue
        (first, second) = sorted(step.memories, key=lambda pair: _share(*pair, step.gradient) is None)
        with np.errstate(all="ignore"):
            rates = step.change * np.sqrt(second[1]) / first[1] * (1 - one) / np.sqrt(1 - two)
        rate = float(np.median(np.abs(rates)))
        if np.all(np.abs(np.abs(rates) - rate) <= NEARLY * rate) and any(abs(n - rate) <= NEARLY * rate for n in held):
            return True
    return False


NEARLY = 1e-4
"""How closely a rate is met: what guards a root against zero has a part in steps"""


class Count(NamedTuple):
    """What a call counts its steps with: a number that grows by one, or a power that is multiplied by its base."""

    path: Path
    reached: int
    base: float | None = None
    foreign: float = 1.0
    """The power of another decay that it began with, multiplied by its base since"""

    @property
    def is_foreign(self) -> bool:
        """Whether it is a power of no one number."""
        return self.foreign != 1

    def after(self, later: int) -> float:
        """Return what it is some steps later."""
        if self.base is None:
            return self.reached + later
        return self.foreign * self.base ** (self.reached + later)


def counts_of(replay: Replay, numbers: Sequence[float]) -> list[Count]:
    """Return what a call counts its steps with: exponents that it moves, or is handed, and powers of some numbers."""
    words = exponents(replay.world.document.tree)
    known = [leaf for leaf in leaves(replay.roots()) if type(leaf.value) is int and leaf.name in words]
    powers = [leaf for leaf in leaves(replay.roots()) if type(leaf.value) is float and 0 < leaf.value <= 1]
    if not known and not powers:
        return []
    result = replay.run({})
    is_turn = isinstance(getattr(replay, "inner", replay), LoopReplay)
    given = replay.loop_variables() if is_turn else replay.entry.arguments.keys()
    found = []
    for leaf in (*known, *powers):
        try:
            now = result.left_at(leaf.path)
        except (LookupError, AttributeError, TypeError):
            now = leaf.value
        if type(leaf.value) is int and (now != leaf.value or (leaf.path[0] in given and len(leaf.path) == 1)):
            found.append(Count(leaf.path, leaf.value))
        elif type(leaf.value) is float and type(now) is float and 0 < now < leaf.value:
            bases = [base for base in numbers if 0 < base < 1 and _is_power(now / leaf.value, base)]
            own = [base for base in bases if leaf.value == 1 or _is_power(leaf.value, base)]
            found += [Count(leaf.path, round(np.log(leaf.value) / np.log(base)), base) for base in own[-1:]]
            found += [] if own else [one for base in bases[-1:] for one in _begun_with_another(leaf, base, numbers)]
    return found


def _begun_with_another(leaf: Leaf, base: float, numbers: Sequence[float]) -> Iterator[Count]:
    """Yield what began as one decay and is multiplied by another since: `power2 = beta2`, then `power2 *= beta1`."""
    for decay in (number for number in numbers if 0 < number < 1 and abs(number - base) > CLOSE):
        if leaf.value < decay and _is_power(leaf.value / decay, base):
            yield Count(leaf.path, round(np.log(leaf.value / decay) / np.log(base)), base, decay)
            return


MOST_AT_ONCE = 40
"""Parameters, for each of which a power may be multiplied once more"""


def _is_power(value: float, base: float) -> bool:
    """Tell whether a number is a power of another, by a whole number above zero."""
    exponent = float(np.log(value) / np.log(base))
    return 1 <= round(exponent) <= MOST_AT_ONCE and abs(exponent - round(exponent)) < CLOSE


@kept
def exponents(tree: ast.Module) -> frozenset[str]:
    """Return the words of which exponents are made, by the assignments of a module as well.

    >>> sorted(exponents(ast.parse("t = self.step + 1; m /= 1 - b ** t; v /= 1 - pow(c, k + 1)")))
    ['k', 'self', 'step', 't']
    """
    found: set[str] = set()
    for node in walked(tree):
        match node:
            case ast.BinOp(op=ast.Pow(), right=exponent):
                found |= set(_words(exponent))
            case ast.Call(func=ast.Name("pow") | ast.Attribute(attr="pow" | "power"), args=[_, exponent]):
                found |= set(_words(exponent))
            case _:
                pass
    made = [node for node in walked(tree) if isinstance(node, ast.Assign)]
    for _ in range(2):
        found |= {word for one in made if found & set(_words(*one.targets)) for word in _words(one.value)}
    return frozenset(found)


def _words(*nodes: ast.AST) -> Iterator[str]:
    for node in (part for one in nodes for part in walked(one)):
        match node:
            case ast.Name(word) | ast.Attribute(attr=word) | ast.Constant(str(word)):
                yield word
            case _:
                pass


class _Corrections(NamedTuple):
    """How moments are corrected."""

    words: str | None
    """What is wrong with that"""
    offsets: frozenset[int] = frozenset()
    """By which counts they may be, beyond what the call begins with"""
    is_half: bool = False
    """Whether one of them alone is, by a count that grows: a rule of its own where all parameters follow it"""


def _corrections(
    name: str, cases: Sequence[Mapping[str, Step]], count: int, foreign: Sequence[np.ndarray]
) -> _Corrections | None:
    """Tell how the moments of a parameter are corrected; None where they may follow anything else as well.

    What is `foreign` are powers of no one decay, at the later counts.
    """
    steps = [case[name] for case in cases]
    factors = [_factor(step.change, steps[0].change) for step in steps[1:]]
    if any(factor is None for factor in factors):
        return None
    wanted = np.array(factors, dtype=float)
    if np.all(np.abs(wanted - 1) < CLOSE):
        return _Corrections(None)  # it corrects nothing, by these counts at least
    ends = range(OFFSETS[0], OFFSETS[-1] + len(cases[0]) + 1)
    for decays in _decays(steps[0]):
        told = _told(decays, wanted, count, ends) or _told_of_foreign(decays, wanted, count, ends, foreign)
        if told is not None:
            return told
    return None


def _told_of_foreign(
    decays: tuple[float, float], wanted: np.ndarray, count: int, ends: range, foreign: Sequence[np.ndarray]
) -> _Corrections | None:
    """Tell of a moment that is corrected by a power which the other moment's decay has a part in."""
    for power, by in product(foreign, (by for by in ends if count + by >= 1)):
        own = [1 - decay ** (count + np.array(LATER, dtype=float) + by) for decay in decays]
        for words, shares in ((SECOND, (1 - power) ** 0.5 / own[0]), (FIRST, own[1] ** 0.5 / (1 - power))):
            if np.all(np.abs(shares[1:] / shares[0] - wanted) <= CLOSE * wanted):
                return _Corrections(words)
    return None


def _told(decays: tuple[float, float], wanted: np.ndarray, count: int, ends: range) -> _Corrections | None:
    one, two = decays

    def are(first: float, second: float, powers: tuple[float, float], by: int, other: int) -> bool:
        counts = [np.array([count + later + offset for later in LATER], dtype=float) for offset in (by, other)]
        if min(map(np.min, counts)) < 1:
            return False
        shares = (1 - first ** counts[0]) ** powers[0] * (1 - second ** counts[1]) ** powers[1]
        return bool(np.all(np.abs(shares[1:] / shares[0] - wanted) <= CLOSE * wanted))

    right = frozenset(by for by in ends if are(one, two, (-1, 0.5), by, by))
    if right:
        return _Corrections(None, right)
    alone = ((powers, by) for powers in ((-1, 0), (0, 0.5)) for by in ends)
    if any(are(one, two, powers, by, by) for powers, by in alone):
        return _Corrections(None, is_half=True)
    for words, first, second in ((SECOND, one, one), (FIRST, two, two), (EXCHANGED, two, one)):
        if any(are(first, second, (-1, 0.5), by, by) for by in ends):
            return _Corrections(words)
    if any(are(one, two, powers, by, by) for powers in ((1, 0.5), (-1, -0.5), (1, -0.5)) for by in ends):
        return _Corrections(MULTIPLIED)
    if any(are(one, two, powers, by, by) for powers in ((-0.5, 1), (-1, 1), (-0.5, 0.5)) for by in ends):
        return _Corrections(ROOTED)
    if any(are(one, two, (-1, 0.5), by, other) for by, other in product(OFFSETS, OFFSETS) if by != other):
        return _Corrections(UNEVENLY)
    return None


def _factor(change: np.ndarray, before: np.ndarray) -> float | None:
    """Return by what each entry of a step is multiplied; None if that differs, or is nothing."""
    if not change.size or not np.isfinite(change).all() or not before.all():
        return None
    factors = change / before
    middle = float(np.median(factors))
    return middle if middle > 0 and np.all(np.abs(factors - middle) <= CLOSE * middle) else None


def _decays(step: Step) -> Iterator[tuple[float, float]]:
    """Yield which shares of themselves two memories keep: means of gradients, and of their squares."""
    gradient = step.gradient
    for first, second in ((0, 1), (1, 0)) if len(step.memories) == 2 else ():
        shares = [_share(*step.memories[place], added) for place, added in ((first, gradient), (second, gradient**2))]
        if shares[0] is not None and shares[1] is not None and shares[0] <= shares[1]:
            yield shares[0], shares[1]


def _share(old: np.ndarray, new: np.ndarray, added: np.ndarray) -> float | None:
    """Return what a mean keeps of itself; None where it is no mean, or of another sign."""
    with np.errstate(all="ignore"):
        shares = (new - added) / (old - added)
    middle = float(np.median(shares))
    return middle if 0 < middle < 1 and np.all(np.abs(shares - middle) <= CLOSE) else None
