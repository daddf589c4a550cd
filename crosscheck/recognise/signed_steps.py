"""Steps as a program writes them: what is moved, by what, and whether that is added or taken away."""

import ast
from collections.abc import Iterator

from crosscheck.recognise import naming
from crosscheck.recognise.moving import is_rate
from crosscheck.recognise.pairing import sums_in, written_back_in
from crosscheck.recognise.statements import assigned_in, root_word, sides_of, words
from crosscheck.source.walking import walked


def steps_in(tree: ast.AST) -> Iterator[tuple[str, ast.expr, bool]]:
    """Yield what is moved, by what, and whether that is added."""
    written_back, sums = written_back_in(tree), set(sums_in(tree))
    for node in walked(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub | ast.Add):
            if isinstance(node.target, ast.Subscript | ast.Attribute) and ast.unparse(node.target.value) in sums:
                continue  # `g["W"] += dW` and `g.W += dW` add gradients up
            yield root_word(node.target), node.value, isinstance(node.op, ast.Add)
        for target, whole in assigned_in(node):
            value = _as_sum(whole)
            if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub | ast.Add):
                moved = written_back.get(root_word(target), root_word(target))
                for own, step in sides_of(value):
                    if ast.unparse(own) == ast.unparse(target) or root_word(own) == moved != root_word(target):
                        yield moved, step, isinstance(value.op, ast.Add)
                        break


def holds_rate(step: ast.AST) -> bool:
    """Tell whether something in a step is called a rate."""
    words = (root_word(part) for part in walked(step) if isinstance(part, ast.Name | ast.Attribute))
    return any(map(naming.RATE.search, words))


def moved_by_themselves(node: ast.AST, tree: ast.AST) -> set[str]:
    """Return the attributes that a function moves at a rate by shares of themselves, and that nothing else moves.

    >>> def tried(code):
    ...     return moved_by_themselves(ast.parse(code), ast.parse(code))
    >>> tried("self.W -= lr * self.W"), tried("self.W -= lr * self.W; self.W -= lr * dW"), tried("self.W -= self.dW")
    ({'W'}, set(), set())
    """

    def _by_itself(word: str, step: ast.expr) -> bool:
        used = set(words(step)) - {"self"}
        return word in used and all(word == other or is_rate(other) for other in used)

    own = {word for word, step, _ in steps_in(node) if _by_itself(word, step) and len(set(words(step)) - {"self"}) > 1}
    return own - {word for word, step, _ in steps_in(tree) if not _by_itself(word, step)}


def _as_sum(value: ast.expr) -> ast.expr:
    """Read `np.subtract(w, step)` as `w - step`.

    >>> [(word, adds) for word, _, adds in steps_in(ast.parse("w = np.subtract(w, d); b = np.add(b, d)"))]
    [('w', False), ('b', True)]
    """
    signs = {"subtract": ast.Sub(), "add": ast.Add()}
    sign = signs.get(value.func.attr) if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) else None
    if not isinstance(value, ast.Call) or sign is None or len(value.args) != 2 or value.keywords:
        return value
    return ast.BinOp(value.args[0], sign, value.args[1])
