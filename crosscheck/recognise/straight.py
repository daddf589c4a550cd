"""Scripts that compute one gradient from top to bottom, without a function or a training loop around it.

Such statements are taken for the one turn of a loop, so that they can be made again with other numbers. What only
starts arrays off, wherever it stands among them, is moved in front: the turn begins where every parameter is there.
A function that makes its weights itself and goes back once is such a script as well: nobody hands it any.
"""

import ast
import copy
import re
from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from crosscheck.recognise.learning import moved_by_errors
from crosscheck.recognise.naming import BEGINS_LIKE_GRADIENT, is_gradient_of
from crosscheck.recognise.pairing import update_pairs
from crosscheck.recognise.renamed_steps import Renamed, renamed_steps, replaced
from crosscheck.recognise.shown_steps import Shown, shown_steps
from crosscheck.recognise.statements import assigned_in, goes_back_in_time, root_word, stored
from crosscheck.recognise.steps_of_turns import is_update
from crosscheck.recognise.ways import reach_of_way
from crosscheck.source.walking import walk

FEWEST = 2
"""Gradients that a script computes at the least, where they are known by their names alone"""
SIZED = (ast.Constant, ast.Name, ast.BinOp, ast.operator, ast.expr_context, ast.Tuple, ast.Subscript, ast.UnaryOp,
         ast.unaryop)  # fmt: skip
SPLITS = ast.While | ast.If | ast.Try | ast.With | ast.Return
"""What no turn may hold that some statements are"""
SIZES = frozenset({"shape", "size", "ndim", "dtype"})
MAKES = re.compile(r"rand|normal|uniform|zeros|ones|empty|full|eye")
"""Functions that make arrays of the sizes that they are handed"""


def straightened(tree: ast.Module) -> ast.Module:
    """Return a module in which the statements of a straight script are one turn of a loop; the same if it is none."""
    pairs = update_pairs(tree)
    body = _straightened(tree.body, pairs, set())
    made = tree
    if body is not tree.body:
        made = copy.copy(tree)
        made.body = body
    if not any(_straight_body(function, pairs) is not function.body for function in _makers_of_weights(made)):
        return made
    made = copy.deepcopy(made)
    for function in _makers_of_weights(made):
        function.body = _straight_body(function, pairs)
    return made


def _straight_body(function: ast.FunctionDef, pairs: Collection[tuple[str, str]]) -> list[ast.stmt]:
    return _straightened(function.body, pairs, _sized_arguments(function))


class _Reading(NamedTuple):
    """What some statements are taken for."""

    turn: list[int]
    """Those from the first parameter's use to the last gradient; none where the statements are no such script"""
    parameters: set[str]
    gradients: set[str]
    sizes: set[str]
    shown: Shown
    renamed: list[Renamed]


def _reading(body: list[ast.stmt], own: list[int], pairs: Collection[tuple[str, str]], given: set[str]) -> _Reading:
    computed = _computed(body, own)
    gradients = set[str]().union(*computed.values())
    assigned = {name for n in own for name in stored(body[n])}
    gradients |= {word for parameter, word in pairs if word in assigned and is_gradient_of(word, parameter) >= 2}
    paired = {parameter for parameter, word in pairs if word in gradients}
    named = {name for name in assigned if any(is_gradient_of(gradient, name) >= 2 for gradient in gradients)}
    sizes = _sizes(body, given)
    renamed = renamed_steps([body[n] for n in own], _started(body, own, sizes), sizes)
    replacing = {step.parameter for step in renamed}
    sizes -= paired | named | replacing
    started = _started(body, own, sizes)
    shown = shown_steps([body[n] for n in own], started - sizes)
    gradients |= shown.names
    plain = [body[n] for n in own if isinstance(body[n], ast.Assign | ast.AugAssign)]  # what loops move is their own
    moved = set(moved_by_errors(ast.Module(list(plain), []))) & started | replacing
    parameters = ((paired | named) & started - gradients) | set(shown.owners.values()) | moved
    parameters = parameters or (set(shown.multiplied) if shown.others else set())
    starts = [n for n in own if values_read(body[n]) & parameters and not _is_start(body[n], set(), sizes)]
    ended = shown.names | {step.name for step in renamed}
    ends = [n for n in own if computed[n] | (stored(body[n]) & ended) | (_moved(body[n]) & parameters)]
    is_one = bool(shown.owners) or max(len(gradients), len(moved)) >= FEWEST
    is_loop = bool(starts and ends) and starts[0] == ends[-1] and isinstance(body[starts[0]], ast.For)
    if not is_one or not parameters or not starts or not ends or (starts[0] >= ends[-1] and not is_loop):
        starts, ends = [], []
    if (way := reach_of_way([body[n] for n in own])) is not None:
        starts, ends = sorted([*starts, own[way[0]]]), sorted([*ends, own[way[1]]])
    turn: list[int] = []
    if starts:
        turn = [*range(_first(body, own, (starts[0], ends[-1]), parameters, sizes), ends[-1] + 1)]
    if any(isinstance(body[n], SPLITS) for n in turn):
        turn = []
    return _Reading(turn, parameters, gradients, sizes, shown, renamed)


