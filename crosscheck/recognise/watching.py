"""Calls of which more is seen: what inner functions returned, what a variable was turn by turn, what a loss says."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from crosscheck.recognise.backward_passes import functions_of, looks_like_backward
from crosscheck.recognise.copying import copied
from crosscheck.recognise.hinges import CALLED, SIGN, SIGNS
from crosscheck.recognise.moving import moves_weights
from crosscheck.recognise.replay import Replay, Result, StandIns
from crosscheck.recognise.seeing import joined
from crosscheck.recognise.siblings import Sibling
from crosscheck.source.walking import kept, walk

MOST = 64
"""Numbers in an array, and turns of a loop, that are kept"""
ARRAYS = (np.ndarray, np.generic, float, complex)


class Observer:
    """Told of every turn of a loop and of every return while a call is replayed (Hooks.observer)."""

    def __init__(
        self,
        stored: Mapping[str, frozenset[str]],
        unseen: str,
        wanted: frozenset[str] | None = None,
        differing: Mapping[str, frozenset[str]] = MappingProxyType({}),
    ) -> None:
        self.stored = stored
        """Names that a loop's body assigns, by the loop"""
        self.differing = differing
        """What functions that go back subtract, by the function"""
        self.unseen, self.wanted = unseen, wanted
        """The function whose own returns are seen elsewhere, and what is read; None if it may be anything"""
        self.returns: dict[str, list[Any]] = {}
        self.turns: dict[str, dict[str, list[Any]]] = {}
        self.left: dict[str, Any] = {}
        """What they left in these variables at last"""
        self.margins: dict[str, list[Any]] = {}
        """What margins lack of one or zero where they are compared with it, by the line"""

    def entered(self, name: str, variables: Mapping[str, Any]) -> None:
        """Pass over the beginnings of calls."""

    def returned(self, name: str, value: Any, variables: Mapping[str, Any]) -> None:
        """Keep a copy: the caller may write into it."""
        for word in self.differing.get(name, ()) if name != self.unseen else ():
            if word in variables and (self.wanted is None or word in self.wanted):
                self.left[word] = copied(variables[word], {})
        if name == self.unseen or not (self.wanted is None or {calls_of(name), each_call_of(name)} & self.wanted):
            return
        known = self.returns.setdefault(name, [])
        if len(known) < MOST:
            known.append(copied(value, {}))

    def compared(self, line: int, bound: int | str | None, value: Any) -> None:
        """Keep what a margin lacks of its bound, or what only the sign is asked of."""
        name = f"{CALLED}{line}{' against zero' if bound == 0 else ''}"
        known = self.margins.setdefault(f"{SIGNS}{line} asks the sign of" if bound == SIGN else name, [])
        if len(known) < MOST and isinstance(value, ARRAYS) and np.asarray(value).dtype.kind in "fc":
            own: Any = np.array(value, copy=True, subok=True)
            known.append(bound - own if isinstance(bound, int) else own)

    def turn(self, name: str, variables: Mapping[str, Any]) -> None:
        """Keep what the last turn left in the variables that the loop assigns."""
        seen = self.turns.setdefault(name, {})
        for word in self.stored.get(name, ()):
            value = variables.get(word)
            known = seen.setdefault(word, [])
            if len(known) < MOST:
                known.append(copied(value, {}) if _is_small(value) else None)


