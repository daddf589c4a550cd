"""Slips in what an optimiser remembers and in how it clips, told by the source alone: no single step shows them.

A velocity that is overwritten leaves a plain step, which is a right one; so does one that nothing reads. A clip is met
by large gradients only.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from crosscheck.recognise.clips import is_of_gradient
from crosscheck.recognise.rule_words import (
    ENLARGES,
    FIRST,
    OF_WEIGHT,
    ONE_SIDED,
    OVERWRITTEN,
    REMEMBERED,
    SECOND,
    TURNED_BOUNDS,
)
from crosscheck.recognise.statements import root_word, words
from crosscheck.source.walking import own_parts, walked
from crosscheck.verdicts import Finding, Severity

NORM = re.compile(r"norm\b|norm\(|sqrt", re.IGNORECASE)
"""What makes a norm of gradients"""
FAR = 2.0
"""By how much the norm exceeds its bound where a clip is tried"""


def memory_slips(tree: ast.Module, called: set[str]) -> Iterator[Finding]:
    """Yield what is wrong with memories and clips of a module, and of functions that were `called`."""
    functions = [node for node in walked(tree) if isinstance(node, ast.FunctionDef) and node.name in called]
    for scope in (tree, *functions):
        parts = list(own_parts(scope))
        told = [*_overwritten(parts), *_unread(parts, tree), *_of_weights(parts), *_enlarging(parts)]
        told += _one_sided(parts)
        for statement, name, what in told:
            message = f"The update of {name} is wrong: {what}."
            yield Finding("update-differs", Severity.ERROR, name, message, line=statement.lineno)


def miscorrected(tree: ast.Module, called: set[str]) -> Iterator[Finding]:
    r"""Yield means that functions which were `called` correct by the decay of another mean, told by the source alone.

    Where the steps themselves are judged, they say more.

    >>> code = "def f(g): m = b * m + (1 - b) * g; v = c * v + (1 - c) * g ** 2; p = m / (1 - b ** t); q = v / {}"
    >>> ways = ("(1 - b ** t)", "(1 - c ** t)")
    >>> [[one.parameter for one in miscorrected(ast.parse(code.format(way)), {"f"})] for way in ways]
    [['v'], []]
    """
    for scope in (node for node in walked(tree) if isinstance(node, ast.FunctionDef) and node.name in called):
        parts = list(own_parts(scope))
        kept = dict(_shares_kept(parts))
        for part in (part for part in parts if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div)):
            match part.right:
                case ast.BinOp(left=ast.Constant(1), op=ast.Sub(), right=ast.BinOp(left=decay, op=ast.Pow())):
                    mean, by = ast.unparse(part.left), ast.unparse(decay)
                case _:
                    continue
            share, of_squares = kept.get(mean, (by, False))
            if by != share and by in {other for other, _ in kept.values()}:
                name = root_word(part.left)
                message = f"The update by way of {name} is wrong: {SECOND if of_squares else FIRST}."
                yield Finding("update-differs", Severity.ERROR, name, message, line=part.lineno)


def _shares_kept(parts: list[ast.AST]) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Yield running means with the share that each keeps of itself, and whether they are of squares."""
    for _, target, sides in _sums(parts):
        own = ast.unparse(target)
        for one, other in (sides, sides[::-1]):
            left = {factor.removeprefix("(").removesuffix(")") for factor in _factors(other)}
            shares = [factor for factor in _factors(one) if factor != own and f"1 - {factor}" in left]
            if own in _factors(one) and len(shares) == 1:
                rest = [factor for factor in _factors(other) if factor != f"1 - {shares[0]}"]
                yield own, (shares[0], len(set(rest)) < len(rest) or any("** 2" in factor for factor in rest))


def _overwritten(parts: list[ast.AST]) -> Iterator[tuple[ast.stmt, str, str]]:
    """Yield memories that keep a share of themselves in one statement and are overwritten in a later one.

    >>> def tried(code):
    ...     return [name for _, name, _ in _overwritten(list(ast.walk(ast.parse(code))))]
    >>> tried("u *= 0.9; u = -0.01 * g; p += u"), tried("u *= 0.9; u = u - 0.01 * g"), tried("u *= 2; p += u; u = dW")
    (['u'], [], [])
    """
    for block in (body for part in parts for body in [getattr(part, "body", None)] if isinstance(body, list)):
        kept: dict[str, ast.stmt] = {}
        for statement in block:
            target, value = _assigned(statement)
            text = ast.unparse(target) if target is not None else ""
            if target is not None and text in kept and _reads_gradient(value) and text not in _texts(value):
                yield statement, root_word(target), OVERWRITTEN
            kept = {one: first for one, first in kept.items() if one not in _texts(statement)}
            if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Mult):
                kept[ast.unparse(statement.target)] = statement