def _started(body: list[ast.stmt], own: list[int], sizes: set[str]) -> set[str]:
    return {name for n in own if _is_start(body[n], set(), sizes) for name in stored(body[n])}


def _straightened(body: list[ast.stmt], pairs: Collection[tuple[str, str]], given: set[str]) -> list[ast.stmt]:
    """Return statements of which those from the first parameter's use to the last gradient are one turn of a loop.

    `given` are the names that sizes have before. Returns the same list where the statements are no such script.
    """
    own = [n for n, statement in enumerate(body) if not _is_definition(statement)]
    read = _reading(body, own, pairs, given)
    if not read.turn:
        return body
    twice = _started_twice(body, own) - read.parameters
    before, turn = _parted([body[n] for n in read.turn], read.gradients | twice, read.sizes)
    turn += replaced(read.renamed, turn[-1])
    made = ast.For(
        ast.Name("__script__", ast.Store()),
        ast.Call(ast.Name("range", ast.Load()), [ast.Constant(1)], []),
        turn,
        [],
    )
    made.lineno, made.end_lineno = turn[0].lineno, turn[-1].end_lineno
    made.col_offset, made.end_col_offset = turn[0].col_offset, turn[-1].end_col_offset
    made.is_script = True  # pyright: ignore[reportAttributeAccessIssue] - it has another name (instrument.loop_name)
    made.shown = read.shown  # pyright: ignore[reportAttributeAccessIssue]
    for part in (made.target, made.iter, *walk(made.iter)):
        ast.copy_location(part, turn[0])
    return [*body[: read.turn[0]], *before, made, *body[read.turn[-1] + 1 :]]


def _first(body: list[ast.stmt], own: list[int], reach: tuple[int, int], parameters: set[str], sizes: set[str]) -> int:
    r"""Return where a turn begins that some statements are: with what starts the states off which they go on from.

    >>> text = "W = np.ones(3)\nh = np.zeros(3)\nall = []\nfor x in data:\n    h = f(W @ h)\ndW = h"
    >>> _first(ast.parse(text).body, [0, 1, 2, 3, 4], (3, 4), {"W"}, set())
    1
    """
    first, last = reach
    carried = {name for n in own if first <= n <= last for name in stored(body[n]) & _read(body[n])} - parameters
    for n in reversed([n for n in own if n < reach[0]]):
        if isinstance(body[n], SPLITS):
            break
        if stored(body[n]) & carried:
            first = n if _is_start(body[n], set(), sizes) else first
            carried = carried - stored(body[n])
    return first


def _makers_of_weights(tree: ast.Module) -> list[ast.FunctionDef]:
    """Return the functions that draw several arrays at random and compute gradients that are named after these."""
    return [node for node in walk(tree) if isinstance(node, ast.FunctionDef) and _makes_weights(node)]


def _makes_weights(function: ast.FunctionDef) -> bool:
    drawn = {
        name
        for statement in function.body
        if isinstance(statement, ast.Assign) and "rand" in ast.unparse(statement.value)
        for name in stored(statement)
    }
    gradients = {name for statement in function.body for name in _gradients(statement)} if drawn else set()
    return sum(any(is_gradient_of(gradient, name) >= 2 for gradient in gradients) for name in drawn) >= FEWEST


def _sized_arguments(function: ast.FunctionDef) -> set[str]:
    """Return the arguments of which a function makes arrays: `np.zeros((n, m))`, `np.random.randn(n)`."""
    made = {
        name
        for call in (n for n in walk(function) if isinstance(n, ast.Call))
        if MAKES.match(root_word(call.func))
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]
        for name in values_read(argument)
    }
    return made & {argument.arg for argument in function.args.args}


def _started_twice(body: list[ast.stmt], own: list[int]) -> set[str]:
    """Return the variables that several statements assign: what the turn adds up or carries is started within it."""
    counts = Counter(name for n in own for name in stored(body[n]))
    return {name for name, count in counts.items() if count > 1}


