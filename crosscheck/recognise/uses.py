"""What a function does with its arguments, and what its docstring says of them."""

import ast
import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crosscheck.recognise.annotated import lists_of_numbers, single_numbers
from crosscheck.recognise.argument_names import PREDICTED, TARGET
from crosscheck.recognise.named_choices import named_choices
from crosscheck.recognise.single_steps import moved_by_totals
from crosscheck.recognise.spelled_out import spelled_out
from crosscheck.source.walking import kept, last_word, walked

MAKES_ARRAYS = frozenset(
    ["zeros", "ones", "randn", "rand", "empty", "full", "eye", "uniform", "normal", "random", "reshape", "identity"]
)


LONGEST_CHAIN = 3
"""Steps by which an index is followed: `c = extended[s]`, `extended.append(label)`, `for label in labels`"""


@dataclass
class Uses:
    """Facts by the name of an argument."""

    ranks: dict[str, int] = field(default_factory=dict)
    """Numbers of axes, where a shape is unpacked"""
    least: dict[str, int] = field(default_factory=dict)
    """Numbers of axes that are indexed"""
    shapes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What the sizes are called, where a shape is unpacked"""
    unpacked: dict[str, int] = field(default_factory=dict)
    """Numbers of parts that something is taken apart into"""
    parts: dict[str, list[str]] = field(default_factory=dict)
    """What these parts are called"""
    paired_in: dict[str, list[str]] = field(default_factory=dict)
    """What the parts of each entry are called, where a loop takes them apart: `for x, y in pairs`"""
    keys: dict[str, list[str]] = field(default_factory=dict)
    numbered: dict[str, list[str]] = field(default_factory=dict)
    """What keys begin with that end in a number: W and b where `parameters['W' + str(l)]` is written"""
    strings: dict[str, list[str]] = field(default_factory=dict)
    """What an argument is compared with"""
    indices: set[str] = field(default_factory=set)
    lone: set[str] = field(default_factory=set)
    """Indices of something that has a name, and that they are the only index of: `p[label]`"""
    single: set[str] = field(default_factory=set)
    """Those that are put into a list of indices: they are one each"""
    paired: set[str] = field(default_factory=set)
    """Those that stand beside others, as in `p[rows, labels]`"""
    sizes: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    """Those that are said to be a single number each"""
    arrays: set[str] = field(default_factory=set)
    logged: set[str] = field(default_factory=set)
    """What logarithms or roots are taken of: it is positive"""
    iterated: set[str] = field(default_factory=set)
    together: list[list[str]] = field(default_factory=list)
    """What loops go through side by side"""
    called: set[str] = field(default_factory=set)
    labelled: set[str] = field(default_factory=set)
    """Lists of rows of which the last number is a label: something is indexed by it"""
    derived: dict[str, dict[str, bool]] = field(default_factory=dict)
    """What the derivatives of functions are called, and whether they are taken of what these returned"""
    slopes: dict[str, bool] = field(default_factory=dict)
    """Arguments that are such derivatives themselves, of another argument, and whether they are taken of its outputs"""
    methods: dict[str, set[str]] = field(default_factory=dict)
    negated: set[str] = field(default_factory=set)
    """Those that say yes or no of each entry: `d[~mask] = 0`"""
    multiples: set[int] = field(default_factory=set)
    """Factors of sizes: 4 where `a[:, 3*H:]` or `np.split(a, 4)` is written"""


def uses_of(node: ast.AST) -> Uses:
    """Return what a function does with names, for whoever asks to add to."""
    return copy.deepcopy(_uses_of(node))


@kept
def _uses_of(node: ast.AST) -> Uses:
    node, found = spelled_out(node), Uses()
    elements = dict(_elements(node))
    found.iterated |= set(elements.values())
    found.labelled |= {whole for element, whole in elements.items() if _ends_in_label(element, node)}
    found.together += _together(node)
    found.paired_in |= dict(_pairs(node))
    put = dict(_appended(node))
    aliases = {**put, **dict(_entries(node)), **elements}
    for inner in walked(node):
        if isinstance(inner, ast.Assign):
            _assigned(inner, found)
        elif isinstance(inner, ast.Subscript):
            _subscript(inner, found, aliases, put)
        elif isinstance(inner, ast.Call):
            _call(inner, found)
        elif isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            found.methods.setdefault(inner.value.id, set()).add(inner.attr)
            if inner.attr in ("shape", "dot", "T", "sum", "reshape", "ndim", "mean"):
                found.arrays.add(inner.value.id)
        elif isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.MatMult):
            found.arrays |= {side.id for side in (inner.left, inner.right) if isinstance(side, ast.Name)}
            found.least |= {name: 3 for name in _turned_entries(inner) if found.least.get(name, 0) < 3}
        elif isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub):
            found.arrays |= set(_held_against(inner.left, inner.right))
        elif isinstance(inner, ast.Compare):
            _compared(inner, found)
        elif (
            isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.Invert) and isinstance(inner.operand, ast.Name)
        ):
            found.negated.add(inner.operand.id)
        elif isinstance(inner, ast.For):
            found.sizes |= set(_bare(inner.iter)) if _is_range(inner.iter) else set()
    for name, words in named_choices(node):
        found.strings.setdefault(name, words)
        found.indices.discard(name)
    kept = dict(_kept_as(node))
    found.least |= {
        name: least
        for kept_as, name in kept.items()
        if (least := found.least.get(kept_as, 0)) > found.least.get(name, 0)
    }
    found.least |= {name: 2 for name in _masks_of_tables(node, found.least) if found.least.get(name, 0) < 2}
    found.ranks |= {name: rank for name, rank in lists_of_numbers(node) if name not in found.ranks}
    for name, tokens in _first_entries(node):
        if name not in found.shapes:
            found.ranks[name], found.shapes[name] = len(tokens), tokens
    found.ranks |= {name: 1 for name in _beside_counts(node) if name not in found.ranks}
    found.numbers |= single_numbers(node, "float") | moved_by_totals(node)
    for element, whole in elements.items():
        if found.methods.get(element, set()) & {"reshape", "T", "dot", "shape"}:
            found.least[whole] = max(found.least.get(whole, 0), 2)
        if element in found.ranks:
            found.ranks.setdefault(whole, found.ranks[element] + 1)
            found.shapes.setdefault(whole, ("_", *found.shapes[element]))
    return found


def _beside_counts(node: ast.AST) -> Iterator[str]:
    """Yield what chooses an entry in each row, beside the numbers of the rows, and what such entries are held against.

    >>> sorted(_beside_counts(ast.parse("rows = np.arange(len(X)); e = Q[rows, actions] - wanted; p = P[range(n), y]")))
    ['actions', 'wanted', 'y']
    """
    named = {
        part.targets[0].id: part.value
        for part in walked(node)
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name)
    }
    counts = {name for name, value in named.items() if _counts(value)}

    def chosen(value: ast.AST) -> str:
        match value:
            case ast.Subscript(slice=ast.Tuple(elts=[rows, ast.Name(id=name)])):
                return name if _counts(rows) or getattr(rows, "id", "") in counts else ""
        return ""

    yield from filter(None, map(chosen, walked(node)))
    entries = {name for name, value in named.items() if chosen(value)}
    for part in walked(node):
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub):
            for one, other in ((part.left, part.right), (part.right, part.left)):
                if isinstance(other, ast.Name) and (chosen(one) or getattr(one, "id", "") in entries):
                    yield other.id


def _counts(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and last_word(node.func) in ("arange", "range", "xrange")


def _turned_entries(product: ast.BinOp) -> Iterator[str]:
    """Yield the arrays of which an entry is turned on its side and multiplied: it is a matrix then, `X[i].T @ d`.

    >>> list(_turned_entries(ast.parse("X[i].T @ rows[1:].T", mode="eval").body))
    ['X']
    """
    for side in (product.left, product.right):
        match side:
            case ast.Attribute(value=ast.Subscript(value=ast.Name(id=name), slice=index), attr="T"):
                if not isinstance(index, ast.Slice | ast.Tuple):
                    yield name
            case _:
                pass


def _ends_in_label(row: str, node: ast.AST) -> bool:
    """Tell whether the last entry of a row is a class: `expected[row[-1]] = 1`, `expected[int(row[-1])] = 1`."""
    taken = (f"{row}[-1]", f"int({row}[-1])")
    ones = (part for part in walked(node) if isinstance(part, ast.Assign) and ast.unparse(part.value) in ("1", "1.0"))
    targets = [target for part in ones for target in part.targets if isinstance(target, ast.Subscript)]
    return any(ast.unparse(target.slice) in taken for target in targets)


ENTRYWISE = ("exp", "log", "abs", "square", "sqrt", "tanh")
"""Functions of NumPy after which as many numbers are taken apart as there were: `a, b = np.exp(theta)`"""


def _kept_as(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the attributes that hold a name as it was handed: `self.x = x`."""
    for part in (part for part in walked(node) if isinstance(part, ast.Assign)):
        if isinstance(part.value, ast.Name) and isinstance(part.targets[0], ast.Attribute):
            yield ast.unparse(part.targets[0]), part.value.id


