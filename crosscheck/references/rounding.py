"""How far rounding alone moves what a NumPy function returns: the function is run with every operation rounding anew.

Jittering the inputs is not enough: a saturated unit rounds inside, whatever went in. So the arrays are carriers, and
each result that any NumPy operation hands back to the subject has a random error of the size of its own rounding.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, NamedTuple

import numpy as np

from crosscheck import trees
from crosscheck.references.carriers import ARRAYS, Carrier, uncarried
from crosscheck.references.perturbation import (
    ARRANGING_FUNCTIONS,
    EXACT_UFUNCS,
    WHOLE_UFUNCS,
    is_whole,
    jittered,
    magnitude_of_function,
    magnitude_of_ufunc,
    perturbed,
)
from crosscheck.references.standins import rebuilt


class Rounding(NamedTuple):
    """How far each returned number moves."""

    noise: Any
    """In the structure of what the function returned: per entry the largest deviation, absolute; infinite where some
    of the runs were not finite, 0 for integers."""
    how: str
    """"every operation", or "the arguments" where the function refused such arrays; the latter sees too little."""
    coarsest: float
    """ε of the coarsest floating dtype that an operation returned, on the way or in the end."""


class RoundingCarrier(Carrier):
    """Keeps the dtype of the numbers and rounds them at random."""

    generator: ClassVar[np.random.Generator]
    coarsest: ClassVar[float] = np.inf
    """ε of the coarsest dtype that rounds at random; what is coarser rounds as it always does"""
    magnify: ClassVar[float] = 1.0
    """Rounding errors that the random ones are as large as"""
    seen: ClassVar[set[float]]
    """ε of the dtypes met"""

    @classmethod
    def holds(cls, value: Any) -> bool:
        """Python floats would round as always, which is no error, but less than could be seen."""
        return isinstance(value, cls)

    def __float__(self) -> float:
        return float(self.view(np.ndarray))

    @classmethod
    def computed(cls, value: Any) -> Any:
        """Round what some other function computed."""
        return cls.carry(cls._moved(value, np.abs(value)) if cls._rounds(value) else value)

    @classmethod
    def kept_in(cls, dtype: np.dtype, value: Any) -> Any:
        """Round what a coarser dtype is to keep, unless it can keep it as it is."""
        if not isinstance(value, ARRAYS) or value.dtype.kind != "f" or dtype.kind != "f":
            return value
        if dtype.itemsize >= value.dtype.itemsize:
            return value
        kept = value.astype(dtype)
        return np.where(kept == value, kept, cls._moved(kept, np.abs(kept))) if cls._rounds(kept) else kept

    @classmethod
    def call_ufunc(cls, ufunc: np.ufunc, method: str, operands: list[Any], options: dict[str, Any]) -> Any:
        """Do what the ufunc does, and round."""
        if method == "at":
            return cls._at(ufunc, operands)
        result = getattr(ufunc, method)(*operands, **options)
        if ufunc.__name__ in EXACT_UFUNCS or not cls._rounds(result) or _is_exact(ufunc, operands, result):
            return result
        return cls._moved(result, magnitude_of_ufunc(ufunc, method, operands, options))

    @classmethod
    def _at(cls, ufunc: np.ufunc, operands: list[Any]) -> None:
        target, indices, *values = operands
        terms, before = np.abs(target), target.copy()
        ufunc.at(target, indices, *values)
        if ufunc in (np.add, np.subtract) and cls._rounds(target):
            np.add.at(terms, indices, np.abs(values[0]))
            target[...] = np.where(target == before, target, cls._moved(target, terms))

    @classmethod
    def call_function(cls, function: Callable[..., Any], operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Do what the function does, and round what it did not merely arrange."""
        result = function(*operands, **options)
        if getattr(function, "__name__", "") in ARRANGING_FUNCTIONS or not cls._rounds(result):
            return result
        return cls._moved(result, magnitude_of_function(function, operands, options))

    @classmethod
    def _moved(cls, result: Any, magnitude: Any) -> Any:
        return perturbed(result, magnitude, cls.generator, cls.magnify)

    @classmethod
    def _rounds(cls, result: Any) -> bool:
        if not isinstance(result, ARRAYS) or result.dtype.kind != "f":
            return False
        epsilon = _epsilon(result.dtype)
        cls.seen.add(epsilon)
        return epsilon <= cls.coarsest


