"""Sums and products, where terms cancel or a single factor decides."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from tests.quality.entries.entry import Entry

RANDOM = np.random.default_rng(101)


def nearly_orthogonal(length: int) -> tuple[np.ndarray, np.ndarray]:
    x, w = RANDOM.standard_normal((2, length))
    w -= x * (x @ w) / (x @ x)
    w += x * (1e-6 / length)  # so that they cancel all but six digits
    return x, w


def squared_product(w: Any, x: Any) -> Any:
    return 0.5 * jnp.dot(x, w) ** 2


def squared_product_by_hand(w: Any, x: Any) -> Any:
    product = x @ w
    return 0.5 * product**2, product * x


def linear_sum(p: Any, x: Any, y: Any) -> Any:
    return jnp.sum((x @ p["W"].T + p["b"] - y) ** 2)


def linear_sum_by_hand(p: Any, x: Any, y: Any) -> Any:
    residual = x @ p["W"].T + p["b"] - y
    return (residual**2).sum(), {"W": 2 * residual.T @ x, "b": 2 * residual.sum(axis=0)}


def linear_mean(p: Any, x: Any, y: Any) -> Any:
    return jnp.mean((x @ p["w"] + p["b"] - y) ** 2)


def linear_mean_by_hand(p: Any, x: Any, y: Any) -> Any:
    residual = x @ p["w"] + p["b"] - y
    d = residual * (2 / len(y))
    return np.mean(residual**2), {"w": x.T @ d, "b": d.sum()}


def running_total(x: Any, target: Any) -> Any:
    return jnp.sum((jnp.cumsum(x) - target) ** 2)


def running_total_by_hand(x: Any, target: Any) -> Any:
    d = 2 * (np.cumsum(x) - target)
    return ((np.cumsum(x) - target) ** 2).sum(), np.cumsum(d[::-1])[::-1].copy()


def product(x: Any) -> Any:
    return jnp.prod(x)


def product_by_hand(x: Any) -> Any:
    # Products from the left and from the right, because x may hold zeros.
    left = np.concatenate([np.ones(1, x.dtype), np.cumprod(x[:-1])])
    right = np.concatenate([np.cumprod(x[:0:-1])[::-1], np.ones(1, x.dtype)])
    return np.prod(x), left * right


def quadratic_form(x: Any, A: Any) -> Any:
    S = A + A.T
    return 0.5 * x @ S @ x


def quadratic_form_by_hand(x: Any, A: Any) -> Any:
    Sx = A @ x + A.T @ x
    return x @ Sx * x.dtype.type(0.5), Sx


def bilinear(p: Any, x: Any, y: Any) -> Any:
    return jnp.sum(jnp.einsum("ni,ij,nj->n", x, p["W"], y))


def bilinear_by_hand(p: Any, x: Any, y: Any) -> Any:
    return (x @ p["W"] * y).sum(), {"W": x.T @ y}


def cosine_similarity(p: Any) -> Any:
    a, b = p
    return a @ b / (jnp.linalg.norm(a) * jnp.linalg.norm(b))


def cosine_similarity_by_hand(p: Any) -> Any:
    a, b = p
    length_a, length_b = np.sqrt(a @ a), np.sqrt(b @ b)
    u, v = a / length_a, b / length_b
    c = u @ v
    return c, ((v - c * u) / length_a, (u - c * v) / length_b)


def variance(x: Any) -> Any:
    return jnp.sum((x - x.mean()) ** 2) / (x.size - 1)


def variance_by_hand(x: Any) -> Any:
    centred = x - x.mean()
    return (centred**2).sum() / (x.size - 1), centred * (2 / (x.size - 1))


def rational(p: Any, x: Any) -> Any:
    return jnp.sum((p["a"] + p["b"] * x) / (1 + (p["c"] * x) ** 2))


def rational_by_hand(p: Any, x: Any) -> Any:
    below = 1 + (p["c"] * x) ** 2
    value = (p["a"] + p["b"] * x) / below
    dc = -(value * (x * x) / below).sum() * (2 * p["c"])
    return value.sum(), {"a": (1 / below).sum(), "b": (x / below).sum(), "c": dc}


def sinusoids(p: Any, t: Any) -> Any:
    return jnp.sum(p["a"] * jnp.sin(jnp.outer(t, p["w"]) + p["phase"]))


def sinusoids_by_hand(p: Any, t: Any) -> Any:
    angle = np.outer(t, p["w"]) + p["phase"]
    slope = p["a"] * np.cos(angle)
    return (p["a"] * np.sin(angle)).sum(), {
        "a": np.sin(angle).sum(axis=0),
        "w": t @ slope,
        "phase": slope.sum(axis=0),
    }


def normal(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape)


ENTRIES = (
    Entry("squared product", squared_product, squared_product_by_hand, (normal(11), normal(11))),
    Entry("squared product, 4096", squared_product, squared_product_by_hand, nearly_orthogonal(4096), False),
    Entry(
        "linear regression, sum",
        linear_sum,
        linear_sum_by_hand,
        ({"W": normal(3, 5), "b": normal(3)}, normal(7, 5), normal(7, 3)),
    ),
    Entry(
        "linear regression, mean",
        linear_mean,
        linear_mean_by_hand,
        ({"w": normal(5), "b": normal()}, normal(13, 5), normal(13)),
    ),
    Entry("running total", running_total, running_total_by_hand, (normal(23), normal(23))),
    Entry("product of factors", product, product_by_hand, (normal(7),), False),
    Entry("quadratic form", quadratic_form, quadratic_form_by_hand, (normal(7), normal(7, 7))),
    Entry("bilinear form", bilinear, bilinear_by_hand, ({"W": normal(5, 3)}, normal(7, 5), normal(7, 3))),
    Entry("cosine similarity", cosine_similarity, cosine_similarity_by_hand, ((normal(13), normal(13)),)),
    Entry("variance", variance, variance_by_hand, (normal(17),), False),
    Entry(
        "rational function",
        rational,
        rational_by_hand,
        ({"a": normal(), "b": normal(), "c": normal()}, normal(11)),
    ),
    Entry(
        "sinusoids", sinusoids, sinusoids_by_hand, ({"a": normal(3), "w": normal(3), "phase": normal(3)}, normal(11))
    ),
)
