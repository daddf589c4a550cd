"""The search for arguments with which a scenario can be played: whatever NumPy complains of is mended."""

import ast
import heapq
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise.argument_names import BIAS, TARGET, is_matrix
from crosscheck.recognise.failures import Failure, failure_of
from crosscheck.recognise.filling import alongside, counted, filled, shortened
from crosscheck.recognise.fits import claimed, fitted, misfits
from crosscheck.recognise.guesses import ARRAY, INTEGERS, LIST, SHARES, VALUE, Guess, Key, Slot
from crosscheck.recognise.hooks import EnoughError, Entry
from crosscheck.recognise.leaves import leaves
from crosscheck.recognise.letters import ONE
from crosscheck.recognise.mending import mended
from crosscheck.recognise.naming import DATA
from crosscheck.recognise.reach import Reach
from crosscheck.recognise.scenarios import Played, Scenario
from crosscheck.recognise.slots import hot_axes
from crosscheck.recognise.tracing import traced
from crosscheck.recognise.wiring import Impossible, items_of
from crosscheck.source.older_numpy import wants_single_numbers
from crosscheck.source.walking import walk

CALL_SECONDS = 0.6
TRACE_SECONDS = 0.6
"""For shapes without numbers"""
SHRINKING = 2.0
"""Seconds at the least for smaller sizes, once a call returns"""
TINY = (3, 5, 4, *range(6, 90))
"""Sizes for arrays of three axes and more; no two, which is a factor that a slip may be off by"""
RUNS = (20, 60)
"""Calls in one style, at first and if no style leads anywhere: what needs more of them is misunderstood"""
RUNS_IN_ALL = 200
"""Calls in all styles. A search that leads nowhere ends by them: where the clock ends it, the verdict is by chance"""
PATIENCE = 8
"""Calls more, where all shapes fit but for axes of length one"""


