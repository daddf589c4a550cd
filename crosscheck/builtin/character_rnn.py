"""The character RNN as a pair: manual/rnn.py is the subject, autodiff/rnn.py the twin."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import jax
import numpy as np

import autodiff.optimisers
import autodiff.rnn
import manual.clipping
import manual.optimisers
from autodiff.padding import Sizes, pad, sizes_of
from autodiff.rnn import Probes
from crosscheck import strategies
from crosscheck.contract import Outcome
from crosscheck.pair import Pair, Rule
from crosscheck.strategies.rnn import LONG
from manual.parameters import Parameters
from manual.rnn import loss_and_gradients

# Sizes up to these share one compiled twin; a larger case takes the next multiple of each.
BUCKET = Sizes(vocabulary=12, hidden=12, time=32, batch=5)


def pair(*, window: int | None = None, dtype: Any = np.float64, **ranges: Any) -> Pair:
    """Return the pair; `ranges` are the sizes of its cases (crosscheck.strategies.rnn)."""
    return Pair(
        name="rnn",
        subject=partial(subject, window=window),
        twin=partial(twin, window=window),
        cases=strategies.rnn(container=Parameters, dtype=dtype, **ranges),
        rules=rules(),
        probes=probes,
        padding=Bucketed(bucket_for(**ranges)),
        stacked_subject=partial(subject, window=window),
        inputs=("inputs", "targets", "initial_state"),
    )


def subject(parameters: Parameters, inputs: Any, targets: Any, initial_state: Any, **options: Any) -> Outcome:
    """Evaluate the hand-written loss and gradients; the backward pass makes the intermediates in this order."""
    evaluation = loss_and_gradients(parameters, inputs, targets, initial_state, intermediates=True, **options)
    assert evaluation.intermediates is not None
    dy, dh, dz = evaluation.intermediates
    return Outcome(
        evaluation.loss,
        evaluation.gradients,
        inputs={"initial_state": evaluation.initial_state_gradient},
        auxiliary={"final_state": evaluation.final_state},
        intermediates={"y": dy, "h": dh, "z": dz},
    )


def twin(
    parameters: Any,
    inputs: Any,
    targets: Any,
    initial_state: Any,
    lengths: Any = None,
    *,
    window: int | None = None,
    probes: Mapping[str, Any] | None = None,
) -> tuple[Any, dict[str, Any]]:
    """Evaluate the twin's loss, with the final state beside it."""
    value, final_state = autodiff.rnn.loss(
        parameters, inputs, targets, initial_state, lengths, window=window, probes=Probes(**probes) if probes else None
    )
    return value, {"final_state": final_state}


def probes(parameters: Any, inputs: Any, *_: Any) -> dict[str, Any]:
    """Return zeros of the shapes of logits, states and pre-activations."""
    V, H = parameters.by.shape[-1], parameters.bh.shape[-1]
    return {name: np.zeros((*inputs.shape, size)) for name, size in (("y", V), ("h", H), ("z", H))}


@cache  # no rule remembers anything, and hundreds of pairs are made in one run
def rules() -> tuple[Rule, ...]:
    """Clipping by value and by norm, and every optimiser's update, by hand and by optax."""
    optimisers = (optimiser_rule(name) for name in ("sgd", "adagrad", "adam"))
    return (clip_rule("clip_by_value"), clip_rule("clip_by_global_norm"), *optimisers)


def clip_rule(name: str) -> Rule:
    """Return a clip at its default bound."""
    by_hand, by_optax = getattr(manual.clipping, name), getattr(autodiff.optimisers, name)
    return Rule(name, lambda g, _s, _p: by_hand(g), lambda g, _s, _p: by_optax(g), lambda _r, _g: ())


