"""Lambdas that are given a name, where one is called the gradient of another: `f = lambda x: x ** 2; df = ...`."""

import ast
from collections.abc import Iterator

from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.value_pairs import value_pairs
from crosscheck.source.walking import walk


def with_named_lambdas(tree: ast.Module) -> ast.Module:
    """Return a module in which they are functions, where one is called the gradient of another; else the same.

    >>> text = "f, df = lambda x: x ** 2, lambda x: 2 * x; h = lambda x: x"
    >>> [ast.unparse(node).splitlines()[0] for node in with_named_lambdas(ast.parse(text)).body]
    ['def f(x):', 'def df(x):', 'h = lambda x: x']
    """
    made = {name: _as_function(name, value) for statement in tree.body for name, value in _named(statement)}
    stores = [part.id for part in walk(tree) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
    made = {name: node for name, node in made.items() if stores.count(name) == 1}
    pairs = [pair for found in value_pairs({**functions_of(tree), **made}) for pair in found] if made else []
    wanted = {name for pair in pairs for name in (pair.value, pair.gradient)} & made.keys()
    if not wanted:
        return tree
    body: list[ast.stmt] = []
    for statement in tree.body:
        names = [name for name, _ in _named(statement)]
        body += [made[name] for name in names] if names and wanted >= set(names) else [statement]
    return ast.Module(body, tree.type_ignores)


def _named(statement: ast.stmt) -> Iterator[tuple[str, ast.Lambda]]:
    """Yield the names that a statement gives to lambdas, if it does nothing else."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as value):
            yield name, value
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if len(names) == len(values):
            pairs = list(zip(names, values, strict=True))
            if all(isinstance(name, ast.Name) and isinstance(value, ast.Lambda) for name, value in pairs):
                yield from ((name.id, value) for name, value in pairs)  # pyright: ignore
        case _:
            return


def _as_function(name: str, value: ast.Lambda) -> ast.FunctionDef:
    returned = ast.copy_location(ast.Return(value.body), value.body)
    return ast.copy_location(ast.FunctionDef(name, value.args, [returned], [], None, None), value)
