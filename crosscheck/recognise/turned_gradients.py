"""Gradients that are computed on their side and turned in the step: `W = W - (rate * dW).T`.

They are turned where they are computed instead, so that they have the shape of what they move.
"""

import ast
import copy
from collections import Counter
from collections.abc import Iterator

from crosscheck.recognise.naming import looks_like_gradient
from crosscheck.source.walking import forget, walk


def with_turned_gradients(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such gradients are turned at once; the same if it has none.

    >>> code = "def step(self, X, d, rate):\n  dw = X @ d.T / 3\n  db = d.sum()\n  self.W = self.W - (rate * dw).T"
    >>> print(ast.unparse(with_turned_gradients(ast.parse(code))))
    def step(self, X, d, rate):
        dw = (X @ d.T / 3).T
        db = d.sum()
        self.W = self.W - rate * dw
    """
    if not any(True for _ in _turned(tree)):
        return tree
    made = copy.deepcopy(tree)
    for computed, turn in list(_turned(made)):
        computed.value = ast.copy_location(ast.Attribute(computed.value, "T", ast.Load()), computed.value)
        _Unturned(turn).visit(made)
    forget()
    return made


class _Unturned(ast.NodeTransformer):
    def __init__(self, turn: ast.Attribute) -> None:
        self.turn = turn

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if node is self.turn:
            return node.value
        self.generic_visit(node)
        return node


def _turned(tree: ast.Module) -> Iterator[tuple[ast.Assign, ast.Attribute]]:
    """Yield where such a gradient is computed, and where it is turned."""
    for function in (node for node in walk(tree) if isinstance(node, ast.FunctionDef)):
        names = [part for part in walk(function) if isinstance(part, ast.Name)]
        read = Counter(part.id for part in names if isinstance(part.ctx, ast.Load))
        written = Counter(part.id for part in names if isinstance(part.ctx, ast.Store))
        computed = {
            part.targets[0].id: part
            for part in walk(function)
            if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name) and len(part.targets) == 1
        }
        for step in (part for part in walk(function) if isinstance(part, ast.Assign | ast.AugAssign)):
            for turn in _turns_in(step):
                words = [part.id for part in walk(turn.value) if isinstance(part, ast.Name)]
                for name in (word for word in words if looks_like_gradient(word) and word in computed):
                    if read[name] == written[name] == 1:
                        yield computed[name], turn


def _turns_in(step: ast.Assign | ast.AugAssign) -> Iterator[ast.Attribute]:
    """Yield what is turned in a difference, or in what is subtracted: a product with a number, or a name alone."""
    value = step.value
    if isinstance(step, ast.AugAssign):
        parts = [value] if isinstance(step.op, ast.Sub) else []
    else:
        parts = [value.right] if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub) else []
    for part in parts:
        for turn in (part, *((part.left, part.right) if isinstance(part, ast.BinOp) else ())):
            if isinstance(turn, ast.Attribute) and turn.attr == "T":
                inner = turn.value
                is_product = isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Mult)
                sides = [inner.left, inner.right] if is_product else [inner]  # pyright: ignore
                if all(isinstance(side, ast.Name | ast.Constant) or _is_of_self(side) for side in sides):
                    yield turn


def _is_of_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
