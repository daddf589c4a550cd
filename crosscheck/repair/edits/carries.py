"""What one step hands to the step before it: added, assigned, or there at all."""

import ast
from collections.abc import Iterator

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.edits.factors import kept
from crosscheck.repair.gradients import GRADIENT
from crosscheck.repair.places import Loop, Place
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import last_name, nodes_in, operands_of_product, reads, targets
from crosscheck.source.walking import walk

MANY = 6
"""Weights, or gradients, of which combinations are tried"""


def candidates(scope: Scope) -> Iterator[Candidate]:
    """Yield edits that mend the carry."""
    yield from _unread(scope)
    yield from _second_paths(scope)
    for loop in _loops(scope):
        inside = [place for place in scope.editable if place.loops and place.loops[-1] is loop]
        if inside:
            yield from _added(scope, loop, inside)
            yield from _assigned(scope, loop, inside)
            yield from _invented(scope, inside)
            yield from _handed(scope, inside)


def _unread(scope: Scope) -> Iterator[Candidate]:
    """Add an upstream gradient that a function is handed and nowhere reads: `dc = dh * o` lacks the `dc` of before."""
    for function in scope.functions:
        own = [place for place in scope.editable if place.function is function]
        arguments = [argument.arg for argument in getattr(getattr(function, "args", None), "args", [])]
        for name in [a for a in arguments if a in scope.upstream or GRADIENT.search(a)]:
            first = next((place for place in own if name in targets(place.statement)), None)
            if any(name in reads(place.statement) for place in own if first is None or place.line <= first.line):
                continue
            for place in own:
                if isinstance(place.statement, ast.Assign):
                    about = next(targets(place.statement), "")
                    edit = scope.text.insert(scope.text.end(place.statement.value), f" + {name}")
                    cost = 0.6 if about == name else 0.8 if place.statement in function.body else 1.4  # pyright: ignore
                    yield Candidate((edit,), place.line, "carry-not-added", cost, about)


def _second_paths(scope: Scope) -> Iterator[Candidate]:
    """Add what comes back through another weight: a state that the forward uses twice has two gradients."""
    for function in scope.functions:
        known: list[str] = []
        for place in [place for place in scope.editable if place.function is function]:
            statement = place.statement
            about = next(targets(statement), "")
            if isinstance(statement, ast.Assign) and operands_of_product(statement.value) and about.isidentifier():
                for gradient in known[-MANY:]:
                    for product, extra in products(scope, scope.matrices[:MANY], gradient):
                        edit = scope.text.insert(scope.text.end(statement.value), f" + {product}")
                        yield Candidate((edit,), place.line, "missing-term", 2.2 + extra, about)
            if about.isidentifier() and scope.is_gradient(about) and about not in known:
                known.append(about)


def _loops(scope: Scope) -> list[Loop]:
    return list(dict.fromkeys(place.loops[-1] for place in scope.editable if place.loops))


def _carried(scope: Scope, place: Place) -> list[str]:
    """Return what could be a carry: gradients that exist before the loop, and those that the loop assigns."""
    before = [name for name in scope.initialised_before(place) if scope.is_gradient(name)]
    arguments = [
        argument.arg
        for argument in getattr(getattr(place.function, "args", None), "args", [])
        if GRADIENT.search(argument.arg)
    ]
    return list(dict.fromkeys([*before, *arguments]))


def _added(scope: Scope, loop: Loop, inside: list[Place]) -> Iterator[Candidate]:
    """`dh = W.T @ dy` becomes `dh = W.T @ dy + dhnext`."""
    read = {ast.unparse(node) for place in inside for node in nodes_in(place.statement) if isinstance(node, ast.Name)}
    own = scope.assigned_in(loop)
    for place in inside:
        statement = place.statement
        if not isinstance(statement, ast.Assign) or isinstance(statement.targets[0], ast.Tuple):
            continue
        about = next(targets(statement), "")
        for carry in _carried(scope, place):
            if carry == about:
                continue
            cost = 0.8 if carry not in read or carry in own else 1.8
            cost += 0.6 * any(isinstance(p.statement, ast.AugAssign) for p in own.get(carry, []))
            text = scope.text.of(statement.value)
            value = f"({text})" if isinstance(statement.value, ast.IfExp | ast.Lambda | ast.Compare) else text
            edit = scope.text.replace(statement.value, f"{value} + {carry}")
            yield Candidate((edit,), place.line, "carry-not-added", cost, about)
            if isinstance(statement.value, ast.BinOp) and isinstance(statement.value.op, ast.Mult):
                for side in (statement.value.left, statement.value.right):  # inside of the derivative's brackets
                    edit = scope.text.replace(side, f"({scope.text.of(side)} + {carry})")
                    yield Candidate((edit,), place.line, "carry-not-added", cost + 0.2, about)


def _handed(scope: Scope, inside: list[Place]) -> Iterator[Candidate]:
    """Add a carry to what is handed to a step's function, and to the carry what goes on directly, as in a GRU."""
    for place in inside:
        about = next(targets(place.statement), "")
        carries = _carried(scope, place)
        for node in nodes_in(place.statement):
            for argument in node.args if isinstance(node, ast.Call) else ():
                base = argument
                while isinstance(base, ast.Subscript):
                    base = base.value
                if not isinstance(base, ast.Name) or not GRADIENT.search(base.id) or operands_of_product(node):
                    continue
                for carry in [name for name in carries if name != base.id]:
                    edit = scope.text.insert(scope.text.end(argument), f" + {carry}")
                    yield Candidate((edit,), place.line, "carry-not-added", 1.1, carry)
        if isinstance(place.statement, ast.Assign) and about in carries:
            for gradient in dict.fromkeys([about, *_gradients(scope, inside)]):
                for factor, cost in kept(scope):
                    for written in (factor, f"(1 - {factor})"):
                        edit = scope.text.insert(scope.text.end(place.statement.value), f" + {gradient} * {written}")
                        yield Candidate((edit,), place.line, "missing-term", cost, about)


