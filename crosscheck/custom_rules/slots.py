"""What a rule is called with: trees of slots, to be filled with random numbers over and over."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from crosscheck.trees import leaves, transform

FLOAT, INTEGER, FIXED = "float", "integer", "fixed"


class Slot:
    """The place of one array or value among the arguments."""

    def __init__(self, kind: str, shape: tuple[int, ...] = (), value: Any = None, *, content: str = "") -> None:
        self.kind, self.shape, self.value, self.content = kind, shape, value, content
        """`value` is what a fixed slot holds; `content` is "simplex" where the last axis sums to 1, "number" where the
        author passes a plain Python number"""

    def __repr__(self) -> str:
        if self.kind == FIXED:
            shape = tuple(getattr(self.value, "shape", ()))
            return f"fixed {shape}" if shape else getattr(self.value, "__name__", None) or repr(self.value)
        return f"{self.shape}" if self.kind == FLOAT else f"integers {self.shape}"


class Form(NamedTuple):
    """One way to call a rule."""

    source: str
    """Where it comes from: "call", "annotation", "docstring", "names" or "guess" """
    arguments: tuple[tuple[str, Any], ...]
    """Names, and trees of slots; the name *args stands for all that follow"""
    domain: str = "signed"

    @property
    def is_known(self) -> bool:
        """Whether the author says that the rule is called so, or its names do."""
        return self.source != "guess"

    @property
    def is_shown(self) -> bool:
        """Whether the author shows or says in words that the rule is called so."""
        return self.source not in ("guess", "names")

    def slots(self) -> Iterator[tuple[str, Slot]]:
        """Yield the slots with the names of their arguments."""
        for name, tree in self.arguments:
            for slot in leaves(tree):
                yield name, slot

    def with_slots(self, change: Callable[[Slot], Slot]) -> "Form":
        """Return the form with every slot changed."""
        return self._replace(arguments=tuple((name, transform(change, tree)) for name, tree in self.arguments))

    def part(self, kind: str, values: Callable[[Slot], Any]) -> dict[str, Any]:
        """Return the values of all slots of one kind, by argument, with None in the place of the others."""
        return {
            name: transform(lambda slot: values(slot) if slot.kind == kind else None, tree)
            for name, tree in self.arguments
            if any(slot.kind == kind for slot in leaves(tree))
        }

    def assembled(self, floats: Mapping[str, Any], integers: Mapping[str, Any]) -> list[Any]:
        """Return the arguments of a call, filled with the values of `part`."""
        complete: list[Any] = []
        for name, tree in self.arguments:
            of = {FLOAT: iter(leaves(floats.get(name))), INTEGER: iter(leaves(integers.get(name)))}
            filled = transform(lambda slot, of=of: slot.value if slot.kind == FIXED else next(of[slot.kind]), tree)
            if name.startswith("*"):
                complete.extend(filled)
            else:
                complete.append(filled)
        return complete

    def __str__(self) -> str:
        return ", ".join(f"{name.lstrip('*')} {tree}" for name, tree in self.arguments)


def slot_of(value: Any) -> Slot:
    """Describe a value that the author passes; of an array that is being traced only the shape is known."""
    if isinstance(value, float):
        return Slot(FLOAT, content="number", value=value)
    kind = str(getattr(value, "dtype", ""))
    if "float" in kind:
        return Slot(FLOAT, tuple(value.shape), content="simplex" if _sums_to_one(value) else "")
    if "int" in kind and not _is_key(value) and getattr(value, "ndim", 0):
        return Slot(INTEGER, tuple(value.shape))
    if is_traced(value):
        value = np.zeros(value.shape, kind if kind != "bool" else bool)
    return Slot(FIXED, tuple(getattr(value, "shape", ())), value)


def _sums_to_one(value: Any) -> bool:
    """Tell whether an array holds shares along its last axis, as encoded labels do."""
    if is_traced(value) or not value.ndim or value.shape[-1] < 2:
        return False
    array = np.asarray(value.detach() if hasattr(value, "detach") else value, float)
    return bool((array >= 0).all() and np.abs(array.sum(axis=-1) - 1).max(initial=0.0) < 1e-5)


def _is_key(value: Any) -> bool:
    return str(value.dtype) == "uint32" and tuple(value.shape) == (2,)


def is_traced(value: Any) -> bool:
    """Tell whether a value has no number yet, as inside of jax.jit."""
    return any(kind.__name__ == "Tracer" for kind in type(value).__mro__)


LENGTHS = (5, 3, 4, 2, 7, 6)


def shortened(form: Form) -> Form:
    """Return a form with long axes shortened: axes of equal length stay equal, others stay different."""
    held = [slot.value for _, slot in form.slots() if slot.kind == FIXED]
    fixed = {value for value in held if isinstance(value, int)}
    fixed |= {length for value in held for length in getattr(value, "shape", ())}
    lengths = dict.fromkeys(n for _, slot in form.slots() if slot.kind != FIXED for n in slot.shape)
    kept = {length for length in lengths if length in fixed or length == 1}
    free = iter([n for n in LENGTHS if n not in kept])
    new = {length: length if length in kept else next(free, length) for length in lengths}
    return resized(form, new)


def resized(form: Form, lengths: Mapping[int, int]) -> Form:
    """Return a form with other lengths of its axes."""

    def change(slot: Slot) -> Slot:
        if slot.kind == FIXED:
            return slot
        return Slot(slot.kind, tuple(lengths.get(n, n) for n in slot.shape), slot.value, content=slot.content)

    return form.with_slots(change)
