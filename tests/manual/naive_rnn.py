"""A third opinion: the same network with one vector at a time and nothing clever, to be right by inspection.

One sequence of one model. The arrays may be of any floating dtype. `loss` also accepts complex parameters, for
derivatives by complex step; a cut of the carry is then the dropping of the imaginary part.
"""

from typing import Any, NamedTuple

import numpy as np

from manual.parameters import Parameters


class Answer(NamedTuple):
    loss: Any
    gradients: Parameters
    initial_state_gradient: np.ndarray
    final_state: np.ndarray
    dy: list[np.ndarray]
    dh: list[np.ndarray]
    dz: list[np.ndarray]


def loss(parameters: Parameters, inputs, targets, initial_state, *, window=None):
    """The loss and the final state. Complex parts mark what is differentiated."""
    Wxh, Whh, Why, bh, by = parameters
    h, total = initial_state, 0
    for t, (symbol, target) in enumerate(zip(inputs, targets, strict=True)):
        if window is not None and t > 0 and t % window == 0:
            h = h.real
        h = np.tanh(Wxh[:, symbol] + Whh @ h + bh)
        y = Why @ h + by
        y = y - y.real.max()
        total = total + np.log(np.exp(y).sum()) - y[target]
    return total, h


def loss_and_gradients(parameters: Parameters, inputs, targets, initial_state, *, window=None) -> Answer:
    """Everything, by the equations of a textbook; `window` as in `manual.rnn`."""
    Wxh, Whh, Why, bh, by = parameters
    T, V = len(inputs), len(by)
    states, probabilities, total = [initial_state], [], 0
    for symbol, target in zip(inputs, targets, strict=True):
        states.append(np.tanh(Wxh[:, symbol] + Whh @ states[-1] + bh))
        y = Why @ states[-1] + by
        weights = np.exp(y - y.max())
        probabilities.append(weights / weights.sum())
        total = total - np.log(probabilities[-1][target])
    gradients = Parameters(*(np.zeros_like(array) for array in parameters))
    dys, dhs, dzs = [], [], []
    from_the_future = np.zeros_like(initial_state)
    for t in range(T, 0, -1):
        before, after = states[t - 1], states[t]
        dy = probabilities[t - 1] - np.eye(V, dtype=by.dtype)[targets[t - 1]]
        if window is not None and t % window == 0:
            from_the_future = np.zeros_like(initial_state)
        dh = Why.T @ dy + from_the_future
        dz = (1 - after**2) * dh
        from_the_future = Whh.T @ dz
        gradients.Wxh[:, inputs[t - 1]] += dz
        gradients.Whh[...] += np.outer(dz, before)
        gradients.Why[...] += np.outer(dy, after)
        gradients.bh[...] += dz
        gradients.by[...] += dy
        dys.insert(0, dy)
        dhs.insert(0, dh)
        dzs.insert(0, dz)
    return Answer(total, gradients, from_the_future, states[-1], dys, dhs, dzs)
