"""Numerical references of a recurrent network's loss, against its gradients by hand in extended precision."""

import time
from typing import Any

import numpy as np
import pytest

from crosscheck.errors import CrosscheckError
from crosscheck.references import own_forward, rounding_of
from crosscheck.references.extended import has_extended_precision
from crosscheck.references.gradients import BlackBox
from crosscheck.references.problem import Problem
from crosscheck.references.reference import COMPLEX_STEP, EXTENDED, EXTRAPOLATED, _extended

SCALES = [0.01, 0.3, 1.0, 3.0, 10.0]


def forward(parameters: list[Any], inputs: Any, targets: Any, state: Any) -> tuple[Any, Any, Any, Any]:
    Wxh, Whh, Why, bh, by = parameters
    h = np.zeros((len(inputs) + 1, len(bh)), dtype=Whh.dtype)
    p = np.zeros((len(inputs), len(by)), dtype=Whh.dtype)
    z = np.zeros_like(h)
    h[-1] = state
    loss = 0
    for t, symbol in enumerate(inputs):
        z[t] = Wxh[:, symbol] + Whh @ h[t - 1] + bh
        h[t] = np.tanh(z[t])
        y = Why @ h[t] + by
        e = np.exp(y - np.max(y))
        p[t] = e / np.sum(e)
        loss -= np.log(p[t, targets[t]])
    return loss, z, h, p


def loss_of(parameters: list[Any], inputs: Any, targets: Any, state: Any) -> Any:
    return float(forward(parameters, inputs, targets, state)[0])


def by_the_state(_: Any, h: Any) -> Any:
    return 1 - h * h


def by_the_pre_activation(z: Any, _: Any) -> Any:
    """The same to the last digit where units are saturated, which 1 - h² cannot be even in extended precision."""
    return 1 / np.cosh(z) ** 2


def gradients_of(parameters: list[Any], inputs: Any, targets: Any, state: Any, slope: Any = by_the_state) -> list[Any]:
    _, Whh, Why, bh, _ = parameters
    _, z, h, p = forward(parameters, inputs, targets, state)
    dWxh, dWhh, dWhy, dbh, dby = (np.zeros_like(one) for one in parameters)
    carry = np.zeros_like(bh)
    for t in reversed(range(len(inputs))):
        dy = p[t].copy()
        dy[targets[t]] -= 1
        dWhy += np.outer(dy, h[t])
        dby += dy
        dz = slope(z[t], h[t]) * (Why.T @ dy + carry)
        dbh += dz
        dWxh[:, inputs[t]] += dz
        dWhh += np.outer(dz, h[t - 1])
        carry = Whh.T @ dz
    return [dWxh, dWhh, dWhy, dbh, dby]


def problem(seed: int, scale: float, dtype: Any = np.float64) -> tuple[list[Any], Any, Any, Any]:
    V, H, T = 5, 3, 7
    generator = np.random.default_rng(seed)
    parameters = [
        (scale * generator.standard_normal(shape)).astype(dtype) for shape in [(H, V), (H, H), (V, H), (H,), (V,)]
    ]
    inputs, targets = generator.integers(0, V, (2, T))
    return parameters, inputs, targets, generator.standard_normal(H).astype(dtype)


def exact(parameters: list[Any], inputs: Any, targets: Any, state: Any) -> list[Any]:
    wide = [one.astype(np.longdouble) for one in parameters]
    return gradients_of(wide, inputs, targets, state.astype(np.longdouble), by_the_pre_activation)


def excess(gradients: Any, errors: Any, truths: Any) -> float:
    """Return the largest ratio of true error and stated error; the truth has some rounding of its own."""
    unknown = 64 * np.finfo(np.longdouble).eps
    ratios = [
        np.max(np.abs(gradient - truth) / (error + unknown * np.max(np.abs(truth)) + 1e-300))
        for gradient, error, truth in zip(gradients, errors, truths, strict=True)
    ]
    return float(max(ratios))


@pytest.mark.thorough
@pytest.mark.skipif(not has_extended_precision(), reason="np.longdouble is float64 on this processor")
@pytest.mark.parametrize("scale", SCALES)
def test_every_reference_covers_its_error(scale: float) -> None:
    arguments = problem(SCALES.index(scale), scale)
    truths = exact(*arguments)
    reference = own_forward(loss_of, *arguments)
    assert reference.oracle == COMPLEX_STEP
    assert excess(reference.gradients, reference.error, truths) <= 3
    posed = Problem(loss_of, arguments, (0,))
    assert excess(*BlackBox(posed).gradient(), truths) <= 1
    if scale == 1:
        found = _extended(posed)
        assert found is not None
        assert excess(*found, truths) <= 1
        assert max(np.max(error) for error in found[1]) < 1e-12


