"""Which statements the loss depends on: what is left of a function, and of what it calls, is its backward pass."""

import ast
from collections.abc import Iterable, Sequence

from crosscheck.source.walking import walked

Function = ast.FunctionDef | ast.For | ast.While | ast.Module
MUTATING = frozenset({"append", "extend", "insert", "update", "add", "appendleft", "fill", "setdefault"})


def backward_lines(tree: ast.Module, function: Function, targets: Iterable[str]) -> frozenset[int]:
    """Return the lines of statements that the targets (the loss and the forward's results) do not depend on.

    `function` is the one that was judged; the functions that only its backward pass calls count with all their lines.
    """
    functions: dict[str, list[ast.FunctionDef]] = {}  # methods of several classes may have one name
    for node in walked(tree):
        if isinstance(node, ast.FunctionDef):
            functions.setdefault(node.name, []).append(node)
    forward, backward = split(function, targets)
    in_forward = _called(forward, functions)
    in_backward = _called(backward, functions) - in_forward
    lines = {line for statement in backward for line in _own_lines(statement)}
    for name in in_backward:
        every = [statement for node in functions[name] for statement in statements(node)]
        lines |= {line for statement in every for line in _own_lines(statement)}
    return frozenset(lines)


def split(function: Function, targets: Iterable[str]) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Return the statements that the targets depend on, and the others: those behind the last that writes a target."""
    every = [statement for statement in statements(function) if not isinstance(statement, ast.Return)]
    simple = [
        s for s in every if not isinstance(s, ast.For | ast.While | ast.If | ast.With | ast.Try | ast.FunctionDef)
    ]
    needed, chosen, grown = set(targets), set(), True
    chosen_from = [s for s in simple if id(s) not in _behind(function, needed)]
    while grown:
        grown = False
        for statement in chosen_from:
            if id(statement) not in chosen and _written(statement) & needed:
                chosen.add(id(statement))
                needed |= _read(statement)
                grown = True
    return [s for s in simple if id(s) in chosen], [s for s in simple if id(s) not in chosen]


def _behind(function: Function, targets: set[str]) -> set[int]:
    """Return the statements that are executed when the targets have their values: names may mean something else there.

    In a loop over training steps these are what updates the parameters, on which the next turn's loss depends.
    """
    writing = [n for n, s in enumerate(function.body) if any(_written(i) & targets for i in [s, *statements(s)])]
    behind = function.body[writing[-1] + 1 :] if writing else []
    return {id(inner) for statement in behind for inner in [statement, *statements(statement)]}


def statements(function: ast.AST) -> list[ast.stmt]:
    """Return every statement inside of a function, those of functions inside of it among them."""
    return [node for node in walked(function) if isinstance(node, ast.stmt) and node is not function]


def _own_lines(statement: ast.stmt) -> range:
    compound = isinstance(statement, ast.For | ast.While | ast.If | ast.With | ast.Try | ast.FunctionDef)
    end = statement.body[0].lineno - 1 if compound else statement.end_lineno  # pyright: ignore[reportAttributeAccessIssue]
    return range(statement.lineno, max(end or statement.lineno, statement.lineno) + 1)


def _called(parts: Sequence[ast.stmt], functions: dict[str, list[ast.FunctionDef]]) -> set[str]:
    found: set[str] = set()
    waiting: list[ast.AST] = list(parts)
    while waiting:
        for node in walked(waiting.pop()):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in functions and name not in found:
                    found.add(name)
                    waiting.extend(functions[name])
    return found


def _written(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.Assign):
        targets: list[ast.expr] = list(statement.targets)
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign):
        targets = [statement.target]
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        is_method = isinstance(call.func, ast.Attribute) and call.func.attr in MUTATING
        targets = [call.func.value] if is_method else []  # pyright: ignore[reportAttributeAccessIssue]
        targets += [keyword.value for keyword in call.keywords if keyword.arg == "out"]
    else:
        return set()
    found: set[str] = set()
    while targets:
        target = targets.pop()
        if isinstance(target, ast.Tuple | ast.List):
            targets += target.elts
        else:
            found.add(root(target))
    return found - {""}


def _read(statement: ast.stmt) -> set[str]:
    found = set()
    for node in walked(statement):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(root(node))
    return found - {"self"}


def root(target: ast.expr) -> str:
    """Return what is written to, without its subscripts: `hs` for `hs[t]`, `self.h` for `self.h[t]`."""
    while isinstance(target, ast.Subscript | ast.Starred):
        target = target.value
    if isinstance(target, ast.Attribute):
        inner = root(target.value)
        return f"{inner}.{target.attr}" if inner else target.attr
    return target.id if isinstance(target, ast.Name) else ""
