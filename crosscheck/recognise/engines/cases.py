"""Cases of an engine's expressions: each expression is a regime of its own."""

import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from crosscheck.cases import Case, Key, Regime
from crosscheck.errors import CrosscheckError
from crosscheck.recognise.engines.expressions import Expression, weights_for

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

SCALES = (1.0, 1.0, 0.25, 2.5)
"""Sizes of the numbers, in turn"""


class EngineCases:
    """See `crosscheck.cases.Cases` for the methods."""

    size_names: tuple[str, ...] = ()

    def __init__(self, expressions: Sequence[Expression], order: Sequence[str] = ()) -> None:
        """`order` are the regimes in which an edit is tried first."""
        self.expressions = list(expressions)
        self.order = tuple(order)
        self.regimes = tuple(Regime(one.regime, 1, f"{one.text}.") for one in expressions)

    def draw(self, seed: int, index: int) -> Key:
        """Return the key of the `index`-th case of the run `seed`."""
        regime = self.regimes[index % len(self.regimes)].name
        return Key(regime, (), zlib.crc32(f"{seed}/{index}".encode()) & 0x7FFFFFFF)

    def build(self, key: Key) -> Case:
        """Build the case. Raises CrosscheckError for a key that is not of these cases."""
        known = {one.regime: (number, one) for number, one in enumerate(self.expressions)}
        if key.regime not in known or key.sizes:
            raise CrosscheckError(
                f"{key} is no case of this file: copy the key from its report.", code="unknown-regime"
            )
        number, expression = known[key.regime]
        random = np.random.default_rng([zlib.crc32(key.regime.encode()), key.seed])
        values, numbers = expression.drawn(random, SCALES[key.seed % len(SCALES)])
        weights = np.asarray(weights_for(expression, random))
        return Case(key, (values, {"expression": number, "weights": weights, **numbers}))

    def smaller(self, key: Key) -> Iterator[Key]:
        """Yield nothing: there are no simpler keys."""
        del key
        yield from ()

    def strategy(self) -> "SearchStrategy[Case]":
        """Return the same cases as a Hypothesis strategy."""
        import hypothesis.strategies as st

        return st.integers(0, 2**31).map(lambda index: self.build(self.draw(0, index)))
