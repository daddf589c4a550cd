"""A recognised call as the judge wants it: `(parameters, data) -> Outcome`."""

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from crosscheck.contract import Outcome
from crosscheck.recognise.places import STEP_OF, Place
from crosscheck.recognise.replay import NOTHING, Replay, Result, StandIns, stand_ins_of

Patches = Sequence[tuple[types.FunctionType, types.CodeType]]
"""Functions, and the code that takes the place of theirs"""


class CallSubject:
    """Calls someone's function with other numbers and picks the loss and the gradients from what it leaves behind."""

    def __init__(
        self,
        replay: Replay,
        ids: Mapping[str, int],
        loss: Place,
        gradients: Mapping[str, Place],
        replaced: StandIns = (),
        patches: Patches = (),
    ) -> None:
        self.replay, self.ids, self.loss, self.gradients = replay, ids, loss, gradients
        self.replaced, self.patches = replaced, patches
        self.carry: Callable[[Any], Any] = lambda array: array
        self.written: tuple[np.ndarray, ...] = ()
        """Arrays that the call writes into and that nothing depends on: they must hold what the arithmetic computes"""
        self.times: Mapping[str, float] = {}
        """Gradients that are means over a batch, and its size (crosscheck.recognise.shares): they are judged as sums"""
        self.flat: frozenset[str] = frozenset()
        """Gradients whose update lays them out in the shape of their parameters (crosscheck.recognise.laid_out)"""
        self.__name__ = replay.name

    def in_arithmetic(self, arithmetic: Any) -> "CallSubject":
        """Return the same call in another arithmetic (crosscheck.references.standins)."""
        replaced = stand_ins_of(self.replay.world, arithmetic)
        double = CallSubject(self.replay, self.ids, self.loss, self.gradients, replaced, self.patches)
        double.carry, double.written, double.times, double.flat = arithmetic.carry, self.written, self.times, self.flat
        return double

    def patched(self, patches: Patches, replay: Replay) -> "CallSubject":
        """Return the same call, made with other code in some functions."""
        double = CallSubject(replay, self.ids, self.loss, self.gradients, self.replaced, patches)
        double.written, double.times, double.flat = self.written, self.times, self.flat
        return double

    def called_twice(
        self, parameters: Mapping[str, np.ndarray], data: Mapping[str, Any]
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Call the function twice without clearing anything; return the gradients after each call."""
        replaced = {self.ids[name]: value for name, value in _own({**data, **parameters}).items()}

        def read(result: Result) -> dict[str, np.ndarray]:
            return {name: np.array(place.read(result)) for name, place in self.gradients.items()}

        return self.replay.run_twice(replaced, read)

    def __call__(self, parameters: Mapping[str, np.ndarray], data: Mapping[str, Any]) -> Outcome:
        """Call the function once."""
        replaced = {self.ids[name]: value for name, value in _own({**data, **parameters}).items()}
        replaced |= {id(array): self.carry(array.copy()) for array in self.written}
        replaced |= {identity: self.carry(zeros) for identity, zeros in self.replay.cleared().items()}
        with patched(self.patches) if self.patches else NOTHING:
            result = self.replay.run(replaced, self.replaced)
        gradients = {
            name: shaped(place.read(result), parameters[name], is_flat=name in self.flat)
            for name, place in self.gradients.items()
        }
        gradients = {name: _as_numbers(gradient) for name, gradient in gradients.items()}
        for name, times in self.times.items():
            gradients[name] = gradients[name] * times
        loss = self._loss_in(result, gradients)
        return Outcome(loss.reshape(()) if isinstance(loss, np.ndarray) else loss, gradients)

    def _loss_in(self, result: Result, gradients: Mapping[str, Any]) -> Any:
        """Return the loss; 0 where a turn passes over what it is made of, and takes no step. Raises LookupError."""
        try:
            return self.loss.read(result)
        except LookupError:
            are_steps = all(place.name.startswith(STEP_OF) for place in self.gradients.values())
            if not are_steps or any(map(np.any, gradients.values())):  # it goes by another loss in another branch
                raise
            return 0.0


def _as_numbers(gradient: Any) -> Any:
    """Return a gradient of whole numbers as it counts: a mask of zeros and ones that a backward pass returns, say."""
    is_whole = isinstance(gradient, np.ndarray) and gradient.dtype.kind in "biu"
    return gradient.astype(np.float64) if is_whole else gradient


def _own(values: Any) -> Any:
    """Return copies: whatever the function changes in place, its caller does not see it."""
    if isinstance(values, np.ndarray):
        return values.copy()
    if isinstance(values, dict):
        return {name: _own(value) for name, value in values.items()}
    return [_own(value) for value in values] if isinstance(values, list) else values


@contextmanager
def patched(patches: Patches) -> Iterator[None]:
    """Give functions other code for a while."""
    before = [function.__code__ for function, _ in patches]
    for function, code in patches:
        function.__code__ = code
    try:
        yield
    finally:
        for (function, _), code in zip(patches, before, strict=True):
            function.__code__ = code


def shaped(gradient: Any, value: np.ndarray, *, is_flat: bool = False) -> Any:
    """Return a gradient in its parameter's shape where only axes of length one differ; a matrix as an array.

    One that `is_flat` may lie in any shape of as many entries.
    """
    gradient = np.asarray(gradient) if isinstance(gradient, np.matrix) else gradient
    if (
        value.size > 1
        and isinstance(gradient, int | float | complex | np.generic | np.ndarray)
        and np.size(gradient) == 1
    ):
        return np.broadcast_to(np.reshape(gradient, ()), value.shape)
    if value.size == 1 and isinstance(gradient, int | float | complex | np.generic):
        return np.reshape(gradient, value.shape)
    if isinstance(gradient, np.ndarray) and gradient.shape != value.shape and gradient.size == value.size:
        without_ones = [size for size in gradient.shape if size > 1]
        if is_flat or without_ones == [size for size in value.shape if size > 1]:
            return gradient.reshape(value.shape)
    return gradient
