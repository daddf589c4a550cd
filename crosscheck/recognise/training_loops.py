"""Functions that train in a loop: their gradients are those of a turn, and not of the whole."""

import ast
from collections.abc import Iterator, Sequence

from crosscheck.recognise import naming
from crosscheck.recognise.statements import goes_back_in_time, root_word, updates
from crosscheck.source.walking import walk

UPDATING = naming.re.compile(r"update|^upd_|step$|optimi|sgd|adam|adagrad|apply_grad", naming.re.IGNORECASE)
RATE = naming.re.compile(r"^lr$|learn|alpha|^eta$|rate", naming.re.IGNORECASE)


def trains(node: ast.FunctionDef, moved: set[str]) -> bool:
    """Tell whether a function updates parameters in a loop: it is training, and its gradient is that of a turn."""
    for loop in walk(node):
        if isinstance(loop, ast.For | ast.While) and not goes_back_in_time(loop):
            inside = [part for part in walk(loop) if isinstance(part, ast.stmt) and part is not loop]
            calls = [part for part in walk(loop) if isinstance(part, ast.Call)]
            steady = [root_word(call.func) for call in calls if not _words(call) & _targets(loop)]
            if any(map(naming.BACKWARD.search, steady)) and any(map(UPDATING.search, steady)):
                return True
            backward = [call for call in calls if naming.BACKWARD.search(root_word(call.func))]
            taken = _taken_in_turn(loop)  # `for w, dw in zip(...)` computes no gradient
            own = [part for part in inside if not _takes_gradient(part, taken)]
            written = (node for part in own for node in _stored(part))
            names = {node.id if isinstance(node, ast.Name) else getattr(node, "attr", "") for node in written} - taken
            computes = bool(backward) or any(map(naming.BEGINS_LIKE_GRADIENT.match, names))
            rebound = _rebound(inside)
            if rebound and rebound <= _gone_over(loop):
                continue  # it moves what it goes over, each once
            moved = moved | rebound
            by_call = any(UPDATING.search(root_word(call.func)) or _sets_moved(call) for call in calls)
            at_a_rate = any(RATE.search(root_word(argument)) for call in backward for argument in call.args)
            steps = [part for part in inside if updates(part, frozenset(moved))] if moved else []
            moves = moved and (by_call or bool(steps))
            again = _counts_turns(loop) and any(any(map(RATE.search, _words(step))) for step in steps)
            if (computes and (moves or at_a_rate)) or again:
                return True
    return False


def _counts_turns(loop: ast.For | ast.While) -> bool:
    """Tell whether a loop goes over mere numbers that nothing is looked up by: `for turn in range(turns)`."""
    if not isinstance(loop, ast.For) or not isinstance(loop.iter, ast.Call) or root_word(loop.iter.func) != "range":
        return False
    looked_up = {word for part in walk(loop) if isinstance(part, ast.Subscript) for word in _words(part.slice)}
    return not _targets(loop) & looked_up


def _targets(loop: ast.For | ast.While) -> set[str]:
    """Return the variables that a loop gives values to, not those of loops inside of it."""
    return _words(loop.target) if isinstance(loop, ast.For) else set()


def _gone_over(loop: ast.For | ast.While) -> set[str]:
    """Return what a loop goes over, and what it calls the parts: `for row in W`, `for j in range(len(W))`."""
    return _targets(loop) | (_words(loop.iter) if isinstance(loop, ast.For) else set())


def _stored(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield what a statement writes itself, not what those inside of it do."""
    for target in (*getattr(statement, "targets", ()), getattr(statement, "target", None)):
        if target is not None:
            yield from (node for node in walk(target) if isinstance(getattr(node, "ctx", None), ast.Store))


def _takes_gradient(statement: ast.stmt, taken: set[str]) -> bool:
    """Tell whether a statement only takes a gradient that is there: `grad = np.clip(grads[name], -5, 5)`."""
    if not isinstance(statement, ast.Assign):
        return False
    read = {node.id for node in walk(statement.value) if isinstance(node, ast.Name)}
    read -= {"np", "numpy", "self", *taken}
    return bool(read) and all(naming.looks_like_gradient(name) or naming.CONTAINER.search(name) for name in read)


def _taken_in_turn(loop: ast.For | ast.While) -> set[str]:
    """Return the variables that a loop, or one inside of it, goes through something with."""
    targets = (inner.target for inner in walk(loop) if isinstance(inner, ast.For | ast.comprehension))
    return {name.id for target in targets for name in walk(target) if isinstance(name, ast.Name)}


def _rebound(statements: Sequence[ast.stmt]) -> set[str]:
    """Return what is moved by a rate: `w = w - rate * dw`, `w -= rate * dw`, `setattr(net, name, ...)`."""
    found = set()
    for statement in statements:
        if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Sub | ast.Add):
            target, words = statement.target, _words(statement.value)
        elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.BinOp):
            target, value = statement.targets[0], statement.value
            words = _words(value.right) if isinstance(value.op, ast.Sub | ast.Add) else set()
            words = words if root_word(target) in _words(value.left) else set()
        elif isinstance(statement, ast.Expr) and _sets_moved(statement.value):
            target, value = statement.value.args[0], statement.value.args[2]  # pyright: ignore[reportAttributeAccessIssue]
            words = _words(value.right)
        else:
            continue
        arrays = {root_word(n.value) for n in walk(statement) if isinstance(n, ast.Subscript)}
        if any(map(RATE.search, words - arrays)):  # `alpha[t - 1]` are sums of paths, and no rate
            found.add(root_word(target))
    return found


def _sets_moved(node: ast.expr) -> bool:
    """Tell whether a call moves an attribute by its name: `setattr(net, name, getattr(net, name) - rate * g[name])`."""
    if not isinstance(node, ast.Call) or root_word(node.func) != "setattr" or len(node.args) != 3:
        return False
    value = node.args[2]
    is_step = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub | ast.Add)
    return is_step and "getattr" in _words(getattr(value, "left", value))


def _words(node: ast.AST) -> set[str]:
    return {root_word(n) for n in walk(node) if isinstance(n, ast.Name | ast.Attribute)}
