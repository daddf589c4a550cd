"""Losses that nobody wrote down: what an output and a target may have been meant to be compared by."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.places import Place
from crosscheck.recognise.replay import Result


class Term(NamedTuple):
    """One output and what it should have been."""

    output: Any
    target: Any
    """As many numbers as outputs, or symbols along an axis of them"""
    axis: int | None
    """The axis of the classes; None where every output has a target of its own"""
    classes: int | None = None
    """The axis along which a target is a distribution, where a case of as many classes as rows would not tell"""


class Formula(NamedTuple):
    """A loss, summed over all that there is."""

    name: str
    value: Callable[[Term], Any]
    fits: Callable[[Term], bool]


def _divided(shared: str) -> str:
    return f", divided by the number of its {shared}" if shared else ""


class Implied(NamedTuple):
    """A loss made of an output and a target of a call (crosscheck.recognise.places.Place: it is read from a result)."""

    output: Place
    target: Place
    formula: Formula
    backwards: bool
    """Whether the targets come in the other order than the outputs"""
    among: str = ""
    """Which outputs have targets where there are fewer of these: the first, or the last"""
    constant: float = 1.0
    shared: str = ""
    """By how many of what the sum is divided: a key of `counts`"""
    classes: int | None = None
    """The axis along which the targets are distributions"""
    weight: Place | None = None
    """What the loss is multiplied by, or that of each example: a reward, the weight of a class"""

    @property
    def name(self) -> str:
        """The variable that holds the output."""
        return str(self.output).partition(", ")[0]

    def __str__(self) -> str:
        mean = _divided(self.shared)
        sign = "minus " if self.constant < 0 else ""
        times = {1.0: "", 0.5: "half "}.get(abs(self.constant), f"{abs(self.constant):.6g} times ")
        outputs = f"the {self.among} of {self.output}" if self.among else self.output
        weighted = f" times {self.weight}" if self.weight is not None else ""
        return f"{sign}{times}the {self.formula.name} of {outputs} against {self.target}{weighted}{mean}"

    def read(self, result: Result) -> Any:
        """Return the loss. Raises LookupError if the output or the target is not there, or they do not fit."""
        return self.of(self.terms(result), result)

    def of(self, terms: Sequence[Term], result: Result) -> Any:
        """Return the loss of a result of which the outputs with their targets are known. Raises LookupError."""
        if self.weight is not None:
            total = weighted(self.formula, terms, self.weight.read(result))
        else:
            total = sum((self.formula.value(term) for term in terms), 0.0)
        return self.constant * total / (counts(terms)[self.shared] if self.shared else 1)

    def terms(self, result: Result) -> list[Term]:
        """Return the outputs with their targets. Raises LookupError where they do not fit."""
        output, target = self.output.read(result), self.target.read(result)
        terms = aligned(output, target, backwards=self.backwards, among=self.among)
        return [term._replace(classes=self.classes) for term in terms]


def counts(terms: Sequence[Term]) -> dict[str, int]:
    """Return how many there are of what a loss may be divided by."""
    entries = sum(int(np.size(term.output)) for term in terms)
    first = terms[0]
    axis = first.axis if first.axis is not None else (np.ndim(first.output) - 1 if np.ndim(first.output) else None)
    last = np.shape(first.output)[axis] if axis is not None else 1
    found = {"steps": len(terms), "rows": entries // max(last, 1), "entries": entries}
    found["examples"] = found["rows"] // len(terms)
    found["columns"] = last
    found["examples of each step"] = int(np.shape(first.output)[0]) if np.ndim(first.output) > 1 else 1
    return {name: count for name, count in found.items() if count > 0}


def weighted(formula: Formula, terms: Sequence[Term], weight: Any) -> Any:
    """Return a loss with a weight for all, or one for each example or step. Raises LookupError where there are others.

    >>> squares = next(formula for formula in FORMULAS if formula.name == "squared error")
    >>> term = Term(np.array([[1.0, 0.0], [0.0, 3.0]]), np.zeros((2, 2)), None)
    >>> float(weighted(squares, [term], 2.0)), float(weighted(squares, [term], np.array([1.0, 2.0])))
    (20.0, 19.0)
    """
    weights = np.real(np.ravel(np.asarray(weight)))
    if weights.size == 1:
        return weights[0] * sum((formula.value(term) for term in terms), 0.0)
    if len(terms) == 1:
        terms = _examples(terms[0], weights.size)
    if len(terms) != weights.size:
        raise LookupError("not as many weights as examples")
    return sum((one * formula.value(term) for one, term in zip(weights, terms, strict=True)), 0.0)


def _examples(term: Term, count: int) -> list[Term]:
    """Return the examples of a batch, along its first axis or its last. Raises LookupError where they do not fit."""
    shape = np.shape(term.output)
    along = next((axis for axis in (0, len(shape) - 1) if shape and shape[axis] == count and axis != term.axis), None)
    if along is None:
        raise LookupError("not as many weights as examples")
    targets = np.moveaxis(np.asarray(term.target), along if term.axis is None else 0, 0)
    outputs = np.moveaxis(np.asarray(term.output), along, 0)

    def left(axis: int | None) -> int | None:
        return None if axis is None or axis == along else axis - (axis > along)

    pairs = zip(outputs, targets, strict=True)
    return [Term(output, target, left(term.axis), left(term.classes)) for output, target in pairs]


class FewerError(LookupError):
    """There are fewer targets than steps with an output."""


def aligned(output: Any, target: Any, *, backwards: bool = False, among: str = "") -> list[Term]:
    """Pair outputs with targets, step by step where they are lists. Raises LookupError where they do not fit."""
    outputs, targets = steps_of(output), steps_of(target)
    if outputs is None or (isinstance(outputs, list) and not outputs):
        raise LookupError("no output")
    if isinstance(outputs, list):
        rows = targets if isinstance(targets, list) else list(np.asarray(target)) if np.ndim(target) else []
        if among and rows:
            outputs = outputs[: len(rows)] if among == "first" else outputs[-len(rows) :]
        if len(rows) != len(outputs):
            is_fewer = 0 < len(rows) < len(outputs)
            raise (FewerError if is_fewer else LookupError)("not as many targets as outputs")
        rows = rows[::-1] if backwards else rows
        return [_term(one, other) for one, other in zip(outputs, rows, strict=True)]
    other = np.asarray(target) if isinstance(targets, list) else target
    return [_term(outputs, other[::-1] if backwards else other)]


def steps_of(value: Any) -> Any:
    """Return a list of arrays in the order of the steps, or the one array that there is; None for anything else."""
    if isinstance(value, np.ndarray):  # most are, and this is asked for every candidate in every state
        return np.asarray(value) if isinstance(value, np.matrix) else value  # which multiplies otherwise
    if isinstance(value, Mapping):
        keys = [key for key in value if isinstance(key, int | np.integer) and key >= 0]
        return [value[key] for key in sorted(keys)] if keys and len(keys) >= len(value) - 1 else None
    if isinstance(value, list | tuple):
        return [np.asarray(part) if isinstance(part, np.matrix) else part for part in value]
    return value


def _term(output: Any, target: Any) -> Term:
    values = np.asarray(target)
    if values.dtype.kind not in "biufc":  # complex ones carry a derivative, or none
        raise LookupError("the target holds no numbers")
    shape, wanted = np.shape(output), values.shape
    if shape == wanted:
        return Term(output, target if isinstance(target, np.ndarray) else values, None)
    is_in_order = _bare(shape) == _bare(wanted) or min(len(_bare(shape)), len(_bare(wanted))) < 2  # reshape(-1, 1)
    if np.size(output) == values.size and is_in_order:
        return Term(output, np.reshape(target, shape), None)
    if values.dtype.kind in "iu":
        for axis in range(len(shape) - 1, -1, -1):
            rest = shape[:axis] + shape[axis + 1 :]
            if shape[axis] > 1 and _bare(rest) == _bare(wanted) and np.max(target) < shape[axis]:
                return Term(output, np.reshape(target, rest), axis)
    if values.size == 1 and values.dtype.kind in "fc" and np.size(output):  # one target for all, as NumPy takes it
        return Term(output, np.broadcast_to(np.reshape(target, ()), shape), None)
    raise LookupError("the target does not fit the output")


def _bare(shape: Sequence[int]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)


def _one_hot(term: Term) -> Any:
    if term.axis is None:
        return term.target
    symbols = np.expand_dims(term.target, term.axis)
    places = np.arange(np.shape(term.output)[term.axis])
    return (symbols == np.reshape(places, [-1 if a == term.axis else 1 for a in range(np.ndim(term.output))])) * 1.0


def _classes(term: Term) -> int | None:
    """Return the axis along which a target is a distribution, None if there is none."""
    if term.axis is not None or term.classes is not None:
        return term.classes if term.axis is None else term.axis
    target = np.real(np.asarray(term.target))
    for axis in sorted(range(target.ndim), key=lambda a: -target.shape[a]):
        if target.shape[axis] > 1 and (target >= 0).all() and np.allclose(target.sum(axis), 1):
            return axis
    return None


def _squares(term: Term) -> Any:
    difference = term.output - _one_hot(term)
    return np.sum(difference * difference)


def _from_probabilities(term: Term) -> Any:
    wanted = _one_hot(term)
    return -np.sum(np.log(np.where(wanted == 0, 1.0, term.output)) * wanted)


def _from_logits(term: Term) -> Any:
    axis = _classes(term)
    shifted = term.output - np.max(np.real(term.output), axis=axis, keepdims=True)
    logarithms = np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))
    return np.sum((logarithms - shifted) * _one_hot(term))


def _binary(term: Term) -> Any:
    return -np.sum(term.target * np.log(term.output) + (1 - term.target) * np.log(1 - term.output))


def _binary_from_logits(term: Term) -> Any:
    return np.sum(np.log(1 + np.exp(-term.output)) + (1 - term.target) * term.output)


def are_shares(term: Term) -> bool:
    """Tell whether outputs are probabilities, none of them certain."""
    values = np.real(np.asarray(term.output))
    return bool((values > 0).all() and (values < 1).all())


def _has_shares_as_targets(term: Term) -> bool:
    if term.axis is not None:
        return False
    target = np.asarray(term.target)
    return bool((target >= 0).all() and (target <= 1).all())


def _always(_: Term) -> bool:
    return True


FORMULAS = (
    Formula("cross-entropy", _from_probabilities, lambda term: _classes(term) is not None and are_shares(term)),
    Formula("squared error", _squares, _always),
    Formula("binary cross-entropy", _binary, lambda term: _has_shares_as_targets(term) and are_shares(term)),
    Formula("cross-entropy of the softmax", _from_logits, lambda term: _classes(term) is not None),
    Formula("binary cross-entropy of the sigmoid", _binary_from_logits, _has_shares_as_targets),
)


PRODUCT = Formula(
    "sum of products", lambda term: np.sum(np.multiply(term.output, term.target)), lambda term: term.axis is None
)
"""With what is called a gradient or an error that is handed from above"""


def _without_targets(place: Place, result: Result) -> list[Term]:
    """Return what is found somewhere, step by step. Raises LookupError if it is not there."""
    steps = steps_of(place.read(result))
    if steps is None or (isinstance(steps, list) and not steps):
        raise LookupError(f"nothing in {place}")
    return [Term(one, None, None) for one in (steps if isinstance(steps, list) else [steps])]


class Residual(NamedTuple):
    """Half the squares of a difference that the code computed itself."""

    difference: Place
    constant: float = 1.0
    shared: str = ""

    @property
    def name(self) -> str:
        """The variable that holds the difference."""
        return str(self.difference).partition(", ")[0]

    def __str__(self) -> str:
        sign = "minus " if self.constant < 0 else ""
        times = {1.0: "", 0.5: "half "}.get(abs(self.constant), f"{abs(self.constant):.6g} times ")
        return f"{sign}{times}the squares of {self.difference}, summed{_divided(self.shared)}"

    def read(self, result: Result) -> Any:
        """Return the loss. Raises LookupError if the difference is not there."""
        terms = self.terms(result)
        total = sum((np.sum(term.output * term.output) for term in terms), 0.0)
        return self.constant * total / (counts(terms)[self.shared] if self.shared else 1)

    def terms(self, result: Result) -> list[Term]:
        """Return the differences, step by step."""
        return _without_targets(self.difference, result)


class Surprise(NamedTuple):
    """Minus the logarithm of a probability that has no target: what is preferred is to be the likelier of two."""

    output: Place
    is_other: bool = False
    """Whether the probability is what the output lacks of one"""
    constant: float = 1.0
    shared: str = ""

    @property
    def name(self) -> str:
        """The variable that holds the probability."""
        return str(self.output).partition(", ")[0]

    def __str__(self) -> str:
        sign = "minus " if self.constant < 0 else ""
        times = "" if abs(self.constant) == 1 else f"{abs(self.constant):.6g} times "
        probability = f"1 - {self.output}" if self.is_other else self.output
        return f"{sign}{times}the sum of -log({probability}){_divided(self.shared)}"

    def read(self, result: Result) -> Any:
        """Return the loss. Raises LookupError if the output is not there, or is no probability."""
        terms = self.terms(result)
        total = -sum((np.sum(np.log(1 - term.output if self.is_other else term.output)) for term in terms), 0.0)
        return self.constant * total / (counts(terms)[self.shared] if self.shared else 1)

    def terms(self, result: Result) -> list[Term]:
        """Return the outputs, step by step. Raises LookupError where one is no probability."""
        found = _without_targets(self.output, result)
        if not all(are_shares(term) for term in found):
            raise LookupError("an output is no probability")
        return found


class Hinge(NamedTuple):
    """What margins lack of one, summed over those that lack something (a Place: it is read from a result)."""

    margins: Place
    constant: float = 1.0
    shared: str = ""

    @property
    def name(self) -> str:
        """Where the margins are compared."""
        return str(self.margins)

    def __str__(self) -> str:
        mean = _divided(self.shared)
        sign = "minus " if self.constant < 0 else ""
        times = "" if abs(self.constant) == 1 else f"{abs(self.constant):.6g} times "
        return f"{sign}{times}the hinge loss of {self.margins}{mean}"

    def read(self, result: Result) -> Any:
        """Return the loss. Raises LookupError if nothing was compared."""
        parts = self.margins.read(result)
        total = sum((np.sum(np.where(np.real(part) > 0, part, 0.0)) for part in parts), 0.0)
        return self.constant * total / (len(parts) * np.size(parts[0]) if self.shared else 1)

    def terms(self, result: Result) -> list[Term]:
        """Return the margins as outputs, one comparison after the other."""
        return [Term(np.ravel(part), None, None) for part in self.margins.read(result)]


FURTHEST = 2
"""How far the labels of two classes are apart at the most: -1 and 1"""


class Misjudged(NamedTuple):
    """By how much predictions differ from targets, times the numbers of whose signs they are: a perceptron's loss."""

    asked: Place
    """The numbers, one call after the other"""
    predicted: Place
    """The predictions, or already by how much they differ"""
    target: Place | None = None
    constant: float = 1.0
    shared: str = ""

    @property
    def name(self) -> str:
        """Where the sign is asked."""
        return str(self.asked)

    def __str__(self) -> str:
        mean = _divided(self.shared)
        sign = "minus " if self.constant < 0 else ""
        times = "" if abs(self.constant) == 1 else f"{abs(self.constant):.6g} times "
        by = self.predicted if self.target is None else f"({self.predicted} - {self.target})"
        return f"{sign}{times}the size of {by} times {self.asked}, as in a perceptron{mean}"

    def read(self, result: Result) -> Any:
        """Return the loss. Raises LookupError if no sign was asked, or the parts do not fit."""
        (term,) = self.terms(result)
        total = np.sum(term.output * np.sign(np.real(term.output)))
        return self.constant * total / (counts([term])[self.shared] if self.shared else 1)

    def terms(self, result: Result) -> list[Term]:
        """Return the products. Raises LookupError if no sign was asked, or the parts do not fit."""
        off = np.real(np.ravel(np.asarray(self.predicted.read(result))))
        if self.target is not None:
            off = off - np.real(np.ravel(np.asarray(self.target.read(result))))
        if np.any(np.abs(off) > FURTHEST):
            raise LookupError("a label is none of two classes")
        return [Term(asked_of(self.asked.read(result), off.size) * off, None, None)]


