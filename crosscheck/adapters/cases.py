"""Cases that an adapter draws."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from crosscheck.cases import Case, Key, Regime
from crosscheck.errors import CrosscheckError

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

# Sizes are drawn from here, without one coming twice: equal sizes hide transposes.
SIZES = (2, 3, 4, 5, 6, 7, 8, 9)
SCALES = {"ordinary": 1.0, "small": 0.01, "large": 3.0}
_WEIGHTS = {"ordinary": 2, "small": 1, "large": 1}
_MEANINGS = {
    "ordinary": "Parameters as the adapter draws them.",
    "small": "Parameters a hundredth as large, as at the start of training: everything is nearly linear.",
    "large": "Parameters three times as large: activations saturate.",
}

_Draw = Callable[[np.random.Generator, "Sizes"], Mapping[str, Any]]


class Sizes(dict[str, int]):
    """Sizes by whatever name an adapter asks for: each is drawn when it is first asked for, all different."""

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__()
        self.free = [int(size) for size in rng.permutation(SIZES)]

    def __missing__(self, name: str) -> int:
        if not self.free:
            raise CrosscheckError(
                f"The adapter asks for more than {len(SIZES)} sizes: derive {name} from others.", code="too-many-sizes"
            )
        return self.setdefault(name, self.free.pop())


class AdapterCases:
    """What the judge takes: a case is drawn anew from its seed by the adapter's two functions."""

    size_names = ()
    regimes = tuple(Regime(name, _WEIGHTS[name], _MEANINGS[name]) for name in SCALES)

    def __init__(self, parameters: _Draw, data: _Draw) -> None:
        self.parameters, self.data = parameters, data

    def draw(self, seed: int, index: int) -> Key:
        """Return the key of a case: the regimes in turn, two of the ordinary for one of each other."""
        names = [name for name, weight in _WEIGHTS.items() for _ in range(weight)]
        mixed = int(np.random.SeedSequence([seed, index]).generate_state(1)[0])
        return Key(names[index % len(names)], (), mixed)

    def build(self, key: Key) -> Case:
        """Draw parameters and data. Raises CrosscheckError where the adapter draws nothing that can be judged."""
        if key.regime not in SCALES:
            raise CrosscheckError(f"There is no regime {key.regime}: there are {', '.join(SCALES)}.",
                                  code="unknown-regime")  # fmt: skip
        rng = np.random.default_rng(key.seed)
        sizes = Sizes(rng)
        drawn = {name: SCALES[key.regime] * np.asarray(value, float) for name, value in
                 dict(self.parameters(rng, sizes)).items()}  # fmt: skip
        if not drawn:
            raise CrosscheckError("The adapter draws no parameters: return a dict of arrays.", code="bad-adapter")
        return Case(key, (drawn, dict(self.data(rng, sizes))))

    def smaller(self, key: Key) -> Iterator[Key]:  # noqa: ARG002 (sizes belong to the adapter)
        """Yield nothing: only the adapter knows what is simpler."""
        return iter(())

    def strategy(self) -> "SearchStrategy[Case]":
        """Return the cases as a Hypothesis strategy."""
        from hypothesis import strategies

        return strategies.builds(
            self.build, strategies.builds(self.draw, strategies.integers(0), strategies.integers(0))
        )
