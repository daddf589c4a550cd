"""The file's own cost, of the very outputs and targets that gradients were found to be right by in another way.

`cost(p, y)` weighs its classes, and the gradient goes back from `p - y`: that is the gradient of another loss, which
nobody has written down. A careful reader believes what is written.
"""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.formulas import PRODUCT, Implied, Residual
from crosscheck.recognise.loss_forms import Bare, Decayed, Scaled
from crosscheck.recognise.loss_samples import Sample
from crosscheck.recognise.loss_weighing import Choice
from crosscheck.recognise.moving import is_rate
from crosscheck.recognise.penalised import WEIGHT
from crosscheck.recognise.places import HANDED, MADE, Place
from crosscheck.recognise.replay import Result
from crosscheck.recognise.results import differs
from crosscheck.recognise.siblings import Sibling, entry_of
from crosscheck.recognise.signed_steps import steps_in
from crosscheck.recognise.statements import root_word
from crosscheck.recognise.watching import Watched
from crosscheck.source.walking import walked

SAME = 1e-6
"""How closely gradients are those of a cost, relative, up to a constant and decay"""
OTHER = 1e-2
"""How far they are from it where they are plainly those of something else: guards of logarithms are not"""
SMALL = 0.01
"""What is less than this, beside the largest, need not be as near"""
FEWEST = 2
"""Slopes without which nothing is contradicted"""


def stated_otherwise(
    found: Choice,
    others: Sequence[Choice],
    known: Sequence[Bare],
    replay: Watched,
    samples: Sequence[Sample],
    rates: Sequence[float],
) -> Scaled | None:
    """Return the cost of the file that gradients contradict which are right by a loss that was made up; None if none.

    The file must have called it, with the output and the target of that loss, or of one of the others by which as much
    is right: of probabilities beside their logits. A penalty that the cost has, and the gradients have not, may be in
    the steps: then nothing is contradicted.
    """
    own = _bare(found)
    if own is None or not found.right:
        return None
    alike = (_bare(other) for other in others if other.right >= found.right and not other.climbs)
    losses = [own, *(loss for loss in alike if loss is not None)]
    for sibling in replay.siblings:
        candidate = next((one for one in known if isinstance(one, Scaled) and one.place.name == str(sibling)), None)
        is_called = bool(replay.world.hooks.entries.get(sibling.function))
        if candidate is None or not is_called or sibling.wrapped:
            continue
        if not any(_is_of(sibling, loss, replay, samples[0].center) for loss in losses):
            continue
        ratio = _contradicted(candidate, found, samples, replay.world.document.tree)
        if ratio is not None:
            return candidate._replace(constant=_rate(ratio, rates))
    return None


def _bare(choice: Choice) -> Implied | Residual | None:
    """Return a loss that was made up of outputs and targets, without the decay of what is moved; None for others."""
    loss = choice.loss.inner if isinstance(choice.loss, Decayed) else choice.loss
    return loss if isinstance(loss, Implied | Residual) else None


def _is_of(sibling: Sibling, loss: Implied | Residual, replay: Watched, center: Result) -> bool:
    """Tell whether a cost is handed the target of a loss, and its output or what makes that anew."""
    if not naming.LOSS.search(sibling.function.rpartition(".")[2]):
        return False
    if sibling.exact:  # `cost(w, c)` beside `gradient(w, c)`: the data are those of the module
        return True
    if sibling.given.keys() == {"self"} and isinstance(loss, Implied):
        return _penalises(sibling.function, loss, replay)
    given = {name.removesuffix(HANDED) for name in sibling.given.values() if isinstance(name, str)}
    for part in (part for part in sibling.given.values() if isinstance(part, ast.expr)):
        given |= _called(part, loss, center)
    if isinstance(loss, Residual) or loss.formula is PRODUCT:  # by which whatever goes back from it is right
        return given - {"self"} <= replay.entry.arguments.keys() and len(given - {"self"}) > 1
    others = given - _names(loss.target)
    makes_anew = others - {"self"} <= replay.roots().keys()  # the output: out of what the call begins with
    return others != given and bool(others) and (makes_anew or bool(others & _names(loss.output)))


def _penalises(function: str, loss: Implied, replay: Watched) -> bool:
    """Tell whether a cost without arguments has a term without the target of a loss, beside one that has it.

    `-np.sum(self.y * np.log(p)) + self.C * np.sum(np.abs(self.w))`.
    """
    node = functions_of(replay.world.document.tree).get(function)
    sums = (part for part in walked(node) if isinstance(part, ast.BinOp)) if node is not None else ()
    targets = {word.rpartition(".")[2] for word in _names(loss.target)} - {"self"}
    return any(
        len({bool(_words(side) & targets) for side in (part.left, part.right)}) == 2
        for part in sums
        if isinstance(part.op, ast.Add) and all(_words(side) for side in (part.left, part.right))
    )


