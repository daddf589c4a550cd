"""Gradients by differences, entry by entry, and along a direction: the black-box references of a whole loss."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from crosscheck.references.differences import Line, along, scales
from crosscheck.references.extrapolation import Estimate
from crosscheck.references.problem import Problem
from crosscheck.references.scatter import scatter


class BlackBox:
    """A loss as a function of lines through its arguments, in their own precision or a wider one."""

    def __init__(self, problem: Problem, dtype: Any = None, double: Callable[..., Any] | None = None) -> None:
        """`dtype` and `double` replace the arrays' precision and the loss: those of extended precision."""
        self.problem, self.double = problem, double
        self.leaves = [leaf.astype(dtype or leaf.dtype) for leaf in problem.leaves()]
        self.carry = (lambda array: array.astype(dtype) if array.dtype.kind == "f" else array) if dtype else np.copy
        self.epsilon = max((float(np.finfo(leaf.dtype).eps) for leaf in self.leaves), default=0.0)

    def value(self, leaves: Sequence[np.ndarray]) -> Any:
        """Return the loss at other leaves, NaN where it raises an arithmetic error or leaves its domain."""
        with np.errstate(all="ignore"):
            try:
                value = self.problem.value(self.problem.with_leaves(map(np.copy, leaves), self.carry), self.double)
            except (ArithmeticError, ValueError):
                return np.float64(np.nan)
        value = np.asarray(value).reshape(())[()]
        return value if getattr(value, "dtype", None) == np.longdouble else float(value)

    def entry(self, number: int, place: int) -> Line:
        """Return the line that moves one entry of one leaf."""
        leaf = self.leaves[number]
        start = leaf.reshape(-1)[place]

        def at(step: float) -> tuple[Any, Any]:
            moved = leaf.dtype.type(start + leaf.dtype.type(step))
            copy = leaf.copy()
            copy.reshape(-1)[place] = moved
            return moved - start, self.value([*self.leaves[:number], copy, *self.leaves[number + 1 :]])

        return Line(at, *scales(float(abs(start)) or _size(leaf)))

    def direction(self, vectors: Sequence[np.ndarray]) -> Line:
        """Return the line that moves all entries at once."""

        def at(step: float) -> tuple[Any, Any]:
            moved = []
            for leaf, vector in zip(self.leaves, vectors, strict=True):
                moved.append(np.asarray(leaf + leaf.dtype.type(step) * vector.astype(leaf.dtype)))
            return step, self.value(moved)

        return Line(at, *scales(max(map(_size, self.leaves), default=1.0)))

    def scatter(self) -> float:
        """Return the rounding of one value, seen along one random direction that moves every entry."""
        return scatter(self.direction(next(self.directions(0))))

    def directions(self, seed: int) -> Iterator[list[np.ndarray]]:
        """Yield random unit directions, always the same; leaves above 1 move in proportion to their size."""
        generator = np.random.default_rng(seed)
        while True:
            vectors = [
                np.asarray(generator.standard_normal(leaf.shape)) * max(1.0, _size(leaf)) for leaf in self.leaves
            ]
            length = np.sqrt(sum(float(np.sum(np.square(vector))) for vector in vectors)) or 1.0
            yield [np.asarray(vector / length) for vector in vectors]

    def gradient(self, noise: float | None = None) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return derivatives and errors of all entries, leaf by leaf; some 30 evaluations for each entry."""
        noise = self.scatter() if noise is None else noise
        values = [np.zeros(leaf.shape) for leaf in self.leaves]
        errors = [np.zeros(leaf.shape) for leaf in self.leaves]
        for number, (value, error) in enumerate(zip(values, errors, strict=True)):
            for place in range(value.size):
                found = along(self.entry(number, place), noise=noise, epsilon=self.epsilon)
                value.reshape(-1)[place], error.reshape(-1)[place] = found
        return values, errors

    def derivative_along(self, vectors: Sequence[np.ndarray], noise: float) -> Estimate:
        """Return the derivative along a direction."""
        return along(self.direction(vectors), noise=noise, epsilon=self.epsilon)


def _size(leaf: np.ndarray) -> float:
    largest = float(np.max(np.abs(leaf), initial=0))
    return largest if np.isfinite(largest) and largest > 0 else 1.0