def _masks_of_tables(node: ast.AST, least: Mapping[str, int]) -> Iterator[str]:
    """Yield what is compared to choose entries of a table: a vector would choose whole rows of it, and nobody complain.

    >>> code = "dh = np.dot(d, W.T); dh[h <= 0] = 0; dv = np.outer(d, w); dv[v <= 0] = 0; e = d * w; e[u < 0] = 0"
    >>> list(_masks_of_tables(ast.parse(code), {"d": 2})), list(_masks_of_tables(ast.parse(code), {}))
    (['h', 'v'], ['v'])
    """
    assigned = (part for part in walked(node) if isinstance(part, ast.Assign))
    made: dict[str, ast.expr] = {}
    for part in assigned:
        match part.targets[0]:
            case ast.Name(id=name):
                made[name] = part.value
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Compare(left=ast.Name(id=mask))):
                if name in made and _is_table(made[name], least):
                    yield mask


def _is_table(value: ast.expr, least: Mapping[str, int]) -> bool:
    """Tell whether a value has two axes for certain: an outer product, or that of a table and a transpose."""
    match value:
        case ast.Call(func=ast.Attribute(attr="outer")):
            return True
        case ast.Call(func=ast.Attribute(attr="dot" | "matmul"), args=[ast.Name(id=name), ast.Attribute(attr="T")]):
            return least.get(name, 0) > 1
        case ast.BinOp(left=ast.Name(id=name), op=ast.MatMult(), right=ast.Attribute(attr="T")):
            return least.get(name, 0) > 1
    return False


