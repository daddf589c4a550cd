"""What an instrumented module reports to: entries, returns, and whether a loop may go on."""

import itertools
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crosscheck.recognise.constancy import Constants
from crosscheck.recognise.copying import as_arrays, copied, with_numbers_as_arrays
from crosscheck.recognise.hinges import AGAINST, SIGN
from crosscheck.recognise.kept import Kept
from crosscheck.recognise.kinds import OtherKinds
from crosscheck.recognise.leaves import Path, leaves
from crosscheck.recognise.listed import as_listed
from crosscheck.recognise.naming import looks_like_gradient
from crosscheck.recognise.turning import TURNS, most_turns, trains_long

CALLS = 3
"""Calls of one function that are remembered: the first may start from a zero state"""
LONGER = 6
"""The same with calls that are handed longer sequences than those before"""
TRIED = 12
"""Turns of a loop, beyond the first few, of which one may be remembered because other loops turn more often in it"""
OBJECTS = 8
"""Objects of which a call is remembered, beyond that, if it is the first of theirs"""
ENDLESS = 200_000
"""Turns of a while loop during a call that is judged"""
PICTURES, MOST_NUMBERS = 4, 100_000
"""Axes of a batch of pictures with channels; and its numbers, of which nobody makes more to try a layer"""
FORGOTTEN = -1
LONGEST, SOME_TURNS = 4.0, 50
"""Seconds of the processor after which such a loop ends as well, once it has turned that often"""
LONGEST_TRAINING = 1.5
"""Seconds after which a replayed training ends while units are looked for: nobody judges one as a whole"""


SCALARS = (float, np.floating, complex, np.complexfloating)
"""What a loss may be, also where it carries a derivative"""


NEAREST = 3
"""How far from the name of an object the arrays lie that a call leaves there: `self.activation.output`"""


class EnoughError(BaseException):
    """The module has run for as long as it may."""


@dataclass
class Entry:
    """One call of a function of the module, as it was when the call began."""

    function: str
    arguments: dict[str, Any]
    """Copies, made together with `names`, so that what was shared is shared"""
    names: dict[str, Any]
    """The module's globals"""
    ids: dict[str, int]
    """Which objects the arguments were, for wiring one call's results to another's arguments"""
    kept: list[Any] = field(default_factory=list)
    """The objects themselves: an id may be used again"""
    returned: Any = None
    finished: bool = False
    order: int = 0
    turns: int = 0
    """Of the turn of a loop: how many turns other loops made in it"""
    moves: bool = True
    """Of the turn of a loop: whether it changed arrays in their place, as far as is known: it may pass over all"""
    memo: dict[int, Any] = field(default_factory=dict)
    """From the ids of the originals to their copies"""
    left: dict[int, Path] = field(default_factory=dict)
    """The arrays that its objects held when it ended, by their ids, and where: what a method keeps it may hand on"""
    latest: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """The last call of each function of each object before it, by its order; `FORGOTTEN` if that is not remembered"""

    def follows(self, other: "Entry") -> bool:
        """Tell whether another call is the last of its function, and of its object, before this one."""
        return self.latest.get((other.function, other.ids.get("self", 0))) == other.order


def _is_scalar(value: Any) -> bool:
    return isinstance(value, SCALARS) or (
        isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "fc"
    )


