"""The instrumented copy of someone's module: what is executed in place of the original, line for line.

Every function reports its first entry and what it leaves behind, loops ask whether to go on, and clips of gradients can
be switched off. The copy is only run; edits are made to the source.
"""

import ast
from typing import Any

from crosscheck.recognise.clips import (
    bounds_moved,
    is_clip,
    is_clip_call,
    is_numpy_clip,
    is_symmetric,
    may_clip_gradients,
)
from crosscheck.recognise.hinges import AGAINST, SIGN, asked_signs, compared, orders_two, sign_of, slacks
from crosscheck.recognise.moving import moves_weights
from crosscheck.recognise.naming import CONTAINER, looks_like_gradient
from crosscheck.recognise.norms import gradient_norms, rescaled, rescales_by
from crosscheck.recognise.printing import calls_inside, prints
from crosscheck.recognise.statements import goes_back_in_time, loop_name, root_word, writes_gradients
from crosscheck.recognise.turning import counts_rounds
from crosscheck.source.walking import walk

HOOKS = "__crosscheck__"


def instrumented(tree: ast.Module) -> ast.Module:
    """Return the copy of a module's tree (which must be the caller's own: it is changed)."""
    made = _Instrument().visit(tree)
    return ast.fix_missing_locations(made)


def hook(name: str, *arguments: ast.expr, at: ast.AST) -> ast.Call:
    """Return the call of one of our hooks, placed at someone's line."""
    function = ast.Attribute(ast.Name(HOOKS, ast.Load()), name, ast.Load())
    return _placed(ast.Call(function, list(arguments), []), at)


def _placed(node: Any, at: ast.AST) -> Any:
    for part in walk(node):
        if not hasattr(part, "lineno") and hasattr(part, "_attributes"):
            ast.copy_location(part, at)
    return node


