"""The gradient of a forward that torch runs, and how far rounding moves it.

Torch's own derivative of the forward, where differences along random directions confirm it: a forward that detaches,
or goes through NumPy, has another one or none. Then every entry gets differences of sixth order. Rounding is measured
by running everything again with the result of every operation, and every argument, moved by ε times a random number.
"""

# pyright: reportMissingImports=false

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

from crosscheck.precision import FLOAT64, Precision
from crosscheck.reference import Reference
from crosscheck.trees import leaves, rebuild, transform

OWN, DIFFERENCES = "torch's derivative of the forward", "differences of the forward"
JITTER = 1e-77
"""Moves an argument off a kink at zero, and nothing else: its square is above the smallest number"""
REACH = 2.0**-9
STENCIL = ((1, 45.0 / 60), (2, -9.0 / 60), (3, 1.0 / 60))
LOWER = ((1, 8.0 / 12), (2, -1.0 / 12))
STEPS, SHORT = (2e-4, 1e-4), (2e-6, 1e-6)
"""The shorter ones where a kink lies within reach of the others"""
NEARER = 1 / 32
GROSS, NEGLIGIBLE = 1e-4, 1e-6
"""An error beyond this share of the largest entry is no rounding, unless all are small beside the upstream gradient"""


class Rounding(TorchDispatchMode):
    """Moves the result of every operation by ε times a number between −1 and 1."""

    def __init__(self, epsilon: float, generator: Any) -> None:
        super().__init__()
        self.epsilon, self.generator = epsilon, generator

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # or torch imports its compiler, which takes seconds and writes files

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run one operation."""
        result = func(*args, **(kwargs or {}))
        if func._schema.is_mutable or any(out.alias_info is not None for out in func._schema.returns):
            return result
        return tree_map(self._moved, result)

    def _moved(self, value: Any) -> Any:
        if not isinstance(value, torch.Tensor) or not value.is_floating_point() or value.requires_grad:
            return value
        return value * (1 + self.epsilon * self._random(value.shape)).to(value.dtype)

    def _random(self, shape: Any) -> Any:
        return 2 * torch.rand(shape, generator=self.generator, dtype=torch.float64) - 1

    def argument(self, array: np.ndarray) -> np.ndarray:
        """Move an argument."""
        random = self._random(array.shape).numpy()
        return array * (1 + self.epsilon * random) + JITTER * random


class TorchOracle:
    """An oracle for a class of torch (crosscheck.reference.ReferenceSource)."""

    def __init__(self, work: Any) -> None:
        self.work = work
        self.means: set[str] = set()
        self._known: dict[int, tuple[float, list[np.ndarray], list[np.ndarray] | None]] = {}

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
        """Return gradients and noise; asked for more samples, with the rounding of the rule's own formula."""
        epsilon = float(precision.epsilon) * magnify
        return [self._reference(case, key, epsilon, min(samples, 24)) for case, key in zip(cases, keys, strict=True)]

    def in_precision(self, case: tuple[Any, ...], dtype: np.dtype) -> Mapping[str, Any]:  # noqa: ARG002
        """Return what the class itself gives."""
        return _groups(self.work.subject(*case).loss, self.work.subject(*case).gradients)

    def _reference(self, case: tuple[Any, ...], key: int, epsilon: float, samples: int) -> Reference:
        parameters, upstream, form, integers = case
        wide = transform(lambda array: np.asarray(array, np.float64), parameters)
        weights = [np.asarray(u, np.float64) for u in upstream]
        if key not in self._known:
            self._known[key] = self._exact(wide, weights, form, integers)
        loss, exact, errors = self._known[key]
        generator = torch.Generator().manual_seed(key)
        moves, noise = 0.0, errors or [np.zeros(array.shape) for array in exact]
        if samples > 8 and self._is_gross(case, exact):
            samples = 8
        for number in range(samples):
            rounding = Rounding(epsilon, generator)
            moved = transform(rounding.argument, wide)
            with rounding:
                other_loss, other = self._derived(moved, weights, form, integers)
            moves = max(moves, abs(other_loss - loss))
            if other is not None and errors is None:
                with np.errstate(invalid="ignore"):
                    noise = [np.maximum(n, np.abs(o - e)) for n, o, e in zip(noise, other, exact, strict=True)]
            if samples > 8 and number < 12:
                noise = self._with_own(rounding, case, wide, weights, noise)
        noise = [
            np.where(np.isfinite(e), np.where(np.isfinite(n), n, 0), np.inf) for e, n in zip(exact, noise, strict=True)
        ]
        return Reference(
            _groups(np.asarray(loss), rebuild(parameters, exact)),
            _groups(np.asarray(moves), rebuild(parameters, [2 * n for n in noise])),
        )

    def _exact(
        self, wide: Any, weights: Any, form: int, integers: Any
    ) -> tuple[float, list[np.ndarray], list[np.ndarray] | None]:
        """Return the loss, its gradients, and their errors where they are differences."""
        loss, exact = self._derived(wide, weights, form, integers)
        if exact is not None and self._is_confirmed(wide, weights, form, integers, exact, loss):
            self.means.add(OWN)
            return loss, exact, None
        self.means.add(DIFFERENCES)
        return loss, *self._by_differences(wide, weights, form, integers)

    def _is_gross(self, case: Any, exact: list[np.ndarray]) -> bool:
        """Tell whether the class is wrong in a case beyond what any rounding explains."""
        parameters, upstream, form, integers = case
        scale = NEGLIGIBLE * max(float(np.max(np.abs(u), initial=0)) for u in upstream)
        own = leaves(self.work.gradients(parameters, upstream, form, integers))
        sizes = [np.max(np.abs(e), initial=0) for e in exact]
        return any(
            np.max(np.abs(o - e), initial=0) > GROSS * max(size, scale)
            for o, e, size in zip(own, exact, sizes, strict=True)
        )

    def _with_own(self, rounding: Rounding, case: Any, wide: Any, weights: Any, noise: list[Any]) -> list[Any]:
        """Return the noise together with that of the class's own formula."""
        _, _, form, integers = case
        plain = leaves(self.work.gradients(wide, weights, form, integers))
        with rounding:
            moved = leaves(self.work.gradients(wide, weights, form, integers))
        with np.errstate(invalid="ignore"):
            moves = [np.abs(m - p) for m, p in zip(moved, plain, strict=True)]
        return [np.maximum(n, np.where(np.isfinite(move), move, 0)) for n, move in zip(noise, moves, strict=True)]

    def _derived(self, wide: Any, weights: Any, form: int, integers: Any) -> tuple[float, list[np.ndarray] | None]:
        """Return the loss, and torch's derivative of it; None where torch has none."""
        from crosscheck.custom_rules.torch_rules import as_tensor, in_double

        try:
            with in_double():
                tensors = transform(lambda array: as_tensor(array, torch.float64).requires_grad_(), wide)
                outputs = self.work.forwarded(tensors, integers, form)
                terms = [(as_tensor(u) * out).sum() for u, out in zip(weights, outputs, strict=True)]
                total: Any = sum(terms[1:], start=terms[0])
                handed = leaves(tensors)
                if not total.requires_grad:
                    return float(total), None
                found = torch.autograd.grad(total, handed, allow_unused=True)
        except RuntimeError:  # "Can't call numpy() on Tensor that requires grad", in-place changes
            return self._loss(wide, weights, form, integers), None
        arrays = [
            np.zeros(tensor.shape) if gradient is None else gradient.numpy()
            for tensor, gradient in zip(handed, found, strict=True)
        ]
        return float(total.detach()), arrays

    def _loss(self, wide: Any, weights: Any, form: int, integers: Any) -> float:
        with torch.no_grad():
            outputs = self.work.plain(wide, integers, form)
        return sum(float(np.sum(u * out.detach().numpy())) for u, out in zip(weights, outputs, strict=True))

    def _is_confirmed(
        self, wide: Any, weights: Any, form: int, integers: Any, exact: list[np.ndarray], loss: float
    ) -> bool:
        """Tell whether gradients predict how the loss moves along random directions."""
        if not np.isfinite(loss) or not all(np.isfinite(gradient).all() for gradient in exact):
            return True  # nothing will be said about them
        return any(self._predict(steps, wide, weights, form, integers, exact, loss) for steps in (STEPS, SHORT))

    def _predict(
        self,
        steps: tuple[float, float],
        wide: Any,
        weights: Any,
        form: int,
        integers: Any,
        exact: list[np.ndarray],
        loss: float,
    ) -> bool:
        arrays = leaves(wide)
        random = np.random.default_rng(7)
        size = np.sqrt(sum(float(np.sum(gradient**2)) for gradient in exact))
        for _ in range(2):
            vectors = [random.standard_normal(array.shape) for array in arrays]
            length = np.sqrt(sum(float(np.sum(vector**2)) for vector in vectors))
            predicted = sum(float(np.sum(g * v)) for g, v in zip(exact, vectors, strict=True))
            slopes = []
            for step in steps:
                ends = [
                    self._loss(
                        rebuild(wide, [a + sign * step / length * v for a, v in zip(arrays, vectors, strict=True)]),
                        weights, form, integers,
                    )
                    for sign in (1, -1)
                ]  # fmt: skip
                slopes.append((ends[0] - ends[1]) * length / (2 * step))
            seen = (4 * slopes[1] - slopes[0]) / 3
            doubt = abs(slopes[1] - slopes[0]) + 64 * float(FLOAT64.epsilon) * (1 + abs(loss)) * length / steps[1]
            if not abs(seen - predicted) <= doubt + 1e-6 * size * length:
                return False
        return True

    def _by_differences(self, wide: Any, weights: Any, form: int, integers: Any) -> tuple[list[Any], list[Any]]:
        """Return differences of sixth order, and their errors."""
        arrays = leaves(wide)
        found, errors = [np.zeros(array.shape) for array in arrays], [np.zeros(array.shape) for array in arrays]
        for which, array in enumerate(arrays):
            for place in range(array.size):
                step = REACH * max(1.0, abs(float(array.reshape(-1)[place])))

                def value(turns: float, which: int = which, place: int = place, step: float = step) -> float:
                    moved = [one.copy() for one in arrays]
                    moved[which].reshape(-1)[place] += turns * step
                    return self._loss(rebuild(wide, moved), weights, form, integers)

                pairs = {turns: (value(turns), value(-turns)) for turns, _ in STENCIL}
                slopes = {turns: (one - other) / step for turns, (one, other) in pairs.items()}
                best = sum(weight * slopes[turns] for turns, weight in STENCIL)
                rough = 8 * float(FLOAT64.epsilon) * max(abs(v) for pair in pairs.values() for v in pair) / step
                found[which].reshape(-1)[place] = best
                # Of a kink within reach the slope depends on how far one reaches.
                near = sum(w * (value(t * NEARER) - value(-t * NEARER)) for t, w in STENCIL) / (step * NEARER)
                doubt = abs(best - sum(w * slopes[t] for t, w in LOWER)) + abs(best - near)
                errors[which].reshape(-1)[place] = doubt + rough / NEARER
        return found, errors


def _groups(loss: Any, gradients: Any) -> dict[str, Any]:
    return {"loss": loss, "gradients": gradients, "inputs": {}, "auxiliary": {}}
