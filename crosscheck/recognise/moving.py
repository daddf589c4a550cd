"""What shows that a loop learns, whatever its variables are called: weights that it moves, and by what."""

import ast
from collections.abc import Iterator

from crosscheck.recognise import naming
from crosscheck.recognise.learning import steps_by_errors
from crosscheck.recognise.statements import assigned_in
from crosscheck.source.walking import walked

PRODUCTS = frozenset({"dot", "matmul", "einsum", "tensordot"})
OWN_LOSS = naming.re.compile(r"_(?:loss|cost)$|[a-z]Loss$")
"""What the loss of one of several networks is called"""


def moves_weights(loop: ast.AST) -> bool:
    """Tell whether a loop, or a function, moves something as weights are moved.

    It is a factor of a product, and moved by a product of a transpose, or an outer one: `h = np.dot(X, w)` and then
    `w += X.T.dot(q)`; a state that moves by its own product (`h += W @ h`) is no such thing. Or it is moved by what
    came together with a loss: `loss, q = step(x)` and then `w -= 0.1 * q`. Or beside a loss, at a rate: `w -= lr * q`.
    Or entry by entry, at a rate: `w[i] -= lr * q * x[i]`. Or at a rate where a guess is of another class
    than it should be.
    """
    factors, beside = set(_factors(loop)), set(_beside_losses(loop))
    has_loss = any(naming.WHOLE_LOSS.match(name) or OWN_LOSS.search(name) for name in _written(loop))
    return any(
        (name in factors and _is_of_gradient(step, loop))
        or not beside.isdisjoint(_names(step))
        or (name in factors and not naming.STATE.match(name) and any(map(naming.RATE.search, _names(step))))
        or (has_loss and not naming.LOSS.search(name) and any(map(naming.RATE.search, _names(step))))
        or (name.endswith("]") and _is_at_a_rate(step))
        for name, step in _moves(loop)
    ) or (steps_by_errors(loop) or _moves_by_classes(loop))


def _moves_by_classes(loop: ast.AST) -> bool:
    r"""Tell whether something is moved at a rate where a class is asked for: `if guess == 1 and y == 0: w -= rate * x`.

    >>> code = "for x in X:\n  p = f(x)\n  if {}:\n    w = w - rate * x"
    >>> tests = ("p != y", "p == 1 and y == 0", "p > y", "k == 10")
    >>> [_moves_by_classes(ast.parse(code.format(test))) for test in tests]
    [True, True, False, False]
    """
    for loop_ in (node for node in walked(loop) if isinstance(node, ast.For)):
        for test in (node for node in walked(loop_) if isinstance(node, ast.If)):
            asked = [part for part in walked(test.test) if isinstance(part, ast.Compare)]
            if not asked or not all(isinstance(part.ops[0], ast.Eq | ast.NotEq) for part in asked):
                continue
            against = [part.comparators[0] for part in asked]
            if not all(isinstance(part, ast.Name | ast.Subscript) or _is_class(part) for part in against):
                continue
            if any(_is_at_a_rate(step) and not is_rate(name.rpartition(".")[2]) for name, step in _moves(test)):
                return True
    return False


def _is_class(node: ast.expr) -> bool:
    value = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    return isinstance(value, ast.Constant) and value.value in (0, 1)


def _is_at_a_rate(step: ast.expr) -> bool:
    """Tell whether a step is a product of what is called like a rate, or of a share: `0.1 * q`."""
    factors = [
        side
        for n in walked(step)
        if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Mult)
        for side in (n.left, n.right)
    ]
    factors = [side.operand if isinstance(side, ast.UnaryOp) else side for side in factors]  # `W += -0.1 * q`
    return any(
        (isinstance(side, ast.Constant) and isinstance(side.value, float) and 0 < side.value < 1)
        or (isinstance(side, ast.Name | ast.Attribute) and any(map(naming.RATE.search, _names(side))))
        for side in factors
    )


