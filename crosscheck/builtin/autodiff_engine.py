"""Training steps by JAX alone: gradients by automatic differentiation, clip and update by optax."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import autodiff.optimisers
import autodiff.rnn
from autodiff.rnn import Probes
from crosscheck.oracle import judging_configuration
from manual.parameters import Parameters
from manual.settings import Settings
from manual.training import Engine, StepResult, wrong_predictions


def autodiff_engine(settings: Settings, *, gradients: bool = False) -> Engine:
    """Make the engine that trains with the derivatives of JAX, for the windows that the settings describe.

    With `gradients` it hands them out, before and after clipping; without, XLA need not even keep them.
    """
    show = gradients
    move = optax_step(settings)

    @jax.jit
    def step(parameters: Parameters, state: Any, inputs: Any, targets: Any, hidden_state: Any, lengths: Any) -> Any:
        def loss(parameters: Parameters, probes: Probes) -> Any:
            window = settings.truncation
            return autodiff.rnn.loss(parameters, inputs, targets, hidden_state, lengths, window=window, probes=probes)

        # The gradients of the logits come along: they tell which predictions were wrong.
        probes = Probes(y=jnp.zeros((*inputs.shape, parameters.by.shape[0]), parameters.by.dtype))
        differentiated = jax.value_and_grad(loss, argnums=(0, 1), has_aux=True)
        (value, final_state), (gradients, of_probes) = differentiated(parameters, probes)
        clipped, moved, following = move(gradients, state, parameters)
        return value, of_probes.y, moved, following, final_state, *((gradients, clipped) if show else ())

    def engine(
        parameters: Parameters, optimiser_state: Any, inputs: Any, targets: Any, hidden_state: Any, /
    ) -> StepResult:
        with judging_configuration():
            data = (*of_one_length(settings, inputs, targets), hidden_state, lengths_of(inputs))
            computed = step(parameters, tuple(optimiser_state), *data)
        value, dy, moved, following, final_state, *shown = jax.tree.map(np.asarray, computed)
        # optax counts in int32, the hand-written side in int64.
        fields = (new if isinstance(new, Parameters) else np.int64(new) for new in following)
        wrong = wrong_predictions(dy[: len(inputs)], targets)
        return StepResult(value, wrong, moved, type(optimiser_state)(*fields), final_state, *shown)

    return engine


def optax_step(settings: Settings) -> Callable[[Parameters, Any, Parameters], tuple[Parameters, Parameters, Any]]:
    """Return `(gradients, state, parameters) -> (clipped, new parameters, new state)` by optax.

    States are the fields of the hand-written optimiser's state.
    """
    bound = settings.clip_bound
    clip = {
        "value": partial(autodiff.optimisers.clip_by_value, bound=bound),
        "norm": partial(autodiff.optimisers.clip_by_global_norm, bound=bound),
        "none": lambda gradients: gradients,
    }[settings.clip]
    optimiser = autodiff.optimisers.by_name(settings.optimiser, settings.learning_rate)

    def step(gradients: Parameters, state: Any, parameters: Parameters) -> tuple[Parameters, Parameters, Any]:
        clipped = clip(gradients)
        moved, following = optimiser.update(clipped, optimiser.import_state(tuple(state)), parameters)
        return clipped, moved, optimiser.export_state(following)

    return step


def of_one_length(settings: Settings, *windows: np.ndarray) -> list[np.ndarray]:
    """Pad shorter windows at their end; `lengths_of` says what counts. JAX compiles every new shape for seconds."""
    length = settings.layout.length
    return [np.pad(window, [(0, length - len(window)), *[(0, 0)] * (window.ndim - 1)]) for window in windows]


def lengths_of(inputs: np.ndarray) -> np.ndarray:
    """Return how many steps of each sequence count."""
    return np.full(inputs.shape[1:], len(inputs))
