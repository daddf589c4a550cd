"""Gradients from above that are called like what they are gradients of: `def backward_relu(output, cache)`.

They are called gradients, where the rest that such a function is handed is what its forward has kept.
"""

import ast
import copy

from crosscheck.recognise import naming
from crosscheck.source.walking import walk

OUTPUT = naming.re.compile(r"^(?:out|outputs?|top|above|up|inp?|inputs?|y|upper|signal)$", naming.re.IGNORECASE)
CACHE = naming.re.compile(r"cach|old|mask|saved|stored|mem|ctx|context|state|kept|tape", naming.re.IGNORECASE)
"""What a forward pass leaves to its backward pass"""


def told_from_above(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such arguments are called gradients; the same if it has none.

    >>> code = "def relu_backward(out, mask):\n    return out * mask"
    >>> print(ast.unparse(told_from_above(ast.parse(code))))
    def relu_backward(dout, mask):
        return dout * mask
    """
    keywords = {keyword.arg for keyword in walk(tree) if isinstance(keyword, ast.keyword)}
    found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and _is_meant(node, keywords)}
    if not found:
        return tree
    changed = copy.deepcopy(tree)
    for node in changed.body:
        if isinstance(node, ast.FunctionDef) and node.name in found:
            name = node.args.args[0].arg
            for part in walk(node):
                if isinstance(part, ast.arg) and part.arg == name:
                    part.arg = f"d{name}"
                elif isinstance(part, ast.Name) and part.id == name:
                    part.id = f"d{name}"
    return changed


def _is_meant(node: ast.FunctionDef, keywords: set[str | None]) -> bool:
    names = [argument.arg for argument in node.args.args]
    if len(names) < 2 or not naming.BACKWARD.search(node.name) or any(map(naming.is_gradient_argument, names)):
        return False
    used = {part.id for part in walk(node) if isinstance(part, ast.Name)}
    is_free = names[0] not in keywords and f"d{names[0]}" not in used
    return bool(OUTPUT.match(names[0])) and bool(CACHE.search(names[1])) and is_free
