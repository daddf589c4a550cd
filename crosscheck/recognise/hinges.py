"""The hinge loss, of which programs often hold no more than the question whether a margin is below one.

`condition = y * (X @ w + b) < 1` decides which examples push. What is compared there is noted while the program runs;
the loss is the sum of what the margins lack of one, or of zero in a perceptron.
"""

import ast
from collections.abc import Collection, Iterator

from crosscheck.source.walking import walk

CALLED = "the margins of line "
"""What the compared values are called in a result, before their line"""
SIGN = "sign"
"""Where a margin would have a bound: only its sign is asked, and made a class of"""
AGAINST = "against"
"""Where the bound is the other value that is compared"""
SIGNS = "what line "
"""What such values are called in a result, before their line"""
STRENGTHS = frozenset({"c", "lambda", "lam", "lmbda", "lambda_", "lambda_param", "reg", "alpha", "penalty"})
"""Names of numbers that a sum of hinges may be multiplied by, in small letters"""
ORDERS = ast.Lt | ast.LtE | ast.Gt | ast.GtE


def slacks(tree: ast.AST) -> frozenset[str]:
    """Return the names of what lacks of one: of `slack = 1 - y * f`."""
    assigned = (node for node in walk(tree) if isinstance(node, ast.Assign) and _is_from_one(node.value))
    return frozenset(t.id for node in assigned for t in node.targets if isinstance(t, ast.Name))


def asked_signs(tree: ast.AST) -> frozenset[int]:
    """Return the identities of nodes that make one of two constants of a sign: a perceptron's prediction.

    >>> code = "1 if z > 0 else -1; np.where(z >= 0, 1, 0); np.sign(z); z if z > 0 else 0; np.where(z > 0, z, 0)"
    >>> len(asked_signs(ast.parse(code)))
    3
    """
    return frozenset(id(asking) for node in walk(tree) for asking in _asking(node))


def _asking(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("sign", "heaviside") and node.args:
        yield node
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "where" and len(node.args) == 3:
        yield from _of_constants(*node.args)
    elif isinstance(node, ast.IfExp):
        yield from _of_constants(node.test, node.body, node.orelse)
    elif isinstance(node, ast.If) and len(node.body) == 1:
        values = [getattr(part, "value", None) for part in (*node.body, *node.orelse[:1])]
        kinds = all(isinstance(part, ast.Return | ast.Assign) for part in (*node.body, *node.orelse[:1]))
        if kinds:
            yield from _of_constants(node.test, *values)


def _of_constants(test: ast.expr, *values: ast.expr | None) -> Iterator[ast.expr]:
    known = [value.operand if isinstance(value, ast.UnaryOp) else value for value in values]
    numbers = [value.value for value in known if isinstance(value, ast.Constant)]
    if len(numbers) == len(values) and all(number in (0, 1) for number in numbers) and isinstance(test, ast.Compare):
        yield test


def compared(node: ast.Compare, lacking: Collection[str]) -> tuple[str, int | None] | None:
    """Return which side of a comparison holds margins, and what they should reach; None if neither side does.

    What lacks of one already, and should reach nothing, comes with None.
    """
    if len(node.ops) != 1 or not isinstance(node.ops[0], ORDERS):
        return None
    sides = {"left": node.left, "right": node.comparators[0]}
    for side, other in (("left", "right"), ("right", "left")):
        value, bound = sides[side], sides[other]
        if not isinstance(bound, ast.Constant) or type(bound.value) not in (int, float):
            continue
        if bound.value == 1 and not isinstance(value, ast.Constant):
            return side, 1
        if bound.value == 0 and (_is_from_one(value) or (isinstance(value, ast.Name) and value.id in lacking)):
            return side, None
        if bound.value == 0 and isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):  # a perceptron's
            return side, 0
    return None


def sign_of(node: ast.Compare) -> tuple[str, str] | None:
    """Return which side of a comparison is compared with zero; None if neither is, or both are constants."""
    sides = {"left": node.left, "right": node.comparators[0]}
    for side, other in (("left", "right"), ("right", "left")):
        bound = sides[other]
        is_zero = isinstance(bound, ast.Constant) and type(bound.value) in (int, float) and bound.value == 0
        if is_zero and not isinstance(sides[side], ast.Constant) and len(node.ops) == 1:
            return side, SIGN
    return None


def orders_two(node: ast.Compare) -> bool:
    """Tell whether a comparison orders two values, be one of them a bound that is not zero: `z >= self.bound`."""
    return len(node.ops) == 1 and isinstance(node.ops[0], ORDERS)


def _is_from_one(node: ast.expr) -> bool:
    """Tell whether something is taken away from one."""
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Sub)
        and isinstance(node.left, ast.Constant)
        and node.left.value == 1
    )


def strengths(numbers: Iterator[tuple[str, float]]) -> dict[str, float]:
    """Return the numbers that a sum of hinges may be multiplied by, by their names."""
    return {name: number for name, number in numbers if name.lower() in STRENGTHS and number > 0}
