"""The choice among candidates for a loss, by evidence.

A candidate is adopted if the gradient of at least one parameter is exactly its derivative, up to one constant that the
sizes at hand explain; of several, the one under which most gradients are right.
"""

import ast
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.formulas import Hinge, Residual, Term, counts, implied, steps_of
from crosscheck.recognise.hinges import CALLED, strengths
from crosscheck.recognise.instrument import root_word
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.logit_losses import stated_of_logits
from crosscheck.recognise.loss_forms import Bare, Decayed, Loss, Scaled, Summed, number_in, start_of
from crosscheck.recognise.loss_samples import NUMBERS, Sample, holds_integers, parts_of, samples_of
from crosscheck.recognise.loss_sums import depends, penalties_in, summed, weights_in
from crosscheck.recognise.pairing import update_pairs
from crosscheck.recognise.pairs import PairReplay
from crosscheck.recognise.penalised import may_decay
from crosscheck.recognise.places import LOCAL, RETURNED, Place
from crosscheck.recognise.results import MOST, differs, is_finite, is_output, read_at, sources
from crosscheck.recognise.roles import is_number
from crosscheck.recognise.stated_penalties import as_stated
from crosscheck.recognise.watching import Watched
from crosscheck.source.walking import walked

SECONDS = 5.0
"""For the choice of one loss, after the calls that it is made by"""


EXACT = {8: 1e-6, 4: 5e-3}
"""How closely a derivative must be met, by the size of the parameters' numbers"""


FIRSTS = 3
"""Losses of some parameters alone that others are added to"""


FIRST_LOOK = 1e-2
"""How closely a constant must be explained by sizes for a candidate to be looked at in all states"""
DIFFERENCE = naming.re.compile(r"^e$|err|diff|resid|delta", naming.re.IGNORECASE)
"""What the difference of an output from its target is called"""


class Choice(NamedTuple):
    """A loss that was adopted."""

    loss: Loss
    right: frozenset[str]
    """Parameters whose gradient is exactly its derivative"""
    active: frozenset[str]
    """Parameters that it depends on"""
    is_given: bool
    """Whether it is the file's own loss, unscaled, handed what the gradient's function is handed"""
    climbs: frozenset[str] = frozenset()
    """Parameters that the file moves the wrong way"""
    partly: frozenset[str] = frozenset()
    """Parameters of which some entries are right, where none is as a whole"""
    is_stated: bool = False
    """Whether it is what the file states where gradients are those of another loss, by a slip"""


def chosen(
    replay: Watched,
    parameters: Mapping[str, Leaf],
    gradients: Mapping[str, Any],
    signs: Mapping[str, int],
    rates: Sequence[float] = (1.0,),
    *,
    moves_all: bool = False,
) -> Choice | None:
    """Choose the loss that some gradients are derivatives of; None if there is none. Raises what the call raises.

    `signs` tells of gradients whether the file adds them to their parameters (-1: it is minus the gradient) or
    subtracts them; `rates` are numbers that they may be multiplied by. A loss of which `moves_all` is to be true has
    something to do with all parameters that are moved.
    """
    samples = samples_of(replay, parameters, gradients)
    return _chosen(replay, parameters, samples, signs, rates, moves_all, gradients)


def chosen_by_parts(
    replay: Watched,
    parameters: Mapping[str, Leaf],
    gradients: Mapping[str, Any],
    signs: Mapping[str, int],
    rates: Sequence[float],
) -> Choice | None:
    """Choose the loss that some entries of steps are right by, where no whole parameter is. Raises what it raises."""
    parts = parts_of(parameters)
    if not parts:
        return None
    samples = samples_of(replay, parameters, gradients, parts)
    leaves_ = {name: parameters[whole] for name, (whole, _) in parts.items()}
    told = {name: signs[whole] for name, (whole, _) in parts.items() if whole in signs}
    choice = _chosen(replay, leaves_, samples, told, rates, True)
    if choice is None or not choice.right or choice.climbs or choice.is_stated:
        return None
    active, right = (frozenset(parts[name][0] for name in names) for names in (choice.active, choice.right))
    return choice._replace(right=frozenset(), active=active, partly=right)


