"""Random numbers that a key determines.

Only the generator's stream and exact arithmetic go into a case. `exp` and `pow` are left out: their last bit differs
from one machine to the next. Scales are therefore log-uniform from octave to octave and uniform within one.
"""

import math
import zlib

import numpy as np
from jaxtyping import Float

FRIENDLY_SEEDS = 8
"""Seeds below this one give short decimals."""
SEEDS = 1_000_000
"""Drawn seeds lie below this one: short enough to copy by hand, many enough that few are drawn twice."""
_QUARTERS = np.delete(np.arange(-8, 9), 8) / 4  # −2 to 2 without 0, which would hide an error in its factor
_WORD = (1 << 64) - 1


def word(*integers: int) -> int:
    """Scramble integers into 64 bits by the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).

    A hundred times cheaper than a generator, and good enough to choose sizes and seeds. Python's `hash` is neither
    stable nor scrambled.
    """
    state = 0
    for integer in integers:
        state = (state + integer + 0x9E3779B97F4A7C15) & _WORD
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _WORD
        state ^= state >> 31
    return state


def below(bits: int, count: int) -> int:
    """Map 64 random bits to one of 0 ... count − 1 (a bias of count / 2⁶⁴ does not matter)."""
    return (bits * count) >> 64


def generator(stream: str, seed: int) -> np.random.Generator:
    """Return NumPy's default generator, started from the name of a stream of numbers and a seed."""
    return np.random.default_rng(np.random.SeedSequence([zlib.crc32(stream.encode()), seed]))


def is_friendly(seed: int) -> bool:
    """Tell whether a seed stands for short decimals."""
    return seed < FRIENDLY_SEEDS


def normal(generator: np.random.Generator, shape: tuple[int, ...], *, friendly: bool) -> Float[np.ndarray, "..."]:
    """Draw standard normal numbers; or, friendly, multiples of ¼ from −2 to 2 that do not repeat within 16 of them.

    Numbers that do not repeat are never all equal, and a matrix of them is never symmetric by accident.
    """
    if not friendly:
        return generator.standard_normal(shape)
    count = math.prod(shape)
    permutations = generator.permuted(np.tile(_QUARTERS, (-(-count // 16), 1)), axis=1)
    return permutations.ravel()[:count].reshape(shape)


class Scale:
    """A log-uniform range of scales, from `low` upwards over a whole number of octaves.

    >>> Scale(0.25, octaves=2).at(0.5), Scale(0.25, octaves=2).high
    (0.5, 1.0)
    """

    def __init__(self, low: float, octaves: int = 0) -> None:
        self.low = low
        self.octaves = octaves
        self.high = math.ldexp(low, octaves)

    def at(self, fraction: float) -> float:
        """Return the scale at a fraction in [0, 1) of the range."""
        octave, rest = divmod(fraction * self.octaves, 1.0)
        return math.ldexp(self.low * (1.0 + rest), int(octave))

    def at_each(self, fractions: Float[np.ndarray, " *models"]) -> Float[np.ndarray, " *models"]:
        """Return the scale at each of many fractions, equal to `at` bit for bit."""
        rest, octave = np.modf(fractions * self.octaves)
        return np.ldexp(self.low * (1.0 + rest), octave.astype(np.intc))
