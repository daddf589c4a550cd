"""First guesses of what the arguments of a function are: by its docstring, by its use of them, by their names."""

import ast
import copy
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise.adopted_uses import adopt_attributes
from crosscheck.recognise.argument_names import (
    BIAS,
    CHARACTERS,
    COUNT,
    COUNTED,
    FUNCTION,
    HOT,
    INPUTS,
    KERNEL,
    LAYERS,
    LENGTH,
    MASKS,
    ONE_LABEL,
    POOLS,
    PREDICTED,
    SPAN,
    STATE,
    STRIDE,
    SYMBOLS,
    TARGET,
    TEXT,
    TYPED,
    VALUES,
    VECTOR,
    is_matrix,
    is_weight,
)
from crosscheck.recognise.encodings import asked_for_zeros, rated, weighing_logarithms
from crosscheck.recognise.files_read import LETTERS, text
from crosscheck.recognise.guesses import (
    ANSWERS,
    ARRAY,
    INTEGERS,
    LABELLED,
    LENGTHS,
    LIST,
    MASK,
    PAIRED,
    SHARES,
    SIZE,
    TUPLE,
    VALUE,
    Guess,
    Key,
    Slot,
)
from crosscheck.recognise.handing import passed_on
from crosscheck.recognise.layer_sizes import Layers
from crosscheck.recognise.letters import ONE, Size
from crosscheck.recognise.made_activations import activation, slope
from crosscheck.recognise.preparing import only_keeps
from crosscheck.recognise.records import Fields
from crosscheck.recognise.said_shapes import Said, documented
from crosscheck.recognise.sources import Source, is_source
from crosscheck.recognise.styles import Style, usual_depth
from crosscheck.recognise.uses import Uses
from crosscheck.source.walking import last_word, walked

PLAIN_RATE = re.compile(r"^(?:learning_?rate|learn_?rate|lr|step_?size)$", re.IGNORECASE)
"""What is a number, whatever is done with it"""
EXAMPLES = re.compile(r"^[mMnN]$|^(?:n|m|num|count|size|len)_?(?:samples|examples|train|data)?$", re.IGNORECASE)
"""What the number of examples is called in a record of data"""
GAMMA = re.compile(r"gamma|^g$|scale", re.IGNORECASE)
"""What a normalised array is multiplied by, before `beta` is added to it"""
SHORT = 12
"""Letters of a text that a method goes through"""
DEPTH = 3
"""Layers of which weights are made up where they are numbered"""


def _flags(nodes: Mapping[str, ast.FunctionDef]) -> Iterator[str]:
    """Yield the names of what is compared with True or False."""
    for node in nodes.values():
        for part in walked(node):
            if isinstance(part, ast.Compare):
                sides = [part.left, *part.comparators]
                if any(isinstance(side, ast.Constant) and isinstance(side.value, bool) for side in sides):
                    yield from (last_word(side) for side in sides)


