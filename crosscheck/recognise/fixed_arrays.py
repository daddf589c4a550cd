"""Arrays that say what they are: `eye = np.eye(K)`, of which a row is a symbol, `ones = np.ones((1, n))`, which add up.

Other numbers in their place would mean something else, so they are no data that may be drawn anew.
"""

import ast
import re

from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import kept, walk

IDENTITY = frozenset(["eye", "identity"])
TRIANGLES = frozenset(["tril", "triu", "tri"])
ROUNDS = 2
"""How often what is fixed is looked for: `mean = tri / tri.sum(axis=1)` is made of what is"""
ONES = re.compile(r"(?:^|_)ones?(?:$|_|\d|[A-Z])|^ones\w{1,2}$|^einsen|^unos$|^uns$", re.IGNORECASE)


@kept
def fixed_arrays(tree: ast.AST) -> frozenset[str]:
    """Return what is made an identity matrix wherever it is assigned, or ones, if it is called so.

    >>> code = "I = np.eye(3); ones = np.ones((1, 5)); X = np.ones((4, 5)); W = np.eye(4); W -= rate * dW"
    >>> sorted(fixed_arrays(ast.parse(code)))
    ['I', 'ones']
    >>> sorted(fixed_arrays(ast.parse("tri = np.tril(np.ones((4, 4))); mean = tri / tri.sum(axis=1); x = np.tril(A)")))
    ['mean', 'tri']
    """
    found: frozenset[str] = frozenset()
    for _ in range(ROUNDS):
        found = _made_of(tree, found)
    return found


def _made_of(tree: ast.AST, known: frozenset[str]) -> frozenset[str]:
    """Return what is fixed where some other arrays are."""
    made: dict[str, set[bool]] = {}
    for part in walk(tree):
        if isinstance(part, ast.Assign):
            for target in part.targets:
                for one in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
                    is_whole = one is target and isinstance(one, ast.Name | ast.Attribute)
                    made.setdefault(root_word(one), set()).add(
                        is_whole and _is_fixed(root_word(one), part.value, known)
                    )
        elif isinstance(part, ast.AugAssign | ast.For):
            made.setdefault(root_word(part.target), set()).add(False)
    return frozenset(name for name, said in made.items() if said == {True})


def _is_fixed(name: str, value: ast.expr, known: frozenset[str]) -> bool:
    read = {part.id for part in walk(value) if isinstance(part, ast.Name)} - {"np", "numpy"}
    if read and read <= known and not isinstance(value, ast.Subscript):
        return True
    if not isinstance(value, ast.Call):
        return False
    word = root_word(value.func)
    if word in ("astype", "copy", "reshape") and isinstance(value.func, ast.Attribute):
        return _is_fixed(name, value.func.value, known)
    inner = [root_word(part.func) for part in walk(value) if isinstance(part, ast.Call)]
    if word in TRIANGLES and {"ones", "tri"} & set(inner) and set(inner) <= {*TRIANGLES, "ones"}:
        return True
    return word in IDENTITY or (word == "ones" and bool(ONES.search(name)))
