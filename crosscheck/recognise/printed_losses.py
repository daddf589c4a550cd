"""Losses that a loop only prints, or notes in a list: `print(f"loss {np.mean((p - y) ** 2)}")`. They get a name."""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise import naming
from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.late_losses import is_loss
from crosscheck.recognise.learning import read_or_written
from crosscheck.recognise.raised import adds_logarithms
from crosscheck.recognise.stated_in_loops import MODULES, OTHER, PLAIN, SIZES, is_called_loss, is_of_turn
from crosscheck.recognise.statements import root_word
from crosscheck.recognise.steps_of_turns import is_update, steps_on
from crosscheck.source.walking import walk

NAME = "loss"
_WORD = naming.re.compile(r"[^\W\d]+")
_TEXT = frozenset({"str", "float", "round", "format", "int", "repr"})
"""What makes text of numbers"""


def with_printed_losses(tree: ast.Module) -> ast.Module:
    r"""Return a module in which a loss that is only printed or noted is a variable before; the same if there are none.

    >>> code = '''for t in range(99):
    ...     p = w * x
    ...     w -= 0.1 * np.mean((p - y) * x)
    ...     print(f"step {t}, loss: {np.mean((p - y) ** 2) / 2:.3f}")'''
    >>> print(ast.unparse(with_printed_losses(ast.parse(code)).body[0].body[2:]))
    loss = np.mean((p - y) ** 2) / 2
    print(f'step {t}, loss: {loss:.3f}')
    >>> plain = ast.parse(code.replace("loss:", "at:"))
    >>> with_printed_losses(plain) is plain
    True
    """
    known = {name.rpartition(".")[2] for name in functions_of(tree)}
    returned = {part.id for node in walk(tree) if isinstance(node, ast.Return) for part in _names(node)}
    if not any(True for loop in _loops(tree) for _ in _printed(loop, known, returned)):
        return tree
    made = copy.deepcopy(tree)
    for loop in _loops(made):
        for body, statement, value in list(_printed(loop, known, returned)):
            is_taken_off = isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Sub)
            read: ast.expr = ast.Name(NAME, ast.Load())
            named = ast.Assign([ast.Name(NAME, ast.Store())], _minus(value) if is_taken_off else value)
            body.insert(body.index(statement), ast.fix_missing_locations(ast.copy_location(named, statement)))
            new = ast.copy_location(_minus(read) if is_taken_off else read, value)
            _replace(statement, value, ast.fix_missing_locations(new))
    return made


def _loops(tree: ast.Module) -> list[ast.For | ast.While]:
    """Return the loops in which nothing is called a loss yet."""
    if any(isinstance(node, ast.Name | ast.arg) and _name(node) == NAME for node in walk(tree)):
        return []
    return [node for node in walk(tree) if isinstance(node, ast.For | ast.While) and not any(map(_is_loss, walk(node)))]


def _names(node: ast.AST) -> Iterator[ast.Name]:
    return (part for part in walk(node) if isinstance(part, ast.Name))


def _minus(value: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.USub(), value)


def _name(node: ast.Name | ast.arg) -> str:
    return node.id if isinstance(node, ast.Name) else node.arg


def _is_loss(node: ast.AST) -> bool:
    """Tell whether a statement computes something that is called a loss, and not that of other data."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return is_loss(node) and not OTHER.search(node.targets[0].id)
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
    return any(naming.LOSS.search(root_word(part)) for target in targets for part in getattr(target, "elts", [target]))


def _printed(
    loop: ast.For | ast.While, known: set[str], returned: set[str]
) -> Iterator[tuple[list[ast.stmt], ast.stmt, ast.expr]]:
    """Yield the statements that print or note a loss, with the list that they stand in and what the loss is.

    Or add it up: what is `returned` in the end is the loss itself.
    """
    is_training = any(map(_moves, loop.body))
    for body in (loop.body, *(node.body for node in loop.body if isinstance(node, ast.If))):
        for statement in body:
            match statement:
                case ast.AugAssign(target=ast.Name(id=word), op=ast.Add() | ast.Sub(), value=value) if is_training:
                    is_one = list(_values(value, known)) == [value] and _has_logarithm(value)
                    is_raised = isinstance(statement.op, ast.Add) and adds_logarithms(value)
                    is_other = OTHER.search(word) or word in returned or is_raised
                    if is_one and not is_other and is_of_turn([ast.Expr(value)], loop):
                        yield body, statement, value
                case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=args)) if _tells_loss(statement):
                    values = [value for part in args for value in _values(part, known)]
                    if len(values) == 1 and is_of_turn([ast.Expr(values[0])], loop):
                        yield body, statement, values[0]
                case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=word), attr="append"), args=[value])):
                    is_one = is_called_loss(word) and not OTHER.search(word)
                    if is_one and list(_values(value, known)) == [value] and is_of_turn([ast.Expr(value)], loop):
                        yield body, statement, value
                case _:
                    pass


def _moves(statement: ast.stmt) -> bool:
    """Tell whether a statement moves something, and does not only add up gradients."""
    parts = (part for part in walk(statement) if isinstance(part, ast.Assign | ast.AugAssign))
    targets = {read_or_written(part.target if isinstance(part, ast.AugAssign) else part.targets[0]) for part in parts}
    is_sum = any(naming.looks_like_gradient(word) or naming.CONTAINER.search(word) for word in targets)
    return (is_update(statement) or steps_on(statement)) and not is_sum


def _has_logarithm(value: ast.expr) -> bool:
    """Tell whether a sum that has any name is one of a loss: errors may be added up only to be shown."""
    return any(isinstance(part, ast.Call) and root_word(part.func) == "log" for part in walk(value))


def _tells_loss(statement: ast.stmt) -> bool:
    """Tell whether the text that is printed says that something is a loss, and nothing that it is of other data."""
    texts = [n.value for n in walk(statement) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    words = [word for text in texts for word in _WORD.findall(text)]
    is_other = any(map(naming.NOT_LOSS.search, (*words, *texts))) or any(map(OTHER.search, words))
    return any(map(is_called_loss, words)) and not is_other


def _values(part: ast.expr, known: set[str]) -> Iterator[ast.expr]:
    """Yield what is computed for a text, and may be a loss: a number made of several arrays."""
    called = {root_word(node.func) for node in walk(part) if isinstance(node, ast.Call)}
    reads = {node.id for node in walk(part) if isinstance(node, ast.Name)} - known - MODULES
    is_made = isinstance(part, ast.Call | ast.BinOp | ast.UnaryOp) and bool(called) and called <= PLAIN | known
    is_loss = any(map(naming.LOSS_FUNCTION.search, called & known)) or bool(called & PLAIN)
    if is_made and is_loss and not called & (SIZES | _TEXT) and len(reads) > 1:
        yield part
        return
    for inner in ast.iter_child_nodes(part):
        if isinstance(inner, ast.expr):
            yield from _values(inner, known)


def _replace(statement: ast.stmt, old: ast.expr, new: ast.expr) -> None:
    for node in walk(statement):
        for field, value in ast.iter_fields(node):
            if value is old:
                setattr(node, field, new)
            elif isinstance(value, list) and any(part is old for part in value):
                value[:] = [new if part is old else part for part in value]
