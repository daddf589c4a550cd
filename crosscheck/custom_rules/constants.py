"""Which arguments of a torch.autograd.Function are plain numbers: nobody asks for a gradient of them."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crosscheck.source import Document

SOME_NUMBER = 0.7
"""For a number of which the file shows no value"""
FARTHEST = 4
"""Calls, defaults and attributes through which a value is followed"""

Numbers = (int, float, bool)


def constants_of(
    document: Document, name: str, forward: ast.AST | None, parts: Sequence[ast.AST], arguments: Sequence[str]
) -> dict[str, Any]:
    """Return the arguments of a class that are plain numbers, with a value for each.

    They are those that every call of `apply` in the file passes as a number, and those that the forward keeps on ctx
    as they are and that have a literal None for a gradient, unless a call passes something else.
    """
    source = _Source(document)
    calls = list(source.calls(f"{name.rpartition('.')[2]}.apply"))
    kept = _kept_on_ctx(parts) & _without_gradient(parts, arguments)
    kept |= _annotated(forward) & _without_gradient(parts, arguments)
    found: dict[str, Any] = {}
    for at, argument in enumerate(arguments):
        passed = [
            source.number(given, around, FARTHEST) for call, around in calls if (given := _at(call, at)) is not None
        ]
        if passed and None not in passed:
            found[argument] = passed[0]
        elif argument in kept and not passed:
            found[argument] = SOME_NUMBER
    return found


def _at(call: ast.Call, place: int) -> ast.expr | None:
    plain = call.args[: place + 1]
    return plain[place] if len(plain) > place and not any(isinstance(a, ast.Starred) for a in plain) else None


class _Source:
    """A module, in which the values of expressions are looked up."""

    def __init__(self, document: Document) -> None:
        self.tree = document.tree
        self.around: dict[ast.AST, ast.FunctionDef] = {}
        for function in (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)):
            for inner in ast.walk(function):
                self.around[inner] = function  # the innermost comes last

    def calls(self, name: str) -> Iterator[tuple[ast.Call, ast.FunctionDef | None]]:
        """Yield the calls of a function, by that name or as an alias, with the function that each stands in."""
        names = {name}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign) and ast.unparse(node.value) == name:
                names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
                yield node, self.around.get(node)

    def number(self, value: ast.expr, function: ast.FunctionDef | None, farthest: int) -> Any:
        """Return the number that an expression is plainly, None if it may be anything else."""
        if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
            inner = self.number(value.operand, function, farthest)
            return None if inner is None else -inner
        if isinstance(value, ast.Constant):
            return value.value if isinstance(value.value, Numbers) else None
        if farthest == 0:
            return None
        if isinstance(value, ast.Attribute):
            return self._assigned(ast.unparse(value), farthest)
        if not isinstance(value, ast.Name):
            return None
        if function is not None and value.id in _parameters(function):
            return self._of_parameter(value.id, function, farthest)
        return self._assigned(value.id, farthest)

    def _assigned(self, target: str, farthest: int) -> Any:
        """Return the number that is all that is ever assigned to a name or an attribute."""
        found = [
            self.number(node.value, self.around.get(node), farthest - 1)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Assign) and target in map(ast.unparse, node.targets)
        ]
        return found[0] if found and None not in found else None

    def _of_parameter(self, name: str, function: ast.FunctionDef, farthest: int) -> Any:
        """Return the number that is a parameter's default, or what every call passes."""
        default = _defaults(function).get(name)
        if default is not None:
            return self.number(default, None, 0)
        place = _parameters(function).index(name)
        found = [
            self.number(given, around, farthest - 1)
            for call, around in self.calls(function.name)
            if (given := _at(call, place)) is not None
        ]
        return found[0] if found and None not in found else None


def _parameters(function: ast.FunctionDef) -> list[str]:
    arguments = function.args
    return [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def _defaults(function: ast.FunctionDef) -> Mapping[str, ast.expr]:
    plain = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    defaults = function.args.defaults
    found = dict(zip(plain[len(plain) - len(defaults) :], defaults, strict=True))
    named = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    return found | {argument.arg: default for argument, default in named if default is not None}


def _methods(parts: Sequence[ast.AST]) -> dict[str, ast.FunctionDef]:
    nodes = [node for part in parts for node in ast.walk(part) if isinstance(node, ast.FunctionDef)]
    return {node.name: node for node in nodes}


def _kept_on_ctx(parts: Sequence[ast.AST]) -> set[str]:
    """Return the names that a forward keeps as they are: `ctx.gamma = gamma`."""
    found: set[str] = set()
    for name, method in _methods(parts).items():
        if name not in ("forward", "setup_context"):
            continue
        for node in (inner for inner in ast.walk(method) if isinstance(inner, ast.Assign)):
            for target in node.targets:
                both = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                pairs = zip(target.elts, node.value.elts, strict=False) if both else [(target, node.value)]  # pyright: ignore
                for place, value in pairs:
                    owner = ast.unparse(place.value) if isinstance(place, ast.Attribute) else ""
                    if owner == "ctx" and isinstance(value, ast.Name):
                        found.add(value.id)
    return found


def _without_gradient(parts: Sequence[ast.AST], arguments: Sequence[str]) -> set[str]:
    """Return the arguments for which every return of the backward says None."""
    backward = _methods(parts).get("backward")
    returned = [n.value for n in ast.walk(backward) if isinstance(n, ast.Return)] if backward is not None else []
    rows = [value.elts for value in returned if isinstance(value, ast.Tuple) and len(value.elts) == len(arguments)]
    if not rows or len(rows) < len(returned):
        return set()
    return {
        argument
        for at, argument in enumerate(arguments)
        if all(isinstance(row[at], ast.Constant) and row[at].value is None for row in rows)  # pyright: ignore
    }


def _annotated(forward: ast.AST | None) -> set[str]:
    """Return the arguments that are said to be numbers."""
    if not isinstance(forward, ast.FunctionDef):
        return set()
    notes = {a.arg: ast.unparse(a.annotation) for a in forward.args.args if a.annotation is not None}
    return {name for name, note in notes.items() if note in ("int", "float", "bool")}
