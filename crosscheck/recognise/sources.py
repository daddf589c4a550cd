"""A stand-in for an argument that words or symbols are drawn from: `dataset.sampleTokenIdx()`, `data.next_batch()`."""

import random
import re
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import numpy as np

from crosscheck.recognise.guesses import SYMBOLS

DRAWS = re.compile(
    r"(?:sample|draw|rand|next|pick|get).*(?:id|idx|index|token|word|context|symbol|negative)", re.IGNORECASE
)
"""What methods are called that return a symbol"""
CONTEXT = re.compile(r"context", re.IGNORECASE)
ARRAYS = {*dir(np.ndarray), *dir(dict), *dir(list), *dir(str)}


def is_source(methods: Collection[str]) -> bool:
    """Tell whether something is no array and no container, and symbols are drawn from it.

    >>> is_source({"sampleTokenIdx"}), is_source({"shape"})
    (True, False)
    """
    return bool(methods) and not set(methods) & ARRAYS and all(map(DRAWS.search, methods))


class Source:
    """Draws symbols, the same ones after every copy."""

    def __init__(self) -> None:
        self.turn = 0

    def __repr__(self) -> str:
        return "a source of symbols"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__") or not DRAWS.search(name):
            raise AttributeError(name)
        return partial(self.draw, name)

    def draw(self, name: str, count: Any = 2, *_: Any) -> Any:
        """Return a symbol; a symbol and those around it, if a method speaks of contexts."""
        if CONTEXT.search(name):
            size = count if isinstance(count, int) else 2
            return self.symbol(), [self.symbol() for _ in range(2 * size)]
        return self.symbol()

    def symbol(self) -> int:
        """Return the next symbol; some come twice."""
        self.turn += 1
        return random.Random(self.turn).randrange(SYMBOLS)  # noqa: S311 - the same symbols every time
