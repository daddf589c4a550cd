"""Which single numbers of a program are parameters: a bias that is 0.0 at first, an entry of what holds them all."""

import ast
import re
from collections.abc import Iterator

from crosscheck.recognise.averages import memories_of_squares, remembered_in_steps
from crosscheck.recognise.learning import moved_by_errors
from crosscheck.recognise.naming import DECAY, LOSS, RATE, cores, is_gradient_of, looks_like_gradient
from crosscheck.recognise.pairing import update_pairs
from crosscheck.recognise.signed_steps import steps_in
from crosscheck.recognise.statements import assigned_in, root_word, words
from crosscheck.source.walking import walk

PARAMETERS = re.compile(r"theta|param|weights|coef|^model$|^net$|^[wp]s?$|vars", re.IGNORECASE)
"""What holds parameters, by its name"""


def scalar_parameters(tree: ast.AST) -> frozenset[str]:
    """Return the names of parameters that may be single numbers: `b -= rate * e`, `b -= db`, or `b` beside `db` at all.

    A running mean of a loss moves at a rate as well, and is no parameter. What remembers squares is filled like one.
    """
    moved = {
        parameter
        for parameter, word in update_pairs(tree)
        if not looks_like_gradient(parameter)
        and not LOSS.search(parameter)
        and (looks_like_gradient(word) or RATE.search(word))
    }
    for found in (
        _moved_together,
        moved_by_shares,
        _numbers_beside_arrays,
        _moved_by_own_errors,
        memories_of_squares,
        remembered_in_steps,
        _numbers_moved_by_key,
    ):
        moved |= set(found(tree))
    stored = {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in walk(tree)
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    counters = {
        name.id
        for node in walk(tree)
        if isinstance(node, ast.For | ast.comprehension)
        for name in walk(node.target)
        if isinstance(name, ast.Name)
    }
    indices = {
        name.id
        for node in walk(tree)
        if isinstance(node, ast.Subscript)
        for name in walk(node.slice)
        if isinstance(name, ast.Name)
    }
    arguments = {argument.arg for argument in walk(tree) if isinstance(argument, ast.arg)}
    gradients = [name for name in stored if cores(name)]
    named = {own for own in arguments | stored if any(is_gradient_of(name, own.lstrip("_")) == 3 for name in gradients)}
    named = {own for own in named if not DECAY.search(own)}  # `dl1` is the sign that `l1` is multiplied by
    return frozenset(name for name in moved | named if name) - counters - indices - set(_sizes(tree))


def numbers_gone_through(tree: ast.AST) -> frozenset[str]:
    """Return the names under which loops take numbers out of rows, `for x1, x2, t in data`, and only compute with them.

    An input that happens to be zero hides what is wrong with the gradient of its weight: it must be another number.
    What a loop inside of such a loop reads are settings, as in `for rate, decay in tried`, and stay what they are.

    >>> sorted(numbers_gone_through(ast.parse("for i, (a, b, k) in enumerate(rows): y = w * a + v * b + table[k]")))
    ['a', 'b']
    """
    found: set[str] = set()
    for loop in (node for node in walk(tree) if isinstance(node, ast.For) and isinstance(node.target, ast.Tuple)):
        is_counted = isinstance(loop.iter, ast.Call) and root_word(loop.iter.func) == "enumerate"
        parts = loop.target.elts[1:] if is_counted else [loop.target]  # pyright: ignore[reportAttributeAccessIssue]
        taken = {name.id for part in parts for name in walk(part) if isinstance(name, ast.Name)}
        found |= taken & _only_computed_with(loop)
    return frozenset(found)


def _only_computed_with(loop: ast.AST) -> set[str]:
    """Return the names that a loop multiplies with something, and reads for nothing but sums, differences and such."""
    factors: set[str] = set()
    computing: set[int] = set()
    for node in (node for node in walk(loop) if isinstance(node, ast.BinOp)):
        for side in (node.left, node.right):
            if isinstance(side, ast.Name) and isinstance(node.op, ast.Mult | ast.Sub | ast.Add):
                computing.add(id(side))
                factors |= {side.id} if isinstance(node.op, ast.Mult) else set()
    inner = (node for node in walk(loop) if isinstance(node, ast.For | ast.While) and node is not loop)
    settings = {id(part) for node in inner for part in walk(node)}
    names = (node for node in walk(loop) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return factors - {name.id for name in names if id(name) not in computing or id(name) in settings}


def _numbers_moved_by_key(tree: ast.AST) -> Iterator[str]:
    r"""Yield the keys of numbers in dictionaries that are moved entry by entry: `for k in p: p[k] -= rate * g[k]`.

    >>> code = "p = {'W': np.ones(3), 'b': 0.0}; p['c'] = 0; q = {'d': 1.0}"
    >>> list(_numbers_moved_by_key(ast.parse(code + "\nfor k in p: p[k] = p[k] - rate * g[k]; m[k] = 0.9 * m[k]")))
    ['b', 'c']
    >>> list(_numbers_moved_by_key(ast.parse(code + "\np = {k: p[k] - rate * g[k] for k in p}")))
    ['b', 'c']
    """
    moved = set(_moved_by_key(tree))
    for target, value in (pair for node in walk(tree) for pair in assigned_in(node)):
        if root_word(target) in moved and isinstance(value, ast.Dict):
            pairs = [(getattr(key, "value", None), one) for key, one in zip(value.keys, value.values, strict=True)]
        elif isinstance(target, ast.Subscript) and root_word(target.value) in moved:
            pairs = [(getattr(target.slice, "value", None), value)]
        else:
            continue
        found = (key for key, one in pairs if isinstance(key, str) and _is_one_number(one))
        yield from (key for key in found if not RATE.search(key))


def _is_one_number(value: ast.expr) -> bool:
    """Tell whether an expression is a number written out, or drawn without a shape."""
    if isinstance(value, ast.BinOp):
        return _is_one_number(value.left) and _is_one_number(value.right)
    if isinstance(value, ast.Call):
        return root_word(value.func) in ("randn", "rand", "random", "normal") and not value.args and not value.keywords
    return isinstance(value, ast.Constant) and isinstance(value.value, int | float)


def _moved_by_key(tree: ast.AST) -> Iterator[str]:
    """Yield the names of what is moved entry by entry, under the variable of a loop."""
    for node in walk(tree):
        if isinstance(node, ast.For):
            keys = {name.id for name in walk(node.target) if isinstance(name, ast.Name)}
            for part in walk(node):
                targets = [target for target, value in assigned_in(part) if _is_sum(value)]
                targets += [part.target] if isinstance(part, ast.AugAssign) and _is_sum(part) else []
                entries = (target for target in targets if isinstance(target, ast.Subscript))
                yield from (root_word(one.value) for one in entries if getattr(one.slice, "id", "") in keys)
        for target, value in assigned_in(node):
            if isinstance(value, ast.DictComp) and _is_sum(value.value):
                yield root_word(target)


def _is_sum(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Sub | ast.Add)


def _moved_together(tree: ast.AST) -> Iterator[str]:
    """Yield numbers that are put in one array, moved, and taken apart again.

    >>> list(_moved_together(ast.parse("x, y = np.array([x, y]) - rate * g; a, b = np.array([b, a]) - g")))
    ['x', 'y']
    """
    for node in walk(tree):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=own)], value=ast.BinOp(left=ast.Call(args=[ast.List(elts=held)]))):
                names = [part.id for part in own if isinstance(part, ast.Name)]
                if names == [part.id for part in held if isinstance(part, ast.Name)]:
                    yield from names


