"""Attributes whose names a loop puts together: `for n in "ifo": setattr(self, "w" + n, getattr(self, "w" + n) - step)`.

Nothing is seen of weights that are moved so, until each of them is called by its name.
"""

import ast
import copy
from collections.abc import Iterator, Mapping

from crosscheck.recognise.spelled_out import MOST, Naming
from crosscheck.recognise.statements import assigned_in
from crosscheck.source.walking import walk

Names = tuple[str, ...]


def with_attributes_named(tree: ast.Module) -> ast.Module:
    r"""Return a module in which such loops are written out; the same if it has none.

    >>> text = "for n in 'ab':\n  setattr(s, 'w' + n, getattr(s, 'w' + n) - rate * getattr(s, f'd{n}'))"
    >>> print(ast.unparse(with_attributes_named(ast.parse(text))))
    s.wa = s.wa - rate * s.da
    s.wb = s.wb - rate * s.db
    >>> plain = ast.parse("for n in 'ab': print(getattr(s, n))")
    >>> with_attributes_named(plain) is plain
    True
    """
    lists = dict(_lists(tree))
    if not any(_wanted(node, lists) for node in walk(tree)):
        return tree
    made = copy.deepcopy(tree)
    for node in list(walk(made)):
        for name in ("body", "orelse"):
            statements = getattr(node, name, None)
            if isinstance(statements, list):
                setattr(node, name, [one for statement in statements for one in _written_out(statement, lists)])
    return ast.fix_missing_locations(made)


def _lists(tree: ast.AST) -> Iterator[tuple[str, Names]]:
    """Yield the lists of names that have a name: of one that is assigned twice, nothing is known."""
    found: dict[str, set[Names]] = {}
    for node in walk(tree):
        for target, value in assigned_in(node):
            if isinstance(target, ast.Name | ast.Attribute):
                found.setdefault(ast.unparse(target), set()).add(_entries(value, {}))
    yield from ((name, next(iter(known))) for name, known in found.items() if len(known) == 1 and any(known))


def _entries(node: ast.expr, lists: Mapping[str, Names]) -> Names:
    """Return the names that a loop goes over, as far as they are written down."""
    match node:
        case ast.Constant(value=str(text)):
            return tuple(text)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            words = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            return tuple(words) if len(words) == len(parts) else ()
        case ast.Name() | ast.Attribute():
            return lists.get(ast.unparse(node), ())
    return ()


def _wanted(node: ast.AST, lists: Mapping[str, Names]) -> Names:
    """Return the names that a loop goes over which sets attributes called after these; none of any other loop."""
    if not isinstance(node, ast.For) or node.orelse or not isinstance(node.target, ast.Name):
        return ()
    names = _entries(node.iter, lists)
    parts = [part for one in node.body for part in walk(one)]
    if not 0 < len(names) <= MOST or any(isinstance(part, ast.Break | ast.Continue) for part in parts):
        return ()
    given = {node.target.id: names[0]}
    called = [part for part in parts if _is_call(part, "setattr", 3)]
    return names if called and all(_text(part.args[1], given) for part in called) else ()  # pyright: ignore


def _is_call(node: ast.AST, name: str, count: int) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == name and len(node.args) == count


def _text(node: ast.expr, given: Mapping[str, str]) -> str:
    """Return the text that an expression makes of a loop's variable; nothing where that is not plain.

    >>> [_text(ast.parse(one, mode="eval").body, {"n": "i"}) for one in ("'w' + n", "f'{n}_w'", "n", "'w' + m")]
    ['wi', 'i_w', 'i', '']
    """
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return given.get(name, "")
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            sides = _text(left, given), _text(right, given)
            return "".join(sides) if all(sides) else ""
        case ast.JoinedStr(values=values):
            inner = [part.value if isinstance(part, ast.FormattedValue) else part for part in values]
            found = [_text(part, given) for part in inner]
            return "".join(found) if all(found) else ""
    return ""


def _written_out(statement: ast.stmt, lists: Mapping[str, Names]) -> Iterator[ast.stmt]:
    names = _wanted(statement, lists)
    if not names:
        yield statement
        return
    assert isinstance(statement, ast.For)
    assert isinstance(statement.target, ast.Name)
    for name in names:
        for part in statement.body:
            yield _Attributes(statement.target.id, name).visit(copy.deepcopy(part))


class _Attributes(Naming):
    """Puts a name in the place of a loop's variable, and attributes in that of asking for them by such a name."""

    def __init__(self, variable: str, name: str) -> None:
        super().__init__(variable, ast.Constant(name))
        self._given = {variable: name}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        text = _text(node.args[1], self._given) if _is_call(node, "getattr", 2) else ""
        self.generic_visit(node)
        return ast.copy_location(ast.Attribute(node.args[0], text, ast.Load()), node) if text.isidentifier() else node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        call = node.value
        text = _text(call.args[1], self._given) if _is_call(call, "setattr", 3) else ""  # pyright: ignore
        self.generic_visit(node)
        if not text.isidentifier():
            return node
        owner, _, value = call.args  # pyright: ignore[reportAttributeAccessIssue]
        return ast.copy_location(ast.Assign([ast.Attribute(owner, text, ast.Store())], value), node)
