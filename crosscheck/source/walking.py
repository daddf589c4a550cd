"""What is said of syntax trees again and again, said once: the nodes of a tree first of all."""

import ast
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

Tree = TypeVar("Tree", bound=ast.AST)
Said = TypeVar("Said")

_KEPT: list[Any] = []


def kept(says: Callable[[Tree], Said]) -> Callable[[Tree], Said]:
    """Keep what a function says of a tree until `forget`: who changes a tree in its place has to call that.

    What is said must be unchangeable, as it is handed out more than once.
    """
    remembers = lru_cache(maxsize=4096)(says)
    _KEPT.append(remembers)
    return remembers


def forget() -> None:
    """Forget all that was kept: a tree was changed."""
    for remembers in _KEPT:
        remembers.cache_clear()


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes of a tree in the order of `ast.walk`, in half its time: trees are gone through very often.

    >>> [type(node).__name__ for node in walk(ast.parse("x = 1"))]
    ['Module', 'Assign', 'Name', 'Constant', 'Store']
    """
    waiting = [tree]
    for node in waiting:
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, ast.AST):
                waiting.append(value)
            elif isinstance(value, list):
                waiting += [item for item in value if isinstance(item, ast.AST)]
        yield node


def own_parts(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a module or function, without what is inside of functions and classes in it.

    >>> [type(part).__name__ for part in own_parts(ast.parse("def f(): return 1"))]
    ['FunctionDef']
    """
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        part = waiting.pop()
        yield part
        if not isinstance(part, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(part)


@kept
def walked(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return all nodes of a tree in the order of `ast.walk`.

    >>> tree = ast.parse("x = 1")
    >>> [type(node).__name__ for node in walked(tree)]
    ['Module', 'Assign', 'Name', 'Constant', 'Store']
    >>> walked(tree) is walked(tree)
    True
    """
    return tuple(walk(tree))
