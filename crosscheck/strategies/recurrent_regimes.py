"""The regimes of recurrent networks: how each family of cases is drawn, and why it is there.

The model is `h[t] = tanh(Wxh x[t] + Whh h[t-1] + bh)`, `y[t] = Why h[t] + by`. Letters: V symbols, H hidden units, T
steps, B sequences in a batch, 0 standing for data without a batch axis.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from crosscheck.cases import Regime
from crosscheck.strategies.randomness import Scale, generator, is_friendly, normal
from crosscheck.strategies.sizes import Range, Sizes

SIZE_NAMES = ("vocabulary", "hidden", "steps", "batch")

Arrays = dict[str, Float[np.ndarray, "..."]]


class Arguments(NamedTuple):
    """What a recurrent subject is called with; a stack of models puts one more axis in front of every array."""

    parameters: Arrays
    """Wxh (H, V), Whh (H, H), Why (V, H), bh (H,), by (V,)."""
    inputs: Int[np.ndarray, " *time_and_batch"]
    targets: Int[np.ndarray, " *time_and_batch"]
    initial_state: Float[np.ndarray, " *batch_and_hidden"]


_MOST = 1_000_000_000  # no bound of the regime's own
_MODERATE = Scale(0.25, octaves=2)


class Recipe(NamedTuple):
    """How the cases of one regime are drawn. What is not said is ordinary."""

    regime: Regime
    Wxh: Scale | None = _MODERATE
    """Standard deviation of the weights; None for zeros."""
    Whh: Scale | None = _MODERATE
    """Divided by √H, as is Why: without that the network is chaotic as H grows, and rounding swamps the gradient."""
    Why: Scale | None = _MODERATE
    biases: Scale | None = _MODERATE
    state: Scale | None = _MODERATE
    vocabulary: Range = (2, _MOST)
    """Sizes with which the regime is what it says; the user's ranges narrow them. With V = 1 every gradient is zero."""
    hidden: Range = (1, _MOST)
    steps: Range = (1, _MOST)
    different: bool = False
    """Whether all sizes must differ."""
    change: Callable[[Arrays, int, list[float]], None] | None = None
    """A last change to the float64 arrays, in place, given T and two fractions in [0, 1)."""
    symbols: Callable[[Int[np.ndarray, " time 2 *batch"]], None] | None = None
    """A last change to the inputs, [:, 0], and targets, [:, 1], in place."""


def _make_symmetric(arrays: Arrays, *_: object) -> None:
    lower = np.tril(arrays["Whh"])
    arrays["Whh"] = lower + np.tril(lower, -1).T


def _make_carry_grow(arrays: Arrays, steps: int, *_: object) -> None:
    """Make Whh a rotation times a gain: the carry grows 1,024-fold over the sequence, at most fourfold in a step.

    The states start at 1e-4, so that they have not grown into saturation by the last step.
    """
    gain = min(4.0, round(2 ** (10 / (steps - 1)), 3))  # rounded, so that every machine's `pow` gives the same
    Whh, here = arrays["Whh"], np.arange(len(arrays["Whh"]))
    Whh[here, here - 1] += np.copysign(gain, Whh[here, here - 1])


_OFFSET = Scale(1000.0, octaves=1)


def _lift_logits(arrays: Arrays, _: int, fractions: list[float]) -> None:
    """Shift all logits up or down by 1,000 to 2,000: exp overflows, or underflows, beyond ±745 in float64."""
    arrays["by"] = arrays["by"] + np.copysign(_OFFSET.at(fractions[0]), fractions[1] - 0.5)


def _repeat_first_half(symbols: Int[np.ndarray, " time 2 *batch"]) -> None:
    half = len(symbols) // 2
    symbols[len(symbols) - half :, 0] = symbols[:half, 0]


def _make_equal(symbols: Int[np.ndarray, " time 2 *batch"]) -> None:
    symbols[:] = symbols[:1]
    if symbols.ndim == 3:
        symbols[:] = symbols[..., :1]


