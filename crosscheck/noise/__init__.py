"""How far rounding alone can move each number that a JAX function computes: measured by stochastic arithmetic."""

from crosscheck.noise.bounded import bounded
from crosscheck.noise.hashing import key
from crosscheck.noise.interpreter import Double, Rounding, noisy
from crosscheck.noise.spread import spread

__all__ = ["Double", "Rounding", "bounded", "key", "noisy", "spread"]
