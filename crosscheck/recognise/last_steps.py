"""Steps that are the last thing a training does in a turn, each by a gradient that was there before any was taken.

The step of each parameter is then a rate times what would be its gradient if nothing had moved: a field of which it can
be told whether it is that of any function (crosscheck.recognise.circulation).
"""

import ast
from collections.abc import Collection, Iterator, Sequence

from crosscheck.recognise import naming
from crosscheck.recognise.all_wrong import NO_GRADIENT, are_plain
from crosscheck.recognise.backward_passes import words_called
from crosscheck.recognise.circulation import OTHER_RULES, as_of_none, goes_by_data
from crosscheck.recognise.no_loss import OTHER_TERMS
from crosscheck.recognise.statements import root_word
from crosscheck.recognise.unit import Unit
from crosscheck.source.walking import walked


def of_no_function(unit: Unit, node: ast.AST, moved: Collection[str], *, is_stated: bool) -> Unit | None:
    """Return the unit of steps that go along the gradient of no function; None where they may.

    `is_stated` says that a loss of all that is moved is computed beside them.
    """
    code = unit.document.code
    if OTHER_TERMS.search(code) or OTHER_RULES.search(code) or NO_GRADIENT.search(ast.unparse(node)):
        return None
    data = unit.example[1]
    if not are_plain(unit.document.tree, moved) or not goes_by_data(data) or not _speaks_of_gradients(node):
        return None
    own = {part.name for part in walked(unit.document.tree) if isinstance(part, ast.FunctionDef)}
    if not are_taken_last(node, moved, own):
        return None
    return as_of_none(unit, has_several=not is_stated and len(list(_misses(node, data))) != 1)


def _speaks_of_gradients(node: ast.AST) -> bool:
    """Tell whether something is called a gradient, or goes through a derivative: other rules learn by differences too.

    >>> rules = "d = (y - p) * slope_prime(z); W += rate * x.T @ d", "W += rate * (x.T @ up - down.T @ again)"
    >>> [_speaks_of_gradients(ast.parse(rule)) for rule in rules]
    [True, False]
    """
    stored = (part.id for part in walked(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
    called = words_called(node)
    return any(map(naming.looks_like_gradient, stored)) or any(map(DERIVATIVE.search, called))


DERIVATIVE = naming.re.compile(r"grad|deriv|prime|slope|delta", naming.re.IGNORECASE)
"""What functions are called that return derivatives"""


def _misses(node: ast.AST, data: Collection[str]) -> Iterator[str]:
    """Yield the differences of something and the data: what errors begin with."""
    for part in walked(node):
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub):
            sides = part.left, part.right
            if any(root_word(side) in data for side in sides) and not any(isinstance(s, ast.Constant) for s in sides):
                yield ast.unparse(part)


def are_taken_last(node: ast.AST, moved: Collection[str], functions: Collection[str] = ()) -> bool:
    """Tell whether parameters are moved in one row of statements that read nothing of what moved, nor call for it.

    >>> code = "for x in X: e = u - x @ p * q; p -= r * q * e * x; q -= r * (x @ p) * e"
    >>> are_taken_last(ast.parse(code).body[0], ["p", "q"])
    False
    >>> are_taken_last(ast.parse(code.replace("(x @ p)", "s")).body[0], ["p", "q"])
    True
    """
    (block,) = found if len(found := list(_blocks(node, moved))) == 1 else ([],)
    places = [place for place, statement in enumerate(block) if _target(statement) in moved]
    if not block or {_target(block[place]) for place in places} != set(moved):
        return False
    views = {word: word for word in moved}
    for part in walked(node):
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Subscript | ast.Attribute | ast.Name):
            views |= {
                root_word(target): root_word(part.value) for target in part.targets if root_word(part.value) in moved
            }
    gone: set[str] = set()
    for statement in block[places[0] : places[-1] + 1]:
        read = {views[word] for word in _read(statement) if word in views}
        if gone & read - {_target(statement)} or words_called(statement) & set(functions):
            return False
        gone.add(_target(statement))
    return True


def _blocks(node: ast.AST, moved: Collection[str]) -> Iterator[Sequence[ast.stmt]]:
    """Yield the rows of statements that move some of the parameters."""
    for part in walked(node):
        for row in (getattr(part, "body", None), getattr(part, "orelse", None), getattr(part, "finalbody", None)):
            if isinstance(row, list) and any(_target(statement) in moved for statement in row):
                yield row


def _target(statement: ast.stmt) -> str:
    """Return what a statement moves or assigns to; nothing if that is not one thing."""
    if isinstance(statement, ast.AugAssign):
        return root_word(statement.target)
    return root_word(statement.targets[0]) if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else ""


def _read(statement: ast.stmt) -> Iterator[str]:
    value = getattr(statement, "value", statement)
    return (root_word(part) for part in walked(value) if isinstance(part, ast.Name | ast.Attribute | ast.Subscript))
