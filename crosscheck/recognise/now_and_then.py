"""Losses that a loop computes now and then, to show them: they are computed in each turn, as its gradients are.

    if epoch % 100 == 0:
        loss = np.mean((p - y) ** 2)
        print(epoch, loss)

In the one turn that is judged the loss would be what it was in another. Where the gradients have a penalty in them that
what is shown leaves out, it is no more than a part of the loss.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise import naming
from crosscheck.recognise.backward_passes import functions_of, looks_like_backward
from crosscheck.recognise.late_losses import moves
from crosscheck.recognise.penalised import WEIGHT
from crosscheck.recognise.stated_in_loops import PLAIN
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk

SHOWN = naming.re.compile(r"verb|print|debug|^log|_log|show|report|disp", naming.re.IGNORECASE)
"""What tells whether losses are shown"""


def with_losses_each_turn(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such losses stand before what asks whether it is time; the same if there are none.

    >>> code = '''for t in range(99):
    ...     p = w * x
    ...     w -= 0.1 * (p - y) * x
    ...     if t % 10 == 0:
    ...         loss = (p - y) ** 2 / 2
    ...         print(loss)'''
    >>> print(ast.unparse(with_losses_each_turn(ast.parse(code)).body[0].body[2:]))
    loss = (p - y) ** 2 / 2
    if t % 10 == 0:
        print(loss)
    >>> plain = ast.parse(code.replace("loss =", "size ="))
    >>> with_losses_each_turn(plain) is plain
    True
    """
    known = {name.rpartition(".")[2] for name, node in functions_of(tree).items() if not _learns(node)}
    if not any(True for loop in _loops(tree) for _ in _shown(loop, known)):
        return tree
    made = copy.deepcopy(tree)
    for loop in _loops(made):
        for asked, statement in list(_shown(loop, known)):
            asked.body.remove(statement)
            asked.body = asked.body or [ast.copy_location(ast.Pass(), statement)]
            loop.body.insert(loop.body.index(asked), statement)
    return made


def _loops(tree: ast.AST) -> list[ast.For | ast.While]:
    return [node for node in walk(tree) if isinstance(node, ast.For | ast.While)]


def _shown(loop: ast.For | ast.While, known: set[str]) -> Iterator[tuple[ast.If, ast.Assign]]:
    """Yield losses that are computed only at times, and which can be as well at any other."""
    weights = set(filter(WEIGHT.search, _words(loop)))
    for asked in (node for node in loop.body if isinstance(node, ast.If) and not node.orelse and _asks_for_time(node)):
        written: set[str] = set()
        for statement in asked.body:
            if isinstance(statement, ast.Assign) and _is_loss(statement, known) and not _reads(statement) & written:
                others = [node for node in walk(loop) if isinstance(node, ast.Assign | ast.AugAssign)]
                is_whole = weights <= _words(statement.value)
                if is_whole and sum(_target(node) == _target(statement) for node in others) == 1:
                    yield asked, statement
                    continue
            written |= {n.id for n in walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _asks_for_time(node: ast.If) -> bool:
    parts = list(walk(node.test))
    counts = any(isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mod) for part in parts)
    words = (getattr(part, "id", getattr(part, "attr", "")) for part in parts)
    return counts or any(map(SHOWN.search, words))


def _is_loss(statement: ast.Assign, known: set[str]) -> bool:
    """Tell whether a statement computes a loss by functions of arrays, or of the file."""
    word = _target(statement)
    if not naming.LOSS.search(word) or naming.NOT_LOSS.search(word) or naming.OF_LOSS.match(word):
        return False
    called = {root_word(node.func) for node in walk(statement.value) if isinstance(node, ast.Call)}
    return called - PLAIN <= known and len(_reads(statement)) > 1


def _learns(node: ast.FunctionDef) -> bool:
    """Tell whether a function goes back, or moves something."""
    return looks_like_backward(node) or any(moves(part) for part in walk(node) if isinstance(part, ast.stmt))


def _target(statement: ast.stmt) -> str:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
    return target.id if isinstance(target, ast.Name) else ""


def _words(node: ast.AST) -> set[str]:
    return {root_word(part) for part in walk(node) if isinstance(part, ast.Name | ast.Attribute)}


def _reads(statement: ast.Assign) -> set[str]:
    return {node.id for node in walk(statement.value) if isinstance(node, ast.Name)}
