"""Training on the built-in text with three opinions of every step: by hand, by the naive loop, by JAX and optax.

Before each step the naive loop and the twin take over parameters, memory and state of the hand-written engine. The
naive loop shares neither formulas rewritten for accuracy nor JAX's rules of derivation with the other two.
"""

from collections.abc import Callable, Mapping
from importlib.resources import files
from itertools import combinations
from typing import Any, NamedTuple

import jax
import numpy as np
import pytest

import autodiff.rnn
from crosscheck.builtin import character_rnn
from crosscheck.builtin.autodiff_engine import optax_step
from crosscheck.compare import K, compare
from crosscheck.judge import CLOSER_SAMPLES
from crosscheck.oracle import Oracle, Twin, judging_configuration
from crosscheck.precision import FLOAT64
from manual.clipping import clip_by_value
from manual.optimisers import AdagradState, adagrad
from manual.parameters import Parameters, initialise
from manual.rnn import loss_and_gradients
from manual.settings import Settings
from manual.text import Vocabulary
from manual.training import StepResult, begin, train
from tests.manual import naive_rnn

STEPS, HIDDEN = 2_000, 19
RATE, EPSILON, BOUND = 0.1, 1e-8, 5.0
ADAGRAD = adagrad(RATE, EPSILON)
SETTINGS = Settings(optimiser="adagrad", learning_rate=RATE, clip="value", clip_bound=BOUND)
TEXT = files("crosscheck.builtin").joinpath("sonnets.txt").read_text(encoding="utf-8")


class Opinion(NamedTuple):
    """What one implementation makes of one step."""

    loss: Any
    gradients: Parameters
    initial_state_gradient: Any
    final_state: Any
    clipped: Parameters
    parameters: Parameters
    """After the update."""
    memory: Parameters

    def named(self, before: Parameters) -> dict[str, np.ndarray]:
        """Name every array. Updates, not new parameters: beside a large one the error of a small step would vanish."""
        groups = {
            "gradient": self.gradients,
            "clipped": self.clipped,
            "update": Parameters(*map(np.subtract, self.parameters, before)),
            "memory": self.memory,
        }
        arrays = {f"{kind} of {name}": a for kind, tree in groups.items() for name, a in tree._asdict().items()}
        alone = {"loss": self.loss, "gradient of initial_state": self.initial_state_gradient, "state": self.final_state}
        return {name: np.asarray(array) for name, array in {**alone, **arrays}.items()}


def by_hand(parameters, memory, *data) -> Opinion:
    evaluation = loss_and_gradients(parameters, *data)
    clipped = clip_by_value(evaluation.gradients, BOUND)
    moved, state = ADAGRAD.update(clipped, AdagradState(memory), parameters)
    return Opinion(*evaluation[:4], clipped, moved, state.memory)


def naively(parameters, memory, *data) -> Opinion:
    answer = naive_rnn.loss_and_gradients(parameters, *data)
    clipped = Parameters(*(np.minimum(np.maximum(g, -BOUND), BOUND) for g in answer.gradients))
    memory = Parameters(*(m + g**2 for m, g in zip(memory, clipped, strict=True)))
    moved = (p - RATE * g / (m + EPSILON) ** 0.5 for p, g, m in zip(parameters, clipped, memory, strict=True))
    return Opinion(*answer[:4], clipped, Parameters(*moved), memory)


@jax.jit
def _by_jax(parameters, memory, *data) -> Opinion:
    evaluation = autodiff.rnn.loss_and_gradients(parameters, *data)
    clipped, moved, (memory,) = optax_step(SETTINGS)(evaluation.gradients, (memory,), parameters)
    return Opinion(*evaluation, clipped, moved, memory)


def by_jax(*arguments) -> Opinion:
    with judging_configuration():
        return jax.tree.map(np.asarray, _by_jax(*arguments))


def tolerances(opinion: Opinion, noise: Mapping[str, Any]) -> dict[str, Any]:
    """Return what rounding may do to the arrays of `Opinion.named`, given what it does to gradients, loss and state.

    To the noise of a gradient comes ε·max|g|, as in crosscheck/compare.py. What is made of the gradient is granted what
    follows to first order: the clip passes on at most as much; the memory m + g² moves by 2|g| times as much; the step
    η g/√(m + g² + ε) has a slope of at most η/√(m + g² + ε). The sum p + step, from which p is taken off again, rounds
    by ε·|p + step|.
    """
    unit, granted = FLOAT64.epsilon, dict(noise)
    for name, g, clipped, moved, memory in zip(
        Parameters._fields, opinion.gradients, opinion.clipped, opinion.parameters, opinion.memory, strict=True
    ):
        of_gradient = noise[f"gradient of {name}"] + unit * np.abs(g).max()
        granted[f"clipped of {name}"] = of_gradient
        granted[f"memory of {name}"] = 2 * np.abs(clipped) * of_gradient + unit * memory
        granted[f"update of {name}"] = RATE / np.sqrt(memory + EPSILON) * of_gradient + unit * np.abs(moved)
    return granted


ORACLE = Oracle(Twin(character_rnn.twin, inputs={"initial_state": 3}, auxiliary=True))
NOT_MEASURED = dict.fromkeys(
    ["loss", "state", *(f"gradient of {n}" for n in (*Parameters._fields, "initial_state"))], 0.0
)


