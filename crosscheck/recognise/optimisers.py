"""Updates that are made outside of what was judged: in the turn of a training loop, or by a function of their own.

What was judged ends where the gradient is known. The step that is made of it is looked at here: one turn of the loop,
or one call of the function that is handed gradients, is made again from preloaded memories, and its steps are held
against the rules (crosscheck/recognise/updates.py). Which way is down is known only where the loop's gradient bears the
name of one that was judged.
"""

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.backward_passes import reached
from crosscheck.recognise.hinting import hints_of
from crosscheck.recognise.hooks import fullest
from crosscheck.recognise.leaves import Leaf, follow, leaves
from crosscheck.recognise.loops import LoopReplay, loops_of
from crosscheck.recognise.observed_turns import Judged, ObservedTurn, judged_by
from crosscheck.recognise.odd_steps import odd
from crosscheck.recognise.places import Place
from crosscheck.recognise.raised import Way
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.right_rules import fault_of, follows
from crosscheck.recognise.roles import Hints, filled, find, is_floating
from crosscheck.recognise.rule_words import ASTRAY, CLIMBS
from crosscheck.recognise.rules import Step, wrong_rule
from crosscheck.recognise.rules_among import still, taken_twice
from crosscheck.recognise.statements import goes_back_in_time
from crosscheck.recognise.sums_of_turns import uneven
from crosscheck.recognise.training_loops import UPDATING
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.updates import (
    is_handed,
    is_maximised,
    later,
    said_of,
    several,
    sign_of,
    taken_steps,
    training_way,
    with_further,
)
from crosscheck.recognise.world import World
from crosscheck.source.walking import walk
from crosscheck.verdicts import Finding

Nodes = Mapping[str, ast.FunctionDef]

MOST_LOOPS = 4
"""Loops that call what was judged, and of which one is sought that takes steps"""
MOST_UNITS = 4
"""What was judged, and whose parameters are looked for among those that a loop moves"""


def wrong_updates(world: World, nodes: Nodes, units: Sequence[Unit], covered: Collection[str]) -> list[Finding]:
    """Return what is wrong with the updates that a module makes of gradients that were judged."""
    moving = {name for unit in units if unit.moves for name in unit.covers}
    found: list[Finding] = []
    with np.errstate(all="ignore"):
        observed = list(_observed(world, units, nodes))
        for node, seen in observed:
            told = _wrong_among(world, seen, node, nodes, 1, is_observed=True)
            is_whole = isinstance(node, ast.FunctionDef) and not UPDATING.search(node.name)  # a training, as it is
            found += [one for one in told if one.code == "update-differs"] if is_whole else told
        for name, node in _training_loops(world) if not observed else ():
            called = {word for word in covered if word in _called(node)}
            judged = [unit for unit in units if not unit.moves and _words_of(unit) & called]
            for unit in judged[:MOST_UNITS] if not found else ():
                seen = _attempted(lambda name=name, node=node, unit=unit: _in_loop(world, name, node, unit))
                found += _wrong_among(world, seen, node, nodes, sign_of(unit)) if seen is not None and not found else []
        for name in world.hooks.entries.keys() & nodes.keys() - moving:
            if (
                not found
                and UPDATING.search(name.rpartition(".")[2])
                and not _leaves_steps_to_others(nodes[name], nodes)
            ):
                seen = _attempted(lambda name=name: _in_function(world, name))
                found += _wrong_in_function(seen, nodes[name]) if seen is not None else []
    return found


def _leaves_steps_to_others(node: ast.FunctionDef, nodes: Nodes) -> bool:
    r"""Tell whether a function goes through turns in which another one takes the steps, `for x in X: net.sgd_step(x)`.

    >>> code = "def train_with_sgd(net, X):\n  for x in X: net.sgd_step(x)\ndef sgd_step(x): pass"
    >>> functions = {node.name: node for node in ast.parse(code).body}
    >>> [_leaves_steps_to_others(node, functions) for node in functions.values()]
    [True, False]
    """
    others = {word for name in nodes if UPDATING.search(word := name.rpartition(".")[2]) and word != node.name}
    return any(isinstance(part, ast.For | ast.While) and others & set(_called(part)) for part in walk(node))