class Letters:
    """Letters of the sizes that docstrings name, shared by all that is called together."""

    def __init__(self, nodes: Mapping[str, ast.FunctionDef]) -> None:
        self.known: dict[str, Size] = {}
        self.depth = usual_depth(nodes)
        self.flags = set(_flags(nodes))
        self.weighing = dict(weighing_logarithms(nodes))
        """What is multiplied with logarithms, as the shares of classes are in a cross-entropy: along which axis"""
        self.gates = {*asked_for_zeros(nodes), *rated(nodes)}
        """What is only asked where it is not zero, or says what there is: it holds ones there"""
        arguments = {argument.arg for node in nodes.values() for argument in node.args.args}
        self.strengths = frozenset() if any(map(GAMMA.match, arguments)) else frozenset({"beta", "rho"})
        """What a penalty is multiplied by, where nothing is shifted"""

    def sizes(self, tokens: Sequence[str], guess: Guess) -> tuple[tuple[Size, ...], Guess]:
        """Return the sizes that the tokens of one shape stand for."""
        found = []
        for place, token in enumerate(tokens):
            if len(tokens) == 4 and KERNEL.match(token):
                found.append(Size((), 2 if token[:1] in "wW" or token[-1:] in "wW" or place == 3 else 3))
                continue
            size, guess = self.size(token, guess)
            found.append(size)
        return tuple(found), guess

    def size(self, token: str, guess: Guess) -> tuple[Size, Guess]:
        """Return the size that a token such as `4H`, `n_a + n_x` or `1` stands for."""
        if token.strip("_") == "":
            (fresh,), numbers = guess.fresh(1)
            return fresh, replace(guess, numbers=numbers)
        terms: dict[int, int] = {}
        constant = 0
        for part in token.split("+"):
            times, name = re.fullmatch(r"(\d*)\s*\*?\s*(\w*)", part.strip().replace(" ", "")).groups()  # pyright: ignore
            if not name or name.isdigit():
                constant += int(times + name)
                continue
            if name not in self.known:
                (self.known[name],), numbers = guess.fresh(1)
                guess = replace(guess, numbers=numbers)
            known = self.known[name].letter
            assert known is not None
            terms[known] = terms.get(known, 0) + int(times or 1)
        return Size(tuple(sorted(terms.items())), constant), guess


class Asked(NamedTuple):
    """A function, and those of its arguments that are to be made up."""

    owner: str
    node: ast.FunctionDef
    wanted: tuple[str, ...]
    documentation: str
    shapes: Mapping[str, int] = {}
    """How many sizes the arguments hold that are tuples of them"""
    known: Mapping[str, Any] = {}
    """The values of arguments that are no numbers: one of several texts, or a switch"""
    layers: Mapping[str, Layers] = {}
    """Those that are the sizes of layers"""
    records: Mapping[str, Fields] = {}
    """Those that are records of data"""
    makes: bool = False
    """Whether it makes what others are handed, and its arguments are sizes"""
    uses: Uses | None = None
    """What is done with its arguments, where that does not stand in its body"""


def first_guess(
    asked: Sequence[Asked],
    nodes: Mapping[str, ast.FunctionDef],
    style: Style,
    taken: frozenset[int] = frozenset(),
    *,
    believing: bool = True,
) -> Guess:
    """Return a guess of all that is to be made up, in one style."""
    guess, letters = Guess({}, {}, taken=taken, bias=style.bias), Letters(nodes)
    for owner, node, wanted, documentation, shapes, known, layers, records, makes, seen in asked:
        uses = passed_on(node, nodes) if seen is None else copy.deepcopy(seen)
        uses.numbers &= uses.numbers if believing else set()
        inner = (entry for name in wanted for entry in (*uses.keys.get(name, ()), *uses.parts.get(name, ())))
        names = [*wanted, *inner]
        said = documented(documentation, names) if believing else {}
        is_constructor = makes or node.name == "__init__"
        if node.name == "__init__" or only_keeps(node):
            adopt_attributes(uses, owner, node, nodes)
        for name in wanted:
            if name in shapes:
                sizes, numbers = guess.fresh(shapes[name])
                slot = Slot(SIZE, sizes, value=TUPLE)
                guess = replace(guess, slots={**guess.slots, Key(owner, name): slot}, numbers=numbers)
                continue
            if name in layers:
                sizes, numbers = guess.fresh(layers[name].length or letters.depth)
                slot = Slot(SIZE, sizes, value=TUPLE if layers[name].is_tuple else None)
                guess = replace(guess, slots={**guess.slots, Key(owner, name): slot}, numbers=numbers)
                continue
            if name in records:
                guess = _with_record(guess, Key(owner, name), records[name], letters, style)
                continue
            if name in known:
                guess = guess.with_slot(Key(owner, name), Slot(VALUE, value=known[name]))
                continue
            entries = [entry for entry in uses.keys.get(name, ()) if isinstance(entry, str)]
            if entries:
                for entry in entries:
                    key = Key(owner, name, entry)
                    is_usual = any(re.search(pattern, entry, re.IGNORECASE) for pattern, _ in VALUES)
                    pools = bool(POOLS.search(node.name))
                    is_span = (pools or KERNEL.match(entry)) and _locals(node, name, entry) & uses.sizes - uses.arrays
                    if is_span and not is_usual:
                        guess = guess.with_slot(key, Slot(VALUE, value=STRIDE if pools else SPAN))
                        continue
                    guess = _with_slot(guess, key, Uses(strings=uses.strings), said, letters, style, is_constructor)
            elif name in uses.parts and not uses.arrays & {name} and name not in uses.ranks:
                for place, part in enumerate(uses.parts[name]):
                    guess = _with_slot(guess, Key(owner, name, f"#{place} {part}"), uses, said, letters, style, False)
            elif _holds_arrays(uses, name):
                guess = _with_pairs(guess, Key(owner, name), uses, said, letters, style)
            elif uses.numbered.get(name):
                guess = _with_layers(guess, Key(owner, name), uses.numbered[name], style)
            elif name in uses.keys and "get" in uses.methods.get(name, ()):  # options, all of which have defaults
                guess = guess.with_slot(Key(owner, name), Slot(VALUE, value={}))
            else:
                guess = _with_slot(guess, Key(owner, name), uses, said, letters, style, is_constructor)
        found = [tuple(Key(owner, name) for name in names) for names in uses.together]
        guess = replace(guess, together=(*guess.together, *found))
    return guess.of_one_length()


