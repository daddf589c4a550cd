"""Small, pairwise different sizes in place of someone's own: 100 hidden units become 5, 25 steps become 4.

At such sizes every entry of every gradient can be judged, and no square matrix hides a transpose.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import count
from types import MappingProxyType
from typing import Any

from crosscheck.source.walking import last_word, walk

SIZES: tuple[tuple[str, int], ...] = (
    (r"seq|time_?step|num_?steps|n_?steps|n_?t$|^t$|^tx?$|unroll|length|maxlen|window_?size|bptt_?len", 4),
    (r"batch|^bs?$|^n$|^m$|num_?seq|examples", 3),
    (r"emb|word_?vec|wordvec|d_?model|^e$|^d$", 6),
    (r"factors?$|latent", 5),
    (r"hid|n_?h$|^h\d?$|units|cells?|neurons|rnn_?size|lstm_?size|n_?a$|mem|state|h_?dim|h_?size|^s$|^n_?\d$", 5),
    (r"vocab|^v$|n_?x$|input|in_?dim|x_?dim|feature|n_?in$|^i$", 7),
    (r"output|n_?y$|classes|out_?dim|labels|n_?out$|targets?", 8),
    (r"dim|size|width|^k$|nodes|len", 9),
)
NEVER = re.compile(
    r"iter|epoch|every|print|seed|rate|sample|generat|freq|thres|log|save|plot|decay|clip|max_?grad|temperature|lr|eta"
    r"|_id|ix|idx|bptt_?trunc|trunc|layers|decimals|patience|port|version|max_?norm|beta|alpha|momentum",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"^(?:n_?|num_?)?hid(?:den)?_?(?:size|dim|units?|nodes?|neurons?|nodos)?$", re.IGNORECASE)
"""Of one unit no gradient tells a transpose, or an order"""
HIDDEN = 9
"""The least width of a first hidden layer, of several in a list; each of the others is wider"""
SMALLEST = 13
"""Sizes below this are small enough, and may be meant (2 inputs, 3 gates)"""
PICTURES = {784: 16, 785: 17, 28: 4}
"""Sizes of pictures of handwritten digits, with and without their label, and what they become (datasets.py)"""
EXAMPLES = 12
"""Of a data set (datasets.py)"""
MANY = 100
"""Numbers of examples are no smaller where arrays are brought into shape by them"""
FEW = 2
"""Examples that are set apart where data are split in two"""
MANY_APART = 5000
"""Up to so many examples of theirs are few, and set apart for a test"""
COLOURED = {12288: 48, 64: 4}
"""Those of pictures of cats"""
LAYERS = "layer|size|dims|topolog|archit|structure|units|neurons|nodes"
NUMPY_SHAPES = frozenset({"randn", "rand", "zeros", "ones", "empty", "full", "normal", "uniform", "random", "eye"})


class Resized(ast.NodeTransformer):
    """Replaces literals: where a name says that they are sizes, and the same numbers where arrays are made."""

    def __init__(self, *, all_equal: int | None = None, keep_steps: bool = False, larger: int = 0) -> None:
        self.keep_steps, self.larger = keep_steps, larger
        self.known: dict[int, int] = {}
        self.by_name: dict[int, set[str]] = {}
        self.all_equal = all_equal
        self.in_shapes: set[str] = set()
        """Names of numbers that arrays are made of"""
        self.pictures: dict[int, int] = {}
        """Numbers that mean the size of a picture wherever they stand"""

    def small(self, name: str, size: int) -> int:
        """Return the small size for a name's size."""
        if size in self.known:
            return self.known[size]
        if self.keep_steps and re.search(SIZES[0][0], name.lower()):
            return self.known.setdefault(size, size)
        small = self.all_equal or next((small for pattern, small in SIZES if re.search(pattern, name.lower())), 9)
        small += self.larger
        taken = set(self.known.values())
        while not self.all_equal and small in taken:
            small += 5
        self.known[size] = small
        return small

    def is_size(self, name: str, value: Any) -> bool:
        """Tell whether a number is a size: by its name, or because arrays are made of it."""
        return _is_size(name, value, name in self.in_shapes)

    def read(self, tree: ast.Module, parameters: dict[str, list[str]]) -> None:
        """Find the sizes: assigned, default and passed by name. `parameters` are those of the module's functions."""
        for node in walk(tree):
            for name, value in _named_literals(node, parameters):
                if self.is_size(name, value.value):
                    self.small(name, int(str(value.value)))

    def visit_Constant(self, node: ast.Constant) -> Any:
        """Replace a marked literal, and the sizes of pictures wherever they stand."""
        if type(node.value) is int and (getattr(node, "is_size", False) or node.value in self.pictures):
            return ast.copy_location(ast.Constant(self.known[node.value]), node)
        return node