def _chosen(
    replay: Watched,
    parameters: Mapping[str, Leaf],
    samples: Sequence[Sample],
    signs: Mapping[str, int],
    rates: Sequence[float],
    moves_all: bool,
    gradients: Mapping[str, Any] | None = None,
) -> Choice | None:
    deadline = time.process_time() + SECONDS
    free = may_decay(replay.world.document.tree, {key: leaf.name for key, leaf in parameters.items()})
    best: list[Choice] = []
    known: list[Bare] = []
    partial: list[Choice] = []
    for candidate in candidates(replay, samples):
        if time.process_time() > deadline:
            break
        known.append(candidate)
        choice = weighed(candidate, samples, parameters, signs, rates, gradients, free)
        wants_all = moves_all or getattr(candidate, "among", "")  # of few outputs, what it leaves out may be the error
        if choice is not None and wants_all and any(samples[0].claimed[n] for n in parameters.keys() - choice.active):
            partial.append(choice)
            continue
        if choice is not None:
            best.append(choice)
        if choice is not None and choice.is_given and not choice.right:
            return choice
    told = as_stated(best, samples)
    found = max(told, key=lambda choice: (not choice.climbs, len(choice.right))) if told else None
    stated = stated_of_logits(found.loss, known, samples, rates) if found is not None else None
    if found is not None and stated is not None:
        return found._replace(loss=stated, right=frozenset(), is_stated=True)
    firsts = [found] if found is not None else sorted(partial, key=lambda choice: -len(choice.right))[:FIRSTS]
    wholes = (_with_others(first, known, replay, samples, parameters, rates) for first in firsts)
    found = next((whole for whole in wholes if whole is not None), found)
    believed = replay.world.believed.get(replay.entry.function)
    if found is None and believed is not None:
        return Choice(believed, frozenset(), frozenset(parameters), False, is_stated=True)
    return found


def _with_others(
    first: Choice,
    known: Sequence[Bare],
    replay: Watched,
    samples: Sequence[Sample],
    parameters: Mapping[str, Leaf],
    rates: Sequence[float],
) -> Choice | None:
    """Return the sum of losses, of which one was found, that has all gradients for its derivatives."""
    if first.is_given or first.climbs or not first.right or first.right == parameters.keys():
        return None
    if any(leaf.value.itemsize != 8 for leaf in parameters.values()):
        return None
    numbers = [(p.name, float(v)) for p, v in sources(samples[0].center) if isinstance(v, int | float)]
    free = may_decay(replay.world.document.tree, {key: leaf.name for key, leaf in parameters.items()})
    starts = {start_of(name) for name in parameters.keys() - free}
    others = [one for one in known if not isinstance(one, Hinge)]
    others = [one for one in others if not (isinstance(one, Residual) and str(one.difference) in starts)]
    ends = time.process_time() + SECONDS
    reached = first.active | {name for name in parameters.keys() - first.active if depends(others, samples[0], name)}
    parameters = {name: leaf for name, leaf in parameters.items() if name in reached}

    def explain(one: Bare, ratio: float) -> Bare | None:
        return _at_a_rate(one, ratio, samples[0], rates)

    assert not isinstance(first.loss, Summed)
    tree = replay.world.tree
    weights, penalties = weights_in(tree, numbers), penalties_in(tree, numbers)
    loss = summed(first.loss, others, samples, parameters, explain, weights, penalties, ends)
    names = frozenset(name for name in parameters if any(s.claimed[name] for s in samples))
    return None if loss is None else Choice(loss, names, names, False)


