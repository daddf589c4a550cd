"""Cases for a rule: every way to call it, filled with numbers of many sizes."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from crosscheck.cases import Case, Key, Regime
from crosscheck.custom_rules.slots import FLOAT, INTEGER, Form, Slot
from crosscheck.strategies.randomness import FRIENDLY_SEEDS, SEEDS, below, generator, word
from crosscheck.strategies.sizes import schedule

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


class _Recipe(NamedTuple):
    regime: Regime
    smallest: float
    largest: float


RECIPES = {
    recipe.regime.name: recipe
    for recipe in (
        _Recipe(Regime("ordinary", 8, "Numbers of 0.25 to 2: most bugs show here at full size."), 0.25, 2.0),
        _Recipe(Regime("tiny", 2, "Numbers of 0.01: what grows with the square of its argument is small."), 0.01, 0.01),
        _Recipe(Regime("large", 3, "Numbers of 2 to 8: saturation shows here."), 2.0, 8.0),
        _Recipe(Regime("far", 2, "Numbers of 20 to 60: what a careful formula is for."), 20.0, 60.0),
        _Recipe(Regime("negative", 2, "All numbers are below zero."), 0.25, 2.0),
        _Recipe(Regime("single", 2, "Arguments in single precision."), 0.25, 2.0),
        _Recipe(Regime("zero", 1, "All numbers are zero: none of the gradients may be NaN."), 0.0, 0.0),
    )
}
LEAST = 1 / 64
"""In place of zero where only positive numbers are defined: `x ** n` has no slope at its edge"""
DOMAINS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "signed": lambda v: v,
    "positive": lambda v: np.where(v == 0, LEAST, np.abs(v)),
    "unit": lambda v: 0.02 + 0.96 / (1 + np.exp(-v)),
    "inner": lambda v: 0.95 * np.tanh(v),
    "above one": lambda v: 1.01 + np.abs(v),
    "definite": lambda v: v @ np.swapaxes(v, -1, -2) / v.shape[-1] + np.eye(v.shape[-1]) if _is_square(v) else v,
}
"""Where a function is defined: the logarithm for positive numbers, Cholesky's factor for positive definite matrices"""


class RuleCases:
    """Cases over several forms (crosscheck.cases.Cases): parameters, upstream gradient, form's number, integers.

    `outputs` returns the shapes of what a form returns, given its arrays; `only_single` makes every array float32.
    """

    size_names = ("form",)

    def __init__(
        self,
        forms: Sequence[Form],
        outputs: Callable[[int, Any, Any], Sequence[tuple[int, ...]]],
        *,
        single: bool,
        only_single: bool,
    ) -> None:
        self.forms, self._outputs, self._only_single = forms, outputs, only_single
        used = [recipe.regime for recipe in RECIPES.values() if single or recipe.regime.name != "single"]
        self.regimes: tuple[Regime, ...] = tuple(used)
        self._round = schedule({regime.name: regime.weight for regime in used})

    def draw(self, seed: int, index: int) -> Key:
        """Return the key of a case; the forms take turns, round after round of the regimes."""
        turn, place = divmod(index, len(self._round))
        form = (turn + place) % len(self.forms)
        drawn = FRIENDLY_SEEDS + below(word(seed, index), SEEDS - FRIENDLY_SEEDS)
        return Key(self._round[place], (form,), drawn)

    def build(self, key: Key) -> Case:
        """Build the case; everything in it depends on the key alone."""
        (number,) = key.sizes
        single = self._only_single or key.regime == "single"
        dtype = np.dtype(np.float32 if single else np.float64)
        parameters, integers = filled(self.forms[number], key.regime, key.seed, dtype)
        random = generator("upstream", key.seed)
        upstream = [
            random.standard_normal(shape).astype(dtype) for shape in self._outputs(number, parameters, integers)
        ]
        return Case(key, (parameters, upstream, number, integers))

    def smaller(self, key: Key) -> Iterator[Key]:
        """Yield simpler keys: earlier forms."""
        return (key._replace(sizes=(form,)) for form in range(key.sizes[0]))

    def strategy(self) -> "SearchStrategy[Case]":
        """Return the same cases as a Hypothesis strategy."""
        import hypothesis.strategies as st

        return st.integers(0, SEEDS - 1).map(lambda index: self.build(self.draw(0, index)))


def filled(form: Form, regime: str, seed: int, dtype: Any = np.float64) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the floating and the integer arguments of a form, for one regime."""
    recipe, random = RECIPES[regime], generator(regime, seed)
    shortest = min((n for _, slot in form.slots() if slot.kind == FLOAT for n in slot.shape), default=2)

    def floating(slot: Slot) -> np.ndarray:
        scale = np.exp2(random.uniform(*np.log2([recipe.smallest, recipe.largest]))) if recipe.largest else 0.0
        numbers = np.asarray(random.standard_normal(slot.shape) * scale)
        if regime == "far" or regime == "large":  # nothing near zero, where formulas that differ far out agree
            numbers = np.asarray(np.sign(numbers) * (np.abs(numbers) + 0.5 * scale))
        if slot.content == "number" and regime != "zero":  # such as a temperature or a slope
            numbers = np.asarray(abs(slot.value or 0.5) * random.uniform(0.5, 2.0))
        elif slot.content == "simplex" and slot.shape:
            weights = np.exp(random.standard_normal(slot.shape))
            numbers = weights / weights.sum(axis=-1, keepdims=True)
        else:
            numbers = DOMAINS[form.domain](-np.abs(numbers) if regime == "negative" else numbers)
        return numbers.astype(dtype)

    def integer(slot: Slot) -> np.ndarray:
        return random.integers(0, max(1, min(shortest, 3)), slot.shape)

    return form.part(FLOAT, floating), form.part(INTEGER, integer)


def _is_square(array: np.ndarray) -> bool:
    return array.ndim >= 2 and array.shape[-1] == array.shape[-2]
