"""The subject's function rebuilt so that it sees stand-ins for NumPy and math; nothing of the original is touched.

`hs = np.zeros((T, H)); hs[t] = h` would silently cut `h` down to float64. In the rebuilt function `np` is a stand-in
whose allocations are carriers. Functions that the function calls, closures, methods and functions of the subject's own
modules are rebuilt as well, when they are first read; NumPy itself is never patched, so other threads see nothing.
"""

import builtins
import functools
import math
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from crosscheck.references.carriers import Carrier, uncarried

FLOAT_NAMES = frozenset({"float", "float16", "float32", "float64", "double", "single", "d", "f", "f2", "f4", "f8"})
_NAMES_A_DTYPE = (type, np.dtype, str)
_SEQUENCES = (list, tuple)
LEFT_ALONE = frozenset({"jax", "jaxlib", "numpy", "scipy", "torch"}) | sys.stdlib_module_names
MATH_NAMES = {
    "acos": "arccos",
    "acosh": "arccosh",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
    "fsum": "sum",
    "pow": "power",
}


def rebuilt(function: Callable[..., Any], arithmetic: Any) -> Callable[..., Any]:
    """Return a double of `function` that computes in the given arithmetic: a class of carriers, or what looks like one.

    The double allocates through the arithmetic's `carry`, and asks its `holds` which numbers may not become floats.
    """
    return _Workshop(arithmetic).double(function)


def stand_ins(names: Mapping[str, Any], arithmetic: Any) -> dict[str, Any]:
    """Return what takes the place of NumPy, math and their functions among the global names of a module.

    For a module that may be changed for the time of a call: its classes and functions then see the stand-ins as well.
    """
    workshop = _Workshop(arithmetic)
    own = {"float": workshop.double(float), "round": _rounded, "abs": _size}
    made = {name: stand_in for name, stand_in in own.items() if name not in names}
    for name, value in names.items():
        is_module = value is np or value is math or value is float
        if is_module or (not isinstance(value, type | types.ModuleType) and callable(value) and _is_library(value)):
            made[name] = workshop.double(value)
    return made


def _rounded(value: Any, *digits: Any) -> Any:
    """Round what is shown or counted: of a complex number its real part."""
    return round(value.real if isinstance(value, complex | np.complexfloating) else value, *digits)


def _size(value: Any) -> Any:
    """Return |x| as a real number has it, also of a complex one that stands for it."""
    is_complex = isinstance(value, complex | np.complexfloating)
    return (-value if value.real < 0 else value) if is_complex else abs(value)


def _is_library(value: Any) -> bool:
    is_math = isinstance(value, types.BuiltinFunctionType) and getattr(math, value.__name__, None) is value
    return is_math or _is_numpys(value)


class _Globals(dict[str, Any]):
    """The global names of a rebuilt function: each is doubled when it is first read (CPython asks `__missing__`)."""

    def __init__(self, original: dict[str, Any], workshop: "_Workshop") -> None:
        super().__init__(__builtins__=workshop.builtins, __name__=original.get("__name__"))
        self.original, self.workshop = original, workshop

    def __missing__(self, name: str) -> Any:
        self[name] = value = self.workshop.double(self.original[name])
        return value


