"""Steps that a loop takes now and then, by gradients that it adds up meanwhile: they are taken in each turn.

    gw += x.T @ d
    if (i + 1) % 4 == 0:
        w -= rate * gw
        gw = np.zeros(5)

What is judged is one turn: what it adds to empty sums. That they are added, and emptied once a step is taken, is read.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise.naming import LOSS
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import forget, walk

Loop = ast.For | ast.While
ZEROS = frozenset({"zeros", "zeros_like"})


def with_steps_each_turn(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such steps are taken in each turn, of sums that begin empty; the same if it has none.

    >>> code = '''for i in r:
    ...     gw += x[i] * (w @ x[i] - y[i])
    ...     if i % 8 == 7:
    ...         w -= 0.1 * gw
    ...         gw = np.zeros(5)'''
    >>> print(ast.unparse(with_steps_each_turn(ast.parse(code))))
    for i in r:
        gw = np.zeros(5)
        gw += x[i] * (w @ x[i] - y[i])
        w -= 0.1 * gw

    Sums to which nothing is added would be right in a single turn alone.

    >>> plain = ast.parse(code.replace("gw +=", "gw ="))
    >>> with_steps_each_turn(plain) is plain
    True
    """
    if not any(True for _ in _waiting(tree)):
        return tree
    made = copy.deepcopy(tree)
    for loop, asked, resets in list(_waiting(made)):
        place = loop.body.index(asked)
        loop.body[place : place + 1] = [statement for statement in asked.body if statement not in resets]
        loop.body[:0] = resets
    forget()
    return made


def _turns(test: ast.expr) -> ast.expr | None:
    """Return how many turns are added up, by what asks whether it is time: `n == 4`, `(i + 1) % 4 == 0`.

    >>> tests = "n == turns", "(i + 1) % 4 == 0", "i % self.turns == self.turns - 1", "i in places"
    >>> [(found := _turns(ast.parse(one, mode="eval").body)) and ast.unparse(found) for one in tests]
    ['turns', '4', 'self.turns', None]
    """
    match test:
        case ast.Compare(left=ast.BinOp(op=ast.Mod(), right=number)):
            return number
        case ast.Compare(ops=[ast.Eq() | ast.GtE()], comparators=[number]):
            return number
    return None


def _waiting(tree: ast.Module) -> Iterator[tuple[Loop, ast.If, list[ast.stmt]]]:
    """Yield loops, what in them waits for its time and takes steps, and what empties the sums that these go by."""
    for loop in (node for node in walk(tree) if isinstance(node, Loop)):
        for place, asked in enumerate(loop.body):
            if isinstance(asked, ast.If) and not asked.orelse and isinstance(asked.test, ast.Compare):
                resets = [statement for statement in asked.body if _emptied(statement)]
                emptied = {word for reset in resets for word in _emptied(reset)}
                sums = set(_added_to(loop.body[:place]))
                is_sum = emptied and emptied <= sums and _steps_by(asked.body, emptied)
                if is_sum and not _states_another(loop, _turns(asked.test)):
                    yield loop, asked, resets


def _states_another(loop: Loop, number: ast.expr | None) -> bool:
    """Tell whether a loop states the loss of one turn, and divides gradients by the number of turns besides."""
    if number is None:
        return False
    text, parts = ast.unparse(number), list(walk(loop))
    divisors = (part.right for part in parts if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div))
    divides = any(
        ast.unparse(one) == text for divisor in divisors for one in walk(divisor) if isinstance(one, ast.expr)
    )
    stores = (part for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
    return divides and any(LOSS.search(part.id) for part in stores)


def _emptied(statement: ast.stmt) -> list[str]:
    """Return what a statement sets to zero; nothing if it does anything else.

    >>> [_emptied(ast.parse(said).body[0]) for said in ("a, n = np.zeros(3), 0", "a = b = 0.0", "g[:] = 0", "a = f(0)")]
    [['a', 'n'], ['a', 'b'], ['g'], []]
    """
    if not isinstance(statement, ast.Assign):
        return []
    found: list[str] = []
    for target in statement.targets:
        both = isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple)
        pairs = zip(target.elts, statement.value.elts, strict=False) if both else [(target, statement.value)]  # pyright: ignore
        for own, value in pairs:
            if not _is_zero(value):
                return []
            found.append(root_word(own.value if isinstance(own, ast.Subscript) else own))
    return found


def _is_zero(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return root_word(value.func) in ZEROS
    return isinstance(value, ast.Constant) and value.value == 0 and not isinstance(value.value, bool)


def _added_to(body: list[ast.stmt]) -> Iterator[str]:
    for part in (part for statement in body for part in walk(statement)):
        if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Add):
            yield root_word(part.target.value if isinstance(part.target, ast.Subscript) else part.target)


def _steps_by(body: list[ast.stmt], sums: set[str]) -> bool:
    """Tell whether something is moved by a sum."""
    moves = (part for part in body if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Sub | ast.Add))
    return any(root_word(part) in sums for move in moves for part in walk(move.value) if isinstance(part, ast.Name))
