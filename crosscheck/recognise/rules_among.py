"""Steps that are never taken, where others of the same turn are, and steps that are taken twice."""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import is_weight
from crosscheck.recognise.leaves import Leaf, Path
from crosscheck.recognise.places import Place
from crosscheck.recognise.rule_words import FOR_EACH, STILL, TWICE, UNKNOWN
from crosscheck.recognise.rules import Step
from crosscheck.recognise.signed_steps import steps_in
from crosscheck.recognise.statements import assigned_in, root_word, stored, words
from crosscheck.source.walking import walk, walked

DRAWN = re.compile(r"rand|normal|uniform|zeros|ones|xavier|glorot|kaiming|init", re.IGNORECASE)
"""What makes the weights that a training begins with"""
FEWEST_OTHERS = 2
"""Parameters that are moved by their own gradients, beside one that is not"""


def still(
    steps: Mapping[str, Step], leaves_: Mapping[str, Leaf], tree: ast.AST, updating: Sequence[ast.AST]
) -> dict[str, str]:
    """Say which weights are never moved though they have a gradient, and others of their kind are moved by theirs.

    Where moving is a matter of conditions, or something else in the program moves it, nothing is said. Beside a single
    other one it may be meant, unless the gradient is computed for nothing: that is not known.
    """
    moved = {name for name, step in steps.items() if step.whole is not None and step.whole.change.any()}
    if not moved or any(map(_is_conditional, updating)):
        return {}
    elsewhere = {word for word, _, _ in steps_in(tree)}
    elsewhere |= set(_rebound([node for node in updating if not isinstance(node, ast.FunctionDef)]))
    found, whole_ones = {}, set(_gone_through(updating))
    for name in (name for name in steps if name not in moved):
        whole, leaf = steps[name].whole, leaves_[name]
        if {str(step).lstrip(".") for step in leaf.path[-2:-1]} & whole_ones:
            continue  # each of its entries is moved, be it by a rate of zero
        if _is_kept_copy(leaf, [leaves_[other] for other in moved], tree):
            continue
        among = {leaves_[other].path[:-1] for other in moved if len(leaves_[other].path) > 1}
        is_among = leaf.path[:-1] in among and not str(leaf.path[-1]).startswith(".")  # of one dictionary or list
        is_parameter = (is_weight(leaf.name) or is_among) and not naming.DATA.match(leaf.name)
        is_left = is_parameter and (is_among or leaf.name not in elsewhere or _is_of_twin(leaf, leaves_, moved))
        if is_left and whole is not None and steps[name].gradient.size:
            is_lost = len(moved) >= FEWEST_OTHERS or _is_never_read(leaf.name, tree)
            found[name] = STILL if is_lost else UNKNOWN
    return found


def _is_kept_copy(leaf: Leaf, moved: Iterable[Leaf], tree: ast.AST) -> bool:
    """Tell whether a weight is in a dictionary of which none is moved: a copy of one that is, or its origin."""
    if len(leaf.path) < 2 or str(leaf.path[-1]).startswith("."):
        return False
    moved = list(moved)
    own, twins = leaf.path[-2], {one.path[-2] for one in moved if len(one.path) > 1 and one.path[-1] == leaf.path[-1]}
    if leaf.path[:-1] in {one.path[:-1] for one in moved} or not twins:
        return False
    names, others = {str(own).lstrip(".")}, {str(twin).lstrip(".") for twin in twins}
    for part in walked(tree):
        for target, value in assigned_in(part):
            pair = {root_word(target)}, {w for n in walked(value) if (w := root_word(n))}  # pyright: ignore
            if {"copy", "deepcopy"} & pair[1] and any(
                a & pair[0] and b & pair[1] for a, b in ((names, others), (others, names))
            ):
                return True
    return False


def _gone_through(updating: Sequence[ast.AST]) -> Iterator[str]:
    """Yield the dictionaries of which a loop moves every entry: `for k in params: params[k] -= rates[k] * grads[k]`.

    >>> said = "for k in self.P: self.P[k] -= r[k] * g[k]", "for k in ('W', 'V'): P[k] -= g[k]"
    >>> [list(_gone_through([ast.parse(one)])) for one in said]
    [['P'], []]
    """
    loops = (part for node in updating for part in walked(node) if isinstance(part, ast.For))
    for loop in (one for one in loops if isinstance(one.target, ast.Name | ast.Tuple)):
        over = root_word(_asked(loop.iter))
        keys = {part.id for part in walked(loop.target) if isinstance(part, ast.Name)}
        for part in (part for part in walked(loop) if isinstance(part, ast.AugAssign)):
            match part.target:
                case ast.Subscript(value=whole, slice=ast.Name(id=key)) if key in keys and root_word(whole) == over:
                    yield over
                case _:
                    continue


