"""Whether the step that a call takes is the one that its optimiser's rule makes of its own gradient.

The memory of the optimiser is preloaded: a first step of Adagrad from an empty memory is about the sign of the gradient
and shows nothing. Every rule is fitted entry by entry, and only a step that follows a *known wrong* rule exactly is
called wrong; what follows no rule that is written here is left alone.

    SGD        Δp = -η g
    momentum   v' = μ v + ν g              Δp linear in v and g
    Adagrad    G' = G + g²                 Δp = -η g / √(G' + ε)   or   -η g / (√G' + ε)
    RMSprop    G' = ρ G + (1 - ρ) g²       likewise
    Adam       m' = β₁ m + (1 - β₁) g,  v' = β₂ v + (1 - β₂) g²
               Δp = -η (m' / (1 - β₁ᵗ)) / (√(v' / (1 - β₂ᵗ)) + ε), or without the corrections
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise.leaves import Leaf, follow, leaves
from crosscheck.recognise.loops import LoopReplay
from crosscheck.recognise.pairs import PairReplay
from crosscheck.recognise.places import Place
from crosscheck.recognise.replay import Replay, Result
from crosscheck.recognise.roles import is_floating
from crosscheck.recognise.subject import patched, shaped
from crosscheck.recognise.watching import Watched
from crosscheck.verdicts import Finding, Severity

CLOSE = 1e-6
"""How closely a rule is followed, relative: the steps are differences of parameters, which round"""
FEWEST = 5
"""Entries without which no rule is told from another"""
FURTHER = 2 * FEWEST
"""Cases in which the steps of small parameters are looked at"""
INSIDE = (1e-4, 0.9)
"""Sizes of gradients that no clip changes and no rounding hides"""


CLIMBS = "it climbs: the gradient is added where it must be subtracted"
NOT_KEPT = (
    "it is divided by the root of this one gradient's square, which leaves little but its sign; keep the memory of the "
    "squares from one call to the next"
)
NOT_STORED = (
    "the memory is read and never changed: a sum of it and of the square is used once and dropped; write `mem += ...`, "
    "which changes the array itself"
)
FORGETS = "the memory is overwritten with the last square, and forgets all that were before"
GROWS = (
    "the memory is added to what is kept of it already, so that it grows without end; write `=` in place of `+=`, or "
    "keep less than all of it"
)
DECAYS = "it takes a share of the bias itself away, as weight decay does, and no step of a matrix does"
NOT_SQUARED = "it is divided by the root of a memory that takes in the gradient itself, and not its square"
LATE = "it is divided by the memory from before this gradient, which is added to it only afterwards"
SECOND = "the second moment is corrected with the first one's decay"
FIRST = "the first moment is corrected with the second one's decay"
EXCHANGED = "the two moments' corrections are exchanged"
FAULTS = {
    CLIMBS: "update-climbs",
    NOT_KEPT: "update-memory-not-kept",
    NOT_STORED: "update-memory-not-kept",
    FORGETS: "update-memory-overwritten",
    GROWS: "update-memory-grows",
    LATE: "update-memory-late",
    DECAYS: "update-decays-bias",
    NOT_SQUARED: "update-memory-not-squared",
    SECOND: "update-corrections-confused",
    FIRST: "update-corrections-confused",
    EXCHANGED: "update-corrections-confused",
}
"""What can be wrong with an update, and the diagnosis that it amounts to"""


class Step(NamedTuple):
    """One parameter's gradient and what the call did with it, the entries in a row."""

    gradient: np.ndarray
    change: np.ndarray
    memories: Sequence[tuple[np.ndarray, np.ndarray]]
    """Each before and after"""
    value: np.ndarray | None = None
    """The parameter before the step"""


def wrong_rules(unit: Any) -> list[Finding]:
    """Return what is wrong with the update that a unit makes of its gradients: nothing where that cannot be told."""
    replay = moving(unit)
    if replay is None:
        return []
    try:
        with np.errstate(all="ignore"), patched(unit.subject.patches):
            steps, numbers, counters = _steps_of(unit, replay)
            steps = _with_further(steps, unit, replay)
            found = {name: wrong_rule(step, numbers, counters, sign_of(unit)) for name, step in steps.items()}
            shapes = {name: np.shape(value) for name, value in unit.example[0].items()}
            found |= dict.fromkeys(_biases_that_decay(steps, shapes), DECAYS)
    except Exception:  # noqa: BLE001 - theirs, on a memory that they did not fill
        return []
    return said_of({name: words for name, words in found.items() if words})


