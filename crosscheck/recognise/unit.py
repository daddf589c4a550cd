"""A unit: one thing in someone's file that has a gradient, ready to be judged and to be judged again once edited."""

import ast
import types
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from crosscheck.errors import CrosscheckError
from crosscheck.recognise.cases import CallCases
from crosscheck.recognise.loops import named_as_before
from crosscheck.recognise.subject import Patches
from crosscheck.recognise.updates import moving
from crosscheck.recognise.world import FILENAME, World, prepared
from crosscheck.source import Document, compiled
from crosscheck.verdicts import Finding


class Doubtful(Exception):  # noqa: N818 - it ends an attempt, it is no error of anyone
    """It is not plain what something in a file means."""


@dataclass(frozen=True)
class Unit:
    """Something with a loss and a gradient, recognised in a file."""

    name: str
    """What the author calls it: `lossFun`, `RNN.bptt`, `lstm_forward/lstm_backward`"""
    document: Document
    world: World
    subject: Any
    """(parameters, data) -> Outcome"""
    example: tuple[Mapping[str, np.ndarray], Mapping[str, Any]]
    cases: CallCases
    editable: frozenset[int]
    """Lines of document.code with statements of the backward pass: those that the loss does not depend on"""
    functions: tuple[ast.AST, ...]
    """The functions, or the loop, that hold these lines"""
    names: Mapping[str, str]
    """Parameter to the variable that holds its gradient"""
    assumptions: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    """Parameters that the loss depends on and of which no gradient was found"""
    moves: bool = False
    """Whether the call updates its parameters"""
    model: str | None = None
    covers: frozenset[str] = field(default_factory=frozenset)
    """Functions that were judged with it"""
    faults: tuple[Finding, ...] = ()
    """What is wrong beside its gradients: updates that climb"""
    upstream: frozenset[str] = frozenset()
    """Variables that hold upstream gradients, where that is known"""
    kind: str = ""
    """What its call is handed in the place of what the call is that was judged first (other_calls.py)"""
    circulates: Literal["", "each", "together"] = ""
    """Whether no loss is known, and gradients are held against themselves alone or one another (circulation.py)"""
    is_operation: bool = False
    """Whether it is an operation of an autograd engine, or its way back"""

    @property
    def own_name(self) -> str:
        """What it is called in its file, whatever it is asked with: `Net.forward/Net.backward with act='tanh'`."""
        return self.name.partition(" with ")[0]

    @property
    def is_made_up(self) -> bool:
        """Whether nothing in the file calls it, so that it was handed data that were made up."""
        names = self.own_name, *self.own_name.split("/")
        return any(name.partition(", ")[0] in self.world.missing for name in names)

    def rebuilt(self, edited: Document) -> "Unit":
        """Return the same unit with the code of an edited source. Raises CrosscheckError if that does not compile."""
        try:
            tree, _ = prepared(edited, self.world.plan)
            tree = named_as_before(tree, self.document.lines_in(edited))
            code = compiled(tree, FILENAME)
            replay = self.subject.replay.rebuilt(tree)
        except (SyntaxError, ValueError, RecursionError, LookupError) as error:
            raise CrosscheckError(f"The edited source does not compile: {error}.", code="syntax-error") from None
        patches = changed_code(self.world, codes_by_name(code))
        # What climbed may climb no more: that is found out again where the call moves its parameters.
        faults = tuple(fault for fault in self.faults if fault.line is not None or moving(self) is None)
        return replace(self, document=edited, subject=self.subject.patched(patches, replay), faults=faults)


def codes_by_name(code: types.CodeType) -> dict[str, types.CodeType]:
    """Return the code objects inside of a module's, by qualified name."""
    found: dict[str, types.CodeType] = {}
    waiting = [code]
    while waiting:
        current = waiting.pop()
        for constant in current.co_consts:
            if isinstance(constant, types.CodeType):
                found.setdefault(constant.co_qualname, constant)
                waiting.append(constant)
    return found


def changed_code(world: World, codes: Mapping[str, types.CodeType]) -> Patches:
    """Pair every function of the world with its new code, where that differs and can take the old one's place."""
    patches: list[tuple[types.FunctionType, types.CodeType]] = []
    for function in world.functions():
        new = codes.get(function.__qualname__)
        if new is not None and new != function.__code__ and new.co_freevars == function.__code__.co_freevars:
            patches.append((function, new))
    return patches
