"""How far back through time a gradient reaches: the sensitivity of one step's loss to every state before it.

    L[T] = -log softmax(y[T])[target[T]]       the loss of the last step alone
    dh[T] = Whyᵀ dy[T]                          through y[T], its only way
    dh[t-1] = Whhᵀ (1 - h[t]²) dh[t]            one more step back, down to the initial state h[0]

Here `dq` is the gradient of L[T], not of the sum of all losses: no step in between adds a term, so that each factor
`Whhᵀ (1 - h[t]²)` shows. Where they shrink what they multiply the gradient vanishes, where they stretch it it explodes
(Bengio, Simard and Frasconi, 1994; Pascanu, Mikolov and Bengio, 2013). README.md, beside this file, derives the lines.
"""

from typing import Any

import numpy as np

from manual.cross_entropy import cross_entropy, cross_entropy_backward
from manual.errors import InputError
from manual.indices import check_batch, check_window
from manual.parameters import Floating, Parameters, validate


def gradient_flow(
    parameters: Parameters, inputs: Any, targets: Any, initial_state: Any, *, window: int | None = None
) -> Floating[np.ndarray, " lags *batch"]:
    """Return the norm of the gradient of the last step's loss in each state, in nats per unit of the state.

    Entry k belongs to h[T-k]: entry 0 to the state that predicts, entry T to the initial state; shape (T + 1,), or
    (T + 1, B) with one column for each sequence. `window=k` cuts the way back as in `manual.rnn.loss_and_gradients`.
    Memory: O(T·B·H). Raises InputError for what `loss_and_gradients` refuses, and for stacked models.
    """
    validate(parameters)
    check_window(window)
    if parameters.bh.ndim != 1:
        raise InputError(
            f"The parameters stack {parameters.bh.shape[:-1]} models, expected a single one: select one by its index."
        )
    inputs, targets, initial_state, has_batch_axis = check_batch(parameters, inputs, targets, initial_state)
    Wxh, Whh, Why, bh, by = parameters
    h = [initial_state]
    for symbols in inputs:
        h.append(np.tanh(Wxh.mT[symbols] + bh + h[-1] @ Whh.mT))
    dy = cross_entropy_backward(cross_entropy(h[-1] @ Why.mT + by, targets[-1]))
    dh = dy @ Why  # y[T] = Why h[T] + by, and nothing else reads h[T]
    passed = [dh]
    for t in range(len(inputs), 0, -1):
        dz = (1 - h[t]) * (1 + h[t]) * dh  # h[t] = tanh(z[t])
        dh = dz @ Whh  # z[t] holds Whh h[t-1], and nothing else of L[T] reads h[t-1]
        if window is not None and t > 1 and (t - 1) % window == 0:
            dh = np.zeros_like(dh)  # the carry from step t to step t-1 is cut
        passed.append(dh)
    return _norms(np.stack(passed))[(..., slice(None) if has_batch_axis else 0)].copy()


def _norms(dh: Floating[np.ndarray, "lags batch hidden"]) -> Floating[np.ndarray, "lags batch"]:
    """Return √Σdh² of each sequence; what is squared is at most 1, so that it overflows only where the norm does."""
    largest = np.abs(dh).max(axis=-1)
    unit = np.where((largest > 0) & np.isfinite(largest), largest, 1).astype(dh.dtype)
    return unit * np.sqrt(((dh / unit[..., None]) ** 2).sum(axis=-1))
