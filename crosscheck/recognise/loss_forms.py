"""What a loss may be: a number of the call times a constant, with squares of parameters added perhaps."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise.formulas import Hinge, Implied, Misjudged, Residual, Surprise
from crosscheck.recognise.leaves import Leaf, follow
from crosscheck.recognise.places import Place
from crosscheck.recognise.replay import Result
from crosscheck.recognise.spared import Spared


class Scaled(NamedTuple):
    """A number of the call times a constant (a Place: it is read from a result)."""

    place: Place
    constant: float = 1.0
    length: Place | None = None
    """A sequence by whose length it is multiplied"""
    is_given: bool = False
    """Whether it is a function that is handed just what the gradient's function is handed"""
    is_named: bool = True
    """Whether the author calls it a loss, or it is a number that nothing else is computed from"""

    @property
    def name(self) -> str:
        """What the author calls it."""
        return str(self.place)

    @property
    def names(self) -> frozenset[str]:
        """All that it is called."""
        return self.place.names

    def __str__(self) -> str:
        times = f", times the length of {self.length}" if self.length else ""
        sign = "minus " if self.constant < 0 else ""
        size = abs(self.constant)
        return f"{sign}{'' if size == 1 else f'{size:.6g} times '}{self.place}{times}"

    def read(self, result: Result) -> Any:
        """Return the loss."""
        value = self.place.read(result)
        value = value.reshape(()) if isinstance(value, np.ndarray) else value
        return self.constant * value * (len(self.length.read(result)) if self.length else 1)


def start_of(name: str) -> str:
    """Return under which name the value is found that a parameter had before its step."""
    return f"{name} before its step"


class Decayed(NamedTuple):
    """A loss with squares of parameters added to it, which a program's gradients have in them and its loss has not."""

    inner: Any
    weights: Mapping[str, Leaf]
    strengths: Mapping[str, float]
    touched: Mapping[str, Any] = {}
    """Where the gradients are of those parameters of which the call touches some rows, which alone decay"""
    spared: Mapping[str, Spared] = {}
    """What does not decay of a parameter"""

    @property
    def name(self) -> str:
        """What the author calls the loss without them."""
        return self.inner.name

    @property
    def names(self) -> frozenset[str]:
        """All that the loss without them is called."""
        return self.inner.names

    def __str__(self) -> str:
        terms = (
            f"{strength:.6g}/2 times the squares of {name}"
            + (f" without its {self.spared[name]}" if name in self.spared else "")
            for name, strength in self.strengths.items()
        )
        return f"{self.inner}, and {', '.join(terms)}"

    def read(self, result: Result) -> Any:
        """Return the loss with the squares."""
        roots = {**result.names, **result.arguments}
        known, starts = result.variables, result.starts  # of what the call moves, the start counts
        arrays = {
            n: starts[id(w.value)] if id(w.value) in starts else follow(roots, w.path) for n, w in self.weights.items()
        }
        arrays |= {n: known[s] for n in self.weights if (s := start_of(n)) in known}
        for name in arrays.keys() & self.touched.keys():
            arrays[name] = arrays[name] * (self.touched[name].read(result) != 0)
        for name, spared in self.spared.items():
            arrays[name] = arrays[name] * spared.left(np.shape(arrays[name]))
        return self.inner.read(result) + sum(0.5 * c * np.sum(arrays[n] * arrays[n]) for n, c in self.strengths.items())


class Summed(NamedTuple):
    """Several losses, one for each of several outputs."""

    parts: tuple[Any, ...]

    @property
    def name(self) -> str:
        """What the author calls the first of them."""
        return self.parts[0].name

    @property
    def names(self) -> frozenset[str]:
        """All that they are called."""
        return frozenset().union(*({part.name, *getattr(part, "names", ())} for part in self.parts))

    def __str__(self) -> str:
        return ", and ".join(map(str, self.parts))

    def read(self, result: Result) -> Any:
        """Return their sum. Raises what reading one of them raises."""
        return sum(part.read(result) for part in self.parts)


Bare = Scaled | Implied | Residual | Hinge | Misjudged | Surprise


Loss = Bare | Decayed | Summed


def number_in(loss: Any, result: Result) -> float:
    """Return the value of a loss in a result. Raises what reading it raises."""
    return float(np.asarray(loss.read(result)).reshape(()))
