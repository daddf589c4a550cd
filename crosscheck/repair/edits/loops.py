"""Which steps a loop visits, and in which order; conditions that leave some out."""

import ast
from collections.abc import Iterator

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.scope import Scope
from crosscheck.source.walking import walk


def candidates(scope: Scope) -> Iterator[Candidate]:
    """Yield edits of the headers of loops and conditions that belong to the backward pass alone."""
    for place in scope.editable:
        statement = place.statement
        if isinstance(statement, ast.For):
            yield from _header(scope, statement)
        elif isinstance(statement, ast.If):
            yield from _condition(scope, statement)


def _header(scope: Scope, loop: ast.For) -> Iterator[Candidate]:
    text, about = scope.text, ast.unparse(loop.target)
    inner = loop.iter
    name = ast.unparse(inner.func) if isinstance(inner, ast.Call) else ""
    if name == "reversed" and isinstance(inner, ast.Call) and inner.args:
        edit = text.replace(inner, text.of(inner.args[0]))
        yield Candidate((edit,), loop.lineno, "loop-order", 1.8, about)
    elif name in ("range", "xrange"):
        edit = text.replace(inner, f"reversed({text.of(inner)})")
        yield Candidate((edit,), loop.lineno, "loop-order", 1.0, about)
    for call in walk(loop.iter):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("range", "xrange"):
            yield from _bounds(scope, loop, call, about)
    if isinstance(loop.iter, ast.Subscript):
        edit = text.replace(loop.iter, text.of(loop.iter.value))
        yield Candidate((edit,), loop.lineno, "loop-misses-step", 1.5, about)


def _bounds(scope: Scope, loop: ast.For, call: ast.Call, about: str) -> Iterator[Candidate]:
    text = scope.text
    if len(call.args) == 1:
        own = text.of(call.args[0])
        yield Candidate((text.replace(call, f"range({own} - 1, -1, -1)"),), loop.lineno, "loop-order", 1.6, about)
    for number, argument in enumerate(call.args):
        if number == 2:
            continue
        own = text.of(argument)
        new = [f"{own} + 1", f"{own} - 1"]
        if isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Add | ast.Sub):
            new.append(text.of(argument.left))
        try:
            value = ast.literal_eval(argument)
            new = [str(value + 1), str(value - 1), "0", "-1"]
        except (ValueError, TypeError):
            new += [size for size in scope.sizes if size != own]
            if number == 0 and len(call.args) > 1:
                new.append("0")
            if number == 1:
                new += ["-1", "0"]
        for written in dict.fromkeys(new):
            if written != own:
                edit = text.replace(argument, written)
                yield Candidate((edit,), loop.lineno, "loop-misses-step", 1.2, about)
    if len(call.args) == 2 and number_of(call.args[0]) not in (None, 0):
        edit = text.replace(call, f"range({text.of(call.args[1])})")
        yield Candidate((edit,), loop.lineno, "loop-misses-step", 1.1, about)


def number_of(node: ast.AST) -> int | None:
    """Return the integer that a node is, if it is one."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int) else None


def _condition(scope: Scope, statement: ast.If) -> Iterator[Candidate]:
    test, text = statement.test, scope.text
    about = ast.unparse(test)
    for written in ("True", "False"):
        yield Candidate((text.replace(test, written),), statement.lineno, "steps-left-out", 1.8, about)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        between = text.between(text.end(test.left), text.start(test.comparators[0]))
        for symbol in ("==", "!=", "<", "<=", ">", ">="):
            if symbol != between.strip():
                edit = type(text.replace(test, ""))(text.end(test.left), text.start(test.comparators[0]), f" {symbol} ")
                yield Candidate((edit,), statement.lineno, "steps-left-out", 1.6, about)
        right = test.comparators[0]
        for written in (f"{text.of(right)} + 1", f"{text.of(right)} - 1"):
            yield Candidate((text.replace(right, written),), statement.lineno, "steps-left-out", 1.7, about)
