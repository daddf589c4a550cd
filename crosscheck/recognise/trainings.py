"""Training functions that nothing calls: called with data in the layouts that people use, and judged by one turn.

Which layout is meant shows in the turn: gradients have the shapes of their parameters, and some are derivatives of a
loss. Where no layout leads there, the function is left alone.
"""

import ast
import re
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from crosscheck.recognise import calls, loops
from crosscheck.recognise.argument_names import is_weight
from crosscheck.recognise.backward_passes import words_called
from crosscheck.recognise.defaults import required
from crosscheck.recognise.findings import STUMBLES
from crosscheck.recognise.guesses import ARRAY, INTEGERS, VALUE, Guess, Slot
from crosscheck.recognise.handing import passed_on
from crosscheck.recognise.hooks import EnoughError, Entry, fullest
from crosscheck.recognise.idle_calls import longer
from crosscheck.recognise.learning import steps_by_errors
from crosscheck.recognise.letters import ONE, Size
from crosscheck.recognise.loss_forms import Scaled
from crosscheck.recognise.places import Place
from crosscheck.recognise.scenarios import Scenario
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.recognise.solving import Solver
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.value_compositions import composed
from crosscheck.recognise.value_pairs import value_pairs
from crosscheck.recognise.world import World
from crosscheck.source import Document

SECONDS = 6.0
"""Of the processor, for one function"""
SEARCH_SECONDS = 0.8
DATA = re.compile(
    r"^(?:x|xs|data|inputs?|features?|a|design|samples|patterns)(?:_?(?:train|val|valid|test|batch|\d))?$", re.I
)
TARGET = re.compile(
    r"^(?:y|ys|t|ts|d|targets?|labels?|outputs?|expected|truth|y_?true)(?:_?(?:train|val|valid|test|batch|\d))?$", re.I
)
THETA = re.compile(r"^(?:theta|beta|coefs?|coefficients|params?|weights?)$", re.I)


NO_LOSS = "no loss was found that the steps it takes could be held against"
SYMBOLS = 3
"""Classes of labels: fewer than there are examples, so that one of them occurs twice"""


class Layout(NamedTuple):
    """How data, targets and weights lie: each axis an example, a feature, a class, or one."""

    data: str
    target: str
    weights: str
    symbols: bool = False


LAYOUTS = (
    Layout("nd", "n", "d"),
    Layout("nd", "n1", "d1"),
    Layout("nd", "n", "dk", symbols=True),
    Layout("nd", "nk", "dk"),
    Layout("dn", "1n", "d1"),
    Layout("dn", "kn", "kd"),
)


class _Laid(Scenario):
    """A scenario that starts from one guess."""

    root: Guess | None = None

    def guesses(self) -> Iterator[Guess]:
        """Yield it."""
        if self.root is None:
            yield from super().guesses()
        else:
            yield self.root


def train(document: Document, world: World, nodes: Mapping[str, ast.FunctionDef], name: str, deadline: float) -> str:
    """Call a training function so that a turn of it can be judged, and record the call; or say why not."""
    hooks = world.hooks
    before = hooks.entries, hooks.watched, hooks.deadline, hooks.clips
    names, until = dict(world.names), min(deadline, time.process_time() + SECONDS)
    best: tuple[Score, dict[str, list[Entry]], Guess] | None = None
    reasons = ["no arguments were found with which it runs"]
    hooks.clips = False
    try:
        scenario = _Laid(world, nodes, name)
        for solver, solved in _solved(scenario, until, reasons):
            try:
                _, entries = solver.recorded(solved)
                if (other := longer(solved, entries, name, nodes)) is not None:
                    solved = other
                    _, entries = solver.recorded(solved)
                hooks.begin(None)
                score = _score(document, world, entries, nodes)
            except (Exception, EnoughError, SystemExit) as error:  # noqa: BLE001 - theirs
                reasons.append(f"it raises {type(error).__name__}: {error}")
                continue
            is_theirs = not required(nodes[name])  # all that it is called with is written in the file
            if score is None and best is None and (is_theirs or _are_composed(document.tree, nodes, entries)):
                best = Score(False, False, 0.0), entries, solved
            elif score is None:
                reasons.append(NO_LOSS)
            elif best is None or score > best[0]:
                best = score, entries, solved
                if score.is_right and score.share == 1.0:
                    break
    finally:
        hooks.begin(None)
        hooks.stop()
        hooks.entries, hooks.watched, hooks.deadline, hooks.clips = before
        if best is None:
            world.names.clear()
            world.names.update(names)
    if best is None:
        why = NO_LOSS if NO_LOSS in reasons else reasons[min(1, len(reasons) - 1)]
        return f"{_no_call(name, document.tree)}, and called with made-up arguments, {why}"
    for function, made in best[1].items():
        known = [entry for entry in hooks.entries.get(function, ()) if entry.finished]
        hooks.entries[function] = known + made
    world.missing[name] = f"{name} was called{best[2].made_up()}, because {_no_call(name, document.tree)}"
    return ""


def _no_call(name: str, tree: ast.Module) -> str:
    """Say why a function has to be called with made-up arguments."""
    is_called = name.rpartition(".")[2] in words_called(tree)
    return STUMBLES if is_called else "nothing in the file calls it"


class Score(NamedTuple):
    """How well a call is understood: the greater, the better."""

    is_right: bool
    """Whether some gradient is right"""
    is_stated: bool
    """By a loss that the program computes: one that fits better was made up for these very arguments"""
    share: float
    """Of the gradients that are right"""


