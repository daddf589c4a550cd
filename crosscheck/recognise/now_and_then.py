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
from crosscheck.recognise.stated_in_loops import PLAIN, is_called_loss, is_of_turn
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import last_word, walk

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
    if not any(True for loop in _loops(tree) for _ in _asked(loop.body)):
        return tree
    known = {name.rpartition(".")[2] for name, node in functions_of(tree).items() if not _learns(node)}
    if not any(True for loop in _loops(tree) for _ in _shown(loop, known)):
        return tree
    made = copy.deepcopy(tree)
    for loop in _loops(made):
        for outer, asked, statements in list(_shown(loop, known)):
            rest = [other for other in asked.body if other not in statements]
            asked.body = rest or [ast.copy_location(ast.Pass(), asked)]
            place = loop.body.index(outer)
            loop.body[place:place] = statements
    return made


def _loops(tree: ast.AST) -> list[ast.For | ast.While]:
    return [node for node in walk(tree) if isinstance(node, ast.For | ast.While)]


def _shown(loop: ast.For | ast.While, known: set[str]) -> Iterator[tuple[ast.If, ast.If, list[ast.stmt]]]:
    """Yield losses that are computed only at times, with what is computed for them, and can be as well at any other."""
    weights = set(filter(WEIGHT.search, _words(loop)))
    assigned = [_target(node) for node in walk(loop) if isinstance(node, ast.Assign | ast.AugAssign)]
    for outer, asked in _asked(loop.body):
        before: list[ast.stmt] = []
        for statement in asked.body:
            if not isinstance(statement, ast.Assign) or not _target(statement) or not _is_plain(statement, known):
                break
            before.append(statement)
            is_whole = weights <= _words(statement.value)
            if _is_loss(statement) and is_whole and assigned.count(_target(statement)) == 1:
                if is_of_turn(before, loop):
                    yield outer, asked, before
                break


def _asked(body: list[ast.stmt]) -> Iterator[tuple[ast.If, ast.If]]:
    """Yield what asks for the time in a loop, and what asks it within that: `if verbose: if t % 10 == 0:`."""
    for node in body:
        if isinstance(node, ast.If) and not node.orelse and _asks_for_time(node):
            yield node, node
            yield from ((node, inner) for _, inner in _asked(node.body[:1]))


def _asks_for_time(node: ast.If) -> bool:
    parts = list(walk(node.test))
    counts = any(isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mod) for part in parts)
    words = (last_word(part) for part in parts)
    return counts or any(map(SHOWN.search, words))


def _is_loss(statement: ast.Assign) -> bool:
    return is_called_loss(_target(statement)) and len(_reads(statement)) > 1


def _is_plain(statement: ast.Assign, known: set[str]) -> bool:
    """Tell whether a statement computes by functions of arrays, or of the file, and nothing else."""
    return {root_word(node.func) for node in walk(statement.value) if isinstance(node, ast.Call)} <= PLAIN | known


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
