"""Statements that do nothing but clip gradients: `np.clip(d, -5, 5, out=d)`, `if norm > 5: d *= 5 / norm`."""

import ast
import copy
import re
from collections.abc import Sequence
from typing import Any

from crosscheck.recognise.naming import BACKWARD, CONTAINER, RATE, is_gradient_of, looks_like_gradient
from crosscheck.recognise.statements import root_word, words
from crosscheck.source.walking import walk

NORM = re.compile(r"norm", re.IGNORECASE)
CLIPS = frozenset({"clip", "clip_by_value", "clip_by_norm", "clip_by_global_norm", "clip_grad", "clip_grads"})


def with_plain_clips(tree: ast.Module) -> ast.Module:
    """Return a module in which gradients are clipped by `np.clip` alone; the same if they are.

    >>> ast.unparse(with_plain_clips(ast.parse("g = np.maximum(-5, np.minimum(g, 5))")))
    'g = np.clip(g, -5, 5)'
    """
    if not any(_between(node) for node in walk(tree)):
        return tree
    return ast.fix_missing_locations(_PlainClips().visit(copy.deepcopy(tree)))


class _PlainClips(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        found = _between(node)
        if found is None:
            return node
        array, bound = found
        assert isinstance(node.func, ast.Attribute)
        called = ast.Attribute(node.func.value, "clip", ast.Load())
        return ast.copy_location(ast.Call(called, [array, ast.UnaryOp(ast.USub(), bound), bound], []), node)


def _between(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """Return what is kept between minus a bound and the bound: `np.maximum(-5, np.minimum(g, 5))`, in any order."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or len(node.args) != 2:
        return None
    names = {"maximum": "minimum", "minimum": "maximum"}
    other = names.get(node.func.attr)
    inner = [part for part in node.args if isinstance(part, ast.Call) and getattr(part.func, "attr", "") == other]
    if other is None or len(inner) != 1 or len(inner[0].args) != 2:
        return None
    (outer_bound,) = [part for part in node.args if part is not inner[0]]
    for array, bound in (inner[0].args, inner[0].args[::-1]):
        for below, above in ((outer_bound, bound), (bound, outer_bound)):
            if isinstance(below, ast.UnaryOp) and ast.unparse(below) == f"-{ast.unparse(above)}":
                return array, above
    return None


def may_clip_gradients(function: ast.FunctionDef) -> bool:
    r"""Tell whether a function speaks of gradients, or of norms: what it clips is no activation of a forward pass.

    >>> made = "def squash(x): x = np.clip(x, -1, 1)\ndef limit(grads): np.clip(grads[0], -1, 1, out=grads[0])"
    >>> [may_clip_gradients(node) for node in ast.parse(made).body]
    [False, True]
    """
    spoken = {function.name, *words(function), *(n.arg for n in walk(function) if isinstance(n, ast.arg))}
    patterns = (CONTAINER, BACKWARD, NORM)
    return any(is_of_gradient(word) or any(one.search(word) for one in patterns) for word in spoken)


def is_clip(statement: ast.stmt) -> bool:
    """Tell whether a statement does nothing but clip gradients, one or in a loop of its own."""
    if isinstance(statement, ast.For | ast.AsyncFor):
        return (
            bool(statement.body)
            and all(is_clip(inner) or _only_names(inner) for inner in statement.body)
            and any(is_clip(inner) for inner in statement.body)
        )
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return is_clip_call(statement.value) and not isinstance(statement.value.func, ast.Lambda)
    if isinstance(statement, ast.If) and not statement.orelse and all(map(_cuts_off, statement.body)):
        return True
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return _cuts_off(statement) or _clips_own_target(statement.targets[0], statement.value)
    return _is_norm_clip(statement)


def is_clip_call(call: ast.Call) -> bool:
    """Tell whether a function is called that clips, by its name."""
    name = _name(call)
    return name in CLIPS or name.lower().startswith(("clip_grad", "grad_clip", "clipgrad", "gradient_clip"))


def is_numpy_clip(call: ast.Call) -> bool:
    """Tell whether it is `np.clip`, or the method of an array, which clips anything."""
    return isinstance(call.func, ast.Attribute) and call.func.attr == "clip"


def is_symmetric(call: ast.Call) -> bool:
    """Tell the bounds of gradients, −5 and 5, from those of probabilities and the like."""
    bounds = [ast.unparse(argument) for argument in call.args[-2:]]
    bounds += [ast.unparse(k.value) for k in call.keywords if k.arg in ("a_min", "a_max", "min", "max")]
    return len(bounds) >= 2 and bounds[-2].lstrip("-(") == bounds[-1].strip("()") and bounds[-2].startswith("-")


def _cuts_off(statement: ast.stmt) -> bool:
    """Tell `g[g > 10] = 10` from anything else."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return False
    target, value = statement.targets[0], ast.unparse(statement.value)
    if not isinstance(target, ast.Subscript) or not isinstance(target.slice, ast.Compare):
        return False
    test = target.slice
    if not _names_gradient(target.value) or value in ("0", "0.0"):
        return False
    return ast.unparse(test.left) == ast.unparse(target.value) and ast.unparse(test.comparators[0]) == value


def _clips_own_target(target: ast.expr, value: ast.expr) -> bool:
    if not isinstance(value, ast.Call) or not is_clip_call(value):
        return False
    if is_numpy_clip(value) and not is_symmetric(value) and not _names_gradient(target):
        return False
    clipped = value.args[0] if value.args else None
    owner = value.func.value if isinstance(value.func, ast.Attribute) else None
    same = [ast.dump(_loaded(part)) for part in (clipped, owner) if part is not None]
    return ast.dump(_loaded(target)) in same or (not is_numpy_clip(value) and isinstance(clipped, ast.Name))


def _names_gradient(target: ast.expr) -> bool:
    return is_of_gradient(root_word(target))


def is_of_gradient(word: str) -> bool:
    """Tell whether something is called like a gradient, or by a letter that stands for one."""
    return looks_like_gradient(word) or word.lower() in ("d", "g", "grad", "gradient", "delta", "grads")


def _is_norm_clip(statement: ast.stmt) -> bool:
    """Tell `if norm > 5: gradients *= 5 / norm` from anything else."""
    if not isinstance(statement, ast.If) or statement.orelse or not isinstance(statement.test, ast.Compare):
        return False
    if not any("norm" in word.lower() for word in words(statement.test)):
        return False
    return all(_rescales(inner) for inner in statement.body)


def _rescales(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.For):
        return all(map(_rescales, statement.body))
    scales = isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Mult | ast.Div)
    return scales or isinstance(statement, ast.Assign)


def _only_names(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name | ast.Attribute | ast.Subscript)
    )


