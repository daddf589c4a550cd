"""A recurrent network that predicts the next symbol: the loss, and every derivative of it, by hand.

    z[t] = Wxh x[t] + Whh h[t-1] + bh      x[t] is 1 at the input symbol and 0 elsewhere, so Wxh x[t] is a column of Wxh
    h[t] = tanh(z[t])                      h[0] is the initial state, steps count from 1 to T
    y[t] = Why h[t] + by                   the logits
    loss = -sum over t of log softmax(y[t])[target[t]]                                  in nats

Letters: T steps, B sequences in a batch, V symbols, H hidden units. `dq` is the gradient of the loss with respect to
`q` and has the shape of `q`. Vectors are rows here, as they lie in memory: `Whh h` of the formula is `h @ Whh.mT`.
Inside, what is computed step by step has time as its first axis, and what is computed for all steps at once has one
long axis of rows. Each stage of the forward pass is followed by its backward pass. README.md, beside this file,
derives every line.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int

from manual.blocks import in_blocks
from manual.cross_entropy import Likelihood, cross_entropy, cross_entropy_backward
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
    back from step t+1 to step t wherever t is a multiple of k. Memory: O(T·B·(H + V)) for each of at most 256 models.

    Raises InputError for arrays that do not fit together, indices outside the vocabulary, NaN and infinity.
    """
    validate(parameters)
    check_window(window)
    inputs, targets, initial_state, has_batch_axis = check_batch(parameters, inputs, targets, initial_state)
    evaluate = partial(_forward_and_backward, window=window, intermediates=intermediates)
    data = (*parameters, inputs, targets, initial_state)
    loss, dWxh, dWhh, dWhy, dbh, dby, *by_sequence = in_blocks(evaluate, parameters.bh.shape[:-1], data)
    batch = slice(None) if has_batch_axis else 0
    dinitial_state, final_state, *inside = (array[..., batch, :].copy() for array in by_sequence)
    return Evaluation(
        loss=loss,
        gradients=Parameters(dWxh, dWhh, dWhy, dbh, dby),
        initial_state_gradient=dinitial_state,
        final_state=final_state,
        intermediates=Intermediates(*inside) if intermediates else None,
    )


def loss(
    parameters: Parameters, inputs: Any, targets: Any, initial_state: Any
) -> tuple[Any, Floating[np.ndarray, "..."]]:
    """Return the loss and the final state, without gradients; arguments and errors as in `loss_and_gradients`."""
    validate(parameters)
    inputs, targets, initial_state, has_batch_axis = check_batch(parameters, inputs, targets, initial_state)
    data = (*parameters, inputs, targets, initial_state)
    loss, final_state = in_blocks(_forward_only, parameters.bh.shape[:-1], data)
    return loss, final_state[..., slice(None) if has_batch_axis else 0, :].copy()


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


def _forward(
    Wxh: Floating[np.ndarray, "*model hidden vocabulary"],
    Whh: Floating[np.ndarray, "*model hidden hidden"],
    Why: Floating[np.ndarray, "*model vocabulary hidden"],
    bh: Floating[np.ndarray, "*model hidden"],
    by: Floating[np.ndarray, "*model vocabulary"],
    inputs: Int[np.ndarray, "*model time batch"],
    targets: Int[np.ndarray, "*model time batch"],
    initial_state: Floating[np.ndarray, "*model batch hidden"],
) -> tuple[
    Floating[np.ndarray, "time_and_1 *model batch hidden"], Floating[np.ndarray, "*model rows hidden"], Likelihood
]:
    """Return all states, those from h[1] on as rows, and the loss. There is one model axis, or none."""
    h = _hidden_states(_input_terms(Wxh, bh, inputs), Whh, initial_state)
    rows = _rows(h[1:])
    likelihood = cross_entropy(_logits(rows, Why, by), targets.reshape(rows.shape[:-1]))
    return h, rows, likelihood


