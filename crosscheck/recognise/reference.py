"""The gradient of someone's own forward, quickly: for files that are judged in hundreds of cases and edits.

A plain complex step where the code bears it, differences of sixth order where not; both are held against differences
along random directions before they are believed. What looks wrong by them is measured again by crosscheck/own_forward,
which is slower and knows its own error to the last digit.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from crosscheck.contract import Outcome
from crosscheck.errors import CrosscheckError
from crosscheck.own_forward import OwnForward
from crosscheck.precision import Precision
from crosscheck.recognise import continued
from crosscheck.recognise.directions import by_directions
from crosscheck.recognise.places import STEP_OF
from crosscheck.reference import Reference
from crosscheck.references import composites, rounding_of

COMPLEX, DIFFERENCES = "complex step", "differences of sixth order"
CLOSER_LOOKS = 2
"""How often the slower oracle is asked for the same unit: each time takes seconds"""
CLOSER = 16
"""Samples of a closer look: each runs the whole file's function in software"""
STEP = 1e-40
MOST = 1500
"""Entries up to which each of them gets a derivative of its own"""
REACH = 2.0**-9
"""Step of the differences, relative to the size of the numbers: its sixth power is below ε"""
TELLING = 0.1
"""Share of a slope up to which its error still tells something"""
_ARRAYS = (np.ndarray, np.generic)
STENCIL = ((1, 45.0 / 60), (2, -9.0 / 60), (3, 1.0 / 60))
NEARER = 1 / 8
LOWER = ((1, 8.0 / 12), (2, -1.0 / 12))


class Complex(np.ndarray):  # pyright: ignore
    """A complex array whose variance is that of a real one, continued analytically: NumPy's takes absolute values."""

    def var(self, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, **options: Any) -> Any:  # pyright: ignore
        """Return the mean squared distance from the mean."""
        return composites.var(self, axis, dtype, out, ddof, options.get("keepdims", False))

    def std(self, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, **options: Any) -> Any:  # pyright: ignore
        """Return the root of the variance."""
        return np.sqrt(self.var(axis, dtype, out, ddof, **options))

    def __abs__(self) -> Any:
        return continued.absolute(self)


class PlainComplex:
    """The arithmetic of plain complex arrays, as the stand-ins for NumPy want it."""

    carried: ClassVar[np.dtype] = np.dtype(np.complex128)
    functions: ClassVar[Mapping[str, Callable[..., Any]]] = continued.FUNCTIONS

    @classmethod
    def carry(cls, value: Any) -> Any:
        """Return floating numbers as complex ones, everything else as it is."""
        if not isinstance(value, _ARRAYS) or value.dtype.kind != "f":
            return value
        return np.asarray(value, np.complex128).view(Complex)

    @classmethod
    def holds(cls, value: Any) -> bool:
        """Tell whether a value must not become a Python float."""
        return isinstance(value, complex | np.complexfloating) or (
            isinstance(value, np.ndarray) and value.dtype.kind == "c"
        )


class LongComplex(PlainComplex):
    """The same with more digits: what they change is the rounding of the plain complex step."""

    carried: ClassVar[np.dtype] = np.dtype(np.clongdouble)

    @classmethod
    def carry(cls, value: Any) -> Any:
        """Return floating numbers as complex ones, everything else as it is."""
        if not isinstance(value, np.ndarray | np.generic) or value.dtype.kind != "f":
            return value
        return np.asarray(value, np.clongdouble).view(Complex)


class PlainDouble:
    """The arithmetic of plain float64 arrays: the differences of a float32 forward would drown in its rounding."""

    carried: ClassVar[np.dtype] = np.dtype(np.float64)

    @classmethod
    def carry(cls, value: Any) -> Any:
        """Return floating numbers in float64, everything else as it is."""
        if not isinstance(value, _ARRAYS) or value.dtype.kind != "f":
            return value
        return value.astype(np.float64)

    @classmethod
    def holds(cls, value: Any) -> bool:
        """Tell whether a value must not become a Python float: none need be kept from it."""
        del value
        return False


class Found(NamedTuple):
    """Gradients by name with their errors, and how they were found."""

    gradients: dict[str, np.ndarray]
    errors: dict[str, np.ndarray]
    means: str


