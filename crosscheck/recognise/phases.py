"""Turns that move two networks one after the other, each down a loss of its own: a critic, then a generator.

Each half is judged as a turn by itself. The second computes what it needs of the first half anew, and moves nothing
that the first half moves.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise import naming
from crosscheck.recognise.statements import root_variable
from crosscheck.recognise.steps_of_turns import is_update, steps_on
from crosscheck.source.walking import last_word, walk


def with_phases_apart(tree: ast.Module) -> ast.Module:
    r"""Return a module in which the two halves of such a turn are two loops; the same if it has none.

    >>> text = "for i in n:\n  d_loss = f(D, G)\n  D.w -= rate * a\n  g_loss = g(D, G)\n  G.w -= rate * b"
    >>> print(ast.unparse(with_phases_apart(ast.parse(text))))
    for i in n:
        d_loss = f(D, G)
        D.w -= rate * a
    for i in n:
        d_loss = f(D, G)
        g_loss = g(D, G)
        G.w -= rate * b
    >>> alone = ast.parse(text.replace("g_loss", "z"))
    >>> with_phases_apart(alone) is alone
    True
    """
    if not any(True for loop in _loops(tree) if _second(loop.body)):
        return tree
    made = copy.deepcopy(tree)
    for node in walk(made):
        for name in ("body", "orelse"):
            statements = getattr(node, name, None)
            if isinstance(statements, list):
                setattr(node, name, [half for statement in statements for half in _halves(statement)])
    return made


def held_in(tree: ast.AST, loop: str) -> frozenset[str]:
    """Return what one half of a turn holds still because the other one moves it; `loop` is what it is called."""
    named = (node for node in _loops(tree) if loop.endswith(f"line {node.lineno}"))
    return next((getattr(node, "held", frozenset()) for node in named), frozenset())


def _loops(tree: ast.AST) -> Iterator[ast.For | ast.While]:
    yield from (node for node in walk(tree) if isinstance(node, ast.For | ast.While))


def _halves(statement: ast.stmt) -> list[ast.stmt]:
    begins = _second(statement.body) if isinstance(statement, ast.For | ast.While) else 0
    if not begins:
        return [statement]
    first, second = statement, copy.deepcopy(statement)
    second.lineno = statement.body[begins].lineno  # pyright: ignore - by its line it is known
    halves = statement.body[:begins], statement.body[begins:]  # pyright: ignore
    second.held, first.held = (frozenset().union(*map(_moved, half)) for half in halves)  # pyright: ignore
    first.body = halves[0]  # pyright: ignore
    second.body = [one for n, one in enumerate(second.body) if n >= begins or not _moved(one)]  # pyright: ignore
    return [first, second]


def _second(body: list[ast.stmt]) -> int:
    """Return which statement begins the second half; 0 if there are no two of them.

    Each states a loss and moves something, and they share nothing that they move.
    """
    moving = [n for n, statement in enumerate(body) if _moved(statement)]
    losses = [n for n, statement in enumerate(body) if _states_loss(statement)]
    for last in moving:
        begins = last + 1
        if begins in moving or not any(n < begins for n in losses):
            continue
        halves = body[:begins], body[begins:]
        first, second = ({name for one in half for name in _moved(one)} for half in halves)
        own = min((n for n in moving if n >= begins), default=begins)
        if second and not first & second and any(begins <= n < own for n in losses):
            return begins
    return 0


def _moved(statement: ast.stmt) -> set[str]:
    """Return what a statement does nothing but move, by the variables in which it is found."""
    if isinstance(statement, ast.For):
        inner = [_moved(one) for one in statement.body]
        moved = set().union(*inner)
        return (
            moved
            if all(found or _bounds(one, moved) for found, one in zip(inner, statement.body, strict=True))
            else set()
        )
    if not (is_update(statement) or steps_on(statement)):
        return set()
    target = statement.target if isinstance(statement, ast.AugAssign) else statement.targets[0]  # pyright: ignore
    return {root_variable(target)} - {""}


def _bounds(statement: ast.stmt, moved: set[str]) -> bool:
    """Tell whether a statement does no more than bound what was moved: `w[k] = np.clip(w[k], -1, 1)`.

    >>> [_bounds(ast.parse(one).body[0], {"w"}) for one in ("w[k] = np.clip(w[k], -1, 1)", "w[k] = np.clip(v, -1, 1)")]
    [True, False]
    """
    match statement:
        case ast.Assign(targets=[target], value=ast.Call(func=called, args=[first, *_])):
            is_same = ast.unparse(first) == ast.unparse(target) and root_variable(target) in moved
            return is_same and last_word(called) == "clip"
    return False


def _states_loss(statement: ast.stmt) -> bool:
    """Tell whether a statement computes a loss."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return any(isinstance(target, ast.Name) and naming.LOSS.search(target.id) for target in targets)
