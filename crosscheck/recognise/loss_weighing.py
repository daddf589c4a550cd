"""How well a candidate for a loss explains gradients: under one constant that sizes explain, with decay perhaps."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise.fitted_decays import (
    beside_decay,
    decays_left,
    holds_sizes,
    may_fit_beside_decay,
    moves_as_squares_do,
)
from crosscheck.recognise.formulas import Hinge, Implied, Residual
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.loss_constants import at_a_rate, closeness, constant_between, may_fit
from crosscheck.recognise.loss_forms import Bare, Decayed, Loss, Scaled
from crosscheck.recognise.loss_samples import Sample
from crosscheck.recognise.places import RETURNED


class Choice(NamedTuple):
    """A loss that was adopted."""

    loss: Loss
    right: frozenset[str]
    """Parameters whose gradient is exactly its derivative"""
    active: frozenset[str]
    """Parameters that it depends on"""
    is_given: bool
    """Whether it is the file's own loss, unscaled, handed what the gradient's function is handed"""
    climbs: frozenset[str] = frozenset()
    """Parameters that the file moves the wrong way"""
    partly: frozenset[str] = frozenset()
    """Parameters of which some entries are right, where none is as a whole"""
    with_sizes: frozenset[str] = frozenset()
    """Parameters in whose gradients there is a penalty of absolute values besides: they are not judged"""
    is_stated: bool = False
    """Whether it is what the file states where gradients are those of another loss, by a slip"""


def weighed(
    candidate: Bare,
    samples: Sequence[Sample],
    parameters: Mapping[str, Leaf],
    signs: Mapping[str, int],
    rates: Sequence[float] = (1.0,),
    gradients: Mapping[str, Any] | None = None,
    free: Collection[str] | None = None,
) -> Choice | None:
    """Return a candidate with the constant under which most gradients are right; None if none is."""
    if isinstance(candidate, Residual) and _is_of_parameter(candidate, parameters):
        return None
    if isinstance(candidate, Implied) and _holds_parameters(candidate, parameters):
        return None
    decays = not isinstance(candidate, Scaled) or candidate.place.where != RETURNED
    is_hinge = isinstance(candidate, Hinge)
    all_decay = decays and (len(rates) > 1 or is_hinge)  # each step that is seen may have its decay in it
    try:
        with np.errstate(all="ignore"):
            if not _may_fit(candidate, samples, parameters, rates, beside_decay=all_decay):
                return None
            slopes = {name: [sample.slope(candidate, name) for sample in samples] for name in parameters}
    except Exception:  # noqa: BLE001 - outputs that change their shape, targets that do not fit everywhere
        return None
    active = frozenset(
        name
        for name, found in slopes.items()
        if any(abs(slope) > 1e-9 for slope in found)
        or any(np.isnan(slope) and sample.bends(candidate, name) for slope, sample in zip(found, samples, strict=True))
    )
    if (
        all_decay
        and isinstance(candidate, Residual)
        and any(moves_as_squares_do(samples, slopes[name], name) for name in active)
    ):
        return None
    ratios = {
        name: constant_between([s.claimed[name] for s in samples], slopes[name], closeness(parameters[name]))
        for name in slopes
        if name in active
    }
    is_given = isinstance(candidate, Scaled) and candidate.is_given
    best: Choice | None = None
    decaying = {
        name: r for name in ratios if all_decay and (r := beside_decay(samples, slopes[name], name)) is not None
    }
    ratios |= dict.fromkeys(decaying, None)
    found = [r for r in (*ratios.values(), *decaying.values()) if r is not None]
    for ratio in dict.fromkeys(float(f"{r:.5e}") for r in found):
        right = frozenset(name for name, r in ratios.items() if r is not None and abs(r - ratio) <= 1e-4 * abs(ratio))
        exact = float(np.mean([r for r in found if abs(r - ratio) <= 1e-4 * abs(ratio)]))
        loss = at_a_rate(candidate, exact, samples[0], rates)
        left = {name: parameters[name] for name in active - right} if decays and not is_given else {}
        left = {name: leaf for name, leaf in left.items() if free is None or name in free}
        usual = (1.0,) if is_hinge else ()
        strengths = decays_left(samples, slopes, exact, left, rates, usual)
        if not right and not strengths:
            continue
        if is_hinge and exact < 0 and any(signs.get(name) != -1 for name in {*right, *strengths}):
            continue  # nobody wants margins to be small
        if loss is not None and strengths:
            touched = {name: place for name, place in (gradients or {}).items() if samples[0].is_sparse.get(name)}
            numbers = {name: decay.strength for name, decay in strengths.items()}
            spared = {name: decay.spared for name, decay in strengths.items() if decay.spared is not None}
            loss = Decayed(loss, {name: parameters[name] for name in strengths}, numbers, touched, spared)
            right |= strengths.keys()
        climbs = frozenset(name for name in right if name in signs and np.sign(exact) != signs[name])
        rank = not climbs, len(right), loss == candidate  # as it stands rather than times a number
        if loss is not None and (best is None or rank > (not best.climbs, len(best.right), best.loss == candidate)):
            sized = frozenset(n for n in left.keys() - right if holds_sizes(samples, slopes[n], exact, n))
            best = Choice(loss, right, active, is_given and loss == candidate, climbs, with_sizes=sized)
    if best is None and is_given and active:
        return Choice(candidate, frozenset(), active, True)
    return best


def _may_fit(
    candidate: Bare, samples: Sequence[Sample], names: Collection[str], rates: Sequence[float], *, beside_decay: bool
) -> bool:
    """Tell at a first look whether a candidate is worth a closer one. Raises what reading it raises."""
    if not beside_decay:
        return may_fit(candidate, samples, names, rates)
    is_given = isinstance(candidate, Scaled) and candidate.is_given
    return is_given or may_fit_beside_decay(candidate, samples, names)


def _holds_parameters(implied: Implied, parameters: Mapping[str, Leaf]) -> bool:
    """Tell whether what should be an output holds the parameters themselves: `weights` that `gradients` move."""
    path, word = implied.output.path, implied.output.name.partition("[")[0]
    is_entry = word != implied.output.name and any(leaf.name == word for leaf in parameters.values())
    return is_entry or any(leaf.path[: len(path)] == path for leaf in parameters.values())


def _is_of_parameter(residual: Residual, parameters: Mapping[str, Leaf]) -> bool:
    """Tell whether what should be an error is an entry of a parameter, as a sum over entries leaves it behind."""
    word = residual.difference.name.partition("[")[0]
    return any(word == leaf.name for leaf in parameters.values())
