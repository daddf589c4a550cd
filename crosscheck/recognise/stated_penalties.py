"""Decay that a program's gradients have in them, where its own loss says already how large the weights cost."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.loss_forms import Decayed, Scaled
from crosscheck.recognise.loss_samples import Sample
from crosscheck.recognise.penalised import squared_in

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


def without_second(choice: Any, tree: ast.AST, called: Mapping[str, str]) -> Any:
    """Take decay away that was added to a loss in whose own statement the weight is squared already.

    `called` are the names of parameters. The gradient that such decay explains has a penalty of another strength.
    """
    if not isinstance(choice.loss, Decayed) or not isinstance(choice.loss.inner, Scaled):
        return choice
    inner, stated = choice.loss.inner, squared_in(tree, {choice.loss.name, *choice.loss.names})
    if not any(called[name] in stated for name in choice.loss.strengths):
        return choice
    right = choice.right - choice.loss.strengths.keys()
    return choice._replace(loss=inner, right=right, is_stated=not right)


def _differ(one: Any, other: Any, name: str, samples: Sequence[Sample]) -> bool:
    """Tell whether two losses depend on weights in different ways. Losses that cannot be asked do not."""
    try:
        with np.errstate(all="ignore"):
            slopes = np.array([[sample.slope(loss, name) for loss in (one, other)] for sample in samples])
    except Exception:  # noqa: BLE001 - outputs that change their shape, targets that do not fit everywhere
        return False
    known = slopes[np.isfinite(slopes).all(1)]
    return bool(np.any(np.abs(known[:, 0] - known[:, 1]) > CLOSE * np.max(np.abs(slopes), initial=0.0)))
