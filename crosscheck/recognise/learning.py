"""What shows that a loop learns where nothing in it is called like a gradient: errors of a product go back into it."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping

from crosscheck.recognise import naming
from crosscheck.recognise.statements import assigned_in, sides_of
from crosscheck.source.walking import walk

PRODUCTS = frozenset({"dot", "matmul", "einsum", "tensordot", "outer", "inner", "vdot"})


def steps_by_errors(loop: ast.AST) -> bool:
    """Tell whether something is moved, at some rate, by what was computed from it by way of a product and a difference.

    `p[u] = pu + g * (e * qi - l * pu)` is such a step, where pu is a copy of p[u] and e a difference from `pu @ qi`. A
    running mean, `m += a * (v - m)`, is none: nothing is multiplied but its rate.
    """
    return any(True for _ in moved_by_errors(loop))


def moved_by_errors(loop: ast.AST, *, through_calls: bool = False) -> Iterator[str]:
    """Yield what is moved by such steps; with `through_calls` what is multiplied may be so in functions on the way.

    A memory is no part of the gradient that goes into it, though the weights of the turn before are.

    >>> said = "for x in xs: p = x.dot(w); g = (p - y) * x; cache += g ** 2; w -= g / np.sqrt(cache)"
    >>> list(moved_by_errors(ast.parse(said).body[0]))
    ['w']
    >>> given = "for k, (p, g) in ps: v = self.m.get(k, np.zeros_like(p)); v = 0.9 * v - rate * g; p += v"
    >>> list(moved_by_errors(ast.parse(given).body[0]))
    []
    """
    made = _definitions(loop)
    made |= {name: [] for name in _multiplied(loop) if name not in made}
    steps = list(_steps(loop, made))
    counts = Counter(name for name, _ in steps)
    within = {name: values for name, values in made.items() if len(values) > counts[name]}  # no turn before this one
    for name, step in steps:
        needed = _closure(words_in(step), within)
        given = set[str]() if name in needed else _turning(loop)  # a mean goes by its own value, at a weight
        is_multiplied = _multiplies(step, needed, made, given)
        is_multiplied |= through_calls and _is_handed_on(name, step, needed, made)
        if _may_read(name, needed, made) and _differs(step, needed, made) and is_multiplied:
            yield name


def _multiplied(loop: ast.AST) -> set[str]:
    """Return the variables of loops that are multiplied on the way as well: `guess *= x`, and then `slope -= off * x`.

    A weight of which a running mean takes its share is multiplied once.
    """
    turning = _turning(loop)
    factors: list[str] = []
    for part in walk(loop):
        if isinstance(part, ast.BinOp | ast.AugAssign) and isinstance(part.op, ast.Mult):
            sides = (part.left, part.right) if isinstance(part, ast.BinOp) else (part.value,)
            factors += [side.id for side in sides if isinstance(side, ast.Name)]
    return {name for name in turning if factors.count(name) > 1}


def _turning(loop: ast.AST) -> set[str]:
    """Return the variables of loops."""
    targets = (part.target for part in walk(loop) if isinstance(part, ast.For))
    return {node.id for target in targets for node in walk(target) if isinstance(node, ast.Name)}


def _may_read(name: str, needed: set[str], made: Mapping[str, list[ast.expr]]) -> bool:
    """Tell whether what is moved is among what a step is computed from, or may be read by a method on the way.

    `self.w += x.T @ e`, where e is a difference from `self.think(x)`.
    """
    values = (value for word in needed for value in made.get(word, ()))
    return name in needed or any(_is_method_of(name, call) for value in values for call in calls_in(value))


def _is_handed_on(name: str, step: ast.expr, needed: set[str], made: Mapping[str, list[ast.expr]]) -> bool:
    """Tell whether a method that may read a name, or a function that is handed it, is called on the way to a step.

    What is multiplied is multiplied there: `e = predict(x, w, b) - y`, and then `b -= e / 10`.
    """
    calls = (part for part in _parts(step, needed, made) if isinstance(part, ast.Call))
    handed = ((call, {ast.unparse(argument) for argument in call.args}) for call in calls)
    return any(
        _is_method_of(name, call) or (isinstance(call.func, ast.Name) and name in given and len(given) > 1)
        for call, given in handed
    )


def _is_method_of(name: str, call: ast.Call) -> bool:
    owner = name.rpartition(".")[0]
    return bool(owner) and isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == owner


def calls_in(node: ast.AST) -> Iterator[ast.Call]:
    """Return the calls in some code."""
    return (part for part in walk(node) if isinstance(part, ast.Call))


def _definitions(loop: ast.AST) -> dict[str, list[ast.expr]]:
    """Return what a loop assigns to each of its names and attributes, or to entries of these, or adds to them."""
    found: dict[str, list[ast.expr]] = {}
    for node in walk(loop):
        if isinstance(node, ast.Assign):
            for target, given in assigned_in(node):
                parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
                for part in parts:
                    value = given
                    if isinstance(value, ast.BinOp) and _is_share_of(value.left, ast.unparse(part)):
                        value = value.right
                    if name := read_or_written(part):
                        found.setdefault(name, []).append(value)
        elif isinstance(node, ast.AugAssign) and (name := read_or_written(node.target)):
            found.setdefault(name, []).append(node.value)
    return found


def _is_share_of(value: ast.expr, word: str) -> bool:
    """Tell whether a term is something itself, or a share of it: a velocity's `0.9 * v`."""
    sides = [value.left, value.right] if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult) else [value]
    return word in map(ast.unparse, sides)


