"""What the loss of some gradients may be: the file's own functions and numbers, and what outputs and targets allow."""

import ast
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.formulas import (
    PRODUCT,
    Hinge,
    Implied,
    Misjudged,
    Residual,
    Surprise,
    Term,
    are_classes,
    are_shares,
    implied,
    misjudged,
    steps_of,
)
from crosscheck.recognise.hinges import CALLED, SIGNS
from crosscheck.recognise.loss_constants import is_single
from crosscheck.recognise.loss_forms import Bare, Scaled
from crosscheck.recognise.loss_samples import NUMBERS, Sample
from crosscheck.recognise.pairing import gone_over, update_pairs
from crosscheck.recognise.pairs import PairReplay
from crosscheck.recognise.places import LOCAL, RETURNED, Place
from crosscheck.recognise.results import MOST, differs, is_finite, is_output, read_at, sources
from crosscheck.recognise.roles import is_number
from crosscheck.recognise.statements import root_word, stored
from crosscheck.recognise.totals import losses_in, totals_in
from crosscheck.recognise.watching import EACH, Watched, turns_of
from crosscheck.source.walking import walked

DIFFERENCE = naming.re.compile(r"^e$|(?<!pref)(?<!inf)(?<!transf)err|diff|resid|delta", naming.re.IGNORECASE)
"""What the difference of an output from its target is called"""

WEIGHS = naming.re.compile(
    r"reward|advantage|^adv|(?-i:^[rRGA]$)|returns?(?:$|_)|discount|_epr$|gain|delta$|weight|^s?w$",
    naming.re.IGNORECASE,
)
"""What a loss is multiplied by that somebody is rewarded for, or that counts some examples for more"""
MOST_WEIGHTS = 3
PAIRED = naming.re.compile(
    r"\bbpr|(?:^|[\W_])rank|pair_?wise|prefer|bradley|personali[sz]ed|neg(?:ative)?_?(?:item|sample)|contrast",
    naming.re.IGNORECASE,
)
"""What tells of choices between two, of which the probability of the right one has no target"""
GUESSED = naming.re.compile(r"pred|hat|guess|output|activ|^o$", naming.re.IGNORECASE)
"""What predictions are called"""
SUBTRACTED = "target_in_line_"
"""What an entry is called that something is subtracted from, or is subtracted"""
COUNTING = frozenset({"range", "xrange", "arange", "enumerate"})


