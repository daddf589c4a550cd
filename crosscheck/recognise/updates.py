"""Whether the step that a call takes is the one that its optimiser's rule makes of its own gradient.

The memory of the optimiser is preloaded: a first step of Adagrad from an empty memory is about the sign of the gradient
and shows nothing. The step is then held against the rules (crosscheck/recognise/rules.py).
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.averages import places_of_squares
from crosscheck.recognise.fitting import FEWEST
from crosscheck.recognise.formulas import Residual
from crosscheck.recognise.handed_errors import way_above
from crosscheck.recognise.later_steps import later_faults
from crosscheck.recognise.leaves import Leaf, leaves
from crosscheck.recognise.looking_ahead import look_astray
from crosscheck.recognise.loops import LoopReplay
from crosscheck.recognise.matching import is_state
from crosscheck.recognise.odd_steps import odd
from crosscheck.recognise.pairing import gone_over, update_pairs
from crosscheck.recognise.pairs import BOTH, UPSTREAM, PairReplay
from crosscheck.recognise.places import STEP_OF, Place
from crosscheck.recognise.plain_momentum import against
from crosscheck.recognise.raised import Way, way_of
from crosscheck.recognise.replay import Replay, Result
from crosscheck.recognise.right_rules import counted, fault_of
from crosscheck.recognise.roles import is_floating
from crosscheck.recognise.rule_words import AGAINST, ASTRAY, CLIMBS, COUNTED, DECAYS, UNKNOWN
from crosscheck.recognise.rules import INSIDE, Step, biases_that_decay, joined, within
from crosscheck.recognise.rules_among import still, taken_twice
from crosscheck.recognise.subject import patched, shaped
from crosscheck.recognise.watching import Watched
from crosscheck.source.walking import kept, walked
from crosscheck.verdicts import Finding, Severity

FURTHER = 2 * FEWEST
"""Cases in which steps are looked at once more"""
MOST = 8 * FEWEST
"""Cases for parameters of few entries: some of them have gradients that a clip may change"""
WIDEST = 1e3
"""How many times larger gradients may be in one case than in another"""
BOUNDS = naming.re.compile(r"clip|minimum|\bmin\(|threshold", naming.re.IGNORECASE)
DROWNS = 0.2
"""Gradients below it are small beside memories of about one"""
LEAST = 1e-8
"""What memories are filled with at the least"""
NORMS = naming.re.compile(r"norm\b", naming.re.IGNORECASE)
"""What tells of bounds on gradients"""
WHY = "The update of {} was not judged: it follows no rule that is known."

UPHILL = naming.re.compile(r"ascent|ascend|maximi[sz]|uphill|\boja|hebb", naming.re.IGNORECASE)
"""What tells that a program goes up"""


def wrong_rules(unit: Any) -> list[Finding]:
    """Return what is wrong with the update that a unit makes of its gradients: nothing where that cannot be told."""
    replay = moving(unit)
    if replay is None:
        return []
    try:
        with np.errstate(all="ignore"), patched(unit.subject.patches):
            steps, numbers, counters = _steps_of(unit, replay)
            steps = with_further(steps, lambda case: _steps_of(unit, replay, case)[0])
            steps = {name: step for name, step in steps.items() if not _goes_on(unit, replay, name)}
    except ValueError as error:
        is_root = "math domain" in str(error)  # `math` raises where a memory is below zero: whose, is not known
        return said_of(dict.fromkeys(unit.example[0], UNKNOWN)) if is_root else []
    except Exception:  # noqa: BLE001 - theirs, on a memory that they did not fill
        return []

    def wholes() -> list[dict[str, Step]]:
        with patched(unit.subject.patches):
            return several(lambda case: _steps_of(unit, replay, case)[0])

    with np.errstate(all="ignore"):
        sign = sign_of(unit)
        found, other = (
            {name: fault_of(step, numbers, counters, way * sign) for name, step in steps.items()} for way in (1, -1)
        )
        may_go_up = training_way(unit) == Way.EITHER or goes_uphill(unit.subject.loss, unit.document.code)
        if may_go_up and CLIMBS in found.values() and CLIMBS not in other.values():
            sign, found = -sign, other  # it is called `ll`, and is minus that: all go the same way
        shapes = {name: np.shape(value) for name, value in unit.example[0].items()}
        found |= dict.fromkeys(biases_that_decay(steps, shapes), DECAYS)
        found |= still(steps, _places_of(unit, replay), unit.document.tree, _updating(unit))
        places = {name: leaf.name for name, leaf in _places_of(unit, replay).items()}
        twice = taken_twice(set(places.values()), _updating(unit))
        found |= {name: twice[word] for name, word in places.items() if word in twice}
        found |= {name: COUNTED for name in counted(steps, numbers, counters, sign) if found.get(name) is None}
        found |= {name: ASTRAY for name in _astray(unit, replay) if found.get(name) is None}
        found |= {name: AGAINST for name in _against(unit, replay) if found.get(name) is None}
        found |= {name: words for name, words in _later(unit, replay, numbers).items() if found.get(name) is None}
        is_one_call = getattr(innermost(unit), "backward", None) is None  # a second one may be handed other arrays
        others = odd(steps, wholes, numbers, counters, sign, is_sure=is_one_call)
    known = {name: words for name, words in found.items() if words is not None}
    return said_of(others | known | {name: words for name, words in others.items() if words != UNKNOWN})


def _goes_on(unit: Any, replay: Replay, name: str) -> bool:
    """Tell whether what has a gradient is a state that a turn leaves to the next one: that is no step of it."""
    leaf, tree = _places_of(unit, replay).get(name), unit.document.tree
    moved = {word for word, _ in update_pairs(tree)}
    moved |= {whole for part, whole in gone_over(tree) if part in moved}
    return leaf is not None and name in unit.cases.inputs and is_state(leaf) and leaf.name not in moved


def _astray(unit: Any, replay: Replay) -> set[str]:
    try:
        with patched(unit.subject.patches):
            return look_astray(unit, replay, _places_of(unit, replay), _start_of(unit, 0))
    except Exception:  # noqa: BLE001 - theirs, or nothing is there to look at
        return set()


def _against(unit: Any, replay: Replay) -> list[str]:
    """Return the parameters of which steps are all that is seen, and whose memories lead against these."""
    places = _places_of(unit, replay)
    shown = {n: places[n] for n, g in unit.subject.gradients.items() if g.name.startswith(STEP_OF) and n in places}
    try:
        with patched(unit.subject.patches):
            return against(replay, shown, leaves(replay.roots()), _start_of(unit, 0), _after)
    except Exception:  # noqa: BLE001 - theirs, on a memory that they did not fill
        return []


def _later(unit: Any, replay: Replay, numbers: Sequence[float]) -> dict[str, str]:
    with patched(unit.subject.patches):
        return later(replay, _places_of(unit, replay), unit.subject.gradients, _start_of(unit, 0), numbers)


def later(
    replay: Replay,
    parameters: Mapping[str, Leaf],
    gradients: Mapping[str, Place],
    start: Mapping[int, Any],
    numbers: Sequence[float],
) -> dict[str, str]:
    """Say what is wrong with the steps of later turns (later_steps.py): nothing where that cannot be told."""

    def raw() -> dict[str, np.ndarray]:
        result = replay.run(_copies(start))
        return {
            name: now - start.get(id(leaf.value), leaf.value)
            for name, leaf in parameters.items()
            if (now := _after(result, leaf)) is not None
        }

    try:
        return later_faults(replay, lambda: taken_steps(replay, parameters, gradients, start)[0], raw, numbers)
    except Exception:  # noqa: BLE001 - theirs, at counts that they never reached
        return {}


def several(taken: Callable[[int], Mapping[str, Step]]) -> list[dict[str, Step]]:
    """Return the steps of several cases, with all entries in their own shape; of none where one of them fails."""
    try:
        with np.errstate(all="ignore"):
            cases = [taken(case) for case in range(FURTHER)]
    except Exception:  # noqa: BLE001 - theirs
        return []
    return [{name: step.whole for name, step in case.items() if step.whole is not None} for case in cases]


def moving(unit: Any) -> Replay | None:
    """Return the call that moves the parameters: of a loop that is judged up to there the whole turn; None if none."""
    inner = innermost(unit)
    if isinstance(inner, LoopReplay) and inner.statements:
        return inner.whole_turn()
    return unit.subject.replay if unit.moves else None


def innermost(unit: Any) -> Replay:
    """Return the call that a unit makes, be it watched or not."""
    replay = unit.subject.replay
    return replay.inner if isinstance(replay, Watched) else replay


def update_lines(unit: Any) -> frozenset[int]:
    """Return the lines behind those that are judged, where a turn of a loop goes on to move its parameters."""
    inner = innermost(unit)
    if not isinstance(inner, LoopReplay) or not inner.statements:
        return frozenset()
    behind = inner.body[inner.statements :]
    return frozenset(line for s in behind for line in range(s.lineno, (s.end_lineno or s.lineno) + 1))


def said_of(found: Mapping[str, str], line: int | None = None) -> list[Finding]:
    """Return one finding for the updates of some parameters and what is wrong with each, and what is not known of."""
    found = {name: words for name, words in found.items() if words != CLIMBS or not naming.MULTIPLIER.search(name)}
    names = [name for name, words in found.items() if words == UNKNOWN]
    unknown = [Finding("update-not-told", Severity.WARNING, name, WHY.format(name)) for name in names]
    wrong = {name: words for name, words in found.items() if words != UNKNOWN}
    if not wrong:
        return unknown
    name, words = next(iter(wrong.items()))
    others = f" (likewise {', '.join(list(wrong)[1:])})" if len(wrong) > 1 else ""
    message = f"The update of {name} is wrong{others}: {words}."
    return [Finding("update-differs", Severity.ERROR, name, message, line=line), *unknown]


def steps_of(unit: Any, *, further: bool = False) -> tuple[dict[str, Step], list[float], list[float]]:
    """Make one call with preloaded memories; return the steps, and the numbers that may be rates and counters.

    With `further`, those of some more cases are added for parameters of few entries.
    """
    with patched(unit.subject.patches):
        replay = moving(unit) or unit.subject.replay
        steps, numbers, counters = _steps_of(unit, replay)
        if further:
            steps = with_further(steps, lambda case: _steps_of(unit, replay, case)[0])
        return steps, numbers, counters


def with_further(steps: Mapping[str, Step], taken: Callable[[int], Mapping[str, Step]]) -> dict[str, Step]:
    """Return the steps with those of further cases added for parameters of few entries: a single one shows no rule."""
    found = dict(steps)
    for case in range(1, MOST):
        small = [name for name, step in found.items() if step.gradient.size < 2 * FEWEST]
        if not small:
            break
        others = taken(case)
        alike = [name for name in small if name in others and _is_comparable(found[name], others[name])]
        found |= {name: joined(found[name], others[name]) for name in alike}
    return found


def _is_comparable(step: Step, other: Step) -> bool:
    """Tell whether gradients are of a size: beside squares of millions nothing shows what a memory of ones has kept."""
    sizes = [float(np.max(np.abs(one.gradient), initial=0.0)) for one in (step, other)]
    return not all(sizes) or max(sizes) < WIDEST * min(sizes)


def _steps_of(unit: Any, replay: Replay, case: int = 0) -> tuple[dict[str, Step], list[float], list[float]]:
    return taken_steps(replay, _places_of(unit, replay), unit.subject.gradients, _start_of(unit, case), case)


def _start_of(unit: Any, case: int) -> dict[int, Any]:
    """Return what stands for parameters and data in a case, by their ids."""
    (parameters, data), ids = unit.cases.build(unit.cases.draw(0, case)).arguments, unit.subject.ids
    return {ids[name]: value for name, value in {**data, **parameters}.items()}


def _places_of(unit: Any, replay: Replay) -> dict[str, Leaf]:
    """Return where a call finds the parameters of a unit."""
    ids = unit.subject.ids
    return {name: leaf for leaf in leaves(replay.roots()) for name in unit.example[0] if ids[name] == id(leaf.value)}


def _updating(unit: Any) -> list[ast.AST]:
    """Return the code that moves parameters: what stands behind the gradients in a turn, or functions as a whole."""
    inner = innermost(unit)
    if isinstance(inner, LoopReplay) and inner.statements:
        return list(inner.body[inner.statements :])
    return list(unit.functions)


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
    squares = places_of_squares(replay.world.document.tree)
    positive = [id(leaf.value) for leaf in every if str(leaf) in squares and id(leaf.value) in start]
    start |= {identity: abs(start[identity]) for identity in positive}
    moved = {id(leaf.value) for leaf in parameters.values()}
    taken = {place.path for place in gradients.values() if place.where == "after"}
    idle = [leaf for leaf in every if is_floating(leaf.value) and id(leaf.value) not in moved]
    before = replay.run(_copies(start))
    made = [np.asarray(place.read(before)) for place in gradients.values()]
    held = [(leaf, now) for leaf in idle if (now := _after(before, leaf)) is not None]
    kept = {leaf.path for leaf, now in held if any(np.array_equal(now, gradient) for gradient in made)} | taken
    last = {leaf.path for leaf, _ in held if leaf.path in kept and _is_read(replay, leaf, start, before, parameters)}
    known = [leaf for leaf, _ in held if leaf.path not in kept or leaf.path in last]
    random = np.random.default_rng(11 + case)
    filled = {id(leaf.value): (0.2 + random.random(leaf.value.shape)).astype(leaf.value.dtype) for leaf in known}
    memories = [leaf for leaf in known if _differs(_after(before, leaf), start.get(id(leaf.value), leaf.value))]
    for identity, scale in _scales(parameters, dict(zip(gradients, made, strict=True)), memories).items():
        filled[identity] = (scale * filled[identity]).astype(filled[identity].dtype)
    start |= {id(leaf.value): filled[id(leaf.value)] for leaf in memories}
    still = [leaf for leaf in known if leaf not in memories]
    result = replay.run(_copies(start))
    if len(memories) > 2 * len(parameters):
        memories = [leaf for leaf in memories if leaf.path in last or _is_kept(replay, leaf, start, result)]
    document = replay.world.document
    largest = INSIDE[1] if BOUNDS.search(document.code) or _multiplies_norms(document.tree) else np.inf
    steps = {}
    for name, leaf in parameters.items():
        owners = list(parameters.values())
        own, place = list(_memories_of(leaf, memories, owners)), gradients[name]
        step = _step(start, result, leaf, place, own, filled, memories, largest=largest)
        unchanged = [] if own else list(_memories_of(leaf, still, owners))
        if step is not None and unchanged:
            other = start | {id(memory.value): filled[id(memory.value)] for memory in unchanged}
            later = _step(other, replay.run(_copies(other)), leaf, place, unchanged, filled, largest=largest)
            if later is not None and np.array_equal(later.gradient, step.gradient):
                step = later if not np.array_equal(later.change, step.change) else step
        if step is not None:
            steps[name] = step
    after = {**result.names, **result.arguments}
    made = _set_up(replay.roots(), after)
    steps = {name: step._replace(sets_up=parameters[name].value.shape in made) for name, step in steps.items()}
    numbers = [leaf.value for leaf in every if isinstance(leaf.value, float)]
    numbers += [leaf.value for leaf in leaves(dict(result.variables)) if isinstance(leaf.value, float)]
    numbers += _defaults(replay)
    counters = [leaf.value for leaf in leaves(after) if type(leaf.value) is int and 0 < leaf.value < 1000]
    return steps, sorted({n for n in numbers if 0 < n <= 10}), sorted({float(n) for n in counters})


def _scales(
    parameters: Mapping[str, Leaf], made: Mapping[str, np.ndarray], memories: Sequence[Leaf]
) -> dict[int, float]:
    """Return how much less than one memories are filled with: of small gradients the squares would drown in ones."""
    found: dict[int, float] = {}
    owners = list(parameters.values())
    for name, leaf in parameters.items():
        largest = float(np.max(np.abs(made[name]), initial=0.0)) if made[name].dtype.kind == "f" else 1.0
        scale = min(1.0, max(largest**2, LEAST)) if 0 < largest < DROWNS else 1.0
        for memory in _memories_of(leaf, memories, owners):
            found[id(memory.value)] = max(scale, found.get(id(memory.value), 0.0))
    return {identity: scale for identity, scale in found.items() if scale < 1}


def _set_up(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[tuple[int, ...]]:
    """Return the shapes of arrays that a call leaves in objects which had none in these places."""
    known = {leaf.path for leaf in leaves(before)}
    left = leaves({name: value for name, value in after.items() if name in before})
    return {leaf.value.shape for leaf in left if isinstance(leaf.value, np.ndarray) and leaf.path not in known}


def _step(
    start: Mapping[int, Any],
    result: Result,
    leaf: Leaf,
    place: Place,
    memories: Sequence[Leaf],
    filled: Mapping[int, np.ndarray],
    every: Sequence[Leaf] = (),
    *,
    largest: float,
) -> Step | None:
    value, now = start.get(id(leaf.value), leaf.value), _after(result, leaf)
    spare = [memory for memory in every if memory.value.shape == leaf.value.shape]
    ends = {id(memory.value): _after(result, memory) for memory in (*memories, *spare)}
    if now is None or any(end is None for end in ends.values()):
        return None
    pairs = {identity: (filled[identity], end) for identity, end in ends.items() if end is not None}
    known, others = ([pairs[id(memory.value)] for memory in some] for some in (memories, spare))
    gradient, old = np.asarray(shaped(place.read(result), value)), np.asarray(value)
    return within(Step(gradient, np.asarray(now - value), known, old, spare=others), largest)


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
        now = result.left_at(leaf.path)
    except (LookupError, AttributeError, TypeError):
        return None
    now = np.asarray(now) if isinstance(now, float | np.floating) else now
    return now if isinstance(now, np.ndarray) and now.shape == leaf.value.shape else None


def _is_read(
    replay: Replay, leaf: Leaf, start: Mapping[int, Any], before: Result, parameters: Mapping[str, Leaf]
) -> bool:
    """Tell whether steps depend on what was where a gradient is left: on the last one, as in `w += g + 0.1 * last`."""
    alike = [parameter for parameter in parameters.values() if parameter.value.shape == leaf.value.shape]
    if not alike:
        return False
    held = start.get(id(leaf.value), leaf.value)
    other = replay.run(_copies({**start, id(leaf.value): np.asarray(held) + 1.0}))
    return any(_differs(_after(other, one), np.asarray(_after(before, one))) for one in alike)


def _is_kept(replay: Replay, leaf: Leaf, start: Mapping[int, Any], result: Result) -> bool:
    """Tell whether what a call leaves in an array depends on what was in it; `self.v_hat` is made of others anew."""
    other = replay.run(_copies({**start, id(leaf.value): 1.3 * start[id(leaf.value)]}))
    return _differs(_after(other, leaf), np.asarray(_after(result, leaf)))


def _differs(now: np.ndarray | None, before: np.ndarray) -> bool:
    return now is not None and not np.array_equal(now, before)


@kept
def _multiplies_norms(tree: ast.Module) -> bool:
    """Tell whether anything is multiplied with a norm, or divided by one: where it is only compared it ends a loop."""
    products = (n for n in walked(tree) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Mult | ast.Div))
    return any(NORMS.search(ast.unparse(side)) for product in products for side in (product.left, product.right))


def _copies(values: Mapping[int, Any]) -> dict[int, Any]:
    return {identity: v.copy() if isinstance(v, np.ndarray | list) else v for identity, v in values.items()}


def _defaults(replay: Replay) -> list[float]:
    """Return the numbers that a module's functions take for granted, and those that it is written with."""
    found = [value for function in replay.world.functions() for value in function.__defaults__ or ()]
    found += [part.value for part in walked(replay.world.document.tree) if isinstance(part, ast.Constant)]
    return [value for value in found if isinstance(value, float)]


