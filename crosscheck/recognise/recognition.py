"""From a document to its units, and to what looked like a gradient and was not recognised."""

import ast
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from crosscheck.recognise import calls, loops, naming, targets, value_units
from crosscheck.recognise.aliases import CACHE
from crosscheck.recognise.chains import agrees, chains, contradicts, unit_of_chain
from crosscheck.recognise.closures import opened
from crosscheck.recognise.engines import Engines, engines_of
from crosscheck.recognise.example_call import ExampleCall
from crosscheck.recognise.executing import executed
from crosscheck.recognise.hooks import Entry, fullest, length, sound
from crosscheck.recognise.instrument import goes_back_in_time
from crosscheck.recognise.left_over import computes_gradients, unjudged_loops
from crosscheck.recognise.lengthening import lengthened
from crosscheck.recognise.loss_forms import Scaled
from crosscheck.recognise.moving import moves_weights
from crosscheck.recognise.optimisers import wrong_updates
from crosscheck.recognise.pairing import update_pairs
from crosscheck.recognise.pairs import is_handed_predictions
from crosscheck.recognise.places import Place
from crosscheck.recognise.shares import has_right_one
from crosscheck.recognise.slots import TARGET
from crosscheck.recognise.straight import straightened
from crosscheck.recognise.stubs import LETTERS
from crosscheck.recognise.synthesis import synthesise
from crosscheck.recognise.targets import forwards, goes_through, is_derivative
from crosscheck.recognise.training import trains_by_calls
from crosscheck.recognise.unit import Doubtful, Unit
from crosscheck.recognise.unlinked import unlink
from crosscheck.recognise.unused import call_unused
from crosscheck.recognise.windows import WIDE, widened
from crosscheck.recognise.world import Plan, World
from crosscheck.source import Document


class Skipped(NamedTuple):
    """A function that looks like a gradient and could not be judged."""

    function: str
    reason: str
    line: int


@dataclass
class Recognition:
    """What was found in a file."""

    units: list[Unit] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    world: World | None = None