class Hooks:
    """The object that an instrumented module calls `__crosscheck__`."""

    def __init__(self, seconds: float) -> None:
        self.clips = True
        self.met_clip = False
        """Whether somebody has asked if clips take place"""
        self.entries: dict[str, list[Entry]] = {}
        self.others = OtherKinds()
        """Calls of kinds that are not among these"""
        self.watched: frozenset[str] | None = None
        """The functions whose calls are remembered: all of them where None"""
        self.parameters: frozenset[str] = frozenset()
        """Names of parameters that may be single numbers"""
        self.containers: frozenset[str] = frozenset()
        """Names of lists and tuples of parameters, some of which may be single numbers"""
        self.passing: frozenset[str] = frozenset()
        """The lines of loops that may pass over what they do (crosscheck.recognise.turning)"""
        self.moved: frozenset[str] | None = None
        """Names of lists that are moved entry by entry, where lists of numbers are seen as arrays at all"""
        self.globals: dict[str, Any] = {}
        self.recording = False
        self.patient = False
        """Whether a call with made-up arguments is made: loops go through all of those"""
        self.deadline = time.process_time() + seconds
        self.target: str | None = None
        """The function whose local variables are kept when it returns, while one call is replayed"""
        self.left: list[tuple[Any, dict[str, Any]]] = []
        self.used: set[str] = set()
        """The functions that replayed calls went through"""
        self.scalars: dict[str, Any] = {}
        """Numbers that other functions returned during the replayed call: a loss that nobody kept"""
        self.observer: Any = None
        """Who is told of turns and of what inner functions return while one call is replayed (watching.py)"""
        self.probe: Any = None
        """Who is asked for the values that pass by in marked code (crosscheck/repair/adjoints)"""
        self.spoilt = ""
        """The function of which all results are wrong while one call is replayed, to see what is made of them"""
        self.has_spoilt = False
        self.kept: Mapping[str, Kept] = {}
        """Methods that return nothing, and where each keeps its result"""
        self.constants = Constants()
        """What is said to be constant, and is held so where that is asked for"""
        self.endless: set[str] | None = None
        """While units are looked for, the functions of which a call did not end: they are called no more"""
        self._depth = 0
        self._began: float | None = None
        """When a while loop of the replayed call first turned"""
        self._compared: list[Any] = []
        """What is being compared with another value"""
        self._entered = 0
        self.trained: set[str] = set()
        """Functions with loops of very many turns that were cut short"""
        self._open: dict[str, list[Entry | None]] = {}
        self._counter = itertools.count()
        self._latest: dict[tuple[str, int], int] = {}
        self._turned: dict[str, tuple[Entry, int, list[np.ndarray]]] = {}
        """The last turn of each loop that is remembered, how many turns there were when it began, and its arrays"""
        self._turns = 0
        self._tried: dict[str, int] = {}
        """How many turns of a loop were remembered until it was seen how long they are"""
        self._whiles: dict[int, int] = {}
        self._marks: dict[int, int] = {}
        self._lines: dict[str, set[int]] = {}
        """The while loops of each function that were met: a call of it begins them anew"""

    # Called by the module.

    @property
    def clips(self) -> bool:
        """Whether clips of gradients take place."""
        self.met_clip = True
        return self._clips

    @clips.setter
    def clips(self, take_place: bool) -> None:
        self._clips = take_place

    def enter(self, name: str, variables: dict[str, Any]) -> None:
        """Note that a function begins."""
        if self.target is not None:
            self._depth += name == self.target
            self.used.add(name)
            if self.observer is not None:
                self.observer.entered(name, variables)
            return
        if not self.recording:
            return
        self._check_time()
        for line in self._lines.get(name, ()):
            self._whiles.pop(line, None)
        entry = None
        known = self.entries.get(name, ())
        is_watched = self.watched is None or name in self.watched
        is_of_new_kind = is_watched and self.others.are_new(name, variables)
        is_new = len(known) < CALLS or _is_new(known, variables.get("self")) or _is_longer(known, variables)
        if is_watched and is_new:
            entry = self._entry(name, variables)
            self.entries.setdefault(name, []).append(entry)
        elif is_of_new_kind:
            entry = self.others.keep(name, self._entry(name, variables))
        of_whom = name, id(variables["self"]) if "self" in variables else 0
        self._latest[of_whom] = FORGOTTEN if entry is None else entry.order
        if not self.watched or name in self.watched:  # off the record, a training is cut short as on it
            self._entered += 1
        self._open.setdefault(name, []).append(entry)

    def leave(self, name: str, returned: Any, variables: dict[str, Any]) -> Any:
        """Note what a function returns and what its variables are then; return it, or what it keeps in its place."""
        if returned is None and name in self.kept:
            owner, attribute = self.kept[name]
            returned = getattr(variables.get(owner), attribute, None)
        if self.target is not None:
            if name == self.spoilt:
                returned = self._spoilt(name, returned, variables)
            if self.observer is not None:
                self.observer.returned(name, returned, variables)
            if name == self.target:
                self._depth -= 1
                if self._depth == 0:
                    self.left.append((returned, dict(variables)))
            elif _is_scalar(returned):
                self.scalars[f"{name}()"] = returned
            elif isinstance(returned, tuple) and returned and _is_scalar(returned[0]):
                self.scalars[f"{name}()"] = returned[0]
            return returned
        waiting = self._open.get(name)
        if self.recording and waiting:
            entry = waiting.pop()
            if entry is not None:
                entry.returned, entry.finished = returned, True
                entry.left = _left(entry)
        return returned

    def _spoilt(self, name: str, returned: Any, variables: Mapping[str, Any]) -> Any:
        """Return three times what a function returns or keeps, if that is an array."""
        if not isinstance(returned, np.ndarray) or returned.dtype.kind != "f":
            return returned
        self.has_spoilt, wrong = True, 3 * returned
        if name in self.kept:
            owner, attribute = self.kept[name]
            setattr(variables[owner], attribute, wrong)
        return wrong

    def turn(self, name: str, variables: dict[str, Any]) -> None:
        """Note that a loop begins a turn."""
        if self.target is not None and self.observer is not None:
            self.observer.turn(name, variables)
        if not self.recording or self.target is not None:
            return
        own = {} if variables is self.globals else variables
        self._ended(name)
        self._turns += 1
        is_of_new_kind = bool(own) and self.others.are_new(name, own)
        known, number = self.entries.get(name, []), self._tried.get(name, 0)
        if len(known) < CALLS:
            entry = self._entry(name, own)
            entry.finished = True
            self.entries.setdefault(name, []).append(entry)
            self._turned[name] = entry, self._turns, self._arrays(name, own)
        elif is_of_new_kind:
            self.others.keep(name, self._entry(name, own)).finished = True
        elif (
            number < TRIED
            and len(known) < LONGER
            and (any(entry.turns for entry in known) or not any(entry.moves for entry in known))
        ):
            self._tried[name] = number + 1
            self._turned[name] = self._entry(name, own), self._turns, self._arrays(name, own)

    def _ended(self, name: str) -> None:
        """Note what the last turn of a loop did: beyond the first few count those in which others turn most.

        So does the first that changes anything.
        """
        if name not in self._turned:
            return
        entry, mark, arrays = self._turned.pop(name)
        entry.turns, entry.moves = self._turns - mark, _has_moved(entry, arrays)
        known = self.entries[name]
        turns_more = entry.turns > max(other.turns for other in known) > 0
        if not entry.finished and (turns_more or entry.moves > any(other.moves for other in known)):
            entry.finished = True
            known.append(entry)

    def turns(self, values: Iterable[Any], is_training: bool, is_round: bool) -> Iterable[Any]:
        """Return the values of a loop, fewer of them if it is a training loop."""
        if not self.recording:
            return self._timed(values) if is_training and self.endless is not None else values
        most = most_turns(values, is_patient=self.patient, is_round=is_round)
        return self._limited(values, is_training, most)

    def again(self, line: int, is_training: bool) -> bool:
        """Tell whether a while loop may turn once more."""
        turns = self._whiles.get(line, 0) + 1
        self._whiles[line] = turns
        if not self.recording:
            if turns > ENDLESS or (turns % SOME_TURNS == 0 and self._is_late(LONGEST)):
                raise self._unended(f"the while loop in line {line} does not end")
            return True
        self._check_time()
        if turns == 1:
            self._marks[line] = self._entered
            self._lines.setdefault(sys._getframe(1).f_code.co_qualname, set()).add(line)
        return turns <= TURNS or (self._entered == self._marks[line] and not is_training)

    def margins(self, line: int, bound: int | str | None, value: Any) -> Any:
        """Note margins that are compared with a bound in a line, or what they lack of it already (None); return it.

        Where the value is the bound itself (AGAINST), what was compared with it last is noted as far as it exceeds it.
        """
        if self.observer is not None and bound != AGAINST:
            self.observer.compared(line, bound, value)
        elif self.observer is not None and self._compared:
            other = self._compared.pop()
            if all(isinstance(side, (int, np.integer, np.ndarray, *SCALARS)) for side in (other, value)) and np.size(
                value
            ) in (1, np.size(other)):
                self.observer.compared(line, SIGN, other - value)
        return value

    def against(self, value: Any) -> Any:
        """Return what is compared with another value, which is to come."""
        if self.observer is not None:
            self._compared.append(value)
        return value

    def held(self, line: int, value: Any) -> Any:
        """Return what goes on in place of a value that is said to be constant."""
        return self.constants.passed(line, value)

    def at(self, mark: int, value: Any) -> Any:
        """Return what goes on in place of a value that passes by a mark."""
        return value if self.probe is None else self.probe(mark, value)

    # Called by us.

    def begin(self, target: str | None) -> None:
        """Get ready for one replayed call. Raises TimeoutError where such a call did not end before."""
        if self.endless and target in self.endless:
            raise TimeoutError(f"a loop in {target} does not end")
        self.target, self._depth, self.recording = target, 0, False
        self._began = None
        self._compared.clear()
        self.left.clear()
        self.constants.begin()
        self.scalars.clear()
        self._whiles.clear()

    def start(self, names: dict[str, Any], *, patient: bool = False) -> None:
        """Begin to remember calls, of a module or (`patient`) of a call with made-up arguments."""
        self.patient = patient
        self._whiles, self._marks = {}, {}
        self._turned, self._tried = {}, {}
        self.globals, self.recording = names, True

    def stop(self) -> None:
        """Remember no further calls."""
        self.recording = self.others.is_open = False
        self._open.clear()

    def _timed(self, values: Iterable[Any]) -> Iterator[Any]:
        """Yield the values of a training loop that is replayed while units are looked for, as long as that may take."""
        for value in values:
            if self._is_late(LONGEST_TRAINING):
                raise self._unended("a training in it takes too long")
            yield value

    def _is_late(self, longest: float) -> bool:
        """Tell whether loops of the replayed call have turned for so many seconds."""
        if self._began is None:
            self._began = time.process_time()
        return time.process_time() - self._began > longest

    def _unended(self, reason: str) -> TimeoutError:
        """Return the error that ends a replayed call; while units are looked for it is the last of its kind."""
        if self.endless is not None and self.target:
            self.endless.add(self.target)
        return TimeoutError(reason)

    def _limited(self, values: Iterable[Any], is_training: bool, most: int) -> Iterator[Any]:
        before = self._entered
        for number, value in enumerate(values):
            self._check_time()
            if number >= most and (is_training or self._entered > before):
                if trains_long(values):
                    self.trained |= {name for name, waiting in self._open.items() if waiting}
                return
            yield value

    def _arrays(self, name: str, own: Mapping[str, Any]) -> list[np.ndarray]:
        """Return the arrays of numbers that a turn may change in their place, where it may pass over that."""
        is_passing = name.rpartition(" ")[2] in self.passing
        found = leaves({**self.globals, **own}) if is_passing else []
        arrays = [leaf.value for leaf in found if isinstance(leaf.value, np.ndarray)]
        return [array for array in arrays if array.dtype.kind == "f"]

    def _check_time(self) -> None:
        if time.process_time() > self.deadline:
            raise EnoughError

    def _entry(self, name: str, variables: dict[str, Any]) -> Entry:
        memo: dict[int, Any] = {}
        arguments = {key: value for key, value in variables.items() if key != "__class__"}
        for value in (*arguments.values(), *self.globals.values()):
            if holds_whole_pictures(value):
                memo[id(value)] = value.astype(float)
                memo.setdefault(-1, []).append(value)  # what is numbered by its id must stay alive
        own = {key: copied(value, memo) for key, value in arguments.items()}
        names = {key: copied(value, memo) for key, value in self.globals.items() if not key.startswith("__")}
        if self.parameters:
            as_arrays([own, names], self.parameters)
        for holder in (own, names):
            for key in holder.keys() & self.containers:
                holder[key] = with_numbers_as_arrays(holder[key])
        if self.moved is not None:
            as_listed([own, names], self.moved, memo)
        return Entry(
            name,
            own,
            names,
            {key: id(value) for key, value in arguments.items()},
            list(arguments.values()),
            order=next(self._counter),
            memo=memo,
            latest=dict(self._latest),
        )


