"""Cases for a recognised call: its arrays filled anew, its symbols drawn anew, its sequences of other lengths."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from crosscheck.cases import Case, Key, Regime
from crosscheck.errors import CrosscheckError
from crosscheck.recognise.argument_names import COUNTED, PREDICTED, TARGET
from crosscheck.recognise.listed import with_labels
from crosscheck.strategies.sizes import schedule

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

REGIMES = (
    Regime("ordinary", 6, "Numbers around 0.6, nothing left at zero: most bugs show here at full size."),
    Regime("tiny", 2, "Parameters of 0.01, as training starts: errors hide unless judged tightly."),
    Regime("large", 2, "Parameters around 2: saturation shows here, and formulas that are right near zero only."),
    Regime("one-step", 2, "A single step: indices that wrap round, and lists that are one too long, show here."),
    Regime("two-steps", 1, "Two steps: the carry between them, alone."),
    Regime("longer", 2, "More steps than in the file: what stops after some steps shows here."),
    Regime("repeated-symbols", 2, "Symbols occur twice: what belongs to one row must add up, not overwrite."),
    Regime("zero-state", 1, "Everything that is no parameter and may be zero is zero."),
    Regime("large-data", 1, "Inputs around 3."),
)
ASIDE = 1000
"""How many rounds of regimes away a case is drawn in the place of another"""
SPARSE = 0.4
"""Share of numbers other than zero up to which the zeros are meant"""
STEPS = {"one-step": 1, "two-steps": 2, "longer": 7}


@dataclass
class CallCases:
    """Cases of one call. See `crosscheck.cases.Cases` for the methods."""

    parameters: Mapping[str, np.ndarray]
    data: Mapping[str, Any]
    """Floating arrays, arrays of integers, and lists of integers"""
    symbols: Mapping[str, int] = field(default_factory=dict)
    """For each of the integer data, how many symbols there are"""
    sequences: frozenset[str] = frozenset()
    """The data that have one entry a step"""
    steps: int = 0
    inputs: frozenset[str] = frozenset()
    """Those of the parameters that are data: initial states and inputs whose gradients are returned"""
    distinct: frozenset[str] = frozenset()
    """The symbols of which the file draws none twice, `rng.choice(n, k, replace=False)`, if there are enough"""
    still: frozenset[str] = frozenset()
    """The data that are zeros in every case: states that the file hands over so (crosscheck.recognise.zero_states)"""
    fixed: frozenset[str] = frozenset()
    """The data that stay what they are made: an identity matrix, or ones (crosscheck.recognise.fixed_arrays)"""

    passed_over: frozenset[Key] = frozenset()
    """Keys in the place of which others are drawn"""

    def __post_init__(self) -> None:
        usable = [regime for regime in REGIMES if self._is_usable(regime.name)]
        self.regimes: tuple[Regime, ...] = tuple(usable)
        self._round = schedule({regime.name: regime.weight for regime in usable})

    def _is_usable(self, regime: str) -> bool:
        if regime in STEPS:
            return bool(self.sequences)
        if regime == "repeated-symbols":
            return bool(self.symbols)
        has_floats = any(isinstance(value, np.ndarray) and value.dtype.kind == "f" for value in self.data.values())
        return has_floats or bool(self.inputs) or regime not in ("zero-state", "large-data")

    @property
    def size_names(self) -> tuple[str, ...]:
        """Name the sizes of a key: the number of steps, if it can be varied."""
        return ("steps",) if self.sequences else ()

    def draw(self, seed: int, index: int) -> Key:
        """Return the key of the `index`-th case of the run `seed`."""
        regime = self._round[index % len(self._round)]
        sizes = (STEPS.get(regime, self.steps),) if self.sequences else ()
        key = Key(regime, sizes, zlib.crc32(f"{seed}/{index}".encode()) & 0x7FFFFFFF)
        return key if key not in self.passed_over else self.draw(seed, index + len(self._round) * ASIDE)

    def build(self, key: Key) -> Case:
        """Build the case. Raises CrosscheckError for a key that is not of these cases."""
        if key.regime not in {regime.name for regime in REGIMES} or len(key.sizes) != len(self.size_names):
            raise CrosscheckError(
                f"{key} is no case of this file: copy the key from its report.", code="unknown-regime"
            )
        random = np.random.default_rng([zlib.crc32(key.regime.encode()), key.seed])
        scale = {"tiny": 0.01, "large": 2.0}.get(key.regime, 0.6)
        parameters = {
            name: self._array(array, key.regime, random, is_input=True)
            if name in self.inputs
            else numbers(array, scale, random)
            for name, array in self.parameters.items()
        }
        parameters |= {n: probability(a, random) for n, a in self.parameters.items() if _is_probability(n, a)}
        steps = key.sizes[0] if key.sizes else 0
        data = {name: self._datum(name, value, steps, key.regime, random) for name, value in self.data.items()}
        return Case(key, (parameters, data))

    def smaller(self, key: Key) -> Iterator[Key]:
        """Yield simpler keys: fewer steps."""
        if key.sizes:
            for steps in range(1, key.sizes[0]):
                yield key._replace(sizes=(steps,))

    def strategy(self) -> "SearchStrategy[Case]":
        """Return the same cases as a Hypothesis strategy."""
        import hypothesis.strategies as st

        return st.integers(0, 2**31).map(lambda index: self.build(self.draw(0, index)))

    def _datum(self, name: str, value: Any, steps: int, regime: str, random: np.random.Generator) -> Any:
        if name in self.sequences:
            value = _of_length(value, steps)
        if name in self.symbols and is_one_hot(value):
            moved = shuffled(np.asarray(value), random)
            return moved.tolist() if isinstance(value, list) else moved
        if name in self.symbols and COUNTED.search(name):
            return _lengths(value, random)
        if name in self.symbols:
            is_distinct = name in self.distinct and 1 < np.size(value) <= self.symbols[name]
            return _symbols(value, self.symbols[name], "distinct" if is_distinct else regime, random)
        if name in self.still:
            return np.zeros_like(value)
        if name in self.fixed:
            return np.array(value)
        if isinstance(value, list):
            return [self._array(item, regime, random, is_input=False) for item in value]
        if is_lone_target(name, value):
            return probability(value, random)
        return self._array(value, regime, random, is_input=False)

    def _array(self, array: np.ndarray, regime: str, random: np.random.Generator, *, is_input: bool) -> np.ndarray:
        if is_binary(array):
            return shuffled(array, random)
        is_shared = shared_axis(array) is not None or is_joint(array)
        if regime == "zero-state" and not (array > 0).all() and not _is_of_one(array) and not is_shared:
            return with_labels(array, np.zeros(array.shape, array.dtype))
        scale = {"large-data": 3.0, "tiny": 0.1 if is_input else 0.6}.get(regime, 0.6)
        return with_labels(array, numbers(array, scale, random))


def _is_probability(name: str, array: np.ndarray) -> bool:
    """Tell whether a single number is called like a probability, and may be one: arrays of them tell by themselves."""
    return bool(PREDICTED.search(name)) and _is_share(array)


def is_lone_target(name: str, value: Any) -> bool:
    """Tell whether a target is a single number that may be a probability: a cross-entropy wants it to stay one.

    >>> is_lone_target("y_true", np.array([[0.4]])), is_lone_target("y_true", np.array([1.4]))
    (True, False)
    """
    return bool(TARGET.match(name)) and isinstance(value, np.ndarray) and value.dtype.kind == "f" and _is_share(value)


def _is_share(array: np.ndarray) -> bool:
    """Tell whether there is a single number, and it lies between zero and one."""
    return array.size == 1 and bool(0 < array.reshape(())[()] < 1)


def probability(array: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return a number that is one."""
    return np.asarray(0.05 + 0.9 * random.random(array.shape), array.dtype)


