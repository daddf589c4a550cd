"""Arrays that pass for the subject's own while every operation on them is done in another arithmetic.

A Carrier says that it is float64 (or whatever the subject passed in), compares and sorts by its real part, and hands
every ufunc (NEP 13) and every other NumPy function (NEP 18) to the arithmetic of its class. What an arithmetic cannot
do it refuses: an exception is a fallback, a silent loss would be a wrong verdict.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np

from crosscheck.references.composites import COMPOSITES

ARRAYS = (np.ndarray, np.generic)


class RefusedError(TypeError):
    """The code cannot be run in that arithmetic; another reference has to serve."""


class Carrier(np.ndarray):
    """An array in another arithmetic. Subclasses say which: `carried`, `call_ufunc` and `call_function`."""

    carried: ClassVar[np.dtype | None] = None
    """The dtype that holds the numbers; None keeps whatever they came in."""

    @classmethod
    def carry(cls, value: Any) -> Any:
        """Return floating numbers as a carrier; integers, booleans and everything else stay as they are.

        Memory is shared where the numbers already have the right dtype.
        """
        if isinstance(value, Carrier) or not isinstance(value, ARRAYS) or value.dtype.kind not in "fc":
            return value
        return np.asarray(value, dtype=cls.carried or value.dtype).view(cls)

    @classmethod
    def computed(cls, value: Any) -> Any:
        """Return as a carrier what a function computed that knows float64 alone."""
        return cls.carry(value)

    @classmethod
    def kept_in(cls, dtype: np.dtype, value: Any) -> Any:
        """Return a plain value as an array of some dtype is to keep it, which may round it."""
        del dtype
        return value

    @classmethod
    def holds(cls, value: Any) -> bool:
        """Tell whether a value must not become a Python float."""
        return isinstance(value, cls)

    @classmethod
    def call_ufunc(cls, ufunc: np.ufunc, method: str, operands: list[Any], options: dict[str, Any]) -> Any:
        """Do what `getattr(ufunc, method)` does, on plain arrays."""
        raise NotImplementedError

    @classmethod
    def call_function(cls, function: Callable[..., Any], operands: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Do what `function` does, on plain arrays."""
        raise NotImplementedError

    @classmethod
    def real_of(cls, plain: Any) -> Any:
        """Return what the subject would see."""
        return plain

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, out: Any = None, **options: Any) -> Any:
        cls = type(self)
        if "dtype" in options:
            options["dtype"] = self.dtype_for(options["dtype"])
        options = {name: uncarried(option) for name, option in options.items()} if options else options
        result = cls.call_ufunc(ufunc, method, list(map(uncarried, operands)), options)
        if out is None:
            return None if method == "at" else cls._wrapped(result)
        results = result if isinstance(result, tuple) else (result,)
        for target, value in zip(out, results, strict=True):
            cls._write(target, value, options.get("where", True))
        return out[0] if len(out) == 1 else out

    def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        composite = COMPOSITES.get(func)
        if composite is not None:
            return composite(*args, **kwargs)
        options = {name: uncarried(option) for name, option in kwargs.items()}
        out = options.pop("out", None)
        if "dtype" in options:
            options["dtype"] = self.dtype_for(options["dtype"])
        result = type(self).call_function(func, uncarried(args), options)
        if out is None:
            return type(self)._wrapped(result)
        type(self)._write(out, result)
        return out

    @classmethod
    def _write(cls, target: Any, value: Any, where: Any = True) -> None:
        """Write a result where `out=` wants it; a plain array cannot take what another dtype carries."""
        plain = uncarried(target)
        np.copyto(plain, cls.kept_in(plain.dtype, value), where=uncarried(where), casting="same_kind")

    @classmethod
    def _wrapped(cls, result: Any) -> Any:
        if isinstance(result, tuple | list):
            items = [cls._wrapped(item) for item in result]
            return type(result)(*items) if hasattr(result, "_fields") else type(result)(items)
        return cls.carry(result)

    @classmethod
    def dtype_for(cls, dtype: Any) -> Any:
        """Replace a floating dtype by the carried one."""
        if cls.carried is None or dtype is None:
            return dtype
        return cls.carried if np.dtype(dtype).kind == "f" else dtype

    # To the subject a carrier is an array of float64, whatever it holds.

    @property
    def dtype(self) -> Any:
        """The dtype that the subject would have seen."""
        return np.dtype(np.float64) if self.carried is not None else self.view(np.ndarray).dtype

    @property
    def real(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] - not to be set
        """The array itself: to the subject it is real."""
        return self

    @property
    def flat(self) -> Any:
        """A one-dimensional view; refused where NumPy would have to copy."""
        view = self.view()
        view.shape = (self.size,)
        return view

    def __getitem__(self, index: Any) -> Any:
        return type(self).carry(self.view(np.ndarray)[uncarried(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        plain = self.view(np.ndarray)
        plain[index] = self.kept_in(plain.dtype, uncarried(value))

    def conj(self) -> Any:
        """Return the array itself, as for any real number."""
        return self

    conjugate = conj

    def _seen(self) -> np.ndarray:
        return np.asarray(self.real_of(self.view(np.ndarray)))

    def __bool__(self) -> bool:
        return bool(self._seen())

    def __int__(self) -> int:
        return int(self._seen())

    def __float__(self) -> float:
        raise RefusedError("a number in another arithmetic cannot become a Python float")

    def __complex__(self) -> complex:
        raise RefusedError("a number in another arithmetic cannot become a Python complex")

    def __format__(self, specification: str) -> str:
        return format(self._seen()[()], specification)

    def __repr__(self) -> str:
        return repr(self._seen()[()])

    def __str__(self) -> str:
        return str(self._seen()[()])

    def item(self, *index: Any) -> Any:
        """Return one number, still carried."""
        return self.reshape(-1)[index[0] if len(index) == 1 else 0] if len(index) < 2 else self[index]

    def tolist(self) -> Any:
        """Return nested lists of carried numbers."""
        return [row.tolist() for row in self] if self.ndim else self

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Any:
        """Copy; to a floating dtype nothing changes, to integers the real part is cut."""
        if np.dtype(dtype).kind == "f":
            if self.carried is not None:
                return self.copy()
            return type(self).carry(self.kept_in(np.dtype(dtype), self.view(np.ndarray)).astype(dtype))
        return self._seen().astype(dtype)

    # A carrier without axes stands for a scalar, and scalars do not change under another name.

    def __iadd__(self, other: Any) -> Any:
        return super().__iadd__(other) if self.ndim else self + other

    def __isub__(self, other: Any) -> Any:
        return super().__isub__(other) if self.ndim else self - other

    def __imul__(self, other: Any) -> Any:
        return super().__imul__(other) if self.ndim else self * other

    def __itruediv__(self, other: Any) -> Any:
        return super().__itruediv__(other) if self.ndim else self / other

    def __ipow__(self, other: Any) -> Any:
        return super().__ipow__(other) if self.ndim else self**other

    def __hash__(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride] - scalars are hashable
        return id(self)

    def __deepcopy__(self, memo: Any) -> Self:
        return self.copy()

    def sort(self, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> None:
        """Sort in place, by the real part."""
        self[...] = np.sort(self, axis=axis, kind=kind, order=order, stable=stable)


def _method(name: str) -> Callable[..., Any]:
    def method(self: Carrier, *args: Any, **kwargs: Any) -> Any:
        return getattr(np, name)(self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = f"Do what `np.{name}` does."
    return method


# Methods in C would pass the dispatch by; the functions of the same name do not.
for _name in (  # noqa: SIM905 - names are easier to read without quotes
    "all any argmax argmin argsort choose clip compress cumprod cumsum diagonal dot max mean min nonzero prod ptp put "
    "repeat round searchsorted std sum take trace var"
).split():
    setattr(Carrier, _name, _method(_name))


def _refused(name: str) -> Callable[..., Any]:
    def method(*_: Any, **__: Any) -> Any:
        raise RefusedError(f"the method {name} is not known to any other arithmetic")

    return method


for _name in (
    "argpartition",
    "byteswap",
    "getfield",
    "partition",
    "setfield",
    "tobytes",
    "tofile",
    "conj",
    "conjugate",
):
    setattr(Carrier, _name, _refused(_name))


def uncarried(value: Any) -> Any:
    """Return the same with plain arrays in place of carriers, inside tuples and lists as well."""
    if isinstance(value, ARRAYS):
        return value.view(np.ndarray) if isinstance(value, Carrier) else value
    if isinstance(value, tuple):
        items = map(uncarried, value)
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, list):
        return list(map(uncarried, value))
    return value