def candidates(replay: Watched, samples: Sequence[Sample]) -> Iterator[Bare]:
    """Yield what the loss may be: the file's own functions first, then what outputs and targets allow."""
    center = samples[0].center
    for sibling in replay.siblings:
        if is_number(center.variables.get(str(sibling))):
            yield Scaled(Place(LOCAL, (str(sibling),), str(sibling)), is_given=sibling.exact)
    known = [(place, value) for place, value in sources(center) if is_finite(value)]
    margins = [place for place, _ in known if str(place.path[0]).startswith(CALLED)]
    known = [pair for pair in known if pair[0] not in margins]
    for place, value in known:
        is_named = bool(naming.LOSS.search(place.name)) or (place.where == RETURNED and isinstance(value, float))
        if is_number(value) and is_named and not naming.NOT_LOSS.search(place.name):
            yield Scaled(place)
    yield from (Hinge(place) for place in margins if len(place.path) == 1)
    settings = _settings(replay.node, replay.world.tree)
    known = [
        (place, value)
        for place, value in known
        if not (isinstance(value, int | float | np.number) and place.name in settings)
    ]
    moved, still = [], []
    others = [around[0][0] for around in samples[0].around.values()]
    for place, value in _distinct(known):
        changes = any(differs(value, read_at(place, other)) for other in others)
        (moved if changes else still).append((place, value))
    still.sort(key=lambda pair: pair[0].where == LOCAL and _is_single(pair[1]))  # a counter may equal a label
    inside, claimed = samples[0].known, samples[0].gradients
    slopes = _own_gradients(replay.world.document.tree)
    outputs = [(p, v) for p, v in moved if is_output(v) and p.name not in slopes and not _is_among(v, inside)]
    targets = [(p, v) for p, v in still if not _is_among(v, claimed)][:MOST]
    yield from implied(outputs[:MOST], targets, from_above=not isinstance(replay.inner, PairReplay))
    shapes = {value.shape for _, value in still if isinstance(value, np.ndarray)}
    yield from (Residual(_difference(pair, known)) for pair in outputs[: 4 * MOST] if not _is_spread(pair[1], shapes))


def _own_gradients(tree: ast.AST) -> set[str]:
    """Return what is called the gradient of what it moves, as `dw` in `w -= rate * dw`: that comes out of no model."""
    return {word for parameter, word in update_pairs(tree) if naming.is_gradient_of(word, parameter)}


def _difference(output: tuple[Place, Any], known: Sequence[tuple[Place, Any]]) -> Place:
    """Return what has the value of an output and is called like a difference: they are equal where a target is zero."""
    place, value = output
    named = (other for other, held in known if DIFFERENCE.search(other.name) and np.array_equal(held, value))
    return place if DIFFERENCE.search(place.name) else next(named, place)


def _is_single(value: Any) -> bool:
    return not isinstance(value, list | tuple | dict) and np.ndim(value) == 0


def _settings(node: ast.AST, tree: ast.AST) -> set[str]:
    """Return the names of numbers that are no targets: indices, rates, and arguments with a number for a default."""
    slices = (part.slice for part in walked(node) if isinstance(part, ast.Subscript))
    found = {name.id for part in slices for name in walked(part) if isinstance(name, ast.Name)} - set(_labels(node))
    for arguments in (part.args for part in walked(tree) if isinstance(part, ast.FunctionDef)):
        positional = [*arguments.posonlyargs, *arguments.args]
        for argument, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
            if isinstance(default, ast.Constant) and isinstance(default.value, int | float):
                found.add(argument.arg)
    return found


def _labels(node: ast.AST) -> Iterator[str]:
    """Yield the names that choose one of the classes: in `np.log(p[label])` and in `d[label] -= 1`."""
    for part in walked(node):
        is_log = isinstance(part, ast.Call) and root_word(part.func) == "log"
        is_less = isinstance(part, ast.AugAssign) and ast.unparse(part.value) in ("1", "1.0")
        for inner in walked(part.target if is_less else part) if is_log or is_less else ():  # pyright: ignore
            if isinstance(inner, ast.Subscript) and isinstance(inner.slice, ast.Name):
                yield inner.slice.id


