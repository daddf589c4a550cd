"""Cases for any subject, from one example of its arguments."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from crosscheck.cases import Case, Key, Regime
from crosscheck.errors import CrosscheckError
from crosscheck.strategies import contents, lengths
from crosscheck.strategies.leaves import Filling, Leaf, assemble, fill, lengths_that_stay, read
from crosscheck.strategies.randomness import FRIENDLY_SEEDS, SEEDS, Scale, below, generator, word
from crosscheck.strategies.sizes import schedule, smaller_sizes

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

AS_GIVEN, ONE_LENGTH, ORDINARY = "as-given", "one-length", "ordinary"
_MODERATE = Scale(0.25, octaves=2)
_LARGE = Scale(2.0, octaves=2)
_HUGE = Scale(512.0, octaves=2)


class Recipe(NamedTuple):
    """How the cases of one regime are drawn."""

    regime: Regime
    parameters: Filling = Filling(_MODERATE, None)
    data: Filling = Filling(_MODERATE, None)


RECIPES = (
    Recipe(Regime(AS_GIVEN, 1, "The example itself, which works: if all else fails, the example was not typical.")),
    Recipe(Regime(ORDINARY, 8, "Numbers of 0.25 to 1, nothing left at zero: most bugs show here at full size.")),
    Recipe(
        Regime("tiny", 3, "Parameters of 0.01, as training starts: errors hide unless judged tightly."),
        Filling(Scale(0.01), None),
    ),
    Recipe(Regime(ONE_LENGTH, 3, "One length is 1: indices that wrap round, and axes lost to a squeeze, show here.")),
    Recipe(
        Regime("large", 3, "Numbers of 2 to 8: saturation shows here."),
        Filling(_LARGE, None),
        Filling(_LARGE, None),
    ),
    Recipe(
        Regime(
            "huge", 1, "Parameters of 512 to 2048: an exponential overflows unless its largest argument is taken out."
        ),
        Filling(_HUGE, None),
    ),
    Recipe(
        Regime("repeated-integers", 2, "Indices occur twice: what belongs to one row must add up, not overwrite."),
        data=Filling(_MODERATE, contents.repeat_first_half),
    ),
    Recipe(
        Regime("equal-integers", 1, "All indices are equal: everything adds to one row."),
        data=Filling(_MODERATE, contents.make_equal),
    ),
    Recipe(
        Regime("zero-parameters", 1, "All parameters are zero: many gradients are zero, none may be NaN."),
        Filling(None, None),
    ),
)


def like(example: tuple[Any, ...], *, vary: bool | Collection[int] = True, shapes: int = 4) -> "ExampleCases":
    """Return cases that look like one example of the arguments, `(parameters, *data)`.

    **Lengths.** Axes of equal length are taken for the same thing and vary together, so make the lengths of the example
    pairwise different. A length that is a multiple, the sum or the successor of others follows them. Where that can be
    read in two ways, and where a Python integer among the arguments equals a length or divides it, those lengths stay;
    so do lengths of 0 and 1. `vary=False` keeps all lengths, `vary=(5, 7)` varies these. JAX compiles every new
    shape afresh, for nearly a second each: `shapes` is the number of different ones, the example's own included.

    **Contents.** Parameters and data of a floating dtype become normal numbers times a scale; matrices among the
    parameters are divided by the root of their shorter side. Signs, the range from 0 to 1, and rows that sum to 1 stay
    as in the example: give it both signs where both are allowed. Among the data, rows with a single 1 and arrays of
    nothing but 0 and 1 stay so too. Integers run from 0 to the greatest of the example, or less if an axis that they
    might point into is shorter now. Arrays with negative integers are filled from the values seen, booleans with the
    share of True seen. Data that hold NaN or infinity, and numbers and strings outside arrays, stay as given.

    Containers, dtypes and lists of Python integers are kept. JAX arrays become NumPy arrays.

    Raises CrosscheckError if the first argument holds no floating array, or one that is not finite.

    >>> import numpy as np
    >>> cases = like(({"W": np.ones((3, 5)) - 1}, np.array([0, 4, 2, 1, 1, 3, 0])))
    >>> cases.size_names
    ('data[0] axis 0', 'W axis 0', 'W axis 1')
    >>> print(cases.draw(seed=0, index=0))
    as-given/7,3,5/0
    """
    if not isinstance(example, tuple) or not example:
        raise CrosscheckError(
            f"The example is a {type(example).__name__}, expected a tuple (parameters, *data): the "
            "arguments of one call.",
            code="bad-example",
        )
    if shapes < 1:
        raise CrosscheckError(f"shapes is {shapes}, expected at least 1: the example's own.", code="bad-sizes")
    return ExampleCases(example, read(example), vary, shapes)


class ExampleCases:
    """What `like` returns; see `crosscheck.cases.Cases` for the methods that all strategies have."""

    def __init__(self, example: tuple[Any, ...], leaves: list[Leaf], vary: bool | Collection[int], shapes: int) -> None:
        self._example = example
        self._leaves = leaves
        # Data first: a single step or a single sequence asks more of a backward pass than a single unit.
        in_order = sorted(leaves, key=lambda leaf: leaf.is_parameter)
        shapes_of = [(leaf.name, leaf.array.shape) for leaf in in_order if leaf.array is not None]
        self._lengths = lengths.infer(shapes_of, vary=vary, fixed=lengths_that_stay(leaves))
        self.size_names = self._lengths.names
        given = self._lengths.given
        ones = [(*given[:i], 1, *given[i + 1 :]) for i in range(len(given))]
        variants = [given, *([self._lengths.reversed_in_order()] if given else []), *ones][:shapes]
        self._usual, self._ones = variants[:2], variants[2:]
        self._as_given = Key(AS_GIVEN, given, 0)
        has_indices = any(leaf.content.has_indices for leaf in leaves)
        self._recipes = {
            recipe.regime.name: recipe
            for recipe in RECIPES
            if (recipe.data.repeat is None or has_indices) and (recipe.regime.name != ONE_LENGTH or self._ones)
        }
        self.regimes: tuple[Regime, ...] = tuple(recipe.regime for recipe in self._recipes.values())
        self._round = schedule({regime.name: regime.weight for regime in self.regimes})

    def draw(self, seed: int, index: int) -> Key:
        """Return the key of the `index`-th case of the run `seed`."""
        regime = self._round[index % len(self._round)]
        if regime == AS_GIVEN:
            return self._as_given
        bits, variants = word(seed, index), self._ones if regime == ONE_LENGTH else self._usual
        return Key(
            regime, variants[below(bits, len(variants))], FRIENDLY_SEEDS + below(word(bits), SEEDS - FRIENDLY_SEEDS)
        )

    def build(self, key: Key) -> Case:
        """Build the case. Raises CrosscheckError for a key that is not of this strategy."""
        self._check(key)
        if key.regime == AS_GIVEN:
            return Case(key, assemble(self._example, [leaf.as_given() for leaf in self._leaves]))
        stream, recipe = generator(key.regime, key.seed), self._recipes[key.regime]
        resized = self._lengths.resized(key.sizes)
        values = [
            fill(leaf, recipe.parameters if leaf.is_parameter else recipe.data, stream, resized, seed=key.seed)
            for leaf in self._leaves
        ]
        return Case(key, assemble(self._example, values))

    def smaller(self, key: Key) -> Iterator[Key]:
        """Yield simpler keys: shorter axes, those of the data first; then seeds that give short decimals."""
        self._check(key)
        # The example itself cannot shrink, but what fails on it may fail on ordinary numbers.
        regime = ORDINARY if key.regime == AS_GIVEN else key.regime
        if key.regime != AS_GIVEN:
            ranges = tuple((1, size) for size in key.sizes)
            for sizes in smaller_sizes(key.sizes, ranges, tuple(range(len(ranges)))):
                yield key._replace(sizes=sizes)
        for seed in range(FRIENDLY_SEEDS if key.regime == AS_GIVEN else min(key.seed, FRIENDLY_SEEDS)):
            yield Key(regime, key.sizes, seed)

    def strategy(self) -> "SearchStrategy[Case]":
        """Return the same cases as a Hypothesis strategy; it keeps to the few shapes, so shrinking compiles nothing."""
        import hypothesis.strategies as st

        regimes = (*self._round[1:], AS_GIVEN)  # shrinks towards the first: ordinary

        @st.composite
        def cases(draw: st.DrawFn) -> Case:
            regime = draw(st.sampled_from(regimes))
            sizes = draw(st.sampled_from(sorted(self._ones if regime == ONE_LENGTH else self._usual, key=sum)))
            seed = draw(st.integers(0, SEEDS - 1))
            # The example needs neither sizes nor seed; without them, Hypothesis would call it simpler than the others.
            return self.build(Key(regime, sizes, seed) if regime != AS_GIVEN else self._as_given)

        return cases()

    def _check(self, key: Key) -> None:
        if key.regime not in self._recipes:
            raise CrosscheckError(
                f"{key} is of a regime that these cases do not have, expected one of {', '.join(self._recipes)}.",
                code="unknown-regime",
            )
        if len(key.sizes) != len(self.size_names) or min(key.sizes, default=1) < 1:
            raise CrosscheckError(
                f"{key} has {len(key.sizes)} sizes, expected {len(self.size_names)} of at least 1 "
                f"({', '.join(self.size_names)}): use the example with which the case was drawn.",
                code="bad-sizes",
            )
        if key.regime == AS_GIVEN and key.sizes != self._lengths.given:
            raise CrosscheckError(
                f"{key} has other sizes than the example, expected {self._lengths.given}.", code="bad-sizes"
            )