def candidates(replay: Watched, samples: Sequence[Sample]) -> Iterator[Bare]:
    """Yield what the loss may be: the file's own functions first, then what outputs and targets allow."""
    center = samples[0].center
    for sibling in replay.siblings:
        if is_number(center.variables.get(str(sibling))):
            yield Scaled(Place(LOCAL, (str(sibling),), str(sibling)), is_given=sibling.exact)
    known = [(place, value) for place, value in sources(center) if is_finite(value)]
    margins = [place for place, _ in known if str(place.path[0]).startswith(CALLED)]
    signs = [(place, value) for place, value in known if str(place.path[0]).startswith(SIGNS)]
    known = [pair for pair in known if not str(pair[0].path[0]).startswith((CALLED, SIGNS))]
    signs = [pair for pair in signs if len(pair[0].path) == 1]
    totals, differences = totals_in(replay.node), set(_differences(replay.node))
    added_up = losses_in(replay.node)
    for place, value in known:
        is_named = bool(naming.LOSS_FUNCTION.search(place.name) or naming.MAXIMISED.match(place.name)) or (
            place.where == RETURNED and isinstance(value, float)
        )
        if place.name in differences:
            continue
        if is_number(value) and is_named and not naming.NOT_LOSS.search(place.name):
            yield Scaled(place)
        elif is_number(value) and place.where == LOCAL and place.name in totals:
            yield Scaled(place, is_named=place.name in added_up)
    yield from (Hinge(place) for place in margins if len(place.path) == 1)
    settings = _settings(replay.node, replay.world.tree)
    counted = {turns_of(name) for name in _counters(replay.world.tree)}
    known = [
        (place, value)
        for place, value in known
        if not (isinstance(value, int | float | np.number) and place.name in settings) and place.name not in counted
    ]
    moved, still = [], []
    others = [around[0][0] for around in samples[0].around.values()]
    for place, value in _distinct(known, set(_subtracted(replay.world.document.tree))):
        changes = any(differs(value, read_at(place, other)) for other in others)
        (moved if changes else still).append((place, value))
    still.sort(key=lambda pair: pair[0].where == LOCAL and is_single(pair[1]))  # a counter may equal a label
    inside, claimed = samples[0].known, samples[0].gradients
    slopes = _own_gradients(replay.world.document.tree)
    has_difference = any(DIFFERENCE.search(place.name) for place, _ in moved)
    outputs = [(p, v) for p, v in moved if is_output(v) and not (p.name in slopes or _is_of_backward(p))]
    outputs = [(p, v) for p, v in outputs if not _is_among(v, inside) and not (has_difference and _is_loss(p))]
    outputs = [(p, v) for p, v in outputs if not (isinstance(v, list) and v and _is_among(v[-1], inside))]
    outputs = [(p, v) for p, v in outputs if not (isinstance(v, tuple) and any(_is_among(part, claimed) for part in v))]
    uneven = {str(p) for p, v in outputs if _is_of_all_sizes(p, v)}
    targets = [(p, v) for p, v in still if not _is_among(v, claimed)][:MOST]
    if signs:
        told = [(place, value) for place, value in known if all(are_classes(read_at(place, s.center)) for s in samples)]
        subtracted = set(_subtracted(replay.world.document.tree))
        subtracted |= {whole for part, whole in gone_over(replay.world.document.tree) if part in subtracted}
        wrong = (one for one in misjudged(signs, told, targets) if _is_perceptron(one, subtracted))
        yield from sorted(wrong, key=lambda one: one.target is None and not DIFFERENCE.search(str(one.predicted)))
    predicted = [pair for pair in outputs if not DIFFERENCE.search(pair[0].name)]  # whose target is zero, they say
    usual = list(implied(predicted[:MOST], targets, from_above=not isinstance(replay.inner, PairReplay)))
    usual = [one for one in usual if one.among or str(one.output) not in uneven]
    usual = [one for one in usual if not (one.formula is PRODUCT and _is_computed(one.target, replay.node))]
    yield from usual
    weights = [place for place, value in still if WEIGHS.search(place.name) and _is_weight(value)]
    yield from (one._replace(weight=weight) for weight in weights[:MOST_WEIGHTS] for one in usual if _may_weigh(one))
    shapes = {value.shape for _, value in still if isinstance(value, np.ndarray)}
    yield from (Residual(_difference(pair, known)) for pair in outputs[: 4 * MOST] if not _is_spread(pair[1], shapes))
    if PAIRED.search(replay.world.document.code):
        shares = [place for place, value in predicted[:MOST] if _are_probabilities(value)]
        yield from (Surprise(place, is_other) for place in shares for is_other in (False, True))


def _is_of_all_sizes(place: Place, value: Any) -> bool:
    """Tell whether what a function returned, call by call, is of several shapes: of several layers, and no output.

    >>> place = Place(LOCAL, ("f(), call by call",), "f")
    >>> [_is_of_all_sizes(place, [np.zeros((5, 1)), np.zeros(shape)]) for shape in ((5, 1), (1, 1))]
    [False, True]
    """
    is_series = isinstance(value, list) and len(place.path) == 1 and str(place.path[0]).endswith(EACH)
    return is_series and len({np.shape(part) for part in value}) > 1


def _are_probabilities(value: Any) -> bool:
    steps = steps_of(value)
    parts = steps if isinstance(steps, list) else [steps]
    return bool(parts) and all(isinstance(part, NUMBERS) and are_shares(Term(part, None, None)) for part in parts)


