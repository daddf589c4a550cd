"""What follows gradients or other numbers and keeps a share of what it was: velocities, corrected means, baselines.

None of it is a parameter, and none of it a gradient.
"""

import ast
import re
from collections.abc import Iterator
from typing import Any

from crosscheck.recognise.naming import LOSS
from crosscheck.recognise.pairing import gone_over, update_pairs
from crosscheck.recognise.signed_steps import steps_in
from crosscheck.recognise.statements import assigned_in, keeps_share, root_word, words
from crosscheck.source.walking import kept, walked

AVERAGE = re.compile(r"baseline|running|moving|average|avg", re.IGNORECASE)
"""What numbers are called that follow others; a `mean` may be a parameter"""


def _itself(node: ast.Assign) -> tuple[str, Any]:
    """Return what stands for a target in an assignment, and what is assigned: v in `[0.9 * v - g for v, g in ...]`."""
    target, value = node.targets[0], node.value
    if isinstance(value, ast.ListComp) and isinstance(value.generators[0].target, ast.Tuple):
        rows, variables = value.generators[0].iter, value.generators[0].target.elts
        whole = [ast.unparse(argument) for argument in rows.args] if isinstance(rows, ast.Call) else []
        if ast.unparse(target) in whole[: len(variables)]:
            return ast.unparse(variables[whole.index(ast.unparse(target))]), value.elt
    return ast.unparse(target), value


@kept
def velocities(tree: ast.AST) -> frozenset[str]:
    """Return what is a share of itself and a step, and is added to something else: `v = 0.9 * v - rate * g; w += v`.

    >>> sorted(velocities(ast.parse("self.dW = m * self.dW - rate * self.g; self.W = self.W + self.dW; h = a * h + b")))
    ['dW']
    >>> velocities(ast.parse("vs = [m * v - g for v, g in zip(vs, gs)]; ws = [w + v for w, v in zip(ws, vs)]"))
    frozenset({'vs'})

    What a mean is divided by to correct it stands between; it and the quotient are as little a gradient.

    >>> means = "m = b * m + (1 - b) * g; s = c * s + (1 - c) * g ** 2"
    >>> quotients = "m_hat = m / (1 - b ** t); s_hat = s / (1 - c ** t)"
    >>> sorted(velocities(ast.parse(f"{means}; {quotients}; w -= rate * m_hat / np.sqrt(s_hat)")))
    ['m', 'm_hat', 's', 's_hat']
    """
    shares = _shares(tree)
    moving = {word for parameter, word in update_pairs(tree) if parameter not in shares} | set(_added_by_name(tree))
    corrected = list(_corrected(tree, shares))
    roots = _roots_in_steps(tree, moving) if corrected else set()
    between = [(mean, quotient) for mean, quotient in corrected if quotient in moving | roots]
    return frozenset(shares & moving).union(*between)


@kept
def local_velocities(tree: ast.AST) -> frozenset[str]:
    """Return those of them that are variables, and no attribute or entry of anything: `self.v` is another thing.

    >>> text = "self.m[k] = b * self.m[k] + g; v = self.s[k] / (1 - c ** t); {} = self.m[k] / (1 - b ** t); p -= m / v"
    >>> [sorted(local_velocities(ast.parse(text.format(to)))) for to in ("m", "self.v")]
    [[], []]
    >>> sorted(local_velocities(ast.parse("self.v = r / np.sqrt(n); v = 0.9 * v - rate * g; w += v")))
    ['v']
    """
    variables: set[str] = set()
    others: set[str] = set()
    for node in (part for part in walked(tree) if isinstance(part, ast.Assign)):
        match node.value:
            case ast.BinOp(op=ast.Div(), right=ast.BinOp(left=ast.Constant(), op=ast.Sub())):
                is_corrected = True
            case _:
                is_corrected = False
        if keeps_share(*_itself(node)) or is_corrected:
            (variables if isinstance(node.targets[0], ast.Name) else others).add(root_word(node.targets[0]))
    return velocities(tree) & variables - others


def _added_by_name(tree: ast.AST) -> Iterator[str]:
    """Yield what attributes are moved by that a loop goes through by their names.

    >>> list(_added_by_name(ast.parse("for n in names: setattr(self, n, getattr(self, n) + self.vel[n])")))
    ['vel']
    """
    for node in walked(tree):
        match node:
            case ast.Call(func=ast.Name(id="setattr"), args=[_, _, ast.BinOp(op=ast.Add() | ast.Sub()) as value]):
                sides = (side for side in (value.left, value.right) if not isinstance(side, ast.Call))
                yield from (root_word(side) for side in sides if root_word(side))


@kept
def memories_of_squares(tree: ast.AST) -> frozenset[str]:
    """Return what squares are added to, or shares of them: what steps are divided by, whatever it is called.

    >>> sorted(memories_of_squares(ast.parse("gW[i] += dw ** 2; gb += db * db; loss += off ** 2; dW += d * x")))
    ['gW', 'gb']
    >>> memories_of_squares(ast.parse("gw = 0.9 * gw + 0.1 * dw ** 2; v = 0.9 * v + dw"))
    frozenset({'gw'})
    >>> memories_of_squares(ast.parse("s = rho * s + (1 - rho) * d * d"))
    frozenset({'s'})
    """
    words = frozenset(word for word in map(root_word, _squared_into(tree)) if word and not LOSS.search(word))
    return words | lists_of_squares(tree)


