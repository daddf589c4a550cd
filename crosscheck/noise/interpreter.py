"""Run a JAX function as if every operation in it rounded differently.

Stochastic arithmetic (Vignes 1993; Parker's Monte Carlo arithmetic 1997) on a jaxpr: the result of each operation that
rounds gets an error of a random sign and a size below its own rounding error. Loops, jit and custom rules are entered.
Run twice with different keys, the results differ by what rounding can do to them in this very case: no bound, no guess.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import Literal, Var, jaxpr_as_fun

from crosscheck.noise import activity, rules
from crosscheck.noise.draws import Draws, body_to_enter, needed_in, products_in_sums, rounds
from crosscheck.noise.hashing import at_place, at_turn
from crosscheck.noise.joined import join, part

MOST_EXACT_TURNS = 20_000
"""Of a while loop: a twin that does not end on some case must not hang the check. What it returns is NaN then"""
MOST_TURNS = 1_000
"""Of a while loop with noise: from a start that is off by an ulp, an iteration to the last digit may never end"""
# Ties at zero are broken by numbers that no rounding can reach and that are still normal after a few products.
TIE = 1e-290


@dataclass(frozen=True)
class Rounding:
    """How an emulated processor rounds: all fields are traced numbers, so that one compilation serves every precision.

    With an epsilon and a smallest number of zero it does not round at all: the noisy double is then the exact one.
    """

    key: jax.Array
    """32-bit key of the random errors."""
    epsilon: jax.Array
    """Spacing of the emulated precision at 1 (2.2e-16 for float64)."""
    smallest: jax.Array
    """Its smallest number above zero: what lies below is lost, which matters for float16."""
    sums_only: bool = False
    """Round where terms may cancel, in proportion to the terms, and nowhere else. What any other operation rounds off
    stays a few ε of its result until it meets such a sum: this shows the same to first order, and compiles faster"""

    def at(self, place: int) -> "Rounding":
        """Return the same processor with errors of its own for one place in the program."""
        return replace(self, key=at_place(self.key, place))

    def turn(self, number: jax.Array) -> "Rounding":
        """Return the same processor with errors of its own for one turn of a loop."""
        return replace(self, key=at_turn(self.key, number))

    def draws(self, size: int) -> Draws:
        """Return so many random numbers; they are not drawn where nothing rounds."""
        return Draws(self.key, size, self.epsilon > 0)

    def error(self, result: jax.Array, scale: jax.Array, draws: jax.Array) -> jax.Array:
        """Return `result` with a rounding error of at most ε·scale, by random `draws` from [−1, 1). Zero stays zero."""
        real = scale.dtype
        limits = jnp.finfo(real)
        epsilon, smallest = self.epsilon, self.smallest
        if real != epsilon.dtype:  # the twin itself computes in less than float64 here
            coarser = jnp.maximum(epsilon, jnp.asarray(limits.eps, epsilon.dtype))
            epsilon, smallest = jnp.where(epsilon > 0, coarser, epsilon).astype(real), smallest.astype(real)
        # A result that overflowed stays infinite, and 0·∞ is kept out.
        scale = lax.min(scale, np.asarray(limits.max, real))
        size = lax.add(lax.mul(scale, epsilon), lax.min(scale, smallest))
        error = lax.mul(lax.reshape(lax.convert_element_type(draws, real), result.shape), size)
        return lax.add(result, lax.convert_element_type(error, result.dtype))


class Double(NamedTuple):
    """The noisy double of a function."""

    run: Callable[[Rounding, Sequence[Any]], Any]
    """(rounding, leaves) -> the function's results, every operation rounded anew"""
    shapes: Any
    """Shape and dtype of the results, in their tree"""