def _unread(parts: list[ast.AST], tree: ast.Module) -> Iterator[tuple[ast.stmt, str, str]]:
    """Yield memories that take in gradients beside steps, and that nothing reads.

    >>> def tried(code):
    ...     return [name for _, name, _ in _unread(list(ast.walk(ast.parse(code))), ast.parse(code))]
    >>> tried("self.v[k] = 0.9 * self.v[k] - r * g; w += -r * g"), tried("v = 0.9 * v - r * g; w += v; w -= r * g")
    (['w'], [])
    """
    steps = [part for part in parts if isinstance(part, ast.AugAssign) and _reads_gradient(part.value)]
    for statement, target, sides in _sums(parts):
        own = ast.unparse(target)
        keeps = [side for side in sides if own in _factors(side)]
        takes = [side for side in sides if own not in _texts(side) and _reads_gradient(side)]
        name = root_word(target)
        others = [step for step in steps if root_word(step.target) != name]
        if keeps and takes and others and not is_of_gradient(name) and not _is_read(name, own, tree):
            yield statement, root_word(others[0].target), REMEMBERED.format(name)


def _is_read(name: str, own: str, tree: ast.Module) -> bool:
    """Tell whether anything is made of a memory but its own next value."""
    statements = [part for part in walked(tree) if _assigned(part)[0] is not None]
    alike = [part for part in statements if ast.unparse(_target(part)) == own]
    inside = {id(one) for part in alike for one in walked(part)}
    inside |= {id(one) for part in statements for one in walked(_target(part))}
    return any(
        id(one) not in inside and isinstance(one.ctx, ast.Load) and root_word(one) == name
        for one in walked(tree)
        if isinstance(one, ast.Name | ast.Attribute | ast.Subscript)
    )


def _of_weights(parts: list[ast.AST]) -> Iterator[tuple[ast.stmt, str, str]]:
    """Yield memories that keep a share of the parameter which they move, in place of one of themselves.

    >>> def tried(code):
    ...     return [name for _, name, _ in _of_weights(list(ast.walk(ast.parse(code))))]
    >>> tried("m[k] = a * w[k] + (1 - a) * g[k]; w[k] -= r * m[k]"), tried("m = a * w + g; w -= r * m")
    (['w'], [])
    """
    steps = {ast.unparse(part.target): _texts(part.value) for part in parts if isinstance(part, ast.AugAssign)}
    for statement, target, sides in _sums(parts):
        own = ast.unparse(target)
        for one, other in (sides, sides[::-1]):
            shares = {
                ast.unparse(ast.BinOp(ast.Constant(1), ast.Sub(), ast.parse(f, mode="eval").body)): f
                for f in _factors(one)
            }
            rest = {factor: shares[factor] for factor in _factors(other) if factor in shares}
            kept = [text for text in _factors(one) if text not in rest.values() and own in steps.get(text, ())]
            if rest and kept and own not in _texts(one) and _reads_gradient(other):
                yield statement, root_word(ast.parse(kept[0], mode="eval").body), OF_WEIGHT.format(root_word(target))


def _enlarging(parts: list[ast.AST]) -> Iterator[tuple[ast.stmt, str, str]]:
    r"""Yield clips by a norm that make gradients larger.

    >>> def tried(factor):
    ...     code = f"n = np.sqrt(sum(np.sum(g ** 2) for g in gs))\nif n > 5.0:\n  gs = [{factor} for g in gs]"
    ...     return [name for _, name, _ in _enlarging(list(ast.walk(ast.parse(code))))]
    >>> tried("g * 5.0 * n"), tried("g * 5.0 / n"), tried("g / n")
    (['gs'], [], [])
    """
    norms: dict[str, set[str]] = {}
    for part in parts:
        target, value = _assigned(part)
        if target is not None and value is not None and NORM.search(ast.unparse(value)):
            norms[ast.unparse(target)] = set(words(value))
    for part in parts:
        found = _exceeding(part, norms)
        if not isinstance(part, ast.If) or found is None:
            continue
        norm, bound = found
        named = {} if isinstance(bound, ast.Constant) else {ast.unparse(bound): 5.0}
        values = {**named, norm: FAR * (_evaluated(bound, named) or 5.0)}
        for statement in (one for inner in part.body for one in walked(inner)):
            factor = _factor(statement, norm, norms[norm], values)
            if factor is not None and abs(factor) > 1:
                target = _target(statement)
                yield statement, root_word(target), ENLARGES.format(norm)  # pyright: ignore[reportReturnType]


