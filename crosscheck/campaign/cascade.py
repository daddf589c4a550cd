"""Clearing the models of some stacks: most at a glance, so that the judge of single cases has few left to see.

1. The screen: four models in five lie within k·(ε·max|g| + smallest normal) of the twin, a tolerance that noise can
   only raise.
2. A glance, at ten times the cost: nearly all others lie within 2 samples of the noise, which further ones only raise.
3. The judge's own first look, 8 samples, the same ones; noise that grows as ε does tells rounding from chaos.
4. What is left, one model in a thousand, is for the judge, who takes five hundred times as long as the screen.

Of a model that is cleared the judge would say the same, because all that he adds is noise. Nothing here can make a
model disagree.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import jax
import numpy as np
from jaxtyping import Bool, Float, Int

from crosscheck.campaign.look import Look, look
from crosscheck.campaign.stacked import Named, StackedOracle, named, same_shapes, shapes_of
from crosscheck.cases import Case
from crosscheck.compare import SUSPECT, K
from crosscheck.errors import CrosscheckError
from crosscheck.judge import FIRST_SAMPLES, Judge, magnification, noise_key
from crosscheck.precision import Precision
from crosscheck.strategies.stacks import Stack
from crosscheck.trees import flatten

GLANCE_SAMPLES = 2
LEAST_GROWTH, MOST_GROWTH = 0.25, 2.0
"""Noise that grew by this much of the factor by which ε did is linear, whatever more samples say: they raise it by less
than four, and the judge allows an eighth to eight (crosscheck/judge.py)"""
TOO_MUCH_GROWTH = 8.0
"""Noise that grew by more is not, whatever more samples say"""

Places = Int[np.ndarray, " some"]
NOBODY = np.zeros(0, np.int64)


@dataclass
class Cleared:
    """One stack on its way through the cascade. Places are those of models in the stack."""

    stack: Stack
    subject: Named
    parameters: frozenset[str]
    """Names of the gradients of the parameters: a model of which one cannot be judged is inconclusive"""
    precision: Precision
    padded: tuple[Any, ...]
    left: Places
    """For the judge"""
    discrepancy: Float[np.ndarray, " models"]
    """Largest of the model, in tolerances as far as they are known"""
    unjudged: dict[str, Bool[np.ndarray, " models"]]
    """For each array: models that are not left, but of which noise leaves no entry of this array to judge"""
    noise: dict[str, Float[np.ndarray, " left"]] = field(default_factory=dict)
    """Largest of each array of the models left"""
    screened: Places = field(default_factory=lambda: NOBODY)
    measured: Places = field(default_factory=lambda: NOBODY)
    """Cleared once their noise was known"""
    inconclusive: Places = field(default_factory=lambda: NOBODY)
    """Some parameter's gradient has no entry to judge, and its noise grows faster than ε"""


def clear(stacks: Iterable[tuple[Stack, Places]], judge: Judge, oracle: StackedOracle) -> list[Cleared]:
    """Hold stacks of models against the twin. Raises CrosscheckError where the stacked subject fails."""
    chunks = [_screened(stack, places, judge, oracle) for stack, places in stacks]
    for chunk, looks in _looks(chunks, oracle, GLANCE_SAMPLES):
        _settle_by_noise(chunk, looks, is_last=False)
    for chunk, looks in _looks(chunks, oracle, FIRST_SAMPLES):
        _settle_by_noise(chunk, looks, is_last=True)
    for chunk, looks in _looks(chunks, oracle, GLANCE_SAMPLES, magnified=True):
        _settle_small(chunk, looks)
    return chunks


def _screened(stack: Stack, places: Places, judge: Judge, oracle: StackedOracle) -> Cleared:
    outcome = _evaluate(judge.pair.stacked_subject, stack.arguments)
    precision = judge.precision(Case(stack.key(0), stack.arguments), outcome)
    parameters = frozenset(name for name, _ in flatten(outcome.gradients, "parameters"))
    subject, padded = named(outcome), oracle.padded(stack.arguments)
    exact = oracle.exact(stack.arguments, padded)
    same_shapes(subject, exact)
    looks = [look(array, exact[name], None, precision) for name, array in subject.items()]
    discrepancy = np.max([one.discrepancy for one in looks], axis=0)
    unjudged = {name: np.zeros(len(discrepancy), bool) for name in subject}
    passes = discrepancy[places] <= K
    left, screened = places[~passes], places[passes]
    return Cleared(stack, subject, parameters, precision, padded, left, discrepancy, unjudged, screened=screened)