def asked_of(parts: Sequence[Any], size: int) -> Any:
    """Return the numbers whose signs were asked, as many as there are targets. Raises LookupError for others."""
    if len(parts) == size and all(np.size(part) == 1 for part in parts):
        return np.concatenate([np.ravel(part) for part in parts])
    last = parts[-1] if len(parts) else None
    if last is None or np.size(last) != size:
        raise LookupError("not as many signs as targets")
    return np.ravel(last)


def misjudged(
    signs: Sequence[tuple[Place, Any]], known: Sequence[tuple[Place, Any]], targets: Sequence[tuple[Place, Any]]
) -> Iterator[Misjudged]:
    """Yield the losses that signs and predictions with their targets allow, or what these already differ by."""
    classes = [(place, value) for place, value in known if are_classes(value)]
    wanted = [(place, value) for place, value in targets if are_classes(value)]
    for asked, parts in signs:
        for target, value in wanted:
            numbers = _real_signs(parts, np.size(value))
            made = (
                [] if numbers is None else [numbers > 0, numbers >= 0, np.sign(numbers), np.where(numbers > 0, 1, -1)]
            )
            for predicted, guess in classes:
                if predicted != target and any(np.array_equal(np.real(np.ravel(guess)), one) for one in made):
                    yield Misjudged(asked, predicted, target)
        for place, value in targets:
            numbers = _real_signs(parts, np.size(value)) if _is_one_size(value) else None
            if numbers is None:
                continue
            ways = np.sign(np.real(np.ravel(value)) * numbers)
            if (ways >= 0).all() or (ways <= 0).all():
                yield Misjudged(asked, place)