def _biases_that_decay(steps: Mapping[str, Step], shapes: Mapping[str, tuple[int, ...]]) -> list[str]:
    """Return the biases whose plain steps hold a share of themselves, where those of matrices hold their gradients."""
    matrices = {name for name, shape in shapes.items() if len(shape) > 1 and min(shape) > 1}
    plain = {name: step for name, step in steps.items() if not step.memories and step.gradient.size >= FEWEST}
    alone = {name for name, step in plain.items() if _fit(step.change, step.gradient) is not None}
    if not matrices & alone or not matrices <= alone:
        return []
    fits = {
        name: _fit(step.change, step.gradient, step.value)
        for name, step in plain.items()
        if name not in alone and step.value is not None
    }
    return [name for name, fit in fits.items() if fit is not None and fit[0] < 0 and fit[1] < 0]


def moving(unit: Any) -> Replay | None:
    """Return the call that moves the parameters: of a loop that is judged up to there the whole turn; None if none."""
    replay = unit.subject.replay
    inner = replay.inner if isinstance(replay, Watched) else replay
    if isinstance(inner, LoopReplay) and inner.statements:
        return inner.whole_turn()
    return replay if unit.moves and not isinstance(replay, PairReplay) else None


def update_lines(unit: Any) -> frozenset[int]:
    """Return the lines behind those that are judged, where a turn of a loop goes on to move its parameters."""
    replay = unit.subject.replay
    inner = replay.inner if isinstance(replay, Watched) else replay
    if not isinstance(inner, LoopReplay) or not inner.statements:
        return frozenset()
    behind = inner.body[inner.statements :]
    return frozenset(line for s in behind for line in range(s.lineno, (s.end_lineno or s.lineno) + 1))


def said_of(wrong: Mapping[str, str], line: int | None = None) -> list[Finding]:
    """Return one finding for the updates of some parameters, and what is wrong with each."""
    if not wrong:
        return []
    name, words = next(iter(wrong.items()))
    others = f" (likewise {', '.join(list(wrong)[1:])})" if len(wrong) > 1 else ""
    message = f"The update of {name} is wrong{others}: {words}."
    return [Finding("update-differs", Severity.ERROR, name, message, line=line)]


def steps_of(unit: Any, *, further: bool = False) -> tuple[dict[str, Step], list[float], list[float]]:
    """Make one call with preloaded memories; return the steps, and the numbers that may be rates and counters.

    With `further`, those of some more cases are added for parameters of few entries.
    """
    with patched(unit.subject.patches):
        replay = moving(unit) or unit.subject.replay
        steps, numbers, counters = _steps_of(unit, replay)
        return _with_further(steps, unit, replay) if further else steps, numbers, counters


def _with_further(steps: Mapping[str, Step], unit: Any, replay: Replay) -> dict[str, Step]:
    """Return the steps with those of further cases added for parameters of few entries: a single one shows no rule."""
    found = dict(steps)
    for case in range(1, FURTHER):
        small = [name for name, step in found.items() if step.gradient.size < FEWEST]
        if not small:
            break
        others, _, _ = _steps_of(unit, replay, case)
        found |= {name: _joined(found[name], others[name]) for name in small if name in others}
    return found


def _joined(one: Step, other: Step) -> Step:
    if len(one.memories) != len(other.memories):
        return one
    memories = [
        (np.concatenate([old, older]), np.concatenate([new, newer]))
        for (old, new), (older, newer) in zip(one.memories, other.memories, strict=True)
    ]
    gradient, change = (np.concatenate(both) for both in ((one.gradient, other.gradient), (one.change, other.change)))
    both = (one.value, other.value)
    value = None if both[0] is None or both[1] is None else np.concatenate([both[0], both[1]])
    return Step(gradient, change, memories, value)


def _steps_of(unit: Any, replay: Replay, case: int = 0) -> tuple[dict[str, Step], list[float], list[float]]:
    (parameters, data), ids = unit.cases.build(unit.cases.draw(0, case)).arguments, unit.subject.ids
    places = {name: leaf for leaf in leaves(replay.roots()) for name in parameters if ids[name] == id(leaf.value)}
    start: dict[int, Any] = {ids[name]: value for name, value in {**data, **parameters}.items()}
    return taken_steps(replay, places, unit.subject.gradients, start, case)


