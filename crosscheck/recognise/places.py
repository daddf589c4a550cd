"""Where results are found after a call, and what the source calls them."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.frames import Table
from crosscheck.recognise.leaves import Leaf, Path, follow, leaves, paths_of, spelled
from crosscheck.recognise.replay import Result
from crosscheck.recognise.statements import returned_parts
from crosscheck.source.walking import operands, walked

RETURNED, LOCAL = "return", "local"
HANDED = " as it is handed on"
MADE = "what the forward pass returns"
"""After the name of an argument of a backward pass: what that was before the backward wrote into it"""
STEP_OF = "the step of "
"""What a step is called that stands for a gradient (crosscheck.recognise.steps)"""


class Place(NamedTuple):
    """Where a result is found after a call."""

    where: str
    """`return`, `local`, or `after` for what the call left in its arguments and in globals"""
    path: Path
    name: str
    """What the author calls it, where that is known"""
    names: frozenset[str] = frozenset()
    """All that it is called: in the function, and by those who call it"""
    owners: frozenset[str] = frozenset()
    """What the container is called that it is returned in"""
    only_for: str = ""
    """The one argument that a backward function returns the gradient of, where it returns a single array"""

    def read(self, result: Result) -> Any:
        """Return the result. Raises LookupError or AttributeError if it is not there."""
        if self.where == RETURNED:
            return follow({"return": result.returned}, self.path)
        if self.where == LOCAL:
            return follow(result.variables, self.path)
        return result.left_at(self.path)

    def __str__(self) -> str:
        return self.name or spelled(self.path)


def places_of(result: Result, spoken: Mapping[Path, frozenset[str]]) -> list[Place]:
    """Return every place of a result, with all names: what is returned, what is local, what is left behind."""
    found = []
    known: dict[int, set[str]] = {}
    for name, value in result.variables.items():
        value = value.numbers if isinstance(value, Table) else value
        if isinstance(value, np.ndarray | list | dict):
            known.setdefault(id(value), set()).add(name)
    for leaf in leaves({"return": result.returned}):
        names = set(spoken.get(leaf.path[1:], ())) | known.get(id(leaf.value), set())
        steps = list(leaf.path[1:])
        if len(steps) > 1:
            names |= {f"{word}[{steps[-1]}]" for word in spoken.get(tuple(steps[:-1]), ())}
        if steps and isinstance(steps[-1], str) and not spoken.get(tuple(steps)):
            names.add(steps[-1].lstrip("."))
        best = sorted(names, key=_unlikeness)
        owners = frozenset(spoken.get(tuple(steps[:-1]), ())) if steps else frozenset()
        only = result.first if leaf.path == ("return", "backward") else ""
        found.append(Place(RETURNED, leaf.path, best[0] if best else "", frozenset(names), owners, only))
    objects = {name: value for name, value in result.variables.items() if name not in result.arguments}
    found += [  # d_by may be d_y itself
        Place(LOCAL, leaf.path, leaf.name, frozenset([leaf.name, *known.get(id(leaf.value), ())]))
        for leaf in leaves(objects)
    ]
    # The last gradient of a list is often still the loop's own variable.
    again = [Leaf(path, None) for paths in paths_of(objects).values() for path in paths[1:] if len(path) > 1]
    found += [Place(LOCAL, leaf.path, leaf.name, frozenset([leaf.name])) for leaf in again]
    after = {**result.names, **result.arguments}
    found += [Place("after", leaf.path, leaf.name, frozenset([leaf.name])) for leaf in leaves(after)]
    others = [Leaf(path, None) for paths in paths_of(after).values() for path in paths[1:]]
    return found + [Place("after", leaf.path, leaf.name, frozenset([leaf.name])) for leaf in others]


def _unlikeness(name: str) -> tuple[bool, bool, int, str]:
    """Return what sorts names by how much they look like that of a gradient, short ones first."""
    return not naming.looks_like_gradient(name), not naming.BEGINS_LIKE_GRADIENT.match(name), len(name), name


def built_containers(node: ast.FunctionDef) -> set[str]:
    """Return the variables that a function makes as dictionaries: `g = {k: np.zeros_like(v) for k, v in p.items()}`."""
    made = (part for part in walked(node) if isinstance(part, ast.Assign))
    return {
        target.id
        for part in made
        if isinstance(part.value, ast.Dict | ast.DictComp)
        or getattr(getattr(part.value, "func", None), "id", "") == "dict"
        for target in part.targets
        if isinstance(target, ast.Name)
    }


def returned_names(function: ast.FunctionDef) -> dict[Path, frozenset[str]]:
    """Return the names in the last return statement, by position: `(1,)` is the second of a tuple.

    >>> returned_names(ast.parse("def f(self): return self.__out").body[0]) == {(): {"__out", "out"}}
    True
    """
    given = {argument.arg for argument in function.args.args}
    made = _sums_of_gradients(function, given)
    words = ((path, _gradient_in(value, given) or _word(value)) for path, value in returned_parts(function))
    return {path: frozenset([word, word.lstrip("_") or word, *made.get(word, ())]) for path, word in words if word}


def _sums_of_gradients(function: ast.FunctionDef, given: set[str]) -> dict[str, list[str]]:
    """Return what is summed of a gradient and other terms, by what it is called: `whole = dW / n + decay * W`."""
    assigned: dict[str, list[ast.expr]] = {}
    for node in walked(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, []).append(node.value)
    sums = {name: values[0] for name, values in assigned.items() if len(values) == 1}
    found = {name: _gradient_in(value, given) for name, value in sums.items() if _is_sum(value)}
    return {name: [word] for name, word in found.items() if word and not naming.looks_like_gradient(name)}


def _is_sum(node: ast.expr) -> bool:
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        node = node.left
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)


def nameless_containers(function: ast.FunctionDef) -> list[Path]:
    """Return where the last return statement builds a dict, or calls what builds a container, on the spot.

    One that is built of differences may hold parameters that were moved, and is none.
    """
    return [
        path
        for path, value in returned_parts(function)
        if isinstance(value, ast.Dict | ast.DictComp | ast.Call) and not _word(value) and not _has_difference(value)
    ]


def _has_difference(node: ast.expr) -> bool:
    return any(isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub) for part in walked(node))


def _gradient_in(node: ast.expr | None, given: set[str]) -> str:
    """Return which factor a product is called after, and which term a sum: `dx` in `dout * dx / n + 2 * decay * x`.

    No argument, as dout is there, gives its name; nor do several gradients in a sum, nor one in a step:

    >>> said = "dw / n + 2 * c * w; np.clip(-dw, -1, 1); (dw + c * w) / n; alpha * w + dw"
    >>> [_gradient_in(part.value, {"w"}) for part in ast.parse(said).body]
    ['dw', 'dw', 'dw', 'dw']
    >>> said = "w - rate * dw; w + lr * dw; w - dw; da + db; 0.5 * delta ** 2; dz @ w.T"
    >>> [_gradient_in(part.value, {"w"}) for part in ast.parse(said).body]
    ['', '', '', '', '', '']
    """
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return _gradient_or_word(inner, given)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np" | "numpy"), attr=word), args=[inner, *_]):
            return _gradient_or_word(inner, given) if word in KEEPS else ""
        case ast.Call(func=ast.Attribute(value=ast.BinOp() | ast.UnaryOp() as inner, attr=word)):
            return _gradient_or_word(inner, given) if word in KEEPS else ""
        case ast.BinOp(left=left, op=ast.Div()):
            return _gradient_or_word(left, given)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _gradient_or_word(left, given) or _gradient_or_word(right, given)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            found = [(word, side) for side in (left, right) if (word := _gradient_or_word(side, given))]
            if len(found) == 1 and not _is_rated(found[0][1]) and (found[0][1] is left or not _is_bare(left)):
                return found[0][0]
    return ""


KEEPS = frozenset({"asarray", "array", "clip", "copy", "ravel", "flatten", "squeeze", "reshape", "astype"})
"""What returns the numbers of an array, or all but a few of them"""


def _gradient_or_word(node: ast.expr, given: set[str]) -> str:
    word = _gradient_in(node, given) or _word(node)
    return word if word not in given and naming.looks_like_gradient(word) else ""


def _is_bare(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Attribute | ast.Subscript)


def _is_rated(term: ast.expr) -> bool:
    """Tell whether a term is multiplied by what is called like a rate."""
    factors = filter(_is_bare, operands(term, ast.Mult, ast.Div))
    return any(naming.RATE.search(_word(factor)) for factor in factors)


def _word(node: ast.expr | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        inner = node.slice
        return inner.value if isinstance(inner, ast.Constant) and isinstance(inner.value, str) else _word(node.value)
    if isinstance(node, ast.BinOp):
        return _word(node.left) if isinstance(node.op, ast.Div | ast.Mult) else ""
    if isinstance(node, ast.Call):
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if _joins_gradients(node):
            return "grads"
        is_product = isinstance(node.func, ast.Attribute) and node.func.attr in ("dot", "matmul")
        return "" if owner is None or is_product or _word(owner) in ("np", "numpy", "") else _word(owner)
    return node.id if isinstance(node, ast.Name) else ""


JOINS = frozenset({"concatenate", "concat", "hstack", "append"})


def _joins_gradients(call: ast.Call) -> bool:
    """Tell whether a call puts gradients one after another: `np.concatenate((grad_U.ravel(), grad_V.ravel()))`.

    So does a function of the program that is handed nothing but gradients: `unroll(g1, g2)`.
    """
    is_own = isinstance(call.func, ast.Name)
    if (getattr(call.func, "attr", "") not in JOINS and not is_own) or not call.args:
        return False
    first = call.args[0]
    parts = first.elts if isinstance(first, ast.Tuple | ast.List) else call.args if is_own else call.args[:2]
    words = list(map(_word, parts))
    return len(words) > 1 and all(naming.looks_like_gradient(word) or naming.NUMBERED.match(word) for word in words)


def returns_joined(node: ast.FunctionDef) -> bool:
    """Tell whether a function returns gradients one after another, as optimisers want them that know only vectors."""
    return any(isinstance(part, ast.Call) and _joins_gradients(part) for _, part in returned_parts(node))


def named(node: ast.FunctionDef, returned: Any) -> Iterator[tuple[str, Any]]:
    """Yield the arrays that a function returned, or what a sum left of one, by the names that they have in it."""
    for path, names in returned_names(node).items():
        value = returned
        try:
            for step in path:
                value = value[step]
        except (LookupError, TypeError):
            continue
        if isinstance(value, np.ndarray | np.floating):
            yield from ((name, value) for name in names)
    yield from entries(returned)


def entries(returned: Any) -> Iterator[tuple[str, Any]]:
    """Yield the arrays in the dictionaries and records that a function returned, by their names in these."""
    is_record = hasattr(returned, "_fields")
    for part in returned if isinstance(returned, tuple) and not is_record else (returned,):
        fields = getattr(part, "_fields", None)
        held = part if fields is None else dict(zip(fields, part, strict=True))
        if isinstance(held, dict):
            yield from ((name, value) for name, value in held.items() if isinstance(name, str) and np.ndim(value))


def claims(node: ast.FunctionDef, returned: Any) -> Iterator[tuple[str, Any]]:
    """Yield the arrays that a function returned, by the names of what they are gradients of by their own names."""
    yield from ((core, value) for name, value in named(node, returned) for core in naming.cores(name))
    yield from entries(returned)
