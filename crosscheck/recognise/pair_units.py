"""A forward and a backward function as one unit."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.assembling import assembled
from crosscheck.recognise.before_softmax import logits_of, of_sigmoid, of_softmax, says_logits
from crosscheck.recognise.calls import _has_shapes, leaves_out_results, or_by_steps
from crosscheck.recognise.decays import decays, said_of_decay
from crosscheck.recognise.elementwise import is_elementwise, unit_of_derivative
from crosscheck.recognise.example_losses import unit_of_examples
from crosscheck.recognise.hinting import _with_kept, hints_of
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.leaves import leaves
from crosscheck.recognise.losses import is_plain, with_loss
from crosscheck.recognise.pair_steps import rated, with_unseen, wrong_steps
from crosscheck.recognise.pairs import BOTH, INVERSE, UPSTREAM, PairReplay
from crosscheck.recognise.partial_outputs import Later, axis_of_states
from crosscheck.recognise.places import STEP_OF, Place
from crosscheck.recognise.replay import Result
from crosscheck.recognise.roles import Hints, Roles, filled, find, is_floating, own
from crosscheck.recognise.shares import has_right_one, means, sums
from crosscheck.recognise.squashed import by_predictions
from crosscheck.recognise.stubs import Descent
from crosscheck.recognise.targets import returns_both
from crosscheck.recognise.unit import Doubtful, Unit
from crosscheck.recognise.world import World
from crosscheck.source import Document


def is_partial(unit: Unit) -> bool:
    """Tell whether a pair with a loss of its own has not the gradients of all that it moves."""
    return unit.subject.loss.name not in (UPSTREAM, BOTH) and (bool(unit.without) or not _has_shapes(unit))


def unit_of_pair(
    document: Document,
    world: World,
    forward: Entry,
    backward: Entry,
    nodes: Mapping[str, ast.FunctionDef],
    *,
    of_examples: bool = True,
    in_part: bool = False,
) -> Unit | None:
    """Return the unit that a forward and a backward function are; None if they are not wired, or share no gradient.

    Unless `of_examples`, one that returns a loss for each example is left to what takes their mean. With `in_part`
    upstream gradients may be those of a part of a result.
    """
    replay = PairReplay(world, forward, backward, in_part=in_part)
    both = nodes[forward.function], nodes[backward.function]
    if is_elementwise(replay):
        return unit_of_derivative(lambda pair, roles: assembled(document, world, pair, roles, *both), replay)
    if not replay.is_wired or (replay.hands_on_gradients_alone and returns_both(both[0])):
        return None
    hints = hints_of(document, {("forward",): both[0], ("backward",): both[1]})
    hints = _with_kept(hints, world, {"forward": forward.function, "backward": backward.function})
    roles = find(replay, hints)
    if replay.upstream and roles.loss is not None:
        roles = _with_upstream(replay, roles, hints)
    is_above = roles.loss is not None and roles.loss.name == UPSTREAM
    silent = decays(replay, roles.loss, roles.gradients) if is_above else []
    replay.silent = [leaf.path for leaf in silent]
    whole = with_unseen(replay, roles, both[1])
    unit = with_loss(assembled, document, world, replay, whole, hints, *both)
    if silent and unit is not None and unit.subject.loss.name not in (UPSTREAM, BOTH):  # a loss that may hold the decay
        replay.silent = []
        again = with_loss(assembled, document, world, replay, whole, hints, *both)
        replay.silent = [] if again is not None else [leaf.path for leaf in silent]
        unit, silent = (unit, silent) if again is None else (again, [])
    if unit is not None and replay.moved:
        names, unit = list(replay.moved), rated(document.tree, both[1], unit, replay)
        if unit is None:  # at no rate that the program knows
            replay.moved = {}
            unit = with_loss(assembled, document, world, replay, roles, hints, *both)
            unit = unit and replace(unit, without=tuple(dict.fromkeys((*unit.without, *names))))
    above = any(naming.is_gradient_argument(arrival.name) for arrival in replay.upstream)
    if unit is None and of_examples:
        return unit_of_examples(
            lambda found: assembled(document, world, replay, found, *both), replay, hints, *both, document.tree
        )
    if not above if unit is None else is_partial(unit):
        unit = or_by_steps(unit, document, world, replay, hints, *both)
    if unit is None or leaves_out_results(unit, both[1]):
        return None
    if unit.without:
        kept = _beside_outputs(replay, roles)
        unit = replace(unit, without=tuple(name for name in unit.without if name not in kept))
    if unclear := of_softmax(unit, replay, *both):
        replay.logits = logits_of(replay, unclear)
        again = with_loss(assembled, document, world, replay, whole, hints, *both) if replay.logits else None
        if again is None or not has_right_one(again):
            raise Doubtful("the gradient that it is handed may be that of an output before its softmax")
        names = ", ".join(replay.logits.values())
        stated = f"the gradient that it is handed was taken for that of {names}, before the softmax"
        unit = replace(again, assumptions=(*again.assumptions, stated))
    if outputs := of_sigmoid(unit, replay, *both, document.tree):
        replay.logits = {upstream.output: INVERSE for upstream in outputs}
        again = with_loss(assembled, document, world, replay, whole, hints, *both)
        if again is not None and has_right_one(again):
            if not says_logits(replay):
                raise Doubtful("the gradient that it is handed may be that of an output before its sigmoid")
            stated = "the gradient that it is handed was taken for that of what a sigmoid makes its output of"
            return replace(again, assumptions=(*again.assumptions, stated))
        replay.logits = {}
    made = partial(with_loss, assembled, document, world, replay, whole, hints, *both)
    if (later := _of_later_states(unit, replay, made)) is not None:
        return later
    if stated := by_predictions(unit):
        unit = replace(unit, assumptions=(*unit.assumptions, stated))
    unit = replace(unit, assumptions=(*unit.assumptions, *map(said_of_decay, silent)))
    if any(place.name.startswith(STEP_OF) for place in unit.subject.gradients.values()):
        return _with_means(unit, replay) if unit.subject.loss.name == UPSTREAM else unit
    unit = replace(unit, faults=(*unit.faults, *wrong_steps(both[1], unit, replay)))
    return _with_means(unit, replay)


def _of_later_states(unit: Unit, replay: PairReplay, made: Callable[[], Unit | None]) -> Unit | None:
    """Return a unit of which nothing is right, with gradients of the states after the first where that mends it.

    What nothing in the file calls was handed one for each state, and it may be meant to be handed one for each step.
    """
    if unit.subject.loss.name != UPSTREAM or not unit.is_made_up or len(replay.upstream) != 1 or has_right_one(unit):
        return None
    (upstream,) = before = replay.upstream
    inputs = [value for value in replay.entry.arguments.values() if is_floating(value)]
    axis = axis_of_states(replay.outputs()[0], inputs)
    if axis is None:
        return None
    replay.upstream = [upstream._replace(output=(*upstream.output, Later(axis)))]
    again = made()
    if again is not None and has_right_one(again):
        stated = f"{upstream.name} was taken for the gradients of the states after the first, step by step"
        return replace(again, assumptions=(*again.assumptions, stated))
    replay.upstream = before
    return None


def _beside_outputs(replay: PairReplay, roles: Roles) -> set[str]:
    """Return the arrays that a call writes into and that lie in one list with arrays which it writes anew: its layers'.

    What is left of the first one is what stands for its bias: `self.layers[0][:-1] = data`.
    """
    written = {leaf.path: str(leaf) for leaf in leaves(replay.roots()) if str(leaf) in roles.updated}
    anew = {path[:-1] for path, name in written.items() if name not in roles.active and isinstance(path[-1], int)}
    beside = [path for path in written if path[:-1] in anew]
    return {"_".join(str(step).lstrip(".") for step in path if step != "self") for path in beside}


def _with_means(unit: Unit, replay: PairReplay) -> Unit:
    """Return a unit whose gradients are judged as sums where the backward pass takes the mean over a batch."""
    if unit.subject.loss.name != UPSTREAM:
        return _with_sums(unit)
    shared = means(unit, [output for output in replay.outputs() if np.ndim(output)])
    if not shared:
        return unit
    before = unit.subject.times
    unit.subject.times = {**before, **{name: before.get(name, 1) * count for name, count in shared.items()}}
    (count,) = set(shared.values())
    stated = (
        f"upstream gradients were taken for those of each of {count} examples: the gradients of "
        f"{', '.join(shared)} are means over these, and were compared times {count}"
    )
    return replace(unit, assumptions=(*unit.assumptions, stated))


def _with_sums(unit: Unit) -> Unit:
    """Return a unit whose gradients of data are judged as those of each example, beside a loss that is a mean."""
    apart = sums(unit)
    if not apart:
        return unit
    unit.subject.times = {**unit.subject.times, **{name: 1 / count for name, count in apart.items()}}
    (count,) = set(apart.values())
    stated = (
        f"the gradients of {', '.join(apart)} were taken for those of each of {count} examples, as they are before the "
        f"mean is taken, and were compared divided by {count}"
    )
    return replace(unit, assumptions=(*unit.assumptions, stated))


def _with_upstream(replay: PairReplay, roles: Roles, hints: Hints) -> Roles:
    """Choose the loss of a backward that is handed upstream gradients: of these alone, or of the forward's as well."""
    arrays = [leaf for leaf in leaves(replay.roots()) if is_floating(leaf.value)]
    values = {id(leaf.value): filled(leaf.value, seed) for seed, leaf in enumerate(arrays)}
    values |= {id(buffer): np.zeros_like(buffer) for buffer in roles.buffers}
    result = replay.run(own(replay.without_upstream(values)))
    silent = not any(_is_there(place, result) for place in roles.gradients.values())
    is_told = all(naming.is_gradient_argument(arrival.name) for arrival in replay.upstream)
    if not silent and is_told and roles.loss is not None and roles.loss.name != UPSTREAM:
        replay.own_loss = roles.loss.read
        return find(replay, hints, only=BOTH)
    if not is_told and roles.loss is not None and roles.loss.name != UPSTREAM and is_plain(replay, roles):
        return roles  # what it is handed are targets: the loss of these is computed, and called so
    # What only the backward is handed may be the targets of a loss of its own, which nothing here computes.
    others = replay.own.keys() - {u.name for u in replay.upstream} - {"self"}
    has_targets = any(not isinstance(replay.own[name], Descent) for name in others)
    return find(replay, hints, wants_loss=False) if has_targets and not silent else find(replay, hints, only=UPSTREAM)


def _is_there(place: Place, result: Result) -> bool:
    """Tell whether a gradient is not zero; what goes back from the entries that are not may compute none at all."""
    try:
        return bool(np.any(place.read(result)))
    except LookupError:
        return False
