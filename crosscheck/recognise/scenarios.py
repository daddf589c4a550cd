"""Calls that nobody makes: a forward and its backward, a loss, a method of an object that is constructed first."""

import ast
import random
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import aliases, naming
from crosscheck.recognise.aliases import is_cache
from crosscheck.recognise.all_steps import of_all_steps
from crosscheck.recognise.argument_names import BIAS, TARGET
from crosscheck.recognise.copying import copied
from crosscheck.recognise.defaults import required
from crosscheck.recognise.documentation import documentation_of
from crosscheck.recognise.guesses import ARRAY, INTEGERS, LIST, VALUE, Guess, Key, Slot
from crosscheck.recognise.handing import passed_on
from crosscheck.recognise.inherited import most_derived
from crosscheck.recognise.initialisers import Made, made_of, part
from crosscheck.recognise.kept import prediction
from crosscheck.recognise.leaves import Path
from crosscheck.recognise.making import Maker
from crosscheck.recognise.objects import objects_of
from crosscheck.recognise.pairing import unpacked_names
from crosscheck.recognise.places import claims, entries, returned_names
from crosscheck.recognise.preparing import attributes, builds_itself
from crosscheck.recognise.replay import resolve, used_names
from crosscheck.recognise.rewarded import goes_by_rewards
from crosscheck.recognise.seeing import seen
from crosscheck.recognise.slots import Asked, first_guess
from crosscheck.recognise.structures import (
    by_structure,
    drawn_like,
    empty_sums,
    flattened,
    goes_through,
    is_of_arrays,
    sums_of,
    tuples_kept,
    unread,
)
from crosscheck.recognise.styles import styles_of
from crosscheck.recognise.switches import asking_for_more, switches
from crosscheck.recognise.tables import as_tables
from crosscheck.recognise.uses import Uses, uses_of
from crosscheck.recognise.wiring import (
    argument_names,
    cache_of,
    handed,
    items_of,
    matched,
    returns_in_turn,
    sizes_of,
)
from crosscheck.recognise.world import World
from crosscheck.source.walking import last_word, walk

SINGLE, ANYHOW = re.compile(r"(?:_|^)(?:idx|index|id)$|(?<=[a-z])(?:Idx|Index|Id)$"), re.compile("")
"""What a single symbol is called, and whatever else may be one"""
ONE_ALONE = -0.8
"""The gradient of the one output that is gone back from"""


class Played(NamedTuple):
    """What happened when a scenario was played."""

    values: Mapping[Key, Any]
    given: Mapping[str, Any]
    """To the forward function; to the only one where there is one"""
    forward: Any
    """What that returned"""
    returned: Any
    """What the last function returned"""
    instance: Any
    upstream: Mapping[str, Path]
    """The arguments of the backward function that are gradients of what the forward returns, and where that is"""
    is_plain: bool
    """Whether the names leave no doubt of that"""
    begun: Mapping[str, tuple[int, ...]] = {}
    """The shapes of the arrays that the object held when it was made"""


