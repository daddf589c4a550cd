"""Code in one form of those that algebra makes equal, to tell mutants that change nothing."""

import ast
from typing import Any

SUM, PRODUCT, INVERSE, MATRIX = "sum", "product", "inverse", "matrix"
DOTS = frozenset({"dot", "matmul"})


def canonical(tree: ast.AST) -> str:
    """Return code in one form: sums and products in order and without brackets, squares written out, `@` for dot.

    >>> canonical(ast.parse("dh * (1 - h ** 2)")) == canonical(ast.parse("(1. - h * h) * dh"))
    True
    >>> canonical(ast.parse("np.dot(a.T, b) - c / d")) == canonical(ast.parse("-c * (1 / d) + a.T @ b"))
    True
    >>> canonical(ast.parse("a - b")) == canonical(ast.parse("b - a"))
    False
    """
    return ast.dump(_Canonical().visit(ast.parse(ast.unparse(tree))))


class _Canonical(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> Any:
        """Write sums, products and matrix products as calls with their operands in order."""
        self.generic_visit(node)
        left, right = node.left, node.right
        if isinstance(node.op, ast.MatMult):
            return _call(MATRIX, [left, right])
        if isinstance(node.op, ast.Pow) and isinstance(right, ast.Constant) and right.value == 2:
            return _ordered(PRODUCT, [*_parts(PRODUCT, left), *_parts(PRODUCT, left)])
        if isinstance(node.op, ast.Add):
            return _ordered(SUM, [*_parts(SUM, left), *_parts(SUM, right)])
        if isinstance(node.op, ast.Sub):
            return _ordered(SUM, [*_parts(SUM, left), *map(_negative, _parts(SUM, right))])
        if isinstance(node.op, ast.Mult):
            return _ordered(PRODUCT, [*_parts(PRODUCT, left), *_parts(PRODUCT, right)])
        if isinstance(node.op, ast.Div):
            return _ordered(PRODUCT, [*_parts(PRODUCT, left), _call(INVERSE, [right])])
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        """Write a sign as a factor of -1."""
        self.generic_visit(node)
        return _negative(node.operand) if isinstance(node.op, ast.USub) else node

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        """Drop a transpose of a transpose."""
        self.generic_visit(node)
        inner = node.value
        return inner.value if node.attr == "T" and isinstance(inner, ast.Attribute) and inner.attr == "T" else node

    def visit_Call(self, node: ast.Call) -> Any:
        """Write `np.dot(a, b)` and `a.dot(b)` as matrix products."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in DOTS and not node.keywords:
            if len(node.args) == 2:
                return _call(MATRIX, list(node.args))
            if len(node.args) == 1:
                return _call(MATRIX, [node.func.value, node.args[0]])
        return node

    def visit_Constant(self, node: ast.Constant) -> Any:
        """Write 1.0 as 1."""
        is_whole = isinstance(node.value, float) and node.value.is_integer()
        return ast.Constant(int(node.value)) if is_whole else node  # pyright: ignore[reportArgumentType]


def _call(name: str, operands: list[ast.expr]) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), operands, [])


def _ordered(name: str, operands: list[ast.expr]) -> ast.expr:
    """Return a sum or product in order; numbers among the factors are multiplied first."""
    if name == PRODUCT:
        numbers = [o.value for o in operands if isinstance(o, ast.Constant) and isinstance(o.value, int | float)]
        operands = [o for o in operands if not (isinstance(o, ast.Constant) and isinstance(o.value, int | float))]
        number: Any = 1
        for value in numbers:
            number *= value
        operands = ([] if number == 1 and operands else [ast.Constant(number)]) + operands
    return operands[0] if len(operands) == 1 else _call(name, sorted(operands, key=ast.dump))


def _parts(name: str, node: ast.expr) -> list[ast.expr]:
    is_same = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    return list(node.args) if is_same else [node]  # pyright: ignore[reportAttributeAccessIssue]


def _negative(node: ast.expr) -> ast.expr:
    return _ordered(PRODUCT, [ast.Constant(-1), *_parts(PRODUCT, node)])
