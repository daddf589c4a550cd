"""Which parameters a program says that it penalises: `loss + lam * np.sum(w ** 2)` is about w, and not about b."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping

from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.source.walking import operands, walked

WEIGHT = re.compile(r"lam|reg|penal|decay|ridge|^l2|^wd$", re.IGNORECASE)
"""What the weight of a penalty is called, and little else"""
PLAIN = ast.BinOp, ast.operator, ast.expr_context, ast.Name, ast.Attribute, ast.Constant
"""Of which the weight of a penalty is made"""
SQUARES = frozenset({"square", "norm"})
POWERS = frozenset({"pow", "power"})


def penalised(tree: ast.AST) -> frozenset[str]:
    """Return the names of all arrays whose squares are weighed by what is called like the weight of a penalty.

    >>> tree = ast.parse("loss = np.mean(e ** 2) + lam * (self.w ** 2).sum(); dw = e @ x + 2 * lam * w; db = lam * b")
    >>> sorted(penalised(tree))
    ['w']
    """
    held = dict(_targets(tree))
    found: set[str] = set()
    for node in walked(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
            sides = (node.left, node.right)
            if any(
                isinstance(part, ast.Name | ast.Attribute) and WEIGHT.search(root_word(part)) for part in _leaves(node)
            ):
                found |= {name for side in sides for name in _squared(side)}
    return frozenset(held.get(name, name) for name in found)


def _leaves(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the factors of a product, without what is in brackets of any other kind."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        yield from _leaves(node.left)
        yield from _leaves(node.right)
    else:
        yield node


def _squared(node: ast.expr) -> Iterator[str]:
    """Yield the names of what is squared in an expression: `w ** 2`, `w * w`, `np.square(w)`, `np.linalg.norm(w)`."""
    yield from (word for value in _roots_of_squares(node) if (word := root_word(value)))


def _roots_of_squares(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what is squared in an expression."""
    for part in walked(node):
        if isinstance(part, ast.BinOp):
            is_power = isinstance(part.op, ast.Pow) and isinstance(part.right, ast.Constant) and part.right.value == 2
            is_product = isinstance(part.op, ast.Mult | ast.MatMult) and ast.dump(part.left) == ast.dump(part.right)
            yield from [part.left] if is_power or is_product else []
        elif isinstance(part, ast.Call) and root_word(part.func) in SQUARES:
            yield from part.args[:1]
        elif isinstance(part, ast.Call) and root_word(part.func) in POWERS and len(part.args) == 2:
            power = part.args[1]
            yield from part.args[:1] if isinstance(power, ast.Constant) and power.value == 2 else []


def halves_squares(value: ast.expr) -> bool:
    """Tell whether an expression has squares in it, and halves them.

    >>> said = "0.5 * np.sum((y - t) ** 2); np.square(e).sum() / (2 * m); np.mean(e ** 2); 0.5 * e; (e / 2) * (1 / n)"
    >>> [halves_squares(part.value) for part in ast.parse(said).body]
    [True, True, False, False, False]
    """
    products = (part for part in walked(value) if isinstance(part, ast.BinOp))
    halves = any(
        (isinstance(part.op, ast.Mult) and any(getattr(side, "value", None) == 0.5 for side in (part.left, part.right)))
        or (isinstance(part.op, ast.Div) and any(getattr(one, "value", None) == 2 for one in _leaves(part.right)))
        for part in products
    )
    return halves and any(True for _ in _roots_of_squares(value))


def is_halved(tree: ast.AST, name: str) -> bool:
    r"""Tell whether a number is half of some squares wherever it is computed: errors are reported without the half.

    >>> said = "e = 0\ne += 0.5 * (y - t) ** 2", "e = np.mean((y - t) ** 2)", "e = (y - t) ** 2 / 2; e = e + 1"
    >>> [is_halved(ast.parse(one), "e") for one in said]
    [True, False, False]
    """
    computed = [value for node in walked(tree) for target, value in assigned_in(node) if root_word(target) == name]
    computed += [n.value for n in walked(tree) if isinstance(n, ast.AugAssign) and root_word(n.target) == name]
    computed = [value for value in computed if not isinstance(value, ast.Constant)]
    return bool(computed) and all(map(halves_squares, computed))


