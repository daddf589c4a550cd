"""Decay that a backward pass adds to its gradients, and that its loss knows nothing of.

`self.dweights += 2 * self.l2 * self.weights` belongs to a penalty that is added to the loss elsewhere, or nowhere. What
a layer does with its outputs is judged without it.
"""

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.leaves import Leaf, leaves
from crosscheck.recognise.places import Place
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.roles import filled, is_floating, own

DECAY = naming.re.compile(
    r"(?:^|_)(?:l[12]|reg(?!ression|ist|ion)\w*|lam\w*|lmbda|wd|penalty)(?:_|$)|regulari|decay", naming.re.I
)
"""What the strength of a penalty is called"""


def decays(replay: Replay, loss: Any, gradients: Collection[Place]) -> list[Leaf]:
    """Return the numbers in objects that change gradients and not the loss: what they scale is no part of that.

    Raises what the code raises.
    """
    arrays = [leaf for leaf in leaves(replay.roots()) if is_floating(leaf.value)]
    values = {id(leaf.value): filled(leaf.value, seed) for seed, leaf in enumerate(arrays)}
    found = []
    for leaf in _strengths(replay):
        seen = []
        for silent in ((), (leaf.path,)):
            replay.silent = silent
            result = replay.run(own(values))
            seen.append((loss.read(result), [np.array(place.read(result)) for place in gradients]))
        replay.silent = ()
        (before, whole), (after, bare) = seen
        if before == after and any(not np.array_equal(*both) for both in zip(whole, bare, strict=True)):
            found.append(leaf)
    return found


def _strengths(replay: Replay) -> Iterator[Leaf]:
    for leaf in leaves(replay.roots()):
        is_number = isinstance(leaf.value, int | float) and not isinstance(leaf.value, bool)
        if is_number and leaf.value > 0 and len(leaf.path) > 1 and DECAY.search(leaf.name):
            yield leaf


def said_of_decay(leaf: Leaf) -> str:
    """Return what is assumed of a strength that was set to zero."""
    return f"{leaf} was set to zero: what it adds to gradients belongs to a penalty that is no part of this loss"
