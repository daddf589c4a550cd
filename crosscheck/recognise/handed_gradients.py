"""Gradients that are computed where a step is asked for, and have no name: `adam.update(p, {"w": 2 * X.T @ e / n})`.

They are given one in the statement before, so that they can be told and judged like others.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise.statements import root_word
from crosscheck.recognise.training_loops import UPDATING
from crosscheck.source.walking import forget, own_parts, walk

Body = list[ast.stmt]


def with_handed_gradients(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such gradients have names; the same if it has none.

    >>> code = "for i in r:\n  e = X @ w - y\n  w = adam(w, 2 * X.T @ e)\n  optimiser.step([w], [X.T @ e])"
    >>> print(ast.unparse(with_handed_gradients(ast.parse(code))))
    for i in r:
        e = X @ w - y
        grad_w = 2 * X.T @ e
        w = adam(w, grad_w)
        gradient_in_line_4 = [X.T @ e]
        optimiser.step([w], gradient_in_line_4)
    """
    if not any(True for _ in _handed(tree)):
        return tree
    made = copy.deepcopy(tree)
    used = {node.id for node in walk(made) if isinstance(node, ast.Name)}
    for body, place, call, at in reversed(list(_handed(made))):
        value = call.args[at]
        moved = _moved(body[place], call)
        name = f"grad_{moved}" if moved else ""
        name = name if name and name not in used else f"gradient_in_line_{value.lineno}"
        call.args[at] = ast.copy_location(ast.Name(name, ast.Load()), value)
        named = ast.Assign([ast.copy_location(ast.Name(name, ast.Store()), value)], value)
        body.insert(place, ast.copy_location(named, value))
    forget()
    return made


def _handed(tree: ast.Module) -> Iterator[tuple[Body, int, ast.Call, int]]:
    """Yield the bodies of loops in which steps are asked for so, where that is, the call, and which argument it is."""
    for loop in (node for node in walk(tree) if isinstance(node, ast.For | ast.While)):
        for body in (part.body for part in (loop, *own_parts(loop)) if isinstance(part, ast.For | ast.While | ast.If)):
            for place, statement in enumerate(body):
                call = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
                if isinstance(call, ast.Call) and UPDATING.search(root_word(call.func)):
                    computed = [at for at, value in enumerate(call.args) if _is_computed(value)]
                    if len(computed) == 1:
                        yield body, place, call, computed[0]


def _moved(statement: ast.stmt, call: ast.Call) -> str | None:
    """Return what a step takes and gives back: `w` in `w, memory = adam(w, X.T @ e, memory)`."""
    targets = [part for one in getattr(statement, "targets", ()) for part in walk(one) if isinstance(part, ast.Name)]
    first = call.args[0]
    back = targets and isinstance(first, ast.Name) and first.id == targets[0].id
    return targets[0].id if back else None


def _is_computed(value: ast.expr) -> bool:
    """Tell whether an argument is a product that is computed there, or holds such products and nothing else."""
    parts = (
        value.values if isinstance(value, ast.Dict) else value.elts if isinstance(value, ast.List | ast.Tuple) else []
    )
    own = parts or [value]
    products = (part for one in own for part in walk(one) if isinstance(part, ast.BinOp))
    kinds = (ast.BinOp, ast.Call, ast.Name, ast.Subscript, ast.Attribute, ast.UnaryOp) if parts else (ast.BinOp,)
    is_product = any(isinstance(part.op, ast.Mult | ast.MatMult | ast.Div) for part in products)
    return is_product and all(isinstance(one, kinds) for one in own)