def _held_against(*sides: ast.expr) -> Iterator[str]:
    """Yield the name of predictions in a difference from targets: the p of `y - p` is no probability of dropout."""
    names = [side.id for side in sides if isinstance(side, ast.Name)]
    if any(map(TARGET.match, names)):
        yield from filter(PREDICTED.search, names)


def _is_name(arguments: Sequence[ast.expr]) -> bool:
    return len(arguments) == 1 and isinstance(arguments[0], ast.Name)


def _assigned(node: ast.Assign, found: Uses) -> None:
    value, target = node.value, node.targets[0]
    if not isinstance(target, ast.Tuple | ast.List) or any(isinstance(item, ast.Starred) for item in target.elts):
        return
    if isinstance(value, ast.Name):
        found.unpacked[value.id] = len(target.elts)
        if all(isinstance(item, ast.Name | ast.Attribute) for item in target.elts):
            found.parts[value.id] = [last_word(item) for item in target.elts]
    elif isinstance(value, ast.Call) and getattr(value.func, "attr", "") in ENTRYWISE and _is_name(value.args[:1]):
        name = value.args[0].id  # pyright: ignore[reportAttributeAccessIssue]
        found.ranks[name], found.shapes[name] = 1, (str(len(target.elts)),)
    elif isinstance(value, ast.Attribute) and value.attr == "shape":
        name = ast.unparse(value.value)  # of an attribute as well: `self.W`
        found.ranks[name] = len(target.elts)
        found.shapes[name] = tuple(getattr(item, "id", getattr(item, "attr", "_")) for item in target.elts)