class Scenario:
    """A function to be called, and what has to be called before."""

    returns_number = False
    """Whether what is returned, or the first of it, is a single number"""

    def __init__(
        self,
        world: World,
        nodes: Mapping[str, ast.FunctionDef],
        target: str,
        forward: str | None = None,
        *,
        in_order: bool = False,
        way: Mapping[str, str] | None = None,
    ) -> None:
        self.world, self.nodes, self.target, self.forward = world, nodes, target, forward
        self.near = dict(nodes)
        """The functions that a call may mean: where an inherited method calls one of its object, that of its class"""
        if forward and forward.rpartition(".")[0] not in ("", target.rpartition(".")[0]):
            own = {name.rpartition(".")[2] for name in nodes if name.rpartition(".")[0] == target.rpartition(".")[0]}
            for name in nodes:
                if name.rpartition(".")[2] in own and name.rpartition(".")[0] != target.rpartition(".")[0]:
                    del self.near[name]
        self.same_targets = self._same_targets()
        """The argument of the backward that is the forward's targets under another name, and that name"""
        self.way = dict(way or {})
        """The arguments of the backward that are the forward's by other names, or its output"""
        self.shapes = aliases.shapes(nodes[forward], nodes[target]) if forward else {}
        """Those that are the shapes of the forward's arguments"""
        self.unnamed = (
            {**aliases.predicted(nodes[forward], nodes[target]), **aliases.unnamed(nodes[forward], nodes[target])}
            if forward
            else {}
        )
        """Those that the forward returns without a name"""
        self.in_order = in_order
        """Whether gradients belong to outputs by their order, whatever their names are"""
        self.name = f"{forward}/{target}" if forward else target
        owner = most_derived([name.rpartition(".")[0] for name in (target, forward) if name], world.names)
        self.owner = world.names[owner] if owner else None
        starts = [name.rpartition(".")[2] for name in (forward, target) if name]
        self.maker = Maker(world, nodes, self.owner, starts) if isinstance(self.owner, type) else None
        self.is_built = bool(self.maker and forward and builds_itself(starts[0], self.maker.methods, nodes))
        """Whether the first forward pass makes the parameters, so that it takes two to see them move"""
        self.goes_by_rewards = forward is None and goes_by_rewards(nodes[target])
        self.objects = {
            name: objects_of(nodes[name], world.names, nodes) for name in (forward, target) if name and name in nodes
        }
        """For each function, the arguments that are objects of the file's classes"""
        self.from_forward = self._from_forward()
        """The arguments of the backward that are objects which the forward makes"""
        kinds = dict.fromkeys(kind for found in self.objects.values() for kind in found.values())
        self.makers = {kind: Maker(world, nodes, kind) for kind in kinds}
        self.unread = unread(nodes[target]) if forward else set[str]()
        self.sums = sums_of(nodes[target]) if forward else {}
        """The arguments of the backward that it adds gradients to"""
        self.added: dict[str, Any] = {}
        """What they held in the last call"""
        self.made = {name: self._made_by(name) for name in (forward, target) if name}
        """For each function, the arguments that another function of the file makes"""
        functions = [resolve(world.names, name) for name in (target, forward) if name]
        used = used_names(world.names, [*functions, *([self.owner] if self.owner else ())])
        self.kept = {n: world.names[n] for n in used if _is_state(world.names[n])}
        self.multiples = sorted({f for node in nodes.values() for f in uses_of(node).multiples if 1 < f < 8})

    def claims(self, returned: Any) -> Iterator[tuple[str, Any]]:
        """Yield the gradients that the last function returned, by the names of what they belong to."""
        yield from claims(self.nodes[self.target], returned)
        yield from entries(tuple(self.added.values()))

    def _from_forward(self) -> set[str]:
        if not self.forward:
            return set()
        called = {getattr(n.func, "id", "") for n in walk(self.nodes[self.forward]) if isinstance(n, ast.Call)}
        handed_to, own = set(required(self.nodes[self.forward])), self.objects[self.target]
        made = {name for name, kind in own.items() if kind.__name__ in called and name not in handed_to}
        self.objects[self.target] = {name: kind for name, kind in own.items() if name not in made}
        return made

    def _made_by(self, name: str) -> dict[str, Made]:
        node = self.nodes[name]
        wanted = [argument for argument in required(node) if argument not in self.objects[name]]
        if self.forward and name == self.target:
            returned = frozenset().union(*returned_names(self.nodes[self.forward]).values())
            wanted = [argument for argument in wanted if argument not in returned]
        return made_of(node, wanted, self.world.document.tree, self.nodes)

    def guesses(self) -> Iterator[Guess]:
        """Yield what all that is asked for may be at first, in several styles; last what the module has already."""
        asked = list(self.asked())
        taken = numbers_of(self.world)
        styles = styles_of([self.nodes[name] for name in (self.forward, self.target) if name], self.nodes.values())
        for place, style in enumerate(styles):
            guess = first_guess(asked, self.near, style, taken)
            if self.forward:
                guess = of_all_steps(guess, self.nodes[self.forward], self.nodes[self.target])
            if place == 0 and (lined := self._of_lines(guess)) is not None:
                yield lined
            if place == 0 and (batched := self._of_batches(guess)) is not None:
                yield batched
            if place == 0 and (stepped := self._of_steps(guess)) is not None:
                yield stepped
            told = self._neutral()
            if told:
                yield replace(guess, slots={**guess.slots, **told})
            if place == 0 and (single := self._of_one(guess, SINGLE)) is not None:
                yield single
            yield guess
            if place == 0 and (known := self._known(guess)) and len(known) > 1:
                yield replace(guess, slots={**guess.slots, **known})
        yield first_guess(asked, self.near, styles[0], taken, believing=False)
        usual = first_guess(asked, self.near, styles[0], taken)
        yield from (one for one in (self._of_one(usual), self._of_one_output(usual)) if one is not None)
        yield replace(usual, slots={**usual.slots, **self._known(usual)})

    def _of_lines(self, guess: Guess) -> Guess | None:
        """Return the guess with a target for each row of a table, for an object all of whose weights are rows.

        None where it has others, or is handed anything else.
        """
        constructor = self.maker.constructor if self.maker else None
        if self.forward or constructor is None or not _makes_rows_alone(self.nodes[constructor]):
            return None
        handed = {key: slot for key, slot in guess.slots.items() if key.owner == self.target and slot.kind == ARRAY}
        tables = [key for key in handed if key.name in ("X", "x", "xs", "data", "inputs", "features")]
        targets = [key for key in handed if TARGET.match(key.name) and len(handed[key].sizes) == len("nk")]
        if len(tables) != 1 or len(targets) != 1 or len(handed) != len("Xy"):
            return None
        rows = handed[tables[0]].sizes[:1]
        return guess.with_slot(targets[0], handed[targets[0]]._replace(sizes=rows, hot=None))

    def _of_batches(self, guess: Guess) -> Guess | None:
        """Return the guess with a table for each step, where what a loop takes of it is transposed: `x.T @ d`."""
        nodes = [self.nodes[name] for name in (self.forward, self.target) if name]
        parts = [part for node in nodes for part in walk(node)]
        across = (part for part in parts if isinstance(part, ast.Attribute) and part.attr == "T")
        turned = {getattr(part.value, "id", "") for part in across} - {""}
        loops = (part for part in parts if isinstance(part, ast.For) and getattr(part.target, "id", "") in turned)
        steps = {loop.iter.id for loop in loops if isinstance(loop.iter, ast.Name)}
        wanted = [
            key
            for key, slot in guess.slots.items()
            if key.name in steps and slot.kind == ARRAY and not key.entry and len(slot.sizes) == len("td")
        ]
        for key in wanted:
            guess = guess.with_rank(key, len("tbd"))
        return guess if wanted else None

    def _of_steps(self, guess: Guess) -> Guess | None:
        """Return the guess with a symbol for each step of each sequence, where what looks entries up was a table.

        `targets = y.reshape(-1)` beside data (batch, steps, features).
        """
        data = [slot for slot in guess.slots.values() if slot.kind == ARRAY and len(slot.sizes) == len("bti")]
        looking_up = {word for name in (self.forward, self.target) if name for word in flattened(self.nodes[name])}
        wanted = {
            key: slot._replace(kind=INTEGERS, sizes=data[0].sizes[:2], hot=None)
            for key, slot in guess.slots.items()
            if slot.kind in (ARRAY, INTEGERS) and len(slot.sizes) < len("bti") and key.argument in looking_up and data
        }
        return replace(guess, slots={**guess.slots, **wanted}) if wanted and len(data) == 1 else None

    def _known(self, guess: Guess) -> dict[Key, Slot]:
        """Return the arguments that the module has under the same names."""
        found: dict[Key, Slot] = {}
        for key in guess.slots:
            value = self.world.names.get(key.argument) if not key.entry else None
            if (isinstance(value, np.ndarray) and value.size) or (isinstance(value, dict | list) and value):
                found[key] = Slot(VALUE, value=copied(value, {}))
        return found

    def _of_one(self, guess: Guess, called: re.Pattern[str] = ANYHOW) -> Guess | None:
        """Return the guess with a single symbol in place of each sequence, `called` so, that nothing goes through."""
        changed = guess
        for number, (key, slot) in enumerate(guess.slots.items()):
            uses = uses_of(self.nodes[key.owner]) if key.owner in self.nodes else Uses()
            is_many = key.argument in uses.iterated | uses.arrays | uses.ranks.keys() | uses.least.keys()
            is_many |= not called.search(key.argument)
            if slot.kind in (INTEGERS, LIST) and len(slot.sizes) == 1 and not key.entry and not is_many:
                changed = changed.with_slot(key, Slot(VALUE, value=1 + number % (guess.symbols - 1)))
        return None if changed is guess else changed

    def _of_one_output(self, guess: Guess) -> Guess | None:
        """Return the guess of a model with one output: what is only added or taken away is a number, and `v` a vector.

        None where nothing is to be a number.
        """
        if self.forward is not None or self.owner is not None:
            return None
        uses = passed_on(self.nodes[self.target], self.nodes)
        arrays = uses.arrays | uses.iterated | uses.ranks.keys() | uses.least.keys() | uses.indices
        changed, is_any = guess, False
        for key, slot in guess.slots.items():
            name = key.argument
            if slot.kind != ARRAY or key.entry or not (name.islower() and len(name) == 1) or name in uses.ranks:
                continue
            if name in arrays or BIAS.search(name):
                changed = changed.with_slot(key, slot._replace(hot=None)).with_rank(key, 1)
            else:
                changed, is_any = changed.with_slot(key, Slot(VALUE, value=0.7)), True
        return changed if is_any else None

    def asked(self) -> Iterator[Asked]:
        """Yield the functions of which arguments have to be made up, and which."""
        for maker in ([self.maker] if self.maker else []) + list(self.makers.values()):
            yield from maker.asked()
        for name in sorted({made.maker for found in self.made.values() for made in found.values()}):
            asked = self._ask(name, (*required(self.nodes[name]), *sizes_of(self.nodes[name])))
            yield asked._replace(makes=True)
        known: set[str] = set()
        if self.forward:
            node = self.nodes[self.forward]
            free = [
                n for n in required(node) if n not in self.objects[self.forward] and n not in self.made[self.forward]
            ]
            turned = switches(node, self.nodes[self.target]) if self.owner else {}
            turned |= dict.fromkeys(asking_for_more(node), True)
            asked = self._ask(self.forward, (*free, *(name for name in turned if name not in free)))
            yield asked._replace(known=turned)
            returned = {n for names in returned_names(node).values() for n in names}
            returned -= uses_of(self.nodes[self.target]).indices  # no output is an index
            known |= set(required(node)) | returned
            known |= self._results() | self._in_order().keys() | self._by_structure().keys() | self.unread
            known |= self.sums.keys()
            known |= (
                self.from_forward
                | self.same_targets.keys()
                | self.way.keys()
                | self.shapes.keys()
                | self.unnamed.keys()
            )
        node = self.nodes[self.target]
        uses = uses_of(node)
        wanted = tuple(
            name
            for name in required(node)
            if name not in known
            and name not in self.objects[self.target]
            and name not in self.made[self.target]
            and not (
                self.forward
                and (naming.is_gradient_argument(name) or (is_cache(name, uses) and not TARGET.match(name)))
            )
        )
        yield self._ask(self.target, wanted)

    def _neutral(self) -> dict[Key, Slot]:
        """Return other numbers for factors of one and shares of zero that are defaults: they hide what they scale."""
        found: dict[Key, Slot] = {}
        constructor = self.maker.constructor if self.maker else None
        for name in (constructor, self.forward or self.target):
            node = self.nodes[name].args if name else None
            positional = [*node.posonlyargs, *node.args] if node else []
            for argument, default in zip(reversed(positional), reversed(node.defaults if node else []), strict=False):
                value = default.value if isinstance(default, ast.Constant) else None
                is_above = name != constructor and naming.is_gradient_argument(argument.arg)
                is_above = is_above and not naming.LOSS_FUNCTION.search(str(name))  # where `delta` is a width
                if isinstance(value, float) and value in (0.0, 1.0) and not is_above:
                    found[Key(str(name), argument.arg)] = Slot(VALUE, value=0.7 if value else 0.3)
        predicted = aliases.predicted(self.nodes[self.forward], self.nodes[self.target]) if self.forward else {}
        if self.forward and any(aliases.is_plain_number(self.nodes[self.forward], path) for path in predicted.values()):
            wanted = (name for name in required(self.nodes[self.target]) if TARGET.match(name))
            found |= {Key(self.target, name): Slot(VALUE, value=0.3) for name in wanted}
        return found

    def _ask(self, name: str, wanted: tuple[str, ...]) -> Asked:
        return Asked(name, self.nodes[name], wanted, documentation_of(name, self.world.document))

    def _results(self) -> set[str]:
        """Return the arguments of the backward function that are all that the forward function returns."""
        assert self.forward is not None
        spoken = returned_names(self.nodes[self.forward])
        count = sum(len(path) == 1 for path in spoken)
        taken_apart = passed_on(self.nodes[self.target], self.nodes).unpacked
        single = frozenset().union(*spoken.values())  # a cache of two parts is not an output and a cache
        names = set(required(self.nodes[self.target])) - single - set(required(self.nodes[self.forward]))
        names -= self.shapes.keys()
        names -= tuples_kept(self.nodes[self.forward], self.nodes[self.target], names).keys()
        return {name for name in names if count > 1 and taken_apart.get(name) == count}

    def _in_order(self) -> dict[str, Path]:
        """Return the arguments that stand where the forward function returns them, others of them by the same name."""
        assert self.forward is not None
        spoken = returned_names(self.nodes[self.forward])
        wanted = required(self.nodes[self.target])
        named = {place for place, name in enumerate(wanted) if name in spoken.get((place,), frozenset())}
        own = set(required(self.nodes[self.forward]))
        if not named:  # `backward(dy, y, h)` of a forward that returns y and h_prev: gradients come first
            wanted = tuple(name for name in wanted if not naming.is_gradient_argument(name))
            named = {place for place, name in enumerate(wanted) if name in spoken.get((place,), frozenset())}
        return {
            name: (place,)
            for place, name in enumerate(wanted)
            if named and place < max(named) + 2 and (place,) in spoken and name not in own
            if not TARGET.match(name) and not naming.is_gradient_argument(name)
        }

    def _callers(self) -> dict[str, Path]:
        """Return the arguments that callers hand on from the forward function, and where it returns them."""
        assert self.forward is not None
        tree = self.world.document.tree
        places = {n: p for p, names in unpacked_names(tree, self.forward.rpartition(".")[2]).items() for n in names}
        found: dict[str, Path] = {}
        for name, words in argument_names(tree, self.nodes[self.target]).items():
            for word in sorted(words & places.keys()):
                found[name] = places[word]
        return found

    def _by_structure(self) -> dict[str, Path]:
        """Return the arguments that are, by their structure, what the forward function built."""
        assert self.forward is not None
        node, backward = self.nodes[self.forward], self.nodes[self.target]
        names = [name for name in required(backward) if name not in required(node)]
        return by_structure(node, backward, returned_names(node), names)

    def play(self, values: Mapping[Key, Any]) -> Played:
        """Make the calls. Raises whatever they raise."""
        random.seed(3)
        np.random.seed(3)  # noqa: NPY002 - the generator that the module uses
        self.world.names.update(copied(self.kept, {}))
        for key, value in values.items():
            if not key.owner:
                self.world.names[key.argument] = value
        with np.errstate(all="ignore"), warnings.catch_warnings(), self.world.with_data():
            warnings.simplefilter("ignore")
            instance = self.maker.made(values) if self.maker else None
            begun = {name: held.shape for name, held in _arrays_of(instance)}
            first = self.forward or self.target
            made = {kind: maker.made(values) for kind, maker in self.makers.items()}
            held = {
                function: {name: made[kind] for name, kind in found.items() if name in required(self.nodes[function])}
                for function, found in self.objects.items()
            }
            for function, found in self._results_of_makers(values).items():
                held[function] |= found
            given = as_tables(self.nodes[first], {**handed(first, values), **held[first]})
            if self.goes_by_rewards:  # the mean of one reward is that reward: nothing is gained the first time
                self._function(first, instance)(**{n: v / 2 if isinstance(v, float) else v for n, v in given.items()})
            forward = self._function(first, instance)(**given)
            if self.is_built:
                forward = self._function(first, instance)(**given)
            if self.forward is None:
                return Played(values, given, forward, forward, instance, {}, True, begun)
            again = prediction(given, instance) if self._is_loss(forward) else None
            arguments, upstream, is_plain = self._wired(given, forward, values, held[self.target], again)
            empty = set(_numbers_in_lists(instance))
            returned = self._function(self.target, instance)(**arguments)
            if empty - set(_numbers_in_lists(instance)):  # memories that begin as plain zeros are arrays from now on
                forward = self._function(first, instance)(**given)
                arguments, upstream, is_plain = self._wired(given, forward, values, held[self.target], again)
                returned = self._function(self.target, instance)(**arguments)
        return Played(values, given, forward, returned, instance, upstream, is_plain, begun)

    def _same_targets(self) -> dict[str, str]:
        sides = [self.nodes[name] for name in (self.target, self.forward) if name]
        names = [[name for name in required(node) if TARGET.match(name)] for node in sides]
        is_one = len(sides) == 2 and all(len(found) == 1 for found in names) and names[0] != names[1]
        return {names[0][0]: names[1][0]} if is_one else {}

    def _is_loss(self, forward: Any) -> bool:
        """Tell whether the forward of a backward that is handed targets returned a loss, or one for each example.

        The other array that it is handed are the predictions, if it has them from nowhere else.
        """
        if self.forward is None or not any(map(TARGET.match, required(self.nodes[self.target]))):
            return False
        is_each = isinstance(forward, np.ndarray) and forward.ndim == 1 and forward.dtype.kind == "f"
        node, before = self.nodes[self.target], self.nodes[self.forward]
        others = {name for name in {*required(node)} & {*required(before)} if not TARGET.match(name)}
        kept = attributes(node, ast.Load) & attributes(before, ast.Store)
        return isinstance(forward, float | np.floating) or (is_each and not others and not kept)

    def _results_of_makers(self, values: Mapping[Key, Any]) -> dict[str, dict[str, Any]]:
        """Return, for each function, the arguments that functions of the file have made: one result of each for all."""
        results: dict[str, Any] = {}
        found: dict[str, dict[str, Any]] = {}
        for function, wanted in self.made.items():
            for name, made in wanted.items():
                if made.maker not in results:
                    given = handed(made.maker, values)
                    own = {key.name: value for key, value in values.items() if key.owner == function}
                    given |= {size: own[size] for size in given.keys() & own.keys() if isinstance(own[size], int)}
                    results[made.maker] = self.world.names[made.maker](**given)
                found.setdefault(function, {})[name] = part(results[made.maker], made.path)
        return found

    def _function(self, name: str, instance: Any) -> Callable[..., Any]:
        word, given = name.rpartition(".")[2], self.nodes[name].args
        if instance is None:
            return self.world.names[name]
        takes_none = not (given.args or given.posonlyargs or given.vararg)  # `Net.layer()`, called of the class
        return getattr(type(instance) if takes_none else instance, word)

    def _wired(
        self, given: Mapping[str, Any], forward: Any, values: Mapping[Key, Any], held: Mapping[str, Any], again: Any
    ) -> tuple[dict[str, Any], dict[str, Path], bool]:
        """Return what the backward function is handed."""
        assert self.forward is not None
        items = {path: seen(item) if self._lists_numbers(item) else item for path, item in items_of(forward)}
        spoken = {path: frozenset(map(str, path)) for path in items if path and isinstance(path[0], str)}
        spoken |= {path: names for path, names in returned_names(self.nodes[self.forward]).items() if len(path) <= 1}
        self.added = empty_sums(self.sums, given)
        own = {**handed(self.target, values), **held, **self.added}
        arguments: dict[str, Any] = {}
        gradients: list[str] = []
        flags = set(asking_for_more(self.nodes[self.forward]))
        whole, callers = (
            self._results(),
            {**self.unnamed, **self._in_order(), **self._callers(), **self._by_structure()},
        )
        for name in required(self.nodes[self.target]):
            if name in whole:
                arguments[name] = forward
                continue
            if again is not None and naming.is_gradient_argument(name):
                arguments[name] = again
                continue
            path = next((path for path, names in spoken.items() if name in names and path in items), None)
            path = callers[name] if callers.get(name) in items else path
            if name in own:
                arguments[name] = own[name]
            elif name in self.unread and not self._is_forgotten(name, spoken.values()):
                arguments[name] = given.get(name)
            elif name in given and name not in flags:  # `forward(x, cache=True)` asks for the cache
                arguments[name] = given[name]
            elif name in self.same_targets:
                arguments[name] = given[self.same_targets[name]]
            elif name in self.way:
                arguments[name] = aliases.value_of(self.way[name], given, items)
            elif name in self.shapes:
                arguments[name] = aliases.value_of(self.shapes[name], given, items).shape
            elif path is not None:
                arguments[name] = items[path]
            elif naming.is_gradient_argument(name):
                gradients.append(name)
            else:
                arguments[name] = cache_of(forward, name)
        taken = {id(value) for value in (*arguments.values(), *given.values())}
        floating = {path: value for path, value in items.items() if _is_floating(value) or is_of_arrays(value)}
        outputs = {path: value for path, value in floating.items() if id(value) not in taken or path in ((), (0,))}
        several = {path for path, value in outputs.items() if is_of_arrays(value)}
        through = goes_through(self.nodes[self.target]) if several else set()
        upstream, is_plain = matched(gradients, outputs, {} if self.in_order else spoken, several, through)
        for number, (name, path) in enumerate(upstream.items()):
            arguments[name] = drawn_like(outputs[path], np.random.default_rng(50 + number))
            if isinstance(outputs[path], np.ndarray) and returns_in_turn(self.nodes[self.target]):
                arguments[name] = ONE_ALONE * np.eye(1, outputs[path].size, 1).reshape(outputs[path].shape)
        arguments |= dict.fromkeys(set(gradients) - upstream.keys(), 0.0)
        return arguments, upstream, is_plain

    def _lists_numbers(self, item: Any) -> bool:
        """Tell whether a result is a table in plain lists, of a program in which lists of numbers are arrays."""
        return self.world.hooks.moved is not None and isinstance(item, list) and any(isinstance(i, list) for i in item)

    def _is_forgotten(self, name: str, outputs: Iterable[frozenset[str]]) -> bool:
        """Tell whether nothing is done with the gradient of an output, by its name, where another one goes back."""
        others = set(required(self.nodes[self.target])) - self.unread
        is_told = any(naming.is_gradient_of(name, word) >= 2 for words in outputs for word in words)
        return is_told and any(map(naming.is_gradient_argument, others))