def _with_record(guess: Guess, key: Key, fields: Fields, letters: Letters, style: Style) -> Guess:
    """Return the guess with what is read of a record; data and targets have an axis in common, which sizes count."""
    keys = [key._replace(entry=f".{name}") for name in fields.names]
    for inner in keys:
        guess = _with_slot(guess, inner, fields.uses, {}, letters, style, not fields.is_array(inner.name))
    arrays = [inner for inner in keys if guess.slots[inner].kind == ARRAY and len(guess.slots[inner].sizes) == 2]
    if len(arrays) > 1:
        axis = 1 if style.is_column else 0
        counted = guess.slots[arrays[0]].sizes[axis]
        for inner in arrays[1:]:
            guess = guess.with_letter(guess.slots[inner].sizes[axis].terms[0][0], counted)
        for inner in keys:
            if guess.slots[inner].kind == SIZE and EXAMPLES.match(inner.name):
                guess = guess.with_slot(inner, Slot(SIZE, (counted,)))
    return guess


def _locals(node: ast.FunctionDef, name: str, entry: str) -> set[str]:
    """Return the variables that are an entry of a dictionary: `f = options["f"]`."""
    found: set[str] = set()
    for part in (part for part in walked(node) if isinstance(part, ast.Assign)):
        for target in part.targets:
            both = isinstance(target, ast.Tuple) and isinstance(part.value, ast.Tuple)
            sides = zip(target.elts, part.value.elts, strict=False) if both else [(target, part.value)]  # pyright: ignore
            found |= {
                own.id
                for own, value in sides
                if isinstance(own, ast.Name) and ast.unparse(value) == f"{name}[{entry!r}]"
            }
    return found


def _with_layers(guess: Guess, key: Key, stems: Sequence[str], style: Style) -> Guess:
    """Return the guess with the weights and biases of a few layers, one after another, in a dictionary."""
    sizes, numbers = guess.fresh(DEPTH + 1)
    slots = dict(guess.slots)
    for stem in stems:
        for number, (inner, outer) in enumerate(pairwise(sizes), 1):
            flat = tuple(ONE if one else outer for one in style.bias)
            weight = (outer, inner) if style.is_column else (inner, outer)
            slots[key._replace(entry=f"{stem}{number}")] = Slot(ARRAY, flat if BIAS.search(stem) else weight)
    return replace(guess, slots=slots, numbers=numbers)


