"""Gradients that belong to no loss at all: a proof that does not ask which loss was meant.

Whatever the loss of an output o is, the gradients of all parameters are Jᵀg, with the derivatives J of o and one and
the same g. Where some parameters' gradients are of this form, so that o is what the author went back from, and no g
serves all of them, some are wrong. So are gradients that go through a derivative taken at the wrong end of its
function. They are then held against that loss of o which they are nearest to.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.formulas import Implied, Residual, steps_of
from crosscheck.recognise.jacobians import Fit, dependence_of, fits_of, numbers_at
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.loss_candidates import DIFFERENCE, candidates
from crosscheck.recognise.loss_forms import Bare, Scaled
from crosscheck.recognise.loss_samples import Sample, samples_of
from crosscheck.recognise.loss_weighing import Choice
from crosscheck.recognise.misplaced import Misplaced, misplaced_derivatives
from crosscheck.recognise.places import Place
from crosscheck.recognise.results import read_at
from crosscheck.recognise.watching import Watched

SECONDS = 6.0
"""For the derivatives of all outputs"""
OTHER_TERMS = naming.re.compile(
    r"spars|kl_|_kl\b|\bkl\b|kullback|diverg|gibbs|contrastive|hebb|markov|advantage|reward|penalt|critic|adversar|"
    r"feedback.?align|straight.?through|detach|stop.?grad|surrogate",
    naming.re.I,
)
"""What tells of losses that are not of an output alone, and of rules that are no gradients"""


OF_NO_LOSS = "no loss of the output has all of these gradients for its derivatives, whatever it is"


class Proof(NamedTuple):
    """That gradients are those of no loss."""

    nearest: Choice
    """The loss that they are nearest to"""
    reason: str
    """Why, in a sentence for people"""


def belonging_to_none(
    replay: Watched, parameters: Mapping[str, Leaf], gradients: Mapping[str, Place], rate: float = 1.0
) -> Proof | None:
    """Return the proof that gradients are those of no loss; None where they may be of one.

    They are `rate` times gradients, less than zero where they are added to parameters. Raises what the call raises.
    """
    misplaced = misplaced_derivatives(replay.world)
    if (len(parameters) < 2 and not misplaced) or OTHER_TERMS.search(replay.world.document.code):
        return None
    replay.world.hooks.used.clear()
    samples = samples_of(replay, parameters, gradients)
    known = list(candidates(replay, samples))
    used = [one for name, one in misplaced.items() if name in replay.world.hooks.used]
    if used:
        known, reason = _squares_behind(used, known, samples[0]), " ".join(one.said for one in used)
        missed = {str(place): place for loss in known for place in _outputs(loss)}
    else:
        missed, reason = _outputs_missed(replay, parameters, gradients, samples, known), OF_NO_LOSS
    nearest = _nearest(known, missed, samples, parameters, np.sign(rate))
    if nearest is None:
        return None
    constant = rate * (0.5 if _is_of_squares(nearest) else 1.0)
    choice = Choice(nearest._replace(constant=constant), frozenset(), frozenset(parameters), False)
    return Proof(choice, reason)


def _squares_behind(used: Sequence[Misplaced], known: Sequence[Bare], sample: Sample) -> list[Bare]:
    """Return the squared errors of outputs that are not gone through one of some functions any more."""
    squares = [loss for loss in known if isinstance(loss, Implied) and _is_of_squares(loss)]
    squares = [loss for loss in squares if not _goes_back(loss.output) and not DIFFERENCE.search(loss.output.name)]
    squares = [loss for loss in squares if "()" not in str(loss.output)] or squares  # a derivative calls them as well
    values = [numbers_at(loss.output, sample.center) for loss in squares]
    last = [
        loss
        for loss, value in zip(squares, values, strict=True)
        if not any(np.array_equal(one.function(value), other) for one in used for other in values)
    ]
    return [loss for loss in last if _is_told(loss)] or list(last)


def _outputs_missed(
    replay: Watched,
    parameters: Mapping[str, Leaf],
    gradients: Mapping[str, Place],
    samples: Sequence[Sample],
    known: Sequence[Bare],
) -> dict[str, Place]:
    """Return the outputs that gradients go back from, and none of whose losses has all of these gradients."""
    outputs = {str(place): place for loss in known for place in _outputs(loss) if not _goes_back(place)}
    outputs = {name: place for name, place in outputs.items() if not _is_of_layers(place, samples[0])}
    outputs = {name: place for name, place in outputs.items() if not _is_beside_gradients(place, samples, gradients)}
    beyond = dependence_of(replay, parameters, outputs).beyond()
    outputs = {name: place for name, place in outputs.items() if name not in beyond}
    last = dependence_of(replay, parameters, outputs).ends()
    fits: dict[str, list[Fit]] = {}
    ends = time.process_time() + SECONDS
    for seed in (0, 1):
        for name, found in fits_of(replay, parameters, gradients, outputs, last, seed, ends).items():
            if found.is_met:
                return {}
            fits.setdefault(name, []).append(found)
    missed = {name for name, both in fits.items() if len(both) == 2 and all(fit.is_missed for fit in both)}
    return {name: outputs[name] for name in missed}


def _nearest(
    known: Sequence[Bare],
    outputs: Mapping[str, Place],
    samples: Sequence[Sample],
    parameters: Mapping[str, Leaf],
    sign: float,
) -> Bare | None:
    """Return the loss that `sign` times gradients are nearest to: one that the file states, or one of some outputs."""
    losses = [loss for loss in known if any(str(place) in outputs for place in _outputs(loss))]
    losses = [loss for loss in losses if not _is_far_fetched(loss, samples[0])]
    told = [loss for loss in losses if isinstance(loss, Residual) or _is_told(loss)]
    losses = told or losses or [Residual(place) for place in outputs.values()]
    stated = [loss for loss in known if isinstance(loss, Scaled) and not naming.NOT_LOSS.search(loss.place.name)]
    every = [*stated, *losses] if outputs else []
    near = [(found, loss) for loss in every if (found := _nearness(loss, samples, parameters)) is not None]
    return max(near, key=lambda pair: sign * pair[0])[1] if near else None


def _is_told(loss: Bare) -> bool:
    return isinstance(loss, Implied) and bool(naming.TRUTH.match(loss.target.name))


def _is_far_fetched(loss: Bare, sample: Sample) -> bool:
    """Tell whether several outputs are held against a mere number, or one goes through a sigmoid once more."""
    if not isinstance(loss, Implied):
        return False
    target, values = loss.target.read(sample.center), numbers_at(loss.output, sample.center)
    is_one = not isinstance(target, list) and np.ndim(target) == 0 and np.size(values) > 1
    return (is_one and not _is_told(loss)) or (
        " of the s" in loss.formula.name and bool(np.all((values > 0) & (values < 1)))
    )


def _outputs(loss: Bare) -> list[Place]:
    if isinstance(loss, Implied):
        return [loss.output]
    return [loss.difference] if isinstance(loss, Residual) else []


def _goes_back(place: Place) -> bool:
    """Tell whether a value is a gradient by its name, and no output."""
    words = {str(step).lstrip(".") for step in (*place.path, place.name, *place.names)}
    return any(naming.BEGINS_LIKE_GRADIENT.match(w) or naming.cores(w) or "delta" in w.lower() for w in words)


def _is_of_layers(place: Place, sample: Sample) -> bool:
    """Tell whether arrays of several shapes are together: what a function returned for each layer is no output."""
    steps = steps_of(place.read(sample.center))
    return isinstance(steps, list) and len({np.shape(part) for part in steps}) > 1


def _is_beside_gradients(place: Place, samples: Sequence[Sample], gradients: Mapping[str, Place]) -> bool:
    """Tell whether a value is some gradient times a number, or lies in a list or dictionary together with one."""
    holder = place
    if len(place.path) > 1 and not str(place.path[-1]).startswith("."):
        holder = place._replace(path=place.path[:-1])
    held = [_parts(read_at(holder, sample.center)) for sample in samples]
    claimed = [[np.ravel(g.read(sample.center)) for sample in samples] for g in gradients.values()]
    values = [parts for parts in zip(*held, strict=False) if all(isinstance(part, np.ndarray) for part in parts)]
    return any(
        _are_proportional(np.concatenate([np.ravel(part) for part in parts]), np.concatenate(other))
        for parts in values
        for other in claimed
    )


def _parts(held: Any) -> list[Any]:
    values = held.values() if isinstance(held, dict) else held if isinstance(held, list | tuple) else [held]
    return [np.asarray(value) if isinstance(value, float | np.floating) else value for value in values]


def _are_proportional(one: np.ndarray, other: np.ndarray) -> bool:
    if one.shape != other.shape or not np.any(one) or not np.any(other):
        return False
    share = float(np.sum(one * other) / np.sum(other * other))
    return bool(np.allclose(one, share * other, rtol=1e-6, atol=0.0))


def _is_of_squares(loss: Bare) -> bool:
    return isinstance(loss, Residual) or (isinstance(loss, Implied) and loss.formula.name == "squared error")


def _nearness(loss: Bare, samples: Sequence[Sample], parameters: Mapping[str, Leaf]) -> float | None:
    """Return the cosine between gradients and the derivatives of a loss; None if it does not depend on all."""
    try:
        with np.errstate(all="ignore"):
            slopes = np.array([[sample.slope(loss, name) for name in parameters] for sample in samples])
    except Exception:  # noqa: BLE001 - outputs that change their shape, targets that do not fit everywhere
        return None
    claimed = np.array([[sample.claimed[name] for name in parameters] for sample in samples])
    is_known = np.isfinite(slopes)
    slopes, claimed = np.where(is_known, slopes, 0.0), np.where(is_known, claimed, 0.0)
    sizes = np.linalg.norm(slopes) * np.linalg.norm(claimed)
    is_of_all = bool(np.all(np.any(np.abs(slopes) > 1e-9, axis=0) | ~np.any(claimed, axis=0)))
    return float(np.sum(slopes * claimed) / sizes) if sizes and is_of_all else None
