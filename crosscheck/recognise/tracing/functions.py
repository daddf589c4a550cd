"""What NumPy's functions say of shapes: those that take two lengths for one; all others are tried on plain arrays."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.tracing.choices import Choices
from crosscheck.recognise.tracing.indexing import broadcast, put
from crosscheck.recognise.tracing.lengths import ContradictionError
from crosscheck.recognise.tracing.values import (
    ARRAY,
    FLOAT,
    INTEGER,
    SEQUENCE,
    TRUTH,
    UNKNOWN,
    Value,
    concrete,
    is_value,
    number_of,
    same_rank,
    shape_of,
)

COMPARE = {"equal", "not_equal", "less", "less_equal", "greater", "greater_equal"}
LOGICAL = {"logical_and", "logical_or", "logical_not", "logical_xor", "isnan", "isfinite", "isinf"}
EXACT = {"add", "subtract", "multiply", "negative", "absolute", "maximum", "minimum", "floor_divide", "remainder"}
"""What makes integers of integers"""


def ufunc(choices: Choices, called: np.ufunc, way: str, *given: Any, **named: Any) -> Any:
    """Return what a function of entries returns."""
    if way == "at":
        where, index, *new = given
        if not is_value(where):
            return None
        return put(where, index, new[0]) if new else None
    if way == "outer":
        dims = [size for one in given for size in shape_of(one, choices)]
        return Value(choices, "", dims)
    if way != "__call__":
        return fallback(choices, getattr(called, way), *given, **named)
    if called is np.matmul:
        return product(choices, given[0], given[1], is_dot=False)
    name = called.__name__
    for one in given:
        if is_value(one) and one.kind in (UNKNOWN, SEQUENCE):
            one.decide()
    if name in COMPARE:
        _compared(given)
    dims = broadcast(Value(choices), [shape_of(one, choices) for one in given])
    numbers = {number_of(one) for one in given}
    number = TRUTH if name in COMPARE | LOGICAL else FLOAT
    if name in EXACT and FLOAT not in numbers:
        number = INTEGER
    out = named.get("out")
    if out is not None and is_value(first := out[0] if isinstance(out, tuple) else out):
        for own, size in same_rank(first.dims, dims):
            choices.equations.equal(own, size)
        return first
    return Value(choices, "", dims, number)


def _compared(given: Sequence[Any]) -> None:
    """Take what is compared with a row of integers for integers."""
    for one, other in (given, given[::-1]):
        is_row = number_of(one) == INTEGER and (is_value(one) or np.ndim(one))
        if is_row and is_value(other) and other.kind == ARRAY and other.dims:
            other.integer()


def product(choices: Choices, one: Any, other: Any, *, is_dot: bool) -> Any:
    """Return the product of two matrices, vectors or stacks."""
    least = 0 if is_dot else 1
    for value in (one, other):
        if is_value(value) and value.kind in (UNKNOWN, SEQUENCE):
            value.decide(least)
    a, b = shape_of(one, choices), shape_of(other, choices)
    if not a or not b:
        if not is_dot:
            raise ContradictionError("a product with a number")
        return Value(choices, "", a or b)
    choices.equations.equal(a[-1], b[-2] if len(b) > 1 else b[-1])
    if is_dot or len(a) < 2 or len(b) < 2:
        dims = [*a[:-1], *b[:-2], *b[-1:]] if len(b) > 1 else a[:-1]
    else:
        dims = [*broadcast(Value(choices), [a[:-2] or [1], b[:-2] or [1]]), a[-2], b[-1]]
        dims = dims[1:] if len(a) == len(b) == 2 else dims
    return Value(choices, "", dims)


def function(choices: Choices, called: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """Return what a function of NumPy returns."""
    rule = RULES.get(called.__name__)
    if rule is not None:
        return rule(choices, *given, **named)
    return fallback(choices, called, *given, **named)


def method(value: Value, name: str, *given: Any, **named: Any) -> Any:
    """Return what a method of an array returns."""
    choices = value.choices
    if name == "reshape":
        return reshape(choices, value, given[0] if len(given) == 1 else given, **named)
    if name == "transpose":
        axes = given[0] if len(given) == 1 and isinstance(given[0], tuple | list) else given
        return fallback(choices, np.transpose, value, axes or None)
    if name == "astype":
        is_integer = np.dtype(given[0] if given else named.get("dtype", float)).kind in "iu"
        return value.made(value.dims, INTEGER if is_integer else value.number, same=is_integer)
    if name == "item":
        return float(value)
    if name == "tolist":
        return value
    if name == "fill":
        return None
    if name in ("dot", "copy", "ravel", "flatten"):
        return RULES[name](choices, value, *given, **named)
    return fallback(choices, lambda array, *rest, **more: getattr(array, name)(*rest, **more), value, *given, **named)


def fallback(choices: Choices, called: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """Call a function on plain arrays of the same lengths, and tell the lengths of its results by their numbers."""
    values = [
        part for part in (*given, *named.values()) for part in (part if isinstance(part, list | tuple) else [part])
    ]
    for value in values:
        if is_value(value):
            value.decide()
    plain = [concrete(one) for one in given]
    try:
        found = called(*plain, **{name: concrete(one) for name, one in named.items()})
    except (ValueError, IndexError, TypeError) as error:
        raise ContradictionError(str(error)) from error
    return _unknown(choices, found, [size for value in values if is_value(value) for size in value.dims])


def _unknown(choices: Choices, found: Any, dims: Sequence[Any]) -> Any:
    """Return stand-ins for what a function returned."""
    if isinstance(found, tuple | list):
        return type(found)(_unknown(choices, part, dims) for part in found)
    if isinstance(found, np.ndarray | np.generic):
        number = {"b": TRUTH, "i": INTEGER, "u": INTEGER}.get(found.dtype.kind, FLOAT)
        return Value(choices, "", [_length(choices, size, dims) for size in found.shape], number)
    return found


def _length(choices: Choices, size: int, dims: Sequence[Any]) -> Any:
    known = [choices.equations.of(one) for one in dims]
    products = [one * other for place, one in enumerate(known) for other in known[place + 1 :]]
    for one in (*known, *products, *(a * b for a in products for b in known)):
        if int(one) == size:
            return one
    return choices.equations.of(size)


def reshape(choices: Choices, value: Any, shape: Any = None, *_: Any, **named: Any) -> Any:
    """Return an array in another shape with as many entries."""
    shape = named.get("newshape", named.get("shape", shape))
    shape = list(shape) if isinstance(shape, tuple | list) else [shape]
    sizes = [size_of(choices, size) for size in shape]
    if is_value(value):
        value.decide()
    total: Any = 1
    for size in shape_of(value, choices):
        total = total * size
    open_ = [place for place, size in enumerate(sizes) if type(size) is int and size == -1]
    known: Any = 1
    for place, size in enumerate(sizes):
        known = known if place in open_ else known * size
    if open_:
        if type(total) is int and type(known) is int:
            if known < 1 or total % known:
                raise ContradictionError("not divisible")
            sizes[open_[0]] = total // known
        else:
            sizes[open_[0]] = _divided(choices, total, known)
    else:
        choices.equations.equal(total, known)
    found = Value(choices, "", sizes, number_of(value))
    found.root = value.root if is_value(value) else found
    return found


def _divided(choices: Choices, whole: Any, part: Any) -> Any:
    if type(part) is int and part == 1:
        return whole
    if type(whole) is int:
        inner = choices.equations.another(f"{whole} / {part!r}")
        choices.equations.equal(inner * part, whole)
        return choices.equations.of(inner)
    return whole // part


def size_of(choices: Choices, size: Any) -> Any:
    """Return what is handed as a length."""
    if is_value(size):
        return choices.hints.as_size(size)
    return choices.equations.of(size) if int(size) >= 0 else int(size)


def _joined(choices: Choices, parts: Any, axis: Any = 0, *_: Any, **named: Any) -> Any:
    axis = named.get("axis", axis)
    parts = list(parts)
    for part in parts:
        if is_value(part):
            part.decide()
    shapes = [shape_of(part, choices) for part in parts]
    if axis is None:
        shapes, axis = [[_product(shape)] for shape in shapes], 0
    rank = len(shapes[0])
    if not -rank <= axis < rank or any(len(shape) != rank for shape in shapes):
        raise ContradictionError("different ranks")
    axis %= rank
    total: Any = 0
    for shape in shapes:
        total = total + shape[axis]
    dims = list(shapes[0])
    for shape in shapes[1:]:
        for place, (own, other) in enumerate(zip(dims, shape, strict=True)):
            if place != axis:
                dims[place] = choices.equations.equal(own, other)
    dims[axis] = total
    numbers = {number_of(part) for part in parts}
    return Value(choices, "", dims, FLOAT if FLOAT in numbers else INTEGER)


def _product(shape: Sequence[Any]) -> Any:
    total: Any = 1
    for size in shape:
        total = total * size
    return total


def _stacked(choices: Choices, parts: Any, axis: int = 0, *_: Any, **named: Any) -> Any:
    parts, axis = list(parts), named.get("axis", axis)
    dims = shape_of(parts, choices)
    length, inner = dims[0], dims[1:]
    axis %= len(dims)
    return Value(choices, "", [*inner[:axis], length, *inner[axis:]], number_of(parts[0]))


def _of_rank(choices: Choices, parts: Any, rank: int, axis: int, *, columns: bool = False) -> Any:
    made = []
    for part in parts:
        if is_value(part):
            part.decide()
        shape = shape_of(part, choices)
        if len(shape) < rank:
            shape = [*shape, 1] if columns else [*[1] * (rank - len(shape)), *shape]
        made.append(Value(choices, "", shape, number_of(part)))
    return _joined(choices, made, axis if len(made[0].dims) > axis else 0)


def _where(choices: Choices, condition: Any, *both: Any) -> Any:
    if not both:
        return fallback(choices, np.where, condition)
    return ufunc(choices, np.add, "__call__", condition, ufunc(choices, np.add, "__call__", *both))


def _split(choices: Choices, value: Any, parts: Any, axis: int = 0, **named: Any) -> Any:
    axis = named.get("axis", axis)
    value.decide()
    dims = list(value.shape)
    if isinstance(parts, int | np.integer):
        dims[axis] = _divided(choices, dims[axis], int(parts))
        return [Value(choices, "", dims) for _ in range(int(parts))]
    ends = [*(size_of(choices, end) for end in parts), dims[axis]]
    found, last = [], 0
    for end in ends:
        own = list(dims)
        own[axis], last = end - last, end
        found.append(Value(choices, "", own))
    return found


def _einsum(choices: Choices, spelled: Any, *arrays: Any, **_: Any) -> Any:
    if not isinstance(spelled, str) or "." in spelled:
        return fallback(choices, np.einsum, spelled, *arrays)
    inputs, arrow, output = spelled.replace(" ", "").partition("->")
    known: dict[str, Any] = {}
    terms = inputs.split(",")
    for letters, array in zip(terms, arrays, strict=True):
        if is_value(array):
            array.decide(ranks=(len(letters),))
        for letter, size in same_rank(letters, shape_of(array, choices)):  # pyright: ignore
            known[letter] = choices.equations.equal(known[letter], size) if letter in known else size
    if not arrow:
        output = "".join(sorted(letter for letter in known if inputs.count(letter) == 1))
    return Value(choices, "", [known[letter] for letter in output])


def _tensordot(choices: Choices, one: Any, other: Any, axes: Any = 2) -> Any:
    a, b = shape_of(one, choices), shape_of(other, choices)
    if isinstance(axes, int):
        first, second = list(range(len(a) - axes, len(a))), list(range(axes))
    else:
        first, second = ([axis] if isinstance(axis, int) else list(axis) for axis in axes)
    for i, j in zip(first, second, strict=True):
        choices.equations.equal(a[i], b[j])
    first, second = [i % len(a) for i in first], [j % len(b) for j in second]
    dims = [size for i, size in enumerate(a) if i not in first] + [size for j, size in enumerate(b) if j not in second]
    return Value(choices, "", dims)


def _along(choices: Choices, value: Any, index: Any, *rest: Any, **named: Any) -> Any:
    for one in (value, index):
        if is_value(one):
            one.decide()
    if is_value(index):
        index.integer()
    axis = named.get("axis", rest[-1] if rest else None)
    for place, (a, b) in enumerate(same_rank(shape_of(value, choices), shape_of(index, choices))):
        if axis is not None and place != axis % len(index.dims) and int(b) != 1:
            choices.equations.equal(a, b)
    return Value(choices, "", shape_of(index, choices))


def _like(choices: Choices, value: Any, *_: Any, **__: Any) -> Any:
    if is_value(value):
        value.decide()
    return Value(choices, "", shape_of(value, choices), FLOAT)


def _same(choices: Choices, value: Any, *_: Any, **named: Any) -> Any:
    """Return an array itself, as `np.asarray(x)` does."""
    if is_value(value) and value.kind in (UNKNOWN, SEQUENCE):
        if value.kind == UNKNOWN:
            value.decide()
        else:
            value.decide(1)
    if is_value(value):
        return value
    kind = np.dtype(named.get("dtype") or (_[0] if _ else None) or float).kind
    number = INTEGER if kind in "iu" else number_of(value)
    return Value(choices, "", shape_of(value, choices), number)


def _flat(choices: Choices, value: Any, *_: Any, **__: Any) -> Any:
    if is_value(value):
        value.decide()
    return reshape(choices, value, (-1,))


def _linear(choices: Choices, matrix: Any, other: Any) -> Any:
    return product(choices, fallback(choices, np.linalg.pinv, matrix), other, is_dot=True)


RULES: dict[str, Callable[..., Any]] = {
    "dot": lambda choices, a, b, **_: product(choices, a, b, is_dot=True),
    "inner": lambda choices, a, b: _tensordot(choices, a, b, axes=((-1,), (-1,))),
    "tensordot": _tensordot,
    "einsum": _einsum,
    "reshape": reshape,
    "concatenate": _joined,
    "append": lambda choices, one, other, axis=None: _joined(choices, [one, other], axis),
    "stack": _stacked,
    "hstack": lambda choices, parts, **_: _of_rank(choices, parts, 1, 1),
    "vstack": lambda choices, parts, **_: _of_rank(choices, parts, 2, 0),
    "column_stack": lambda choices, parts: _of_rank(choices, parts, 2, 1, columns=True),
    "where": _where,
    "split": _split,
    "array_split": _split,
    "hsplit": lambda choices, value, parts: _split(choices, value, parts, 1),
    "vsplit": lambda choices, value, parts: _split(choices, value, parts, 0),
    "take_along_axis": _along,
    "put_along_axis": lambda choices, value, index, _, axis=None: _along(choices, value, index, axis=axis) and None,
    "zeros_like": _like,
    "ones_like": _like,
    "empty_like": _like,
    "full_like": _like,
    "copy": lambda _, value, **__: value.made(value.decide().dims, value.number, same=True),
    "ravel": _flat,
    "flatten": _flat,
    "squeeze": lambda choices, value, **named: fallback(choices, np.squeeze, value, **named),
    "shape": lambda _, value: value.shape,
    "size": lambda _, value, axis=None: value.size if axis is None else value.shape[axis],
    "ndim": lambda _, value: value.ndim,
    "solve": _linear,
    "asarray": _same,
    "array": _same,
    "clip": lambda _, value, *__, **___: value.decide().made(value.dims),
    "fill_diagonal": lambda *_, **__: None,
    "copyto": lambda *_, **__: None,
}
