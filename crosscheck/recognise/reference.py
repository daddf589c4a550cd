"""The gradient of someone's own forward, quickly: for files that are judged in hundreds of cases and edits.

A plain complex step where the code bears it, differences of sixth order where not; both are held against differences
along random directions before they are believed. What looks wrong by them is measured again by crosscheck/own_forward,
which is slower and knows its own error to the last digit.
"""

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from crosscheck.errors import CrosscheckError
from crosscheck.own_forward import OwnForward
from crosscheck.precision import Precision
from crosscheck.recognise.carried import LongComplex, PlainComplex, PlainDouble
from crosscheck.recognise.constancy import Constants
from crosscheck.recognise.places import STEP_OF
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.slopes import Slopes, copies
from crosscheck.reference import Reference
from crosscheck.references import rounding_of
from crosscheck.references.extended import ExtendedPrecision, has_extended_precision

COMPLEX, DIFFERENCES, EXTRAPOLATED = "complex step", "differences of sixth order", "extrapolated differences"
CLOSER_LOOKS = 2
"""How often the slower oracle is asked for the same unit: each time takes seconds"""
PATIENCE = 10.0
"""Seconds of the processor that the slower oracle may take for one case: small programs take one or two"""
CLOSER = 16
"""Samples of a closer look: each runs the whole file's function in software"""
MOST = 1500
"""Entries up to which each of them gets a derivative of its own"""


class Found(NamedTuple):
    """Gradients by name with their errors, and how they were found."""

    gradients: dict[str, np.ndarray]
    errors: dict[str, np.ndarray]
    means: str


MAGNIFIED, STEADY = 1000.0, 1e-9
"""Rounding errors of longer numbers by which a loss is shaken, and how far it may move, relative"""


