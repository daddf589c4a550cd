"""Gradients from above that are not called gradients: `def backward_relu(output, cache)`, `def bptt(self, xs, loss)`.

They are called gradients, where the rest that such a function is handed is what its forward has kept, where it calls
them gradients itself as soon as it goes by them (`dy = loss[t]`), or where its docstring says that they are.
"""

import ast
import copy
from collections.abc import Iterator

from crosscheck.recognise import naming
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk

OUTPUT = naming.re.compile(r"^(?:out|outputs?|top|above|up|inp?|inputs?|y|upper|signal)$", naming.re.IGNORECASE)
CACHE = naming.re.compile(r"cach|old|mask|saved|stored|mem|ctx|context|state|kept|tape", naming.re.IGNORECASE)
"""What a forward pass leaves to its backward pass"""
SAID = (
    r"(?m)^\s*[-*]?\s*{}\b[^\n:]*:(?:[^\n]*\n)?\s*(?:\([^)\n]*\)[,;:]?\s*)?"
    r"(?:(?:the|an?|array|list|of|upstream|incoming|loss|error|output|local)\s+)*(?:gradients?|derivatives?)\b"
)
"""How a docstring says that an argument is a gradient"""
MEASURES = frozenset({"len", "range", "zeros_like", "empty_like", "enumerate", "shape"})
"""What asks of an array only how large it is"""


def told_from_above(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such arguments are called gradients; the same if it has none.

    >>> code = "def relu_backward(out, mask):\n    return out * mask"
    >>> print(ast.unparse(told_from_above(ast.parse(code))))
    def relu_backward(dout, mask):
        return dout * mask
    >>> code = "def bptt(self, xs, loss):\n    for t in range(len(loss)):\n        dy = loss[t]"
    >>> print(ast.unparse(told_from_above(ast.parse(code))).splitlines()[0])
    def bptt(self, xs, dout):
    """
    keywords = {keyword.arg for keyword in walk(tree) if isinstance(keyword, ast.keyword)}
    found = {node.lineno: names for node in _functions(tree) if (names := _renamed(node, keywords))}
    if not found:
        return tree
    changed = copy.deepcopy(tree)
    for node in _functions(changed):
        old, new = found.get(node.lineno, ("", ""))
        for part in walk(node) if old else ():
            if isinstance(part, ast.arg) and part.arg == old:
                part.arg = new
            elif isinstance(part, ast.Name) and part.id == old:
                part.id = new
    return changed


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        yield from (part for part in inner if isinstance(part, ast.FunctionDef))


def _renamed(node: ast.FunctionDef, keywords: set[str | None]) -> tuple[str, str] | None:
    """Return the argument of a backward pass that is a gradient from above, and a name for it that says so."""
    names = [argument.arg for argument in node.args.args if argument.arg != "self"]
    if not names or not naming.BACKWARD.search(node.name) or any(map(naming.is_gradient_argument, names)):
        return None
    used = {part.id for part in walk(node) if isinstance(part, ast.Name)} | set(names)
    is_first = len(names) > 1 and bool(OUTPUT.match(names[0])) and bool(CACHE.search(names[1]))
    meant = [names[0]] if is_first and node.args.args[0].arg != "self" else []
    told = (_is_said, _is_called_one, _is_array_of_loss)
    meant = meant or [name for name in names if any(is_told(name, node) for is_told in told)]
    if len(meant) != 1 or meant[0] in keywords:
        return None
    new = next((name for name in (f"d{meant[0]}" if is_first else "dout", "dabove") if name not in used), None)
    return None if new is None else (meant[0], new)


def _is_said(name: str, node: ast.FunctionDef) -> bool:
    r"""Tell whether a docstring says that an argument is a gradient.

    >>> said = "def backward(self, out, y):\n    '''Goes back.\n\n    out (array): {} of the loss\n    y: labels'''"
    >>> [_is_said("out", ast.parse(said.format(word)).body[0]) for word in ("The gradient", "The output")]
    [True, False]
    """
    return bool(naming.re.search(SAID.format(name), ast.get_docstring(node) or "", naming.re.IGNORECASE))


def _is_called_one(name: str, node: ast.FunctionDef) -> bool:
    r"""Tell whether a function calls an argument, or its entries, a gradient, and does nothing else with it.

    >>> def tried(body):
    ...     return _is_called_one("y", ast.parse(f"def backward(y, h):\n  n = len(y)\n  {body}").body[0])
    >>> tried("dy = y[0]"), tried("dh_next = y"), tried("dy = h - y"), tried("dy = y; e = h - y")
    (True, True, False, False)

    What is changed then was something else: predictions, of which the targets are taken away.

    >>> tried("dz = y; dz[h] -= 1"), tried("dz = y; dz /= n"), tried("dz = y.copy(); dz[h] -= 1")
    (False, False, False)
    """
    given, measured = set[int](), set[int]()
    changed = set(_changed(node))
    for part in walk(node):
        if isinstance(part, ast.Assign) and len(part.targets) == 1 and isinstance(part.targets[0], ast.Name):
            value = part.value.value if isinstance(part.value, ast.Subscript) else part.value
            called = part.targets[0].id
            if naming.looks_like_gradient(called) and called not in changed and isinstance(value, ast.Name):
                given.add(id(value))
        elif isinstance(part, ast.Call) and getattr(part.func, "attr", getattr(part.func, "id", "")) in MEASURES:
            measured |= {id(argument) for argument in part.args}
        elif isinstance(part, ast.Attribute) and part.attr in ("shape", "size", "ndim", "dtype"):
            measured.add(id(part.value))
    uses = [part for part in walk(node) if isinstance(part, ast.Name) and part.id == name]
    return any(id(use) in given for use in uses) and all(id(use) in given | measured for use in uses)


def _is_array_of_loss(name: str, node: ast.FunctionDef) -> bool:
    r"""Tell whether what is called a loss is an array with an entry for each step: a loss is one number.

    >>> def tried(body):
    ...     return _is_array_of_loss("loss", ast.parse(f"def backward(loss, h):\n  {body}").body[0])
    >>> tried("dW += np.outer(loss[t], h)"), tried("return loss * h"), tried("print(loss)")
    (True, False, False)
    """
    entries = [part.value for part in walk(node) if isinstance(part, ast.Subscript)]
    return bool(naming.LOSS.search(name)) and any(isinstance(one, ast.Name) and one.id == name for one in entries)


def _changed(node: ast.AST) -> Iterator[str]:
    """Yield what a function changes where it is, as a whole or entry by entry."""
    for part in walk(node):
        if isinstance(part, ast.AugAssign):
            yield root_word(part.target)
        elif isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store):
            yield root_word(part)
