"""Steps that are products: which of their factors may be gradients of what is moved, and which are only factors."""

import ast
import re
from collections.abc import Iterator

from crosscheck.recognise.naming import RATE, is_gradient_of
from crosscheck.recognise.pairing import first_term, followers, update_pairs, written_back_in
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.source.walking import operands, walked

ERROR = re.compile(r"err(?:or)?s?(?:_|\d|$)|^e$|resid|diff", re.IGNORECASE)
"""What differences are called"""


def gradient_pairs(tree: ast.AST) -> frozenset[tuple[str, str]]:
    """Return the pairs of `update_pairs` in which the variable may be the gradient, not one of its factors.

    In `w[j] += rate * delta * inputs[j]` neither delta nor inputs is the gradient of w.
    """
    found = update_pairs(tree) - set(_factors_of_entries(tree))
    following = set(followers(tree, {parameter for parameter, _ in found}))
    return frozenset((parameter, word) for parameter, word in found if parameter not in following)


def _factors_of_entries(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what is moved entry by entry, or number by number, with the factors of the products that it is moved by.

    In `u -= rate * d * x` neither d nor x is the gradient of u where `v -= rate * d * y`; nor is x where d is a
    difference, or called an error: `w += rate * (t - p) * x`.
    """
    products: list[tuple[ast.expr, set[str]]] = []
    by_errors: set[int] = set()
    differences = {root_word(target) for node in walked(tree) for target, value in assigned_in(node) if _is_sub(value)}
    for target, terms in _moved(tree):
        for term in terms:
            factors = list(operands(term, ast.Mult))
            parts = (part for part in factors if isinstance(part, ast.Name | ast.Attribute | ast.Subscript))
            words = {word for word in map(root_word, parts) if not RATE.search(word)}
            is_error = any(word in differences or ERROR.search(word) for word in words)
            if any(map(_is_sub, factors)) or (len(words) > 1 and is_error):
                by_errors.add(len(products))
            products.append((target, words))
    everywhere = set.intersection(*(words for _, words in products)) if products else set()
    moved: dict[str, set[str]] = {}
    for target, words in products:
        for word in words:
            moved.setdefault(word, set()).add(root_word(target))
    for number, (target, words) in enumerate(products):
        own, factors = root_word(target), words - everywhere  # what all is multiplied by is a rate
        is_alone = isinstance(target, ast.Subscript) or number in by_errors
        if number in by_errors or (
            len(words) > 1 and (is_alone or (len(factors) > 1 and any(len(moved[word]) > 1 for word in factors)))
        ):
            factors = words if is_alone else factors
            yield from ((own, w) for w in factors if not is_gradient_of(w, own) and "grad" not in w.lower())


def _moved(tree: ast.AST) -> Iterator[tuple[ast.expr, list[ast.expr]]]:
    """Yield what statements move, with the terms of the sums that they move it by."""
    written_back = written_back_in(tree)
    for node in walked(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub | ast.Add):
            yield node.target, [node.value]
        for target, value in assigned_in(node):
            if isinstance(value, ast.BinOp):
                between = written_back.get(root_word(target))
                yield ast.Name(between) if between else target, first_term(value)[1]


def _is_sub(node: ast.expr) -> bool:
    """Tell whether something is what two others differ by: no share that is left of one."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and not isinstance(node.left, ast.Constant)