def _looks(
    chunks: Sequence[Cleared], oracle: StackedOracle, samples: int, *, magnified: bool = False
) -> Iterator[tuple[Cleared, dict[str, Look]]]:
    """Measure the noise of the models left, those of all stacks together, and look at every stack."""
    groups: dict[Any, list[Cleared]] = {}
    for chunk in chunks:
        if len(chunk.left):
            groups.setdefault((shapes_of(chunk.padded), chunk.precision), []).append(chunk)
    for (_, precision), group in groups.items():
        rows = [jax.tree.map(itemgetter(chunk.left), chunk.padded) for chunk in group]
        keys = [noise_key(chunk.stack.key(place)) for chunk in group for place in chunk.left.tolist()]
        epsilon = precision.epsilon * (magnification(precision) if magnified else 1.0)
        outputs = oracle.noise(rows, keys, (epsilon, precision.smallest), samples)
        for chunk, both in zip(group, outputs, strict=True):
            exact, noise = (oracle.cut(one, chunk.stack.arguments) for one in both)
            subject = {name: array[chunk.left] for name, array in chunk.subject.items()}
            yield chunk, {name: look(subject[name], exact[name], noise[name], precision) for name in subject}


def _settle_by_noise(chunk: Cleared, looks: Mapping[str, Look], *, is_last: bool) -> None:
    """Clear models whose entries lie within the noise, where it is certain which of their arrays can be judged."""
    left, certain = chunk.left, []
    chunk.discrepancy[left] = np.max([one.discrepancy for one in looks.values()], axis=0)
    agrees = chunk.discrepancy[left] <= K
    # Of what exceeds a part of that, the judge takes more samples: it agrees all the same, if it can still be judged.
    calm = chunk.discrepancy[left] <= SUSPECT
    for name, one in looks.items():
        chunk.unjudged[name][left] = one.unjudged
        chunk.noise[name] = one.noise
        is_judged = (~one.unjudged & calm & is_last) | one.surely_judged
        certain.append(is_judged if name in chunk.parameters else is_judged | one.unjudged)
    settled = agrees & np.all(certain, axis=0)
    _clear(chunk, settled, np.zeros_like(settled))


def _settle_small(chunk: Cleared, looks: Mapping[str, Look]) -> None:
    """Clear models whose arrays are small beside their noise and yet can be judged, or surely cannot: by its growth."""
    factor, left = magnification(chunk.precision), chunk.left
    calm = chunk.discrepancy[left] <= SUSPECT
    settled, given_up = calm, np.zeros_like(calm)
    for name in chunk.parameters:
        with np.errstate(all="ignore"):
            growth = looks[name].noise / (factor * chunk.noise[name])
        is_small = chunk.unjudged[name][left]
        is_rounding = (factor > 1) & (growth >= LEAST_GROWTH) & (growth <= MOST_GROWTH)
        settled = settled & (~is_small | is_rounding)
        given_up |= is_small & ((factor <= 1) | ~(growth <= TOO_MUCH_GROWTH))
        chunk.unjudged[name][left] &= ~is_rounding
    given_up &= calm
    chunk.inconclusive = np.concatenate([chunk.inconclusive, left[given_up]])
    _clear(chunk, settled, given_up)


def _clear(chunk: Cleared, settled: Bool[np.ndarray, " left"], given_up: Bool[np.ndarray, " left"]) -> None:
    remain = ~settled & ~given_up
    chunk.measured = np.concatenate([chunk.measured, chunk.left[settled]])
    chunk.left = chunk.left[remain]
    chunk.noise = {name: noise[remain] for name, noise in chunk.noise.items()}


def _evaluate(subject: Any, arguments: tuple[Any, ...]) -> Any:
    try:
        return subject(*jax.tree.map(np.copy, arguments))
    except Exception as problem:
        raise CrosscheckError(
            f"The stacked subject raised {type(problem).__name__}: {problem}. It takes the arguments of the subject "
            "with an axis of models before all others.",
            code="stacked-subject-raised",
        ) from problem
