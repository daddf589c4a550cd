"""Modules of torch that hold arrays and nothing else: classes with a backward pass of their own, by hand.

    class Linear(nn.Module):
        def __init__(self, n, m):
            super().__init__()
            self.W = nn.Parameter(torch.randn(n, m), requires_grad=False)

Without their base they compute the same, as long as nobody asks for what that keeps: parameters, states, modes.
"""

import ast
import copy
from typing import Any

ACTIVATIONS = {"Tanh": "tanh", "Sigmoid": "sigmoid", "ReLU": "relu"}
"""Modules that are functions, and what these are called"""
BARE = frozenset({"Module", "Parameter", "functional", *ACTIVATIONS})
"""What of `torch.nn` a program may use"""
KEEPS = frozenset({
    "parameters", "named_parameters", "buffers", "state_dict", "load_state_dict", "children", "named_children",
    "modules", "named_modules", "register_forward_hook", "register_backward_hook", "register_full_backward_hook",
    "training", "register_parameter", "add_module", "zero_grad",
})  # fmt: skip
"""What a module keeps or does that a bare class does not"""
MODES = frozenset({"train", "eval"})
SEEDS = ("torch.cuda.manual_seed", "torch.backends", "torch.use_deterministic_algorithms", "torch.set_default_dtype")
"""What means nothing to arrays"""


def without_modules(tree: ast.Module) -> ast.Module:
    r"""Return a program whose classes are no modules; the same where it has none, or they do what only modules can.

    >>> code = "import torch.nn as nn\nclass L(nn.Module):\n  def __init__(self):\n    super().__init__()\n"
    >>> print(ast.unparse(without_modules(ast.parse(code + "    self.w = nn.Parameter(x)"))))
    class L:
    <BLANKLINE>
        def __init__(self):
            self.w = x
    >>> other = code + "    self.w = nn.Linear(2, 3)"
    >>> ast.unparse(without_modules(ast.parse(other))) == ast.unparse(ast.parse(other))
    True
    """
    nodes = list(ast.walk(tree))
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    used = {node.attr for node in nodes if isinstance(node, ast.Attribute) and _is_nn(node.value)}
    used |= {alias.name for node in nodes if _is_from(node, "torch.nn") for alias in node.names}  # pyright: ignore
    asked = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    if any(node.name == "Module" for node in classes):  # a base of its own
        return tree
    has_any = used & ACTIVATIONS.keys() or any(_is_module(base) for node in classes for base in node.bases)
    if not has_any or not used <= BARE:
        return tree
    if asked & (KEEPS - defined):
        return tree
    imported = (alias for node in nodes if isinstance(node, ast.Import) for alias in node.names)
    torch = next((alias.asname for alias in imported if alias.name == "torch" and alias.asname), "torch")
    return ast.fix_missing_locations(_Bare(defined, torch).visit(copy.deepcopy(tree)))


class _Bare(ast.NodeTransformer):
    """Takes modules for plain classes."""

    def __init__(self, defined: set[str], torch: str) -> None:
        self.modes = MODES - defined
        self.torch = torch
        """What torch is called"""

    def visit_Import(self, node: ast.Import) -> Any:
        """Leave out what is needed no more."""
        node.names = [alias for alias in node.names if alias.name != "torch.nn"]
        return node if node.names else None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        """Leave out what is needed no more."""
        if node.module == "torch":
            node.names = [alias for alias in node.names if alias.name != "nn"]
        elif node.module == "torch.nn":
            node.names = [alias for alias in node.names if alias.name not in ("Module", "Parameter")]
        return node if node.names else None

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        """Let a module be a class that can be called."""
        is_module = any(map(_is_module, node.bases))
        self.generic_visit(node)
        if not is_module:
            return node
        node.bases = [base for base in node.bases if not _is_module(base)]
        methods = {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
        if not node.bases:
            for method in methods.values():
                kept = [part for part in method.body if not _is_of_base(part)]
                method.body = kept or [ast.copy_location(ast.Pass(), method)]
        if "forward" in methods and "__call__" not in methods:
            (call,) = ast.parse("def __call__(self, *given, **named): return self.forward(*given, **named)").body
            for part in ast.walk(call):
                ast.copy_location(part, methods["forward"])
            node.body.append(call)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Let a parameter be its array, and an activation a function."""
        self.generic_visit(node)
        word = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if word in ACTIVATIONS and isinstance(node.func, ast.Attribute) and _is_nn(node.func.value):
            return ast.copy_location(
                ast.Attribute(ast.Name(self.torch, ast.Load()), ACTIVATIONS[word], ast.Load()), node
            )
        is_parameter = word == "Parameter" and (
            isinstance(node.func, ast.Name) or _is_nn(getattr(node.func, "value", node))
        )
        return node.args[0] if is_parameter and node.args else node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        """Let a buffer be an attribute, and pass over seeds and modes."""
        self.generic_visit(node)
        match node.value:
            case ast.Call(
                func=ast.Attribute(value=owner, attr="register_buffer"), args=[ast.Constant(value=str(name)), value, *_]
            ):
                target = ast.Attribute(owner, name, ast.Store())
                return ast.copy_location(ast.Assign([target], value), node)
            case ast.Call(func=ast.Attribute(attr=word), args=[]) if word in self.modes:
                return ast.copy_location(ast.Pass(), node)
            case ast.Call(func=called) if ast.unparse(called).startswith(SEEDS):
                return ast.copy_location(ast.Pass(), node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        """Pass over settings of what computes."""
        if ast.unparse(node.targets[0]).startswith(SEEDS):
            return ast.copy_location(ast.Pass(), node)
        self.generic_visit(node)
        return node


def _is_nn(node: ast.AST) -> bool:
    return isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in ("nn", "torch.nn")


def _is_module(base: ast.expr) -> bool:
    return (isinstance(base, ast.Attribute) and base.attr == "Module" and _is_nn(base.value)) or (
        isinstance(base, ast.Name) and base.id == "Module"
    )


def _is_from(node: ast.AST, module: str) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == module


def _is_of_base(part: ast.stmt) -> bool:
    """Tell whether a statement begins what the base of a class would be: `super().__init__()`."""
    return isinstance(part, ast.Expr) and ast.unparse(part).startswith("super(") and "__init__" in ast.unparse(part)
