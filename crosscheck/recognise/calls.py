"""Functions and turns of loops that compute a loss and its gradients: the gist's shape, and methods like it."""

import ast
import copy
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.assembling import assembled
from crosscheck.recognise.averages import velocities
from crosscheck.recognise.hinting import hints_of
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.leaves import Path
from crosscheck.recognise.loops import Loop, LoopReplay, before_updates
from crosscheck.recognise.loss_forms import Scaled
from crosscheck.recognise.losses import is_plain, with_loss
from crosscheck.recognise.matching import is_state
from crosscheck.recognise.places import (
    LOCAL,
    RETURNED,
    Place,
    returned_names,
)
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.roles import Hints, Roles, find, is_floating
from crosscheck.recognise.rule_words import STILL
from crosscheck.recognise.rules_among import forgotten
from crosscheck.recognise.shown_steps import Shown
from crosscheck.recognise.squashed import by_predictions
from crosscheck.recognise.standing import standing_still
from crosscheck.recognise.stated_costs import shrinks
from crosscheck.recognise.statements import root_variable
from crosscheck.recognise.step_losses import by_steps
from crosscheck.recognise.step_signs import signs_of
from crosscheck.recognise.steps import moved_by, updates_of
from crosscheck.recognise.steps_of_turns import updates_last
from crosscheck.recognise.training_loops import trains
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.updates import said_of
from crosscheck.recognise.world import World
from crosscheck.source import Document
from crosscheck.source.walking import walk

SHOWN = "the script shows the gradients of {} and moves nothing, so that no other was missed"


def unit_of(document: Document, world: World, entry: Entry, node: ast.FunctionDef) -> Unit | None:
    """Return the unit that a call is, None if it has no loss or no gradients. Raises what the function raises."""
    if trains(node, set()):
        return None
    replay = Replay(world, entry)
    hints = hints_of(document, {(): node})
    roles = find(replay, hints)
    if trains(node, {roles.active[name].name for name in roles.updated if name in roles.active}):
        return None
    unit = with_loss(assembled, document, world, replay, roles, hints, node)
    if unit is not None and (leaves_out_results(unit, node) or _leaves_out_entries(unit)):
        return None
    if unit is not None and (said := by_predictions(unit)):
        unit = replace(unit, assumptions=(*unit.assumptions, said))
    return or_by_steps(unit, document, world, replay, hints, node)


def leaves_out_results(unit: Unit, node: ast.FunctionDef) -> bool:
    """Tell whether a unit holds only variables of a function that returns other gradients: these are its purpose."""
    gradients = unit.subject.gradients.values()
    if any(place.where != LOCAL for place in gradients):
        return False
    judged = {name for place in gradients for name in (place.name, *place.names)}
    judged |= _packed(node, judged)
    returned = frozenset().union(*returned_names(node).values())
    is_left_out = any(naming.looks_like_gradient(n) or naming.CONTAINER.search(n) for n in returned - judged)
    return is_left_out and not _keeps(node, [{place.name, *place.names} for place in gradients])


def _packed(node: ast.FunctionDef, judged: Collection[str]) -> set[str]:
    """Return the variables that hold several judged gradients and nothing else: `g = self.roll(dW, dU, db)`."""
    found = set()
    for part in (part for part in walk(node) if isinstance(part, ast.Assign)):
        handed = {name.id for name in walk(part.value) if isinstance(name, ast.Name)} - {"self", "np", "numpy"}
        called = {
            call.func.id for call in walk(part.value) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        }
        if len(handed - called) > 1 and handed - called <= set(judged):
            found |= {target.id for target in part.targets if isinstance(target, ast.Name)}
    return found


def _keeps(node: ast.FunctionDef, called: Collection[Collection[str]]) -> bool:
    """Tell whether a function leaves some variables in its object, each of them: `self.grads = {"W": gW, "b": gb}`."""
    kept: set[str] = set()
    for part in (n for n in walk(node) if isinstance(n, ast.Assign)):
        if any(
            isinstance(target, ast.Attribute | ast.Subscript) and root_variable(target) == "self"
            for target in part.targets
        ):
            kept |= {n.id for n in walk(part.value) if isinstance(n, ast.Name)}
    return all(kept & set(names) for names in called)


