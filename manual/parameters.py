"""The five arrays of a character RNN, and the checks at the door.

Letters are fixed here and kept everywhere: V symbols in the vocabulary, H hidden units, T time steps, B sequences in a
batch. `*models` stands for leading axes that stack many small models; most users have none.
"""

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from jaxtyping import AbstractDtype

from manual.errors import InputError

DTYPES = tuple(np.dtype(kind) for kind in (np.float16, np.float32, np.float64, np.longdouble))

_ACCEPTED = frozenset(DTYPES)  # looked up in a fraction of the time

if TYPE_CHECKING:  # as jaxtyping does it for its own dtypes
    from typing import Annotated as Floating
else:

    class Floating(AbstractDtype):
        """Arrays of one of DTYPES: jaxtyping's own Float has no longdouble."""

        dtypes = tuple(sorted({dtype.type.__name__ for dtype in DTYPES}))


class Parameters(NamedTuple):
    """Weights and biases of `h[t] = tanh(Wxh x[t] + Whh h[t-1] + bh)`, `y[t] = Why h[t] + by`.

    Gradients, optimiser memories and updates use this class as well: one array for each array. The leaves are NumPy
    arrays in `manual` and JAX arrays in `autodiff`.
    """

    Wxh: Any
    """Input-to-hidden weights, shape (*models, H, V)."""
    Whh: Any
    """Hidden-to-hidden weights, shape (*models, H, H)."""
    Why: Any
    """Hidden-to-output weights, shape (*models, V, H)."""
    bh: Any
    """Hidden bias, shape (*models, H)."""
    by: Any
    """Output bias, shape (*models, V)."""


LONG_NAMES = Parameters(
    Wxh="input-to-hidden weights (Wxh)",
    Whh="hidden-to-hidden weights (Whh)",
    Why="hidden-to-output weights (Why)",
    bh="hidden bias (bh)",
    by="output bias (by)",
)


def initialise(
    vocabulary_size: int,
    hidden_size: int,
    *,
    seed: int,
    scale: float = 0.01,
    dtype: Any = np.float64,
) -> Parameters:
    """Draw weights from a normal distribution times `scale`; biases are zero, as in the gist this project grew from.

    The weights are drawn in float64 and then rounded, so every dtype starts from the same model.

    >>> initialise(vocabulary_size=5, hidden_size=3, seed=0).Wxh.shape
    (3, 5)
    """
    for name, size in (("vocabulary_size", vocabulary_size), ("hidden_size", hidden_size)):
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
            raise InputError(f"{name} is {size!r}, expected an integer of at least 1.")
    if np.dtype(dtype) not in DTYPES:
        raise InputError(f"dtype is {np.dtype(dtype)}, expected one of {', '.join(map(str, DTYPES))}.")
    if not np.isfinite(scale):
        raise InputError(f"scale is {scale}, expected a finite number such as 0.01.")
    random = np.random.default_rng(seed)
    V, H = vocabulary_size, hidden_size

    def normal(*shape: int) -> Floating[np.ndarray, "..."]:
        return (scale * random.standard_normal(shape)).astype(dtype)

    return Parameters(
        Wxh=normal(H, V),
        Whh=normal(H, H),
        Why=normal(V, H),
        bh=np.zeros(H, dtype),
        by=np.zeros(V, dtype),
    )


def validate(parameters: Parameters) -> None:
    """Refuse arrays that do not form one model: wrong shapes, mixed dtypes, NaN or infinity.

    Raises InputError with the name of the array, its shape, the expected shape and what the difference looks like.
    """
    dtype = getattr(parameters.bh, "dtype", None)
    for array in parameters:
        if not isinstance(array, np.ndarray) or array.dtype != dtype:
            raise InputError(_dtype_sentence(parameters))
    if dtype not in _ACCEPTED:
        raise InputError(_dtype_sentence(parameters))
    Whh, bh, by = parameters.Whh, parameters.bh, parameters.by
    for field, bias in (("bh", bh), ("by", by)):
        if bias.ndim < 1 or bias.ndim != Whh.ndim - 1:
            raise InputError(_bias_sentence(field, bias.shape, Whh.shape))
    *models, H = bh.shape
    V = by.shape[-1]
    expected = ((*models, H, V), (*models, H, H), (*models, V, H), (*models, H), (*models, V))
    for field, array, shape in zip(Parameters._fields, parameters, expected, strict=True):
        if array.shape != shape:
            raise InputError(_shape_sentence(field, array.shape, shape, H, V))
        if array.size == 0:
            raise InputError(f"{field} has shape {array.shape}, which is empty: every size is at least 1.")
        if not is_finite(array):
            index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            raise InputError(f"{field} holds {array[index]} at index {index}: restart from parameters that are finite.")


def is_finite(array: Floating[np.ndarray, "..."]) -> bool:
    """Tell whether no entry is NaN or infinite.

    The sum of squares is computed in a fraction of the time, and finite only if every entry is. It may overflow.
    """
    return math.isfinite(np.vdot(array, array)) or bool(np.isfinite(array).all())


def _dtype_sentence(parameters: Parameters) -> str:
    for field, array in zip(Parameters._fields, parameters, strict=True):
        if not isinstance(array, np.ndarray):
            return f"{field} is a {type(array).__name__}, expected a NumPy array: use np.asarray."
        if array.dtype not in DTYPES:
            return f"{field} has dtype {array.dtype}, expected a floating dtype: use .astype(np.float64)."
    held = ", ".join(f"{field} {array.dtype}" for field, array in zip(Parameters._fields, parameters, strict=True))
    return f"The parameters mix dtypes ({held}): convert all of them to one."


def _bias_sentence(field: str, shape: tuple[int, ...], weights: tuple[int, ...]) -> str:
    sentence = f"{field} has shape {shape}, expected one axis fewer than Whh, which has shape {weights}"
    if shape[-1:] == (1,):
        return f"{sentence}: it looks like a column vector; pass {field}[..., 0]."
    return f"{sentence}: pass a vector for each model."


def _shape_sentence(field: str, shape: tuple[int, ...], expected: tuple[int, ...], hidden: int, vocabulary: int) -> str:
    sentence = (
        f"{field} has shape {shape}, expected {expected} for hidden size {hidden} (the length of bh) and vocabulary "
        f"size {vocabulary} (the length of by)"
    )
    if len(shape) == len(expected) == 2 and shape[::-1] == expected:
        return f"{sentence}: it looks transposed; pass {field}.T."
    if len(shape) == len(expected):
        axis = next(axis for axis, size in enumerate(shape) if size != expected[axis])
        return f"{sentence}: axis {axis} has {shape[axis]} entries in place of {expected[axis]}."
    return f"{sentence}: it has {len(shape)} axes in place of {len(expected)}."