def noisy(
    function: Callable[[list[Any]], Any],
    example: Sequence[Any],
    differentiated: Sequence[bool],
    *,
    jitter: bool = True,
) -> Double:
    """Trace `function(leaves)` at the shapes of `example` and return its noisy double.

    `example` is a flat list of arrays; `differentiated` marks those that derivatives are taken of: only what depends on
    them can have kinks. With `jitter`, floating inputs get a rounding error too, since algebraically equal formulas
    differ by as much; but not integers stored as floats in data (masks, labels), which a program may compare.
    """
    closed, shape = jax.make_jaxpr(function, return_shape=True)(list(example))
    wanted = [d and rules.is_inexact(e) for d, e in zip(differentiated, example, strict=True)]
    active = activity.active_variables(closed.jaxpr, wanted)
    given = activity.given_variables(closed.jaxpr, wanted)
    structure = jax.tree.structure(shape)

    def run(rounding: Rounding, leaves: Sequence[Any]) -> Any:
        arrays = [jnp.asarray(leaf) for leaf in leaves]
        if jitter:
            arrays = _jittered(rounding.at(-1), arrays, differentiated)
        results = _evaluate(closed.jaxpr, closed.consts, arrays, rounding, active, given=given)
        return jax.tree.unflatten(structure, results)

    return Double(run, shape)


def _jittered(rounding: Rounding, arrays: Sequence[jax.Array], are_parameters: Sequence[bool]) -> list[jax.Array]:
    vectors = join(arrays)
    draws = rounding.draws(sum(vector.size for vector in vectors.values() if rules.is_inexact(vector)))
    moved = {
        dtype: rounding.error(vector, jnp.abs(vector), draws.take(vector.size)) if rules.is_inexact(vector) else vector
        for dtype, vector in vectors.items()
    }
    return [
        after if is_parameter or not rules.is_inexact(before) else jnp.where(before == jnp.round(before), before, after)
        for before, after, is_parameter in zip(arrays, part(moved, arrays), are_parameters, strict=True)
    ]


def _evaluate(
    jaxpr: Any,
    constants: Sequence[Any],
    arguments: Sequence[Any],
    rounding: Rounding,
    active: set[Any],
    magnitudes: Mapping[Any, jax.Array] = MappingProxyType({}),
    draws: Draws | None = None,
    given: Collection[Any] = (),
) -> list[Any]:
    """Run a body with noise. `magnitudes` are absolute values of some of its variables, where they are known.

    `given` are those of its variables that hold what was differentiated as it was handed in. `draws` are those of the
    body around it, for one that is no loop: they hold enough for both.
    """
    values: dict[Any, Any] = dict(zip(jaxpr.constvars, constants, strict=True))
    values.update(zip(jaxpr.invars, arguments, strict=True))
    products = set() if rounding.sums_only else products_in_sums(jaxpr)
    draws = draws or rounding.draws(needed_in(jaxpr, sums_only=rounding.sums_only))

    def read(operand: Any) -> Any:
        return operand.val if isinstance(operand, Literal) else values[operand]

    for place, equation in enumerate(jaxpr.eqns):
        here = partial(rounding.at, place)
        name = equation.primitive.name
        is_active = [not isinstance(operand, Literal) and operand in active for operand in equation.invars]
        is_given = [not isinstance(operand, Literal) and operand in given for operand in equation.invars]
        if any(is_active) and name in rules.KINKS:
            _break_ties(equation, is_active, values, read, rounding, draws)
        elif name in rules.EQUALITIES and sum(is_active) == sum(is_given) == 1:
            _break_ties(equation, is_given, values, read, rounding, draws)
        operands = [read(operand) for operand in equation.invars]
        sizes = [magnitudes.get(operand) if isinstance(operand, Var) else None for operand in equation.invars]
        results = _apply(equation, operands, sizes, rounding, here, is_active, draws, products, is_given)
        values.update(zip(equation.outvars, results, strict=True))
    return [read(operand) for operand in jaxpr.outvars]