def _written(loop: ast.AST) -> set[str]:
    return {node.id for node in walked(loop) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def scattered_step(call: ast.Call) -> tuple[ast.expr, ast.expr] | None:
    """Return what `np.subtract.at(W, rows, step)` or `np.add.at` moves, and by what; None of other calls."""
    ufunc = call.func.value if isinstance(call.func, ast.Attribute) and call.func.attr == "at" else None
    is_step = isinstance(ufunc, ast.Attribute) and ufunc.attr in ("add", "subtract")
    return (call.args[0], call.args[2]) if is_step and len(call.args) == 3 else None


def _beside_losses(loop: ast.AST) -> Iterator[str]:
    """Yield the names that are assigned what a call returns together with a loss."""
    for node in walked(loop):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Tuple):
            names = [item.id for item in node.targets[0].elts if isinstance(item, ast.Name)]
            if any(map(naming.LOSS.search, names)):
                yield from (name for name in names if not naming.LOSS.search(name))


def _names(step: ast.expr) -> set[str]:
    """Return the words in a step: `self.rate` is rate."""
    words = (node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in walked(step))
    return set(words) - {""}


def _moves(loop: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in walked(loop):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
            yield ast.unparse(node.target), node.value
        for target, value in assigned_in(node):
            if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Add | ast.Sub):
                continue
            if ast.unparse(value.left) == ast.unparse(target):
                yield ast.unparse(target), value.right
        if isinstance(node, ast.Call) and (scattered := scattered_step(node)) is not None:
            yield ast.unparse(scattered[0]), scattered[1]


def _factors(loop: ast.AST) -> Iterator[str]:
    for node in walked(loop):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            yield from map(ast.unparse, (node.left, node.right))
        elif isinstance(node, ast.Call) and _called(node) in PRODUCTS:
            yield from map(ast.unparse, node.args)
            if isinstance(node.func, ast.Attribute):
                yield ast.unparse(node.func.value)


def moves_its_object(node: ast.AST) -> bool:
    """Tell whether a method moves what its object holds, at a rate or by a share: `self.w -= 0.1 * dw`."""
    return any(target.startswith("self.") and _is_at_a_rate(step) for target, step in _moves(node))


def factors_of_steps(tree: ast.AST) -> set[str]:
    """Return the factors of products that something is moved by: of `W += rate * x.T.dot(delta)` x and delta."""
    found: set[str] = set()
    for _, step in _moves(tree):
        for node in (part for part in walked(step) if isinstance(part, ast.expr)):
            if _is_product(node):
                found |= _names(node)
    return found


def _is_of_gradient(step: ast.expr, loop: ast.AST) -> bool:
    """Tell whether a step is made by a transpose or an outer product, directly or by way of a variable."""
    names = _names(step)
    made = [
        node.value
        for node in walked(loop)
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in names for t in node.targets)
    ]
    return any(
        (isinstance(node, ast.Attribute) and node.attr in ("T", "transpose"))
        or (isinstance(node, ast.Call) and _called(node) in ("outer", "transpose"))
        for value in (step, *made)
        for node in walked(value)
    )


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def is_rate(name: str) -> bool:
    """Tell whether a number is what steps are multiplied by, by its name."""
    return bool(naming.RATE.search(name)) or name == "step"


def moves_by_products(node: ast.AST) -> bool:
    """Tell whether what an object holds is moved at a rate by a product that the step itself forms.

    >>> code = "self.w -= self.rate * np.dot(self.x.T, self.delta)"
    >>> [moves_by_products(ast.parse(one)) for one in (code, code.replace("self.w", "w"), "self.w -= self.rate * dw")]
    [True, False, False]
    """
    return any(
        target.startswith("self.") and _is_at_a_rate(step) and any(map(_is_product, walked(step)))
        for target, step in _moves(node)
    )


def _is_product(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return _called(node) in PRODUCTS
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)


def plainly_moved(node: ast.AST) -> Iterator[str]:
    """Yield the attributes that are moved by a rate times something that they are no part of: it is no decay."""
    for part in walked(node):
        if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Sub):
            target, step = part.target, part.value
        elif isinstance(part, ast.Assign) and isinstance(part.value, ast.BinOp) and isinstance(part.value.op, ast.Sub):
            target, step = part.targets[0], part.value.right
            if ast.unparse(part.value.left) != ast.unparse(target):
                continue
        else:
            continue
        words = {getattr(inner, "attr", getattr(inner, "id", "")) for inner in walked(step)}
        target = target.value if isinstance(target, ast.Subscript) else target  # `self.W[word] -= rate * dw`
        own = getattr(target, "attr", "")
        if own and own not in words and any(map(is_rate, words)) and isinstance(step, ast.BinOp):
            yield own
