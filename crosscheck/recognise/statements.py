"""What statements write to and loops go through, by the source alone."""

import ast
from collections.abc import Iterator, Sequence

from crosscheck.recognise import naming
from crosscheck.source.walking import kept, walk, walked


def root_word(target: ast.expr) -> str:
    """Return what is written to: `W` for `W`, `W[i]`, `self.W` and `params['W']`."""
    while True:
        if isinstance(target, ast.Subscript):
            if isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str):
                return target.slice.value
            target = target.value
        elif isinstance(target, ast.Attribute):
            return target.attr
        else:
            return target.id if isinstance(target, ast.Name) else ""


def root_variable(node: ast.AST) -> str:
    """Return the variable that a place is in: `p` of `p.W[0]`."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def words(node: ast.AST) -> list[str]:
    """Return the names in an expression, and those of attributes."""
    names = [n.id for n in walk(node) if isinstance(n, ast.Name)]
    return names + [n.attr for n in walk(node) if isinstance(n, ast.Attribute)]


def sides_of(value: ast.BinOp) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield what a sum or difference may begin with, and the rest: of `rate * g + w` that is w as well."""
    yield value.left, value.right
    if isinstance(value.op, ast.Add):
        yield value.right, value.left


def stored(node: ast.AST) -> set[str]:
    """Return the variables that a statement assigns."""
    return {n.id for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def updates(statement: ast.stmt, names: frozenset[str]) -> bool:
    """Tell whether a statement moves parameters of these names: one of them, or all in a loop.

    A loop over the units of a layer that only adds up gradients moves nothing.
    """
    if isinstance(statement, ast.For):
        over = set(words(statement.iter)) & names
        inner = [part for part in statement.body if isinstance(part, ast.AugAssign | ast.Assign)]
        targets = [part.target if isinstance(part, ast.AugAssign) else part.targets[0] for part in inner]
        own = names | set(words(statement.target))
        return bool(over) and any({root_word(target), root_variable(target)} & own for target in targets)
    if isinstance(statement, ast.AugAssign):
        return root_word(statement.target) in names
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):  # `np.subtract(w, step, out=w)`
        return any(keyword.arg == "out" and root_word(keyword.value) in names for keyword in statement.value.keywords)
    if isinstance(statement, ast.Assign):
        targets = {root_word(target) for target in statement.targets}
        return bool(targets & names) and bool(set(words(statement.value)) & names)
    return False


@kept
def moved_attributes(tree: ast.AST) -> frozenset[tuple[str, str]]:
    r"""Return the attributes of objects that are moved by something, and what holds these objects.

    >>> sorted(moved_attributes(ast.parse("model.net.W -= 0.1 * g.W\nself.b += g.b\nself.net.v = v")))
    [('net', 'W'), ('self', 'b')]
    """
    targets = (part.target for part in walk(tree) if isinstance(part, ast.AugAssign))
    chains = [target for target in targets if isinstance(target, ast.Attribute)]
    return frozenset((root_word(target.value), target.attr) for target in chains)


def writes_gradients(loop: ast.AST) -> bool:
    """Tell whether something is written to that is called like a gradient."""
    written = (node for node in walk(loop) if isinstance(getattr(node, "ctx", None), ast.Store))
    names = (node.id if isinstance(node, ast.Name) else getattr(node, "attr", "") for node in written)
    return any(map(naming.looks_like_gradient, names))


def goes_back_in_time(loop: ast.For | ast.While) -> bool:
    r"""Tell whether a loop runs through the steps of a backward pass, which it adds up.

    One that predicts in each turn and takes a step is a training that begins at the end: of an episode, for one.

    >>> back = "for t in reversed(range(n)):\n    dh = V.T @ dy[t] + dh\n    dV += dh"
    >>> training = "for t in reversed(range(n)):\n    p = softmax(x[t] @ V)\n    V += alpha * g[t] * (y[t] - p)"
    >>> carried = "for t in range(n):\n    d = (later @ V.T + e[-t - 1]) * h[-t - 1]\n    dV += d\n    later = d"
    >>> [goes_back_in_time(ast.parse(text).body[0]) for text in (back, training, carried.replace("later", "delta"))]
    [True, False, True]
    """
    if isinstance(loop, ast.While):
        return False
    text = ast.unparse(loop.iter)
    is_back = "reversed" in text or "::-1" in text or ("range" in text and text.endswith("-1)")) or "[-1:" in text
    return (is_back or _carries_gradient(loop)) and not _trains(loop.body)


def _carries_gradient(loop: ast.For) -> bool:
    """Tell whether a turn begins with a gradient that the one before has left, and takes it through a layer."""
    seen: set[str] = set()
    carried: set[str] = set()
    for statement in loop.body:
        for product in filter(_is_matrix_product, walked(statement)):
            read = {part.id for part in walked(product) if isinstance(part, ast.Name)} - seen
            carried |= {name for name in read if len(name) > 1 and naming.is_gradient_argument(name)}
        for target, _ in assigned_in(statement):
            if isinstance(target, ast.Name):
                if target.id in carried:
                    return True
                seen.add(target.id)
    return False


