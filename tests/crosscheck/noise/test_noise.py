"""The noise floor is as large as what rounding does, and not much larger; kinks are found."""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from crosscheck.noise import Rounding, bounded, noisy, spread
from crosscheck.precision import FLOAT32, FLOAT64, Precision

SAMPLES = 8


def noise_of(
    function: Callable[..., Any],
    *leaves: Any,
    differentiated: tuple[bool, ...] | None = None,
    precision: Precision = FLOAT64,
    samples: int = SAMPLES,
    key: int = 11,
) -> tuple[Any, Any]:
    arrays = [np.asarray(leaf) for leaf in leaves]
    double = noisy(lambda inner: function(*inner), arrays, differentiated or (True,) * len(arrays))
    rounding = Rounding(jnp.uint32(key), jnp.float64(precision.epsilon), jnp.float64(precision.smallest))
    return jax.tree.map(np.asarray, spread(double, jnp.int32(samples), rounding, arrays))


@pytest.fixture
def optimised() -> Iterator[None]:
    """Compile what JAX runs by itself as it is compiled elsewhere: then the bits are the same."""
    jax.config.update("jax_disable_most_optimizations", False)
    yield
    jax.config.update("jax_disable_most_optimizations", True)


@pytest.mark.usefixtures("optimised")
def test_without_rounding_the_double_is_the_function() -> None:
    x = np.random.default_rng(0).standard_normal((3, 5))

    def function(x: Any) -> Any:
        return jnp.tanh(x @ x.T).sum(), jnp.exp(x)

    exact, _ = noise_of(function, x)
    assert np.array_equal(exact[0], function(x)[0])
    assert np.array_equal(exact[1], function(x)[1])


@pytest.mark.parametrize("precision", [FLOAT64, FLOAT32])
@pytest.mark.parametrize("name", ["exp", "tanh", "log", "sqrt", "sin"])
def test_one_operation_moves_by_its_own_rounding(name: str, precision: Precision) -> None:
    x = np.linspace(1.5, 2.5, 101)
    exact, noise = noise_of(getattr(jnp, name), x, precision=precision)
    ulps = noise / (precision.epsilon * np.abs(exact))
    # Two ulps of its own, one of its input times a condition number of at most 3; results round as well.
    assert np.median(ulps) > 0.1
    assert ulps.max() < 2 + 3 + 1


def test_a_sum_rounds_in_proportion_to_its_terms_even_if_they_cancel() -> None:
    x = np.array([1e8, -1e8, 1.0])
    exact, noise = noise_of(lambda x: (jnp.sum(x), x @ np.ones(3)), x)
    assert exact == (1.0, 1.0)
    assert all(1e-9 < moved < 1e-7 for moved in noise)


def test_what_only_moves_numbers_does_not_round() -> None:
    x = np.array([1.0, 2.0, 3.0])  # integers in data are not jittered either: programs compare labels and masks
    _, noise = noise_of(
        lambda x: (x[::-1], jnp.concatenate([x, x]), -x, jnp.where(x == 2.0, x, 0.0)), x, differentiated=(False,)
    )
    assert all(not moved.any() for moved in noise)


def test_zero_stays_zero_and_infinity_stays_infinite() -> None:
    x = np.array([0.0, np.inf, -np.inf])
    exact, noise = noise_of(lambda x: x * 3.0, x)
    assert np.array_equal(exact, x)
    assert not noise.any()


def test_noise_that_ends_in_nan_is_infinite() -> None:
    x = np.array([1.0])
    _, noise = noise_of(lambda x: jnp.log(x - 1.0) * 0 + jnp.sqrt(x - 1.0), x, samples=16)
    assert np.isinf(noise).all()


def loops(kind: str) -> Callable[[Any], Any]:
    if kind == "scan":
        return lambda x: lax.scan(lambda carry, y: (carry * x + y, carry), x, jnp.arange(7.0))[0]
    if kind == "while":
        return lambda x: lax.while_loop(lambda c: c[0] < 7, lambda c: (c[0] + 1, c[1] * x + c[0]), (0, x))[1]
    if kind == "cond":
        return lambda x: lax.cond(x > 0, lambda y: y**3 * 7.0, lambda y: y, x)
    if kind == "checkpoint":
        return jax.grad(jax.checkpoint(lambda x: jnp.sin(x) ** 5))
    if kind == "custom_jvp":
        return jax.nn.softplus
    return jax.jit(lambda x: jnp.sin(x) * 3)


