"""JAX's own derivative of a function without its rule, and how far rounding moves it."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np

from crosscheck.errors import CrosscheckError
from crosscheck.oracle import Oracle, Twin
from crosscheck.own_forward import OwnForward
from crosscheck.precision import Precision
from crosscheck.reference import Reference

GROSS = 1e-4
"""An error beyond this share of the largest entry is no rounding,"""
NEGLIGIBLE = 1e-6
"""unless all entries are small beside the upstream gradient, and may be what a cancellation has left over"""


class RuleOracle:
    """JAX's derivative of the plain function; a closer look measures the rounding of the rule's own formula as well."""

    def __init__(self, work: Any, name: str) -> None:
        self.exact = Oracle(Twin(work.twin, {}, auxiliary=True))
        self.forward = Oracle(Twin(work.twin_forward, {}, auxiliary=True))
        self.own = Oracle(Twin(work.rule, {}, auxiliary=True))
        self.differences = OwnForward(work.subject, {})
        self.means = {f"JAX's derivative of {name} without its rule"}
        self.work = work
        self._name = name

    def references(
        self,
        cases: Sequence[tuple[Any, ...]],
        states: Sequence[tuple[Any, ...]],
        keys: Sequence[int],
        precision: Precision,
        *,
        samples: int = 8,
        magnify: float = 1.0,
    ) -> list[Reference]:
        """Return gradients and noise; where JAX's derivative is not finite, nothing is said against the rule."""
        how: dict[str, Any] = {"samples": samples, "magnify": magnify}
        found = self._exact(cases, states, keys, precision, how)
        if samples > 8 and magnify == 1.0 and not all(map(self._is_gross, cases, found)):
            with contextlib.suppress(CrosscheckError):
                own = self.own.references(cases, states, keys, precision, **how)
                found = [
                    Reference(
                        one.exact,
                        {part: jax.tree.map(_larger, one.noise[part], other.noise[part]) for part in one.noise},
                    )
                    for one, other in zip(found, own, strict=True)
                ]
        return [Reference(one.exact, jax.tree.map(_unknown, one.exact, one.noise)) for one in found]

    def in_precision(self, case: tuple[Any, ...], dtype: np.dtype) -> Mapping[str, Any]:
        """Return what the plain function gives in a precision."""
        return self.exact.in_precision(case, dtype)

    def _is_gross(self, case: tuple[Any, ...], reference: Reference) -> bool:
        """Tell whether the rule is wrong in a case beyond what any rounding explains."""
        exact, own = reference.exact["gradients"], self.work.subject(*case).gradients
        scale = NEGLIGIBLE * max(float(np.max(np.abs(u), initial=0)) for u in case[1])

        def is_gross(true: Any, found: Any) -> bool:
            size = np.max(np.abs(true), initial=0)
            return bool(np.max(np.abs(true - found), initial=0) > GROSS * max(size, scale))

        return any(jax.tree.leaves(jax.tree.map(is_gross, exact, own)))

    def _exact(self, cases: Any, states: Any, keys: Any, precision: Precision, how: Any) -> list[Reference]:
        try:
            return self.exact.references(cases, states, keys, precision, **how)
        except CrosscheckError as problem:
            if problem.code != "twin-not-differentiable":
                raise
        try:
            self.means = {f"JAX's derivative of {self._name} without its rule, in forward mode"}
            return self.forward.references(cases, states, keys, precision, **how)
        except CrosscheckError as problem:
            if problem.code != "twin-not-differentiable":
                raise
            self.means = {f"differences of {self._name}"}
            return self.differences.references(cases, states, keys, precision, samples=how["samples"])


def _larger(one: Any, other: Any) -> Any:
    return np.maximum(one, np.where(np.isfinite(other), other, 0))


def _unknown(exact: Any, noise: Any) -> Any:
    return np.where(np.isfinite(exact), noise, np.inf)
