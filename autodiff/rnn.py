"""The loss of a character RNN in the plainest JAX. Every derivative here is JAX's own.

The model, for t = 1 … T, with x[t] the column of Wxh that belongs to the symbol read at step t:

    z[t] = Wxh x[t] + Whh h[t-1] + bh      h[t] = tanh(z[t])      y[t] = Why h[t] + by
    loss = − Σ_t log softmax(y[t])[target[t]]      in nats, summed over the steps and over the batch

Every function can be jitted, and vmapped over models. Arrays may come from NumPy or from JAX; indices are not checked
here, since a traced value cannot be. No function changes JAX's configuration: enable x64 for float64.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, ArrayLike, Float, Int

from manual.errors import InputError
from manual.parameters import Parameters


class Probes(NamedTuple):
    """What to add to each intermediate: zeros, so that the gradient of a probe is the gradient of what it is added to.

    `None` adds nothing. The same class holds the gradients themselves: dy, dh (the total, through y[t] and through
    z[t+1]) and dz.
    """

    y: Any = None
    """Logits, shape (time, [batch,] vocabulary)."""
    h: Any = None
    """Hidden states, shape (time, [batch,] hidden)."""
    z: Any = None
    """Pre-activations, shape (time, [batch,] hidden)."""


class Evaluation(NamedTuple):
    """The loss at one point, and its gradients there, as JAX arrays (NumPy arrays after `autodiff.padding.unpad`)."""

    loss: Float[Array, ""]
    """Summed cross-entropy in nats."""
    gradients: Parameters
    """Unclipped; shapes and dtype of the parameters."""
    initial_state_gradient: Float[Array, "*batch hidden"]
    final_state: Float[Array, "*batch hidden"]


def loss(
    parameters: Parameters,
    inputs: Int[ArrayLike, " time *batch"],
    targets: Int[ArrayLike, " time *batch"],
    initial_state: Float[ArrayLike, "*batch hidden"],
    lengths: Int[ArrayLike, "*batch"] | None = None,
    *,
    window: int | Int[ArrayLike, ""] | None = None,
    probes: Probes | None = None,
) -> tuple[Float[Array, ""], Float[Array, "*batch hidden"]]:
    """Return the loss of one sequence or of a batch, in nats, and the state after the last step.

    `window=k` stops the gradient between steps t and t+1 whenever k divides t, steps counted from 1; step 1 always
    reaches the initial state. `lengths` says how many steps of each sequence count: the steps after them leave the
    state as it is and add nothing to the loss (autodiff/padding.py). Both may be traced. Raises InputError for a window
    below 1.
    """
    if isinstance(window, int) and window < 1:
        raise InputError(f"window is {window}, expected at least 1, or None for the full gradient.")
    of_one_sequence = partial(
        _sequence_loss,
        jax.tree.map(jnp.asarray, parameters),
        None if window is None else jnp.asarray(window, int),
    )
    data = (
        jnp.asarray(inputs),
        jnp.asarray(targets),
        jnp.asarray(initial_state),
        None if lengths is None else jnp.asarray(lengths, int),
        Probes() if probes is None else probes,
    )
    if jnp.ndim(inputs) == 1:
        return of_one_sequence(*data)
    losses, final_states = jax.vmap(of_one_sequence, in_axes=(1, 1, 0, 0, 1))(*data)
    return losses.sum(), final_states


def loss_and_gradients(
    parameters: Parameters,
    inputs: Int[ArrayLike, " time *batch"],
    targets: Int[ArrayLike, " time *batch"],
    initial_state: Float[ArrayLike, "*batch hidden"],
    lengths: Int[ArrayLike, "*batch"] | None = None,
    *,
    window: int | Int[ArrayLike, ""] | None = None,
) -> Evaluation:
    """Return loss, gradients and final state by reverse mode. The arguments are those of `loss`."""
    differentiated = jax.value_and_grad(partial(loss, window=window), argnums=(0, 3), has_aux=True)
    results = differentiated(parameters, inputs, targets, initial_state, lengths)
    (value, final_state), (gradients, initial_state_gradient) = results
    return Evaluation(value, gradients, initial_state_gradient, final_state)


def forward_mode_gradients(
    parameters: Parameters,
    inputs: Int[ArrayLike, " time *batch"],
    targets: Int[ArrayLike, " time *batch"],
    initial_state: Float[ArrayLike, "*batch hidden"],
    lengths: Int[ArrayLike, "*batch"] | None = None,
    *,
    window: int | Int[ArrayLike, ""] | None = None,
) -> tuple[Parameters, Float[Array, "*batch hidden"]]:
    """Return the gradients of parameters and initial state by forward mode, which runs no backward pass at all.

    One tangent for every entry: it costs as many forward passes as there are parameters. Keep the model small.
    """
    differentiated = jax.jacfwd(partial(loss, window=window), argnums=(0, 3), has_aux=True)
    gradients, _ = differentiated(parameters, inputs, targets, initial_state, lengths)
    return gradients


def intermediate_gradients(
    parameters: Parameters,
    inputs: Int[ArrayLike, " time *batch"],
    targets: Int[ArrayLike, " time *batch"],
    initial_state: Float[ArrayLike, "*batch hidden"],
    lengths: Int[ArrayLike, "*batch"] | None = None,
    *,
    window: int | Int[ArrayLike, ""] | None = None,
) -> Probes:
    """Return the gradients dy, dh and dz of every step's logits, state and pre-activation."""
    steps = jnp.shape(inputs)

    def zeros(like: Any) -> Array:
        return jnp.zeros((*steps, like.shape[-1]), like.dtype)

    probes = Probes(y=zeros(parameters.by), h=zeros(parameters.bh), z=zeros(parameters.bh))

    def of_probes(probes: Probes) -> tuple[Array, Array]:
        return loss(parameters, inputs, targets, initial_state, lengths, window=window, probes=probes)

    gradients, _ = jax.grad(of_probes, has_aux=True)(probes)
    return gradients


def _sequence_loss(
    parameters: Parameters,
    window: Int[Array, ""] | None,
    inputs: Int[Array, " time"],
    targets: Int[Array, " time"],
    initial_state: Float[Array, " hidden"],
    length: Int[Array, ""] | None,
    probes: Probes,
) -> tuple[Float[Array, ""], Float[Array, " hidden"]]:
    Wxh, Whh, Why, bh, by = parameters
    steps_before = jnp.arange(inputs.shape[0])

    def recur(h: Array, now: Any) -> tuple[Array, Array]:
        before, from_input, probe = now
        if window is not None:
            at_cut = (before > 0) & (before % window == 0)
            h = jnp.where(at_cut, lax.stop_gradient(h), h)
        z = _probed(from_input + Whh @ h + bh, probe.z)
        following = _probed(jnp.tanh(z), probe.h)
        if length is not None:
            following = jnp.where(before < length, following, h)
        return following, following

    def surprise(h: Array, target: Array, probe: Any) -> Array:
        y = _probed(Why @ h + by, probe)
        return -jax.nn.log_softmax(y)[target]

    # The scan holds only what must be sequential: one gather before it and one vmap after it are a third faster.
    final_state, h = lax.scan(recur, initial_state, (steps_before, Wxh.T[inputs], probes._replace(y=None)))
    losses = jax.vmap(surprise)(h, targets, probes.y)
    if length is not None:
        losses = jnp.where(steps_before < length, losses, 0.0)
    return losses.sum(), final_state


def _probed(value: Array, probe: Array | None) -> Array:
    return value if probe is None else value + probe
