"""Forwards on which a naive complex step goes wrong: ours is right, or falls back and says so."""

import functools
import math
import warnings
from collections.abc import Callable
from math import tanh
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy import exp, zeros

from crosscheck.references import own_forward
from crosscheck.references.carriers import RefusedError
from crosscheck.references.complex_step import complex_step
from crosscheck.references.problem import Problem
from crosscheck.references.reference import COMPLEX_STEP, EXTENDED, EXTRAPOLATED

X = np.random.default_rng(3).standard_normal((5, 3)) + np.arange(15).reshape(5, 3) / 7


def naive_complex_step(loss: Callable[..., Any], x: np.ndarray) -> np.ndarray:
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[index] += 1e-20j
        gradient[index] = np.imag(loss(moved)) / 1e-20
    return gradient


def central_differences(loss: Callable[..., Any], x: np.ndarray) -> np.ndarray:
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = 1e-6
        gradient[index] = (loss(x + step) - loss(x - step)) / 2e-6
    return gradient


def through_a_buffer(x: Any) -> Any:
    rows = np.zeros((5, 3))
    for number in range(5):
        rows[number] = np.tanh(x[number])
    return np.sum(rows * rows)


def through_an_imported_allocation(x: Any) -> Any:
    rows = zeros((5, 3))
    rows[...] = exp(x)
    return rows.sum()


def through_a_typed_buffer(x: Any) -> Any:
    rows = np.empty_like(x, dtype=np.float64)
    np.tanh(x, out=rows)
    return (rows**2).mean()


def through_a_conversion(x: Any) -> Any:
    return np.sum(np.asarray(x, dtype=float).astype(np.float64) ** 3)


def largest(x: Any) -> Any:
    shifted = x - np.max(x, axis=1, keepdims=True)
    return np.sum(np.max(x, axis=0) ** 2) + np.sum(np.log(np.sum(np.exp(shifted), axis=1)) + x.max(axis=1))


def magnitudes(x: Any) -> Any:
    return np.sum(np.abs(x)) + abs(x[1, 2]) + np.absolute(x).max()


def clipped(x: Any) -> Any:
    return np.sum(np.clip(x, -0.5, 1.1) ** 2) + x.clip(max=0.7).sum() + np.sum(np.minimum(x, 0.3))


def rectified(x: Any) -> Any:
    mask = x > 0.8
    return np.sum(np.where(mask, x, 0.1 * x)) + np.sum((x > 1) * x**2) + np.sum(np.maximum(0, x)[x < 1.5])


def distances(x: Any) -> Any:
    return np.linalg.norm(x) + np.std(x) + x.var(axis=0).sum() + np.hypot(x[0], x[1]).sum()


def with_math(x: Any) -> Any:
    total = 0.0
    for number in range(5):
        total += math.exp(-x[number, 0]) + tanh(x[number, 1]) + math.sqrt(1 + x[number, 2] ** 2)
    return float(total)


def powers(x: Any) -> Any:
    y = np.abs(x) + 0.1
    return np.sum(y**1.7) + np.sum(x**3) + np.sum(2.0**x) + np.sum(y**y) + np.sum(np.power(x, 2)) + np.prod(y)


def in_place(x: Any) -> Any:
    y = x.copy()
    y += 1
    y *= x
    y[1:3] -= x[2:4]
    y[[0, 4], [1, 2]] += 3 * x[1, 1]
    np.add.at(y, ([0, 0, 2], [1, 1, 2]), x[3])
    scalar = y[0, 0]
    other = scalar
    other += 5 * x[2, 2]
    return np.sum(y * y) + scalar


def arranged(x: Any) -> Any:
    a = np.einsum("ij,kj->ik", x, x) @ x
    b = np.concatenate([x.T, np.ones((3, 1))], axis=1)
    c = np.dot(b, np.vstack([x, x[:1]]))
    d = np.stack([row * 1 for row in x]).reshape(3, 5).T.ravel()
    e = np.array([x[0, 0], x[1, 1], x[2, 2] * 2])
    order = np.argsort(x[:, 0])
    return (
        np.tensordot(a, x, axes=2)
        + np.trace(c)
        + d @ np.arange(15.0)
        + e.sum()
        + x[order][0, 1] * 2
        + np.sort(x, axis=None)[3]
        + np.outer(x[0], x[1]).sum()
        + np.cumsum(x).mean()
    )


