"""Statements that do nothing but clip gradients: `np.clip(d, -5, 5, out=d)`, `if norm > 5: d *= 5 / norm`."""

import ast
import copy
import re

from crosscheck.recognise.naming import BACKWARD, CONTAINER, looks_like_gradient
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
    return any(_is_of_gradient(word) or any(one.search(word) for one in patterns) for word in spoken)


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
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
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
    return _is_of_gradient(root_word(target))


def _is_of_gradient(word: str) -> bool:
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
