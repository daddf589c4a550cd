"""The subject's own forward as the reference, where there is no twin."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.contract import Outcome, call
from crosscheck.contract.calling import limited
from crosscheck.contract.failure import LateError, crash
from crosscheck.errors import CrosscheckError
from crosscheck.precision import Precision
from crosscheck.reference import Reference
from crosscheck.references import own_forward, rounding_of
from crosscheck.trees import flatten, rebuild


class OwnForward:
    """An oracle without JAX: numerical derivatives of the subject's loss, and the subject's own rounding.

    What it cannot see: a loss that is itself not the one that was meant.
    """

    def __init__(self, subject: Callable[..., Any], inputs: Mapping[str, int]) -> None:
        self.subject = subject
        self.inputs = inputs
        self.time_limit: float | None = None
        """Seconds that one call of the subject may take, also where it is one of many for a numerical derivative"""
        self.patience = math.inf
        """Seconds of the processor for the derivatives of one case"""
        self.means: set[str] = set()
        """How the derivatives were found: "complex step", "extended-precision differences", ..."""
        self.coarsest = 0.0
        """ε of the coarsest numbers met, inputs included"""

    def references(
        self,
        cases: Sequence[tuple[Any, ...]],
        states: Sequence[tuple[Any, ...]],  # noqa: ARG002 (rules need a twin: there are none here)
        keys: Sequence[int],  # noqa: ARG002 (the perturbed runs are seeded by themselves)
        precision: Precision,  # noqa: ARG002 (the subject rounds as it does)
        *,
        samples: int = 8,
        magnify: float = 1.0,
    ) -> list[Reference]:
        """Return numerical gradients; their noise is their own error and the subject's rounding together.

        Raises CrosscheckError `too-slow` where that takes longer than its patience.
        """
        try:
            return [self._reference(arguments, samples, magnify) for arguments in cases]
        except LateError as error:
            raise crash(error, lambda: None) from error

    def in_precision(self, case: tuple[Any, ...], dtype: np.dtype) -> Mapping[str, Any]:  # noqa: ARG002
        """Return the subject's values: it is its own reference in whatever precision it has."""
        return _groups(call(self.subject, case, time_limit=self.time_limit))

    def _reference(self, arguments: tuple[Any, ...], samples: int, magnify: float) -> Reference:
        ends = time.process_time() + self.patience

        def loss(*values: Any) -> Any:
            if time.process_time() > ends:
                raise CrosscheckError(
                    f"The derivatives of one case took more than {self.patience:g} s: make the sizes smaller.",
                    code="too-slow",
                )
            returned = limited(self.subject, values, self.time_limit)
            return returned.loss if isinstance(returned, Outcome) else returned[0]

        def everything(*values: Any) -> Any:
            returned = limited(self.subject, values, self.time_limit)
            outcome = returned if isinstance(returned, Outcome) else Outcome(*returned)
            return {"loss": outcome.loss, "gradients": outcome.gradients, "inputs": dict(outcome.inputs)}

        positions = (0, *self.inputs.values())
        found = own_forward(loss, *arguments, differentiate=positions)
        gradients, errors = (tree if len(positions) > 1 else (tree,) for tree in (found.gradients, found.error))
        self.means.add(found.oracle)
        rounding, _, coarsest = rounding_of(everything, arguments, samples, magnify)
        self.coarsest = max(self.coarsest, coarsest)
        outcome = call(self.subject, arguments, time_limit=self.time_limit)
        exact = {
            "loss": outcome.loss,
            "gradients": gradients[0],
            "inputs": dict(zip(self.inputs, gradients[1:], strict=True)),
            "auxiliary": outcome.auxiliary,
        }
        noise = {
            "loss": rounding["loss"],
            "gradients": _sum(errors[0], rounding["gradients"], magnify),
            "inputs": {
                name: _sum(error, rounding["inputs"][name], magnify)
                for name, error in zip(self.inputs, errors[1:], strict=True)
            },
            "auxiliary": {
                name: rebuild(tree, (np.zeros_like(leaf) for _, leaf in flatten(tree)))
                for name, tree in outcome.auxiliary.items()
            },
        }
        return Reference(exact, noise)


def _sum(errors: Any, rounding: Any, magnify: float) -> Any:
    both = zip(flatten(errors), flatten(rounding), strict=True)
    return rebuild(errors, (magnify * np.asarray(error) + np.asarray(moved) for (_, error), (_, moved) in both))


def _groups(outcome: Outcome) -> dict[str, Any]:
    return {
        "loss": outcome.loss,
        "gradients": outcome.gradients,
        "inputs": outcome.inputs,
        "auxiliary": outcome.auxiliary,
    }
