"""Steps as a program writes them: what is moved, by what, and whether that is added or taken away."""

import ast
from collections.abc import Iterator, Mapping

from crosscheck.recognise import naming
from crosscheck.recognise.pairing import assigned_in, sums_in, written_back_in
from crosscheck.recognise.places import Place
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walked


def signs_of(tree: ast.AST, gradients: Mapping[str, Place]) -> dict[str, int]:
    """Tell of gradients whether the file subtracts them (1) or adds them (-1), where an update says it plainly."""
    found: dict[str, int] = {}
    negative = {root_word(target) for node in walked(tree) for target, value in assigned_in(node) if _is_negated(value)}
    for moved, value, adds in steps_in(tree):
        if any(_is_negated(n) or (isinstance(n, ast.Name) and n.id in negative) for n in walked(value)):
            continue
        words = {n.id for n in walked(value) if isinstance(n, ast.Name)}
        words |= {n.attr for n in walked(value) if isinstance(n, ast.Attribute)}
        for name, place in gradients.items():
            own = name.replace("]", "").replace("'", "").replace("[", ".").rpartition(".")[2]
            if moved == own and words & {place.name, *place.names} and not naming.LOSS.search(moved):
                found[name] = -1 if adds else 1
    return found


def _is_negated(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


def steps_in(tree: ast.AST) -> Iterator[tuple[str, ast.expr, bool]]:
    """Yield what is moved, by what, and whether that is added."""
    written_back, sums = written_back_in(tree), set(sums_in(tree))
    for node in walked(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub | ast.Add):
            if isinstance(node.target, ast.Subscript) and ast.unparse(node.target.value) in sums:
                continue  # `g["W"] += dW` adds gradients up
            yield root_word(node.target), node.value, isinstance(node.op, ast.Add)
        for target, value in assigned_in(node):
            if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub | ast.Add):
                moved = written_back.get(root_word(target), root_word(target))
                if ast.unparse(value.left) == ast.unparse(target) or root_word(value.left) == moved != root_word(
                    target
                ):
                    yield moved, value.right, isinstance(value.op, ast.Add)