class _Instrument(ast.NodeTransformer):
    def __init__(self) -> None:
        self.path: list[str] = []
        self.loops: list[ast.For | ast.While] = []
        self.norms: frozenset[str] = frozenset()
        """Names that hold norms of gradients, in the function at hand"""
        self.lacking: frozenset[str] = frozenset()
        """Names that hold what the margins of a hinge loss lack of one"""
        self.signs: frozenset[int] = frozenset()
        """Nodes that make a class of a sign"""
        self.clips_gradients = True
        """Whether what the function at hand clips may be gradients"""

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        self.path.append(node.name)
        self.generic_visit(node)
        self.path.pop()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        self.path.append(node.name)
        (loops, self.loops), (norms, self.norms) = (self.loops, []), (self.norms, gradient_norms(node))
        clips_gradients, self.clips_gradients = self.clips_gradients, may_clip_gradients(node)
        name = ast.Constant(".".join(self.path))
        node.body = self._statements(node.body)
        self.loops, self.norms, self.clips_gradients = loops, norms, clips_gradients
        self.path.pop()
        start = 1 if ast.get_docstring(node, clean=False) is not None else 0
        first = node.body[min(start, len(node.body) - 1)]
        here = _placed(ast.Call(ast.Name("locals", ast.Load()), [], []), first)
        if "clip" in node.name.lower() and (given := [a.arg for a in node.args.args if a.arg != "self"]):
            unclipped = ast.Return(ast.Name(given[0], ast.Load()))
            test = ast.UnaryOp(ast.Not(), ast.Attribute(ast.Name(HOOKS, ast.Load()), "clips", ast.Load()))
            node.body.insert(start, _placed(ast.copy_location(ast.If(test, [unclipped], []), first), first))
        node.body.insert(start, _placed(ast.Expr(hook("enter", name, here, at=first)), first))
        last = node.body[-1]
        if not isinstance(last, ast.Return | ast.Raise) and not _yields(node):
            node.body.append(self._leaving(_placed(ast.Return(ast.Constant(None)), last), name))
        if not _yields(node):
            _Returns(name, self).visit_body(node)
        return node

    def visit_For(self, node: ast.For) -> Any:
        turn, is_training = self._turn(node), writes_gradients(node) or moves_weights(node)
        self.loops.append(node)
        node.body = [turn, *self._statements(node.body)]
        self.loops.pop()
        node.orelse = self._statements(node.orelse)
        is_round = ast.Constant(counts_rounds(node))
        node.iter = hook("turns", node.iter, ast.Constant(is_training), is_round, at=node.iter)
        return node

    def visit_While(self, node: ast.While) -> Any:
        turn, is_training = self._turn(node), writes_gradients(node) or moves_weights(node)
        self.loops.append(node)
        node.body = [turn, *self._statements(node.body)]
        self.loops.pop()
        again = hook("again", ast.Constant(node.lineno), ast.Constant(is_training), at=node.test)
        node.test = _placed(ast.BoolOp(ast.And(), [node.test, again]), node)
        return node

    def visit_Assign(self, node: ast.Assign) -> Any:
        """Let a clip that has a name of its own be switched off: `d = np.clip(grads[n], -5, 5)`."""
        self.generic_visit(node)
        if getattr(node, "is_held", False):
            node.value = hook("held", ast.Constant(node.lineno), node.value, at=node.value)
            return node
        call = node.value
        if not isinstance(call, ast.Call) or not is_numpy_clip(call) or len(call.args) < 2:
            return node
        word = root_word(call.args[0])
        is_gradient = looks_like_gradient(word) or CONTAINER.search(word)
        if is_gradient and self._may_clip():
            test = ast.Attribute(ast.Name(HOOKS, ast.Load()), "clips", ast.Load())
            node.value = _placed(ast.IfExp(test, call, call.args[0]), call)
        return node

    def visit_ListComp(self, node: ast.ListComp) -> Any:
        """Let a clip of each of several arrays be switched off: `[np.clip(g, -5, 5) for g in gradients]`."""
        self.generic_visit(node)
        node.elt = self._unclipped(node.elt)
        return node

    def visit_DictComp(self, node: ast.DictComp) -> Any:
        """Let a clip of each of several arrays be switched off."""
        self.generic_visit(node)
        node.value = self._unclipped(node.value)
        return node

    def visit_Return(self, node: ast.Return) -> Any:
        """Let a clip of a gradient that is returned be switched off: `return loss, np.clip(dW, -5, 5)`."""
        self.generic_visit(node)
        if isinstance(node.value, ast.Tuple):
            node.value.elts = [self._unclipped(part) if _is_of_gradient(part) else part for part in node.value.elts]
        return node

    def _unclipped(self, value: ast.expr) -> ast.expr:
        if not isinstance(value, ast.Call) or not is_clip_call(value) or not value.args or not self._may_clip():
            return value
        if is_numpy_clip(value) and not is_symmetric(value):
            return value
        test = ast.Attribute(ast.Name(HOOKS, ast.Load()), "clips", ast.Load())
        return _placed(ast.copy_location(ast.IfExp(test, value, value.args[0]), value), value)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        """Let a product with what a norm of gradients makes be switched off: `[g * (5 / norm) for g in gradients]`."""
        self.generic_visit(node)
        plain = rescaled(node, self.norms) if self._may_clip() else None
        if plain is None:
            return node
        test = ast.Attribute(ast.Name(HOOKS, ast.Load()), "clips", ast.Load())
        return _placed(ast.copy_location(ast.IfExp(test, node, plain), node), node)

    def visit_Compare(self, node: ast.Compare) -> Any:
        """Note what is compared with one: it may be the margins of a hinge loss."""
        asks = id(node) in self.signs
        self.generic_visit(node)
        return self._noted(node, asks)

    def visit_Call(self, node: ast.Call) -> Any:
        """Note what a prediction is only the sign of."""
        asks = id(node) in self.signs
        self.generic_visit(node)
        if asks:
            node.args[0] = hook("margins", ast.Constant(node.lineno), ast.Constant(SIGN), node.args[0], at=node.args[0])
        return node

    def _noted(self, node: ast.expr, asks_sign: bool = False) -> ast.expr:
        found: tuple[str, int | str | None] | None = None
        if isinstance(node, ast.Compare):
            found = compared(node, self.lacking) or (sign_of(node) if asks_sign else None)
        if found is None and asks_sign and isinstance(node, ast.Compare) and orders_two(node):
            node.left = hook("against", node.left, at=node.left)
            (bound,) = node.comparators
            node.comparators = [hook("margins", ast.Constant(node.lineno), ast.Constant(AGAINST), bound, at=bound)]
        if found is None or not isinstance(node, ast.Compare):
            return node
        side, bound = found
        value = node.left if side == "left" else node.comparators[0]
        noted = hook("margins", ast.Constant(node.lineno), ast.Constant(bound), value, at=value)
        node.left, node.comparators = (noted, node.comparators) if side == "left" else (node.left, [noted])
        return node

    def visit_If(self, node: ast.If) -> Any:
        node.test = self._noted(node.test, id(node.test) in self.signs)
        node.body, node.orelse = self._statements(node.body), self._statements(node.orelse)
        return node

    def visit_With(self, node: ast.With) -> Any:
        node.body = self._statements(node.body)
        return node

    def visit_Try(self, node: ast.Try) -> Any:
        node.body = self._statements(node.body)
        self.generic_visit(node)
        return node

    def visit_Module(self, node: ast.Module) -> Any:
        self.norms, self.lacking, self.signs = gradient_norms(node), slacks(node), asked_signs(node)
        node.body = self._statements(node.body)
        return node

    def _statements(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for place, statement in enumerate(statements):
            if prints(statement):
                made += calls_inside(statement)
                continue
            may_go = self._clips(statement) or bounds_moved(statement, statements[:place])
            visited = self.visit(statement)
            if may_go:
                test = _placed(ast.Attribute(ast.Name(HOOKS, ast.Load()), "clips", ast.Load()), statement)
                visited = _placed(ast.copy_location(ast.If(test, [visited], []), statement), statement)
            made.append(visited)
        return made

    def _clips(self, statement: ast.stmt) -> bool:
        return (is_clip(statement) or rescales_by(statement, self.norms)) and self._may_clip()

    def _may_clip(self) -> bool:
        """Tell whether a clip here is one of gradients and comes after the time loop: inside it is a part of them."""
        return self.clips_gradients and not (self.loops and goes_back_in_time(self.loops[-1]))

    def _turn(self, loop: ast.For | ast.While) -> ast.stmt:
        """Return the statement that reports one turn of a loop."""
        name = ast.Constant(loop_name(self.path, loop))
        here = ast.Call(ast.Name("locals", ast.Load()), [], [])
        return _placed(ast.Expr(hook("turn", name, here, at=loop)), loop)

    def _leaving(self, statement: ast.Return, name: ast.Constant) -> ast.Return:
        here = ast.Call(ast.Name("locals", ast.Load()), [], [])
        statement.value = hook("leave", name, statement.value or ast.Constant(None), here, at=statement)
        return _placed(statement, statement)


class _Returns(ast.NodeTransformer):
    """Has every return of one function, not of those inside of it, report what the function leaves behind."""

    def __init__(self, name: ast.Constant, instrument: _Instrument) -> None:
        self.name, self.instrument = name, instrument

    def visit_body(self, function: ast.FunctionDef) -> None:
        function.body = [self.visit(statement) for statement in function.body]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        return node

    visit_Lambda = visit_ClassDef = visit_AsyncFunctionDef = visit_FunctionDef  # pyright: ignore

    def visit_Return(self, node: ast.Return) -> Any:
        value = node.value
        reported = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "leave"
        return node if reported else self.instrument._leaving(node, self.name)


def _is_of_gradient(value: ast.expr) -> bool:
    """Tell whether what is called gets something that is called like a gradient."""
    names = [part.id for part in walk(value) if isinstance(part, ast.Name)] if isinstance(value, ast.Call) else []
    return any(map(looks_like_gradient, names))


def _yields(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in walk(function))