def _holds_arrays(uses: Uses, name: str) -> bool:
    """Tell whether something is a list of tuples that hold an array each at least, or indices, as their use shows."""
    known, parts = {*uses.arrays, *uses.ranks, *uses.least, *uses.iterated}, set(uses.paired_in.get(name, ()))
    return bool(parts & (known | uses.indices)) and name not in uses.ranks


def _with_pairs(guess: Guess, key: Key, uses: Uses, said: Mapping[str, Said], letters: Letters, style: Style) -> Guess:
    """Return the guess with a list of tuples, by the parts of these: all first parts in one slot, and so on."""
    keys = [key._replace(entry=f"{PAIRED}{place} {part}") for place, part in enumerate(uses.paired_in[key.argument])]
    (count,), numbers = guess.fresh(1)
    guess = replace(guess, numbers=numbers)
    arrays = uses.arrays | uses.ranks.keys() | uses.least.keys() | uses.iterated | uses.indices
    are_places = bool(set(uses.paired_in[key.argument]) & uses.indices)  # `for i, j, rating in ratings`
    for inner, part in zip(keys, uses.paired_in[key.argument], strict=True):
        guess = _with_slot(guess, inner, uses, said, letters, style, False)
        if are_places and part not in arrays:
            guess = guess.with_slot(inner, Slot(ARRAY))
        slot = guess.slots[inner]
        if slot.kind in (LIST, INTEGERS) or (slot.kind == VALUE and type(slot.value) is int):
            slot = Slot(INTEGERS, (count, *slot.sizes))
        elif slot.kind in (ARRAY, SIZE):
            hot = slot.hot if slot.hot is None or slot.hot < 0 else slot.hot + 1
            slot = slot._replace(kind=ARRAY, sizes=(count, *(slot.sizes if slot.kind == ARRAY else ())), hot=hot)
        guess = guess.with_slot(inner, slot)
    return replace(guess, together=(*guess.together, tuple(keys)))


