"""Gated recurrent cells over a few steps."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tests.quality.entries.entry import Entry

RANDOM = np.random.default_rng(113)


def gru(p: Any, x: Any, h0: Any) -> Any:
    def step(h: Any, x_t: Any) -> Any:
        r = jax.nn.sigmoid(p["Wr"] @ x_t + p["Ur"] @ h)
        z = jax.nn.sigmoid(p["Wz"] @ x_t + p["Uz"] @ h)
        n = jnp.tanh(p["Wn"] @ x_t + r * (p["Un"] @ h))
        h = (1 - z) * n + z * h
        return h, jnp.sum(h**2)

    return jax.lax.scan(step, h0, x)[1].sum()


def sigmoid(z: Any) -> Any:
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def gru_by_hand(p: Any, x: Any, h0: Any) -> Any:
    h, cache, loss = h0, [], h0.dtype.type(0)
    for x_t in x:
        r, z = sigmoid(p["Wr"] @ x_t + p["Ur"] @ h), sigmoid(p["Wz"] @ x_t + p["Uz"] @ h)
        u = p["Un"] @ h
        n = np.tanh(p["Wn"] @ x_t + r * u)
        following = n + z * (h - n)
        cache.append((x_t, h, r, z, u, n, following))
        h = following
        loss = loss + (h * h).sum()
    d = {name: np.zeros_like(array) for name, array in p.items()}
    carry = np.zeros_like(h0)
    for x_t, h, r, z, u, n, following in reversed(cache):
        dh = carry + 2 * following
        dn = dh * (1 - z) * (1 - n) * (1 + n)
        dz = dh * (h - n) * z * (1 - z)
        dr = dn * u * r * (1 - r)
        du = dn * r
        for gate, of_gate in (("r", dr), ("z", dz), ("n", dn)):
            d[f"W{gate}"] += np.outer(of_gate, x_t)
        for gate, of_gate in (("r", dr), ("z", dz), ("n", du)):
            d[f"U{gate}"] += np.outer(of_gate, h)
        carry = dh * z + p["Ur"].T @ dr + p["Uz"].T @ dz + p["Un"].T @ du
    return loss, d


def lstm(p: Any, x: Any, state: Any) -> Any:
    def step(carry: Any, x_t: Any) -> Any:
        h, c = carry
        i, f, o, g = jnp.split(p["W"] @ jnp.concatenate([x_t, h]) + p["b"], 4)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), jnp.sum(h)

    return jax.lax.scan(step, (state[0], state[1]), x)[1].sum()


def lstm_by_hand(p: Any, x: Any, state: Any) -> Any:
    (h, c), cache, loss = state, [], state.dtype.type(0)
    for x_t in x:
        both = np.concatenate([x_t, h])
        i, f, o, g = np.split(p["W"] @ both + p["b"], 4)
        i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
        before, c = c, f * c + i * g
        t = np.tanh(c)
        h = o * t
        cache.append((both, i, f, o, g, before, t))
        loss = loss + h.sum()
    d = {name: np.zeros_like(array) for name, array in p.items()}
    dh_carry, dc_carry = np.zeros_like(h), np.zeros_like(c)
    for both, i, f, o, g, before, t in reversed(cache):
        dh = dh_carry + 1
        dc = dc_carry + dh * o * (1 - t) * (1 + t)
        gates = [
            dc * g * i * (1 - i),
            dc * before * f * (1 - f),
            dh * t * o * (1 - o),
            dc * i * (1 - g) * (1 + g),
        ]
        da = np.concatenate(gates)
        d["W"] += np.outer(da, both)
        d["b"] += da
        dh_carry = (p["W"].T @ da)[-len(h) :]
        dc_carry = dc * f
    return loss, d


def normal(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape)


GRU = {f"{kind}{gate}": normal(3, 5 if kind == "W" else 3) for kind in "WU" for gate in "rzn"}
LSTM = {"W": normal(12, 8), "b": normal(12)}  # 3 units and 5 inputs
ENTRIES = (
    Entry("GRU", gru, gru_by_hand, (GRU, normal(7, 5), normal(3))),
    Entry("LSTM", lstm, lstm_by_hand, (LSTM, normal(17, 5), normal(2, 3)), (17,)),
)