def _apply(
    equation: Any,
    operands: list[Any],
    sizes: Sequence[Any],
    rounding: Rounding,
    here: Callable[[], Rounding],
    is_active: list[bool],
    draws: Draws,
    products: set[Any],
    is_given: list[bool],
) -> Sequence[Any]:
    name, primitive, params = equation.primitive.name, equation.primitive, equation.params
    if name == "scan":
        return _scan(equation, operands, here(), is_active)
    if name == "while":
        return _while(params, operands, here())
    if name == "cond":
        return _cond(params, operands, here())
    body = body_to_enter(equation)
    if body is not None:
        jaxpr = activity.open_jaxpr(body)
        inside = activity.active_variables(jaxpr, is_active)
        given = activity.given_variables(jaxpr, is_given)
        return _evaluate(jaxpr, getattr(body, "consts", ()), operands, here(), inside, draws=draws, given=given)

    results = primitive.bind(*operands, **params)
    results = list(results) if primitive.multiple_results else [results]
    if name in rules.COMPARISONS and any(is_active) and rules.is_inexact(operands[0]):
        return [_either_way_at_ties(rounding, results[0], operands, is_active, draws)]
    if not rounds(equation, products, sums_only=rounding.sums_only):
        return results
    error_scale = rules.size_of_terms if rounding.sums_only else rules.error_scale
    for place, result in enumerate(results):
        if rules.is_inexact(result):
            scale = error_scale(equation, operands, sizes, result)
            if name in rules.TWO_TERMS:
                both = zip(equation.invars, operands, strict=True)
                scale += sum(jnp.abs(term) for own, term in both if not isinstance(own, Literal) and own in products)
            scale = scale.astype(jnp.abs(result).dtype)
            results[place] = rounding.error(result, scale, draws.take(result.size))
    return results


def _break_ties(
    equation: Any, is_active: list[bool], values: dict[Any, Any], read: Any, rounding: Rounding, draws: Draws
) -> None:
    """Move an operand that ties by less than rounding could, for this operation and for all that read it later.

    Without it, both sides of `max(x, 0)` at x = 0 would look like a derivative: JAX takes one half.
    """
    for place, (operand, active) in enumerate(zip(equation.invars, is_active, strict=True)):
        if not active or not rules.is_inexact(operand.aval):
            continue
        value = read(operand)
        name = equation.primitive.name
        if name in ("max", "min", "clamp", *rules.EQUALITIES):
            others = [read(other) for number, other in enumerate(equation.invars) if number != place]
            tied = jnp.zeros(value.shape, bool)
            for other in map(jnp.asarray, others):
                same = value == other  # one number may stand beside an array, on either side
                tied = tied | (same if same.shape == value.shape else jnp.any(same))
        elif name in ("abs", "sign"):
            tied = value == 0
        elif name in rules.EXTREMES:
            extreme = (jnp.max if "max" in name else jnp.min)(value, axis=equation.params["axes"], keepdims=True)
            tied = value == extreme
        elif name in rules.SORTING:
            axis = equation.params.get("dimension", equation.params.get("axis", value.ndim - 1))
            in_order = lax.sort(value, dimension=axis)
            one, next_one = (lax.slice_in_dim(in_order, *ends, axis=axis) for ends in ((0, -1), (1, None)))
            tied = jnp.broadcast_to(jnp.any(one == next_one, axis=axis, keepdims=True), value.shape)
        else:
            tied = jnp.ones(value.shape, bool)
        real = jnp.abs(value).dtype
        drawn = lax.reshape(draws.take(value.size), value.shape)
        nudged = rounding.error(value, jnp.abs(value), drawn) + (drawn * TIE).astype(real).astype(value.dtype)
        values[operand] = jnp.where(tied & (rounding.epsilon > 0), nudged, value)


def _either_way_at_ties(
    rounding: Rounding, result: jax.Array, operands: list[Any], is_active: list[bool], draws: Draws
) -> jax.Array:
    """Let an exact tie of a comparison fall either way, if rounding could have: against a given number, or at zero.

    Two computed numbers that tie elsewhere are one number, as in `x >= x.max()`: any noise would have parted others.
    """
    left, right = (jnp.broadcast_to(jnp.asarray(operand), result.shape) for operand in operands)
    tied = (left == right) if not all(is_active) else (left == 0) & (right == 0)
    coin = lax.reshape(draws.take(result.size), result.shape) > 0
    return jnp.where(tied & (rounding.epsilon > 0), coin, result)


