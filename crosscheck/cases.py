"""A case is one random problem; its key is the few small integers from which any machine builds it again.

A strategy (`crosscheck.strategies`) makes cases. Whoever asks for many calls `draw(seed, index)` for keys and
`build(key)` for the problems; whoever reports a problem prints its key.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

from crosscheck.errors import CrosscheckError

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_KEY = re.compile(r"([a-z][a-z0-9-]*)/([0-9]+(?:,[0-9]+)*)?/([0-9]+)")


class Key(NamedTuple):
    """The name of one case.

    >>> str(Key("saturated", (5, 3, 7, 0), 12))
    'saturated/5,3,7,0/12'
    >>> Key.parse("saturated/5,3,7,0/12").sizes
    (5, 3, 7, 0)
    """

    regime: str
    """The family the case belongs to."""
    sizes: tuple[int, ...]
    """One integer for each of the strategy's `size_names`."""
    seed: int
    """Everything else about the case is drawn from this. Seeds 0 to 7 give short decimals to read and to retrace."""

    def __str__(self) -> str:
        return f"{self.regime}/{','.join(map(str, self.sizes))}/{self.seed}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key as it was printed. Raises CrosscheckError."""
        match = _KEY.fullmatch(text.strip())
        if match is None:
            raise CrosscheckError(
                f"{text!r} names no case, expected a regime, sizes and a seed such as saturated/5,3,7,0/12: copy the "
                "key from the report.",
                code="unreadable-key",
            )
        regime, sizes, seed = match.groups()
        return cls(regime, tuple(map(int, sizes.split(","))) if sizes else (), int(seed))


class Case(NamedTuple):
    """One problem. Its arrays are fresh at every build: nobody else holds them."""

    key: Key
    arguments: tuple[Any, ...]
    """The parameters, then the data, as the subject and its twin take them."""


class Regime(NamedTuple):
    """A family of cases that exposes a kind of bug."""

    name: str
    weight: int
    """How often it is drawn, in proportion to the weights of the others."""
    meaning: str
    """One sentence: what its cases are like and what they expose."""


class Cases(Protocol):
    """A supply of cases: what a strategy returns and what the judge takes."""

    @property
    def size_names(self) -> tuple[str, ...]:
        """Name each entry of a key's `sizes`."""
        ...

    @property
    def regimes(self) -> tuple[Regime, ...]:
        """Name the families on offer."""
        ...

    def draw(self, seed: int, index: int) -> Key:
        """Return the key of the `index`-th case of the run `seed`: the same one every time.

        Any run of indices as long as the sum of the weights holds each regime as often as its weight says.
        """
        ...

    def build(self, key: Key) -> Case:
        """Build the case, the same one every time. Raises CrosscheckError for a key that is not of this strategy."""
        ...

    def smaller(self, key: Key) -> Iterator[Key]:
        """Yield simpler keys to try in place of this one, simplest first. Following them always comes to an end."""
        ...

    def strategy(self) -> "SearchStrategy[Case]":
        """Return the same cases as a Hypothesis strategy that shrinks towards small sizes and short decimals."""
        ...
