"""Programs that use torch for its arrays alone, put in NumPy's words: their backward passes are written by hand.

What uses `autograd`, modules or optimisers is left as it is, and so is whatever has no plain counterpart
(crosscheck/source/torch_words.py). The name `torch` then means NumPy.
"""

import ast
import copy
from typing import Any

from crosscheck.source.document import Document
from crosscheck.source.noted_gradients import notes_gradients, with_notes
from crosscheck.source.records import InArrays, without_records
from crosscheck.source.torch_beside import by_hand
from crosscheck.source.torch_modules import without_modules
from crosscheck.source.torch_words import (
    BOUNDS,
    CHANGES,
    COUNTED,
    CROSS_ENTROPY,
    DRAWN,
    DTYPES,
    EXTREMES,
    FORMULAS,
    HOLDS,
    IN_PLACE,
    KEPT,
    LOG_OF_SUM,
    MADE,
    METHODS,
    ONE_HOT,
    OUT_OF_GRAPH,
    PAIR,
    RECORDS,
    RENAMED,
    SCATTERED,
    SETTINGS,
    SHAPED,
    SOFTMAX,
    SPREADS,
    is_plain,
    uses_arrays_alone,
)

LOADING = "torch.utils.data"
WITHOUT = ("dtype", "device", "requires_grad", "generator")
"""What calls are told that means nothing to arrays"""