def taken_steps(
    replay: Replay,
    parameters: Mapping[str, Leaf],
    gradients: Mapping[str, Place],
    start: Mapping[int, Any],
    case: int = 0,
) -> tuple[dict[str, Step], list[float], list[float]]:
    """Make a call with preloaded memories, the rest as `start` says; return steps, and what may be rates and counters.

    A memory is what the call changes beside the parameters, and what it reads for its steps and leaves as it was.
    """
    every, start = leaves(replay.roots()), dict(start)
    taken = {place.path for place in gradients.values() if place.where == "after"}
    moved = {id(leaf.value) for leaf in parameters.values()}
    idle = [leaf for leaf in every if is_floating(leaf.value) and id(leaf.value) not in moved]
    idle = [leaf for leaf in idle if leaf.path not in taken]
    before = replay.run(_copies(start))
    known = [leaf for leaf in idle if _after(before, leaf) is not None]
    random = np.random.default_rng(11 + case)
    filled = {id(leaf.value): (0.2 + random.random(leaf.value.shape)).astype(leaf.value.dtype) for leaf in known}
    memories = [leaf for leaf in known if _differs(_after(before, leaf), start.get(id(leaf.value), leaf.value))]
    start |= {id(leaf.value): filled[id(leaf.value)] for leaf in memories}
    still = [leaf for leaf in known if leaf not in memories]
    result = replay.run(_copies(start))
    steps = {}
    for name, leaf in parameters.items():
        owners = list(parameters.values())
        own, place = list(_memories_of(leaf, memories, owners)), gradients[name]
        step = _step(start, result, leaf, place, own, filled)
        unchanged = [] if own else list(_memories_of(leaf, still, owners))
        if step is not None and unchanged:
            other = start | {id(memory.value): filled[id(memory.value)] for memory in unchanged}
            later = _step(other, replay.run(_copies(other)), leaf, place, unchanged, filled)
            if later is not None and np.array_equal(later.gradient, step.gradient):
                step = later if not np.array_equal(later.change, step.change) else step
        if step is not None:
            steps[name] = step
    after = {**result.names, **result.arguments}
    numbers = [leaf.value for leaf in every if isinstance(leaf.value, float)]
    numbers += [leaf.value for leaf in leaves(dict(result.variables)) if isinstance(leaf.value, float)]
    numbers += _defaults(replay)
    counters = [leaf.value for leaf in leaves(after) if type(leaf.value) is int and 0 < leaf.value < 1000]
    return steps, sorted({n for n in numbers if 0 < n <= 10}), sorted({float(n) for n in counters})


def _step(
    start: Mapping[int, Any],
    result: Result,
    leaf: Leaf,
    place: Place,
    memories: Sequence[Leaf],
    filled: Mapping[int, np.ndarray],
) -> Step | None:
    value, now = start.get(id(leaf.value), leaf.value), _after(result, leaf)
    ends = [_after(result, memory) for memory in memories]
    if now is None or any(end is None for end in ends):
        return None
    gradient = np.asarray(shaped(place.read(result), value))
    chosen = (np.abs(gradient) > INSIDE[0]) & (np.abs(gradient) < INSIDE[1])
    pairs = [
        (filled[id(memory.value)][chosen], end[chosen])
        for memory, end in zip(memories, ends, strict=True)
        if end is not None
    ]
    return Step(gradient[chosen], (now - value)[chosen], pairs, np.asarray(value)[chosen])


def wrong_rule(step: Step, numbers: Sequence[float], counters: Sequence[float], sign: int = 1) -> str | None:
    """Say what is wrong with a step; None if it follows a right rule, or none that is known."""
    gradient, change = sign * step.gradient, step.change
    if gradient.size >= FEWEST and any(_grows(old, new, gradient) for old, new in step.memories):
        return GROWS
    if gradient.size < FEWEST or not np.isfinite(change).all() or not change.all():
        return None
    if not step.memories:
        return _without_memory(gradient, change)
    if len(step.memories) == 1:
        return _with_one(gradient, change, *step.memories[0])
    if len(step.memories) == 2:
        return _with_two(gradient, change, step.memories, numbers, counters)
    return None


