"""Gradients that lie otherwise than what they move, until the update lays them out: `W -= dW.reshape(W.shape)`."""

import ast
from collections.abc import Iterator

from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk


def laid_out_by_updates(tree: ast.AST) -> frozenset[tuple[str, str]]:
    """Return (parameter, gradient) for each gradient that an update lays out in the shape of what it moves.

    >>> sorted(laid_out_by_updates(ast.parse("self.W -= lr * dW.reshape(self.W.shape); b -= np.reshape(db, b.shape)")))
    [('W', 'dW'), ('b', 'db')]
    """
    return frozenset(_pairs(tree))


def _pairs(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in walk(tree):
        if isinstance(node, ast.AugAssign):
            target = node.target
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
        else:
            continue
        shape = f"{ast.unparse(target)}.shape"
        for call in (part for part in walk(node) if isinstance(part, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "reshape":
                is_method = root_word(call.func.value) not in ("np", "numpy")
                array, *shapes = [call.func.value, *call.args] if is_method else call.args
                if shape in map(ast.unparse, shapes):
                    yield root_word(target), root_word(array)
