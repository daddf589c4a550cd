"""Indices in time: the step before, the step after, a fixed step where the running one was meant."""

import ast
import re
from collections.abc import Iterator

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.places import Place
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import last_name, names_in, nodes_in, operands_of_product, targets
from crosscheck.source.walking import walk

SHIFT = "wrong-time-step"
START = re.compile(r"0$|init|prev|start|first|begin", re.IGNORECASE)
"""How initial states are called"""


def candidates(scope: Scope) -> Iterator[Candidate]:
    """Yield edits of the indices in the backward pass."""
    for place in scope.editable:
        if isinstance(place.statement, ast.For):
            continue
        about = next(targets(place.statement), "")
        for node in nodes_in(place.statement):
            if not isinstance(node, ast.Subscript):
                continue
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            for part in parts:
                for text, cost in _alternatives(scope, place, part):
                    edit = scope.text.replace(part, text)
                    yield Candidate((edit,), part.lineno, _code(scope, place, node, part), cost, about)
                yield from _wrapping(scope, node, part, about)


def _wrapping(scope: Scope, node: ast.Subscript, part: ast.expr, about: str) -> Iterator[Candidate]:
    """`h[t - 1]` becomes `h[t - 1] if t else h0` where index −1 would be the last step's."""
    shifted = _shifted(part)
    if shifted is None or shifted[1] != -1 or not isinstance(node.ctx, ast.Load):
        return
    for atom in scope.atoms:
        if atom not in scope.containers and START.search(last_name(atom)):
            edit = scope.text.replace(node, f"({scope.text.of(node)} if {shifted[0]} else {atom})")
            yield Candidate((edit,), node.lineno, "index-wraps", 1.8, about)


def _alternatives(scope: Scope, place: Place, part: ast.expr) -> Iterator[tuple[str, float]]:
    running = [
        node.id
        for loop in reversed(place.loops)
        if isinstance(loop, ast.For)
        for node in walk(loop.target)
        if isinstance(node, ast.Name)
    ]
    if isinstance(part, ast.Slice):
        yield from _slices(scope, part)
        return
    base = _shifted(part)
    if base is not None and not isinstance(part, ast.Constant):
        name, shift = base
        for other in (0, -1, 1, 2, -2):
            if other != shift:
                yield _at(name, other), 1.0 + 0.5 * (abs(other - shift) - 1)
        for variable in running:
            if variable != name:
                yield variable, 2.0
                yield f"{variable} - 1", 2.3
                yield f"{variable} + 1", 2.3
    elif _is_number(part):
        for variable in running:
            yield variable, 1.2
            yield f"{variable} - 1", 2.0
            yield f"{variable} + 1", 2.2
        value = ast.literal_eval(part)
        for other in (value - 1, value + 1, -1, 0):
            if other != value:
                yield str(other), 2.5
    elif running and not names_in(part) & set(running):
        for variable in running:
            yield variable, 2.0
    if isinstance(part, ast.Subscript) or (isinstance(part, ast.Name) and part.id not in running):
        text = scope.text.of(part)  # a symbol, the index of a row
        for variable in running:
            if not isinstance(part, ast.Subscript):
                yield f"{text}[{variable}]", 2.0


def _slices(scope: Scope, part: ast.Slice) -> Iterator[tuple[str, float]]:
    own = scope.text.of(part).replace(" ", "")
    for other in (":", "1:", ":-1", "::-1"):
        if other != own and own in (":", "1:", ":-1", "::-1"):
            yield other, 1.5


def _shifted(part: ast.expr) -> tuple[str, int] | None:
    """Read `t`, `t - 1`, `t + 1`."""
    if isinstance(part, ast.Name):
        return part.id, 0
    if isinstance(part, ast.BinOp) and isinstance(part.left, ast.Name) and isinstance(part.right, ast.Constant):
        value = part.right.value
        if isinstance(value, int) and isinstance(part.op, ast.Add | ast.Sub):
            return part.left.id, value if isinstance(part.op, ast.Add) else -value
    return None


def _at(name: str, shift: int) -> str:
    return name if shift == 0 else f"{name} + {shift}" if shift > 0 else f"{name} - {-shift}"


def _is_number(part: ast.expr) -> bool:
    inner = part.operand if isinstance(part, ast.UnaryOp) else part
    return isinstance(inner, ast.Constant) and isinstance(inner.value, int) and not isinstance(inner.value, bool)


def _code(scope: Scope, place: Place, node: ast.Subscript, part: ast.expr) -> str:
    read = isinstance(node.ctx, ast.Load)
    in_product = any(
        node in list(walk(operand)) for other in nodes_in(place.statement) for operand in operands_of_product(other)
    )
    if _is_number(part) or not (names_in(part) & scope.loop_variables):
        return "stale-step"
    if read and in_product and isinstance(place.statement, ast.AugAssign):
        return "wrong-state-in-weight-gradient"
    if read and _inside_index(place.statement, node):
        return "targets-shifted"
    if read and isinstance(place.statement, ast.Assign | ast.AugAssign) and "*" in ast.unparse(place.statement):
        return "derivative-at-wrong-step"
    return SHIFT


def _inside_index(statement: ast.stmt, node: ast.AST) -> bool:
    return any(
        isinstance(outer, ast.Subscript) and outer is not node and any(inner is node for inner in walk(outer.slice))
        for outer in nodes_in(statement)
    )