def _is_spread(value: Any, data: Collection[tuple[int, ...]]) -> bool:
    """Tell whether a difference is a table of all with all, by mistake: of data (N, 1) and (N,) it is (N, N)."""
    if not isinstance(value, np.ndarray) or value.ndim != 2:
        return False
    rows, columns = value.shape
    return rows == columns > 1 and value.shape not in data and (rows,) in data and (rows, 1) in data


def _is_among(value: Any, known: set[bytes]) -> bool:
    """Tell whether a value is one of some arrays."""
    parts = value if isinstance(value, list | tuple) else [value]
    return bool(parts) and all(isinstance(part, NUMBERS) and np.asarray(part).tobytes() in known for part in parts)


def _distinct(known: Sequence[tuple[Place, Any]]) -> Iterator[tuple[Place, Any]]:
    """Yield each value once, under the first of its names."""
    seen: set[Any] = set()
    for place, value in known:
        steps = steps_of(value)
        parts = steps if isinstance(steps, list) else [steps]
        key = (isinstance(steps, list), *((np.shape(part), np.asarray(part).tobytes()) for part in parts))
        if key not in seen or sum(map(np.size, parts)) <= 3:
            seen.add(key)
            yield place, value


def weighed(
    candidate: Bare,
    samples: Sequence[Sample],
    parameters: Mapping[str, Leaf],
    signs: Mapping[str, int],
    rates: Sequence[float] = (1.0,),
    gradients: Mapping[str, Any] | None = None,
    free: Collection[str] | None = None,
) -> Choice | None:
    """Return a candidate with the constant under which most gradients are right; None if none is."""
    decays = not isinstance(candidate, Scaled) or candidate.place.where != RETURNED
    is_hinge = isinstance(candidate, Hinge)
    all_decay = decays and (len(rates) > 1 or is_hinge)  # each step that is seen may have its decay in it
    try:
        with np.errstate(all="ignore"):
            if not all_decay and not _may_fit(candidate, samples[0], parameters, rates):
                return None
            slopes = {name: [sample.slope(candidate, name) for sample in samples] for name in parameters}
    except Exception:  # noqa: BLE001 - outputs that change their shape, targets that do not fit everywhere
        return None
    active = frozenset(
        name
        for name, found in slopes.items()
        if any(abs(slope) > 1e-9 for slope in found)
        or (np.isnan(found).all() and any(sample.bends(candidate, name) for sample in samples))
    )
    if all_decay and isinstance(candidate, Residual) and any(_is_own(samples, slopes[name], name) for name in active):
        return None
    ratios = {
        name: _ratio([s.claimed[name] for s in samples], slopes[name], EXACT.get(parameters[name].value.itemsize, 1e-6))
        for name in active
    }
    is_given = isinstance(candidate, Scaled) and candidate.is_given
    best: Choice | None = None
    told = {} if isinstance(candidate, Scaled) and naming.MAXIMISED.match(candidate.place.name) else signs
    decaying = {
        name: r for name in active if all_decay and (r := _beside_decay(samples, slopes[name], name)) is not None
    }
    ratios |= dict.fromkeys(decaying, None)
    found = [r for r in (*ratios.values(), *decaying.values()) if r is not None]
    for ratio in dict.fromkeys(float(f"{r:.5e}") for r in found):
        right = frozenset(name for name, r in ratios.items() if r is not None and abs(r - ratio) <= 1e-4 * abs(ratio))
        exact = float(np.mean([r for r in found if abs(r - ratio) <= 1e-4 * abs(ratio)]))
        loss = _at_a_rate(candidate, exact, samples[0], rates)
        left = {name: parameters[name] for name in active - right} if decays and not is_given else {}
        left = {name: leaf for name, leaf in left.items() if free is None or name in free}
        usual = (1.0,) if is_hinge else ()
        strengths = _decays(samples, slopes, exact, left, rates, usual)
        if not right and not strengths:
            continue
        if is_hinge and exact < 0 and any(told.get(name) != -1 for name in {*right, *strengths}):
            continue  # nobody wants margins to be small
        if loss is not None and strengths:
            touched = {name: place for name, place in (gradients or {}).items() if samples[0].is_sparse.get(name)}
            loss = Decayed(loss, {name: parameters[name] for name in strengths}, strengths, touched)
            right |= strengths.keys()
        climbs = frozenset(name for name in right if name in told and np.sign(exact) != told[name])
        if loss is not None and (best is None or (not climbs, len(right)) > (not best.climbs, len(best.right))):
            best = Choice(loss, right, active, is_given and loss == candidate, climbs)
    if best is None and is_given and active:
        return Choice(candidate, frozenset(), active, True)
    return best