def optimiser_rule(name: str) -> Rule:
    """Return one step of an optimiser, from a memory as large as the squared gradients.

    From an empty memory the first step of Adagrad or Adam is nearly sign(g): it would hide every error of scale.
    """
    by_hand, by_optax = manual.optimisers.by_name(name), autodiff.optimisers.by_name(name)

    def step_by_hand(gradients: Any, state: Any, parameters: Any) -> Any:
        moved, following = by_hand.update(gradients, state, parameters)
        return {"parameters": moved, "state": tuple(following)}

    def step_by_optax(gradients: Any, state: Any, parameters: Any) -> Any:
        moved, following = by_optax.update(gradients, by_optax.import_state(tuple(state)), parameters)
        return {"parameters": moved, "state": by_optax.export_state(following)}

    def state(random: np.random.Generator, gradients: Any) -> Any:
        def first(field: str, array: Any) -> Any:
            size = np.where(array == 0, 1.0, np.abs(array).astype(np.float64))
            drawn = (
                size * random.standard_normal(array.shape)
                if field == "mean"
                else (size * random.random(array.shape)) ** 2
            )
            return drawn.astype(array.dtype)

        empty = by_hand.init(gradients)
        fields = {
            field: type(value)(*(first(field, g) for g in gradients))
            if isinstance(value, tuple)
            else np.int64(random.integers(20))
            for field, value in empty._asdict().items()
        }
        return type(empty)(**fields)

    return Rule(name, step_by_hand, step_by_optax, state)


def bucket_for(**ranges: Any) -> Sizes:
    """Return BUCKET without the room that no case of these ranges needs (crosscheck.strategies.rnn)."""
    room = {size: max(1, ranges[size][1]) for size in ("vocabulary", "hidden", "batch") if size in ranges}
    if "steps" in ranges and ranges.get("long", LONG) is None:
        room["time"] = ranges["steps"][1]
    return BUCKET._replace(**{size: min(most, getattr(BUCKET, size)) for size, most in room.items()})


@dataclass(frozen=True)
class Bucketed:
    """Padding to multiples of a bucket, so that cases of many sizes share a compiled twin. Models may be stacked."""

    bucket: Sizes = BUCKET

    def pad(self, arguments: tuple[Any, ...], states: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Enlarge a case; what an optimiser remembers of added entries is zero."""
        parameters, inputs, *_ = arguments
        sizes = sizes_of(parameters, inputs)
        bucket = Sizes(*(-(-size // room) * room for size, room in zip(sizes, self.bucket, strict=True)))
        _, _, targets, initial_state = arguments
        padded = pad(parameters, inputs, targets, initial_state, bucket)

        def enlarge(state: Any) -> Any:
            if not isinstance(state, Parameters):
                return state
            return Parameters(*(np.pad(s, _room(s, p)) for s, p in zip(state, padded.parameters, strict=True)))

        return tuple(padded), jax.tree.map(enlarge, states, is_leaf=lambda node: isinstance(node, Parameters))

    def unpad(self, outputs: Mapping[str, Any], arguments: tuple[Any, ...]) -> Mapping[str, Any]:
        """Cut results to the sizes of the case."""
        parameters, inputs, *_ = arguments
        V, H, T, B = sizes_of(parameters, inputs)
        batch = slice(B) if inputs.ndim == 2 else 0

        def cut(tree: Any) -> Any:
            if not isinstance(tree, Parameters):
                return tree
            return Parameters(*(leaf[tuple(map(slice, p.shape))] for leaf, p in zip(tree, parameters, strict=True)))

        return {
            "loss": outputs["loss"],
            "gradients": cut(outputs["gradients"]),
            "inputs": {name: state[batch, :H] for name, state in outputs["inputs"].items()},
            "auxiliary": {name: state[batch, :H] for name, state in outputs["auxiliary"].items()},
            "intermediates": {
                name: array[:T, batch, : V if name == "y" else H] for name, array in outputs["intermediates"].items()
            },
            "rules": jax.tree.map(cut, outputs["rules"], is_leaf=lambda node: isinstance(node, Parameters)),
        }


def _room(small: np.ndarray, large: np.ndarray) -> list[tuple[int, int]]:
    return [(0, after - before) for before, after in zip(small.shape, large.shape, strict=True)]
