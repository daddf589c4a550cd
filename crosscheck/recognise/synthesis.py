"""Calls of functions that nothing in a file calls, so that they are recognised like those that something does.

Arguments are made up (slots.py), the function is called, and what it says of them is believed (mending.py): sizes are
pairwise different, so that NumPy's complaint names the two that are one. What cannot be called so that the meaning of
every argument is plain is left alone, and the reason is told.
"""

import ast
import itertools
import time
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from crosscheck.recognise import aliases, naming
from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.callers import beginnings_of, called_before, callers_of, wants_more
from crosscheck.recognise.defaults import required
from crosscheck.recognise.doubts import Doubts
from crosscheck.recognise.findings import STUMBLES
from crosscheck.recognise.guesses import Guess
from crosscheck.recognise.hooks import EnoughError, Entry
from crosscheck.recognise.idle_calls import longer
from crosscheck.recognise.inherited import by_class
from crosscheck.recognise.kept import losses_of
from crosscheck.recognise.kept_chains import gradients_of_kept
from crosscheck.recognise.letters import ONE
from crosscheck.recognise.scenarios import Scenario
from crosscheck.recognise.single_outputs import with_columns, without_outputs
from crosscheck.recognise.solving import Solver
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.recognise.targets import foreign, forwards, is_called, is_defined, targets, trainings
from crosscheck.recognise.trainings import train
from crosscheck.recognise.value_pairs import gradients_of_losses
from crosscheck.recognise.world import World
from crosscheck.source import Document
from crosscheck.source.walking import walked

SECONDS = 15.0
"""Of the processor, for all functions of a file together: a machine that is busy finds no less"""
SEARCH_SECONDS = 1.2
DELTA = naming.re.compile(r"delta|err", naming.re.IGNORECASE)
"""What the errors of outputs are called"""
LAYOUTS = 3
"""That are compared with one another"""


class Attempt(NamedTuple):
    """A function that nothing calls and that could not be called so that it can be judged."""

    function: str
    reason: str
    found: Mapping[str, str]
    """What was made up for its arguments at last"""


def synthesise(document: Document, world: World, wanted: Collection[str] | None = None) -> list[Attempt]:
    """Call what looks like a gradient and was never called, and return what could not be.

    The calls are recorded in the world's hooks as if the module had made them.
    """
    nodes = functions_of(document.tree)
    is_usual = world.plan.is_usual
    deadline = time.process_time() + (SECONDS if is_usual else SECONDS / 4)
    attempts: list[Attempt] = []
    left_out = foreign(document.tree)
    untrained: dict[str, str] = {}
    for name in trainings(nodes, world) if is_usual and wanted is None else ():
        if name.partition(".")[0] in left_out or not is_defined(world, name):
            continue
        until = deadline - SECONDS / 2
        first = (one for one in beginnings_of(name, nodes, document.tree) if not is_called(world, one))
        if any(not train(document, world, nodes, one, until) for one in first):
            continue
        reason = train(document, world, nodes, name, until)
        if reason and all(train(document, world, nodes, caller, until) for caller in callers_of(name, nodes)):
            untrained[name] = reason
    kept = {*gradients_of_kept(nodes), *gradients_of_losses(nodes)}  # these are judged otherwise
    for name in targets(document.tree, nodes, world):
        if (wanted is not None and name not in wanted) or is_called(world, name) or name in kept:
            continue
        if name.partition(".")[0] in left_out:
            continue
        if time.process_time() > deadline:
            attempts.append(Attempt(name, "nothing in the file calls it, and no time was left to find arguments", {}))
            continue
        before = [*losses_of(name, nodes, world.names), *called_before(name, forwards(name, nodes), nodes)]
        callers = callers_of(name, nodes)
        is_early = wants_more(name, before, nodes)  # what its author hands it, and nothing that is made up
        if is_early and any(_by_caller(document, world, nodes, caller, deadline) for caller in callers):
            continue
        for group in by_class(before, name, nodes, world.names):
            attempt = _one_of(document, world, nodes, name, group, deadline)
            if attempt is None and _leaves_deltas(nodes[name]):  # whoever moves weights by them is what is judged
                any(_by_caller(document, world, nodes, caller, deadline) for caller in callers)
            if attempt is None or (
                not is_early and any(_by_caller(document, world, nodes, caller, deadline) for caller in callers)
            ):
                continue
            attempts.append(attempt)
    tried = {attempt.function for attempt in attempts}
    attempts += [Attempt(n, why, {}) for n, why in untrained.items() if n not in tried and not is_called(world, n)]
    return attempts


