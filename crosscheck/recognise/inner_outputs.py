"""Outputs that a program computes within its gradient and gives no name: `w -= rate * X.T @ (sigmoid(X @ w) - y)`.

They are given one, and so are their differences from a target: a gradient is held against losses of these.
"""

import ast
from collections.abc import Iterator
from functools import cache

from crosscheck.recognise import naming
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk, walked

PRODUCTS = frozenset({"dot", "matmul", "multiply", "outer", "einsum", "mean", "sum"})
DIFFERENCE = naming.re.compile(r"^e$|err|diff|resid|delta|miss|loss", naming.re.IGNORECASE)
"""What differences from targets are called"""
NAMED = ast.Name | ast.Attribute | ast.Subscript
OF_ARRAYS = frozenset({"dot", "transpose", "reshape", "sum", "mean", "matmul", "T"})


def inner_outputs(tree: ast.Module, body: list[ast.stmt]) -> Iterator[tuple[int, ast.expr, str]]:
    r"""Yield outputs without a name and their differences, with where in a body they stand and what they are.

    >>> tree = ast.parse("for i in r: w -= 0.1 * X.T @ (sig(X @ w) - y)\ndef sig(z): return 1 / (1 + np.exp(-z))")
    >>> [(kind, ast.unparse(value)) for _, value, kind in inner_outputs(tree, tree.body[0].body)]
    [('output', 'sig(X @ w)'), ('difference', 'sig(X @ w) - y')]
    """

    @cache  # few bodies hold what may be an output
    def pure() -> frozenset[str]:
        return frozenset(node.name for node in walked(tree) if isinstance(node, ast.FunctionDef) and _is_pure(node))

    for place, statement in enumerate(body):
        yield from ((place, target, "target") for target in _targets(statement))
        if (named := _named_difference(statement)) is not None and _may_be_repeated(named, pure()):
            yield place, named, "output"
            continue
        for value in _differences(statement):
            if _may_be_repeated(value, pure()) and not (names_in(value) & _bound(statement)):
                computed = value.left if _is_computed(value.left) else value.right
                yield place, computed, "output"
                yield place, value, "difference"
                break


