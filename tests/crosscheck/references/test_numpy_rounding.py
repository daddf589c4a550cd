"""What rounding does to NumPy code is measured, not guessed."""

import ctypes
import math
from typing import Any

import numpy as np
import pytest

from crosscheck.references import rounding_of

EPSILON = np.finfo(np.float64).eps


def test_cancellation_among_exact_inputs_is_seen() -> None:
    """½(x·w)² with x·w near 0: noise in proportion to the result would be nothing, the rounding of the sum is not."""
    generator = np.random.default_rng(1)
    x, w = generator.standard_normal((2, 1009))
    w -= x * (x @ w) / (x @ x)
    found = rounding_of(lambda x, w: (x @ w) * x, (x, w))
    error = np.abs((x @ w) * x - (x.astype(np.longdouble) @ w.astype(np.longdouble)) * x)
    assert np.all(error <= 16 * found.noise)
    assert np.all(found.noise <= 8 * EPSILON * (np.abs(x) @ np.abs(w)) * np.abs(x))


@pytest.mark.parametrize(
    "total",
    [
        lambda terms: np.sum(terms),
        lambda terms: terms.sum(),
        lambda terms: terms @ np.ones(3),
        lambda terms: np.dot(terms, np.ones(3)),
        lambda terms: np.einsum("i,i->", terms, np.ones(3)),
        lambda terms: terms.cumsum()[-1],
    ],
    ids=["sum", "method", "matmul", "dot", "einsum", "cumsum"],
)
def test_sums_round_in_proportion_to_their_terms(total: Any) -> None:
    found = rounding_of(lambda x: total(np.array([1e8, 1.0, -1e8])) + 0 * x, (np.zeros(1),))
    assert 1e8 * EPSILON / 4 < found.noise[0] < 4e8 * EPSILON


def kept(x: Any) -> Any:
    buffer = np.zeros(3, np.float32)
    buffer[:] = x
    return buffer


@pytest.mark.parametrize(
    "narrowed",
    [
        lambda x: x.astype(np.float32),
        lambda x: np.asarray(x, np.float32),
        lambda x: np.array([x[0], x[1], x[2]], dtype=np.float32),
        kept,
        lambda x: np.add(x, x, out=np.zeros(3, np.float32)),
    ],
    ids=["astype", "asarray", "array", "assignment", "out"],
)
def test_what_a_coarser_format_keeps_is_rounded_there(narrowed: Any) -> None:
    found = rounding_of(lambda x: narrowed(x).astype(np.float64), (np.array([0.1, 0.3, 0.7]),))
    assert np.all(found.noise > np.finfo(np.float32).eps / 100)
    exact = rounding_of(lambda x: narrowed(x).astype(np.float64), (np.array([1.0, 0.0, 3.0]),))
    assert np.all(exact.noise == 0)


def test_scattered_sums_round_in_proportion_to_their_terms() -> None:
    def scattered(x: Any) -> Any:
        sums = np.zeros(2)
        np.add.at(sums, [1, 1, 1], np.array([1e8, 1.0, -1e8]))
        return sums + 0 * x

    noise = rounding_of(scattered, (np.zeros(2),)).noise
    assert noise[0] == 0
    assert 1e8 * EPSILON / 4 < noise[1] < 4e8 * EPSILON


@pytest.mark.parametrize(
    "erf",
    [
        lambda x: np.vectorize(math.erf)(x),
        np.vectorize(math.erf),
        lambda x: np.array([math.erf(value) for value in x]),
        lambda x: np.array([math.erf(value[0])]) if (value := list(x)) else x,
    ],
    ids=["vectorised inside", "vectorised outside", "one by one", "of a list"],
)
def test_a_function_that_knows_float64_alone_rounds_as_well(erf: Any) -> None:
    noise = rounding_of(lambda x: 1 + erf(x), (np.array([-5.0]),)).noise
    assert EPSILON / 4 < noise[0] < 2 * EPSILON


def test_saturation_rounds_inside() -> None:
    """1 - tanh(x)² at x = 15 is known to 3 digits however exact x is; jitter of x shows nothing of it."""

    def derivative(x: Any) -> Any:
        return 1 - np.tanh(x) ** 2

    x = np.array([15.0])
    found = rounding_of(derivative, (x,))
    true_error = abs(derivative(x) - 1 / np.cosh(x.astype(np.longdouble)) ** 2)[0]
    assert true_error <= 16 * found.noise[0]
    assert found.noise[0] > EPSILON / 4