class ForwardOracle:
    """An oracle for a recognised call (crosscheck.reference.ReferenceSource); it remembers what it has found."""

    def __init__(self, subject: Any, loss_alone: Any = None) -> None:
        """`loss_alone` gives the loss of the same call, sooner: it is believed where it is that of the whole call."""
        self.subject = subject
        self.slow = OwnForward(subject, {})
        self._plain = subject
        self.means: set[str] = set()
        self.coarsest = 0.0
        """ε of the coarsest numbers met, inputs included"""
        self.closer_looks = 0
        self.known: dict[int, Found] = {}
        """By the key of the case: units that have one forward in common may share it"""
        self._longer: set[int] = set()
        """Cases whose complex step was made with more digits as well"""
        self._arithmetic = subject.in_arithmetic(PlainComplex)
        self._short = loss_alone
        self._alone = loss_alone and loss_alone.in_arithmetic(PlainComplex)

    def references(
        self,
        cases: Sequence[tuple[Any, ...]],
        states: Sequence[tuple[Any, ...]],  # noqa: ARG002 - the protocol's
        keys: Sequence[int],
        precision: Precision,
        *,
        samples: int = 8,
        magnify: float = 1.0,
    ) -> list[Reference]:
        """Return gradients and noise; asked for more samples, those of the slower oracle."""
        found = self._references(cases, keys, precision, samples, magnify)
        return [_with_lost_digits(one, self.subject, *case) for one, case in zip(found, cases, strict=True)]

    def _references(
        self, cases: Sequence[tuple[Any, ...]], keys: Sequence[int], precision: Precision, samples: int, magnify: float
    ) -> list[Reference]:
        if magnify != 1.0:  # as for any reference that states its own error: it grows with ε
            return [_magnified(self._reference(*pair), magnify) for pair in zip(cases, keys, strict=True)]
        if samples > 8 and all(self._by_longer_numbers(*pair) for pair in zip(cases, keys, strict=True)):
            return [self._reference(*pair, samples=CLOSER) for pair in zip(cases, keys, strict=True)]
        if samples > 8 and self.closer_looks < CLOSER_LOOKS and _size_of(cases[0]) <= MOST:
            self.closer_looks += 1
            return self.slow.references(cases, (), keys, precision, samples=CLOSER, magnify=magnify)
        if samples > 8:
            return [self._reference(*pair, samples=CLOSER) for pair in zip(cases, keys, strict=True)]
        return [self._reference(*pair) for pair in zip(cases, keys, strict=True)]

    def in_precision(self, case: tuple[Any, ...], dtype: np.dtype) -> Mapping[str, Any]:
        """Return the subject's own values."""
        return self.slow.in_precision(case, dtype)

    def _reference(self, arguments: tuple[Any, ...], key: int, samples: int = 2) -> Reference:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            outcome = self.subject(*_copies(arguments))
            rounding, _, coarsest = rounding_of(self._everything, arguments, samples)
            found = self.known.get(key)
            if found is None:
                least = 4 * float(np.finfo(np.float64).eps) * abs(float(np.asarray(outcome.loss).reshape(())))
                found = self.known[key] = self._found(arguments, max(least, float(np.max(rounding["loss"]))))
        self.coarsest = max(self.coarsest, coarsest)
        self.means.add(found.means)
        noise = {name: 2 * rounding["gradients"][name] + found.errors[name] for name in found.gradients}
        exact = {"loss": np.asarray(outcome.loss), "gradients": found.gradients, "inputs": {}, "auxiliary": {}}
        return Reference(exact, {"loss": rounding["loss"], "gradients": noise, "inputs": {}, "auxiliary": {}})

    def _by_longer_numbers(self, arguments: tuple[Any, ...], key: int) -> bool:
        """Add to the error of a complex step what its rounding was; tell whether that could be found out."""
        found, (parameters, *data) = self.known.get(key), arguments
        if found is None or found.means != COMPLEX or LongComplex.carried.itemsize <= PlainComplex.carried.itemsize:
            return False
        if key not in self._longer:
            try:
                with np.errstate(all="ignore"):
                    finer, _ = self._by_complex_step(parameters, data, np.inf, LongComplex)
            except Exception:  # noqa: BLE001 - someone's code, on numbers that it was not written for
                return False
            off = {n: np.abs(g - found.gradients[n]) for n, g in finer.items()}
            if not all(np.isfinite(array).all() for array in off.values()):
                return False
            self._longer.add(key)
            errors = {name: found.errors[name] + 4 * array for name, array in off.items()}
            self.known[key] = found._replace(errors=errors)
        return True

    @property
    def _everything(self) -> Callable[..., Any]:
        subject = self.subject

        def everything(*values: Any) -> dict[str, Any]:
            outcome = subject(*values)
            return {"loss": outcome.loss, "gradients": outcome.gradients}

        return everything

    def _found(self, arguments: tuple[Any, ...], noise: float) -> Found:
        parameters, *data = arguments
        self._plain = self.subject
        if any(array.dtype != np.float64 for array in parameters.values()):
            finer, wide = self.subject.in_arithmetic(PlainDouble), _copies(arguments, PlainDouble.carry)
            try:
                loss = abs(float(np.asarray(finer(*_copies(wide)).loss).reshape(())))
            except Exception:  # noqa: BLE001 - someone's code, on numbers that it was not written for
                loss = np.nan
            if np.isfinite(loss):
                (parameters, *data), self._plain = wide, finer
                noise = 16 * float(np.finfo(np.float64).eps) * loss
        sampled = sum(array.size for array in parameters.values()) > MOST
        searches = ((self._by_complex_step, COMPLEX), (self._by_differences, DIFFERENCES))
        if sampled:
            searches = ((self._by_directions, "derivatives along random directions"),)
        for search, means in searches:
            try:
                gradients, errors = search(parameters, data, noise)
            except Exception:  # noqa: BLE001, S112 - someone's code, on numbers that it was not written for
                continue
            if sampled or self._is_confirmed(parameters, data, gradients, errors, noise):
                return Found(gradients, errors, means)
        if sampled:
            raise CrosscheckError(
                f"The parameters have {sum(a.size for a in parameters.values()):,} entries, and no quick derivative of "
                "this code was found: make its sizes smaller, named as sizes at the top of the file.",
                code="too-large",
            )
        reference = self.slow._reference(arguments, 8, 1.0)
        return Found(reference.exact["gradients"], reference.noise["gradients"], ", ".join(sorted(self.slow.means)))

    def _loss(self, parameters: Mapping[str, Any], data: Sequence[Any], subject: Any = None) -> Any:
        outcome: Outcome = (subject or self._plain)(parameters, *_copies(tuple(data)))
        return np.asarray(outcome.loss).reshape(())[()]

    def _by_complex_step(
        self,
        parameters: Mapping[str, np.ndarray],
        data: Sequence[Any],
        noise: float,
        kind: type[PlainComplex] = PlainComplex,
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        arithmetic = self._arithmetic if kind is PlainComplex else self.subject.in_arithmetic(kind)
        start = {name: kind.carry(array) for name, array in parameters.items()}
        carried = _copies(tuple(data), kind.carry)
        plain = float(self._loss(parameters, data))
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
                loss = self._loss(moved(name, place), carried, arithmetic)
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
                whole = self._loss(moved(name, place), carried, self._arithmetic)
            except Exception:  # noqa: BLE001 - someone's code, on numbers that it was not written for
                return self._is_the_same_in_real_numbers(parameters, carried)
            try:
                alone = self._loss(moved(name, place), carried, self._alone)
            except Exception:  # noqa: BLE001 - someone's code, without its end
                return False
            if not np.array_equal(whole, alone, equal_nan=True):
                return False
        return True

    def _is_the_same_in_real_numbers(self, parameters: Mapping[str, np.ndarray], carried: Sequence[Any]) -> bool:
        """Tell whether the loss alone is that of the whole call with each array moved by a little."""
        assert self._short is not None
        data = _copies(tuple(carried), _real)
        for name, array in parameters.items():
            there = {**parameters, name: array + REACH * np.cos(np.arange(array.size)).reshape(array.shape)}
            try:
                alone = self._loss(there, data, self._short)
            except Exception:  # noqa: BLE001 - someone's code, without its end
                return False
            if not np.array_equal(self._loss(there, data), alone, equal_nan=True):
                return False
        return True

    def _by_directions(
        self, parameters: Mapping[str, np.ndarray], data: Sequence[Any], noise: float
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Hold the subject's own gradients against derivatives along directions. Raises ValueError in doubt."""
        outcome = self.subject({n: a.copy() for n, a in parameters.items()}, *_copies(tuple(data)))
        claimed = {name: np.asarray(outcome.gradients[name], np.float64) for name in parameters}
        carried = _copies(tuple(data), PlainComplex.carry)
        start = {name: np.asarray(array, np.complex128).view(Complex) for name, array in parameters.items()}
        plain = float(self._loss(parameters, data))

        def complex_slope(name: str, vector: np.ndarray) -> tuple[float, float]:
            loss = self._loss({**start, name: start[name] + 1j * STEP * vector}, carried, self._arithmetic)
            if abs(complex(loss).real - plain) > 64 * noise + 1e-12 * abs(plain):
                raise ValueError("the complex loss is another one")
            return complex(loss).imag / STEP, 0.0

        def real_slope(name: str, vector: np.ndarray) -> tuple[float, float]:
            def slope(step: float, weights: Any) -> float:
                def value(turns: int) -> float:
                    return float(self._loss({**parameters, name: parameters[name] + turns * step * vector}, data))

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
        if not tested.wrong and not self._is_confirmed(parameters, data, tested.gradients, tested.errors, noise):
            raise ValueError("differences say otherwise")
        return tested.gradients, tested.errors

    def _by_differences(
        self, parameters: Mapping[str, np.ndarray], data: Sequence[Any], noise: float
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        gradients = {name: np.zeros(array.shape) for name, array in parameters.items()}
        errors = {name: np.zeros(array.shape) for name, array in parameters.items()}
        for name, place in _entries(parameters):
            array = parameters[name]
            step = REACH * max(min(1.0, float(np.max(np.abs(array)))), abs(float(array.reshape(-1)[place])), 1e-3)

            def value(turns: float, name: str = name, place: int = place, step: float = step) -> float:
                moved = parameters[name].copy()
                moved.reshape(-1)[place] += turns * step
                return float(self._loss({**parameters, name: moved}, data))

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

    def _is_confirmed(
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
        for _ in range(2):
            vectors = {name: random.standard_normal(array.shape) for name, array in parameters.items()}
            length = np.sqrt(sum(float(np.sum(v * v)) for v in vectors.values()))
            terms = [float(np.sum(gradients[name] * vector)) for name, vector in vectors.items()]
            own = sum(float(np.sum(errors[name] * np.abs(vector))) for name, vector in vectors.items())
            slopes = []
            plain = abs(float(self._loss(parameters, data)))
            reach = max(1e-6, (noise / max(plain, 1e-300)) ** (1 / 3)) / length
            for step in (2 * reach, reach):
                ends = [
                    float(
                        self._loss(
                            {n: (p + s * step * vectors[n]).astype(p.dtype) for n, p in parameters.items()}, data
                        )
                    )
                    for s in (1, -1)
                ]
                slopes.append((ends[0] - ends[1]) / (2 * step))
            seen = (4 * slopes[1] - slopes[0]) / 3
            doubt = abs(slopes[1] - slopes[0]) + 4 * noise / reach
            size = np.sqrt(sum(float(np.sum(g * g)) for g in gradients.values()))
            if doubt > TELLING * max(abs(seen), abs(sum(terms)), size):  # nothing is told by this direction
                return False
            if not abs(seen - sum(terms)) <= doubt + own + 1e-7 * size * length:
                return False
        return True


def _kink(value: Callable[[float], float], step: float) -> float:
    """Return by how much slopes to both sides differ, where they differ as much nearer by; nothing where it is smooth.

    At the kink itself the slope between both sides is half of each, however far one reaches.
    """
    at = value(0.0)
    far, near = (abs(value(share) - 2 * at + value(-share)) / (step * share) for share in (1.0, NEARER))
    return near if near > 0.5 * (1 + NEARER) * far else 0.0


def _size_of(case: tuple[Any, ...]) -> int:
    """Return how many numbers the parameters of a case hold: two calls at the least for each, without a quick way."""
    return sum(np.size(value) for value in case[0].values())


def _with_lost_digits(reference: Reference, subject: Any, parameters: Mapping[str, np.ndarray], *_: Any) -> Reference:
    """Add to the noise of steps what taking them loses: a step is known only by what it leaves of its parameter."""
    steps = {name for name, place in getattr(subject, "gradients", {}).items() if place.name.startswith(STEP_OF)}
    lost = {name: np.finfo(parameters[name].dtype).eps * np.abs(parameters[name]) for name in steps}
    noise = {name: array + lost.get(name, 0.0) for name, array in reference.noise["gradients"].items()}
    return Reference(reference.exact, {**reference.noise, "gradients": noise}) if lost else reference


def _magnified(reference: Reference, factor: float) -> Reference:
    noise = {name: factor * array for name, array in reference.noise["gradients"].items()}
    return Reference(reference.exact, {**reference.noise, "gradients": noise})


def _entries(parameters: Mapping[str, np.ndarray]) -> Iterator[tuple[str, int]]:
    for name, array in parameters.items():
        for place in range(array.size):
            yield name, place


def _real(array: np.ndarray) -> np.ndarray:
    return np.real(array).copy() if array.dtype.kind == "c" else array.copy()


def _copies(arguments: Any, carry: Callable[[Any], Any] = np.copy) -> Any:
    if isinstance(arguments, np.ndarray):
        return carry(arguments)
    if isinstance(arguments, Mapping):
        return {name: _copies(item, carry) for name, item in arguments.items()}
    if isinstance(arguments, tuple | list):
        return type(arguments)(_copies(item, carry) for item in arguments)
    return arguments
