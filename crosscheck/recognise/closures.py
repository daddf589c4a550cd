"""Functions that make functions: `loss, grad, w = make_model(5, 3)`, whose backward pass stands inside of another.

What such a maker does is done by the module itself instead, so that its inner functions are functions of the module,
and the variables that they share are the module's.
"""

import ast
import builtins
import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from crosscheck.recognise import naming
from crosscheck.recognise.statements import stored
from crosscheck.source.walking import own_parts, walk


class Maker(NamedTuple):
    """A function that makes functions, and the one statement that calls it."""

    node: ast.FunctionDef
    returned: tuple[ast.expr, ...]
    call: ast.Assign


def opened(tree: ast.Module) -> ast.Module:
    """Return a module in which a maker of functions is taken apart; the same if there is none, or names would clash."""
    for node in tree.body:
        maker = _maker(node, tree) if isinstance(node, ast.FunctionDef) else None
        if maker is not None and (changed := _taken_apart(maker, tree)) is not None:
            return changed
    return tree


def _maker(node: ast.FunctionDef, tree: ast.Module) -> Maker | None:
    """Return a function as a maker of functions, one of which is a backward pass by its name."""
    inner = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
    last = node.body[-1]
    value = last.value if isinstance(last, ast.Return) else None
    returned = tuple(value.elts if isinstance(value, ast.Tuple | ast.List) else [value] if value is not None else [])
    own = [part for part in own_parts(node) if isinstance(part, ast.Return | ast.Yield | ast.YieldFrom | ast.Global)]
    calls = [
        part
        for part in walk(tree)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == node.name
    ]
    assigned = [part for part in walk(tree) if isinstance(part, ast.Assign) and part.value in calls]
    if (
        any(isinstance(part, ast.Call) for one in returned for part in walk(one))
        or not inner & set(map(_id, returned))
        or not any(naming.BACKWARD.search(name) for name in inner)
        or own != [last]
        or node.decorator_list
        or node.args.vararg
        or node.args.kwarg
        or not len(calls) == len(assigned) == 1
    ):
        return None
    return Maker(node, returned, assigned[0])


def _taken_apart(maker: Maker, tree: ast.Module) -> ast.Module | None:
    node, call = maker.node, maker.call
    target = call.targets[0]
    parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    names = list(map(_id, parts))
    made = [*_arguments(node), *(s for part in node.body for s in _names(part))]
    others = {name for part in tree.body if part is not node for name in _names(part)}
    same = {name for name, own in zip(names, maker.returned, strict=False) if name == _id(own)}
    if len(names) != len(maker.returned) or set(made) & (others - same) or (set(names) - same) & set(made):
        return None
    given = dict(_given(node, call.value))  # pyright: ignore[reportArgumentType]
    body = [statement for statement in copy.deepcopy(node).body[:-1] if not _is_text(statement)]
    for part in (inner for statement in body for inner in walk(statement)):
        if isinstance(part, ast.FunctionDef):
            part.body = [_of_module(inner) for inner in part.body]
    place = _place(tree, node, body)
    before = {name for part in tree.body[:place] for name in _names(part)}
    starts = [
        ast.fix_missing_locations(ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], value), node))
        for name, value in given.items()
        if not _read(value) - before - BUILTINS
    ]
    new = _Replaced(call, names, maker.returned)
    changed = copy.copy(tree)
    rest = [new.visit(copy.deepcopy(part)) if _holds(part, call) else part for part in tree.body]
    changed.body = [part for part in (*rest[:place], *starts, *body, *rest[place:]) if part is not node]
    return changed


BUILTINS = frozenset(dir(builtins))


def _arguments(node: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]


def _of_module(statement: ast.stmt) -> ast.stmt:
    """Return a statement that declares the module's variables, where it declared those of the maker."""
    is_outer = isinstance(statement, ast.Nonlocal)
    return ast.copy_location(ast.Global(statement.names), statement) if is_outer else statement


def _id(node: ast.expr) -> str:
    return getattr(node, "id", "")


def _names(statement: ast.stmt) -> set[str]:
    """Return the names that a statement gives to something in the module: not inside of functions."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).partition(".")[0] for alias in statement.names}
    inner = {part.name for part in walk(statement) if isinstance(part, ast.FunctionDef)}
    return inner | stored(statement)


def _given(node: ast.FunctionDef, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Yield the arguments of a maker, and what it is handed for them, or what they are by default."""
    names = _arguments(node)
    found: dict[str, ast.expr] = dict(zip(reversed(names), reversed(node.args.defaults), strict=False))
    found |= {k.arg: v for k, v in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if v is not None}
    found |= dict(zip(names, call.args, strict=False))
    found |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    yield from ((name, copy.deepcopy(found[name])) for name in names if name in found)


def _place(tree: ast.Module, node: ast.FunctionDef, body: Sequence[ast.stmt]) -> int:
    """Return where in a module all is there that a maker reads when it is called, no later than its main part."""
    wanted = {name for statement in body if not isinstance(statement, ast.FunctionDef) for name in _read(statement)}
    first = next(n for n, part in enumerate(tree.body) if part is node) + 1
    for place in range(first, len(tree.body)):
        later = {name for part in tree.body[place:] for name in _names(part)}
        if not wanted & later or isinstance(tree.body[place], ast.If):
            return place
    return len(tree.body)


def _read(node: ast.AST) -> set[str]:
    return {part.id for part in walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _holds(node: ast.AST, wanted: ast.AST) -> bool:
    return any(part is wanted for part in walk(node))


class _Replaced(ast.NodeTransformer):
    """Puts the module's functions in the place of what a maker would have made."""

    def __init__(self, call: ast.Assign, names: Sequence[str], returned: Sequence[ast.expr]) -> None:
        self.spelled, self.line = ast.dump(call), call.lineno
        self.pairs: Mapping[str, ast.expr] = {
            name: own for name, own in zip(names, returned, strict=True) if name != _id(own)
        }

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        """Replace the one call."""
        if node.lineno != self.line or ast.dump(node) != self.spelled:
            return node
        if not self.pairs:
            return ast.copy_location(ast.Pass(), node)
        targets = ast.Tuple([ast.Name(name, ast.Store()) for name in self.pairs], ast.Store())
        values = ast.Tuple(copy.deepcopy(list(self.pairs.values())), ast.Load())
        return ast.fix_missing_locations(ast.copy_location(ast.Assign([targets], values), node))
