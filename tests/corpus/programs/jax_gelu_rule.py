import math

import jax
import jax.numpy as jnp

C = math.sqrt(2 / math.pi)


@jax.custom_vjp
def gelu(x):
    return 0.5 * x * (1 + jnp.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))


def gelu_fwd(x):
    t = jnp.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3))
    return 0.5 * x * (1 + t), (x, t)


def gelu_bwd(res, g):
    x, t = res
    inner = math.sqrt(2 / math.pi) * (1 + 0.044715 * x ** 2)
    return (g * (0.5 * (1 + t) + 0.5 * x * (1 - t ** 2) * inner),)


gelu.defvjp(gelu_fwd, gelu_bwd)
print(gelu(jnp.arange(-3.0, 4.0)))