def leaves_targets_out(replay: Watched, difference: Place) -> bool:
    """Tell whether code is handed targets, and a difference neither depends on them nor is called one.

    The squares of such an output may be part of a loss, and are not the whole of it.
    """
    loaded = {part.id for part in walked(replay.node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
    known = {**{n: v for n, v in replay.roots().items() if n in loaded}, **replay.entry.arguments}
    given = {n: v for n, v in known.items() if naming.TRUTH.match(n) and isinstance(v, np.ndarray)}
    if not given or DIFFERENCE.search(difference.name):
        return False
    try:
        before, after = replay.run({}), replay.run({id(value): _exchanged(value) for value in given.values()})
    except Exception:  # noqa: BLE001 - theirs: of other targets it says nothing
        return False
    return not differs(read_at(difference, before), read_at(difference, after))


def _exchanged(targets: np.ndarray) -> np.ndarray:
    """Return targets in the reverse order, or others where that changes nothing."""
    turned = np.ascontiguousarray(np.flip(targets))
    return turned + 1 if np.array_equal(turned, targets) else turned


def _is_computed(handed: Place, node: ast.AST) -> bool:
    """Tell whether what should be handed from above is computed in the turn of a loop: then it says itself."""
    turn = node.body if isinstance(node, ast.For | ast.While) else []
    return any(handed.path[0] in stored(statement) for statement in turn)


def _is_weight(value: Any) -> bool:
    """Tell whether a value is a number or a row of numbers, not all of which are one."""
    if not isinstance(value, float | np.floating | np.ndarray):
        return False
    array = np.asarray(value)
    return array.dtype.kind == "f" and array.size in (*array.shape, 1) and bool(np.any(np.real(array) != 1))


def _may_weigh(loss: Implied) -> bool:
    return loss.target.name != "" and not WEIGHS.search(loss.target.name) and not WEIGHS.search(loss.output.name)


def _differences(node: ast.AST) -> Iterator[str]:
    """Yield what is called a difference, and is one, of two things that have a name or are computed: it is no loss.

    >>> list(_differences(ast.parse("e = p - y; err = 1 - margin; error = (p - y) ** 2; diff = f(x) - y[i]")))
    ['e', 'diff']
    """
    for part in (part for part in walked(node) if isinstance(part, ast.Assign)):
        value, word = part.value, root_word(part.targets[0])
        is_difference = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub) and DIFFERENCE.search(word)
        sides = (value.left, value.right) if is_difference else ()  # pyright: ignore[reportAttributeAccessIssue]
        if sides and not any(isinstance(side, ast.Constant) for side in sides):
            yield word


def _own_gradients(tree: ast.AST) -> set[str]:
    """Return what is called the gradient of what it moves, as `dw` in `w -= rate * dw`: that comes out of no model."""
    pairs = update_pairs(tree)
    return {word for name, word in pairs if naming.is_gradient_of(word, name) or naming.BACKWARD.search(word)}


def _is_loss(place: Place) -> bool:
    """Tell whether a value is called a loss, and no difference: beside one, its square is nobody's loss."""
    names = naming.LOSS, naming.NOT_LOSS, DIFFERENCE
    return [bool(pattern.search(place.name)) for pattern in names] == [True, False, False]


def _is_of_backward(place: Place) -> bool:
    """Tell whether a value is what a function returned that is called a backward pass: `hinge_gradient()`."""
    function, brackets, _ = place.name.partition("()")
    return bool(brackets and naming.BACKWARD.search(function))


def _difference(output: tuple[Place, Any], known: Sequence[tuple[Place, Any]]) -> Place:
    """Return what has the value of an output and is called like a difference: they are equal where a target is zero."""
    place, value = output
    named = (other for other, held in known if DIFFERENCE.search(other.name) and not differs(held, value))
    return place if DIFFERENCE.search(place.name) else next(named, place)


def _settings(node: ast.AST, tree: ast.AST) -> set[str]:
    """Return the names of numbers that are no targets: indices, rates, and arguments with a number for a default."""
    slices = (part.slice for part in walked(node) if isinstance(part, ast.Subscript))
    found = {name.id for part in slices for name in walked(part) if isinstance(name, ast.Name)}
    found = {name for name in found if not naming.TRUTH.match(name)}
    found = (found | set(_counters(tree))) - set(_labels(node))
    for arguments in (part.args for part in walked(tree) if isinstance(part, ast.FunctionDef)):
        positional = [*arguments.posonlyargs, *arguments.args]
        for argument, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
            if isinstance(default, ast.Constant) and isinstance(default.value, int | float):
                found.add(argument.arg)
    return found


def _is_perceptron(loss: Misjudged, subtracted: Collection[str]) -> bool:
    """Tell whether a target is subtracted somewhere, or is what a step is multiplied by, and is no prediction."""
    if loss.target is None:
        return not GUESSED.search(str(loss.predicted.path[0]))
    word = str(loss.target.path[0]).partition(",")[0]
    return word in subtracted or word.startswith(SUBTRACTED)


def _subtracted(tree: ast.AST) -> Iterator[str]:
    """Yield what stands on either side of a difference, `desired - predicted`, or is compared: `guess != label`."""
    for part in walked(tree):
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub):
            yield from filter(None, (root_word(side) for side in (part.left, part.right)))
        elif isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Sub):
            yield root_word(part.value)
        elif isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.Eq | ast.NotEq):
            yield from filter(None, (root_word(side) for side in (part.left, *part.comparators)))


