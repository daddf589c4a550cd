"""Slopes that the file takes by a call elsewhere: `delta * sigmoid(a, deriv=True)`, `delta * self.slope(a)`."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.edits.factors import kept
from crosscheck.repair.places import Place
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import computed, expressions, is_atom, targets
from crosscheck.repair.text import bracketed
from crosscheck.source.walking import operands, walk


class Call(NamedTuple):
    """A call in the file that is a factor of a product, but for its first argument."""

    function: str
    rest: str
    """The other arguments, as the author writes them"""

    def of(self, argument: str) -> str:
        """Return the call with another argument."""
        return f"{self.function}({argument}{self.rest})"


def candidates(scope: Scope) -> Iterator[Candidate]:
    """Yield edits that take the slope of a value in place of the value, or multiply by it where it is missing."""
    known = calls_of(scope)
    if not known:
        return
    for place in scope.editable:
        if isinstance(place.statement, ast.For):
            continue
        about = next(targets(place.statement), "")
        for expression in expressions(place.statement):
            for node in walk(expression):
                yield from _of_factors(scope, known, node, about)
        yield from _missing(scope, known, place, about)


def calls_of(scope: Scope) -> list[Call]:
    """Return the calls of the file that stand in a product, most frequent first."""
    found: dict[Call, int] = {}
    for node in walk(scope.tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            for factor in (node.left, node.right):
                if isinstance(factor, ast.Call) and factor.args and _is_own(factor.func):
                    others = [*map(ast.unparse, factor.args[1:]), *map(ast.unparse, factor.keywords)]
                    call = Call(ast.unparse(factor.func), "".join(f", {other}" for other in others))
                    found[call] = found.get(call, 0) + 1
    return sorted(found, key=lambda call: -found[call])[:4]


def _is_own(function: ast.expr) -> bool:
    """Tell a function of the file from those of a library and from methods of arrays."""
    if isinstance(function, ast.Attribute):
        return isinstance(function.value, ast.Name) and function.value.id == "self"
    return isinstance(function, ast.Name) and function.id not in ("sum", "len", "float", "int", "abs", "range", "dot")


def _of_factors(scope: Scope, known: list[Call], node: ast.AST, about: str) -> Iterator[Candidate]:
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
        return
    for factor in operands(node, ast.Mult):
        text = scope.text.of(factor)
        value = factor.value if isinstance(factor, ast.Subscript) and not is_atom(factor) else factor
        if is_atom(value) and not scope.is_gradient(ast.unparse(value)):
            for call in known:
                edit = scope.text.replace(factor, call.of(text))
                yield Candidate((edit,), factor.lineno, "wrong-activation-derivative", 1.1, about)


def _missing(scope: Scope, known: list[Call], place: Place, about: str) -> Iterator[Candidate]:
    for node in computed(place.statement):
        value = scope.text.of(node)
        if "zeros" in value:
            continue
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)):
            value = bracketed(node, value)
        for call in known:
            for x, _ in kept(scope):
                if call.of(x) not in value:
                    edit = scope.text.replace(node, f"{value} * {call.of(x)}")
                    yield Candidate((edit,), node.lineno, "derivative-forgotten", 1.8, about)
