"""Gradients that belong to no loss at all: a proof that does not ask which loss was meant.

Whatever the loss of an output o is, the gradients of all parameters are Jᵀg, with the derivatives J of o and one and
the same g. Where some parameters' gradients are of this form, so that o is what the author went back from, and no g
serves all of them, some are wrong. They are then held against that loss of o which they are nearest to.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.formulas import Implied, Residual, steps_of
from crosscheck.recognise.leaves import Leaf, leaves
from crosscheck.recognise.loss_choice import Choice, candidates
from crosscheck.recognise.loss_forms import Bare, Scaled
from crosscheck.recognise.loss_samples import Sample, copies, samples_of, symbols_anew
from crosscheck.recognise.places import Place
from crosscheck.recognise.replay import Result
from crosscheck.recognise.roles import filled, is_floating
from crosscheck.recognise.subject import shaped
from crosscheck.recognise.watching import Watched

SECONDS = 6.0
"""For the derivatives of all outputs"""
MOST_NUMBERS = 100
"""Numbers in an output whose derivatives are asked for"""
MORE = 4
"""Directions of each parameter beyond what any g could explain"""
MOST_SETS = 100
"""Sets of parameters that are looked at apart from the others"""
REACH = 2.0**-9
MET, MISSED = 1e-6, 1e-2
"""What is left over, as a share of the gradients, where they are of the form Jᵀg, and where they plainly are not"""
KINK = 1e-4
"""How far derivatives of two orders are apart, relative, where there is a kink"""
OTHER_TERMS = naming.re.compile(
    r"spars|kl_|_kl\b|\bkl\b|kullback|diverg|gibbs|contrastive|hebb|markov|advantage|reward|penalt|critic|adversar",
    naming.re.I,
)
"""What tells of losses that are not of an output alone, and of rules that are no gradients"""


class Fit(NamedTuple):
    """How well gradients are explained by derivatives of one output."""

    is_begun: bool
    """Whether one g serves some of them: the author went back from this output"""
    together: float | None
    """What is left of all of them; None where an output of so many numbers would explain anything"""
    is_of_all: bool
    """Whether the output depends on each parameter that has a gradient"""

    @property
    def is_met(self) -> bool:
        """Tell whether one g serves all gradients."""
        return self.together is not None and self.together < MET

    @property
    def is_missed(self) -> bool:
        """Tell whether some gradients are of this form, and no g serves all of them."""
        return self.is_of_all and self.is_begun and self.together is not None and self.together > MISSED


def belonging_to_none(
    replay: Watched, parameters: Mapping[str, Leaf], gradients: Mapping[str, Place], rate: float = 1.0
) -> Choice | None:
    """Return the loss that gradients are nearest to where they are those of no loss; None where they may be of one.

    They are `rate` times gradients. Raises what the call raises.
    """
    if len(parameters) < 2 or OTHER_TERMS.search(replay.world.document.code):
        return None
    samples = samples_of(replay, parameters, gradients)
    known = list(candidates(replay, samples))
    outputs = {str(place): place for loss in known for place in _outputs(loss) if not _goes_back(place)}
    outputs = {name: place for name, place in outputs.items() if not _is_of_layers(place, samples[0])}
    fits: dict[str, list[Fit | None]] = {}
    ends = time.process_time() + SECONDS
    for seed in (0, 1):
        for name, place in outputs.items():
            found = _fit(replay, parameters, gradients, place, seed, ends)
            if found is not None and found.is_met:
                return None
            fits.setdefault(name, []).append(found)
    missed = {name for name, both in fits.items() if all(fit is not None and fit.is_missed for fit in both)}
    nearest = _nearest(known, {name: outputs[name] for name in missed}, samples, parameters)
    if nearest is None:
        return None
    constant = rate * (0.5 if _is_of_squares(nearest) else 1.0)
    return Choice(nearest._replace(constant=constant), frozenset(), frozenset(parameters), False)


def _nearest(
    known: Sequence[Bare], outputs: Mapping[str, Place], samples: Sequence[Sample], parameters: Mapping[str, Leaf]
) -> Bare | None:
    """Return the loss that gradients are nearest to: one that the file states, or one of some outputs."""
    losses = [loss for loss in known if any(str(place) in outputs for place in _outputs(loss))]
    losses = [loss for loss in losses if not _is_far_fetched(loss, samples[0])]
    told = [loss for loss in losses if isinstance(loss, Residual) or _is_told(loss)]
    losses = told or losses or [Residual(place) for place in outputs.values()]
    stated = [loss for loss in known if isinstance(loss, Scaled) and not naming.NOT_LOSS.search(loss.place.name)]
    every = [*stated, *losses] if outputs else []
    near = [(found, loss) for loss in every if (found := _nearness(loss, samples, parameters)) is not None]
    return max(near, key=lambda pair: pair[0])[1] if near else None


def _is_told(loss: Bare) -> bool:
    return isinstance(loss, Implied) and bool(naming.TRUTH.match(loss.target.name))


def _is_far_fetched(loss: Bare, sample: Sample) -> bool:
    """Tell whether an output is held against a mere number, or goes through a sigmoid once more."""
    if not isinstance(loss, Implied):
        return False
    target = loss.target.read(sample.center)
    is_number = not _is_told(loss) and not isinstance(target, list) and np.ndim(target) == 0
    values = _numbers(loss.output, sample.center)
    return is_number or (" of the s" in loss.formula.name and bool(np.all((values > 0) & (values < 1))))


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


def _is_of_squares(loss: Bare) -> bool:
    return isinstance(loss, Residual) or (isinstance(loss, Implied) and loss.formula.name == "squared error")


def _fit(
    replay: Watched,
    parameters: Mapping[str, Leaf],
    gradients: Mapping[str, Place],
    place: Place,
    seed: int,
    ends: float,
) -> Fit | None:
    """Hold gradients against the derivatives of one output in one state; None where it is too large, or time is up."""
    start = _state(replay, seed)
    center = replay.run(copies(start))
    size = _numbers(place, center).size
    if size > MOST_NUMBERS:
        return None
    random = np.random.default_rng(seed)
    rows: dict[str, list[np.ndarray]] = {}
    claimed: dict[str, list[float]] = {}
    decays: dict[str, list[float]] = {}
    for name, leaf in parameters.items():
        value = start[id(leaf.value)]
        gradient = np.asarray(shaped(gradients[name].read(center), value)).reshape(value.shape)
        for direction in _directions(value.shape, size + MORE, random):
            if time.process_time() > ends:
                return None
            slope = _slope(replay, start, leaf, direction, place)
            if slope is not None:
                rows.setdefault(name, []).append(slope)
                claimed.setdefault(name, []).append(float(np.sum(gradient * direction)))
                decays.setdefault(name, []).append(float(np.sum(value * direction)))
    moving = [name for name, numbers in claimed.items() if np.any(numbers)]
    if not moving:
        return None
    is_of_all = all(np.any(rows[name]) for name in moving)

    def left(names: Sequence[str]) -> float | None:
        own = [
            np.concatenate([decays[name] if name == one else np.zeros(len(decays[name])) for name in names])[:, None]
            for one in names
            if len(names) == len(moving)
        ]
        stacked = np.hstack([np.concatenate([rows[name] for name in names]), *own])
        return _left(stacked, np.concatenate([claimed[name] for name in names]))

    few = [names for count in range(1, len(moving)) for names in combinations(moving, count)]
    is_begun = any((share := left(names)) is not None and share < MET for names in few[:MOST_SETS])
    return Fit(is_begun, left(moving), is_of_all)


def _left(derivatives: np.ndarray, claimed: np.ndarray) -> float | None:
    """Return what the nearest Jᵀg leaves of gradients, as a share; None where any gradients would be explained."""
    left, values, _ = np.linalg.svd(derivatives, full_matrices=False)
    basis = left[:, values > 1e-9 * np.max(values, initial=0.0)]
    if basis.shape[0] - basis.shape[1] < 2 or basis.shape[1] == 0:
        return None
    return float(np.linalg.norm(claimed - basis @ (basis.T @ claimed)) / np.linalg.norm(claimed))


def _state(replay: Watched, seed: int) -> dict[int, Any]:
    """Return a random state of a call, as those are in which candidates for a loss are judged."""
    empty = {id(array) for array in replay.zeroed} | replay.kept
    arrays = [leaf for leaf in leaves(replay.roots()) if is_floating(leaf.value) and id(leaf.value) not in empty]
    start: dict[int, Any] = {
        id(leaf.value): filled(leaf.value, 500 * seed + place) for place, leaf in enumerate(arrays)
    }
    return start | symbols_anew(replay, seed)


def _directions(shape: Sequence[int], most: int, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield directions in which a parameter is moved: its entries, or random ones where it has more."""
    size = int(np.prod(shape))
    for place in range(min(size, most)):
        single = np.zeros(size)
        single[place] = 1.0
        yield random.standard_normal(shape) if size > most else single.reshape(shape)


