"""Matrix products: a transpose too many or too few, operands the wrong way round, an element-wise product in place."""

import ast
from collections.abc import Iterator

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.places import Place
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import is_atom, nodes_in, operands_of_product, targets
from crosscheck.repair.text import Text, bracketed


def candidates(scope: Scope) -> Iterator[Candidate]:
    """Yield edits of the matrix products in the backward pass, and of transposes elsewhere."""
    for place in scope.editable:
        about = next(targets(place.statement), "")
        for node in nodes_in(place.statement):
            operands = operands_of_product(node)
            if operands:
                yield from _of_product(scope, place, node, operands, about)
            elif isinstance(node, ast.Attribute) and node.attr == "T":
                edit = scope.text.replace(node, bracketed(node.value, scope.text.of(node.value)))
                yield Candidate((edit,), node.lineno, "transpose", 2.0, about)
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
                yield from _matrix_for_elements(scope, node, about)


def _of_product(scope: Scope, place: Place, node: ast.AST, operands: list[ast.expr], about: str) -> Iterator[Candidate]:
    text = scope.text
    left, right = operands
    code = "carry-not-transposed" if is_square(scope, operands, place) else "transpose"
    if isinstance(place.statement, ast.AugAssign) and any(map(scope.is_gradient, targets(place.statement))):
        code = "weight-gradient-transposed"
    for operand in operands:
        edit = text.replace(operand, toggled(text, operand))
        yield Candidate((edit,), node.lineno, code, 1.0, about)  # pyright: ignore[reportAttributeAccessIssue]
    swapped = (text.replace(left, text.of(right)), text.replace(right, text.of(left)))
    turned = (text.replace(left, toggled(text, right)), text.replace(right, toggled(text, left)))
    both = (text.replace(left, toggled(text, left)), text.replace(right, toggled(text, right)))
    crossed = (text.replace(left, toggled(text, right)), text.replace(right, text.of(left)))
    recrossed = (text.replace(left, text.of(right)), text.replace(right, toggled(text, left)))
    for edits, cost in ((swapped, 1.3), (turned, 1.5), (both, 1.8), (crossed, 2.0), (recrossed, 2.0)):
        yield Candidate(edits, node.lineno, code, cost, about)  # pyright: ignore[reportAttributeAccessIssue]
    is_call = isinstance(node, ast.Call)
    whole = f"{text.of(node) if is_call else f'({text.of(node)})'}.T"
    yield Candidate((text.replace(node, whole),), node.lineno, code, 2.2, about)  # pyright: ignore[reportAttributeAccessIssue]
    one, other = (bracketed(operand, text.of(operand)) for operand in operands)
    element = text.replace(node, f"({one} * {other})")
    yield Candidate((element,), node.lineno, "product-for-elements", 3.0, about)  # pyright: ignore[reportAttributeAccessIssue]


def _matrix_for_elements(scope: Scope, node: ast.BinOp, about: str) -> Iterator[Candidate]:
    """`W * d` where `W.T @ d` was meant: a Jacobian-vector product done element by element."""
    text, weights = scope.text, set(scope.matrices)
    for one, other in ((node.left, node.right), (node.right, node.left)):
        bare = one.value if isinstance(one, ast.Attribute) and one.attr == "T" else one
        if not is_atom(bare) or text.of(bare) not in weights:
            continue
        weight, rest = text.of(bare), text.of(other)
        for product in (f"{weight}.T, {rest}", f"{weight}, {rest}", f"{rest}, {weight}.T", f"{rest}, {weight}"):
            edit = text.replace(node, f"{scope.numpy}dot({product})")
            yield Candidate((edit,), node.lineno, "product-element-by-element", 1.5, about)


def toggled(text: Text, operand: ast.expr) -> str:
    """Return an operand with a transpose added, or dropped."""
    if isinstance(operand, ast.Attribute) and operand.attr == "T":
        return bracketed(operand.value, text.of(operand.value))
    if isinstance(operand, ast.Call) and isinstance(operand.func, ast.Attribute) and operand.func.attr == "transpose":
        inner = operand.args[0] if operand.args else operand.func.value
        return bracketed(inner, text.of(inner))
    return f"{bracketed(operand, text.of(operand))}.T"


def is_square(scope: Scope, operands: list[ast.expr], place: Place) -> bool:
    """Tell whether a product passes a gradient on to the step before: what it assigns is read by the next round."""
    loop = scope.loop_of(place)
    if loop is None or not isinstance(place.statement, ast.Assign):
        return False
    bare = {
        ast.unparse(o.value) if isinstance(o, ast.Attribute) and o.attr == "T" else ast.unparse(o) for o in operands
    }
    return bool(bare & set(scope.matrices)) and any(
        target in scope.initialised_before(place) for target in targets(place.statement)
    )
