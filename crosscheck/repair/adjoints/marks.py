"""A copy of someone's code in which values pass by: of the forward to be moved, of the backward to be replaced.

Every expression of the forward that may hold numbers, and what every statement of the backward pass computes, goes
through a hook (`Hooks.at`), which hands it on as it is unless a probe says otherwise.
"""

import ast
import copy
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from crosscheck.recognise.instrument import HOOKS, hook
from crosscheck.repair.places import Loop
from crosscheck.repair.syntax import is_atom, targets
from crosscheck.source.walking import walk

FORWARD, VALUE, RESULT, CALL = "forward", "value", "result", "call"
LEFT_ALONE = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Assert, ast.Delete, ast.Raise)
PASSED_OVER = frozenset({"range", "xrange", "len", "locals", "isinstance", "super", "print", "type", "getattr"})
METHODS = frozenset({"dot", "sum", "mean", "reshape", "transpose", "var", "std", "max", "copy", "ravel", "flatten"})
SETTINGS = frozenset({"axis", "keepdims", "out", "dtype", "shape", "axes"})
"""Names of arguments that hold no numbers to be moved"""
GETTERS = frozenset({"shape", "size", "ndim", "dtype"})


@dataclass(frozen=True)
class Mark:
    """A place where a value passes by."""

    kind: str
    """FORWARD: an expression; VALUE: what a statement of the backward pass computes; RESULT: what `+=` leaves behind,
    or `d[t] =` in d;
    CALL: the beginning of a function"""
    line: int
    text: str
    """The expression"""
    about: str = ""
    """The variable that the statement writes"""
    node: ast.expr | None = None
    statement: ast.stmt | None = None
    function: int = -1
    """The mark of the function that it is in"""
    is_variable: bool = False
    """Whether it is a variable, or an entry of one, and no more"""
    loop: Loop | None = None
    """The innermost loop around the statement, in its function"""

    @property
    def is_carry(self) -> bool:
        """Whether what the statement writes is read in its loop before it: it is for the next turn."""
        for statement in self.loop.body if self.loop else ():
            if statement is self.statement:
                return False
            nodes = (n for n in walk(statement) if isinstance(n, ast.Name | ast.Attribute | ast.Subscript))
            if self.about in {ast.unparse(node) for node in nodes if isinstance(node.ctx, ast.Load)}:
                return True
        return False


class Marked:
    """The marked copy of a prepared tree."""

    def __init__(self, tree: ast.Module, backward: Collection[int], only: Collection[int] | None = None) -> None:
        """`only` are the numbers of the marks that are made: all where None. The others keep their numbers."""
        self.marks: list[Mark] = []
        marker = _Marker(frozenset(backward), self.marks, only)
        self.tree = ast.fix_missing_locations(marker.visit(copy.deepcopy(tree)))


