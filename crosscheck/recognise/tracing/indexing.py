"""What `x[...]` and `x[...] = y` say of shapes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.tracing.choices import Option
from crosscheck.recognise.tracing.lengths import ContradictionError
from crosscheck.recognise.tracing.values import (
    ARRAY,
    PARTS,
    RECORD,
    SEQUENCE,
    TRUTH,
    UNKNOWN,
    Value,
    is_length,
    is_value,
    shape_of,
)


def taken(value: Value, index: Any) -> Any:
    """Return a part of an array, or of what an argument turns out to be."""
    if isinstance(index, str):
        if value.kind not in (UNKNOWN, RECORD):
            raise ContradictionError(f"{value.name} has no {index}")
        value.kind = RECORD
        return value.fields.setdefault(index, Value(value.choices, f"{value.name}[{index!r}]"))
    if value.kind == PARTS:
        if not is_length(index) or not 0 <= index < len(value.fields):
            raise ContradictionError(f"a part of {value.name}")
        return value.fields[int(index)]
    if value.kind in (UNKNOWN, SEQUENCE) and (is_length(index) or _is_single(index)):
        value.sequence()
        if is_value(index):
            index.integer()
        else:
            value.choices.equations.index(value.length(), int(index))
        return value.element
    return value.made(region(value, index), value.number, same=True)


def put(value: Value, index: Any, new: Any) -> None:
    """Let something be written into a part of an array: it has its shape, or axes of length one."""
    if value.kind in (UNKNOWN, SEQUENCE) and is_length(index):
        value.decide(1)
    dims = region(value, index)
    if is_value(new) and new.kind in (UNKNOWN, SEQUENCE):
        new.decide(ranks=tuple(range(len(dims) + 1)))
    other = shape_of(new, value.choices)
    while len(other) > len(dims) and other[0] == 1:
        other = other[1:]
    if len(other) > len(dims):
        raise ContradictionError("more axes than there is room for")
    for own, size in zip(dims[len(dims) - len(other) :], other, strict=True):
        if int(size) != 1:
            value.choices.equations.equal(own, size)


def _is_single(index: Any) -> bool:
    return is_value(index) and index.kind == ARRAY and not index.dims


def region(value: Value, index: Any) -> list[Any]:
    """Return the lengths of what an index takes of an array."""
    parts = list(index) if isinstance(index, tuple) else [index]
    if isinstance(index, tuple) or not isinstance(index, slice | int):
        value.as_array()
    count = sum(_axes(part) for part in parts)
    value.decide(count)
    if any(part is Ellipsis for part in parts):
        place = next(place for place, part in enumerate(parts) if part is Ellipsis)
        parts[place : place + 1] = [slice(None)] * (len(value.dims) - count)
    dims = [value.choices.equations.of(size) for size in value.dims]
    found: list[Any] = []
    arrays: list[list[Any]] = []
    first = None
    for part in parts:
        if part is None:
            found.append(1)
            continue
        if is_value(part) and part.kind in (UNKNOWN, SEQUENCE):
            part.decide(index=True)
        if not dims:
            raise ContradictionError("too many indices")
        if isinstance(part, slice):
            found.append(_sliced(value, dims.pop(0), part))
        elif is_length(part):
            size = dims.pop(0)
            if isinstance(size, int) and type(size) is int and not -size <= int(part) < size:
                raise ContradictionError("beyond the end")
            value.choices.equations.index(size, int(part))
        elif _is_mask(part):
            for own in shape_of(part, value.choices):
                value.choices.equations.equal(own, dims.pop(0))
            arrays.append([value.choices.equations.another("mask")])
            first = len(found) if first is None else first
        else:
            if is_value(part):
                part.integer()
            arrays.append(shape_of(part, value.choices))
            first = len(found) if first is None else first
            dims.pop(0)
    if arrays:
        found[first:first] = broadcast(value, arrays)
    return [*found, *dims]


def _axes(part: Any) -> int:
    if part is None or part is Ellipsis:
        return 0
    return (len(part.dims) if is_value(part) else np.ndim(part)) if _is_mask(part) else 1


def _is_mask(part: Any) -> bool:
    if is_value(part):
        return part.number == TRUTH
    return isinstance(part, np.ndarray) and part.dtype == bool


def _sliced(value: Value, size: Any, part: slice) -> Any:
    """Return how long a slice of an axis is."""
    equations = value.choices.equations
    if part.step not in (None, 1):
        return (
            size if part.step == -1 else len(range(int(size))[slice(*map(_plain, (part.start, part.stop, part.step)))])
        )
    start, stop = _end(part.start, size, 0), _end(part.stop, size, size)
    if type(stop) is int and type(size) is int:
        stop = min(stop, size)
    length = stop - start
    if type(length) is int and length < 0:
        return 0
    return equations.of(length)


def _end(end: Any, size: Any, default: Any) -> Any:
    if end is None:
        return default
    if is_value(end):
        end = end.choices.equations.of(int(end))
    is_negative = int(end) < 0 and (type(end) is int or all(count < 0 for count in end.terms.values()))
    return size + end if is_negative else end


def _plain(number: Any) -> int | None:
    return None if number is None else int(number)


def broadcast(value: Value, shapes: Sequence[Sequence[Any]]) -> list[Any]:
    """Return the shape of several together; where two lengths differ, they are one or one of them is 1."""
    rank = max(map(len, shapes))
    found: list[Any] = []
    for axis in range(-rank, 0):
        size: Any = 1
        for shape in shapes:
            if len(shape) < -axis:
                continue
            size = _common(value, size, shape[axis])
        found.append(size)
    return found


def _common(value: Value, one: Any, other: Any) -> Any:
    equations, hints = value.choices.equations, value.choices.hints
    one, other = equations.of(one), equations.of(other)
    if type(one) is int and one == 1:
        return other
    if type(other) is int and other == 1:
        return one
    if type(one) is int and type(other) is int:
        if one != other:
            raise ContradictionError("cannot be broadcast")
        return one
    singles = [size for size in (one, other) if (name := _name(size)) and hints.may_be_one(name)]
    if singles and equations.resolved(dict(getattr(one, "terms", {}))) != equations.resolved(
        dict(getattr(other, "terms", {}))
    ):
        options = [Option("equal", 0.0), *(Option(_name(size), hints.cost_of_one(_name(size))) for size in singles)]
        names = " and ".join(sorted(_name(size) or str(int(size)) for size in (one, other)))
        answer = value.choices.chosen(f"{names} in one axis", options)
        if answer != "equal":
            single = next((size for size in singles if _name(size) == answer), None)
            if single is None:
                raise ContradictionError("answered otherwise")
            equations.equal(single, 1)
            return equations.of(other if single is one else one)
    return equations.equal(one, other)


def _name(size: Any) -> str | None:
    """Return the unknown that a length is; None if it is anything else."""
    terms = getattr(size, "terms", {})
    if len(terms) == 1:
        ((term, count),) = terms.items()
        if len(term) == 1 and count == 1:
            return term[0]
    return None