def holds_whole_pictures(value: Any) -> bool:
    """Tell whether an array of whole numbers has too many axes for places or labels: it is handed on as what it shows.

    >>> holds_whole_pictures(np.arange(24).reshape(1, 2, 3, 4)), holds_whole_pictures(np.arange(24).reshape(2, 3, 4))
    (True, False)
    """
    is_whole = isinstance(value, np.ndarray) and value.dtype.kind in "iu"
    return is_whole and value.ndim >= PICTURES and value.size < MOST_NUMBERS


def _is_new(known: Sequence[Entry], owner: Any) -> bool:
    """Tell whether a method is called of an object of which no call is remembered: one loss may hide another."""
    seen = {entry.ids.get("self") for entry in known}
    return owner is not None and id(owner) not in seen and len(seen) < OBJECTS


def _is_longer(known: Sequence[Entry], variables: Mapping[str, Any]) -> bool:
    """Tell whether a call is handed longer sequences than all that are remembered: one step hides what time does."""
    return len(known) < LONGER and lengths(variables.values()) > max(map(length, known))


def _left(entry: Entry) -> dict[int, Path]:
    """Return the arrays in the objects that a call was handed, by identity; they are kept alive."""
    found: dict[int, Path] = {}
    for name, value in zip(entry.ids, entry.kept, strict=False):
        if hasattr(value, "__dict__") and not isinstance(value, type):
            for leaf in leaves({name: value}):
                is_near = 1 < len(leaf.path) <= NEAREST and not looks_like_gradient(leaf.name)
                if isinstance(leaf.value, np.ndarray) and is_near:
                    found.setdefault(id(leaf.value), leaf.path)
                    entry.kept.append(leaf.value)
    return found