def measured_noise(step: int, *arguments: Any) -> dict[str, np.ndarray]:
    (reference,) = ORACLE.references([arguments], [()], [step], FLOAT64, samples=CLOSER_SAMPLES)
    noise = reference.noise
    gradients = {**noise["gradients"]._asdict(), **noise["inputs"]}
    named = {f"gradient of {name}": array for name, array in gradients.items()}
    return {"loss": noise["loss"], "state": noise["auxiliary"]["final_state"], **named}


class Jury:
    """An engine that takes every step by hand, and compares all opinions of it, each with each other."""

    def __init__(self, *opinions: Callable[..., Opinion]) -> None:
        self.opinions = opinions
        self.steps = self.measured = self.underflows = 0

    def __call__(self, parameters, optimiser_state, inputs, targets, hidden_state, /) -> StepResult:
        self.steps += 1
        arguments = (parameters, optimiser_state.memory, inputs, targets, hidden_state)
        # Nothing divides by 0, overflows or makes a NaN. What underflows, and is 0 to XLA, is counted.
        with np.errstate(all="raise", under="call", call=self._count_underflow):
            given = {opinion.__name__: opinion(*arguments) for opinion in self.opinions}
        result = given["by_hand"]
        self.underflows += sum(int(((g != 0) & (g * g < FLOAT64.smallest_normal)).sum()) for g in result.clipped)
        named = {name: opinion.named(parameters) for name, opinion in given.items()}
        if self._differing(named, tolerances(result, NOT_MEASURED)):
            self.measured += 1
            noise = measured_noise(self.steps, parameters, inputs, targets, hidden_state)
            differing = self._differing(named, tolerances(result, noise))
            assert not differing, f"step {self.steps}: {'; '.join(differing)}"
        return StepResult(result.loss, 0, result.parameters, AdagradState(result.memory), result.final_state)

    def _differing(self, opinions: Mapping[str, Mapping[str, np.ndarray]], noise: Mapping[str, Any]) -> list[str]:
        """Say which arrays differ by more than rounding, or cannot be judged for it."""
        differing = []
        pairs = list(combinations(opinions, 2))
        for name in next(iter(opinions.values())):
            ours, theirs = (np.stack([opinions[pair[side]][name] for pair in pairs]) for side in (0, 1))
            found = compare(ours, theirs, np.broadcast_to(noise[name], ours.shape), FLOAT64)
            if not found.wrong.any() and found.judged.all():
                continue
            for (one, other), wrong, judged, off in zip(
                pairs, found.wrong, found.judged, found.discrepancy, strict=True
            ):
                if np.any(wrong) or not np.all(judged):
                    said = f"{np.max(off):.3g} tolerances where {K:.0f} are the limit"
                    differing.append(f"{name}, {one} and {other}: {said}")
        return differing

    def _count_underflow(self, _kind: str, _flag: int) -> None:
        self.underflows += 1


def training(jury: Jury, steps: int) -> float:
    """Train from the gist's start and return the last smoothed loss."""
    vocabulary = Vocabulary.from_text(TEXT)
    start = begin(initialise(len(vocabulary), HIDDEN, seed=1), SETTINGS, seed=1)
    *_, last = train(start, vocabulary.encode(TEXT), SETTINGS.layout, jury, steps=steps)
    return last.smoothed_loss / start.smoothed_loss


@pytest.mark.thorough
@pytest.mark.usefixtures("shapes_unchecked")
def test_three_implementations_agree_in_every_one_of_2000_steps():
    jury = Jury(by_hand, naively, by_jax)
    assert training(jury, STEPS) < 0.6  # it learned something, so the weights are far from where they started
    assert jury.steps == STEPS
    # A few per cent need more than ε·max|g|. Were it most of them, the measurement would excuse everything.
    assert 0 < jury.measured < STEPS / 5
    # An underflow could set the opinions apart lawfully: optax takes no step where g² is 0, the formula takes one.
    assert jury.underflows == 0


def spoilt(array: np.ndarray) -> np.ndarray:
    """Return the array with its largest entry off by 1e-12 of its size."""
    array = np.array(array)
    array[np.unravel_index(np.abs(array).argmax(), array.shape)] *= 1 + 1e-12
    return array


ALONE = {"loss": "loss", "initial_state_gradient": "gradient of initial_state", "final_state": "state"}
OF_EACH = {"gradients": "gradient", "clipped": "clipped", "parameters": "update", "memory": "memory"}


@pytest.mark.parametrize("field", ALONE)
def test_one_wrong_number_ends_the_unanimity(field):
    def wrong(*arguments) -> Opinion:
        opinion = naively(*arguments)
        return opinion._replace(**{field: spoilt(getattr(opinion, field))})

    with pytest.raises(AssertionError, match=rf"^step 1: {ALONE[field]}, by_hand and wrong: [^;]*$"):
        training(Jury(by_hand, wrong), 2)


@pytest.mark.parametrize("name", Parameters._fields)
@pytest.mark.parametrize("field", OF_EACH)
def test_one_wrong_entry_ends_the_unanimity(field, name):
    def wrong(*arguments) -> Opinion:
        opinion = naively(*arguments)
        tree = getattr(opinion, field)
        return opinion._replace(**{field: tree._replace(**{name: spoilt(getattr(tree, name))})})

    with pytest.raises(AssertionError, match=rf"^step 1: {OF_EACH[field]} of {name}, by_hand and wrong: [^;]*$"):
        training(Jury(by_hand, wrong), 2)
