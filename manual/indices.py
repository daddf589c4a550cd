"""The checks at the door of the recurrent network: symbol indices, hidden states and the truncation window.

NumPy takes -1 for the last entry and True for 1 without a word; nothing of the kind gets through here.
"""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int

from manual.errors import InputError
from manual.parameters import Floating, Parameters, is_finite


class Batch(NamedTuple):
    """Checked data, always with a batch axis."""

    inputs: Int[np.ndarray, "*models time batch"]
    targets: Int[np.ndarray, "*models time batch"]
    initial_state: Floating[np.ndarray, "*models batch hidden"]
    has_batch_axis: bool
    """False if the caller's arrays had no batch axis, so that the results have none either."""


def check_batch(parameters: Parameters, inputs: Any, targets: Any, initial_state: Any) -> Batch:
    """Refuse indices and states that do not belong to (valid) parameters; insert the batch axis where there is none.

    Raises InputError.
    """
    *models, V = parameters.by.shape
    inputs = check_indices("inputs", inputs, V)
    targets = check_indices("targets", targets, V)
    if inputs.ndim not in (len(models) + 1, len(models) + 2) or inputs.shape[: len(models)] != tuple(models):
        axes = ", ".join([*map(str, models), "time"])
        raise InputError(
            f"inputs has shape {inputs.shape}, expected ({axes}{'' if models else ','}) or ({axes}, batch)."
        )
    if targets.shape != inputs.shape:
        raise InputError(
            f"targets has shape {targets.shape}, inputs has {inputs.shape}: every input needs the one symbol that "
            f"follows it{_transposed(targets.shape, inputs.shape, 'targets')}."
        )
    has_batch_axis = inputs.ndim == len(models) + 2
    initial_state = check_state("initial_state", initial_state, parameters, inputs.shape[len(models) + 1 :])
    if not has_batch_axis:
        inputs, targets, initial_state = inputs[..., None], targets[..., None], initial_state[..., None, :]
    return Batch(inputs, targets, initial_state, has_batch_axis)


def check_indices(name: str, indices: Any, vocabulary_size: int) -> Int[np.ndarray, "..."]:
    """Return symbol indices as NumPy's own index type; refuse what is empty, not an integer, negative or too large."""
    try:
        indices = np.asarray(indices)
    except ValueError:
        raise InputError(f"{name} has rows of different lengths: cut the sequences to one length.") from None
    if indices.size == 0:
        raise InputError(f"{name} is empty, expected at least one symbol index.")
    if indices.dtype.kind not in "iu":
        raise InputError(
            f"{name} has dtype {indices.dtype}, expected integers from 0 to {vocabulary_size - 1}: encode the symbols "
            "with the vocabulary, or use .astype(np.int64) if the values are whole numbers."
        )
    numbers = indices.astype(np.intp, copy=False)
    if (
        np.maximum.reduce(numbers.view(np.uintp), axis=None) >= vocabulary_size
    ):  # one pass finds both kinds: read unsigned, -1 is the largest
        place = tuple(int(i) for i in np.argwhere((indices < 0) | (indices >= vocabulary_size))[0])
        raise InputError(
            f"{name} holds {indices[place]} at index {place}, expected integers from 0 to {vocabulary_size - 1} for "
            f"vocabulary size {vocabulary_size}: encode the text with the vocabulary that the parameters were made for."
        )
    return numbers


def check_state(
    name: str, state: Any, parameters: Parameters, batch_shape: tuple[int, ...]
) -> Floating[np.ndarray, "*models_and_batch hidden"]:
    """Return a hidden state of the parameters' dtype for `batch_shape` (`()` for a single sequence)."""
    *models, H = parameters.bh.shape
    expected = (*models, *batch_shape, H)
    if not isinstance(state, np.ndarray):
        raise InputError(f"{name} is a {type(state).__name__}, expected a NumPy array: use np.asarray.")
    if state.shape != expected:
        hint = f": it looks as if the hidden size was {state.shape[-1]}" if state.shape[-1:] not in ((H,), (1,)) else ""
        if state.shape == (*expected, 1):
            hint = f": it looks like a column vector; pass {name}[..., 0]"
        elif not models:
            hint = _transposed(state.shape, expected, name) or hint
        raise InputError(f"{name} has shape {state.shape}, expected {expected} for hidden size {H}{hint}.")
    if state.dtype != parameters.bh.dtype:
        raise InputError(
            f"{name} has dtype {state.dtype}, the parameters have {parameters.bh.dtype}: "
            f"use {name}.astype(np.{parameters.bh.dtype})."
        )
    if not is_finite(state):
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(state))[0])
        raise InputError(f"{name} holds {state[place]} at index {place}: start from a state that is finite.")
    return state


def check_window(window: Any) -> None:
    """Refuse a truncation window that is not an integer of at least 1 (None stands for the full gradient)."""
    if window is None:
        return
    if isinstance(window, bool) or not isinstance(window, int | np.integer) or window < 1:
        raise InputError(
            f"window is {window!r}, expected None for the full gradient or the number of steps, at least 1, between "
            "two cuts of the carry."
        )


def _transposed(shape: tuple[int, ...], expected: tuple[int, ...], name: str) -> str:
    looks_transposed = len(shape) == 2 and shape[::-1] == expected
    return f"; it looks transposed: pass {name}.T" if looks_transposed else ""
