"""Cases of many sizes in arrays of one size, so that the twin compiles once for all of them.

JAX compiles each new shape for half a second, a thousand times as long as a small case takes to run. Only the twin is
padded; the subject sees the case as it is. Padding changes loss, final state and gradients of the twin by rounding
alone, and the gradients of everything that was added are exactly zero:

| added | how | why nothing gets through |
|---|---|---|
| hidden units | zeros in all that leads to or from them | z = 0, so h = 0; and no weight leads back from y or z |
| symbols | weights zero, bias far below every logit | their probability underflows to exactly 0 |
| time steps | `lengths` of the loss | the state passes through them unchanged, their loss is left out |
| sequences | a length of 0 | all of their steps are left out |

The bias of an added symbol is finite although −∞ would give the same gradients: the noise floor multiplies by random
factors and adds in proportion to size, and ∞ − ∞ is NaN.
"""

from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from autodiff.rnn import Evaluation, Probes
from manual.errors import InputError
from manual.parameters import Parameters

_Result = TypeVar("_Result", Evaluation, Probes)


class Sizes(NamedTuple):
    """Sizes of one case, or of the bucket that it is padded to."""

    vocabulary: int
    hidden: int
    time: int
    batch: int = 1


class Case(NamedTuple):
    """A padded case: the positional arguments of the functions in autodiff/rnn.py, in their order.

    `loss_and_gradients(*case)` evaluates it. Cases of one bucket stack (`jax.tree.map(lambda *a: np.stack(a), *cases)`)
    and then take `jax.jit(jax.vmap(lambda case: loss_and_gradients(*case)))`.
    """

    parameters: Parameters
    inputs: Int[np.ndarray, "*models time batch"]
    targets: Int[np.ndarray, "*models time batch"]
    initial_state: Float[np.ndarray, "*models batch hidden"]
    lengths: Int[np.ndarray, "*models batch"]


# A letter for each trailing axis of each array; model axes, if any, come before them.
_PARAMETER_AXES = Parameters(Wxh="HV", Whh="HH", Why="VH", bh="H", by="V")
_RESULT_AXES = {
    Evaluation: Evaluation._make(("", _PARAMETER_AXES, "BH", "BH")),
    Probes: Probes(y="TBV", h="TBH", z="TBH"),
}


def sizes_of(parameters: Parameters, inputs: Int[np.ndarray, "..."]) -> Sizes:
    """Return the sizes of a case; the batch of a single sequence is 1."""
    time, *batch = inputs.shape[parameters.bh.ndim - 1 :]
    return Sizes(parameters.by.shape[-1], parameters.bh.shape[-1], time, *batch)


def pad(
    parameters: Parameters,
    inputs: Int[np.ndarray, "*steps"],
    targets: Int[np.ndarray, "*steps"],
    initial_state: Float[np.ndarray, "*states"],
    bucket: Sizes,
) -> Case:
    """Return the case padded to the sizes of the bucket, in NumPy; a single sequence becomes a batch.

    `inputs` and `targets` have shape (*models, time[, batch]), `initial_state` has shape (*models, [batch,] hidden).
    Model axes are kept. The arrays that come back are new. Raises InputError where the bucket is too small.
    """
    sizes = sizes_of(parameters, inputs)
    if any(size > room for size, room in zip(sizes, bucket, strict=True)):
        raise InputError(f"A case of {sizes} does not fit into {bucket}: pad to sizes at least as large.")
    if _is_single(parameters, inputs):
        inputs, targets, initial_state = inputs[..., None], targets[..., None], initial_state[..., None, :]
    padded = Parameters(*(_enlarged(p, axes, bucket) for p, axes in zip(parameters, _PARAMETER_AXES, strict=True)))
    padded.by[..., sizes.vocabulary :] = _impossible(padded.by.dtype)
    models = parameters.bh.shape[:-1]
    lengths = np.where(np.arange(bucket.batch) < sizes.batch, sizes.time, 0)
    return Case(
        padded,
        _enlarged(inputs, "TB", bucket),
        _enlarged(targets, "TB", bucket),
        _enlarged(initial_state, "BH", bucket),
        np.broadcast_to(lengths, (*models, bucket.batch)).copy(),
    )


def unpad(result: _Result, parameters: Parameters, inputs: Int[np.ndarray, "..."]) -> _Result:
    """Return what was computed for a padded case, in NumPy, cut to the sizes of the case before it was padded."""
    sizes = dict(zip("VHTB", sizes_of(parameters, inputs), strict=True))
    single = _is_single(parameters, inputs)

    def cut(axes: str, array: Any) -> np.ndarray:
        index = (0 if single and axis == "B" else slice(sizes[axis]) for axis in axes)
        return np.asarray(array)[(..., *index)]

    return jax.tree.map(cut, _RESULT_AXES[type(result)], result)


def _is_single(parameters: Parameters, inputs: np.ndarray) -> bool:
    return inputs.ndim == parameters.bh.ndim


def _enlarged(array: np.ndarray, axes: str, bucket: Sizes) -> np.ndarray:
    room = dict(zip("VHTB", bucket, strict=True))
    models = array.shape[: array.ndim - len(axes)]
    enlarged = np.zeros((*models, *(room[axis] for axis in axes)), array.dtype)
    enlarged[(..., *map(slice, array.shape[len(models) :]))] = array
    return enlarged


def _impossible(dtype: np.dtype) -> np.floating:
    # A quarter of the largest number leaves room for the sums and differences that log-softmax and the noise take.
    return jnp.finfo(dtype).max / -4  # which knows bfloat16 as well