def _subscript(node: ast.Subscript, found: Uses, aliases: Mapping[str, str], put: Mapping[str, str]) -> None:
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if isinstance(node.value, ast.Name):
        name = node.value.id
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            known = found.keys.setdefault(name, [])
            if node.slice.value not in known and isinstance(node.ctx, ast.Load):
                known.append(node.slice.value)
            return
        if stem := stem_of(node.slice):
            known = found.numbered.setdefault(name, [])
            if stem not in known and isinstance(node.ctx, ast.Load):
                known.append(stem)
            numbers = {part.id for part in walked(node.slice) if isinstance(part, ast.Name)} - {"str"}
            found.indices |= numbers
            found.single |= numbers
            return
        plain = [part for part in parts if not _is_new_axis(part)]
        found.least[name] = max(found.least.get(name, 0), len(plain))
    if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        place = node.slice.value if isinstance(node.slice, ast.Constant) else None
        name = ast.unparse(node.value.value)  # of an attribute as well: `self.x`
        if isinstance(place, int):
            found.least[name] = max(found.least.get(name, 0), place + 1)
        if isinstance(node.value.value, ast.Name):
            return
    for part in parts if getattr(node.value, "attr", "") not in JOINS else ():
        if isinstance(part, ast.Slice):
            found.multiples |= set(_factors(part))
            found.sizes |= {n.id for n in walked(part) if isinstance(n, ast.Name)}
            continue
        if isinstance(part, ast.Name):
            is_lone = len(parts) == 1 and isinstance(node.value, ast.Name | ast.Attribute | ast.Call)
            (found.lone if is_lone and not _is_made(node.value) else found.paired).add(part.id)
        for name in _index_names(part):
            for _ in range(LONGEST_CHAIN):
                if name in put and aliases.get(name) == put[name]:
                    found.single.add(put[name])
                name = aliases.get(name, name)
            found.indices.add(name)


JOINS = ("r_", "c_")
"""What joins what stands in its brackets, `np.r_[x, h]`, and is indexed by none of it"""


def _is_new_axis(part: ast.expr) -> bool:
    """Tell whether an index stands for no axis of what is indexed: None, `np.newaxis`, or dots."""
    return (isinstance(part, ast.Constant) and part.value in (None, ...)) or getattr(part, "attr", "") == "newaxis"


def _is_made(node: ast.expr) -> bool:
    """Tell whether an array is made on the spot: `np.eye(n)[labels]` has a row for each of them."""
    word = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
    return word in MAKES_ARRAYS or (isinstance(node, ast.Call) and word == "")


def stem_of(key: ast.AST) -> str:
    """Return what a key begins with that ends in a number: 'W' + str(l), f"W{l}", "W%d" % l; nothing if it is none."""
    first: Any = None
    if isinstance(key, ast.BinOp) and isinstance(key.op, ast.Add | ast.Mod):
        first = key.left
    elif isinstance(key, ast.JoinedStr) and len(key.values) == 2:
        first = key.values[0]
    elif isinstance(key, ast.Call) and isinstance(key.func, ast.Attribute) and key.func.attr == "format":
        first = key.func.value
    value = first.value if isinstance(first, ast.Constant) else None
    return re.sub(r"%d|%s|%i|\{\w*\}", "", value) if isinstance(value, str) else ""


