"""The surprise at the targets, with a rule of one's own."""

import jax
import jax.numpy as jnp


def surprise_and_weights(z, targets):
    """Return the losses (T,) and the softmax (T, V), given logits z (T, V) and targets (T,); nothing overflows."""
    shifted = z - z.max(axis=1, keepdims=True)
    e = jnp.exp(shifted)
    total = e.sum(axis=1)
    return jnp.log(total) - shifted[jnp.arange(len(z)), targets], e / total[:, None]


def with_rule():
    """Return the function surprise(z, targets), a jax.custom_vjp with a rule of yours.

    It returns the losses (T,). Its rule is handed dloss (T,), and returns dz (T, V), and None for the targets.
    """

    @jax.custom_vjp
    def surprise(z, targets):
        return surprise_and_weights(z, targets)[0]

    def forward(z, targets):
        losses, p = surprise_and_weights(z, targets)
        return losses, (p, targets)

    def backward(kept, dloss):
        p, targets = kept
        dz = p.at[jnp.arange(len(p)), targets].add(-1)
        return dloss[:, None] * dz, None

    surprise.defvjp(forward, backward)
    return surprise


if __name__ == "__main__":
    surprise = with_rule()
    print(surprise(jnp.array([[1.0, 2.0, 3.0], [3.0, 1.0, 1.0]]), jnp.array([2, 0])))
