"""Layers of networks: normalisations, attention, embedding, convolution, activations."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tests.quality.entries.entry import Entry

RANDOM = np.random.default_rng(107)
EPSILON = 1e-5


def layer_norm(p: Any, x: Any, t: Any) -> Any:
    centred = x - x.mean(axis=1, keepdims=True)
    y = centred / jnp.sqrt((centred**2).mean(axis=1, keepdims=True) + EPSILON) * p["scale"] + p["shift"]
    return jnp.sum(t * jnp.tanh(y))


def normalised(x: Any, axis: int) -> tuple[Any, Any]:
    centred = x - x.mean(axis=axis, keepdims=True)
    inverse = 1 / np.sqrt((centred**2).mean(axis=axis, keepdims=True) + x.dtype.type(EPSILON))
    return centred * inverse, inverse


def normalised_backward(dn: Any, n: Any, inverse: Any, axis: int) -> Any:
    mean = dn.mean(axis=axis, keepdims=True)
    return inverse * (dn - mean - n * (dn * n).mean(axis=axis, keepdims=True))


def layer_norm_by_hand(p: Any, x: Any, t: Any) -> Any:
    n, _ = normalised(x, 1)
    h = np.tanh(n * p["scale"] + p["shift"])
    dy = t * (1 - h) * (1 + h)
    return (t * h).sum(), {"scale": (dy * n).sum(axis=0), "shift": dy.sum(axis=0)}


def layer_norm_input(x: Any, t: Any) -> Any:
    centred = x - x.mean(axis=1, keepdims=True)
    return jnp.sum(t * centred / jnp.sqrt((centred**2).mean(axis=1, keepdims=True) + EPSILON))


def layer_norm_input_by_hand(x: Any, t: Any) -> Any:
    n, inverse = normalised(x, 1)
    return (t * n).sum(), normalised_backward(t, n, inverse, 1)


def batch_norm(p: Any, x: Any, t: Any) -> Any:
    z = x @ p["W"]
    centred = z - z.mean(axis=0)
    return jnp.sum(t * (centred / jnp.sqrt((centred**2).mean(axis=0) + EPSILON) * p["scale"]))


def batch_norm_by_hand(p: Any, x: Any, t: Any) -> Any:
    n, inverse = normalised(x @ p["W"], 0)
    dz = normalised_backward(t * p["scale"], n, inverse, 0)
    return (t * n * p["scale"]).sum(), {"W": x.T @ dz, "scale": (t * n).sum(axis=0)}


def rms_norm(x: Any, t: Any) -> Any:
    return jnp.sum(t * x / jnp.sqrt((x**2).mean(axis=1, keepdims=True) + EPSILON))


def rms_norm_by_hand(x: Any, t: Any) -> Any:
    inverse = 1 / np.sqrt((x**2).mean(axis=1, keepdims=True) + x.dtype.type(EPSILON))
    n = x * inverse
    return (t * n).sum(), inverse * (t - n * (t * n).mean(axis=1, keepdims=True))


def attention(p: Any, t: Any, *, causal: bool = False) -> Any:
    q, k, v = p
    scores = q @ k.T / np.sqrt(q.shape[1])
    if causal:
        scores = jnp.where(jnp.tril(jnp.ones(scores.shape, bool)), scores, -jnp.inf)
    return jnp.sum(t * (jax.nn.softmax(scores) @ v))


def attention_by_hand(p: Any, t: Any, *, causal: bool = False) -> Any:
    q, k, v = p
    root = q.dtype.type(np.sqrt(q.shape[1]))
    scores = q @ k.T / root
    if causal:
        scores = np.where(np.tri(*scores.shape, dtype=bool), scores, -np.inf).astype(q.dtype)
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    a = e / e.sum(axis=1, keepdims=True)
    da = t @ v.T
    ds = a * (da - (da * a).sum(axis=1, keepdims=True)) / root
    return (t * (a @ v)).sum(), (ds @ k, ds.T @ q, a.T @ t)


def causal_attention(p: Any, t: Any) -> Any:
    return attention(p, t, causal=True)


def causal_attention_by_hand(p: Any, t: Any) -> Any:
    return attention_by_hand(p, t, causal=True)


def embedding(p: Any, words: Any, t: Any) -> Any:
    return jnp.sum((jnp.take(p["E"], words, axis=0).mean(axis=0) - t) ** 2)


def embedding_by_hand(p: Any, words: Any, t: Any) -> Any:
    difference = p["E"][words].mean(axis=0) - t
    dE = np.zeros_like(p["E"])
    np.add.at(dE, words, difference * (2 / len(words)))
    return (difference**2).sum(), {"E": dE}


def convolution(p: Any, x: Any, t: Any) -> Any:
    y = jax.lax.conv_general_dilated(x[None, None, :], p["k"][None, None, :], (1,), "VALID")[0, 0] + p["b"]
    return jnp.sum((jnp.tanh(y) - t) ** 2)


def convolution_by_hand(p: Any, x: Any, t: Any) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, len(p["k"]))
    h = np.tanh(windows @ p["k"] + p["b"])
    dy = 2 * (h - t) * (1 - h * h)
    return ((h - t) ** 2).sum(), {"k": dy @ windows, "b": dy.sum()}


def dropout(p: Any, x: Any, mask: Any) -> Any:
    return jnp.sum((jnp.tanh(x @ p["W"]) * mask * 2) ** 2)


def dropout_by_hand(p: Any, x: Any, mask: Any) -> Any:
    h = np.tanh(x @ p["W"])
    kept = h * mask * 2
    return (kept**2).sum(), {"W": x.T @ (4 * kept * mask * (1 - h) * (1 + h))}


def normal(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape)


ATTENTION = ((normal(5, 3), normal(5, 3), normal(5, 7)), normal(5, 7))
ENTRIES = (
    Entry(
        "layer norm",
        layer_norm,
        layer_norm_by_hand,
        ({"scale": normal(5), "shift": normal(5)}, normal(7, 5), normal(7, 5)),
        (7,),
    ),
    Entry("layer norm, input", layer_norm_input, layer_norm_input_by_hand, (normal(7, 5), normal(7, 5)), (7,)),
    Entry(
        "batch norm",
        batch_norm,
        batch_norm_by_hand,
        ({"W": normal(3, 5), "scale": normal(5)}, normal(11, 3), normal(11, 5)),
        (3, 5),
    ),
    Entry("RMS norm", rms_norm, rms_norm_by_hand, (normal(7, 5), normal(7, 5))),
    Entry("attention", attention, attention_by_hand, ATTENTION),
    Entry("causal attention", causal_attention, causal_attention_by_hand, ATTENTION),
    Entry("embedding", embedding, embedding_by_hand, ({"E": normal(5, 3)}, np.array([0, 4, 4, 1, 0, 2, 4]), normal(3))),
    Entry(
        "convolution",
        convolution,
        convolution_by_hand,
        ({"k": normal(3), "b": normal()}, normal(13), normal(11)),
        False,
    ),
    Entry(
        "dropout",
        dropout,
        dropout_by_hand,
        ({"W": normal(5, 3)}, normal(7, 5), (RANDOM.random((7, 3)) < 0.5).astype(float)),
    ),
)
