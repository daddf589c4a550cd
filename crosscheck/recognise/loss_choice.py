"""The choice among candidates for a loss, by evidence.

A candidate is adopted if the gradient of at least one parameter is exactly its derivative, up to one constant that the
sizes at hand explain; of several, the one under which most gradients are right.
"""

import ast
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.bare_outputs import stated_beside_output
from crosscheck.recognise.formulas import Hinge, Implied, Residual
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.logit_losses import by_logits, stated_beside_error, stated_by_name, stated_of_logits
from crosscheck.recognise.loss_candidates import candidates, leaves_targets_out
from crosscheck.recognise.loss_constants import at_a_rate
from crosscheck.recognise.loss_forms import Bare, Decayed, Scaled, Summed, start_of
from crosscheck.recognise.loss_samples import Sample, parts_of, samples_of
from crosscheck.recognise.loss_sums import depends, penalties_in, summed, weights_in
from crosscheck.recognise.loss_weighing import Choice, weighed
from crosscheck.recognise.near_losses import near_stated
from crosscheck.recognise.penalised import may_decay
from crosscheck.recognise.places import LOCAL, Place
from crosscheck.recognise.raised import signs_for
from crosscheck.recognise.roles import is_number
from crosscheck.recognise.stated_costs import stated_otherwise, taken
from crosscheck.recognise.stated_penalties import as_stated, without_second
from crosscheck.recognise.stated_together import with_all_decays
from crosscheck.recognise.watching import Watched
from crosscheck.source.walking import walked

SECONDS = 5.0
"""For the choice of one loss, after the calls that it is made by"""


FIRSTS = 3
"""Losses of some parameters alone that others are added to"""


def chosen(
    replay: Watched,
    parameters: Mapping[str, Leaf],
    gradients: Mapping[str, Any],
    signs: Mapping[str, int],
    rates: Sequence[float] = (1.0,),
    *,
    moves_all: bool = False,
) -> Choice | None:
    """Choose the loss that some gradients are derivatives of; None if there is none. Raises what the call raises.

    `signs` tells of gradients whether the file adds them to their parameters (-1: it is minus the gradient) or
    subtracts them; `rates` are numbers that they may be multiplied by. A loss of which `moves_all` is to be true has
    something to do with all parameters that are moved.
    """
    samples = samples_of(replay, parameters, gradients)
    return _chosen(replay, parameters, samples, signs, rates, moves_all, gradients)


def chosen_by_parts(
    replay: Watched,
    parameters: Mapping[str, Leaf],
    gradients: Mapping[str, Any],
    signs: Mapping[str, int],
    rates: Sequence[float],
) -> Choice | None:
    """Choose the loss that some entries of steps are right by, where no whole parameter is. Raises what it raises."""
    parts = parts_of(parameters)
    if not parts:
        return None
    samples = samples_of(replay, parameters, gradients, parts)
    leaves_ = {name: parameters[whole] for name, (whole, _) in parts.items()}
    told = {name: signs[whole] for name, (whole, _) in parts.items() if whole in signs}
    choice = _chosen(replay, leaves_, samples, told, rates, True)
    if choice is None or not choice.right or choice.climbs or choice.is_stated:
        return None
    if isinstance(choice.loss, Decayed):  # the strength would be fitted to one entry, and is one of all
        if not isinstance(choice.loss.inner, Scaled) or not choice.right - choice.loss.strengths.keys():
            return None
        choice = choice._replace(loss=choice.loss.inner, right=choice.right - choice.loss.strengths.keys())
    left = {whole for name, (whole, _) in parts.items() if name not in choice.right}
    tables = {whole for whole, _ in parts.values() if parameters[whole].value.ndim > 1}
    if tables - left:  # one of them is right as a whole, and no loss was chosen for that
        return None
    active, right = (frozenset(parts[name][0] for name in names) for names in (choice.active, choice.right))
    return choice._replace(right=frozenset(), active=active, partly=right)