def _named_literals(node: ast.AST, parameters: dict[str, list[str]]) -> list[tuple[str, ast.Constant]]:
    return [(name, value) for name, value in _named(node, parameters) if isinstance(value, ast.Constant)]


def _named(node: ast.AST, parameters: dict[str, list[str]]) -> list[tuple[str, Any]]:
    """Return what a node gives a name to: by an assignment, as a default, as an argument, as an entry."""
    found: list[tuple[str, Any]] = []
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                found += [(last_word(t), v) for t, v in zip(target.elts, node.value.elts, strict=False)]
            else:
                found.append((last_word(target), node.value))
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        found.append((last_word(node.target), node.value))
    elif isinstance(node, ast.FunctionDef):
        arguments = [*node.args.posonlyargs, *node.args.args]
        defaults = node.args.defaults
        found += [(a.arg, d) for a, d in zip(arguments[len(arguments) - len(defaults) :], defaults, strict=True)]
        found += [(a.arg, d) for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d]
    elif isinstance(node, ast.Call):
        found += [(keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg]
        called = last_word(node.func)
        if called == "add_argument":
            options = [str(a.value).lstrip("-").replace("-", "_") for a in node.args if isinstance(a, ast.Constant)]
            found += [(max(options, key=len), k.value) for k in node.keywords if k.arg == "default" and options]
        found += list(zip(parameters.get(called, ()), node.args, strict=False))
    elif isinstance(node, ast.Dict):
        found += [(str(k.value), v) for k, v in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant)]
    return [(name, value) for name, value in found if name]


def _asked(call: ast.Call) -> list[ast.expr]:
    """Return the arguments in which NumPy is told of which sizes an array is to be, and what to draw from how many."""
    word = last_word(call.func)
    named = [k.value for k in call.keywords if k.arg in ("size", "shape")]
    if word in NUMPY_SHAPES:
        return [*call.args, *named]
    if word in ("randint", "integers"):
        return [*call.args[2:3], *named]
    return call.args[:2] if word == "choice" else call.args[:1] if word in ("arange", "permutation") else []


def _counted(call: ast.Call) -> ast.Constant | None:
    """Return the number that a loop counts up to: `range(32)`, where rows have as many entries."""
    is_range = isinstance(call.func, ast.Name) and call.func.id in ("range", "xrange") and len(call.args) == 1
    number = call.args[0] if is_range else None
    return number if isinstance(number, ast.Constant) and type(number.value) is int else None


def _is_size(name: str, value: Any, in_shapes: bool) -> bool:
    if type(value) is not int or not SMALLEST <= value <= 100_000 or NEVER.search(name):
        return False
    return in_shapes or any(re.search(pattern, name.lower()) for pattern, _ in SIZES)


def names_in_shapes(tree: ast.AST) -> Iterator[str]:
    """Yield the names of numbers that NumPy makes arrays of: H1 and V of `np.random.randn(H1, V)`."""
    for node in walk(tree):
        if isinstance(node, ast.Call) and last_word(node.func) in NUMPY_SHAPES:
            for argument in [*node.args, *(k.value for k in node.keywords if k.arg in ("size", "shape"))]:
                parts = argument.elts if isinstance(argument, ast.Tuple | ast.List) else [argument]
                yield from (part.id for part in parts if isinstance(part, ast.Name))


def _hidden_layers(tree: ast.AST) -> Iterator[Any]:
    """Yield the inner numbers of lists such as [64, 100, 50, 10]: data fit the first and the last."""
    for node in walk(tree):
        lists = list(node.args) if isinstance(node, ast.Call) and last_word(node.func) not in NUMPY_SHAPES else []
        if isinstance(node, ast.Assign) and re.search(LAYERS, last_word(node.targets[0]), re.IGNORECASE):
            lists.append(node.value)
        lists += [k.value for k in node.keywords if k.arg] if isinstance(node, ast.Call) else []
        for numbers in lists:
            items: list[Any] = numbers.elts if isinstance(numbers, ast.List | ast.Tuple) else []
            if all(isinstance(n, ast.Constant) and type(n.value) is int and n.value > 0 for n in items):
                yield from (n for n in items[1:-1] if n.value >= SMALLEST)


