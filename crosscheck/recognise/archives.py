"""Files that hold arrays under names: what `numpy.load` returns of an archive, and h5py of a file."""

import re
from typing import Any, Self

import numpy as np

from crosscheck.recognise.small_data import COLUMNS, EXAMPLES, SIDE, classes, features, random
from crosscheck.recognise.stubs import Stub

_LABELS = re.compile(r"^y|_y$|label|target|class", re.IGNORECASE)
SHOWS_PICTURES = re.compile(r"mnist|image|digit|pixel|cifar|picture|photo|\bimg|svhn|\b28\b|conv|x_train|train_x")
"""What a program speaks of whose arrays are pictures"""
_ASKED = re.compile(r"(?:\[|get\()\s*[\"'](\w+)[\"']\s*[\])]")


class Held(np.ndarray):
    """An array of a file, which may be asked for its contents, or for arrays below it."""

    @property
    def value(self) -> np.ndarray:
        """The array."""
        return np.array(self)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return _held(key, self.shape, 2)
        found = np.asarray(self)[key]
        return found if np.ndim(found) else found[()]

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        """Return what a ufunc computed as an ordinary array."""
        del context
        return array[()] if return_scalar else np.asarray(array)


class Archive(dict[str, Any]):
    """Labels, pictures or features, by their names: those that a program asks for are all that there are."""

    def __init__(self, shape: tuple[int, ...] = (EXAMPLES, SIDE, SIDE), count: int = 10, hints: str = "") -> None:
        super().__init__(dict.fromkeys(_ASKED.findall(hints) or ("x", "y")))
        self.shape, self.count, self.attrs = shape, count, dict[str, Any]()
        self.files = list(self)

    def __getitem__(self, name: str) -> Any:
        return _held(name, self.shape, self.count)

    def get(self, name: str, default: Any = None) -> Any:
        """Return an array."""
        del default
        return self[name]

    def __contains__(self, _: object) -> bool:
        return True

    def values(self) -> Any:
        """Return all arrays."""
        return [self[name] for name in self]

    def items(self) -> Any:
        """Return all arrays with their names."""
        return [(name, self[name]) for name in self]

    def create_dataset(self, name: str, *_: Any, **__: Any) -> Stub:
        """Write nowhere."""
        return Stub(name)

    def create_group(self, *_: Any, **__: Any) -> Self:
        """Return itself."""
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def close(self) -> None:
        """Do nothing."""

    flush = close


def _held(name: str, shape: tuple[int, ...], count: int) -> Held:
    if _LABELS.search(name):
        return classes(EXAMPLES, count).view(Held)
    if len(shape) == 2:
        return features(*shape).view(Held)
    return random().randint(0, 255, size=shape).astype(np.uint8).view(Held)


def stored(hints: str, columns: int | None = None) -> Archive:
    """Return what h5py opens: small pictures in colours, as a famous exercise has them, or rows of features.

    Files of MATLAB hold their matrices the other way round.
    """
    width = columns or COLUMNS
    if ".mat" in hints:
        return Archive((width, EXAMPLES), 2, hints)
    is_plain = columns is not None or not (SHOWS_PICTURES.search(hints) or "_set_" in hints)
    return Archive((EXAMPLES, width) if is_plain else (EXAMPLES, SIDE, SIDE, 3), 2, hints)
