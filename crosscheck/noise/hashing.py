"""Random numbers that are cheap to compile and depend on nothing but a key and a position.

Threefry is a better generator than rounding needs, and takes seconds to compile into every operation. Here a counter
walks round the 32-bit circle in steps of the golden ratio (a Weyl sequence) and one multiplication scrambles it: the
errors of two operations only have to look unrelated, and a test says that they do.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

STEP_OF_ELEMENTS = 0x9E3779B9  # 2³² / golden ratio: neighbours land far apart
STEP_OF_PLACES = (
    0x7FEB352D  # unrelated odd numbers: the streams of two places, or of two turns of a loop, do not overlap
)
STEP_OF_TURNS = 0x846CA68B


def key(*numbers: int) -> np.uint32:
    """Make a key from small integers (a case, a sample): always the same one from the same integers."""
    return np.random.SeedSequence([number & 0xFFFFFFFF for number in numbers]).generate_state(1, np.uint32)[0]


def at_place(key: jax.Array, place: int) -> jax.Array:
    """Return the key of one operation of a program: one addition, because there is one for each operation."""
    return key + _word(place * STEP_OF_PLACES)


def at_turn(key: jax.Array, turn: jax.Array) -> jax.Array:
    """Return the key of one turn of a loop; `turn` is a traced uint32."""
    return (key + turn * _word(STEP_OF_TURNS)) ^ _word(STEP_OF_PLACES)


def skip(key: int, turns: int) -> int:
    """Return the key whose first turn is the one after so many turns of another key."""
    return (key + turns * STEP_OF_TURNS) & 0xFFFFFFFF


def uniform(key: jax.Array, shape: tuple[int, ...], dtype: jnp.dtype) -> jax.Array:
    """Draw numbers in [−1, 1) of a shape. The same key gives the same numbers, wherever in a batch it stands."""
    bits = lax.add(lax.mul(lax.iota(jnp.uint32, math.prod(shape)), _word(STEP_OF_ELEMENTS)), key)
    bits = lax.mul(lax.bitwise_xor(bits, lax.shift_right_logical(bits, _word(15))), _word(0x2C1B3C6D))
    bits = lax.mul(lax.bitwise_xor(bits, lax.shift_right_logical(bits, _word(12))), _word(0x297A2D39))
    signed = lax.convert_element_type(lax.bitcast_convert_type(bits, jnp.int32), dtype)
    return lax.reshape(lax.mul(signed, np.asarray(2.0**-31, dtype)), shape)


def _word(value: int) -> np.uint32:
    return np.uint32(value & 0xFFFFFFFF)