def _steps(loop: ast.AST, made: Mapping[str, list[ast.expr]]) -> Iterator[tuple[str, ast.expr]]:
    """Yield what is moved and by what; what begins with a copy of what it is written to moves it as well."""
    for node in walk(loop):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
            yield read_or_written(node.target), node.value
        for target, value in assigned_in(node):
            if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Add | ast.Sub):
                continue
            own = read_or_written(target)
            for left, right in sides_of(value):
                copies = made.get(left.id, []) if isinstance(left, ast.Name) else []
                if ast.unparse(left) == ast.unparse(target) or own in map(read_or_written, copies):
                    yield own, right
                    break


def read_or_written(node: ast.expr) -> str:
    """Return what is read or written: w for `w[i]` and `w[i].copy()`, and self.w for `self.w[i]`."""
    while True:
        if isinstance(node, ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
            node = node.func.value
        else:
            return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def words_in(node: ast.AST) -> set[str]:
    """Return what an expression is computed from: not what only lends it its shape, `np.zeros_like(w)`."""
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "").endswith("_like"):
        return set()
    own = {ast.unparse(node)} if isinstance(node, ast.Name | ast.Attribute) else set[str]()
    return own.union(*map(words_in, ast.iter_child_nodes(node)))


def _closure(words: set[str], made: Mapping[str, list[ast.expr]]) -> set[str]:
    """Return the names that some names depend on inside of the loop, themselves among them."""
    found: set[str] = set()
    waiting = list(words)
    while waiting:
        word = waiting.pop()
        if word not in found:
            found.add(word)
            waiting += [other for value in made.get(word, ()) for other in words_in(value)]
    return found


def _parts(step: ast.expr, needed: set[str], made: Mapping[str, list[ast.expr]]) -> Iterator[ast.AST]:
    for value in (step, *(value for word in needed for value in made.get(word, ()))):
        yield from walk(value)


def _differs(step: ast.expr, needed: set[str], made: Mapping[str, list[ast.expr]]) -> bool:
    return any(
        isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub) and words_in(part.left) and words_in(part.right)
        for part in _parts(step, needed, made)
    )


def _multiplies(step: ast.expr, needed: set[str], made: Mapping[str, list[ast.expr]], given: set[str]) -> bool:
    """Tell whether two values are multiplied on the way, one of which the loop computes: a rate is none.

    What is `given` to each turn is no rate either.
    """
    for part in _parts(step, needed, made):
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mult | ast.MatMult):
            sides: list[ast.AST] = [part.left, part.right]
        elif isinstance(part, ast.Call) and _called(part) in PRODUCTS:
            owner = part.func.value if isinstance(part.func, ast.Attribute) else None
            sides = [*part.args, *([] if owner is None or _is_library(owner) else [owner])]
        else:
            continue
        words = [{word for word in words_in(side) if not naming.RATE.search(word.rpartition(".")[2])} for side in sides]
        if len(sides) > 1 and all(words) and any(word in made for own in words for word in own):
            if (
                isinstance(part, ast.BinOp)
                and isinstance(part.op, ast.Mult)
                and _is_scaled(part, step, made.keys() | given)
            ):
                continue
            return True
    return False


def _is_scaled(part: ast.BinOp, step: ast.expr, changing: set[str]) -> bool:
    """Tell whether a product is the whole step, times what stays as it is: a rate, whatever it is called."""
    return part is step and any(not (words_in(side) & changing) for side in (part.left, part.right))


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_library(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "math")
