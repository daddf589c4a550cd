"""Which names some statements read before they assign them: what one turn of a loop takes over from the turn before.

Loops are taken to turn at least once: an accumulator that is set to zero when a turn begins is no state.
"""

import ast
from collections.abc import Iterable

from crosscheck.source.walking import walk

_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


def taken_over(body: Iterable[ast.stmt]) -> set[str]:
    """Return the names that are read before anything assigns them.

    >>> sorted(taken_over(ast.parse("total = 0; total += x; W -= rate * total").body))
    ['W', 'rate', 'x']
    """
    reading = _Reading()
    reading.block(body)
    return reading.live


class _Reading:
    def __init__(self) -> None:
        self.live: set[str] = set()
        self.known: set[str] = set()

    def block(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign):
            self.read(node.value)
            for target in node.targets:
                self.store(target)
        elif isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self.read(node.value)
                self.store(node.target)
        elif isinstance(node, ast.AugAssign):
            self.read(node.value)
            self.read(node.target)
        elif isinstance(node, ast.For | ast.AsyncFor):
            self.read(node.iter)
            self.store(node.target)
            self.block(node.body)
            self.block(node.orelse)
        elif isinstance(node, ast.While):
            self.read(node.test)
            self.block(node.body)
        elif isinstance(node, ast.If):
            self.read(node.test)
            self.branches([node.body, node.orelse])
        elif isinstance(node, ast.With):
            for item in node.items:
                self.read(item.context_expr)
                if item.optional_vars is not None:
                    self.store(item.optional_vars)
            self.block(node.body)
        elif isinstance(node, ast.Try):
            self.branches([[*node.body, *node.orelse], *(handler.body for handler in node.handlers)])
            self.block(node.finalbody)
        else:
            self.read(node)
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                self.known.add(node.name)

    def branches(self, bodies: Iterable[list[ast.stmt]]) -> None:
        before, ends = self.known, []
        for body in bodies:
            self.known = set(before)
            self.block(body)
            ends.append(self.known)
        self.known = set.intersection(*ends)

    def store(self, target: ast.expr) -> None:
        """Note what a target assigns; what it stores into is read."""
        if isinstance(target, ast.Name):
            self.known.add(target.id)
        elif isinstance(target, ast.Tuple | ast.List):
            for item in target.elts:
                self.store(item)
        elif isinstance(target, ast.Starred):
            self.store(target.value)
        else:
            self.read(target)

    def read(self, node: ast.AST) -> None:
        """Note all names in an expression, but for those that are its own."""
        own = {
            name.id
            for part in walk(node)
            if isinstance(part, ast.comprehension)
            for name in walk(part.target)
            if isinstance(name, ast.Name)
        }
        for part in walk(node):
            if isinstance(part, _SCOPES):
                arguments = getattr(part, "args", None)
                own |= {a.arg for a in walk(arguments) if isinstance(a, ast.arg)} if arguments else set()
        self.live |= {n.id for n in walk(node) if isinstance(n, ast.Name)} - own - self.known