def _leaves_deltas(node: ast.FunctionDef) -> bool:
    r"""Tell whether a backward pass leaves nothing but errors of its outputs, by which others move weights.

    >>> made = "def backward(self, t):\n for n in self.last: n['delta'] = (t - n['o']) * n['o'] * (1 - n['o'])"
    >>> _leaves_deltas(ast.parse(made).body[0])
    True
    """
    parts = list(walked(node))
    if any(isinstance(part, ast.Return) and part.value is not None for part in parts):
        return False
    targets = [target for part in parts for target, _ in assigned_in(part)]
    kept = {root_word(target) for target in targets if isinstance(target, ast.Attribute | ast.Subscript)}
    moves = any(isinstance(part, ast.AugAssign) and not isinstance(part.target, ast.Name) for part in parts)
    return bool(kept) and not moves and all(map(DELTA.search, kept))


def _one_of(
    document: Document,
    world: World,
    nodes: Mapping[str, ast.FunctionDef],
    name: str,
    before: Sequence[str | None],
    deadline: float,
) -> Attempt | None:
    """Call a function after one of those that may be its forward pass; return why not where none of them will do."""
    reasons = []
    several = sum(map(naming.is_gradient_argument, required(nodes[name]))) > 1
    if any(_by_other_names(document, world, nodes, name, forward, deadline) for forward in before if forward):
        return None
    for forward, in_order in [(forward, order) for forward in before for order in (False, True)[: 1 + several]]:
        until = min(deadline, time.process_time() + SEARCH_SECONDS)
        found = _Search(document, world, nodes, name, forward, until, in_order=in_order).run()
        if found is None:
            return None
        reasons.append(found)
    return reasons[0]


def _by_caller(
    document: Document, world: World, nodes: Mapping[str, ast.FunctionDef], caller: str, deadline: float
) -> bool:
    """Call a function that calls a forward pass and its backward pass; tell whether it is believed."""
    until = min(deadline, time.process_time() + SEARCH_SECONDS)
    return not is_called(world, caller) and _Search(document, world, nodes, caller, None, until).run() is None


def _by_other_names(
    document: Document,
    world: World,
    nodes: Mapping[str, ast.FunctionDef],
    name: str,
    forward: str,
    deadline: float,
) -> bool:
    """Make a call in which a backward is handed what its forward has by other names; tell whether it is believed.

    One under which all gradients are right is; one under which they are wrong only if it is the only one that can be
    meant: it alone returns, and by the names as well.
    """
    possible: list[dict[str, str]] = []
    for way in aliases.ways(nodes[forward], nodes[name]):
        until = min(deadline, time.process_time() + SEARCH_SECONDS)
        search = _Search(document, world, nodes, name, forward, until, way=way, only_right=True)
        if search.run() is None:
            return True
        possible += [way] if search.returned else []
    if len(possible) != 1 or not aliases.is_telling(possible[0]):
        return False
    until = min(deadline, time.process_time() + SEARCH_SECONDS)
    return _Search(document, world, nodes, name, forward, until, way=possible[0]).run() is None


