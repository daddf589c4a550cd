"""Gradients that are known by where they stand among all that are returned, whatever they are called."""

from collections.abc import Mapping, Sequence
from typing import Any

from crosscheck.recognise import naming
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.matching import is_gradient, is_of_backward
from crosscheck.recognise.places import RETURNED, Place

FEWEST_IN_ORDER = 3
"""Gradients whose names tell to which arguments they belong, so that their order tells it of the others"""


def in_order(
    active: Mapping[str, Leaf],
    outputs: Sequence[tuple[Place, Any]],
    gradients: Mapping[str, Place],
    arguments: Sequence[str],
) -> dict[str, Place]:
    """Return the arguments whose gradients stand where the order of all others wants them, whatever they are called.

    `f(h0, W, U, b)` that returns `da, dW, dU, db` returns the gradient of h0 first. Where as many are returned as there
    are arguments, in their shapes one by one, a single name is enough.
    """
    placed = {leaf.path[0]: name for name, leaf in active.items() if len(leaf.path) == 1}
    taken = {n: name for name, place in gradients.items() if (n := _position(place)) is not None}
    shifts = {
        arguments.index(str(active[name].path[0])) - number
        for number, name in taken.items()
        if len(active[name].path) == 1 and active[name].path[0] in arguments
    }
    if len(shifts) != 1:
        return {}
    (shift,) = shifts
    if len(taken) < FEWEST_IN_ORDER and not (shift == 0 and _are_of_all(active, outputs, arguments, placed)):
        return {}
    found = {}
    for place, array in outputs:
        number = _position(place)
        if number is None or number in taken or not is_gradient(place) or not 0 <= number + shift < len(arguments):
            continue
        name = placed.get(arguments[number + shift])
        if name is not None and name not in gradients and array.shape == active[name].value.shape and array.size > 1:
            found[name] = place
    return found


def _are_of_all(
    active: Mapping[str, Leaf],
    outputs: Sequence[tuple[Place, Any]],
    arguments: Sequence[str],
    placed: Mapping[Any, str],
) -> bool:
    """Tell whether results are as many as the first arguments, all arrays, and have their shapes one by one."""
    shapes = {number: array.shape for place, array in outputs if (number := _position(place)) is not None}
    names = [placed[argument] for argument in arguments if argument in placed]
    wanted = {number: active[name].value.shape for number, name in enumerate(names)}
    return shapes == wanted and all(argument in placed for argument in arguments[: len(names)])


def all_in_order(
    active: Mapping[str, Leaf],
    outputs: Sequence[tuple[Place, Any]],
    arguments: Sequence[str],
    *,
    whatever_called: bool = False,
) -> dict[str, Place]:
    """Return the arguments whose gradients a backward pass returns in their order, where it gives none of them a name.

    `backward(d, cache)` of `forward(q, k)` returns `d @ k, d.T @ q`. Names that say of no argument that it is the one
    count as none where they may be `whatever_called`.
    """
    returned = [(place, array) for place, array in outputs if is_of_backward(place) and len(place.path) == 3]
    returned.sort(key=lambda pair: pair[0].path[2])
    placed = {leaf.path[0]: name for name, leaf in active.items() if len(leaf.path) == 1}
    names = [placed[argument] for argument in arguments if argument in placed]
    words = [word for place, _ in returned for word in {place.name, *place.names} - {"gradients"}]
    is_told = any(naming.is_gradient_of(word, active[name].name) for word in words for name in names)
    is_nameless = not is_told if whatever_called else not any(place.names - {"gradients"} for place, _ in returned)
    shapes = [active[name].value.shape for name in names]
    if not is_nameless or len(names) < 2 or shapes != [array.shape for _, array in returned]:
        return {}
    return dict(zip(names, (place for place, _ in returned), strict=True))


def _position(place: Place) -> int | None:
    """Return where a result stands in a tuple that is returned, by a backward pass or alone; None of all others."""
    path = place.path[1:] if is_of_backward(place) else place.path
    last = path[1] if place.where == RETURNED and len(path) == 2 else None
    return last if isinstance(last, int) else None