def squared_by(term: ast.expr) -> tuple[ast.expr | None, frozenset[str]]:
    """Return what a product weighs squares by, with the names of what is squared; None if it is no such product.

    >>> said = "0.5 * lam * (np.sum(w ** 2) + v @ v); 0.5 * self.c * self.w @ self.w; 0.5 * (e ** 2); n * x @ y"
    >>> found = [squared_by(part.value) for part in ast.parse(said).body]
    >>> [(weight and ast.unparse(weight), sorted(names)) for weight, names in found]
    [('0.5 * lam', ['v', 'w']), ('0.5 * self.c', ['w']), ('0.5', ['e']), (None, [])]
    """
    factors = list(operands(term, ast.Mult, ast.MatMult))
    squares = [factor for factor in factors if any(True for _ in _squared(factor))]
    if len(squares) == 1:
        names, weights = frozenset(_squared(squares[0])), [one for one in factors if one is not squares[0]]
    else:
        twice = [one for one in factors if sum(ast.dump(one) == ast.dump(other) for other in factors) == 2]
        names = frozenset(filter(None, map(root_word, twice[:1]))) if not squares else frozenset()
        weights = [one for one in factors if one not in twice]
    if not names or not weights or not all(isinstance(p, PLAIN) for one in weights for p in walked(one)):
        return None, frozenset()
    weight = weights[0]
    for other in weights[1:]:
        weight = ast.BinOp(weight, ast.Mult(), other)
    return ast.fix_missing_locations(ast.copy_location(weight, term)), names


def _targets(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what loops run through, by the names of their variables: `for w in self.weights`."""
    for node in walked(tree):
        if isinstance(node, ast.For | ast.comprehension) and isinstance(node.target, ast.Name) and root_word(node.iter):
            yield node.target.id, root_word(node.iter)


def may_decay(tree: ast.AST, parameters: Mapping[str, str]) -> frozenset[str]:
    """Return which parameters may have a penalty in their gradients that no loss states; `parameters` are their names.

    These are all, unless the program says which of them it penalises, and names each of those as it is called.
    """
    told = penalised(tree)
    if not told or not told <= set(parameters.values()):
        return frozenset(parameters)
    return frozenset(key for key, name in parameters.items() if name in told)


def squared_in(tree: ast.AST, names: Collection[str]) -> frozenset[str]:
    """Return the names of all arrays whose squares are summands of what is called by one of some names.

    >>> tree = ast.parse("ridge = lam * np.sum(w ** 2); loss = np.mean(miss ** 2) + ridge; other = b ** 2")
    >>> sorted(squared_in(tree, ["loss"]))
    ['miss', 'w']
    """
    held = dict(_targets(tree))
    given: dict[str, list[ast.expr]] = {}
    for node in walked(tree):
        sums = [(node.target, node.value)] if isinstance(node, ast.AugAssign) else assigned_in(node)
        for target, value in sums:
            given.setdefault(root_word(target), []).append(value)
    found: set[str] = set()
    waiting, known = list(names), set(names)
    while waiting:
        values = given.get(waiting.pop(), [])
        found |= {name for value in values for name in _squared(value)}
        for term in (term for value in values for term in _summands(value)):
            word = root_word(term) if isinstance(term, ast.Name | ast.Attribute) else ""
            if word and word not in known:
                known.add(word)
                waiting.append(word)
    return frozenset(held.get(name, name) for name in found)


def _summands(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what is summed in an expression, and the factors of each part."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        yield from _summands(node.left)
        yield from _summands(node.right)
    else:
        yield node