def _scan(equation: Any, operands: list[Any], rounding: Rounding, is_active: list[bool]) -> list[Any]:
    params = equation.params
    body, constants, carries = params["jaxpr"], params["num_consts"], params["num_carry"]
    inside = activity.active_variables(body.jaxpr, activity.scan_carry_activity(equation, is_active))

    def step(carry: Any, inputs: Any) -> Any:
        count, xs = inputs
        arguments = [*operands[:constants], *carry, *xs]
        outputs = _evaluate(body.jaxpr, body.consts, arguments, rounding.turn(count), inside, magnitudes)
        return tuple(outputs[:carries]), tuple(outputs[carries:])

    # A product with a matrix that stays the same needs its absolute values at every turn: they are taken once.
    known = zip(body.jaxpr.invars[:constants], operands[:constants], strict=True)
    magnitudes = {own: jnp.abs(operand) for own, operand in known if rules.is_inexact(own.aval)}
    initial = tuple(operands[constants : constants + carries])
    counts = lax.iota(jnp.uint32, params["length"])
    final, stacked = lax.scan(
        step,
        initial,
        (counts, tuple(operands[constants + carries :])),
        length=params["length"],
        reverse=params["reverse"],
        unroll=params["unroll"],
    )
    return [*final, *stacked]


def _while(params: dict[str, Any], operands: list[Any], rounding: Rounding) -> list[Any]:
    condition, body = params["cond_jaxpr"], params["body_jaxpr"]
    for_condition, for_body = params["cond_nconsts"], params["body_nconsts"]
    condition_constants, body_constants = operands[:for_condition], operands[for_condition : for_condition + for_body]
    inside = set(body.jaxpr.invars) | {variable for equation in body.jaxpr.eqns for variable in equation.outvars}

    def keep_going(carry: Any) -> Any:
        count, _, exact = carry
        most = jnp.where(rounding.epsilon > 0, jnp.uint32(MOST_TURNS), jnp.uint32(MOST_EXACT_TURNS))
        return (count < most) & _exactly(condition, [*condition_constants, *exact])[0]

    def step(carry: Any) -> Any:
        count, noisy_state, exact = carry
        outputs = _evaluate(body.jaxpr, body.consts, [*body_constants, *noisy_state], rounding.turn(count), inside)
        following = _exactly(body, [*body_constants, *exact])
        return count + jnp.asarray(1, jnp.uint32), tuple(outputs), tuple(following)

    state = tuple(operands[for_condition + for_body :])
    _, final, exact = lax.while_loop(keep_going, step, (jnp.asarray(0, jnp.uint32), state, state))
    # A noisy run that was cut short has come near enough to where it goes, or shows by its noise that it has not.
    endless = (rounding.epsilon == 0) & _exactly(condition, [*condition_constants, *exact])[0]
    return [jnp.where(endless, jnp.nan, leaf).astype(leaf.dtype) if rules.is_inexact(leaf) else leaf for leaf in final]


def _exactly(closed: Any, arguments: list[Any]) -> Sequence[Any]:
    """Run without noise. How often a loop turns is decided so: with noise, an iteration may never converge."""
    return jaxpr_as_fun(closed)(*arguments)


def _cond(params: dict[str, Any], operands: list[Any], rounding: Rounding) -> Sequence[Any]:
    index, *rest = operands

    def double(branch: Any) -> Callable[..., Any]:
        inside = set(branch.jaxpr.invars) | {v for equation in branch.jaxpr.eqns for v in equation.outvars}
        return lambda *arguments: _evaluate(branch.jaxpr, branch.consts, arguments, rounding, inside)

    return lax.switch(index, [double(branch) for branch in params["branches"]], *rest)