class _Workshop:
    """Makes doubles, each only once, so that functions that share globals or cells go on sharing them."""

    def __init__(self, arithmetic: Any) -> None:
        self.arithmetic = arithmetic
        self.numpy, self.math = _NumpyStandIn(arithmetic), _MathStandIn(arithmetic)
        self.builtins = {**vars(builtins), "float": _float_stand_in(arithmetic), "__import__": self._import}
        self.made: dict[int, Any] = {}
        self.kept: list[Any] = []  # what is numbered by id must stay alive

    def double(self, value: Any) -> Any:
        if value is np:
            return self.numpy
        if value is math:
            return self.math
        if value is float:
            return self.builtins["float"]
        if id(value) not in self.made:
            self.kept.append(value)
            self.made[id(value)] = value  # meets itself: recursion through closures
            self.made[id(value)] = self._make(value)
        return self.made[id(value)]

    def _make(self, value: Any) -> Any:
        if hasattr(type(value), "in_arithmetic"):  # it knows best what it has to rebuild
            return value.in_arithmetic(self.arithmetic)
        if isinstance(value, np.vectorize):
            return _computing(value, self.arithmetic)
        if isinstance(value, types.FunctionType):
            return value if _is_left_alone(value.__module__) else self._function(value)
        if isinstance(value, types.MethodType):
            return types.MethodType(self.double(value.__func__), self.double(value.__self__))
        if isinstance(value, functools.partial):
            return functools.partial(self.double(value.func), *value.args, **value.keywords)
        if isinstance(value, types.ModuleType):
            return value if _is_left_alone(value.__name__) else _ModuleStandIn(value, self)
        if isinstance(value, types.BuiltinFunctionType) and getattr(math, value.__name__, None) is value:
            return getattr(self.math, value.__name__)
        if callable(value) and not isinstance(value, type) and _is_numpys(value):
            return getattr(self.numpy, value.__name__)
        if hasattr(value, "__dict__") and not isinstance(value, type) and not _is_left_alone(type(value).__module__):
            return self._instance(value)
        return value

    def _function(self, function: types.FunctionType) -> types.FunctionType:
        original = function.__globals__
        if id(original) not in self.made:
            self.made[id(original)] = _Globals(original, self)
        cells = tuple(self._cell(cell) for cell in function.__closure__ or ())
        double = types.FunctionType(function.__code__, self.made[id(original)], function.__name__, None, cells or None)
        self.made[id(function)] = double
        for cell, source in zip(cells, function.__closure__ or (), strict=True):
            if not _is_empty(source) and _is_empty(cell):
                cell.cell_contents = self.double(source.cell_contents)
        double.__defaults__ = function.__defaults__ and tuple(map(self.double, function.__defaults__))
        if function.__kwdefaults__:
            double.__kwdefaults__ = {name: self.double(value) for name, value in function.__kwdefaults__.items()}
        double.__dict__.update(function.__dict__)
        return double

    def _cell(self, cell: types.CellType) -> types.CellType:
        if id(cell) not in self.made:
            self.made[id(cell)] = types.CellType()
        return self.made[id(cell)]

    def _instance(self, value: Any) -> Any:
        """Copy an object, with a subclass of its class whose methods are doubles; `isinstance` still holds."""
        cls = type(value)
        names: dict[str, Any] = {}
        for parent in reversed(cls.__mro__):
            if not _is_left_alone(parent.__module__):
                names |= {name: self.double(item) for name, item in vars(parent).items() if _is_method(item)}
        try:
            double = object.__new__(type(cls.__name__, (cls,), names))
            double.__dict__.update(value.__dict__)
        except TypeError:  # a class that does not let itself be derived from stays as it is
            return value
        self.made[id(value)] = double
        for name, item in value.__dict__.items():
            double.__dict__[name] = self.double(item)
        return double

    def _import(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return self.double(builtins.__import__(name, *args, **kwargs))


def _is_left_alone(module: str | None) -> bool:
    return (module or "").partition(".")[0] in LEFT_ALONE - {"__main__"}


def _is_numpys(value: Any) -> bool:
    return getattr(np, getattr(value, "__name__", ""), None) is value


def _is_method(value: Any) -> bool:
    return isinstance(value, types.FunctionType) and value.__name__ not in ("__init__", "__new__")


def _is_empty(cell: types.CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return True
    return False


class _ModuleStandIn:
    """A module of the subject's own, its functions doubled."""

    def __init__(self, module: types.ModuleType, workshop: _Workshop) -> None:
        self._module, self._workshop = module, workshop

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._module, name)
        double = self._workshop.double(value)
        setattr(self, name, double)
        return double


class _NumpyStandIn:
    """NumPy, except that every floating array that its functions make is carried."""

    def __init__(self, arithmetic: Any) -> None:
        self._arithmetic = arithmetic

    def __getattr__(self, name: str) -> Any:
        value = getattr(np, name)
        own = getattr(self._arithmetic, "functions", {})
        if name in own:  # NumPy's refuses such numbers, or takes them for something else
            value = own[name]
        elif value is np.vectorize:
            value = self._vectorize
        elif callable(value) and not isinstance(value, type | np.ufunc):
            value = self._carrying(value)
        setattr(self, name, value)
        return value

    def _vectorize(self, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        return _computing(np.vectorize(*args, **kwargs), self._arithmetic)

    def _carrying(self, function: Callable[..., Any]) -> Callable[..., Any]:
        carry, widened = self._arithmetic.carry, self._widened

        # Someone's forward runs through here some hundred times a call, thousands of times a check: every test counts.
        def taken(value: Any) -> Any:
            if isinstance(value, _NAMES_A_DTYPE):
                return widened(value)
            if isinstance(value, _SEQUENCES) and _contains_carrier(value):
                try:
                    return carry(np.array(uncarried(value)))
                except ValueError:  # ragged: a sequence of arrays, to be joined or split
                    return value
            return value

        def of_first(value: Any) -> Any:
            return taken(value) if isinstance(value, _SEQUENCES) else value

        @functools.wraps(function)
        def carrying(*args: Any, **kwargs: Any) -> Any:
            if "dtype" in kwargs:
                kwargs["dtype"] = widened(kwargs["dtype"])
            first = tuple(map(of_first, args[:1]))
            result = function(*first, *map(taken, args[1:]), **kwargs)
            if first and isinstance(first[0], Carrier) and _is_converted(result, first[0]):
                return carry(first[0].kept_in(result.dtype, uncarried(first[0])).astype(result.dtype))
            if isinstance(result, _SEQUENCES) and not hasattr(result, "_fields"):
                return type(result)(map(carry, result))
            return carry(result)

        return carrying

    def _widened(self, dtype: Any) -> Any:
        """Replace what names a floating dtype, wherever it stands among the arguments; nothing else looks like one."""
        carried = self._arithmetic.carried
        is_float = (
            isinstance(dtype, _FloatMeta)
            or (isinstance(dtype, type) and issubclass(dtype, float | np.floating))
            or (isinstance(dtype, np.dtype) and dtype.kind == "f")
            or (isinstance(dtype, str) and dtype in FLOAT_NAMES)
        )
        return carried if carried is not None and is_float else dtype


def _is_converted(result: Any, carrier: Carrier) -> bool:
    """Tell whether something is what `np.asarray(carrier, np.float32)` returns: what has forgotten that it is one."""
    is_plain = isinstance(result, np.ndarray) and not isinstance(result, Carrier)
    return is_plain and result.shape == carrier.shape and result.dtype.itemsize < carrier.dtype.itemsize


def _computing(function: Callable[..., Any], arithmetic: Any) -> Callable[..., Any]:
    """Wrap a function that computes in float64 whatever the arithmetic: its result is carried, and rounds."""

    def computing(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if isinstance(result, float) and any(map(arithmetic.holds, args)):
            result = np.asarray(result)
        return arithmetic.computed(result)

    return computing


def _contains_carrier(value: Any) -> bool:
    return isinstance(value, Carrier) or (isinstance(value, _SEQUENCES) and any(map(_contains_carrier, value)))


class _MathStandIn:
    """The math module, which refuses arrays, taught to hand them to NumPy."""

    def __init__(self, arithmetic: Any) -> None:
        self._arithmetic = arithmetic

    def __getattr__(self, name: str) -> Any:
        value = getattr(math, name)
        equivalent = getattr(np, MATH_NAMES.get(name, name), None)
        if not callable(value):
            return value
        if equivalent is None:  # erf, gamma
            return _computing(value, self._arithmetic)
        holds = self._arithmetic.holds

        @functools.wraps(value)
        def either(*args: Any) -> Any:
            if not any(map(holds, args)):
                return value(*args)
            if name == "log" and len(args) == 2:
                return np.log(args[0]) / np.log(args[1])
            return equivalent(*args)

        setattr(self, name, either)
        return either


class _FloatMeta(type):
    """The class of the stand-in for `float`, which keeps what is carried; as a dtype it stays float64."""

    arithmetic: Any

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, float) or cls.arithmetic.holds(value)

    def __call__(cls, value: Any = 0.0) -> Any:
        if not cls.arithmetic.holds(value):
            return float(value)
        return value.reshape(()) if isinstance(value, np.ndarray) else value


def _float_stand_in(arithmetic: Any) -> type:
    return _FloatMeta("float", (), {"arithmetic": arithmetic, "dtype": np.dtype(np.float64)})
