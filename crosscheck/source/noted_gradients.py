"""Gradients that are noted on the arrays that they belong to: `w.g = x.T @ out.g`, which arrays of NumPy do not allow.

They are kept in a table beside, by the arrays, and under a name of their own wherever they come about: `dw`.
"""

import ast
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from crosscheck.source.torch_beside import NOTED, assigned_on_arrays

NOTE, SEE = "__note__", "__noted__"
MOST = 4096
"""Arrays that are remembered"""


class Notes:
    """What was noted of which array. The arrays are held on to, so that no other one takes their place."""

    def __init__(self) -> None:
        self.known: OrderedDict[int, tuple[Any, Any]] = OrderedDict()

    def note(self, array: Any, value: Any) -> Any:
        """Keep a value for an array, and return it."""
        self.known[id(array)] = array, value
        if len(self.known) > MOST:
            self.known.popitem(last=False)
        return value

    def noted(self, array: Any, *otherwise: Any) -> Any:
        """Return what was kept for an array. Raises AttributeError where nothing was, and nothing is given instead."""
        if id(array) in self.known:
            return self.known[id(array)][1]
        if otherwise:
            return otherwise[0]
        raise AttributeError("no gradient was noted of this array")


def names_of_notes() -> Mapping[str, Any]:
    """Return the functions that a program with a table of its notes needs."""
    notes = Notes()
    return {NOTE: notes.note, SEE: notes.noted}


def notes_gradients(tree: ast.AST) -> bool:
    """Tell whether a program notes gradients on arrays."""
    return next(assigned_on_arrays(tree), None) is not None


def with_notes(tree: ast.Module) -> ast.Module:
    r"""Put a table in place of what is noted on arrays; the tree is changed.

    >>> code = "def back(x, y, w):\n    w.g = x.T @ y.g\ny.g = e\nback(x, y, w)"
    >>> print(ast.unparse(with_notes(ast.parse(code))))
    def back(x, y, w):
        dw = __note__(w, x.T @ __noted__(y))
    dy = __note__(y, e)
    back(x, y, w)
    dw = __noted__(w, None)
    """
    if not notes_gradients(tree):
        return tree
    handed = {
        part.name: [place for place, arg in enumerate(part.args.args) if arg.arg in _noted_in(part)]
        for part in ast.walk(tree)
        if isinstance(part, ast.FunctionDef)
    }
    return ast.fix_missing_locations(_InTable({name: places for name, places in handed.items() if places}).visit(tree))


def _noted_in(function: ast.FunctionDef) -> set[str]:
    return {target.value.id for target in assigned_on_arrays(function) if isinstance(target.value, ast.Name)}


class _InTable(ast.NodeTransformer):
    def __init__(self, handed: Mapping[str, list[int]]) -> None:
        self.handed = handed
        """Functions that note gradients of what they are handed, and where"""

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        """Keep what is assigned, and give it a name."""
        self.generic_visit(node)
        (target, *others) = node.targets
        if others or not isinstance(target, ast.Attribute) or not self._is_note(target):
            return node
        owner = target.value
        node.value = ast.Call(ast.Name(NOTE, ast.Load()), [_loaded(owner), node.value], [])
        if isinstance(owner, ast.Attribute):
            node.targets = [ast.Attribute(owner.value, f"d{owner.attr}", ast.Store())]
        elif isinstance(owner, ast.Name):
            node.targets = [ast.Name(f"d{owner.id}", ast.Store())]
        else:
            return ast.copy_location(ast.Expr(node.value), node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Look up what was kept."""
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load) or not self._is_note(node):
            return node
        return ast.copy_location(ast.Call(ast.Name(SEE, ast.Load()), [node.value], []), node)

    def visit_Expr(self, node: ast.Expr) -> Any:
        """Give names to what a call has noted of what it was handed."""
        self.generic_visit(node)
        called = node.value.func if isinstance(node.value, ast.Call) else None
        places = self.handed.get(getattr(called, "id", ""), [])
        given = [node.value.args[n] for n in places if n < len(node.value.args)] if places else []  # pyright: ignore
        names = dict.fromkeys(one.id for one in given if isinstance(one, ast.Name))
        more = [ast.parse(f"d{name} = {SEE}({name}, None)").body[0] for name in names]
        for statement in more:
            for part in ast.walk(statement):
                ast.copy_location(part, node)
        return [node, *more] if more else node

    @staticmethod
    def _is_note(node: ast.Attribute) -> bool:
        is_self = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
        return bool(NOTED.match(node.attr)) and not is_self


def _loaded(owner: ast.expr) -> ast.expr:
    made = ast.parse(ast.unparse(owner), mode="eval").body
    for part in ast.walk(made):
        ast.copy_location(part, owner)
    return made
