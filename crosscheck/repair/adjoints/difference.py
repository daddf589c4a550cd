"""How what a statement computes differs from the derivative that it should be, as a code of crosscheck.diagnose."""

import ast
from collections.abc import Iterable, Iterator

import numpy as np

from crosscheck.repair.adjoints.case import Case
from crosscheck.repair.adjoints.culprit import Culprit
from crosscheck.repair.adjoints.marks import RESULT
from crosscheck.repair.adjoints.truths import SAME
from crosscheck.source.walking import walk

FIRST_WRONG = "first-wrong"
"""What is said where the two have nothing simple in common"""
MOST = 400
"""Arrays of one kind that are tried"""


def code_of(culprit: Culprit, case: Case) -> str:
    """Return the code that says how the two differ."""
    given, true = culprit.given, culprit.true
    statement = culprit.mark.statement
    if culprit.mark.kind == RESULT:
        return _of_sum(culprit, case)
    if isinstance(statement, ast.Assign) and _is_one_of_several(culprit, case):
        return "overwritten-in-loop"
    if given.shape != true.shape:
        return "sum-over-wrong-axis"
    known = _Known(case, culprit)
    for test in (_scaled, _turned, _spread, _missing, _product, _factor):
        found = test(given, true, known, culprit)
        if found:
            return found
    return FIRST_WRONG


class _Known:
    """The numbers that were there when the statement was executed."""

    def __init__(self, case: Case, culprit: Culprit) -> None:
        self.truths = [scale * a for truth in case.all for a in truth.turns for scale in case.scales][:MOST]
        recording = case.recording
        time = recording.times[culprit.number][culprit.turn]
        forward = {mark for group in case.truths.groups for mark in group}
        self.forward = [(m, v) for m in forward for v in recording.values[m]][: 4 * MOST]
        loop = culprit.mark.loop
        past = [
            (value, loop is not None and case.bench.marks[mark].loop is loop and turn < culprit.turn)
            for mark in case.computed
            for turn, (value, when) in enumerate(zip(recording.values[mark], recording.times[mark], strict=True))
            if when < time
        ][-MOST:]
        self.backward = [value for value, _ in past]
        self.carried = [value for value, is_carried in past if is_carried]
        """What was computed in earlier turns of the same loop"""


def _near(one: np.ndarray, other: np.ndarray) -> bool:
    if one.shape != other.shape:
        return False
    return bool(np.max(np.abs(one - other)) <= SAME * max(float(np.max(np.abs(other))), 1e-300))


def _of_sum(culprit: Culprit, case: Case) -> str:
    """Say what is wrong with what += leaves behind."""
    statement = culprit.mark.statement
    target = statement.target if isinstance(statement, ast.AugAssign) else None
    if isinstance(target, ast.Subscript) and not _counts(target.slice, culprit):
        return "scatter-loses-repeats"
    for number, mark in enumerate(case.bench.marks):
        if mark.statement is statement and mark.kind != RESULT and number in case.recording.values:
            values = case.recording.values[number]
            if culprit.turn < len(values) and _near(values[culprit.turn], culprit.true):
                return "carry-accumulated"
    return FIRST_WRONG


def _counts(index: ast.expr, culprit: Culprit) -> bool:
    """Tell whether an index is a place or a range of places, and no array of them."""
    loop = culprit.mark.loop
    counted = (
        {node.id for node in walk(loop.target) if isinstance(node, ast.Name)} if isinstance(loop, ast.For) else set()
    )
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    names = {node.id for part in parts for node in walk(part) if isinstance(node, ast.Name)}
    return bool(names & counted) or all(isinstance(part, ast.Constant | ast.Slice | ast.UnaryOp) for part in parts)


def _is_one_of_several(culprit: Culprit, case: Case) -> bool:
    """Tell whether a statement in a loop sets, each time, what belongs to one step, where all belong together."""
    return culprit.is_total and len(case.recording.values[culprit.number]) > 1


def _scaled(given: np.ndarray, true: np.ndarray, _: _Known, culprit: Culprit) -> str | None:
    square = float(np.sum(true * true))
    scale = float(np.sum(given * true)) / square if square else 0.0
    if not np.any(given):
        return "no-carry" if culprit.mark.is_carry else "zero-gradient"
    if given.size < 2 or not _near(given, scale * true):
        return None
    return "wrong-sign" if abs(scale + 1) < SAME else "constant-factor"


