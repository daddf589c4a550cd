"""Velocities that take in a gradient where it is computed, and has no name: `v = 0.9 * v - 0.05 * X.T @ d; W += v`.

The gradient is given a name in the statement before, so that it can be told and judged like others.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise.naming import RATE, given_name, is_gradient_of
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import forget, operands, own_parts, walk

Body = list[ast.stmt]


def with_momentum_named(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such gradients have names; the same if it has none.

    >>> code = "for i in r:\n  v = 0.9 * v - rate * X.T @ d\n  u = 0.9 * u + d.sum(0)\n  w += v\n  b = b - rate * u"
    >>> print(ast.unparse(with_momentum_named(ast.parse(code))))
    for i in r:
        gradient_of_w = X.T @ d
        v = 0.9 * v - rate * gradient_of_w
        gradient_of_b = d.sum(0)
        u = 0.9 * u + gradient_of_b
        w += v
        b = b - rate * u
    """
    if not any(True for _ in _velocities(tree)):
        return tree
    made = copy.deepcopy(tree)
    for body, statement, value, name in list(_velocities(made)):
        rate, gradient = _apart(value.right)
        read = ast.copy_location(ast.Name(name, ast.Load()), gradient)
        value.right = read if rate is None else ast.copy_location(ast.BinOp(rate, ast.Mult(), read), gradient)
        named = ast.copy_location(
            ast.Assign([ast.copy_location(ast.Name(name, ast.Store()), gradient)], gradient), gradient
        )
        body.insert(next(place for place, one in enumerate(body) if one is statement), named)
    ast.fix_missing_locations(made)
    forget()
    return made


def _velocities(tree: ast.Module) -> Iterator[tuple[Body, ast.Assign, ast.BinOp, str]]:
    """Yield the bodies of loops that hold such velocities, the statement of each, its sum, and its gradient's name."""
    used = {node.id for node in walk(tree) if isinstance(node, ast.Name)}
    for loop in (node for node in walk(tree) if isinstance(node, ast.For | ast.While)):
        for body in (part.body for part in (loop, *own_parts(loop)) if isinstance(part, ast.For | ast.While | ast.If)):
            moved = dict(_moved_by(body))
            for statement in body:
                match statement:
                    case ast.Assign(value=ast.BinOp() as value) if _takes_in(statement, set(moved.values())):
                        owner = moved.get(ast.unparse(statement.targets[0]))
                        if owner and given_name(owner) not in used:
                            yield body, statement, value, given_name(owner)


def _moved_by(body: Body) -> Iterator[tuple[str, str]]:
    """Yield velocities, with the word of what is moved by them alone: `w += v`, `w = w - rate * v`."""
    for statement in body:
        match statement:
            case ast.AugAssign(target=target, op=ast.Add() | ast.Sub(), value=step):
                pass
            case ast.Assign(targets=[target], value=ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=step)) if (
                ast.unparse(left) == ast.unparse(target)
            ):
                pass
            case _:
                continue
        _, velocity = _apart(step)
        if isinstance(velocity, ast.Name | ast.Attribute | ast.Subscript):
            yield ast.unparse(velocity), root_word(target)


def _takes_in(statement: ast.Assign, owners: set[str]) -> bool:
    """Tell whether a velocity keeps a share of itself and takes in something that is computed at once.

    What is computed of a gradient that has a name, with decay perhaps, is none without one.
    """
    match statement:
        case ast.Assign(targets=[ast.Subscript(slice=ast.Name() | ast.BinOp() | ast.UnaryOp())]):
            return False  # one of several, whose gradients are as many
        case ast.Assign(targets=[target], value=ast.BinOp(left=kept, op=ast.Add() | ast.Sub(), right=added)):
            factors = [ast.unparse(one) for one in operands(kept, ast.Mult)]
            _, gradient = _apart(added)
            products = [part for part in walk(gradient) if isinstance(part, ast.BinOp | ast.Call)]
            words = {root_word(part) for part in walk(gradient) if isinstance(part, ast.Name | ast.Attribute)}
            is_named = any(is_gradient_of(word, owner) for word in words for owner in owners)
            return len(factors) == 2 and ast.unparse(target) in factors and bool(products) and not is_named
    return False


def _apart(node: ast.expr) -> tuple[ast.expr | None, ast.expr]:
    """Return the rate that a product begins with, and the product of all behind it; None where it begins with none."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.MatMult | ast.Div):
        rate, rest = _apart(node.left)
        if rate is None:
            return (node.left, node.right) if _is_rate(node.left) and isinstance(node.op, ast.Mult) else (None, node)
        return rate, ast.copy_location(ast.BinOp(rest, node.op, node.right), node)
    return None, node


def _is_rate(node: ast.expr) -> bool:
    """Tell a number that steps are multiplied by: written down, called a rate, or `1 - 0.9`."""
    match node:
        case ast.Constant(int() | float()):
            return True
        case ast.Name() | ast.Attribute():
            return bool(RATE.search(root_word(node)))
        case ast.BinOp(left=ast.Constant(), op=ast.Sub(), right=ast.Name() | ast.Attribute() | ast.Constant()):
            return True
    return False
