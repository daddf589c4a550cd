"""Penalties that are switched off when a file is run: their strength is given a number, and shows in gradients."""

import ast
from collections.abc import Iterator, Sequence

from crosscheck.recognise import naming
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.leaves import leaves
from crosscheck.recognise.replay import placed
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import kept, walked

STRENGTH = 0.03125
SAID = "{} is 0 where the file calls it: it was set to {:g}, so that the gradient of its penalty can be judged"


def with_strengths(tree: ast.Module, calls: Sequence[Entry]) -> list[str]:
    """Set the strengths of penalties that are zero in some calls to a number, in place; return what is assumed."""
    factors, said = _factors(tree), set()
    for entry in calls:
        for roots in (entry.arguments, entry.names):
            found = [leaf for leaf in leaves(roots) if leaf.name in factors and naming.DECAY.search(leaf.name)]
            found = [leaf for leaf in found if type(leaf.value) in (int, float) and leaf.value == 0]
            placed(roots, [leaf.path for leaf in found], STRENGTH)
            said |= {leaf.name for leaf in found}
    return [SAID.format(name, STRENGTH) for name in sorted(said)]


@kept
def _factors(tree: ast.Module) -> frozenset[str]:
    """Return the names of what is multiplied by something, or a share of it.

    >>> sorted(_factors(ast.parse("loss = data + 0.5 * reg * np.sum(self.W ** 2) + (lam / n) * s; mu += 1")))
    ['lam', 'reg', 's']
    """
    return frozenset(_words(tree))


def _words(tree: ast.Module) -> Iterator[str]:
    for part in walked(tree):
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mult):
            sides = map(_whole, (part.left, part.right))
            yield from (root_word(side) for side in sides if isinstance(side, ast.Name | ast.Attribute))


def _whole(side: ast.expr) -> ast.expr:
    while isinstance(side, ast.BinOp) and isinstance(side.op, ast.Div):
        side = side.left
    return side