def _is_matrix_product(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.MatMult)
    return isinstance(node, ast.Call) and root_word(node.func) in ("dot", "matmul")


def _trains(body: Sequence[ast.stmt]) -> bool:
    """Tell whether statements make a prediction with what they move at a rate afterwards."""
    predicted: set[str] = set()
    for statement in body:
        match statement:  # what is moved is no layer's, by its number
            case ast.AugAssign(target=ast.Name() | ast.Attribute() as moved, value=step) if (
                root_word(moved) in predicted
            ):
                parts = (part for part in walked(step) if isinstance(part, ast.Name | ast.Attribute))
                if any(naming.RATE.search(root_word(part)) for part in parts):
                    return True
        for target, value in assigned_in(statement):
            word = root_word(target)
            if not naming.is_gradient_argument(word):
                predicted |= {root_word(part) for part in walked(value) if isinstance(part, ast.Name | ast.Attribute)}
    return False


def keeps_share(own: str, value: ast.AST) -> bool:
    """Tell whether a value is a sum of a share of something and something else.

    >>> [keeps_share("v", ast.parse(text, mode="eval").body) for text in ("0.9 * v - step", "v + step", "2 * v")]
    [True, False, False]
    """
    is_sum = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub)
    terms = [value.left, value.right] if is_sum else []  # pyright: ignore[reportAttributeAccessIssue]
    products = (part for part in terms if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mult))
    return any(own in (ast.unparse(product.left), ast.unparse(product.right)) for product in products)


def only_steps(loop: ast.For | ast.While) -> bool:
    r"""Tell whether a loop over numbers only moves entries by what is known before it: the gradients are of that.

    >>> step = "for j in range(3):\n    w[j] -= 0.1 * {} * x[j]"
    >>> [only_steps(ast.parse(step.format(by)).body[0]) for by in ("d", "(w[j] - y[j])")]
    [True, False]
    """
    if not (isinstance(loop, ast.For) and isinstance(loop.target, ast.Name) and isinstance(loop.iter, ast.Call)):
        return False
    return root_word(loop.iter.func) == "range" and all(_is_step(statement, loop.target.id) for statement in loop.body)


def _is_step(statement: ast.stmt, place: str) -> bool:
    """Tell whether a statement moves entries at some places, by what does not depend on them."""
    if isinstance(statement, ast.For):
        return only_steps(statement)
    if not (isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Subscript)):
        return False
    indices = {part.id for part in walked(statement.target) if isinstance(part, ast.Name)}
    read = {root_word(part) for part in walked(statement.value) if isinstance(part, ast.Name | ast.Attribute)}
    return place in indices and root_word(statement.target) not in read


def loop_name(path: list[str], loop: ast.For | ast.While) -> str:
    """Return what a loop is called: `train, the loop in line 45`."""
    what = ("statements from" if path else "script from") if getattr(loop, "is_script", False) else "loop in"
    return ", ".join([*([".".join(path)] if path else []), f"the {what} line {loop.lineno}"])


def returned_parts(function: ast.FunctionDef) -> Iterator[tuple[tuple[int, ...], ast.expr]]:
    """Yield the parts of what the last return statement returns, by position: `(1,)` is the second of a tuple."""
    returns = [node for node in walked(function) if isinstance(node, ast.Return) and node.value is not None]
    if not returns:
        return
    last = max(returns, key=lambda node: node.lineno).value
    waiting: list[tuple[tuple[int, ...], ast.expr]] = [((), last)] if last else []
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, ast.Tuple | ast.List):
            waiting += [((*path, place), item) for place, item in enumerate(value.elts)]
        else:
            yield path, value


def assigned_in(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield what an assignment gives which value to, one by one: two of them in `a, b = c, d`."""
    if not isinstance(node, ast.Assign):
        return
    for target in node.targets:
        if isinstance(target, ast.Tuple | ast.List) and isinstance(node.value, ast.Tuple | ast.List):
            yield from zip(target.elts, node.value.elts, strict=False)
        else:
            yield target, node.value


OF_ARRAYS, BUILT_IN = frozenset({"sum", "mean", "dot", "item"}), frozenset({"len", "float", "int", "sum", "abs"})
"""What may be called twice: methods of arrays, and functions of Python"""


def is_plain(node: ast.expr) -> bool:
    """Tell whether an expression may be computed twice: it calls nothing but functions of NumPy and of arrays."""
    calls = [part.func for part in walk(node) if isinstance(part, ast.Call)]
    return all(
        call.attr in OF_ARRAYS or root_word(call.value) in ("np", "numpy", "math")
        if isinstance(call, ast.Attribute)
        else root_word(call) in BUILT_IN
        for call in calls
    ) and not any(isinstance(part, ast.NamedExpr | ast.Await | ast.Yield) for part in walk(node))
