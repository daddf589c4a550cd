"""Targets by a letter that gradients have as well: `def back(self, D): E = self.Y - D` is handed what is wanted."""

import ast
import copy
import re
from collections.abc import Iterator

from crosscheck.source.walking import walk, walked

LETTER = re.compile(r"^[deg]$", re.IGNORECASE)
TARGET = "target"


def with_targets_named(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such arguments are called targets; the same if there is none.

    >>> code = "def back(self, D):\n    {}\n    return self.x.T @ d"
    >>> for first in ("d = self.Y - D[0]", "d = D * self.Y", "d = self.Y * (D - (D * self.Y).sum())"):
    ...     print(ast.unparse(with_targets_named(ast.parse(code.format(first))).body[0].args))
    self, target
    self, D
    self, D
    """
    if not any(True for _ in _letters(tree)):
        return tree
    made = copy.deepcopy(tree)
    for node, letter in list(_letters(made)):
        for part in walk(node):
            if isinstance(part, ast.Name) and part.id == letter:
                part.id = TARGET
            elif isinstance(part, ast.arg) and part.arg == letter:
                part.arg = TARGET
    return made


def _letters(tree: ast.AST) -> Iterator[tuple[ast.FunctionDef, str]]:
    named = {keyword.arg for node in walked(tree) if isinstance(node, ast.Call) for keyword in node.keywords}
    for node in walked(tree):
        if not isinstance(node, ast.FunctionDef) or not any(LETTER.match(one.arg) for one in node.args.args):
            continue
        words = {part.id for part in walked(node) if isinstance(part, ast.Name)}
        stored = {part.id for part in walked(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        letters = [one.arg for one in node.args.args if LETTER.match(one.arg)]
        found = [letter for letter in letters if letter not in named | stored and _is_subtracted(letter, node)]
        if len(found) == 1 and TARGET not in words:
            yield node, found[0]


def _is_subtracted(letter: str, node: ast.AST) -> bool:
    """Tell whether the difference of an argument and something plain is taken, and the argument is not multiplied."""
    differs = False
    for part in (part for part in walked(node) if isinstance(part, ast.BinOp)):
        sides = (part.left, part.right)
        own = [side for side in sides if _root(side) == letter]
        if own and isinstance(part.op, ast.Mult | ast.MatMult | ast.Div):
            return False
        if own and isinstance(part.op, ast.Sub):
            (other,) = [side for side in sides if side is not own[0]]
            differs = differs or _root(other) not in ("", letter)
    return differs and letter not in map(_root, _multiplied(node))


def _multiplied(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what is multiplied by calls: `x.T.dot(d)`, `np.dot(x.T, d)`."""
    for part in walked(node):
        match part:
            case ast.Call(func=ast.Attribute(value=owner, attr="dot"), args=args):
                yield from (owner, *args)


def _root(node: ast.expr) -> str:
    """Return the name of what is read as it is, or an entry of it."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
