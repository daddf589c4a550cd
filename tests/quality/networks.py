"""Random recurrent networks for the figures: sizes up to 64, one scale for all parameters of a model.

Parameters are normal times the scale, recurrent and output weights divided by √H: without that, networks of many units
are chaotic. Beside the subject of the built-in pair stands another one, which adds up in other orders.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from autodiff.padding import Sizes
from crosscheck.builtin import character_rnn
from crosscheck.builtin.character_rnn import Bucketed
from crosscheck.cases import Case, Key, Regime
from crosscheck.contract import Outcome
from crosscheck.pair import Pair
from manual.parameters import Parameters

LARGEST = 64
BUCKET = Sizes(vocabulary=32, hidden=32, time=32, batch=1)
BATCHES = (0, 0, 3)


class Networks(NamedTuple):
    """Cases with scales from `low` to `high`, log-uniform. Sizes are V, H, T, B; B = 0 means no batch axis."""

    low: float
    high: float
    dtype: Any
    largest: int = LARGEST
    """Greatest vocabulary, hidden size and number of steps"""
    size_names: tuple[str, ...] = ("vocabulary", "hidden", "steps", "batch")
    regimes: tuple[Regime, ...] = (Regime("scaled", 1, "Parameters are normal times one scale."),)

    def draw(self, seed: int, index: int) -> Key:
        """Return the key of a model with sizes of its own."""
        return self.group(seed, index, 1)[0]

    def group(self, seed: int, number: int, count: int) -> list[Key]:
        """Return the keys of models of the same sizes, so that they are judged together."""
        random = np.random.default_rng([seed, number])
        V, H, T = random.integers(1, self.largest + 1, 3).tolist()
        B = BATCHES[random.integers(len(BATCHES))]
        return [Key("scaled", (V, H, T, B), int(s)) for s in random.integers(2**62, size=count)]

    def scale(self, key: Key) -> float:
        """Return the scale of a model's parameters."""
        return float(self._scale(np.random.default_rng(key.seed)))

    def _scale(self, random: np.random.Generator) -> float:
        return np.exp(random.uniform(np.log(self.low), np.log(self.high)))

    def build(self, key: Key) -> Case:
        """Draw the model, in float64, and round it to the dtype."""
        V, H, T, B = key.sizes
        random = np.random.default_rng(key.seed)
        scale = self._scale(random)

        def normal(*shape: int, fan_in: int = 1) -> np.ndarray:
            return (random.standard_normal(shape) * (scale / fan_in**0.5)).astype(self.dtype)

        parameters = Parameters(normal(H, V), normal(H, H, fan_in=H), normal(V, H, fan_in=H), normal(H), normal(V))
        batch = (B,) if B else ()
        inputs, targets = random.integers(V, size=(2, T, *batch))
        state = random.uniform(-1, 1, (*batch, H)).astype(self.dtype)
        return Case(key, (parameters, inputs, targets, state))

    def smaller(self, _key: Key) -> Any:
        """Yield nothing: a false alarm is reduced by hand."""
        return iter(())