class _Marker(ast.NodeTransformer):
    def __init__(self, backward: frozenset[int], marks: list[Mark], only: Collection[int] | None) -> None:
        self.backward, self.marks, self.only = backward, marks, only
        self.statement: ast.stmt = ast.Pass()
        self.function = -1
        self.loop: Loop | None = None

    def visit_Module(self, node: ast.Module) -> Any:
        node.body = self._block(node.body)
        return node

    visit_ClassDef = visit_Module  # pyright: ignore

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        outside, self.function, around, self.loop = self.function, len(self.marks), self.loop, None
        self.marks.append(Mark(CALL, node.lineno, node.name, statement=node))
        node.body = self._block(node.body)
        arguments = [argument.arg for argument in node.args.args if argument.arg != "self"]
        first = next((n for n, s in enumerate(node.body) if _is_hook(s, "enter")), None)
        if first is not None:
            self.statement = node.body[first]
            begin = ast.Expr(hook("at", ast.Constant(self.function), ast.Constant(None), at=self.statement))
            taken = [self._kept(ast.Name(name, ast.Load()), FORWARD, name) for name in arguments]
            node.body[first + 1 : first + 1] = [ast.copy_location(begin, self.statement), *taken]
        self.function, self.loop = outside, around
        return node

    def _block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return [made for statement in body for made in self._statement(statement)]

    def _statement(self, statement: ast.stmt) -> list[ast.stmt]:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            return [self.visit(statement)]
        if isinstance(statement, LEFT_ALONE) or _is_hook(statement, "turn") or _is_hook(statement, "enter"):
            return [statement]
        if hasattr(statement, "body"):
            around, self.loop = self.loop, statement if isinstance(statement, Loop) else self.loop
            for name in ("body", "orelse", "finalbody"):
                setattr(statement, name, self._block(getattr(statement, name, [])))
            for handler in getattr(statement, "handlers", []):
                handler.body = self._block(handler.body)
            self.loop = around
            if isinstance(statement, ast.For):
                self.statement = statement
                statement.iter = self.visit(statement.iter)
            return [statement]
        self.statement = statement
        about = next(iter(targets(statement)), "")
        value = getattr(statement, "value", None)
        if isinstance(value, ast.expr):
            statement.value = self._computed(value, about)  # pyright: ignore[reportAttributeAccessIssue]
        changed = list(_changed(statement)) if self._is_backward(statement) else []
        return [statement, *(self._kept(target, RESULT, about) for target in changed)]

    def _is_backward(self, statement: ast.stmt) -> bool:
        first, last = statement.lineno, statement.end_lineno or statement.lineno
        return any(line in self.backward for line in range(first, last + 1))

    def _computed(self, value: ast.expr, about: str) -> ast.expr:
        """Mark what a statement computes, each entry of a tuple or dictionary, and all expressions inside."""
        if isinstance(value, ast.Call) and ast.unparse(value.func) == f"{HOOKS}.leave":
            value.args[1] = self._computed(value.args[1], about)
            return value
        if isinstance(value, ast.Tuple | ast.List):
            names = list(targets(self.statement))
            for place, item in enumerate(value.elts):
                own = names[place] if place < len(names) else ast.unparse(item)
                value.elts[place] = self._computed(item, own)
            return value
        if isinstance(value, ast.Dict):
            for place, (key, item) in enumerate(zip(value.keys, value.values, strict=True)):
                own = str(key.value) if isinstance(key, ast.Constant) else about
                value.values[place] = self._computed(item, own)
            return value
        if not self._is_backward(self.statement) or isinstance(value, ast.Constant):
            return self._named(self.visit(value))
        if isinstance(self.statement, ast.Expr):
            if isinstance(value, ast.Call) and value.args:
                text, last = ast.unparse(value.args[-1]), copy.deepcopy(value.args[-1])
                made = self.visit(value)
                call: Any = made.args[1] if _is_call_of(made, "at") else made
                call.args[-1] = self._at(call.args[-1], VALUE, text, about, last)
                return made
            return self.visit(value)
        text, original = ast.unparse(value), copy.deepcopy(value)
        return self._at(self.visit(value), VALUE, text, about, original)

    def _named(self, value: ast.expr) -> ast.expr:
        """Let the last mark know the variable that it is for, if it is for one."""
        made = self.statement.targets if isinstance(self.statement, ast.Assign) else []
        if _is_call_of(value, "at") and len(made) == 1 and not isinstance(made[0], ast.Tuple | ast.List):
            self.marks[-1] = replace(self.marks[-1], about=ast.unparse(made[0]))
        return value

    def _kept(self, target: ast.expr, kind: str, about: str) -> ast.stmt:
        """Return the statement that lets a variable pass by."""
        store = copy.deepcopy(target)
        store.ctx = ast.Store()  # pyright: ignore[reportAttributeAccessIssue]
        made = ast.Assign([store], self._at(target, kind, ast.unparse(target), about))
        return ast.copy_location(made, self.statement)

    def _at(self, value: ast.expr, kind: str, text: str, about: str = "", node: ast.expr | None = None) -> ast.expr:
        line = getattr(value, "lineno", self.statement.lineno)
        is_entry = isinstance(value, ast.Name | ast.Attribute | ast.Subscript) and "(" not in text
        self.marks.append(Mark(kind, line, text[:200], about, node, self.statement, self.function, is_entry, self.loop))
        if self.only is not None and len(self.marks) - 1 not in self.only:
            return value
        return hook("at", ast.Constant(len(self.marks) - 1), value, at=self.statement)

    def _passing(self, node: ast.expr, text: str) -> ast.expr:
        return ast.copy_location(self._at(node, FORWARD, text), node)

    def visit_Name(self, node: ast.Name) -> Any:
        return self._passing(node, node.id) if isinstance(node.ctx, ast.Load) else node

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        text = ast.unparse(node)
        if node.attr in GETTERS or not isinstance(node.ctx, ast.Load):
            return node
        if not is_atom(node):
            node.value = self.visit(node.value)
        return self._passing(node, text)

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        text = ast.unparse(node)
        if not isinstance(node.ctx, ast.Load):
            return node
        if not is_atom(node):
            node.value = self.visit(node.value)
        return self._passing(node, text)

    def visit_Call(self, node: ast.Call) -> Any:
        text, name = ast.unparse(node), ast.unparse(node.func)
        if name.startswith(HOOKS):
            places = (1,) if name == f"{HOOKS}.leave" else (0,) if name == f"{HOOKS}.turns" else ()
            for place in places:
                node.args[place] = self.visit(node.args[place])
            return node
        if name in PASSED_OVER:
            return node
        if name in ("zip", "enumerate", "reversed"):
            node.args = [self.visit(argument) for argument in node.args]
            return node
        if isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if not is_atom(owner) or node.func.attr in METHODS:
                node.func.value = self.visit(owner)
        node.args = [self.visit(argument) for argument in node.args]
        for keyword in node.keywords:
            if keyword.arg not in SETTINGS:
                keyword.value = self.visit(keyword.value)
        return self._passing(node, text)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        text = ast.unparse(node)
        self.generic_visit(node)
        return self._passing(node, text)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        text = ast.unparse(node)
        if isinstance(node.operand, ast.Constant):
            return node
        self.generic_visit(node)
        return self._passing(node, text)

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        node.body, node.orelse = self.visit(node.body), self.visit(node.orelse)
        return node

    def visit_Compare(self, node: ast.Compare) -> Any:
        return node

    visit_Lambda = visit_JoinedStr = visit_Compare  # pyright: ignore

    def visit_ListComp(self, node: ast.ListComp) -> Any:
        node.elt = self.visit(node.elt)
        return node

    visit_GeneratorExp = visit_ListComp  # pyright: ignore


def _changed(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield what a statement changes without making it anew, to be read: of `dE[i] += d` both `dE[i]` and `dE`."""
    target: ast.expr | None = statement.target if isinstance(statement, ast.AugAssign) else None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        target = target.value if isinstance(target, ast.Subscript) and not is_atom(target) else None
    while target is not None:
        read = copy.deepcopy(target)
        for node in walk(read):
            if hasattr(node, "ctx"):
                node.ctx = ast.Load()  # pyright: ignore[reportAttributeAccessIssue]
        yield read
        target = target.value if isinstance(target, ast.Subscript) and not is_atom(target) else None


def _is_call_of(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == f"{HOOKS}.{name}"


def _is_hook(statement: ast.stmt, name: str) -> bool:
    return isinstance(statement, ast.Expr) and _is_call_of(statement.value, name)
