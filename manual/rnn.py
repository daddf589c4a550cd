"""A recurrent network that predicts the next symbol: the loss, and every derivative of it, by hand.

    z[t] = Wxh x[t] + Whh h[t-1] + bh      x[t] is 1 at the input symbol and 0 elsewhere, so Wxh x[t] is a column of Wxh
    h[t] = tanh(z[t])                      h[0] is the initial state, steps count from 1 to T
    y[t] = Why h[t] + by                   the logits
    loss = -sum over t of log softmax(y[t])[target[t]]                                  in nats

Letters: T steps, B sequences in a batch, V symbols, H hidden units. `dq` is the gradient of the loss with respect to
`q` and has the shape of `q`. Vectors are rows here, as they lie in memory: `Whh h` of the formula is `h @ Whh.mT`.
Each stage of the forward pass is followed by its backward pass. README.md, beside this file, derives every line.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int

from manual.cross_entropy import cross_entropy, cross_entropy_backward
from manual.errors import InputError
from manual.indices import check_batch, check_indices, check_state, check_window
from manual.parameters import Floating, Parameters, validate


class Intermediates(NamedTuple):
    """Gradients of the quantities inside, step by step. Without a batch axis in the data, there is none here."""

    dy: Floating[np.ndarray, "..."]
    """Of the logits, shape (*models, T[, B], V)."""
    dh: Floating[np.ndarray, "..."]
    """Of the hidden states, both terms: through the output and through the next step; (*models, T[, B], H)."""
    dz: Floating[np.ndarray, "..."]
    """Of the pre-activations, shape (*models, T[, B], H)."""


class Evaluation(NamedTuple):
    """What `loss_and_gradients` returns. Every array owns its memory."""

    loss: Any
    """Cross-entropy in nats, summed over steps and sequences: a NumPy scalar, or an array of shape `models`."""
    gradients: Parameters
    """Unclipped, with the shapes and the dtype of the parameters."""
    initial_state_gradient: Floating[np.ndarray, "..."]
    """Shape (*models[, B], H)."""
    final_state: Floating[np.ndarray, "..."]
    """h[T], the initial state of the window that follows; shape (*models[, B], H)."""
    intermediates: Intermediates | None
    """Given on request."""


def loss_and_gradients(
    parameters: Parameters,
    inputs: Any,
    targets: Any,
    initial_state: Any,
    *,
    window: int | None = None,
    intermediates: bool = False,
) -> Evaluation:
    """Return the loss and its gradients in the parameters and the initial state: backpropagation through time.

    `inputs` and `targets` are integers of shape (*models, T) or (*models, T, B), `initial_state` has shape (*models, H)
    or (*models, B, H); `models` are the leading axes of the parameters, usually none. With `window=k` no gradient flows
    back from step t+1 to step t wherever t is a multiple of k. Memory: O(T·B·(H + V)) for each model; stacks of small
    models run fastest a few hundred at a time, while they fit into the cache.

    Raises InputError for arrays that do not fit together, indices outside the vocabulary, NaN and infinity.
    """
    validate(parameters)
    check_window(window)
    inputs, targets, initial_state, has_batch_axis = check_batch(parameters, inputs, targets, initial_state)
    Wxh, Whh, Why, bh, by = parameters

    entries = _column_entries(inputs, Wxh)
    h = _hidden_states(_input_terms(Wxh, bh, entries), Whh, initial_state)
    likelihood = cross_entropy(_logits(h, Why, by), targets)

    dy = cross_entropy_backward(likelihood)
    dh, dWhy, dby = _logits_backward(dy, h, Why)
    dz, dWhh, dinitial_state = _hidden_states_backward(dh, h, Whh, window)
    dWxh, dbh = _input_terms_backward(dz, Wxh, entries)

    batch = slice(None) if has_batch_axis else 0
    return Evaluation(
        loss=likelihood.loss,
        gradients=Parameters(dWxh, dWhh, dWhy, dbh, dby),
        initial_state_gradient=dinitial_state[..., batch, :].copy(),
        final_state=h[..., -1, batch, :].copy(),
        intermediates=Intermediates(*(d[..., batch, :].copy() for d in (dy, dh, dz))) if intermediates else None,
    )


def loss(
    parameters: Parameters, inputs: Any, targets: Any, initial_state: Any
) -> tuple[Any, Floating[np.ndarray, "..."]]:
    """Return the loss and the final state, without gradients; arguments and errors as in `loss_and_gradients`."""
    validate(parameters)
    inputs, targets, initial_state, has_batch_axis = check_batch(parameters, inputs, targets, initial_state)
    Wxh, Whh, Why, bh, by = parameters
    entries = _column_entries(inputs, Wxh)
    h = _hidden_states(_input_terms(Wxh, bh, entries), Whh, initial_state)
    batch = slice(None) if has_batch_axis else 0
    return cross_entropy(_logits(h, Why, by), targets).loss, h[..., -1, batch, :].copy()


def step(
    parameters: Parameters, symbols: Any, state: Any
) -> tuple[Floating[np.ndarray, "*batch vocabulary"], Floating[np.ndarray, "*batch hidden"]]:
    """Take one step forward, for sampling: return the logits of the symbol that follows `symbols`, and the new state.

    `symbols` is one index with `state` of shape (H,), or shape (B,) with `state` of shape (B, H).
    Raises InputError as `loss_and_gradients` does.
    """
    validate(parameters)
    Wxh, Whh, Why, bh, by = parameters
    if bh.ndim != 1:
        raise InputError(
            f"The parameters stack {bh.shape[:-1]} models, expected a single one: select one by its index."
        )
    symbols = check_indices("symbols", symbols, by.shape[-1])
    state = check_state("state", state, parameters, symbols.shape)
    state = np.tanh(Wxh.mT[symbols] + bh + state @ Whh.mT)
    return state @ Why.mT + by, state


# The inputs: Wxh x + bh. The product with a vector that is 1 at one symbol is that symbol's column of Wxh.


def _column_entries(
    inputs: Int[np.ndarray, "*models time batch"], Wxh: Floating[np.ndarray, "*models hidden vocabulary"]
) -> Int[np.ndarray, "*models time batch hidden"]:
    """Return where the columns of the symbols lie in the flattened `Wxh`."""
    *models, H, V = Wxh.shape
    row_starts = np.arange(0, Wxh.size, V).reshape(*models, 1, 1, H)
    return row_starts + inputs[..., None]


def _input_terms(
    Wxh: Floating[np.ndarray, "*models hidden vocabulary"],
    bh: Floating[np.ndarray, "*models hidden"],
    entries: Int[np.ndarray, "*models time batch hidden"],
) -> Floating[np.ndarray, "*models time batch hidden"]:
    """Return z without the term of the previous state."""
    z = Wxh.take(entries)
    z += bh[..., None, None, :]
    return z


def _input_terms_backward(
    dz: Floating[np.ndarray, "*models time batch hidden"],
    Wxh: Floating[np.ndarray, "*models hidden vocabulary"],
    entries: Int[np.ndarray, "*models time batch hidden"],
) -> tuple[Floating[np.ndarray, "*models hidden vocabulary"], Floating[np.ndarray, "*models hidden"]]:
    dWxh = np.zeros(Wxh.shape, Wxh.dtype)
    # Column x[t] += dz[t]: a symbol that was read n times receives n terms, of which `dWxh[:, x] += dz` would keep one.
    # Flat, because np.add.at takes four times as long over an array of two dimensions.
    np.add.at(dWxh.reshape(-1), entries.reshape(-1), dz.reshape(-1))
    dbh = _merge_steps(dz).sum(axis=-2)  # bh enters every z[t] once
    return dWxh, dbh


# The recurrence: z[t] += Whh h[t-1], h[t] = tanh(z[t]). The only loops over time.


def _hidden_states(
    z: Floating[np.ndarray, "*models time batch hidden"],
    Whh: Floating[np.ndarray, "*models hidden hidden"],
    initial_state: Floating[np.ndarray, "*models batch hidden"],
) -> Floating[np.ndarray, "*models time_and_1 batch hidden"]:
    """Return all states, h[0] to h[T]. Completes `z` in place."""
    *models, T, B, H = z.shape
    h = np.empty((*models, T + 1, B, H), z.dtype)
    h[..., 0, :, :] = initial_state
    multiply = _product_in_place(Whh)
    WhhT = Whh.mT.copy()  # in the order in which the product reads it
    term = np.empty((*models, B, H), z.dtype)
    h_t, *rows = _time_first(h)
    for z_t, row in zip(_time_first(z), rows, strict=True):
        multiply(h_t, WhhT, term)
        z_t += term
        h_t = np.tanh(z_t, row)
    return h


def _hidden_states_backward(
    dh: Floating[np.ndarray, "*models time batch hidden"],
    h: Floating[np.ndarray, "*models time_and_1 batch hidden"],
    Whh: Floating[np.ndarray, "*models hidden hidden"],
    window: int | None,
) -> tuple[
    Floating[np.ndarray, "*models time batch hidden"],
    Floating[np.ndarray, "*models hidden hidden"],
    Floating[np.ndarray, "*models batch hidden"],
]:
    """Return dz, dWhh and the gradient of h[0]. Adds to `dh`, the term of the output, the term of the next step."""
    *models, T, B, H = dh.shape
    h_before, h_after = h[..., :-1, :, :], h[..., 1:, :, :]
    dz = (1 - h_after) * (1 + h_after)  # tanh'(z) = 1 - h², without the cancellation where h is close to ±1
    multiply = _product_in_place(Whh)
    carry = np.zeros((*models, B, H), dh.dtype)  # nothing follows step T
    dh_time, dz_time = _time_first(dh), _time_first(dz)
    for t, dh_t, dz_t in zip(range(T, 0, -1), dh_time[::-1], dz_time[::-1], strict=True):
        if window is None or t % window:
            dh_t += carry  # h[t] reaches the loss twice: through y[t], and through z[t+1]
        dz_t *= dh_t  # h = tanh(z): dz = tanh'(z) dh
        multiply(dz_t, Whh, carry)  # z[t] holds Whh h[t-1]: dz[t] Whh is what h[t-1] receives
    dWhh = _merge_steps(dz).mT @ _merge_steps(h_before)  # sum over t of dz[t] h[t-1]ᵀ
    return dz, dWhh, carry


def _time_first(
    array: Floating[np.ndarray, "*models time batch size"],
) -> Floating[np.ndarray, "time *models batch size"]:
    """View the steps along the first axis; np.moveaxis is slow at doing nothing."""
    return array if array.ndim == 3 else np.moveaxis(array, -3, 0)


def _product_in_place(
    weights: Floating[np.ndarray, "*models _ _"],
) -> Callable[[np.ndarray, np.ndarray, np.ndarray], Any]:
    """Return the product `(left, right, out)`: a single model's starts in half the time of np.matmul, which stacks."""
    return np.ndarray.dot if weights.ndim == 2 else np.matmul


