"""What the source of a backward pass offers to whoever wants to edit it: variables, loops, sizes, weights."""

import ast
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from crosscheck.repair.gradients import Gradients
from crosscheck.repair.places import Loop, Place, holding, is_clip, places_of
from crosscheck.repair.syntax import (
    expressions,
    is_atom,
    names_in,
    nodes_in,
    operands_of_product,
    outermost_atoms,
    targets,
)
from crosscheck.repair.text import Text
from crosscheck.source.walking import walk


class Scope(Gradients):
    """The functions of a unit, read for editing."""

    def __init__(
        self,
        code: str,
        functions: Sequence[ast.AST],
        editable: Collection[int],
        tree: ast.AST,
        upstream: Collection[str] = (),
        *,
        is_operation: bool = False,
    ) -> None:
        """`is_operation` says that the lines belong to an autograd engine."""
        self.text = Text(code)
        self.tree = tree
        self.upstream = frozenset(upstream)
        self.is_operation = is_operation
        self.functions = tuple(functions) or tuple(holding(tree, editable))
        self.places = [place for function in self.functions for place in places_of(function, editable)]
        self.editable = [place for place in self.places if place.editable and not is_clip(place)]

    @cached_property
    def numpy(self) -> str:
        """What NumPy, or what is used in its place here, is called in this file, with a dot behind it."""
        libraries = {
            alias.asname or alias.name
            for node in walk(self.tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
            if alias.name in ("numpy", "jax.numpy", "torch")
        }
        used = [n.id for f in self.functions for n in walk(f) if isinstance(n, ast.Name) and n.id in libraries]
        by_use = sorted(libraries, key=lambda name: (-used.count(name), name != "np", name))
        return f"{by_use[0]}." if by_use else "np."

    @property
    def is_torch(self) -> bool:
        """Whether arrays are tensors here."""
        return self.numpy == "torch."

    @cached_property
    def atoms(self) -> dict[str, int]:
        """The atoms that are read or assigned, with how often."""
        found: dict[str, int] = {}
        for place in self.places:
            for node in expressions(place.statement):
                for atom in outermost_atoms(node):
                    text = ast.unparse(atom)
                    found[text] = found.get(text, 0) + 1
        for node in walk(self.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
                found.setdefault(ast.unparse(node), 0)
        return {text: count for text, count in found.items() if text not in self.never}

    @cached_property
    def never(self) -> frozenset[str]:
        """Names that are modules, functions or loop variables, and `self`."""
        called = {ast.unparse(node.func) for node in walk(self.tree) if isinstance(node, ast.Call)}
        modules = {
            (alias.asname or alias.name).partition(".")[0]
            for node in walk(self.tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        return frozenset(called | modules | self.loop_variables | {"self", "print", "None"})

    @cached_property
    def loop_variables(self) -> frozenset[str]:
        """The names that loops count with; not those that they take out of a container of values."""
        found = set()
        for place in self.places:
            for loop in place.loops:
                if isinstance(loop, ast.For):
                    names = names_in(loop.target)
                    found |= names if "range(" in ast.unparse(loop.iter) else names & self.in_indices
        return frozenset(found)

    @cached_property
    def in_indices(self) -> frozenset[str]:
        """The names that stand in an index."""
        subscripts = (n for place in self.places for n in nodes_in(place.statement) if isinstance(n, ast.Subscript))
        return frozenset(name for subscript in subscripts for name in names_in(subscript.slice))

    @cached_property
    def containers(self) -> frozenset[str]:
        """The atoms that are indexed by anything but a string: `hs` of `hs[t]`."""
        return frozenset(
            ast.unparse(node.value)
            for place in self.places
            for node in walk(place.statement)
            if isinstance(node, ast.Subscript) and is_atom(node.value) and not is_atom(node)
        )

    @cached_property
    def elements(self) -> list[str]:
        """What is read of containers with a loop variable as index: `hs[t]`, `hs[t - 1]`."""
        found = dict.fromkeys(
            self.text.of(node)
            for place in self.places
            for node in walk(place.statement)
            if isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Load)
            and not is_atom(node)
            and names_in(node.slice) & self.loop_variables
            and not any(isinstance(inner, ast.Subscript) for inner in walk(node.slice))
        )
        return [text for text in found if "\n" not in text]

    @cached_property
    def sizes(self) -> list[str]:
        """Expressions for lengths: `len(inputs)`, `T`, `x.shape[0]`."""
        found: dict[str, None] = {}
        for place in self.places:
            for node in walk(place.statement):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    if node.func.id in ("range", "xrange"):
                        found.update(
                            (ast.unparse(argument), None)
                            for argument in node.args
                            if is_atom(argument) or isinstance(argument, ast.Call | ast.Subscript)
                        )
                    elif node.func.id == "len":
                        found[ast.unparse(node)] = None
            if isinstance(place.statement, ast.Assign) and ".shape" in ast.unparse(place.statement.value):
                found.update((target, None) for target in targets(place.statement) if target != "_")
        own = [text for text in found if text.partition("(")[0] not in ("range", "reversed")]
        return list(dict.fromkeys([*own, *self._lengths_of_attributes()]))[:8]

    def _lengths_of_attributes(self) -> Iterator[str]:
        """Yield the lengths of attributes that some method takes: the others know these as well."""
        arguments = [getattr(getattr(function, "args", None), "args", []) for function in self.functions]
        if any(own and own[0].arg == "self" for own in arguments):
            for node in walk(self.tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "len":
                    atoms = [ast.unparse(argument) for argument in node.args if is_atom(argument)]
                    yield from (f"len({atom})" for atom in atoms if atom.startswith("self."))

    @cached_property
    def squared(self) -> frozenset[str]:
        """What the file squares, in the words of its own: a derivative with a factor 2."""
        found = set()
        for node in walk(self.tree):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and ast.unparse(node.right) == "2":
                found.add(ast.unparse(node.left))
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
                found |= {ast.unparse(node.left)} & {ast.unparse(node.right)}
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("square") and len(node.args) == 1:
                found.add(ast.unparse(node.args[0]))
        return frozenset(found)

    @cached_property
    def matrices(self) -> list[str]:
        """Atoms that are an operand of a product, here or in another function, and no gradient: weights, mostly."""
        found: dict[str, None] = {}
        for root in (*(place.statement for place in self.places), self.tree):
            for node in walk(root):
                for operand in operands_of_product(node):
                    bare = operand.value if isinstance(operand, ast.Attribute) and operand.attr == "T" else operand
                    name = ast.unparse(bare) if is_atom(bare) else ""
                    if name in self.atoms and not self.is_gradient(name):
                        found[name] = None
        return list(found)

    def loop_of(self, place: Place) -> Loop | None:
        """Return the innermost loop around a statement."""
        return place.loops[-1] if place.loops else None

    def initialised_before(self, place: Place) -> list[str]:
        """Return the atoms assigned in the same function before the innermost loop around a statement."""
        if not place.loops:
            return []
        loop = place.loops[-1]
        found = dict.fromkeys(
            target
            for other in self.places
            if other.function is place.function and other.line < loop.lineno and loop not in other.loops
            for target in targets(other.statement)
        )
        return list(found)

    def assigned_in(self, loop: ast.AST) -> dict[str, list[Place]]:
        """Return what the statements of a loop assign."""
        found: dict[str, list[Place]] = {}
        for place in self.places:
            if any(around is loop for around in place.loops):
                for target in targets(place.statement):
                    found.setdefault(target, []).append(place)
        return found
