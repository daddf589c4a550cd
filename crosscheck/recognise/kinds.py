"""What kind of call a call is: which functions and which names of activations it was handed.

A slip that puts one activation's derivative in another one's place shows only where the two differ. Of every kind one
call is remembered, beside those that are remembered anyhow.
"""

import types
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import TARGET

NAMED = naming.re.compile(
    r"^(?:\w*relu\w*|\w*tanh\w*|\w*sigm\w*|logistic|linear|identity|\w*elu|softplus|swish|silu|gelu|sin|gauss\w*)$",
    naming.re.IGNORECASE,
)
"""Words that choose what is computed"""
DEEPEST, MOST_PARTS = 3, 40
MOST, MOST_ASKED = 6, 2000
"""Kinds of calls of one function that are remembered, and calls of which the kind is asked for"""
FUNCTIONS = types.FunctionType | types.MethodType | types.BuiltinFunctionType | np.ufunc

PLAIN = int | float | complex | np.ndarray | np.generic | types.NoneType
"""What chooses nothing"""

Kind = frozenset[tuple[str, str]]
"""Where something stands that chooses what is computed, and what it is called"""


def kind_of(variables: Mapping[str, Any]) -> Kind:
    """Return what a call was handed that chooses what it computes, be it in an object; and a label that is one number.

    A label of one hides a factor, and one of zero a term.

    >>> sorted(kind_of({"f": np.tanh, "x": 3.0, "options": {"out": "relu", "name": "net"}}))
    [('f', 'tanh'), ('options.out', 'relu')]
    """
    found = {(name, f"{float(value):g}") for name, value in variables.items() if _is_label(name, value)}
    waiting = [(name, value, 1) for name, value in variables.items() if not isinstance(value, PLAIN)]
    seen: set[int] = set()
    while waiting:
        place, value, depth = waiting.pop()
        if isinstance(value, FUNCTIONS):
            found.add((place, value.__name__))
        elif isinstance(value, str):
            if NAMED.match(value):
                found.add((place, value))
        elif depth <= DEEPEST and id(value) not in seen:
            seen.add(id(value))
            waiting += [(f"{place}.{name}", part, depth + 1) for name, part in _parts(value)]
    return frozenset(found)


def _is_label(name: str, value: Any) -> bool:
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return is_number and value in (-1, 0, 1) and bool(naming.TRUTH.match(name) or TARGET.match(name))


def _parts(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the first parts of a container or an object that may choose what is computed."""
    if isinstance(value, dict):
        held = value.items()
    elif isinstance(value, list | tuple):
        held = enumerate(value)
    elif isinstance(value, type | types.ModuleType) or not hasattr(value, "__dict__"):
        return
    else:
        held = chain(vars(value).items(), [("class", type(value).__name__)])
    yield from (pair for pair in islice(held, MOST_PARTS) if not isinstance(pair[1], PLAIN))


def told_apart(kind: Kind, usual: Kind) -> str:
    """Say what one kind of call is handed that another is not.

    >>> told_apart(frozenset({("f", "relu"), ("out", "tanh")}), frozenset({("f", "tanh"), ("out", "tanh")}))
    'f=relu'
    """
    return ", ".join(f"{place.removeprefix('self.')}={value}" for place, value in sorted(kind - usual))


def other_kinds(entry: Any, known: Iterable[Any]) -> list[Any]:
    """Return the first calls of other kinds than one, each kind once: where nothing of one is right, another may be."""
    found = {kind_of(entry.arguments): entry}
    for other in known:
        if other.finished:
            found.setdefault(kind_of(other.arguments), other)
    return [one for one in found.values() if one is not entry]


class OtherKinds:
    """The first call of each kind, of every function, where the calls that are remembered anyhow are of others."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Any]] = {}
        self.is_open = True
        """Whether the module itself makes the calls, and nobody who looks for arguments"""
        self._seen: dict[str, set[Kind]] = {}
        self._asked: dict[str, int] = {}

    def are_new(self, name: str, variables: Mapping[str, Any]) -> bool:
        """Tell whether a call is the first of its kind, and note it."""
        seen = self._seen.setdefault(name, set())
        asked = self._asked.get(name, 0) + 1
        if not self.is_open or asked > MOST_ASKED or len(seen) >= MOST:
            return False
        self._asked[name] = asked
        kind = kind_of(variables)
        if kind in seen:
            return False
        seen.add(kind)
        return True

    def keep(self, name: str, entry: Any) -> Any:
        """Remember a call."""
        self.entries.setdefault(name, []).append(entry)
        return entry