def _is_small(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.size <= MOST
    if isinstance(value, list):
        return 0 < len(value) <= MOST and all(isinstance(part, ARRAYS) and np.ndim(part) == 0 for part in value)
    return isinstance(value, float | complex | np.generic) and not isinstance(value, bool)


EACH = "(), call by call"


def calls_of(function: str) -> str:
    """Return under which name is found what a function returned at last."""
    return f"{function}()"


def each_call_of(function: str) -> str:
    """Return under which name is found what a function returned, call by call."""
    return f"{function}{EACH}"


def turns_of(word: str) -> str:
    """Return under which name is found what a variable was, turn by turn."""
    return f"{word}, turn by turn"


class Watched(Replay):
    """A call whose results hold more: `forward()` what that returned, `error, turn by turn` a list."""

    def __init__(
        self,
        inner: Replay,
        node: ast.AST,
        siblings: Sequence[Sibling] = (),
        wanted: frozenset[str] | None = None,
    ) -> None:
        """`wanted` names what of it will be read; None if that may be anything."""
        self.inner, self.node, self.wanted = inner, node, wanted
        self.siblings = [one for one in siblings if wanted is None or str(one) in wanted]
        self.world, self.entry, self.name = inner.world, inner.entry, inner.name
        self.names, self.zeroed, self.squashed = inner.names, inner.zeroed, inner.squashed
        stored = dict(_stored(node, inner.name))
        if wanted is not None:
            stored = {loop: frozenset(w for w in words if turns_of(w) in wanted) for loop, words in stored.items()}
        self.stored = stored
        self.differing = dict(subtracted_in(inner.world.document.tree))

    def around(self, inner: Replay, wanted: frozenset[str] | None = None) -> "Watched":
        """Return another call, watched in the same way, or no further than for what is `wanted`."""
        return Watched(inner, self.node, self.siblings, wanted)

    def loop_variables(self) -> frozenset[str]:
        """Return those of the call itself."""
        return self.inner.loop_variables()

    def roots(self) -> dict[str, Any]:
        """Return what the inner call starts from."""
        return self.inner.roots()

    def rebuilt(self, tree: ast.Module) -> "Watched":
        """Return the same call in an edited module."""
        return Watched(self.inner.rebuilt(tree), self.node, self.siblings, self.wanted)

    def run_twice(self, replaced: Mapping[int, Any], read: Callable[[Result], Any]) -> tuple[Any, Any]:
        """Make the inner call twice in one and the same state."""
        self.inner.zeroed = self.zeroed
        return self.inner.run_twice(replaced, read)

    def run(self, replaced: Mapping[int, Any], replaced_modules: StandIns = ()) -> Result:
        """Make the call, then those of its siblings. Raises what the call raises."""
        hooks = self.world.hooks
        self.inner.zeroed, self.inner.squashed = self.zeroed, self.squashed
        observer = hooks.observer = Observer(self.stored, self.entry.function, self.wanted, self.differing)
        begun = {**replaced, **self.squashing(replaced)} if self.siblings else {}
        untouched = {i: v.copy() if isinstance(v, np.ndarray | list) else v for i, v in begun.items()}
        try:
            result = self.inner.run(replaced, replaced_modules)
        finally:
            hooks.observer = None
        found: dict[str, Any] = {word: v for word, v in observer.left.items() if word not in result.variables}
        for name, values in observer.returns.items():
            found[calls_of(name)] = values[-1]
            if len(values) > 1:
                found[each_call_of(name)] = values
        ends = joined(result.names, result.variables)
        for series in observer.turns.values():
            for word, values in series.items():
                last = ends.get(word)
                if all(value is not None for value in values[1:]) and _is_small(last):  # the first is from before
                    found.setdefault(turns_of(word), [*values[1:], copied(last, {})])
        for sibling in self.siblings:
            found[str(sibling)] = sibling.value(self.inner, result, untouched, replaced_modules)
        found |= {name: values for name, values in observer.margins.items() if values}
        more = dict(self.inner.seen(Result(None, found, {}, {})).variables)
        return result._replace(variables=joined(result.variables, dict(reversed(more.items()))))


@kept
def subtracted_in(tree: ast.Module) -> tuple[tuple[str, frozenset[str]], ...]:
    r"""Return the variables on both sides of the differences in functions that go back, or move weights.

    >>> code = "def back(k):\n  for i in range(3):\n    w[i] += 0.1 * (y[k] - out[1][k]) * x[i]"
    >>> [(name, sorted(words)) for name, words in subtracted_in(ast.parse(code))]
    [('back', ['out', 'y'])]
    """
    nodes = functions_of(tree)
    return tuple(
        (name, frozenset(_subtracted(node)))
        for name, node in nodes.items()
        if looks_like_backward(node) or moves_weights(node)
    )


def _subtracted(node: ast.AST) -> Iterator[str]:
    for part in walk(node):
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub):
            for side in (part.left, part.right):
                while isinstance(side, ast.Subscript):
                    side = side.value
                if isinstance(side, ast.Name):
                    yield side.id


def _stored(node: ast.AST, name: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the loops inside of a function or loop, by the names that they report under, with what they assign."""
    owner = "" if name.startswith("the ") else name.partition(", the loop in")[0] + ", "
    for loop in walk(node):
        if isinstance(loop, ast.For | ast.While) and loop is not node:
            stores = (n for part in loop.body for n in walk(part) if isinstance(n, ast.Name))
            words = frozenset(n.id for n in stores if isinstance(n.ctx, ast.Store))
            yield f"{owner}the loop in line {loop.lineno}", words
