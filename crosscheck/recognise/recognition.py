"""From a document to its units, and to what looked like a gradient and was not recognised."""

import ast
from dataclasses import dataclass, field
from typing import NamedTuple

from crosscheck.recognise import calls, naming
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.world import World
from crosscheck.source import Document, executable


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
    world: World | None = None


def recognise(document: Document, *, function: str | None = None) -> Recognition:
    """Find the units of a document by executing it as far as needed."""
    tree = executable(document)
    world = World(tree, document.path.parent).run()
    found = Recognition(world=world)
    nodes = functions_of(tree)
    entries = sorted(world.hooks.entries.items(), key=lambda item: -item[1][0].order)
    covered: set[str] = set()
    for name, known in entries:
        node = nodes.get(name)
        if node is None or (function and name != function and name.rpartition(".")[2] != function):
            continue
        if not function and (_calls(node) & covered or not has_backward(node)):
            continue
        finished = [entry for entry in known if entry.finished] or known
        try:
            unit = calls.unit_of(document, world, finished[-1], node)
        except Exception as error:  # noqa: BLE001 - theirs
            found.skipped.append(Skipped(name, f"it raises {type(error).__name__}: {error}", node.lineno))
            continue
        if unit is not None:
            found.units.append(unit)
            covered.add(node.name)
    return found


def functions_of(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """Return the functions of a module by qualified name, without those inside of functions."""
    found: dict[str, ast.FunctionDef] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}": inner for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return found


def has_backward(node: ast.FunctionDef) -> bool:
    """Tell whether a function writes to something that is called like a gradient."""
    written = {
        name.id if isinstance(name, ast.Name) else name.attr
        for name in ast.walk(node)
        if isinstance(name, ast.Name | ast.Attribute) and isinstance(name.ctx, ast.Store)
    }
    return any(map(naming.looks_like_gradient, written)) or bool(naming.BACKWARD.search(node.name))


def _calls(node: ast.AST) -> set[str]:
    names = [call.func for call in ast.walk(node) if isinstance(call, ast.Call)]
    return {name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "") for name in names}