def _one_sided(parts: list[ast.AST]) -> Iterator[tuple[ast.stmt, str, str]]:
    """Yield clips of gradients whose bounds have one sign, so that all of the other one are lost, or are exchanged.

    >>> def tried(code):
    ...     return [name for _, name, _ in _one_sided(list(ast.walk(ast.parse(code))))]
    >>> tried("dW = np.clip(dW, 0, 5)"), tried("dW = np.clip(dW, -5, 5)"), tried("h = np.clip(h, 0, 6)")
    (['dW'], [], [])
    >>> tried("np.clip(d, 5, -5, out=d)"), tried("np.clip(d, -5, 5, out=d)")
    (['d'], [])
    """
    for statement in parts:
        match statement:
            case ast.Assign(targets=[target], value=ast.Call(args=[array, low, high]) as call):
                pass
            case ast.Expr(value=ast.Call(args=[array, low, high], keywords=[ast.keyword("out", target)]) as call):
                pass
            case _:
                continue
        is_own = ast.unparse(target) == ast.unparse(array) and root_word(call.func) == "clip"
        bounds = [number for bound in (low, high) if (number := _number(bound)) is not None]
        if is_own and is_of_gradient(root_word(target)) and len(bounds) == 2:
            least, most = bounds
            if 0 <= least < most or least > most:
                yield statement, root_word(target), ONE_SIDED if least < most else TURNED_BOUNDS


def _number(node: ast.expr) -> float | None:
    """Return a number that is written out, with its sign."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = _number(node.operand)
        return None if number is None else -number
    is_number = isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    return float(node.value) if is_number else None  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]


def _exceeding(part: ast.AST, norms: Mapping[str, Any]) -> tuple[str, ast.expr] | None:
    """Return the norm and its bound where it is asked whether the one exceeds the other: `if norm > 5:`."""
    test = part.test if isinstance(part, ast.If) else None
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    sides = [test.left, test.comparators[0]]
    if isinstance(test.ops[0], ast.Lt | ast.LtE):
        sides.reverse()
    elif not isinstance(test.ops[0], ast.Gt | ast.GtE):
        return None
    norm, bound = ast.unparse(sides[0]), sides[1]
    is_number = isinstance(bound, ast.Constant) and isinstance(bound.value, int | float) and bound.value > 0
    return (norm, bound) if norm in norms and (is_number or isinstance(bound, ast.Name | ast.Attribute)) else None


def _factor(statement: ast.AST, norm: str, made_of: set[str], values: Mapping[str, float]) -> float | None:
    """Return by what a statement multiplies what a norm was made of; None if it does something else."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Mult | ast.Div):
        scaled, product = statement.target, ast.BinOp(statement.target, statement.op, statement.value)
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        scaled, product = statement.targets[0], statement.value
        product = product.elt if isinstance(product, ast.ListComp) else product
    else:
        return None
    if norm not in _texts(product) or not {*words(scaled), *words(product)} - {norm} & made_of:
        return None
    return _evaluated(product, values)


def _evaluated(node: ast.expr, values: Mapping[str, float]) -> float | None:
    """Return a product with numbers for norm and bound, and one for what else is in it; None if it is none."""
    if ast.unparse(node) in values:
        return values[ast.unparse(node)]
    if isinstance(node, ast.BinOp):
        left, right = _evaluated(node.left, values), _evaluated(node.right, values)
        if left is None or right is None:
            return None
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Div):
            return left / right if right else None
        is_guard = isinstance(node.op, ast.Add) and isinstance(node.right, ast.Constant) and right < 1e-2
        return left if is_guard else None
    if isinstance(node, ast.Constant):
        return float(node.value) if isinstance(node.value, int | float) else None
    return 1.0 if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) else None


def _assigned(part: ast.AST) -> tuple[Any, Any]:
    """Return what a plain assignment writes to, and its value."""
    if isinstance(part, ast.Assign) and len(part.targets) == 1:
        return part.targets[0], part.value
    return None, None


def _target(statement: ast.AST) -> Any:
    return statement.target if isinstance(statement, ast.AugAssign) else _assigned(statement)[0]


def _sums(parts: list[ast.AST]) -> Iterator[tuple[ast.Assign, ast.expr, tuple[ast.expr, ast.expr]]]:
    """Yield the assignments of sums and differences, with their targets and both sides."""
    for part in parts:
        match part:
            case ast.Assign(targets=[target], value=ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right)):
                yield part, target, (left, right)
            case _:
                continue


def _factors(node: ast.expr) -> list[str]:
    """Return the factors of a product, as text."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return [*_factors(node.left), *_factors(node.right)]
    return [ast.unparse(node)]


def _texts(node: ast.AST) -> set[str]:
    """Return the names, attributes and entries that are read or written in something, as text."""
    return {ast.unparse(one) for one in walked(node) if isinstance(one, ast.Name | ast.Attribute | ast.Subscript)}


def _reads_gradient(node: ast.AST) -> bool:
    return any(map(is_of_gradient, words(node)))
