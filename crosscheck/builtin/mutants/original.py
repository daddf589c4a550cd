"""The character RNN as most people write it, step by step, and right: what the mutants are made from.

Every mutant is this file with a line or two changed (crosscheck/builtin/mutants/mutant.py), so that it reads as its
author would have written it. Sequences are the columns of every array inside: h[t] is (H, B), y is (V, B).
"""

from typing import Any

import numpy as np

from crosscheck.contract import Outcome
from manual.parameters import Parameters

KEPT: dict[Any, Any] = {}
"""What a mutant keeps from one call to the next; the original keeps nothing."""


def loss_and_gradients(parameters: Parameters, inputs: Any, targets: Any, initial_state: Any) -> Outcome:
    """Return the summed cross-entropy, its gradients, the initial state's, and the final state."""
    Wxh, Whh, Why, bh, by = parameters
    (V, H), T = Why.shape, len(inputs)
    state_shape = initial_state.shape
    inputs, targets = inputs.reshape(T, -1), targets.reshape(T, -1)
    sequences = np.arange(inputs.shape[1])
    x, z, h, p, loss = {}, {}, {-1: initial_state.reshape(-1, H).T}, {}, 0.0

    for t in range(T):
        x[t] = np.zeros((V, len(sequences)))
        x[t][inputs[t], sequences] = 1
        z[t] = Wxh @ x[t] + Whh @ h[t - 1] + bh[:, None]
        h[t] = np.tanh(z[t])
        y = Why @ h[t] + by[:, None]
        logits = y - y.max(axis=0)
        p[t] = np.exp(logits) / np.exp(logits).sum(axis=0)
        loss -= (logits[targets[t], sequences] - np.log(np.exp(logits).sum(axis=0))).sum()

    dWxh, dWhh, dWhy, dbh, dby = (np.zeros_like(array) for array in parameters)
    dh_next = np.zeros_like(h[-1])
    for t in reversed(range(T)):
        dy = p[t].copy()
        dy[targets[t], sequences] -= 1
        dWhy += dy @ h[t].T
        dby += dy.sum(axis=1)
        dh = Why.T @ dy + dh_next
        dz = (1 - h[t] * h[t]) * dh
        dWxh += dz @ x[t].T
        dWhh += dz @ h[t - 1].T
        dbh += dz.sum(axis=1)
        dh_next = Whh.T @ dz

    gradients = Parameters(dWxh, dWhh, dWhy, dbh, dby)
    initial_state_gradient = dh_next.T.reshape(state_shape)
    final_state = h[T - 1].T.reshape(state_shape)
    return Outcome(loss, gradients, {"initial_state": initial_state_gradient}, {"final_state": final_state})


def clip_by_value(gradients: Parameters, _state: Any, _parameters: Parameters, bound: float = 5.0) -> Parameters:
    """Limit every entry to ±bound."""
    clipped = Parameters(*(array.copy() for array in gradients))
    for array in clipped:
        np.clip(array, -bound, bound, out=array)
    return clipped


def clip_by_global_norm(gradients: Parameters, _state: Any, _parameters: Parameters, bound: float = 5.0) -> Parameters:
    """Shrink all arrays together so that their joint norm is at most the bound."""
    norm = np.sqrt(sum((array * array).sum() for array in gradients))
    return Parameters(*(array * min(1, bound / max(norm, 1e-300)) for array in gradients))


def sgd(gradients: Parameters, state: Any, parameters: Parameters, rate: float = 0.1) -> dict[str, Any]:
    """Take a step downhill."""
    moved = [array - rate * g for array, g in zip(parameters, gradients, strict=True)]
    return {"parameters": Parameters(*moved), "state": tuple(state)}


def adagrad(gradients: Parameters, state: Any, parameters: Parameters, rate: float = 0.1) -> dict[str, Any]:
    """Take a step divided by the root of all squares so far, ε inside the root."""
    memories, moved = [], []
    for array, g, memory in zip(parameters, gradients, state.memory, strict=True):
        memory = memory + g * g
        moved.append(array - rate * g / np.sqrt(memory + 1e-8))
        memories.append(memory)
    return {"parameters": Parameters(*moved), "state": (Parameters(*memories),)}


def adam(gradients: Parameters, state: Any, parameters: Parameters, rate: float = 1e-3) -> dict[str, Any]:
    """Take a step along the mean over the root of the mean square, both corrected for their start at zero."""
    t, means, squares, moved = state.count + 1, [], [], []
    for array, g, m, v in zip(parameters, gradients, state.mean, state.square, strict=True):
        m = 0.9 * m + (1 - 0.9) * g
        v = 0.999 * v + (1 - 0.999) * g * g
        m_unbiased = m / (1 - 0.9**t)
        v_unbiased = v / (1 - 0.999**t)
        moved.append(array - rate * m_unbiased / (np.sqrt(v_unbiased) + 1e-8))
        means.append(m)
        squares.append(v)
    return {"parameters": Parameters(*moved), "state": (t, Parameters(*means), Parameters(*squares))}
