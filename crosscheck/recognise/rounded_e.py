"""The number e with some decimals, as the base of a power: `1 / (1 + 2.71828 ** -x)` is meant to be the sigmoid.

With a base that is a little off, every derivative of it is off by that little, which is no slip of the backward pass.
"""

import ast
import math

from crosscheck.source.walking import last_word, walk

FEWEST = 2
"""Decimals: with fewer it may be any number"""
POWERS = frozenset({"pow", "power", "float_power"})
NAMES = frozenset({"e", "E", "euler", "EULER"})


def with_exact_e(tree: ast.Module) -> ast.Module:
    """Return a module in which powers of e have e itself for their base; the tree is changed.

    >>> tree = ast.parse("e = 2.718; a = 2.71828 ** x; b = pow(2.72, x); c = 2.7 ** x; d = 2.71")
    >>> print(ast.unparse(with_exact_e(tree)))
    e = 2.718281828459045
    a = 2.718281828459045 ** x
    b = pow(2.718281828459045, x)
    c = 2.7 ** x
    d = 2.71
    """
    for node in _rounded(tree):
        node.value = math.e
    return tree


def said_of_e(tree: ast.Module) -> list[str]:
    """Return what is assumed of a module that has e with some decimals."""
    texts = sorted({str(node.value) for node in _rounded(tree)})
    return [f"{' and '.join(texts)} was taken for e"] if texts else []


def _rounded(tree: ast.Module) -> list[ast.Constant]:
    """Return the numbers of a module that are e with some decimals, and what powers are taken of."""
    found: list[ast.expr] = []
    for node in walk(tree):
        match node:
            case ast.BinOp(ast.Constant() as base, ast.Pow()):
                found.append(base)
            case ast.Call(func, [ast.Constant() as base, _]) if last_word(func) in POWERS:
                found.append(base)
            case ast.Assign([ast.Name(name)], ast.Constant() as value) if name in NAMES:
                found.append(value)
    return [one for one in found if isinstance(one, ast.Constant) and type(one.value) is float and _is_e(one.value)]


def _is_e(number: float) -> bool:
    """Tell whether a number is e, cut off or rounded.

    >>> [_is_e(number) for number in (2.71, 2.72, 2.7182, 2.7183, 2.7, 2.719, 2.718281828459045)]
    [True, True, True, True, False, False, False]
    """
    decimals = len(repr(number).partition(".")[2])
    is_cut_off = 0 < math.e - number < 10.0**-decimals
    return decimals >= FEWEST and (is_cut_off or number == round(math.e, decimals) != math.e)
