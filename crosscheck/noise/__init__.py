"""How far rounding alone can move each number that a JAX function computes: measured by stochastic arithmetic."""

from crosscheck.noise.hashing import key
from crosscheck.noise.interpreter import Rounding, noisy, to_within_floor
from crosscheck.noise.spread import spread

__all__ = ["Rounding", "key", "noisy", "spread", "to_within_floor"]
