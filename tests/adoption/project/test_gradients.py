"""What a maintainer writes to have the gradients proven on every commit."""

import jax
import jax.numpy as jnp
import layers
import numpy as np

import crosscheck

random = np.random.default_rng(0)
EXAMPLE = ({name: random.normal(size=(5, 3)) for name in ("Wq", "Wk", "Wv")}, random.normal(size=(7, 5)))
NORMED = ({"W": random.normal(size=(5, 3)), "gain": random.normal(size=3)}, random.normal(size=(7, 5)))
WIDE = (10 * random.normal(size=(3, 11)), 10 * random.normal(size=(7, 3)))


def attention(parameters, x):
    q, k, v = (x @ parameters[name] for name in ("Wq", "Wk", "Wv"))
    out = jax.nn.softmax(q @ k.T / jnp.sqrt(q.shape[-1])) @ v
    return 0.5 * jnp.sum(out**2)


def rms_norm(parameters, x):
    z = x @ parameters["W"]
    out = parameters["gain"] * z / jnp.sqrt(jnp.mean(z * z, axis=-1, keepdims=True) + 1e-3)
    return jnp.sum(out**3) / 3


def softplus(parameters, x):
    return jnp.sum(jax.nn.softplus(x @ parameters))


crosscheck.register(layers.attention, twin=attention, cases=EXAMPLE)
crosscheck.register(layers.rms_norm, twin=rms_norm, cases=NORMED)
crosscheck.register(layers.softplus, twin=softplus, cases=WIDE, name="softplus in float64")


@crosscheck.gradients(twin=softplus, cases=tuple(array.astype(np.float32) for array in WIDE))
def test_softplus_in_float32():
    return layers.softplus