def _asked(node: ast.expr) -> ast.expr:
    """Return what is asked for its keys, or its entries; anything else as it is."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="keys" | "items")):
            return owner
        case _:
            return node


def _is_of_twin(leaf: Leaf, leaves_: Mapping[str, Leaf], moved: Collection[str]) -> bool:
    """Tell whether a weight is of an object of which none is moved, beside one with the same weights, all moved.

    >>> known = {name: Leaf(("net", *name.partition(".")[::2]), None) for name in ("fw.W", "fw.b", "bw.W", "bw.b")}
    >>> known = {n: Leaf((a, f".{b}", f".{c}"), v) for n, ((a, b, c), v) in known.items()}
    >>> _is_of_twin(known["bw.W"], known, ["fw.W", "fw.b"]), _is_of_twin(known["bw.W"], known, ["fw.W", "bw.b"])
    (True, False)
    """
    owners: dict[Path, dict[Any, bool]] = {}
    for name, other in leaves_.items():
        owners.setdefault(other.path[:-1], {})[other.path[-1]] = name in moved
    own = owners.get(leaf.path[:-1], {})
    twins = (path for path in owners if len(path) > 1 and path[:-1] == leaf.path[:-2] and path != leaf.path[:-1])
    return not any(own.values()) and any(owners[path] == dict.fromkeys(own, True) for path in twins)


def forgotten(
    gradients: Mapping[str, Place], leaves_: Mapping[str, Leaf], moved: Collection[str], turn: ast.AST, tree: ast.AST
) -> list[str]:
    """Return what is made as weights are, has a gradient by its name, and is moved by nothing, where others are.

    `moved` are those; nothing is said where moving is a matter of conditions.
    """
    words = {leaves_[name].name for name in moved if name in leaves_}
    elsewhere = {word for word, _, _ in steps_in(tree)} | set(_rebound([turn])) | words
    if len(words) < FEWEST_OTHERS or _is_conditional(turn):
        return []
    return [
        name
        for name, place in gradients.items()
        if name not in moved
        and len(leaves_[name].path) == 1
        and (word := leaves_[name].name) not in elsewhere
        and not naming.DATA.match(word)
        and any(naming.is_gradient_of(known, word) == naming.PLAINLY for known in (place.name, *place.names))
        and _is_drawn(word, tree)
    ]


def _is_drawn(word: str, tree: ast.AST) -> bool:
    """Tell whether something begins as weights do: with random numbers, or with zeros."""
    values = (v for n in walk(tree) for t, v in assigned_in(n) if isinstance(t, ast.Name) and t.id == word)
    calls = (part for value in values for part in walk(value) if isinstance(part, ast.Call))
    return any(DRAWN.search(root_word(call.func)) for call in calls)


def _is_never_read(parameter: str, tree: ast.AST) -> bool:
    """Tell whether what bears the name of a parameter's gradient is computed, and nothing is made of it at all.

    >>> _is_never_read("b", ast.parse("dW, db = x * e, e.sum(); W -= dW")), _is_never_read("W", ast.parse("W -= dW"))
    (True, False)
    """
    words_ = {n.id for n in walk(tree) if isinstance(n, ast.Name)}
    names = {word for word in words_ if naming.is_gradient_of(word, parameter) == naming.PLAINLY}
    read = {n.id for n in walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return bool(names) and not names & read


def taken_twice(names: Collection[str], updating: Sequence[ast.AST]) -> dict[str, str]:
    r"""Say which steps stand twice in one block, one after the other, with nothing between that changes them.

    >>> block = ast.parse("W -= rate * dW; b -= rate * db; W = W - rate * dW; c -= d; d = 2 * d; c -= d")
    >>> list(taken_twice(["W", "b", "c"], [block]))
    ['W']

    What stands in a loop over the entries of another parameter, and is the same for each, is taken for each of them.

    >>> loop = ast.parse("for i in range(3):\n    w[i] -= rate * dw[i]\n    b -= rate * db")
    >>> list(taken_twice(["w", "b"], [loop]))
    ['b']
    >>> list(taken_twice(["w", "b"], [ast.parse(ast.unparse(loop).replace("db", "b"))]))
    []
    """
    found = {word: FOR_EACH for word in _taken_for_each(updating) if word in names}
    bodies = (getattr(part, "body", None) for node in updating for part in walk(node))
    blocks = [body for body in bodies if isinstance(body, list)]
    for block in (*blocks, list(updating)):
        known: dict[tuple[str, str, bool], set[str]] = {}
        for statement in block:
            steps = list(steps_in(statement))
            written = {word for word, _, _ in steps} | stored(statement)
            known = {step: read for step, read in known.items() if not written & read}
            for word, step, adds in steps if isinstance(statement, ast.Assign | ast.AugAssign) else ():
                text = word, ast.unparse(step), adds
                if text in known and word in names:
                    found[word] = TWICE
                known[text] = set(words(step)) - {word}
    return found


def _taken_for_each(updating: Sequence[ast.AST]) -> Iterator[str]:
    loops = (part for node in updating for part in walk(node) if isinstance(part, ast.For))
    for loop in loops:
        turning = {n.id for n in walk(loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        steps = [part for part in loop.body if isinstance(part, ast.AugAssign)]
        entries = [part.target for part in steps if isinstance(part.target, ast.Subscript)]
        if not any(set(words(entry.slice)) & turning for entry in entries) or len(steps) < len(loop.body):
            continue
        for step in steps:
            read = set(words(step.value))
            is_same = not read & {*turning, root_word(step.target)} and any(map(naming.looks_like_gradient, read))
            if is_same and not isinstance(step.target, ast.Subscript):
                yield root_word(step.target)


def _is_conditional(node: ast.AST) -> bool:
    """Tell whether some code moves anything only under a condition, or ends before it does."""
    return any(
        isinstance(part, ast.AugAssign | ast.Continue | ast.Break | ast.Return | ast.Call) and _moves(part)
        for choice in walk(node)
        if isinstance(choice, ast.If)
        for statement in (*choice.body, *choice.orelse)
        for part in walk(statement)
    )


SHOWS = naming.re.compile(
    r"print|append|format|plot|str|round|len|float|mean|write|info|save|loss|cost|accura|score|evaluat|predict|forward"
    r"|^(?:sum|abs|argmax|max|min|int|log)$",
    naming.re.IGNORECASE,
)
"""What is called under a condition that only shows how the training goes"""


def _moves(part: ast.AST) -> bool:
    return not isinstance(part, ast.Call) or not SHOWS.search(root_word(part.func))


def _rebound(updating: Collection[ast.AST]) -> Iterator[str]:
    """Yield what the code that moves parameters assigns anew."""
    for node in updating:
        yield from (n.id for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
