"""A loss, its arguments, and which of them to differentiate: what every reference starts from."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from crosscheck import trees
from crosscheck.errors import CrosscheckError


class Problem(NamedTuple):
    """Evaluated only on fresh copies: whatever the subject changes in place, the next evaluation does not see it."""

    loss: Callable[..., Any]
    """Returns the loss, or a tuple whose first item it is."""
    arguments: tuple[Any, ...]
    chosen: tuple[int, ...]
    """Positions of the arguments to differentiate."""

    def leaves(self) -> list[np.ndarray]:
        """Return the arrays to differentiate, in the order of the arguments and of their trees.

        Raises CrosscheckError if one of them does not hold floating-point numbers.
        """
        named = [pair for place in self.chosen for pair in trees.flatten(self.arguments[place])]
        for name, leaf in named:
            if np.asarray(leaf).dtype.kind != "f":
                found = getattr(leaf, "dtype", type(leaf).__name__)
                raise CrosscheckError(
                    f"{name} is {found}, which has no derivative: pass floating-point arrays to differentiate.",
                    code="parameter-dtype",
                )
        return [np.asarray(leaf) for _, leaf in named]

    def with_leaves(self, leaves: Iterable[Any], carry: Callable[[Any], Any] = lambda value: value) -> tuple[Any, ...]:
        """Return fresh arguments with other leaves; all other floating arrays go through `carry`."""
        remaining = iter(leaves)
        arguments: list[Any] = [None] * len(self.arguments)
        for place in self.chosen:
            arguments[place] = trees.transform(lambda _: next(remaining), self.arguments[place])
        for place, argument in enumerate(self.arguments):
            if place not in self.chosen:
                arguments[place] = trees.transform(lambda leaf: _fresh(leaf, carry), argument)
        return tuple(arguments)

    def value(self, arguments: tuple[Any, ...], loss: Callable[..., Any] | None = None) -> Any:
        """Return the loss, by the function itself or a double of it."""
        result = (loss or self.loss)(*arguments)
        return result[0] if isinstance(result, tuple) else result

    def assemble(self, leaves: Sequence[Any]) -> Any:
        """Return leaves in the structure of the chosen argument; a tuple of them if more than one was chosen."""
        remaining = iter(leaves)
        built = tuple(trees.transform(lambda _: next(remaining), self.arguments[place]) for place in self.chosen)
        return built[0] if len(built) == 1 else built


def _fresh(leaf: Any, carry: Callable[[Any], Any]) -> Any:
    return carry(leaf.copy()) if isinstance(leaf, np.ndarray) else leaf