COINCIDE = "it works only if some of its sizes coincide, as they do in the file itself"
PLANS = (
    (Plan(), ""),
    (Plan(keep_steps=True), "it works only with the number of steps that the file itself has"),
    (Plan(all_equal=len(set(LETTERS))), COINCIDE),
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
    document = replace(document, tree=straightened(opened(document.tree)))
    if engines.names:
        found = Recognition(list(engines.units), [Skipped(*one) for one in engines.skipped], world=engines.world)
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
        if remark and found.units:
            found.assumptions.append(remark)
        if best is None or _told(found) > _told(best):
            best = found
        if best.units and (not best.skipped or _is_independent(best)):
            break
        if time.process_time() - started > SECONDS:
            break
    assert best is not None
    of_no_loss(best)
    return best


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
        goes_through = bool(_calls(node) & (engines.ways_back - own))
        by_name = naming.BACKWARD.search(node.name) or any(map(naming.looks_like_gradient, _written(node)))
        if has_backward(node) and by_name and not goes_through and not _NO_BACKWARD.search(node.name):
            found.add(name)
    return frozenset(found)


def _written(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _told(found: Recognition) -> tuple[int, int]:
    """Say how much a recognition tells: units, then few that were skipped; without any unit, why there is none."""
    return len(found.units), -len(found.skipped) if found.units else bool(found.skipped)


def _is_independent(found: Recognition) -> bool:
    """Tell whether a module says the same in whatever sizes it runs: nothing failed, and what is left nobody calls."""
    assert found.world is not None
    called = found.world.hooks.entries
    return not found.world.failures and not any(called.get(skipped.function) for skipped in found.skipped)


SECONDS_OF_NO_LOSS = 12.0
"""For the proofs that gradients are those of no loss"""
LARGER = 2
"""By how much the sizes differ in which a unit is looked for once more"""


def in_other_sizes(unit: Unit) -> Unit | None:
    """Return the same unit with other lengths of its arrays; None if it has none, or none is found."""
    plan = unit.world.plan
    if not plan.small_sizes or plan.all_equal:
        return None
    other = replace(plan, larger=plan.larger + LARGER, letters=plan.letters[1:])
    for found in _recognised(unit.document, other, None).units:
        if found.name == unit.name and found.names == unit.names:
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
    backward = [name for name, node in functions_of(document.tree).items() if has_backward(node)]
    world = executed(document, plan, backward)
    unlink(world, functions_of(document.tree))
    attempts = synthesise(document, world, None if plan.call is None else [plan.call.function])
    found = Recognition(world=world, assumptions=sorted(set(world.missing.values())))
    search = _Search(document, world, found, function, tick)
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
    search.values(composed=False)
    search.left_chains()
    world.hooks.endless = None
    search.finish()
    if found.units:
        call_unused(world, search.nodes)
    if found.units and (faults := wrong_updates(world, search.nodes, found.units, search.covered)):
        found.units[-1] = replace(found.units[-1], faults=(*found.units[-1].faults, *faults))
    return found


class _Search:
    """The ways of finding units, one after another; what one has found the next leaves alone."""

    def __init__(
        self, document: Document, world: World, found: Recognition, only: str | None, tick: Callable[[], None]
    ) -> None:
        self.document, self.world, self.found, self.only, self.tick = document, world, found, only, tick
        self.nodes = functions_of(document.tree)
        self.functions = {name.rpartition(".")[2]: node for name, node in self.nodes.items()}
        self.training = {name for name, node in self.nodes.items() if trains_by_calls(node, self.functions)}
        self.covered: set[str] = set()
        self.judged: set[str] = set()
        """Qualified names of the functions that the units found so far go through"""
        self.units: set[str] = set()
        """Functions that are units themselves, and hold a backward pass"""
        self.reasons: dict[str, str] = {}
        """Why a function or a loop that was tried is no unit"""
        self.beside: list[str] = []
        """Functions that stand beside what their gradient is of"""
        self.composed: set[str] = set()
        """Those that are handed what other functions computed"""
        self.chained: frozenset[str] = frozenset()
        """Those that a right loop goes through which hands gradients from layer to layer, but for the layers' own"""
        self.partial: list[Unit] = []
        """Pairs that leave gradients out"""
        self.waiting: list[Unit] = []
        """Loops of this kind that are not: a layer may be wrong, or the way through them"""

    def chains(self) -> None:
        """Find loops that hand gradients from layer to layer, where the layers keep them."""
        for name, node in () if self.only else chains(self.document, self.world):
            try:
                unit = unit_of_chain(self.document, self.world, name, node)
            except Exception as error:  # noqa: BLE001 - theirs
                self.reasons[name] = f"it raises {type(error).__name__}: {error}"
                continue
            if unit is not None and agrees(unit):
                self._take(unit)
                self.chained |= self.judged - self.world.hooks.kept.keys()
                return
            self.waiting += [] if unit is None else [unit]

    def left_chains(self) -> None:
        """Take what is wrong as a whole though none of its parts is."""
        if self.waiting and not self.chained and not any(map(contradicts, self.found.units)):
            self._take(self.waiting[0])

    def _take(self, unit: Unit) -> None:
        try:
            self._cover(unit, self._used(unit))
        except Exception as error:  # noqa: BLE001 - theirs
            self.reasons[unit.name] = f"called with other numbers it raises {type(error).__name__}: {error}"
        else:
            self.found.units.append(unit)

    def calls(self, *, alone: bool) -> None:
        """Find functions that return a loss and gradients; what has a forward of its own only if it is left `alone`."""
        entries = [item for item in self.world.hooks.entries.items() if item[0] in self.nodes]
        for name, known in sorted(entries, key=lambda item: -item[1][0].order):
            node = self.nodes[name]
            is_above = (_calls(node) & self.covered and not composes(node)) or _only_trains(node)
            if not self._is_wanted(name) or is_above or not has_backward(node) or name in self.training | self.chained:
                continue
            if name in self.judged if alone else _has_a_forward(name, self.nodes):
                continue
            if _is_forward_of(name, entries):
                continue
            best = fullest(known)
            if not self._try(name, lambda e=best, n=node: self._untruncated(e, n)):
                self._try(name, lambda e=best, n=node: calls.unit_of(self.document, self.world, e, n))

    def _untruncated(self, entry: Entry, node: ast.FunctionDef) -> Unit | None:
        """Return the unit that a call is once it cuts nothing off, None if there is nothing that it cuts off."""
        wide = widened(entry)
        unit = calls.unit_of(self.document, self.world, wide[0], node) if wide else None
        if unit is None or wide is None:
            return None
        stated = f"{', '.join(wide[1])} was set to {WIDE} steps: it is truncated as it announces"
        return replace(unit, assumptions=(*unit.assumptions, stated))

    def pairs(self) -> None:
        """Find backward functions, and the forward functions whose results they are handed.

        Those that leave gradients out wait: the turn of a loop may show all steps.
        """
        entries = {name: known for name, known in self.world.hooks.entries.items() if name in self.nodes}
        for name in sorted(entries, key=lambda name: entries[name][0].order):
            node = self.nodes[name]
            if (
                node.name == "__init__"
                or name in self.training | self.chained
                or name.rpartition(".")[2] in self.covered
                or (name in self.judged and not looks_like_backward(node))
                or not (has_backward(node) or is_derivative(name, self.nodes))
                or (OPTIMISES.search(node.name) and not naming.BACKWARD.search(node.name))
                or _calls(node) & self.covered
            ):
                continue
            finished = [entry for entry in entries[name] if entry.finished]
            finished = [(entry, self._before(entry, entries)) for entry in sound(finished)]
            if not finished:
                continue
            backward, forwards = max(reversed(finished), key=lambda pair: max(map(length, pair[1]), default=0))
            wanted = [f for f in forwards if self._is_wanted(name) or self._is_wanted(f.function)]
            of_class = [f for f in wanted if f.function.rpartition(".")[0] == name.rpartition(".")[0] != ""]
            for forward, last in [*((f, False) for f in wanted), *((f, True) for f in of_class)]:
                if self._try(
                    f"{forward.function}/{name}",
                    lambda f=forward, b=backward, last=last: self._pair(f, b, of_examples=last),
                ):
                    break
                if self.partial and self.partial[-1].name == f"{forward.function}/{name}":
                    break

    def left_pairs(self) -> None:
        """Take the pairs that leave gradients out, where nothing else holds what they do."""
        for unit in self.partial:
            if not unit.covers <= self.judged:
                self._try(unit.name, lambda unit=unit: unit)

    def _pair(self, forward: Entry, backward: Entry, *, of_examples: bool) -> Unit | None:
        unit = self._whole_or_not(forward, backward, of_examples=of_examples)
        if unit is not None and unit.without:
            self.partial.append(unit)
            return None
        return unit

    def _whole_or_not(self, forward: Entry, backward: Entry, *, of_examples: bool) -> Unit | None:
        longer = lengthened(forward, backward, self.nodes[backward.function])
        if longer is not None and (found := self._whole_or_not(forward, longer[0], of_examples=of_examples)):
            return replace(found, assumptions=(*found.assumptions, longer[1]))
        unit = calls.unit_of_pair(self.document, self.world, forward, backward, self.nodes, of_examples=of_examples)
        if unit is None:
            return None
        is_alike = _are_namesakes(forward.function, backward.function) and not is_handed_predictions(unit)
        return unit if is_alike or has_right_one(unit) else None

    def _before(self, backward: Entry, entries: Mapping[str, list[Entry]]) -> list[Entry]:
        """Return the calls that may be the forward of a backward call: the nearest before it first, namesakes first."""
        inside = reached(self.document.tree, [self.nodes[backward.function]])
        found = [
            entry
            for name, known in entries.items()
            for entry in known
            if entry.finished
            and not looks_like_backward(self.nodes[name])
            and backward.function.rpartition(".")[2] not in reached(self.document.tree, [self.nodes[name]])
            and name.rpartition(".")[2] not in inside
            and entry.order < backward.order
            and name not in self.training
            and not name.endswith("__init__")
            and not OPTIMISES.search(name)
            and name != backward.function
            and not _are_of_two(entry, backward)
        ]
        stem = naming.BACKWARD.sub("", backward.function)
        return sorted(found, key=lambda e: (naming.FORWARD.sub("", e.function) != stem, -e.order))[:12]

    def loops(self) -> None:
        """Find training loops that assemble the gradients."""
        nodes = loops.loops_of(self.document.tree, self.world.tree)
        for name in sorted(nodes, key=lambda name: -nodes[name].lineno):
            node = nodes[name]
            entries = self.world.hooks.entries.get(name)
            inner = any(n is not node and has_backward(n) for n in ast.walk(node) if isinstance(n, loops.Loop))
            calls_backward = any(has_backward(self.functions[n]) for n in _calls(node) if n in self.functions)
            is_driver = _calls(node) & self._backward() and not computes_gradients(node)
            if not entries or self.only or is_driver or goes_back_in_time(node):
                continue
            if not (has_backward(node) or inner or calls_backward):
                continue
            if any(self._covers(node, unit) for unit in self.found.units):
                continue
            best = fullest(entries)
            self._try(
                name,
                lambda e=best, n=node: calls.unit_of_loop(self.document, self.world, e, n),
            )

    def values(self, *, composed: bool) -> None:
        """Find functions that stand beside their gradients: `f(w)` and `grad_f(w)`, or `f(y)` where `y = g(w)`."""
        deadline = time.process_time() + value_units.SECONDS_IN_ALL
        found = (value_units.composed_in if composed else value_units.found_in)(
            self.document.tree, self.world, self.nodes
        )
        for candidates in found:
            name = candidates[0].gradient
            wanted = any(map(self._is_wanted, (name, *(pair.value for pair in candidates))))
            is_helper = composed or len(candidates[0].arguments) < 2  # of one number or array
            self.beside += [] if is_helper else [name]
            self.composed |= {name} if composed else set()
            is_left = composed or name not in self.composed
            if wanted and is_left and name not in self.judged and name.rpartition(".")[2] not in self.covered:
                self._try(
                    name,
                    lambda c=candidates: value_units.unit_of(self.document, self.world, c, self.nodes, deadline),
                )

    def finish(self) -> None:
        """List what looks like a gradient and was not judged, neither by itself nor as a part of something else."""
        for name, node in self.nodes.items():
            is_driver = not naming.BACKWARD.search(node.name) or bool(DESCENT.search(node.name))
            is_driver = is_driver or calls.trains(node, set())
            learns = targets.learns_in_turns(node)  # by itself: the functions that it calls are not all of it
            is_driver = is_driver and reached(self.document.tree, [node]) & self.covered and not composes(node)
            is_network = bool(naming.BACKWARD.search(node.name)) and goes_through(node) and not targets.hands_out(node)
            is_network = is_network and not _NO_BACKWARD.search(node.name)
            is_network = is_network and (name in self.reasons or not targets.hands_on(node))
            is_gradient = is_network or looks_like_backward(node)
            if name in self.judged or not (learns or (is_gradient and not is_driver)) or not self._is_wanted(name):
                continue
            tried = [reason for names, reason in self.reasons.items() if name in names.split("/")]
            entries = self.world.hooks.entries.get(name)
            reason = tried[0] if tried else NEVER_CALLED if not entries else NO_LOSS
            self.found.skipped.append(Skipped(name, reason, node.lineno))
        if not self.only:
            trees, held = (self.document.tree, self.world.tree), [n for u in self.found.units for n in u.functions]
            for name, node in unjudged_loops(trees, self.nodes, held):
                self.found.skipped.append(Skipped(name, self.reasons.get(name, NO_LOSS), node.lineno))
        if not self.found.units and not self.found.skipped and not self.only:
            self.found.skipped += [
                Skipped(name, self.reasons.get(name, NO_LOSS), node.lineno)
                for name, node in self.nodes.items()
                if naming.SAYS_GRADIENTS.search(node.name) and has_backward(node) and not _NO_BACKWARD.search(node.name)
            ] or [
                Skipped(name, self.reasons.get(name, NO_LOSS), node.lineno)
                for name, node in self.nodes.items()
                if targets.learns(node) and targets.moves_in_loop(node)
            ]
        known = {skipped.function for skipped in self.found.skipped} | self.judged
        self.found.skipped += [
            Skipped(name, self.reasons[name], self.nodes[name].lineno)
            for name in self.beside
            if name in self.reasons and name not in known
        ]
        if not self.found.units and not self.found.skipped and self.reasons and not self.only:
            name, reason = next(iter(self.reasons.items()))
            line = self.nodes[name].lineno if name in self.nodes else 1
            self.found.skipped.append(Skipped(name, reason, line))

    def _used(self, unit: Unit) -> set[str]:
        """Return the functions that a unit goes through."""
        hooks = self.world.hooks
        hooks.used.clear()
        unit.subject(*unit.cases.build(unit.cases.draw(0, 0)).arguments)
        return set(hooks.used)

    def _cover(self, unit: Unit, used: set[str]) -> None:
        """Note which functions a unit goes through: they are judged with it."""
        own = {name.partition(",")[0] for name in unit.covers}
        self.units |= {name for name in own if name in self.nodes and has_backward(self.nodes[name])}
        self.judged |= used | own
        bare: dict[str, set[str]] = {}
        for name in self.nodes:
            bare.setdefault(name.rpartition(".")[2], set()).add(name)
        own = {name for known in (*self.found.units, unit) for name in known.covers}
        # A method called `backward` is covered as a name only if every method of that name is; a helper that two
        # backward passes share says nothing of the second.
        self.covered = {
            word
            for word, names in bare.items()
            if names <= self.judged and any(name in own or looks_like_backward(self.nodes[name]) for name in names)
        }

    def _backward(self) -> set[str]:
        """Return the functions that were judged and hold a backward pass: who calls them only drives them."""
        return {word for word in self.covered if word in self.functions and has_backward(self.functions[word])}

    def _covers(self, node: ast.AST, unit: Unit) -> bool:
        """Tell whether a unit is inside of a loop, or the loop inside of the unit."""
        is_inside = any(part is node for other in unit.functions for part in ast.walk(other))
        return is_inside or any(inner is other for inner in ast.walk(node) for other in unit.functions)

    def _is_wanted(self, name: str) -> bool:
        return not self.only or self.only in (name, name.rpartition(".")[2])

    def _try(self, name: str, find: Callable[[], Unit | None]) -> bool:
        self.tick()
        try:
            unit = find()
        except Doubtful as doubt:
            self.reasons[name] = str(doubt)
            return False
        except Exception as error:  # noqa: BLE001 - theirs
            self.reasons[name] = f"it raises {type(error).__name__}: {error}"
            return False
        if unit is None:
            return False
        try:
            used = self._used(unit)
            if used & self.units and (unit.moves or not any(map(composes, unit.functions))):
                if " line " not in unit.name or not self._is_way_through(used):
                    return False  # it goes through what was judged, and trains it perhaps
                if not agrees(unit):
                    self.waiting += [unit] if isinstance(unit.subject.loss, Place | Scaled) else []
                    return False
            self._cover(unit, used)
        except Exception as error:  # noqa: BLE001 - theirs
            self.reasons[name] = f"called with other numbers it raises {type(error).__name__}: {error}"
            return False
        self.found.units.append(unit)
        return True

    def _is_way_through(self, used: set[str]) -> bool:
        """Tell whether a turn of training goes through a network that hands gradients on, and that nothing judged."""
        own = used & self.nodes.keys() - self.judged
        networks = (name for name in own if targets.goes_through(self.nodes[name]))
        return any(naming.BACKWARD.search(name) and not _NO_BACKWARD.search(name) for name in networks)


def _only_trains(node: ast.FunctionDef) -> bool:
    """Tell whether a function computes gradients in the turns of its training alone: its turns are judged."""
    return targets.learns_in_turns(node) and not looks_like_backward(node)


def _are_namesakes(forward: str, backward: str) -> bool:
    """Tell whether a forward and a backward function are of one class, or of one thing by their names."""
    owner = backward.rpartition(".")[0]
    if owner and owner == forward.rpartition(".")[0]:
        return True
    stem = naming.plain(naming.BACKWARD.sub("", backward.rpartition(".")[2]))
    other = naming.plain(naming.FORWARD.sub("", forward.rpartition(".")[2]))
    return stem in ("", other) or (len(other) > 2 and other in stem)  # sigmoid, d_sigmoid


def _has_a_forward(name: str, nodes: Mapping[str, ast.FunctionDef]) -> bool:
    """Tell whether a function is a backward that is handed what its forward kept, or its object and targets alone."""
    node = nodes[name].args
    wanted = len(node.posonlyargs) + len(node.args) - len(node.defaults)
    handed = [argument.arg for argument in (*node.posonlyargs, *node.args)][1:wanted]
    is_handed_less = "." in name and all(map(TARGET.match, handed))
    is_handed_less = is_handed_less or any(CACHE.search(argument.arg) for argument in node.args)
    return is_handed_less and bool(_PLAINLY.search(name)) and forwards(name, nodes) != [None]


def _is_forward_of(name: str, entries: Iterable[tuple[str, Any]]) -> bool:
    """Tell whether a function is by its name the forward pass of a backward pass that was called as well."""
    owner, _, word = name.rpartition(".")
    if word != "__call__" and (not naming.FORWARD.search(word) or naming.BACKWARD.search(word)):
        return False
    stem = "" if word == "__call__" else naming.FORWARD.sub("", word)
    others = (other.rpartition(".") for other, _ in entries)
    return any(o == owner and naming.BACKWARD.search(w) and naming.BACKWARD.sub("", w) == stem for o, _, w in others)


def _are_of_two(forward: Entry, backward: Entry) -> bool:
    """Tell whether two methods of one class were called for two objects: two layers, say."""
    owners = [entry.function.rpartition(".")[0] for entry in (forward, backward)]
    selves = [entry.ids.get("self") for entry in (forward, backward)]
    return owners[0] == owners[1] != "" and None not in selves and selves[0] != selves[1]


def reached(tree: ast.Module, nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names of the functions that some code calls or hands on, itself or through others of the module."""
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    found: set[str] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        handed = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        for name in (_calls(node) | handed) - found:
            if name in functions:
                found.add(name)
                waiting.append(functions[name])
    return found


def functions_of(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """Return the functions of a module by qualified name, without those inside of functions."""
    found: dict[str, ast.FunctionDef] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}": inner for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return found


NEVER_CALLED = "nothing in the file calls it, and no arguments were found with which it runs"
NO_LOSS = "no loss was found that its gradients could be held against"
_NO_BACKWARD = naming.re.compile(
    r"clip|check|numerical|approx|update|optimi[sz]|adam|adagrad|sgd|rmsprop|momentum|zero|reset|plot|sample|init|(?:grads?|gradients?|global|total)_?norm$",
    naming.re.IGNORECASE,
)


DESCENT = naming.re.compile(r"(?:^|_)(?:grad(?:ient)?_?desc(?:ent)?|[bs]?gd)(?:$|_)", naming.re.IGNORECASE)
"""What goes downhill by the gradients that other functions compute"""


def composes(node: ast.AST) -> bool:
    """Tell whether a function computes gradients out of others: it is no mere caller of what computes them.

    What it adds to `grads['W']`, decay perhaps, is nowhere else.
    """
    if isinstance(node, ast.FunctionDef) and (calls.trains(node, set()) or _NO_BACKWARD.search(node.name)):
        return False
    for part in ast.walk(node):
        targets = part.targets if isinstance(part, ast.Assign) else [getattr(part, "target", None)]
        value = getattr(part, "value", None)
        computes = isinstance(part, ast.AugAssign) or (isinstance(part, ast.Assign) and isinstance(value, ast.BinOp))
        if computes and any(map(_is_of_gradients, targets)):
            return True
        if isinstance(part, ast.Return) and any(map(_adds_to_gradient, getattr(value, "elts", [value]))):
            return True
    return False


def _adds_to_gradient(node: ast.AST | None) -> bool:
    """Tell whether something is added to what is called like a gradient: `dW + decay * W`."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add | ast.Sub):
        return False
    names = [side.id for side in (node.left, node.right) if isinstance(side, ast.Name)]
    return any(map(naming.BEGINS_LIKE_GRADIENT.match, names))


def _is_of_gradients(target: ast.AST | None) -> bool:
    """Tell whether something that is written to is a gradient by its name, or kept among gradients."""
    holder = target.value if isinstance(target, ast.Subscript) else target
    word = getattr(holder, "id", getattr(holder, "attr", ""))
    if isinstance(target, ast.Subscript) and naming.CONTAINER.search(word):
        return True
    return bool(naming.BEGINS_LIKE_GRADIENT.match(word))


OPTIMISES = naming.re.compile(r"update|optimi[sz]|adam|adagrad|sgd|rmsprop", naming.re.IGNORECASE)
"""What moves parameters is no forward pass of anything"""


def looks_like_backward(node: ast.FunctionDef) -> bool:
    """Tell whether a function is plainly a backward pass: by its name, or by several gradients that it writes."""
    if _NO_BACKWARD.search(node.name):
        return False
    written = {
        name.id if isinstance(name, ast.Name) else name.attr
        for name in ast.walk(node)
        if isinstance(name, ast.Name | ast.Attribute) and isinstance(name.ctx, ast.Store)
    }
    gradients = {name for name in written if naming.BEGINS_LIKE_GRADIENT.match(name)}
    by_name = bool(naming.BACKWARD.search(node.name)) and len(node.body) > 1
    return len(gradients) >= 3 or (by_name and len(gradients) >= 1) or _is_plainly_backward(node)


_PLAINLY = naming.re.compile(
    r"(?:^|\.)(?:backward|backprop|bprop)$|_(?:backward|backprop|bprop)$", naming.re.IGNORECASE
)


def _is_plainly_backward(node: ast.FunctionDef) -> bool:
    """Tell whether a function is called a backward pass and returns something that it computes."""
    returned = [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return) and inner.value is not None]
    parts = [part for part in ast.walk(node) if isinstance(part, ast.BinOp | ast.AugAssign)]
    return bool(_PLAINLY.search(node.name)) and bool(parts) and bool(returned)


def has_backward(node: ast.AST) -> bool:
    """Tell whether a function writes to something that is called like a gradient."""
    written = {
        name.id if isinstance(name, ast.Name) else name.attr
        for name in ast.walk(node)
        if isinstance(name, ast.Name | ast.Attribute) and isinstance(name.ctx, ast.Store)
    }
    called = any(naming.BACKWARD.search(name) for name in _calls(node))
    plain = {name.lower() for name in written} & {"gradient", "gradients", "grad", "grads", "delta", "deltas"}
    moving = (
        {word for parameter, word in update_pairs(node) if not naming.LOSS.search(parameter)} & {"g", "d"} & written
    )
    return (
        called
        or bool(plain or moving)
        or any(map(naming.looks_like_gradient, written))
        or bool(naming.BACKWARD.search(getattr(node, "name", "")))
        or moves_weights(node)
    )


def _calls(node: ast.AST) -> set[str]:
    names = [call.func for call in ast.walk(node) if isinstance(call, ast.Call)]
    return {name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "") for name in names}