def _index_names(node: ast.AST) -> Iterator[str]:
    """Yield the names whose own values, or whose entries, are an index."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Subscript):
        yield from _index_names(node.value)
    elif isinstance(node, ast.BinOp | ast.UnaryOp):
        for part in ast.iter_child_nodes(node):
            yield from _index_names(part)
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "int" and node.args:
        yield from _index_names(node.args[0])


def _call(node: ast.Call, found: Uses) -> None:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if isinstance(node.func, ast.Name):
        found.called.add(node.func.id)
    if name in MAKES_ARRAYS or name in ("range", "xrange"):
        for argument in [*node.args, *(k.value for k in node.keywords if k.arg in ("size", "shape"))]:
            found.sizes |= set(_bare(argument))
    elif name in ("dot", "matmul", "outer", "sum", "tanh", "exp", "einsum", "zeros_like", "maximum"):
        found.arrays |= {argument.id for argument in node.args if isinstance(argument, ast.Name)}
    elif name in ("asarray", "array", "asfarray", "ascontiguousarray", "atleast_2d") and node.args:
        dtype = [ast.unparse(part) for part in [*node.args[1:2], *(k.value for k in node.keywords if k.arg == "dtype")]]
        made = {argument.id for argument in node.args[:1] if isinstance(argument, ast.Name)}
        (found.indices if any("int" in word for word in dtype) else found.arrays).update(made)
    elif name == "int":
        found.single |= {argument.id for argument in node.args[:1] if isinstance(argument, ast.Name)}
    elif name in ("take_along_axis", "put_along_axis") and len(node.args) > 1:
        found.indices |= set(_index_names(node.args[1]))
    elif name in ("split", "hsplit", "vsplit", "array_split"):
        found.multiples |= {a.value for a in node.args[1:2] if isinstance(a, ast.Constant) and type(a.value) is int}
    elif name == "pad" and _is_name(node.args[:1]) and (widths := _widths(node)):
        padded = node.args[0].id  # pyright: ignore[reportAttributeAccessIssue]
        found.arrays.add(padded)
        found.ranks.setdefault(padded, widths)
    elif name == "get" and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        found.keys.setdefault(node.func.value.id, [])


def _widths(node: ast.Call) -> int:
    """Return for how many axes `np.pad(x, ((0, 0), (p, p)))` says how far they are padded; none if for all alike."""
    given = [*node.args[1:2], *(k.value for k in node.keywords if k.arg == "pad_width")]
    pairs = given[0].elts if given and isinstance(given[0], ast.Tuple | ast.List) else []
    return len(pairs) if all(isinstance(pair, ast.Tuple | ast.List) for pair in pairs) else 0


def _compared(node: ast.Compare, found: Uses) -> None:
    if isinstance(node.left, ast.Name):
        for other in node.comparators:
            if isinstance(other, ast.Constant) and isinstance(other.value, str):
                found.strings.setdefault(node.left.id, []).append(other.value)


def _first_entries(node: ast.AST) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield arrays of which nothing but the first entries along some axes are read: `b[0, 0, 0, c]`, with their shape.

    >>> code = "z = x[i, 0, j] + b[0, 0, 0, c]; y = a[0, 0, n]; y += a[1, 0, n]"
    >>> list(_first_entries(ast.parse(code)))
    [('b', ('1', '1', '1', '_'))]
    """
    read: dict[str, list[list[ast.expr]]] = {}
    for part in walked(node):
        match part:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Tuple(elts=parts)):
                read.setdefault(name, []).append(parts)
            case ast.Subscript(value=ast.Name(id=name)):
                read.setdefault(name, []).append([])
            case _:
                pass
    for name, places in read.items():
        axes = len(places[0])
        full = [one for one in places if len(one) == axes]
        firsts = [all(ast.unparse(one[n]) == "0" for one in full) for n in range(axes)]
        if len(full) == len(places) and sum(firsts) > 1:
            yield name, tuple("1" if first else "_" for first in firsts)


