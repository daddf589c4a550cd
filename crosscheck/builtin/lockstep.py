"""Training by hand with JAX beside it: before every step the twin takes over parameters and optimiser state.

Left alone, two correct implementations drift apart (drift.py shows it): early Adagrad steps are nearly sign(g), so that
the rounding of a gradient near zero flips an update of full size. From the same state, every single step must agree.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

import autodiff.optimisers
import autodiff.rnn
from crosscheck.builtin.agreement import Quantity, Tally, Values, Worst
from crosscheck.noise import key
from crosscheck.oracle import Oracle, Rule, Twin
from crosscheck.precision import precision_of
from manual.clipping import clip_by_global_norm, clip_by_value
from manual.optimisers import by_name
from manual.parameters import Parameters
from manual.rnn import loss_and_gradients
from manual.settings import Settings
from manual.training import StepResult, wrong_predictions


class Disagreement(Exception):
    """A step that differs. The state before it is the last one that both agree on."""

    def __init__(self, step: int, quantities: Mapping[Quantity, Worst]) -> None:
        super().__init__(f"step {step}")
        self.step = step
        self.quantities = quantities


class Lockstep:
    """An engine that takes every step by hand and judges it against the twin's step from the same state."""

    def __init__(self, settings: Settings, *, steps_before: int = 0) -> None:
        self.tally = Tally()
        self.steps = steps_before
        """Steps taken since the very beginning of the run."""
        self._settings = settings
        self._rules = _rules(settings)
        loss = partial(autodiff.rnn.loss, window=settings.truncation)
        self._oracle = Oracle(Twin(loss, inputs={"initial_state": 3}, auxiliary=True, rules=self._rules))

    def __call__(
        self, parameters: Parameters, optimiser_state: Any, inputs: Any, targets: Any, hidden_state: Any, /
    ) -> StepResult:
        """Take one step. Raises Disagreement if the twin takes another one."""
        truncation = self._settings.truncation
        evaluation = loss_and_gradients(
            parameters, inputs, targets, hidden_state, window=truncation, intermediates=True
        )
        clipped, (moved, following) = (
            rule.subject(evaluation.gradients, optimiser_state, parameters) for rule in self._rules
        )
        subject = {
            "loss": evaluation.loss,
            "gradients": evaluation.gradients,
            "inputs": {"initial_state": evaluation.initial_state_gradient},
            "auxiliary": evaluation.final_state,
            "rules": {"clip": clipped, "update": (moved, tuple(following))},
        }
        arguments = (parameters, *self._of_one_length(inputs, targets), hidden_state, self._lengths(inputs))
        precision = precision_of([array.dtype for array in parameters])

        def measure(samples: int) -> tuple[Values, Values]:
            (reference,) = self._oracle.references(
                [arguments], [((), tuple(optimiser_state))], [int(key(self.steps))], precision, samples=samples
            )
            return _values(reference.exact, parameters), _values(reference.noise)

        disagreeing = self.tally.judge(_values(subject, parameters), measure, precision)
        self.steps += 1
        if disagreeing:
            raise Disagreement(self.steps, disagreeing)
        assert evaluation.intermediates is not None
        wrong = wrong_predictions(evaluation.intermediates.dy, targets)
        return StepResult(evaluation.loss, wrong, moved, following, evaluation.final_state)

    def _of_one_length(self, *arrays: np.ndarray) -> list[np.ndarray]:
        """Pad shorter windows at their end: JAX compiles every new shape for seconds."""
        length = self._settings.layout.length
        return [np.pad(array, [(0, length - len(array)), *[(0, 0)] * (array.ndim - 1)]) for array in arrays]

    def _lengths(self, inputs: np.ndarray) -> np.ndarray:
        return np.full(inputs.shape[1:], len(inputs))


def _rules(settings: Settings) -> tuple[Rule, Rule]:
    """Clipping, and clipping followed by the update, on both sides."""
    bound = settings.clip_bound
    by_hand, by_optax = {
        "value": (partial(clip_by_value, bound=bound), partial(autodiff.optimisers.clip_by_value, bound=bound)),
        "norm": (partial(clip_by_global_norm, bound=bound), partial(autodiff.optimisers.clip_by_global_norm, bound=bound)),
        "none": (_unchanged, _unchanged),
    }[settings.clip]
    manual_side = by_name(settings.optimiser, settings.learning_rate)
    optax_side = autodiff.optimisers.by_name(settings.optimiser, settings.learning_rate)

    def update_by_hand(gradients: Parameters, state: Any, parameters: Parameters) -> Any:
        return manual_side.update(by_hand(gradients), state, parameters)

    def update_by_optax(gradients: Parameters, state: Any, parameters: Parameters) -> Any:
        moved, following = optax_side.update(by_optax(gradients), optax_side.import_state(state), parameters)
        return moved, optax_side.export_state(following)

    return (
        Rule("clip", lambda g, _s, _p: by_hand(g), lambda g, _s, _p: by_optax(g), _no_state),
        Rule("update", update_by_hand, update_by_optax, _no_state),
    )


def _unchanged(gradients: Parameters) -> Parameters:
    return gradients


def _no_state(_random: np.random.Generator, _gradients: Parameters) -> tuple[()]:
    return ()  # a run brings its own


def _values(groups: Mapping[str, Any], before: Parameters | None = None) -> Values:
    """Name every array. Updates are what was added to the parameters `before`; noise needs no such difference."""
    moved, optimiser_state = groups["rules"]["update"]
    values = {
        Quantity("loss"): groups["loss"],
        Quantity("final state"): groups["auxiliary"],
        Quantity("gradient", "initial state"): groups["inputs"]["initial_state"],
    }
    if before is not None:
        moved = [np.subtract(new, old, dtype=np.float64) for new, old in zip(moved, before, strict=True)]
    kinds = {"gradient": groups["gradients"], "clipped": groups["rules"]["clip"], "update": moved}
    # Counters are integers and no matter of rounding.
    states = {f"state {number}": field for number, field in enumerate(optimiser_state) if isinstance(field, Parameters)}
    for kind, arrays in (kinds | states).items():
        values |= {Quantity(kind, name): array for name, array in zip(Parameters._fields, arrays, strict=True)}
    return values
