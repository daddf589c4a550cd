"""Training by hand with JAX beside it: before every step the twin takes over parameters and optimiser state.

Left alone, two correct implementations drift apart (drift.py shows it): early Adagrad steps are nearly sign(g), so that
the rounding of a gradient near zero flips an update of full size. From the same state, every single step must agree.
"""

import logging
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

import autodiff.rnn
from crosscheck.builtin.agreement import Quantity, StepDiffersError, Tally, Values
from crosscheck.builtin.autodiff_engine import lengths_of, of_one_length, optax_step
from crosscheck.judge import CLOSER_SAMPLES, FIRST_SAMPLES
from crosscheck.noise import key
from crosscheck.oracle import Oracle, Twin
from crosscheck.pair import Rule
from crosscheck.precision import precision_of
from manual.clipping import clip_by_global_norm, clip_by_value
from manual.optimisers import by_name
from manual.parameters import Parameters
from manual.rnn import loss_and_gradients
from manual.settings import Settings
from manual.training import StepResult, wrong_predictions

logger = logging.getLogger(__name__)


class Lockstep:
    """An engine that takes every step by hand and judges it against the twin's step from the same state."""

    def __init__(self, settings: Settings, *, steps_before: int = 0) -> None:
        self.tally = Tally()
        self.steps = steps_before
        """Steps taken since the very beginning of the run."""
        self._settings = settings
        self._rule = _rule(settings)
        loss = partial(autodiff.rnn.loss, window=settings.truncation)
        self._oracle = Oracle(Twin(loss, inputs={"initial_state": 3}, auxiliary=True, rules=(self._rule,)))

    def __call__(
        self, parameters: Parameters, optimiser_state: Any, inputs: Any, targets: Any, hidden_state: Any, /
    ) -> StepResult:
        """Take one step. Raises StepDiffersError if the twin takes another one."""
        truncation = self._settings.truncation
        evaluation = loss_and_gradients(
            parameters, inputs, targets, hidden_state, window=truncation, intermediates=True
        )
        taken = self._rule.subject(evaluation.gradients, optimiser_state, parameters)
        subject = {
            "loss": evaluation.loss,
            "gradients": evaluation.gradients,
            "inputs": {"initial_state": evaluation.initial_state_gradient},
            "auxiliary": evaluation.final_state,
            "rules": {"step": taken},
        }
        arguments = (parameters, *of_one_length(self._settings, inputs, targets), hidden_state, lengths_of(inputs))
        precision = precision_of([array.dtype for array in parameters])

        def measurements() -> Iterator[tuple[Values, Values]]:
            for samples in (FIRST_SAMPLES, *CLOSER_SAMPLES):
                if samples > FIRST_SAMPLES:
                    logger.info("step %d is measured again, with %d samples of its noise", self.steps + 1, samples)
                (reference,) = self._oracle.references(
                    [arguments], [(tuple(optimiser_state),)], [int(key(self.steps))], precision, samples=samples
                )
                yield _values(reference.exact, parameters), _values(reference.noise)

        disagreeing = self.tally.judge(_values(subject, parameters), measurements(), precision)
        self.steps += 1
        if disagreeing:
            raise StepDiffersError(self.steps, disagreeing)
        assert evaluation.intermediates is not None
        wrong = wrong_predictions(evaluation.intermediates.dy, targets)
        _, moved, following = taken
        return StepResult(evaluation.loss, wrong, moved, following, evaluation.final_state)


def _rule(settings: Settings) -> Rule:
    """Clip and update, by hand and by optax: clipped gradients, new parameters, and the optimiser's new state."""
    clip = {
        "value": partial(clip_by_value, bound=settings.clip_bound),
        "norm": partial(clip_by_global_norm, bound=settings.clip_bound),
        "none": lambda gradients: gradients,
    }[settings.clip]
    optimiser = by_name(settings.optimiser, settings.learning_rate)

    def step(gradients: Parameters, state: Any, parameters: Parameters) -> tuple[Parameters, Parameters, Any]:
        clipped = clip(gradients)
        return clipped, *optimiser.update(clipped, state, parameters)

    return Rule("step", step, optax_step(settings), state=_no_state)


def _no_state(_random: np.random.Generator, _gradients: Parameters) -> tuple[()]:
    return ()  # a run brings its own


def _values(groups: Mapping[str, Any], before: Parameters | None = None) -> Values:
    """Name every array. Updates are what was added to the parameters `before`; noise needs no such difference."""
    clipped, moved, optimiser_state = groups["rules"]["step"]
    values = {
        Quantity("loss"): groups["loss"],
        Quantity("final state"): groups["auxiliary"],
        Quantity("gradient", "initial state"): groups["inputs"]["initial_state"],
    }
    if before is not None:
        moved = [np.subtract(new, old, dtype=np.float64) for new, old in zip(moved, before, strict=True)]
    kinds = {"gradient": groups["gradients"], "clipped": clipped, "update": moved}
    # Counters are integers and no matter of rounding.
    states = {f"state {number}": field for number, field in enumerate(optimiser_state) if isinstance(field, Parameters)}
    for kind, arrays in (kinds | states).items():
        values |= {Quantity(kind, name): array for name, array in zip(Parameters._fields, arrays, strict=True)}
    return values
