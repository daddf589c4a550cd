"""Many recurrent models of equal sizes at once, for the bulk campaign: arrays with a leading axis of models.

A chunk of 1,024 models is drawn whole, whoever asks for it, so that neither the number of workers nor what they take
at a time can change a model. One model of a chunk is named by its number, and cut out of the chunk to be looked at.
"""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from crosscheck.cases import Key
from crosscheck.strategies.randomness import Scale, generator
from crosscheck.strategies.recurrent_regimes import Arguments
from crosscheck.strategies.sizes import Sizes

BULK = "bulk"
"""The regime in the key of a model from a chunk. It is not drawn with the others."""
MODELS = 1024
"""Models in a chunk. At V = H = T = 12 they take 4 MB, which stay in a processor's cache."""
CHUNKS = 1 << 30
"""Chunks of one seed: a chunk's number is `seed · CHUNKS + chunk`, a model's is that times MODELS, plus its place."""

_SCALE = Scale(2.0**-10, octaves=15)  # from 0.001 to 32


class Stack(NamedTuple):
    """One chunk: the arguments of MODELS models, on the first axis of every array."""

    chunk_number: int
    sizes: Sizes
    arguments: tuple[Any, ...]

    def key(self, place: int) -> Key:
        """Return the name of one model, a whole-number place from 0 to MODELS − 1."""
        return Key(BULK, self.sizes, self.chunk_number * MODELS + place)


def chunk_number(seed: int, chunk: int) -> int:
    """Return the number of a chunk among those of all seeds."""
    return seed * CHUNKS + chunk


def scales_of(number: int) -> Float[np.ndarray, " models"]:
    """Return the scale of every model of a chunk, without building it."""
    return _SCALE.at_each(generator(BULK, number).random(MODELS))


def build_stack(number: int, sizes: Sizes, dtype: np.dtype[Any]) -> Stack:
    """Draw one chunk: every model has a scale of its own, log-uniform from 0.001 to 32.

    Parameters are normal times that scale, Whh and Why divided by √H; states are uniform in (−1, 1), as those that tanh
    returns; symbols are uniform. The scales come first, so that smaller sizes keep them.
    """
    V, H, T, B = sizes
    stream = generator(BULK, number)
    scales = _SCALE.at_each(stream.random(MODELS))
    scales_by_fan_in = scales / H**0.5

    def normal(scales: np.ndarray, *shape: int) -> np.ndarray:
        array = stream.standard_normal((MODELS, *shape))
        array *= scales.reshape(MODELS, *(1 for _ in shape))
        return array.astype(dtype, copy=False)

    parameters = {
        "Wxh": normal(scales, H, V),
        "Whh": normal(scales_by_fan_in, H, H),
        "Why": normal(scales_by_fan_in, V, H),
        "bh": normal(scales, H),
        "by": normal(scales, V),
    }
    batch = (B,) if B else ()
    states = stream.random((MODELS, *batch, H))
    states *= 2.0
    states -= 1.0
    inputs = stream.integers(V, size=(MODELS, T, *batch))
    targets = stream.integers(V, size=(MODELS, T, *batch))
    return Stack(number, sizes, Arguments(parameters, inputs, targets, states.astype(dtype, copy=False)))


def one_of(stack: Stack, place: int) -> Arguments:
    """Cut one model out of a chunk: the same arguments without their first axis, in arrays of their own."""
    parameters, *data = stack.arguments
    own = {name: array[place].copy() for name, array in parameters.items()}
    return Arguments(own, *(array[place].copy() for array in data))