class ForwardOracle:
    """An oracle for a recognised call (crosscheck.reference.ReferenceSource); it remembers what it has found."""

    def __init__(self, subject: Any, loss_alone: Any = None) -> None:
        """`loss_alone` gives the loss of the same call, sooner: it is believed where it is that of the whole call."""
        self.subject = subject
        replay = getattr(subject, "replay", None)
        self._constants = replay.world.hooks.constants if isinstance(replay, Replay) else Constants()
        self.slow = OwnForward(subject, {})
        self.slow.patience = PATIENCE
        self.slopes = Slopes(subject, loss_alone)
        self.means: set[str] = set()
        self.coarsest = 0.0
        """ε of the coarsest numbers met, inputs included"""
        self.closer_looks = 0
        self.known: dict[int, Found] = {}
        """By the key of the case: units that have one forward in common may share it"""
        self._longer: set[int] = set()
        """Cases whose complex step was made with more digits as well"""

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
        if magnify != 1.0:
            return [self._reference(*pair, magnify=magnify) for pair in zip(cases, keys, strict=True)]
        if samples <= 8:
            return [self._reference(*pair) for pair in zip(cases, keys, strict=True)]
        return [self._closely(*pair, precision) for pair in zip(cases, keys, strict=True)]

    def _closely(self, case: tuple[Any, ...], key: int, precision: Precision) -> Reference:
        """Look at one case once more: with more digits, or by the slower oracle, and with more samples in any case."""
        may_be_slow = not self._constants.hold and _size_of(case) <= MOST and self.closer_looks < CLOSER_LOOKS
        if not self._by_longer_numbers(case, key) and may_be_slow:
            self.closer_looks += 1
            with contextlib.suppress(CrosscheckError), np.errstate(all="ignore"):  # it takes too long
                (found,) = self.slow.references([case], (), [key], precision, samples=CLOSER)
                return found
            self.closer_looks = CLOSER_LOOKS
        return self._reference(case, key, samples=CLOSER)

    def in_precision(self, case: tuple[Any, ...], dtype: np.dtype) -> Mapping[str, Any]:
        """Return the subject's own values."""
        return self.slow.in_precision(case, dtype)

    def _reference(self, arguments: tuple[Any, ...], key: int, samples: int = 2, magnify: float = 1.0) -> Reference:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            outcome = self.subject(*copies(arguments))
            rounding, _, coarsest = rounding_of(self._everything, arguments, samples, magnify)
            self.coarsest = max(self.coarsest, coarsest)
            found = self.known.get(key)
            if found is None:
                least = 4 * float(np.finfo(np.float64).eps) * abs(float(np.asarray(outcome.loss).reshape(())))
                noise = max(least, float(np.max(rounding["loss"])))
                with self._holding(arguments):
                    found = self.known[key] = self._found(arguments, noise)
        self.means.add(found.means)
        noise = {name: 2 * rounding["gradients"][name] + magnify * found.errors[name] for name in found.gradients}
        exact = {"loss": np.asarray(outcome.loss), "gradients": found.gradients, "inputs": {}, "auxiliary": {}}
        return Reference(exact, {"loss": rounding["loss"], "gradients": noise, "inputs": {}, "auxiliary": {}})

    def _by_longer_numbers(self, arguments: tuple[Any, ...], key: int) -> bool:
        """Add to the error of a complex step what its rounding was; tell whether that could be found out."""
        found, (parameters, *data) = self.known.get(key), arguments
        if found is None or found.means != COMPLEX or LongComplex.carried.itemsize <= PlainComplex.carried.itemsize:
            return False
        if key not in self._longer:
            try:
                with np.errstate(all="ignore"), self._holding(arguments):
                    finer, _ = self.slopes.by_complex_step(parameters, data, np.inf, LongComplex)
            except Exception:  # noqa: BLE001 - someone's code, on numbers that it was not written for
                return False
            off = {n: np.abs(g - found.gradients[n]) for n, g in finer.items()}
            if not all(np.isfinite(array).all() for array in off.values()):
                return False
            self._longer.add(key)
            errors = {name: found.errors[name] + 4 * array for name, array in off.items()}
            self.known[key] = found._replace(errors=errors)
        return True

    def _holding(self, arguments: tuple[Any, ...]) -> contextlib.AbstractContextManager[None]:
        return self._constants.held_from(lambda: self.subject(*copies(arguments)))

    @property
    def _everything(self) -> Callable[..., Any]:
        subject = self.subject

        def everything(*values: Any) -> dict[str, Any]:
            outcome = subject(*values)
            return {"loss": outcome.loss, "gradients": outcome.gradients}

        return everything

    def _finer(self, parameters: Mapping[str, np.ndarray], noise: float, *, sampled: bool) -> Iterator[Any]:
        """Yield arithmetics in which the loss may be known better than in its own; the first that knows it serves.

        In longer numbers a probability of 1e-400 is not zero yet, as large weights make it, and its logarithm finite.
        """
        is_coarse = self.coarsest > float(np.finfo(np.float64).eps)  # also where the code itself computes in float32
        if is_coarse or any(array.dtype != np.float64 for array in parameters.values()):
            yield PlainDouble
        if not (np.isfinite(noise) or sampled) and has_extended_precision():
            yield ExtendedPrecision

    def _is_steady(self, wide: tuple[Any, ...], loss: float) -> bool:
        """Tell whether a loss is known in longer numbers as well as ever: not if `1 - p` has no digits left there."""
        try:
            rounding, *_ = rounding_of(self._everything, wide, 2, MAGNIFIED)
        except Exception:  # noqa: BLE001 - someone's code, on numbers that it was not written for
            return False
        return bool(np.max(rounding["loss"]) <= STEADY * max(loss, 1.0))

    def _found(self, arguments: tuple[Any, ...], noise: float) -> Found:
        parameters, *data = arguments
        self.slopes.plain = self.subject
        sampled = _size_of(arguments) > MOST
        kind: type[PlainComplex] = PlainComplex
        for arithmetic in self._finer(parameters, noise, sampled=sampled):
            finer, wide = self.subject.in_arithmetic(arithmetic), copies(arguments, arithmetic.carry)
            try:
                loss = abs(float(np.asarray(finer(*copies(wide)).loss).reshape(())))
            except Exception:  # noqa: BLE001 - someone's code, on numbers that it was not written for
                loss = np.nan
            if np.isfinite(loss) and (arithmetic is not ExtendedPrecision or self._is_steady(wide, loss)):
                (parameters, *data), self.slopes.plain = wide, finer
                noise = 16 * float(np.finfo(np.float64).eps) * loss
                kind = LongComplex if arithmetic is ExtendedPrecision else PlainComplex
                break
        searches: list[tuple[Callable[..., Any], str]] = []
        if sampled:
            searches = [(self.slopes.by_directions, "derivatives along random directions")]
        elif np.isfinite(noise):  # nothing is confirmed beside a noise that is no number
            searches = [(partial(self.slopes.by_complex_step, kind=kind), COMPLEX)]
            searches += [(self.slopes.by_differences, DIFFERENCES)]
        for search, means in searches:
            try:
                gradients, errors = search(parameters, data, noise)
            except Exception:  # noqa: BLE001, S112 - someone's code, on numbers that it was not written for
                continue
            if sampled or self.slopes.is_confirmed(parameters, data, gradients, errors, noise):
                return Found(gradients, errors, means)
        if sampled:
            raise CrosscheckError(
                f"The parameters have {sum(a.size for a in parameters.values()):,} entries, and no quick derivative of "
                "this code was found: make its sizes smaller, named as sizes at the top of the file.",
                code="too-large",
            )
        return self._slowly(arguments, noise)

    def _slowly(self, arguments: tuple[Any, ...], noise: float) -> Found:
        """Ask the slower oracle; where it has differences alone, nothing is known beside a loss that may be infinite.

        A rounding error is enough for that where of `1 - p` one digit is left, and differences are those of stairs.
        """
        known, self.slow.means = self.slow.means, set()
        reference = self.slow._reference(arguments, 8, 1.0)
        means, self.slow.means = self.slow.means, known | self.slow.means
        errors = reference.noise["gradients"]
        if means == {EXTRAPOLATED}:
            rounding, *_ = rounding_of(self._everything, arguments, CLOSER, 1.0)
            if not np.isfinite([noise, *np.ravel(rounding["loss"])]).all():
                errors = {name: np.full_like(array, np.inf) for name, array in errors.items()}
        return Found(reference.exact["gradients"], errors, ", ".join(sorted(means)))


def _size_of(case: tuple[Any, ...]) -> int:
    """Return how many numbers the parameters of a case hold: two calls at the least for each, without a quick way."""
    return sum(np.size(value) for value in case[0].values())


def _with_lost_digits(reference: Reference, subject: Any, parameters: Mapping[str, np.ndarray], *_: Any) -> Reference:
    """Add to the noise of steps what taking them loses: a step is known only by what it leaves of its parameter."""
    steps = {name for name, place in getattr(subject, "gradients", {}).items() if place.name.startswith(STEP_OF)}
    lost = {name: np.finfo(parameters[name].dtype).eps * np.abs(parameters[name]) for name in steps}
    noise = {name: array + lost.get(name, 0.0) for name, array in reference.noise["gradients"].items()}
    return Reference(reference.exact, {**reference.noise, "gradients": noise}) if lost else reference