class Seen(NamedTuple):
    """What some code makes of gradients."""

    parameters: Mapping[str, Leaf]
    taken: Callable[[int], Mapping[str, Step]]
    """Makes a call and returns its steps, all by case"""
    steps: Mapping[str, Step]
    numbers: Sequence[float]
    counters: Sequence[float]
    judged: Collection[str] = ()
    """What goes by gradients that were judged, under their own names"""
    updated: Collection[str] = ()
    """What is moved by what the judged functions return"""
    way: int = 1
    """-1 where the steps are to go up, and 0 where nothing says which way"""
    later: Callable[[], Mapping[str, str]] = dict
    """Says what is wrong with the steps of later turns"""
    uneven: Mapping[str, str] = MappingProxyType({})
    """What is wrong with what is made of several gradients of a parameter (sums_of_turns.py)"""


def _attempted(look: Callable[[], Seen]) -> Seen | None:
    try:
        return look()
    except Exception:  # noqa: BLE001 - theirs, on a memory that they did not fill
        return None


def _seen(
    replay: Replay,
    parameters: Mapping[str, Leaf],
    gradients: Mapping[str, Place],
    judged: Collection[str] = (),
    updated: Collection[str] = (),
) -> Seen:
    def taken(case: int) -> dict[str, Step]:
        return taken_steps(replay, parameters, gradients, _start(replay, case), case)[0]

    start = _start(replay)
    steps, numbers, counters = taken_steps(replay, parameters, gradients, start)
    further = with_further(steps, taken)
    return Seen(
        parameters,
        taken,
        further,
        numbers,
        counters,
        judged,
        updated,
        later=lambda: later(replay, parameters, gradients, start, numbers),
    )


def _training_loops(world: World) -> Iterator[tuple[str, ast.AST]]:
    """Yield the loops whose turns were recorded, none that lies inside of another one.

    One that goes back in time adds gradients up, by the names of their parameters perhaps: `g["W"] += dW`.
    """
    found = loops_of(world.document.tree, world.tree)
    inside = {id(inner) for node in found.values() for inner in walk(node) if inner is not node}
    outer = ((name, node) for name, node in found.items() if name in world.hooks.entries and id(node) not in inside)
    yield from ((name, node) for name, node in outer if not goes_back_in_time(node))


def _in_loop(world: World, name: str, node: ast.AST, unit: Unit) -> Seen:
    replay = LoopReplay(world, fullest(world.hooks.entries[name]), world.tree)
    roles = find(replay, hints_of(world.document, {}), wants_loss=False)
    given = set(_given_by(node, _words_of(unit)))
    known = {key: leaf for key, leaf in roles.parameters.items() if leaf.name in unit.names}
    judged = {key for key, leaf in known.items() if _is_judged(unit, leaf, roles.gradients[key])}
    handed = {key for key in known if roles.gradients[key].path[0] in given}
    known = {key: leaf for key, leaf in known.items() if key in judged | handed}
    return _seen(replay, known, roles.gradients, judged, handed & roles.updated)