def _without_memory(gradient: np.ndarray, change: np.ndarray) -> str | None:
    rate = _fit(change, gradient)
    if rate is not None:
        return CLIMBS if rate[0] > 0 else None
    if np.ptp(np.abs(change)) < 1e-12 * np.max(np.abs(change)):
        return None  # steps by the sign alone are meant
    roots = _fit((gradient / change) ** 2, gradient**2, np.ones_like(gradient))
    if roots is not None and roots[0] > 0:
        return NOT_KEPT
    return None


def _with_one(gradient: np.ndarray, change: np.ndarray, old: np.ndarray, new: np.ndarray) -> str | None:
    if np.array_equal(old, new):
        return NOT_STORED if _uses_unstored(gradient, change, old) else None
    squares = _fit(new, old, gradient**2)
    if squares is None:
        linear = _fit(change, old, gradient) if _fit(new, old, gradient) is not None else None
        if linear is not None:
            return CLIMBS if linear[1] > 0 else None
        return NOT_SQUARED if _fit(new, old, gradient) is not None and _divides(gradient / change, new) else None
    kept, added = squares
    ratio = gradient / change
    by_new, by_old = _divides(ratio, new), _divides(ratio, old)
    if abs(kept) < CLOSE and abs(added - 1) < CLOSE and by_new:
        return FORGETS
    if (by_new or by_old) and (ratio > 0).all():
        return CLIMBS
    if by_old and not by_new:
        return LATE
    return None


def _grows(old: np.ndarray, new: np.ndarray, gradient: np.ndarray) -> bool:
    """Tell whether more is kept of a memory than there was: no rule does, and none would settle."""
    fits = [_fit(new, old, gradient), _fit(new, old, gradient**2)]
    return any(fit is not None and fit[0] > 1 + CLOSE for fit in fits)


def _uses_unstored(gradient: np.ndarray, change: np.ndarray, memory: np.ndarray) -> bool:
    """Tell whether a step is divided by the root of a memory with this gradient's square added, and nothing is kept."""
    ones = np.ones_like(memory)
    inside = _fit((gradient / change) ** 2, memory, gradient**2, ones)
    if inside is not None:
        return bool(inside[0] > 0 and inside[1] > 0)
    outside = _fit(np.abs(gradient / change), np.sqrt(memory + gradient**2), ones)
    return outside is not None and bool(outside[0] > 0)


def _with_two(
    gradient: np.ndarray,
    change: np.ndarray,
    memories: Sequence[tuple[np.ndarray, np.ndarray]],
    numbers: Sequence[float],
    counters: Sequence[float],
) -> str | None:
    for (m, m_new), (v, v_new) in (memories, memories[::-1]):
        first, second = _fit(m_new, m, gradient), _fit(v_new, v, gradient**2)
        if first is None or second is None:
            continue
        slope = _fit(np.abs(m_new / change), np.sqrt(v_new), np.ones_like(v_new))
        if slope is None:
            return None
        if (m_new / change > 0).all():
            return CLIMBS
        return _correction(slope[0], first[0], second[0], numbers, counters)[1]
    return None


def is_right(step: Step, numbers: Sequence[float], counters: Sequence[float], sign: int = 1) -> bool:
    """Tell whether a step follows a rule that is known to be right: SGD, momentum, Adagrad, RMSprop or Adam."""
    gradient, change = sign * step.gradient, step.change
    if gradient.size < FEWEST or not np.isfinite(change).all() or not change.all():
        return False
    ratio = gradient / change
    if not step.memories:
        return _fit(change, gradient) is not None and bool((ratio < 0).all())
    if len(step.memories) == 1:
        ((old, new),) = step.memories
        squares, linear = _fit(new, old, gradient**2), _fit(new, old, gradient)
        if squares is not None:
            return _averages(squares, 1.0) and _divides(ratio, new) and bool((ratio < 0).all())
        moved = _fit(change, old, gradient) if linear is not None else None
        remembers = moved is not None and abs(moved[0]) * np.max(np.abs(old)) > CLOSE * np.max(np.abs(change))
        return moved is not None and moved[1] < 0 and linear is not None and 0 < linear[0] < 1 and bool(remembers)
    for (m, m_new), (v, v_new) in (step.memories[:2], step.memories[1::-1]):
        first, second = _fit(m_new, m, gradient), _fit(v_new, v, gradient**2)
        if first is not None and second is not None and _averages(first) and _averages(second):
            slope = _fit(np.abs(m_new / change), np.sqrt(v_new), np.ones_like(v_new))
            right = slope is not None and _correction(slope[0], first[0], second[0], numbers, counters)[0]
            return right and bool((m_new / change < 0).all())
    return False


