"""Clips of gradients by their norm: which names hold such a norm, or what is made of it to scale gradients by."""

import ast
import re
from collections.abc import Iterator

from crosscheck.source.walking import walk

GRADIENT = re.compile(r"grad|nabla|^d_?[A-Z]|^d[whbuvxyz]_?[a-z]{0,2}\d?$|^d_params?$")
"""What gradients are called where nothing else tells: differences and totals are called otherwise"""
SQUARES = frozenset({"square", "dot", "vdot", "inner", "norm"})
REDUCING = frozenset({"sum", "dot", "vdot", "inner", "norm", "fsum", "item"})
HALF = ("0.5", "1 / 2", "1.0 / 2", "1.0 / 2.0")


def gradient_norms(node: ast.AST) -> frozenset[str]:
    """Return the names that hold a norm of gradients, or a factor made of one: `scale = min(1, 5 / norm)`."""
    assigned = [(target, value) for target, value in _assignments(node) if target]
    if not any(_may_be_norm(part) for _, value in assigned for part in walk(value)):
        return frozenset()
    gradients = {word for word in _words(node) if _is_gradient(word)} | _taken_in_turn(node) | _summed_in_turn(node)
    sums: set[str] = set()
    found: set[str] = set()
    for _ in range(3):  # a total that is summed up, its root, a factor made of that
        for target, value in assigned:
            if any(_is_norm_of(part, gradients, sums) for part in walk(value)):
                found.add(target)
            elif _sums_squares(value, gradients):
                sums.add(target)
            elif _words(value) & found and not _words(value) & (gradients - found) and _is_limit_by(value, found):
                found.add(target)
    return frozenset(found)


def rescaled(node: ast.expr, norms: frozenset[str]) -> ast.expr | None:
    """Return what a product or a quotient scales by a norm of gradients; None if it is none."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult | ast.Div):
        return None
    left, right = _words(node.left), _words(node.right)
    for one, words, factor in ((node.left, left, node.right), (node.right, right, node.left)):
        if isinstance(node.op, ast.Mult) and _is_written_limit(factor, words) and any(map(_is_name_of_gradient, words)):
            return one
    if right & norms and left and not left & norms:
        return node.left if any(map(_is_name_of_gradient, left)) else None
    if isinstance(node.op, ast.Mult) and left & norms and right and not right & norms:
        return node.right if any(map(_is_name_of_gradient, right)) else None
    return None


def _is_written_limit(factor: ast.expr, gradients: set[str]) -> bool:
    """Tell whether a factor is at most one, by the norm of what it scales: `min(1, 5 / np.linalg.norm(g))`.

    >>> [_is_written_limit(ast.parse(f"min(1.0, 5 / norm({name}))", mode="eval").body, {"g"}) for name in "gx"]
    [True, False]
    """
    if not isinstance(factor, ast.Call) or _word(factor.func) not in ("min", "minimum"):
        return False
    has_one = any(isinstance(part, ast.Constant) and part.value == 1 for part in factor.args)
    return has_one and any(_is_norm_of(part, gradients, set()) for part in walk(factor))


def rescales_by(statement: ast.stmt, norms: frozenset[str]) -> bool:
    """Tell `gradient *= scale`, where the scale is made of the norm of the gradients, from anything else."""
    is_scaling = isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Mult | ast.Div)
    return is_scaling and bool(_words(statement.value) & norms)  # pyright: ignore[reportAttributeAccessIssue]


def _is_gradient(word: str) -> bool:
    return bool(GRADIENT.search(word))


def _is_name_of_gradient(word: str) -> bool:
    return _is_gradient(word) or word.lower() in ("g", "d", "v")


def _assignments(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for part in walk(node):
        if isinstance(part, ast.Assign) and len(part.targets) == 1:
            yield _word(part.targets[0]), part.value
        elif isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Add):
            yield _word(part.target), part.value


def _taken_in_turn(node: ast.AST) -> set[str]:
    """Return the variables of loops and comprehensions that go through gradients."""
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, ast.For | ast.comprehension) and any(map(_is_gradient, _words(part.iter))):
            found |= {name.id for name in walk(part.target) if isinstance(name, ast.Name)}
    return found


def _summed_in_turn(node: ast.AST) -> set[str]:
    """Return what the root of a sum over several arrays runs through: `sqrt(sum((g * g).sum() for g in arrays))`."""
    found: set[str] = set()
    for call in (n for n in walk(node) if isinstance(n, ast.Call) and _word(n.func) == "sqrt"):
        for part in (n for n in walk(call) if isinstance(n, ast.comprehension)):
            found |= {name.id for name in walk(part.target) if isinstance(name, ast.Name)}
    return found


def _may_be_norm(node: ast.AST) -> bool:
    """Tell whether an expression has the form of a length, of whatever it may be."""
    if isinstance(node, ast.Call):
        return _word(node.func) in ("norm", "sqrt")
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and ast.unparse(node.right) in HALF


def _is_norm_of(node: ast.AST, gradients: set[str], sums: set[str]) -> bool:
    """Tell whether an expression is the length of gradients: norm(g), the root of a sum of their squares."""
    if isinstance(node, ast.Call) and _word(node.func) == "norm":
        return any(_words(argument) & gradients for argument in node.args)
    inside: ast.AST | None = None
    if isinstance(node, ast.Call) and _word(node.func) == "sqrt" and node.args:
        inside = node.args[0]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and ast.unparse(node.right) in HALF:
        inside = node.left
    return inside is not None and (bool(_words(inside) & sums) or _sums_squares(inside, gradients))


def _sums_squares(value: ast.AST, gradients: set[str]) -> bool:
    """Tell whether an expression adds up squares of gradients to one number."""
    calls = {_word(n.func) for n in walk(value) if isinstance(n, ast.Call)}
    products = [n for n in walk(value) if isinstance(n, ast.BinOp)]
    squares = any(isinstance(n.op, ast.Pow) and ast.unparse(n.right) in ("2", "2.0") for n in products)
    squares |= any(isinstance(n.op, ast.Mult) and ast.unparse(n.left) == ast.unparse(n.right) for n in products)
    squares |= bool(calls & SQUARES)
    return squares and bool(calls & REDUCING) and bool(_words(value) & gradients)


def _is_limit_by(value: ast.expr, norms: set[str]) -> bool:
    """Tell whether an expression is something else divided by a norm, as it is or where that is less than one."""
    if isinstance(value, ast.Call) and _word(value.func) in ("min", "minimum", "max", "maximum", "clip"):
        return any(_is_limit_by(argument, norms) for argument in value.args)
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Div):
        return False
    above, below = bool(_words(value.left) & norms), bool(_words(value.right) & norms)
    return above is not below  # limit / norm, or norm / limit for those who divide by it


def _words(node: ast.AST) -> set[str]:
    """Return the variables in an expression, not what is called."""
    called = {id(n.func) for n in walk(node) if isinstance(n, ast.Call)}
    named = (n for n in walk(node) if isinstance(n, ast.Name | ast.Attribute) and id(n) not in called)
    return {_word(n) for n in named} - {"np", "numpy", "math"}


def _word(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
