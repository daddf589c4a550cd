"""What rounding does to each JAX primitive.

Four kinds. *Exact* operations move, compare or choose numbers. *Sums* round in proportion to the sum of the absolute
terms, not to their result: `x·w` with n exact inputs that cancel is wrong by ε·Σ|x w|. *Kinks* (max, abs, comparisons)
are exact, yet have no derivative where their operands tie. Everything else rounds its own result.
"""

import math
from collections.abc import Sequence
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
EQUALITIES = frozenset(["eq", "ne"])


SUMS = frozenset(["dot_general", "reduce_sum", "cumsum", "conv_general_dilated", "reduce_window_sum", "scatter-add"])
TWO_TERMS = frozenset(["add", "add_any", "sub"])
CANCELLING = TWO_TERMS | SUMS


def size_of_terms(equation: Any, operands: Sequence[Any], sizes: Sequence[Any], result: jax.Array) -> Any:
    """Sum of the absolute terms of an operation of CANCELLING, entry by entry.

    It is what the same operation makes of absolute values; `sizes` are those of the operands, where they are known.
    """
    sizes = [
        jnp.abs(jnp.asarray(operand)) if known is None and is_inexact(operand) else operand if known is None else known
        for operand, known in zip(operands, sizes, strict=True)
    ]
    if equation.primitive.name in TWO_TERMS:
        return jnp.broadcast_to(sizes[0] + sizes[1], result.shape)
    return equation.primitive.bind(*sizes, **equation.params)


def error_scale(equation: Any, operands: Sequence[Any], sizes: Sequence[Any], result: jax.Array) -> jax.Array:
    """Size of the quantity that one rounding error of this operation is relative to, entry by entry."""
    name, params = equation.primitive.name, equation.params
    is_product = name == "dot_general" and terms_of_dot(params, operands[0]) == 1
    if name in SUMS and not is_product:
        return size_of_terms(equation, operands, sizes, result)
    if name in SPREAD_OUT:
        return jnp.broadcast_to(jnp.max(jnp.abs(result)), result.shape)
    if name in ("cumprod", "reduce_prod", "cumlogsumexp"):
        terms = operands[0].size // max(result.size, 1) if name == "reduce_prod" else operands[0].shape[params["axis"]]
        return jnp.abs(result) * jnp.asarray(max(terms, 1), jnp.abs(result).dtype)
    ulps = LIBRARY_ULPS.get(name, 1.0)
    return jnp.abs(result) if ulps == 1.0 else lax.abs(result) * jnp.asarray(ulps, jnp.abs(result).dtype)


def terms_of_dot(params: dict[str, Any], left: Any) -> int:
    """Return how many products each entry of a dot product is the sum of: one in an outer product."""
    (axes, _), _ = params["dimension_numbers"]
    return math.prod(left.shape[axis] for axis in axes)


def is_inexact(value: Any) -> bool:
    """Tell whether rounding can touch this value: real or complex floating point."""
    return jnp.issubdtype(value.dtype, jnp.inexact)
