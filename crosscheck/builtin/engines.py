"""The two engines of a training run: the one written by hand, and its twin, derived by JAX and updated by optax."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import autodiff.optimisers
import autodiff.rnn
from autodiff.rnn import Probes
from manual.parameters import Parameters
from manual.settings import Settings
from manual.training import Engine, StepResult, wrong_predictions

_CLIPS = {"value": autodiff.optimisers.clip_by_value, "norm": autodiff.optimisers.clip_by_global_norm}


class TwinStep(NamedTuple):
    """All that one training step computes, in NumPy arrays."""

    loss: Any
    gradients: Parameters
    initial_state_gradient: np.ndarray
    final_state: np.ndarray
    dy: np.ndarray
    """Gradient of the logits, (T, V) or (T, B, V)."""
    clipped: Parameters
    parameters: Parameters
    optimiser_state: Any
    """In the classes of `manual.optimisers`."""


Twin = Callable[[Parameters, Any, np.ndarray, np.ndarray, np.ndarray], TwinStep]


def twin_from(settings: Settings) -> Twin:
    """Compile the training step that the settings describe, for windows of at most their length.

    JAX compiles every new shape for half a second or more, so shorter windows are padded at their end and masked.
    """
    optimiser = autodiff.optimisers.by_name(settings.optimiser, settings.learning_rate)
    clip = partial(_CLIPS[settings.clip], bound=settings.clip_bound) if settings.clip in _CLIPS else lambda g: g
    length = settings.layout.length

    @jax.jit
    def step(parameters: Parameters, fields: Any, inputs: Any, targets: Any, state: Any, lengths: Any) -> Any:
        def loss(parameters: Parameters, state: Any, probes: Probes) -> Any:
            return autodiff.rnn.loss(
                parameters, inputs, targets, state, lengths, window=settings.truncation, probes=probes
            )

        probes = Probes(y=jnp.zeros((*inputs.shape, parameters.by.shape[0]), parameters.by.dtype))
        differentiated = jax.value_and_grad(loss, argnums=(0, 1, 2), has_aux=True)
        (value, final_state), (gradients, dstate, dprobes) = differentiated(parameters, state, probes)
        clipped = clip(gradients)
        moved, optimiser_state = optimiser.update(clipped, optimiser.import_state(fields), parameters)
        fields = optimiser.export_state(optimiser_state)
        return value, gradients, dstate, final_state, dprobes.y, clipped, moved, fields

    def twin(
        parameters: Parameters, optimiser_state: Any, inputs: np.ndarray, targets: np.ndarray, state: np.ndarray
    ) -> TwinStep:
        steps = len(inputs)
        lengths = np.full(inputs.shape[1:], steps)
        computed = step(
            parameters, tuple(optimiser_state), _padded(inputs, length), _padded(targets, length), state, lengths
        )
        *results, dy, clipped, moved, fields = jax.tree.map(np.asarray, computed)
        return TwinStep(*results, dy[:steps], clipped, moved, _as_handwritten(optimiser_state, fields))

    return twin


def autodiff_engine(settings: Settings) -> Engine:
    """Make the engine that trains with the derivatives of JAX."""
    twin = twin_from(settings)

    def step(parameters: Parameters, optimiser_state: Any, inputs: Any, targets: Any, hidden_state: Any, /) -> StepResult:
        taken = twin(parameters, optimiser_state, inputs, targets, hidden_state)
        wrong = wrong_predictions(taken.dy, targets)
        return StepResult(taken.loss, wrong, taken.parameters, taken.optimiser_state, taken.final_state)

    return step


def _padded(indices: np.ndarray, length: int) -> np.ndarray:
    return np.pad(indices, [(0, length - len(indices)), *[(0, 0)] * (indices.ndim - 1)])


def _as_handwritten(before: Any, fields: Any) -> Any:
    """Give optax's state the class and the counters' type of the hand-written one."""
    return type(before)(
        *(new if isinstance(new, Parameters) else np.int64(new) for new in fields)
    )
