"""Calls of a forward and a backward pass with plain numbers alone, `layer.forward(100, 2)`: these are to be varied.

A whole number that a program writes for an amount is no index and no size, if the call bears fractions in its place.
"""

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.leaves import leaves
from crosscheck.recognise.places import returned_names

FRACTIONS = "the numbers that {} is handed were varied, and may be fractions"


def with_numbers(forward: Entry, backward: Entry) -> tuple[Entry, Entry] | None:
    """Return two calls with arrays without axes in place of numbers; None where there are arrays, or no numbers.

    What the backward pass is handed of the forward's result, or of its arguments, is one array with these.
    """
    if not (_is_plain(forward) and _is_plain(backward) and _is_number(forward.returned)):
        return None
    given, handed = _arrays(forward.arguments), _arrays(backward.arguments)
    if not handed or given.keys() & handed.keys():
        return None
    first = replace(
        forward, arguments={**forward.arguments, **given}, returned=np.asarray(forward.returned, dtype=np.float64)
    )
    return first, replace(backward, arguments={**backward.arguments, **handed})


def with_named_numbers(forward: Entry, backward: Entry, node: ast.FunctionDef) -> tuple[Entry, Entry] | None:
    """Return two calls with arrays without axes in place of the numbers that the backward pass returns gradients of.

    `backward(x, states, d_out, w)` returns `dw`, and forward and backward are handed one number w. None where there is
    no such number.
    """
    returned = {word for words in returned_names(node).values() for word in words}
    numbers = {
        name: np.array(value)
        for name, value in forward.arguments.items()
        if type(value) in (float, np.float64) and any(naming.is_gradient_of(word, name) > 1 for word in returned)
    }
    if not numbers or not any(isinstance(value, np.ndarray) and value.ndim for value in forward.arguments.values()):
        return None
    handed = {name: np.array(value) for name, value in backward.arguments.items() if name in numbers}
    if any(handed[name] != numbers[name] for name in handed):
        return None
    first = replace(forward, arguments={**forward.arguments, **numbers})
    return first, replace(backward, arguments={**backward.arguments, **handed})


def with_ones(forward: Entry, backward: Entry) -> Entry | None:
    """Return the call of a backward pass with ones for what it is handed, where that is the number one for them all.

    `gate.backward(1)` is the slope of the gate: None where the forward returned no array, or the backward another.
    """
    handed = {name: value for name, value in backward.arguments.items() if name != "self"}
    output, slopes = forward.returned, backward.returned
    are_alike = isinstance(output, np.ndarray) and isinstance(slopes, np.ndarray) and output.shape == slopes.shape
    if len(handed) != 1 or not are_alike or not output.ndim or output.dtype.kind != "f":
        return None
    ((name, value),) = handed.items()
    if type(value) not in (int, float) or value != 1 or not naming.is_gradient_argument(name):
        return None
    return replace(backward, arguments={**backward.arguments, name: np.ones_like(output)})


def with_gradients_apart(forward: Entry, backward: Entry) -> Entry | None:
    """Return the call of a backward pass with arrays of their own for gradients that are what its forward was handed.

    `cell.forward(x, h, c); cell.backward(h, c)` tries whether it runs. None where there are none of these.
    """
    known = {id(value): original for original, value in backward.memo.items() if original != -1}
    handed = {id(value) for value in forward.arguments.values()}
    given = {original for original, value in forward.memo.items() if original != -1 and id(value) in handed}
    shared = {
        name: value.copy()
        for name, value in backward.arguments.items()
        if isinstance(value, np.ndarray)
        and naming.is_gradient_argument(name)
        and known.get(id(value)) in given
        and not any(naming.is_gradient_argument(other) for other in forward.arguments)
    }
    return replace(backward, arguments={**backward.arguments, **shared}) if shared else None


def with_fractions(forward: Entry) -> Entry | None:
    """Return a call with fractions in place of tables of whole numbers; None where there are none.

    It raises where they were indices.
    """
    tables = {
        name: value
        for name, value in forward.arguments.items()
        if isinstance(value, np.ndarray) and value.ndim > 1 and value.dtype.kind in "iu" and np.ptp(value) > 1
    }
    if not tables:
        return None
    drawn = np.random.default_rng(len(tables))
    given = {name: drawn.standard_normal(value.shape) for name, value in tables.items()}
    return replace(forward, arguments={**forward.arguments, **given})


def _is_plain(entry: Entry) -> bool:
    """Tell whether a call is handed numbers, and what holds none of its own."""
    others = {name: value for name, value in entry.arguments.items() if not _is_number(value) and not _is_array(value)}
    return others.keys() <= {"self"} and not any(np.ndim(leaf.value) for leaf in leaves(others))


def _arrays(arguments: Mapping[str, Any]) -> dict[str, np.ndarray]:
    return {name: np.array(float(value)) for name, value in arguments.items() if _is_number(value)}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 0