def _with_slot(
    guess: Guess,
    key: Key,
    uses: Uses,
    said: Mapping[str, Said],
    letters: Letters,
    style: Style,
    is_constructor: bool,
) -> Guess:
    name = key.name
    told = None if is_constructor and COUNT.match(name) else said.get(name)
    is_array = (
        (name in uses.arrays and not PLAIN_RATE.match(name))  # `np.dot(learning_rate, dW)`
        or name in uses.ranks
        or name in uses.iterated
        or (told is not None and told.shape is not None)
    )
    rank = uses.ranks.get(name, uses.least.get(name, 0))
    if name in letters.flags:
        return guess.with_slot(key, Slot(VALUE, value=False))
    if name in uses.labelled:
        told = (slot.sizes[0] for own, slot in guess.slots.items() if slot.kind == SIZE and INPUTS.match(own.name))
        (count, fresh), numbers = guess.fresh(2)
        width = next(told, fresh)
        rows = Slot(ARRAY, (count, width._replace(constant=width.constant + 1)), value=LABELLED)
        return replace(guess, slots={**guess.slots, key: rows}, numbers=numbers)
    if is_source(uses.methods.get(name, ())):
        return guess.with_slot(key, Slot(VALUE, value=Source()))
    if (drawing := _generator(uses.methods.get(name, ()))) is not None:
        return guess.with_slot(key, Slot(VALUE, value=drawing))
    if COUNTED.search(name) and (name in uses.iterated or name in uses.arrays or told is not None):
        return guess.with_slot(key, Slot(INTEGERS, value=LENGTHS)).with_rank(key, 1)
    if name in uses.strings:
        known = uses.strings[name]
        return guess.with_slot(key, Slot(VALUE, value="train" if "train" in known else known[0]))
    are_shares = bool(PREDICTED.search(name)) and "log" in uses.methods.get("np", uses.methods.get("numpy", ()))
    if not is_array and not rank and not are_shares:
        value = next((value for pattern, value in VALUES if re.search(pattern, name, re.IGNORECASE)), None)
        value = 0.3 if value is None and name in letters.strengths else value
        if value is not None and not (name == "layers" and is_constructor):
            return guess.with_slot(key, Slot(VALUE, value=value))
        if name in uses.derived and name in uses.called:
            return guess.with_slot(key, Slot(VALUE, value=activation(uses.derived[name])))
        if name in uses.slopes:
            return guess.with_slot(key, Slot(VALUE, value=slope(uses.slopes[name])))
        if FUNCTION.match(name) and name in uses.called:
            return guess.with_slot(key, Slot(VALUE, value=np.tanh))
    are_symbols = bool(CHARACTERS.match(name)) or (bool(SYMBOLS.match(name)) and "index" in uses.methods.get(name, ()))
    if is_constructor and (TEXT.match(name) or are_symbols):
        return guess.with_slot(key, Slot(VALUE, value=text() if TEXT.match(name) else sorted(LETTERS)))
    is_text = TYPED.match(name) or (TEXT.match(name) and name in uses.iterated)
    if is_text and name not in uses.arrays and rank <= bool(TYPED.match(name)):
        return guess.with_slot(key, Slot(VALUE, value=text()[:SHORT]))
    if name in uses.numbers and not is_array and not rank:
        return guess.with_slot(key, Slot(ARRAY))
    is_size = bool(COUNT.match(name)) or name in uses.sizes
    if is_constructor and not is_weight(name):
        is_size = True
    if is_constructor and LAYERS.match(name):
        sizes, numbers = guess.fresh(letters.depth)
        return replace(guess, slots={**guess.slots, key: Slot(SIZE, sizes)}, numbers=numbers)
    is_target = bool(TARGET.match(name)) and name not in uses.sizes  # `randn(labels, width)` is how many there are
    if is_size and not is_array and not rank and name not in uses.indices and not is_target:
        sizes, numbers = guess.fresh(1)
        return replace(guess, slots={**guess.slots, key: Slot(SIZE, sizes)}, numbers=numbers)
    if name in uses.negated:
        return guess.with_slot(key, Slot(ARRAY, value=ANSWERS)).with_rank(key, max(rank, 1))
    if name in uses.indices or (told is not None and told.integers and not is_matrix(name)):
        is_told = told is not None and told.single
        if (is_told or name in uses.single) and not rank and name not in uses.iterated:
            return guess.with_slot(key, Slot(VALUE, value=1))
        is_label = TARGET.match(name) or ONE_LABEL.match(name)
        is_single = is_label and name in uses.lone and name not in uses.paired | uses.iterated
        is_of_one = LENGTH in letters.known or any(known.argument in uses.iterated for known in guess.slots)
        is_of_one |= bool(ONE_LABEL.match(name))
        if is_single and not (rank or told) and is_of_one:  # the one label of a sequence
            return guess.with_slot(key, Slot(VALUE, value=1))
        alike = next((s.sizes for s in guess.slots.values() if s.kind == INTEGERS and len(s.sizes) > 1), None)
        if alike and TARGET.match(name) and rank in (0, len(alike)) and not (told and told.shape):  # a label for each
            return guess.with_slot(key, Slot(INTEGERS, alike))
        rank = rank or (len(told.shape) if told and told.shape else 1)
        needs_array = bool(
            uses.methods.get(name, set()) & {"shape", "reshape", "flatten", "ravel", "size", "T", "astype"}
        )
        needs_array = needs_array or bool(uses.negated)  # a list cannot be asked for those that are known
        kind = LIST if rank == 1 and not needs_array else INTEGERS
        known = letters.known.get(LENGTH)
        if rank == 1 and known is not None:  # symbols and their targets are of one length
            return guess.with_slot(key, Slot(kind, (known,)))
        made = guess.with_slot(key, Slot(kind)).with_rank(key, rank)
        if rank == 1:
            letters.known[LENGTH] = made.slots[key].sizes[0]
        return made
    alike = next((s.sizes for s in guess.slots.values() if s.kind == INTEGERS and len(s.sizes) > 1), None)
    if MASKS.search(name) and alike and rank in (0, len(alike)) and not (told and told.shape):
        return guess.with_slot(key, Slot(ARRAY, alike, value=MASK))
    is_gate = bool(MASKS.search(name)) or name in letters.gates
    slot = Slot(
        ARRAY,
        value=MASK if is_gate else SHARES if are_shares or name in uses.logged else None,
        hot=letters.weighing.get(name, -1) if _is_hot(name, letters, told) else None,
    )
    if (
        told is not None
        and told.shape is not None
        and len(told.shape) in (uses.ranks.get(name), max(rank, len(told.shape)))
    ):
        sizes, guess = letters.sizes(told.shape, guess)
        return guess.with_slot(key, slot._replace(sizes=sizes))
    if name in uses.shapes:
        sizes, guess = letters.sizes(uses.shapes[name], guess)
        return guess.with_slot(key, slot._replace(sizes=sizes))
    guess = guess.with_slot(key, slot)
    if BIAS.search(name) and rank < 2 and name not in uses.ranks:
        return guess.with_bias(key, slot)
    usual = 2 if is_matrix(name) else min(style.rank, 2) if STATE.match(name) else style.rank
    usual = 1 if VECTOR.search(name) else usual
    made = guess.with_rank(key, uses.ranks.get(name, max(rank, usual)))
    changed = made.slots[key]
    return made.with_slot(key, changed._replace(hot=slot.hot))


