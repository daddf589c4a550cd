"""Programs that go on from what they saved: where they can start anew instead, they do.

What `if resume: model = pickle.load(f)` asks for is a file that is not here, with arrays whose shapes nobody knows.
"""

import ast
import copy
import re
from collections.abc import Iterator, Sequence

from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk

LOADS = re.compile(
    r"^(?:load|loads|restore|loadmat|load_(?:\w+_)?(?:model|weights|params|parameters|checkpoint)|read_pickle)$"
)
"""What reads back what a program saved"""


def started_anew(tree: ast.Module) -> ast.Module:
    r"""Return a module that makes what it could load as well; the same if there is no such choice.

    >>> ast.unparse(started_anew(ast.parse("if resume: W = load(f)\nelse: W = ones(3)"))).splitlines()[0]
    'if False:'

    What is made first and loaded at once is made alone: `W = ones(3); W = load(f)`.
    """
    if not any(map(_choice, walk(tree))) and not any(True for _ in _reloaded(tree)):
        return tree
    made = copy.deepcopy(tree)
    for body, statement in list(_reloaded(made)):
        body[next(n for n, one in enumerate(body) if one is statement)] = ast.copy_location(ast.Pass(), statement)
    for node in walk(made):
        chosen = _choice(node)
        if chosen is not None and isinstance(node, ast.If):
            node.test = ast.copy_location(ast.Constant(chosen is node.body), node.test)
    return made


def _reloaded(tree: ast.Module) -> Iterator[tuple[list[ast.stmt], ast.stmt]]:
    """Yield what only loads what was made before in the same body, with that body."""
    for node in walk(tree):
        body = node.body if isinstance(node, ast.FunctionDef | ast.Module) else []
        for place, statement in enumerate(body):
            loaded = _assigned([statement], only_loaded=True) if isinstance(statement, ast.Assign) else set()
            if loaded and loaded <= _assigned(body[:place]) and not loaded & _assigned(body[:place], only_loaded=True):
                yield body, statement


def _choice(node: ast.AST) -> Sequence[ast.stmt] | None:
    """Return the branch that makes all that the other one loads; None if there is none."""
    if not isinstance(node, ast.If):
        return None
    for loading, making in ((node.body, node.orelse), (node.orelse, node.body)):
        loaded = _assigned(loading, only_loaded=True)
        if loaded and loaded <= _assigned(making) and not _assigned(making, only_loaded=True):
            return making
    return None


def _assigned(statements: Sequence[ast.stmt], *, only_loaded: bool = False) -> set[str]:
    """Return the words that some statements assign, entries of them included."""
    found: set[str] = set()
    for part in (part for statement in statements for part in walk(statement)):
        if isinstance(part, ast.Assign) and (not only_loaded or _loads(part.value)):
            found |= {_holder(name) for target in part.targets for name in getattr(target, "elts", [target])}
    return found - {""}


def _holder(target: ast.expr) -> str:
    return _holder(target.value) if isinstance(target, ast.Subscript) else root_word(target)


def _loads(value: ast.expr) -> bool:
    return any(isinstance(part, ast.Call) and LOADS.match(root_word(part.func)) for part in walk(value))