def _hidden_lists(tree: ast.AST) -> Iterator[list[Any]]:
    """Yield the numbers of lists that are called hidden: each is the width of a layer, `hidden_size=[50, 50]`."""
    for node in walk(tree):
        for name, value in _named(node, {}):
            if isinstance(value, ast.List | ast.Tuple) and re.match("hid", name, re.IGNORECASE):
                numbers = [n for n in value.elts if isinstance(n, ast.Constant) and type(n.value) is int]
                if len(numbers) == len(value.elts) > 1 and all(n.value >= SMALLEST for n in numbers):  # pyright: ignore
                    yield numbers


def _inner_widths(tree: ast.AST) -> Iterator[Any]:
    """Yield the literals of widths between layers: 64 of `randn(2, 64)` and `randn(64, 1)`, wherever arrays are made.

    A number that stands anywhere else may mean something else, but for a divisor: `np.sqrt(2 / 64)`.
    """
    shapes = [shape for node in walk(tree) if isinstance(node, ast.Call) for shape in _shapes(node)]
    rows, columns = ({_size(s[place]) for s in shapes if len(s) == 2} for place in (0, 1))
    within = {id(part): part for shape in shapes for part in shape if isinstance(part, ast.Constant)}
    divisors = {id(n.right) for n in walk(tree) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Div)}
    for size in sorted((rows & columns) - {0}):
        literals = [n for n in walk(tree) if isinstance(n, ast.Constant) and type(n.value) is int]
        others = [n for n in literals if n.value == size and id(n) not in within.keys() | divisors]
        yield from [] if others else (part for part in within.values() if part.value == size)


def _shapes(call: ast.Call) -> Iterator[list[ast.expr]]:
    """Yield the shape of an array that a call makes, where it says one."""
    if last_word(call.func) in NUMPY_SHAPES:
        given = [*call.args, *(k.value for k in call.keywords if k.arg in ("size", "shape"))]
        tuples = [list(part.elts) for part in given if isinstance(part, ast.Tuple | ast.List)]
        if tuples or last_word(call.func) in ("randn", "rand", "zeros", "ones"):
            yield tuples[-1] if tuples else given


def _size(node: ast.expr) -> int:
    """Return a literal that is large enough to be made smaller, 0 for anything else."""
    is_large = isinstance(node, ast.Constant) and type(node.value) is int and node.value >= SMALLEST
    return node.value if is_large and isinstance(node, ast.Constant) and isinstance(node.value, int) else 0


def _numbers_of_examples(tree: ast.AST) -> Iterator[Any]:
    """Yield the first numbers of `reshape(60000, 784)` and `reshape(209, -1)`: data have fewer examples here."""
    for node in walk(tree):
        if isinstance(node, ast.Call) and last_word(node.func) == "reshape":
            sizes = [part for a in node.args for part in (a.elts if isinstance(a, ast.Tuple | ast.List) else [a])]
            first = sizes[0] if len(sizes) > 1 else None
            if isinstance(first, ast.Constant) and type(first.value) is int and first.value >= MANY:
                yield first


def _splits(tree: ast.AST) -> Iterator[tuple[Any, int]]:
    """Yield the numbers at which data are split in two, `data[:1000]` and `data[1000:]`, and where ours are split.

    The first part is the larger one where many are set apart, as for a training; few are set apart for a test.
    """
    bounds = [node for node in walk(tree) if isinstance(node, ast.Slice)]
    ends, starts = (
        {bound.value for one in bounds if isinstance(bound := getattr(one, side), ast.Constant)}
        for side in ("upper", "lower")
    )
    split = [size for size in ends & starts if type(size) is int and size >= MANY]
    if len(split) == 1:
        place = FEW if split[0] <= MANY_APART else EXAMPLES - FEW
        parts = (bound for one in bounds for bound in (one.lower, one.upper))
        yield from ((part, place) for part in parts if isinstance(part, ast.Constant) and part.value == split[0])


def _divisors(tree: ast.AST) -> Iterator[Any]:
    """Yield the numbers that something is divided by: `2 * (out - y) / 64`, where `sample(64)` makes the batch."""
    for node in walk(tree):
        is_division = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
        divisor = (node.right if isinstance(node, ast.BinOp) else node.value) if is_division else None  # pyright: ignore
        value = divisor.value if isinstance(divisor, ast.Constant) and not hasattr(divisor, "is_size") else None
        if type(value) in (int, float) and value >= SMALLEST:  # pyright: ignore[reportOperatorIssue]
            yield divisor


