"""Arguments that a function moves by giving their names other values, and returns: `w = w - rate * g; return w`."""

import ast

from crosscheck.recognise.signed_steps import steps_in
from crosscheck.recognise.statements import returned_parts
from crosscheck.source.walking import kept, walked


@kept
def moved_and_returned(function: ast.FunctionDef) -> frozenset[str]:
    """Return the names of such arguments: the caller's arrays stay what they are, and its names take what is returned.

    >>> of = lambda text: sorted(moved_and_returned(ast.parse(text).body[0]))
    >>> of("def step(x, w, b):  e = x @ w + b; w = w - e * x; b = b - e; return w, b")
    ['b', 'w']
    >>> of("def back(d, w):  d = d @ w.T; w = w - d; return d")
    []
    """
    given = {argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    stored = {n.id for n in walked(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} & given
    returned = {value.id for _, value in returned_parts(function) if isinstance(value, ast.Name)}
    if not stored & returned:
        return frozenset()
    return frozenset(stored & returned & {moved for moved, _, _ in steps_in(function)})