@pytest.mark.parametrize("kind", ["scan", "while", "cond", "checkpoint", "custom_jvp", "jit"])
def test_noise_enters_bodies(kind: str) -> None:
    with jax.numpy_dtype_promotion("standard"):
        exact, noise = noise_of(loops(kind), np.float64(0.7))
        assert np.isclose(exact, loops(kind)(0.7), rtol=1e-14)
    assert 1e-17 < noise / abs(exact) < 1e-14


def test_a_loop_that_does_not_end_is_cut_short_and_returns_nan() -> None:
    def grows(x: Any) -> Any:
        return lax.while_loop(lambda c: (c > 0) & (c < 7), lambda c: c * x, jnp.ones(()))

    with jax.numpy_dtype_promotion("standard"):
        run = bounded(lambda leaves: grows(leaves[0]), [np.float64(2.0)])
        assert run([np.float64(2.0)]) == grows(2.0) == 8
        assert np.isnan(run([np.float64(1.0)]))  # and grows(1.0) never returns


def test_every_turn_of_a_loop_rounds_differently() -> None:
    """Errors that repeat would add up to n, unrelated ones to about √n."""
    turns = 4_001

    def function(x: Any) -> Any:
        return lax.scan(lambda carry, _: (carry * x, None), jnp.ones(()), None, length=turns)[0]

    _, noise = noise_of(function, np.float64(1.0), samples=4)
    jitter_of_x = turns * FLOAT64.epsilon
    assert noise < 2 * jitter_of_x
    _, noise = noise_of(function, np.float64(1.0), differentiated=(False,), samples=32)  # 1.0 in data is not jittered
    assert 0.3 * turns**0.5 < noise / FLOAT64.epsilon < 5 * turns**0.5


@pytest.mark.parametrize(
    "loss",
    [
        lambda x: jax.nn.relu(x).sum(),
        lambda x: jnp.maximum(x, 0.0).sum(),
        lambda x: jnp.abs(x).sum(),
        lambda x: jnp.clip(x, 0.0, 5.0).sum(),
        lambda x: jnp.where(x > 0, x, 0.0).sum(),
        lambda x: jax.nn.leaky_relu(x).sum(),
    ],
    ids=["relu", "maximum", "abs", "clip", "where", "leaky relu"],
)
def test_a_kink_makes_as_much_noise_as_its_two_slopes_differ(loss: Callable[[Any], Any]) -> None:
    x = np.array([-1.0, 0.0, 2.0])
    _, noise = noise_of(jax.grad(loss), x, samples=16)
    assert noise[1] > 0.4
    assert noise[0] < 1e-15
    assert noise[2] < 1e-15


def test_tied_maxima_are_kinks_and_a_clear_maximum_is_none() -> None:
    _, tied = noise_of(jax.grad(lambda x: jnp.max(x)), np.array([3.0, 3.0, 1.0]), samples=16)
    assert tied[0] > 0.4
    assert tied[1] > 0.4
    assert tied[2] == 0
    _, clear = noise_of(jax.grad(lambda x: jnp.max(x)), np.array([3.0, 2.0, 1.0]), samples=16)
    assert clear.max() < 1e-15


def test_one_number_beside_an_array_is_a_kink_only_where_it_ties_with_some_of_it() -> None:
    def slope(x: Any) -> Any:
        return jax.grad(lambda one: jnp.sum(lax.max(one, x)))(x[0] + 1)

    assert noise_of(slope, np.array([3.0, 4.0, 1.0]), samples=16)[1] > 0.4
    assert noise_of(slope, np.array([3.0, 5.0, 1.0]), samples=16)[1] < 1e-12


