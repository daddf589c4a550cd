"""Decay that a backward pass adds to its gradients, and that its loss knows nothing of.

`self.dweights += 2 * self.l2 * self.weights` belongs to a penalty that is added to the loss elsewhere, or nowhere. What
a layer does with its outputs is judged without it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.leaves import Leaf, leaves
from crosscheck.recognise.places import Place
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.roles import filled, is_floating, own

SAME = 1e-6
"""How closely what is added is a multiple of the parameter, of the largest entry"""


def decays(replay: Replay, loss: Any, gradients: Mapping[str, Place]) -> list[Leaf]:
    """Return the numbers in objects that change gradients and not the loss: what they scale is no part of that.

    What they scale must be what a penalty has as its derivative: the parameter itself, or its signs. A slip there is
    one of the gradient. Raises what the code raises.
    """
    arrays = [leaf for leaf in leaves(replay.roots()) if is_floating(leaf.value)]
    values = {id(leaf.value): filled(leaf.value, seed) for seed, leaf in enumerate(arrays)}
    found = []
    for leaf in _strengths(replay):
        seen = []
        for silent in ((), (leaf.path,)):
            replay.silent = silent
            result = replay.run(own(values))
            seen.append((loss.read(result), {name: np.array(place.read(result)) for name, place in gradients.items()}))
        replay.silent = ()
        (before, whole), (after, bare) = seen
        changed = [name for name in gradients if not np.array_equal(whole[name], bare[name])]
        held = {str(parameter): values[id(parameter.value)] for parameter in arrays}
        is_penalty = all(_is_of_own(whole[n] - bare[n], held[n]) for n in changed if n in held)
        if before == after and changed and is_penalty:
            found.append(leaf)
    return found


def _is_of_own(added: np.ndarray, parameter: np.ndarray) -> bool:
    """Tell whether what is added to a gradient is a multiple of its parameter, of the signs of that, or both.

    >>> w = np.array([1.0, -2.0, 0.5, 4.0])
    >>> _is_of_own(0.2 * w, w), _is_of_own(0.1 * np.sign(w) + 0.3 * w, w), _is_of_own(0.2 * w ** 2, w)
    (True, True, False)
    """
    if np.shape(added) != np.shape(parameter):
        return False
    terms = np.stack([np.ravel(parameter), np.sign(np.ravel(parameter))], axis=1)
    factors = np.linalg.lstsq(terms, np.ravel(added))[0]
    return bool(np.max(np.abs(terms @ factors - np.ravel(added))) <= SAME * np.max(np.abs(added)))


def _strengths(replay: Replay) -> Iterator[Leaf]:
    for leaf in leaves(replay.roots()):
        is_number = isinstance(leaf.value, int | float) and not isinstance(leaf.value, bool)
        if is_number and leaf.value > 0 and len(leaf.path) > 1 and naming.DECAY.search(leaf.name):
            yield leaf


def said_of_decay(leaf: Leaf) -> str:
    """Return what is assumed of a strength that was set to zero."""
    return f"{leaf} was set to zero: what it adds to gradients belongs to a penalty that is no part of this loss"
