"""Steps that shrink what they move: `w = (1 - rate * lam) * w + rate * y * x`, as in a support vector machine's.

They are written as what they take away instead, `w = w - (rate * lam * w - rate * y * x)`, which all others are. Decay
beside a gradient that has a name stays: it is judged as the decay of that gradient's step.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise.naming import RATE, looks_like_gradient
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import forget, operands, walk


def with_decays_taken_away(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such steps take something away; the same if it has none.

    >>> code = "w = (1 - lr * lam) * w + lr * y * x\nw = w * (1 - lr * lam)\nm = (1 - beta) * m + beta * g"
    >>> print(ast.unparse(with_decays_taken_away(ast.parse(code))))
    w = w - (lr * lam * w - lr * y * x)
    w = w - lr * lam * w
    m = (1 - beta) * m + beta * g
    """
    if not any(True for _ in _shrunk(tree)):
        return tree
    made = copy.deepcopy(tree)
    for step, share, added in list(_shrunk(made)):
        own = ast.parse(ast.unparse(step.targets[0]), mode="eval").body
        taken: ast.expr = ast.BinOp(share, ast.Mult(), copy.deepcopy(own))
        if added is not None:
            operator, value = added
            taken = ast.BinOp(taken, ast.Sub() if isinstance(operator, ast.Add) else ast.Add(), value)
        new = ast.BinOp(own, ast.Sub(), taken)
        for part in walk(new):
            if not hasattr(part, "lineno") and isinstance(part, ast.expr):
                ast.copy_location(part, step.value)
        step.value = ast.fix_missing_locations(ast.copy_location(new, step.value))
    forget()
    return made


def _shrunk(
    tree: ast.Module,
) -> Iterator[tuple[ast.Assign, ast.expr, tuple[ast.operator, ast.expr] | None]]:
    """Yield such steps, the share that is taken away, and what is added besides, or subtracted."""
    found = list(_all_shrunk(tree))
    pushed = {ast.unparse(step.targets[0]) for step, _, added in found if added and not _holds_gradient(added[1])}
    yield from (one for one in found if ast.unparse(one[0].targets[0]) in pushed)


def _holds_gradient(value: ast.expr) -> bool:
    return any(
        looks_like_gradient(root_word(part)) for part in walk(value) if isinstance(part, ast.Name | ast.Attribute)
    )


def _all_shrunk(
    tree: ast.Module,
) -> Iterator[tuple[ast.Assign, ast.expr, tuple[ast.operator, ast.expr] | None]]:
    for step in (part for part in walk(tree) if isinstance(part, ast.Assign) and len(part.targets) == 1):
        match step.value:
            case ast.BinOp(left=kept, op=ast.Add() | ast.Sub() as operator, right=value):
                added = operator, value
            case kept:
                added = None
        share = _share_of(kept, ast.unparse(step.targets[0]))
        if share is not None:
            yield step, share, added


def _share_of(kept: ast.expr, own: str) -> ast.expr | None:
    """Return what a product leaves out of something: a rate times a strength."""
    match kept:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            for factor, other in ((left, right), (right, left)):
                match factor:
                    case ast.BinOp(left=ast.Constant(value=1 | 1.0), op=ast.Sub(), right=share) if ast.unparse(
                        other
                    ) == own and _is_at_a_rate(share):
                        return share
    return None


def _is_at_a_rate(share: ast.expr) -> bool:
    factors = list(operands(share, ast.Mult))
    return len(factors) > 1 and any(RATE.search(root_word(factor)) for factor in factors)
