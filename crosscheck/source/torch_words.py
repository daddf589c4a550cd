"""The words of torch that have a plain counterpart in NumPy, and whether a program uses no others."""

import ast
import re
from functools import lru_cache

from crosscheck.source.records import InArrays, without_records
from crosscheck.source.torch_beside import by_hand
from crosscheck.source.torch_modules import without_modules

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
DRAWN = {"randn": "randn", "rand": "rand", "manual_seed": "seed", "normal": "normal", "randperm": "permutation"}
FORMULAS = {"sigmoid": "1 / (1 + torch.exp(-({0})))", "relu": "torch.maximum({0}, 0)", "rsqrt": "1 / torch.sqrt({0})"}
ONE_HOT = "torch.eye({1})[{0}]"
SPREADS = ("std", "var")
"""What divides by n - 1 there, unless it is told not to"""
EXTREMES = ("max", "min")
"""What is a pair along an axis: the numbers, and where they are"""
PAIR = ("values", "indices")
SOFTMAX = (
    "torch.exp({0} - torch.max({0}, axis={1}, keepdims=True))"
    " / torch.sum(torch.exp({0} - torch.max({0}, axis={1}, keepdims=True)), axis={1}, keepdims=True)"
)
LOG_OF_SUM = (
    "torch.max({0}, axis={1}, keepdims=True)"
    " + torch.log(torch.sum(torch.exp({0} - torch.max({0}, axis={1}, keepdims=True)), axis={1}, keepdims=True))"
)
LOGARITHMS = (
    "({0} - torch.max({0}, axis=-1, keepdims=True) - torch.log(torch.sum(torch.exp({0}"
    " - torch.max({0}, axis=-1, keepdims=True)), axis=-1, keepdims=True)))"
)
CROSS_ENTROPY = (
    f"-torch.mean(torch.sum({LOGARITHMS}"
    " * ({1} if torch.ndim({1}) == torch.ndim({0}) else torch.eye(torch.shape({0})[-1])[{1}]), axis=-1))"
)
"""Of logits against symbols, or against shares"""
SETTINGS = frozenset(["set_printoptions", "set_num_threads", "set_default_dtype", "use_deterministic_algorithms"])
"""What is said once, and means nothing to arrays"""
COUNTED = frozenset(["numel", "nelement"])
BOUNDS = {
    "clamp": ("a_min", "a_max"),
    "clip": ("a_min", "a_max"),
    "clamp_min": ("a_min",),
    "clamp_max": ("a_max",),
}
"""What limits entries, and which bounds it is handed in order"""
IN_PLACE = {"add_": ast.Add, "sub_": ast.Sub, "mul_": ast.Mult, "div_": ast.Div}
"""What changes an array where it is, as a statement: `w.sub_(g, alpha=rate)`"""
CHANGES = re.compile(r"\.(?:add|sub|mul|div)_\(")
OUT_OF_GRAPH = frozenset(["no_grad", "inference_mode"])
"""Blocks in which nothing is recorded: without `autograd` nothing is, anywhere"""
FUNCTIONAL = frozenset(["tanh", "softmax", "one_hot", "cross_entropy", *FORMULAS])
IMPORTED = re.compile(
    r"^[ \t]*(?:import\s+torch\.nn\.functional\s+as|from\s+torch\.nn\s+import\s+functional\s+as)\s+(\w+)[ \t]*$", re.M
)
"""How the module of torch is imported that holds activations"""
DATA = re.compile(
    r"^[ \t]*(?:from\s+torch\.utils(?:\.data)?\s+import|import\s+torch\.utils\.data(?:\s+as)?)\b.*$"
    r"|\btorch\.utils\.data\.(?=\w)",
    re.MULTILINE,
)
"""What goes through data in batches"""
PLACED = re.compile(r"\btorch\.device\b|\btorch\.cuda\.is_available\(\)|\.cuda\(\)|[\"']cuda(?::\d)?[\"']")
"""Where arrays are"""
ACTIVATIONS = re.compile(rf"\btorch\.nn\.functional\.(?:{'|'.join(sorted(FUNCTIONAL))})\b")
UNUSED = re.compile(r"^[ \t]*(?:import\s+torch\.nn\s+as\s+nn|from\s+torch\s+import\s+nn)[ \t]*$", re.MULTILINE)
"""An import of layers, which means nothing where none is named"""
HOLDS = re.compile(r"\bModule\b|\bnn\.(?:Tanh|Sigmoid|ReLU)\(")
"""What tells of classes that are modules, and of activations"""
SCATTERED = "(lambda a, i, b: (torch.put_along_axis(a, i, b, {1}), a)[1])({0}, {2}, {3})"
RECORDS = re.compile(r"autograd|requires_grad|\boptim\b|\.grad\b|\.backward\(\)")
"""What tells that gradients are recorded"""
MADE = frozenset(["FloatTensor", "DoubleTensor", "Tensor"])
"""What makes an array of numbers"""
DTYPES = frozenset([*MADE, "float", "float32", "float64", "double", "long", "int", "int32", "int64", "bool"])
UNLIKE = re.compile(
    r"autograd|\bnn\b|requires_grad|\boptim\b|cuda|\bjax\b|tensorflow|from\s+torch\b|import\s+torch\.|import\s+torch\s+as"
    r"|\.data\b|\.(?!(?:zero|clamp|clip|add|sub|mul|div|scatter)_\()\w*[a-z]_\("
    r"|\.(?:median|mode|sort|topk|expand|repeat|scatter(?!_\()|gather|index_select|masked_fill|chunk|split(?!lines|\(\s*[\"')]))\w*\("
)
"""What has no plain counterpart, or another meaning there"""
SAME_METHODS = (
    "exp",
    "log",
    "log2",
    "log10",
    "log1p",
    "sqrt",
    "tanh",
    "abs",
    "square",
    "sign",
    "sin",
    "cos",
    "matmul",
    "outer",
)
METHODS = {name: RENAMED.get(name, name) for name in (*SAME_METHODS, *RENAMED) if name not in ("tensor", "as_tensor")}
KEPT = frozenset(["detach", "contiguous", "cpu", "cuda", "long", "int", "to", "numpy", "item"])
"""Methods that return the same numbers"""
SHAPED = {"view": "reshape", "permute": "transpose"}