class Solver:
    """The search for the arguments of one scenario."""

    def __init__(self, scenario: Scenario, deadline: float, *, fits: bool = True) -> None:
        self.scenario, self.world, self.deadline = scenario, scenario.world, deadline
        self.fits = fits
        """Whether what is returned is to fit what is handed: a training function returns what it likes"""
        self.last: tuple[Guess, str] | None = None
        """The last guess that could not be played, and what happened"""
        self.is_sure = True
        """Whether it is plain along which axis targets are encoded"""
        self.is_slow = False
        """Whether a call took too long: loops go through pictures, entry by entry"""
        self.is_single = False
        """Whether what was found last is all that there is"""

    def traced(self) -> Iterator[Guess]:
        """Yield arguments in shapes that follow from what the functions do, with which the calls return."""
        last: list[Played] = []

        def returns(guess: Guess) -> bool:
            if not guess.is_light():
                return False
            self.deadline = max(self.deadline, time.process_time() + TRACE_SECONDS)
            played = self.played(guess)
            last[:] = [played] if isinstance(played, Played) else []
            return isinstance(played, Played) and not misfits(played, self.scenario, exactly=True)

        for guess in traced(self.scenario, time.process_time() + TRACE_SECONDS, returns):
            yield self._small(self._shared(guess, last[0]))

    def solutions(self) -> Iterator[Guess]:
        """Yield arguments with which the calls return; what calls alone have shown, if that fits, and nothing else."""
        found, fits = self.searched()
        is_thin = found is not None and _is_thin(found)
        self.is_single = not (is_thin or (found is not None and _is_square(found))) and (fits or not self.fits)
        if not self.is_single:
            yield from self.traced()
            self.is_single = True
        if found is not None and is_thin:
            self.last = found, "returns, but with a single index in place of many: what is wrong may look right then"
        elif found is not None:
            yield found

    def solved(self) -> Guess | None:
        """Return the first of these arguments."""
        return next(self.solutions(), None)

    def searched(self) -> tuple[Guess | None, bool]:
        """Return arguments found by calling again and again, mending what is complained of; and whether they fit."""
        best: tuple[tuple[int, int], Guess] | None = None
        left = RUNS_IN_ALL
        node = self.scenario.nodes[self.scenario.target]
        for limit, root in ((most, root) for most in RUNS for root in self.scenario.guesses()):
            if best is not None and best[0][0] == 0:
                break
            root = counted(root, node)
            root = root if root.is_modest() and not self.is_slow else root.smaller(TINY)  # pictures of four axes
            most = min(limit + len(root.slots), left)
            seen: set[Any] = set()
            waiting, runs = [(0, 0, 0, root)], 0  # what came furthest is mended first, its likeliest mend before others
            while waiting and runs < most and time.process_time() < self.deadline:
                guess = heapq.heappop(waiting)[-1]
                guess = guess if guess.is_modest() else guess.smaller(TINY)  # it has gained an axis
                if guess.identity() in seen or not guess.is_modest():
                    continue
                seen.add(guess.identity())
                runs += 1
                with Reach() as reach:
                    played = self.played(guess)
                if isinstance(played, Failure):
                    if played.line < 0:
                        return None, False
                    if isinstance(played.error, EnoughError) and not self.is_slow:
                        self.is_slow = True
                        self.deadline = max(self.deadline, time.process_time() + 2 * CALL_SECONDS)
                        heapq.heappush(waiting, (-len(reach.lines), -runs, 0, guess.smaller(TINY, in_order=True)))
                        continue
                    following = self._supplied(guess, played) or mended(guess, played, self.scenario.multiples)
                    for place, other in enumerate(following):
                        heapq.heappush(waiting, (-len(reach.lines), -runs, place, other))
                    continue
                wrong = misfits(played, self.scenario, exactly=True) if self.fits else []
                if not wrong and not _has_one_unit(guess):
                    square = self._squared(root, whatever_called=True) if _has_one_place(guess, played) else None
                    if square is not None:
                        return self._small(square), True
                    return self._small(self._shared(self._unsquared(guess), played)), True
                score = len(misfits(played, self.scenario)) + _has_one_unit(guess), len(wrong)
                if best is None or score < best[0]:
                    best = score, guess
                if best[0][0] == 0:  # gradients without axes of length one are usual: a few more calls, and no search
                    most = min(most, runs + PATIENCE)
                following = (other for misfit in wrong for other in fitted(guess, misfit))
                waiting = [(0, -runs, place, other) for place, other in enumerate(following)]
            left -= runs
        if best is not None:
            return self._small(self._unsquared(best[1])), best[0][0] == 0
        square = None if self.last is None else self._squared(self.last[0])
        return (None, False) if square is None else (self._small(square), True)

    def _squared(self, guess: Guess, *, whatever_called: bool = False) -> Guess | None:
        """Return the guess in which a table of data is square, where the calls return only then; None if none does."""
        for key, slot in guess.slots.items():
            *_, first, second = (ONE, ONE, *slot.sizes)
            is_named = whatever_called or DATA.match(key.name)
            is_table = slot.kind == ARRAY and is_named and first.letter is not None
            if not is_table or second.letter is None:
                continue
            square = guess.with_letter(second.letter, first)  # pyright: ignore
            played = self.played(square) if first != second else None
            if isinstance(played, Played) and not (self.fits and misfits(played, self.scenario, exactly=True)):
                return square
        return None

    def _narrowed(self, guess: Guess) -> Guess:
        """Return the guess in which a bias has no length that nothing else has: all but one entry would be idle."""
        expected = self._misfits(guess)
        for key, slot in guess.slots.items() if expected >= 0 else ():
            others = {size for other, own in guess.slots.items() if other != key for size in own.sizes}
            alone = [size.letter for size in slot.sizes if size.letter is not None and size not in others]
            if slot.kind != ARRAY or len(slot.sizes) < 2 or not BIAS.search(key.name):
                continue
            for known in (letter for letter in alone if letter not in guess.fixed):
                other = guess.with_letter(known, ONE)
                guess = other if self._misfits(other) == expected else guess
        return guess

    def _unsquared(self, guess: Guess) -> Guess:
        """Return the guess without sizes that are equal for no reason: a square array hides a transpose."""
        for other in guess.split():
            if time.process_time() > self.deadline:
                break
            played = self.played(other)
            if isinstance(played, Played) and not self._count(played):
                return self._unsquared(other)
        return guess

    def _shared(self, guess: Guess, played: Played) -> Guess:
        """Return the guess in which no parameter has an axis of the data for no reason: a bias is added to all."""
        guess = self._narrowed(guess)
        data = {key for key, slot in guess.slots.items() if slot.kind == INTEGERS or DATA.match(key.name)}
        batch = {size for key in data for size in guess.slots[key].sizes}
        for key in sorted(claimed(played, self.scenario) - data):
            slot = guess.slots[key]
            if slot.kind == ARRAY and len(slot.sizes) == 2 and slot.sizes[0] in batch:
                other = guess.with_slot(key, slot._replace(sizes=slot.sizes[1:]))
                again = self.played(other)
                if isinstance(again, Played) and not misfits(again, self.scenario, exactly=True):
                    return self._shared(other, again)
        return guess

    def _like_outputs(self, guess: Guess) -> Guess:
        """Return the guess in which a target is a table of one row only where an output is one."""
        played = self.played(guess)
        if not isinstance(played, Played):
            return guess
        outputs = {np.shape(value) for _, value in items_of(played.forward) if isinstance(value, np.ndarray)}
        for key, slot in guess.slots.items():
            if slot.kind != ARRAY or not TARGET.match(key.name) or guess.shape(key) in outputs:
                continue
            other = guess.with_slot(key, slot._replace(sizes=tuple(size for size in slot.sizes if size != ONE)))
            if other.shape(key) in outputs and self._misfits(other) == self._count(played):
                guess = other
        return guess

    def _of_one_column(self, guess: Guess) -> Guess:
        """Return the guess in which an output has one column where targets are made one: `out - y.reshape(-1, 1)`."""
        columns = set(made_columns(self.scenario.nodes[self.scenario.target]))
        rows = {guess.shape(key) for key, slot in guess.slots.items() if key.name in columns and len(slot.sizes) == 1}
        played = self.played(guess) if rows else None
        if not isinstance(played, Played):
            return guess
        outputs = [np.shape(value) for _, value in items_of(played.forward) if isinstance(value, np.ndarray)]
        wide = [shape[1] for shape in outputs if len(shape) == 2 and shape[:1] in rows and shape[1] > 1]
        for size in guess.of(wide[-1]) if wide else ():
            if size.letter is not None and size.letter not in guess.fixed:
                other = guess.with_letter(size.letter, ONE)
                if self._misfits(other) == self._count(played):
                    return other
        return guess

    def _of_shares(self, guess: Guess) -> Guess:
        """Return the guess in which targets are between zero and one where an output of their shape is."""
        named = {
            k for k, slot in guess.slots.items() if TARGET.match(k.name) and (slot.kind, slot.value) == (ARRAY, None)
        }
        named = {k for k in named if guess.slots[k].hot is None or np.prod(guess.shape(k)) == 1}
        played = self.played(guess) if named else None
        if not isinstance(played, Played):
            return guess
        arrays = [value for _, value in items_of(played.forward) if isinstance(value, np.ndarray)]
        shares = {value.shape for value in arrays if value.size and ((value > 0) & (value < 1)).all()}
        for key in (key for key in named if guess.shape(key) in shares):
            guess = guess.with_slot(key, guess.slots[key]._replace(value=SHARES, hot=None))
        return guess

    def _small(self, guess: Guess) -> Guess:
        """Return the guess with small sizes, and with the ones of its targets where the classes are."""
        self.deadline = max(self.deadline, time.process_time() + SHRINKING)  # or each call is judged for minutes
        guess = self._of_one_column(self._like_outputs(guess))
        expected = self._misfits(guess)
        if expected >= 0 and self.scenario.forward:
            forward = self.scenario.forward
            guess = filled(guess, forward, lambda other: self._misfits(other) == expected, self._tried)
        if expected >= 0:
            node = self.scenario.nodes[self.scenario.target]
            guess = counted(guess, node, lambda other: self._misfits(other) == expected)
            guess = shortened(guess, lambda other: self._misfits(other) == expected, self._tried)
            guess = alongside(guess, lambda other: self._misfits(other) == expected)
        turned, self.is_sure = hot_axes(guess)
        turned = self._of_shares(turned)
        is_deep = any(len(slot.sizes) > 2 for slot in turned.slots.values())
        choices = [turned.smaller(TINY), turned.smaller(range(3, 90), in_order=True)] if is_deep else []
        choices = [turned.alike()] if self.world.plan.made_alike else choices
        for other in (*choices, turned.smaller(), turned.smaller(range(6, 90, 2)), turned):
            played = self.played(other)
            if isinstance(played, Played) and self._count(played) == expected:
                return other
        return guess

    def _misfits(self, guess: Guess) -> int:
        played = self.played(guess)
        return self._count(played) if isinstance(played, Played) else -1

    def _count(self, played: Played) -> int:
        return len(misfits(played, self.scenario)) if self.fits else 0

    def played(self, guess: Guess) -> Played | Failure:
        """Play the scenario off the record."""
        values = guess.values()
        found = self._tried(values)
        if isinstance(found, Failure):
            if wants_single_numbers(str(found.error)):
                self.world.wants_numbers.add(self.scenario.target)
            happened = "cannot be called" if found.line < 0 else f"raises {type(found.error).__name__}"
            self.last = guess, f"{happened}: {found.error}"
        elif _is_empty(found) and not any(np.size(value) == 0 for value in values.values()):
            self.last = guess, "returns an array without entries"
            return Failure(ValueError("zero-size array"), 0, None, [], [])
        elif self.fits and not _is_finite(found):  # what trains may diverge at a rate that was made up
            self.last = guess, "returns what is no number"
            return Failure(ArithmeticError("nan"), 0, None, [], [])
        return found

    def _tried(self, values: Mapping[Key, Any]) -> Played | Failure:
        hooks = self.world.hooks
        hooks.begin(None)
        hooks.entries, hooks.watched = {}, frozenset()
        hooks.deadline = min(self.deadline, time.process_time() + CALL_SECONDS)
        hooks.start(self.world.names, patient=True)
        own = self.world.names.setdefault("zip", _zipping(values.values()))
        try:
            return self.scenario.play(values)
        except Impossible as error:
            return Failure(error, -1, None, [], [])
        except (Exception, EnoughError, SystemExit, RecursionError) as error:  # noqa: BLE001 - theirs
            return failure_of(error, self.world.tree, values)
        finally:
            hooks.stop()
            if self.world.names.get("zip") is own and getattr(own, "complains", False):
                del self.world.names["zip"]

    def _supplied(self, guess: Guess, failure: Failure) -> list[Guess]:
        """Make up a global name that is missing, if it says what it means: a size, or a weight."""
        name = getattr(failure.error, "name", None) if isinstance(failure.error, NameError) else None
        if not name or any(key.argument == name and not key.owner for key in guess.slots):
            return []
        if self.world._supplied(failure.error):
            return [replace(guess, slots={**guess.slots, Key("", name): Slot(VALUE, value=self.world.names[name])})]
        return []

    def recorded(self, guess: Guess) -> tuple[Played, dict[str, list[Entry]]]:
        """Play the scenario on the record, and return what was recorded. Raises what it raises."""
        hooks = self.world.hooks
        hooks.begin(None)
        hooks.entries, hooks.watched = {}, None
        hooks.deadline = time.process_time() + CALL_SECONDS * 2
        hooks.start(self.world.names, patient=True)
        try:
            played = self.scenario.play(guess.values())
        finally:
            hooks.stop()
        finished = {name: [e for e in known if e.finished] for name, known in hooks.entries.items()}
        return played, {
            name: known for name, known in finished.items() if known
        }  # a generator never tells that it is done