def _decays(
    samples: Sequence[Sample],
    slopes: Mapping[str, Sequence[float]],
    ratio: float,
    left: Mapping[str, Leaf],
    rates: Sequence[float],
    usual: Sequence[float],
) -> dict[str, float]:
    """Return the parameters whose gradients are off by a constant times themselves, and the constant.

    `usual` are strengths that need not stand in the program.
    """
    found = {}
    for name, leaf in left.items():
        off = [s.claimed[name] - ratio * slope for s, slope in zip(samples, slopes[name], strict=True)]
        share = max(abs(s.claimed[name]) for s in samples) / max([1e-300, *(abs(part) for part in off if part == part)])
        closely = max(EXACT.get(leaf.value.itemsize, 1e-6), min(1e-2, 1e-9 * share))
        strength = _ratio(off, [s.along[name] for s in samples], closely)
        if strength is not None and strength > 1e-12:
            for rate in rates:
                told = _told(strength / rate, samples[0], closely, usual)
                if told is not None:
                    found.setdefault(name, rate * told)
    return found


def _is_own(samples: Sequence[Sample], slopes: Sequence[float], name: str) -> bool:
    """Tell whether what should be a loss moves as the squares of a parameter do: it is these, and no loss at all."""
    sides = np.array([slopes, [sample.along[name] for sample in samples]]).T
    sizes = np.max(np.abs(sides), axis=0)
    return not np.isfinite(slopes).all() or not sizes.all() or bool(np.linalg.cond(sides / sizes) > 1e4)


def _beside_decay(samples: Sequence[Sample], slopes: Sequence[float], name: str) -> float | None:
    """Return the constant between a gradient and a derivative that differ by a constant times the parameter alone.

    None if they differ by more, or by nothing that can be told from rounding.
    """
    claimed = np.array([sample.claimed[name] for sample in samples])
    sides = np.array([slopes, [sample.along[name] for sample in samples]]).T
    if _is_own(samples, slopes, name):
        return None
    (ratio, strength), *_ = np.linalg.lstsq(sides, claimed)
    (alone,), *_ = np.linalg.lstsq(sides[:, :1], claimed)
    left, without = (np.max(np.abs(made - claimed)) for made in (sides @ [ratio, strength], sides[:, 0] * alone))
    largest = np.max(np.abs(claimed))
    is_met = left <= 1e-6 * largest and left < 0.01 * without and without > 1e-10 * largest
    return float(ratio) if is_met else None


def _told(strength: float, sample: Sample, closely: float, usual: Sequence[float]) -> float | None:
    """Return the number of the program, divided by a size of its arrays perhaps, that a fitted number must be."""
    known = [value for _, value in sources(sample.center)]
    numbers = {float(value) for value in known if isinstance(value, int | float | np.floating) and value > 0}
    numbers |= set(usual)
    sizes = {1, *(size for value in known if isinstance(value, np.ndarray) for size in value.shape)}
    exact = {times * number / size for number in numbers for size in sizes if size for times in (1.0, 2.0, 0.5)}
    nearest = min(exact, key=lambda number: abs(number - strength), default=0.0)
    return nearest if abs(nearest - strength) <= closely * strength else None


