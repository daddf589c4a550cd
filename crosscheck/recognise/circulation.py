"""Gradients that are those of no function at all: a proof that asks for no loss, and for no output.

The gradient of one parameter changes along another as that of the other changes along the one, whatever function of
both they are gradients of: second derivatives are the same in either order. Where two gradients, or one along two
directions, change otherwise, no loss has them, and one of them is wrong. Which one it is this does not say.

A factor between two gradients that is the same everywhere is not held against them, as means beside sums have it.
Where one gradient does not change along a parameter at all nothing is said either: what it goes back through may have
been computed before, by another call. Nor is anything said of calls that move parameters, unless each takes one plain
step, and all of them at the end (last_steps.py): what several steps amount to is no gradient, though each of them goes
along one. A training may have several losses, each for parameters of its own: there each gradient is held against
itself alone, unless it is plain that all go by one loss.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations_with_replacement
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.no_loss import OTHER_TERMS
from crosscheck.recognise.places import Place
from crosscheck.recognise.replay import Result
from crosscheck.recognise.unit import Unit
from crosscheck.report import Report
from crosscheck.tally import Tally
from crosscheck.verdicts import Finding, Severity

WAYS = 3
"""Directions of each parameter, in each case"""
CASES = 16
SECONDS = 4.0
REACH = 2.0**-8
KINK = 1e-2
"""How far derivatives of two orders are apart, relative, where there is a kink"""
PLAIN = 1e-2
"""What is left, as a share, where gradients plainly change otherwise"""
LEAST = 1e-6
"""The least change that counts, as a share of the largest: what is less may be rounding"""
KNOWN = 4
"""As many times what is unknown changes must be apart"""
FEWEST = 4
"""Cases in which the changes of two gradients must be known"""
GIVEN = naming.re.compile(
    r"^(?:x|y|t|q|k|v|\w*(?:data|inputs?|inp|features?|samples?|examples?|rows?|targets?|labels?|expected|train|test|"
    r"truth|onehot|one_hot))s?(?:_?(?:\d|t|train|test|batch|i|data|true|set))?$",
    naming.re.IGNORECASE,
)
"""What parameters did not go into: the data that a call is handed"""
OTHER_RULES = naming.re.compile(
    r"\bq_?(?:table|values?|learn\w*|net\w*)\b|bellman|sarsa|\btd\b|temporal.?difference|generator|discriminator|"
    r"target_?net|hopfield|kohonen|\bsom\b|\brbm\b|boltzmann|\boja|natural.?grad|fisher|hessian|newton|levenberg|"
    r"linalg\.(?:p?inv|solve|lstsq)|truncat|(?:clip|max|grad)_?norm|norm ?>|\belman|context.?(?:unit|layer|neuron)|"
    r"feedback|target.?prop|equilibrium|forward.?forward|predictive.?coding|layer.?wise|\bstdp|spik|"
    r"visible|reconstruct|\b(?:pos|neg)(?:itive|ative)?_?(?:grad|assoc|phase|prod)",
    naming.re.IGNORECASE,
)
"""What tells of rules that move something along no gradient"""
SAID = "no loss was found: whether its gradients may be those of any function was judged"


class Unstated(NamedTuple):
    """In place of a loss that nobody needs to know."""

    name: str = "any loss"
    names: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name

    def read(self, result: Result) -> float:  # noqa: ARG002 - as any other loss
        """Return nothing."""
        return 0.0


Changes = Mapping[tuple[str, str], np.ndarray]
"""How the gradient of the first changes along the second, by the directions of both, and how far that is unknown"""


class Broken(NamedTuple):
    """Two parameters, or one along two directions, whose gradients change otherwise than those of a function."""

    one: str
    other: str
    ours: float
    theirs: float
    """How they change in the case that shows it best"""
    share: float
    """What is left, as a share, when one is held against the other"""
    cases: int


def may_be_told(
    code: str, parameters: Mapping[str, Leaf], gradients: Mapping[str, Place], data: Mapping[str, Any]
) -> bool:
    """Tell whether gradients are meant to be those of one loss, as far as their names say, and nothing is kept."""
    if OTHER_TERMS.search(code) or OTHER_RULES.search(code):
        return False
    told = [
        any(naming.is_gradient_of(word, leaf.name) for word in (gradients[name].name, *gradients[name].names))
        for name, leaf in parameters.items()
    ]
    are_gradients = any(naming.looks_like_gradient(leaf.name) for leaf in parameters.values())
    return (all(told) or len(told) == 1) and not are_gradients and goes_by_data(data)


def goes_by_data(data: Mapping[str, Any]) -> bool:
    """Tell whether a call is handed no array that parameters may have gone into before."""
    kept = [name for name, value in data.items() if isinstance(value, np.ndarray) and value.dtype.kind == "f"]
    words = [name.rpartition(".")[2].partition("[")[0].partition(" ")[0] for name in kept]
    return all(GIVEN.match(word) or naming.is_gradient_argument(word) for word in words)


def circulations(unit: Unit, seed: int = 0, tick: Callable[[], None] = lambda: None) -> tuple[list[Broken], list[str]]:
    """Return the pairs of parameters whose gradients no function has together, and the regimes of the cases seen."""
    seen: list[Changes] = []
    regimes: list[str] = []
    ends = time.process_time() + SECONDS
    for index in range(CASES):
        tick()
        key = unit.cases.draw(seed, index)
        arguments = unit.cases.build(key).arguments
        try:
            with np.errstate(all="ignore"):
                changes = _changes(unit, arguments, np.random.default_rng([seed, index]), ends)
        except Exception:  # noqa: BLE001, S112 - theirs: other cases may tell
            continue
        if changes is None:
            break
        seen.append(changes)
        regimes.append(key.regime)
    names = [name for name, value in unit.example[0].items() if np.asarray(value).dtype.kind == "f"]
    pairs = zip(names, names, strict=True) if unit.circulates == "each" else combinations_with_replacement(names, 2)
    return [found for pair in pairs if (found := _broken(*pair, seen)) is not None], regimes


def _changes(
    unit: Unit, arguments: Sequence[Mapping[str, Any]], random: np.random.Generator, ends: float
) -> Changes | None:
    """Return how gradients change in one case; None if the time is up. Raises what the code raises."""
    parameters, data = arguments
    start = {name: np.asarray(value, float) for name, value in parameters.items()}
    ways = {name: [random.standard_normal(value.shape) for _ in range(WAYS)] for name, value in start.items()}
    found = {(one, other): np.full((2, WAYS, WAYS), np.nan) for one in start for other in start}
    for moved, value in start.items():
        for place, way in enumerate(ways[moved]):
            if time.process_time() > ends:
                return None
            fields = [
                unit.subject({**start, moved: value + steps * REACH * way}, data).gradients for steps in (1, -1, 2, -2)
            ]
            for name in start:
                change = _slope([np.asarray(field[name], float) for field in fields])
                if change is not None:
                    along = [[np.sum(part * other) for other in ways[name]] for part in change]
                    found[name, moved][:, :, place] = along
    return found


def _slope(ends: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray] | None:
    """Return a change by values one and two steps to both sides, and how far a coarser one is from it.

    None where a kink is within reach.
    """
    near, far = (ends[0] - ends[1]) / (2 * REACH), (ends[2] - ends[3]) / (4 * REACH)
    exact = (4 * near - far) / 3
    largest = np.max(np.abs(exact), initial=0.0)
    is_kinked = np.max(np.abs(near - exact), initial=0.0) > KINK * largest
    return None if is_kinked or not np.isfinite(exact).all() else (exact, near - exact)


def _broken(one: str, other: str, seen: Sequence[Changes]) -> Broken | None:
    sides = list(_sides(one, other, seen))
    if len(sides) < FEWEST:
        return None
    ours, theirs = (np.concatenate(side) for side in list(zip(*sides, strict=True))[:2])
    factor = 1.0 if one == other else float(np.sum(ours * theirs) / np.sum(theirs * theirs))
    apart = [float(np.linalg.norm(a - factor * b)) for a, b, _ in sides]
    least = [max(PLAIN * float(np.linalg.norm(a)), KNOWN * unknown) for a, _, unknown in sides]
    many = sum(far > needed for far, needed in zip(apart, least, strict=True))
    if many < len(sides) / 2:
        return None
    place = int(np.argmax(np.abs(ours - factor * theirs)))
    share = float(np.linalg.norm(ours - factor * theirs) / np.linalg.norm(ours))
    return Broken(one, other, float(ours[place]), factor * float(theirs[place]), share, many)


def _sides(one: str, other: str, seen: Sequence[Changes]) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
    """Yield how one gradient changes along the other's directions, and the other along its own, case by case.

    And how far these are unknown.
    """
    for changes in seen:
        (ours, unknown), (theirs, also) = changes[one, other], changes[other, one].transpose(0, 2, 1)
        if one == other:
            upper = np.triu_indices(WAYS, 1)
            ours, theirs = ours[upper], theirs[upper]
        largest = max(np.max(np.abs(m[0][np.isfinite(m[0])]), initial=0.0) for m in changes.values())
        is_known = np.isfinite(ours).all() and np.isfinite(theirs).all()
        if is_known and min(np.linalg.norm(ours), np.linalg.norm(theirs)) > LEAST * largest:
            yield ours.ravel(), theirs.ravel(), float(np.linalg.norm(unknown) + np.linalg.norm(also))


def as_of_none(unit: Unit, *, has_several: bool) -> Unit | None:
    """Return a unit whose gradients are those of no function; None where they may be of one, or of several losses."""
    unit = replace(unit, circulates="each" if has_several else "together", editable=frozenset())
    broken, _ = circulations(unit)
    return replace(unit, assumptions=(SAID, *unit.assumptions)) if broken else None


OF_ONE = (
    "The gradient of {one} is that of no loss, whatever it is: in {cases} of {seen} cases it changes along two "
    "directions otherwise in the one order ({ours:.6g}) than in the other ({theirs:.6g}), and the second derivatives "
    "of a function do not ask for the order."
)
OF_TWO = (
    "The gradients of {one} and {other} are those of no loss, whatever it is: in {cases} of {seen} cases that of {one} "
    "changes along {other} otherwise ({ours:.6g}) than that of {other} along {one} ({theirs:.6g}, with the constant "
    "factor that fits best), and the second derivatives of a function do not ask for the order."
)


def judged_alone(unit: Unit, seed: int, tick: Callable[[], None]) -> Report:
    """Return the report of a unit whose gradients are held against one another, and against no loss."""
    started = time.monotonic()
    broken, regimes = circulations(unit, seed, tick)
    findings, seen = [], len(regimes)
    if broken:
        worst = max(broken, key=lambda one: one.share)
        is_alone = worst.one == worst.other
        message = (OF_ONE if is_alone else OF_TWO).format(**worst._asdict(), seen=seen)
        findings.append(Finding("of-no-loss", Severity.ERROR, worst.one if is_alone else None, message))
    return Report(
        target=unit.name,
        seed=seed,
        examples=CASES,
        judged=seen,
        seconds=time.monotonic() - started,
        tallies=tuple(Tally(name, cases=seen) for name in unit.example[0]),
        findings=tuple(findings),
        oracles=("the symmetry of second derivatives",),
        regimes=dict(Counter(regimes)),
        reproduce="",
        assumptions=unit.assumptions,
    )