def _has_moved(entry: Entry, arrays: Sequence[np.ndarray]) -> bool:
    """Tell whether some arrays have changed in their place since they were copied for an entry; of none, perhaps."""
    known = [(array, entry.memo[id(array)]) for array in arrays if id(array) in entry.memo]
    return not known or any(not np.array_equal(array, before, equal_nan=True) for array, before in known)


def fullest(entries: Sequence[Entry]) -> Entry:
    """Return the call with the longest sequences among those that returned, and the fewest arrays of zeros.

    What is handed whole numbers that differ shows more than what is handed the same row twice. Of several it is the
    last; of the turns of a loop one that changes anything, in which others turn most, but not the first, nor that of an
    object: these may set up what the others find.
    """
    finished = sound([entry for entry in entries if entry.finished] or list(entries))
    firsts = {entry.ids.get("self", 0): id(entry) for entry in reversed(finished)}.values()
    return max(
        reversed(finished),
        key=lambda entry: (
            length(entry),
            -_barren(entry),
            _different(entry),
            entry.moves,
            id(entry) not in firsts,
            entry.turns,
        ),
    )


def _different(entry: Entry) -> int:
    """Return how many different whole numbers a call was handed."""
    return len({int(v) for v in entry.arguments.values() if isinstance(v, int | np.integer) and type(v) is not bool})