def _is_square(node: ast.BinOp | ast.Tuple | ast.Call) -> bool:
    """Tell whether the sides of a picture of a digit stand side by side: `28 * 28`, `rand(50, 28, 28)`."""
    if isinstance(node, ast.Call):
        parts = node.args if last_word(node.func) in NUMPY_SHAPES else []
    else:
        parts = node.elts if isinstance(node, ast.Tuple) else [node.left, node.right]
    return [part.value for part in parts if isinstance(part, ast.Constant)].count(28) > 1


def size_called(name: str) -> int | None:
    """Return the size that a name stands for by its looks; None if it is no name of a size."""
    if NEVER.search(name):
        return None
    return next((small for pattern, small in SIZES if re.search(pattern, name.lower())), None)


def resized(
    tree: ast.Module,
    *,
    all_equal: int | None = None,
    keep_steps: bool = False,
    larger: int = 0,
    fitted: Mapping[int, int] = MappingProxyType({}),
) -> dict[int, int]:
    """Replace the sizes in a module's tree, in place, and return what was made of which: theirs to ours.

    What some must become to go with others is known: these are `fitted` (crosscheck.recognise.flattened).
    """
    parameters: dict[str, list[str]] = {}
    for node in walk(tree):
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
                    parameters[node.name] = [a.arg for a in inner.args.args[1:]]
        elif isinstance(node, ast.FunctionDef):
            parameters.setdefault(node.name, [a.arg for a in node.args.args if a.arg != "self"])
    sizes = Resized(all_equal=all_equal, keep_steps=keep_steps, larger=larger)
    literals = {node.value for node in walk(tree) if isinstance(node, ast.Constant) and type(node.value) is int}
    squares = [n for n in walk(tree) if isinstance(n, ast.BinOp | ast.Tuple | ast.Call) and _is_square(n)]
    if not all_equal and (literals & {784, 785} or squares):
        sizes.pictures = {size: small for size, small in PICTURES.items() if size in literals}
    if not all_equal and 12288 in literals:
        sizes.pictures |= {size: small for size, small in COLOURED.items() if size in literals}
    sizes.known |= {**fitted, **sizes.pictures}
    for name, value in [pair for node in walk(tree) for pair in _named_literals(node, parameters)]:
        if value.value == 1 and type(value.value) is int and not all_equal and _HIDDEN.search(name):
            value.value = dict(SIZES)[SIZES[4][0]] + larger
    sizes.in_shapes = set(names_in_shapes(tree))
    sizes.read(tree, parameters)
    for node in walk(tree):
        for name, value in _named_literals(node, parameters):
            if sizes.is_size(name, value.value):
                value.is_size = True  # pyright: ignore[reportAttributeAccessIssue] - a mark for the visitor
        if isinstance(node, ast.Call):
            for inner in _asked(node):
                for part in inner.elts if isinstance(inner, ast.Tuple | ast.List) else [inner]:
                    if isinstance(part, ast.Constant) and type(part.value) is int and part.value in sizes.known:
                        part.is_size = True  # pyright: ignore[reportAttributeAccessIssue]
            if (counted := _counted(node)) is not None and counted.value in sizes.known:
                counted.is_size = True  # pyright: ignore[reportAttributeAccessIssue]
    for number in _numbers_of_examples(tree):
        if number.value not in sizes.known and not all_equal:
            sizes.known[number.value] = EXAMPLES
            number.is_size = True  # pyright: ignore[reportAttributeAccessIssue]
    for number, place in _splits(tree) if not all_equal else ():
        if number.value not in sizes.known or sizes.known[number.value] == place:
            sizes.known[number.value] = place
            number.is_size = True
    for number in _inner_widths(tree) if not all_equal else ():
        if number.value not in sizes.pictures:
            sizes.small("hidden", number.value)
            number.is_size = True
    for number in _hidden_layers(tree):
        sizes.small("hidden", number.value)
        number.is_size = True  # pyright: ignore[reportAttributeAccessIssue]
    for divisor in _divisors(tree):
        if divisor.value in sizes.known:
            divisor.value = type(divisor.value)(sizes.known[divisor.value])  # pyright: ignore[reportArgumentType]
    sizes.visit(tree)
    taken = {*sizes.known.values(), *(size for size in literals if size < SMALLEST)}
    for numbers in _hidden_lists(tree) if not all_equal else ():  # of two equal widths no gradient tells a transpose
        free = (size for size in count(HIDDEN + larger) if size not in taken)
        for number, size in zip(numbers, free, strict=False):
            number.value = size
    return {theirs: ours for theirs, ours in sizes.known.items() if theirs not in fitted}
