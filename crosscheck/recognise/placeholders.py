"""Gradients that a function sets to zero and never looks at again: a template had them, and they claim nothing."""

import ast
import copy

from crosscheck.recognise import naming
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk

ZEROS = frozenset(["zeros", "zeros_like"])


def without_placeholders(tree: ast.Module) -> ast.Module:
    r"""Return a module without such statements; the same if there are none.

    >>> code = "def cost(w, X):\n  grad = np.zeros(w.shape)\n  return X @ w"
    >>> print(ast.unparse(without_placeholders(ast.parse(code))))
    def cost(w, X):
        return X @ w
    >>> plain = ast.parse(code.replace("X @ w", "X @ w, grad"))
    >>> without_placeholders(plain) is plain
    True
    """
    if not any(_idle(node) for node in walk(tree) if isinstance(node, ast.FunctionDef)):
        return tree
    made = copy.deepcopy(tree)
    for node in (part for part in walk(made) if isinstance(part, ast.FunctionDef)):
        idle = _idle(node)
        node.body = [statement for statement in node.body if statement not in idle]
    return made


def _idle(function: ast.FunctionDef) -> list[ast.stmt]:
    """Return the statements of a function that set a gradient to zero which nothing in it names otherwise."""
    names = [part.id for part in walk(function) if isinstance(part, ast.Name)]
    names += [name for part in walk(function) if isinstance(part, ast.Global | ast.Nonlocal) for name in part.names]
    found: list[ast.stmt] = []
    for statement in function.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                is_zero = root_word(call.func) in ZEROS and naming.is_gradient_argument(name)
                if is_zero and names.count(name) == 1 and len(function.body) > 1:
                    found.append(statement)
    return found
