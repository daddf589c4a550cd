"""Whole lines: one too many, one too few, one in the wrong place."""

import ast
from collections.abc import Iterator, Sequence

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.places import Loop, Place
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import last_name, operands_of_product, targets
from crosscheck.source.walking import walk

FAR = 4
"""Lines that a line is moved over, at most"""


def candidates(scope: Scope) -> Iterator[Candidate]:
    """Yield edits that drop, move or add lines."""
    for place in scope.editable:
        if place.is_simple and not isinstance(place.statement, ast.Return | ast.Pass):
            yield from _dropped(scope, place)
            yield from _moved(scope, place)
            yield from _at_once(scope, place)
    yield from _accumulated(scope)


def _dropped(scope: Scope, place: Place) -> Iterator[Candidate]:
    statement = place.statement
    about = next(targets(statement), "")
    clips = "clip" in ast.unparse(statement) and bool(place.loops)
    code, cost = ("clip-inside-loop", 0.6) if clips else ("extra-line", 1.9)
    alone = len(place.body) == 1
    edit = scope.text.replace(statement, "pass") if alone else scope.text.without(statement)
    yield Candidate((edit,), place.line, code, cost, about)
    if clips:
        for loop in walk(statement):
            if isinstance(loop, ast.Call) and ast.unparse(loop.func).endswith("clip") and loop.args:
                edit = scope.text.replace(loop, scope.text.of(loop.args[0]))
                yield Candidate((edit,), place.line, "clip-inside-loop", 0.7, about)


def _moved(scope: Scope, place: Place) -> Iterator[Candidate]:
    """Move a line up or down in its block, out of its loop, or into the loop before it."""
    statement, body, text = place.statement, place.body, scope.text
    if not text.stands_alone(statement) or len(body) < 2:
        return
    about, own = next(targets(statement), ""), text.of(statement)
    own_lines = {id(other.statement) for other in scope.editable}
    for distance in (-1, 1, -2, 2, -3, 3, -FAR, FAR):
        index = place.index + distance
        passed = body[min(index, place.index) : max(index, place.index) + 1]
        if not 0 <= index < len(body) or not all(id(s) in own_lines and text.stands_alone(s) for s in passed):
            continue
        added = text.line_before(body[index], own) if distance < 0 else text.line_after(body[index], own)
        cost = 1.7 + 0.2 * abs(distance)
        yield Candidate((text.without(statement), added), place.line, "wrong-order-of-lines", cost, about)
    loop = scope.loop_of(place)
    if loop is not None and id(loop) in own_lines and text.stands_alone(loop):
        added = text.line_after(loop, own)
        yield Candidate((text.without(statement), added), place.line, "line-in-loop", 2.0, about)
        added = text.line_before(loop, own)
        yield Candidate((text.without(statement), added), place.line, "line-in-loop", 2.0, about)
    before = body[place.index - 1] if place.index else None
    if isinstance(before, Loop) and id(before) in own_lines and text.stands_alone(before.body[-1]):
        added = text.line_after(before.body[-1], own)
        yield Candidate((text.without(statement), added), place.line, "line-outside-loop", 1.0, about)


def _at_once(scope: Scope, place: Place) -> Iterator[Candidate]:
    """Take two steps at once of which the second goes by what the first has moved: no order of theirs is right."""
    first, then, text = place.statement, place.body[place.index + 1 : place.index + 2], scope.text
    if not then or not all(id(s) in {id(other.statement) for other in scope.editable} for s in (first, *then)):
        return
    (second,) = then
    steps = _step(scope, first), _step(scope, second)
    if None in steps or not all(map(text.stands_alone, (first, second))):
        return
    moved, into = next(targets(first), ""), next(targets(second), "")
    if moved == into or moved not in ast.unparse(second):
        return
    left, right = (", ".join(parts) for parts in zip(*(step for step in steps if step), strict=True))
    edits = text.replace(first, f"{left} = {right}"), text.without(second)
    yield Candidate(edits, place.line, "moved-too-early", 1.5, into)


def _step(scope: Scope, statement: ast.stmt) -> tuple[str, str] | None:
    """Return what a step moves, and its new value; None of any other statement."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add | ast.Sub):
        own, sign = scope.text.of(statement.target), "+" if isinstance(statement.op, ast.Add) else "-"
        return own, f"{own} {sign} ({scope.text.of(statement.value)})"
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        own = ast.unparse(statement.targets[0])
        return (
            (scope.text.of(statement.targets[0]), scope.text.of(statement.value))
            if own in ast.unparse(statement.value)
            else None
        )
    return None


def _accumulated(scope: Scope) -> Iterator[Candidate]:
    """Add to a gradient that nothing adds to, as its neighbours do."""
    for target in _never_added_to(scope):
        for place in scope.editable:
            statement = place.statement
            if not place.is_simple or not any(map(scope.is_gradient, targets(statement))):
                continue
            for written, cost in _analogies(scope, place, target):
                edit = scope.text.line_after(statement, written)
                yield Candidate((edit,), place.line, "never-added-to", cost, target)


def _never_added_to(scope: Scope) -> list[str]:
    """Return gradients that are made of zeros and that no other line touches."""
    made: dict[str, int] = {}
    for place in scope.places:
        for target in targets(place.statement):
            made[target] = made.get(target, 0) + 1
    zeros = [
        target
        for place in scope.editable
        if isinstance(place.statement, ast.Assign) and "zeros" in ast.unparse(place.statement.value)
        for target in targets(place.statement)
    ]
    return [target for target in dict.fromkeys(zeros) if made[target] == 1]


def _analogies(scope: Scope, place: Place, target: str) -> Iterator[tuple[str, float]]:
    statement = place.statement
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add):
        value = scope.text.of(statement.value)
        own = next(targets(statement), "")
        if "\n" in value:
            return
        like = _common(last_name(own), last_name(target))
        yield f"{target} += {value}", 1.5 - 0.1 * like
        operands = operands_of_product(statement.value)
        for inner in operands:
            bare = scope.text.of(inner.value if isinstance(inner, ast.Attribute) and inner.attr == "T" else inner)
            if scope.is_gradient(bare.partition("[")[0]):
                yield from _biases(scope, target, bare, 1.6 - 0.1 * like)
        yield from _other_operand(scope, statement.value, operands, target)
    elif isinstance(statement, ast.Assign):
        for own in targets(statement):
            written = scope.text.of(statement.targets[0]) if own in scope.containers else own
            yield from _biases(scope, target, written, 1.6)


def _biases(scope: Scope, target: str, gradient: str, cost: float) -> Iterator[tuple[str, float]]:
    yield f"{target} += {gradient}", cost - 0.5
    yield f"{target} += {scope.numpy}sum({gradient}, axis=0)", cost
    yield f"{target} += {scope.numpy}sum({gradient}, axis=0, keepdims=True)", cost + 0.1
    yield f"{target} += {scope.numpy}sum({gradient}, axis=1, keepdims=True)", cost + 0.1


def _other_operand(
    scope: Scope, value: ast.expr, operands: Sequence[ast.expr], target: str
) -> Iterator[tuple[str, float]]:
    """Yield the neighbour's product with another element of the forward in place of one operand."""
    for operand in operands:
        transposed = isinstance(operand, ast.Attribute) and operand.attr == "T"
        own = scope.text.of(operand)
        for other in scope.elements:
            written = scope.text.of(value).replace(own, f"{other}.T" if transposed else other)
            if written != scope.text.of(value) and "\n" not in written:
                yield f"{target} += {written}", 2.2


def _common(one: str, other: str) -> int:
    return sum(a == b for a, b in zip(one[::-1], other[::-1], strict=False))