def numbers(array: np.ndarray, scale: float, random: np.random.Generator) -> np.ndarray:
    """Return normal numbers times a scale, in the shape and dtype of an array; symmetric, positive or a share as it is.

    >>> kernel = np.exp(-np.abs(np.subtract.outer(np.arange(4.0), np.arange(4.0))))
    >>> drawn = numbers(kernel, 0.6, np.random.default_rng(0))
    >>> bool((drawn > 0).all()), is_symmetric(drawn)
    (True, True)
    """
    drawn = _numbers(array, scale, random)
    return np.asarray((drawn + drawn.T) / 2, array.dtype) if is_symmetric(array) and not is_joint(array) else drawn


def _numbers(array: np.ndarray, scale: float, random: np.random.Generator) -> np.ndarray:
    if (axis := shared_axis(array)) is not None:
        return shares(array, axis, random)
    if is_joint(array):
        return joint(array, random)
    drawn = random.standard_normal(array.shape) * scale
    share = np.mean(array != 0) if array.size > 1 else 1.0
    if 0 < share <= SPARSE:  # a gradient of one chosen probability, say
        places = array != 0
        if not is_symmetric(array):
            places = random.permuted(places.reshape(-1)).reshape(array.shape)
        return np.asarray(drawn * places, array.dtype)
    varied = array.size > 1 and bool(np.ptp(array) > 0)
    if varied and array.min() >= 0 and array.max() <= 1:
        drawn = 0.05 + 0.9 * random.random(array.shape)
    elif varied and (array > 0).all():
        drawn = np.abs(drawn) + 0.1 * scale
    elif are_counts(array):
        drawn = (np.abs(drawn) + 0.1 * scale) * (array > 0)
    return np.asarray(drawn, array.dtype)


