"""Arguments of a function that need not be given, and what they are then."""

import ast
from collections.abc import Iterator


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