def made_columns(node: ast.AST) -> Iterator[str]:
    """Yield the names of rows that are made columns.

    >>> list(made_columns(ast.parse("d = p - y.reshape(-1, 1); e = q - t[:, None]; z.reshape(3, -1)")))
    ['y', 't']
    """
    for part in walk(node):
        match part:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="reshape"), args=[one, two]):
                if (ast.unparse(one), ast.unparse(two)) == ("-1", "1"):
                    yield name
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Tuple(elts=[ast.Slice(), new])):
                if ast.unparse(new) in ("None", "np.newaxis"):
                    yield name


def _zipping(values: Iterable[Any]) -> Callable[..., Any]:
    """Return `zip` as it complains of lists whose lengths were made up apart, and which it would cut to the shorter.

    Rows that end in a label are one longer than what they are gone through beside, and cut to that.
    """
    values = list(values)
    sizes = {value for value in values if type(value) is int}
    sizes |= {size for value in values if isinstance(value, np.ndarray | list) for size in _shape(value)}
    end_in_labels = any(isinstance(value, list) and _ends_in_label(value) for value in values)

    def zipped(*parts: Any, strict: bool = False) -> Any:
        lengths = sorted({len(part) for part in parts if isinstance(part, list | np.ndarray)} - {1})
        if len(lengths) == 2 and sizes & set(lengths) and (sizes >= set(lengths) or lengths[1] - lengths[0] > 1):
            one, two = lengths  # a list beside what follows in it is one longer
            if end_in_labels and two - one == 1:
                return zip(*parts, strict=strict)
            raise ValueError(f"shapes ({one},) and ({two},) not aligned: {one} (dim 0) != {two} (dim 0)")
        return zip(*parts, strict=strict)

    zipped.complains = True  # pyright: ignore[reportFunctionMemberAccess]
    return zipped


