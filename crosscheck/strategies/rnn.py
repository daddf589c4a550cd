"""Cases for recurrent pairs: any subject that takes `(parameters, inputs, targets, initial_state)`."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from crosscheck.cases import Case, Key, Regime
from crosscheck.errors import CrosscheckError
from crosscheck.strategies import sizes as size_rules
from crosscheck.strategies.randomness import FRIENDLY_SEEDS, SEEDS, below, word
from crosscheck.strategies.recurrent_regimes import RECIPES, SIZE_NAMES, Recipe, build_arrays
from crosscheck.strategies.sizes import Range, Sizes
from crosscheck.strategies.stacks import BULK, MODELS, Stack, build_stack, chunk_number, one_of

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

LONG = (26, 32)
"""Steps of a long sequence: more than the 25 that the first character RNN, and many after it, cut their texts into."""
_SIMPLEST_FIRST = tuple(SIZE_NAMES.index(name) for name in ("steps", "hidden", "vocabulary", "batch"))


def rnn(
    vocabulary: Range = (1, 12),
    hidden: Range = (1, 12),
    steps: Range = (1, 12),
    batch: Range = (0, 5),
    *,
    long: Range | None = LONG,
    dtype: Any = np.float64,
    container: Callable[..., Any] = dict,
) -> "RecurrentCases":
    """Return cases for a recurrent network over symbols, in all regimes that the ranges of sizes allow.

    The arguments of a case are the parameters, `container(Wxh=, Whh=, Why=, bh=, by=)` with shapes (H, V), (H, H),
    (V, H), (H,), (V,); inputs and targets, integers of shape (T,) or (T, B); the initial state, (H,) or (B, H). Each
    range is the least and the greatest size. A batch of 0 means no batch axis, which is so in half the cases if the
    range holds 0. `long` is the range of steps in the regime `long-sequence`, which is left out if it is None or if
    `steps` is one fixed number.

    Raises CrosscheckError for a range or a dtype that makes no sense.

    >>> cases = rnn(dtype=np.float32)
    >>> print(cases.draw(seed=0, index=0))
    ordinary/2,7,11,1/412327
    """
    ranges = (
        size_rules.check_range("vocabulary", vocabulary, 1),
        size_rules.check_range("hidden", hidden, 1),
        size_rules.check_range("steps", steps, 1),
        size_rules.check_range("batch", batch, 0),
    )
    long = None if long is None else size_rules.check_range("long", long, 1)
    if np.dtype(dtype).kind != "f" and np.dtype(dtype).name != "bfloat16":  # ml_dtypes' kind is "V"
        raise CrosscheckError(f"dtype is {np.dtype(dtype)}, expected a floating one such as float64.", code="bad-dtype")
    return RecurrentCases(ranges, long, np.dtype(dtype), container)


class RecurrentCases:
    """What `rnn` returns; see `crosscheck.cases.Cases` for the methods that all strategies have."""

    def __init__(
        self, ranges: tuple[Range, ...], long: Range | None, dtype: np.dtype[Any], container: Callable[..., Any]
    ) -> None:
        self.size_names = SIZE_NAMES
        self.dtype = dtype
        self.container = container
        self._ranges = ranges
        self._recipes: dict[str, Recipe] = {}
        self._drawn: dict[str, tuple[Range, ...]] = {}
        self._allowed: dict[str, tuple[Range, ...]] = {BULK: ranges}
        for recipe in RECIPES:
            name = recipe.regime.name
            drawn = allowed = _narrowed(recipe, ranges)
            if name == "long-sequence" and drawn is not None:
                if long is None or ranges[2][0] == ranges[2][1]:
                    continue
                # A case may shrink to fewer steps than are drawn: the cut may come earlier.
                allowed = (*drawn[:2], (ranges[2][0], max(long[1], ranges[2][1])), drawn[3])
                drawn = (*drawn[:2], long, drawn[3])
            if drawn is None or allowed is None or (recipe.different and not size_rules.smallest_different(drawn)):
                continue
            self._recipes[name], self._drawn[name], self._allowed[name] = recipe, drawn, allowed
        self._different = {name for name, recipe in self._recipes.items() if recipe.different}
        self.regimes: tuple[Regime, ...] = tuple(recipe.regime for recipe in self._recipes.values())
        self._round = size_rules.schedule({regime.name: regime.weight for regime in self.regimes})

    def draw(self, seed: int, index: int) -> Key:
        """Return the key of the `index`-th case of the run `seed`."""
        regime = self._round[index % len(self._round)]
        bits = word(seed, index)
        ranges = _more_than_one(self._recipes[regime], self._drawn[regime])
        sizes = self._draw_sizes(ranges, bits)
        if regime in self._different and not size_rules.pairwise_different(sizes):
            sizes = size_rules.smallest_different(ranges) or sizes
        return Key(regime, sizes, FRIENDLY_SEEDS + below(word(bits, 1), SEEDS - FRIENDLY_SEEDS))

    def build(self, key: Key) -> Case:
        """Build the case. Raises CrosscheckError for a key that is not of this strategy."""
        self._check(key)
        if key.regime == BULK:
            number, place = divmod(key.seed, MODELS)
            arguments = one_of(build_stack(number, key.sizes, self.dtype), place)
        else:
            arguments = build_arrays(self._recipes[key.regime], key.sizes, key.seed, self.dtype)
        parameters, *data = arguments
        return Case(key, (self.container(**parameters), *data))

    def stack(self, seed: int, chunk: int, sizes: Sizes | None = None) -> Stack:
        """Return the `chunk`-th chunk of the run `seed`: MODELS models of equal sizes, drawn from the ranges or given.

        `build(stack.key(i))` is the model `i` of it. Sizes are (V, H, T, B).
        """
        number = chunk_number(seed, chunk)
        drawn = self._draw_sizes(self._ranges, word(number)) if sizes is None else sizes
        stack = build_stack(number, drawn, self.dtype)
        parameters, *data = stack.arguments
        return stack._replace(arguments=(self.container(**parameters), *data))

    def smaller(self, key: Key) -> Iterator[Key]:
        """Yield simpler keys: fewer steps, units, symbols, no batch; then seeds that give short decimals."""
        self._check(key)
        # A model of a chunk has no friendly numbers, but it may fail with those of a drawn regime.
        regime = self._round[0] if key.regime == BULK else key.regime
        for sizes in size_rules.smaller_sizes(key.sizes, self._allowed[regime], _SIMPLEST_FIRST):
            if regime not in self._different or size_rules.pairwise_different(sizes):
                yield key._replace(sizes=sizes)
        for seed in range(FRIENDLY_SEEDS if key.regime == BULK else min(key.seed, FRIENDLY_SEEDS)):
            if _is_within(key.sizes, self._allowed[regime]):
                yield Key(regime, key.sizes, seed)

    def strategy(self) -> "SearchStrategy[Case]":
        """Return the same cases as a Hypothesis strategy, drawn as often as Hypothesis likes: near the weights."""
        import hypothesis.strategies as st
        from hypothesis import reject

        # Hypothesis copies the values of one strategy to the place of an equal one. Names make these unequal: copied
        # sizes would be square shapes, and the time spent on copies is lost to the other regimes.
        named = [
            st.sampled_from([(name, size) for size in range(low, high + 1)])
            for name, (low, high) in zip(SIZE_NAMES, self._ranges, strict=True)
        ]

        @st.composite
        def cases(draw: st.DrawFn) -> Case:
            regime = draw(st.sampled_from(self._round))
            # Sizes of the same range in every regime, so that a case can shrink into a simpler regime.
            sizes = tuple(
                size_rules.fold(draw(choice)[1], own) for choice, own in zip(named, self._drawn[regime], strict=True)
            )
            if regime in self._different and not size_rules.pairwise_different(sizes):
                reject()
            return self.build(Key(regime, sizes, draw(st.integers(0, SEEDS - 1))))

        return cases()

    def _draw_sizes(self, ranges: tuple[Range, ...], bits: int) -> Sizes:
        """Draw sizes, the batch in two steps: whether there is one, then how large it is."""
        low, high = ranges[3]
        if low == 0 and high > 0:
            ranges = (*ranges[:3], (0, 0) if below(word(bits, 2), 2) else (1, high))
        return size_rules.draw_sizes(ranges, bits)

    def _check(self, key: Key) -> None:
        """Refuse a key with which the case would not be what its regime says."""
        ranges = self._allowed.get(key.regime)
        if ranges is None:
            raise CrosscheckError(
                f"{key} is of a regime that these cases do not have, expected one of {', '.join(self._recipes)}: name "
                "the ranges with which the case was drawn.",
                code="unknown-regime",
            )
        different = key.regime in self._different
        if not _is_within(key.sizes, ranges) or (different and not size_rules.pairwise_different(key.sizes)):
            expected = [f"{name} {low} to {high}" for name, (low, high) in zip(SIZE_NAMES, ranges, strict=True)]
            raise CrosscheckError(
                f"{key} has sizes that its regime does not have here, expected {', '.join(expected)}"
                f"{', all different' if different else ''}: name the ranges with which the case was drawn.",
                code="bad-sizes",
            )


def _is_within(sizes: Sizes, ranges: tuple[Range, ...]) -> bool:
    return len(sizes) == len(ranges) and all(
        low <= size <= high for size, (low, high) in zip(sizes, ranges, strict=True)
    )


def _more_than_one(recipe: Recipe, ranges: tuple[Range, ...]) -> tuple[Range, ...]:
    """Leave a single unit and a single step to the regimes of that name, as far as the ranges hold more."""

    def several(drawn: Range, own: Range) -> Range:
        return (max(2, drawn[0]), drawn[1]) if min(drawn[1], own[1]) > 1 else drawn

    vocabulary, hidden, steps, batch = ranges
    return vocabulary, several(hidden, recipe.hidden), several(steps, recipe.steps), batch


def _narrowed(recipe: Recipe, ranges: tuple[Range, ...]) -> tuple[Range, ...] | None:
    """Return the part of the user's ranges with which the regime is what it says; None if there is none."""
    own = (recipe.vocabulary, recipe.hidden, recipe.steps, ranges[3])
    both = tuple((max(a[0], b[0]), min(a[1], b[1])) for a, b in zip(own, ranges, strict=True))
    return both if all(low <= high for low, high in both) else None