def _chosen(
    replay: Watched,
    parameters: Mapping[str, Leaf],
    samples: Sequence[Sample],
    signs: Mapping[str, int],
    rates: Sequence[float],
    moves_all: bool,
    gradients: Mapping[str, Any] | None = None,
) -> Choice | None:
    deadline = time.process_time() + SECONDS
    tree, called = replay.world.document.tree, {key: leaf.name for key, leaf in parameters.items()}
    free = may_decay(tree, called)
    best: list[Choice] = []
    known: list[Bare] = []
    partial: list[Choice] = []
    given: Choice | None = None
    own_losses = {str(sibling) for sibling in replay.siblings}
    for candidate in candidates(replay, samples):
        if time.process_time() > deadline:
            break
        if given is not None and not (isinstance(candidate, Scaled) and candidate.place.name in own_losses):
            break
        if _is_of_another_row(candidate, replay):
            continue
        known.append(candidate)
        told = signs_of_loss(candidate, signs, replay)
        choice = weighed(candidate, samples, parameters, told, rates, gradients, free)
        if choice is not None and not getattr(candidate, "is_named", True) and not _is_plainly_told(choice):
            continue
        if choice is not None and isinstance(candidate, Residual) and leaves_targets_out(replay, candidate.difference):
            continue
        wants_all = moves_all or getattr(candidate, "among", "")  # of few outputs, what it leaves out may be the error
        if choice is not None and wants_all and any(samples[0].claimed[n] for n in parameters.keys() - choice.active):
            partial.append(choice)
            continue
        if choice is not None:
            best.append(choice)
        if choice is not None and choice.is_given and not choice.right:
            given = given or choice
    if given is not None:
        return _another(given, best)
    trees = replay.node, tree
    told = as_stated([without_second(one, known, samples, trees, called, rates) for one in best], samples)
    found = max(told, key=lambda choice: (not choice.climbs, len(choice.right))) if told else None
    found = by_logits(found, told, samples) if found is not None else None
    stated = stated_of_logits(found.loss, known, samples, rates) if found is not None else None
    if found is not None and stated is not None:
        return found._replace(loss=stated, right=frozenset(), is_stated=True)
    if found is not None and (returned := stated_beside_output(found.loss, known, replay, rates)) is not None:
        return found._replace(loss=returned, right=frozenset(), is_stated=True)
    if found is not None and (squared := stated_beside_error(found.loss, known, samples, rates)) is not None:
        return found._replace(loss=squared, right=frozenset(), is_stated=True)
    if found is not None and (named := stated_by_name(found.loss, known, samples, rates, replay.node)) is not None:
        return found._replace(loss=named, right=frozenset(), is_stated=True)
    if found is not None and (cost := stated_otherwise(found, told, known, replay, samples, rates)) is not None:
        own = {one.loss.place.name: one for one in best if isinstance(one.loss, Scaled)}
        return taken(found, cost, own)
    whole = with_all_decays(found, parameters, gradients or {}, samples[0], replay) if found is not None else None
    if whole is not None:
        return whole
    firsts = [found] if found is not None else sorted(partial, key=lambda choice: -len(choice.right))[:FIRSTS]
    wholes = (_with_others(first, known, replay, samples, parameters, rates) for first in firsts)
    found = next((whole for whole in wholes if whole is not None), found)
    believed = replay.world.believed.get(replay.entry.function)
    own = next((str(sibling) for sibling in replay.siblings if sibling.of_kept and not sibling.wrapped), None)
    has_own = own is not None and is_number(samples[0].center.variables.get(own))
    if found is None and believed is None and own is not None and has_own:  # `net.loss(y)` beside `net.backward(y)`
        stated = Scaled(Place(LOCAL, (own,), own))
        believed = stated if _moves(stated, samples, parameters) else None
    if found is None and believed is None and (len(rates) == 1 or _is_of_one_step(replay)):
        believed = near_stated(known, samples, parameters, rates)
    if found is None and believed is not None:
        return Choice(believed, frozenset(), frozenset(parameters), False, is_stated=True)
    return found


