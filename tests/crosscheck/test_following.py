"""Updates may follow their gradients as far as those may stray, however suddenly."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from crosscheck.compare import K
from crosscheck.following import MARGIN, followed
from crosscheck.noise import Rounding, key
from crosscheck.precision import FLOAT64

GRADIENT, NOISE = np.array([1e-3, 2.0, -3.0]), np.array([1e-3, 1e-9, 1e-9])


def moves(rule: Any, noise: np.ndarray) -> np.ndarray:
    """Return by how many tolerances the rule's results may be off, as measured with 64 samples."""
    follow = followed(lambda g, _: rule(g), jax.ShapeDtypeStruct(GRADIENT.shape, np.float64), [])
    rounding = Rounding(jnp.asarray(key(5)), jnp.asarray(FLOAT64.epsilon), jnp.asarray(FLOAT64.smallest))
    exact, moved = follow(jnp.int32(64), rounding, jnp.asarray(GRADIENT), jnp.asarray(noise), [])
    np.testing.assert_allclose(exact, rule(GRADIENT), rtol=1e-15)
    return np.asarray(moved)


def test_a_linear_rule_moves_by_its_slope() -> None:
    ratio = moves(lambda g: -7.0 * g, NOISE) / (7 * MARGIN * NOISE)
    assert (ratio > 0.9).all()
    assert (ratio < 1.01).all()


def test_a_jump_within_the_allowance_is_granted_in_full() -> None:
    moved = K * moves(lambda g: 0.1 * g / jnp.sqrt(1e-10 + g * g), NOISE)
    assert 0.2 < moved[0] < 0.2 * MARGIN * 1.01  # the sign of 0.001 ± 0.001 is not known
    assert (moved[1:] < 1e-7).all()


def test_infinite_noise_grants_everything() -> None:
    moved = moves(lambda g: 2.0 * g, np.array([np.inf, 0.0, 0.0]))
    assert np.isinf(moved[0])
    assert np.isfinite(moved[1:]).all()


def test_a_difference_of_parameters_keeps_their_rounding() -> None:
    """The update `(p + u) - p` has lost digits to p, however little the gradient may move it."""
    parameter = np.full(3, 1e3)

    def update(gradients: Any, leaves: list[Any]) -> Any:
        return (leaves[0] - 1e-3 * gradients) - leaves[0]

    follow = followed(update, jax.ShapeDtypeStruct(GRADIENT.shape, np.float64), [parameter[: GRADIENT.size]])
    rounding = Rounding(jnp.asarray(key(5)), jnp.asarray(FLOAT64.epsilon), jnp.asarray(FLOAT64.smallest))
    _, moved = follow(jnp.int32(64), rounding, jnp.asarray(GRADIENT), jnp.zeros(3), [parameter[: GRADIENT.size]])
    assert (np.asarray(moved) > FLOAT64.epsilon * 1e3).all()
