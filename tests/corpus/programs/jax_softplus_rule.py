"""Numerically careful activations."""
import jax
import jax.numpy as jnp


@jax.custom_vjp
def softplus(x):
    return jnp.maximum(x, 0) + jnp.log1p(jnp.exp(-jnp.abs(x)))


def softplus_fwd(x):
    return softplus(x), x


def softplus_bwd(x, g):
    return (g * jax.nn.sigmoid(x),)


softplus.defvjp(softplus_fwd, softplus_bwd)


if __name__ == "__main__":
    import matplotlib.pyplot as plt
    xs = jnp.linspace(-8, 8, 200)
    plt.plot(xs, softplus(xs))
    plt.plot(xs, jax.vmap(jax.grad(softplus))(xs))
    plt.show()
