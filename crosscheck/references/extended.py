"""The subject's forward in extended precision, differentiated by differences: some three digits better than float64.

np.longdouble has 64 mantissa bits on x86 and is no better than float64 on many other processors, where this reference
says so and is left out. The arrays are plain: where the subject narrows them, the scatter of the values shows it.
"""

from typing import Any, ClassVar

import numpy as np

from crosscheck.references.standins import rebuilt


class ExtendedPrecision:
    """The arithmetic of plain longdouble arrays, as the stand-ins for NumPy want it."""

    carried: ClassVar[np.dtype] = np.dtype(np.longdouble)

    @classmethod
    def carry(cls, value: Any) -> Any:
        """Return floating numbers in extended precision, everything else as it is."""
        if not isinstance(value, np.ndarray | np.generic) or value.dtype.kind != "f":
            return value
        return value.astype(np.longdouble, copy=False)

    @classmethod
    def computed(cls, value: Any) -> Any:
        """Return what a function computed in float64: it has no more digits, but may go where others have."""
        return cls.carry(value)

    @classmethod
    def holds(cls, value: Any) -> bool:
        """Tell whether a value must not become a Python float."""
        return isinstance(value, np.generic | np.ndarray) and value.dtype == cls.carried


def has_extended_precision() -> bool:
    """Tell whether np.longdouble has more than the 53 mantissa bits of float64 here."""
    return np.finfo(np.longdouble).nmant > np.finfo(np.float64).nmant


def in_extended_precision(loss: Any) -> Any:
    """Return the function's double that allocates in extended precision."""
    return rebuilt(loss, ExtendedPrecision)
