"""All losses with a right backward pass by hand, and random models of each: at the scales of `like`, and at others."""

from typing import Any, NamedTuple

import jax
import numpy as np

from crosscheck.cases import Case, Key, Regime
from crosscheck.strategies import like
from tests.quality.entries import activations, cells, layers, probability, sums
from tests.quality.entries.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    *sums.ENTRIES,
    *probability.ENTRIES,
    *layers.ENTRIES,
    *activations.ENTRIES,
    *cells.ENTRIES,
)
SCALED = "scaled"


class Scaled(NamedTuple):
    """The cases of a loss; every second one has all parameters multiplied by a scale of its own, log-uniform."""

    usual: Any
    low: float
    high: float
    dtype: Any
    regimes: tuple[Regime, ...] = (Regime(SCALED, 1, "Parameters of any size."),)

    @property
    def size_names(self) -> tuple[str, ...]:
        """Names of the lengths that vary."""
        return self.usual.size_names

    def draw(self, seed: int, index: int) -> Key:
        """Return the key of a case."""
        if index % 2:
            return self.usual.draw(seed, index // 2)
        # The regimes of `like` come round; their sizes alone are taken here.
        return Key(SCALED, self.usual.draw(seed, index // 2).sizes, seed * 2**32 + index)

    def scale(self, key: Key) -> float:
        """Return by how much the parameters of a case were multiplied."""
        if key.regime != SCALED:
            return 1.0
        return float(np.exp(np.random.default_rng(key.seed).uniform(np.log(self.low), np.log(self.high))))

    def build(self, key: Key) -> Case:
        """Build the case and round it to the dtype."""
        ordinary = key._replace(regime="ordinary") if key.regime == SCALED else key
        parameters, *data = self.usual.build(ordinary).arguments
        scale = self.scale(key)
        parameters = jax.tree.map(lambda leaf: np.asarray(leaf * scale), parameters)
        arguments = (parameters, *data)
        return Case(key, jax.tree.map(self._rounded, arguments))

    def _rounded(self, leaf: Any) -> Any:
        leaf = np.asarray(leaf)
        return leaf.astype(self.dtype) if leaf.dtype.kind == "f" else leaf

    def smaller(self, _key: Key) -> Any:
        """Yield nothing: a false alarm is reduced by hand."""
        return iter(())


def cases_of(entry: Entry, low: float, high: float, dtype: Any = np.float64) -> Scaled:
    """Return random models of a loss."""
    return Scaled(like(entry.example, vary=entry.vary), low, high, dtype)
