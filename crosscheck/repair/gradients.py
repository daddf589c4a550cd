"""Which variables hold gradients, and which only look it: parameters, sizes, what the forward has kept."""

import ast
import re
from collections.abc import Sequence
from functools import cached_property

from crosscheck.repair.places import Place
from crosscheck.repair.syntax import PLAIN, last_name, nodes_in, operands_of_product, reads, targets
from crosscheck.source.walking import walk

GRADIENT = re.compile(r"^_?(d[A-Z_]|d[a-z]{0,3}\d*$|d[a-z]*(next|raw|prev)|grad|delta|nabla|err)|_?(grad|delta)s?$")
"""How names of gradients begin or end, where nothing else tells"""


class Gradients:
    """The variables of a backward pass, sorted by what they hold."""

    functions: Sequence[ast.AST]
    places: list[Place]
    editable: list[Place]
    upstream: frozenset[str]
    """Arguments that are known to be upstream gradients, whatever they are called"""

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
            plain = isinstance(statement, ast.Assign) and all(isinstance(node, PLAIN) for node in walk(statement.value))
            (found if plain else computed).update(targets(statement))
        return frozenset(name for name in found - computed if not GRADIENT.search(last_name(name)))

    @cached_property
    def zeros(self) -> frozenset[str]:
        """The names of zeros that stay zeros, and are not called like a gradient: an initial state, perhaps."""
        written: dict[str, list[ast.stmt]] = {}
        for place in self.places:
            for target in targets(place.statement):
                written.setdefault(target, []).append(place.statement)
        return frozenset(
            name
            for name, statements in written.items()
            if len(statements) == 1 and not GRADIENT.search(last_name(name))
            if isinstance(statements[0], ast.Assign) and "zeros" in ast.unparse(statements[0].value)
            if not self._is_returned(name)
        )

    @cached_property
    def stored(self) -> frozenset[str]:
        """The containers into which nothing is put but what the forward has computed: `hs.append(h)`, `hs[t] = h`."""
        found: set[str] = set()
        others: set[str] = set()
        for place in self.places:
            put = _put(place.statement)
            of_forward = put is not None and put in self.assigned_elsewhere and put not in self.assigned_in_backward
            made = isinstance(place.statement, ast.Assign) and isinstance(place.statement.targets[0], ast.Name)
            if of_forward:
                found |= set(targets(place.statement))
            elif not made or place.loops:
                others |= set(targets(place.statement))
        return frozenset(name for name in found - others if not GRADIENT.search(last_name(name)))

    def unread_in(self, function: ast.AST) -> frozenset[str]:
        """Return the names of gradients that a function assigns and nowhere reads."""
        if function not in self._unread:
            own = [place for place in self.places if place.function is function]
            assigning = [place.statement for place in own if place.editable and isinstance(place.statement, ast.Assign)]
            written = {name for statement in assigning for name in targets(statement) if name.isidentifier()}
            read = {name for place in own for name in reads(place.statement)}
            self._unread[function] = frozenset(filter(self.is_gradient, written - read))
        return self._unread[function]

    @cached_property
    def _unread(self) -> dict[ast.AST, frozenset[str]]:
        return {}

    @cached_property
    def moved(self) -> frozenset[str]:
        """The parameters that the backward pass updates: nothing but steps is ever added to them in its functions."""
        written: dict[str, list[ast.stmt]] = {}
        for place in self.places:
            for target in targets(place.statement):
                written.setdefault(target, []).append(place.statement)
        return frozenset(
            name
            for name, statements in written.items()
            if all(isinstance(s, ast.AugAssign) and isinstance(s.op, ast.Sub | ast.Add) for s in statements)
            if not GRADIENT.search(last_name(name)) and name in self._operands
        )

    @cached_property
    def _operands(self) -> set[str]:
        """The variables that are an operand of a matrix product, transposed or not."""
        found = set()
        for place in self.places:
            for node in nodes_in(place.statement):
                for operand in operands_of_product(node):
                    bare = operand.value if isinstance(operand, ast.Attribute) and operand.attr == "T" else operand
                    found.add(ast.unparse(bare))
        return found

    @cached_property
    def recomputed(self) -> frozenset[str]:
        """The names that the backward pass computes from what the forward has kept, and from no gradient.

        Known only where the gradients begin with an argument; sizes are known everywhere.
        """
        found: set[str] = set()
        for function in self.functions:
            own = [place for place in self.editable if place.function is function]
            written = {target for place in own for target in targets(place.statement)}
            arguments = {argument.arg for argument in getattr(getattr(function, "args", None), "args", [])}
            begin = (arguments & self.upstream) or {name for name in arguments if GRADIENT.search(name)}
            reached, grown = set(begin), True
            while grown:
                grown = False
                for place in own:
                    new = set(targets(place.statement)) - reached
                    if new and reads(place.statement) & reached:
                        reached |= new
                        grown = True
            found |= {name for name in written - reached if begin}
            found |= {name for place in own if _measures(place.statement) for name in targets(place.statement)}
        return frozenset(found)

    def _is_returned(self, name: str) -> bool:
        returns = (place.statement for place in self.places if isinstance(place.statement, ast.Return))
        return any(ast.unparse(node) == name for statement in returns for node in nodes_in(statement))

    def is_gradient(self, atom: str) -> bool:
        """Tell whether an atom belongs to the backward pass alone."""
        if atom in self.upstream:
            return True
        if any(atom in names for names in (self.assigned_elsewhere, self.unpacked, self.zeros, self.recomputed)):
            return False
        if atom in self.stored:
            return False
        if atom in self.moved:
            return False
        return atom in self.assigned_in_backward or bool(GRADIENT.search(last_name(atom)))


def _put(statement: ast.stmt) -> str | None:
    """Return the name of what a statement puts into a container; None if it is more than a name."""
    value: ast.AST | None = None
    if isinstance(statement, ast.Expr) and isinstance(call := statement.value, ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "append" and len(call.args) == 1:
            value = call.args[0]
    elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Subscript):
        value = statement.value
    return value.id if isinstance(value, ast.Name) else None


def _measures(statement: ast.stmt) -> bool:
    """Tell whether a statement reads lengths and nothing else: `N, D = x.shape`, `n = len(x)`."""
    value = statement.value if isinstance(statement, ast.Assign) else None
    return value is not None and bool(
        re.fullmatch(r"[\w.]+\.(shape(\[\d\])?|size(\(\d?\))?)|len\([\w.]+\)", ast.unparse(value))
    )
