import jax
import jax.numpy as jnp


@jax.custom_jvp
def softsign(x):
    return x / (1 + jnp.abs(x))


@softsign.defjvp
def softsign_jvp(primals, tangents):
    (x,), (dx,) = primals, tangents
    scale = 1 + jnp.abs(x)
    return x / scale, dx / scale


if __name__ == "__main__":
    print(jax.grad(softsign)(0.5), jax.vmap(jax.grad(softsign))(jnp.linspace(-2.0, 2.0, 9)))
