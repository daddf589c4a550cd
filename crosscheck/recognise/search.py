"""The ways of finding units in a module that has been executed, one after another."""

import ast
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from crosscheck.recognise import calls, loops, naming, targets, value_units
from crosscheck.recognise.backward_passes import (
    NO_BACKWARD,
    OPTIMISES,
    composes,
    functions_of,
    goes_back_from_targets,
    has_backward,
    looks_like_backward,
    reached,
    steps_by_handed,
    words_called,
)
from crosscheck.recognise.chains import agrees, chains, contradicts, unit_of_chain
from crosscheck.recognise.documentation import goes_straight_through
from crosscheck.recognise.findings import Recognition
from crosscheck.recognise.histories import SEVERAL, is_of_several
from crosscheck.recognise.hooks import Entry, fullest, idle, length, shapes_of_call, sound
from crosscheck.recognise.inherited import by_kind, inherited
from crosscheck.recognise.kinds import other_kinds
from crosscheck.recognise.left_over import computes_gradients
from crosscheck.recognise.lengthening import lengthened
from crosscheck.recognise.loss_forms import Scaled
from crosscheck.recognise.moved_unjudged import moved_behind
from crosscheck.recognise.moving import moves_by_products
from crosscheck.recognise.namesakes import are_namesakes, are_of_two, has_a_forward, is_forward_of
from crosscheck.recognise.nearest_calls import followed
from crosscheck.recognise.outputs_kept import goes_on_from_outputs
from crosscheck.recognise.pair_units import unit_of_pair
from crosscheck.recognise.pairing import returns_gradients
from crosscheck.recognise.pairs import BOTH, UPSTREAM, PairReplay, hands_on, holds_cache, is_handed_predictions
from crosscheck.recognise.partial_outputs import depends_on_first_alone, said_of_parts
from crosscheck.recognise.places import Place
from crosscheck.recognise.plain_calls import (
    FRACTIONS,
    with_fractions,
    with_gradients_apart,
    with_named_numbers,
    with_numbers,
    with_ones,
)
from crosscheck.recognise.repeated_letters import with_repeats
from crosscheck.recognise.seeds import (
    TIMES,
    beginnings,
    factor_of,
    is_rated,
    is_stated,
    returns_both,
    returns_difference,
)
from crosscheck.recognise.shared_gradients import with_one_owner
from crosscheck.recognise.shares import has_right_one, is_right_throughout
from crosscheck.recognise.shown_steps import Shown
from crosscheck.recognise.statements import goes_back_in_time, only_steps
from crosscheck.recognise.step_by_step import SUFFIX
from crosscheck.recognise.steps_of_turns import moves_at_rate
from crosscheck.recognise.targets import is_derivative
from crosscheck.recognise.thrown_away import thrown_away
from crosscheck.recognise.training import steps_by_calls, trains_by_calls
from crosscheck.recognise.unit import Doubtful, Unit
from crosscheck.recognise.unlinked_gradients import goes_by_others
from crosscheck.recognise.windows import WIDE, widened
from crosscheck.recognise.world import World
from crosscheck.source import Document
from crosscheck.source.walking import walk, walked

CLIPS = naming.re.compile(r"_*(?:clip|grad(?:ient)?s?_?clip)", naming.re.IGNORECASE)
"""What a function is called that only cuts gradients off, whatever it is handed besides"""

STRAIGHT = "it says that it lets the gradient straight through, which is no derivative on purpose"
WHOLE = 1e-6
"""How near a factor is to one, as differences see it, that is none"""
INITIAL = naming.re.compile(
    r"_*(?:init|make|create|random|xavier|glorot)(?:ial\w*)?_?(?:\w*_)?(?:weight|param|bias|W$)", naming.re.I
)
"""What is called that makes the first weights, and is no forward pass"""