MAKES_SHAPES = frozenset(["zeros", "ones", "empty", "full", "eye", "identity", "randn", "rand", "reshape", "range"])
"""What is handed sizes and no numbers besides"""


def _sizes(tree: ast.AST) -> Iterator[str]:
    """Yield the names that stand where the sizes of an array are given: `np.zeros((n, self.h))`."""
    calls = (node for node in walk(tree) if isinstance(node, ast.Call))
    for call in calls:
        if getattr(call.func, "attr", getattr(call.func, "id", "")) not in MAKES_SHAPES:
            continue
        waiting: list[ast.AST] = list(call.args)
        while waiting:
            part = waiting.pop()
            if isinstance(part, ast.Name | ast.Attribute):
                yield root_word(part)
            elif isinstance(part, ast.Tuple | ast.List | ast.BinOp):
                waiting += ast.iter_child_nodes(part)


def moved_by_shares(tree: ast.AST) -> Iterator[str]:
    """Yield what is moved down by a share of something, `b -= 0.05 * e.sum()`, or up by the same share as another.

    A mean that runs along, `m += 0.1 * (x - m)`, is a part of its own step.

    >>> said = "w = w - 0.1 * x.dot(e); b = b + 0.1 * np.mean(e); m += 0.1 * (x - m); c = c + 0.2 * x"
    >>> sorted(set(moved_by_shares(ast.parse(said))))
    ['b', 'w']
    """
    moved_by: dict[float, set[str]] = {}
    for moved, step, adds in steps_in(tree):
        share = share_in(step)
        if share is not None and moved not in words(step):
            moved_by.setdefault(share, set()).add(moved)
            if not adds:
                yield moved
    yield from (name for names in moved_by.values() if len(names) > 1 for name in names)


