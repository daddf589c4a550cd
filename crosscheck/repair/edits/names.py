"""One variable in the place of another of its kind: raw for activated, one gate for another, one layer for another."""

import ast
import difflib
from collections.abc import Iterator

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.places import Place
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import computed, expressions, is_atom, last_name, outermost_atoms, targets
from crosscheck.source.walking import walk


def candidates(scope: Scope) -> Iterator[Candidate]:
    """Yield edits that replace one variable by another."""
    for place in scope.editable:
        about = next(targets(place.statement), "")
        for atom in _read(place):
            own = ast.unparse(atom)
            if own in scope.never and not own.startswith("self."):
                continue
            if isinstance(place.statement, ast.Return) and not scope.is_gradient(own):
                continue
            for other in _of_the_same_kind(scope, place, own):
                likeness = difflib.SequenceMatcher(None, last_name(own), last_name(other)).ratio()
                cost = (2.0 if scope.is_gradient(own) else 2.4) - 1.2 * likeness
                edit = scope.text.replace(atom, other)
                yield Candidate((edit,), atom.lineno, _code(scope, own, other), cost, about)
    yield from _elements(scope)
    yield from _targets(scope)
    yield from _unread(scope)
    yield from _exchanged(scope)


def _read(place: Place) -> Iterator[ast.expr]:
    statement = place.statement
    if isinstance(statement, ast.For):
        return
    for expression in expressions(statement):
        for atom in outermost_atoms(expression):
            if isinstance(getattr(atom, "ctx", ast.Load()), ast.Load):
                yield atom


def _of_the_same_kind(scope: Scope, place: Place, own: str) -> Iterator[str]:
    is_container, is_gradient = own in scope.containers, scope.is_gradient(own)
    for other in scope.atoms:
        if other == own or other in scope.never or (other in scope.containers) is not is_container:
            continue
        if scope.is_gradient(other) is not is_gradient:
            continue
        if other in targets(place.statement) and other not in scope.initialised_before(place):
            continue
        yield other


def _elements(scope: Scope) -> Iterator[Candidate]:
    """Yield edits that replace `x[t]` by another element or by a plain variable, and the reverse."""
    plain = [atom for atom in scope.atoms if atom not in scope.containers and atom not in scope.never]
    for place in scope.editable:
        if isinstance(place.statement, ast.Return | ast.For):
            continue
        about = next(targets(place.statement), "")
        for expression in expressions(place.statement):
            for node in walk(expression):
                if not isinstance(getattr(node, "ctx", None), ast.Load):
                    continue
                if isinstance(node, ast.Subscript) and not is_atom(node) and scope.text.of(node) in scope.elements:
                    own = scope.text.of(node)
                    same = scope.is_gradient(ast.unparse(node.value))
                    for other in plain:
                        if scope.is_gradient(other) is same:
                            edit = scope.text.replace(node, other)
                            yield Candidate((edit,), node.lineno, "wrong-variable", 3.0, about)
                elif isinstance(node, ast.expr) and is_atom(node) and ast.unparse(node) in plain:
                    own = ast.unparse(node)
                    for other in scope.elements:
                        likeness = difflib.SequenceMatcher(None, last_name(own), other.partition("[")[0]).ratio()
                        if scope.is_gradient(other.partition("[")[0]) is scope.is_gradient(own):
                            edit = scope.text.replace(node, other)
                            yield Candidate((edit,), node.lineno, "stale-variable", 3.2 - likeness, about)


def _targets(scope: Scope) -> Iterator[Candidate]:
    """Yield edits that let a statement write to another variable: `dWf += ...` copied for `dWi`."""
    written = list(dict.fromkeys(t for place in scope.editable for t in targets(place.statement)))
    for place in scope.editable:
        statement = place.statement
        if isinstance(statement, ast.AugAssign):
            items: list[ast.expr] = [statement.target]
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            items = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        else:
            continue
        for base in items:
            while isinstance(base, ast.Subscript) and not is_atom(base):
                base = base.value
            if not is_atom(base):
                continue
            own = ast.unparse(base)
            carried = _waiting(scope, place) if own in scope.unread_in(place.function) else []
            for other in written:
                if other != own:
                    likeness = difflib.SequenceMatcher(None, last_name(own), last_name(other)).ratio()
                    cost = 0.7 if other in carried else 2.9 - 0.8 * likeness
                    edit = scope.text.replace(base, other)
                    about = other if other in carried else own
                    yield Candidate((edit,), place.line, "wrong-target", cost, about)


def _waiting(scope: Scope, place: Place) -> list[str]:
    """Return the gradients that exist before the loop around a statement, and that no turn of it assigns."""
    loop = scope.loop_of(place)
    if loop is None:
        return []
    own = scope.assigned_in(loop)
    return [name for name in scope.initialised_before(place) if scope.is_gradient(name) and name not in own]


def _unread(scope: Scope) -> Iterator[Candidate]:
    """Yield edits that use a gradient that is computed and never read."""
    for place in scope.editable:
        written = set(targets(place.statement))
        for name in scope.unread_in(place.function):
            if name in written or name in scope.containers:
                continue
            for node in computed(place.statement):
                if not isinstance(node, ast.Name):
                    edit = scope.text.replace(node, name)
                    yield Candidate((edit,), place.line, "wrong-variable", 1.4, next(iter(written), ""))


def _exchanged(scope: Scope) -> Iterator[Candidate]:
    """Yield edits that exchange two entries of what is returned, stacked or zipped, or the targets of two lines."""
    for place in scope.editable:
        about = next(targets(place.statement), "")
        for expression in expressions(place.statement):
            for node in walk(expression):
                items: list[ast.expr] = []
                if isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load):
                    items = [item for item in node.elts if isinstance(item, ast.expr)]
                elif isinstance(node, ast.Dict):
                    items = node.values
                for first in range(len(items)):
                    for second in range(first + 1, len(items)):
                        one, other = items[first], items[second]
                        if scope.text.of(one) == scope.text.of(other):
                            continue
                        edits = (
                            scope.text.replace(one, scope.text.of(other)),
                            scope.text.replace(other, scope.text.of(one)),
                        )
                        yield Candidate(edits, one.lineno, "gradients-exchanged", 1.6, about)


def _code(scope: Scope, own: str, other: str) -> str:
    one, two = last_name(own), last_name(other)
    if scope.is_gradient(own):
        activated = {"raw", "z", "a", "net", "pre", "act"}
        stems = [name.lstrip("_").lower() for name in (one, two)]
        if any(stem.endswith(tuple(activated)) for stem in stems) and not _gates(one, two):
            return "raw-and-activated-confused"
    return "gates-confused" if _gates(one, two) else "wrong-variable"


def _gates(one: str, two: str) -> bool:
    """Tell whether two names differ in one letter only, which is that of a gate."""
    if len(one) != len(two):
        return False
    different = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
    return len(different) == 1 and set(different[0]) <= set("ifogczrnu")
