"""The loss that steps are derivatives of, where only these are seen (crosscheck.recognise.steps)."""

import ast
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.all_wrong import stated_loss, states_loss
from crosscheck.recognise.circulation import Unstated
from crosscheck.recognise.following import followers
from crosscheck.recognise.last_steps import of_no_function
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.loss_choice import chosen, chosen_by_parts
from crosscheck.recognise.loss_forms import Bare, Decayed, Scaled
from crosscheck.recognise.loss_weighing import Choice
from crosscheck.recognise.losses import WEAK, adopted, functions_in, is_only_added_to, locals_of
from crosscheck.recognise.no_loss import belonging_to_none
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.results import sources
from crosscheck.recognise.roles import Roles
from crosscheck.recognise.siblings import siblings_of
from crosscheck.recognise.standing import standing_still
from crosscheck.recognise.statements import root_word, words
from crosscheck.recognise.steps import (
    Stepping,
    are_filled,
    moved_by,
    moves_often,
    one_after_another,
    own_rates,
    rates,
    remembered_by,
    updates_of,
    with_steps,
)
from crosscheck.recognise.training_loops import UPDATING
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.watching import Watched
from crosscheck.recognise.world import World
from crosscheck.source import Document
from crosscheck.source.walking import walked

BOOTSTRAPS = naming.re.compile(r"critic|\btd\b|td_|_td|bellman|sarsa|q_?learn|q_?table|temporal.?diff", naming.re.I)
"""What tells of errors of which only one of two values that they are made of is moved, on purpose"""


def by_steps(
    assemble: Callable[..., Unit], document: Document, world: World, replay: Replay, roles: Roles, *nodes: Any
) -> tuple[Unit, int] | None:
    """Return the unit whose gradients are the steps that a call takes, and how many of them are right; None if none.

    Raises what the call raises.
    """
    moved = moved_by(document.tree, roles)
    if not moved or moves_often(document.tree, nodes[-1], moved):
        return None
    averages = followers(replay, moved)
    moved = {name: leaf for name, leaf in moved.items() if name not in averages}
    moved |= standing_still(document.tree, roles, {**moved, **{n: roles.active[n] for n in averages}}, replay)
    sums = {name for name, leaf in roles.active.items() if is_only_added_to(leaf, nodes[-1], document.tree)}
    moved = {name: leaf for name, leaf in moved.items() if name not in sums}
    replay.zeroed = tuple(leaf.value for leaf in remembered_by(document.tree, roles, moved))
    remembered = {id(array) for array in replay.zeroed}
    moved = {name: leaf for name, leaf in moved.items() if id(leaf.value) not in remembered}
    result = replay.run({})
    numbers = [(p.name, abs(float(v))) for p, v in sources(result) if isinstance(v, int | float) and v]
    own = own_rates(document.tree, numbers, moved)
    stepping = Stepping(replay, moved, own)
    watched = Watched(stepping, nodes[-1], siblings_of(replay, functions_in(document.tree), locals_of(nodes)))
    stepped = with_steps(roles, moved)
    stepped.buffers = stepping.zeroed
    into = are_filled(replay, roles, stepped.without)
    stepped.without = [name for name in stepped.without if name not in into | averages | sums]
    signs = dict.fromkeys(moved, 1)
    known = [1.0, 1.0] if own else list(rates(document.tree, numbers))
    choice = chosen(watched, moved, stepped.gradients, signs, known, moves_all=True)
    if (choice is None or not (choice.right or choice.is_stated)) and not BOOTSTRAPS.search(document.code):
        choice = chosen_by_parts(watched, moved, stepped.gradients, signs, known)
    rated = {number for name, number in numbers if naming.RATE.search(name)}
    is_bare = choice is not None and isinstance(choice.loss, Scaled) and abs(choice.loss.constant) == 1
    if is_bare and len(known) > 1 and 1.0 not in rated and _are_rated(document.tree, moved):
        # Half of four rows, at a rate of a half, is one by chance. The last rate is there twice: no factor besides.
        real = [rate for rate in known if rate != 1.0]
        choice = chosen(watched, moved, stepped.gradients, signs, real + real[-1:], moves_all=True)
    if choice is None and not own:
        written = {rate for rate in known if 0 < rate < 1}
        choice = stated_loss(watched, moved, stepped.gradients, rated or written)
    if choice is None:
        if own or len(rated) <= 1:  # at several rates steps are of no one loss in any case
            rate = 1.0 if own else min(rated, default=1.0)
            world.unexplained.append(
                (replay.name, lambda: _of_none(assemble, document, world, watched, stepped, rate, *nodes))
            )
        return None
    names = {leaf.name for leaf in moved.values()}
    if choice.right and any(one_after_another(nodes[-1], moved[n].name, names) for n in moved.keys() - choice.right):
        return None  # each is right by itself, and none is a step of all of them together
    if choice.right and _loses_anew(nodes[-1], choice.right, moved.keys() - choice.right):
        return None  # first a critic goes by its loss, then what it criticises by another one
    if choice.right and _is_of_another_object(choice.loss, choice.right, moved, replay):
        return None  # each of several networks goes by a loss of its own
    if choice.climbs == choice.right != frozenset() and isinstance(choice.loss, Bare):  # all of them are wrong
        downhill = choice.loss._replace(constant=-choice.loss.constant)
        choice = choice._replace(loss=downhill, right=frozenset(), climbs=frozenset())
    choice = _decaying_alike(choice, moved, nodes[-1])
    unit = _stepping(adopted(assemble, document, world, watched, stepped, choice, *nodes), nodes[-1], names)
    told = ("each step was divided by the rate of its parameter",) if own else ()
    return replace(unit, assumptions=(*unit.assumptions, *told)), len(choice.right)