def _moved_by_own_errors(tree: ast.AST) -> Iterator[str]:
    r"""Yield what loops and functions move by what they have computed from it, whatever the step is called.

    >>> said = "for x in xs:\n  e = x.dot(w) + b - y\n  w = w - e * x\n  b = b - np.mean(e) / 10\n  n = n + np.mean(e)"
    >>> list(_moved_by_own_errors(ast.parse(said)))
    ['w', 'b']
    """
    for scope in (node for node in walk(tree) if isinstance(node, ast.For | ast.While | ast.FunctionDef)):
        for name in moved_by_errors(scope, through_calls=True):
            word = name.rpartition(".")[2]
            if not any(known.search(word) for known in (LOSS, RATE)) and not looks_like_gradient(word):
                yield word


def share_in(step: ast.expr) -> float | None:
    """Return the share in `0.05 * e.sum() / n`; None where there is none."""
    while isinstance(step, ast.BinOp):
        if isinstance(step.left, ast.Constant):
            value, others = step.left.value, step.right
            is_share = isinstance(step.op, ast.Mult) and isinstance(value, float) and 0 < value < 1
            reads = any(isinstance(part, ast.Name) for part in walk(others))
            return value if is_share and reads else None  # pyright: ignore[reportReturnType]
        step = step.left
    return None


def _numbers_beside_arrays(tree: ast.AST) -> Iterator[str]:
    """Yield the keys of numbers that stand beside arrays in a dictionary, `{"w": np.zeros(3), "b": 0.0}`.

    The same key must be one of another dictionary as well: that of its gradient.
    """
    known = [{k.value: v for k, v in zip(n.keys, n.values, strict=True) if isinstance(k, ast.Constant)}
             for n in walk(tree) if isinstance(n, ast.Dict)]  # fmt: skip
    for place, entries in enumerate(known):
        numbers = {k for k, v in entries.items() if isinstance(v, ast.Constant) and type(v.value) in (int, float)}
        made = {k for k, v in entries.items() if isinstance(v, ast.Call | ast.BinOp)}
        others = [other for n, other in enumerate(known) if n != place and made & other.keys()]
        yield from (str(k) for k in numbers if made and any(k in other for other in others))


def unpacked_parameters(tree: ast.AST) -> frozenset[str]:
    """Return the names of what is taken apart into parameters, by its own name: `W, b, u, c = theta`."""
    assigned = (node for node in walk(tree) if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name))
    return frozenset(
        node.value.id  # pyright: ignore[reportAttributeAccessIssue]
        for node in assigned
        if isinstance(node.targets[0], ast.Tuple) and PARAMETERS.search(node.value.id)  # pyright: ignore[reportAttributeAccessIssue]
    )