def _arrays_of(instance: Any) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the arrays of numbers that an object holds, with the names of their attributes."""
    held = vars(instance).items() if hasattr(instance, "__dict__") else ()
    yield from ((name, value) for name, value in held if isinstance(value, np.ndarray) and value.dtype.kind == "f")


def _makes_rows_alone(constructor: ast.FunctionDef) -> bool:
    """Tell whether a constructor makes arrays of one size each: `np.zeros(n)`, `np.random.randn(n) * 0.1`."""
    made = [
        part
        for part in walk(constructor)
        if isinstance(part, ast.Call) and last_word(part.func) in ("zeros", "ones", "randn", "rand", "random")
    ]
    return bool(made) and all(len(call.args) == 1 and isinstance(call.args[0], ast.Name) for call in made)


def _numbers_in_lists(instance: Any) -> Iterator[tuple[str, int]]:
    """Yield where the lists of an object hold plain numbers."""
    for name, held in vars(instance).items() if hasattr(instance, "__dict__") else ():
        if isinstance(held, list):
            yield from ((name, place) for place, item in enumerate(held) if type(item) in (int, float))


def numbers_of(world: World) -> frozenset[int]:
    """Return the numbers that may be sizes already: literals, and the sizes of the arrays that are there."""
    literals = {n.value for n in walk(world.tree) if isinstance(n, ast.Constant) and type(n.value) is int}
    arrays = {size for v in world.names.values() if isinstance(v, np.ndarray) for size in v.shape}
    plain = {value for value in world.names.values() if type(value) is int}
    return frozenset(number for number in literals | arrays | plain if 2 < number < 200)


def _is_floating(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f")


def _is_state(value: Any) -> bool:
    return isinstance(value, np.ndarray | list | dict | set) or (
        hasattr(value, "__dict__") and not callable(value) and type(value).__module__ == "__main__"
    )