def _barren(entry: Entry) -> int:
    values = (*entry.arguments.values(), *entry.names.values())
    return sum(isinstance(value, np.ndarray) and value.size > 0 and not value.any() for value in values)


def sound(entries: list[Entry]) -> list[Entry]:
    """Return the calls that begin with numbers, all if none does: training may diverge on made-up data."""
    return [entry for entry in entries if not _has_diverged(entry)] or entries


def _has_diverged(entry: Entry) -> bool:
    values = [leaf.value for leaf in leaves({**entry.names, **entry.arguments})]
    return any(isinstance(v, np.ndarray) and v.dtype.kind == "f" and bool(np.isnan(v).any()) for v in values)


def length(entry: Entry) -> int:
    """Return how long the sequences are that a call was handed."""
    return lengths(entry.arguments.values())


def lengths(values: Iterable[Any]) -> int:
    """Return how long the lists are among some values, together."""
    return sum(len(value) for value in values if isinstance(value, list))


def idle(entries: Sequence[Entry]) -> int:
    """Return how many tables of whole numbers or of zeros some calls were handed: weights may have no gradient there.

    The first layer is handed `[[0, 0]]`, and each of the others what came out of one before.
    """
    values = [value for entry in entries for value in entry.arguments.values() if isinstance(value, np.ndarray)]
    return sum(value.dtype.kind in "biu" or not value.any() for value in values if value.ndim > 1)


def shapes_of_call(entry: Entry) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the arrays that a call was handed."""
    return {name: value.shape for name, value in entry.arguments.items() if isinstance(value, np.ndarray)}