def are_counts(array: np.ndarray) -> bool:
    """Tell whether a table holds whole numbers from zero on, as ratings and counts are: what is zero was not seen.

    >>> are_counts(np.array([[5.0, 0, 3], [0, 1, 2]])), are_counts(np.array([[5.0, -1], [0, 1]])), are_counts(np.eye(3))
    (True, False, False)
    """
    if array.ndim != 2 or array.size < 4 or array.min() != 0 or array.max() <= 1:
        return False
    return np.array_equal(array, np.round(array))


def is_symmetric(array: np.ndarray) -> bool:
    """Tell whether a square of different numbers is its own transpose, as kernels and covariances are.

    So is one of two rows whose fractions beside the diagonal are the same: those of four parameters hardly are.

    >>> is_symmetric(np.array([[2.0, 1, 0], [1, 3, 5], [0, 5, 4]])), is_symmetric(np.eye(3))
    (True, False)
    >>> is_symmetric(np.array([[2.0, 0.3], [0.3, 1.0]])), is_symmetric(np.array([[0.0, 1.0], [1.0, 0.0]]))
    (True, False)
    """
    if array.ndim != 2 or array.shape[0] != array.shape[1] or len(array) < 2:
        return False
    beside = array[~np.eye(len(array), dtype=bool)]
    varies = np.ptp(beside) > 0 if len(array) > 2 else array[0, 1] % 1 != 0 and array[0, 1] not in array.diagonal()
    return bool(varies) and np.allclose(array, array.T, rtol=ROUNDED, atol=0)


def shared_axis(array: np.ndarray) -> int | None:
    """Return the axis along which an array holds shares of one, as smoothed labels do; None if it holds none.

    >>> shared_axis(np.array([[0.9, 0.05, 0.05], [0.2, 0.3, 0.5]])), shared_axis(np.eye(3)), shared_axis(np.ones(2) / 2)
    (1, None, None)
    """
    if array.dtype.kind != "f" or array.size < 3 or is_binary(array) or array.min() < 0 or not np.ptp(array) > 0:
        return None
    closely = 8 * array.size * float(np.finfo(array.dtype).eps)
    axes = (axis for axis in reversed(range(array.ndim)) if array.shape[axis] > 1)
    return next((axis for axis in axes if (np.abs(array.sum(axis) - 1) <= closely).all()), None)


def shares(array: np.ndarray, axis: int, random: np.random.Generator) -> np.ndarray:
    """Return random shares of one in the shape and dtype of an array."""
    drawn = 0.05 + random.random(array.shape)
    return np.asarray(drawn / drawn.sum(axis, keepdims=True), array.dtype)


FLOOR, ROUNDED = 1e-30, 1e-13


