"""Arguments for two functions that nothing calls: a matrix of data, vectors and single numbers, where those fit."""

import ast
import itertools
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise.argument_names import COUNT, TARGET
from crosscheck.recognise.equal_sizes import equal
from crosscheck.recognise.guesses import ARRAY, VALUE, Guess, Key, Slot
from crosscheck.recognise.handing import passed_on
from crosscheck.recognise.hooks import EnoughError, Entry
from crosscheck.recognise.letters import Size
from crosscheck.recognise.places import Place, claims
from crosscheck.recognise.roles import is_number
from crosscheck.recognise.scenarios import Scenario
from crosscheck.recognise.solving import Solver
from crosscheck.recognise.unit import Doubtful
from crosscheck.recognise.value_pairs import DATA, PREDICTED, STRENGTH, ValuePair
from crosscheck.recognise.value_places import Minus
from crosscheck.recognise.value_readings import Reading, are_numbers_by_order, reading_of
from crosscheck.recognise.world import World
from crosscheck.source.walking import walk

SECONDS = 1.5
"""Of the processor, for the arguments of one pair"""
NO_SHAPE = "it returns no gradient in the shape of one argument that it must belong to"
SINGLE = 0.7
"""A number that is made up for what nothing shows to be an array"""


class _Variants(Scenario):
    """A scenario that starts from the guesses that it is told."""

    roots: Sequence[Guess] = ()
    gradient: str = ""
    returns_number = True

    def claims(self, returned: Any) -> Iterator[tuple[str, Any]]:
        """Yield the gradients that the second function returned, by the names of what they belong to."""
        return claims(self.nodes[self.gradient], returned[1])

    def guesses(self) -> Iterator[Guess]:
        """Yield them."""
        yield from self.roots or super().guesses()


SHAPES: tuple[tuple[int, int, int], ...] = ((2, 1, 1), (1, 1, 2), (1, 1, 1), (2, 2, 2))
"""Axes of data, of other arguments, and of those with a capital"""


def made_up(
    world: World, pair: ValuePair, nodes: Mapping[str, ast.FunctionDef], deadline: float
) -> tuple[Entry, Reading, tuple[str, ...]]:
    """Return a call with arguments that were made up, and what it means. Raises Doubtful."""
    hooks = world.hooks
    before = hooks.entries, hooks.watched, hooks.deadline, hooks.clips
    names, reasons = dict(world.names), []
    best: tuple[Entry, Reading, tuple[str, ...]] | None = None
    hooks.clips = False
    try:
        scenario = _Variants(world, nodes, pair.name)
        scenario.gradient = pair.gradient
        until = min(deadline, time.process_time() + SECONDS)
        for solver, guess in _solved(scenario, pair, until):
            if guess is None:
                reasons.append(solver.last[1] if solver.last else "it was not tried")
                continue
            for other in _mended(guess, scenario, solver):
                try:
                    _, entries = solver.recorded(other)
                    entry = entries[pair.name][-1]
                    reading = reading_of(world, entry, pair, nodes)
                except (Exception, EnoughError, SystemExit) as error:  # noqa: BLE001 - theirs
                    reasons.append(f"it raises {type(error).__name__}: {error}")
                    continue
                if reading is None:
                    reasons.append(NO_SHAPE)
                    continue
                told = ", ".join(f"{name} {what}" for name, what in other.told().items())
                stated = f"{pair.value} and {pair.gradient} were called with made-up {told}, because nothing calls them"
                if best is None or _overrules((entry, reading), (best[0], best[1])):
                    best = entry, reading, (stated,)
                break
            if best is not None and isinstance(best[1].loss, Place) and len(best[1].exact) == len(best[1].gradients):
                break
    finally:
        hooks.begin(None)
        hooks.stop()
        hooks.entries, hooks.watched, hooks.deadline, hooks.clips = before
        if best is None:
            world.names.clear()
            world.names.update(names)
    if best is None:
        reason = NO_SHAPE if NO_SHAPE in reasons else reasons[0] if reasons else "no time was left to find arguments"
        raise Doubtful(f"with {pair.value} as its value, {reason}")
    return best


def _solved(scenario: _Variants, pair: ValuePair, until: float) -> Iterator[tuple[Solver, Guess | None]]:
    """Yield arguments with which both functions return, and what found them; None where a search found none."""
    for root in _varied(scenario, pair):
        if time.process_time() > until:
            break
        scenario.roots = [root]
        solver = Solver(scenario, until)
        yield solver, solver.searched()[0]
    scenario.roots = ()
    solver = Solver(scenario, until)
    yield from ((solver, guess) for guess in solver.traced())