@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("name", ["sum", "mean", "var", "std", "cumsum", "prod"])
def test_reductions(name: str, axis: int | None) -> None:
    x = np.random.default_rng(2).standard_normal((7, 11)) + 1
    found = rounding_of(lambda x: getattr(np, name)(x, axis=axis), (x,))
    assert found.how == "every operation"
    np.testing.assert_array_equal(np.shape(found.noise), np.shape(getattr(np, name)(x, axis=axis)))
    assert np.all(found.noise > 0)
    assert np.all(found.noise < 100 * EPSILON * np.sum(np.abs(x)) * (np.max(np.abs(x)) if name != "prod" else 1e9))


def test_scattered_sums_and_buffers() -> None:
    def gradient(d: Any, indices: Any) -> Any:
        dW = np.zeros((5, 3))
        np.add.at(dW, indices, d)
        dW[2] += d[0]
        return {"W": dW}

    d, indices = np.random.default_rng(3).standard_normal((7, 3)), np.array([0, 1, 1, 2, 0, 1, 2])
    found = rounding_of(gradient, (d, indices))
    noise = found.noise["W"]
    assert np.all(noise[:3] > 0)
    assert not noise[3:].any()
    assert np.all(noise < 10 * EPSILON * np.sum(np.abs(d)))


def test_the_same_at_every_call_and_nothing_is_changed() -> None:
    x = np.random.default_rng(4).standard_normal(5)
    before = x.copy()

    def scaled(x: Any) -> Any:
        x *= 3
        return np.exp(x)

    first, second = rounding_of(scaled, (x,)), rounding_of(scaled, (x,))
    np.testing.assert_array_equal(first.noise, second.noise)
    np.testing.assert_array_equal(x, before)


def test_single_precision_rounds_at_its_own_size() -> None:
    x = np.linspace(0.1, 2, 7, dtype=np.float32)
    found = rounding_of(lambda x: np.tanh(x) * 3, (x,))
    ratio = found.noise / (np.tanh(x) * 3 * np.finfo(np.float32).eps)
    assert np.all((ratio > 0.3) & (ratio < 5))


def test_labels_are_exact() -> None:
    """Whoever compares them with one must find one, however the numbers beside them round."""

    def slope(p: Any, y: Any) -> Any:
        return np.where((2 * y - 1) * (2 * y - 1) + y * 0 == 1, np.where(y == 1, p - 1, p), 5.0)

    p, y = np.array([0.2, 0.7, 0.4]), np.array([0.0, 1.0, 1.0])
    assert np.all(rounding_of(slope, (p, y)).noise < 4 * EPSILON)


def test_rounding_grows_with_epsilon_and_a_jump_does_not() -> None:
    x = np.array([0.1, 0.3])
    plain, larger = (rounding_of(lambda x: np.exp(x), (x,), magnify=m).noise for m in (1.0, 1024.0))
    assert np.all((512 * plain < larger) & (larger < 2048 * plain))
    jumps = [
        rounding_of(lambda x: np.where(x * 3 > 0.3, 1.0, 0.0), (np.array([0.1]),), magnify=m).noise
        for m in (1.0, 1024.0)
    ]
    assert jumps[0] == jumps[1] == 1.0


def test_code_that_refuses_such_arrays_is_run_with_other_arguments() -> None:
    def through_c(x: Any) -> Any:
        if type(x) is not np.ndarray:
            raise TypeError("plain arrays only")
        return np.array(list((ctypes.c_double * len(x))(*x))) ** 2

    x = np.array([0.1, 3.0])
    found = rounding_of(through_c, (x,))
    assert found.how == "the arguments"
    assert np.all((found.noise > 0) & (found.noise < 8 * EPSILON * x**2))


def test_integers_do_not_round_and_infinities_agree() -> None:
    found = rounding_of(lambda x: (np.argmax(x), np.array([np.inf, np.nan, 2.0]), x[:1] * 0), (np.array([1.0, 2.0]),))
    assert found.noise[0] == 0
    np.testing.assert_array_equal(found.noise[1], 0)
    np.testing.assert_array_equal(found.noise[2], 0)


def test_what_overflows_only_sometimes_has_infinite_noise() -> None:
    largest = np.finfo(np.float64).max
    found = rounding_of(lambda x: x * 1.0, (np.array([largest, 1.0]),))
    assert found.noise[0] > 0
    assert found.noise[1] < 1e-15


def test_what_a_function_writes_into_its_own_array_is_compared_with_what_it_held_first() -> None:
    calls = []
    kept = np.zeros(3)

    def written(x):
        calls.append(x)
        kept[:] = x / 3
        return {"out": kept, "count": len(calls)}

    noise = rounding_of(written, (np.array([0.1, 0.2, 0.7]),), samples=2).noise
    assert np.all(noise["out"] > 0)
    assert len(calls) == 3