def _at_a_rate(
    candidate: Bare, ratio: float, sample: Sample, rates: Sequence[float], closely: float = 1e-4
) -> Bare | None:
    """Return a candidate times a constant that sizes explain, and a rate."""
    for rate in rates:
        loss = _explained(candidate, ratio / rate, sample, closely)
        if loss is None:
            continue
        if len(rates) > 1 and isinstance(loss, Scaled) and (abs(loss.constant) != 1 or loss.length is not None):
            continue  # the file states its loss: a factor would be a slip
        return loss._replace(constant=loss.constant * rate)
    return None


def _may_fit(candidate: Bare, sample: Sample, names: Iterable[str], rates: Sequence[float]) -> bool:
    """Tell at a first look whether a candidate can be the loss of any gradient."""
    if isinstance(candidate, Scaled) and candidate.is_given:
        return True
    for name in names:
        up, down = sample.around[name][0]
        slope = (number_in(candidate, up) - number_in(candidate, down)) / (2 * sample.reach[name])
        if not _is_told(candidate, name, slope, sample, rates, closely=0.1):
            continue
        slope = sample.slope(candidate, name)  # among many sizes some number is near by chance
        if np.isnan(slope) or _is_told(candidate, name, slope, sample, rates, closely=FIRST_LOOK):
            return True
    return False


def _is_told(
    candidate: Bare, name: str, slope: float, sample: Sample, rates: Sequence[float], *, closely: float
) -> bool:
    """Tell whether sizes explain how a gradient compares with a slope."""
    ratio = sample.claimed[name] / slope if slope else 0.0
    return bool(np.isfinite(ratio) and ratio) and _at_a_rate(candidate, ratio, sample, rates, closely) is not None


def _ratio(claimed: Sequence[float], slopes: Sequence[float], tolerance: float) -> float | None:
    """Return the one constant between two lists of numbers; None if there is none."""
    smooth = np.isfinite(slopes) & np.isfinite(claimed)  # where no kink was within reach
    if np.sum(smooth) < min(2, len(slopes)) or np.min(np.abs(slopes)[smooth]) < 1e-12:
        return None
    ratios = np.array(claimed)[smooth] / np.array(slopes)[smooth]
    middle = float(np.median(ratios))
    return middle if middle and np.max(np.abs(ratios - middle)) <= tolerance * abs(middle) else None


def _explained(candidate: Bare, ratio: float, sample: Sample, closely: float = 1e-4) -> Bare | None:
    """Return a candidate times a constant that sizes explain."""
    sign, size = float(np.sign(ratio)), abs(ratio)
    if isinstance(candidate, Scaled):
        if abs(size - 1) < closely:
            return candidate._replace(constant=sign)
        if candidate.place.where == RETURNED:  # the file states its loss: a factor would be a slip
            return None
        for place, value in sources(sample.center):
            is_sequence = isinstance(value, list) and len(value) > 1 and holds_integers(value)
            if is_sequence and abs(size - len(value)) < closely * size:
                return candidate._replace(constant=sign, length=place)
        near = next((factor for factor in (2.0, 0.5) if abs(size - factor) <= closely * factor), None)
        return None if near is None else candidate._replace(constant=sign * near)
    terms: list[Term] = candidate.terms(sample.center)
    if isinstance(candidate, Hinge):
        numbers = (
            (place.name, float(value))
            for place, value in sources(sample.center)
            if _is_single(value) and value is not True
        )
        for constant in (1.0, *strengths(numbers).values()):
            for shared in ("", "entries"):
                if abs(size * (counts(terms)["entries"] if shared else 1) - constant) <= closely * constant:
                    return candidate._replace(constant=sign * constant, shared=shared)
        return None
    is_square = isinstance(candidate, Residual) or candidate.formula.name == "squared error"
    twice = (0.25,) if isinstance(candidate, Residual) else ()  # of `d = 2 * (y - o)`
    for constant in (0.5, 1.0, 2.0, *twice) if is_square else (1.0,):
        for shared, count in {"": 1, **counts(terms)}.items():
            if abs(size * count - constant) <= closely * constant:
                return candidate._replace(constant=sign * constant, shared=shared if count > 1 else "")
    return None
