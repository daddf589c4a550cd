"""Programs that use torch for its arrays alone, put in NumPy's words: their backward passes are written by hand.

What uses `autograd`, modules or optimisers is left as it is, and so is whatever has no plain counterpart. The name
`torch` then means NumPy.
"""

import ast
import copy
import re
from typing import Any

SAME = frozenset([
    "abs", "all", "allclose", "any", "arange", "arccos", "arcsin", "arctan", "argmax", "argmin", "broadcast_to", "ceil",
    "cos", "cosh", "cumsum", "diag", "dot", "einsum", "equal", "exp", "expm1", "eye", "floor", "full", "full_like",
    "isclose", "isnan", "linspace", "log", "log10", "log1p", "log2", "matmul", "maximum", "mean", "minimum", "ones",
    "ones_like", "outer", "prod", "reshape", "round", "sign", "sin", "sinh", "sqrt", "square", "squeeze", "stack",
    "sum", "tan", "tanh", "tril", "triu", "where", "zeros", "zeros_like", "hstack", "vstack",
])  # fmt: skip
RENAMED = {
    "cat": "concatenate", "concat": "concatenate", "mm": "matmul", "bmm": "matmul", "mv": "matmul", "mul": "multiply",
    "div": "divide", "pow": "power", "t": "transpose", "tensor": "array", "as_tensor": "array",
    "ger": "outer", "clone": "copy", "unsqueeze": "expand_dims", "transpose": "swapaxes", "neg": "negative",
}  # fmt: skip
DRAWN = {"randn": "randn", "rand": "rand", "manual_seed": "seed"}
FORMULAS = {"sigmoid": "1 / (1 + torch.exp(-({0})))", "relu": "torch.maximum({0}, 0)"}
SOFTMAX = (
    "torch.exp({0} - torch.max({0}, axis={1}, keepdims=True))"
    " / torch.sum(torch.exp({0} - torch.max({0}, axis={1}, keepdims=True)), axis={1}, keepdims=True)"
)
BOUNDS = {
    "clamp": ("a_min", "a_max"),
    "clip": ("a_min", "a_max"),
    "clamp_min": ("a_min",),
    "clamp_max": ("a_max",),
}
"""What limits entries, and which bounds it is handed in order"""
IN_PLACE = {"add_": ast.Add, "sub_": ast.Sub, "mul_": ast.Mult, "div_": ast.Div}
"""What changes an array where it is, as a statement: `w.sub_(g, alpha=rate)`"""
OUT_OF_GRAPH = frozenset(["no_grad", "inference_mode"])
"""Blocks in which nothing is recorded: without `autograd` nothing is, anywhere"""
FUNCTIONAL = frozenset(["tanh", "softmax", *FORMULAS])
IMPORTED = re.compile(
    r"^[ \t]*(?:import\s+torch\.nn\.functional\s+as|from\s+torch\.nn\s+import\s+functional\s+as)\s+(\w+)[ \t]*$", re.M
)
"""How the module of torch is imported that holds activations"""
LARGEST = re.compile(r"\btorch\.(?:max|min)\([\w.\[\]]+\)")
"""The largest of all entries is the same there; along an axis it is a pair"""
DTYPES = frozenset(["float", "float32", "float64", "double", "long", "int", "int32", "int64", "bool", "Tensor"])
UNLIKE = re.compile(
    r"autograd|\bnn\b|requires_grad|\boptim\b|cuda|\bjax\b|tensorflow|from\s+torch|import\s+torch\.|import\s+torch\s+as"
    r"|\.data\b|\.(?!(?:zero|clamp|clip|add|sub|mul|div)_\()\w*[a-z]_\(|\.(?:max|min|norm)\((?!\))"
    r"|\.(?:median|mode|std|var|sort|topk|expand|repeat|scatter|gather|index_select|masked_fill|chunk|split)\w*\("
)
"""What has no plain counterpart, or another meaning there: `x.max(1)` is a pair, `x.std()` divides by n - 1"""
SAME_METHODS = ("exp", "log", "sqrt", "tanh", "abs", "square", "sign", "sin", "cos", "matmul", "outer")
METHODS = {name: RENAMED.get(name, name) for name in (*SAME_METHODS, *RENAMED) if name not in ("tensor", "as_tensor")}
KEPT = frozenset(["detach", "contiguous", "cpu", "long", "int", "to", "numpy", "item"])
"""Methods that return the same numbers"""
SHAPED = {"view": "reshape", "permute": "transpose"}


