"""First guesses of what the arguments of a function are: by its docstring, by its use of them, by their names."""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise.guesses import (
    ARRAY,
    INTEGERS,
    LENGTHS,
    LIST,
    MASK,
    ONE,
    SHARES,
    SIZE,
    TUPLE,
    VALUE,
    Guess,
    Key,
    Size,
    Slot,
)
from crosscheck.recognise.instrument import root_word
from crosscheck.recognise.sources import Source, is_source
from crosscheck.recognise.stubs import LETTERS, Descent, text
from crosscheck.recognise.uses import Said, Uses, documented, stem_of, uses_of

TARGET = re.compile(
    r"^(?:y|ys|t|ts|y_?true|y_?batch|y_?train|targets?|labels?|tags?|truth|expected|gold|y_?enc)$|^\w*one_?hot$|^y_?oh$"
    r"|^(?:true|y|target)_?(?:labels?|values?|ids)$|^true_?y$|^y_?targets?$|^ground_?truth$",
    re.I,
)
NUMBERED = re.compile(r"^(?:d?[Wb]|weights?|bias(?:es)?)_?(\d)$")
BIAS = re.compile(r"^b(?:_?[a-z0-9]{1,3})?$|bias|^gamma|^beta|^scale$|^shift$", re.I)
STATE = re.compile(
    r"^(?:prev_?|init_?|last_?|old_?)?(?:h|c|a|s|state|hidden|cell|hidden_?state|cell_?state)_?"
    r"(?:prev|0|init|last|t|start|old|state)?s?$",
    re.I,
)
LAYERS = re.compile(
    r"^(?:layers?_?(?:sizes?|dims?)|hidden_?(?:sizes|dims)|sizes|layers|dims|structure|topology)$", re.I
)
STRIDE = 2
"""What a window moves by: its length where it pools, so that none overlap, as is usual"""
POOLS = re.compile(r"pool", re.I)
VALUES: tuple[tuple[str, Any], ...] = (
    (r"learn(?:ing)?_?rate|^rate$|^lr$|^eta$|^alpha$|step_?size|^reg$|lambda|weight_?scale|^std$|scale", 0.1),
    (r"^eps|epsilon", 1e-5),
    (r"momentum|^decay|^rho$|beta_?[12]", 0.9),
    (r"keep|^p$|^prob$|^rate$", 0.6),
    (r"drop", 0.4),
    (r"^strides?$", STRIDE),
    (r"^pad(?:ding)?$", 1),
    (r"^(?:kernel|filter|pool|window)_?(?:size|height|width|h|w)$|^p(?:ool)?_?[hw]$", 2),
    (r"(?-i:^G$)|^(?:n_?|num_?)?groups$", 2),
    (r"seed|random_state", 0),
    (r"n(?:um)?_?layers|heads?$|^layers$|n_?iter|num_iter|iterations|epochs?$|^iters$", 2),
    (r"^mode$", "train"),
    (r"^(?:is_?)?train(?:ing)?(?:_fl?a?g)?$|^(?:use_?)?bias$", True),
    (r"verbose|print|debug|stateful|plot", False),
    (r"trunc", 100),
    (r"^dtype$", np.float64),
    (r"^(?:rng|rs|prng|random_?(?:generator|gen|stream)|np_?random)$", np.random.RandomState(3)),
    (r"^(?:optimi[sz]er|opt)$", Descent()),
)
PREDICTED = re.compile(r"pred|prob|^p$|^y_?hat|^a_?l$|^output$", re.I)
"""What the arguments of a loss are called that takes logarithms of probabilities"""
TEXT = re.compile(r"^(?:text|txt|corpus|content|string|document)$", re.I)
CHARACTERS = re.compile(r"^(?:chars|characters|alphabet|letters)$", re.I)
"""What texts and their symbols are called that an object is made for"""
KERNEL = re.compile(r"^(?:hh|ww|[fk]_?[hw]?|(?:kernel|filter)_?(?:h|w|size|height|width))$", re.I)
"""What the sizes of a filter are called: they are to be smaller than what it slides over"""
SPAN = 3
"""The size of a filter that is one of a function's options: no stride, so that what it moves over overlaps"""
COUNT = re.compile(r"(?:n|num)_|(?:.*_)?(?:size|dim|units)$|vocab(?:ulary)?(?:_len)?$", re.I)
COUNTED = re.compile(r"^(?:seq(?:uence)?_?)?len(?:gth)?s$|_len(?:gth)?s$")
"""What the lengths of padded sequences are called"""
MASKS = re.compile(r"^(?:\w+_)?masks?$", re.I)
"""What is called that holds a one for what counts"""
DEEPEST = 4
"""Functions through which an argument is followed"""
DEPTH = 3
"""Layers of which weights are made up where they are numbered"""
LENGTH = "the length of sequences"
FUNCTION = re.compile(r"^(?:f|g|act|activation|nonlin|nonlinearity|phi|sigma)(?:_?(?:fn|func|function))?$", re.I)


