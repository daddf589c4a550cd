"""Data that functions of modules return which are not here: as many as the program takes apart, by their names.

`X_train, X_test, y_train, y_test = prepare(X, y)` says what `prepare` returns, if it is imported from nowhere.
"""

import ast
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise import small_data
from crosscheck.source.walking import walk

FEATURES = re.compile(r"^(?:x|xs|data|features?|inputs?|images?|samples)(?:$|_)|_(?:x|data|features|images)$", re.I)
LABELS = re.compile(r"^(?:y|ys|labels?|targets?|classes)(?:$|_)|_(?:y|labels?|targets?)$", re.I)
COLUMNS, CLASSES = 5, 2


def returning_data(tree: ast.Module) -> dict[str, Callable[..., Any]]:
    """Return functions in place of those whose results a program takes apart into data, by their names.

    >>> made = returning_data(ast.parse("X_train, y_train = load(3)"))["load"]()
    >>> made[0].shape, made[1].shape
    ((12, 5), (12,))
    """
    found: dict[str, Callable[..., Any]] = {}
    for node in walk(tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        function = node.value.func
        if isinstance(function, ast.Name) and len(node.targets) == 1 and _are_data(node.targets[0]):
            found.setdefault(function.id, _returning(node.targets[0]))
    return found


def holding_data(tree: ast.Module, module: str) -> dict[str, np.ndarray]:
    """Return the data that a program reads from a module by names of data, inputs among them: `data.X[0:15]`.

    >>> made = holding_data(ast.parse("import sets as s; x, y = s.X[:9], s.Y[:9]; s.plot(x)"), "sets")
    >>> {name: array.shape for name, array in made.items()}
    {'X': (12, 5), 'Y': (12,)}
    """
    imported = (alias for node in walk(tree) if isinstance(node, ast.Import) for alias in node.names)
    known = {alias.asname or alias.name for alias in imported if alias.name == module}
    called = {id(node.func) for node in walk(tree) if isinstance(node, ast.Call)}
    read = [
        node.attr
        for node in walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in known and id(node) not in called
    ]
    names = [name for name in dict.fromkeys(read) if FEATURES.search(name) or LABELS.search(name)]
    return {name: _datum(ast.Name(name)) for name in names} if any(map(FEATURES.search, names)) else {}


def _parts(target: ast.expr) -> Sequence[ast.expr]:
    return target.elts if isinstance(target, ast.Tuple | ast.List) else ()


def _are_data(target: ast.expr) -> bool:
    """Tell whether something is taken apart into data alone, inputs among them."""
    names = [part.id for part in walk(target) if isinstance(part, ast.Name)]
    is_apart = len(_parts(target)) > 1 and all(isinstance(part, ast.Name) or _parts(part) for part in _parts(target))
    are_known = all(FEATURES.search(name) or LABELS.search(name) for name in names)
    return is_apart and are_known and any(map(FEATURES.search, names))


def _returning(target: ast.expr) -> Callable[..., Any]:
    return lambda *_, **__: _datum(target)


def _datum(target: ast.expr) -> Any:
    if not isinstance(target, ast.Name):
        return tuple(map(_datum, _parts(target)))
    if LABELS.search(target.id):
        return small_data.classes(small_data.EXAMPLES, CLASSES).astype(np.int64)
    return small_data.features(small_data.EXAMPLES, COLUMNS)
