"""Whether a discrepancy is the subject's own rounding: another right formula may lose more digits than the twin's.

A slip stays when the subject computes with more digits; rounding goes. So it is run once more, a float32 subject in
float64, a float64 one in extended precision where the processor has that; and where it names its own dtype, with wider
arrays in their place. Where it narrows them below that, nothing is explained: float32 inside of float64 is a fault.

Some code cannot be given more digits: `math.erf` knows float64 alone. Then every operation rounds anew, at random, and
what that moves is the rounding; a number coarser than the subject's own precision does not take part.
"""

import contextlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from crosscheck.compare import K, is_linear
from crosscheck.precision import FLOAT64, Precision, of_dtype
from crosscheck.references import perturbed_runs
from crosscheck.references.extended import ExtendedPrecision, has_extended_precision
from crosscheck.references.standins import rebuilt
from crosscheck.trees import transform

NEARER = 128.0
"""Rounding falls by 2¹¹ from float64 to extended precision, by 2²⁹ from float32 to float64; a slip does not fall"""

SAMPLES = 16
"""Runs of the subject with every operation rounding at random"""

FEW = 4
"""Runs after which there may be no hope, and runs with larger errors"""
LARGER = 64.0
"""How much larger these are"""
HOPELESS = 1000.0
"""Times that the rounding seen so far would have to grow, when no further runs are made"""
HOPELESS_AT_ONCE = 1e9
"""The same after a single run. An entry that did not move in it may move in the next: half of all errors round to 0"""

Named = Callable[..., Mapping[str, np.ndarray]]


class Explained(NamedTuple):
    """What rounding in the subject itself does to one array."""

    noise: np.ndarray
    """How far it moves each entry"""
    by_digits: bool
    """Whether more digits took the discrepancy away. Else the noise is known only by its size, and where it swamps the
    array nothing can be judged."""


@np.errstate(all="ignore")  # infinities may be among the numbers
def own_rounding(
    subject: Callable[..., Any],
    named: Callable[[Callable[..., Any]], Named],
    arguments: tuple[Any, ...],
    wrong: Sequence[str],
    precision: Precision,
    seen: Any,
) -> dict[str, Explained]:
    """Return, for those of the `wrong` arrays that rounding explains, how far it moves each entry.

    `named(subject)` is a function of the arguments that returns every array by name; `seen` is the judged case, with
    the mappings `outcome`, `reference`, `noise` and `comparisons`.
    """
    explained: dict[str, Explained] = {}
    for finer in _in_finer_precision(subject, named, arguments, precision):
        explained.update(
            {
                name: Explained(_moved(finer[name], seen, name), by_digits=True)
                for name in wrong
                if name not in explained and _comes_nearer(finer[name], seen, name)
            }
        )
        if len(explained) == len(wrong):
            return explained
    remaining = [name for name in wrong if name not in explained and np.isfinite(seen.outcome[name]).all()]
    return explained | _moved_at_random(subject, named, arguments, remaining, precision, seen)


def _moved(finer: np.ndarray, seen: Any, name: str) -> np.ndarray:
    return np.maximum(seen.noise[name], np.abs(finer - seen.outcome[name]).astype(np.float64))


def _moved_at_random(
    subject: Callable[..., Any],
    named: Callable[[Callable[..., Any]], Named],
    arguments: tuple[Any, ...],
    names: Sequence[str],
    precision: Precision,
    seen: Any,
) -> dict[str, Explained]:
    """Return how far the subject moves the arrays that its rounding explains, when it rounds at random.

    Rounding grows with the size of the errors. What leaps, because a comparison came out otherwise, does not, and
    explains nothing.
    """
    moved = _deviations(subject, named, arguments, names, precision, seen, samples=SAMPLES)
    noise = {name: np.maximum(seen.noise[name], largest) for name, largest in moved.items()}
    explained = {name: array for name, array in noise.items() if _is_explained(array, seen, name)}
    larger = _deviations(subject, named, arguments, list(explained), precision, seen, samples=FEW, magnify=LARGER)
    return {
        name: Explained(array, by_digits=False)
        for name, array in explained.items()
        if is_linear(moved[name], larger[name], LARGER)
    }


