"""Gradients that a backward pass adds to what is there, and that nothing in the file ever empties."""

import ast
from typing import Any

from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk
from crosscheck.verdicts import Finding, Severity

EMPTYING = frozenset({"zero_grad", "zero_", "fill", "reset", "zero_grads", "clear", "setattr"})


def never_emptied(unit: Any) -> list[Finding]:
    """Say which attributes a unit adds gradients to that no method but the constructor sets: a warning."""
    tree = unit.document.tree
    kept = {place.name for place in unit.subject.gradients.values() if place.where == "after"}
    added = {word for node in unit.functions for word in _stored(node, ast.AugAssign)} & kept
    others = [n for n in walk(tree) if isinstance(n, ast.FunctionDef) and n.name != "__init__"]
    outside = [n for n in tree.body if not isinstance(n, ast.FunctionDef | ast.ClassDef)]
    emptied = {word for node in (*others, *outside) for word in _stored(node, ast.Assign)}
    called = {root_word(n.func) for n in walk(tree) if isinstance(n, ast.Call)}
    names = sorted(added - emptied)
    if not names or called & EMPTYING:
        return []
    message = f"Every call adds to {', '.join(names)} of the one before, and nothing sets them to zero again."
    return [Finding("accumulates", Severity.WARNING, names[0], message)]


def _stored(node: ast.AST, kind: type[ast.AugAssign] | type[ast.Assign]) -> set[str]:
    """Return the attributes that statements of one kind write to."""
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, kind):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            stores = (n for target in targets for n in walk(target) if isinstance(n, ast.Attribute))
            found |= {n.attr for n in stores}
    return found