RECIPES = (
    Recipe(Regime("ordinary", 8, "Weights of 0.25 to 1, biases and state not zero: most bugs show here at full size.")),
    Recipe(
        Regime(
            "tiny", 4, "Weights of 0.01, biases and state zero, as training starts: errors hide unless judged tightly."
        ),
        Wxh=Scale(0.01),
        Whh=Scale(0.01),
        Why=Scale(0.01),
        biases=None,
        state=None,
    ),
    Recipe(
        Regime(
            "repeated-symbol", 4, "Inputs occur twice: contributions to one column of dWxh must add up, not overwrite."
        ),
        steps=(2, _MOST),
        symbols=_repeat_first_half,
    ),
    Recipe(
        Regime("unequal-sizes", 4, "No two sizes are equal: transposes, swapped axes and sizes typed as numbers show."),
        different=True,
    ),
    Recipe(
        Regime(
            "beyond-clip", 4, "Some |g| > 5: shows a clip inside the function, at another bound, or inside the loop."
        ),
        Wxh=Scale(0.25, octaves=1),
        Why=Scale(32.0, octaves=2),
        steps=(2, _MOST),
    ),
    Recipe(
        Regime(
            "one-step", 3, "T = 1: indices that wrap round at the first step, and the state before it, are laid bare."
        ),
        steps=(1, 1),
    ),
    Recipe(
        Regime("long-sequence", 3, "More than 25 steps: a carry that is cut after some of them goes wrong here alone."),
        Whh=Scale(0.5, octaves=1),
    ),
    Recipe(
        Regime(
            "saturated",
            3,
            "|h| near 1: an approximate tanh', or the tanh' of another quantity, is wrong by its factor.",
        ),
        Wxh=Scale(2.0, octaves=2),
        Whh=Scale(1.0, octaves=1),
        biases=Scale(2.0, octaves=2),
    ),
    Recipe(
        Regime(
            "exploding", 3, "The carry grows on its way back: what is lost or added at a late step dominates the rest."
        ),
        Wxh=Scale(0.0001),
        Whh=Scale(0.0625),
        biases=None,
        state=Scale(0.0001),
        steps=(4, _MOST),
        change=_make_carry_grow,
    ),
    Recipe(
        Regime(
            "nonzero-state", 3, "A large initial state: code that takes zero for it, on one side or both, goes wrong."
        ),
        state=Scale(2.0, octaves=1),
    ),
    Recipe(
        Regime(
            "zero-state", 2, "The initial state is zero: its own gradient is not, though a product with it would be."
        ),
        state=None,
    ),
    Recipe(
        Regime(
            "huge-logits", 2, "Logits beyond ±1,000: a softmax without the shift by the maximum gives NaN or infinity."
        ),
        Why=Scale(1.0, octaves=9),
        change=_lift_logits,
    ),
    Recipe(
        Regime("equal-symbols", 2, "One symbol all along: every step adds to the same column of dWxh and row of dWhy."),
        steps=(2, _MOST),
        symbols=_make_equal,
    ),
    Recipe(
        Regime("one-unit", 2, "H = 1: right here and wrong elsewhere means a Jacobian was applied element by element."),
        hidden=(1, 1),
    ),
    Recipe(
        Regime("one-symbol", 1, "V = 1: the loss and every gradient are exactly zero, where 0/0 and noise show up."),
        vocabulary=(1, 1),
    ),
    Recipe(
        Regime(
            "symmetric", 1, "Whh equals its transpose: right here and wrong elsewhere means a transpose is missing."
        ),
        hidden=(2, _MOST),
        change=_make_symmetric,
    ),
    Recipe(
        Regime("zero-parameters", 1, "All parameters are zero: most gradients are exactly zero, and none may be NaN."),
        Wxh=None,
        Whh=None,
        Why=None,
        biases=None,
    ),
)


def build_arrays(recipe: Recipe, sizes: Sizes, seed: int, dtype: np.dtype[Any]) -> Arguments:
    """Return the arguments of one case.

    The numbers do not depend on T, except where the recipe's change does: a smaller T cuts the same sequence short.
    """
    V, H, T, B = sizes
    stream, friendly = generator(recipe.regime.name, seed), is_friendly(seed)
    fractions = stream.random(7).tolist()
    root_of_H = 1 << (H.bit_length() // 2) if friendly else H**0.5  # friendly: a power of two near √H

    def draw(place: int, scale: Scale | None, divisor: float, *shape: int) -> Float[np.ndarray, "..."]:
        if scale is None:
            return np.zeros(shape)
        factor = scale.high if friendly else scale.at(fractions[place])
        return normal(stream, shape, friendly=friendly) * (factor / divisor)

    arrays = {
        "Wxh": draw(0, recipe.Wxh, 1.0, H, V),
        "Whh": draw(1, recipe.Whh, root_of_H, H, H),
        "Why": draw(2, recipe.Why, root_of_H, V, H),
        "bh": draw(3, recipe.biases, 1.0, H),
        "by": draw(3, recipe.biases, 1.0, V),
    }
    batch = (B,) if B else ()
    state = draw(4, recipe.state, 1.0, *batch, H)
    if recipe.change is not None:
        recipe.change(arrays, T, fractions[5:])
    symbols = stream.integers(V, size=(T, 2, *batch))
    if recipe.symbols is not None:
        recipe.symbols(symbols)
    if dtype != np.float64:
        arrays = {name: array.astype(dtype) for name, array in arrays.items()}
        state = state.astype(dtype)
    return Arguments(arrays, symbols[:, 0].copy(), symbols[:, 1].copy(), state)
