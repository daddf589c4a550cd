"""What the loop of a backward pass computes at each time step, seen by tracing one call."""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crosscheck.contract import call
from crosscheck.recognise.naming import looks_like_gradient
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.world import FILENAME
from crosscheck.source.walking import walk


@dataclass(frozen=True)
class Steps:
    """A loop over time in a backward pass."""

    line: int
    index: str
    """The variable that holds the time step"""
    names: frozenset[str]
    """The variables that are assigned anew in each turn"""


def steps_of(unit: Unit) -> list[Steps]:
    """Return the loops that do nothing but go back through a sequence, the outermost of those inside of each other."""
    found: list[Steps] = []
    inside: set[ast.AST] = set()
    for function in unit.functions:
        for node in walk(function):  # from the outside in
            if not isinstance(node, ast.For) or node in inside or not _is_backward(node, unit.editable):
                continue
            inside |= set(walk(node))
            index = next((name.id for name in walk(node.target) if isinstance(name, ast.Name)), None)
            names = _assigned(node)
            if index is not None and names:  # a loop that clips assigns nothing
                found.append(Steps(node.lineno, index, names))
    return found


def _is_backward(loop: ast.For, editable: frozenset[int]) -> bool:
    lines = {node.lineno for part in loop.body for node in walk(part) if isinstance(node, ast.stmt)}
    return lines <= editable


def _assigned(loop: ast.For) -> frozenset[str]:
    targets = [t for node in walk(loop) if isinstance(node, ast.Assign) for t in node.targets]
    names = {n.id for target in targets for n in _plain(target)}
    return frozenset({name for name in names if looks_like_gradient(name)} or names)


def _plain(target: ast.expr) -> Iterator[ast.Name]:
    if isinstance(target, ast.Name):
        yield target
    elif isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            yield from _plain(part)


@dataclass
class _Tracer:
    """Notes the norms of variables at the end of every turn."""

    loops: Mapping[int, Steps]
    norms: dict[str, dict[int, float]] = field(default_factory=dict)
    begun: set[tuple[int, int]] = field(default_factory=set)

    def __call__(self, frame: Any, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != FILENAME:
            return None
        if event == "line" and frame.f_lineno in self.loops:
            turn = (id(frame), frame.f_lineno)
            if turn in self.begun:
                self._note(frame.f_locals, self.loops[frame.f_lineno])
            self.begun.add(turn)
        return self

    def _note(self, variables: Mapping[str, Any], loop: Steps) -> None:
        step = variables.get(loop.index)
        if isinstance(step, bool) or not isinstance(step, int | np.integer) or step < 0:
            return
        for name in loop.names:
            value = variables.get(name)
            if isinstance(value, np.ndarray | np.floating) and value.dtype.kind == "f" and value.size:
                with np.errstate(all="ignore"):
                    self.norms.setdefault(name, {})[int(step)] = float(np.sqrt(np.sum(np.square(value, dtype=float))))


def through_time(unit: Unit, loops: list[Steps], arguments: tuple[Any, ...], seconds: float) -> dict[str, np.ndarray]:
    """Call a unit once more and return, for each variable, its norms with time as the first axis: (T, 1).

    Only variables that have a value at every step are returned. Raises SubjectError as `call` does.
    """
    tracer, before = _Tracer({loop.line: loop for loop in loops}), sys.gettrace()
    sys.settrace(tracer)
    try:
        call(unit.subject, arguments, time_limit=seconds)
    finally:
        sys.settrace(before)
    return {
        name: np.array([norms[step] for step in range(len(norms))])[:, None]
        for name, norms in sorted(tracer.norms.items())
        if len(norms) > 1 and set(norms) == set(range(len(norms)))
    }
