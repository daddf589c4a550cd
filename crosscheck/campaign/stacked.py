"""The oracle of single cases, with doors for stacks of them: the same programs, without taking stacks apart."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np

from crosscheck.contract import Outcome
from crosscheck.errors import CrosscheckError
from crosscheck.oracle import Oracle, Twin, judging_configuration
from crosscheck.pair import Padding

Named = dict[str, np.ndarray]


class StackedOracle(Oracle):
    """Evaluates a twin on stacks of models; the padding, if there is one, must take arrays with a leading axis."""

    def __init__(self, twin: Twin, padding: Padding | None) -> None:
        super().__init__(twin, padding)
        self._exactly = jax.jit(jax.vmap(lambda arguments: self.twin.outputs(arguments)))

    def padded(self, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return a stack's arguments as the twin takes them: padded, and in float64."""
        padded = self.padding.pad(arguments, ())[0] if self.padding else arguments
        return jax.tree.map(lambda leaf: leaf.astype(np.float64) if leaf.dtype.kind == "f" else leaf, tuple(padded))

    def exact(self, arguments: tuple[Any, ...], padded: tuple[Any, ...]) -> Named:
        """Return the reference values of every model of a stack."""
        with judging_configuration():
            outputs = jax.tree.map(np.asarray, self._exactly(padded))
        return self.cut(outputs, arguments)

    def noise(
        self, rows: Sequence[tuple[Any, ...]], keys: Sequence[int], size: tuple[float, float], samples: int
    ) -> list[tuple[Any, Any]]:
        """Return (reference values, noise) of models, equal to what `references` gives for each; to be `cut`.

        `rows` are padded arguments of models of one shape, stacked in several stacks; the answer comes stack by stack.
        `size` is ε and the smallest number of the precision.
        """
        leaves = [np.concatenate(some) for some in zip(*map(jax.tree.leaves, rows), strict=True)]
        traced = (*map(np.float64, size), np.int32(samples))
        parts = []
        with judging_configuration():
            program, lanes = self._program(None, jax.tree.map(lambda leaf: leaf[0], rows[0]), ())
            for start in range(0, len(keys), lanes):
                # The program has one size; the rest of its last run repeats models.
                some = np.resize(np.arange(start, min(start + lanes, len(keys))), lanes)
                outputs = program(np.asarray(keys, np.uint32)[some], *traced, [leaf[some] for leaf in leaves])
                parts.append(jax.tree.map(np.asarray, outputs))
        outputs = jax.tree.map(lambda *parts: np.concatenate(parts), *parts)
        stops = np.cumsum([0, *(len(jax.tree.leaves(stack)[0]) for stack in rows)]).tolist()
        return [jax.tree.map(lambda leaf, own=slice(*own): leaf[own], outputs) for own in itertools.pairwise(stops)]

    def cut(self, outputs: Mapping[str, Any], arguments: tuple[Any, ...]) -> Named:
        """Undo the padding, for all models at once: their axis is moved to the end, where no slice reaches it."""
        if self.padding is not None:
            last = jax.tree.map(lambda leaf: np.moveaxis(leaf, 0, -1), outputs)
            first = jax.tree.map(lambda leaf: leaf[0], arguments)
            outputs = jax.tree.map(lambda leaf: np.moveaxis(leaf, -1, 0), self.padding.unpad(last, first))
        return named(Outcome(*(outputs[group] for group in ("loss", "gradients", "inputs", "auxiliary"))))

    def _program(self, signature: Any, case: tuple[Any, ...], states: tuple[Any, ...]) -> tuple[Any, int]:
        # A stack has arrays only, so shapes alone tell programs apart: single cases and stacks share them.
        del signature
        return super()._program(shapes_of(case), case, states)


def named(outcome: Outcome) -> Named:
    """Return every array of a stacked outcome by its name, the models on the first axis."""
    return {name: np.asarray(leaf) for name, leaf in outcome.leaves()}


def same_shapes(subject: Named, reference: Named) -> None:
    """Raise CrosscheckError unless the stacked subject returned what its twin has, model by model."""
    for name, array in subject.items():
        expected = reference[name].shape if name in reference else None
        if array.shape != expected:
            raise CrosscheckError(
                f"The stacked subject returned {name} with shape {array.shape}, expected {expected}: the models lie "
                "on the first axis of every array.",
                code="stacked-shape",
            )


def shapes_of(case: tuple[Any, ...]) -> Any:
    """Return what tells apart the programs that are compiled: the tree of some arguments and the shapes in it."""
    leaves, structure = jax.tree.flatten(case)
    return structure, tuple(leaf.shape for leaf in leaves)
