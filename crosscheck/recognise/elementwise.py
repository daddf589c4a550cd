"""Derivatives of functions that work entry by entry: `Tanh.gradient(z)` beside `Tanh.__call__(z)`.

Such a derivative may be handed what the function is handed, or what it returns; the sum of the outputs is its loss.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import PREDICTED, TARGET
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.pairs import SUM, PairReplay
from crosscheck.recognise.places import LOCAL, RETURNED, Place
from crosscheck.recognise.roles import Roles, is_floating
from crosscheck.recognise.shares import is_right, is_times, slopes
from crosscheck.recognise.unit import Unit

DERIVES = naming.re.compile(r"deriv(?:ative)?|prime|^d_?f(?:unc)?$|^df_?dx$|^grad(?:ient)?", naming.re.IGNORECASE)
"""What the derivative of a function of one number is called"""
OUTPUT = naming.re.compile(r"^(?:a|out|outputs?|activated|activations?|y|s|fx)$")
"""What is called like the output of a function"""


def is_elementwise(replay: PairReplay) -> bool:
    """Tell whether a backward is handed nothing but what its forward is, and returns an array like its results."""
    made, returned = replay.entry.returned, replay.backward.returned
    return (
        not replay.upstream
        and not replay.own
        and is_floating(made)
        and isinstance(returned, np.ndarray)
        and made.shape == returned.shape != ()
        and any(True for _ in _arguments(replay))
    )


def _arguments(replay: PairReplay) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the arguments of the forward that have the shape of its result and that its backward is handed too."""
    for name, value in replay.entry.arguments.items():
        is_alike = is_floating(value) and value.shape == replay.entry.returned.shape
        if is_alike and name in replay.backward.arguments and _acts_alone(replay, value):
            yield name, value


def _acts_alone(replay: PairReplay, value: np.ndarray) -> bool:
    """Tell whether each entry of a result depends on the same entry of an argument only."""
    moved = value.copy()
    moved.flat[0] += 0.25
    try:
        results = [replay.run({id(value): start}).returned["forward"] for start in (value, moved)]
    except Exception:  # noqa: BLE001 - theirs
        return False
    return np.array_equal(np.ravel(results[0])[1:], np.ravel(results[1])[1:])


def unit_of_derivative(assemble: Callable[[PairReplay, Roles], Unit], replay: PairReplay) -> Unit | None:
    """Return the unit that a function and its derivative are; None if they are none.

    Of several arguments it is the one that makes it right; what is called a target is not among them.
    Raises what the code raises.
    """
    found: list[tuple[str, Unit]] = []
    replay.sums = True
    for name, value in _but_targets(list(_arguments(replay))):
        for double, stated in ((replay, ()), _of_output(replay, name)):
            leaf = Leaf((name,), value)
            place = Place(RETURNED, ("return", "backward"), "", frozenset(), frozenset(), name)
            loss = Place(LOCAL, (SUM,), SUM)
            unit = assemble(double, Roles(loss, {name: place}, {name: leaf}, {}, [], {name: leaf}, set()))
            unit = replace(unit, assumptions=(*unit.assumptions, *stated))
            claims = slopes(unit)[next(iter(unit.names))]
            if is_right(claims):
                return unit
            for count in sorted({*value.shape, value.size}):
                if count > 1 and is_times(claims, 1 / count):
                    unit.subject.times = dict.fromkeys(unit.names, count)
                    stated = (f"it is taken for the derivative of the mean over {count} results",)
                    return replace(unit, assumptions=(*unit.assumptions, *stated))
            found.append((name, unit))
    if not found:
        return None
    found.sort(key=lambda pair: not PREDICTED.search(pair[0]))
    same = [unit for name, unit in found if name == found[0][0]]
    return same[-1] if OUTPUT.match(found[0][0]) else same[0]


def _but_targets(arguments: list[tuple[str, np.ndarray]]) -> list[tuple[str, np.ndarray]]:
    """Leave out what is called a target, where something else is there: a loss is differentiated by predictions."""
    return [pair for pair in arguments if not (TARGET.match(pair[0]) or naming.TRUTH.match(pair[0]))] or arguments


def _of_output(replay: PairReplay, name: str) -> tuple[PairReplay, tuple[str, ...]]:
    """Return the same calls, the second of which is handed the result of the first in the place of an argument."""
    double = PairReplay(replay.world, replay.entry, replay.backward)
    double.sums = True
    identity = id(replay.backward.arguments[name])
    double.from_start.pop(identity, None)
    double.from_return[identity] = ()
    return double, (f"it is handed what {replay.entry.function} returns in the place of {name}",)
