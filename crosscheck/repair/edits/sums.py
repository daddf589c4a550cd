"""Sums and means over axes: the wrong axis, no sum at all, a mean in its place, a lost axis."""

import ast
from collections.abc import Iterator

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import computed, nodes_in, targets
from crosscheck.repair.text import bracketed
from crosscheck.source.walking import walk


def candidates(scope: Scope) -> Iterator[Candidate]:
    """Yield edits of reductions."""
    for place in scope.editable:
        about = next(targets(place.statement), "")
        for node in nodes_in(place.statement):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("sum", "mean")
            ):
                yield from _reduction(scope, node, node.func, about)
        statement = place.statement
        for node in computed(statement):
            value = bracketed(node, scope.text.of(node))
            named = list(targets(statement))
            if "zeros" in value or (named and not any(map(scope.is_gradient, named))):
                continue
            for tail in (
                "axis=0",
                "axis=1",
                "axis=0, keepdims=True",
                "axis=1, keepdims=True",
                "axis=(0, 1)",
                "axis=-1",
            ):
                edit = scope.text.replace(node, f"{value}.sum({tail})")
                yield Candidate((edit,), node.lineno, "sum-missing", 2.2, about)


def _tails(tree: ast.AST) -> Iterator[tuple[str, float]]:
    """Yield the axes that a sum may go over, with costs: where biases are columns or rows the axis stays."""
    stays = _has_columns(tree)
    yield from ((axis, 1.7 if stays else 1.4) for axis in ("axis=0", "axis=1"))
    yield from ((f"{axis}, keepdims=True", 1.4) for axis in ("axis=0", "axis=1", "axis=-1"))


def _has_columns(tree: ast.AST) -> bool:
    """Tell whether arrays of one column, or of one row, are made: `np.zeros((n, 1))`, `np.random.rand(10, 1)`."""
    for call in (node for node in walk(tree) if isinstance(node, ast.Call)):
        sizes = call.args[0].elts if len(call.args) == 1 and isinstance(call.args[0], ast.Tuple) else call.args
        is_made = isinstance(call.func, ast.Attribute) and call.func.attr in ("zeros", "ones", "rand", "randn")
        if is_made and len(sizes) == 2 and any(isinstance(n, ast.Constant) and n.value == 1 for n in sizes):
            return True
    return False


def _reduction(scope: Scope, node: ast.Call, function: ast.Attribute, about: str) -> Iterator[Candidate]:
    text = scope.text
    other = "sum" if function.attr == "mean" else "mean"
    base = text.of(function.value)
    edit = text.replace(function, f"{base}.{other}")
    yield Candidate(
        (edit,), node.lineno, "averaged-for-summed" if other == "sum" else "summed-for-averaged", 1.1, about
    )
    is_module = f"{base}." == scope.numpy
    arguments = node.args if not is_module else node.args[1:]
    what = node.args[0] if is_module and node.args else function.value
    yield Candidate((text.replace(node, bracketed(what, text.of(what))),), node.lineno, "extra-sum", 1.8, about)
    axis = next((k.value for k in node.keywords if k.arg == "axis"), arguments[0] if arguments else None)
    if axis is None:
        place = text.end(node)
        inside = (place[0], place[1] - 1)
        comma = ", " if node.args or node.keywords else ""
        for tail, cost in _tails(scope.tree):
            yield Candidate((text.insert(inside, comma + tail),), node.lineno, "sum-over-wrong-axis", cost, about)
        return
    for written in ("0", "1", "-1", "(0, 1)", "2"):
        if written != text.of(axis):
            yield Candidate((text.replace(axis, written),), node.lineno, "sum-over-wrong-axis", 1.3, about)
    keep = next((k for k in node.keywords if k.arg == "keepdims"), None)
    if keep is None:
        place = text.end(node)
        yield Candidate(
            (text.insert((place[0], place[1] - 1), ", keepdims=True"),), node.lineno, "axis-lost", 1.5, about
        )
    else:
        yield Candidate((text.replace(keep.value, "False"),), node.lineno, "axis-lost", 1.7, about)