def _is_one_size(value: Any) -> bool:
    """Tell whether a value is as large wherever it is not zero, as what classes differ by is, be it times a rate."""
    if not isinstance(value, np.ndarray | np.number | float | int):
        return False
    sizes = np.unique(np.abs(np.real(value)))
    is_label = np.size(value) > 1 and bool(np.all(np.isin(np.real(value), (0, 1))))  # 0 is one of two classes then
    return np.count_nonzero(sizes) == 1 and len(sizes) <= 2 and not (is_label and len(sizes) == 2)


def _real_signs(parts: Sequence[Any], size: int) -> Any:
    try:
        return np.real(asked_of(parts, size))
    except LookupError:
        return None


def are_classes(value: Any) -> bool:
    """Tell whether a value holds one of two or three classes, or one for each of several examples."""
    parts = value if isinstance(value, list) else [value]
    if not parts or not all(isinstance(part, np.ndarray | np.number | int | float) for part in parts):
        return False
    if len({np.shape(part) for part in parts}) > 1:
        return False
    values = np.asarray(parts)
    return values.dtype.kind in "iufc" and values.size > 0 and bool(np.isin(np.real(values), (-1, 0, 1)).all())


def implied(
    outputs: Sequence[tuple[Place, Any]], targets: Sequence[tuple[Place, Any]], *, from_above: bool = True
) -> Iterator[Implied]:
    """Yield the losses that outputs and targets allow, those among them that may be gradients `from_above`."""
    for output, value in outputs:
        for target, wanted in targets:
            for backwards, among in _orders(value, wanted):
                try:
                    terms = aligned(value, wanted, backwards=backwards, among=among)
                except (LookupError, ValueError, TypeError):
                    break
                axes = {_classes(term) for term in terms}
                classes = axes.pop() if len(axes) == 1 else None
                is_handed = from_above and not any(
                    str(step).startswith(".") for step in target.path
                )  # an object keeps it
                above = [PRODUCT] if is_handed and naming.is_gradient_argument(target.name) else []
                for formula in (*FORMULAS, *above):
                    if all(formula.fits(term) for term in terms):
                        yield Implied(output, target, formula, backwards, among, classes=classes)
                if len(terms) == 1 and np.size(terms[0].target) == 1 and not among:
                    break


def _orders(output: Any, target: Any) -> list[tuple[bool, str]]:
    """Return the orders that targets may have, and which outputs they may belong to."""
    try:
        aligned(output, target)
    except FewerError:
        return [(False, "first"), (False, "last")]
    except (LookupError, ValueError, TypeError):
        return []
    return [(False, ""), (True, "")]
