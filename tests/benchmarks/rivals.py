"""What the hand-written network is raced against: the program it grew from, its jitted twin, and torch.

Each function takes one problem and returns a callable without arguments that computes the loss and all gradients once.
Whatever a rival can prepare outside the measured call, it prepares outside.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np

import autodiff.rnn
import manual.rnn
from manual.parameters import Parameters, initialise


class Problem(NamedTuple):
    parameters: Parameters
    inputs: np.ndarray
    targets: np.ndarray
    initial_state: np.ndarray

    @property
    def flops(self) -> int:
        """Of the matrix products that nobody can avoid: Whh h and Why h, and two for the gradients of each."""
        V, H = self.parameters.Why.shape
        return 3 * 2 * self.inputs.size * (H * H + V * H)


def problem(V: int, H: int, T: int, B: int | None, dtype: Any) -> Problem:
    """Draw parameters at the gist's scale and symbols as unevenly as text holds them; B=None is a single sequence."""
    random = np.random.default_rng(29)
    shape = (T,) if B is None else (T, B)
    zipf = 1 / np.arange(1, V + 1)
    inputs, targets = random.choice(V, size=(2, *shape), p=zipf / zipf.sum())
    initial_state = np.zeros((H,) if B is None else (B, H), dtype)
    return Problem(initialise(V, H, seed=29, dtype=dtype), inputs, targets, initial_state)


def stacked_problem(models: int, V: int, H: int, T: int) -> Problem:
    """Many small models with their own parameters and sequences."""
    random = np.random.default_rng(29)
    shapes = ((H, V), (H, H), (V, H), (H,), (V,))
    parameters = Parameters(*(0.3 * random.standard_normal((models, *shape)) for shape in shapes))
    inputs, targets = random.integers(0, V, (2, models, T))
    return Problem(parameters, inputs, targets, np.zeros((models, H)))


PRODUCT_SIZE = 512
PRODUCT_FLOPS = 2 * PRODUCT_SIZE**3


def product(dtype: Any) -> Callable[[], Any]:
    """One large matrix product: the rate that no implementation exceeds."""
    square = np.ones((PRODUCT_SIZE, PRODUCT_SIZE), dtype)
    out = np.empty_like(square)
    return lambda: np.matmul(square, square, out=out)


def subject(problem: Problem) -> Callable[[], Any]:
    return lambda: manual.rnn.loss_and_gradients(*problem)


def twin(problem: Problem) -> Callable[[], Any]:
    arguments = jax.tree.map(jax.numpy.asarray, problem)
    jitted = jax.jit(autodiff.rnn.loss_and_gradients)
    return lambda: jax.block_until_ready(jitted(*arguments))


def torch_rnn(problem: Problem) -> Callable[[], Any]:
    """`torch.nn.RNN` on one-hot vectors, a linear layer and the summed cross-entropy, differentiated by autograd."""
    import torch

    Wxh, Whh, Why, bh, by = (torch.from_numpy(array.copy()) for array in problem.parameters)
    V, H = Why.shape
    inputs = problem.inputs.reshape(len(problem.inputs), -1)
    one_hot = torch.nn.functional.one_hot(torch.from_numpy(inputs), V).to(Why.dtype)
    targets = torch.from_numpy(problem.targets.reshape(-1).copy())
    initial_state = torch.from_numpy(problem.initial_state.reshape(1, -1, H).copy()).requires_grad_()
    recurrent, output = torch.nn.RNN(V, H).to(Why.dtype), torch.nn.Linear(H, V).to(Why.dtype)
    values = (Wxh, Whh, bh, torch.zeros_like(bh), Why, by)
    weights = [*recurrent.parameters(), *output.parameters()]
    with torch.no_grad():
        for weight, value in zip(weights, values, strict=True):
            weight.copy_(value)

    def run() -> Any:
        states, _ = recurrent(one_hot, initial_state)
        loss = torch.nn.functional.cross_entropy(output(states).reshape(-1, V), targets, reduction="sum")
        return loss, torch.autograd.grad(loss, [*weights, initial_state])

    return run


def gist(problem: Problem) -> Callable[[], Any]:
    """The algorithm of the 112-line program, one sequence: dictionaries of columns, one product for each step."""
    Wxh, Whh, Why = problem.parameters[:3]
    bh, by, first = (array[:, None] for array in (problem.parameters.bh, problem.parameters.by, problem.initial_state))
    inputs, targets = problem.inputs.tolist(), problem.targets.tolist()
    V = len(by)

    def run() -> Any:
        x, h, p, loss = {}, {-1: np.copy(first)}, {}, 0.0
        for t, symbol in enumerate(inputs):
            x[t] = np.zeros((V, 1))
            x[t][symbol] = 1
            h[t] = np.tanh(np.dot(Wxh, x[t]) + np.dot(Whh, h[t - 1]) + bh)
            y = np.dot(Why, h[t]) + by
            p[t] = np.exp(y) / np.sum(np.exp(y))
            loss += -np.log(p[t][targets[t], 0])
        dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
        dbh, dby = np.zeros_like(bh), np.zeros_like(by)
        dh_next = np.zeros_like(h[0])
        for t in reversed(range(len(inputs))):
            dy = np.copy(p[t])
            dy[targets[t]] -= 1
            dWhy += np.dot(dy, h[t].T)
            dby += dy
            dh = np.dot(Why.T, dy) + dh_next
            dz = (1 - h[t] * h[t]) * dh
            dbh += dz
            dWxh += np.dot(dz, x[t].T)
            dWhh += np.dot(dz, h[t - 1].T)
            dh_next = np.dot(Whh.T, dz)
        for gradient in (dWxh, dWhh, dWhy, dbh, dby):
            np.clip(gradient, -5, 5, out=gradient)
        return loss, dWxh, dWhh, dWhy, dbh, dby, h[len(inputs) - 1]

    return run
