"""What rounding does to each JAX primitive.

Four kinds. *Exact* operations move, compare or choose numbers. *Sums* round in proportion to the sum of the absolute
terms, not to their result: `x·w` with n exact inputs that cancel is wrong by ε·Σ|x w|. *Kinks* (max, abs, comparisons)
are exact, yet have no derivative where their operands tie. Everything else rounds its own result.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

EXACT = frozenset(
    [
        "abs",
        "and",
        "argmax",
        "argmin",
        "bitcast_convert_type",
        "broadcast_in_dim",
        "ceil",
        "clamp",
        "concatenate",
        "conj",
        "copy",
        "copy_p",
        "device_put",
        "convert_element_type",
        "dynamic_slice",
        "dynamic_update_slice",
        "empty",
        "eq",
        "expand_dims",
        "floor",
        "gather",
        "ge",
        "gt",
        "imag",
        "iota",
        "is_finite",
        "le",
        "lt",
        "max",
        "min",
        "ne",
        "neg",
        "nextafter",
        "not",
        "optimization_barrier",
        "or",
        "pad",
        "real",
        "reduce_and",
        "reduce_max",
        "reduce_min",
        "reduce_or",
        "rem",
        "reshape",
        "rev",
        "round",
        "scatter",
        "scatter-max",
        "scatter-min",
        "scatter_max",
        "scatter_min",
        "select_and_gather_add",
        "select_n",
        "sign",
        "slice",
        "sort",
        "split",
        "squeeze",
        "stop_gradient",
        "top_k",
        "transpose",
        "xor",
        "reduce_window_max",
        "reduce_window_min",
        "cummax",
        "cummin",
        "tie_in",
        "select_and_scatter",
        "unstack",
        "create_token",
        "random_bits",
        "random_seed",
        "random_wrap",
        "random_unwrap",
        "threefry2x32",
    ]
)

# Library functions are not correctly rounded: NumPy's and XLA's vector versions are documented to within 4 ulps.
LIBRARY_ULPS = dict.fromkeys(
    [
        "acos",
        "acosh",
        "asin",
        "asinh",
        "atan",
        "atan2",
        "atanh",
        "bessel_i0e",
        "bessel_i1e",
        "cbrt",
        "cos",
        "cosh",
        "digamma",
        "erf",
        "erf_inv",
        "erfc",
        "exp",
        "exp2",
        "expm1",
        "igamma",
        "igammac",
        "lgamma",
        "log",
        "log1p",
        "logistic",
        "polygamma",
        "pow",
        "regularized_incomplete_beta",
        "rsqrt",
        "sin",
        "sinh",
        "tan",
        "tanh",
        "zeta",
    ],
    2.0,
)

# Factorisations spread their error over the whole result, in proportion to its largest entry.
SPREAD_OUT = frozenset(
    [
        "cholesky",
        "eigh",
        "eig",
        "svd",
        "qr",
        "lu",
        "triangular_solve",
        "custom_linear_solve",
        "fft",
        "schur",
        "householder_product",
        "geqrf",
    ]
)

EXTREMES = frozenset(["reduce_max", "reduce_min", "argmax", "argmin"])
ORDERINGS = frozenset(
    [
        "cummax",
        "cummin",
        "reduce_window_max",
        "reduce_window_min",
        "scatter-max",
        "scatter-min",
        "select_and_gather_add",
        "select_and_scatter",
        "sort",
        "top_k",
    ]
)
# Of these it can be told whether their operands tie at all: where not, those who compare with the result still find it.
SORTING = frozenset(["sort", "top_k", "cummax", "cummin"])
KINKS = frozenset(["max", "min", "abs", "sign", "clamp"]) | EXTREMES | ORDERINGS
COMPARISONS = frozenset(["gt", "ge", "lt", "le"])


def _magnitudes(name: str) -> Callable[..., Any]:
    """Return the rule that runs the same primitive on absolute values: the sum of the absolute terms."""

    def rule(primitive: Any, operands: list[jax.Array], params: dict[str, Any]) -> Any:
        if name == "scatter-add":
            operand, indices, updates = operands
            return primitive.bind(jnp.abs(operand), indices, jnp.abs(updates), **params)
        return primitive.bind(*(jnp.abs(operand) for operand in operands), **params)

    return rule


SUMS: dict[str, Callable[..., Any]] = {
    name: _magnitudes(name)
    for name in ("dot_general", "reduce_sum", "cumsum", "conv_general_dilated", "reduce_window_sum", "scatter-add")
}

TWO_TERMS = frozenset(["add", "add_any", "sub"])
CANCELLING = TWO_TERMS | SUMS.keys()


def size_of_terms(name: str, primitive: Any, operands: list[Any], params: dict[str, Any], result: jax.Array) -> Any:
    """Sum of the absolute terms of an operation of CANCELLING, entry by entry."""
    if name in TWO_TERMS:
        left, right = (jnp.abs(jnp.asarray(operand)) for operand in operands)
        return jnp.broadcast_to(left + right, result.shape)
    return SUMS[name](primitive, operands, params)


def error_scale(name: str, primitive: Any, operands: list[Any], params: dict[str, Any], result: jax.Array) -> jax.Array:
    """Size of the quantity that one rounding error of this operation is relative to, entry by entry."""
    is_outer_product = name == "dot_general" and not params["dimension_numbers"][0][0]
    if name in SUMS and not is_outer_product:
        return SUMS[name](primitive, operands, params)
    if name in SPREAD_OUT:
        return jnp.broadcast_to(jnp.max(jnp.abs(result)), result.shape)
    if name in ("cumprod", "reduce_prod", "cumlogsumexp"):
        terms = operands[0].size // max(result.size, 1) if name == "reduce_prod" else operands[0].shape[params["axis"]]
        return jnp.abs(result) * jnp.asarray(max(terms, 1), jnp.abs(result).dtype)
    ulps = LIBRARY_ULPS.get(name, 1.0)
    return jnp.abs(result) if ulps == 1.0 else lax.abs(result) * jnp.asarray(ulps, jnp.abs(result).dtype)


def is_inexact(value: Any) -> bool:
    """Tell whether rounding can touch this value: real or complex floating point."""
    return jnp.issubdtype(value.dtype, jnp.inexact)
