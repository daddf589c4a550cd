"""What a program with a backward pass by hand does with torch's own: to compare, or out of habit.

`p.requires_grad = True`, `p.grad = None`, `loss.backward()` and `cmp("W", dW, W)`, looking at `W.grad`: without them
the program computes the same, and needs no more than arrays.
"""

import ast
import copy

RECORDED = frozenset(["grad", "requires_grad"])
"""Attributes of arrays in which gradients are recorded"""
RECORDING = frozenset(["backward", "retain_grad", "requires_grad_"])
"""Methods of arrays that record them"""
ELSEWHERE = frozenset(["autograd", "optim"])


def without_records(tree: ast.Module) -> ast.Module:
    r"""Return a program without what records gradients, and nothing else needs; the same where that cannot be told.

    >>> code = "for p in ps:\n  p.grad = None\nloss.backward()\ndef cmp(t):\n  print(t.grad)\ncmp(W)\nW -= dW"
    >>> ast.unparse(without_records(ast.parse(code)))
    'W -= dW'
    """
    nodes = list(ast.walk(tree))
    words = {word for node in nodes if (word := _word(node))}
    defines = any(isinstance(node, ast.FunctionDef) and node.name in RECORDING for node in nodes)
    keeps = any(_is_own(node) for node in nodes)  # an engine of its own, whose values hold gradients
    if not words & (RECORDED | RECORDING) or words & ELSEWHERE or defines or keeps:
        return tree
    stripped = _Stripped({node.name for node in nodes if isinstance(node, ast.FunctionDef) and _looks_at(node)})
    return ast.fix_missing_locations(stripped.visit(copy.deepcopy(tree)))


def _word(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_own(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "grad" and getattr(node.value, "id", "") == "self"


def _records(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr in RECORDED | RECORDING for part in ast.walk(node))


def _looks_at(function: ast.FunctionDef) -> bool:
    """Tell whether a function needs recorded gradients: asking for them, in a statement of its own, it may as well not.

    >>> code = "def f(x): x.retain_grad(); return {}"
    >>> [_looks_at(ast.parse(code.format(end)).body[0]) for end in ("x", "x.grad")]
    [False, True]
    """
    asked = (part.value for part in ast.walk(function) if isinstance(part, ast.Expr))
    asked = (call.func for call in asked if isinstance(call, ast.Call))
    idle = {id(one) for one in asked if isinstance(one, ast.Attribute) and one.attr in RECORDING - {"backward"}}
    parts = (part for part in ast.walk(function) if isinstance(part, ast.Attribute) and id(part) not in idle)
    return any(part.attr in RECORDED | RECORDING for part in parts)


class _Stripped(ast.NodeTransformer):
    """Takes statements away that only record gradients, or look at them."""

    def __init__(self, functions: set[str]) -> None:
        self.functions = functions
        """Those that look at recorded gradients"""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt | None:
        """Take a function away that looks at recorded gradients."""
        return None if node.name in self.functions else self.generic_visit(node)  # pyright: ignore[reportReturnType]

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | None:
        """Take a statement away that records gradients, or shows them."""
        called = node.value.func if isinstance(node.value, ast.Call) else None
        return None if _records(node) or getattr(called, "id", "") in self.functions else node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | None:
        """Take away what says that gradients are to be recorded, or were not yet."""
        targets = [t.attr for t in node.targets if isinstance(t, ast.Attribute)]
        return None if targets and all(word in RECORDED for word in targets) else node

    def visit_For(self, node: ast.For) -> ast.stmt | None:
        """Take a loop away in which nothing else is done."""
        self.generic_visit(node)
        return node if node.body else None

    def visit_If(self, node: ast.If) -> ast.stmt | None:
        """Take a condition away behind which nothing else is done."""
        self.generic_visit(node)
        node.body = node.body or [ast.copy_location(ast.Pass(), node)]
        return node

    def visit_With(self, node: ast.With) -> ast.stmt | None:
        """Take a block away in which nothing else is done."""
        self.generic_visit(node)
        return node if node.body else None


class InArrays(ast.NodeTransformer):
    """Lets `w.data` be the array itself where it is changed: `w.data += step` and `w.data = w.data - step`."""

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        """Change the array."""
        node.value = _bare(node.value)
        if _is_data(node.target):
            node.target = _entries(node.target.value)  # pyright: ignore[reportAttributeAccessIssue]
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        """Change its entries."""
        if len(node.targets) == 1 and _is_data(node.targets[0]):
            node.value = _bare(node.value)
            node.targets = [_entries(node.targets[0].value)]  # pyright: ignore[reportAttributeAccessIssue]
        return node


def _is_data(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "data" and isinstance(node.value, ast.Name | ast.Attribute)


def _bare(value: ast.expr) -> ast.expr:
    class Bare(ast.NodeTransformer):
        def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
            self.generic_visit(node)
            return node.value if _is_data(node) else node

    return Bare().visit(value)


def _entries(array: ast.expr) -> ast.expr:
    """Return an array as what is changed in its place."""
    if isinstance(array, ast.Attribute):
        array.ctx = ast.Store()
        return array
    return ast.copy_location(ast.Subscript(array, ast.Constant(...), ast.Store()), array)
