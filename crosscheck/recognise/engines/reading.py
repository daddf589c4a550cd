"""What the source of a file says before anything runs: whether it may hold an engine, and what it defines."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from crosscheck.recognise import naming
from crosscheck.source import Document
from crosscheck.source.walking import walk

OPERATORS = frozenset(
    {"__add__", "__mul__", "__sub__", "__truediv__", "__div__", "__pow__", "__matmul__", "__neg__", "__getitem__"}
)
SPELT = frozenset({"add", "mul", "multiply", "matmul", "sub", "dot", "div", "neg", "exp", "tanh", "relu", "sigmoid"})
"""What operations are called that are no operators"""

CALLED = frozenset({"__call__", "apply"})
"""How an operation that is a class of its own is called"""


def may_hold_engine(tree: ast.Module) -> bool:
    """Tell whether some class has operations, and something goes back through what they made."""
    classes = [node for node in walk(tree) if isinstance(node, ast.ClassDef)]
    functions = [node.name for node in walk(tree) if isinstance(node, ast.FunctionDef)]
    if not any(naming.BACKWARD.search(name) or "prop" in name for name in functions):
        return any(_goes_through_its_own_kind(node) for node in classes)
    return any(_has_operations(node) or _is_given_operations(tree, node.name) for node in classes)


def _has_operations(node: ast.ClassDef) -> bool:
    own = {inner.name for inner in node.body if isinstance(inner, ast.FunctionDef)}
    own |= {name.id for inner in node.body if isinstance(inner, ast.Assign) for name in inner.targets
            if isinstance(name, ast.Name)}  # fmt: skip
    return bool(own & OPERATORS) or len(own & SPELT) > 1 or _makes_its_own_kind(node)


def _goes_through_its_own_kind(node: ast.ClassDef) -> bool:
    """Tell whether a class has operators that keep functions, as for a way back: `out.undo = undo`."""
    own = [inner for inner in node.body if isinstance(inner, ast.FunctionDef) and inner.name in OPERATORS]
    return sum(any(_keeps_a_function(one) for one in walk(inner)) for inner in own) > 1


def _keeps_a_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.Lambda) and not getattr(node, "name", "").startswith("__")


def _makes_its_own_kind(node: ast.ClassDef) -> bool:
    """Tell whether at least two methods call the class itself: each returns another of its kind."""
    made = 0
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("__init"):
            calls = [ast.unparse(call.func) for call in walk(inner) if isinstance(call, ast.Call)]
            made += any(name in (node.name, "type(self)", "self.__class__", "cls") for name in calls)
    return made > 1


def _is_given_operations(tree: ast.Module, name: str) -> bool:
    """Tell whether a class gets operators from outside: `Tensor.__add__ = add`, `setattr(Tensor, ...)`; or others
    make objects of its kind: `def add(x, y): return Var(...)`, be it one that all operations are derived from.
    """
    made = 0
    for node in walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == name:
            return True
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "setattr" and name in ast.unparse(node.args[0]):
            return True
        if isinstance(node, ast.FunctionDef):
            makes = any(ast.unparse(n.func) == name for n in walk(node) if isinstance(n, ast.Call))
            made += (2 if node.name in CALLED else 1) * makes
    return made > 1


def definitions(document: Document) -> Document:
    """Return a document with what it defines alone: nothing is trained, drawn or read."""
    body = [node for node in document.tree.body if _defines(node, _own_names(document.tree))]
    return replace(document, tree=ast.Module(body, []))


def _own_names(tree: ast.Module) -> dict[str, type[ast.AST]]:
    defined = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef))
    return {node.name: type(node) for node in defined}


def _defines(node: ast.stmt, own: dict[str, type[ast.AST]]) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
        return True
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return not any(own.get(name) is ast.FunctionDef or name == "input" for name in _called(node))
    if isinstance(node, ast.If):
        return "__name__" not in ast.unparse(node.test) and all(_defines(inner, own) for inner in node.body)
    if isinstance(node, ast.Try):
        return all(_defines(inner, own) or isinstance(inner, ast.Pass) for inner in node.body)
    if isinstance(node, ast.For | ast.Expr):
        return _registers(node, own)
    return False


def _registers(node: ast.stmt, own: dict[str, type[ast.AST]]) -> bool:
    """Tell whether a statement hands classes or functions to where they belong: `register("add", Add)`."""
    for inner in walk(node):
        if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store):
            if own.get(ast.unparse(inner.value)) is ast.ClassDef:
                return True
        elif isinstance(inner, ast.Call):
            name = ast.unparse(inner.func)
            handed = {argument.id for argument in inner.args if isinstance(argument, ast.Name)}
            if name == "setattr" or (own.get(name) is ast.FunctionDef and handed & set(own)):
                return True
    return False


def _called(node: ast.AST) -> Iterator[str]:
    for inner in walk(node):
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name):
            yield inner.func.id
