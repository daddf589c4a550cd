"""What shows that a loop learns, whatever its variables are called: weights that it multiplies by, and moves."""

import ast
from collections.abc import Iterator

PRODUCTS = frozenset({"dot", "matmul", "einsum", "tensordot"})


def moves_weights(loop: ast.AST) -> bool:
    """Tell whether a product is taken with something that a product of a transpose, or an outer one, then moves.

    `h = np.dot(X, w)` ... `w += X.T.dot(d)`. A state that moves by its own product (`h += W @ h`) is no such thing.
    """
    factors = set(_factors(loop))
    return any(name in factors and _is_of_gradient(step, loop) for name, step in _moves(loop))


def _moves(loop: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(loop):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
            yield ast.unparse(node.target), node.value
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
            value, target = node.value, ast.unparse(node.targets[0])
            if isinstance(value.op, ast.Add | ast.Sub) and ast.unparse(value.left) == target:
                yield target, value.right


def _factors(loop: ast.AST) -> Iterator[str]:
    for node in ast.walk(loop):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            yield from map(ast.unparse, (node.left, node.right))
        elif isinstance(node, ast.Call) and _called(node) in PRODUCTS:
            yield from map(ast.unparse, node.args)
            if isinstance(node.func, ast.Attribute):
                yield ast.unparse(node.func.value)


def _is_of_gradient(step: ast.expr, loop: ast.AST) -> bool:
    """Tell whether a step is made by a transpose or an outer product, directly or by way of a variable."""
    names = {node.id for node in ast.walk(step) if isinstance(node, ast.Name)}
    made = [
        node.value
        for node in ast.walk(loop)
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in names for t in node.targets)
    ]
    return any(
        (isinstance(node, ast.Attribute) and node.attr in ("T", "transpose"))
        or (isinstance(node, ast.Call) and _called(node) in ("outer", "transpose"))
        for value in (step, *made)
        for node in ast.walk(value)
    )


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
