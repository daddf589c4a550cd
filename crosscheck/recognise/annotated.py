"""What annotations say of arguments: `y: float`, `label: int`, `rows: List[List[float]]`, `state: State | None`."""

import ast
from collections.abc import Iterator

LISTS = ("List", "list", "Sequence")


def annotations(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the arguments of a function that have annotations, and these: without what allows for None.

    >>> made = ast.parse("def f(a: int, b, c: 'float | None', d: Optional[x.State] = None): ...").body[0]
    >>> [(name, ast.unparse(said)) for name, said in annotations(made)]
    [('a', 'int'), ('c', 'float'), ('d', 'x.State')]
    """
    known = node.args if isinstance(node, ast.FunctionDef) else None
    for argument in (*known.posonlyargs, *known.args, *known.kwonlyargs) if known else ():
        if argument.annotation is not None:
            yield argument.arg, _plain(argument.annotation)


def _plain(said: ast.expr) -> ast.expr:
    """Return an annotation that was perhaps written as a text, and without None."""
    match said:
        case ast.Constant(value=str(text)):
            try:
                return _plain(ast.parse(text, mode="eval").body)
            except SyntaxError:
                return said
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
            return _plain(left)
        case ast.BinOp(left=ast.Constant(value=None), op=ast.BitOr(), right=right):
            return _plain(right)
        case ast.Subscript(value=whole, slice=inner) if ast.unparse(whole).rpartition(".")[2] == "Optional":
            return _plain(inner)
    return said


def lists_of_numbers(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield the arguments that are lists of numbers, `List[List[float]]`, with their depths."""
    for name, said in annotations(node):
        depth, inner = 0, said
        while isinstance(inner, ast.Subscript) and ast.unparse(inner.value).rpartition(".")[2] in LISTS:
            depth, inner = depth + 1, inner.slice
        if depth and ast.unparse(inner) == "float":
            yield name, depth


def single_numbers(node: ast.AST, kind: str) -> set[str]:
    """Return the arguments that are a single number of a kind: `float` or `int`."""
    return {name for name, said in annotations(node) if ast.unparse(said) == kind}
