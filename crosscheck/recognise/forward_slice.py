"""What of a list of statements some names depend on: reports, counters and gradients are left out.

It goes by names and forgets their order, so that it leaves in too much rather than too little; only what a function
does behind its arguments' backs it does not see. Whoever uses it compares the results (recognise/slopes.py).
"""

import ast
import copy
import re
from collections.abc import Collection, Iterator
from typing import Any

from crosscheck.recognise.instrument import HOOKS
from crosscheck.recognise.places import Place
from crosscheck.recognise.statements import root_variable, root_word
from crosscheck.source.walking import walk

ALWAYS = (ast.Break, ast.Continue, ast.Return, ast.Raise, ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom)
DEFINES = (ast.FunctionDef, ast.ClassDef)


def names_of(loss: Any) -> frozenset[str]:
    """Return the variables that a loss is read from, and the calls, as `forward()`.

    >>> sorted(names_of(Place("local", ("cost(out, y)",), "")))
    ['cost', 'cost()', 'out', 'y']
    """
    if isinstance(loss, Place):
        text = str(loss.path[0]).partition(", turn by turn")[0].partition(", call by call")[0]
        return frozenset(
            [*re.findall(r"[A-Za-z_]\w*", text), *(f"{word}()" for word in re.findall(r"\w+(?=\()", text))]
        )
    parts = loss if isinstance(loss, tuple) else ()
    return frozenset(name for part in parts for name in names_of(part))


def sliced(body: list[ast.stmt], needed: Collection[str]) -> list[ast.stmt]:
    """Return the statements that what is `needed` depends on, in blocks that are copies."""
    names = set(needed)
    for _ in range(len(body) + 20):
        before = len(names)
        for statement in body:
            _follow(statement, names)
        if len(names) == before:
            break
    return _kept(body, names)


def _follow(statement: ast.stmt, names: set[str]) -> bool:
    """Add what a statement reads if it writes one of the names; tell whether it stays."""
    if isinstance(statement, (*ALWAYS, *DEFINES)) or _is_hook(statement):
        names |= set() if _is_hook(statement) else _read(statement)
        return True
    blocks = [inner for block in _blocks(statement) for inner in block]
    if blocks:
        stays = [_follow(inner, names) for inner in blocks]
        is_needed = any(stay and not _is_hook(inner) for stay, inner in zip(stays, blocks, strict=True))
        if is_needed or _written(statement) & names:
            names |= {word for part in _heads(statement) for word in _read(part)}
            return True
        return False
    if _written(statement) & names:
        names |= _read(statement)
        return True
    return False


def _kept(body: list[ast.stmt], names: set[str]) -> list[ast.stmt]:
    made = []
    for statement in body:
        if not _follow(statement, set(names)):
            continue
        if not isinstance(statement, DEFINES) and any(_blocks(statement)):
            statement = copy.copy(statement)
            for field in ("body", "orelse", "finalbody"):
                block = getattr(statement, field, None)
                if isinstance(block, list) and block:
                    setattr(statement, field, _kept(block, names) or ([_passing(block[0])] if field == "body" else []))
        made.append(statement)
    return made


def _passing(statement: ast.stmt) -> ast.stmt:
    return ast.copy_location(ast.Pass(), statement)


def _is_hook(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and ast.unparse(statement).startswith(f"{HOOKS}.turn(")


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    if isinstance(statement, DEFINES):
        return
    for field in ("body", "orelse", "finalbody"):
        block = getattr(statement, field, None)
        if isinstance(block, list):
            yield block
    for handler in getattr(statement, "handlers", ()):
        yield handler.body


def _heads(statement: ast.stmt) -> Iterator[ast.AST]:
    for field in ("test", "iter", "target", "items", "subject"):
        part = getattr(statement, field, None)
        yield from part if isinstance(part, list) else [part] if part is not None else []


def _written(statement: ast.stmt) -> set[str]:
    """Return what a statement may change, what it hands to a call for its effect, and what it calls."""
    found = {root_variable(node) for node in walk(statement) if _is_stored(node)}
    found |= {f"{root_word(node.func)}()" for node in walk(statement) if isinstance(node, ast.Call)}
    if isinstance(statement, ast.Expr):
        found |= _read(statement)
    return found


def _is_stored(node: ast.AST) -> bool:
    is_place = isinstance(node, ast.Name | ast.Subscript | ast.Attribute)
    return is_place and isinstance(node.ctx, ast.Store | ast.Del)  # pyright: ignore[reportAttributeAccessIssue]


def _read(node: ast.AST) -> set[str]:
    return {part.id for part in walk(node) if isinstance(part, ast.Name)}
