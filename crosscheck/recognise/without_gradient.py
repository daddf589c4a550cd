"""Arrays that a loss depends on and that have no gradient: parameters that were left out, or data."""

import ast
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from crosscheck.recognise import naming
from crosscheck.recognise.averages import velocities
from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.cases import is_binary
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.loops import LoopReplay
from crosscheck.recognise.matching import is_state
from crosscheck.recognise.pairing import update_pairs
from crosscheck.recognise.pairs import PairReplay
from crosscheck.recognise.places import returned_names
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.roles import Roles, forgotten_by
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.source.walking import walk

DRAWS = naming.re.compile(r"rand|normal|uniform|zeros|ones|empty|full|init|xavier|glorot|kaiming", naming.re.IGNORECASE)
"""Functions that make weights"""
PLACE = naming.re.compile(r"\[-?\d+\]")
MASK = naming.re.compile(r"mas[kq]|drop", naming.re.IGNORECASE)


def weights_without(replay: Replay, roles: Roles, moved: set[str]) -> Iterator[str]:
    """Return the arrays without a gradient that lie where those with one do: parameters that were left out.

    Where the file updates parameters by their names, `moved`, or the call does, globals that it does not update are
    data; so are states that the call writes over, and what stands in a list whose other entries it fills.
    """
    by_name = any(leaf.name in moved or name in roles.updated for name, leaf in roles.parameters.items())
    upstream = {arrival.identity for arrival in replay.upstream} if isinstance(replay, PairReplay) else set()

    def home(leaf: Leaf) -> tuple[Any, ...]:
        steps = list(leaf.path)
        while len(steps) > 2 and isinstance(steps[-1], int):  # self.weights[0] lives where self.biases[0] does
            steps.pop()
        return (tuple(steps[:-1]), leaf.path[0] in replay.entry.arguments)

    homes = {home(leaf) for leaf in roles.parameters.values()}
    states, wanted = set(_carried_on(replay)), set(_wanted(replay))
    computed = set(_computed_of_data(replay.world.document.tree))
    between = velocities(replay.world.document.tree)
    pairs = update_pairs(replay.world.document.tree)
    told = {name for name, word in pairs if naming.is_gradient_of(word, name) == naming.PLAINLY}
    told |= {leaf.name for leaf in roles.active.values() if _is_told(leaf.name, _words_returned(replay))}
    hands_nothing_on = bool(forgotten_by(replay)) and not _returns(replay)
    results = {PLACE.sub("[]", name) for name in roles.updated - roles.active.keys()}
    for name in roles.without:
        leaf = roles.active[name]
        is_first_of_results = PLACE.search(name) and PLACE.sub("[]", name) in results  # what was there did not matter
        is_velocity = leaf.name in between and name in roles.updated  # the loss is taken where it leads
        if id(leaf.value) in upstream or is_first_of_results or is_velocity:
            continue
        is_plain_argument = len(leaf.path) == 1 and leaf.path[0] in replay.entry.arguments
        is_passed_on = is_state(leaf) or leaf.name in states  # `self.h` goes on from here
        is_moved = leaf.name in moved or (name in roles.updated and not is_passed_on)
        is_data = (by_name or leaf.name in wanted) and (len(leaf.path) == 1 or is_state(leaf)) and not is_moved
        is_written_over = is_passed_on and name in roles.updated and leaf.name not in moved
        is_computed = by_name and not is_moved and leaf.name in computed
        if is_binary(leaf.value) or MASK.search(str(leaf)) or is_written_over or is_computed:
            continue
        if name in roles.unclaimed or (hands_nothing_on and is_plain_argument):
            yield leaf.name
        elif naming.DATA.match(leaf.name) or (is_plain_argument and leaf.name not in told):
            continue
        elif not is_data and home(leaf) in homes:
            yield "_".join(str(step).lstrip(".") for step in leaf.path if step != "self")


def _words_returned(replay: Replay) -> set[str]:
    """Return what the backward of a pair calls its results: `return dA, dW, db`."""
    if not isinstance(replay, PairReplay):
        return set()
    node = functions_of(replay.world.document.tree).get(replay.backward.function)
    return set() if node is None else {word for words in returned_names(node).values() for word in words}


def _returns(replay: Replay) -> bool:
    """Tell whether the backward of a pair returns anything."""
    backward = getattr(replay, "backward", None)
    node = functions_of(replay.world.document.tree).get(backward.function) if backward is not None else None
    return node is None or any(isinstance(part, ast.Return) and part.value is not None for part in walk(node))


def _is_told(name: str, words: Collection[str]) -> bool:
    return any(naming.is_gradient_of(word, name) == naming.PLAINLY for word in words)


def _computed_of_data(tree: ast.Module) -> Iterator[str]:
    r"""Yield the attributes that hold what objects are handed, or find, or what is computed of that; none is drawn.

    >>> code = "class Net:\n  def __init__(self, A, n):\n    self.A, self.W = A / A.sum(0), np.random.randn(n)"
    >>> code += "\n  def read(self):\n    self.rows = table[:-9]\n    self.rows = self.rows / np.max(self.rows)"
    >>> list(_computed_of_data(ast.parse(code)))
    ['A', 'rows']
    """
    own = {node.name for node in walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assigned: dict[str, list[bool]] = {}
    for node in (part for part in walk(tree) if isinstance(part, ast.FunctionDef) and part.args.args):
        given = {argument.arg for argument in node.args.args[1:]} if node.name == "__init__" else None
        for target, value in (pair for part in walk(node) for pair in assigned_in(part)):
            if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
                assigned.setdefault(target.attr, []).append(_is_computed(value, given, own))
    yield from (name for name, computed in assigned.items() if all(computed))


def _is_computed(value: ast.expr, given: Collection[str] | None, own: Collection[str]) -> bool:
    """Tell whether a value is made of others, `given` ones if known, without draws or functions of the file."""
    called = {root_word(part.func) for part in walk(value) if isinstance(part, ast.Call)}
    read = {part.id for part in walk(value) if isinstance(part, ast.Name)} - {"self", "np", "numpy"}
    is_made = isinstance(value, ast.BinOp | ast.Call | ast.Subscript)
    if not is_made or called & set(own) or any(map(DRAWS.search, called)):
        return False
    return bool(read & set(given)) if given is not None else bool(read) or isinstance(value, ast.BinOp)


def _wanted(replay: Replay) -> Iterator[str]:
    """Yield the variables that a turn only takes away from others, in its loss and in its gradient: targets."""
    inner = getattr(replay, "inner", replay)
    parts = [n for s in inner.body for n in walk(s)] if isinstance(inner, LoopReplay) else []
    reads = Counter(n.id for n in parts if isinstance(n, ast.Name))
    right = [n.right for n in parts if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Sub)]
    yield from (
        name
        for name, count in Counter(n.id for n in right if isinstance(n, ast.Name)).items()
        if 1 < count == reads[name]
    )


def _carried_on(replay: Replay) -> Iterator[str]:
    """Yield the variables in which a turn leaves an entry of a sequence for the next: `last = hs[steps - 1]`."""
    inner = getattr(replay, "inner", replay)
    stored: dict[str, list[ast.expr]] = {}
    for part in (n for s in inner.body for n in walk(s)) if isinstance(inner, LoopReplay) else ():
        if isinstance(part, ast.Assign | ast.AugAssign):
            for target in part.targets if isinstance(part, ast.Assign) else [part.target]:
                if isinstance(target, ast.Name):
                    stored.setdefault(target.id, []).append(part.value)
    yield from (name for name, values in stored.items() if all(isinstance(value, ast.Subscript) for value in values))
