"""The arithmetics in which a recognised call is made: complex numbers, longer ones, and doubles."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from crosscheck.recognise import continued
from crosscheck.references import composites

ARRAYS = (np.ndarray, np.generic)


class Complex(np.ndarray):  # pyright: ignore
    """A complex array whose variance is that of a real one, continued analytically: NumPy's takes absolute values."""

    def var(self, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, **options: Any) -> Any:  # pyright: ignore
        """Return the mean squared distance from the mean."""
        return composites.var(self, axis, dtype, out, ddof, options.get("keepdims", False))

    def std(self, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, **options: Any) -> Any:  # pyright: ignore
        """Return the root of the variance."""
        return np.sqrt(self.var(axis, dtype, out, ddof, **options))

    def __abs__(self) -> Any:
        return continued.absolute(self)


class PlainComplex:
    """The arithmetic of plain complex arrays, as the stand-ins for NumPy want it."""

    carried: ClassVar[np.dtype] = np.dtype(np.complex128)
    functions: ClassVar[Mapping[str, Callable[..., Any]]] = continued.FUNCTIONS

    @classmethod
    def carry(cls, value: Any) -> Any:
        """Return floating numbers as complex ones, everything else as it is."""
        if not isinstance(value, ARRAYS) or value.dtype.kind != "f":
            return value
        return np.asarray(value, np.complex128).view(Complex)

    @classmethod
    def holds(cls, value: Any) -> bool:
        """Tell whether a value must not become a Python float."""
        return isinstance(value, complex | np.complexfloating) or (
            isinstance(value, np.ndarray) and value.dtype.kind == "c"
        )


class LongComplex(PlainComplex):
    """The same with more digits: what they change is the rounding of the plain complex step."""

    carried: ClassVar[np.dtype] = np.dtype(np.clongdouble)

    @classmethod
    def carry(cls, value: Any) -> Any:
        """Return floating numbers as complex ones, everything else as it is."""
        if not isinstance(value, np.ndarray | np.generic) or value.dtype.kind != "f":
            return value
        return np.asarray(value, np.clongdouble).view(Complex)


class PlainDouble:
    """The arithmetic of plain float64 arrays: the differences of a float32 forward would drown in its rounding."""

    carried: ClassVar[np.dtype] = np.dtype(np.float64)

    @classmethod
    def carry(cls, value: Any) -> Any:
        """Return floating numbers in float64, everything else as it is."""
        if not isinstance(value, ARRAYS) or value.dtype.kind != "f":
            return value
        return value.astype(np.float64)

    @classmethod
    def holds(cls, value: Any) -> bool:
        """Tell whether a value must not become a Python float: none need be kept from it."""
        del value
        return False
