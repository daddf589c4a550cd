"""A subject and its twin: the one description that every check, campaign and benchmark starts from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from crosscheck.cases import Cases


class Rule(NamedTuple):
    """What is done with the gradients after the backward pass (a clip, an optimiser), by hand and by the twin."""

    name: str
    subject: Callable[[Any, Any, Any], Any]
    """(gradients, state, parameters) -> a tree of arrays, in NumPy"""
    twin: Callable[[Any, Any, Any], Any]
    """the same in JAX, with the same tree"""
    state: Callable[[np.random.Generator, Any], Any]
    """(random, gradients) -> a state of NumPy arrays to start from; for an optimiser, a memory of the size of g²"""


class Padding(Protocol):
    """How cases of many shapes share one compiled twin."""

    def pad(self, arguments: tuple[Any, ...], states: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Enlarge the twin's arguments and the rules' states: the results are the plain ones with zeros beside them."""
        ...

    def unpad(self, outputs: Mapping[str, Any], arguments: tuple[Any, ...]) -> Mapping[str, Any]:
        """Cut what was computed for the padded case, group by group, to the sizes of the case itself."""
        ...


@dataclass(frozen=True)
class Pair:
    """A hand-written backward pass, the JAX loss that models it, and the cases to hold one against the other."""

    name: str
    subject: Callable[..., Any]
    """(parameters, *data) -> (loss, gradients) or Outcome"""
    twin: Callable[..., Any] | None
    """(parameters, *data) -> loss, or (loss, mapping of auxiliary values), in JAX; None if there is none"""
    cases: "Cases"
    rules: tuple[Rule, ...] = ()
    probes: Callable[..., Mapping[str, Any]] | None = None
    """(parameters, *data) -> zeros to pass to the twin as `probes=`, one for each intermediate by its name"""
    padding: Padding | None = None
    stacked_subject: Callable[..., Any] | None = None
    """The subject over a leading axis of models, where there is one: for bulk"""
    call: str = ""
    """How the check was called, up to its last arguments, where it was not `crosscheck.check(subject, ...)`"""
    inputs: tuple[str, ...] = field(default=())
    """Names of the data arguments in order, where the twin's signature does not say them"""
