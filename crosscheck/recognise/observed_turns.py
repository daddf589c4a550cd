"""Turns of a training loop in which the gradients are seen that judged functions return, whoever takes the steps.

A step is held against the gradient that was computed in the same turn, whatever both are called and through whatever
hands they went: `optimiser.step(gradients)`, a function over dictionaries, a loop over lists.
"""

from collections import ChainMap, Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import permutations
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise.fitting import CLOSE, fit
from crosscheck.recognise.leaves import Leaf, Path, follow, leaves
from crosscheck.recognise.loops import LoopReplay
from crosscheck.recognise.places import LOCAL, RETURNED, Place
from crosscheck.recognise.replay import Replay, Result, StandIns
from crosscheck.recognise.roles import is_floating
from crosscheck.recognise.subject import shaped
from crosscheck.recognise.sums_of_turns import Moved
from crosscheck.recognise.value_places import OneOf
from crosscheck.recognise.watching import Watched

GRADIENT_OF = "the gradient of "
"""Before the place of a parameter: the variable of a turn that holds what a judged function returned for it"""


class Judged(NamedTuple):
    """A function whose gradients were judged, and where they and their parameters are."""

    begins: str
    """The function that is handed the parameters"""
    ends: str
    """The function that computes the gradients, the same one perhaps"""
    parameters: Mapping[str, Path]
    """Into the arguments of the first, and globals"""
    gradients: Mapping[str, Place]
    sign: int
    """-1 where what it calls gradients are those of minus the loss"""
    value: str = ""
    """The function whose gradient it is, where that is all that is known: which way is up, its name may tell"""
    added: frozenset[str] = frozenset()
    """Those of its gradients that it adds to what was there"""
    is_open: bool = False
    """Whether nothing says which way a training is to go"""


def judged_by(unit: Any, sign: int) -> Judged:
    """Return what a unit judged: nothing where its call moves the parameters itself, or is a turn of a loop."""
    replay = unit.subject.replay
    replay = replay.inner if isinstance(replay, Watched) else replay
    places = {id(leaf.value): leaf.path for leaf in leaves(replay.roots())}
    known = {name: places[unit.subject.ids[name]] for name in unit.example[0] if unit.subject.ids[name] in places}
    begins, ends = replay.entry.function, getattr(replay, "backward", replay.entry).function
    gradients = dict(unit.subject.gradients)
    value = ""
    if "/" in begins:  # a function and its gradient, called together: the second result is the gradient's
        owner, _, words = begins.rpartition(".")
        value = words.partition("/")[0]
        begins = ends = ".".join(filter(None, (owner, words.rpartition("/")[2])))
        gradients = {
            name: Place(p.where, ("return", *p.path[2:]), p.name, p.names)
            for name, p in gradients.items()
            if isinstance(p, Place | OneOf) and p.path[1:2] == (1,)
        }
    is_call = not isinstance(replay, LoopReplay) and not unit.moves
    known = {name: path for name, path in known.items() if name in gradients and is_call}
    return Judged(begins, ends, known, gradients, sign, value, frozenset(_added(replay, gradients, known)))


def _added(replay: Replay, gradients: Mapping[str, Place], names: Collection[str]) -> list[str]:
    """Return the gradients that a call adds to what lies there: they are larger by one where it begins with ones."""
    begun = [
        {id(array): np.full_like(array, number) for array in replay.zeroed if _is_array(array)} for number in (0.0, 1.0)
    ]
    try:
        bare, full = (replay.run(own) if own else None for own in begun)
    except Exception:  # noqa: BLE001 - theirs: what cannot be called is told elsewhere
        return []
    if bare is None or full is None:
        return []
    return [name for name in names if _is_larger_by_one(gradients[name], bare, full)]


