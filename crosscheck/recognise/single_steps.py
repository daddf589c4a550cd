"""Which parameters are single numbers, as their updates tell: a sum over all examples is one number for each."""

import ast
import re

from crosscheck.recognise.pairing import update_pairs
from crosscheck.source.walking import walked

SUMS = frozenset({"sum", "mean"})
COUNT = re.compile(r"^[nm]$|^[NM]$|^(?:n|m|num)_?(?:samples|examples)?$|len|count|size", re.IGNORECASE)
"""What numbers are called by which sums are divided"""


def moved_by_totals(node: ast.AST) -> set[str]:
    r"""Return what is moved by sums over everything, so that it must be a single number.

    >>> code = "def f(b, w, x, e):\n  db = (-2 / n) * np.sum(e)\n  dw = e @ x\n  b = b - 0.1 * db\n  w = w - 0.1 * dw"
    >>> moved_by_totals(ast.parse(code))
    {'b'}
    """
    totals: set[str] = set()
    others: set[str] = set()
    for part in (part for part in walked(node) if isinstance(part, ast.Assign)):
        names = {target.id for target in part.targets if isinstance(target, ast.Name)}
        (totals if _is_total(part.value) else others).update(names)
    pairs = update_pairs(node)
    by_totals = {parameter for parameter, word in pairs if word in totals - others}
    return by_totals - {parameter for parameter, word in pairs if word in others}


def _is_total(node: ast.expr) -> bool:
    """Tell whether an expression is a sum or mean over everything, times plain numbers."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np" | "numpy"), attr=attr), args=[_], keywords=[]):
            return attr in SUMS
        case ast.Call(func=ast.Attribute(attr=attr), args=[], keywords=[]):
            return attr in SUMS
        case ast.UnaryOp(op=ast.USub()):
            return _is_total(node.operand)
        case ast.BinOp(op=ast.Mult()):
            sides = node.left, node.right
            return any(map(_is_total, sides)) and all(_is_total(side) or _is_number(side) for side in sides)
        case ast.BinOp(op=ast.Div()):
            return _is_total(node.left) and _is_number(node.right)
        case _:
            return False


def _is_number(node: ast.expr) -> bool:
    """Tell whether an expression is a plain number: a constant, how many there are, or made of these."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return bool(COUNT.search(name))
        case ast.Call(func=ast.Name(id="len" | "float")):
            return True
        case ast.Subscript(value=ast.Attribute(attr="shape")) | ast.Attribute(attr="size"):
            return True
        case ast.UnaryOp():
            return _is_number(node.operand)
        case ast.BinOp():
            return _is_number(node.left) and _is_number(node.right)
        case _:
            return False