def _is_of_another_object(loss: Any, right: Collection[str], moved: Mapping[str, Leaf], replay: Replay) -> bool:
    """Tell whether a loss is what a method of one object returned, and steps are wrong for others of its class."""
    owner, _, method = getattr(getattr(loss, "place", None), "name", "").rpartition(".")
    owners = {name: leaf.path[0] for name, leaf in moved.items()}
    others = {owners[name] for name in moved if name not in right}
    if not owner or not method.endswith("()") or not others or others & {owners[name] for name in right}:
        return False
    roots = replay.roots()
    return all(type(roots.get(str(other))).__name__ == owner for other in others)


def _are_rated(tree: ast.AST, moved: Mapping[str, Leaf]) -> bool:
    """Tell whether what is called a rate is in the step of each parameter."""
    named = {name for name, value in updates_of(tree) if any(map(naming.RATE.search, words(value)))}
    return {leaf.name for leaf in moved.values()} <= named


def _decaying_alike(choice: Choice, moved: Mapping[str, Leaf], node: ast.AST) -> Choice:
    """Let what is wrong decay as what is right does, where its step says that it decays: `q += rate * (e * p - c * q)`.

    A strength is found for what is right alone; without it nothing that mends the rest would be right.
    """
    loss = choice.loss
    if not isinstance(loss, Decayed) or len(set(np.round(list(loss.strengths.values()), 12))) != 1:
        return choice
    shrinking = {root_word(part.target) for part in walked(node) if isinstance(part, ast.AugAssign) and _shrinks(part)}
    wrong = [n for n in choice.active - choice.right if n in moved and moved[n].name in shrinking]
    strength = next(iter(loss.strengths.values()))
    weights = {**loss.weights, **{name: moved[name] for name in wrong}}
    strengths = {**loss.strengths, **dict.fromkeys(wrong, strength)}
    return choice._replace(loss=loss._replace(weights=weights, strengths=strengths))


def _shrinks(step: ast.AugAssign) -> bool:
    """Tell whether a share of what a step moves is in it."""
    products = (n for n in walked(step.value) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Mult))
    own = ast.unparse(step.target)
    return any(own in (ast.unparse(product.left), ast.unparse(product.right)) for product in products)


def _loses_anew(node: ast.AST, first: Collection[str], then: Collection[str]) -> bool:
    """Tell whether a turn moves some arrays, computes a loss after that, and moves the others only then."""
    stage = 0
    for statement in getattr(node, "body", []):
        parts = (part for part in walked(statement) if isinstance(part, ast.Assign | ast.AugAssign))
        parts = [(t, p.value) for p in parts for t in (p.targets if isinstance(p, ast.Assign) else [p.target])]
        words = {*(ast.unparse(target) for target, _ in parts), *_moved_by_method(statement, {*first, *then})}
        if stage == 0 and words & set(first):
            stage = 1
        elif words & set(then):
            return stage == 2
        elif stage == 1 and any(_is_loss(root_word(target), value) for target, value in parts):
            stage = 2
    return False


def _moved_by_method(statement: ast.stmt, names: Collection[str]) -> set[str]:
    """Return what an object's own update moves: `critic.step(rate)` what begins with `critic.`."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if (
        not isinstance(call, ast.Call)
        or not isinstance(call.func, ast.Attribute)
        or not UPDATING.search(call.func.attr)
    ):
        return set()
    owner = ast.unparse(call.func.value)
    return {name for name in names if name.startswith(f"{owner}.")}


def _is_loss(word: str, value: ast.expr) -> bool:
    """Tell whether what is computed is a loss by its name, or an error: a difference, and no product that goes back."""
    is_error = bool(WEAK.search(word)) and not (isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub))
    return bool(naming.LOSS.search(word)) and not (naming.NOT_LOSS.search(word) or is_error)


def _stepping(unit: Unit, node: ast.AST, names: Collection[str]) -> Unit:
    stated = "only the steps of the parameters are seen: they were judged as gradients of that loss times the rate"
    own = frozenset(line for line, word in _steps_by_line(node) if word in names)  # a loss may be summed behind them
    return replace(unit, assumptions=(*unit.assumptions, stated), moves=True, editable=unit.editable | own)


def _steps_by_line(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the lines that add to something, or assign to it what it is made of itself, and its name."""
    for part in walked(node):
        target = part.target if isinstance(part, ast.AugAssign) else None
        if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) in ast.unparse(part.value):
            target = part.targets[0]
        if target is not None and isinstance(part, ast.stmt):
            yield from ((line, root_word(target)) for line in range(part.lineno, (part.end_lineno or part.lineno) + 1))


def _of_none(
    assemble: Callable[..., Unit],
    document: Document,
    world: World,
    replay: Watched,
    stepped: Roles,
    rate: float,
    *nodes: Any,
) -> Unit | None:
    """Return the unit of steps that are those of no loss at all; None where they may be of one."""
    proof = belonging_to_none(replay, stepped.parameters, stepped.gradients, rate)
    names = {leaf.name for leaf in stepped.parameters.values()}
    if proof is None:
        unit = assemble(document, world, replay, replace(stepped, loss=Unstated()), *nodes)
        is_stated = states_loss(replay, stepped.parameters, stepped.gradients)
        return of_no_function(replace(unit, moves=True), nodes[-1], names, is_stated=is_stated)
    unit = _stepping(adopted(assemble, document, world, replay, stepped, proof.nearest, *nodes), nodes[-1], names)
    return replace(unit, assumptions=(proof.reason, *unit.assumptions))