def _solved(scenario: _Laid, until: float, reasons: list[str]) -> Iterator[tuple[Solver, Guess]]:
    """Yield arguments with which a function runs; those of one feature or one output only where no others are found.

    Why it does not run with others is added to the `reasons`.
    """
    single: list[tuple[Solver, Guess]] = []
    is_single = True
    for guess in _laid_out(scenario):
        if time.process_time() > until:
            break
        scenario.root = guess
        solver = Solver(scenario, min(until, time.process_time() + SEARCH_SECONDS), fits=False)
        try:
            solved = solver.solved()
        except Exception as error:  # noqa: BLE001 - theirs: objects that cannot be copied, compared or shown
            reasons.append(f"it was not understood: {error}")
            continue
        if solved is None:
            reasons += [f"it {solver.last[1]}"] if solver.last else []
        elif _is_single(solved, guess):
            single += [(solver, solved)] if _is_of_one_column(solved, guess) else []
        else:
            is_single = False
            yield solver, solved
    yield from single[:1] if is_single else ()


def _score(
    document: Document, world: World, entries: Mapping[str, list[Entry]], functions: Mapping[str, ast.FunctionDef]
) -> Score | None:
    """Return how much of a turn is right, in whatever loop a unit is found first; None if there is none.

    Where no loop is one, what it calls may be: a method that makes the step of one example.
    """
    nodes = loops.loops_of(document.tree, world.tree)
    turns = sorted(entries.keys() & nodes.keys(), key=lambda name: -nodes[name].lineno)
    steps = [name for name in entries if name in functions and steps_by_errors(functions[name])]
    for name in (*turns, *steps):
        entry = fullest(entries[name])
        try:
            if name in nodes:
                unit = calls.unit_of_loop(document, world, entry, nodes[name])
            else:
                unit = calls.unit_of(document, world, entry, functions[name])
            if unit is None or not _has_shapes(unit):
                continue
            right = [name for name, claims in slopes(unit).items() if is_right(claims)]
        except Exception:  # noqa: BLE001, S112 - theirs: the recognition says so, too, once it comes here
            continue
        is_stated = isinstance(unit.subject.loss, Place | Scaled)
        if right or is_stated:
            return Score(bool(right), is_stated, len(right) / len(unit.names))
    return None


def _are_composed(tree: ast.Module, nodes: Mapping[str, ast.FunctionDef], entries: Collection[str]) -> bool:
    """Tell whether functions were called that are judged together with what computes their arguments."""
    pairs = (pair for found in value_pairs(nodes) for pair in found if pair.gradient in entries)
    return any(True for pair in pairs for _ in composed(pair, tree, nodes))


def _is_of_one_column(solved: Guess, laid: Guess) -> bool:
    """Tell whether tables had to be of one column, each of many rows: one example, or one step, shows less."""
    shapes = [solved.shape(key) for key, slot in laid.slots.items() if key in solved.slots and slot.kind == ARRAY]
    return all(1 not in shape[:-1] and (len(shape) > 1 or shape != (1,)) for shape in shapes)


def _is_single(solved: Guess, laid: Guess) -> bool:
    """Tell whether data had to be of one example or one feature for a function to run: that is not what is meant."""
    return any(
        1 not in laid.shape(key) and 1 in solved.shape(key)
        for key, slot in laid.slots.items()
        if key in solved.slots and slot.kind == ARRAY
    )


def _has_shapes(unit: Unit) -> bool:
    """Tell whether all gradients have the shapes of their parameters, but for axes of length one."""
    parameters, data = unit.cases.build(unit.cases.draw(0, 0)).arguments
    gradients = unit.subject(parameters, data).gradients
    return all(np.size(gradients[name]) == value.size for name, value in parameters.items())


def _laid_out(scenario: _Laid) -> Iterator[Guess]:
    """Yield first guesses in the usual layouts, then those that are made elsewhere."""
    usual = [guess for made in scenario.guesses() for guess in _by_single_symbols(made)]
    uses = passed_on(scenario.nodes[scenario.target], scenario.nodes)
    seen = set()
    for layout in LAYOUTS:
        guess = usual[0]
        sizes, numbers = guess.fresh(3)
        letters: dict[str, Size] = {"n": sizes[0], "d": sizes[1], "k": sizes[2], "1": ONE}
        guess = replace(guess, numbers=numbers, symbols=SYMBOLS if layout.symbols else guess.symbols)
        for key, slot in guess.slots.items():
            if key.entry or key.owner != scenario.target:
                continue
            axes = (
                layout.data
                if DATA.match(key.name)
                else layout.target
                if TARGET.match(key.name)
                else layout.weights
                if (is_weight(key.name) or THETA.match(key.name)) and slot.kind == ARRAY and len(slot.sizes) != 1
                else ""
            )
            if axes and uses.ranks.get(key.argument, len(axes)) == len(axes):
                is_symbol = layout.symbols and axes == layout.target
                hot = axes.index("k") if axes == layout.target and "k" in axes else slot.hot
                made = Slot(INTEGERS if is_symbol else ARRAY, tuple(letters[axis] for axis in axes), hot=hot)
                guess = guess.with_slot(key, made)
            elif (
                slot.kind == ARRAY
                and key.argument not in uses.arrays | uses.iterated | uses.ranks.keys() | uses.least.keys()
            ):
                guess = guess.with_slot(key, Slot(VALUE, value=0.3))
        if guess.identity() not in seen:
            seen.add(guess.identity())
            yield guess
    yield from usual[:2]


def _by_single_symbols(guess: Guess) -> Iterator[Guess]:
    """Yield a guess, and before it one in which entries of a list of tuples are symbols where they are lists of these.

    `for word, context in pairs: x[word] = 1` bears both.
    """
    single = {
        key: slot._replace(sizes=slot.sizes[:1])
        for key, slot in guess.slots.items()
        if key.is_paired and slot.kind == INTEGERS and len(slot.sizes) == 2
    }
    if single:
        yield replace(guess, slots={**guess.slots, **single})
    yield guess