@kept
def lists_of_squares(tree: ast.AST) -> frozenset[str]:
    """Return the lists that loops go over whose entries squares are added to.

    >>> loop = "for i, (p, d, h) in enumerate(zip(ps, ds, self.h_cache)): h += d ** 2; p -= rate * d / np.sqrt(h)"
    >>> sorted(lists_of_squares(ast.parse(loop)))
    ['h_cache']
    """
    words = {root_word(target) for target in _squared_into(tree) if isinstance(target, ast.Name)}
    return frozenset(whole for part, whole in gone_over(tree) if part in words and whole)


@kept
def places_of_squares(tree: ast.AST) -> frozenset[str]:
    """Return the same as it is written, for what may bear the name of a parameter: `memory['b']` is not `b`."""
    return frozenset(map(ast.unparse, _squared_into(tree)))


def _squared_into(tree: ast.AST) -> Iterator[ast.expr]:
    for node in walked(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and _is_square(node.value):
            yield node.target
        elif isinstance(node, ast.Assign):
            own, value = _itself(node)
            if keeps_share(own, value) and any(map(_is_square, walked(value))):
                yield node.targets[0]


@kept
def remembered_in_steps(tree: ast.AST) -> frozenset[str]:
    """Return what keeps a share of itself and is read in a step, or is corrected first: what optimisers remember.

    >>> sorted(remembered_in_steps(ast.parse("m = b * m + c * g; v = d * v + g; s = b * s + x; w -= m / np.sqrt(v)")))
    ['m', 'v']
    """
    read = {word for _, step, _ in steps_in(tree) for word in words(step)}
    return frozenset(_shares(tree) & read) | velocities(tree)


def _is_square(node: ast.AST) -> bool:
    if not isinstance(node, ast.BinOp):
        return False
    if isinstance(node.op, ast.Mult):
        factors = list(map(ast.unparse, _factors(node)))
        return len(set(factors)) < len(factors)
    return isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant) and node.right.value == 2


def _factors(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from (*_factors(node.left), *_factors(node.right))
    else:
        yield node


def _shares(tree: ast.AST) -> set[str]:
    """Return what becomes a share of itself and something else."""
    assigned = [(root_word(n.targets[0]), *_itself(n)) for n in walked(tree) if isinstance(n, ast.Assign)]
    return {word for word, own, value in assigned if keeps_share(own, value)}


@kept
def running_means(tree: ast.AST) -> frozenset[str]:
    """Return what is called an average, and keeps a share of itself or moves by what differs from it: by no loss.

    >>> follows = "advantage = reward - baseline; w -= 0.1 * advantage * g; baseline += 0.05 * advantage"
    >>> running_means(ast.parse(follows)), running_means(ast.parse(follows.replace("baseline", "bias")))
    (frozenset({'baseline'}), frozenset())
    >>> ways = "average = 0.9 * average + 0.1 * reward", "average += 0.1 * (reward - average)"
    >>> [running_means(ast.parse(way)) for way in ways]
    [frozenset({'average'}), frozenset({'average'})]
    """
    differences = {
        (root_word(target), root_word(value.right))
        for node in walked(tree)
        for target, value in assigned_in(node)
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub)
    }
    moved = {name for name, word in update_pairs(tree) if (word, name) in differences}
    sums = (node for node in walked(tree) if isinstance(node, ast.Assign | ast.AugAssign))
    for node in sums:
        own = root_word(node.target if isinstance(node, ast.AugAssign) else node.targets[0])
        off = (part for part in walked(node.value) if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub))
        moved |= {
            own for part in off if isinstance(part.right, ast.Name | ast.Attribute) and root_word(part.right) == own
        }
    return frozenset(name for name in moved | _shares(tree) if AVERAGE.search(name))


def _corrected(tree: ast.AST, shares: set[str]) -> Iterator[tuple[str, str]]:
    """Yield which mean is divided by what corrects it, and where the quotient goes: `m_hat = m / (1 - b ** t)`."""
    for node in walked(tree):
        match node:
            case ast.Assign(
                targets=[target],
                value=ast.BinOp(
                    left=mean, op=ast.Div(), right=ast.BinOp(ast.Constant(), ast.Sub(), ast.BinOp() | ast.Call())
                ),
            ) if root_word(mean) in shares:
                yield root_word(mean), root_word(target)
            case _:
                pass


def _roots_in_steps(tree: ast.AST, moving: set[str]) -> set[str]:
    """Return what steps are divided by, where they are made of something that moves as well."""
    found: set[str] = set()
    for node in walked(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _spoken(node.left) & moving:
            found |= _spoken(node.right)
    return found


def _spoken(node: ast.AST) -> set[str]:
    return {root_word(part) for part in walked(node) if isinstance(part, ast.Name | ast.Attribute)}