def _loaded(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(node), mode="eval").body


BOUNDS = frozenset({"maximum", "minimum", "clip", "max", "min"})


def bounds_moved(statement: ast.stmt, before: Sequence[ast.stmt]) -> bool:
    """Tell whether a statement keeps within bounds, or of length one, what one of those before it moved by a step.

    The step is judged as it is without them. A step is told by its rate, or by a gradient of what is moved.

    >>> code = "w -= lr * d; w = np.maximum(w, 0.1); w[w > 9] = 9; np.clip(w, 0, 1, out=w); w /= norm(w); x = max(w, 1)"
    >>> [step, *bounds] = ast.parse(code).body
    >>> [bounds_moved(one, [step]) for one in bounds]
    [True, True, True, True, False]
    """
    bounded = _bounded(statement)
    return bounded is not None and any(_steps(one, bounded) for one in before)


def with_bounds_apart(tree: ast.Module) -> ast.Module:
    r"""Return a module in which steps are taken first and kept within bounds then; the same if none does both at once.

    >>> ast.unparse(with_bounds_apart(ast.parse("w = np.maximum(0, w - rate * d)")))
    'w = w - rate * d\nw = np.maximum(0, w)'
    """
    if not any(isinstance(node, ast.Assign) and _step_within(node) for node in walk(tree)):
        return tree
    return ast.fix_missing_locations(_BoundsApart().visit(copy.deepcopy(tree)))


class _BoundsApart(ast.NodeTransformer):
    def visit_Assign(self, node: ast.Assign) -> Any:
        step = _step_within(node)
        if step is None:
            return node
        assert isinstance(node.value, ast.Call)
        moved = copy.deepcopy(node.targets[0])
        for part in walk(moved):
            if isinstance(getattr(part, "ctx", None), ast.Store):
                part.ctx = ast.Load()  # pyright: ignore[reportAttributeAccessIssue]
        first = ast.copy_location(ast.Assign([copy.deepcopy(node.targets[0])], step), node)
        node.value.args = [moved if part is step else part for part in node.value.args]
        return [first, node]


def _step_within(statement: ast.Assign) -> ast.expr | None:
    """Return the step that a statement takes and keeps within bounds at once."""
    given = statement.value.args if isinstance(statement.value, ast.Call) and _name(statement.value) in BOUNDS else []
    whole = ast.unparse(statement.targets[0])
    steps = (part for part in given if _steps(ast.Assign(statement.targets, part), whole))
    return next(steps, None) if len(statement.targets) == 1 else None


def _bounded(statement: ast.stmt) -> str | None:
    """Return what a statement does nothing to but keep it within bounds, or divide it by its own norm."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Div):
        calls = (part for part in walk(statement.value) if isinstance(part, ast.Call) and NORM.search(_name(part)))
        own = ast.unparse(statement.target)
        return own if any(own in map(ast.unparse, call.args) for call in calls) else None
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call, into = statement.value, [k.value for k in statement.value.keywords if k.arg == "out"]
        is_own = bool(into) and _name(call) in BOUNDS and ast.unparse(into[0]) == ast.unparse(call.args[0])
        return ast.unparse(into[0]) if is_own else None
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Compare) and isinstance(value, ast.Constant):
        own = ast.unparse(target.value)
        return own if ast.unparse(target.slice.left) == own else None
    own, called = ast.unparse(target), value if isinstance(value, ast.Call) else None
    if called is None or _name(called) not in BOUNDS:
        return None
    owner = [called.func.value] if isinstance(called.func, ast.Attribute) else []
    return own if own in map(ast.unparse, (*called.args, *owner)) else None


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _steps(statement: ast.stmt, target: str) -> bool:
    """Tell whether a statement moves something at a rate, or by a gradient of its own."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Sub | ast.Add):
        own, moved = statement.target, statement.value
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.value, ast.BinOp):
        own, moved = statement.targets[0], statement.value
        if ast.unparse(moved.left) != target:
            return False
    else:
        return False
    spoken = {root_word(part) for part in walk(moved) if isinstance(part, ast.Name | ast.Attribute)}
    is_step = any(RATE.search(word) or is_gradient_of(word, root_word(own)) > 1 for word in spoken)
    return ast.unparse(own) == target and is_step
