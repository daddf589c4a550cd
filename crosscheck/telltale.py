"""What the numbers of a wrong gradient give away by themselves: hypotheses that are held against several cases."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Told = tuple[str, str]
"""Code, and the rest of a sentence that begins with the gradient"""
BLOCKS = (4, 3, 2)


@dataclass(frozen=True)
class Sample:
    """One case."""

    key: Any
    arguments: tuple[Any, ...]
    given: dict[str, np.ndarray]
    exact: dict[str, np.ndarray]
    allowed: dict[str, float]
    """How far an entry may be off, per array"""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Sizes that have names of their own; elsewhere the lengths of the arguments serve"""

    def is_right(self, name: str) -> bool:
        """Tell whether the gradient of a parameter is the derivative."""
        return self.equals(name, self.exact[name])

    def equals(self, name: str, expected: np.ndarray) -> bool:
        """Tell whether the gradient of a parameter is what a hypothesis expects."""
        given = self.given[name]
        if given.shape != expected.shape:
            return False
        room = self.allowed[name] * max(1.0, _ratio(np.max(np.abs(expected), initial=0), self.exact[name]))
        with np.errstate(all="ignore"):
            return bool(np.all(np.abs(given - expected) <= room))


def told(samples: Sequence[Sample], name: str) -> Told | None:
    """Return what is true of a wrong gradient in every one of these cases; None if nothing simple is."""
    for test in (_not_finite, _zero, _proportional, _transposed, _other, _blocks, _clipped):
        found = test(samples, name)
        if found:
            return found
    return None


def _every(samples: Sequence[Sample], name: str, expected: Callable[[Sample], np.ndarray]) -> bool:
    return all(sample.equals(name, expected(sample)) for sample in samples)


def _not_finite(samples: Sequence[Sample], name: str) -> Told | None:
    if not any(np.isfinite(s.exact[name]).all() and not np.isfinite(s.given[name]).all() for s in samples):
        return None
    return "not-finite", "is NaN or infinite where the derivative is finite"


def _zero(samples: Sequence[Sample], name: str) -> Told | None:
    if not all(not sample.given[name].any() and sample.exact[name].any() for sample in samples):
        return None
    return "zero-gradient", "is zero in every case; the derivative is not"


def _proportional(samples: Sequence[Sample], name: str) -> Told | None:
    ratios = []
    for sample in samples:
        given, exact = sample.given[name], sample.exact[name]
        square = float(np.sum(exact * exact))
        if exact.size < 2 or given.shape != exact.shape or not square:
            return None
        ratio = float(np.sum(given * exact)) / square
        if not sample.equals(name, ratio * exact):
            return None
        ratios.append(ratio)
    if max(ratios) - min(ratios) <= 1e-7 * max(map(abs, ratios)):
        if abs(ratios[0] + 1) < 1e-7:
            return "wrong-sign", "is the negative of the derivative in every case"
        return "constant-factor", f"is {ratios[0]:.9g} times the derivative in every case"
    size = _size_that_explains(samples, ratios)
    if size is None:
        return None
    return "constant-factor", f"is {size} times the derivative in every case"


def _size_that_explains(samples: Sequence[Sample], ratios: Sequence[float]) -> str | None:
    """Return the length that the ratios follow, or whose inverse they are."""
    for what, lengths in _lengths(samples):
        for text, values in ((what, lengths), (f"1/({what})", [1 / n for n in lengths])):
            if all(abs(r - v) <= 1e-7 * abs(v) for r, v in zip(ratios, values, strict=True)):
                return text
    return None


def _lengths(samples: Sequence[Sample]) -> Iterator[tuple[str, list[int]]]:
    def named(sample: Sample) -> dict[str, int]:
        found = dict(sample.sizes)
        for argument in sample.arguments:
            for name, value in argument.items() if isinstance(argument, dict) else ():
                shape = (len(value),) if isinstance(value, list) else np.shape(value)  # of a list its arrays may differ
                for axis, length in enumerate(shape):
                    found.setdefault(f"the length of {name}" if not axis else f"axis {axis} of {name}", length)
        return found

    every = [named(sample) for sample in samples]
    for what in every[0]:
        if all(what in one for one in every):
            yield what, [one[what] for one in every]


def _transposed(samples: Sequence[Sample], name: str) -> Told | None:
    if any(sample.exact[name].ndim != 2 for sample in samples) or not _every(samples, name, lambda s: s.exact[name].T):
        return None
    return "equals-transpose", "equals the transpose of the derivative in every case"


def _other(samples: Sequence[Sample], name: str) -> Told | None:
    for other in samples[0].exact:
        if other != name and all(s.equals(name, s.exact[other]) for s in samples):
            return "equals-other-gradient", f"is that of {other} in every case"
    return None


def _blocks(samples: Sequence[Sample], name: str) -> Told | None:
    for axis, count in itertools.product((0, 1), BLOCKS):
        if any(s.exact[name].ndim <= axis or s.exact[name].shape[axis] % count for s in samples):
            continue
        for order in itertools.permutations(range(count)):
            if order == tuple(range(count)):
                continue

            def permuted(
                sample: Sample, order: Sequence[int] = order, axis: int = axis, count: int = count
            ) -> np.ndarray:
                parts = np.split(sample.exact[name], count, axis)
                return np.concatenate([parts[place] for place in order], axis)

            if samples[0].exact[name].shape[axis] > count and _every(samples, name, permuted):
                message = (
                    f"equals the derivative with its {count} blocks along axis {axis} in the "
                    f"order {', '.join(str(place + 1) for place in order)}"
                )
                return "blocks-permuted", message
    return None


def _clipped(samples: Sequence[Sample], name: str) -> Told | None:
    bounds = [float(np.max(np.abs(s.given[name]), initial=0)) for s in samples if not s.is_right(name)]
    if not bounds or max(bounds) - min(bounds) > 1e-12 * max(bounds) or len(bounds) < 2:
        return None
    if not _every(samples, name, lambda s: np.clip(s.exact[name], -bounds[0], bounds[0])):
        return None
    return "gradient-clipped", f"is the derivative, cut off at ±{bounds[0]:.6g}"


def _ratio(size: float, exact: np.ndarray) -> float:
    largest = float(np.max(np.abs(exact), initial=0))
    return float(size) / largest if largest else 1.0
