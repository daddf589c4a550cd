"""Steps that are products: which of their factors may be gradients of what is moved, and which are only factors."""

import ast
from collections.abc import Iterator

from crosscheck.recognise.naming import RATE, is_gradient_of
from crosscheck.recognise.pairing import first_term, update_pairs, written_back_in
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.source.walking import walked


def gradient_pairs(tree: ast.AST) -> frozenset[tuple[str, str]]:
    """Return the pairs of `update_pairs` in which the variable may be the gradient, not one of its factors.

    In `w[j] += rate * delta * inputs[j]` neither delta nor inputs is the gradient of w.
    """
    return update_pairs(tree) - set(_factors_of_entries(tree))


def _factors_of_entries(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what is moved entry by entry, or number by number, with the factors of the products that it is moved by.

    In `u -= rate * d * x` neither d nor x is the gradient of u where `v -= rate * d * y`.
    """
    products: list[tuple[ast.expr, set[str]]] = []
    for target, terms in _moved(tree):
        for term in terms:
            parts = (part for part in _factors(term) if isinstance(part, ast.Name | ast.Attribute | ast.Subscript))
            products.append((target, {word for word in map(root_word, parts) if not RATE.search(word)}))
    everywhere = set.intersection(*(words for _, words in products)) if products else set()
    moved: dict[str, set[str]] = {}
    for target, words in products:
        for word in words:
            moved.setdefault(word, set()).add(root_word(target))
    for target, words in products:
        own, factors = root_word(target), words - everywhere  # what all is multiplied by is a rate
        is_entry = isinstance(target, ast.Subscript)
        if (is_entry and len(words) > 1) or (len(factors) > 1 and any(len(moved[word]) > 1 for word in factors)):
            factors = words if is_entry else factors
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


def _factors(term: ast.expr) -> Iterator[ast.expr]:
    """Yield what is multiplied in a product."""
    if isinstance(term, ast.BinOp) and isinstance(term.op, ast.Mult):
        yield from _factors(term.left)
        yield from _factors(term.right)
    else:
        yield term