def _forward_and_backward(*data: np.ndarray, window: int | None, intermediates: bool) -> tuple[Any, ...]:
    """Return what the fields of `Evaluation` hold, one array after the other, always with a batch axis."""
    Wxh, Whh, Why, _, _, inputs, _, _ = data
    h, rows, likelihood = _forward(*data)
    dy = cross_entropy_backward(likelihood)
    drows, dWhy, dby = _logits_backward(dy, rows, Why)
    dh = _steps(drows, h[1:].shape)
    dz, dWhh, dinitial_state = _hidden_states_backward(dh, h, Whh, window)
    dWxh, dbh = _input_terms_backward(dz, Wxh, inputs)
    results = (likelihood.loss, dWxh, dWhh, dWhy, dbh, dby, dinitial_state, h[-1])
    if not intermediates:
        return results
    return *results, *(rows.reshape(*inputs.shape, -1) for rows in (dy, _rows(dh), _rows(dz)))


def _forward_only(*data: np.ndarray) -> tuple[Any, Floating[np.ndarray, "*model batch hidden"]]:
    h, _, likelihood = _forward(*data)
    return likelihood.loss, h[-1]


# The inputs: Wxh x + bh. The product with a vector that is 1 at one symbol is that symbol's column of Wxh.


def _input_terms(
    Wxh: Floating[np.ndarray, "*model hidden vocabulary"],
    bh: Floating[np.ndarray, "*model hidden"],
    inputs: Int[np.ndarray, "*model time batch"],
) -> Floating[np.ndarray, "time_and_1 *model batch hidden"]:
    """Return z without the term of the previous state in rows 1 to T; row 0 is left free for the initial state."""
    symbols = inputs.swapaxes(0, -2)  # time first
    model = (np.arange(len(bh))[:, None],) if bh.ndim > 1 else ()
    z = np.empty((len(symbols) + 1, *symbols.shape[1:], bh.shape[-1]), bh.dtype)
    np.add(Wxh.mT[(*model, symbols)], bh[..., None, :], out=z[1:])
    return z


def _input_terms_backward(
    dz: Floating[np.ndarray, "time *model batch hidden"],
    Wxh: Floating[np.ndarray, "*model hidden vocabulary"],
    inputs: Int[np.ndarray, "*model time batch"],
) -> tuple[Floating[np.ndarray, "*model hidden vocabulary"], Floating[np.ndarray, "*model hidden"]]:
    *model, H, V = Wxh.shape
    dWxh = np.zeros(Wxh.shape, Wxh.dtype)
    # Column x[t] += dz[t]: a symbol that was read n times receives n terms, of which `dWxh[:, x] += dz` would keep one.
    # Flat, because np.add.at takes four times as long over an array of two dimensions.
    row_starts = np.arange(0, Wxh.size, V).reshape(*model, 1, H)
    entries = row_starts + inputs.swapaxes(0, -2)[..., None]
    np.add.at(dWxh.reshape(-1), entries.reshape(-1), dz.reshape(-1))
    dbh = dz.sum(axis=(0, -2))  # bh enters every z[t] once
    return dWxh, dbh


# The recurrence: z[t] += Whh h[t-1], h[t] = tanh(z[t]). The only loops over time.


def _hidden_states(
    z: Floating[np.ndarray, "time_and_1 *model batch hidden"],
    Whh: Floating[np.ndarray, "*model hidden hidden"],
    initial_state: Floating[np.ndarray, "*model batch hidden"],
) -> Floating[np.ndarray, "time_and_1 *model batch hidden"]:
    """Complete z[t] and replace it by h[t], step after step; return all states, h[0] to h[T]."""
    h = z
    h[0] = initial_state
    multiply = _product_in_place(Whh)
    # A product of matrices reads Whh.mT faster from a copy in its own order; that of a vector and a matrix does not.
    WhhT = Whh.mT if initial_state.shape[:-1] == (1,) else Whh.mT.copy()
    term = np.empty(initial_state.shape, h.dtype)
    h_before, *steps = h
    for z_t in steps:
        multiply(h_before, WhhT, term)
        z_t += term
        h_before = np.tanh(z_t, z_t)
    return h