def test_the_order_of_preference(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = problem(0, 0.5)

    def no_complex(parameters: list[Any], *data: Any) -> Any:
        return loss_of(parameters, *data) + 0 * np.median(parameters[3])

    expected = gradients_of(*arguments)
    reference = own_forward(no_complex, *arguments)
    assert reference.oracle == (EXTENDED if has_extended_precision() else EXTRAPOLATED)
    assert excess(reference.gradients, reference.error, expected) < 2
    monkeypatch.setattr("crosscheck.references.reference.has_extended_precision", lambda: False)
    reference = own_forward(no_complex, *arguments)
    assert reference.oracle == EXTRAPOLATED
    assert excess(reference.gradients, reference.error, expected) < 1
    assert max(np.max(error) for error in reference.error) < 1e-10


def test_single_precision_is_differentiated_in_its_own_forward() -> None:
    arguments = problem(1, 0.5, np.float32)
    reference = own_forward(loss_of, *arguments)
    assert reference.oracle == COMPLEX_STEP
    assert excess(reference.gradients, [np.full(one.shape, 1e-12) for one in reference.error], exact(*arguments)) < 1


def test_any_layout_of_memory_and_numbers_without_axes() -> None:
    def loss(parameters: Any) -> Any:
        return np.sum(np.tanh(parameters["W"] @ parameters["v"])) * parameters["gain"] ** 2

    W = np.asfortranarray(np.random.default_rng(5).standard_normal((3, 5)))
    W.flags.writeable = False
    parameters = {"W": W, "v": np.linspace(-1, 1, 10)[::2], "gain": np.float64(1.5)}
    reference = own_forward(loss, parameters)
    assert reference.oracle == COMPLEX_STEP
    z = W @ parameters["v"]
    np.testing.assert_allclose(reference.gradients["W"], 2.25 * np.outer(1 / np.cosh(z) ** 2, parameters["v"]))
    np.testing.assert_allclose(reference.gradients["gain"], 3 * np.sum(np.tanh(z)))


def test_what_the_forward_changes_in_place_is_restored() -> None:
    def loss(x: Any, inputs: Any, state: Any) -> Any:
        x *= 2
        inputs += 1
        state -= x[inputs[0]]
        return np.sum(x**2) + state @ state

    x, inputs, state = np.array([0.3, -0.7, 1.1]), np.array([0]), np.array([0.1, 0.2])
    expected = 8 * x
    expected[1] += np.sum(-4 * (state - 2 * x[1]))
    reference = own_forward(loss, x, inputs, state)
    assert reference.oracle == COMPLEX_STEP
    np.testing.assert_allclose(reference.gradients, expected)
    values, errors = BlackBox(Problem(loss, (x, inputs, state), (0,))).gradient()
    assert np.all(np.abs(values[0] - expected) <= errors[0])
    np.testing.assert_array_equal(inputs, [0])
    np.testing.assert_array_equal(state, [0.1, 0.2])


def test_integers_cannot_be_differentiated() -> None:
    with pytest.raises(CrosscheckError, match=r"b is int64, which has no derivative: pass floating-point arrays"):
        own_forward(lambda p: p["W"].sum(), {"W": np.ones(2), "b": np.ones(2, dtype=np.int64)})


def test_a_small_network_is_differentiated_at_once() -> None:
    arguments = problem(0, 0.5)
    start = time.process_time()
    own_forward(loss_of, *arguments)
    assert time.process_time() - start < 1.0  # 0.2 s on an idle machine


@pytest.mark.thorough
@pytest.mark.parametrize("scale", [0.01, 0.3, 1.0, 3.0, 10.0, 30.0])
def test_correct_code_stays_within_its_rounding(scale: float) -> None:
    for seed in range(5):
        arguments = problem(seed, scale)
        found = rounding_of(gradients_of, arguments)
        assert found.how == "every operation"
        for gradient, noise, truth in zip(gradients_of(*arguments), found.noise, exact(*arguments), strict=True):
            tolerance = noise + np.finfo(np.float64).eps * np.max(np.abs(truth)) + np.finfo(np.float64).smallest_normal
            assert np.all(np.abs(gradient - truth) <= 16 * tolerance)
            # Noise is no excuse: it stays near the rounding of the largest entry.
            assert np.max(noise) < 1e-9 * np.max(np.abs(truth)) or scale > 3