def _slope(
    replay: Watched, start: Mapping[int, Any], leaf: Leaf, direction: np.ndarray, place: Place
) -> np.ndarray | None:
    """Return the derivative of an output along a direction of a parameter; None where a kink is within reach."""
    value = start[id(leaf.value)]

    def moved(steps: int) -> np.ndarray:
        there = (value + steps * REACH * direction).astype(value.dtype)
        return _numbers(place, replay.run(copies({**start, id(leaf.value): there})))

    ends = [(moved(steps), moved(-steps)) for steps in (1, 2)]
    if len({end.size for pair in ends for end in pair}) > 1:
        return None
    near, far = ((up - down) / (2 * steps * REACH) for steps, (up, down) in zip((1, 2), ends, strict=True))
    exact = (4 * near - far) / 3
    largest = np.max(np.abs(exact), initial=0.0)
    is_kinked = np.max(np.abs(near - exact), initial=0.0) > KINK * max(largest, 1e-3)
    return None if is_kinked or not np.isfinite(exact).all() else exact


def _numbers(place: Place, result: Result) -> np.ndarray:
    steps = steps_of(place.read(result))
    return np.concatenate(
        [np.ravel(np.asarray(part, float)) for part in (steps if isinstance(steps, list) else [steps])]
    )


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