def _observed(world: World, units: Sequence[Unit], nodes: Nodes) -> Iterator[tuple[ast.AST, Seen]]:
    """Yield the loops whose turns take steps by what judged functions return in them, and what they make of that.

    Of loops that lie inside of each other it is the innermost: one of its turns takes one step. Where none does, a
    method may, that goes through a batch first: `update_mini_batch`. Each function is looked at in one loop.
    """
    known = [(unit, judged_by(unit, sign_of(unit))) for unit in units if not is_maximised(unit) or is_handed(unit)]
    judged = [one._replace(is_open=training_way(unit) is Way.EITHER) for unit, one in known if one.parameters]
    words = {name.rpartition(".")[2] for one in judged for name in (one.begins, one.ends)}
    entries, tree = world.hooks.entries, world.document.tree
    loops = [(name, node) for name, node in loops_of(tree, world.tree).items() if name in entries]
    reaching = [(name, node, reached(tree, [node]) & words | _handed(world, name, node, words)) for name, node in loops]
    wanted = sorted((one for one in reaching if one[2]), key=lambda one: len(list(walk(one[1]))))
    turns: list[tuple[str, ast.AST, Collection[str], Callable[[], Replay]]] = [
        (name, node, own, lambda name=name: LoopReplay(world, fullest(entries[name]), world.tree))
        for name, node, own in wanted
    ]
    for name, node in nodes.items():
        takes_steps = bool(UPDATING.search(name.rpartition(".")[2])) or steps_after_batch(node, words)
        if name in entries and takes_steps and _called(node) & words:
            turns.append((name, node, _called(node) & words, lambda name=name: Replay(world, fullest(entries[name]))))
    done: set[str] = set()
    for name, node, own, made in turns[: MOST_LOOPS + len(judged)]:
        left = [one for one in judged if one.ends not in done and _is_among(one, own)]
        seen = _attempted(lambda made=made, left=left, name=name: _in_turn(made(), left, name)) if left else None
        if seen is not None and any(step.whole is not None and step.whole.change.any() for step in seen.steps.values()):
            done |= {one.ends for one in left}
            yield node, seen


def steps_after_batch(node: ast.FunctionDef, words: Collection[str]) -> bool:
    r"""Tell whether a function calls some others for each example of a batch, and does something only then.

    >>> code = "def train(X):\n  for x in X:\n    g = back(x, g)\n  {}step(g)"
    >>> [steps_after_batch(ast.parse(code.format(more)).body[0], {"back"}) for more in ("", "  ")]
    [True, False]
    """
    loops = [part for part in node.body if isinstance(part, ast.For) and _called(part) & set(words)]
    inner = (
        part for loop in loops for part in walk(loop) if isinstance(part, ast.For | ast.While) and part is not loop
    )
    is_plain = len(loops) == 1 and not any(_called(part) & set(words) for part in inner)
    return is_plain and any(
        isinstance(part, ast.Expr | ast.AugAssign | ast.Assign) for part in node.body[node.body.index(loops[0]) + 1 :]
    )


def _is_among(one: Judged, words: Collection[str]) -> bool:
    return any(name.rpartition(".")[2] in words for name in (one.begins, one.ends))


def _handed(world: World, name: str, node: ast.AST, words: Collection[str]) -> set[str]:
    """Return which of some functions a loop calls under the name of an argument: `x - rate * slope(x)`."""
    scope = world.hooks.entries[name][0].arguments
    return {getattr(scope.get(word), "__name__", "") for word in _called(node)} & set(words)


def _in_turn(turn: Replay, judged: Sequence[Judged], name: str) -> Seen:
    replay = ObservedTurn(turn, judged)
    parameters, gradients = replay.recognised(_start(replay))
    if not parameters:
        raise LookupError(turn.name)
    ways = {_way_of(one, name) for one in judged}
    seen = _seen(replay, parameters, gradients, parameters.keys(), parameters.keys())
    start = _start(replay)
    said = uneven(replay.moved(start, parameters)) | dict.fromkeys(replay.astray(start, parameters), ASTRAY)
    return seen._replace(way=ways.pop() if len(ways) == 1 else 0, uneven=said)


def _way_of(one: Judged, loop: str) -> int:
    """Tell whether a loop is to go down a function (1), or up (-1); 0 where that is not said of one that is no loss."""
    function = loop.partition(",")[0]
    if one.is_open:
        return 0
    if one.value and naming.UPHILL.search(function):
        return -1
    is_told = bool(naming.LOSS_FUNCTION.search(one.value)) or bool(naming.DOWNHILL.search(function))
    return int(not one.value or is_told)


