"""Losses by what a sigmoid or a softmax makes probabilities of, and squares of an output that lack either.

The logarithm of a probability that rounds to one has no derivative left where that of its logit has: of the same
loss in both forms, that of the logit is held against.

`error = X.dot(w) - y` is the gradient of squares. Where the program's own cost is the cross-entropy of
`sigmoid(X.dot(w))`, the gradient is not that of another loss, but lacks the sigmoid.
"""

import ast
from collections.abc import Sequence

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.formulas import FORMULAS, Implied, Residual
from crosscheck.recognise.loss_forms import Bare, Decayed, Loss, Scaled, number_in
from crosscheck.recognise.loss_samples import Sample
from crosscheck.recognise.loss_weighing import Choice
from crosscheck.recognise.penalised import is_halved
from crosscheck.source.walking import walked

ROUNDING = 1e-6
"""What a change is of, as a share of the largest one, that only rounding makes"""
SAME = 1e-9
"""How far two losses are apart, relative, that are the same but for a constant"""
SQUARES = "squared error"
NAMED = naming.re.compile(r"^_?(?:total_?|train_?)?(?:loss|cost|perda|custo|p[eé]rdida|perte|co[uû]t)$", naming.re.I)
"""What is plainly called the loss: an error may be shown beside it, in another measure"""
OF_LOGITS = [formula for formula in FORMULAS if " of the s" in formula.name]
OF_PROBABILITIES = ("cross-entropy", "binary cross-entropy")


def by_logits(found: Choice, others: Sequence[Choice], samples: Sequence[Sample]) -> Choice:
    """Return a choice whose loss is that of probabilities, with the same loss by their logits where it is known."""
    loss = found.loss
    if isinstance(loss, Implied) and loss.formula.name in OF_PROBABILITIES:
        for other in others:
            if isinstance(other.loss, Implied) and other.right >= found.right and other.loss.formula in OF_LOGITS:
                return other if _are_same(loss, other.loss, samples) else found
    return found


def stated_of_logits(
    loss: Loss | None, known: Sequence[Bare], samples: Sequence[Sample], rates: Sequence[float]
) -> Scaled | None:
    """Return the loss that a program states of outputs whose bare difference some gradients go back from; None if none.

    It is multiplied by the rate that the other one was found with.
    """
    bare = loss.inner if isinstance(loss, Decayed) else loss
    if not isinstance(bare, Implied | Residual) or (isinstance(bare, Implied) and bare.formula.name != SQUARES):
        return None
    squares = [one for one in known if isinstance(one, Implied) and one.formula.name == SQUARES]
    squares = [bare] if isinstance(bare, Implied) else [one for one in squares if _are_same(one, bare, samples)]
    meant = [one._replace(formula=formula) for one in squares for formula in OF_LOGITS]
    for stated in (one for one in known if isinstance(one, Scaled) and naming.LOSS.search(one.place.name)):
        if any(_are_same(stated, one, samples) for one in meant):
            return stated._replace(constant=float(np.sign(bare.constant)) * rate_in(abs(bare.constant), rates))
    return None


def stated_beside_error(
    loss: Loss, known: Sequence[Bare], samples: Sequence[Sample], rates: Sequence[float]
) -> Scaled | None:
    """Return the squared error that a program states where gradients are those of other squares; None if none is.

    `d = 2 * (p + y)` is the gradient of squares as well, and its program says `loss = ((p - y) ** 2).mean()`.
    """
    bare = loss.inner if isinstance(loss, Decayed) else loss
    if not isinstance(bare, Residual):
        return None
    squares = [one for one in known if isinstance(one, Implied) and one.formula.name == SQUARES]
    entries = _entries(bare, samples[0])  # that of all examples is none of one
    squares = [one for one in squares if _entries(one, samples[0]) == entries]
    for stated in (one for one in known if isinstance(one, Scaled) and naming.LOSS.search(one.place.name)):
        if any(_are_same(stated, one, samples) for one in squares) and not _are_same(stated, bare, samples):
            return stated._replace(constant=float(np.sign(bare.constant)) * rate_in(abs(bare.constant), rates))
    return None


