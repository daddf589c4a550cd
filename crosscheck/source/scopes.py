"""Which names a source binds, and where; as Python's own rules of scope say."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from crosscheck.source.walking import walk

_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass
class Scope:
    """A module, class, function or comprehension."""

    node: ast.AST
    parent: "Scope | None" = None
    bound: set[str] = field(default_factory=set)
    """Names that get a value here."""
    only_changed: dict[str, ast.AugAssign] = field(default_factory=dict)
    """Names that `+=` and its like change, with the first of these statements."""
    uses: list[ast.Name] = field(default_factory=list)
    elsewhere: set[str] = field(default_factory=set)
    """Names declared global or nonlocal."""
    guarded: set[str] = field(default_factory=set)
    """Names read where a NameError would be caught."""

    @property
    def name(self) -> str:
        """The function's or class's name."""
        return getattr(self.node, "name", "this file" if self.parent is None else "this expression")

    def visible(self) -> "Iterator[Scope]":
        """Yield the scopes in which a name read here is looked up, inner ones first."""
        yield self
        scope = self.parent
        while scope is not None:
            if not isinstance(scope.node, ast.ClassDef):
                yield scope
            scope = scope.parent

    def finds(self, name: str) -> bool:
        """Say whether a name read here has a value somewhere."""
        return any(name in scope.bound for scope in self.visible())


def scopes_of(tree: ast.Module, *, python2: bool = False) -> list[Scope]:
    """Return all scopes, the module's first."""
    return _Reader(tree, leaking=python2).scopes


class _Reader(ast.NodeVisitor):
    def __init__(self, tree: ast.Module, *, leaking: bool) -> None:
        self.scope = Scope(tree)
        self.scopes = [self.scope]
        self.leaking = leaking  # in Python 2 the variable of a list comprehension outlives it
        self.catching = 0
        for statement in tree.body:
            self.visit(statement)

    def inside(self, node: ast.AST, *children: ast.AST | list[ast.stmt] | None) -> None:
        outer, self.scope = self.scope, Scope(node, self.scope)
        self.scopes.append(self.scope)
        for child in children:
            for part in child if isinstance(child, list) else [child]:
                if part is not None:
                    self.visit(part)
        self.scope = outer

    def bind(self, name: str) -> None:
        scope = self.scope
        if name in scope.elsewhere:
            scope = self.scopes[0]
        scope.bound.add(name)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.scope.uses.append(node)
            if self.catching:
                self.scope.guarded.add(node.id)
        else:
            self.bind(node.id)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self.scope.only_changed.setdefault(node.target.id, node)
            self.scope.uses.append(ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target))
        else:
            self.visit(node.target)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.bind(node.name)
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._function(node, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._function(node, [ast.copy_location(ast.Expr(node.body), node.body)])

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, body: list[ast.stmt]) -> None:
        arguments = node.args
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self.visit(default)
        catching, self.catching = self.catching, 0
        outer, self.scope = self.scope, Scope(node, self.scope)
        self.scopes.append(self.scope)
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        self.scope.bound |= {argument.arg for argument in every if argument is not None}
        if any(isinstance(scope.node, ast.ClassDef) for scope in self._around()):
            self.scope.bound.add("__class__")
        for statement in body:
            self.visit(statement)
        self.scope, self.catching = outer, catching

    def _around(self) -> Iterator[Scope]:
        scope: Scope | None = self.scope
        while scope is not None:
            yield scope
            scope = scope.parent

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.bind(node.name)
        for part in [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]:
            self.visit(part)
        self.inside(node, node.body)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        self.visit(node.generators[0].iter)
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        parts: list[ast.AST] = []
        for index, generator in enumerate(node.generators):
            parts += [generator.target, *([generator.iter] if index else []), *generator.ifs]
        if self.leaking and isinstance(node, ast.ListComp):
            for generator in node.generators:
                self.visit(generator.target)
        self.inside(node, *parts, *results)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        holder = self.scope
        while isinstance(holder.node, _COMPREHENSIONS) and holder.parent is not None:
            holder = holder.parent
        holder.bound.add(node.target.id)

    def visit_Global(self, node: ast.Global) -> None:
        self.scope.elsewhere |= set(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.scope.bound |= set(node.names)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                self.bind(alias.asname or alias.name.split(".")[0])

    visit_ImportFrom = visit_Import

    def visit_Try(self, node: ast.Try | ast.TryStar) -> None:
        caught = any(handler.type is None or _catches_names(handler.type) for handler in node.handlers)
        self.catching += caught
        for statement in node.body:
            self.visit(statement)
        self.catching -= caught
        for part in [*node.handlers, *node.orelse, *node.finalbody]:
            self.visit(part)

    visit_TryStar = visit_Try

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.bind(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            self.bind(node.name)
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.bind(node.rest)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        # Annotations need not be evaluated: a name that only stands there does no harm.
        if node.value is not None:
            self.visit(node.value)
        self.visit(node.target)


def _catches_names(kind: ast.expr) -> bool:
    names = {node.id for node in walk(kind) if isinstance(node, ast.Name)}
    return bool(names & {"NameError", "Exception", "BaseException", "StandardError"})
