"""Data that a program makes itself where its file is missing.

try:
    series = np.loadtxt("temperatures.csv")
except IOError:
    series = np.sin(np.arange(120))
"""

import ast
import copy

from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.source.walking import walk, walked

READS = frozenset(
    {"open", "loadtxt", "genfromtxt", "load", "read_csv", "read_table", "read_excel", "urlopen", "urlretrieve"}
    | {"read_text", "fetch_openml", "load_data", "loadmat", "imread", "File"}
)
"""What opens a file, or asks a network for one"""
MISSING = frozenset({"OSError", "IOError", "EnvironmentError", "FileNotFoundError", "Exception", "BaseException"})
GIVES_UP = frozenset({"exit", "quit", "_exit", "abort"})


def with_own_data(tree: ast.Module) -> ast.Module:
    r"""Return a module that does at once what it does where a file is missing; the same if it has nothing to do then.

    >>> read = "try:\n    x = np.loadtxt('a.csv')\nexcept OSError:\n    {}"
    >>> for then in ("x = np.arange(9.)", "raise SystemExit", "print('no file')"):
    ...     print(ast.unparse(with_own_data(ast.parse(read.format(then)))).partition(chr(10))[0])
    x = np.arange(9.0)
    try:
    try:
    """
    if not any(map(_makes_its_own, walked(tree))):
        return tree
    return ast.fix_missing_locations(_WithHandlers().visit(copy.deepcopy(tree)))


class _WithHandlers(ast.NodeTransformer):
    def visit_Try(self, node: ast.Try) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        return [*_handler_of(node).body, *node.finalbody] if _makes_its_own(node) else node


def _handler_of(node: ast.Try) -> ast.ExceptHandler:
    return next(one for one in node.handlers if _catches_missing(one))


def _catches_missing(handler: ast.ExceptHandler) -> bool:
    kinds = [] if handler.type is None else getattr(handler.type, "elts", [handler.type])
    return not kinds or any(root_word(kind) in MISSING for kind in kinds)


def _makes_its_own(node: ast.AST) -> bool:
    """Tell whether a statement reads a file, and makes all that it would have read where that is missing."""
    if not isinstance(node, ast.Try) or not any(map(_catches_missing, node.handlers)):
        return False
    handler = _handler_of(node)
    calls = {root_word(part.func) for one in node.body for part in walk(one) if isinstance(part, ast.Call)}
    then = [part for one in handler.body for part in walk(one)]
    gives_up = any(isinstance(part, ast.Raise | ast.Return | ast.Continue | ast.Break) for part in then)
    gives_up = gives_up or any(root_word(part.func) in GIVES_UP for part in then if isinstance(part, ast.Call))
    wanted = _assigned(node.body) | _assigned(node.orelse)
    is_same = handler.name is None and bool(wanted & _assigned(handler.body))
    reads = bool(calls & READS)
    return reads and not gives_up and is_same and _needed(node, wanted) <= _assigned(handler.body)


def _assigned(body: list[ast.stmt]) -> set[str]:
    """Return the plain names that statements assign."""
    found = (target for one in body for part in walk(one) for target, _ in assigned_in(part))
    return {target.id for target in found if isinstance(target, ast.Name)}


def _needed(node: ast.Try, wanted: set[str]) -> set[str]:
    """Return what a reading statement assigns and does not use for itself alone: `f = open(name)` is used up."""
    inside = [part for one in (*node.body, *node.orelse) for part in walk(one) if isinstance(part, ast.Name)]
    used = {part.id for part in inside if isinstance(part.ctx, ast.Load)}
    return wanted - used
