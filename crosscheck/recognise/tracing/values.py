"""Stand-ins for arrays that have a shape and no numbers, and for arguments of which even the rank is unknown yet."""

import dis
import operator
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from opcode import opmap
from typing import Any

import numpy as np

from crosscheck.recognise.tracing.choices import Choices, Option
from crosscheck.recognise.tracing.lengths import ContradictionError, Length

FLOAT, INTEGER, TRUTH = "f", "i", "b"
UNKNOWN, ARRAY, SEQUENCE, RECORD, PARTS, SIZE = "unknown", "array", "sequence", "record", "parts", "size"

SINGLE = (Option(None, 0.0), Option(0, 1.0), Option(1, 1.2))
"""Which axis of a state may have the length one: that of a row, or that of a column"""


class Value:
    """An array without numbers; or an argument, until what is done with it tells what it is."""

    __array_priority__ = 1000

    def __init__(
        self, choices: Choices, name: str = "", dims: Sequence[Any] | None = None, number: str = FLOAT
    ) -> None:
        self.choices, self.name, self.number = choices, name, number
        self.kind = UNKNOWN if dims is None else ARRAY
        self.dims = list(dims or ())
        self.root = self
        """The argument whose numbers these are, in another order perhaps"""
        self.sources = frozenset([name.replace("[]", "")] if name else [])
        """The arguments that went into it"""
        self.element: Value | None = None
        self.fields: dict[Any, Value] = {}

    @property
    def __class__(self) -> type:
        return np.ndarray  # what looks for arrays is to find one

    @__class__.setter
    def __class__(self, _: type) -> None:
        raise TypeError("it is what it is")

    def __repr__(self) -> str:
        return f"<{self.name} {self.kind} {tuple(self.dims)}>"

    # what it is -------------------------------------------------------------------------------------------------

    def made(self, dims: Sequence[Any], number: str = FLOAT, *, same: bool = False) -> "Value":
        """Return another array; with the `same` numbers perhaps."""
        found = Value(self.choices, "", dims, number)
        found.sources = self.sources
        if same:
            found.root = self.root
        return found

    def decide(self, least: int = 0, ranks: Sequence[int] = (), *, index: bool = False) -> "Value":
        """Let it be an array, of a rank that is likely: one of several, or at least some, or as an index has."""
        ranks = ranks or ((0, 1, 2) if index else ())
        if self.kind == ARRAY:
            if len(self.dims) < least:
                raise ContradictionError(f"{self.name} has too few axes")
            return self
        if self.kind == SEQUENCE:
            assert self.element is not None
            if self.element.kind == UNKNOWN:
                self.element.decide(max(least - 1, 0), [rank - 1 for rank in ranks if rank], index=index)
            self.element.decide(max(least - 1, 0))
            self.dims, self.kind = [self.dims[0], *self.element.dims], ARRAY
            return self
        if self.kind != UNKNOWN:
            raise ContradictionError(f"{self.name} is no array")
        options = [
            option
            for option in self.choices.hints.ranks(self.name, is_index=index)
            if option.answer >= least and (not ranks or option.answer in ranks)
        ]
        rank = self.choices.chosen(f"rank of {self.name}", options)
        if rank < least or (ranks and rank not in ranks):
            raise ContradictionError(f"rank of {self.name}")
        self.choices.hints.note(self.name, rank)
        self.dims = self.choices.hints.shape(self.name, rank)
        if rank == 2 and self.choices.hints.may_be_vector(self.name):
            axis = self.choices.chosen(f"single axis of {self.name}", SINGLE)
            self.dims = [1 if place == axis else size for place, size in enumerate(self.dims)]
        self.kind = ARRAY
        return self

    def as_array(self) -> None:
        """Note that something is done with it that no list can do."""
        if self.root.name:
            self.choices.hints.arrays.add(self.root.name)

    def integer(self) -> "Value":
        """Let its numbers be integers."""
        root = self.root
        if root.number != INTEGER:
            root.number = self.number = INTEGER
            if root.name and root.name not in self.choices.hints.integers:
                self.choices.hints.integers.add(root.name)
        return self

    def sequence(self) -> "Value":
        """Let it have a length, and entries of one kind."""
        if self.kind == UNKNOWN:
            self.kind = SEQUENCE
            self.dims = self.choices.hints.shape(self.name, 1, first=True)
            self.element = Value(self.choices, f"{self.name}[]")
        return self

    def as_entries(self) -> bool:
        """Turn a sequence, of sequences perhaps, into an array of its entries; tell whether they are numbers."""
        element = self.element
        if element is None or (element.kind == SEQUENCE and not element.as_entries()):
            return False
        if element.kind in (PARTS, RECORD, SIZE):
            return False
        self.number = INTEGER if element.number == INTEGER else self.number
        self.dims, self.kind = [self.dims[0], *(element.dims if element.kind == ARRAY else ())], ARRAY
        return True

    # Python's protocols -----------------------------------------------------------------------------------------

    @property
    def shape(self) -> Any:
        """The lengths of its axes; not asked for how many yet where nothing tells."""
        self.choices.blamed = self.sources
        self.as_array()
        if self.kind != ARRAY:
            return Shape(self)
        return tuple(self.choices.equations.of(size) for size in self.dims)

    @property
    def dtype(self) -> np.dtype:
        """What its numbers are."""
        return np.dtype({FLOAT: float, INTEGER: int, TRUTH: bool}[self.number])

    @property
    def ndim(self) -> int:
        """The number of its axes."""
        return len(self.decide().dims)

    @property
    def size(self) -> Any:
        """The product of its lengths."""
        found: Any = 1
        for size in self.decide().shape:
            found = found * size
        return found

    @property
    def T(self) -> "Value":
        """Its transpose."""
        self.decide()
        return self.made(self.dims[::-1], self.number, same=True)

    def __len__(self) -> int:
        return int(self.length())

    def length(self) -> Any:
        """Return the length of the first axis."""
        if self.kind == UNKNOWN:
            self.sequence()
        if self.kind == PARTS:
            return len(self.fields)
        if not self.dims:
            raise ContradictionError(f"{self.name} has no length")
        return self.choices.equations.of(self.dims[0])

    def __iter__(self) -> Iterator[Any]:
        count = unpacked(sys._getframe(1))
        if self.kind == UNKNOWN and count:
            is_parts = self.choices.chosen(f"parts of {self.name}", [Option(True, 0.3), Option(False, 0.4)])
            if is_parts:
                self.kind = PARTS
                words = names_of(sys._getframe(1), count)
                self.fields = {n: Value(self.choices, f"{self.name}[#{n} {word}]") for n, word in enumerate(words)}
        if self.kind == PARTS:
            return iter([self.fields[place] for place in range(len(self.fields))])
        length = self.length()
        if count and int(length) != count:
            length = self.choices.equations.equal(length, count)
        return iter([self[place] for place in range(int(length))])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("_fields",):
            raise AttributeError(name)
        if hasattr(np.ndarray, name):
            from crosscheck.recognise.tracing.functions import method

            if not hasattr(list, name):
                self.as_array()

            def called(*given: Any, **named: Any) -> Any:
                inputs = (self, *given, *named.values())
                return sourced(self.choices, inputs, lambda: method(self.decide(), name, *given, **named))

            return called
        raise AttributeError(name)

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        return concrete(self)

    def __array_ufunc__(self, function: Any, way: str, *given: Any, **named: Any) -> Any:
        from crosscheck.recognise.tracing.functions import ufunc

        self.as_array()
        return sourced(self.choices, given, lambda: ufunc(self.choices, function, way, *given, **named))

    def __array_function__(self, function: Any, _: Any, given: Any, named: Any) -> Any:
        from crosscheck.recognise.tracing.functions import function as call

        return sourced(self.choices, (*given, *named.values()), lambda: call(self.choices, function, *given, **named))

    def __bool__(self) -> bool:
        if self.kind == ARRAY and len(self.dims):
            raise ContradictionError("the truth of an array")
        frame = sys._getframe(1)
        return bool(self.choices.chosen(f"line {frame.f_lineno}", [Option(False, 0.0), Option(True, 0.4)]))

    def __float__(self) -> float:
        if any(size != 1 for size in self.decide(ranks=(0, 1, 2)).dims):
            raise ContradictionError("a number of several")
        return 0.5

    def __int__(self) -> int:
        self.decide(ranks=(0, 1, 2))
        return 1

    def __index__(self) -> int:
        if self.kind == UNKNOWN:
            self.decide(ranks=(0,))
        if self.dims:
            raise ContradictionError("an index of several")
        self.integer()
        return 1

    def __getitem__(self, index: Any) -> Any:
        from crosscheck.recognise.tracing.indexing import taken

        self.choices.blamed = self.sources | sources_of(index)
        return taken(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        from crosscheck.recognise.tracing.indexing import put

        self.sources = self.choices.blamed = self.sources | sources_of(index) | sources_of(value)
        put(self, index, value)

    def __neg__(self) -> "Value":
        return np.negative(self)  # pyright: ignore

    def __pos__(self) -> "Value":
        return self

    def __abs__(self) -> "Value":
        return np.abs(self)  # pyright: ignore

    def __invert__(self) -> "Value":
        return np.logical_not(self)  # pyright: ignore

    def __round__(self, *_: Any) -> Any:
        return self

    def __eq__(self, other: object) -> Any:
        return False if isinstance(other, str | type(None)) else np.equal(self, other)  # pyright: ignore

    def __ne__(self, other: object) -> Any:
        return True if isinstance(other, str | type(None)) else np.not_equal(self, other)  # pyright: ignore

    __hash__ = object.__hash__

    def __deepcopy__(self, _: Any) -> "Value":
        return self

    def like(self) -> "Value":
        """Return another one in the same shape."""
        return self.made(self.decide().dims)


def _operators() -> None:
    pairs = {
        "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide, "matmul": np.matmul,
        "pow": np.power, "floordiv": np.floor_divide, "mod": np.remainder, "and": np.logical_and, "or": np.logical_or,
        "xor": np.logical_xor,
    }  # fmt: skip
    for name, function in pairs.items():
        setattr(Value, f"__{name}__", lambda self, other, f=function: f(self, other))
        setattr(Value, f"__r{name}__", lambda self, other, f=function: f(other, self))
        setattr(Value, f"__i{name}__", lambda self, other, f=function: _in_place(self, f(self, other)))
    for name in ("lt", "le", "gt", "ge"):
        function = {"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal}[name]
        setattr(Value, f"__{name}__", lambda self, other, f=function: f(self, other))


def _in_place(value: Value, found: Value) -> Value:
    """Return what an operation in place leaves: a shape does not grow."""
    equations = value.choices.equations
    if len(value.dims) < len(found.dims):
        raise ContradictionError("an array would grow")
    for own, other in zip(value.dims, found.dims, strict=True):
        equations.equal(own, other)
    return value


_operators()


class Shape:
    """The shape of what is not known to have how many axes."""

    def __init__(self, value: Value) -> None:
        self.value = value

    def __iter__(self) -> Iterator[Any]:
        count = unpacked(sys._getframe(1))
        self.value.decide(ranks=(count,) if count else ())
        return iter(self.value.shape)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return self.value.decide(max(abs(place.stop or 0), abs(place.start or 0))).shape[place]
        if place == 0 and self.value.kind == SEQUENCE:
            return self.value.length()
        return self.value.decide(abs(place) + (place >= 0)).shape[place]

    def __len__(self) -> int:
        return len(self.value.decide().shape)

    def __eq__(self, other: object) -> bool:
        return self.value.decide().shape == other

    def __add__(self, other: Any) -> Any:
        return self.value.decide().shape + tuple(other)

    __hash__ = None  # pyright: ignore


def unpacked(frame: Any) -> int:
    """Return into how many names something is unpacked where a frame stands; 0 if it is not."""
    code, place = frame.f_code.co_code, frame.f_lasti
    return code[place + 1] if code[place] == opmap["UNPACK_SEQUENCE"] else 0


def names_of(frame: Any, count: int) -> list[str]:
    """Return the names that something is unpacked into where a frame stands."""
    following = [step for step in dis.get_instructions(frame.f_code) if step.offset > frame.f_lasti]
    stored = [step.argval for step in following[:count] if step.opname.startswith("STORE_")]
    words = [word for one in stored for word in (one if isinstance(one, tuple) else (one,))]
    return [str(word) for word in words[:count]] if len(words) >= count else [""] * count


def sources_of(value: Any) -> frozenset[str]:
    """Return the arguments that went into something."""
    if is_value(value):
        return value.sources
    if isinstance(value, list | tuple):
        return frozenset().union(*map(sources_of, value))
    return frozenset()


def sourced(choices: Choices, given: Iterable[Any], call: Callable[[], Any]) -> Any:
    """Return what a function computes of arguments, and let it know of them."""
    choices.blamed = frozenset().union(*map(sources_of, given))
    blamed = choices.blamed
    found = call()
    for part in found if isinstance(found, tuple | list) else (found,):
        if is_value(part):
            part.sources |= blamed
    return found


def is_value(value: Any) -> bool:
    """Tell a stand-in from what it stands in for."""
    return type(value) is Value


def concrete(value: Any) -> Any:
    """Return an array with numbers in a stand-in's shape, or containers of such."""
    if is_value(value):
        shape = [max(int(value.choices.equations.of(size)), 1) for size in value.decide().dims]
        if np.prod(shape, dtype=float) > 2e5:
            raise ContradictionError("too large")
        return np.full(shape, {FLOAT: 0.5, INTEGER: 1, TRUTH: True}[value.number])
    if isinstance(value, list | tuple) and type(value) in (list, tuple):
        return type(value)(map(concrete, value))
    return value


def shape_of(value: Any, choices: Choices) -> list[Any]:
    """Return the lengths of whatever NumPy takes for an array."""
    if is_value(value):
        return [choices.equations.of(size) for size in value.decide().dims]
    if isinstance(value, list | tuple):
        if not value:
            return [0]
        inner = shape_of(value[0], choices)
        for other in value[1:]:
            if is_value(other):
                inner = [choices.equations.equal(a, b) for a, b in same_rank(inner, shape_of(other, choices))]
        return [choices.equations.of(len(value)), *inner]
    return [choices.equations.of(size) for size in np.shape(value)]


def same_rank(one: Sequence[Any], other: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield the lengths of two arrays side by side. Raises ContradictionError."""
    if len(one) != len(other):
        raise ContradictionError("different ranks")
    return zip(one, other, strict=True)


def number_of(value: Any) -> str:
    """Return what kind of numbers something holds."""
    if is_value(value):
        return value.number
    if isinstance(value, list | tuple):
        return max((number_of(part) for part in value), key="bif".index, default=FLOAT)
    kind = np.asarray(value).dtype.kind
    return TRUTH if kind == "b" else INTEGER if kind in "iu" else FLOAT


def is_length(value: Any) -> bool:
    """Tell whether something is one integer."""
    return isinstance(value, int | np.integer | Length) and not isinstance(value, bool)


def index_of(value: Any) -> int:
    """Return something as an int."""
    return operator.index(value)