def _wrong_among(
    world: World, seen: Seen, node: ast.AST, nodes: Nodes, sign: int, *, is_observed: bool = False
) -> list[Finding]:
    own = {key: step for key, step in seen.steps.items() if key in seen.judged}
    updating = [other for called, other in nodes.items() if UPDATING.search(called.rpartition(".")[2])]
    among = still(own, seen.parameters, world.document.tree, [node, *updating])
    twice = taken_twice({seen.parameters[key].name for key in own}, [node, *updating])
    among |= {key: twice[word] for key in own if (word := seen.parameters[key].name) in twice}
    signs = (sign * seen.way,) if seen.way else (sign, -sign)
    among |= min((_faults(seen, own, one, is_sure=is_observed) for one in signs), key=len)
    among |= seen.uneven
    among |= {key: words for key, words in seen.later().items() if key in own and key not in among}
    names = [leaf.name for leaf in seen.parameters.values()]
    called = {key: name if names.count(name) == 1 else key for key, name in zip(seen.parameters, names, strict=True)}
    named = {called[key]: words for key, words in among.items()}
    return said_of(named, line=_line_of(node, named))


def _faults(seen: Seen, own: Mapping[str, Step], sign: int, *, is_sure: bool) -> dict[str, str]:
    """Return what is wrong with steps, in words: by the rules, and beside each other; names may have told it wrong."""
    given = seen.numbers, seen.counters, sign
    found = odd(own, lambda: several(seen.taken), *given, is_sure=is_sure)
    for key in (key for key in seen.steps if key in seen.updated):
        words = fault_of(seen.steps[key], *given)
        if words and (words != CLIMBS or key in seen.judged):
            found[key] = words
    return found


def _given_by(node: ast.AST, functions: Collection[str]) -> Iterator[str]:
    """Yield the names to which a loop assigns what some functions return; a velocity may bear all other names."""
    for part in walk(node):
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Call) and _called(part.value) & set(functions):
            yield from (name.id for target in part.targets for name in walk(target) if isinstance(name, ast.Name))


def _is_judged(unit: Unit, parameter: Leaf, gradient: Place) -> bool:
    """Tell whether what a loop calls the gradient of a parameter is what was judged under that name, and no more."""
    told = {naming.plain(name) for name in (gradient.name, *gradient.names)}
    own = str(unit.names.get(parameter.name, "?"))
    entry = own.partition("[")[2].rstrip("]") or own  # of a dictionary that is returned: `gradients[W]`
    is_down = training_way(unit) is Way.DOWN and not is_maximised(unit)
    return is_down and bool({naming.plain(own), naming.plain(entry)} & told)


def _in_function(world: World, name: str) -> Seen:
    replay = Replay(world, fullest(world.hooks.entries[name]))
    arrays = [leaf for leaf in leaves(replay.roots()) if is_floating(leaf.value)]
    changed = find(replay, Hints(), wants_loss=False).updated
    given = replay.entry.arguments.keys() - {"self"}
    idle = [leaf for leaf in arrays if str(leaf) not in changed]
    handed = [leaf for leaf in idle if leaf.path[0] in given]
    kept = [leaf for leaf in idle if leaf.path[0] == "self" and naming.looks_like_gradient(leaf.name)]
    parameters, gradients = {}, {}
    for leaf in arrays:
        if str(leaf) in changed and not _is_memory(leaf):
            fitting = [g for g in handed if g.value.shape == leaf.value.shape]
            named = [g for g in fitting if g.path[-1] == leaf.path[-1] or naming.is_gradient_of(g.name, leaf.name)]
            beside = [g for g in kept if g.path[:-1] == leaf.path[:-1] and g.value.shape == leaf.value.shape]
            named = named or [g for g in beside if naming.is_gradient_of(g.name, leaf.name) == naming.PLAINLY]
            if len(named or fitting) == 1:
                parameters[str(leaf)] = leaf
                (gradient,) = named or fitting
                gradients[str(leaf)] = Place("after", gradient.path, gradient.name)
    for key in _memories(replay, parameters, gradients):
        del parameters[key]
    return _seen(replay, parameters, gradients)


