"""Outputs that go back as if they were their own error: the target is missing from the difference.

The gradients are then those of the squares of the output, and nobody wants an output to be zero. Where the call returns
a number, that is its loss.
"""

import ast
from collections.abc import Sequence

from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.formulas import Residual
from crosscheck.recognise.logit_losses import rate_in
from crosscheck.recognise.loss_forms import Bare, Decayed, Loss, Scaled
from crosscheck.recognise.places import RETURNED
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.recognise.watching import Watched
from crosscheck.source.walking import walk


def stated_beside_output(loss: Loss, known: Sequence[Bare], replay: Watched, rates: Sequence[float]) -> Scaled | None:
    """Return the number that a call returns, at a rate, where a loss are the squares of what is no difference."""
    bare = loss.inner if isinstance(loss, Decayed) else loss
    if not isinstance(bare, Residual) or _may_be_difference(bare.name, replay):
        return None
    stated = (one for one in known if isinstance(one, Scaled) and one.place.where == RETURNED)
    return next((one._replace(constant=rate_in(abs(bare.constant), rates)) for one in stated), None)


def _may_be_difference(name: str, replay: Watched) -> bool:
    """Tell whether a variable, or what a function returns, is computed by taking something away, as far as is seen."""
    word = name.partition(",")[0]
    if word.endswith("()"):
        node = functions_of(replay.world.document.tree).get(word.removesuffix("()"))
        returns = [part.value for part in walk(node) if isinstance(part, ast.Return)] if node is not None else []
        words = {part.attr for value in returns if value for part in walk(value) if isinstance(part, ast.Attribute)}
        words |= {part.id for value in returns if value for part in walk(value) if isinstance(part, ast.Name)}
        values = [*returns, *(v for v, target in _assigned(node) if target in words)] if node is not None else []
    else:
        values = [value for value, target in _assigned(replay.node) if target == word.rpartition(".")[2]]
    differences = (n for value in values if value for n in walk(value) if isinstance(n, ast.BinOp))
    return not values or any(isinstance(n.op, ast.Sub) and not isinstance(n.left, ast.Constant) for n in differences)


def _assigned(node: ast.AST) -> list[tuple[ast.expr, str]]:
    """Return the values that variables and attributes are given, with their names."""
    return [(value, root_word(target)) for part in walk(node) for target, value in assigned_in(part)]
