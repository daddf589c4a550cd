"""Where the value and the gradients are in what two functions return: one for each example, perhaps, or maximised."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from crosscheck.recognise.places import Place
from crosscheck.recognise.replay import Result


@dataclass(frozen=True)
class Derived:
    """What is made of a result (a Place: it is read from one), called as the author calls that."""

    place: Any

    @property
    def name(self) -> str:
        """What the author calls it."""
        return self.place.name

    @property
    def names(self) -> frozenset[str]:
        """All that it is called."""
        return self.place.names

    @property
    def where(self) -> str:
        """Where it is found."""
        return self.place.where

    @property
    def path(self) -> Any:
        """The way to it."""
        return self.place.path

    def __str__(self) -> str:
        return str(self.place)

    def read(self, result: Result) -> Any:
        """Return what is made of it. Raises what reading it does."""
        raise NotImplementedError


class Rows(Derived):
    """The values of many examples, each with a weight of its own."""

    place: Place

    def __str__(self) -> str:
        return f"the sum of what {self.place.name} returns, each entry with a weight"

    def read(self, result: Result) -> Any:
        """Return the weighted sum."""
        values = self.place.read(result)
        return np.sum(values * weights_of(values))


class Weighed(Derived):
    """The gradients of many examples, each with the weight of its value."""

    def read(self, result: Result) -> Any:
        """Return the weighted sum along the first axis."""
        rows = np.asarray(self.place.read(result))
        return np.tensordot(weights_of(rows[(slice(None), *[0] * (rows.ndim - 1))]), rows, 1)


class EachWeighed(Derived):
    """The gradients by what each example is itself, each with the weight of its value."""

    def read(self, result: Result) -> Any:
        """Return the rows times their weights."""
        rows = np.asarray(self.place.read(result))
        weights = weights_of(rows[(slice(None), *[0] * (rows.ndim - 1))])
        return rows * weights.reshape(-1, *[1] * (rows.ndim - 1))


def weights_of(values: Any) -> np.ndarray:
    """Return the weights of some values, which are the same for as many values in the same shape."""
    return 0.5 + np.random.default_rng(11).random(np.shape(values))


class Minus(Derived):
    """Minus a number that training drives up."""

    def __str__(self) -> str:
        return f"minus {self.place}"

    def read(self, result: Result) -> Any:
        """Return minus the number."""
        return -self.place.read(result)


class Listed(Derived):
    """A gradient that is returned as a list of numbers."""

    def read(self, result: Result) -> Any:
        """Return the numbers in an array."""
        return np.array(self.place.read(result))


@dataclass(frozen=True)
class OneOf(Derived):
    """One number of a gradient by several arguments that are single numbers, in their order."""

    index: int

    @property
    def names(self) -> frozenset[str]:
        """Nothing: the numbers have no names of their own."""
        return frozenset()

    @property
    def path(self) -> Any:
        """The way to the number."""
        return (*self.place.path, self.index)

    def __str__(self) -> str:
        return f"{self.place}[{self.index}]"

    def read(self, result: Result) -> Any:
        """Return the number."""
        return np.asarray(self.place.read(result)[self.index])