class InNumpy(ast.NodeTransformer):
    """Puts calls of torch in NumPy's words."""

    def __init__(self) -> None:
        self.names = {"torch"}
        """What torch is called, and its activations"""
        self.others: set[str] = set()
        """What other modules are called: their functions are no methods"""

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        """Let torch be NumPy."""
        node.names = [alias for alias in node.names if alias.asname or not alias.name.startswith("torch.utils")]
        for alias in list(node.names):
            if alias.name in ("torch", "torch.nn.functional"):
                if alias.name == "torch" and alias.asname:  # what is put in place of its functions calls it so
                    node.names.append(ast.alias("numpy", "torch"))
                alias.name, alias.asname = "numpy", alias.asname or "torch"
                self.names.add(alias.asname)
            else:
                self.others.add(alias.asname or alias.name.partition(".")[0])
        return node if node.names else ast.copy_location(ast.Pass(), node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        """Let the module of activations be NumPy."""
        if node.module != "torch.nn":
            return node
        made = ast.Import([ast.alias("numpy", alias.asname) for alias in node.names])
        self.names |= {alias.asname for alias in node.names if alias.asname}
        return ast.copy_location(made, node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Let types be those of arrays, and take one of a pair: `x.max(dim=1).values`."""
        if ast.unparse(node.value) == LOADING:
            return _filled(f"__import__('{LOADING}', None, None, ('{node.attr}',)).{node.attr}")
        self.generic_visit(node)
        if isinstance(node.value, ast.Tuple) and node.attr in PAIR:
            return node.value.elts[PAIR.index(node.attr)]
        if not self._is_torch(node.value):
            return node
        if node.attr in FORMULAS:  # handed on as a function: `self.act = torch.relu`
            made: ast.expr = _filled(f"lambda x: {FORMULAS[node.attr]}", ast.Name("x", ast.Load()))
        else:
            word = "ndarray" if node.attr in DTYPES else RENAMED.get(node.attr, node.attr)
            made = ast.Attribute(node.value, word, node.ctx)
        return ast.copy_location(made, node)

    def visit_With(self, node: ast.With) -> Any:
        """Take the statements out of a block in which nothing is recorded."""
        self.generic_visit(node)
        items = [item for item in node.items if not self._is_out_of_graph(item.context_expr)]
        node.items = items or node.items
        return node if items else node.body

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        """Let a function be one in which nothing is recorded."""
        node.decorator_list = [one for one in node.decorator_list if not self._is_out_of_graph(one)]
        self.generic_visit(node)
        return node

    def _is_out_of_graph(self, node: ast.expr) -> bool:
        called = node.func if isinstance(node, ast.Call) else node
        return isinstance(called, ast.Attribute) and self._is_torch(called.value) and called.attr in OUT_OF_GRAPH

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        """Write nothing to files, and set nothing."""
        called = getattr(node.value, "func", node)
        if getattr(called, "attr", "") in {"save", *SETTINGS} and self._is_torch(getattr(called, "value", node)):
            return ast.copy_location(ast.Pass(), node)
        self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Translate a call of a function or of a method."""
        if not isinstance(node.func, ast.Attribute) or ast.unparse(node.func.value) == LOADING:
            self.generic_visit(node)
            return node
        node.func.value = self.visit(node.func.value)
        node.args = [self.visit(argument) for argument in node.args]
        node.keywords = [self.visit(keyword) for keyword in node.keywords]
        name, owner = node.func.attr, node.func.value
        if isinstance(owner, ast.Name) and owner.id in (*self.others, "self"):
            return node
        node.keywords = [_keyword(k) for k in node.keywords if k.arg not in WITHOUT]
        made = self._function(node, name) if self._is_torch(owner) else self._method(node, name, owner)
        return ast.fix_missing_locations(ast.copy_location(made, node))

    def _is_torch(self, node: ast.AST) -> bool:
        is_whole = isinstance(node, ast.Attribute) and ast.unparse(node) == "torch.nn.functional"
        return is_whole or (isinstance(node, ast.Name) and node.id in self.names)

    def _function(self, node: ast.Call, name: str) -> ast.expr:
        if name == "softmax":
            axes = [*node.args[1:2], *(keyword.value for keyword in node.keywords if keyword.arg == "axis")]
            return _filled(SOFTMAX, node.args[0], *(axes or [ast.Constant(-1)])[:1])
        if name in FORMULAS:
            return _filled(FORMULAS[name], *node.args)
        if name == "logsumexp":
            return _log_of_sum(node.args, node.keywords)
        if name == "Generator":
            return ast.Constant(None)
        if name == "cross_entropy":
            return _filled(CROSS_ENTROPY, *node.args[:2])
        if name == "one_hot":
            labels, *count = [*node.args, *(keyword.value for keyword in node.keywords)]
            return _filled(ONE_HOT, labels, *(count or [_filled("torch.max({0}) + 1", labels)]))
        if name in MADE:
            return _call("torch.array", [*node.args, ast.Name("float", ast.Load())], [])
        if name == "norm":
            return _norm(node.args, node.keywords)
        if name == "device":
            return ast.Constant("cpu")
        if name == "randint":
            return _call("torch.random.randint", [*[ast.Constant(0)][: 3 - len(node.args)], *node.args], node.keywords)
        if name in (*EXTREMES, *SPREADS):
            return _along_axis(name, node.args, node.keywords)
        if name in BOUNDS:
            return _bounded(name, node.args, node.keywords)
        if name == "multinomial":
            return _filled("torch.random.choice(len({0}), p={0} / torch.sum({0}))", node.args[0])
        if name in ("zeros", "ones") and len(node.args) > 1:
            node.args = [ast.Tuple(node.args, ast.Load())]
        if name in DRAWN:
            sizes = node.args[0] if len(node.args) == 1 else None
            node.args = list(sizes.elts) if isinstance(sizes, ast.Tuple) else node.args
            return _call(f"torch.random.{DRAWN[name]}", node.args, node.keywords)
        return _call(f"torch.{RENAMED.get(name, name)}", node.args, node.keywords)

    def _method(self, node: ast.Call, name: str, owner: ast.expr) -> ast.expr:
        if name == "is_available":
            return ast.Constant(False)
        if name in KEPT or (name == "manual_seed" and isinstance(owner, ast.Constant)):
            return owner
        if name in COUNTED:
            return ast.Attribute(owner, "size", ast.Load())
        if name in (*EXTREMES, *SPREADS):
            return _along_axis(name, [owner, *node.args], node.keywords)
        is_cast = name == "type" and bool(node.args) and "Long" not in ast.unparse(node.args[0])
        if name in ("clone", "float", "double") or is_cast:  # also of what is true or false
            return _filled("1.0 * ({0})", owner)
        if name in FORMULAS:
            return _filled(FORMULAS[name], owner)
        if name == "logsumexp":
            return _log_of_sum([owner, *node.args], node.keywords)
        if name == "norm":
            return _norm([owner, *node.args], node.keywords)
        if name in SHAPED:
            return ast.Call(ast.Attribute(owner, SHAPED[name], ast.Load()), node.args, [])
        if name == "size":
            shape = ast.Attribute(owner, "shape", ast.Load())
            return ast.Subscript(shape, node.args[0], ast.Load()) if node.args else shape
        if name == "scatter_" and len(node.args) == 3:
            return _filled(SCATTERED, owner, *node.args)
        if name == "zero_":
            return ast.Call(ast.Attribute(owner, "fill", ast.Load()), [ast.Constant(0)], [])
        if name.rstrip("_") in BOUNDS:
            inside = [ast.keyword("out", owner)] if name.endswith("_") else []
            return _bounded(name.rstrip("_"), [owner, *node.args], [*node.keywords, *inside])
        if name in METHODS:
            return _call(f"torch.{METHODS[name]}", [owner, *node.args], node.keywords)
        return node


def _along_axis(name: str, arguments: list[ast.expr], keywords: list[ast.keyword]) -> ast.expr:
    r"""Return what a spread or an extreme is in NumPy: there along an axis one is a pair, and of two arrays an array.

    >>> ast.unparse(InNumpy().visit(ast.parse("x.std(); x.var(0, unbiased=False); torch.max(x); x.max(y)")))
    'torch.std(x, ddof=1)\ntorch.var(x, 0, ddof=0)\ntorch.max(x)\ntorch.maximum(x, y)'
    >>> ast.unparse(InNumpy().visit(ast.parse("x.min(1, keepdim=True).values; torch.max(x, dim=0)")))
    'torch.min(x, 1, keepdims=True)\n(torch.max(x, axis=0), torch.argmax(x, axis=0))'
    """
    told = {keyword.arg: keyword.value for keyword in keywords}
    if name in SPREADS:
        divisor = told.get("correction", told.get("unbiased", ast.Constant(1)))
        others = [keyword for keyword in keywords if keyword.arg not in ("correction", "unbiased")]
        if isinstance(divisor, ast.Constant) and isinstance(divisor.value, int):
            divisor = ast.Constant(int(divisor.value))  # `unbiased=False` is 0
        return _call(f"torch.{name}", arguments, [*others, ast.keyword("ddof", divisor)])
    if len(arguments) == 1 and "axis" not in told:
        return _call(f"torch.{name}", arguments, keywords)
    if len(arguments) > 1 and not isinstance(ast.literal_eval(arguments[1]) if _is_plain(arguments[1]) else None, int):
        return _call(f"torch.{name}imum", arguments, keywords)
    return ast.Tuple([_call(f"torch.{word}", arguments, keywords) for word in (name, f"arg{name}")], ast.Load())


def _log_of_sum(arguments: list[ast.expr], keywords: list[ast.keyword]) -> ast.expr:
    r"""Return the logarithm of a sum of exponentials along an axis.

    >>> ast.unparse(InNumpy().visit(ast.parse("z.logsumexp(1, keepdim=True)")))[:43]
    'torch.max(z, axis=1, keepdims=True) + torch'
    >>> ast.unparse(InNumpy().visit(ast.parse("torch.logsumexp(z, dim=0)")))[:13]
    'torch.squeeze'
    """
    told = {keyword.arg: keyword.value for keyword in keywords}
    array, axis, *kept = [*arguments, *([told["axis"]] if "axis" in told else [])]
    keeps = [*kept, told.get("keepdims", ast.Constant(False))][0]
    whole = _filled(LOG_OF_SUM, array, axis)
    is_kept = isinstance(keeps, ast.Constant) and bool(keeps.value)
    return whole if is_kept else _filled("torch.squeeze({0}, axis={1})", whole, axis)


def _norm(arguments: list[ast.expr], keywords: list[ast.keyword]) -> ast.expr:
    r"""Return a norm: of all entries, where no axis is told, and not that of a matrix.

    >>> ast.unparse(InNumpy().visit(ast.parse("torch.norm(g, 2); x.norm(2, dim=1, keepdim=True)")))
    'torch.linalg.norm(torch.ravel(g), 2)\ntorch.linalg.norm(x, 2, axis=1, keepdims=True)'
    """
    array, *others = arguments
    told = [ast.keyword("ord" if one.arg == "p" else one.arg, one.value) for one in keywords]
    is_along = len(others) > 1 or any(one.arg == "axis" for one in told)
    whole = array if is_along or not (others or told) else _filled("torch.ravel({0})", array)
    return _call("torch.linalg.norm", [whole, *others], told)


def _is_plain(node: ast.expr) -> bool:
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


class InPlace(ast.NodeTransformer):
    """Writes what changes an array where it is as an assignment, or several: `m.mul_(b).add_(g, alpha=1 - b)`."""

    def visit_Expr(self, node: ast.Expr) -> Any:
        """Rewrite one statement."""
        steps, owner = [], node.value
        while isinstance(owner, ast.Call) and isinstance(owner.func, ast.Attribute) and owner.func.attr in IN_PLACE:
            steps.append(owner)
            owner = owner.func.value
        if not steps or not isinstance(owner, ast.Name | ast.Attribute | ast.Subscript):
            return node
        return [ast.fix_missing_locations(ast.copy_location(_assigned(owner, one), node)) for one in reversed(steps)]


def with_assignments(document: Document) -> ast.Module:
    """Return the tree of a program in which arrays of torch change by assignments alone; its own if they do already."""
    code = document.code
    is_bare = not any(one.search(code) for one in (CHANGES, RECORDS, HOLDS)) and ".data" not in code
    is_bare = is_bare and is_plain(code) and not notes_gradients(document.tree)
    return document.tree if is_bare or not uses_arrays_alone(code) else _changed(copy.deepcopy(document.tree))


def in_numpy(tree: ast.Module) -> ast.Module:
    """Put a program that uses torch for its arrays alone in NumPy's words, in its place."""
    return ast.fix_missing_locations(InNumpy().visit(_changed(tree)))


def _changed(tree: ast.Module) -> ast.Module:
    """Return a program in which arrays change by assignments alone, and no gradients are recorded."""
    tree = tree if is_plain(ast.unparse(tree)) else by_hand(tree)
    tree = with_notes(tree)
    return ast.fix_missing_locations(InPlace().visit(InArrays().visit(without_records(without_modules(tree)))))


def _assigned(owner: ast.Name | ast.Attribute | ast.Subscript, call: ast.Call) -> ast.AugAssign:
    """Return what a method does to an array where it is: `w[...] -= rate * g` of `w.sub_(g, alpha=rate)`."""
    value = call.args[0]
    for keyword in call.keywords:
        if keyword.arg == "alpha":
            value = ast.BinOp(keyword.value, ast.Mult(), value)
    target = copy.deepcopy(owner)
    if isinstance(target, ast.Name):  # a function's own it does not become by that
        target = ast.Subscript(ast.Name(target.id, ast.Load()), ast.Constant(...))
    target.ctx = ast.Store()
    assert isinstance(call.func, ast.Attribute)
    return ast.AugAssign(target, IN_PLACE[call.func.attr](), value)


def _keyword(node: ast.keyword) -> ast.keyword:
    node.arg = {"dim": "axis", "keepdim": "keepdims", "min": "a_min", "max": "a_max"}.get(node.arg or "", node.arg)
    return node


def _bounded(name: str, arguments: list[ast.expr], keywords: list[ast.keyword]) -> ast.expr:
    r"""Return a call of `numpy.clip`, which wants both bounds, be they None.

    >>> ast.unparse(InNumpy().visit(ast.parse("h.clamp(min=0); torch.clamp_max(h, 6); d.clamp_(-5, 5)")))
    'torch.clip(h, 0, None)\ntorch.clip(h, None, 6)\ntorch.clip(d, -5, 5, out=d)'
    """
    array, *given = arguments
    told = {keyword.arg: keyword.value for keyword in keywords}
    none: ast.expr = ast.Constant(None)
    bounds = dict(zip(BOUNDS[name], [*given, none, none], strict=False))
    low, high = (told.get(bound, bounds.get(bound, none)) for bound in ("a_min", "a_max"))
    return _call("torch.clip", [array, low, high], [keyword for keyword in keywords if keyword.arg == "out"])


def _call(function: str, arguments: list[ast.expr], keywords: list[ast.keyword]) -> ast.Call:
    return ast.Call(ast.parse(function, mode="eval").body, arguments, keywords)


def _filled(formula: str, *parts: ast.expr) -> ast.expr:
    """Return a formula in which an expression stands for its number."""
    return ast.parse(formula.format(*(ast.unparse(part) for part in parts)), mode="eval").body