def _overrules(one: tuple[Entry, Reading], first: tuple[Entry, Reading]) -> bool:
    """Tell whether arguments are to be believed before others that are likelier: those of one number, those that agree.

    Agreement with fewer axes does not count: it may be a branch for a single example.
    """
    axes = [sum(map(np.ndim, entry.arguments.values())) for entry, _ in (one, first)]
    numbers = [isinstance(reading.loss, Place | Minus) for _, reading in (one, first)]
    right = [len(reading.exact) for _, reading in (one, first)]
    is_single = any(
        np.ndim(value) < np.ndim(first[0].arguments.get(name, value))
        for name, value in one[0].arguments.items()
        if DATA.match(name)
    )
    return axes[0] >= axes[1] and not is_single and (numbers[0], right[0]) > (numbers[1], right[1])


def _varied(scenario: _Variants, pair: ValuePair) -> Iterator[Guess]:
    """Yield first guesses: a matrix of data, vectors and single numbers at first, at last what is usual elsewhere."""
    usual = list(scenario.guesses())
    if pair.of or are_numbers_by_order(scenario.nodes[pair.gradient]):  # numbers first: `f(x, y)` of a curve
        singles = usual[0]
        for place, key in enumerate(singles.slots):
            singles = singles.with_slot(key, Slot(VALUE, value=SINGLE + 0.2 * place))
        yield singles
    if (together := _together(usual[0])) is not None:
        yield together
    uses = passed_on(scenario.nodes[pair.name], scenario.nodes)
    arrays = uses.arrays | uses.iterated | uses.ranks.keys() | uses.least.keys()
    kept = _kept(scenario.nodes, pair)
    arrays |= {name for name, is_array in kept.items() if is_array}
    for (data, others, capitals), has_singles in itertools.product(SHAPES, (True, False)):
        guess = usual[0]
        for key, slot in guess.slots.items():
            is_kept = key.owner != pair.name and key.argument in kept and not COUNT.match(key.argument)
            if (slot.kind != ARRAY and not is_kept) or key.entry or key.argument in uses.ranks:
                continue
            is_data = bool(DATA.match(key.name))
            is_told = is_data or TARGET.match(key.name) or PREDICTED.search(key.name)
            is_bare = key.argument not in arrays and not is_told
            if is_bare and (has_singles or STRENGTH.search(key.name)):
                guess = guess.with_slot(key, Slot(VALUE, value=SINGLE))
                continue
            guess = guess.with_slot(key, Slot(ARRAY, hot=slot.hot)) if slot.kind != ARRAY else guess
            rank = data if is_data else capitals if key.name[:1].isupper() and data < capitals else others
            guess = guess.with_rank(key, max(rank, uses.least.get(key.argument, 0)))
        yield guess
    yield from usual


def _together(guess: Guess) -> Guess | None:
    """Return the guess with a vector for each argument whose parts are all made up apart: `x, y = point`."""
    parts: dict[Key, int] = {}
    for key in guess.slots:
        if key.entry:
            whole = Key(key.owner, key.argument)
            parts[whole] = parts.get(whole, 0) + 1
    if not parts:
        return None
    slots = {key: slot for key, slot in guess.slots.items() if not key.entry}
    vectors = {key: Slot(ARRAY, (Size((), count),)) for key, count in parts.items()}
    return replace(guess, slots={**slots, **vectors})


def _kept(nodes: Mapping[str, ast.FunctionDef], pair: ValuePair) -> dict[str, bool]:
    """Return the arguments of a constructor that its object keeps, and whether the two methods use them as arrays."""
    maker = nodes.get(f"{pair.value.rpartition('.')[0]}.__init__")
    if maker is None or "." not in pair.value:
        return {}
    text = " ".join(ast.unparse(nodes[name]) for name in (pair.value, pair.gradient))
    found = {}
    for statement in (part for part in walk(maker) if isinstance(part, ast.Assign)):
        for argument in (part.id for part in walk(statement.value) if isinstance(part, ast.Name)):
            for target in statement.targets:
                held = re.escape(ast.unparse(target))
                found[argument] = bool(
                    re.search(rf"{held}(?:\.T|\.dot|\.shape|\.sum|\[| @)|(?:@ |len\(|dot\(){held}", text)
                )
    return found


def _mended(guess: Guess, scenario: _Variants, solver: Solver) -> Iterator[Guess]:
    """Yield a guess, and those in which a vector is as long as the gradient that is returned: f(x) of x[0] and x[1]."""
    yield guess
    played = solver.played(guess)
    returned = getattr(played, "returned", None)
    gradient = returned[1] if isinstance(returned, tuple) else None
    is_plain = isinstance(gradient, list) and all(map(is_number, gradient))
    shape = np.shape(gradient) if isinstance(gradient, np.ndarray) or is_plain else ()  # pyright: ignore
    if len(shape) != 1:
        return
    for key in guess.slots:
        held = guess.shape(key)
        if len(held) == 1 and held != shape and key.owner == scenario.target:
            sizes = guess.slots[key].sizes
            if sizes[0].letter is not None:
                yield guess.with_number(sizes[0].letter, shape[0])
            yield from equal(guess, held[0], shape[0])
