"""From a document to its units, and to what looked like a gradient and was not recognised."""

import ast
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.arranging import arranged
from crosscheck.recognise.backward_passes import NO_BACKWARD, functions_of, has_backward, words_called
from crosscheck.recognise.engines import Engines, engines_of
from crosscheck.recognise.episodes import SUFFIX, Episode, episodes
from crosscheck.recognise.example_call import ExampleCall
from crosscheck.recognise.executing import executed
from crosscheck.recognise.files_read import LETTERS
from crosscheck.recognise.findings import NO_LOSS, STUMBLES, Recognition, Skipped
from crosscheck.recognise.held import BOOTSTRAPPED, has_bootstrapped, mark_held
from crosscheck.recognise.late_losses import said_of
from crosscheck.recognise.left_carries import with_left_carries
from crosscheck.recognise.lost_steps import lost_steps
from crosscheck.recognise.memory_slips import memory_slips, miscorrected
from crosscheck.recognise.misbegun import with_misbegun
from crosscheck.recognise.modes import said_of_modes
from crosscheck.recognise.moved_unjudged import with_all_moved
from crosscheck.recognise.optimisers import wrong_updates
from crosscheck.recognise.outgrown import with_outgrown
from crosscheck.recognise.piled_up import with_piled_up
from crosscheck.recognise.put_to_use import is_optimiser, put_to_use
from crosscheck.recognise.rounded import said_of_rounding
from crosscheck.recognise.rounded_e import said_of_e
from crosscheck.recognise.rule_words import CLIMBS
from crosscheck.recognise.search import Search
from crosscheck.recognise.statements import stored
from crosscheck.recognise.strengths import with_strengths
from crosscheck.recognise.synthesis import synthesise
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.unjudged import unjudged
from crosscheck.recognise.unlinked import unlink
from crosscheck.recognise.unnamed import named_totals
from crosscheck.recognise.unused import call_unused
from crosscheck.recognise.updates import moving
from crosscheck.recognise.world import Plan
from crosscheck.source import Document
from crosscheck.source.made_up import with_statements
from crosscheck.source.torch_arrays import with_assignments
from crosscheck.source.walking import walk

ALL_EQUAL = len(set(LETTERS))
"""The one size of all, where they are all equal"""
COINCIDE = "it works only if some of its sizes coincide, as they do in the file itself"
PLANS = (
    (Plan(), ""),
    (Plan(keep_steps=True), "it works only with the number of steps that the file itself has"),
    (Plan(all_equal=ALL_EQUAL), COINCIDE),
    (Plan(small_sizes=False), ""),
)
"""How a module is executed, until all that looks like a gradient is recognised; and what it means if it had to be so"""
SECONDS = 40.0
"""Of the processor, after which a module is not executed in yet another way"""


def recognise(
    document: Document,
    *,
    function: str | None = None,
    guards: bool = True,
    call: ExampleCall | None = None,
    keep_derived: bool = False,
    tick: Callable[[], None] = lambda: None,
) -> Recognition:
    """Find the units of a document by executing it as far as needed, in other sizes where it does not run in ours.

    Without `guards`, constants such as 1e-8 in a logarithm are taken for zero. `call` is made first, in the
    module's own sizes, which it was made for. With `keep_derived`, data that the file computed from other data, and
    these, keep their numbers. `tick` is called on the way; after `SECONDS` no further sizes are tried.
    """
    started = time.process_time()
    engines = engines_of(document, Plan(guards=guards), function)
    mark_held(document)
    written = document.tree
    document = replace(document, tree=named_totals(arranged(with_assignments(document))))
    if engines.names:
        found = Recognition(list(engines.units), [Skipped(*one) for one in engines.skipped], world=engines.world)
        found.assumptions += engines.remarks
        others = _beside(document, engines)
        if not others:
            return found
        beside = _recognised(document, Plan(guards=guards), function, others, tick=tick)
        found.units += beside.units
        found.skipped += [one for one in beside.skipped if one.function in others]
        return found
    best: Recognition | None = None
    plans = [] if call is None else [(Plan(small_sizes=False, call=call), "")]
    for plan, remark in (*plans, *PLANS):
        plan = replace(plan, guards=guards, keep_derived=keep_derived)
        found = _recognised(document, plan, function, tick=tick)
        if best is None:
            found = _with_episodes(document, found, function, tick)
        if remark and found.units:
            found.assumptions.append(remark)
        if best is None or _told(found) > _told(best):
            best = found
        if best.units and (not best.skipped or best.is_explained or _is_independent(best)):
            break
        if time.process_time() - started > SECONDS:
            break
    assert best is not None
    if call is None and best.units and _stumbles(best) and time.process_time() - started < SECONDS / 2:
        found = _recognised(
            document, replace(PLANS[-1][0], guards=guards, keep_derived=keep_derived), function, tick=tick
        )
        assert found.world is not None
        returns = not any(STUMBLES in text for text in found.world.missing.values())
        if found.units and returns and _is_light(found) and _told(found) >= _told(best):
            best = found  # not all of its sizes are written as such
    if not best.units and function is None:
        best = _of_optimisers(document, best, Plan(guards=guards), tick)
    best.units[:] = with_all_moved(best.units)
    if function is None:
        _with_slips(written, best)
    of_no_loss(best)
    best.units[:] = [unit for unit in best.units if not unit.circulates or _stands(unit, best, tick)]
    return best


