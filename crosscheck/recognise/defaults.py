"""Arguments of a function that need not be given, what they are then, and those that have to be given."""

import ast
from collections.abc import Iterator

from crosscheck.recognise.argument_names import TARGET
from crosscheck.source.walking import kept, walked


def defaults_of(node: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    """Yield the arguments that have a default, with it; those that can be given by name alone as well.

    >>> [(name, ast.unparse(value)) for name, value in defaults_of(ast.parse("def f(a, b=1, *, c, d=2): ...").body[0])]
    [('b', '1'), ('d', '2')]
    """
    positional = [*node.args.posonlyargs, *node.args.args]
    count = len(node.args.defaults)
    for argument, default in zip(positional[len(positional) - count :], node.args.defaults, strict=True):
        yield argument.arg, default
    for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        if default is not None:
            yield argument.arg, default


@kept
def required(node: ast.FunctionDef) -> tuple[str, ...]:
    """Return the arguments that have to be given, and targets, which are often left out for predictions."""
    positional = [*node.args.posonlyargs, *node.args.args]
    defaults = [None] * (len(positional) - len(node.args.defaults)) + list(node.args.defaults)
    pairs = [*zip(positional, defaults, strict=True), *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
    wanted = {*_demanded(node), *_taken_for_granted(node)}
    return tuple(
        argument.arg
        for argument, default in pairs
        if argument.arg not in ("self", "cls")
        and (
            default is None
            or (
                isinstance(default, ast.Constant)
                and default.value is None
                and (TARGET.match(argument.arg) or argument.arg in wanted)
            )
        )
    )


def _demanded(node: ast.FunctionDef) -> Iterator[str]:
    """Yield the names without which a function raises an error of its own: `if not size: raise ...`."""
    for part in walked(node):
        if not isinstance(part, ast.If) or not part.body or not isinstance(part.body[0], ast.Raise):
            continue
        match part.test:
            case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
                yield name
            case ast.Compare(left=ast.Name(id=name), ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
                yield name


def _taken_for_granted(node: ast.FunctionDef) -> set[str]:
    """Return the names that a function computes with and never asks about, though they may be None by their defaults.

    >>> made = ast.parse("def f(a, y=None, z=None): return (a - y) / y.size if z is None else z").body[0]
    >>> sorted(_taken_for_granted(made))
    ['a', 'y']
    """
    used: set[str] = set()
    asked: set[str] = set()
    for part in walked(node):
        if isinstance(part, ast.BinOp):
            used |= {side.id for side in (part.left, part.right) if isinstance(side, ast.Name)}
        elif isinstance(part, ast.Attribute | ast.Subscript) and isinstance(part.value, ast.Name):
            used.add(part.value.id)
        tests = [part.test] if isinstance(part, ast.If | ast.IfExp | ast.While | ast.Assert) else []
        tests += [part] if isinstance(part, ast.BoolOp | ast.Compare) else []
        asked |= {name.id for test in tests for name in walked(test) if isinstance(name, ast.Name)}
        if isinstance(part, ast.Assign | ast.AnnAssign):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            asked |= {target.id for target in targets if isinstance(target, ast.Name)}
    return used - asked
