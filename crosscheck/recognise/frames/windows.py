"""What is computed of each entry of a column or a table and of those before it: `column.rolling(3).mean()`."""

from collections.abc import Callable
from typing import Any

import numpy as np


class Window:
    """A number of entries that moves down; the first entries have fewer before them, and are not missing."""

    def __init__(self, over: Any, size: Any) -> None:
        self._over, self._size = over, size if isinstance(size, int) and size > 0 else 2

    def apply(self, function: Callable[[np.ndarray], Any], *_: Any, **__: Any) -> Any:
        """Return what a function makes of each window."""
        numbers = self._over.plain_array()
        windows = [numbers[max(0, end - self._size) : end] for end in range(1, len(numbers) + 1)]
        return self._over.remade(np.array([function(window) for window in windows]))

    def mean(self, *_: Any, **__: Any) -> Any:
        """Return the mean of each window."""
        return self.apply(lambda window: window.mean(0))

    def sum(self, *_: Any, **__: Any) -> Any:
        """Return the sum of each window."""
        return self.apply(lambda window: window.sum(0))

    def min(self, *_: Any, **__: Any) -> Any:
        """Return the smallest entry of each window."""
        return self.apply(lambda window: window.min(0))

    def max(self, *_: Any, **__: Any) -> Any:
        """Return the largest entry of each window."""
        return self.apply(lambda window: window.max(0))

    def std(self, *_: Any, **__: Any) -> Any:
        """Return the deviation of each window."""
        return self.apply(lambda window: window.std(0, ddof=min(1, len(window) - 1)))

    var = std

    def median(self, *_: Any, **__: Any) -> Any:
        """Return the median of each window."""
        return self.apply(lambda window: np.median(window, 0))