def is_joint(array: np.ndarray) -> bool:
    """Tell whether a square table holds shares of one all together, as affinities of pairs do.

    >>> is_joint(np.array([[0.0, 0.1, 0.2], [0.1, 0.0, 0.2], [0.2, 0.2, 0.0]])), is_joint(np.eye(3) / 3)
    (True, False)
    """
    if array.ndim != 2 or array.dtype.kind != "f" or not is_symmetric(array) or not (array >= 0).all():
        return False
    return bool(abs(array.sum() - 1) < 1e-6)


def joint(array: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return random shares of one where a symmetric table has some that count, in its dtype.

    The others are a floor that keeps a logarithm finite: they become as small as can be, and the shares are all.
    """
    counts = array > 1e-6 * array.max()
    drawn = (0.05 + random.random(array.shape)) * counts
    drawn = drawn + drawn.T
    return np.asarray(np.where(counts, drawn / drawn.sum(), np.minimum(array, FLOOR)), array.dtype)


def _is_of_one(array: np.ndarray) -> bool:
    """Tell whether a single one of several numbers is not zero: the gradient of one output, which has to be there."""
    return array.size > 1 and np.count_nonzero(array) == 1


def is_binary(array: np.ndarray) -> bool:
    """Tell whether an array holds zeros and one positive number and nothing else: an encoding, or a mask.

    The masks of dropout are often divided by the share that they keep; few equal numbers of another kind are none.
    """
    if array.size < 2:
        return False
    least, largest = array.min(), array.max()
    if least != 0 or not largest > 0 or not ((array == 0) | (array == largest)).all():
        return False
    return bool(largest == 1 or (largest > 1 and np.mean(array != 0) > SPARSE))


def is_one_hot(value: Any) -> bool:
    """Tell whether integers encode symbols: along some axis of two entries and more there is a single one.

    A single row of them has four entries at least: `[0, 1, 0]` may be three symbols.
    """
    array = np.asarray(value)
    if not np.isin(array, (0, 1)).all() or array.ndim == 0:
        return False
    if array.ndim == 1:
        return array.size > 3 and int(array.sum()) == 1
    return any(n > 1 and (array.sum(axis) == 1).all() for axis, n in enumerate(array.shape))


def shuffled(array: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Move the ones along the axis on which each row has a single one; anywhere if there is no such axis.

    Where each row and each column has one, the rows change places: it stays what it is, whichever are the examples.
    """
    if array.ndim == 2 and array.shape[0] == array.shape[1] and all((array.sum(axis) == 1).all() for axis in (0, 1)):
        return random.permutation(array)
    for axis in sorted(range(array.ndim), key=lambda a: -array.shape[a]):
        if array.shape[axis] > 1 and (array.sum(axis) == 1).all():
            return random.permuted(array, axis=axis)
    return random.permuted(array.reshape(-1)).reshape(array.shape)


def _symbols(value: Any, count: int, regime: str, random: np.random.Generator) -> Any:
    shape = np.shape(value)
    drawn = random.integers(0, count, size=shape)
    if regime == "distinct":
        drawn = random.permutation(count)[: drawn.size].reshape(shape)
    elif regime == "repeated-symbols" and drawn.size > 1:
        few = random.choice(count, size=min(2, count), replace=False)
        drawn = random.choice(few, size=shape)
    if regime != "distinct" and isinstance(value, np.ndarray) and drawn.size > 1 and drawn.max() < count - 1:
        drawn.flat[random.integers(0, drawn.size)] = count - 1  # rows of `np.eye(y.max() + 1)` are as long as ever
    return [int(number) for number in drawn] if isinstance(value, list) else drawn.astype(value.dtype)


def _lengths(value: Any, random: np.random.Generator) -> Any:
    """Draw lengths of padded sequences between the least and the largest that a program has: the longest is there."""
    known = np.asarray(value)
    drawn = random.integers(min(1, known.min()), known.max() + 1, size=known.shape)
    if drawn.ndim:
        drawn.flat[random.integers(0, drawn.size)] = known.max()
    return drawn.tolist() if isinstance(value, list) else drawn.astype(known.dtype)


def _of_length(value: Any, steps: int) -> Any:
    if isinstance(value, list):
        return [value[place % len(value)] for place in range(steps)]
    return np.take(value, np.arange(steps) % len(value), axis=0)