def sign_of(unit: Any) -> int:
    """Return -1 where what the code calls a gradient is that of minus the loss, or of what is to grow.

    A step is what goes down already.
    """
    if all(str(place.name).startswith(STEP_OF) for place in unit.subject.gradients.values()):
        return 1
    is_negative = getattr(unit.subject.loss, "constant", 1.0) < 0
    return -1 if is_negative != is_maximised(unit) else 1


def goes_uphill(loss: Any, code: str) -> bool:
    """Tell whether a program says that it raises something, where nobody states what it lowers."""
    return isinstance(loss, Residual) and bool(UPHILL.search(code))


def is_maximised(unit: Any) -> bool:
    """Tell whether what a unit's gradients are taken of is what training drives up, or is called so."""
    loss, way = unit.subject.loss, training_way(unit)
    names = (unit.name, loss.name, *getattr(loss, "names", ()))
    return way == Way.UP or (way == Way.EITHER and any(map(naming.MAXIMISED.match, names)))


def is_handed(unit: Any) -> bool:
    """Tell whether a unit's gradients go back from what a backward pass is handed, whose callers say where to."""
    return isinstance(innermost(unit), PairReplay) and unit.subject.loss.name in (UPSTREAM, BOTH)


def training_way(unit: Any) -> Way:
    """Return which way a training is to drive what a unit's gradients are taken of."""
    loss, document = unit.subject.loss, unit.document
    replay = innermost(unit)
    if isinstance(replay, PairReplay) and is_handed(unit):
        return way_above(document.tree, replay)
    return way_of([loss.name, *getattr(loss, "names", ())], document.tree, document.code, unit.name)