class Style(NamedTuple):
    """What is settled by convention where nothing else tells."""

    bias: tuple[int, ...]
    """0 for a size, 1 for an axis of length one"""
    rank: int
    """Of data and states"""
    is_column: bool = False
    """Whether weights stand left of what they are multiplied with"""


STYLES = (
    Style((0,), 2),
    Style((0, 1), 2),
    Style((0,), 1),
    Style((1, 0), 2),
    Style((0,), 3),
    Style((0, 1), 3),
)


COLUMNS = (STYLES[1], STYLES[2], STYLES[0], *STYLES[3:])
"""The order for files that multiply weights from the left"""


def styles_of(nodes: Iterable[ast.FunctionDef], others: Iterable[ast.FunctionDef] = ()) -> tuple[Style, ...]:
    """Return the styles, most likely first: whether weights stand left or right of what they are multiplied with.

    Where the functions multiply no weights, what `others` do counts.
    """
    left, right = _sides(nodes)
    if left == right:
        left, right = _sides(others)
    return tuple(style._replace(is_column=True) for style in COLUMNS) if left > right else STYLES


def _sides(nodes: Iterable[ast.FunctionDef]) -> tuple[int, int]:
    """Return how often a weight stands left and right of something else."""
    left = right = 0
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            sides = [node.left, node.right]
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("dot", "matmul")
        ):
            is_function = getattr(node.func.value, "id", "") in ("np", "numpy")
            sides = list(node.args) if is_function else [node.func.value, *node.args]
        else:
            continue
        weights = [is_weight(_stem_or_word(side)) for side in sides[:2]]
        left += weights == [True, False]
        right += weights == [False, True]
    return left, right


def _stem_or_word(side: ast.expr) -> str:
    """Return what a factor is called: W for `parameters['W' + str(l)]`."""
    return (stem_of(side.slice) if isinstance(side, ast.Subscript) else "") or root_word(side)


def most_layers(nodes: Mapping[str, ast.FunctionDef]) -> int:
    """Return the number of the last layer whose weights are read from a dictionary: of `parameters["W3"]` it is 3."""
    constants = (
        part.slice.value
        for node in nodes.values()
        for part in ast.walk(node)
        if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant)
    )
    found = (NUMBERED.match(value) for value in constants if isinstance(value, str))
    return max((int(match[1]) for match in found if match), default=0)


def _flags(nodes: Mapping[str, ast.FunctionDef]) -> Iterator[str]:
    """Yield the names of what is compared with True or False."""
    for node in nodes.values():
        for part in ast.walk(node):
            if isinstance(part, ast.Compare):
                sides = [part.left, *part.comparators]
                if any(isinstance(side, ast.Constant) and isinstance(side.value, bool) for side in sides):
                    yield from (getattr(side, "id", getattr(side, "attr", "")) for side in sides)


class Letters:
    """Letters of the sizes that docstrings name, shared by all that is called together."""

    def __init__(self, nodes: Mapping[str, ast.FunctionDef]) -> None:
        self.known: dict[str, Size] = {}
        self.layers = most_layers(nodes)
        self.flags = set(_flags(nodes))

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
    words: Mapping[str, str] = {}
    """Texts for the arguments that are one of several"""
    makes: bool = False
    """Whether it makes what others are handed, and its arguments are sizes"""


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
    for owner, node, wanted, documentation, shapes, words, makes in asked:
        uses = passed_on(node, nodes)
        inner = (entry for name in wanted for entry in (*uses.keys.get(name, ()), *uses.parts.get(name, ())))
        names = [*wanted, *inner]
        said = documented(documentation, names) if believing else {}
        is_constructor = makes or node.name == "__init__"
        if node.name == "__init__":
            _adopt_attributes(uses, owner, node, nodes)
        for name in wanted:
            if name in shapes:
                sizes, numbers = guess.fresh(shapes[name])
                slot = Slot(SIZE, sizes, value=TUPLE)
                guess = replace(guess, slots={**guess.slots, Key(owner, name): slot}, numbers=numbers)
                continue
            if name in words:
                guess = guess.with_slot(Key(owner, name), Slot(VALUE, value=words[name]))
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
            elif uses.numbered.get(name):
                guess = _with_layers(guess, Key(owner, name), uses.numbered[name], style)
            elif name in uses.keys and "get" in uses.methods.get(name, ()):  # options, all of which have defaults
                guess = guess.with_slot(Key(owner, name), Slot(VALUE, value={}))
            else:
                guess = _with_slot(guess, Key(owner, name), uses, said, letters, style, is_constructor)
        found = [tuple(Key(owner, name) for name in names) for names in uses.together]
        guess = replace(guess, together=(*guess.together, *found))
    return guess.of_one_length()


