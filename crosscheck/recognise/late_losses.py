"""Losses that are computed anew after the update: what their gradients were taken of is the same loss before it.

`step` may move its weights by the gradients and then return `self.loss(x, y)`. The loss is that of the moved weights,
the gradients are those at the weights before; held against each other they would differ by what one step changes.
"""

import ast
import copy
from collections.abc import Iterator, Sequence

from crosscheck.recognise import naming
from crosscheck.recognise.stated_in_loops import is_of_turn
from crosscheck.recognise.statements import root_word
from crosscheck.recognise.steps_of_turns import is_update, steps_on, velocities_in
from crosscheck.recognise.training_loops import UPDATING
from crosscheck.source.walking import walk

NAME = "loss_before"
ERROR = naming.re.compile(r"^e$|err", naming.re.IGNORECASE)
"""What differences are called, and losses that are no difference"""
STATED = "a loss that is computed after the update was taken as it is before the update, where the gradients are"


def with_losses_first(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such losses are computed before the update; the same if there are none.

    >>> code = "def step(self, x, y):\n  dw = self.slope(x, y)\n  self.w -= self.lr * dw\n  return self.loss(x, y)"
    >>> print(ast.unparse(with_losses_first(ast.parse(code)).body[0].body[1:]))
    loss_before = self.loss(x, y)
    self.w -= self.lr * dw
    return loss_before
    """
    if not any(True for body in _bodies(tree) for _ in _late(body)):
        return tree
    made = copy.deepcopy(tree)
    for body in _bodies(made):
        for first, moved, rest in list(_late(body)):
            body[first:] = [*map(_kept, moved), *(s for s in body[first:] if s not in moved), *map(_returning, rest)]
    return made


def has_late_losses(tree: ast.Module) -> bool:
    """Tell whether `with_losses_first` changed a module."""
    return any(getattr(node, "was_late", False) for node in walk(tree))


def _bodies(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    for node in walk(tree):
        if isinstance(node, ast.FunctionDef | ast.For | ast.While):
            yield node.body


def _late(body: list[ast.stmt]) -> Iterator[tuple[int, list[ast.stmt], list[ast.stmt]]]:
    """Yield where the first update stands, the statements that belong before it, and what is returned of them."""
    begun = next((number for number, statement in enumerate(body) if is_of_gradients(statement)), len(body))
    kept = velocities_in(body[begun:])
    updates = [n for n, statement in enumerate(body) if moves(statement) or (n > begun and steps_on(statement, kept))]
    if not updates or not any(map(is_of_gradients, body[: updates[0]])):
        return
    first, tail = updates[0], body[updates[-1] + 1 :]
    ends = [number for number, statement in enumerate(tail) if is_loss(statement)]
    if not ends or any(map(is_loss, body[:first])):
        return
    moved = tail[: ends[0] + 1]
    written = {name for statement in moved for name in _names(statement, ast.Store)}
    between = body[first : updates[-1] + 1]
    is_apart = not any(written & _names(statement, ast.Load, ast.Store) for statement in between)
    is_plain = all(isinstance(s, ast.Assign | ast.Return) and not is_of_gradients(s) for s in moved)
    is_same = _reads_moved(moved, between) and is_of_turn(moved, ast.Module(body, []))
    if is_apart and is_plain and (any(map(_goes_forward, moved)) or is_same):
        yield first, moved, [s for s in moved if isinstance(s, ast.Return)]


def moves(statement: ast.stmt) -> bool:
    """Tell whether a statement moves parameters: itself, in a loop over them, or by a call."""
    if isinstance(statement, ast.For):
        return any(map(moves, statement.body))
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return bool(UPDATING.search(root_word(statement.value.func)))
    return is_update(statement)


def is_of_gradients(statement: ast.stmt) -> bool:
    """Tell whether a statement computes gradients: by what it writes, or by what it calls."""
    calls = (part for part in walk(statement) if isinstance(part, ast.Call))
    return any(map(naming.looks_like_gradient, _names(statement, ast.Store))) or any(
        naming.BACKWARD.search(root_word(call.func)) for call in calls
    )


def is_loss(statement: ast.stmt) -> bool:
    """Tell whether a statement computes a loss: `loss = ...`, or `return self.loss(x, y)` and nothing else.

    >>> [is_loss(ast.parse(said).body[0]) for said in ("e = ((p - y) ** 2).mean()", "e = p - y", "e = np.exp(z)")]
    [True, False, False]
    """
    if isinstance(statement, ast.Assign):
        is_other = isinstance(statement.value, ast.BinOp) and isinstance(statement.value.op, ast.Sub)
        is_other |= isinstance(statement.value, ast.Call) and root_word(statement.value.func) == "exp"
        target = statement.targets[0]
        is_named = isinstance(target, ast.Name) and bool(naming.LOSS.search(target.id))
        return is_named and not (is_other and ERROR.search(target.id))  # pyright: ignore
    is_call = isinstance(statement, ast.Return) and isinstance(statement.value, ast.Call)
    return is_call and bool(naming.LOSS.search(root_word(statement.value.func)))  # pyright: ignore


def _goes_forward(statement: ast.stmt) -> bool:
    """Tell whether a statement calls what may read the parameters: no function of NumPy."""
    calls = (part.func for part in walk(statement) if isinstance(part, ast.Call))
    return any(not ast.unparse(call).startswith(("np.", "numpy.", "float", "len", "math.")) for call in calls)


def _reads_moved(statements: Sequence[ast.stmt], updates: Sequence[ast.stmt]) -> bool:
    """Tell whether some statements read what updates move: they go forward once more, line by line."""
    steps = [n for update in updates for n in walk(update) if isinstance(n, ast.Assign | ast.AugAssign)]
    targets = [n.target if isinstance(n, ast.AugAssign) else n.targets[0] for n in steps]
    moved = {ast.unparse(t) for t in targets if isinstance(t, ast.Name | ast.Attribute)}
    parts = (n for s in statements for n in walk(s) if isinstance(n, ast.Name | ast.Attribute))
    return any(isinstance(part.ctx, ast.Load) and ast.unparse(part) in moved for part in parts)


def _names(statement: ast.stmt, *contexts: type[ast.expr_context]) -> set[str]:
    return {n.id for n in walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, contexts)}


def _kept(statement: ast.stmt) -> ast.stmt:
    """Return a statement as it stands before the update: what was returned is given a name."""
    if isinstance(statement, ast.Return) and statement.value is not None:
        name = ast.copy_location(ast.Name(NAME, ast.Store()), statement)
        kept: ast.stmt = ast.copy_location(ast.Assign([name], statement.value), statement)
    else:
        kept = statement
    kept.was_late = True  # pyright: ignore[reportAttributeAccessIssue]
    return kept


def _returning(statement: ast.stmt) -> ast.stmt:
    name = ast.copy_location(ast.Name(NAME, ast.Load()), statement)
    return ast.copy_location(ast.Return(name), statement)


def said_of(tree: ast.Module) -> Sequence[str]:
    """Return what is assumed of a module that was changed so."""
    return [STATED] if has_late_losses(tree) else []