def _counters(tree: ast.AST) -> Iterator[str]:
    r"""Yield what loops only count with.

    >>> list(_counters(ast.parse("for t in np.arange(9)[::-1]: ...\nfor i, row in enumerate(rows): ...")))
    ['t', 'i']
    """
    for loop in (part for part in walked(tree) if isinstance(part, ast.For)):
        first = loop.target.elts[0] if isinstance(loop.target, ast.Tuple) and loop.target.elts else loop.target
        calls = {root_word(part.func) for part in walked(loop.iter) if isinstance(part, ast.Call)}
        if isinstance(first, ast.Name) and calls & COUNTING and (first is loop.target or "enumerate" in calls):
            yield first.id


def _labels(node: ast.AST) -> Iterator[str]:
    """Yield the names that choose one of the classes: in `log(p[label])`, in `d[label] -= 1` and `np.eye(k)[label]`."""
    for part in walked(node):
        if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Call) and isinstance(part.slice, ast.Name):
            yield from [part.slice.id] if root_word(part.value.func) in ("eye", "identity") else []
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


def _distinct(known: Sequence[tuple[Place, Any]], subtracted: Collection[str]) -> Iterator[tuple[Place, Any]]:
    """Yield each value once, under the first of its names; before it what a target is subtracted from, of that value.

    What a rectifier returns is what it was handed, as long as that is positive; later on it is not.

    >>> rows = np.arange(1.0, 6)
    >>> known = [(Place(LOCAL, (name,), name), value) for name, value in (("Z", rows), ("A", rows), ("T", rows + 1))]
    >>> [[place.name for place, _ in _distinct(known, names)] for names in ({"A"}, {"Z", "A"}, {"T"})]
    [['A', 'Z', 'T'], ['Z', 'T'], ['Z', 'T']]
    """
    seen: dict[Any, list[tuple[Place, Any]]] = {}
    for number, (place, value) in enumerate(known):
        steps = steps_of(value)
        parts = steps if isinstance(steps, list) else [steps]
        key = (isinstance(steps, list), *((np.shape(part), np.asarray(part).tobytes()) for part in parts))
        is_short = sum(map(np.size, parts)) <= 3
        seen.setdefault((*key, number) if is_short else key, []).append((place, value))
    for same in seen.values():
        if same[0][0].name not in subtracted:
            yield from [pair for pair in same if pair[0].name in subtracted][:1]
        yield same[0]
