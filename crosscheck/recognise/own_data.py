"""Data that a program makes itself where its file is missing: they fit it as none do that are made up.

    try:
        series = np.loadtxt("temperatures.csv")
    except IOError:
        series = np.sin(np.arange(120))

So does `if os.path.exists(name): ...` with an `else`, and a loader that returns early where there is a file.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.source.walking import walk, walked

READS = frozenset(
    {"open", "loadtxt", "genfromtxt", "load", "read_csv", "read_table", "read_excel", "urlopen", "urlretrieve"}
    | {"read_text", "fetch_openml", "load_data", "loadmat", "imread", "File"}
)
"""What opens a file, or asks a network for one"""
MISSING = frozenset({"OSError", "IOError", "EnvironmentError", "FileNotFoundError", "Exception", "BaseException"})
EXISTS = frozenset({"exists", "isfile", "is_file"})
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
    if not any(map(_makes_its_own, walked(tree))) and not any(True for _ in _left_early(tree)):
        return tree
    made = _WithHandlers().visit(copy.deepcopy(tree))
    for body, place in list(_left_early(made)):
        del body[place]
    return ast.fix_missing_locations(made)


class _WithHandlers(ast.NodeTransformer):
    def visit_Try(self, node: ast.Try) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        return [*_handler_of(node).body, *node.finalbody] if _makes_its_own(node) else node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        return (node.body if _is_negated(node.test) else node.orelse) if _makes_its_own(node) else node


def _handler_of(node: ast.Try) -> ast.ExceptHandler:
    return next(one for one in node.handlers if _catches_missing(one))


def _catches_missing(handler: ast.ExceptHandler) -> bool:
    kinds = [] if handler.type is None else getattr(handler.type, "elts", [handler.type])
    return not kinds or any(root_word(kind) in MISSING for kind in kinds)


def _is_negated(test: ast.expr) -> bool:
    return isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)


def _makes_its_own(node: ast.AST) -> bool:
    """Tell whether a statement reads a file, and makes all that it would have read where that is missing."""
    if isinstance(node, ast.Try) and any(map(_catches_missing, node.handlers)):
        return _handler_of(node).name is None and _stands_for([*node.body, *node.orelse], _handler_of(node).body)
    if isinstance(node, ast.If):
        test = node.test.operand if isinstance(node.test, ast.UnaryOp) else node.test
        ways = (node.orelse, node.body) if _is_negated(node.test) else (node.body, node.orelse)
        return isinstance(test, ast.Call) and root_word(test.func) in EXISTS and _stands_for(*ways)
    return False


def _left_early(tree: ast.AST) -> Iterator[tuple[list[ast.stmt], int]]:
    r"""Yield where a function returns what it reads, and goes on to make data itself where the file is missing.

    >>> code = "def load():\n    if path.exists():\n        return np.load(path)\n    return np.ones(3)"
    >>> [(place, len(body)) for body, place in _left_early(ast.parse(code))]
    [(0, 2)]
    """
    for node in (node for node in walk(tree) if isinstance(node, ast.FunctionDef)):
        for place, one in enumerate(node.body):
            rest = [part for later in node.body[place + 1 :] for part in walk(later)]
            returns = any(isinstance(part, ast.Return) and part.value is not None for part in rest)
            reads_as_well = any(root_word(part.func) in READS for part in rest if isinstance(part, ast.Call))
            if returns and not reads_as_well and _reads_and_returns(one):
                yield node.body, place
                break


def _reads_and_returns(statement: ast.stmt) -> bool:
    """Tell whether a statement returns what it reads of a file, if there is one, and does nothing otherwise."""
    if isinstance(statement, ast.If):
        is_asked = isinstance(statement.test, ast.Call) and root_word(statement.test.func) in EXISTS
        body = statement.body if is_asked and not statement.orelse else []
    elif isinstance(statement, ast.Try) and any(map(_catches_missing, statement.handlers)):
        own = _handler_of(statement).body
        is_idle = all(isinstance(one, ast.Pass) or _only_says(one) for one in own)
        body = statement.body if is_idle else []
    else:
        body = []
    calls = {root_word(part.func) for one in body for part in walk(one) if isinstance(part, ast.Call)}
    return bool(calls & READS) and any(isinstance(part, ast.Return) for one in body for part in walk(one))


def _only_says(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and root_word(call.func) in ("print", "warn", "warning", "info")


def _stands_for(reading: list[ast.stmt], own: list[ast.stmt]) -> bool:
    """Tell whether statements read a file, and others make all that these would have read."""
    calls = {root_word(part.func) for one in reading for part in walk(one) if isinstance(part, ast.Call)}
    then = [part for one in own for part in walk(one)]
    gives_up = any(isinstance(part, ast.Raise | ast.Continue | ast.Break) for part in then)
    gives_up = gives_up or any(root_word(part.func) in GIVES_UP for part in then if isinstance(part, ast.Call))
    reads_as_well = any(root_word(part.func) in READS for part in then if isinstance(part, ast.Call))
    if not calls & READS or gives_up or reads_as_well:
        return False
    ways = [[p for one in way for p in walk(one) if isinstance(p, ast.Return) and p.value] for way in (reading, own)]
    if any(ways):
        return all(ways)
    wanted = _assigned(reading)
    needed = _kept(reading, wanted) & wanted
    return bool(needed) and needed <= _assigned(own)


def _assigned(body: list[ast.stmt]) -> set[str]:
    """Return the plain names that statements assign."""
    found = (target for one in body for part in walk(one) for target, _ in assigned_in(part))
    return {target.id for target in found if isinstance(target, ast.Name)}


def _kept(body: list[ast.stmt], wanted: set[str]) -> set[str]:
    """Return what statements assign last of all, and not only to make something else of it: `f = open(name)`."""
    inside = [part for one in body for part in walk(one) if isinstance(part, ast.Name)]
    used = {part.id for part in inside if isinstance(part.ctx, ast.Load)}
    return (wanted - used) or wanted
