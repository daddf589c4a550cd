"""Tables that something is chosen from by its name: `{"tanh": (tanh, tanh_prime)}[activation]`."""

import ast
from collections.abc import Iterator

from crosscheck.source.walking import walked


def keys_of(node: ast.expr) -> list[ast.expr]:
    """Return the keys that a table has where it is written out."""
    return [key for key in node.keys if key is not None] if isinstance(node, ast.Dict) else []


def asked_of_table(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """Return what is asked and for what in `table[key]` and `table.get(key)`."""
    match node:
        case ast.Subscript(value=table, slice=key):
            return table, key
        case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[key, *_]):
            return table, key
        case _:
            return None


def named_choices(node: ast.AST) -> Iterator[tuple[str, list[str]]]:
    r"""Yield the names by which something is chosen from a table that stands in a function, with the table's words.

    >>> body = "self.known = {'tanh': tanh, 'relu': relu}\nself.f = self.known[kind]\nrow = rows[n]"
    >>> list(named_choices(ast.parse(body)))
    [('kind', ['tanh', 'relu'])]
    """
    tables = {
        ast.unparse(target): keys
        for one in walked(node)
        if isinstance(one, ast.Assign) and (keys := keys_of(one.value))
        for target in one.targets
    }
    for one in walked(node):
        table, key = asked_of_table(one) or (None, None)
        if table is None or not isinstance(key, ast.Name):
            continue
        keys = keys_of(table) or tables.get(ast.unparse(table), [])
        words = [known.value for known in keys if isinstance(known, ast.Constant) and isinstance(known.value, str)]
        if words and len(words) == len(keys):
            yield key.id, words