class _Search:
    """The search for arguments of one scenario."""

    def __init__(
        self,
        document: Document,
        world: World,
        nodes: Mapping[str, ast.FunctionDef],
        target: str,
        forward: str | None,
        deadline: float,
        *,
        in_order: bool = False,
        way: Mapping[str, str] | None = None,
        only_right: bool = False,
    ) -> None:
        self.in_order, self.way, self.only_right = in_order, way, only_right
        self.returned = False
        """Whether a call returned what fits"""
        self.document, self.world, self.nodes, self.deadline = document, world, nodes, deadline
        self.target, self.forward = target, forward
        is_called = bool(world.hooks.entries.get(target))
        self.why = STUMBLES if is_called else "nothing in the file calls it"

    def run(self) -> Attempt | None:
        """Find arguments and make the call, recorded; return why not where that fails."""
        hooks = self.world.hooks
        before = hooks.entries, hooks.watched, hooks.deadline, hooks.clips
        hooks.clips = False
        names = dict(self.world.names)
        is_recorded = False
        try:
            scenario = Scenario(self.world, self.nodes, self.target, self.forward, in_order=self.in_order, way=self.way)
            solver = Solver(scenario, self.deadline)
            attempt, found = self._believed(scenario, solver)
            if found is None:
                return attempt
            guess, entries = found
            is_recorded = True
        except Exception as error:  # noqa: BLE001 - theirs: objects that cannot be copied, compared or shown
            return Attempt(self.target, f"{self.why}, and it was not understood: {error}", {})
        finally:
            hooks.begin(None)
            hooks.stop()
            hooks.entries, hooks.watched, hooks.deadline, hooks.clips = before
            if not is_recorded:
                self.world.names.clear()
                self.world.names.update(names)
        for function, made in entries.items():
            known = [entry for entry in hooks.entries.get(function, ()) if entry.finished]
            hooks.entries[function] = known + made
        self.world.missing[scenario.name] = f"{scenario.name} was called{guess.made_up()}, because {self.why}"
        return None

    def _believed(
        self, scenario: Scenario, solver: Solver
    ) -> tuple[Attempt | None, tuple[Guess, dict[str, list[Entry]]] | None]:
        """Return a call that means what its author meant, or why there is none.

        Of several layouts in which the functions are at peace, one in which all gradients are right counts more than
        likelier ones, unless it has fewer axes: it may hide what a batch would show.
        """
        attempt: Attempt | None = None
        best: tuple[Guess, dict[str, list[Entry]]] | None = None
        for guess in itertools.islice(solver.solutions(), LAYOUTS):
            if best is not None and _axes(guess) < _axes(best[0]):
                continue
            try:
                played, entries = solver.recorded(guess)
                if (other := longer(guess, entries, self.target, self.nodes)) is not None:
                    guess = other
                    played, entries = solver.recorded(guess)
            except (Exception, EnoughError, SystemExit) as error:  # noqa: BLE001 - theirs
                attempt = attempt or self._failed((guess, f"raises {type(error).__name__}: {error}"))
                continue
            doubts = Doubts(self.document, scenario, played, entries, self.why)
            if doubt := doubts.doubt(is_sure=solver.is_sure):
                attempt = attempt or Attempt(self.target, doubt, guess.told())
                continue
            self.returned = True
            if doubts.is_right():
                return None, (guess, entries)
            is_single = best is None and solver.is_single and not self.only_right
            others = [with_columns(guess), without_outputs(guess) if is_single else None]
            known = doubts.names()
            tried = (self._right_in(other, known, scenario, solver) for other in others if other is not None)
            found = next(filter(None, tried), (guess, entries) if is_single else None)
            if found is not None:
                return None, found
            best = best or (None if self.only_right else (guess, entries))
        return attempt or self._failed(solver.last), best

    def _right_in(
        self, other: Guess, known: set[str], scenario: Scenario, solver: Solver
    ) -> tuple[Guess, dict[str, list[Entry]]] | None:
        """Return the call of another guess, as its author may mean it, if all that are `known` are right in that."""
        try:
            played, entries = solver.recorded(other)
            doubts = Doubts(self.document, scenario, played, entries, self.why)
            is_right = not doubts.doubt(is_sure=solver.is_sure) and doubts.is_right() and known <= doubts.names()
        except (Exception, EnoughError, SystemExit):  # noqa: BLE001 - theirs
            return None
        return (other, entries) if is_right else None

    def _failed(self, last: tuple[Guess, str] | None) -> Attempt:
        guess, message = last or (Guess({}, {}), "was not tried")
        told = ", ".join(f"{name} {what}" for name, what in guess.told().items())
        given = f"; with {told} it " if told else "; it "
        return Attempt(self.target, f"{self.why}{given}{message}", guess.told())


def _axes(guess: Guess) -> int:
    """Return how many axes and sizes there are that are not of length one: such a one hides as much as none."""
    return sum(size != ONE for slot in guess.slots.values() for size in slot.sizes)
