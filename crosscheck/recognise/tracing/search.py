"""The search for shapes: a program runs on unknown lengths again and again, with other answers where nothing tells."""

import ast
import heapq
import itertools
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import BIAS, STATE, TARGET, VALUES
from crosscheck.recognise.ended import ended
from crosscheck.recognise.fits import misfits
from crosscheck.recognise.guesses import ARRAY, INTEGERS, LIST, SIZE, TUPLE, VALUE, Guess, Key, Slot
from crosscheck.recognise.hooks import EnoughError
from crosscheck.recognise.letters import ONE, Size
from crosscheck.recognise.scenarios import Played, Scenario, numbers_of
from crosscheck.recognise.slots import first_guess
from crosscheck.recognise.styles import styles_of
from crosscheck.recognise.tracing import values
from crosscheck.recognise.tracing.choices import Choices, Option
from crosscheck.recognise.tracing.hints import Hints, spelled
from crosscheck.recognise.tracing.lengths import ContradictionError, Equations
from crosscheck.recognise.tracing.standins import replaced
from crosscheck.recognise.tracing.values import Value, is_value
from crosscheck.source.walking import walk

RUNS = 250
"""Of a program, with different answers"""
AGAIN = 8
"""Runs with the same answers: each knows what the last one found"""
RUN_SECONDS = 0.4
PATIENT = 2.0
"""Seconds: a run through a long sequence takes a tenth of one"""
STRANGE = 1.5
"""What it costs to change an answer that has nothing to do with what failed"""
SQUARE = 0.6
"""What an array costs that has two axes of one length"""
SINGLE = 3.0
"""What it costs that a given size is one: there is one class then, or one feature"""
FARTHEST = 2.0
"""By how much a layout may be less likely than the likeliest"""


def traced(scenario: Scenario, deadline: float, returns: Callable[[Guess], bool]) -> Iterator[Guess]:
    """Yield arguments in shapes that a scenario's functions are at peace with, likeliest first.

    Those with which a call of theirs does not return, what is tried with numbers, are none. Where there are none until
    the deadline, it is looked further for `PATIENT` seconds.
    """
    best: float | None = None
    waiting: list[tuple[float, int, dict[str, Option] | Guess]] = [(0.0, 0, {})]
    count, seen = itertools.count(1), set[frozenset[tuple[str, Any]]]()
    asked = list(scenario.asked())
    style = styles_of([scenario.nodes[n] for n in (scenario.forward, scenario.target) if n], scenario.nodes.values())
    usual = first_guess(asked, scenario.nodes, style[0], numbers_of(scenario.world))
    hints = Hints(usual, asked, scenario.nodes)
    runs = 0
    patient = PATIENT * scenario.world.plan.is_usual
    while waiting and time.process_time() < deadline + patient * (best is None):
        cost, _, told = heapq.heappop(waiting)
        if best is not None and cost > best + FARTHEST:
            return
        if isinstance(told, Guess) and returns(told):
            best = cost if best is None else best
            yield told
        if isinstance(told, Guess) or runs == RUNS:
            continue
        runs += 1
        run = _Run(scenario, hints, told)
        made = run.made()
        if made is not None:
            worse = SQUARE * _is_square(made) + SINGLE * _is_single(made)
            heapq.heappush(waiting, (cost + worse, next(count), made))
        before = dict(told)
        for question, others in run.choices.others.items():
            strange = 0.0 if made or run.is_blamed(question) else STRANGE
            for option in others:
                other = {**before, question: option._replace(cost=option.cost + strange)}
                identity = frozenset((name, repr(chosen.answer)) for name, chosen in other.items())
                if identity not in seen:
                    seen.add(identity)
                    cost = sum(chosen.cost for chosen in other.values())
                    heapq.heappush(waiting, (cost, next(count), other))
            before[question] = run.choices.made[question]
    found = sorted((cost, number, guess) for cost, number, guess in waiting if isinstance(guess, Guess))
    for cost, _, guess in found:  # no time is left to look for likelier ones
        if (best is None or cost <= best + FARTHEST) and returns(guess):
            yield guess


def _is_square(guess: Guess) -> bool:
    """Tell whether an array is square: of a recurrence, or because there is an axis too few elsewhere."""
    return any(len(slot.sizes) > len(set(slot.sizes)) for slot in guess.slots.values() if slot.kind == ARRAY)


def _is_single(guess: Guess) -> bool:
    """Tell whether a size that a function asks for is one."""
    return any(slot.kind == SIZE and ONE in slot.sizes for slot in guess.slots.values())