def _is_larger_by_one(place: Place, bare: Result, full: Result) -> bool:
    try:
        one, other = (np.asarray(place.read(result), dtype=float) for result in (bare, full))
    except (LookupError, AttributeError, TypeError, ValueError):
        return False
    return one.shape == other.shape and bool(np.allclose(other - one, 1.0, rtol=1e-6, atol=0))


class Lead(NamedTuple):
    """How far ahead of a parameter a gradient was taken."""

    velocity: int
    """The identity of the array by a share of which it was"""
    share: float


class ObservedTurn(Replay):
    """A turn whose variables hold, beside its own, what judged functions returned for each of its parameters."""

    def __init__(self, inner: Replay, judged: Sequence[Judged]) -> None:
        self.inner, self.judged = inner, judged
        self.world, self.entry, self.name = inner.world, inner.entry, inner.name
        self.names, self.zeroed, self.counts = inner.names, inner.zeroed, {}
        self.seen_last: dict[int, list[np.ndarray]] = {}
        """The gradients that the last turn saw, by the arrays that they belong to"""
        self.piled_up: set[int] = set()
        """Those of these arrays whose gradients were added to what lay there before, and lie there still"""
        self.added: set[int] = set()
        """Those whose gradients were added to something at all"""
        self.handed = {id(leaf.value): leaf for leaf in leaves(self.roots()) if is_floating(leaf.value)}
        self.leads: dict[int, Lead] = {}
        """Where the last turn took gradients ahead of their parameters, by these"""

    def loop_variables(self) -> frozenset[str]:
        """Return those of the turn itself."""
        return self.inner.loop_variables()

    def roots(self) -> dict[str, Any]:
        """Return what the turn starts from."""
        return self.inner.roots()

    def run(self, replaced: Mapping[int, Any], replaced_modules: StandIns = ()) -> Result:
        """Make the turn. Raises what it raises."""
        observer = self.world.hooks.observer = _Observer(self.judged, self.world.names, replaced)
        self.inner.counts = self.counts
        try:
            result = self.inner.run(replaced, replaced_modules)
        finally:
            self.world.hooks.observer = None
        self.seen_last = {
            identity: seen
            for identity, seen in observer.seen.items()
            if len(seen) == 1 or identity not in observer.kept
        }
        self.piled_up = {identity for identity, buffer in observer.buffers.items() if self._lies(buffer, result)}
        self.added = observer.added
        self.leads = observer.leads
        found = {GRADIENT_OF + str(self.handed[identity]): sum(seen) for identity, seen in self.seen_last.items()}
        return result._replace(variables={**result.variables, **found})

    def astray(self, start: Mapping[int, Any], parameters: Mapping[str, Leaf]) -> list[str]:
        """Return the parameters whose gradients are taken elsewhere than where their steps lead (looking_ahead.py).

        Raises what the turn raises.
        """
        result, found = self.run({identity: value.copy() for identity, value in start.items()}), []
        for name, leaf in parameters.items():
            lead = self.leads.get(id(leaf.value))
            gradient = sum(self.seen_last.get(id(leaf.value), []))
            if lead is None or np.shape(gradient) != np.shape(leaf.value):
                continue
            change = np.ravel(np.asarray(result.left_at(leaf.path)) - start[id(leaf.value)])
            shares = fit(change, np.ravel(start[lead.velocity]), np.ravel(gradient))
            if shares is not None and abs(shares[0] - lead.share) > CLOSE * abs(lead.share):
                found.append(name)
        return found

    def moved(self, start: Mapping[int, Any], parameters: Mapping[str, Leaf]) -> dict[str, Moved]:
        """Make the turn; return how it changes parameters, and all gradients that were returned for each.

        Raises what it raises.
        """
        result = self.run({identity: value.copy() for identity, value in start.items()})
        found = {}
        for name, leaf in parameters.items():
            value = start[id(leaf.value)]
            change = np.asarray(result.left_at(leaf.path)) - value
            known = id(leaf.value)
            how = {"is_added": known in self.added, "is_piled_up": known in self.piled_up}
            found[name] = Moved(value, change, self.seen_last.get(known, []), **how)
        return found

    def _lies(self, buffer: int, result: Result) -> bool:
        """Tell whether a turn leaves something in what gradients are added to."""
        try:
            return bool(np.any(result.left_at(self.handed[buffer].path)))
        except (LookupError, AttributeError, TypeError):
            return False

    def recognised(self, start: Mapping[int, Any]) -> tuple[dict[str, Leaf], dict[str, Place]]:
        """Return the parameters of which judged functions returned gradients in a turn, and where their sum is."""
        variables = self.run(start).variables
        parameters = {str(leaf): leaf for leaf in self.handed.values() if GRADIENT_OF + str(leaf) in variables}
        return parameters, {name: Place(LOCAL, (GRADIENT_OF + name,), name) for name in parameters}


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def entries_of(view: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return which entries of an array a view of it shows, counted through the array, in the shape of the view.

    >>> table = np.zeros((3, 4))
    >>> entries_of(table[1, ::2], table).tolist(), entries_of(table.T[0], table).tolist()
    ([4, 6], [0, 4, 8])
    """
    starts = [array.__array_interface__["data"][0] for array in (view, whole)]
    places = np.full(view.shape, starts[0] - starts[1])
    for axis, stride in enumerate(view.strides):
        steps = np.arange(view.shape[axis]) * stride
        places += steps.reshape([-1 if other == axis else 1 for other in range(view.ndim)])
    at = np.unravel_index(np.arange(whole.size), whole.shape)
    offsets = np.asarray(sum(place * stride for place, stride in zip(at, whole.strides, strict=True)))
    order = np.argsort(offsets)
    return order[np.searchsorted(offsets[order], places)]


class _Observer:
    """Told of every call and of every return in a turn (Hooks.observer)."""

    def __init__(self, judged: Sequence[Judged], names: Mapping[str, Any], replaced: Mapping[int, Any]) -> None:
        self.judged, self.names = judged, names
        self.known = {id(value): identity for identity, value in replaced.items()}
        self.arrays = {id(value): value for value in replaced.values() if isinstance(value, np.ndarray)}
        self.shapes = {identity: np.shape(value) for identity, value in replaced.items()}
        self.latest: dict[int, dict[str, tuple[int, Any]]] = {}
        """By the number of a judged function: which arrays its parameters are in its call, or entries of which"""
        self.seen: dict[int, list[np.ndarray]] = {}
        self.kept: set[int] = set()
        """Arrays whose gradients are not returned, but left where they may be added up"""
        self.begun: dict[int, dict[str, np.ndarray]] = {}
        """What lies where gradients are added, when the function is called"""
        self.added: set[int] = set()
        self.buffers: dict[int, int] = {}
        """By arrays of which something lay there at first: what their gradients are added to"""
        self.leads: dict[int, Lead] = {}
        """By parameters: where a judged function was handed what lies ahead of them"""
        self.within: Counter[str] = Counter()
        """How often each function is being called: of one that calls itself only the first call counts"""

    def entered(self, name: str, variables: Mapping[str, Any]) -> None:
        """Note which arrays a judged function is handed."""
        self.within[name] += 1
        for number, one in enumerate(self.judged):
            if name in (one.begins, one.ends) and self.within[name] == 1:
                found = self._parameters(one, variables)
                known = self.latest.get(number, {}) if name != one.begins else {}
                self.latest[number] = {**known, **found}
            if name == one.ends and self.within[name] == 1:
                held = {key: self._held(one.gradients[key], variables) for key in one.added}
                self.begun[number] = {key: value.copy() for key, value in held.items() if _is_array(value)}
                for key, value in held.items():
                    identity = self.latest.get(number, {}).get(key, (0, None))[0]
                    is_first = identity not in self.seen and _is_array(value) and bool(np.any(value))
                    if is_first and id(value) in self.known:
                        self.buffers[identity] = self.known[id(value)]

    def returned(self, name: str, value: Any, variables: Mapping[str, Any]) -> None:
        """Note the gradients that a judged function returns, or leaves behind."""
        self.within[name] -= 1
        if self.within[name] > 0:
            return
        for number, one in enumerate(self.judged):
            for parameter, (identity, entries) in self.latest.get(number, {}).items() if name == one.ends else ():
                gradient = self._read(one.gradients[parameter], value, variables)
                if gradient is None:
                    continue
                before = self.begun.get(number, {}).get(parameter)
                if before is not None and before.shape == np.shape(gradient):
                    self.added.add(identity)
                    gradient = gradient - before if identity in self.seen else gradient  # the first with what lay there
                gradient, shape = one.sign * np.array(gradient, dtype=float), self.shapes[identity]
                if entries is not None:
                    whole = np.zeros(shape)
                    whole.flat[entries] = np.ravel(shaped(gradient, np.empty(entries.shape)))
                else:
                    whole = np.asarray(shaped(gradient, np.empty(shape)))
                self.seen.setdefault(identity, []).append(whole)
                is_told = one.gradients[parameter].where == RETURNED or identity in self.added
                self.kept |= set() if is_told else {identity}

    def turn(self, name: str, variables: Mapping[str, Any]) -> None:
        """Pass over the turns of inner loops."""

    def compared(self, line: int, bound: int | str | None, value: Any) -> None:
        """Pass over margins."""

    def _parameters(self, one: Judged, variables: Mapping[str, Any]) -> dict[str, tuple[int, Any]]:
        found = {}
        for name, path in one.parameters.items():
            try:
                value = follow(ChainMap(dict(variables), dict(self.names)), path)
            except (LookupError, AttributeError, TypeError):
                continue
            if name in one.gradients and id(value) in self.known:
                found[name] = self.known[id(value)], None
            elif name in one.gradients and id(whole := getattr(value, "base", None)) in self.arrays:
                found[name] = self.known[id(whole)], entries_of(value, self.arrays[id(whole)])
            elif name in one.gradients and (ahead := self._ahead(value)) is not None:
                found[name] = ahead[0], None
                self.leads[ahead[0]] = ahead[1]
        return found

    def _ahead(self, value: Any) -> tuple[int, Lead] | None:
        """Return which array a value lies ahead of, and by what: `w + mu * v`; None if it lies ahead of none."""
        if not isinstance(value, np.ndarray) or value.size < 2 or value.dtype.kind != "f":
            return None
        alike = [array for array in self.arrays.values() if array.shape == value.shape and array.dtype.kind == "f"]
        for array, velocity in permutations(alike, 2):
            off, size = value - array, float(np.sum(velocity * velocity))
            share = float(np.sum(off * velocity)) / size if size else 0.0
            if share and np.allclose(off, share * velocity, rtol=CLOSE, atol=CLOSE * abs(share) * size**0.5):
                return self.known[id(array)], Lead(self.known[id(velocity)], share)
        return None

    def _held(self, place: Place, variables: Mapping[str, Any]) -> Any:
        """Return what lies where a call will add a gradient: under its name, if that is returned in the end."""
        if place.where != RETURNED:
            return self._read(place, None, variables)
        return next((variables[name] for name in (place.name, *sorted(place.names)) if name in variables), None)

    def _read(self, place: Place, returned: Any, variables: Mapping[str, Any]) -> Any:
        path = place.path
        if place.where == RETURNED and path[1:2] in (("backward",), ("forward",)):
            if path[1] == "forward":
                return None
            path = ("return", *path[2:])
        roots = {"return": returned} if place.where == RETURNED else ChainMap(dict(variables), dict(self.names))
        try:
            return follow(roots, path)
        except (LookupError, AttributeError, TypeError):
            return None
