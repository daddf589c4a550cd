"""Steps that begin with another parameter: `w3 = w2 - rate * dw3`, where all others begin with their own.

Such a parameter is none that moves: what it was is lost, and nothing else tells of its step.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from crosscheck.recognise.rule_words import BEGINS
from crosscheck.recognise.signed_steps import holds_rate, steps_in
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.recognise.unit import Unit
from crosscheck.source.walking import walked
from crosscheck.verdicts import Finding, Severity

FEWEST = 2
"""Others at the least that begin with their own value"""


def with_misbegun(units: Sequence[Unit]) -> list[Unit]:
    """Return units that tell of the parameters whose steps begin with another one."""
    found = []
    for unit in units:
        judged = {name.rpartition(".")[2] for name in unit.names}
        told = {name: other for node in unit.functions for name, other in misbegun(node) if other in judged}
        told |= {name: other for node in unit.functions for name, other in exchanged(node)} if judged else {}
        faults = [_said(name, other) for name, other in told.items() if name not in judged]
        found.append(replace(unit, faults=(*unit.faults, *faults)) if faults else unit)
    return found


def misbegun(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what is given a step that begins with another parameter, and that one.

    Both are called alike, but for a number or a letter, and the other one moves by a step of its own.

    >>> turn = "w1 = w1 - lr * d * x1; w2 = w1 - lr * d * x2; b = b - lr * d"
    >>> list(misbegun(ast.parse(f"for x1, x2 in data: h = w1 * x1 + w2 * x2 + b; {turn}").body[0]))
    [('w2', 'w1')]
    """
    body = getattr(node, "body", [])
    own = {word for word, step, _ in steps_in(node) if holds_rate(step)}
    assigned = [(n, *pair) for n, statement in enumerate(body) for pair in assigned_in(statement)]
    taken = {value.id: root_word(target) for _, target, value in assigned if isinstance(value, ast.Name)}
    for n, target, value in assigned:
        if (
            not isinstance(value, ast.BinOp)
            or not isinstance(value.op, ast.Sub | ast.Add)
            or not holds_rate(value.right)
        ):
            continue
        word, other = root_word(target), root_word(value.left)
        name = taken.get(word, word)
        is_alike = len(name) == len(other) and sum(a != b for a, b in zip(name, other, strict=True)) == 1
        if is_alike and other in own and name not in own and len(own) >= FEWEST:
            stores = sum(root_word(one) == word for _, one, _ in assigned)
            if stores == 1 and any(name in _read(statement) for statement in body[:n]):
                yield name, other


def exchanged(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what takes the new value of another parameter, though it has one of its own, and that other one.

    >>> turn = "u_new = u - lr * du; v_new = v - lr * dv; u, v = {}, {}"
    >>> [list(exchanged(ast.parse(turn.format(*new)))) for new in (("u_new", "v_new"), ("v_new", "u_new"))]
    [[], [('v', 'u'), ('u', 'v')]]
    """
    assigned = [pair for statement in getattr(node, "body", []) for pair in assigned_in(statement)]
    begun = {
        root_word(target): root_word(value.left)
        for target, value in assigned
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub | ast.Add) and holds_rate(value.right)
    }
    taken = {value.id: root_word(target) for target, value in assigned if isinstance(value, ast.Name)}
    for new, own in begun.items():
        other = taken.get(new, own)
        left = (begin == other and taken.get(name) != other for name, begin in begun.items())
        if own not in (new, other) and any(left):
            yield other, own


def _read(statement: ast.stmt) -> set[str]:
    names = (part for part in walked(statement) if isinstance(part, ast.Name | ast.Attribute))
    return {root_word(part) for part in names if isinstance(part.ctx, ast.Load)}


def _said(name: str, other: str) -> Finding:
    return Finding("update-differs", Severity.ERROR, name, f"The update of {name} is wrong: {BEGINS} {other}.")
