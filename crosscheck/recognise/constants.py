"""Guard constants, as in `log(p + 1e-8)`: part of the loss as it is computed, and of no derivation.

A gradient that leaves them out is off by 1e-8 / p, far more than rounding, and is what everybody means.
"""

import ast
import re
from typing import Any

LARGEST = 1e-5
_NAMES = re.compile(r"^(?:_?eps(?:ilon)?|tiny|small|guard|fuzz|delta)$", re.IGNORECASE)
_BOUNDING = frozenset({"clip", "maximum", "minimum", "max", "min"})


def without_guards(tree: ast.Module) -> bool:
    """Set the guard constants of a module to zero, in place; return whether there are any."""
    visitor = _WithoutGuards()
    visitor.visit(tree)
    return visitor.found


def _is_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float) and 0 < node.value <= LARGEST


class _WithoutGuards(ast.NodeTransformer):
    def __init__(self) -> None:
        self.found = False

    def _zero(self, node: Any) -> Any:
        if not _is_guard(node):
            return node
        self.found = True
        return ast.copy_location(ast.Constant(0.0), node)

    def _one(self, node: Any) -> Any:
        is_near = (
            isinstance(node, ast.Constant) and isinstance(node.value, float) and 0 < abs(node.value - 1) <= LARGEST
        )
        if not is_near:
            return node
        self.found = True
        return ast.copy_location(ast.Constant(1.0), node)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        """Set c to zero in x + c, and in 1 − c; and to one in c − x."""
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Sub):
            node.left, node.right = self._one(self._zero(node.left)), self._zero(node.right)
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        """Set the bounds of clips to zero."""
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _BOUNDING:
            node.args = [self._zero(argument) for argument in node.args]
        for keyword in node.keywords:
            if keyword.arg and (name in _BOUNDING or _NAMES.match(keyword.arg)):
                keyword.value = self._zero(keyword.value)
        return node

    def visit_Assign(self, node: ast.Assign) -> Any:
        """Set names such as eps to zero."""
        self.generic_visit(node)
        target = node.targets[0]
        name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
        if _NAMES.match(name):
            node.value = self._zero(node.value)
        return node

    def visit_arguments(self, node: ast.arguments) -> Any:
        """Set default values of such names to zero."""
        self.generic_visit(node)
        named = [*node.posonlyargs, *node.args][-len(node.defaults) :] if node.defaults else []
        node.defaults = [
            self._zero(value) if _NAMES.match(name.arg) else value
            for name, value in zip(named, node.defaults, strict=True)
        ]
        return node
