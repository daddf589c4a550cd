"""How many random numbers a body of a program takes: one for each number that it rounds."""

import math
from collections import Counter
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import Jaxpr, Literal

from crosscheck.noise import activity, rules
from crosscheck.noise.hashing import uniform

LOOPS = ("scan", "while", "cond")
"""Operations whose bodies draw for themselves."""


class Draws:
    """The random numbers of one body of a program, drawn together: one hash is compiled for a whole body."""

    def __init__(self, key: jax.Array, size: int, wanted: jax.Array) -> None:
        # In a branch, because XLA would compile the hash anew into each of the operations that read a part of it.
        self._numbers = lax.cond(
            wanted,
            lambda key: uniform(key, (size,), jnp.dtype(jnp.float64)),
            lambda _: jnp.zeros((size,), jnp.float64),
            key,
        )
        self._taken = 0

    def take(self, size: int) -> jax.Array:
        """Return the next `size` numbers."""
        start, self._taken = self._taken, self._taken + size
        return lax.slice(self._numbers, (start,), (self._taken,))


def needed_in(jaxpr: Jaxpr, *, sums_only: bool) -> int:
    """Return how many random numbers a body takes, with the bodies that it enters and without its loops."""
    products = set() if sums_only else products_in_sums(jaxpr)
    return sum(_needed(equation, products, sums_only=sums_only) for equation in jaxpr.eqns)


def _needed(equation: Any, products: set[Any], *, sums_only: bool) -> int:
    name = equation.primitive.name
    if (body := body_to_enter(equation)) is not None and name not in LOOPS:
        return needed_in(activity.open_jaxpr(body), sums_only=sums_only)
    wanted = equation.outvars if rounds(equation, products, sums_only=sums_only) else []
    if name in rules.KINKS:  # a tie falls either way by chance
        wanted = [*wanted, *equation.invars]
    elif name in rules.COMPARISONS | rules.EQUALITIES and rules.is_inexact(equation.invars[0].aval):
        return equation.outvars[0].aval.size
    return sum(variable.aval.size for variable in wanted if rules.is_inexact(variable.aval))


def rounds(equation: Any, products: set[Any], *, sums_only: bool) -> bool:
    """Tell whether an operation rounds its results, where some `products` round together with a sum."""
    name = equation.primitive.name
    if name in LOOPS or (sums_only and name not in rules.CANCELLING):
        return False
    if (name in rules.EXACT and not _loses_digits(equation)) or _is_sum_of_one(equation) or _is_in(equation, products):
        return False
    return any(rules.is_inexact(variable.aval) for variable in equation.outvars)


def products_in_sums(jaxpr: Jaxpr) -> set[Any]:
    """Return the products that are read once, by a sum of two terms: both are one operation, as in a multiply-add.

    The sum then rounds by as much more as the product is large, which is no less than both did apart.
    """
    uses = Counter(
        variable
        for variables in (*(equation.invars for equation in jaxpr.eqns), jaxpr.outvars)
        for variable in variables
        if not isinstance(variable, Literal)
    )
    in_sums = {
        operand
        for equation in jaxpr.eqns
        if equation.primitive.name in rules.TWO_TERMS
        for operand in equation.invars
        if not isinstance(operand, Literal)
        and uses[operand] == 1
        and rules.is_inexact(operand.aval)
        and _shape(operand) == _shape(equation.outvars[0])
    }
    return {equation.outvars[0] for equation in jaxpr.eqns if _is_product(equation) and _is_in(equation, in_sums)}


def body_to_enter(equation: Any) -> Any | None:
    """Return the body of an operation that does nothing but run it, or None."""
    body = activity.inner_jaxpr(equation.params)
    enter = body is not None and len(activity.open_jaxpr(body).invars) == len(equation.invars)
    return body if enter else None


def _shape(variable: Any) -> tuple[int, ...]:
    return variable.aval.shape


def _is_in(equation: Any, variables: set[Any]) -> bool:
    return len(equation.outvars) == 1 and equation.outvars[0] in variables


def _is_product(equation: Any) -> bool:
    name = equation.primitive.name
    return name == "mul" or (
        name == "dot_general" and rules.terms_of_dot(equation.params, equation.invars[0].aval) == 1
    )


def _is_sum_of_one(equation: Any) -> bool:
    if equation.primitive.name != "reduce_sum":
        return False
    return math.prod(equation.invars[0].aval.shape[axis] for axis in equation.params["axes"]) == 1


def _loses_digits(equation: Any) -> bool:
    """Tell whether an exact operation rounds after all: a conversion to fewer digits does."""
    if equation.primitive.name != "convert_element_type":
        return False
    source, target = equation.invars[0].aval.dtype, equation.outvars[0].aval.dtype
    both = jnp.issubdtype(source, jnp.inexact) and jnp.issubdtype(target, jnp.inexact)
    return both and bool(jnp.finfo(target).eps > jnp.finfo(source).eps)