# The outputs: y = Why h + by, one product for all steps and sequences.


def _logits(
    h: Floating[np.ndarray, "*models time_and_1 batch hidden"],
    Why: Floating[np.ndarray, "*models vocabulary hidden"],
    by: Floating[np.ndarray, "*models vocabulary"],
) -> Floating[np.ndarray, "*models time batch vocabulary"]:
    *models, steps, B, _ = h.shape
    y = _merge_steps(h[..., 1:, :, :]) @ Why.mT
    y += by[..., None, :]
    return y.reshape(*models, steps - 1, B, -1)


def _logits_backward(
    dy: Floating[np.ndarray, "*models time batch vocabulary"],
    h: Floating[np.ndarray, "*models time_and_1 batch hidden"],
    Why: Floating[np.ndarray, "*models vocabulary hidden"],
) -> tuple[
    Floating[np.ndarray, "*models time batch hidden"],
    Floating[np.ndarray, "*models vocabulary hidden"],
    Floating[np.ndarray, "*models vocabulary"],
]:
    """Return dh as far as it comes through the outputs, dWhy and dby."""
    h_after = h[..., 1:, :, :]
    dy = _merge_steps(dy)
    dh = (dy @ Why).reshape(h_after.shape)  # y = Why h: Whyᵀ dy, here for rows
    dWhy = dy.mT @ _merge_steps(h_after)  # sum over t of dy[t] h[t]ᵀ
    dby = dy.sum(axis=-2)  # by enters every y[t] once
    return dh, dWhy, dby


def _merge_steps(
    array: Floating[np.ndarray, "*models time batch size"],
) -> Floating[np.ndarray, "*models time_batch size"]:
    """View every step of every sequence as one long list of rows, so that one product serves them all."""
    *models, T, B, size = array.shape
    return array.reshape(*models, T * B, size)
