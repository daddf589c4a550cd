"""Derivatives that were registered by hand: jax.custom_vjp, jax.custom_jvp and torch.autograd.Function.

Each is held against the derivative that the library itself takes of the same forward, over many shapes and sizes.
"""

from crosscheck.custom_rules.examining import examine_rules

__all__ = ["examine_rules"]
