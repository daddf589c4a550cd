"""What the source of a backward pass offers to whoever wants to edit it: statements, names, loops, sizes, helpers."""

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from crosscheck.repair.text import Text

Loop = ast.For | ast.While
PLAIN = ast.Name | ast.Attribute | ast.Subscript | ast.Constant | ast.Tuple | ast.List | ast.expr_context | ast.Slice
GRADIENT = re.compile(r"^_?(d[A-Z_]|d[a-z]{0,3}\d*$|d[a-z]*(next|raw|prev)|grad|delta|nabla|err)|_?(grad|delta)s?$")
"""How names of gradients begin or end, where nothing else tells"""
PRODUCTS = frozenset({"dot", "matmul", "outer", "multiply", "inner"})


@dataclass(frozen=True, eq=False)
class Place:
    """A statement, and where it stands."""

    statement: ast.stmt
    function: ast.AST
    body: Sequence[ast.stmt]
    """The block that it belongs to"""
    index: int
    loops: tuple[Loop, ...]
    editable: bool

    @property
    def line(self) -> int:
        """The line that it starts on."""
        return self.statement.lineno

    @property
    def is_simple(self) -> bool:
        """Whether it has no block of its own."""
        return not hasattr(self.statement, "body")


class Scope:
    """The functions of a unit, read for editing."""

    def __init__(self, code: str, functions: Sequence[ast.AST], editable: Collection[int], tree: ast.AST) -> None:
        self.text = Text(code)
        self.tree = tree
        self.functions = tuple(functions) or tuple(holding(tree, editable))
        self.places = [place for function in self.functions for place in _places(function, editable)]
        self.editable = [place for place in self.places if place.editable]

    @cached_property
    def numpy(self) -> str:
        """What NumPy is called in this file, with a dot behind it."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name == "numpy":
                        return f"{alias.asname or 'numpy'}."
        return "np."

    @cached_property
    def assigned_in_backward(self) -> frozenset[str]:
        """The atoms that the editable statements assign, or change."""
        return frozenset(target for place in self.editable for target in targets(place.statement))

    @cached_property
    def assigned_elsewhere(self) -> frozenset[str]:
        """The atoms that the other statements assign: the forward pass."""
        return frozenset(target for place in self.places if not place.editable for target in targets(place.statement))

    @cached_property
    def unpacked(self) -> frozenset[str]:
        """The atoms that the backward pass merely takes out of what the forward has kept: `f, i = caches[t]`."""
        found: set[str] = set()
        computed: set[str] = set()
        for place in self.editable:
            statement = place.statement
            if isinstance(statement, ast.For):
                found.update(targets(statement))
                continue
            plain = isinstance(statement, ast.Assign) and all(
                isinstance(node, PLAIN) for node in ast.walk(statement.value)
            )
            (found if plain else computed).update(targets(statement))
        return frozenset(name for name in found - computed if not GRADIENT.match(last_name(name)))

    def is_gradient(self, atom: str) -> bool:
        """Tell whether an atom belongs to the backward pass alone."""
        if atom in self.assigned_elsewhere or atom in self.unpacked:
            return False
        return atom in self.assigned_in_backward or bool(GRADIENT.match(last_name(atom)))

    @cached_property
    def atoms(self) -> dict[str, int]:
        """The atoms that are read or assigned, with how often."""
        found: dict[str, int] = {}
        for place in self.places:
            for node in expressions(place.statement):
                for atom in _outermost_atoms(node):
                    text = ast.unparse(atom)
                    found[text] = found.get(text, 0) + 1
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
                found.setdefault(ast.unparse(node), 0)
        return {text: count for text, count in found.items() if text not in self.never}

    @cached_property
    def never(self) -> frozenset[str]:
        """Names that are modules, functions or loop variables, and `self`."""
        called = {ast.unparse(node.func) for node in ast.walk(self.tree) if isinstance(node, ast.Call)}
        modules = {
            (alias.asname or alias.name).partition(".")[0]
            for node in ast.walk(self.tree)
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
            for node in ast.walk(place.statement)
            if isinstance(node, ast.Subscript) and is_atom(node.value) and not is_atom(node)
        )

    @cached_property
    def elements(self) -> list[str]:
        """What is read of containers with a loop variable as index: `hs[t]`, `hs[t - 1]`."""
        found = dict.fromkeys(
            self.text.of(node)
            for place in self.places
            for node in ast.walk(place.statement)
            if isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Load)
            and not is_atom(node)
            and names_in(node.slice) & self.loop_variables
            and not any(isinstance(inner, ast.Subscript) for inner in ast.walk(node.slice))
        )
        return [text for text in found if "\n" not in text]

    @cached_property
    def sizes(self) -> list[str]:
        """Expressions for lengths: `len(inputs)`, `T`, `x.shape[0]`."""
        found: dict[str, None] = {}
        for place in self.places:
            for node in ast.walk(place.statement):
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
        return [text for text in found if text.partition("(")[0] not in ("range", "reversed")][:8]

    @cached_property
    def matrices(self) -> list[str]:
        """Atoms that are an operand of a product and no gradient: weights, mostly."""
        found: dict[str, None] = {}
        for place in self.places:
            for node in ast.walk(place.statement):
                for operand in operands_of_product(node):
                    bare = operand.value if isinstance(operand, ast.Attribute) and operand.attr == "T" else operand
                    if is_atom(bare) and not self.is_gradient(ast.unparse(bare)):
                        found[ast.unparse(bare)] = None
        return [text for text in found if text not in self.never]

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


def targets(statement: ast.stmt) -> Iterator[str]:
    """Yield the atoms that a statement assigns or changes: `dW` of `dW[t] += x`, and of `np.add.at(dW, i, x)`."""
    if isinstance(statement, ast.Assign):
        nodes = list(statement.targets)
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign | ast.For):
        nodes = [statement.target]
    elif isinstance(statement, ast.Expr) and isinstance(call := statement.value, ast.Call):
        name = ast.unparse(call.func)
        nodes = call.args[:1] if name.endswith((".add.at", "copyto", "put")) else []
        nodes += [keyword.value for keyword in call.keywords if keyword.arg == "out"]
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("append", "insert", "fill", "update"):
            nodes.append(call.func.value)
    else:
        nodes = []
    for node in nodes:
        items = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
        for item in items:
            base = item.value if isinstance(item, ast.Starred) else item
            while isinstance(base, ast.Subscript) and not is_atom(base):
                base = base.value
            if is_atom(base):
                yield ast.unparse(base)


def is_atom(node: ast.AST) -> bool:
    """Tell whether an expression is a variable: `dWhh`, `self.Whh`, `grads['Whh']`."""
    if isinstance(node, ast.Name):
        return True
    if isinstance(node, ast.Attribute):
        return is_atom(node.value) and node.attr not in ("T", "shape", "size", "ndim")
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str) and is_atom(node.value)
    return False


def operands_of_product(node: ast.AST) -> list[ast.expr]:
    """Return the two operands of a matrix product, in whatever way it is written; otherwise nothing."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return [node.left, node.right]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PRODUCTS:
        if len(node.args) == 2:
            return list(node.args)
        if len(node.args) == 1:
            return [node.func.value, node.args[0]]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PRODUCTS:
        return list(node.args) if len(node.args) == 2 else []
    return []


def expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the expressions of a statement itself, not those of the block under it."""
    for name, value in ast.iter_fields(statement):
        if name in ("body", "orelse", "finalbody", "handlers", "decorator_list"):
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ast.expr):
                yield item


def nodes_in(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield every node of the expressions of a statement itself."""
    for expression in expressions(statement):
        yield from ast.walk(expression)


def names_in(node: ast.AST) -> set[str]:
    """Return the plain names in an expression."""
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def last_name(atom: str) -> str:
    """Return the telling part of an atom: `Whh` of `self.Whh` and of `grads['Whh']`."""
    return re.findall(r"\w+", atom)[-1] if re.search(r"\w", atom) else atom


def _outermost_atoms(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.expr) and is_atom(node):
        yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from _outermost_atoms(child)


def outermost_atoms(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the variables in an expression, each as a whole."""
    yield from _outermost_atoms(node)


def holding(tree: ast.AST, editable: Collection[int]) -> Iterator[ast.AST]:
    """Yield the outermost functions, and the module itself, that hold editable lines."""
    outside = set(editable)
    waiting: list[ast.AST] = [tree]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop(0)):
            if isinstance(node, ast.FunctionDef):
                lines = set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
                if lines & set(editable):
                    outside -= lines
                    yield node
            elif isinstance(node, ast.stmt):
                waiting.append(node)
    if outside:
        yield tree


def _places(function: ast.AST, editable: Collection[int]) -> Iterator[Place]:
    yield from _block(function.body, function, (), editable)  # pyright: ignore[reportAttributeAccessIssue]


def _block(
    body: Sequence[ast.stmt], function: ast.AST, loops: tuple[Loop, ...], editable: Collection[int]
) -> Iterator[Place]:
    for index, statement in enumerate(body):
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            if isinstance(statement, ast.FunctionDef) and not isinstance(function, ast.Module):
                yield from _block(statement.body, statement, (), editable)
            continue
        yield Place(statement, function, body, index, loops, _is_editable(statement, editable))
        inner = (*loops, statement) if isinstance(statement, Loop) else loops
        for name in ("body", "orelse", "finalbody"):
            yield from _block(getattr(statement, name, []), function, inner, editable)


def _is_editable(statement: ast.stmt, editable: Collection[int]) -> bool:
    """Tell whether a statement belongs to the backward pass; a loop does if all that is in it does.

    What is returned may be put into another order.
    """
    if isinstance(statement, ast.Return):
        return True
    if hasattr(statement, "body"):
        inner = [node for node in ast.walk(statement) if isinstance(node, ast.stmt) and not hasattr(node, "body")]
        return bool(inner) and all(node.lineno in editable for node in inner)
    return any(line in editable for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