def _deviations(
    subject: Callable[..., Any],
    named: Callable[[Callable[..., Any]], Named],
    arguments: tuple[Any, ...],
    names: Sequence[str],
    precision: Precision,
    seen: Any,
    *,
    samples: int,
    magnify: float = 1.0,
) -> dict[str, np.ndarray]:
    """Return the largest deviation of each entry over some runs; infinity where such a run is not possible."""
    largest = {name: np.zeros(np.shape(seen.outcome[name])) for name in names}
    how = {"coarsest": float(precision.epsilon), "jitter": False, "magnify": magnify}
    runs = perturbed_runs(subject, arguments, samples, **how) if largest else iter(())
    for number, (run, exact) in enumerate(runs, 1):
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                returned = named(run)(*exact)
        except Exception:  # noqa: BLE001 - the subject's own code, on arrays that it was not written for
            return {name: np.full(np.shape(seen.outcome[name]), np.inf) for name in names}
        for name, array in largest.items():
            np.maximum(array, np.abs(returned[name] - seen.outcome[name]), out=array)
        if _is_hopeless(largest, seen, number):
            break
    return largest


def _is_hopeless(largest: Mapping[str, np.ndarray], seen: Any, runs: int) -> bool:
    """Tell whether no array will be explained by more runs; most are a slip, and one run shows it."""
    if runs == 1:
        grown = {name: np.where(array == 0, 1e300, HOPELESS_AT_ONCE * array) for name, array in largest.items()}
    elif runs >= FEW:
        grown = {name: HOPELESS * array for name, array in largest.items()}
    else:
        return False
    return not any(_is_explained(noise, seen, name) for name, noise in grown.items())


def _is_explained(noise: np.ndarray, seen: Any, name: str) -> bool:
    difference = np.abs(seen.outcome[name] - seen.reference[name])
    return bool(np.isfinite(noise).all() and np.all(difference <= K * (noise + seen.comparisons[name].tolerance)))


def _comes_nearer(finer: np.ndarray, seen: Any, name: str) -> bool:
    """Tell whether what is wrong is so no longer; of other entries the reference may know no more than the subject."""
    reference, allowed = seen.reference[name], K * seen.comparisons[name].tolerance
    before, after = np.abs(seen.outcome[name] - reference), np.abs(finer - reference)
    return bool(np.all((after <= np.maximum(allowed, before / NEARER))[seen.comparisons[name].wrong]))


def _in_finer_precision(
    subject: Callable[..., Any], named: Callable[[Callable[..., Any]], Named], arguments: Any, precision: Precision
) -> Iterator[Mapping[str, np.ndarray]]:
    """Yield what the subject returns in more digits: as it is, if there are plain ones, and with wider allocations."""
    if precision != FLOAT64:
        yield from _returned(named(subject), arguments, np.dtype(np.float64))
    if precision != FLOAT64 or has_extended_precision():

        class Finer(ExtendedPrecision):
            carried: ClassVar[Any] = None  # a dtype that the subject names is granted, and then carried if fine enough

            @classmethod
            def carry(cls, value: Any) -> Any:
                """Leave what is coarser than the subject's own precision as coarse as it is: that is no rounding."""
                own = of_dtype(value.dtype) if isinstance(value, np.ndarray | np.generic) else None
                return value if own is not None and own.epsilon > precision.epsilon else super().carry(value)

            @classmethod
            def holds(cls, value: Any) -> bool:
                return isinstance(value, np.ndarray | np.generic) and value.dtype == np.longdouble

        doubled: Any = rebuilt(subject, Finer)
        yield from _returned(named(doubled), arguments, np.dtype(np.longdouble))


def _returned(double: Named, arguments: Any, wider: np.dtype[Any]) -> Iterator[Mapping[str, np.ndarray]]:
    def widened(leaf: Any) -> Any:
        is_float = isinstance(leaf, np.ndarray) and (leaf.dtype.kind == "f" or leaf.dtype.name == "bfloat16")
        return leaf.astype(wider) if is_float else leaf

    with contextlib.suppress(Exception):  # the subject's own code, in numbers that it was not written for
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            returned = double(*(transform(widened, argument) for argument in arguments))
        yield returned