def _words(node: ast.AST) -> set[str]:
    return {root_word(part) for part in walked(node) if isinstance(part, ast.Name | ast.Attribute)}


def _called(part: ast.expr, loss: Implied | Residual, center: Result) -> set[str]:
    """Return the name of what an entry of an array is to a loss, its output or target, or else that of the array."""
    if isinstance(part, ast.Name) and part.id != MADE:
        return {part.id}
    value = entry_of(part, center.variables.get, center.variables.__getitem__)
    places = (loss.target, loss.output) if isinstance(loss, Implied) else ()
    alike = {place.name for place in places if not differs(place.read(center), value)}
    return alike or {ast.unparse(part)}


def _names(place: Place) -> set[str]:
    return {place.name, str(place.path[0]), *place.names}


def _contradicted(cost: Scaled, found: Choice, samples: Sequence[Sample], tree: ast.AST) -> float | None:
    """Return the constant that fits best between gradients and a cost, where no constant fits; None where one does."""
    names = sorted(found.active)
    try:
        with np.errstate(all="ignore"):
            slopes = np.array([sample.slope(cost, name) for name in names for sample in samples])
    except Exception:  # noqa: BLE001 - it was not written for these values
        return None
    claimed = np.array([sample.claimed[name] for name in names for sample in samples])
    shares = np.zeros((len(claimed), len(names)))
    for place, name in enumerate(names):
        rows = slice(place * len(samples), (place + 1) * len(samples))
        shares[rows, place] = [sample.along[name] for sample in samples]
    smooth = np.isfinite(slopes)  # no kink is near
    slopes, claimed, shares = slopes[smooth], claimed[smooth], shares[smooth]
    if len(slopes) < FEWEST or not slopes.any() or not claimed.any():
        return None
    ratio = float(slopes @ claimed / (slopes @ slopes))
    sizes = np.maximum(np.abs(claimed), SMALL * np.max(np.abs(claimed)))
    if np.max(np.abs(claimed - ratio * slopes) / sizes) <= OTHER:  # of each, or the largest would tell alone
        return None
    table = np.column_stack([slopes, shares])
    factors = np.linalg.lstsq(table, claimed, rcond=None)[0]
    is_decay = len(claimed) > table.shape[1] and np.max(np.abs(table @ factors - claimed)) <= SAME * np.max(
        np.abs(claimed)
    )
    return None if is_decay and decays_in_steps(tree) else float(factors[0]) if is_decay else ratio


def decays_in_steps(tree: ast.AST) -> bool:
    """Tell whether steps have in them what is called the weight of a penalty, or a share of what they move."""
    for moved, value, _ in steps_in(tree):
        words = {root_word(part) for part in walked(value) if isinstance(part, ast.Name | ast.Attribute)}
        if moved in words or any(WEIGHT.search(word) for word in words if word):
            return True
    return any(map(shrinks, walked(tree)))


def shrinks(node: ast.AST) -> bool:
    """Tell whether a step shrinks what it moves: `w = (1 - rate * decay) * w - rate * dw`, `w *= 1 - rate * decay`.

    >>> said = "w = 0.9 * w - rate * dw; w *= 1 - decay; rate = 0.9 * rate; rate *= 0.5; h = h * mask"
    >>> said += "; w -= rate * (dw + decay * w); w -= rate * dw"
    >>> [shrinks(statement) for statement in ast.parse(said).body]
    [True, True, False, False, False, True, False]
    """
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Mult):
        word = root_word(node.target)
        return isinstance(node.value, ast.BinOp) and isinstance(node.value.op, ast.Sub) and not is_rate(word)
    value = node.value if isinstance(node, ast.Assign | ast.AugAssign) else None
    is_sum = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub | ast.Add)
    is_step = isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub | ast.Add)
    if value is None or not (is_step or (is_sum and isinstance(node, ast.Assign))):
        return False
    target = ast.unparse(node.target if isinstance(node, ast.AugAssign) else node.targets[0])  # pyright: ignore
    products = (p for p in walked(value) if isinstance(p, ast.BinOp) and isinstance(p.op, ast.Mult))
    return any(target in (ast.unparse(p.left), ast.unparse(p.right)) for p in products)


def _rate(ratio: float, rates: Sequence[float]) -> float:
    """Return the rate nearest to a constant, with its sign."""
    sign = -1.0 if ratio < 0 else 1.0
    return sign * min(rates, key=lambda rate: abs(np.log(rate / max(abs(ratio), 1e-300))))


def taken(found: Choice, cost: Scaled, known: Mapping[str, Any]) -> Choice:
    """Return the choice of a cost that is contradicted, with the parameters that are right by it all the same."""
    own = known.get(cost.place.name)
    right = own.right & found.right if own is not None else frozenset[str]()
    loss = own.loss if own is not None and isinstance(own.loss, Scaled) else cost
    return found._replace(loss=loss, right=right, is_stated=True)