def _is_hot(name: str, letters: Letters, told: Said | None) -> bool:
    """Tell whether an array holds one for one of several classes, and zeros for the others."""
    is_said = told is not None and told.one_hot
    return bool(is_said or TARGET.match(name) or HOT.search(name) or name in letters.weighing)


def is_generator(uses: Uses, name: str) -> bool:
    """Tell whether random numbers are drawn from something."""
    return _generator(uses.methods.get(name, ())) is not None


def _generator(methods: Collection[str]) -> np.random.Generator | np.random.RandomState | None:
    """Return a generator of random numbers that has some methods, if nothing else has them."""
    wanted = set(methods)
    if not wanted & {"normal", "standard_normal", "uniform", "randn", "rand", "random_sample", "integers", "randint"}:
        return None
    makers = (np.random.RandomState, np.random.Generator)
    kind = next((kind for kind in makers if wanted <= set(dir(kind))), None)
    if kind is None:
        return None
    return np.random.RandomState(0) if kind is np.random.RandomState else np.random.default_rng(0)


def hot_axes(guess: Guess) -> tuple[Guess, bool]:
    """Put the ones of encoded targets along the axis of the classes; tell whether it is sure which that is.

    The classes are what weights, biases and sizes count; examples and steps are what only data count.
    """
    counted: set[Size] = set()
    for key, slot in guess.slots.items():
        if slot.kind == SIZE or (slot.kind == ARRAY and (BIAS.search(key.name) or is_matrix(key.name))):
            counted |= set(slot.sizes)
    sure = True
    for key, slot in guess.slots.items():
        if slot.hot is None or slot.hot == 0 or slot.kind != ARRAY or len(slot.sizes) < 2:
            continue
        fixed = {size for size in slot.sizes if size.letter in guess.fixed}
        single = [axis for axis, size in enumerate(slot.sizes) if guess.number(size) == 1]
        axes = [axis for axis, size in enumerate(slot.sizes) if size in counted or size in fixed]
        columns = [axis for axis in axes if axis not in single] if len(slot.sizes) > 2 else []  # (steps, classes, 1)
        axes = columns or single or axes
        if len(axes) == 1:
            guess = guess.with_slot(key, slot._replace(hot=axes[0]))
        else:
            sure = False
    return guess, sure
