"""What names, docstrings and uses say of arguments before anything runs."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from crosscheck.recognise.argument_names import BIAS, STATE, TARGET, VALUES, is_weight
from crosscheck.recognise.guesses import ARRAY as ARRAY_SLOT
from crosscheck.recognise.guesses import INTEGERS, Guess, Key
from crosscheck.recognise.handing import passed_on
from crosscheck.recognise.said_shapes import documented
from crosscheck.recognise.slots import Asked
from crosscheck.recognise.tracing.choices import Option
from crosscheck.recognise.tracing.lengths import Equations
from crosscheck.recognise.tracing.values import ARRAY, SIZE, UNKNOWN, Value

DATA = re.compile(r"^(?:[xX](?:s|_?t|_\w+|\d)?$|data|inputs?$)")
CAPITALS, INDICES = (2, 1, 3, 0), (1, 0, 2)
LIKELY: tuple[tuple[re.Pattern[str], tuple[int, ...]], ...] = (
    (BIAS, (1, 2, 0, 3)),
    (STATE, (2, 1, 3, 0)),
    (TARGET, (2, 1, 3, 0)),
    (DATA, (2, 1, 3, 4, 0)),
    (re.compile(r"^[A-Z]"), CAPITALS),
)
"""Ranks of arrays by their names, likeliest first"""
WEIGHTS, OTHERS = (2, 1, 4, 3, 0), (1, 2, 0, 3)
COST = 0.5
"""Of each rank that is passed over"""


class Hints:
    """What is known of the arguments that are asked for, by their keys."""

    equations: Equations

    def __init__(self, guess: Guess, asked: Sequence[Asked], nodes: Mapping[str, Any]) -> None:
        self.guess = guess
        self.keys = {spelled(key): key for key in guess.slots}
        self.exact: dict[str, int] = {}
        self.least: dict[str, int] = {}
        self.said: dict[str, tuple[str, ...]] = {}
        for one in asked:
            uses = passed_on(one.node, nodes)
            names = [key.name for key in guess.slots if key.owner == one.owner]
            said = documented(one.documentation, names)
            for key in (key for key in guess.slots if key.owner == one.owner):
                name = spelled(key)
                if not key.entry or key.place is not None:
                    if key.name in uses.ranks:
                        self.exact[name] = uses.ranks[key.name]
                    self.least[name] = uses.least.get(key.name, 0)
                told = said.get(key.name)
                if told is not None and told.shape is not None:
                    self.said[name] = told.shape

    def begin(self, equations: Equations) -> "Hints":
        """Get ready for another set of answers."""
        self.equations = equations
        self.integers: set[str] = set()
        self.arrays: set[str] = set()
        """Arguments that no list will do for"""
        self.of_states: dict[str, int] = {}
        """For each function how many axes the first of its states has: its others have as many"""
        self.fewest = self.guess.symbols
        """Symbols that fit wherever an integer is an index"""
        return self

    def ranks(self, name: str, *, is_index: bool = False) -> list[Option]:
        """Return how many axes an argument may have, each with what it costs to believe so."""
        whole = name.count("[]")
        own = name.replace("[]", "")
        key = self.keys.get(own)
        if own in self.exact:
            return [Option(self.exact[own] - whole, 0.0)] if self.exact[own] >= whole else []
        word = key.name if key else re.sub(r"^#\d+ ", "", own.rpartition("[")[2].strip("']"))
        usual = next((ranks for pattern, ranks in LIKELY if pattern.search(word)), OTHERS)
        usual = CAPITALS if len(word) == 1 and word.isupper() else INDICES if is_index else usual
        usual = WEIGHTS if is_weight(word) and not BIAS.search(word) else usual
        if any(re.search(pattern, word, re.IGNORECASE) for pattern, _ in VALUES):
            usual = (0, *(rank for rank in usual if rank))
        costs = {rank: COST * place + COST * 2 * (rank > 2) for place, rank in enumerate(usual)}
        if DATA.search(word):
            costs[1] += COST
        found = [Option(rank - whole, cost) for rank, cost in costs.items() if rank >= whole]
        if key is not None and own in self.said:
            told = len(self.said[own])
            found = [
                Option(told - whole, 0.0),
                *(Option(o.answer, o.cost + 2) for o in found if o.answer != told - whole),
            ]
        if key is not None and key.owner in self.of_states and STATE.match(word):
            like = self.of_states[key.owner] - whole
            found = [Option(o.answer, 0.0 if o.answer == like else max(o.cost, COST)) for o in found]
        least = self.least.get(own, 0) - whole
        return [option for option in found if option.answer >= max(least, 0)]

    def note(self, name: str, rank: int) -> None:
        """Note how many axes an argument was taken to have."""
        key = self.keys.get(name)
        if key is not None and STATE.match(key.name):
            self.of_states.setdefault(key.owner, rank)

    def shape(self, name: str, rank: int, *, first: bool = False) -> list[Any]:
        """Return unknown lengths for the axes of an argument."""
        own, whole = name.replace("[]", ""), name.count("[]")
        said = self.said.get(own)
        if said is not None and len(said) == rank + whole:
            return [self._spelled(token) for token in said[whole:]]
        if first and said is not None:
            return [self._spelled(said[0])]
        return [self.equations.unknown(f"{own}.{axis + whole}") for axis in range(rank)]

    def _spelled(self, token: str) -> Any:
        """Return what a docstring calls a length: `4H`, `n_a + n_x`, `1`."""
        if token.strip("_") == "":
            return self.equations.another(f"blank {token}")
        total: Any = 0
        for part in token.split("+"):
            times, word = re.fullmatch(r"(\d*)\s*\*?\s*(\w*)", part.strip().replace(" ", "")).groups()  # pyright: ignore
            total = total + (int(times or 1) * self.equations.unknown(f"said {word}") if word else int(times or 1))
        return total

    def may_be_one(self, name: str) -> bool:
        """Tell whether a length may turn out to be one where it meets another: it is an argument's."""
        return not name.startswith(("#", "said ")) and not name.endswith(".size")

    def may_be_vector(self, name: str) -> bool:
        """Tell whether an argument is a state that no docstring gives a shape."""
        key = self.keys.get(name)
        return key is not None and bool(STATE.match(key.name)) and name not in self.said

    def cost_of_one(self, name: str) -> float:
        """Return how unlikely it is that an axis of an argument has the length one."""
        own, _, axis = name.rpartition(".")
        key = self.keys.get(own)
        is_matrix = f"{own}.1" in self.equations.numbers  # a bias of one axis is rarely a single number
        if key is not None and BIAS.search(key.name) and not key.name.isupper() and is_matrix:
            return 0.4
        return 2.0 + (axis == "0" and key is not None and bool(TARGET.match(key.name))) * -0.5

    def as_size(self, value: Value) -> Any:
        """Return the length that a value stands for where a length is wanted."""
        if value.kind == UNKNOWN and value.name:
            value.kind = SIZE
        if value.kind == SIZE:
            return self.equations.unknown(f"{value.name}.size")
        if value.kind == ARRAY and not value.dims:
            return self.equations.another(f"number {value.root.name}")
        return int(value)

    def is_array(self, key: Key) -> bool:
        """Tell whether a slot is to be found out."""
        return self.guess.slots[key].kind in (ARRAY_SLOT, INTEGERS, "list")


def spelled(key: Key) -> str:
    """Return what an argument is called in questions: with the function that it is handed to."""
    return f"{key.owner}:{key}"
