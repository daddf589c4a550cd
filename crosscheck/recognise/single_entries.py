"""Arrays of one entry that are written into an entry of another array, which NumPy has refused since version 2.4."""

import ast

from crosscheck.recognise.naming import looks_like_gradient


def single_entry(statement: ast.Assign) -> ast.expr | None:
    """Return what a statement writes an entry of, if what it writes may be an array of one: `y[i] = W @ h`.

    Steps of parameters are left as they are written, and so are gradients: they are read by their form.

    >>> ast.unparse(single_entry(ast.parse("y[i] = predict(x)").body[0]))
    'y'
    >>> single_entry(ast.parse("w[i] = w[i] - rate * g(w)").body[0])
    """
    target = statement.targets[0]
    if len(statement.targets) > 1 or not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Name):
        return None
    value, held = statement.value, target.value
    is_product = isinstance(value, ast.BinOp) and isinstance(value.op, ast.MatMult)
    names = {part.id for part in ast.walk(value) if isinstance(part, ast.Name)}
    is_plain = isinstance(target.slice, ast.Name | ast.Constant | ast.BinOp)
    if not is_plain or held.id in names or looks_like_gradient(held.id):
        return None
    return ast.Name(held.id, ast.Load()) if is_product or isinstance(value, ast.Call | ast.Name) else None
