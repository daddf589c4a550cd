"""Guard constants, as in `log(p + 1e-8)`: part of the loss as it is computed, and of no derivation.

A gradient that leaves them out is off by 1e-8 / p, far more than rounding, and is what everybody means. So are bounds
of what a sigmoid is computed of, `np.exp(-np.clip(z, -15, 15))`: its derivative is not zero behind them but 3e-7. Of
narrower ones than eight somebody may think as of a part of the forward.
"""

import ast
import math
import re
import sys
from typing import Any

from crosscheck.source.walking import walk

LARGEST = 1e-5
WIDE = 80
"""Bounds of an exponent behind which everything is lost in rounding; exp(80) is finite in float32"""
NARROWEST = 8
"""The least bound of an exponent that is a guard: a sigmoid's slope behind it is below 4e-4"""
_NAMES = re.compile(r"^(?:_?eps(?:ilon)?|tiny|small|guard|fuzz|delta)$", re.IGNORECASE)
_BOUNDING = frozenset({"clip", "maximum", "minimum", "max", "min"})


def without_guards(tree: ast.Module) -> bool:
    """Set the guard constants of a module to zero, in place; return whether there are any."""
    visitor = _WithoutGuards()
    visitor.visit(tree)
    return visitor.found


def _is_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float) and 0 < node.value <= LARGEST


def _computes_exponential(node: ast.AST) -> bool:
    calls = (part.func for part in walk(node) if isinstance(part, ast.Call))
    return any(getattr(func, "attr", getattr(func, "id", "")) == "exp" for func in calls)


def _bounds(clip: ast.Call) -> list[ast.expr]:
    """Return both bounds of a clip, nothing where they are given in another way: `np.clip(z, -15, 15)`."""
    given = [*clip.args[1:], *(keyword.value for keyword in clip.keywords if keyword.arg in _BOUNDS)]
    return given if len(given) == 2 else []


_BOUNDS = ("a_min", "a_max", "min", "max")


def _with_bounds(clip: ast.Call, width: float) -> ast.Call:
    lower, upper = (ast.copy_location(ast.Constant(value), clip) for value in (-width, width))
    clip.args[1:], clip.keywords = [lower, upper], [k for k in clip.keywords if k.arg not in _BOUNDS]
    return clip


def _is_of_exponent(bound: ast.expr) -> bool:
    """Tell whether an exponential is all but constant behind a bound of its exponent, and not within rounding."""
    inner = bound.operand if isinstance(bound, ast.UnaryOp) and isinstance(bound.op, ast.USub) else bound
    value = inner.value if isinstance(inner, ast.Constant) else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return NARROWEST <= value <= -math.log(sys.float_info.epsilon)


def _divides_by_root(value: ast.expr) -> bool:
    quotients = (part for part in walk(value) if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div))
    return any("sqrt" in ast.unparse(quotient.right) for quotient in quotients)


class _WithoutGuards(ast.NodeTransformer):
    def __init__(self) -> None:
        self.found = False
        self.is_of_exponent = False
        """Whether the function that is looked at computes an exponential"""

    def visit_FunctionDef(self, node: Any) -> Any:
        """Look into a function."""
        before, self.is_of_exponent = self.is_of_exponent, _computes_exponential(node)
        self.generic_visit(node)
        self.is_of_exponent = before
        return node

    visit_Lambda = visit_FunctionDef

    def _zero(self, node: Any) -> Any:
        if not _is_guard(node):
            return node
        self.found = True
        return ast.copy_location(ast.Constant(0.0), node)

    def _one(self, node: Any) -> Any:
        is_near = (
            isinstance(node, ast.Constant) and isinstance(node.value, float) and 0 < abs(node.value - 1) <= LARGEST
        )
        if not is_near:
            return node
        self.found = True
        return ast.copy_location(ast.Constant(1.0), node)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        """Set c to zero in x + c, and in 1 − c; and to one in c − x."""
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Sub):
            node.left, node.right = self._one(self._zero(node.left)), self._zero(node.right)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        """Leave a step by a root as it is: where a memory is zero it would be no number, and no loss has it in it.

        >>> tree = ast.parse("p -= rate * m / (np.sqrt(v) + 1e-8)")
        >>> without_guards(tree), without_guards(ast.parse("loss -= np.log(p + 1e-8)"))
        (False, True)
        """
        return node if _divides_by_root(node.value) else self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> Any:
        """Set to zero what a number must exceed for its logarithm to be taken: `if p > 1e-7`."""
        self.generic_visit(node)
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.Gt | ast.GtE):
            node.comparators = [self._zero(node.comparators[0])]
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        """Set the bounds of clips to zero."""
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name == "clip" and self.is_of_exponent and all(map(_is_of_exponent, bounds := _bounds(node))) and bounds:
            self.found = True
            return _with_bounds(node, WIDE)
        if name in _BOUNDING:
            node.args = [self._zero(argument) for argument in node.args]
        for keyword in node.keywords:
            if keyword.arg and (name in _BOUNDING or _NAMES.match(keyword.arg)):
                keyword.value = self._zero(keyword.value)
        return node

    def visit_Assign(self, node: ast.Assign) -> Any:
        """Set names such as eps to zero, and leave steps by a root as they are."""
        target, value = node.targets[0], node.value
        is_step = isinstance(value, ast.BinOp) and ast.unparse(value.left) == ast.unparse(target)
        if is_step and _divides_by_root(value):
            return node
        self.generic_visit(node)
        name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
        if _NAMES.match(name):
            node.value = self._zero(node.value)
        return node

    def visit_arguments(self, node: ast.arguments) -> Any:
        """Set default values of such names to zero."""
        self.generic_visit(node)
        named = [*node.posonlyargs, *node.args][-len(node.defaults) :] if node.defaults else []
        node.defaults = [
            self._zero(value) if _NAMES.match(name.arg) else value
            for name, value in zip(named, node.defaults, strict=True)
        ]
        return node
