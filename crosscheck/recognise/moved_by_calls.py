"""What functions move and return, by the names of those who call them: `w, b = stepped(w, b, slope_w, slope_b)`."""

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from crosscheck.recognise import naming
from crosscheck.recognise.handed_through import handed_through
from crosscheck.recognise.statements import returned_parts, root_word
from crosscheck.source.walking import walked


class Move(NamedTuple):
    """One argument of a function that it returns moved."""

    place: int | None
    """Where it is in what is returned; None where it is all of it"""
    argument: str
    step: frozenset[str]
    """What it is moved by"""


def pairs_by_calls(tree: ast.AST) -> Iterator[tuple[str, str]]:
    r"""Yield (parameter, variable of its update) where a function is handed both, and returns the parameter moved.

    >>> code = "def f(u, d):\n    v = u - 0.1 * d\n    return v\nw = f(w, g)\nz = f(w, g)"
    >>> list(pairs_by_calls(ast.parse(code)))
    [('w', 'g')]
    """
    yield from _by_missing(tree)
    moves = {node.name: (node, found) for node in walked(tree) if isinstance(node, ast.FunctionDef)
             if (found := list(_moves(node)))}  # fmt: skip
    for node in walked(tree) if moves else ():
        call = node.value if isinstance(node, ast.Assign) else None
        if not isinstance(call, ast.Call) or root_word(call.func) not in moves:
            continue
        function, found = moves[root_word(call.func)]
        given = _given(call, function)
        for move in found:
            target = _at(node.targets[0], move.place)  # pyright: ignore[reportAttributeAccessIssue]
            if target and target == given.get(move.argument):
                yield from ((target, given[word]) for word in move.step if given.get(word))


def _by_missing(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the same where the function is not here, by what gradients are called after (handed_through.py).

    >>> list(_by_missing(ast.parse("W, b = adam(W, b, dW, db)")))
    [('W', 'dW'), ('b', 'db')]
    """
    for node in (node for node in walked(tree) if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
        name, target = getattr(node.value.func, "id", ""), node.targets[0]  # pyright: ignore
        if not isinstance(target, ast.Tuple) or not name or handed_through(tree, name) is None:
            continue
        if any(isinstance(one, ast.FunctionDef) and one.name == name for one in walked(tree)):
            continue
        given = [root_word(argument) for argument in node.value.args]  # pyright: ignore
        for moved in map(root_word, target.elts):
            yield from ((moved, word) for word in given if naming.is_gradient_of(word, moved) == naming.PLAINLY)


def _given(call: ast.Call, function: ast.FunctionDef) -> Mapping[str, str]:
    """Return what a call hands to a function, by the names of its arguments."""
    arguments = [argument.arg for argument in function.args.args]
    arguments = arguments[1:] if arguments[:1] == ["self"] else arguments
    given = dict(zip(arguments, map(root_word, call.args), strict=False))
    return given | {keyword.arg: root_word(keyword.value) for keyword in call.keywords if keyword.arg}


def _at(target: ast.expr, place: int | None) -> str:
    """Return what is called so that it takes one part of what a function returns."""
    if isinstance(target, ast.Tuple | ast.List):
        return root_word(target.elts[place]) if place is not None and place < len(target.elts) else ""
    return root_word(target) if place is None else ""


def _moves(function: ast.FunctionDef) -> Iterator[Move]:
    """Yield the arguments that a function returns moved: `return u - d`, or `v = u - d` and `return v`."""
    arguments = {argument.arg for argument in function.args.args}
    made = {
        node.targets[0].id: node.value
        for node in walked(function)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for path, returned in returned_parts(function):
        value = made.get(returned.id) if isinstance(returned, ast.Name) else returned
        if len(path) > 1 or not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Sub | ast.Add):
            continue
        if isinstance(value.left, ast.Name) and value.left.id in arguments:
            step = {part.id for part in walked(value.right) if isinstance(part, ast.Name)} & arguments
            yield Move(path[0] if path else None, value.left.id, frozenset(step - {value.left.id}))