def _moves(loss: Bare, samples: Sequence[Sample], parameters: Mapping[str, Leaf]) -> bool:
    """Tell whether a loss depends on any parameter: one of an output that was kept before does not."""
    try:
        with np.errstate(all="ignore"):
            return any(sample.slope(loss, name) != 0 for sample in samples for name in parameters)
    except Exception:  # noqa: BLE001 - it was not written for these values
        return False


def _is_of_another_row(candidate: Bare, replay: Watched) -> bool:
    """Tell whether a target is an entry of a list, and the turn about another one: `wanted[j - 1]` beside `rows[j]`."""
    if not isinstance(candidate, Implied):
        return False
    path = candidate.target.path
    roots = replay.roots()
    turning = [roots.get(name) for name in replay.loop_variables()]
    places = [value for value in turning if isinstance(value, int) and not isinstance(value, bool)]
    is_entry = len(path) == 2 and isinstance(path[1], int) and isinstance(roots.get(str(path[0])), list)
    return is_entry and bool(places) and path[1] not in places


def _another(given: Choice, known: Sequence[Choice]) -> Choice:
    """Return the loss of the file by which gradients are right as it stands, where a first one says of none."""
    right = [c for c in known if c.right and not c.climbs and isinstance(c.loss, Scaled) and c.loss.constant == 1]
    return max(right, key=lambda choice: len(choice.right), default=given)


def _is_of_one_step(replay: Watched) -> bool:
    """Tell whether a turn of a loop has no loops within it: of several steps together no loss has the gradient."""
    loops = [part for part in walked(replay.node) if isinstance(part, ast.For | ast.While)]
    return len(loops) == 1 and loops[0] is replay.node


def _is_plainly_told(choice: Choice) -> bool:
    """Tell whether a number that has no name of a loss has half of the gradients for its derivatives, and several.

    A single one tells if it is the only one, and no constant is in between.
    """
    if len(choice.right) > 1:
        return 2 * len(choice.right) >= len(choice.active)
    is_whole = isinstance(choice.loss, Scaled) and choice.loss.constant == 1 and choice.loss.length is None
    return is_whole and choice.right == choice.active and not choice.climbs


def signs_of_loss(candidate: Bare, signs: Mapping[str, int], replay: Watched) -> Mapping[str, int]:
    """Return which way steps go that lower a candidate, or raise it where it is stated and is to be raised."""
    if not isinstance(candidate, Scaled):
        return signs
    document = replay.world.document
    return signs_for([candidate.place.name, *candidate.place.names], signs, document.tree, document.code)


def _with_others(
    first: Choice,
    known: Sequence[Bare],
    replay: Watched,
    samples: Sequence[Sample],
    parameters: Mapping[str, Leaf],
    rates: Sequence[float],
) -> Choice | None:
    """Return the sum of losses, of which one was found, that has all gradients for its derivatives."""
    if first.is_given or first.climbs or not first.right or first.right == parameters.keys():
        return None
    if any(leaf.value.itemsize != 8 for leaf in parameters.values()):
        return None
    numbers = [(p.name, float(v)) for p, v in samples[0].found if isinstance(v, int | float)]
    free = may_decay(replay.world.document.tree, {key: leaf.name for key, leaf in parameters.items()})
    starts = {start_of(name) for name in parameters.keys() - free}
    others = [one for one in known if not isinstance(one, Hinge)]
    others = [one for one in others if not (isinstance(one, Residual) and str(one.difference) in starts)]
    ends = time.process_time() + SECONDS
    reached = first.active | {name for name in parameters.keys() - first.active if depends(others, samples[0], name)}
    parameters = {name: leaf for name, leaf in parameters.items() if name in reached}

    def explain(one: Bare, ratio: float) -> Bare | None:
        return at_a_rate(one, ratio, samples[0], rates)

    assert not isinstance(first.loss, Summed)
    tree = replay.world.tree
    weights, penalties = weights_in(tree, numbers), penalties_in(tree, numbers)
    loss = summed(first.loss, others, samples, parameters, explain, weights, penalties, ends)
    names = frozenset(name for name in parameters if any(s.claimed[name] for s in samples))
    return None if loss is None else Choice(loss, names, names, False)