ALIAS = re.compile(r"^[ \t]*import torch as (\w+)", re.MULTILINE)
"""Torch under another name"""


@lru_cache(maxsize=64)
def uses_arrays_alone(code: str) -> bool:
    r"""Tell whether a program uses torch, and nothing of it but arrays where it goes back by hand.

    >>> beside = "import torch\ndef {}(x, d): return x.T @ d\n{}(torch.ones(3), 1)\ntorch.nn.Linear(2, 3)"
    >>> uses_arrays_alone(beside.format("lin_grad", "lin_grad")), uses_arrays_alone(beside.format("f", "f"))
    (True, False)
    """
    if "torch" not in code or is_plain(code):
        return "torch" in code
    try:
        tree = ast.parse(code)
        made = by_hand(tree)
    except (SyntaxError, ValueError):
        return False
    return made is not tree and is_plain(ast.unparse(made))


@lru_cache(maxsize=64)
def is_plain(code: str) -> bool:
    r"""Tell whether a program uses torch, and nothing of it but arrays.

    >>> is_plain("import torch; x = torch.zeros(3)"), is_plain("import torch; torch.nn.Linear(2, 3)")
    (True, False)
    >>> is_plain("import torch"), is_plain("import torch as tc\nprint(tc.__version__, tc.exp(x))")
    (False, True)
    >>> is_plain("import torch\nimport torch.nn.functional as F\ny = F.tanh(torch.zeros(3))")
    True
    """
    if "torch" not in code:
        return False
    if (named := ALIAS.search(code)) is not None:
        code = re.sub(rf"\b{named.group(1)}\.", "torch.", ALIAS.sub("import torch", code))
    code = PLACED.sub("0", DATA.sub("", re.sub(r"#.*", "", _in_arrays(code))))
    code = code if re.search(r"\bnn\.", code) else UNUSED.sub("", code)
    if not RECORDS.search(re.sub(r"requires_grad\s*=\s*True", "", code)):  # nobody asks for what is recorded
        code = re.sub(r"requires_grad\s*=\s*True", "", code)
    else:
        code = _without_records(code)
    has_activations = bool(IMPORTED.search(code) or ACTIVATIONS.search(code))
    code = ACTIVATIONS.sub("0", code)
    for alias in IMPORTED.findall(code):
        if set(re.findall(rf"\b{alias}\.(\w+)", code)) <= FUNCTIONAL:
            code = IMPORTED.sub("", code)
    if not re.search(r"^\s*import torch\b", code, re.MULTILINE) or UNLIKE.search(code):
        return False
    used = set(re.findall(r"\btorch\.(\w+)", code))
    known = SAME | RENAMED.keys() | DRAWN.keys() | FORMULAS.keys() | BOUNDS.keys() | DTYPES | OUT_OF_GRAPH
    known |= {*SETTINGS, "softmax", "logsumexp", "save", "multinomial", "randint", "norm", "Generator", "__version__"}
    known |= {*SPREADS, *EXTREMES}
    return bool(used or has_activations) and used <= known


def _in_arrays(code: str) -> str:
    """Return a program without what only records gradients or holds arrays, in which these are changed themselves."""
    if not RECORDS.search(code) and not HOLDS.search(code) and ".data" not in code:
        return code
    try:
        return ast.unparse(InArrays().visit(without_records(without_modules(ast.parse(code)))))
    except (SyntaxError, ValueError):
        return code


def _without_records(code: str) -> str:
    """Return a program without the functions in which gradients are recorded: beside others, by hand, to compare."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [p for p in body if not (isinstance(p, ast.FunctionDef) and RECORDS.search(ast.unparse(p)))]
            node.body = kept or [ast.Pass()]  # pyright: ignore[reportAttributeAccessIssue]
    return ast.unparse(tree)
