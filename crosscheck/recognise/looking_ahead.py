"""Nesterov's momentum: a gradient is taken where the velocity leads, and the step has to go there.

    ahead = w + mu * v;  v = mu * v - rate * gradient(ahead);  w = w + v

Where the loss is that of `w + c v`, moving v by d and w by -c d leaves the gradient as it is. So it leaves where the
step ends, if the step takes the same share of the velocity.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from crosscheck.recognise.averages import velocities
from crosscheck.recognise.leaves import Leaf, leaves
from crosscheck.recognise.loss_forms import number_in
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.roles import is_floating

SMALL, CLOSE = 1e-5, 1e-4
"""How far a velocity is moved to see what share of it the loss is taken at; how closely that share is known"""


def look_astray(unit: Any, replay: Replay, parameters: Mapping[str, Leaf], start: Mapping[int, Any]) -> set[str]:
    """Return the parameters whose gradient is taken where their step does not lead. Raises what the call raises."""
    between = velocities(unit.document.tree)
    own = {id(leaf.value) for leaf in parameters.values()}
    known = [leaf for leaf in leaves(replay.roots()) if leaf.name in between and is_floating(leaf.value)]
    found = set()
    for name, leaf in parameters.items():
        alike = [one for one in known if np.shape(one.value) == np.shape(leaf.value) and id(one.value) not in own]
        if any(_is_astray(unit, replay, (name, leaf), velocity, start) for velocity in alike):
            found.add(name)
    return found


def _is_astray(
    unit: Any, replay: Replay, parameter: tuple[str, Leaf], velocity: Leaf, start: Mapping[int, Any]
) -> bool:
    """Tell whether the loss is taken ahead by a velocity, and by another share of it than the step takes."""
    name, leaf = parameter
    random = np.random.default_rng(3)
    moved, direction = (random.standard_normal(np.shape(leaf.value)) for _ in range(2))

    def after(by: float, share: float) -> Any:
        given = {**start, id(velocity.value): moved + by * direction}
        given[id(leaf.value)] = start[id(leaf.value)] - share * by * direction
        return replay.run({identity: np.array(value) for identity, value in given.items()})

    before = after(0.0, 0.0)
    gradient = np.asarray(unit.subject.gradients[name].read(before))
    slope = (number_in(unit.subject.loss, after(SMALL, 0.0)) - number_in(unit.subject.loss, before)) / SMALL
    claimed = float(np.sum(gradient * direction))
    share = slope / claimed if abs(claimed) > CLOSE else 0.0
    if abs(share) <= CLOSE:
        return False
    share = round(share, 4) if abs(round(share, 2) - share) > CLOSE else round(share, 2)
    other = after(1.0, share)
    if not np.allclose(np.asarray(unit.subject.gradients[name].read(other)), gradient, rtol=CLOSE, atol=CLOSE):
        return False  # it is taken elsewhere
    ends = [np.asarray(result.left_at(leaf.path)) for result in (before, other)]
    return not np.allclose(ends[0], ends[1], rtol=1e-3, atol=1e-3)