def _parted(statements: list[ast.stmt], within: set[str], sizes: set[str]) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Return what only starts arrays off, and the rest: what starts those off that belong within it stays there."""
    computed: set[str] = set()
    before, turn = [], []
    for statement in statements:
        if _is_definition(statement) or (_is_start(statement, computed, sizes) and not stored(statement) & within):
            before.append(statement)
        else:
            turn.append(statement)
            computed |= stored(statement)
    return before, turn


def _sizes(body: list[ast.stmt], given: set[str]) -> set[str]:
    """Return the variables that are only ever set to numbers of the file, to lengths, and to what these make."""
    sizes = set(given)
    others: set[str] = set()
    for statement in body:
        if _is_definition(statement):
            continue
        for target, value in [*assigned_in(statement)] or [(statement, None)]:
            is_size = value is not None and not values_read(value) - sizes and all(map(_is_sized, walk(value)))
            (sizes if is_size else others).update(stored(target))
    return sizes - others


def _is_sized(node: ast.AST) -> bool:
    """Tell whether a part of an expression may be one of a number of things."""
    if isinstance(node, SIZED):
        return True
    return (isinstance(node, ast.Call) and root_word(node.func) in ("len", "int", "round")) or (
        isinstance(node, ast.Attribute) and node.attr in SIZES
    )


def _is_start(statement: ast.stmt, computed: set[str], sizes: set[str]) -> bool:
    """Tell whether a statement makes an array of nothing, or of sizes: random numbers, zeros, literals."""
    if not isinstance(statement, ast.Assign) or not all(isinstance(t, ast.Name | ast.Tuple) for t in statement.targets):
        return False
    return not values_read(statement.value) - sizes and not _read(statement.value) & computed


def _is_definition(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom)


def _gradients(statement: ast.stmt) -> set[str]:
    """Return the gradients that a statement computes: at the top, or in a loop that goes back in time."""
    if isinstance(statement, ast.For | ast.While):
        is_none = not goes_back_in_time(statement)
    else:
        is_none = any(isinstance(n, ast.Call) and root_word(n.func).startswith("zeros") for n in walk(statement))
    return set() if is_none else {name for name in stored(statement) if BEGINS_LIKE_GRADIENT.match(name)}


def _computed(body: list[ast.stmt], own: list[int]) -> dict[int, set[str]]:
    r"""Return the gradients that each statement computes: a loop that only adds up what others left does as well.

    >>> text = "d = y - t\ndelta = d * s\nfor t in range(9):\n    grad_U += x[t].T @ delta[t]"
    >>> _computed(ast.parse(text).body, [0, 1, 2])
    {0: set(), 1: {'delta'}, 2: {'grad_U'}}
    """
    found: dict[int, set[str]] = {}
    left: set[str] = set()
    zeros: set[str] = set()
    for n in own:
        statement = body[n]
        found[n] = _gradients(statement)
        if isinstance(statement, ast.For) and not found[n]:
            sums = {name for name in _added_to(statement) if BEGINS_LIKE_GRADIENT.match(name)}
            is_over_examples = sums <= zeros and _only_sums(statement, sums)
            found[n] = sums if _read(statement) & left or is_over_examples else set()
        zeros |= stored(statement) if isinstance(statement, ast.Assign) else set()
        left |= found[n] | {name for name in _filled(statement) if BEGINS_LIKE_GRADIENT.match(name)}
    return found


def _only_sums(loop: ast.For, sums: set[str]) -> bool:
    """Tell whether a loop goes back in time for one example after the other, and moves nothing between them."""
    moves = (part for part in walk(loop) if isinstance(part, ast.AugAssign | ast.Assign) and is_update(part))
    targets = (part.target if isinstance(part, ast.AugAssign) else part.targets[0] for part in moves)
    goes_back = any(isinstance(part, ast.For) and goes_back_in_time(part) for part in loop.body)
    return goes_back and all(root_word(target) in sums or _is_gradient(target) for target in targets)


def _is_gradient(target: ast.expr) -> bool:
    """Tell whether a target is called like a gradient: what is carried back is no parameter."""
    return bool(BEGINS_LIKE_GRADIENT.match(root_word(target)))


def _filled(statement: ast.stmt) -> set[str]:
    """Return the arrays into which a statement writes."""
    targets = (target for part in walk(statement) for target, _ in assigned_in(part))
    return {root_word(target) for target in targets if isinstance(target, ast.Subscript)}


def _added_to(loop: ast.For) -> set[str]:
    """Return the variables that a loop without steps of its own adds to."""
    sums = (part for part in walk(loop) if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Add))
    return {root_word(part.target) for part in sums}


def _moved(statement: ast.stmt) -> set[str]:
    return stored(statement) if isinstance(statement, ast.AugAssign | ast.Assign) else set()


def _read(node: ast.AST) -> set[str]:
    return {n.id for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def values_read(node: ast.AST) -> set[str]:
    """Return the variables whose values are read: not those that are only measured, nor modules and what is called."""
    measured = {id(n.value) for n in walk(node) if isinstance(n, ast.Attribute) and n.attr in SIZES}
    called = set()
    for call in (n for n in walk(node) if isinstance(n, ast.Call)):
        owner = call.func
        while isinstance(owner, ast.Attribute):
            owner = owner.value
        if isinstance(owner, ast.Name) and (owner is call.func or owner.id in ("np", "numpy", "math")):
            called.add(id(owner))
        if root_word(call.func) in ("len", "zeros_like", "ones_like", "empty_like"):
            measured |= {id(argument) for argument in call.args}
    names = (n for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
    return {n.id for n in names if id(n) not in measured | called and n.id not in ("np", "numpy", "math")}