def _is_strange(guess: Guess, *, of_columns: bool = False) -> bool:
    """Tell whether data are square, or have an axis of length one: what is wrong may look right then.

    The last axis of columns may be one, where nothing can be done with several of them at once.
    """
    arrays = {key: slot.sizes for key, slot in guess.slots.items() if slot.kind in (ARRAY, INTEGERS, LIST)}
    data = [sizes for key, sizes in arrays.items() if naming.DATA.match(key.name) or TARGET.match(key.name)]
    squares = (len(sizes) > len(set(sizes)) for sizes in data)
    others = (sizes for key, sizes in arrays.items() if not BIAS.search(key.name) and not STATE.match(key.name))
    singles = (ONE in (sizes[:-1] if of_columns and len(sizes) > 1 else sizes) for sizes in others)
    return any(squares) or any(singles)


def _sums_over_examples(node: ast.AST) -> bool:
    """Tell whether a function adds up along an axis, or takes the mean: it is made for several examples at once."""
    calls = (part for part in walk(node) if isinstance(part, ast.Call))
    sums = [call for call in calls if getattr(call.func, "attr", "") in ("sum", "mean", "average", "einsum")]
    return any(call.keywords or len(call.args) > 1 for call in sums) or any(not call.args for call in sums)


class _Run:
    """A scenario played with one set of answers, until nothing new is found."""

    def __init__(self, scenario: Scenario, hints: Hints, told: dict[str, Option]) -> None:
        self.scenario, self.usual = scenario, hints.guess
        self.equations = Equations({*self.usual.taken, *range(5)})
        self.hints = hints.begin(self.equations)
        self.choices = Choices(told, self.equations, self.hints)
        self.blamed: frozenset[str] = frozenset()
        """The arguments that went into what is impossible"""
        functions = [scenario.nodes[name] for name in (scenario.forward, scenario.target) if name]
        self.of_columns = not any(map(_sums_over_examples, functions))
        """Whether the functions may be for one example at a time"""

    def is_blamed(self, question: str) -> bool:
        """Tell whether the answer to a question may be why this failed."""
        return not self.blamed or any(name in question for name in self.blamed)

    def made(self) -> Guess | None:
        """Return the arguments that this led to; None if they contradict each other."""
        for _ in range(AGAIN):
            known = len(self.equations.known), len(self.hints.integers)
            self.equations.compared.clear()
            self.equations.beyond.clear()
            self.values = self._values()
            try:
                played = self._played()
                self.equations.stretch()
                wrong = self._misfits(played)
            except (Exception, EnoughError, SystemExit, RecursionError) as error:  # noqa: BLE001 - theirs
                self.error = error
                if (steps := ended(error, self.scenario.world.tree)) is not None:
                    self.equations.compared.append((self.equations.of(steps[0]), self.equations.of(steps[1])))
                if (len(self.equations.known), len(self.hints.integers)) == known and not self._agreed():
                    self.blamed = self.choices.blamed
                    return None
                continue
            if (len(self.equations.known), len(self.hints.integers)) != known:
                continue
            guess = None if wrong else self._guess()
            return None if guess is None or _is_strange(guess, of_columns=self.of_columns) else guess
        return None

    def _agreed(self) -> bool:
        """Let two lengths be one that the program compared before it raised."""
        for one, other in self.equations.compared[-1:]:
            try:
                self.equations.equal(one, other)
            except ContradictionError:
                return False
            return True
        return False

    def _values(self) -> dict[Key, Any]:
        found: dict[Key, Any] = {}
        for key, slot in self.usual.slots.items():
            if slot.kind == VALUE and not (type(slot.value) is int and slot.value == 1):
                found[key] = self.usual.values([key])[key]
            elif slot.kind == SIZE:
                owner = f"{key.owner}:" if key.is_inner else ""
                sizes = [self.equations.unknown(f"{owner}{key}.{place}.size") for place in range(len(slot.sizes))]
                found[key] = tuple(sizes) if slot.value == TUPLE else sizes if len(sizes) != 1 else sizes[0]
            else:
                found[key] = Value(self.choices, spelled(key))
                if spelled(key) in self.hints.integers:
                    found[key].number = values.INTEGER
        return found

    def _played(self) -> Played:
        world, hooks = self.scenario.world, self.scenario.world.hooks
        before = hooks.deadline, set(hooks.used)
        hooks.begin("<shapes>")
        hooks.start(world.names)
        hooks.deadline = time.process_time() + RUN_SECONDS
        try:
            with replaced(world.namespaces(), self.choices):
                return self.scenario.play(self.values)
        finally:
            hooks.begin(None)
            hooks.stop()
            hooks.deadline, hooks.used = before

    def _misfits(self, played: Played) -> int:
        """Let gradients have the shapes of what they belong to, and return how often that is impossible."""
        wrong = 0
        self.wrong: set[str] = set()
        by_name = {key.name: value for key, value in self.values.items() if is_value(value)}
        for name, value in self.scenario.claims(played.returned):
            wrong += name in by_name and not self._fits(by_name[name], value)
        held = getattr(played.instance, "__dict__", {})
        for name, value in held.items():  # self.dW
            for core in naming.cores(name) if is_value(value) else ():
                wrong += is_value(held.get(core)) and not self._fits(held[core], value)
        for misfit in misfits(played, self.scenario):  # a state, say, that a step hands to the next
            own = self.values.get(misfit.key) if misfit.key else None
            wrong += own is None or not is_value(own) or not self._fits(own, np.empty(misfit.shape))
        first = played.returned[0] if isinstance(played.returned, tuple) and played.returned else played.returned
        if self.scenario.returns_number and any(size != 1 for size in values.shape_of(first, self.choices)):
            self.wrong |= values.sources_of(first)
            wrong += 1
        self.blamed = frozenset(self.wrong)
        return wrong

    def _fits(self, own: Value, gradient: Any) -> bool:
        """Let an argument have the shape of its gradient, if both have as many axes longer than one."""
        shape, blamed = values.shape_of(gradient, self.choices), own.sources | values.sources_of(gradient)
        try:
            pairs = list(values.same_rank(own.decide().shape, shape))
            fits = all((int(one) == 1) == (int(other) == 1) for one, other in pairs)
            for one, other in pairs if fits else ():
                self.equations.equal(one, other)
        except ContradictionError:
            fits = False
        self.wrong |= frozenset() if fits else blamed
        return fits

    def _guess(self) -> Guess | None:
        """Return what was found as arguments with numbers."""
        names: dict[str, int] = {}
        slots: dict[Key, Slot] = {}
        fixed: set[str] = set()

        def size_of(length: Any) -> Size:
            terms = self.equations.resolved(dict(getattr(length, "terms", {(): int(length)})))
            for name in sorted({name for term in terms for name in term}):
                names.setdefault(name, len(names) + 1)
            if any(len(term) > 1 for term in terms):
                fixed.update(name for term in terms for name in term)
                return Size((), int(self.equations.length(terms)))
            constant = terms.get((), 0)
            counts = sorted((names[term[0]], count) for term, count in terms.items() if term)
            return ONE if not counts and constant == 1 else Size(tuple(counts), constant)

        for key, slot in self.usual.slots.items():
            value = self.values[key]
            if slot.kind == SIZE:
                sizes = value if isinstance(value, tuple | list) else [value]
                slots[key] = slot._replace(sizes=tuple(map(size_of, sizes)))
            elif not is_value(value):
                slots[key] = slot
            else:
                made = self._slot(key, slot, value, size_of)
                if made is None:
                    return None
                slots[key] = made
        numbers = {number: self.equations.numbers[name] for name, number in names.items()}
        held = frozenset(names[name] for name in fixed)
        return replace(self.usual, slots=slots, numbers=numbers, fixed=held, symbols=self.hints.fewest)

    def _slot(self, key: Key, usual: Slot, value: Value, size_of: Any) -> Slot | None:
        if value.kind == values.SIZE:
            return Slot(SIZE, (size_of(self.equations.unknown(f"{value.name}.size")),))
        if value.kind == values.UNKNOWN:
            if not usual.sizes or (usual.kind == ARRAY and value.fields):
                return None if usual.kind == ARRAY and value.fields else Slot(ARRAY, ())
            lengths = (self.equations.unknown(f"{value.name}.unread.{axis}") for axis in range(len(usual.sizes)))
            return usual._replace(sizes=tuple(map(size_of, lengths)))
        if value.kind == values.SEQUENCE and not value.as_entries():
            return None
        if value.kind != values.ARRAY:
            return None
        sizes = tuple(map(size_of, value.dims))
        if value.number == values.INTEGER or {name.replace("[]", "") for name in self.hints.integers} & {spelled(key)}:
            if not sizes:
                return Slot(VALUE, value=1)
            may_be_list = usual.kind == LIST and len(sizes) == 1 and spelled(key) not in self.hints.arrays
            return Slot(LIST if may_be_list else INTEGERS, sizes)
        if not sizes:
            word = key.name
            usual_value = next(
                (v for p, v in VALUES if re.search(p, word, re.IGNORECASE) and isinstance(v, float)), 0.3
            )
            return Slot(VALUE, value=usual_value)
        return Slot(ARRAY, sizes, value=usual.value if usual.kind == ARRAY else None, hot=usual.hot)
