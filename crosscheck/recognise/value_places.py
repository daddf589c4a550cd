"""Where the value and the gradients are in what two functions return: one for each example, perhaps, or maximised."""

from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise.places import Place
from crosscheck.recognise.replay import Result


class Rows(NamedTuple):
    """The values of many examples, each with a weight of its own (a Place: it is read from a result)."""

    place: Place

    @property
    def name(self) -> str:
        """What the author calls the function."""
        return self.place.name

    @property
    def names(self) -> frozenset[str]:
        """All that it is called."""
        return self.place.names

    def __str__(self) -> str:
        return f"the sum of what {self.place.name} returns, each entry with a weight"

    def read(self, result: Result) -> Any:
        """Return the weighted sum."""
        values = self.place.read(result)
        return np.sum(values * weights_of(values))


class Weighed(NamedTuple):
    """The gradients of many examples, each with the weight of its value."""

    place: Place

    def read(self, result: Result) -> Any:
        """Return the weighted sum along the first axis."""
        rows = np.asarray(self.place.read(result))
        return np.tensordot(weights_of(rows[(slice(None), *[0] * (rows.ndim - 1))]), rows, 1)

    @property
    def names(self) -> frozenset[str]:
        """All that the gradients are called."""
        return self.place.names

    @property
    def name(self) -> str:
        """What the author calls the gradients."""
        return self.place.name

    @property
    def where(self) -> str:
        """Where the gradients are found."""
        return self.place.where

    @property
    def path(self) -> Any:
        """The way to the gradients."""
        return self.place.path

    def __str__(self) -> str:
        return str(self.place)


def weights_of(values: Any) -> np.ndarray:
    """Return the weights of some values, which are the same for as many values in the same shape."""
    return 0.5 + np.random.default_rng(11).random(np.shape(values))


class Minus(NamedTuple):
    """Minus a number that training drives up (a Place: it is read from a result)."""

    place: Any

    @property
    def name(self) -> str:
        """What the author calls the function."""
        return self.place.name

    @property
    def names(self) -> frozenset[str]:
        """All that it is called."""
        return self.place.names

    def __str__(self) -> str:
        return f"minus {self.place}"

    def read(self, result: Result) -> Any:
        """Return minus the number."""
        return -self.place.read(result)
