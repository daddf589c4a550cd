"""The derivatives of someone's loss: by complex steps, along directions, and by differences."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from crosscheck.contract import Outcome
from crosscheck.recognise.carried import Complex, LongComplex, PlainComplex
from crosscheck.recognise.directions import OFF, by_directions
from crosscheck.references.extended import has_extended_precision

STEP = 1e-40
REACH = 2.0**-9
"""Step of the differences, relative to the size of the numbers: its sixth power is below ε"""
TELLING = 0.1
"""Share of a slope up to which its error still tells something"""
STENCIL = ((1, 45.0 / 60), (2, -9.0 / 60), (3, 1.0 / 60))
NEARER = 1 / 8
REACHES = (3.0, 1.0, NEARER)
AT_NONE = np.linalg.inv([[share, share**3, 1.0] for share in REACHES])[-1]
"""Weights under which what grows with a reach and its third power goes, and a constant stays"""
LOWER = ((1, 8.0 / 12), (2, -1.0 / 12))


def _kink(value: Callable[[float], float], step: float) -> float:
    """Return by how much slopes to both sides differ at the very point, however near: nothing where it is smooth.

    There the slope between both sides is half of each, however far one reaches. A smooth function has such a difference
    as well, of odd powers of the reach: from three of these follows what is left at none.
    """
    at = value(0.0)
    bends = [(value(share) - 2 * at + value(-share)) / (step * share) for share in REACHES]
    return abs(float(np.dot(AT_NONE, bends)))


def _entries(parameters: Mapping[str, np.ndarray]) -> Iterator[tuple[str, int]]:
    for name, array in parameters.items():
        for place in range(array.size):
            yield name, place


def _real(array: np.ndarray) -> np.ndarray:
    return np.real(array).copy() if array.dtype.kind == "c" else array.copy()


def copies(arguments: Any, carry: Callable[[Any], Any] = np.copy) -> Any:
    """Return arguments with all arrays in them copied, or carried into another arithmetic."""
    if isinstance(arguments, np.ndarray):
        return carry(arguments)
    if isinstance(arguments, Mapping):
        return {name: copies(item, carry) for name, item in arguments.items()}
    if isinstance(arguments, tuple | list):
        return type(arguments)(copies(item, carry) for item in arguments)
    return arguments


def _are_equal(whole: Any, alone: Any) -> bool:
    """Tell whether two losses are the same number; what is left of a call without its end may leave none at all."""
    numbers = [np.asarray(loss).dtype.kind in "fciu" for loss in (whole, alone)]
    return all(numbers) and np.array_equal(whole, alone, equal_nan=True)


class Slopes:
    """The derivatives of the loss of one subject, by each of its parameters, found in three ways.

    Each way returns gradients by name with their errors; it raises where the code does not bear it, or in doubt.
    """

    def __init__(self, subject: Any, loss_alone: Any = None) -> None:
        """`loss_alone` gives the loss of the same call, sooner: it is believed where it is that of the whole call."""
        self.subject = subject
        self.plain = subject
        """The subject in the arithmetic of its parameters"""
        self._arithmetic = subject.in_arithmetic(PlainComplex)
        self._short = loss_alone
        self._alone = loss_alone and loss_alone.in_arithmetic(PlainComplex)

    def loss(self, parameters: Mapping[str, Any], data: Sequence[Any], subject: Any = None) -> Any:
        """Return the loss of a subject, or of the plain one, as a number."""
        outcome: Outcome = (subject or self.plain)(parameters, *copies(tuple(data)))
        return np.asarray(outcome.loss).reshape(())[()]

    def by_complex_step(
        self,
        parameters: Mapping[str, np.ndarray],
        data: Sequence[Any],
        noise: float,
        kind: type[PlainComplex] = PlainComplex,
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Take one complex step for each entry. Raises ValueError where the loss is another one in complex numbers."""
        arithmetic = self._arithmetic if kind is PlainComplex else self.subject.in_arithmetic(kind)
        start = {name: kind.carry(array) for name, array in parameters.items()}
        carried = copies(tuple(data), kind.carry)
        plain = float(self.loss(parameters, data))
        gradients = {name: np.zeros(array.shape) for name, array in parameters.items()}

        def moved(name: str, place: int) -> dict[str, Any]:
            there = start[name].copy()
            there.reshape(-1)[place] += 1j * STEP
            return {**start, name: there}

        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            if arithmetic is self._arithmetic and self._is_the_same_alone(moved, parameters, carried):
                arithmetic = self._alone
            for name, place in _entries(parameters):
                loss = self.loss(moved(name, place), carried, arithmetic)
                if not isinstance(loss, complex | np.complexfloating) or abs(
                    loss.real - plain
                ) > 64 * noise + 1e-12 * abs(plain):
                    raise ValueError("the complex loss is another one")
                gradients[name].reshape(-1)[place] = float(loss.imag / STEP)
        epsilon = np.finfo(np.float64).eps
        return gradients, {name: 8 * epsilon * np.abs(gradient) for name, gradient in gradients.items()}

    def _is_the_same_alone(
        self, moved: Callable[[str, int], Any], parameters: Mapping[str, np.ndarray], carried: Sequence[Any]
    ) -> bool:
        """Tell whether the loss alone is that of the whole call, bit for bit, with one entry of each array moved.

        Where the whole call cannot be made with complex numbers, because it prints them, say, real ones must do.
        """
        if self._alone is None:
            return False
        for name, array in parameters.items():
            if not array.size:
                continue
            place = array.size // 2
            try:
                whole = self.loss(moved(name, place), carried, self._arithmetic)
            except Exception:  # noqa: BLE001 - someone's code, on numbers that it was not written for
                return self._is_the_same_in_real_numbers(parameters, carried)
            try:
                alone = self.loss(moved(name, place), carried, self._alone)
            except Exception:  # noqa: BLE001 - someone's code, without its end
                return False
            if not _are_equal(whole, alone):
                return False
        return True

    def _is_the_same_in_real_numbers(self, parameters: Mapping[str, np.ndarray], carried: Sequence[Any]) -> bool:
        """Tell whether the loss alone is that of the whole call with each array moved by a little."""
        assert self._short is not None
        data = copies(tuple(carried), _real)
        for name, array in parameters.items():
            there = {**parameters, name: array + REACH * np.cos(np.arange(array.size)).reshape(array.shape)}
            try:
                alone = self.loss(there, data, self._short)
            except Exception:  # noqa: BLE001 - someone's code, without its end
                return False
            if not _are_equal(self.loss(there, data), alone):
                return False
        return True

    def _quickest(self, parameters: Mapping[str, np.ndarray], data: Sequence[Any]) -> Any:
        """Return the loss alone where it is that of the whole call, bit for bit, and the whole call otherwise."""
        if self._short is None or self.plain is not self.subject:
            return self.plain
        try:
            alone = self.loss(parameters, data, self._short)
        except Exception:  # noqa: BLE001 - someone's code, without its end
            return self.plain
        return self._short if _are_equal(self.loss(parameters, data), alone) else self.plain

    def by_directions(
        self, parameters: Mapping[str, np.ndarray], data: Sequence[Any], noise: float
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Hold the subject's own gradients against derivatives along directions. Raises ValueError in doubt."""
        outcome = self.subject({n: a.copy() for n, a in parameters.items()}, *copies(tuple(data)))
        claimed = {name: np.asarray(outcome.gradients[name], np.float64) for name in parameters}
        carried = copies(tuple(data), PlainComplex.carry)
        start = {name: np.asarray(array, np.complex128).view(Complex) for name, array in parameters.items()}
        plain = float(self.loss(parameters, data))

        def complex_slope(name: str, vector: np.ndarray) -> tuple[float, float]:
            loss = self.loss({**start, name: start[name] + 1j * STEP * vector}, carried, self._arithmetic)
            if abs(complex(loss).real - plain) > 64 * noise + 1e-12 * abs(plain):
                raise ValueError("the complex loss is another one")
            found, terms = complex(loss).imag / STEP, claimed[name] * vector
            if abs(found - float(np.sum(terms))) <= OFF * float(np.sum(np.abs(terms))) or not has_extended_precision():
                return found, 0.0
            finer = long_slope(name, vector)  # of `1 - p` there may be few digits left
            return finer, 4 * abs(found - finer)

        def long_slope(name: str, vector: np.ndarray) -> float:
            wide = {other: LongComplex.carry(array) for other, array in parameters.items()}
            wide[name] = wide[name] + 1j * STEP * vector
            arithmetic = self.subject.in_arithmetic(LongComplex)
            return float(self.loss(wide, copies(tuple(data), LongComplex.carry), arithmetic).imag / STEP)

        def real_slope(name: str, vector: np.ndarray) -> tuple[float, float]:
            def slope(step: float, weights: Any) -> float:
                def value(turns: int) -> float:
                    return float(self.loss({**parameters, name: parameters[name] + turns * step * vector}, data))

                return sum(w * (value(n) - value(-n)) for n, w in weights) / step

            step = REACH / max(1.0, float(np.sqrt(np.count_nonzero(vector))))
            best = slope(step, STENCIL)
            return best, abs(best - slope(step * NEARER, STENCIL)) + 4 * noise / (step * NEARER)

        try:
            tested = by_directions(complex_slope, claimed)
        except Exception:  # noqa: BLE001 - someone's code, on numbers that it was not written for
            tested = by_directions(real_slope, claimed)
        for name, place in tested.wrong:  # by differences along this one entry as well
            vector = np.zeros(parameters[name].shape)
            vector.reshape(-1)[place] = 1.0
            seen, doubt = real_slope(name, vector)
            found = float(tested.gradients[name].reshape(-1)[place])
            if not abs(seen - found) <= doubt + 1e-6 * (abs(seen) + abs(found)):
                raise ValueError("differences say otherwise")
        if not tested.wrong and not self.is_confirmed(parameters, data, tested.gradients, tested.errors, noise):
            raise ValueError("differences say otherwise")
        return tested.gradients, tested.errors

    def by_differences(
        self, parameters: Mapping[str, np.ndarray], data: Sequence[Any], noise: float
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Take differences of sixth order for each entry; what a kink within reach may hide is part of their errors."""
        gradients = {name: np.zeros(array.shape) for name, array in parameters.items()}
        errors = {name: np.zeros(array.shape) for name, array in parameters.items()}
        for name, place in _entries(parameters):
            array = parameters[name]
            step = REACH * max(min(1.0, float(np.max(np.abs(array)))), abs(float(array.reshape(-1)[place])), 1e-3)

            @cache  # the stencils have points in common
            def value(turns: float, name: str = name, place: int = place, step: float = step) -> float:
                moved = parameters[name].copy()
                moved.reshape(-1)[place] += turns * step
                return float(self.loss({**parameters, name: moved}, data))

            def slope(share: float, weights: Any, step: float = step, value: Any = value) -> float:
                return sum(w * (value(n * share) - value(-n * share)) for n, w in weights) / (step * share)

            best = slope(1.0, STENCIL)
            # Of a kink within reach the slope depends on how far one reaches.
            closer = slope(NEARER, STENCIL)
            gradients[name].reshape(-1)[place] = best
            errors[name].reshape(-1)[place] = (
                abs(best - slope(1.0, LOWER)) + abs(best - closer) + _kink(value, step) + 4 * noise / (step * NEARER)
            )
        return gradients, errors

    def is_confirmed(
        self,
        parameters: Mapping[str, np.ndarray],
        data: Sequence[Any],
        gradients: Mapping[str, np.ndarray],
        errors: Mapping[str, np.ndarray],
        noise: float,
    ) -> bool:
        """Tell whether gradients predict how the loss moves along random directions."""
        if not all(np.isfinite(gradient).all() for gradient in gradients.values()):
            return False
        random = np.random.default_rng(7)
        plain = abs(float(self.loss(parameters, data)))
        for _ in range(2):
            vectors = {name: random.standard_normal(array.shape) for name, array in parameters.items()}
            length = np.sqrt(sum(float(np.sum(v * v)) for v in vectors.values()))
            terms = [float(np.sum(gradients[name] * vector)) for name, vector in vectors.items()]
            own = sum(float(np.sum(errors[name] * np.abs(vector))) for name, vector in vectors.items())
            slopes = []
            reach = max(1e-6, (noise / max(plain, 1e-300)) ** (1 / 3)) / length

            def moved(turns: float, vectors: Mapping[str, np.ndarray] = vectors) -> dict[str, np.ndarray]:
                return {name: (array + turns * vectors[name]).astype(array.dtype) for name, array in parameters.items()}

            subject = self._quickest(moved(2 * reach), data)
            for step in (2 * reach, reach):
                ends = [float(self.loss(moved(turns), data, subject)) for turns in (step, -step)]
                slopes.append((ends[0] - ends[1]) / (2 * step))
            seen = (4 * slopes[1] - slopes[0]) / 3
            doubt = abs(slopes[1] - slopes[0]) + 4 * noise / reach
            size = np.sqrt(sum(float(np.sum(g * g)) for g in gradients.values()))
            if size == own == 0.0 and slopes == [0.0, 0.0]:  # of data that are zero, say, the loss depends on nothing
                continue
            if doubt > TELLING * max(abs(seen), abs(sum(terms)), size):  # nothing is told by this direction
                return False
            if not abs(seen - sum(terms)) <= doubt + own + 1e-7 * size * length:
                return False
        return True