def _with_slips(tree: ast.Module, found: Recognition) -> None:
    """Add to what was found what the source tells of steps that move nothing, of memories and of clips."""
    if not found.units or found.world is None:
        return
    called = {name.rpartition(".")[2] for name in found.world.hooks.entries}
    slips = [*lost_steps(tree, called), *memory_slips(tree, called)]
    told = {fault.code for unit in found.units for fault in unit.faults}
    if "update-differs" not in told and all(moving(unit) is None for unit in found.units):
        slips += miscorrected(tree, called)
    if slips:
        found.units[0] = replace(found.units[0], faults=(*found.units[0].faults, *slips))


def _stands(unit: Unit, found: Recognition, tick: Callable[[], None]) -> bool:
    """Tell whether gradients are those of no loss in equal sizes as well; what is not is left as no loss was found.

    Lengths that are drawn apart may be meant to be the same: `for k in range(len(Q))` goes through all of K.
    """
    plan = replace(unit.world.plan, all_equal=ALL_EQUAL, made_alike=True)
    same = _recognised(unit.document, plan, None, tick=tick)
    of_no_loss(same)
    if any(other.name == unit.name and other.circulates for other in same.units):
        return True
    line = min((node.lineno for node in unit.functions), default=1)  # pyright: ignore[reportAttributeAccessIssue]
    found.skipped.append(Skipped(unit.name.rpartition("/")[2], NO_LOSS, line))
    return False


def _of_optimisers(document: Document, found: Recognition, plan: Plan, tick: Callable[[], None]) -> Recognition:
    """Return what is found where the optimisers of a file that holds nothing else are put to use."""
    assert found.world is not None
    nodes = functions_of(document.tree)
    if any(not is_optimiser(one.function, nodes, found.world) for one in found.skipped):
        return found
    used = put_to_use(found.world, nodes)
    if used.trainings:
        trainings = tuple((nodes[name].lineno, text) for name, text in used.trainings.items())
        found = _recognised(document, replace(plan, trainings=trainings), None, tick=tick)
        lines = {nodes[name].lineno: nodes[name] for name in used.trainings}
        for place, unit in enumerate(found.units):
            own = next((node for line, node in lines.items() if unit.name.endswith(f" {line}")), None)
            if own is not None:
                inside = frozenset(range(own.body[0].lineno, (own.end_lineno or own.lineno) + 1))
                found.units[place] = replace(unit, editable=inside, functions=(own,))
        found.assumptions.append(USED.format(", ".join(used.trainings)))
        found.skipped += _own_trainings(document.tree, nodes, used.trainings.keys())
    found.skipped += used.skipped
    return found


def _own_trainings(tree: ast.Module, nodes: Mapping[str, ast.FunctionDef], names: Collection[str]) -> Iterator[Skipped]:
    """Yield the loops of a file itself that ask optimisers for steps: what they are handed there was not judged."""
    words = {name.rpartition(".")[2] for name in names}
    inside = {id(part) for name in names for part in walk(nodes[name])}
    asking = [node for node in walk(tree) if isinstance(node, ast.For | ast.While) and words_called(node) & words]
    inner = {id(part) for node in asking for part in walk(node) if part is not node}
    for node in asking:
        if id(node) not in inside | inner:
            yield Skipped(f"the loop in line {node.lineno}", NO_LOSS, node.lineno)


