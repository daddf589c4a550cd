"""Which statements of a turn move parameters, and in which order they and the losses may as well stand."""

import ast
from collections.abc import Collection, Mapping, Sequence

from crosscheck.recognise import naming
from crosscheck.recognise.learning import calls_in, read_or_written, words_in
from crosscheck.recognise.statements import keeps_share, root_word
from crosscheck.source.walking import walk


def updates_last(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of a loop with the updates of parameters at its end, where nothing behind them reads these.

    A loss that is computed after the update, of what was computed before it, is then found before it. What is moved in
    place moves under its other names as well: behind `back = W.T` and `W -= step`, `back` is that of the new weights.
    """
    views = _views(body)
    late: list[ast.stmt] = []
    others: list[ast.stmt] = []
    for statement in reversed(body):
        is_late = is_update(statement) and _is_free(statement, others, views)
        (late if is_late else others).append(statement)
    return [*_losses_before_updates(others[::-1]), *reversed(late)]


def _views(body: list[ast.stmt]) -> dict[str, set[str]]:
    """Return by what other names, or transposed, the statements of a turn know something.

    >>> _views(ast.parse("old = W; back = net.V.T; kept = U.copy()").body)
    {'W': {'old'}, 'net.V': {'back'}}
    """
    found: dict[str, set[str]] = {}
    for statement in body:
        value = statement.value if isinstance(statement, ast.Assign) else None
        value = value.value if isinstance(value, ast.Attribute) and value.attr == "T" else value
        if isinstance(value, ast.Name | ast.Attribute) and isinstance(statement.targets[0], ast.Name):  # pyright: ignore
            found.setdefault(read_or_written(value), set()).add(statement.targets[0].id)  # pyright: ignore
    return found


def _losses_before_updates(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements with losses before updates that cannot be last, where neither changes what the other reads.

    One variable may hold the corrected mean of one parameter after the other: the update of none can go past the next.
    """
    kept = velocities_in(body)
    moving = (n for n, statement in enumerate(body) if is_update(statement) or steps_on(statement, kept))
    first = next(moving, len(body))
    before, behind = body[:first], []
    for statement in body[first:]:
        if _states_loss(statement) and _is_apart(statement, behind):
            before.append(statement)
        else:
            behind.append(statement)
    return [*before, *behind]


def _states_loss(statement: ast.stmt) -> bool:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    return isinstance(target, ast.Name) and bool(naming.LOSS.search(target.id)) and "self" not in words_in(statement)


def _is_apart(statement: ast.stmt, others: list[ast.stmt]) -> bool:
    """Tell whether a statement and others neither read nor write what the other one writes."""
    own, written = words_in(statement), _stored(statement)
    return not any(_stored(other) & own or words_in(other) & written for other in others)


def _stored(statement: ast.stmt) -> set[str]:
    """Return what a statement writes to, entries of it as well, or calls a method of."""
    targets = (n for n in walk(statement) if isinstance(getattr(n, "ctx", None), ast.Store))
    owners = (n.func.value for n in calls_in(statement) if isinstance(n.func, ast.Attribute))
    return {read_or_written(node) for node in (*targets, *owners) if isinstance(node, ast.expr)} - {
        "",
        "np",
        "numpy",
        "math",
    }


def is_update(statement: ast.stmt) -> bool:
    """Tell whether a statement moves something at a rate, or by what is called like a gradient."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add | ast.Sub):
        value = statement.value
    elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.BinOp):
        value = statement.value.right
        is_own = ast.unparse(statement.value.left) == ast.unparse(statement.targets[0])
        if not is_own or not isinstance(statement.value.op, ast.Add | ast.Sub):
            return False
    else:
        return False
    words = {word.rpartition(".")[2] for word in words_in(value)}
    return any(naming.RATE.search(word) or naming.looks_like_gradient(word) for word in words)


def moves_at_rate(statement: ast.stmt) -> bool:
    """Tell whether a statement moves something at what is called a rate.

    >>> [moves_at_rate(ast.parse(text).body[0]) for text in ("w += dw * self.learning_rate", "self.dw += d @ x.T")]
    [True, False]
    """
    words = {word.rpartition(".")[2] for word in words_in(statement)}
    return is_update(statement) and any(map(naming.RATE.search, words))


def steps_on(statement: ast.stmt, velocities: Collection[str] = ()) -> bool:
    """Tell whether a statement adds a multiple of something to what it assigns, or one of some velocities, and no loss.

    >>> steps = ("w = w - 0.1 * v", "w -= 0.1 * m / (np.sqrt(s) + eps)", "total += loss * n", "w = w - v", "p = w * x")
    >>> [steps_on(ast.parse(step).body[0]) for step in steps]
    [True, True, False, False, False]
    >>> steps_on(ast.parse("w = w - v").body[0], {"v"})
    True
    """
    if isinstance(statement, ast.AugAssign):
        target, operator, value = statement.target, statement.op, statement.value
    elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.BinOp):
        target, operator, value = statement.targets[0], statement.value.op, statement.value.right
        if ast.unparse(target) != ast.unparse(statement.value.left):
            return False
    else:
        return False
    while isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div):  # what adaptive steps are divided by
        value = value.left
    is_multiple = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult)
    words = (root_word(part) for part in walk(statement) if isinstance(part, ast.Name | ast.Attribute))
    is_step = is_multiple or ast.unparse(value) in velocities
    return is_step and isinstance(operator, ast.Add | ast.Sub) and not any(map(naming.LOSS.search, words))


def velocities_in(body: Sequence[ast.stmt]) -> set[str]:
    """Return what becomes a share of itself and something else: `v = 0.9 * v - step`.

    >>> velocities_in(ast.parse("v = 0.9 * v - 0.1 * dw; w = w + v; p = 2 * x - y").body)
    {'v'}
    """
    assigned = ((ast.unparse(one.targets[0]), one.value) for one in body if isinstance(one, ast.Assign))
    return {own for own, value in assigned if keeps_share(own, value)}


def _leaves(statement: ast.AST) -> bool:
    r"""Tell whether a statement may end a turn.

    >>> import textwrap
    >>> codes = ("if e == 0: break", "if e:\n  continue", "for x in xs:\n  if x: break", "def f(): return 1", "w -= g")
    >>> [_leaves(ast.parse(f"while True:\n{textwrap.indent(code, '  ')}").body[0].body[0]) for code in codes]
    [True, True, False, False, False]
    """
    if isinstance(statement, ast.Break | ast.Continue | ast.Return):
        return True
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Lambda):
        return False
    if isinstance(statement, ast.For | ast.While):
        return any(isinstance(part, ast.Return) for part in walk(statement))
    return any(map(_leaves, ast.iter_child_nodes(statement)))


def _is_free(statement: ast.stmt, others: list[ast.stmt], views: Mapping[str, set[str]]) -> bool:
    """Tell whether a statement may as well stand behind others: they read nothing that it writes, nor write its own."""
    target = statement.target if isinstance(statement, ast.AugAssign) else statement.targets[0]  # pyright: ignore
    moved, own = {read_or_written(target)} - {""}, words_in(statement)
    moved |= views.get(read_or_written(target), set()) if isinstance(statement, ast.AugAssign) else set()
    calls = any(isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) for node in walk(statement))
    if any(map(_leaves, others)):  # behind it a step might not be taken
        return False
    for other in others:
        if words_in(other) & moved:
            return False
        stores = {ast.unparse(n) for n in walk(other) if isinstance(getattr(n, "ctx", None), ast.Store)}
        if stores & own - moved:
            return False
    return bool(moved) and ("self" not in own or not calls)