def _averages(fit: np.ndarray, kept: float = 0.5) -> bool:
    """Tell whether a memory is a moving average of what is added to it; or, with `kept` of 1, perhaps the sum."""
    is_sum = kept == 1 and bool(np.all(np.abs(fit - 1) < CLOSE))
    return is_sum or bool(CLOSE < fit[0] < 1 - CLOSE and abs(fit[0] + fit[1] - 1) < CLOSE)


def _correction(
    slope: float, one: float, two: float, numbers: Sequence[float], counters: Sequence[float]
) -> tuple[bool, str | None]:
    """Tell whether Adam's moments are corrected as they should be, and say what is wrong if that is known."""
    right, wrong = False, None
    for rate in numbers:
        right |= _is(slope, 1 / rate)
        for count in counters:
            first, second = 1 - one**count, 1 - two**count
            right |= _is(slope, first / (rate * np.sqrt(second)))
            for words, value in (
                (SECOND, np.sqrt(first) / rate),
                (FIRST, np.sqrt(second) / rate),
                (EXCHANGED, second / (rate * np.sqrt(first))),
            ):
                wrong = words if _is(slope, value) else wrong
    return right, None if right else wrong


def _divides(ratio: np.ndarray, memory: np.ndarray) -> bool:
    """Tell whether a step is the gradient divided by the root of a memory, ε inside or outside of it."""
    ones = np.ones_like(memory)
    inside, outside = _fit(ratio**2, memory, ones), _fit(np.abs(ratio), np.sqrt(np.abs(memory)), ones)
    return any(fit is not None and fit[0] > 0 and abs(fit[1]) < 0.05 * fit[0] for fit in (inside, outside))


def _fit(wanted: np.ndarray, *columns: np.ndarray) -> np.ndarray | None:
    """Return the factors with which columns add up to what is wanted in every entry; None if there are none."""
    table = np.stack(columns, 1).astype(float)
    if wanted.size <= len(columns) or not np.isfinite(table).all() or not np.isfinite(wanted).all():
        return None
    scale = np.abs(table).max(0)
    if not scale.all():
        return None
    factors = np.linalg.lstsq(table / scale, wanted, rcond=None)[0] / scale
    off = np.max(np.abs(table @ factors - wanted) / np.maximum(np.abs(wanted), 1e-3 * np.max(np.abs(wanted))))
    return factors if off < CLOSE else None


def _is(one: float, other: float) -> bool:
    return bool(abs(one - other) <= 1e-6 * abs(other))


def _memories_of(leaf: Leaf, memories: Sequence[Leaf], parameters: Sequence[Leaf]) -> Iterator[Leaf]:
    """Return the memories that belong to a parameter: by its name or place, or because no other has its shape."""
    alone = sum(other.value.shape == leaf.value.shape for other in parameters) == 1
    for memory in memories:
        if memory.value.shape == leaf.value.shape:
            plain = memory.name.replace("_", "").lower()
            by_name = leaf.name and plain.endswith(leaf.name.replace("_", "").lower())
            if memory.path[-1] == leaf.path[-1] or by_name or alone:
                yield memory


def _after(result: Result, leaf: Leaf) -> np.ndarray | None:
    try:
        now = follow({**result.names, **result.arguments}, leaf.path)
    except (LookupError, AttributeError, TypeError):
        return None
    return now if isinstance(now, np.ndarray) and now.shape == leaf.value.shape else None


def _differs(now: np.ndarray | None, before: np.ndarray) -> bool:
    return now is not None and not np.array_equal(now, before)


def _copies(values: Mapping[int, Any]) -> dict[int, Any]:
    return {identity: v.copy() if isinstance(v, np.ndarray | list) else v for identity, v in values.items()}


def _defaults(replay: Replay) -> list[float]:
    """Return the numbers that a module's functions take for granted, and those that they are written with."""
    found: list[float] = []
    for function in replay.world.functions():
        told = (*(function.__defaults__ or ()), *function.__code__.co_consts)
        found += [value for value in told if isinstance(value, float)]
    return found


def sign_of(unit: Any) -> int:
    """Return -1 where what the code calls a gradient is that of minus the loss."""
    return -1 if getattr(unit.subject.loss, "constant", 1.0) < 0 else 1
