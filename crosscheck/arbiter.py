"""Second opinions on a reference value: the twin in forward mode, and differences of the twin's loss.

Forward mode runs no backward pass but shares JAX's derivative of every operation (1 − tanh², say) with reverse mode:
the two are not independent. Extrapolated differences know no derivative at all.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from crosscheck.noise import bounded
from crosscheck.oracle import Twin, judging_configuration
from crosscheck.programs import quick_to_compile
from crosscheck.references import derivative
from crosscheck.trees import flatten, rebuild


class Opinions(NamedTuple):
    """What three oracles say about one entry of a gradient."""

    reverse: float
    forward: float | None
    """None where the twin has no forward mode"""
    differences: float
    error: float
    """How far the differences may be off, as measured; infinite where they found no derivative"""

    @property
    def disputed(self) -> bool:
        """Whether the twin's gradient is not the derivative of the twin's own loss."""
        return bool(np.isfinite(self.error)) and not abs(self.reverse - self.differences) <= 4 * self.error + _rounding(
            self
        )

    def sides_with(self, value: float) -> bool:
        """Whether the differences confirm another value than the twin's."""
        return self.disputed and abs(value - self.differences) <= 4 * self.error + _rounding(self)


def opinions(
    twin: Twin, arguments: tuple[Any, ...], name: str, index: tuple[int, ...], reverse: float
) -> Opinions | None:
    """Ask forward mode and differences about one entry of the gradient called `name`; None if it is no input."""
    found = _place_of(twin, arguments, name)
    if found is None:
        return None
    position, place = found
    tree = arguments[position]
    leaves = [np.asarray(leaf) for _, leaf in flatten(tree)]

    def loss(chosen: list[Any]) -> Any:
        (entry,) = chosen
        moved: list[Any] = list(leaves)
        moved[place] = jnp.asarray(leaves[place], jnp.float64).at[index].set(entry)
        complete = list(arguments)
        complete[position] = rebuild(tree, moved)
        return twin.loss(*complete)

    def both(chosen: list[Any]) -> tuple[Any, Any]:
        return jax.jvp(loss, (chosen,), ([1.0],))

    with judging_configuration():
        entry = np.float64(leaves[place][index])
        try:
            compiled = bounded(both, [entry], options=quick_to_compile())
            value, forward = map(float, compiled([entry]))
        except TypeError:  # a custom_vjp in the twin has no forward mode
            compiled = bounded(lambda chosen: (loss(chosen), jnp.nan), [entry], options=quick_to_compile())
            value, forward = map(float, compiled([entry]))
        # Where the loss itself is a number, its loops end, and so do those of its derivative.
        opinion = forward if np.isfinite(value) and not np.isnan(forward) else None
        estimate = derivative(lambda x: float(compiled([x])[0]), entry)
    return Opinions(reverse, opinion, float(estimate.value), float(estimate.error))


def _place_of(twin: Twin, arguments: tuple[Any, ...], name: str) -> tuple[int, int] | None:
    roots = {"parameters": 0, **twin.inputs}
    for root, position in roots.items():
        names = [leaf for leaf, _ in flatten(arguments[position], root)]
        if name in names:
            return position, names.index(name)
    return None


def _rounding(opinions: Opinions) -> float:
    return 1e-12 * max(abs(opinions.reverse), abs(opinions.differences))
