"""Decay that a program's gradients have in them, where its own loss says already how large the weights cost."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.fitted_decays import beside_decay
from crosscheck.recognise.loss_constants import at_a_rate
from crosscheck.recognise.loss_forms import Decayed, Scaled
from crosscheck.recognise.loss_samples import Sample
from crosscheck.recognise.penalised import squared_in
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walked

CLOSE = 1e-6
"""How far two derivatives are apart, relative, that are the same"""


def as_stated(choices: Sequence[Any], samples: Sequence[Sample]) -> list[Any]:
    """Return the choices of a loss without the decay in which the loss that the program states contradicts them.

    A stated loss, right for some gradients, that depends on weights in another way than its outputs do has a penalty
    of its own: decay of another strength is no part of what is meant.
    """
    stated = [c.loss.inner if isinstance(c.loss, Decayed) else c.loss for c in choices if c.right and not c.climbs]
    own = [loss for loss in stated if isinstance(loss, Scaled)]
    of_outputs = [loss for loss in stated if not isinstance(loss, Scaled)]
    return [kept for choice in choices for kept in _without_decay(choice, own, of_outputs, samples)]


def _without_decay(
    choice: Any, own: Sequence[Any], of_outputs: Sequence[Any], samples: Sequence[Sample]
) -> Iterator[Any]:
    if not isinstance(choice.loss, Decayed):
        yield choice
        return
    inner, names = choice.loss.inner, choice.loss.strengths
    pairs = [(inner, other) for other in (of_outputs if isinstance(inner, Scaled) else own)]
    if not any(_differ(*pair, name, samples) for pair in pairs for name in names):
        yield choice
    elif isinstance(inner, Scaled) and choice.right - names.keys():
        yield choice._replace(loss=inner, right=choice.right - names.keys())


def without_second(
    choice: Any,
    known: Sequence[Any],
    samples: Sequence[Sample],
    trees: tuple[ast.AST, ast.AST],
    called: Mapping[str, str],
    rates: Any,
) -> Any:
    """Take decay away where a loss of the program, in whose own statement the weight is squared, says another strength.

    `known` are all candidates for a loss, and `called` the names of parameters. That loss explains the gradient but for
    a share of the weight itself. Of the `trees`, the call's own and that of the program, the first one counts for a sum
    that grows in it: what is added after all turns of a loop is no part of one.
    """
    if not isinstance(choice.loss, Decayed):
        return choice
    inner, right = choice.loss.inner, choice.right - choice.loss.strengths.keys()
    costs = [inner] if isinstance(inner, Scaled) else [one for one in known if isinstance(one, Scaled) and one.is_named]
    for cost in costs:
        words = {cost.name, *cost.names}
        stated = squared_in(trees[0] if _grows(trees[0], words) else trees[1], words)
        for name in (name for name in choice.loss.strengths if called[name] in stated):
            loss = cost if cost is inner else _beside(cost, name, samples, rates)
            if loss is not None:
                return choice._replace(loss=loss, right=right, is_stated=not right)
    return choice


def _grows(node: ast.AST, words: Collection[str]) -> bool:
    """Tell whether a turn of a loop adds to one of some sums."""
    sums = (part for part in walked(node) if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Add))
    return isinstance(node, ast.For | ast.While) and any(root_word(part.target) in words for part in sums)


def _beside(cost: Scaled, name: str, samples: Sequence[Sample], rates: Sequence[float]) -> Any:
    """Return a loss times the constant with which it explains a gradient but for decay; None if it does not."""
    try:
        with np.errstate(all="ignore"):
            ratio = beside_decay(samples, [sample.slope(cost, name) for sample in samples], name)
    except Exception:  # noqa: BLE001 - outputs that change their shape, targets that do not fit everywhere
        return None
    return None if ratio is None else at_a_rate(cost, ratio, samples[0], rates)


def _differ(one: Any, other: Any, name: str, samples: Sequence[Sample]) -> bool:
    """Tell whether two losses depend on weights in different ways. Losses that cannot be asked do not."""
    try:
        with np.errstate(all="ignore"):
            slopes = np.array([[sample.slope(loss, name) for loss in (one, other)] for sample in samples])
    except Exception:  # noqa: BLE001 - outputs that change their shape, targets that do not fit everywhere
        return False
    known = slopes[np.isfinite(slopes).all(1)]
    return bool(np.any(np.abs(known[:, 0] - known[:, 1]) > CLOSE * np.max(np.abs(slopes), initial=0.0)))
