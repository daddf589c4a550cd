"""Which argument a function returns the gradient by, as its callers show: `Y -= rate * slope(Y, D)` moves the first.

Libraries that minimise are handed a function and its gradient: `minimize(f, x0, jac=g)`, `fmin_bfgs(f, x0, g)`.
"""

import ast
import re
from collections.abc import Iterator

from crosscheck.recognise.defaults import required
from crosscheck.recognise.statements import assigned_in
from crosscheck.source.walking import walked

KEYWORDS = frozenset(["jac", "fprime", "grad", "gradient", "grad_f", "df"])
"""By which a gradient is handed to what minimises"""
MINIMISES = re.compile(r"^(?:minimi[sz]e|fmin_\w+|root|check_grad|line_search)$")
THIRD = frozenset(["fmin_bfgs", "fmin_cg", "fmin_ncg", "fmin_l_bfgs_b", "fmin_tnc"])
"""Where it is the third argument"""


def said_to_belong(tree: ast.AST) -> frozenset[tuple[str, str]]:
    r"""Return the functions that a library is handed together, a value and its gradient.

    >>> text = "minimize(cost, w, args=(X,), jac=slope)\nfmin_bfgs(f, w, g)\nplot(f, w, jac=h)"
    >>> sorted(said_to_belong(ast.parse(text)))
    [('cost', 'slope'), ('f', 'g')]
    """
    found = set()
    for call in (part for part in walked(tree) if isinstance(part, ast.Call)):
        word = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if not MINIMISES.match(word):
            continue
        keywords = {one.arg: one.value for one in call.keywords}
        value = call.args[0] if call.args else keywords.get("fun", keywords.get("func"))
        third = call.args[2:3] if word in THIRD else []
        gradients = [*third, *(one for name, one in keywords.items() if name in KEYWORDS)]
        found |= {(value.id, g.id) for g in gradients if isinstance(g, ast.Name) and isinstance(value, ast.Name)}
    return frozenset(found)


def moved_argument(tree: ast.AST, node: ast.FunctionDef) -> str:
    r"""Return the one argument of a gradient that its callers move by it; nothing if that is none, or several.

    >>> f = ast.parse("def slope(Y, D): return Y @ D").body[0]
    >>> texts = "Y -= 0.1 * slope(Y, D)", "g = slope(e, D)\ne = e - 0.1 * g", "g = slope(e, D)", "D = D - slope(D, D)"
    >>> [moved_argument(ast.parse(text), f) for text in texts]
    ['Y', 'Y', '', '']
    """
    names, moved = list(required(node)), set(_moved(tree))
    found: set[str] = set()
    for call in (part for part in walked(tree) if isinstance(part, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id == node.name:
            handed = [*zip(names, call.args, strict=False), *((one.arg, one.value) for one in call.keywords)]
            found |= {name for name, one in handed if name and isinstance(one, ast.Name) and one.id in moved}
    return found.pop() if len(found) == 1 else ""


def _moved(tree: ast.AST) -> Iterator[str]:
    """Yield the variables to which something is added, or from which something is taken away."""
    for node in walked(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
            yield getattr(node.target, "id", "")
        for target, value in assigned_in(node):
            if (
                isinstance(target, ast.Name)
                and isinstance(value, ast.BinOp)
                and isinstance(value.op, ast.Add | ast.Sub)
            ):
                sides = (value.left, value.right) if isinstance(value.op, ast.Add) else (value.left,)
                if any(isinstance(side, ast.Name) and side.id == target.id for side in sides):
                    yield target.id