def _is_exact(ufunc: np.ufunc, operands: list[Any], result: Any) -> bool:
    """Tell whether whole numbers were computed of whole numbers: labels that are compared with one are one."""
    return ufunc in WHOLE_UFUNCS and is_whole(result) and all(map(is_whole, operands))


@functools.cache
def _epsilon(dtype: Any) -> float:
    return float(np.finfo(dtype).eps)


def rounding_of(
    function: Callable[..., Any], arguments: tuple[Any, ...], samples: int = 8, magnify: float = 1.0
) -> Rounding:
    """Measure how far rounding alone moves each number that `function(*arguments)` returns.

    `function` returns arrays in any container. It is called on fresh copies, `samples` + 1 times; the random errors are
    the same at every call of `rounding_of`, and as large as `magnify` rounding errors. Raises what the function raises
    on its own arguments.
    """
    seen: set[float] = set()
    asked = {"samples": samples, "magnify": magnify, "seen": seen}
    with np.errstate(all="ignore"):
        first = trees.transform(_kept, function(*_fresh(arguments)))
        exact = trees.leaves(first)
        try:
            noise, how = _deviations(function, arguments, exact, inside=True, **asked), "every operation"
        except Exception:  # noqa: BLE001 - the subject may raise anything on arrays it was not written for
            noise, how = _deviations(function, arguments, exact, inside=False, **asked), "the arguments"
    return Rounding(trees.rebuild(first, noise), how, max(seen, default=0.0))


def _deviations(
    function: Callable[..., Any], arguments: tuple[Any, ...], exact: list[np.ndarray], **asked: Any
) -> list[np.ndarray]:
    largest = [np.zeros(leaf.shape) for leaf in exact]
    for run, moved_arguments in perturbed_runs(function, arguments, **asked):
        outputs = _leaves(run(*moved_arguments))
        for deviation, output, reference in zip(largest, outputs, exact, strict=True):
            moved = np.abs(np.asarray(output, np.float64) - np.asarray(reference, np.float64))
            both = np.isnan(output) & np.isnan(reference) | (output == reference)
            np.maximum(deviation, np.where(both, 0, np.where(np.isfinite(moved), moved, np.inf)), out=deviation)
    return largest


def perturbed_runs(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    samples: int,
    *,
    inside: bool = True,
    coarsest: float = np.inf,
    seen: set[float] | None = None,
    jitter: bool = True,
    magnify: float = 1.0,
) -> Iterator[tuple[Callable[..., Any], tuple[Any, ...]]]:
    """Yield doubles of a function that round at random, with arguments moved by their rounding if they `jitter`.

    With `inside` false the function itself comes, and the arguments alone are moved. Numbers of a dtype whose ε is
    above `coarsest` are left to round as they always do. The ε of all that is met are added to `seen`. What rounds
    moves by `magnify` rounding errors.
    """
    known = set() if seen is None else seen
    for seed in range(samples):
        generator = np.random.default_rng(seed)
        carrier = type(
            "SeededRounding",
            (RoundingCarrier,),
            {"generator": generator, "coarsest": coarsest, "seen": known, "magnify": magnify},
        )
        run = rebuilt(function, carrier) if inside else function
        yield run, _fresh(arguments, generator if jitter else None, carrier.carry if inside else None, magnify)


def _kept(leaf: Any) -> np.ndarray:
    """Return a copy of what a function returned: it may write into its own arrays when it is called again."""
    return np.array(uncarried(leaf))


def _leaves(tree: Any) -> list[np.ndarray]:
    return [np.asarray(uncarried(leaf)) for _, leaf in trees.flatten(tree)]


def _fresh(
    arguments: tuple[Any, ...],
    generator: np.random.Generator | None = None,
    carry: Callable[[Any], Any] | None = None,
    magnify: float = 1.0,
) -> tuple[Any, ...]:
    def fresh(leaf: Any) -> Any:
        if not isinstance(leaf, np.ndarray):
            return leaf
        moved = jittered(leaf, generator, magnify) if generator and leaf.dtype.kind == "f" else leaf
        return carry(np.array(moved)) if carry else np.array(moved)

    return tuple(trees.transform(fresh, argument) for argument in arguments)