def recursive(x: Any) -> Any:
    def down(depth: int, y: Any) -> Any:
        buffer = np.zeros(y.shape)
        buffer[...] = np.sin(y)
        return y.sum() if depth == 0 else down(depth - 1, buffer) + (y[y > 0]).sum()

    return down(2, x)


def with_own_import(x: Any) -> Any:
    import numpy

    rows = numpy.zeros(5)
    rows[:] = x[:, 1]
    return numpy.sum(rows**2)


def with_default(x: Any, activation: Any = np.tanh, make: Any = np.zeros) -> Any:
    rows = make(3)
    rows += activation(x).sum(axis=0)
    return rows @ rows


FORWARDS = [
    through_a_buffer,
    through_an_imported_allocation,
    through_a_typed_buffer,
    through_a_conversion,
    largest,
    magnitudes,
    clipped,
    rectified,
    distances,
    with_math,
    powers,
    in_place,
    arranged,
    recursive,
    with_own_import,
    with_default,
]


@pytest.mark.parametrize("forward", FORWARDS, ids=lambda forward: forward.__name__)
def test_the_complex_step_is_right(forward: Any) -> None:
    before = X.copy()
    reference = own_forward(forward, X)
    assert reference.oracle == COMPLEX_STEP
    np.testing.assert_allclose(reference.gradients, central_differences(forward, X), rtol=2e-6, atol=2e-7)
    assert np.all(reference.error <= 1e-13 * (np.max(np.abs(reference.gradients)) + 1))
    np.testing.assert_array_equal(X, before)


NAIVE_GOES_WRONG = [
    through_a_buffer,
    through_an_imported_allocation,
    through_a_conversion,
    through_a_typed_buffer,
    magnitudes,
    distances,
    with_math,
    with_own_import,
    recursive,
]


@pytest.mark.parametrize("forward", NAIVE_GOES_WRONG, ids=lambda forward: forward.__name__)
def test_the_naive_complex_step_goes_wrong_here(forward: Any) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            naive = naive_complex_step(forward, X)
    except TypeError:
        return
    assert not np.allclose(naive, central_differences(forward, X), rtol=1e-3)


class Layer:
    """A subject that keeps its weights and helpers in an object."""

    def __init__(self, weights: np.ndarray) -> None:
        self.weights = weights

    def states(self, x: Any) -> Any:
        states = np.zeros((5, 2))
        for number in range(5):
            states[number] = np.tanh(self.weights @ x[number])
        return states

    def loss(self, x: Any) -> Any:
        return np.sum(self.states(x) ** 2)


class Pair(NamedTuple):
    W: Any
    b: Any


def test_methods_partials_and_decorated_functions() -> None:
    layer = Layer(np.random.default_rng(7).standard_normal((2, 3)))

    def decorate(function: Any) -> Any:
        @functools.wraps(function)
        def wrapped(*args: Any) -> Any:
            return function(*args)

        return wrapped

    for loss in (layer.loss, functools.partial(layer.loss), decorate(layer.loss), lambda x: layer.loss(x)):
        reference = own_forward(loss, X)
        assert reference.oracle == COMPLEX_STEP
        np.testing.assert_allclose(reference.gradients, central_differences(layer.loss, X), rtol=1e-6, atol=1e-8)
    assert type(layer) is Layer


def test_containers_and_several_arguments() -> None:
    def loss(parameters: Pair, inputs: list[int], state: np.ndarray) -> Any:
        for symbol in inputs:
            state = np.tanh(parameters.W[symbol] @ state + parameters.b)
        return state @ state, state

    generator = np.random.default_rng(2)
    parameters = Pair(generator.standard_normal((3, 2, 2)), generator.standard_normal(2))
    reference = own_forward(loss, parameters, [0, 2, 2], np.array([0.1, -0.7]), differentiate=(0, 2))
    of_parameters, of_state = reference.gradients
    assert isinstance(of_parameters, Pair)
    assert of_parameters.W.shape == (3, 2, 2)
    assert not of_parameters.W[1].any()
    expected = central_differences(lambda state: loss(parameters, [0, 2, 2], state)[0], np.array([0.1, -0.7]))
    np.testing.assert_allclose(of_state, expected, rtol=1e-7)
    assert reference.error[1].shape == (2,)


def test_a_kink_is_not_given_a_derivative() -> None:
    reference = own_forward(lambda x: np.sum(np.maximum(x, 0) + x), np.array([-1.0, 0.0, 2.0]))
    assert reference.oracle in (EXTENDED, EXTRAPOLATED)
    assert reference.error[1] == math.inf
    np.testing.assert_allclose(reference.gradients[[0, 2]], [1, 2], atol=1e-9)
    assert np.all(reference.error[[0, 2]] < 1e-9)


