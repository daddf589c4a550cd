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


PLAIN = frozenset(
    "id attr arg name kind ctx type_comment level module asname conversion simple is_async rest".split()  # noqa: SIM905
)
"""Fields that hold no nodes, and contexts, which nobody looks for: a third of all nodes"""
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}


def _fields_of(kind: type[ast.AST]) -> tuple[str, ...]:
    return _FIELDS.setdefault(kind, tuple(field for field in kind._fields if field not in PLAIN))


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a tree in the order of `ast.walk`, without contexts: trees are gone through very often.

    >>> [type(node).__name__ for node in walk(ast.parse("x = 1"))]
    ['Module', 'Assign', 'Name', 'Constant']
    """
    waiting = [tree]
    for node in waiting:
        fields = _FIELDS.get(type(node))
        for field in _fields_of(type(node)) if fields is None else fields:
            value = getattr(node, field, None)
            if isinstance(value, ast.AST):
                waiting.append(value)
            elif isinstance(value, list):
                waiting += [item for item in value if isinstance(item, ast.AST)]
        yield node


def operands(node: ast.expr, *operators: type[ast.operator]) -> Iterator[ast.expr]:
    """Yield what some operators combine, from left to right, as they stand side by side.

    >>> [ast.unparse(part) for part in operands(ast.parse("a * b @ (c + d)", mode="eval").body, ast.Mult, ast.MatMult)]
    ['a', 'b', 'c + d']
    """
    if isinstance(node, ast.BinOp) and isinstance(node.op, operators):
        yield from operands(node.left, *operators)
        yield from operands(node.right, *operators)
    else:
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
    """Return what `walk` yields.

    >>> tree = ast.parse("x = 1")
    >>> [type(node).__name__ for node in walked(tree)]
    ['Module', 'Assign', 'Name', 'Constant']
    >>> walked(tree) is walked(tree)
    True
    """
    return tuple(walk(tree))


def last_word(node: ast.AST | None) -> str:
    """Return a name, or the attribute that is asked for last; nothing for what is neither.

    >>> [last_word(ast.parse(text, mode="eval").body) for text in ("w", "self.layer.w", "w[0]")]
    ['w', 'w', '']
    """
    return getattr(node, "id", getattr(node, "attr", ""))
