"""A network of two layers with each activation, and losses with kinks."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tests.quality.entries.entry import Entry

RANDOM = np.random.default_rng(109)


def network(p: Any, x: Any, t: Any, *, activation: Callable[[Any], Any]) -> Any:
    return jnp.sum((activation(x @ p["W1"] + p["b1"]) @ p["W2"] - t) ** 2)


def network_by_hand(p: Any, x: Any, t: Any, *, activation: Callable[[Any], tuple[Any, Any]]) -> Any:
    a, slope = activation(x @ p["W1"] + p["b1"])
    residual = a @ p["W2"] - t
    dy = 2 * residual
    dz = dy @ p["W2"].T * slope
    return (residual**2).sum(), {"W1": x.T @ dz, "b1": dz.sum(axis=0), "W2": a.T @ dy}


def relu(z: Any) -> tuple[Any, Any]:
    return np.maximum(z, 0), (z > 0).astype(z.dtype)


def sigmoid(z: Any) -> tuple[Any, Any]:
    e = np.exp(-np.abs(z))
    a = np.where(z >= 0, 1, e) / (1 + e)
    return a, e / (1 + e) ** 2


def softplus(z: Any) -> tuple[Any, Any]:
    e = np.exp(-np.abs(z))
    return np.maximum(z, 0) + np.log1p(e), np.where(z >= 0, 1, e) / (1 + e)


def gelu(z: Any) -> tuple[Any, Any]:
    """With the tanh, as jax.nn.gelu has it."""
    c = z.dtype.type(math.sqrt(2 / math.pi))
    h = np.tanh(c * (z + z.dtype.type(0.044715) * z**3))
    inner = c * (1 + z.dtype.type(3 * 0.044715) * z**2)
    return z * (1 + h) / 2, (1 + h) / 2 + z * (1 - h) * (1 + h) * inner / 2


def silu(z: Any) -> tuple[Any, Any]:
    s, slope = sigmoid(z)
    return z * s, s + z * slope


def hinge(p: Any, x: Any, sign: Any) -> Any:
    return jnp.sum(jnp.maximum(0, 1 - (2 * sign - 1) * (x @ p["w"]))) + 0.5 * jnp.sum(p["w"] ** 2)


def hinge_by_hand(p: Any, x: Any, sign: Any) -> Any:
    y = 2 * sign - 1
    margin = 1 - y * (x @ p["w"])
    d = np.where(margin > 0, -y, 0).astype(y.dtype)
    return np.maximum(0, margin).sum() + 0.5 * (p["w"] ** 2).sum(), {"w": x.T @ d + p["w"]}


def triplet(p: Any) -> Any:
    anchor, near, far = p
    distance = ((anchor - near) ** 2).sum(axis=1) - ((anchor - far) ** 2).sum(axis=1)
    return jnp.sum(jax.nn.relu(distance + 0.5))


def triplet_by_hand(p: Any) -> Any:
    anchor, near, far = p
    excess = ((anchor - near) ** 2).sum(axis=1) - ((anchor - far) ** 2).sum(axis=1) + anchor.dtype.type(0.5)
    on = 2 * (excess > 0).astype(anchor.dtype)[:, None]
    return np.maximum(excess, 0).sum(), (on * (far - near), on * (near - anchor), on * (anchor - far))


def max_pool(x: Any, t: Any) -> Any:
    return jnp.sum(t * x.max(axis=1))


def max_pool_by_hand(x: Any, t: Any) -> Any:
    dx = np.zeros_like(x)
    dx[np.arange(len(x)), x.argmax(axis=1)] = t
    return (t * x.max(axis=1)).sum(), dx


def huber(p: Any, x: Any, y: Any) -> Any:
    r = x @ p["w"] - y
    size = jnp.abs(r)
    return jnp.sum(jnp.where(size < 1, 0.5 * r**2, size - 0.5))


def huber_by_hand(p: Any, x: Any, y: Any) -> Any:
    r = x @ p["w"] - y
    size = np.abs(r)
    return np.where(size < 1, 0.5 * r**2, size - 0.5).sum(), {"w": x.T @ np.clip(r, -1, 1)}


def normal(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape)


ACTIVATIONS = {
    "relu": (jax.nn.relu, relu),
    "sigmoid": (jax.nn.sigmoid, sigmoid),
    "softplus": (jax.nn.softplus, softplus),
    "gelu": (jax.nn.gelu, gelu),
    "silu": (jax.nn.silu, silu),
}
NETWORK = ({"W1": normal(5, 7), "b1": normal(7), "W2": normal(7, 3)}, normal(11, 5), normal(11, 3))
ENTRIES = (
    *(
        Entry(
            f"network with {name}",
            partial(network, activation=ours),
            partial(network_by_hand, activation=hand),
            NETWORK,
        )
        for name, (ours, hand) in ACTIVATIONS.items()
    ),
    Entry("hinge", hinge, hinge_by_hand, ({"w": normal(5)}, normal(11, 5), (RANDOM.random(11) < 0.5).astype(float))),
    Entry("triplet", triplet, triplet_by_hand, ((normal(7, 3), normal(7, 3), normal(7, 3)),)),
    Entry("max-pool", max_pool, max_pool_by_hand, (normal(7, 5), normal(7))),
    Entry("Huber", huber, huber_by_hand, ({"w": normal(3)}, normal(11, 3), normal(11))),
)
