"""Policies that are moved by what was gained: `H += rate * (reward - baseline) * (one_hot - probabilities)`.

Their loss is a cross-entropy times a number that has no name. It is given one in the statement before, so that the loss
can be told by it.
"""

import ast
import copy
import re
from collections.abc import Iterator

from crosscheck.recognise.statements import root_variable, root_word, stored
from crosscheck.source.walking import forget, kept, operands, walk, walked

GAINED = re.compile(r"reward|advantage|baseline|^returns$|(?-i:^[RG]$)|payoff", re.IGNORECASE)
"""What is gained, and what is taken away from that"""
PROBABILITIES = re.compile(r"prob|soft_?max|policy|^pi?$|one_?hot", re.IGNORECASE)
NAME = "advantage"


def with_advantages_named(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such numbers have names; the same if it has none.

    >>> code = "def update(self, a, reward):\n  p = self.softmax()\n  self.H += 0.1 * (reward - self.mean) * (hot - p)"
    >>> print(ast.unparse(with_advantages_named(ast.parse(code))))
    def update(self, a, reward):
        p = self.softmax()
        advantage = reward - self.mean
        self.H += 0.1 * advantage * (hot - p)
    """
    words = {root_word(node) for node in walked(tree) if isinstance(node, ast.Name | ast.Attribute)}
    if NAME in words or not any(map(GAINED.search, words)) or not any(True for _ in _unnamed(tree)):
        return tree
    made = copy.deepcopy(tree)
    for body, statement, numbers in list(_unnamed(made)):
        value = copy.deepcopy(numbers[0])
        named = ast.Assign([ast.copy_location(ast.Name(NAME, ast.Store()), value)], value)
        body.insert(next(n for n, one in enumerate(body) if one is statement), ast.copy_location(named, value))
        _Named(numbers).visit(statement)
    forget()
    return made


@kept
def goes_by_rewards(node: ast.FunctionDef) -> bool:
    """Tell whether a function is handed what was gained, and moves something by that where it knows probabilities.

    >>> code = "def update(self, a, reward): p = self.softmax(); self.H += 0.1 * reward * (self.hot[a] - p)"
    >>> by_baseline = code.replace("reward", "r").replace("r *", "(r - self.baseline) *")
    >>> [goes_by_rewards(ast.parse(one).body[0]) for one in (code, by_baseline, code.replace("reward", "r"))]
    [True, True, False]
    """
    handed = [argument.arg for argument in node.args.args]
    words = {root_word(part) for part in walked(node) if isinstance(part, ast.Name | ast.Attribute)}
    is_told = any(map(GAINED.search, handed)) or "baseline" in words
    if not is_told or not any(map(PROBABILITIES.search, words)):
        return False
    steps = (part.value for part in walked(node) if isinstance(part, ast.AugAssign))
    factors = (factor for step in steps for factor in operands(step, ast.Mult))
    return any(_is_gained(one) if isinstance(one, ast.BinOp) else GAINED.search(root_word(one)) for one in factors)


class _Named(ast.NodeTransformer):
    """What puts a name in place of some numbers."""

    def __init__(self, numbers: list[ast.BinOp]) -> None:
        self.numbers = numbers

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if any(node is one for one in self.numbers):
            return ast.copy_location(ast.Name(NAME, ast.Load()), node)
        self.generic_visit(node)
        return node


def _unnamed(tree: ast.Module) -> Iterator[tuple[list[ast.stmt], ast.stmt, list[ast.BinOp]]]:
    """Yield the outermost statements that move something by such a number and leave it as it is, and their bodies."""
    waiting: list[list[ast.stmt]] = [tree.body]
    while waiting:
        body = waiting.pop()
        for statement in body:
            numbers = list(_numbers_in(statement))
            texts = {ast.unparse(one) for one in numbers}
            read = {root_variable(side) for one in numbers for side in (one.left, one.right)}
            is_scope = isinstance(statement, ast.FunctionDef | ast.ClassDef)
            if len(texts) == 1 and not is_scope and not read & stored(statement):
                yield body, statement, numbers
            elif numbers:
                waiting += [part for name in ("body", "orelse") if (part := getattr(statement, name, None))]


def _numbers_in(statement: ast.stmt) -> Iterator[ast.BinOp]:
    for part in walk(statement):
        match part:
            case ast.AugAssign(op=ast.Add() | ast.Sub(), value=step):
                pass
            case ast.Assign(targets=[target], value=ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=step)) if (
                ast.unparse(left) == ast.unparse(target)
            ):
                pass
            case ast.Return(value=ast.BinOp(left=ast.Name(), op=ast.Add() | ast.Sub(), right=step)):
                pass
            case _:
                continue
        yield from (f for f in operands(step, ast.Mult) if isinstance(f, ast.BinOp) and _is_gained(f))


def _is_gained(node: ast.BinOp) -> bool:
    """Tell a difference from what was gained: `reward - baseline`."""
    sides = (node.left, node.right)
    plain = all(isinstance(side, ast.Name | ast.Attribute | ast.Subscript) for side in sides)
    return isinstance(node.op, ast.Sub) and plain and any(GAINED.search(root_word(side)) for side in sides)
