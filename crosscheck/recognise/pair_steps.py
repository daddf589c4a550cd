"""Parameters that a backward pass moves on its way, and whose gradients it keeps nowhere: their steps tell them.

`self.W = self.optimizer.update(self.W, self.x.T @ grad)`: the step is the gradient times a rate, which must be a number
of the program.
"""

import ast
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.leaves import Leaf, leaves
from crosscheck.recognise.matching import is_state
from crosscheck.recognise.moving import is_rate, plainly_moved
from crosscheck.recognise.pairs import UPSTREAM, PairReplay
from crosscheck.recognise.places import LOCAL, Place
from crosscheck.recognise.results import sources
from crosscheck.recognise.roles import Roles, filled, own
from crosscheck.recognise.rule_words import ITSELF
from crosscheck.recognise.shares import CLOSE, batches, is_right, is_times, slopes
from crosscheck.recognise.signed_steps import moved_by_themselves, steps_in
from crosscheck.recognise.statements import words
from crosscheck.recognise.steps import rates, step_of
from crosscheck.recognise.stubs import Descent
from crosscheck.recognise.unit import Unit
from crosscheck.verdicts import Finding, Severity

SEEN = 1e4
"""Times the rounding of a parameter that its gradient must be: steps of what is zero but for rounding show nothing"""


def with_unseen(replay: PairReplay, roles: Roles, backward: ast.FunctionDef) -> Roles:
    """Return the roles in which steps stand for the gradients of what the backward moves and has no gradient of."""
    is_above = roles.loss is not None and roles.loss.name == UPSTREAM
    if not is_above and not (roles.gradients and (roles.loss is None or roles.loss.where == LOCAL)):
        return roles
    above, plain = {arrival.identity for arrival in replay.upstream}, set(plainly_moved(backward))
    unseen = {
        name: leaf
        for name, leaf in roles.active.items()
        if name in roles.updated
        and name not in roles.gradients
        and id(leaf.value) not in above
        and len(leaf.path) > 1
        and (leaf.name in plain or not (roles.loss is None or is_state(leaf) or naming.MEMORY.search(leaf.name)))
    }
    unseen = {name: leaf for name, leaf in unseen.items() if name not in _moved_by_forward(replay, unseen)}
    if not unseen:
        return roles
    replay.moved = unseen
    gradients = {name: Place(LOCAL, (step_of(name),), step_of(name)) for name in unseen}
    return replace(
        roles,
        gradients={**roles.gradients, **gradients},
        parameters={**roles.parameters, **unseen},
        without=[name for name in roles.without if name not in unseen],
        unclaimed=roles.unclaimed - unseen.keys(),
    )


def _moved_by_forward(replay: PairReplay, leaves: Mapping[str, Leaf]) -> set[str]:
    """Return the arrays that the forward changes already: states."""
    values = {id(leaf.value): filled(leaf.value, seed) for seed, leaf in enumerate(leaves.values())}
    replay.moved, replay.forward_only = leaves, True
    try:
        result = replay.run(own(values))
        return {name for name in leaves if np.any(result.variables[step_of(name)])}
    finally:
        replay.moved, replay.forward_only = {}, False


def rated(tree: ast.Module, backward: ast.FunctionDef, unit: Unit, replay: PairReplay) -> Unit | None:
    """Return a unit whose steps are divided by the rate that they are made with; None if that is not known.

    It is the number of the program with which most steps are right. With none of them right it must be written down:
    `self.W -= rate * ...`. Raises what the code raises.
    """
    known = [(p.name, float(v)) for p, v in sources(replay.run({})) if isinstance(v, int | float) and v > 0]
    short = {name: step for name, step in unit.names.items() if step in map(step_of, replay.moved)}
    if not short:
        return unit
    claims = slopes(unit)
    counts = [1, *(count for count, _ in batches([output for output in replay.outputs() if np.ndim(output)]))]
    right: dict[float, int] = {}
    for rate in (sign * rate for sign in (1, -1) for rate in (*rates(tree, known), Descent.learning_rate)):
        right[rate] = max(sum(is_times(claims[name], rate / count) for name in short) for count in counts)
    best = max(right, key=lambda rate: right[rate])
    is_above = unit.subject.loss.name == UPSTREAM
    if not right[best] or not is_above:  # beside other gradients of a loss the rate is plain, or there is none
        named = {value for name, value in known if is_rate(name)}
        written = set(plainly_moved(backward))
        others = [claims[name] for name in claims.keys() - short.keys()]
        is_told = is_above or (bool(others) and all(map(is_right, others)))
        if len(named) != 1 or not is_told or not all(leaf.name in written for leaf in replay.moved.values()):
            return None
        best = named.pop()
    unit.subject.times = dict.fromkeys(short, 1 / best)
    names = ", ".join(short)
    stated = f"only the steps of {names} are seen: they were judged as gradients times the rate {abs(best):g}"
    return replace(unit, assumptions=(*unit.assumptions, stated))


def wrong_steps(backward: ast.FunctionDef, unit: Unit, replay: PairReplay) -> tuple[Finding, ...]:
    """Say which updates that a backward pass makes, `self.W -= rate * ...`, are no multiple of its own gradient.

    What decays in a step of its own is left out.
    """
    plain = set(plainly_moved(backward)) - {word for word, step, _ in steps_in(backward) if word in words(step)}
    names = {unit.subject.ids[name]: name for name in unit.example[0]}
    known = [leaf for leaf in leaves(replay.roots()) if id(leaf.value) in names and leaf.name in plain]
    before = replay.moved
    replay.moved = {**before, **{names[id(leaf.value)]: leaf for leaf in known}}
    values = [filled(leaf.value, seed) for seed, leaf in enumerate(known)]
    try:
        result = replay.run({id(leaf.value): value for leaf, value in zip(known, values, strict=True)})
    finally:
        replay.moved = before
    wrong = []
    for leaf, value in zip(known, values, strict=True):
        name = names[id(leaf.value)]
        gradient, step = (
            np.asarray(v) for v in (unit.subject.gradients[name].read(result), result.variables[step_of(name)])
        )
        is_seen = gradient.shape == step.shape and np.max(np.abs(gradient), initial=0.0) > SEEN * _rounding(value)
        if is_seen and not _is_multiple(step, gradient, _rounding(value)):
            wrong.append(name)
    message = "The update of {} is wrong: {}."
    said = dict.fromkeys(wrong, "it is no multiple of its gradient")
    alone = moved_by_themselves(backward, replay.world.document.tree)
    said |= {
        names[id(leaf.value)]: ITSELF
        for leaf in leaves(replay.roots())
        if id(leaf.value) in names and leaf.name in alone
    }
    return tuple(
        Finding("update-differs", Severity.ERROR, name, message.format(name, what)) for name, what in said.items()
    )


def _rounding(value: np.ndarray) -> float:
    """Return how far rounding moves a step that is taken away from a parameter: small steps of float32 are coarse."""
    return float(np.finfo(value.dtype).eps * np.max(np.abs(value)))


def _is_multiple(step: np.ndarray, gradient: np.ndarray, rounding: float) -> bool:
    """Tell whether a step is a positive number times a gradient."""
    factor = np.sum(step * gradient) / np.sum(gradient * gradient)
    allowed = CLOSE * factor * np.max(np.abs(gradient)) + rounding
    return bool(factor > 0 and np.max(np.abs(step - factor * gradient)) <= allowed)