def uses_arrays_alone(code: str) -> bool:
    r"""Tell whether a program uses torch, and nothing of it but arrays.

    >>> uses_arrays_alone("import torch; x = torch.zeros(3)"), uses_arrays_alone("import torch; torch.nn.Linear(2, 3)")
    (True, False)
    >>> uses_arrays_alone("import torch")
    False
    >>> uses_arrays_alone("import torch\nimport torch.nn.functional as F\ny = F.tanh(torch.zeros(3))")
    True
    """
    code = LARGEST.sub("0", re.sub(r"#.*", "", code))
    has_activations = bool(IMPORTED.search(code))
    for alias in IMPORTED.findall(code):
        if set(re.findall(rf"\b{alias}\.(\w+)", code)) <= FUNCTIONAL:
            code = IMPORTED.sub("", code)
    if not re.search(r"^\s*import torch\b", code, re.MULTILINE) or UNLIKE.search(code):
        return False
    used = set(re.findall(r"\btorch\.(\w+)", code))
    known = SAME | RENAMED.keys() | DRAWN.keys() | FORMULAS.keys() | BOUNDS.keys() | DTYPES | OUT_OF_GRAPH
    known |= {"softmax", "save", "multinomial"}
    return bool(used or has_activations) and used <= known


class InNumpy(ast.NodeTransformer):
    """Puts calls of torch in NumPy's words."""

    def __init__(self) -> None:
        self.names = {"torch"}
        """What torch is called, and its activations"""
        self.others: set[str] = set()
        """What other modules are called: their functions are no methods"""

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        """Let torch be NumPy."""
        for alias in node.names:
            if alias.name in ("torch", "torch.nn.functional"):
                alias.name, alias.asname = "numpy", alias.asname or "torch"
                self.names.add(alias.asname)
            else:
                self.others.add(alias.asname or alias.name.partition(".")[0])
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        """Let the module of activations be NumPy."""
        if node.module != "torch.nn":
            return node
        made = ast.Import([ast.alias("numpy", alias.asname) for alias in node.names])
        self.names |= {alias.asname for alias in node.names if alias.asname}
        return ast.copy_location(made, node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Let types be those of arrays."""
        self.generic_visit(node)
        if self._is_torch(node.value) and node.attr in DTYPES:
            return ast.copy_location(ast.Attribute(node.value, "ndarray", node.ctx), node)
        return node

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

    def visit_Expr(self, node: ast.Expr) -> Any:
        """Write what changes an array where it is as an assignment, or several: `m.mul_(b).add_(g, alpha=1 - b)`."""
        called = getattr(node.value, "func", node)
        if getattr(called, "attr", "") == "save" and self._is_torch(getattr(called, "value", node)):
            return ast.copy_location(ast.Pass(), node)
        steps, owner = [], node.value
        while isinstance(owner, ast.Call) and isinstance(owner.func, ast.Attribute) and owner.func.attr in IN_PLACE:
            steps.append(owner)
            owner = owner.func.value
        self.generic_visit(node)
        if not steps or not isinstance(owner, ast.Name | ast.Attribute | ast.Subscript):
            return node
        return [ast.fix_missing_locations(ast.copy_location(_assigned(owner, one), node)) for one in reversed(steps)]

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Translate a call of a function or of a method."""
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute):
            return node
        name, owner = node.func.attr, node.func.value
        if isinstance(owner, ast.Name) and owner.id in self.others:
            return node
        node.keywords = [_keyword(k) for k in node.keywords if k.arg not in ("dtype", "device", "requires_grad")]
        made = self._function(node, name) if self._is_torch(owner) else self._method(node, name, owner)
        return ast.fix_missing_locations(ast.copy_location(made, node))

    def _is_torch(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id in self.names

    def _function(self, node: ast.Call, name: str) -> ast.expr:
        if name == "softmax":
            axes = [*node.args[1:2], *(keyword.value for keyword in node.keywords if keyword.arg == "axis")]
            return _filled(SOFTMAX, node.args[0], *(axes or [ast.Constant(-1)])[:1])
        if name in FORMULAS:
            return _filled(FORMULAS[name], *node.args)
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
        if name in KEPT:
            return owner
        if name in ("clone", "float", "double"):  # also of what is true or false
            return _filled("1.0 * ({0})", owner)
        if name in FORMULAS:
            return _filled(FORMULAS[name], owner)
        if name in SHAPED:
            return ast.Call(ast.Attribute(owner, SHAPED[name], ast.Load()), node.args, [])
        if name == "size":
            shape = ast.Attribute(owner, "shape", ast.Load())
            return ast.Subscript(shape, node.args[0], ast.Load()) if node.args else shape
        if name == "zero_":
            return ast.Call(ast.Attribute(owner, "fill", ast.Load()), [ast.Constant(0)], [])
        if name.rstrip("_") in BOUNDS:
            inside = [ast.keyword("out", owner)] if name.endswith("_") else []
            return _bounded(name.rstrip("_"), [owner, *node.args], [*node.keywords, *inside])
        if name in METHODS:
            return _call(f"torch.{METHODS[name]}", [owner, *node.args], node.keywords)
        return node


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