def _with_episodes(
    document: Document, found: Recognition, function: str | None, tick: Callable[[], None]
) -> Recognition:
    """Return what is found, with backward passes of whole episodes beside forward passes of their steps."""
    assert found.world is not None
    world, left = found.world, [one.function for one in found.skipped]
    made = list(episodes(functions_of(document.tree), world.hooks.entries, left))
    if not made:
        return found
    trainings = tuple((functions_of(document.tree)[one.backward].lineno, one.text) for one in made)
    other = _recognised(document, replace(world.plan, trainings=trainings), function, tick=tick)
    judged = {one.backward: one for one in made if any(_is_of(unit, one) for unit in other.units)}
    found.units += [_either_way(unit) for unit in other.units if any(_is_of(unit, one) for one in made)]
    found.skipped[:] = [one for one in found.skipped if one.function not in judged]
    found.assumptions += [one.said for one in judged.values()]
    return found


def _either_way(unit: Unit) -> Unit:
    """Return a unit of which steps may go up: what is handed to it may be the gradient of a reward."""
    return replace(unit, faults=tuple(fault for fault in unit.faults if CLIMBS not in fault.message))


def _is_of(unit: Unit, episode: Episode) -> bool:
    return unit.name == f"{episode.forward}{SUFFIX}/{episode.backward}"


USED = "nothing in the file uses {}: trainings of linear models were made up, and the steps in them judged"


def of_no_loss(found: Recognition) -> None:
    """Take what was skipped because no loss was found, where its gradients are those of none at all."""
    ends = time.process_time() + SECONDS_OF_NO_LOSS
    for skipped in [one for one in found.skipped if one.reason == NO_LOSS]:
        assert found.world is not None
        hooks = found.world.hooks

        def is_own(name: str, own: str = skipped.function) -> bool:
            return own in (name, name.partition(", ")[0], *name.split("/"))

        for name, unit_of in sorted(found.world.unexplained, key=lambda pair: not is_own(pair[0])):
            if time.process_time() > ends or skipped not in found.skipped:
                break
            try:
                unit = unit_of()
                if unit is None:
                    continue
                hooks.used.clear()
                unit.subject(*unit.cases.build(unit.cases.draw(0, 0)).arguments)
            except Exception:  # noqa: BLE001, S112 - theirs: it stays skipped
                continue
            if any(own.moves and own.covers & hooks.used for own in found.units):
                continue  # weights move more than once in it: its steps are no gradients at one place
            if is_own(name) or skipped.function in hooks.used:
                found.units.append(unit)
                found.skipped.remove(skipped)


def _beside(document: Document, engines: Engines) -> frozenset[str]:
    """Return the functions with a backward pass of their own in a file that holds an engine: the others use that."""
    nodes = {
        name: node
        for name, node in functions_of(document.tree).items()
        if name not in engines.names
        and not all(isinstance(inner, ast.Raise | ast.Pass | ast.Expr) for inner in node.body)
    }
    own = {name.rpartition(".")[2] for name in nodes}
    found = set()
    for name, node in nodes.items():
        goes_through = bool(words_called(node) & (engines.ways_back - own))
        by_name = naming.BACKWARD.search(node.name) or any(map(naming.looks_like_gradient, stored(node)))
        if has_backward(node) and by_name and not goes_through and not NO_BACKWARD.search(node.name):
            found.add(name)
    return frozenset(found)


def _told(found: Recognition) -> tuple[bool, int, int]:
    """Say how much a recognition tells: all, or else units, then few that were skipped; without a unit, why none is."""
    is_whole = bool(found.units) and not found.skipped
    return is_whole, len(found.units), -len(found.skipped) if found.units else bool(found.skipped)


def _stumbles(found: Recognition) -> bool:
    """Tell whether a call of the file's own fails in our sizes, so that what comes after it was not seen."""
    assert found.world is not None
    return found.world.plan.small_sizes and any(STUMBLES in text for text in found.world.missing.values())


