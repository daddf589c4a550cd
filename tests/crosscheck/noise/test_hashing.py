"""The random numbers of the noise: uniform, unrelated between places, and the same wherever they stand in a batch."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from crosscheck.noise.hashing import at_place, at_turn, uniform

FLOAT64 = jnp.dtype(jnp.float64)
COUNT = 20_011


def draw(key: int, shape: tuple[int, ...] = (COUNT,)) -> np.ndarray:
    return np.asarray(uniform(jnp.asarray(key, jnp.uint32), shape, FLOAT64))


@pytest.mark.parametrize("key", [0, 1, 2**31, 12345])
def test_numbers_are_uniform(key: int) -> None:
    numbers = draw(key)
    assert -1 <= numbers.min() < -0.999
    assert 0.999 < numbers.max() < 1
    # Kolmogorov-Smirnov at the 1e-6 level: 2.7 / √n.
    distance = np.abs(np.sort(numbers) - np.linspace(-1, 1, COUNT)).max() / 2
    assert distance < 2.7 / COUNT**0.5


@pytest.mark.parametrize("shift", [0, 1, 7])
@pytest.mark.parametrize("other", ["next place", "next turn", "next key", "key + 1 place away"])
def test_streams_look_unrelated(other: str, shift: int) -> None:
    key = jnp.asarray(97, jnp.uint32)
    others = {
        "next place": at_place(key, 1),
        "next turn": at_turn(key, jnp.asarray(1, jnp.uint32)),
        "next key": key + jnp.asarray(1, jnp.uint32),
        "key + 1 place away": at_place(key + jnp.asarray(1, jnp.uint32), 5),
    }
    one, two = draw(97), np.asarray(uniform(others[other], (COUNT,), FLOAT64))
    correlation = np.corrcoef(one[shift:], two[: COUNT - shift])[0, 1]
    assert abs(correlation) < 5 / COUNT**0.5


def test_numbers_do_not_depend_on_the_batch_around_them() -> None:
    keys = jnp.asarray([3, 5, 7], jnp.uint32)
    together = jax.vmap(lambda key: uniform(key, (11,), FLOAT64))(keys)
    assert np.array_equal(together[1], draw(5, (11,)))