class ByLoops:
    """The same network step by step, with sums in orders of their own; `squared` takes 1 − h² for (1 − h)(1 + h).

    Models may be stacked on a leading axis, as the subject of the built-in pair takes them.
    """

    def __init__(self, *, squared: bool) -> None:
        self.squared = squared
        self.__name__ = f"by_loops_{'squared' if squared else 'factored'}"

    def __call__(self, parameters: Parameters, inputs: Any, targets: Any, initial_state: Any) -> Outcome:
        """Return what character_rnn.subject returns, without the intermediates."""
        if parameters.bh.ndim == 1:
            single = self(Parameters(*_alone(parameters)), *_alone((inputs, targets, initial_state)))
            return Outcome(
                single.loss[0],
                Parameters(*(array[0] for array in single.gradients)),
                inputs={"initial_state": single.inputs["initial_state"][0]},
                auxiliary={"final_state": single.auxiliary["final_state"][0]},
            )
        if inputs.ndim == 2:
            return self._one(parameters, inputs, targets, initial_state)
        data = (inputs.transpose(2, 0, 1), targets.transpose(2, 0, 1), initial_state.transpose(1, 0, 2))
        sequences = [self._one(parameters, *each) for each in zip(*data, strict=True)]
        last_first = sequences[::-1]
        return Outcome(
            sum((one.loss for one in last_first[1:]), start=last_first[0].loss),
            Parameters(*map(_added, zip(*(one.gradients for one in last_first), strict=True))),
            inputs={"initial_state": np.stack([one.inputs["initial_state"] for one in sequences], axis=1)},
            auxiliary={"final_state": np.stack([one.auxiliary["final_state"] for one in sequences], axis=1)},
        )

    def _one(self, parameters: Parameters, inputs: Any, targets: Any, initial_state: Any) -> Outcome:
        Wxh, Whh, Why, bh, by = parameters
        models, one = np.arange(len(bh)), by.dtype.type(1)
        backwards = np.ascontiguousarray(Whh[..., ::-1]), np.ascontiguousarray(Why[..., ::-1])
        h, p, loss = [initial_state], [], np.zeros(len(bh), by.dtype)
        for x, target in zip(inputs.T, targets.T, strict=True):
            h.append(np.tanh(bh + Wxh[models, :, x] + _product(backwards[0], h[-1][:, ::-1])))
            y = by + _product(backwards[1], h[-1][:, ::-1])
            highest = y.max(axis=1)
            exponentials = np.exp(y - highest[:, None])
            total = exponentials[:, ::-1].sum(axis=1)
            p.append(exponentials / total[:, None])
            loss = loss + (np.log(total) - (y[models, target] - highest))
        d = Parameters(*(np.zeros_like(array) for array in parameters))
        carry = np.zeros_like(initial_state)
        for t in range(inputs.shape[1] - 1, -1, -1):
            dy = p[t].copy()
            dy[models, targets[:, t]] -= one
            dh = _product(Why.mT, dy) + carry
            slope = one - h[t + 1] * h[t + 1] if self.squared else (one + h[t + 1]) * (one - h[t + 1])
            dz = slope * dh
            d.Why[:] += dy[:, :, None] * h[t + 1][:, None, :]
            d.by[:] += dy
            d.Wxh[models, :, inputs[:, t]] += dz
            d.Whh[:] += dz[:, :, None] * h[t][:, None, :]
            d.bh[:] += dz
            carry = _product(Whh.mT, dz)
        return Outcome(loss, d, inputs={"initial_state": carry}, auxiliary={"final_state": h[-1]})


def _product(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return (matrices @ vectors[..., None])[..., 0]


def _alone(arrays: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    return (array[None] for array in arrays)


def _added(arrays: Sequence[np.ndarray]) -> np.ndarray:
    total = arrays[0].copy()
    for array in arrays[1:]:
        total += array
    return total


SUBJECTS = {"manual": character_rnn.subject, "loops": ByLoops(squared=False), "loops, 1 − h²": ByLoops(squared=True)}


@cache
def pair(subject: str, cases: Networks, *, with_rules: bool) -> Pair:
    """Return the built-in pair with another subject and these cases; `with_rules` adds clips and optimisers."""
    built_in = character_rnn.pair()
    rules = _rules() if with_rules else ()
    return replace(
        built_in,
        name=subject,
        subject=SUBJECTS[subject],
        stacked_subject=SUBJECTS[subject],
        cases=cases,
        rules=rules,
        probes=None,
        padding=_padding(cases.largest),
    )


@cache
def _rules() -> Any:
    return character_rnn.rules()


@cache
def _padding(largest: int) -> Bucketed:
    return Bucketed(Sizes(*(min(largest, room) for room in BUCKET)))