def test_what_is_compared_with_a_sorted_value_is_no_kink_unless_it_ties() -> None:
    def of_the_largest(x: Any) -> Any:
        return jnp.sum(jnp.where(x >= jnp.sort(x)[-2], x**2, 0.0))

    _, clear = noise_of(jax.grad(of_the_largest), np.array([3.0, 1.0, 2.0]), samples=16)
    assert clear.max() < 1e-14
    _, tied = noise_of(jax.grad(of_the_largest), np.array([3.0, 2.0, 2.0]), samples=16)
    assert tied[1:].max() > 1


def test_a_mask_in_the_data_is_no_kink() -> None:
    def loss(x: Any, mask: Any) -> Any:
        return jnp.where(mask > 0.0, x**2, 0.0).sum()

    x, mask = np.array([1.5, 2.5]), np.array([0.0, 1.0])
    _, noise = noise_of(jax.grad(loss), x, mask, differentiated=(True, False))
    assert noise.max() < 1e-14


def x_log_y(x: Any, y: Any) -> Any:
    return jnp.where(x == 0, 0.0, x * jnp.log(jnp.where(x == 0, 1.0, y))).sum()


def test_where_an_equality_with_what_is_differentiated_holds_is_a_kink() -> None:
    x, y = np.array([0.0, 0.0, 1.5]), np.array([3.0, 0.0, 2.5])
    for loss in (x_log_y, lambda x, y: jax.jit(x_log_y)(-x[None], y), lambda x, y: x_log_y(x[::-1], y[::-1])):
        _, (of_x, of_y) = noise_of(jax.grad(loss, (0, 1)), x, y)
        assert of_x[0] > 1
        assert of_x[1] == of_y[1] == np.inf
        assert max(of_x[2], of_y[0], of_y[2]) < 1e-14


def test_an_equality_that_holds_everywhere_or_for_data_is_no_kink() -> None:
    def unlike(x: Any) -> Any:  # each point is at no distance from itself
        apart = x[:, None] - x[None]
        return jnp.where(apart == 0, 0.0, 1 / jnp.where(apart == 0, 1.0, apart) ** 2).sum()

    def lit(x: Any, mask: Any) -> Any:
        h = jax.nn.relu(x)
        share = (h**2).sum() / jnp.sum(h != 0, dtype=jnp.float64)
        return jnp.where(mask == 0, 0.0, x * share).sum()

    x, mask = np.array([-1.0, 0.5, 2.0]), np.array([0.0, 1.0, 1.0])
    _, noise = noise_of(jax.grad(unlike), x)
    assert noise.max() < 1e-12
    _, noise = noise_of(jax.grad(lit), x, mask, differentiated=(True, False))
    assert noise.max() < 1e-12


def test_the_stable_log_softmax_has_no_kink_at_ties() -> None:
    _, noise = noise_of(jax.grad(lambda x: -jax.nn.log_softmax(x)[0]), np.zeros(5), samples=16)
    assert noise.max() < 1e-15


def test_results_depend_on_key_and_input_alone() -> None:
    x = np.random.default_rng(1).standard_normal(7)
    _, one = noise_of(lambda x: jnp.tanh(x * 3.1), x, key=1)
    _, same = noise_of(lambda x: jnp.tanh(x * 3.1), x, key=1)
    _, other = noise_of(lambda x: jnp.tanh(x * 3.1), x, key=2)
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_product_that_a_sum_takes_up_rounds_with_it_and_no_less() -> None:
    x, y, z = (np.random.default_rng(seed).normal(size=1001) for seed in range(3))
    together = noise_of(lambda x, y, z: x * y + z, x, y, z)[1]
    apart = noise_of(lambda x, y, z: (x * y + z, x * y), x, y, z)[1][0]  # here the product is a result as well
    assert 1.0 <= np.median(together / apart) < 1.6
    cancelling = noise_of(lambda x, y: x * y - x * y * (1 - 1e-12), x, y, differentiated=(True, True))[1]
    assert np.median(cancelling / np.abs(x * y)) > 1e-17


def test_a_sum_of_one_term_does_not_round() -> None:
    x = np.array([[1.5, 2.5, 3.5]])
    data = noise_of(
        lambda x: (x.sum(axis=0), x.T @ np.ones((1, 2))), np.array([[1.0, 2.0, 3.0]]), differentiated=(False,)
    )
    assert not data[1][0].any()
    assert noise_of(lambda x: x.sum(axis=1), x)[1].all()