def _leaves_out_entries(unit: Unit) -> bool:
    """Tell whether most entries of a dictionary of gradients that is returned belong to nothing that a unit holds."""
    claimed = {place.path for place in unit.subject.gradients.values() if place.where == RETURNED}
    waiting: list[tuple[Path, Any]] = [(("return",), unit.subject.replay.run({}).returned)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, tuple):
            waiting += [((*path, place), item) for place, item in enumerate(value)]
        elif isinstance(value, dict):
            held = [(*path, key) in claimed for key, item in value.items() if is_floating(item)]
            if any(held) and 2 * sum(held) < len(held):
                return True
    return False


def or_by_steps(
    unit: Unit | None, document: Document, world: World, replay: Replay, hints: Hints, *nodes: ast.FunctionDef | Loop
) -> Unit | None:
    """Return the unit whose gradients are steps, where parameters are updated that another unit has no gradient of."""
    bare = find(replay, hints, wants_loss=False)
    moved = moved_by(document.tree, bare)
    moved |= standing_still(document.tree, bare, moved, replay) if moved else {}
    is_whole = unit is not None and len(moved) <= len(unit.names) and _has_shapes(unit)
    if not moved or (is_whole and not has_factors(nodes[-1]) and not _decays(unit, moved, nodes[-1])):
        return unit
    zeroed = replay.zeroed
    found = by_steps(assembled, document, world, replay, bare, *nodes)
    is_told = unit is not None and (is_whole or isinstance(unit.subject.loss, Place))
    if found is None or (is_told and not _supplies_factor(*found, len(moved))):
        is_better = found is not None and unit is not None and not is_whole and _says_more(*found, unit)
        if found is None or not is_better:
            replay.zeroed = zeroed  # the search has emptied what steps remember
            return unit
    return found[0]


def _says_more(stepped: Unit, right: int, unit: Unit) -> bool:
    """Tell whether more steps are right than a unit has gradients, or are those of its loss, where it lacks some."""
    has_all = stepped.names.keys() >= unit.names.keys() and right > len(unit.names)
    return has_all or _is_of_same_loss(stepped, unit)


def _is_of_same_loss(stepped: Unit, unit: Unit) -> bool:
    """Tell whether steps were found to be those of the very number that is the loss of a unit that lacks some."""
    loss, own = stepped.subject.loss, unit.subject.loss
    is_same = isinstance(loss, Scaled) and (loss.place.where, loss.place.path) == (own.where, own.path)
    is_same |= isinstance(loss, Scaled) and loss.place.name == own.name != ""  # a variable that is returned
    is_same |= isinstance(loss, Scaled) and _are_one_number(stepped, loss.place, own)  # what a function returned for it
    return is_same and len(stepped.names) > len(unit.names) - (not _has_shapes(unit))


def _are_one_number(unit: Unit, one: Place, other: Place) -> bool:
    """Tell whether the same number is found at two places after a call."""
    result = unit.subject.replay.run({})
    try:
        return float(one.read(result)) == float(other.read(result))
    except (LookupError, AttributeError, TypeError, ValueError):  # one of them is no number of this call
        return False


def has_factors(node: ast.AST) -> bool:
    """Tell whether an update may supply what all gradients leave out: `p -= rate * g / N`, `p -= rate * N * g`."""
    return any(
        isinstance(inner, ast.Div) or (_is_product(inner) and _is_product(inner.left))  # pyright: ignore
        for _, step in updates_of(node)
        for inner in walk(step)
    )


def _is_product(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)


def _decays(unit: Unit | None, moved: Collection[str], node: ast.AST) -> bool:
    """Tell whether steps that shrink what they move are seen of all that a unit holds: decay is in them alone."""
    return unit is not None and len(moved) == len(unit.names) and any(map(shrinks, walk(node)))


def _supplies_factor(stepped: Unit, right: int, moved: int) -> bool:
    """Tell whether all steps are exactly those of the loss that the code itself computes."""
    loss = stepped.subject.loss
    return right == moved and isinstance(loss, Scaled) and bool(naming.LOSS.search(loss.place.name))


def _has_shapes(unit: Unit) -> bool:
    """Tell whether the gradients of a unit have the shapes of their parameters."""
    parameters, data = unit.cases.build(unit.cases.draw(0, 0)).arguments
    gradients = unit.subject(parameters, data).gradients
    return all(np.shape(gradients[name]) == value.shape for name, value in parameters.items())