class Search:
    """The ways of finding units, one after another; what one has found the next leaves alone."""

    def __init__(
        self, document: Document, world: World, found: Recognition, only: str | None, tick: Callable[[], None]
    ) -> None:
        self.document, self.world, self.found, self.only, self.tick = document, world, found, only, tick
        self.nodes = functions_of(document.tree)
        self.functions = {name.rpartition(".")[2]: node for name, node in self.nodes.items()}
        self.training = {name for name, node in self.nodes.items() if trains_by_calls(node, self.functions)}
        self.training |= world.hooks.trained & self.nodes.keys()
        self.training |= {name for name, node in self.nodes.items() if targets.repeats_trainings(node, self.functions)}
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
        self.slow: set[str] = set()
        """Calls that take too long"""
        self.chained: frozenset[str] = frozenset()
        """Those that a right loop goes through which hands gradients from layer to layer, but for the layers' own"""
        self.partial: list[Unit] = []
        """Pairs that leave gradients out"""
        self.seeded: list[ast.AST] = []
        """What hands judged passes a gradient that is a number times that of the loss which it states"""
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

    def thrown_away(self) -> None:
        """Take the layers whose gradients of their data are wrong, and which the loop that goes through them drops."""
        ways = [name for name in sorted(self.chained) if name in self.nodes and looks_like_backward(self.nodes[name])]
        if not ways:
            return
        entries = {name: known for name, known in self.world.hooks.entries.items() if name in self.nodes}
        for name in thrown_away(self.found.units[0], ways):
            for backward, forwards in followed([(one, self._before(one, entries)) for one in sound(entries[name])]):
                forward = next((one for one in forwards if are_namesakes(one.function, name)), None)
                try:
                    unit = None if forward is None else self._pair(forward, backward, of_examples=False)
                except Exception:  # noqa: BLE001, S112 - theirs: the loop was judged
                    continue
                if unit is not None:
                    self.found.units += [unit] if contradicts(unit) and has_right_one(unit) else []
                    break

    def left_chains(self) -> None:
        """Take what is wrong as a whole though none of its parts is."""
        if not self.waiting or self.chained:
            return
        if any(map(contradicts, self.found.units)):
            self.found.is_explained = True
        else:
            self._take(self.waiting[0])

    def _take(self, unit: Unit) -> None:
        try:
            used = self._used(unit)
            if self._is_let_through(unit, used) or self._is_of_trainings(used):
                return
            self._cover(unit, used)
        except Exception as error:  # noqa: BLE001 - theirs
            self.reasons[unit.name] = f"called with other numbers it raises {type(error).__name__}: {error}"
        else:
            self.found.units.append(unit)

    def calls(self, *, alone: bool) -> None:
        """Find functions that return a loss and gradients; what has a forward of its own only if it is left `alone`."""
        entries = [item for item in self.world.hooks.entries.items() if item[0] in self.nodes]
        for name, known in sorted(entries, key=lambda item: -item[1][0].order):
            node = self.nodes[name]
            is_above = (words_called(node) & self.covered and not composes(node)) or only_trains(node)
            if not self.is_wanted(name) or is_above or name in self.training | self.chained:
                continue
            if not has_backward(node) and not returns_gradients(self.document.tree, node):
                continue
            if name in self.judged if alone else has_a_forward(name, self.nodes) or self._drives_a_pair(name):
                continue
            if is_forward_of(name, entries):
                continue
            best = fullest(known)
            if self._try_beside_value(name, node):
                continue
            if not self._try(name, lambda e=best, n=node: self._untruncated(e, n)):
                found = self._try(name, lambda e=best, n=node: self._of_one_step(e, n))
                for entry in [] if found else other_kinds(best, known):
                    if self._try(name, lambda e=entry, b=best, n=node: self._beside(e, b, n)):
                        break
                if found:
                    self._take_turn_instead(name)

    def _try_beside_value(self, name: str, node: ast.FunctionDef) -> bool:
        """Tell whether a function is the gradient of one that it calls: what it names `dp` within may be a distance."""
        if "." in name or returns_both(node):
            return False
        called = words_called(node)
        for candidates in value_units.found_in(self.document.tree, self.world, self.nodes):
            own = [pair for pair in candidates if pair.gradient == name and pair.value.rpartition(".")[2] in called]
            deadline = time.process_time() + value_units.SECONDS_IN_ALL
            if own and self._try(
                name, lambda c=own, d=deadline: value_units.unit_of(self.document, self.world, c, self.nodes, d)
            ):
                return True
        return False

    def _drives_a_pair(self, name: str) -> bool:
        """Tell whether a function calls, turn by turn, a backward pass that moves weights and is judged first."""
        turns = [part for part in walked(self.nodes[name]) if isinstance(part, ast.For | ast.While)]
        called = {word for turn in turns for word in words_called(turn)}
        own = {other for other in self.nodes if other.rpartition(".")[2] in called and other != name}
        ways = (other for other in own if looks_like_backward(self.nodes[other]) and has_a_forward(other, self.nodes))
        return any(
            isinstance(part, ast.stmt) and moves_at_rate(part) for way in ways for part in walked(self.nodes[way])
        )

    def _take_turn_instead(self, name: str) -> None:
        """Take the turn of training that calls a function whose gradients all lack one factor, if its steps have it.

        `return loss / n, gradients` beside `w -= rate * gradients / n` goes down what is called the loss.
        """
        factor = factor_of(self.found.units[-1])
        if factor is None or abs(factor - 1) < WHOLE:
            return
        word = name.rpartition(".")[2]
        for turn, node in loops.loops_of(self.document.tree, self.world.tree).items():
            entries = self.world.hooks.entries.get(turn)
            if not entries or word not in words_called(node) or not calls.has_factors(node):
                continue
            best = fullest(loops.going_on(entries, node))
            try:
                unit = calls.unit_of_loop(self.document, self.world, best, node)
                if unit is not None and is_stated(unit.subject.loss) and agrees(unit):
                    self._cover(unit, self._used(unit))
                    self.found.units[-1] = unit
                    return
            except Exception:  # noqa: BLE001, S112 - theirs: the function itself tells
                continue

    def _of_one_step(self, entry: Entry, node: ast.FunctionDef) -> Unit | None:
        """Return the unit that a call is; of one that takes a step in each of many turns none that is not right."""
        unit = calls.unit_of(self.document, self.world, entry, node)
        return None if unit is not None and steps_by_calls(node, self.functions) and not agrees(unit) else unit

    def _beside(self, entry: Entry, best: Entry, node: ast.FunctionDef) -> Unit | None:
        """Return the unit that a call is; the best one, of which nothing is right, is to be judged by its loss."""
        unit = calls.unit_of(self.document, self.world, entry, node)
        if unit is None:
            return None
        self.world.believed[entry.function] = unit.subject.loss
        other = calls.unit_of(self.document, self.world, best, node)
        return unit if other is not None and other.names == unit.names else None

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
                or CLIPS.match(node.name)
                or name in self.training | self.chained
                or name.rpartition(".")[2] in self.covered
                or (name in self.judged and not looks_like_backward(node))
                or not (has_backward(node) or is_derivative(name, self.nodes))
                or _only_optimises(node)
                or targets.goes_back_in_turns(node)
                or (words_called(node) & self.covered and not self._is_called_for_itself(name))
            ):
                continue
            for known in by_kind([entry for entry in entries[name] if entry.finished]):
                finished = followed([(entry, self._before(entry, entries)) for entry in sound(known)])
                backward, forwards = max(
                    reversed(finished),
                    key=lambda pair: (
                        holds_cache(pair[0]) and any(hands_on(one, pair[0]) for one in pair[1][:1]),
                        max(map(length, pair[1]), default=0),
                        -idle(pair[1][:1]),
                    ),
                )
                first = next((pair for pair in finished if shapes_of_call(pair[0]) != shapes_of_call(backward)), None)
                if not self._paired(name, backward, forwards) and first is not None:
                    self._paired(name, *first)  # the longest call may be cut off, or one of another kind

    def _is_called_for_itself(self, name: str) -> bool:
        """Tell whether a call of a backward function was made up that goes through others which were judged."""
        return any(called.rpartition("/")[2] == name != called for called in self.world.missing)

    def _paired(self, name: str, backward: Entry, forwards: list[Entry]) -> bool:
        """Tell whether a call of a backward function was found to belong to one of some calls."""
        wanted = [f for f in forwards if self.is_wanted(name) or self.is_wanted(f.function)]
        of_class = [f for f in wanted if f.function.rpartition(".")[0] == name.rpartition(".")[0] != ""]
        if of_class:  # another layer has a backward pass of its own
            back = (other for other, node in self.nodes.items() if looks_like_backward(node))
            layers = {other.rpartition(".")[0] for other in back} - {"", name.rpartition(".")[0]}
            wanted = [f for f in wanted if f.function.rpartition(".")[0] not in layers]
        for forward, last in [*((f, False) for f in wanted), *((f, True) for f in of_class)]:
            both = f"{forward.function}/{name}"
            if self._try(both, lambda f=forward, b=backward, last=last: self._pair(f, b, of_examples=last)):
                return True
            if self.partial and self.partial[-1].name == both:
                return True
            if both in self.slow:
                return False
        return False

    def left_pairs(self) -> None:
        """Take the pairs that leave gradients out, where nothing else holds what they do, or what they leave out."""
        for unit in self.partial:
            names = {name for other in self.found.units for name in other.names}
            is_whole_elsewhere = set(unit.without) <= names and unit.name.rpartition("/")[2] in self.judged
            if not unit.covers <= self.judged and not is_whole_elsewhere:
                self._try(unit.name, lambda unit=unit: unit)

    def _pair(self, forward: Entry, backward: Entry, *, of_examples: bool) -> Unit | None:
        if is_of_several(self.world, forward, backward, self.document.tree):
            raise Doubtful(SEVERAL.format(forward.function))
        unit = self._whole_or_not(forward, backward, of_examples=of_examples)
        if unit is not None and unit.without:
            self.partial.append(unit)
            return None
        return unit and said_of_steps(unit, forward.function)

    def _whole_or_not(self, forward: Entry, backward: Entry, *, of_examples: bool) -> Unit | None:
        longer = lengthened(forward, backward, self.nodes[backward.function])
        if longer is not None and (found := self._whole_or_not(forward, longer[0], of_examples=of_examples)):
            return replace(found, assumptions=(*found.assumptions, longer[1]))
        unit = unit_of_pair(self.document, self.world, forward, backward, self.nodes, of_examples=of_examples)
        if unit is None and (numbers := with_numbers(forward, backward)):
            unit = unit_of_pair(self.document, self.world, *numbers, self.nodes, of_examples=of_examples)
            unit = unit and replace(unit, assumptions=(*unit.assumptions, FRACTIONS.format(forward.function)))
        node = self.nodes[backward.function]
        if unit is None and (numbers := with_named_numbers(forward, backward, node)):
            found = self._whole_or_not(*numbers, of_examples=of_examples)
            return found and replace(found, assumptions=(*found.assumptions, FRACTIONS.format(forward.function)))
        if unit is None and (other := with_ones(forward, backward) or with_gradients_apart(forward, backward)):
            unit = unit_of_pair(self.document, self.world, forward, other, self.nodes, of_examples=of_examples)
        if (unit is None or contradicts(unit)) and (drawn := with_fractions(forward)):
            other = self._of_fractions(drawn, backward, of_examples=of_examples)
            if other is not None and has_right_one(other) and (not contradicts(other) or _is_less(unit, other)):
                unit = replace(other, assumptions=(*other.assumptions, FRACTIONS.format(forward.function)))
        if unit is None:
            return self._in_part(forward, backward)
        if goes_straight_through(backward.function, self.document) and not has_right_one(unit):
            said = f"{backward.function} was left out: {STRAIGHT}"
            self.found.assumptions += [said] if said not in self.found.assumptions else []
            raise Doubtful(STRAIGHT)
        is_alike = are_namesakes(forward.function, backward.function) and not is_handed_predictions(unit)
        is_told = len(unit.names) > 1 or naming.BACKWARD.search(backward.function.rpartition(".")[2])  # no helper
        return unit if (is_alike and is_told) or is_right_throughout(unit) else None

    def _of_fractions(self, forward: Entry, backward: Entry, *, of_examples: bool) -> Unit | None:
        """Return a pair whose forward is handed fractions; None where it goes by these as indices."""
        try:
            return unit_of_pair(self.document, self.world, forward, backward, self.nodes, of_examples=of_examples)
        except Exception:  # noqa: BLE001 - theirs
            return None

    def _in_part(self, forward: Entry, backward: Entry) -> Unit | None:
        """Return a pair of which the backward is handed the gradient of a part of a result, where that is plain."""
        replay = PairReplay(self.world, forward, backward, in_part=True)
        if not (stated := said_of_parts(replay)):
            return None
        unit = unit_of_pair(self.document, self.world, forward, backward, self.nodes, in_part=True)
        owners = {entry.function.rpartition(".")[0] for entry in (forward, backward)}
        # Not of a layer within it, nor of another call.
        is_plain = len(owners) == 1 and depends_on_first_alone(replay, forward.arguments)
        is_plain = is_plain and all(map(naming.is_gradient_argument, replay.own.keys() - {"self"}))
        if unit is None or not (has_right_one(unit) or is_plain):
            return None
        return replace(unit, assumptions=(*unit.assumptions, stated))

    def _before(self, backward: Entry, entries: Mapping[str, list[Entry]]) -> list[Entry]:
        """Return the calls that may be the forward of a backward call: namesakes, its class's own, then the nearest."""
        inside = reached(self.document.tree, [self.nodes[backward.function]])
        found = [
            entry
            for name, known in entries.items()
            for entry in known
            if entry.finished
            and not looks_like_backward(self.nodes[name])
            and backward.function.rpartition(".")[2] not in reached(self.document.tree, [self.nodes[name]])
            and (
                name.rpartition(".")[2] not in inside
                or targets.hands_over(self.nodes[name], self.nodes[backward.function])
            )
            and entry.order < backward.order
            and name not in self.training
            and not name.endswith("__init__")
            and not OPTIMISES.search(name.rpartition(".")[2])
            and name != backward.function
            and not are_of_two(entry, backward)
            and not goes_on_from_outputs(name, self.nodes)
            and not INITIAL.match(name.rpartition(".")[2])
        ]
        stem, owner = naming.backward_stem(backward.function), backward.function.rpartition(".")[0]

        def farness(entry: Entry) -> tuple[bool, bool, bool, bool, int]:
            is_own = entry.function.rpartition(".")[0] == owner != ""
            is_of_all, word = entry.function.endswith(SUFFIX), entry.function.removesuffix(SUFFIX)
            is_other = naming.forward_stem(word) != stem
            return is_other, not is_own, not is_of_all, not hands_on(entry, backward), -entry.order

        return sorted(found, key=farness)[:12]

    def loops(self) -> None:
        """Find training loops that assemble the gradients."""
        nodes = loops.loops_of(self.document.tree, self.world.tree)
        for name in sorted(nodes, key=lambda name: -nodes[name].lineno):
            node = nodes[name]
            entries = self.world.hooks.entries.get(name)
            inner = any(n is not node and has_backward(n) for n in walk(node) if isinstance(n, loops.Loop))
            called = [self.functions[word] for word in words_called(node) if word in self.functions]
            calls_backward = any(has_backward(one) or moves_by_products(one) for one in called)
            is_driver = self._only_drives(node) and not computes_gradients(node)
            is_driver = is_driver or targets.repeats_trainings(node, self.functions)
            if not entries or self.only or is_driver or goes_back_in_time(node) or only_steps(node):
                continue
            if not (has_backward(node) or inner or calls_backward or getattr(node, "shown", Shown()).names):
                continue
            covered = [unit for unit in self.found.units if self._covers(node, unit)]
            if covered and not any(True for unit in covered for _ in moved_behind(node, unit, self.found.units)):
                continue
            best = fullest(loops.going_on(entries, node))
            repeated = with_repeats(best, node)
            for entry in (best,) if repeated is best else (repeated, best):
                if self._try(name, lambda e=entry, n=node: calls.unit_of_loop(self.document, self.world, e, n)):
                    break

    def seeds(self) -> None:
        """Find what hands a pair a gradient that it computes itself, and the loss that it states.

        With the pair alone it would be judged nowhere. Without such a loss it is told of as not judged.
        """
        loops_here = {} if self.only else loops.loops_of(self.document.tree, self.world.tree)
        unjudged = {
            name.rpartition(".")[2]
            for name, node in self.nodes.items()
            if name not in self.judged and (returns_both(node) or returns_difference(node))
        }
        found = list(beginnings(self.nodes, loops_here, self.upstream(), unjudged))
        is_wrong = bool(found) and any(contradicts(unit) and not is_rated(unit) for unit in self.found.units)
        for name, node in found:
            entries = self.world.hooks.entries.get(name)
            if not entries or name in self.judged or not self.is_wanted(name):
                continue
            if is_wrong:  # which may be why this is wrong as well
                self.reasons[name] = "a gradient that it goes through is wrong by itself"
                continue
            try:
                self.tick()
                given = self.document, self.world, fullest(entries)
                is_function = isinstance(node, ast.FunctionDef)
                unit = calls.unit_of(*given, node) if is_function else calls.unit_of_loop(*given, node)
                if unit is not None:
                    self._begin(unit)
            except Doubtful as doubt:
                self.reasons[name] = str(doubt)
            except Exception as error:  # noqa: BLE001 - theirs
                self.reasons[name] = f"it raises {type(error).__name__}: {error}"

    def _begin(self, unit: Unit) -> None:
        """Take what begins with a gradient of its own, if it is right, or wrong by the loss that it states."""
        is_right = agrees(unit)
        if not is_right and not (is_stated(unit.subject.loss) and contradicts(unit)):
            return
        factor = None if is_right else factor_of(unit)
        handed = [
            name for other in self.found.units if other.subject.loss.name in (UPSTREAM, BOTH) for name in other.names
        ]
        left = (name for name in unit.without if not any(f"_{name}".endswith(f"_{known}") for known in handed))
        unit = replace(unit, without=tuple(left))  # the pair has the gradients of the others
        used = self._used(unit)
        self._cover(unit, used)
        if factor is None:  # it holds the rate of what it goes through, which is not wrong by that
            known = self.found.units
            self.found.units = [
                one
                for one in known
                if one.name.rpartition("/")[2] not in used or not (is_rated(one) and contradicts(one))
            ]
            self.found.units.append(unit)
        else:  # the pair says more of it, and what a rate makes good is no slip
            self.found.assumptions.append(TIMES.format(unit.name, factor, unit.subject.loss.name))
            self.seeded += unit.functions

    def upstream(self) -> dict[str, list[str]]:
        """Return the backward passes that were judged with any gradient they may be handed, with their arguments."""
        handed = [unit for unit in self.found.units if unit.subject.loss.name in (UPSTREAM, BOTH)]
        words = {name.rpartition(".")[2] for unit in handed for name in unit.covers} & self.covered
        nodes = {word: self.functions[word] for word in words if word in self.functions}
        return {word: _arguments(node) for word, node in nodes.items() if has_backward(node)}

    def values(self, *, composed: bool) -> None:
        """Find functions that stand beside their gradients: `f(w)` and `grad_f(w)`, or `f(y)` where `y = g(w)`."""
        deadline = time.process_time() + value_units.SECONDS_IN_ALL
        found = (value_units.composed_in if composed else value_units.found_in)(
            self.document.tree, self.world, self.nodes
        )
        for candidates in found:
            name = candidates[0].gradient
            wanted = any(map(self.is_wanted, (name, *(pair.value for pair in candidates))))
            is_helper = composed or len(candidates[0].arguments) < 2  # of one number or array
            self.beside += [] if is_helper else [name]
            self.composed |= {name} if composed else set()
            is_left = composed or name not in self.composed
            if wanted and is_left and name not in self.judged and name.rpartition(".")[2] not in self.covered:
                self._try(
                    name,
                    lambda c=candidates: value_units.unit_of(self.document, self.world, c, self.nodes, deadline),
                )

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

    def _only_drives(self, node: ast.AST) -> bool:
        """Tell whether a loop calls functions that were judged and hold a backward pass, and none that was not."""
        called = {word for word in words_called(node) if word in self.functions and has_backward(self.functions[word])}
        left = {word for word in called - self.covered if looks_like_backward(self.functions[word])}
        return bool(called & self.covered) and not left

    def _covers(self, node: ast.AST, unit: Unit) -> bool:
        """Tell whether a unit is inside of a loop, or the loop inside of the unit."""
        is_inside = any(part is node for other in unit.functions for part in walk(other))
        return is_inside or any(inner is other for inner in walk(node) for other in unit.functions)

    def is_wanted(self, name: str) -> bool:
        """Tell whether a function was asked for: it, or none in particular."""
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
            self.slow |= {name} if isinstance(error, TimeoutError) else set()
            return False
        if unit is None:
            return False
        try:
            unit = with_one_owner(unit)
            used = self._used(unit)
            if self._is_let_through(unit, used) or goes_by_others(unit):
                return False
            if (used - inherited(unit.covers)) & self.units and (unit.moves or not any(map(composes, unit.functions))):
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

    def _is_of_trainings(self, used: set[str]) -> bool:
        """Tell whether a turn goes through what trains by a loss of its own: weights move more than once in it."""
        return any(
            unit.moves and unit.subject.loss.name not in (UPSTREAM, BOTH)
            for unit in self.found.units
            if unit.covers & used
        )

    def _is_let_through(self, unit: Unit, used: set[str]) -> bool:
        """Tell whether a turn goes through what lets gradients through on purpose, and is no derivative therefore."""
        through = [name for name in used if goes_straight_through(name, self.document)] if " line " in unit.name else []
        if not through or agrees(unit):
            return False
        self.reasons[unit.name] = f"it goes through {through[0]}: {STRAIGHT}"
        return True

    def _is_way_through(self, used: set[str]) -> bool:
        """Tell whether a turn of training goes back through what nothing judged: a function, or a network's own."""
        own = used & self.nodes.keys() - self.judged
        networks = (name.rpartition(".")[2] for name in own if targets.goes_through(self.nodes[name]))
        is_network = any(naming.BACKWARD.search(name) and not NO_BACKWARD.search(name) for name in networks)
        return is_network or any(looks_like_backward(self.nodes[name]) for name in own)


def _arguments(node: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in node.args.args if argument.arg != "self"]


def _only_optimises(node: ast.FunctionDef) -> bool:
    """Tell whether a function moves weights by its name, and neither goes back nor computes what it moves them by."""
    if naming.BACKWARD.search(node.name) or goes_back_from_targets(node):
        return False
    return bool(OPTIMISES.search(node.name)) or steps_by_handed(node)


def only_trains(node: ast.FunctionDef) -> bool:
    """Tell whether a function computes gradients in the turns of its training alone: its turns are judged."""
    return targets.learns_in_turns(node) and not looks_like_backward(node)


def said_of_steps(unit: Unit, forward: str) -> Unit:
    """Return the unit of a forward pass that takes all steps, by the name of the one that takes a single step."""
    if not forward.endswith(SUFFIX):
        return unit
    own = forward.removesuffix(SUFFIX)
    stated = f"{own} was called once for each step, and handed what it had returned for the step before"
    return replace(unit, name=unit.name.replace(forward, own), assumptions=(*unit.assumptions, stated))


def _is_less(unit: Unit | None, other: Unit) -> bool:
    """Tell whether a unit has the gradients of fewer arrays than another, or there is none."""
    return unit is None or len(unit.example[0]) < len(other.example[0])