def _ends_in_label(rows: list[Any]) -> bool:
    row = rows[0] if rows else None
    return isinstance(row, list) and len(row) > 1 and type(row[0]) is float and type(row[-1]) is int


def _shape(value: np.ndarray | list[Any]) -> tuple[int, ...]:
    """Return the lengths of an array, or of a list, with that of its rows where they are of one."""
    if isinstance(value, np.ndarray):
        return value.shape
    rows = {len(row) if isinstance(row, list) else 0 for row in value}
    return (len(value), *(rows - {0} if len(rows) == 1 else ()))


def _has_one_unit(guess: Guess) -> bool:
    """Tell whether a matrix of weights is a single number: of one unit no gradient tells a transpose, or an order."""
    shapes = (guess.shape(key) for key, slot in guess.slots.items() if slot.kind == ARRAY and is_matrix(key.name))
    return any(shape == (1, 1) for shape in shapes)


def _has_one_place(guess: Guess, played: Played) -> bool:
    """Tell whether an output has a single place because a square picture is as small as what moves over it."""
    first = played.forward[0] if isinstance(played.forward, tuple) and played.forward else played.forward
    pictures = (guess.shape(key) for key, slot in guess.slots.items() if slot.kind == ARRAY and len(slot.sizes) > 1)
    is_square = any(shape[-1] == shape[-2] > 1 for shape in pictures)
    return is_square and isinstance(first, np.ndarray) and first.ndim > 1 and first.shape.count(1) > 1


def _is_thin(guess: Guess) -> bool:
    """Tell whether there is only one index where there may be many: a sequence of one step hides what time does."""
    indices = (key for key, slot in guess.slots.items() if slot.kind in (INTEGERS, LIST))
    return any(1 in guess.shape(key) and not TARGET.match(key.name) for key in indices)  # one label may be all


def _is_square(guess: Guess) -> bool:
    """Tell whether indices have two axes of one length: mostly one of them belongs to what has no other index."""
    shapes = (guess.shape(key) for key, slot in guess.slots.items() if slot.kind == INTEGERS)
    return any(len(shape) > len(set(shape)) for shape in shapes)


def _is_empty(played: Played) -> bool:
    """Tell whether an output, or the only one, has no entries: a kernel is longer than what it moves over."""
    first = played.forward[0] if isinstance(played.forward, tuple) and played.forward else played.forward
    return isinstance(first, np.ndarray) and first.size == 0


def _is_finite(played: Played) -> bool:
    found = leaves({"returned": played.returned, "forward": played.forward})
    return all(np.isfinite(leaf.value).all() for leaf in found if np.asarray(leaf.value).dtype.kind == "f")
