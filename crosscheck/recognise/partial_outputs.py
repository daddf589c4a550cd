"""Upstream gradients of a part of what a forward pass returns: of the last state alone, or of the first steps.

`grad_out` has one axis less than the states `S` where only `S[:, -1]` goes on to the loss; a file's own example may
hand gradients for four steps of ten.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.leaves import Leaf, Path


class Last(NamedTuple):
    """The last entry along an axis, as a step of a way into what is returned."""

    axis: int

    def of(self, value: Any) -> Any:
        """Return that part of an array."""
        return np.moveaxis(value, self.axis, 0)[-1]


class First(NamedTuple):
    """Some first entries along an axis."""

    axis: int
    steps: int

    def of(self, value: Any) -> Any:
        """Return that part of an array."""
        return np.moveaxis(np.moveaxis(value, self.axis, 0)[: self.steps], 0, self.axis)


class Later(NamedTuple):
    """All entries along an axis but the first, which is what came before the steps, and zeros in place of that."""

    axis: int

    def of(self, value: Any) -> Any:
        """Return these, as many as there are entries.

        >>> Later(0).of(np.array([3.0, 1.0, 2.0])).tolist()
        [1.0, 2.0, 0.0]
        """
        entries = np.moveaxis(value, self.axis, 0)
        return np.moveaxis(np.concatenate([entries[1:], np.zeros_like(entries[:1])]), 0, self.axis)


def axis_of_states(output: Any, inputs: Iterable[Any]) -> int | None:
    """Return the axis along which an output has one entry more than an input: the state before the first step.

    >>> axis_of_states(np.zeros((8, 5, 3)), [np.zeros((8, 4, 2))]), axis_of_states(np.zeros((8, 5)), [np.zeros((8, 5))])
    (1, None)
    """
    whole = np.shape(output)
    for shape in map(np.shape, inputs):
        axes = [axis for axis in range(min(len(whole), len(shape)) - 1) if whole[axis] != shape[axis]]
        if len(whole) == len(shape) > 2 and len(axes) == 1 and whole[axes[0]] == shape[axes[0]] + 1:
            return axes[0]
    return None


def part_above(
    arrival: Leaf, outputs: Sequence[Leaf], spoken: Mapping[Path, frozenset[str]]
) -> tuple[Leaf, Last | First] | None:
    """Return the output of which a part has the shape of a gradient, and the part; None where several would do.

    Outputs are `spoken` of by names where the forward returns them, by their paths.
    """
    if not naming.is_gradient_argument(arrival.name):
        return None
    found = [(output, part) for output in outputs if len(output.path) < 3 for part in _parts(output, arrival)]
    called = [{pair[0].name, *spoken.get(pair[0].path[1:], ())} for pair in found]
    likeness = [max(naming.is_gradient_of(arrival.name, name) for name in names) for names in called]
    best = max(likeness, default=0)
    found = [pair for pair, likely in zip(found, likeness, strict=True) if likely == best]
    return found[0] if len(found) == 1 else None


def _parts(output: Leaf, arrival: Leaf) -> Iterator[Last | First]:
    whole, wanted = np.shape(output.value), np.shape(arrival.value)
    for axis, length in enumerate(whole):
        others = whole[:axis] + whole[axis + 1 :]
        if others == wanted and length > 1:
            yield Last(axis)
        elif len(whole) == len(wanted) and others == wanted[:axis] + wanted[axis + 1 :] and wanted[axis] < length:
            yield First(axis, wanted[axis])


def said_of_parts(replay: Any) -> str:
    """Say of which parts of the forward's results a backward pass is handed the gradients."""
    told: list[str] = []
    for upstream in replay.upstream:
        step = upstream.output[-1] if upstream.output else None
        if isinstance(step, Last | First):
            which = "last entry" if isinstance(step, Last) else f"first {step.steps} entries"
            told.append(f"{upstream.name} was taken for the gradient of the {which} of a result along axis {step.axis}")
    return "; ".join(told)


def depends_on_first_alone(replay: Any, arguments: Mapping[str, Any]) -> bool:
    """Tell whether a backward pass is the same whatever comes after the steps of which it is handed gradients.

    It would not be if they were gradients of later steps.
    """
    steps = {
        (len_of(replay, upstream), upstream.output[-1].steps)
        for upstream in replay.upstream
        if upstream.output and isinstance(upstream.output[-1], First)
    }
    if len(steps) != 1:
        return False
    ((whole, count),) = steps
    changed: dict[int, Any] = {}
    for value in arguments.values():
        axes = (
            [axis for axis, size in enumerate(np.shape(value)) if size == whole]
            if isinstance(value, np.ndarray)
            else []
        )
        if len(axes) == 1 and value.dtype.kind == "f":
            other = value.copy()
            np.moveaxis(other, axes[0], 0)[count:] *= -1.5
            changed[id(value)] = other
    before, after = (_numbers(replay.run(values).returned["backward"]) for values in ({}, changed))
    return bool(changed) and len(before) == len(after) and all(map(np.array_equal, before, after))


def len_of(replay: Any, upstream: Any) -> int:
    """Return how long the axis is of which an upstream gradient has a part."""
    value = replay.entry.returned
    for step in upstream.output[:-1]:
        value = value[step]
    return np.shape(value)[upstream.output[-1].axis]


def _numbers(value: Any) -> list[np.ndarray]:
    if isinstance(value, np.ndarray | float | np.floating):
        return [np.asarray(value)]
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple | list) else ()
    return [number for part in parts for number in _numbers(part)]
