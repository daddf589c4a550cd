"""The floating-point formats that a subject may work in, from coarse to fine."""

import functools
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from crosscheck.errors import CrosscheckError


class Precision(NamedTuple):
    """One format. All three numbers are powers of two, except that `longdouble` may be wider than a Python float."""

    name: str
    epsilon: float | np.longdouble
    """Distance from 1 to the next number: twice the largest relative error of one rounding."""
    smallest_normal: float | np.longdouble
    """Smallest positive number of full precision; what lies below may be flushed to zero."""
    smallest: float | np.longdouble
    """Smallest positive number, a denormal."""


# Found by name: NumPy knows bfloat16 only after ml_dtypes was imported, and these powers of two never change.
BFLOAT16 = Precision("bfloat16", 2.0**-7, 2.0**-126, 2.0**-133)
FLOAT16 = Precision("float16", 2.0**-10, 2.0**-14, 2.0**-24)
FLOAT32 = Precision("float32", 2.0**-23, 2.0**-126, 2.0**-149)
FLOAT64 = Precision("float64", 2.0**-52, 2.0**-1022, 2.0**-1074)
_BY_NAME = {precision.name: precision for precision in (BFLOAT16, FLOAT16, FLOAT32, FLOAT64)}


@functools.cache
def of_dtype(dtype: np.dtype[Any]) -> Precision | None:
    """Return the precision of a real floating dtype, None for any other (integers, complex, objects).

    >>> of_dtype(np.dtype(np.int64)) is None
    True
    """
    known = _BY_NAME.get(dtype.name)
    if known is None and dtype.kind == "f" and dtype.type is np.longdouble:
        limits = np.finfo(np.longdouble)
        return Precision("longdouble", limits.eps, limits.smallest_normal, limits.smallest_subnormal)
    return known


def precision_of(dtypes: Iterable[Any]) -> Precision:
    """Return the coarsest precision among dtypes; what is not floating does not count.

    Raises CrosscheckError (`no-floating-dtype`) if none of them is floating.

    >>> precision_of([np.float64, np.float32, np.int64]).name
    'float32'
    """
    given = [np.dtype(dtype) for dtype in dtypes]
    known = [precision for dtype in given if (precision := of_dtype(dtype)) is not None]
    if not known:
        held = ", ".join(sorted({str(dtype) for dtype in given})) or "no array at all"
        raise CrosscheckError(
            f"None of the arrays is floating ({held}), so there is nothing to differentiate: "
            "convert the parameters with .astype(np.float64).",
            code="no-floating-dtype",
        )
    return max(known, key=lambda precision: precision.epsilon)
