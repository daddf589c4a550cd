"""Whether the file subtracts a gradient from its parameter, or adds it."""

import ast
from collections.abc import Mapping

from crosscheck.recognise import naming
from crosscheck.recognise.places import Place
from crosscheck.recognise.signed_steps import steps_in
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.source.walking import walked


def signs_of(tree: ast.AST, gradients: Mapping[str, Place]) -> dict[str, int]:
    """Tell of gradients whether the file subtracts them (1) or adds them (-1), where an update says it plainly."""
    found: dict[str, int] = {}
    own_functions = {node.name for node in walked(tree) if isinstance(node, ast.FunctionDef)}
    negative = {root_word(target) for node in walked(tree) for target, value in assigned_in(node) if _is_negated(value)}
    for moved, value, adds in steps_in(tree):
        if any(_is_negated(n) or (isinstance(n, ast.Name) and n.id in negative) for n in walked(value)):
            continue
        calls = (n for n in walked(value) if isinstance(n, ast.Call) and root_word(n.func) in own_functions)
        if any(calls):  # `w += rule.step(dw)`: what comes back may be the other way round
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
