"""Means, deviations and the like of a column, as pandas computes them."""

from collections.abc import Callable
from typing import Any

import numpy as np


class Moments:
    """What pandas computes of the numbers of a series."""

    def plain_array(self) -> np.ndarray:
        """Return the array that it is."""
        raise NotImplementedError

    def remade(self, values: Any) -> Any:
        """Return the like of it, of other numbers."""
        raise NotImplementedError

    def std(self, *_: Any, ddof: int = 1, **__: Any) -> Any:
        """Return the standard deviation of a sample."""
        return np.std(self.plain_array(), ddof=ddof)

    def var(self, *_: Any, ddof: int = 1, **__: Any) -> Any:
        """Return the variance of a sample."""
        return np.var(self.plain_array(), ddof=ddof)

    def median(self, *_: Any, **__: Any) -> Any:
        """Return the median."""
        return np.median(self.plain_array())

    def quantile(self, share: Any = 0.5, **_: Any) -> Any:
        """Return what a share of the entries is below."""
        return self.remade(np.quantile(self.plain_array(), share))

    def mode(self, *_: Any, **__: Any) -> Any:
        """Return the most frequent entry."""
        values, counts = np.unique(self.plain_array(), return_counts=True)
        return self.remade(values[counts == counts.max()])

    def count(self, *_: Any) -> int:
        """Return how many entries there are."""
        return len(self.plain_array())

    def describe(self, *_: Any, **__: Any) -> Any:
        """Return its moments by name."""
        from crosscheck.recognise.frames.row import row

        names = ["count", "mean", "std", "min", "25%", "50%", "75%", "max"]
        values = self.plain_array()
        quartiles = np.quantile(values, [0, 0.25, 0.5, 0.75, 1])
        return row(np.array([len(values), values.mean(), self.std(), *quartiles]), names)

    def corr(self, other: Any, *_: Any, **__: Any) -> Any:
        """Return how far it goes along with another."""
        return np.corrcoef(self.plain_array(), np.asarray(other))[0, 1]

    def cov(self, other: Any, *_: Any, **__: Any) -> Any:
        """Return the covariance with another."""
        return np.cov(self.plain_array(), np.asarray(other))[0, 1]

    def skew(self, *_: Any, **__: Any) -> Any:
        """Return the third moment."""
        values = self.plain_array()
        return np.mean((values - values.mean()) ** 3) / values.std() ** 3

    def kurt(self, *_: Any, **__: Any) -> Any:
        """Return the fourth moment over that of a normal distribution."""
        values = self.plain_array()
        return np.mean((values - values.mean()) ** 4) / values.std() ** 4 - 3

    kurtosis = kurt

    def abs(self) -> Any:
        """Return absolute values."""
        return self.remade(np.abs(self.plain_array()))

    def clip(self, *bounds: Any, lower: Any = None, upper: Any = None, **_: Any) -> Any:
        """Return the entries within bounds."""
        lower, upper = (*bounds, *(None, None)[len(bounds) :]) if bounds else (lower, upper)
        return self.remade(np.clip(self.plain_array(), lower, upper))

    def round(self, decimals: int = 0, *_: Any, **__: Any) -> Any:
        """Return rounded entries."""
        return self.remade(np.round(self.plain_array(), decimals))

    def between(self, lower: Any, upper: Any, **_: Any) -> Any:
        """Tell of each entry whether it is within bounds."""
        return self.remade((self.plain_array() >= lower) & (self.plain_array() <= upper))

    def idxmax(self, *_: Any, **__: Any) -> Any:
        """Return the row of the largest entry."""
        return int(np.argmax(self.plain_array()))

    def idxmin(self, *_: Any, **__: Any) -> Any:
        """Return the row of the smallest entry."""
        return int(np.argmin(self.plain_array()))


def _reduction(name: str) -> Callable[..., Any]:
    def reduced(self: Moments, *_: Any, **options: Any) -> Any:
        kept = {option: value for option, value in options.items() if option in ("dtype", "out", "keepdims")}
        return getattr(np, name)(self.plain_array(), **kept)

    reduced.__doc__ = f"Return the {name} of all entries."
    return reduced


def _along(name: str) -> Callable[..., Any]:
    def computed(self: Moments, *_: Any, **__: Any) -> Any:
        return self.remade(getattr(np, name)(self.plain_array()))

    computed.__doc__ = f"Return the {name} of the entries up to each."
    return computed


def operation(name: str) -> Callable[..., Any]:
    """Return the method that stands for an operator: `column.add(other)`."""
    swapped = name.startswith("r") and name != "right"
    function = _OPERATIONS[name[1:] if swapped else name]

    def computed(self: Any, other: Any, axis: Any = 1, *_: Any, **__: Any) -> Any:
        if self.ndim == 2 and axis in (0, "index", "rows") and np.ndim(other) == 1:
            other = np.asarray(other)[:, None]
        return function(other, self) if swapped else function(self, other)

    computed.__doc__ = f"Return what the operator {name} makes of it and another."
    return computed


_OPERATIONS = {
    "add": np.add,
    "sub": np.subtract,
    "subtract": np.subtract,
    "mul": np.multiply,
    "multiply": np.multiply,
    "div": np.true_divide,
    "divide": np.true_divide,
    "truediv": np.true_divide,
    "floordiv": np.floor_divide,
    "mod": np.mod,
    "pow": np.power,
    "eq": lambda one, other: one == other,
    "ne": lambda one, other: one != other,
    "gt": np.greater,
    "ge": np.greater_equal,
    "lt": np.less,
    "le": np.less_equal,
}
OPERATIONS = [*_OPERATIONS, "radd", "rsub", "rmul", "rdiv", "rtruediv"]

for _name in ("mean", "sum", "min", "max", "prod", "any", "all", "ptp"):
    setattr(Moments, _name, _reduction(_name))
for _name in ("cumsum", "cumprod"):
    setattr(Moments, _name, _along(_name))
for _name in OPERATIONS:
    setattr(Moments, _name, operation(_name))
