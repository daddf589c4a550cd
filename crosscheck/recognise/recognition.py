"""From a document to its units, and to what looked like a gradient and was not recognised."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from crosscheck.recognise import calls, loops, naming
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.world import World
from crosscheck.source import Document


class Skipped(NamedTuple):
    """A function that looks like a gradient and could not be judged."""

    function: str
    reason: str
    line: int


@dataclass
class Recognition:
    """What was found in a file."""

    units: list[Unit] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    world: World | None = None


def recognise(document: Document, *, function: str | None = None) -> Recognition:
    """Find the units of a document by executing it as far as needed."""
    world = World(document).run()
    found = Recognition(world=world, assumptions=sorted(set(world.missing.values())))
    search = _Search(document, world, found, function)
    search.calls()
    search.pairs()
    search.loops()
    return found


class _Search:
    """The ways of finding units, one after another; what one has found the next leaves alone."""

    def __init__(self, document: Document, world: World, found: Recognition, only: str | None) -> None:
        self.document, self.world, self.found, self.only = document, world, found, only
        self.nodes = functions_of(document.tree)
        self.covered: set[str] = set()

    def calls(self) -> None:
        """Functions that return a loss and gradients."""
        entries = [item for item in self.world.hooks.entries.items() if item[0] in self.nodes]
        for name, known in sorted(entries, key=lambda item: -item[1][0].order):
            node = self.nodes[name]
            if not self._is_wanted(name) or _calls(node) & self.covered or not has_backward(node):
                continue
            finished = [entry for entry in known if entry.finished] or known
            self._try(name, node.lineno, lambda e=finished[-1], n=node: calls.unit_of(self.document, self.world, e, n))

    def pairs(self) -> None:
        """A backward function, and the forward function whose results it is handed."""
        entries = {name: known for name, known in self.world.hooks.entries.items() if name in self.nodes}
        for name in sorted(entries, key=lambda name: entries[name][0].order):
            node = self.nodes[name]
            if name.rpartition(".")[2] in self.covered or not has_backward(node) or _calls(node) & self.covered:
                continue
            backward = next((entry for entry in reversed(entries[name]) if entry.finished), None)
            if backward is None:
                continue
            for forward in self._before(backward, entries):
                if not self._is_wanted(name) and not self._is_wanted(forward.function):
                    continue
                if self._try(
                    f"{forward.function}/{name}",
                    node.lineno,
                    lambda f=forward, b=backward: calls.unit_of_pair(self.document, self.world, f, b, self.nodes),
                ):
                    break

    def _before(self, backward: Entry, entries: Mapping[str, list[Entry]]) -> list[Entry]:
        """Return the calls that may be the forward of a backward call: the nearest before it first, namesakes first."""
        found = [
            entry
            for name, known in entries.items()
            for entry in known
            if entry.finished
            and entry.order < backward.order
            and not name.endswith("__init__")
            and name != backward.function
        ]
        stem = naming.BACKWARD.sub("", backward.function)
        return sorted(found, key=lambda e: (naming.FORWARD.sub("", e.function) != stem, -e.order))[:12]

    def loops(self) -> None:
        """Training loops that assemble the gradients."""
        nodes = loops.loops_of(self.document.tree, self.world.tree)
        for name in sorted(nodes, key=lambda name: -nodes[name].lineno):
            node = nodes[name]
            entries = self.world.hooks.entries.get(name)
            inner = any(n is not node and has_backward(n) for n in ast.walk(node) if isinstance(n, loops.Loop))
            if not entries or self.only or _calls(node) & self.covered or not (has_backward(node) or inner):
                continue
            if any(self._covers(node, unit) for unit in self.found.units):
                continue
            self._try(
                name, node.lineno, lambda e=entries[-1], n=node: calls.unit_of_loop(self.document, self.world, e, n)
            )

    def _covers(self, node: ast.AST, unit: Unit) -> bool:
        return any(inner is other for inner in ast.walk(node) for other in unit.functions)

    def _is_wanted(self, name: str) -> bool:
        return not self.only or self.only in (name, name.rpartition(".")[2])

    def _try(self, name: str, line: int, find: Callable[[], Unit | None]) -> bool:
        try:
            unit = find()
        except Exception as error:  # noqa: BLE001 - theirs
            self.found.skipped.append(Skipped(name, f"it raises {type(error).__name__}: {error}", line))
            return False
        if unit is not None:
            self.found.units.append(unit)
            self.covered |= {covered.rpartition(".")[2] for covered in unit.covers}
        return unit is not None


def functions_of(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """Return the functions of a module by qualified name, without those inside of functions."""
    found: dict[str, ast.FunctionDef] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}": inner for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return found


def has_backward(node: ast.AST) -> bool:
    """Tell whether a function writes to something that is called like a gradient."""
    written = {
        name.id if isinstance(name, ast.Name) else name.attr
        for name in ast.walk(node)
        if isinstance(name, ast.Name | ast.Attribute) and isinstance(name.ctx, ast.Store)
    }
    return any(map(naming.looks_like_gradient, written)) or bool(naming.BACKWARD.search(getattr(node, "name", "")))


def _calls(node: ast.AST) -> set[str]:
    names = [call.func for call in ast.walk(node) if isinstance(call, ast.Call)]
    return {name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "") for name in names}
