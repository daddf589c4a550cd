"""What an assignment does with what was there: overwrite, add, subtract; rows that occur twice."""

import ast
from collections.abc import Iterator

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.places import Place
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import targets

_SIGN = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def candidates(scope: Scope) -> Iterator[Candidate]:
    """Yield edits of the operators of assignments in the backward pass."""
    for place in scope.editable:
        statement = place.statement
        about = next(targets(statement), "")
        if isinstance(statement, ast.AugAssign):
            yield from _augmented(scope, place, statement, about)
        elif isinstance(statement, ast.Assign) and not isinstance(statement.targets[0], ast.Tuple | ast.List):
            yield from _plain(scope, place, statement, about)


def _augmented(scope: Scope, place: Place, statement: ast.AugAssign, about: str) -> Iterator[Candidate]:
    text = scope.text
    target, value = text.of(statement.target), text.of(statement.value)
    rest = (text.start(statement.target), text.start(statement.value))
    between = text.between(text.end(statement.target), rest[1])
    symbol = _SIGN.get(type(statement.op))
    if symbol is None or f"{symbol}=" not in between:
        return

    def written(operator: str) -> tuple:
        column = between.replace(f"{symbol}=", operator, 1)
        edit = type(text.replace(statement, ""))(text.end(statement.target), rest[1], column)
        return (edit,)

    carried = bool(place.loops) and about in scope.initialised_before(place)
    yield Candidate(written("="), place.line, "carry-accumulated", 1.2 if carried else 1.6, about)
    opposite = {"+": "-=", "-": "+=", "*": "/=", "/": "*="}[symbol]
    yield Candidate(written(opposite), place.line, "wrong-sign", 1.2, about)
    if isinstance(statement.target, ast.Subscript) and symbol in "+-":
        base, index = text.of(statement.target.value), text.of(statement.target.slice)
        if isinstance(statement.target.slice, ast.Tuple):
            index = f"({', '.join(_as_object(text.of(part)) for part in statement.target.slice.elts)})"
        call = f"{scope.numpy}{'add' if symbol == '+' else 'subtract'}.at({base}, {_as_object(index)}, {value})"
        yield Candidate((text.replace(statement, call),), place.line, "scatter-loses-repeats", 0.9, about)
        if symbol == "+":
            yield Candidate((text.replace(statement, f"{target} = {value}"),), place.line, "extra-term", 2.5, about)


def _as_object(part: str) -> str:
    """Write `:` as an object, so that it can be an argument."""
    return {":": "slice(None)", "...": "Ellipsis"}.get(part.strip(), part)


def _plain(scope: Scope, place: Place, statement: ast.Assign, about: str) -> Iterator[Candidate]:
    text, target = scope.text, statement.targets[0]
    between = text.between(text.end(target), text.start(statement.value))
    if "=" not in between or "zeros" in text.of(statement.value):  # nothing is added where zeros are
        return
    edit_type = type(text.replace(statement, ""))
    before = about in scope.initialised_before(place)
    earlier = any(
        other.function is place.function and other.line < place.line and about in targets(other.statement)
        for other in scope.places
    )
    if not (before or earlier or isinstance(target, ast.Subscript | ast.Attribute)):
        return
    for operator, cost in (("+=", 1.0 if before else 1.8), ("-=", 2.2)):
        edit = edit_type(text.end(target), text.start(statement.value), between.replace("=", operator, 1))
        yield Candidate((edit,), place.line, "overwritten-in-loop" if place.loops else "overwritten", cost, about)
    if isinstance(target, ast.Subscript):
        base, index = text.of(target.value), text.of(target.slice)
        call = f"{scope.numpy}add.at({base}, {_as_object(index)}, {text.of(statement.value)})"
        yield Candidate((text.replace(statement, call),), place.line, "scatter-loses-repeats", 1.8, about)