def _hidden_states_backward(
    dh: Floating[np.ndarray, "time *model batch hidden"],
    h: Floating[np.ndarray, "time_and_1 *model batch hidden"],
    Whh: Floating[np.ndarray, "*model hidden hidden"],
    window: int | None,
) -> tuple[
    Floating[np.ndarray, "time *model batch hidden"],
    Floating[np.ndarray, "*model hidden hidden"],
    Floating[np.ndarray, "*model batch hidden"],
]:
    """Return dz, dWhh and the gradient of h[0]. Adds to `dh`, the term of the output, the term of the next step."""
    h_before, h_after = h[:-1], h[1:]
    dz = 1 - h_after
    dz *= 1 + h_after  # tanh'(z) = 1 - h², without the cancellation where h is close to ±1
    multiply = _product_in_place(Whh)
    carry = np.zeros(dh.shape[1:], dh.dtype)  # nothing follows step T
    for t, dh_t, dz_t in zip(range(len(dh), 0, -1), dh[::-1], dz[::-1], strict=True):
        if window is None or t % window:
            dh_t += carry  # h[t] reaches the loss twice: through y[t], and through z[t+1]
        dz_t *= dh_t  # h = tanh(z): dz = tanh'(z) dh
        multiply(dz_t, Whh, carry)  # z[t] holds Whh h[t-1]: dz[t] Whh is what h[t-1] receives
    dWhh = _rows(dz).mT @ _rows(h_before)  # sum over t of dz[t] h[t-1]ᵀ
    return dz, dWhh, carry


def _product_in_place(
    weights: Floating[np.ndarray, "*model _ _"],
) -> Callable[[np.ndarray, np.ndarray, np.ndarray], Any]:
    """Return the product `(left, right, out)`: a single model's starts in half the time of np.matmul, which stacks."""
    return np.ndarray.dot if weights.ndim == 2 else np.matmul


# The outputs: y = Why h + by, one product for all steps and sequences.


def _logits(
    rows: Floating[np.ndarray, "*model rows hidden"],
    Why: Floating[np.ndarray, "*model vocabulary hidden"],
    by: Floating[np.ndarray, "*model vocabulary"],
) -> Floating[np.ndarray, "*model rows vocabulary"]:
    y = rows @ Why.mT
    y += by[..., None, :]
    return y


def _logits_backward(
    dy: Floating[np.ndarray, "*model rows vocabulary"],
    h: Floating[np.ndarray, "*model rows hidden"],
    Why: Floating[np.ndarray, "*model vocabulary hidden"],
) -> tuple[
    Floating[np.ndarray, "*model rows hidden"],
    Floating[np.ndarray, "*model vocabulary hidden"],
    Floating[np.ndarray, "*model vocabulary"],
]:
    """Return dh as far as it comes through the outputs, dWhy and dby."""
    dh = dy @ Why  # y = Why h: Whyᵀ dy, here for rows
    dWhy = dy.mT @ h  # sum over t of dy[t] h[t]ᵀ
    dby = dy.sum(axis=-2)  # by enters every y[t] once
    return dh, dWhy, dby


def _rows(
    steps: Floating[np.ndarray, "time *model batch size"],
) -> Floating[np.ndarray, "*model rows size"]:
    """View every step of every sequence as one long list of rows, so that one product serves them all."""
    T, *model, B, size = steps.shape
    return (steps.swapaxes(0, 1) if model else steps).reshape(*model, T * B, size)


def _steps(
    rows: Floating[np.ndarray, "*model rows size"], shape: tuple[int, ...]
) -> Floating[np.ndarray, "time *model batch size"]:
    """Undo `_rows`."""
    T, *model, B, size = shape
    if not model:
        return rows.reshape(shape)  # they lie there in this order already
    return np.ascontiguousarray(rows.reshape(*model, T, B, size).swapaxes(0, -3))