def _is_light(found: Recognition) -> bool:
    """Tell whether units are small enough to be judged in many cases."""
    return all(sum(np.size(v) for v in {**u.example[0], **u.example[1]}.values()) <= MOST_NUMBERS for u in found.units)


MOST_NUMBERS = 30_000


def _is_independent(found: Recognition) -> bool:
    """Tell whether a module says the same in whatever sizes it runs: nothing failed, and what is left nobody calls."""
    assert found.world is not None
    called = found.world.hooks.entries
    return not found.world.failures and not any(called.get(skipped.function) for skipped in found.skipped)


SECONDS_OF_NO_LOSS = 12.0
"""For the proofs that gradients are those of no loss"""


def units_like(
    unit: Unit, *, guards: bool = True, keep_derived: bool = False, tick: Callable[[], None] = lambda: None
) -> list[Unit]:
    """Return the units of a document in the sizes in which one was found, without guards or with derived data kept."""
    if unit.is_operation:
        return engines_of(unit.document, Plan(guards=guards)).units
    plan = replace(unit.world.plan, guards=guards, keep_derived=keep_derived)
    own = unit.own_name.rpartition("/")[2]
    found = _recognised(unit.document, plan, own if own in functions_of(unit.document.tree) else None, tick=tick)
    of_no_loss(found)
    return found.units


LARGER = 2
"""By how much the sizes differ in which a unit is looked for once more"""


def in_other_sizes(unit: Unit) -> Unit | None:
    """Return the same unit with other lengths of its arrays; None if it has none, or none is found."""
    plan = unit.world.plan
    if not plan.small_sizes or plan.all_equal:
        return None
    other = replace(plan, larger=plan.larger + LARGER, letters=plan.letters[1:], fitted=())
    for found in _recognised(unit.document, other, None).units:
        if found.name == unit.own_name and found.names == unit.names:
            shapes = [[value.shape for value in one.example[0].values()] for one in (unit, found)]
            return found if shapes[0] != shapes[1] else None
    return None


def _recognised(
    document: Document,
    plan: Plan,
    function: str | None,
    among: frozenset[str] | None = None,
    *,
    tick: Callable[[], None] = lambda: None,
) -> Recognition:
    """Recognise what a document holds when it is executed in one way; only some of its functions if `among` them."""
    tick()
    document = replace(document, tree=with_statements(document.tree, plan.trainings))
    backward = [name for name, node in functions_of(document.tree).items() if has_backward(node)]
    world = executed(document, plan, backward)
    unlink(world, functions_of(document.tree))
    attempts = synthesise(document, world, None if plan.call is None else [plan.call.function])
    if not world.plan.older and any(attempt.function in world.wants_numbers for attempt in attempts):
        return _recognised(document, replace(plan, older=True), function, among, tick=tick)
    calls = [entry for known in world.hooks.entries.values() for entry in known]
    said = with_strengths(document.tree, calls)
    said += [*sorted(set(world.missing.values())), *said_of(document.tree), *said_of_modes(document.tree)]
    if has_bootstrapped(document.tree):
        world.hooks.constants.hold, said = True, [*said, BOOTSTRAPPED]
    found = Recognition(world=world, assumptions=said)
    found.assumptions += [*said_of_rounding(document.tree), *said_of_e(document.tree)]
    search = Search(document, world, found, function, tick)
    world.hooks.endless = set()
    if among is not None:
        search.nodes = {name: node for name, node in search.nodes.items() if name in among}
    search.reasons |= {attempt.function: attempt.reason for attempt in attempts}
    search.chains()
    search.calls(alone=False)
    search.values(composed=True)
    search.pairs()
    search.calls(alone=True)
    if among is None:
        search.loops()
    search.left_pairs()
    search.thrown_away()
    search.values(composed=False)
    search.left_chains()
    search.seeds()
    world.hooks.endless = None
    found.skipped += unjudged(search)
    if found.units:
        call_unused(world, search.nodes)
    if found.units and (faults := wrong_updates(world, search.nodes, found.units, search.covered)):
        found.units[-1] = replace(found.units[-1], faults=(*found.units[-1].faults, *faults))
    elif found.units:
        found.units[:] = with_piled_up(world, with_left_carries(document.tree, found.units))
    found.units[:] = with_misbegun(with_outgrown(world, found.units))
    return found