def products(scope: Scope, weights: list[str], gradient: str) -> Iterator[tuple[str, float]]:
    """Yield the ways to pass a gradient back through a weight matrix."""
    for weight in weights:
        yield f"{scope.numpy}dot({weight}.T, {gradient})", 0.0
        yield f"{scope.numpy}dot({gradient}, {weight}.T)", 0.2
        yield f"{scope.numpy}dot({gradient}, {weight})", 0.3
        yield f"{scope.numpy}dot({weight}, {gradient})", 0.6


def _assigned(scope: Scope, loop: Loop, inside: list[Place]) -> Iterator[Candidate]:
    """Assign the carry at the end of the loop, where nothing does; or something else than what is assigned."""
    own = scope.assigned_in(loop)
    gradients = _gradients(scope, inside)
    last = inside[-1].statement if inside[-1].is_simple else inside[-1].statement.body[-1]  # pyright: ignore
    for carry in _carried(scope, inside[0]):
        assigning = own.get(carry, [])
        accumulates = any(isinstance(place.statement, ast.AugAssign) for place in assigning)
        if accumulates or carry in _returned(scope):
            continue
        for place in assigning:
            yield from _fewer_terms(scope, loop, place, carry)
        for gradient in gradients:
            if gradient == carry:
                continue
            for product, extra in [*products(scope, scope.matrices[:MANY], gradient), (gradient, 0.4)]:
                if not assigning:
                    edit = scope.text.line_after(last, f"{carry} = {product}")
                    line = last.end_lineno or last.lineno
                    yield Candidate((edit,), line, "carry-not-renewed", 0.9 + extra, carry)
                for place in assigning:
                    if isinstance(place.statement, ast.Assign):
                        edit = scope.text.replace(place.statement.value, product)
                        yield Candidate((edit,), place.line, "wrong-carry", 1.9 + extra, carry)


def _fewer_terms(scope: Scope, loop: Loop, place: Place, carry: str) -> Iterator[Candidate]:
    """Leave a term of a carry out: one that no step computes anew comes in again at every step."""
    value = place.statement.value if isinstance(place.statement, ast.Assign) else None
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Add):
        return
    own = set(scope.assigned_in(loop))
    for stays, gone in ((value.left, value.right), (value.right, value.left)):
        is_same = not own & {scope.text.of(node) for node in walk(gone) if isinstance(node, ast.expr)}
        code = "output-gradient-at-every-step" if is_same else "extra-term"
        yield Candidate((scope.text.replace(value, scope.text.of(stays)),), place.line, code, 1.8, carry)


def _invented(scope: Scope, inside: list[Place]) -> Iterator[Candidate]:
    """Start, add and assign a carry where there is none at all: three lines."""
    place = inside[0]
    if len(_carried(scope, place)) > len(_returned(scope)):
        return
    gradients = _gradients(scope, inside)
    first, last = place.loops[0], inside[-1].statement
    for receiving in inside:
        statement = receiving.statement
        about = next(targets(statement), "")
        if not isinstance(statement, ast.Assign) or about in _returned(scope) or about not in gradients:
            continue
        carry = f"{last_name(about)}_next"
        for gradient in gradients:
            for product, extra in products(scope, scope.matrices[:MANY], gradient):
                if about == gradient and last is statement:
                    continue
                edits = (
                    scope.text.line_before(first, f"{carry} = 0.0"),
                    scope.text.insert(scope.text.end(statement.value), f" + {carry}"),
                    scope.text.line_after(last, f"{carry} = {product}"),
                )
                yield Candidate(edits, receiving.line, "no-carry", 2.2 + extra, about)
                if isinstance(statement.value, ast.BinOp) and isinstance(statement.value.op, ast.Mult):
                    side = statement.value.left
                    for side in (statement.value.left, statement.value.right):
                        written = scope.text.replace(side, f"({scope.text.of(side)} + {carry})")
                        yield Candidate((edits[0], written, edits[2]), receiving.line, "no-carry", 2.4 + extra, about)


def _gradients(scope: Scope, inside: list[Place]) -> list[str]:
    """Return the gradients that the loop computes anew at every step, the last ones first."""
    found = [
        target
        for place in reversed(inside)
        if isinstance(place.statement, ast.Assign)
        for target in targets(place.statement)
        if scope.is_gradient(target)
    ]
    elements = [
        scope.text.of(place.statement.targets[0])
        for place in reversed(inside)
        if isinstance(place.statement, ast.Assign) and isinstance(place.statement.targets[0], ast.Subscript)
    ]
    plain = [name for name in dict.fromkeys(found) if name not in scope.containers]
    return [*plain, *dict.fromkeys(elements)][:MANY]


def _returned(scope: Scope) -> set[str]:
    """Return the atoms in return statements."""
    return {
        ast.unparse(node)
        for place in scope.places
        if isinstance(place.statement, ast.Return)
        for node in nodes_in(place.statement)
        if isinstance(node, ast.Name | ast.Attribute)
    }