def _turned(given: np.ndarray, true: np.ndarray, *_: object) -> str | None:
    return "transpose" if given.ndim == 2 and given.shape[0] == given.shape[1] and _near(given, true.T) else None


def _spread(given: np.ndarray, true: np.ndarray, *_: object) -> str | None:
    """Tell whether all entries along an axis are one, where those of the derivative are not."""
    for axis in range(given.ndim):
        is_flat, is_meant = (np.ptp(a, axis=axis).max() <= SAME * np.abs(a).max() for a in (given, true))
        if given.shape[axis] > 1 and is_flat and not is_meant:
            return "sum-over-wrong-axis"
    return None


def _missing(given: np.ndarray, true: np.ndarray, known: _Known, _: Culprit) -> str | None:
    rest = true - given
    for array in _fitting([*known.truths, *known.backward], rest.shape):
        if _near(rest, array):
            return "carry-not-added" if any(_near(rest, carried) for carried in known.carried) else "missing-term"
        if _near(-rest, array):
            return "extra-term"
    return None


def _product(given: np.ndarray, true: np.ndarray, known: _Known, culprit: Culprit) -> str | None:
    """Tell whether both are products with the same matrix, once transposed."""
    matrices = [value for _, value in known.forward if value.ndim == 2 and value.shape[0] == value.shape[1] > 1]
    for matrix in _different(matrices):
        for array in _different([*known.truths, *known.backward]):
            for one, other in ((matrix, matrix.T), (matrix.T, matrix)):
                if any(_near(true, is_) and _near(given, was) for is_, was in products_with(array, one, other)):
                    return "carry-not-transposed" if culprit.mark.is_carry else "transpose"
    return None


def products_with(array: np.ndarray, one: np.ndarray, other: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the products of an array with two matrices of the same size, where it fits them: right and given."""
    if array.ndim and array.shape[-2:][0] == len(one):  # of stacked matrices the last two axes count
        yield one @ array, other @ array
    if array.ndim and array.shape[-1] == len(one):
        yield array @ one, array @ other


def _factor(given: np.ndarray, true: np.ndarray, known: _Known, _: Culprit) -> str | None:
    with np.errstate(all="ignore"):
        lacking, too_many = true / given, given / true
        values = [value for _, value in known.forward]
        for array in _fitting(values, true.shape):
            if _near(lacking, array):
                return "missing-factor"
            if _near(too_many, array):
                return "extra-factor"
        slopes = list(_slopes(_fitting(values, true.shape)))
        for slope in slopes:
            if _near(lacking, slope):
                return "derivative-forgotten"
        for array in _fitting([*known.truths, *known.backward], true.shape):
            if any(_near(true, array * slope) for slope in slopes):
                used = given / array
                if any(_near(used, slope) for slope in slopes):
                    return "derivative-at-wrong-step"
                if any(_near(used, slope) for slope in _slopes_of_activated(_fitting(values, true.shape))):
                    return "derivative-of-activated-value"
                return "wrong-activation-derivative"
    return None


def _slopes(values: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    for value in values:
        for slope in (1 - value * value, value * (1 - value), (value > 0).astype(float)):
            if np.ptp(slope) > SAME:
                yield slope


def _slopes_of_activated(values: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    for value in values:
        yield 1 - np.tanh(value) ** 2
        once = 1 / (1 + np.exp(-value))
        yield once * (1 - once)


def _fitting(arrays: Iterable[np.ndarray], shape: tuple[int, ...]) -> list[np.ndarray]:
    """Return the arrays that have a shape, or whose entries are as many in a row."""
    found = [a for a in arrays if a.shape == shape]
    found += [
        a.reshape(shape) for a in arrays if a.shape != shape and a.size == int(np.prod(shape)) and a.ndim != len(shape)
    ]
    return list(_different(found))


def _different(arrays: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    seen: set[tuple[object, ...]] = set()
    for array in arrays:
        key = (array.shape, array.tobytes())
        if key not in seen:
            seen.add(key)
            yield array