def _entries(loss: Implied | Residual, sample: Sample) -> int:
    """Return how many numbers a loss is made of; 0 where it is not there."""
    try:
        return sum(int(np.size(term.output)) for term in loss.terms(sample.center))
    except (LookupError, ValueError, TypeError):
        return 0


def stated_by_name(
    loss: Loss, known: Sequence[Bare], samples: Sequence[Sample], rates: Sequence[float], node: ast.AST
) -> Scaled | None:
    """Return what a program calls its loss where that is another one of the very output and target that fit; or None.

    `loss = ((p - y) ** 2).mean()` is stated, and `p - y` goes back past the sigmoid: the gradient of a cross-entropy.
    A target that the `node` does not read, some number far from it, is none where a loss is stated.
    """
    bare = loss.inner if isinstance(loss, Decayed) else loss
    if not isinstance(bare, Implied):
        return None
    named = [one for one in known if isinstance(one, Scaled) and _is_named(one.place.name, node)]
    if bare.target.path[0] not in {word for part in walked(node) if (word := _word(part))}:
        for stated in (one for one in named if _moves_with(one, bare, samples)):
            if not _are_same(stated, bare, samples):
                return stated._replace(constant=float(np.sign(bare.constant)) * rate_in(abs(bare.constant), rates))
    others = [
        one for one in known if isinstance(one, Implied) and (one.output, one.target) == (bare.output, bare.target)
    ]
    for stated in named:
        if any(_are_same(stated, one, samples) for one in others) and not _are_same(stated, bare, samples):
            return stated._replace(constant=float(np.sign(bare.constant)) * rate_in(abs(bare.constant), rates))
    return None


def _is_named(name: str, node: ast.AST) -> bool:
    """Tell whether a number is plainly the loss: by its name, or as an error that is half of its squares."""
    return bool(NAMED.match(name)) or (bool(naming.LOSS.search(name)) and is_halved(node, name))


def _word(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _moves_with(one: Bare, other: Bare, samples: Sequence[Sample]) -> bool:
    """Tell whether two losses depend on the same parameters, and that on all of which gradients are known."""
    names = samples[0].claimed
    try:
        with np.errstate(all="ignore"):
            return all(samples[0].slope(loss, name) != 0 for loss in (one, other) for name in names)
    except Exception:  # noqa: BLE001 - targets that do not fit, or no numbers
        return False


def rate_in(constant: float, rates: Sequence[float]) -> float:
    """Return the rate in a constant that has a factor of squares in it besides."""
    return next((r for r in rates if any(abs(constant / r - times) < 1e-9 for times in (0.5, 1.0, 2.0))), rates[0])


def _are_same(one: Bare, other: Bare, samples: Sequence[Sample]) -> bool:
    """Tell whether two losses differ by nothing but a constant, and what one of them was before: it may be a total."""
    one, other = one._replace(constant=1.0), other._replace(constant=1.0)
    pairs = [(s.center, state) for s in samples for name in s.around for state in s.around[name][0]]
    try:
        with np.errstate(all="ignore"):
            changes = [[number_in(loss, end) - number_in(loss, start) for loss in (one, other)] for start, end in pairs]
            least = ROUNDING * max((abs(then) for _, then in changes), default=0.0)  # a bias before a normalisation
            ratios = np.array([first / then for first, then in changes if max(abs(first), abs(then)) > least])
    except Exception:  # noqa: BLE001 - targets that do not fit, or no numbers
        return False
    if len(ratios) < 2 or not ratios.all() or not np.isfinite(ratios).all():  # zero: left as it was, turn by turn
        return False
    return bool(np.ptp(ratios) <= SAME * abs(ratios[0]))
