"""Whole formulas that people get wrong: the softmax's Jacobian, the means of a normalisation, the forward's scale."""

import ast
from collections.abc import Iterator

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import computed, is_atom, last_name, nodes_in, outermost_atoms, targets
from crosscheck.repair.text import bracketed
from crosscheck.source.walking import operands, walk

AXES = ("axis=-1", "axis=0", "axis=1")


def candidates(scope: Scope) -> Iterator[Candidate]:
    """Yield edits that complete a formula."""
    for place in scope.editable:
        statement = place.statement
        about = next(targets(statement), "")
        for node in computed(statement):
            yield from _softmax(scope, node, about)
            yield from _means(scope, node, about)
            yield from _scale(scope, node, about)
            yield from _everywhere(scope, node, about)


def _softmax(scope: Scope, value: ast.expr, about: str) -> Iterator[Candidate]:
    """Let `a * (da - sum(a * da))` take the place of `a * (1 - a) * da`."""
    factors = list(operands(value, ast.Mult))
    texts = [bracketed(node, scope.text.of(node)) for node in factors]
    for a in (text for node, text in zip(factors, texts, strict=True) if not isinstance(node, ast.BinOp)):
        slope = {f"(1 - {a})", f"(1.0 - {a})", f"(1. - {a})"}
        rest = [text for text in texts if text != a and text not in slope]
        if len(rest) == 1 and set(texts) & slope:
            for axis in AXES:
                total = f"{scope.numpy}sum({a} * {rest[0]}, {axis}, keepdims=True)"
                edit = scope.text.replace(value, f"{a} * ({rest[0]} - {total})")
                yield Candidate((edit,), value.lineno, "softmax-jacobian-diagonal", 1.2, about)


def _means(scope: Scope, value: ast.expr, about: str) -> Iterator[Candidate]:
    """Subtract the mean of d where the mean of d * x is subtracted."""
    for node in walk(value):
        call = node if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
        if call is None or call.func.attr not in ("mean", "sum"):  # pyright: ignore[reportAttributeAccessIssue]
            continue
        base = call.func.value  # pyright: ignore[reportAttributeAccessIssue]
        is_module = f"{scope.text.of(base)}." == scope.numpy
        what = call.args[0] if is_module and call.args else base
        if not (isinstance(what, ast.BinOp) and isinstance(what.op, ast.Mult)):
            continue
        for own in (what.left, what.right):
            mean = scope.text.of(call).replace(scope.text.of(what), scope.text.of(own), 1).replace("((", "(")
            if not is_module:
                mean = f"{scope.text.of(own)}{scope.text.of(call)[len(scope.text.of(base)) :].lstrip(')')}"
                tail = scope.text.between(scope.text.end(base), scope.text.end(call)).lstrip(")")
                mean = f"{scope.text.of(own)}{tail}"
            for other in walk(value):
                if isinstance(other, ast.Name | ast.Subscript) and scope.text.of(other) == scope.text.of(own):
                    edit = scope.text.replace(other, f"{scope.text.of(other)} - {mean}")
                    yield Candidate((edit,), value.lineno, "normalisation-terms", 1.8, about)
                    edit = scope.text.replace(other, f"({scope.text.of(other)} - {mean})")
                    yield Candidate((edit,), value.lineno, "normalisation-terms", 1.9, about)


def _scale(scope: Scope, node: ast.expr, about: str) -> Iterator[Candidate]:
    """Scale by what the forward scales with, such as √d."""
    value = bracketed(node, scope.text.of(node))
    for scale, scaled in scales(scope).items():
        edit = scope.text.replace(node, f"{value} {scale}")
        is_its_own = any(last_name(about).endswith(name) for name in scaled)
        yield Candidate((edit,), node.lineno, "scale-forgotten", 1.0 if is_its_own else 1.2, about)


def scales(scope: Scope) -> dict[str, set[str]]:
    """Return the forward's factors that are roots, as `/ np.sqrt(d)`, with the names of what they scale.

    The forward may be another function: what it scales with must have the same name here.
    """
    found: dict[str, set[str]] = {}
    editable = {id(place.statement) for place in scope.editable}
    for statement in walk(scope.tree):
        if not isinstance(statement, ast.stmt) or id(statement) in editable:
            continue
        for node in nodes_in(statement):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
                text = bracketed(node.right, scope.text.of(node.right))
                name = is_atom(node.right) and "scale" in text
                known = {ast.unparse(atom) for atom in outermost_atoms(node.right)} <= {*scope.atoms, *scope.never}
                if known and "\n" not in text and ("sqrt" in text or "** 0.5" in text or "**0.5" in text or name):
                    sign = "/" if isinstance(node.op, ast.Div) else "*"
                    found.setdefault(f"{sign} {text}", set()).update(map(last_name, targets(statement)))
    return dict(list(found.items())[:4])


def _everywhere(scope: Scope, value: ast.expr, about: str) -> Iterator[Candidate]:
    """Replace one gradient by another wherever a statement reads it."""
    atoms = list(outermost_atoms(value))
    names = [ast.unparse(atom) for atom in atoms]
    gradients = [name for name in scope.atoms if scope.is_gradient(name) and name not in scope.never]
    for own in dict.fromkeys(name for name in names if names.count(name) > 1 and scope.is_gradient(name)):
        places = [atom for atom, name in zip(atoms, names, strict=True) if name == own]
        for other in gradients:
            if other != own and (other in scope.containers) is (own in scope.containers):
                yield Candidate(
                    tuple(scope.text.replace(atom, other) for atom in places),
                    value.lineno,
                    "normalisation-terms",
                    1.9,
                    about,
                )
                if len(places) > 2:
                    rest = tuple(scope.text.replace(atom, other) for atom in places[1:])
                    yield Candidate(rest, value.lineno, "normalisation-terms", 2.0, about)