def _is_memory(leaf: Leaf) -> bool:
    """Tell whether an array is a memory by its name, or lies in a list of them: `self.m[2]`; `self.v` may be weights.

    >>> paths = ("self", ".m", 2), ("self", ".v"), ("self", ".params", 0)
    >>> [_is_memory(Leaf(path, None)) for path in paths]
    [True, False, False]
    """
    holder = str(leaf.path[-2]).lstrip(".") if len(leaf.path) > 1 and isinstance(leaf.path[-1], int) else ""
    return bool(naming.MEMORY.search(str(leaf)) or naming.MEMORY.search(holder))


def _wrong_in_function(seen: Seen, node: ast.FunctionDef) -> list[Finding]:
    found = {key: fault_of(step, seen.numbers, seen.counters) for key, step in seen.steps.items()}
    falls = any(wrong_rule(step, seen.numbers, seen.counters, -1) == CLIMBS for step in seen.steps.values())
    # Which way is down is not known, but it is one way for all parameters.
    if any(follows(step, seen.numbers, seen.counters) for step in seen.steps.values()):
        found |= odd(seen.steps, lambda: several(seen.taken), seen.numbers, seen.counters, is_sure=False)
    found |= {key: words for key, words in seen.later().items() if found.get(key) is None}
    return said_of({k: words for k, words in found.items() if words and (falls or words != CLIMBS)}, line=node.lineno)


def _memories(replay: Replay, moved: Mapping[str, Leaf], gradients: Mapping[str, Place]) -> set[str]:
    """Return what is moved by the gradient of something else whose step depends on it, and on whose value it does not.

    `m["W"]` and `v["W"]` are moved as `p["W"]` is, by `g["W"]`: only what they do tells them apart.
    """
    start = {identity: 0.2 + np.abs(value) for identity, value in _start(replay).items()}
    alike = [[key for key in moved if gradients[key].path == path] for path in {g.path for g in gradients.values()}]
    before = _changes(replay, moved, start)
    depends: set[tuple[str, str]] = set()
    for group in alike:
        for key in group if len(group) > 1 else ():
            other = start | {id(moved[key].value): 1.3 * start[id(moved[key].value)]}
            after = _changes(replay, moved, other)
            depends |= {(one, key) for one in group if one != key and not np.allclose(before[one], after[one], 1e-9, 0)}
    return {key for one, key in depends if (key, one) not in depends}


def _changes(replay: Replay, moved: Mapping[str, Leaf], start: Mapping[int, np.ndarray]) -> dict[str, np.ndarray]:
    """Return by how much a call moves some arrays."""
    result = replay.run({identity: value.copy() for identity, value in start.items()})
    after = {**result.names, **result.arguments}
    return {key: np.asarray(follow(after, leaf.path)) - start[id(leaf.value)] for key, leaf in moved.items()}


def _start(replay: Replay, case: int = 0) -> dict[int, np.ndarray]:
    arrays = [leaf for leaf in leaves(replay.roots()) if is_floating(leaf.value)]
    return {id(leaf.value): filled(leaf.value, 1000 * case + seed) for seed, leaf in enumerate(arrays)}


def _line_of(node: ast.AST, said: Collection[str]) -> int | None:
    """Return the line of the last statement in a loop that moves one of some arrays, or whatever it runs through."""
    moves = [n for n in walk(node) if isinstance(n, ast.AugAssign) and isinstance(n.op, ast.Add | ast.Sub)]
    return moves[-1].lineno if moves and said else None


def _called(node: ast.AST) -> set[str]:
    names = [call.func for call in walk(node) if isinstance(call, ast.Call)]
    return {name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "") for name in names}


def _words_of(unit: Unit) -> set[str]:
    return {name.rpartition(".")[2] for name in unit.covers}