def unit_of_loop(document: Document, world: World, entry: Entry, node: Loop) -> Unit | None:
    """Return the unit that one turn of a loop is, up to where it updates the parameters; None if it is none."""
    laid = copy.copy(node)
    laid.body = updates_last(node.body)
    unit = _unit_of_turn(document, world, entry, laid)
    return None if unit is None else replace(unit, functions=(node,))


def _unit_of_turn(document: Document, world: World, entry: Entry, node: Loop) -> Unit | None:
    hints = hints_of(document, {})
    whole = LoopReplay(world, entry, world.tree)
    first = find(whole, hints)
    if not is_plain(whole, first):
        first = find(whole, hints, wants_loss=False)
    moved = signs_of(document.tree, first.gradients).keys() | _moved_by_own(first, hints, velocities(document.tree))
    states = {name for name, leaf in first.active.items() if is_state(leaf)} - moved
    named = (moved or first.gradients.keys()) & first.updated - states
    named = named or (first.loss and first.active.keys() & first.updated - states)
    only_shows = not getattr(node, "shown", Shown()).names and bool(first.gradients.keys() - first.updated)
    if getattr(node, "is_script", False) and first.gradients and (not named or (only_shows and not moved)):
        shown = without_states(without_filled(first) if named else first, moved)  # it shows them, and goes no step
        if not named or shown.gradients:
            return _of_shown(with_loss(assembled, document, world, whole, shown, hints, node))
    if not named:
        return or_by_steps(None, document, world, whole, hints, node)
    replay = before_updates(whole, [leaf for name, leaf in first.active.items() if name in named])
    unit = None
    if replay is not None:
        roles = without_states(find(replay, hints), moved)
        unit = with_loss(assembled, document, world, replay, roles, hints, node)
    found = or_by_steps(unit, document, world, whole, hints, node)
    if unit is None or found is not unit:
        return found
    lost = forgotten(first.gradients, first.active, first.updated, node, document.tree)
    lost = [first.active[name].name for name in lost if first.active[name].name not in unit.names]
    return replace(unit, faults=(*unit.faults, *said_of(dict.fromkeys(lost, STILL))))


def _moved_by_own(roles: Roles, hints: Hints, between: Collection[str]) -> set[str]:
    """Return what the file moves by the very gradient that it was found to have, itself or by calling what does.

    What is `between` may hold that gradient: a velocity, or a mean of gradients once it is corrected.
    """
    found: set[str] = set()
    for name, place in roles.gradients.items():
        own = roles.active[name].name
        by = {word for parameter, word in hints.updates if parameter == own}
        is_named = any(naming.is_gradient_of(word, own) == 3 for word in (place.name, *place.names))
        if by & {place.name, *place.names} or (is_named and by & set(between)):
            found.add(name)
    return found


def _of_shown(unit: Unit | None) -> Unit | None:
    """Return a script's unit without what it shows no gradient of: it moves nothing, so that none is missed."""
    if unit is None or not unit.without:
        return unit
    return replace(unit, without=(), assumptions=(*unit.assumptions, SHOWN.format(", ".join(sorted(unit.names)))))


def without_filled(roles: Roles) -> Roles:
    """Leave out what a straight script fills itself, outputs and errors of hidden units: no parameters are among it."""
    kept = roles.gradients.keys() - roles.updated
    if not kept:
        return roles
    gradients = {name: place for name, place in roles.gradients.items() if name in kept}
    parameters = {name: leaf for name, leaf in roles.parameters.items() if name in kept}
    inputs = {name: leaf for name, leaf in roles.inputs.items() if name in kept}
    return replace(roles, gradients=gradients, parameters=parameters, inputs=inputs)


def without_states(roles: Roles, moved: Collection[str]) -> Roles:
    """Leave out the gradients of initial states: a loop offers none, it only happens to have such names left over.

    What the file moves is a parameter, whatever it is called.
    """
    kept = {name: leaf for name, leaf in roles.inputs.items() if name in moved}
    states = roles.inputs.keys() - kept.keys()
    gradients = {name: place for name, place in roles.gradients.items() if name not in states}
    return replace(roles, gradients=gradients, parameters={**roles.parameters, **kept}, inputs={})