def test_equal_numbers_have_no_larger_one() -> None:
    gradients, _ = complex_step(Problem(lambda x: np.sum(np.maximum(x, 0)), (np.array([-1.0, 0.0, 2.0]),), (0,)))
    np.testing.assert_array_equal(gradients[0], [0, np.nan, 1])


def test_equal_logits_fall_back_to_differences() -> None:
    """The largest of equal numbers has no derivative, the loss has: only differences can tell."""

    def loss(y: Any) -> Any:
        y = y - np.max(y)
        return np.log(np.sum(np.exp(y))) - y[0]

    reference = own_forward(loss, np.zeros(4))
    assert reference.oracle != COMPLEX_STEP
    np.testing.assert_allclose(reference.gradients, [-0.75, 0.25, 0.25, 0.25], atol=1e-10)


KEPT = np.zeros(3)


def through_a_buffer_from_outside(x: Any) -> Any:
    KEPT[:] = x
    return np.sum(KEPT**3)


def test_a_lost_imaginary_part_is_an_error() -> None:
    with pytest.raises(np.exceptions.ComplexWarning):
        complex_step(Problem(through_a_buffer_from_outside, (np.ones(3),), (0,)))


def through_an_unknown_function(x: Any) -> Any:
    return np.sum(np.interp(x, [-9.0, 9.0], [-18.0, 18.0]) ** 3 / 8)


def through_text(x: Any) -> Any:
    return sum(float(f"{value:.17g}") ** 3 for value in x)


@pytest.mark.parametrize("forward", [through_a_buffer_from_outside, through_an_unknown_function, through_text])
def test_what_cannot_be_carried_falls_back(forward: Any) -> None:
    x = np.array([0.3, -1.2, 0.7])
    reference = own_forward(forward, x)
    assert reference.oracle in (EXTENDED, EXTRAPOLATED)
    assert np.all(np.abs(reference.gradients - 3 * x**2) <= reference.error)
    assert np.all(reference.error < 1e-8)


def test_a_silent_loss_is_caught_by_black_box_differences() -> None:
    """A number that went through text loses its tangent without any exception."""
    x = np.array([0.3, -1.2, 0.7])

    def half_lost(x: Any) -> Any:
        return np.sum(x**2) + sum(float(str(value)) ** 2 for value in x[:2])

    gradients, _ = complex_step(Problem(half_lost, (x,), (0,)))
    np.testing.assert_allclose(gradients[0], 2 * x)  # wrong: half of it is missing
    reference = own_forward(half_lost, x)
    assert reference.oracle != COMPLEX_STEP
    assert np.all(np.abs(reference.gradients - [4, 4, 2] * x) <= reference.error)


def test_numpy_itself_is_untouched() -> None:
    zeros, module = np.zeros, through_a_buffer.__globals__["np"]
    own_forward(through_a_buffer, X)
    assert np.zeros is zeros
    assert through_a_buffer.__globals__["np"] is module is np


def test_a_loss_that_is_no_number_any_more_is_refused() -> None:
    with pytest.raises(RefusedError):
        complex_step(Problem(lambda x: int(x[0, 0]), (X,), (0,)))


def test_what_the_subject_raises_is_raised() -> None:
    def broken(x: Any) -> Any:
        raise KeyError("no such weight")

    with pytest.raises(KeyError, match="no such weight"):
        own_forward(broken, X)


def test_saturated_units_keep_their_digits() -> None:
    x = np.array([20.0, -50.0, 300.0, 0.3])
    reference = own_forward(lambda x: np.sum(np.tanh(x)), x)
    assert reference.oracle == COMPLEX_STEP
    truth = 1 / np.cosh(x.astype(np.longdouble)) ** 2
    np.testing.assert_allclose(reference.gradients.astype(np.longdouble), truth, rtol=1e-12)


def test_nothing_is_known_where_rounding_alone_makes_it_no_number() -> None:
    z = np.array([2.0, 36.6])  # 1 - p is one unit in the last place, or none
    problem = Problem(lambda z: -np.sum(np.log(1 - 1 / (1 + np.exp(-z)))), (z,), (0,))
    ((sure, unsure),), ((small, large),) = complex_step(problem)
    assert np.isfinite([sure, unsure]).all()
    assert small < 1e-12
    assert large == math.inf