def _targets(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the entry of an array that a step, or a part of one, is the difference of: `w += rate * (y[i] - p) * x`.

    >>> [ast.unparse(t) for t in _targets(ast.parse("w += 0.1 * (y[i] - p) * x[i]").body[0])]
    ['y[i]']
    >>> [ast.unparse(t) for t in _targets(ast.parse("error = labels[i] - forward(x)").body[0])]
    ['labels[i]']
    >>> [ast.unparse(t) for t in _targets(ast.parse("back = p - y[i]").body[0])]
    ['y[i]']
    >>> [ast.unparse(t) for t in _targets(ast.parse("w -= 0.1 * (p - 1) * x[i]").body[0])]
    []
    """
    value = getattr(statement, "value", None)
    is_error = isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    found = [value] if is_error and isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub) else []
    found += _factors(value) if value is not None and _is_of_gradient(statement) else []
    for factor in found:
        entries = [side for side in (factor.left, factor.right) if isinstance(side, ast.Subscript)]
        others = [side for side in (factor.left, factor.right) if isinstance(side, ast.Name | ast.Call)]
        entries = [entry for entry in entries if not _is_shifted(entry)]  # `y[i - 1]` may be that of another example
        if len(entries) == len(others) == 1 and naming.TRUTH.match(root_word(entries[0])):
            yield entries[0]
            return


def _is_shifted(entry: ast.Subscript) -> bool:
    """Tell whether an index is computed on the spot."""
    return any(isinstance(part, ast.BinOp) for part in walk(entry))


def _named_difference(statement: ast.stmt) -> ast.expr | None:
    """Return the output in a statement that gives its difference a name: `error = X.dot(w) - y`."""
    value = statement.value if isinstance(statement, ast.Assign) else None
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub) and isinstance(statement.targets[0], ast.Name):  # pyright: ignore
        computed = [side for side in (value.left, value.right) if _is_computed(side)]
        is_called_so = DIFFERENCE.search(statement.targets[0].id)  # pyright: ignore
        if is_called_so and len(computed) == 1:
            return computed[0]
    return None


def _differences(statement: ast.stmt) -> Iterator[ast.BinOp]:
    """Yield the differences of something computed that are factors in what is a gradient by its use or its name."""
    value = getattr(statement, "value", None)
    if value is None or not _is_of_gradient(statement):
        return
    for factor in _factors(value):
        sides = factor.left, factor.right
        if sum(map(_is_computed, sides)) == 1 and not any(isinstance(s, ast.Constant) for s in sides):
            yield factor


def _factors(value: ast.expr) -> Iterator[ast.BinOp]:
    """Yield the differences that are factors of products."""
    for product in walk(value):
        factors: list[ast.expr] = []
        if isinstance(product, ast.BinOp) and isinstance(product.op, ast.MatMult | ast.Mult):
            factors = [product.left, product.right]
        elif isinstance(product, ast.Call) and root_word(product.func) in PRODUCTS:
            factors = [*product.args, *([product.func.value] if isinstance(product.func, ast.Attribute) else [])]
        for factor in factors:
            factor = factor.operand if isinstance(factor, ast.UnaryOp) else factor
            if isinstance(factor, ast.Attribute) and factor.attr == "T":
                factor = factor.value
            if isinstance(factor, ast.BinOp) and isinstance(factor.op, ast.Sub):
                yield factor


def _is_of_gradient(statement: ast.stmt) -> bool:
    """Tell whether a statement moves something or computes what is called like a gradient."""
    if isinstance(statement, ast.AugAssign):
        return isinstance(statement.op, ast.Sub | ast.Add)
    if not isinstance(statement, ast.Assign):
        return False
    target, value = statement.targets[0], statement.value
    word = root_word(target) if isinstance(target, ast.Name | ast.Attribute | ast.Subscript) else ""
    moves = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub | ast.Add) and root_word(value.left) == word
    return bool(word) and (moves or naming.looks_like_gradient(word))


def _is_computed(node: ast.expr) -> bool:
    """Tell whether something is the output of a product or of a function of one, be it of numbers: `m * x + b`.

    >>> [_is_computed(ast.parse(text, mode="eval").body) for text in ("f(w @ x)", "m * x[i] + b", "y", "2 * y")]
    [True, True, False, False]
    """
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = (node.left, node.right)
        lines = (side for side in sides if isinstance(side, ast.BinOp) and isinstance(side.op, ast.Mult))
        if any(isinstance(line.left, NAMED) and isinstance(line.right, NAMED) for line in lines):
            return True
    products = (part for part in walk(node) if isinstance(part, ast.BinOp) and isinstance(part.op, ast.MatMult))
    calls = (part for part in walk(node) if isinstance(part, ast.Call) and root_word(part.func) in ("dot", "matmul"))
    return any(True for _ in products) or any(True for _ in calls)


def _bound(statement: ast.stmt) -> set[str]:
    """Return the names that comprehensions in a statement go through: outside of these they mean nothing."""
    made = (part for part in walk(statement) if isinstance(part, ast.comprehension))
    return {name for part in made for name in names_in(part.target)}


def names_in(node: ast.AST) -> set[str]:
    """Return the names in some code."""
    return {part.id for part in walk(node) if isinstance(part, ast.Name)}


def _may_be_repeated(node: ast.expr, pure: frozenset[str]) -> bool:
    """Tell whether an expression may be computed twice: it calls what only computes."""
    for call in (part.func for part in walk(node) if isinstance(part, ast.Call)):
        of_numpy = isinstance(call, ast.Attribute) and root_word(call.value) in ("np", "numpy", "math")
        if not of_numpy and root_word(call) not in pure | OF_ARRAYS:
            return False
    return True


def _is_pure(node: ast.FunctionDef) -> bool:
    """Tell whether a function changes nothing but its own variables."""
    stores = (n for n in walk(node) if isinstance(n, ast.Attribute | ast.Subscript) and isinstance(n.ctx, ast.Store))
    told = (n for n in walk(node) if isinstance(n, ast.Global | ast.Nonlocal | ast.Yield | ast.Expr))
    told = (n for n in told if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)))
    random = (n for n in walk(node) if isinstance(n, ast.Attribute) and n.attr == "random")
    return not any(True for found in (stores, told, random) for _ in found)
