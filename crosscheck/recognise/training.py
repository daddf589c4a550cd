"""Functions that train: they call, turn after turn, what moves weights entry by entry."""

import ast
from collections.abc import Iterator, Mapping

from crosscheck.recognise.moving import moves_its_object
from crosscheck.recognise.naming import looks_like_gradient
from crosscheck.recognise.slices import root
from crosscheck.recognise.statements import assigned_in, goes_back_in_time, root_word
from crosscheck.source.walking import walk

Nodes = Mapping[str, ast.FunctionDef]


def trains_by_calls(node: ast.AST, functions: Nodes) -> bool:
    """Tell whether loops of a function, or a loop itself, call what moves one and the same weights in every turn.

    A loop over layers calls `layer.update()`, or hands on `network[i]`, and moves each of them once. `functions` are
    those of the module, by their last names.
    """
    return any(
        _repeats(call, functions[word], loop)
        for loop in walk(node)
        if isinstance(loop, ast.For | ast.While) and not goes_back_in_time(loop)
        for call in walk(loop)
        if isinstance(call, ast.Call) and (word := root_word(call.func)) in functions
    )


def steps_by_calls(node: ast.AST, functions: Nodes) -> bool:
    r"""Tell whether loops of a method call others of its object that move its attributes, in every turn.

    >>> code = "def back(self, d):\n  self.w -= 0.1 * d\ndef fit(self):\n  for x in self.xs: self.back(x)"
    >>> functions = {node.name: node for node in ast.parse(code).body}
    >>> steps_by_calls(functions["fit"], functions), steps_by_calls(functions["back"], functions)
    (True, False)
    """
    loops = (part for part in walk(node) if isinstance(part, ast.For | ast.While) and not goes_back_in_time(part))
    called = (part.func for loop in loops for part in walk(loop) if isinstance(part, ast.Call))
    own = (name.attr for name in called if isinstance(name, ast.Attribute) and ast.unparse(name.value) == "self")
    return any(moves_its_object(functions[word]) for word in own if word in functions)


def _repeats(call: ast.Call, callee: ast.FunctionDef, loop: ast.For | ast.While) -> bool:
    own = {n.id for n in walk(loop.target) if isinstance(n, ast.Name)} if isinstance(loop, ast.For) else set()
    holders = set(moved_holders(callee))
    if not holders:
        return False
    arguments = [argument.arg for argument in callee.args.args]
    if isinstance(call.func, ast.Attribute):
        given = dict(zip(arguments, [call.func.value, *call.args], strict=False))
    else:
        given = dict(zip(arguments, call.args, strict=False))
    read = {name: {n.id for n in walk(value) if isinstance(n, ast.Name)} for name, value in given.items()}
    return any(not read.get(holder, set()) & own for holder in holders)


def moved_holders(function: ast.FunctionDef) -> Iterator[str]:
    """Yield the names that reach what a function moves entry by entry: an argument, `self`, a global."""
    assigned = {n.id for n in walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    bound = _bound(function)
    for target in moves_of_entries(function):
        holder = root(target).partition(".")[0]
        while holder in bound:
            holder = bound.pop(holder)
        if holder not in assigned and not looks_like_gradient(root_word(target)):
            yield holder
    yield from (holder for holder in _moved_in_turn(function) if holder not in assigned)


def _moved_in_turn(function: ast.FunctionDef) -> Iterator[str]:
    r"""Yield what holds the arrays that a loop moves one by one: `for w, dw in zip([self.W], [dW]): w -= rate * dw`.

    >>> code = "def f(self, g):\n    ps = [self.W]\n    for n, (p, d) in enumerate(zip(ps, g)):\n        p -= rate * d"
    >>> list(_moved_in_turn(ast.parse(code).body[0]))
    ['self']
    """
    named = {root_word(target): value for part in walk(function) for target, value in assigned_in(part)}
    for loop in (part for part in walk(function) if isinstance(part, ast.For) and isinstance(part.target, ast.Tuple)):
        target, through = loop.target, loop.iter
        if isinstance(through, ast.Call) and root_word(through.func) == "enumerate" and through.args:
            target, through = loop.target.elts[-1], through.args[0]  # pyright: ignore[reportAttributeAccessIssue]
        lists = through.args if isinstance(through, ast.Call) and root_word(through.func) == "zip" else []
        moved = {
            part.target.id
            for part in walk(loop)
            if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Sub) and isinstance(part.target, ast.Name)
        }
        for name, listed in zip(getattr(target, "elts", ()), lists, strict=False):
            whole = named.get(listed.id, listed) if isinstance(listed, ast.Name) else listed
            if isinstance(name, ast.Name) and name.id in moved and isinstance(whole, ast.List | ast.Tuple):
                yield from (root(one).partition(".")[0] for one in whole.elts if isinstance(one, ast.Attribute))


def moves_of_entries(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the targets of statements that move an entry of something by a product."""
    for part in walk(node):
        if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Add | ast.Sub):
            target = part.target
        elif (
            isinstance(part, ast.Assign)
            and isinstance(part.value, ast.BinOp)
            and isinstance(part.value.op, ast.Add | ast.Sub)
            and ast.unparse(part.value).startswith(ast.unparse(part.targets[0]))
        ):
            target = part.targets[0]
        else:
            continue
        is_product = any(isinstance(n, ast.BinOp) and isinstance(n.op, ast.Mult) for n in walk(part.value))
        if isinstance(target, ast.Subscript) and is_product:
            yield target


def _bound(function: ast.FunctionDef) -> dict[str, str]:
    """Return what names stand for parts of: `neuron` of `layer`, for `for neuron in layer` and `neuron = layer[j]`."""
    found: dict[str, str] = {}
    for node in walk(function):
        if isinstance(node, ast.For):
            value, target = node.iter, node.target
        elif isinstance(node, ast.Assign):
            value, target = node.value, node.targets[0]
        else:
            continue
        while isinstance(value, ast.Call) and value.args and root_word(value.func) in ("enumerate", "reversed", "zip"):
            value = value.args[0]
        if isinstance(target, ast.Tuple) and isinstance(node, ast.For):
            target = target.elts[-1]
        if isinstance(target, ast.Name) and isinstance(value, ast.Name | ast.Attribute | ast.Subscript):
            found.setdefault(target.id, root(value).partition(".")[0])
    return {name: holder for name, holder in found.items() if name != holder}