def _locals(node: ast.FunctionDef, name: str, entry: str) -> set[str]:
    """Return the variables that are an entry of a dictionary: `f = options["f"]`."""
    found: set[str] = set()
    for part in (part for part in ast.walk(node) if isinstance(part, ast.Assign)):
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


def _adopt_attributes(uses: Uses, owner: str, node: ast.FunctionDef, nodes: Mapping[str, ast.FunctionDef]) -> None:
    """Let a constructor's arguments have the shapes that methods find in the attributes that hold them."""
    kept = {
        ast.unparse(target): statement.value.id
        for statement in ast.walk(node)
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name)
        for target in statement.targets
    }
    for name, method in nodes.items():
        if name.rpartition(".")[0] == owner.rpartition(".")[0] and method is not node:
            seen = uses_of(method)
            for attribute, argument in kept.items():
                if attribute in seen.shapes:
                    uses.shapes.setdefault(argument, seen.shapes[attribute])
                    uses.ranks.setdefault(argument, seen.ranks[attribute])


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
        name in uses.arrays
        or name in uses.ranks
        or name in uses.iterated
        or (told is not None and told.shape is not None)
    )
    rank = uses.ranks.get(name, uses.least.get(name, 0))
    if name in letters.flags:
        return guess.with_slot(key, Slot(VALUE, value=False))
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
        if value is not None and not (name == "layers" and is_constructor):
            return guess.with_slot(key, Slot(VALUE, value=value))
        if FUNCTION.match(name) and name in uses.called:
            return guess.with_slot(key, Slot(VALUE, value=np.tanh))
    if is_constructor and (TEXT.match(name) or CHARACTERS.match(name)):
        return guess.with_slot(key, Slot(VALUE, value=text() if TEXT.match(name) else sorted(LETTERS)))
    is_size = bool(COUNT.match(name)) or name in uses.sizes
    if is_constructor and not is_weight(name):
        is_size = True
    if is_constructor and LAYERS.match(name):
        sizes, numbers = guess.fresh(max(3, 1 + letters.layers))
        return replace(guess, slots={**guess.slots, key: Slot(SIZE, sizes)}, numbers=numbers)
    if is_size and not is_array and not rank and name not in uses.indices and not TARGET.match(name):
        sizes, numbers = guess.fresh(1)
        return replace(guess, slots={**guess.slots, key: Slot(SIZE, sizes)}, numbers=numbers)
    if name in uses.indices or (told is not None and told.integers and not _is_parameter(name)):
        is_told = told is not None and told.single
        if (is_told or name in uses.single) and not rank and name not in uses.iterated:
            return guess.with_slot(key, Slot(VALUE, value=1))
        is_single = TARGET.match(name) and name in uses.lone and name not in uses.paired | uses.iterated
        is_of_one = LENGTH in letters.known or any(known.argument in uses.iterated for known in guess.slots)
        if is_single and not (rank or told) and is_of_one:  # the one label of a sequence
            return guess.with_slot(key, Slot(VALUE, value=1))
        alike = next((s.sizes for s in guess.slots.values() if s.kind == INTEGERS and len(s.sizes) > 1), None)
        if alike and TARGET.match(name) and rank in (0, len(alike)) and not (told and told.shape):  # a label for each
            return guess.with_slot(key, Slot(INTEGERS, alike))
        rank = rank or (len(told.shape) if told and told.shape else 1)
        needs_array = bool(
            uses.methods.get(name, set()) & {"shape", "reshape", "flatten", "ravel", "size", "T", "astype"}
        )
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
    slot = Slot(
        ARRAY,
        value=MASK if MASKS.search(name) else SHARES if are_shares else None,
        hot=-1 if TARGET.match(name) or (told is not None and told.one_hot) else None,
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
    if BIAS.search(name) and rank < 2:
        return guess.with_bias(key, slot)
    usual = 2 if _is_parameter(name) else min(style.rank, 2) if STATE.match(name) else style.rank
    made = guess.with_rank(key, uses.ranks.get(name, max(rank, usual)))
    changed = made.slots[key]
    return made.with_slot(key, changed._replace(hot=slot.hot))


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


def is_weight(name: str) -> bool:
    """Tell whether a name is that of a weight or a bias."""
    return _is_parameter(name) or bool(BIAS.search(name))


def _is_parameter(name: str) -> bool:
    return bool(re.match(r"^[WUVw](?:[a-z0-9_]{0,5})$", name)) or bool(re.search(r"weight|embed.*w|kernel", name, re.I))


def passed_on(node: ast.FunctionDef, nodes: Mapping[str, ast.FunctionDef], seen: frozenset[str] = frozenset()) -> Uses:
    """Return what a function and those that it hands its arguments to do with them."""
    found = uses_of(node)
    if len(seen) > DEEPEST:
        return found
    named: dict[str, list[ast.FunctionDef]] = {}
    for known, other in nodes.items():
        named.setdefault(known.rpartition(".")[2], []).append(other)
    done: set[str] = set()
    usual = dict(_functions_by_default(node))
    for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        name = usual.get(name, name)
        others = named.get(name, [])
        if len(others) != 1 or others[0] is node or name in seen or name in done:
            continue
        done.add(name)
        inner = passed_on(others[0], nodes, seen | {node.name, name})
        for library in inner.methods.keys() & {"np", "numpy"}:
            found.methods[library] = {*found.methods.get(library, ()), *inner.methods[library]}
        for own, theirs in handed_on(call, others[0]):
            _adopt(found, own, inner, theirs)
    return found


def _functions_by_default(node: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Yield (argument, name) for arguments that are what a name means unless told otherwise: `cost=softmax_cost`."""
    arguments, defaults = node.args.args, node.args.defaults
    for argument, default in zip(reversed(arguments), reversed(defaults), strict=False):
        if isinstance(default, ast.Name):
            yield argument.arg, default.id


def handed_on(call: ast.Call, node: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Yield the variables that a call hands on, and the arguments that they become."""
    names = [argument.arg for argument in node.args.args if argument.arg != "self"]
    for argument, name in zip(call.args, names, strict=False):
        if isinstance(argument, ast.Name):
            yield argument.id, name
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Name) and keyword.arg:
            yield keyword.value.id, keyword.arg


def _adopt(found: Uses, own: str, inner: Uses, theirs: str) -> None:
    for facts, others in (
        (found.ranks, inner.ranks),
        (found.shapes, inner.shapes),
        (found.unpacked, inner.unpacked),
        (found.parts, inner.parts),
        (found.strings, inner.strings),
        (found.methods, inner.methods),
        (found.numbered, inner.numbered),
    ):
        if theirs in others:
            facts.setdefault(own, others[theirs])  # pyright: ignore[reportArgumentType, reportCallIssue]
    if theirs in inner.keys:
        found.keys[own] = list(dict.fromkeys([*found.keys.get(own, ()), *inner.keys[theirs]]))
    if theirs in inner.least:
        found.least[own] = max(found.least.get(own, 0), inner.least[theirs])
    for facts_of in ("indices", "single", "arrays", "sizes", "iterated"):
        names, others = getattr(found, facts_of), getattr(inner, facts_of)
        if theirs in others:
            names.add(own)


def hot_axes(guess: Guess) -> tuple[Guess, bool]:
    """Put the ones of encoded targets along the axis of the classes; tell whether it is sure which that is.

    The classes are what weights, biases and sizes count; examples and steps are what only data count.
    """
    counted: set[Size] = set()
    for key, slot in guess.slots.items():
        if slot.kind == SIZE or (slot.kind == ARRAY and (BIAS.search(key.name) or _is_parameter(key.name))):
            counted |= set(slot.sizes)
    sure = True
    for key, slot in guess.slots.items():
        if slot.hot is None or slot.kind != ARRAY or len(slot.sizes) < 2:
            continue
        fixed = {size for size in slot.sizes if size.letter in guess.fixed}
        single = [axis for axis, size in enumerate(slot.sizes) if guess.number(size) == 1]
        axes = single or [axis for axis, size in enumerate(slot.sizes) if size in counted or size in fixed]
        if len(axes) == 1:
            guess = guess.with_slot(key, slot._replace(hot=axes[0]))
        else:
            sure = False
    return guess, sure