def _elements(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield (loop variable, what it runs through) for loops over names, enumerated or zipped."""
    for loop in walked(node):
        if not isinstance(loop, ast.For | ast.comprehension):
            continue
        targets, sources = [loop.target], [loop.iter]
        if isinstance(loop.iter, ast.Call):
            word = getattr(loop.iter.func, "id", "")
            elements = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
            if word == "enumerate" and len(elements) == 2:
                targets, sources = elements[1:], loop.iter.args[:1]
                if isinstance(targets[0], ast.Tuple) and sources and _is_zip(sources[0]):
                    targets, sources = targets[0].elts, sources[0].args  # pyright: ignore[reportAttributeAccessIssue]
            elif word in ("zip", "izip"):
                targets, sources = elements, loop.iter.args
            elif word in ("reversed", "list"):
                sources = loop.iter.args[:1]
        for target, source in zip(targets, sources, strict=False):
            if isinstance(target, ast.Name) and isinstance(source, ast.Name):
                yield target.id, source.id


def _is_zip(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("zip", "izip")


def _together(node: ast.AST) -> Iterator[list[str]]:
    """Yield the names of what a loop goes through side by side: `for x, y in zip(xs, ys)`."""
    for loop in (part for part in walked(node) if isinstance(part, ast.For)):
        for call in (part for part in walked(loop.iter) if isinstance(part, ast.Call) and _is_zip(part)):
            yield [argument.id for argument in call.args if isinstance(argument, ast.Name)]


def _pairs(node: ast.AST) -> Iterator[tuple[str, list[str]]]:
    """Yield the names of lists whose entries a loop takes apart, with what it calls these: `for x, y in pairs`."""
    for loop in (part for part in walked(node) if isinstance(part, ast.For)):
        target, source = loop.target, loop.iter
        word = getattr(source.func, "id", "") if isinstance(source, ast.Call) else ""
        if word == "enumerate" and isinstance(target, ast.Tuple) and len(target.elts) == 2:
            target = target.elts[1]
        if word in ("enumerate", "list", "tqdm", "reversed") and source.args:  # pyright: ignore[reportAttributeAccessIssue]
            source = source.args[0]  # pyright: ignore[reportAttributeAccessIssue]
        if isinstance(source, ast.Name) and isinstance(target, ast.Tuple):
            names = [getattr(part, "id", "") for part in target.elts]
            if all(names):
                yield source.id, names
        for statement in loop.body:  # `for n in range(len(pairs)): x, y = pairs[n]`
            match statement:
                case ast.Assign(
                    targets=[ast.Tuple(elts=parts)],
                    value=ast.Subscript(value=ast.Name(id=held), slice=ast.Name(id=place)),
                ) if place == getattr(loop.target, "id", ""):
                    names = [getattr(part, "id", "") for part in parts]
                    if all(names) and f"len({held})" in ast.unparse(loop.iter):
                        yield held, names


def _entries(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield (variable, what it is an entry of): `k` for `k = symbols[t]` and for `k = int(symbols[t])`."""
    for inner in walked(node):
        if not (isinstance(inner, ast.Assign) and isinstance(inner.targets[0], ast.Name)):
            continue
        value = inner.value
        if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "int" and value.args:
            value = value.args[0]
        if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name):
            yield inner.targets[0].id, value.value.id


def _appended(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield (list, what is put into it) for `extended.append(label)` and `chosen = [target]`."""
    for inner in walked(node):
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "append":
            holder, entry = inner.func.value, inner.args[0] if inner.args else None
            if isinstance(holder, ast.Name) and isinstance(entry, ast.Name):
                yield holder.id, entry.id
        elif isinstance(inner, ast.Assign) and isinstance(inner.targets[0], ast.Name):
            parts = [inner.value.left, inner.value.right] if isinstance(inner.value, ast.BinOp) else [inner.value]
            for entry in (e for part in parts if isinstance(part, ast.List) for e in part.elts):
                if isinstance(entry, ast.Name):  # `chosen = [target] + others`
                    yield inner.targets[0].id, entry.id


def _is_range(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("range", "xrange")


def _bare(node: ast.AST) -> Iterator[str]:
    """Yield names that are numbers in an expression: not those of which an attribute, an entry or a length is taken."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Tuple | ast.List | ast.BinOp | ast.UnaryOp):
        for part in ast.iter_child_nodes(node):
            yield from _bare(part)
    elif _is_range(node):
        for part in node.args:  # pyright: ignore[reportAttributeAccessIssue]
            yield from _bare(part)


def _factors(node: ast.AST) -> Iterator[int]:
    for inner in walked(node):
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Mult):
            for side in (inner.left, inner.right):
                if isinstance(side, ast.Constant) and type(side.value) is int and 1 < side.value < 8:
                    yield side.value
                    yield side.value + 1
