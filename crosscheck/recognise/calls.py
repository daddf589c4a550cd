"""Functions that compute a loss and its gradients in one call: the gist's shape, and methods like it."""

import ast
import copy
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.before_softmax import logits_of, of_softmax
from crosscheck.recognise.cases import CallCases, is_binary
from crosscheck.recognise.decays import decays, said_of_decay
from crosscheck.recognise.elementwise import is_elementwise, unit_of_derivative
from crosscheck.recognise.example_losses import unit_of_examples
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.instrument import goes_back_in_time, root_word, updates
from crosscheck.recognise.learning import updates_last
from crosscheck.recognise.leaves import Leaf, Path, leaves, spelled
from crosscheck.recognise.loops import Loop, LoopReplay, before_updates
from crosscheck.recognise.loss_forms import Scaled
from crosscheck.recognise.losses import is_plain, signs_of, with_loss
from crosscheck.recognise.matching import is_state
from crosscheck.recognise.pair_steps import rated, with_unseen, wrong_steps
from crosscheck.recognise.pairing import gradient_pairs, handed_on, unpacked_names, update_pairs
from crosscheck.recognise.pairs import BOTH, UPSTREAM, PairReplay
from crosscheck.recognise.places import (
    LOCAL,
    RETURNED,
    STEP_OF,
    Place,
    built_containers,
    nameless_containers,
    returned_names,
)
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.roles import Hints, Roles, filled, find, is_floating, own
from crosscheck.recognise.shares import has_right_one, means
from crosscheck.recognise.slices import backward_lines
from crosscheck.recognise.step_losses import by_steps
from crosscheck.recognise.steps import moved_by, standing_still
from crosscheck.recognise.subject import CallSubject
from crosscheck.recognise.unit import Doubtful, Unit
from crosscheck.recognise.world import World
from crosscheck.source import Document

UPDATING = naming.re.compile(r"update|^upd_|step$|optimi|sgd|adam|adagrad|apply_grad", naming.re.IGNORECASE)
MASK = naming.re.compile(r"mas[kq]|drop", naming.re.IGNORECASE)
RATE = naming.re.compile(r"^lr$|learn|alpha|^eta$|rate", naming.re.IGNORECASE)


def unit_of(document: Document, world: World, entry: Entry, node: ast.FunctionDef) -> Unit | None:
    """Return the unit that a call is, None if it has no loss or no gradients. Raises what the function raises."""
    if trains(node, set()):
        return None
    replay = Replay(world, entry)
    hints = hints_of(document, {(): node})
    roles = find(replay, hints)
    if trains(node, {roles.active[name].name for name in roles.updated if name in roles.active}):
        return None
    unit = with_loss(assembled, document, world, replay, roles, hints, node)
    if unit is not None and (_leaves_out_results(unit, node) or _leaves_out_entries(unit)):
        return None
    return _or_by_steps(unit, document, world, replay, hints, node)


def _is_partial(unit: Unit) -> bool:
    """Tell whether a pair with a loss of its own has not the gradients of all that it moves."""
    return unit.subject.loss.name not in (UPSTREAM, BOTH) and (bool(unit.without) or not _has_shapes(unit))


def _leaves_out_results(unit: Unit, node: ast.FunctionDef) -> bool:
    """Tell whether a unit holds only variables of a function that returns other gradients: these are its purpose."""
    gradients = unit.subject.gradients.values()
    if any(place.where != LOCAL for place in gradients):
        return False
    judged = {name for place in gradients for name in (place.name, *place.names)}
    returned = frozenset().union(*returned_names(node).values())
    return any(naming.looks_like_gradient(n) or naming.CONTAINER.search(n) for n in returned - judged)


def _leaves_out_entries(unit: Unit) -> bool:
    """Tell whether most entries of a dictionary of gradients that is returned belong to nothing that a unit holds."""
    claimed = {place.path for place in unit.subject.gradients.values() if place.where == RETURNED}
    waiting: list[tuple[Path, Any]] = [(("return",), unit.subject.replay.run({}).returned)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, tuple):
            waiting += [((*path, place), item) for place, item in enumerate(value)]
        elif isinstance(value, dict):
            held = [(*path, key) in claimed for key, item in value.items() if is_floating(item)]
            if any(held) and 2 * sum(held) < len(held):
                return True
    return False


def _or_by_steps(
    unit: Unit | None, document: Document, world: World, replay: Replay, hints: Hints, *nodes: ast.FunctionDef | Loop
) -> Unit | None:
    """Return the unit whose gradients are steps, where parameters are updated that another unit has no gradient of."""
    bare = find(replay, hints, wants_loss=False)
    moved = moved_by(document.tree, bare)
    moved |= standing_still(document.tree, bare, moved, replay.run({})) if moved else {}
    is_whole = unit is not None and len(moved) <= len(unit.names) and _has_shapes(unit)
    if not moved or (is_whole and not _is_divided(nodes[-1])):
        return unit
    found = by_steps(assembled, document, world, replay, bare, *nodes)
    is_told = unit is not None and (is_whole or isinstance(unit.subject.loss, Place))
    if found is None or (is_told and not _supplies_factor(*found, len(moved))):
        is_better = found is not None and unit is not None and not is_whole and _is_of_same_loss(found[0], unit)
        return found[0] if found is not None and is_better else unit
    return found[0]


def _is_of_same_loss(stepped: Unit, unit: Unit) -> bool:
    """Tell whether steps were found to be those of the very number that is the loss of a unit that lacks some."""
    loss, own = stepped.subject.loss, unit.subject.loss
    is_same = isinstance(loss, Scaled) and (loss.place.where, loss.place.path) == (own.where, own.path)
    is_same |= isinstance(loss, Scaled) and loss.place.name == own.name != ""  # a variable that is returned
    return is_same and len(stepped.names) > len(unit.names) - (not _has_shapes(unit))


def _is_divided(node: ast.AST) -> bool:
    """Tell whether an update divides: `p -= rate * (2 / N) * g` may supply what all gradients leave out."""
    return any(
        isinstance(part, ast.AugAssign)
        and isinstance(part.op, ast.Sub | ast.Add)
        and any(isinstance(inner, ast.Div) for inner in ast.walk(part.value))
        for part in ast.walk(node)
    )


def _supplies_factor(stepped: Unit, right: int, moved: int) -> bool:
    """Tell whether all steps are exactly those of the loss that the code itself computes."""
    loss = stepped.subject.loss
    return right == moved and isinstance(loss, Scaled) and bool(naming.LOSS.search(loss.place.name))


def _has_shapes(unit: Unit) -> bool:
    """Tell whether the gradients of a unit have the shapes of their parameters."""
    parameters, data = unit.cases.build(unit.cases.draw(0, 0)).arguments
    gradients = unit.subject(parameters, data).gradients
    return all(np.shape(gradients[name]) == value.shape for name, value in parameters.items())


def trains(node: ast.FunctionDef, moved: set[str]) -> bool:
    """Tell whether a function updates parameters in a loop: it is training, and its gradient is that of a turn."""
    for loop in ast.walk(node):
        if isinstance(loop, ast.For | ast.While) and not goes_back_in_time(loop):
            inside = [part for part in ast.walk(loop) if isinstance(part, ast.stmt) and part is not loop]
            calls = [part for part in ast.walk(loop) if isinstance(part, ast.Call)]
            steady = [root_word(call.func) for call in calls if not _words(call) & _targets(loop)]
            if any(map(naming.BACKWARD.search, steady)) and any(map(UPDATING.search, steady)):
                return True
            backward = [call for call in calls if naming.BACKWARD.search(root_word(call.func))]
            taken = _taken_in_turn(loop)  # `for w, dw in zip(...)` computes no gradient
            own = [part for part in inside if not _takes_gradient(part, taken)]
            written = (node for part in own for node in _stored(part))
            names = {node.id if isinstance(node, ast.Name) else getattr(node, "attr", "") for node in written} - taken
            computes = bool(backward) or any(map(naming.BEGINS_LIKE_GRADIENT.match, names))
            moved = moved | _rebound(inside)
            by_call = any(UPDATING.search(root_word(call.func)) for call in calls)
            at_a_rate = any(RATE.search(root_word(argument)) for call in backward for argument in call.args)
            moves = moved and (by_call or any(updates(part, frozenset(moved)) for part in inside))
            if computes and (moves or at_a_rate):
                return True
    return False


def _targets(loop: ast.For | ast.While) -> set[str]:
    """Return the variables that a loop gives values to, not those of loops inside of it."""
    return _words(loop.target) if isinstance(loop, ast.For) else set()


def _stored(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield what a statement writes itself, not what those inside of it do."""
    for target in (*getattr(statement, "targets", ()), getattr(statement, "target", None)):
        if target is not None:
            yield from (node for node in ast.walk(target) if isinstance(getattr(node, "ctx", None), ast.Store))


def _takes_gradient(statement: ast.stmt, taken: set[str]) -> bool:
    """Tell whether a statement only takes a gradient that is there: `grad = np.clip(grads[name], -5, 5)`."""
    if not isinstance(statement, ast.Assign):
        return False
    read = {node.id for node in ast.walk(statement.value) if isinstance(node, ast.Name)}
    read -= {"np", "numpy", "self", *taken}
    return bool(read) and all(naming.looks_like_gradient(name) or naming.CONTAINER.search(name) for name in read)


def _taken_in_turn(loop: ast.For | ast.While) -> set[str]:
    """Return the variables that a loop, or one inside of it, goes through something with."""
    targets = (inner.target for inner in ast.walk(loop) if isinstance(inner, ast.For | ast.comprehension))
    return {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}


def _rebound(statements: Sequence[ast.stmt]) -> set[str]:
    """Return what is moved by a rate: `w = w - rate * dw`, `w -= rate * dw`, `v = 0.9 * v - rate * dw`."""
    found = set()
    for statement in statements:
        if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Sub | ast.Add):
            target, words = statement.target, _words(statement.value)
        elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.BinOp):
            target, value = statement.targets[0], statement.value
            words = _words(value.right) if isinstance(value.op, ast.Sub | ast.Add) else set()
            words = words if root_word(target) in _words(value.left) else set()
        else:
            continue
        arrays = {root_word(n.value) for n in ast.walk(statement) if isinstance(n, ast.Subscript)}
        if any(map(RATE.search, words - arrays)):  # `alpha[t - 1]` are sums of paths, and no rate
            found.add(root_word(target))
    return found


def _words(node: ast.AST) -> set[str]:
    return {root_word(n) for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute)}


def unit_of_loop(document: Document, world: World, entry: Entry, node: Loop) -> Unit | None:
    """Return the unit that one turn of a loop is, up to where it updates the parameters; None if it is none."""
    laid = copy.copy(node)
    laid.body = updates_last(node.body)
    unit = _unit_of_turn(document, world, entry, laid)
    return None if unit is None else replace(unit, functions=(node,))


def _unit_of_turn(document: Document, world: World, entry: Entry, node: Loop) -> Unit | None:
    hints = hints_of(document, {})
    whole = LoopReplay(world, entry, world.tree)
    first = find(whole, hints)
    if not is_plain(whole, first):
        first = find(whole, hints, wants_loss=False)
    moved = signs_of(document.tree, first.gradients).keys()
    states = {name for name, leaf in first.active.items() if is_state(leaf)} - moved
    named = (moved or first.gradients.keys()) & first.updated - states
    named = named or (first.loss and first.active.keys() & first.updated - states)
    if not named:
        return _or_by_steps(None, document, world, whole, hints, node)
    replay = before_updates(whole, [leaf for name, leaf in first.active.items() if name in named])
    unit = None
    if replay is not None:
        roles = without_states(find(replay, hints), moved)
        unit = with_loss(assembled, document, world, replay, roles, hints, node)
    return _or_by_steps(unit, document, world, whole, hints, node)


def without_states(roles: Roles, moved: Collection[str]) -> Roles:
    """Leave out the gradients of initial states: a loop offers none, it only happens to have such names left over.

    What the file moves is a parameter, whatever it is called.
    """
    kept = {name: leaf for name, leaf in roles.inputs.items() if name in moved}
    states = roles.inputs.keys() - kept.keys()
    gradients = {name: place for name, place in roles.gradients.items() if name not in states}
    return replace(roles, gradients=gradients, parameters={**roles.parameters, **kept}, inputs={})


def hints_of(document: Document, functions: Mapping[Path, ast.FunctionDef]) -> Hints:
    """Return what the source tells of the names of functions' results; the keys are where a replay puts these."""
    spoken: dict[Path, frozenset[str]] = {}
    for place, node in functions.items():
        for path, names in returned_names(node).items():
            spoken[(*place, *path)] = names
        states = handed_on(document.tree, node.name)
        for path, names in unpacked_names(document.tree, node.name).items():
            spoken[(*place, *path)] = spoken.get((*place, *path), frozenset()) | (names - states)
        if naming.SAYS_GRADIENTS.search(node.name) or writes_gradients(node):
            for path in nameless_containers(node):
                spoken.setdefault((*place, *path), frozenset(["gradients"]))
        if naming.SAYS_GRADIENTS.search(node.name) and returned_names(node).get(()):
            spoken[place] = spoken.get(place, frozenset()) | {"gradients"}
        if naming.SAYS_GRADIENTS.search(node.name):
            for path, names in returned_names(node).items():
                if names & built_containers(node) and not any(map(naming.LOSS.search, names)):
                    spoken[(*place, *path)] = spoken[(*place, *path)] | {"gradients"}
    nodes = functions.values() or [document.tree]
    totals = dict(pair for node in nodes for pair in _totals(node))
    weighted = frozenset(name for name, is_weighted in totals.items() if is_weighted)
    return Hints(spoken, frozenset(gradient_pairs(document.tree)), frozenset(totals), weighted)


def _with_kept(hints: Hints, world: World, functions: Mapping[str, str]) -> Hints:
    """Return hints in which the results that methods keep in their objects have the names of the attributes."""
    kept = {(place,): world.hooks.kept[name].attribute for place, name in functions.items() if name in world.hooks.kept}
    spoken = {**hints.spoken, **{place: frozenset([attribute]) for place, attribute in kept.items()}}
    return replace(hints, spoken=spoken)


def _totals(node: ast.AST) -> Iterator[tuple[str, bool]]:
    """Yield the names that losses are added to, `total += cost`, and whether times something: `cost * len(batch)`."""
    for part in ast.walk(node):
        if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Add) and isinstance(part.target, ast.Name):
            words = [name.id for name in ast.walk(part.value) if isinstance(name, ast.Name)]
            if any(map(naming.LOSS.search, words)) and not any(map(naming.looks_like_gradient, words)):
                yield part.target.id, isinstance(part.value, ast.BinOp) and isinstance(part.value.op, ast.Mult)


def writes_gradients(node: ast.AST) -> bool:
    """Tell whether a function has variables that are called like gradients."""
    names = (part for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
    return any(naming.looks_like_gradient(name.id) for name in names)


def unit_of_pair(
    document: Document,
    world: World,
    forward: Entry,
    backward: Entry,
    nodes: Mapping[str, ast.FunctionDef],
    *,
    of_examples: bool = True,
) -> Unit | None:
    """Return the unit that a forward and a backward function are; None if they are not wired, or share no gradient.

    Unless `of_examples`, one that returns a loss for each example is left to what takes their mean.
    """
    replay = PairReplay(world, forward, backward)
    both = nodes[forward.function], nodes[backward.function]
    if is_elementwise(replay):
        return unit_of_derivative(lambda pair, roles: assembled(document, world, pair, roles, *both), replay)
    if not replay.is_wired:
        return None
    hints = hints_of(document, {("forward",): both[0], ("backward",): both[1]})
    hints = _with_kept(hints, world, {"forward": forward.function, "backward": backward.function})
    roles = find(replay, hints)
    if replay.upstream and roles.loss is not None:
        roles = _with_upstream(replay, roles, hints)
    is_above = roles.loss is not None and roles.loss.name == UPSTREAM
    silent = decays(replay, roles.loss, roles.gradients.values()) if is_above else []
    replay.silent = [leaf.path for leaf in silent]
    whole = with_unseen(replay, roles)
    unit = with_loss(assembled, document, world, replay, whole, hints, *both)
    if unit is not None and replay.moved:
        names, unit = list(replay.moved), rated(document.tree, both[1], unit, replay)
        if unit is None:  # at no rate that the program knows
            replay.moved = {}
            unit = with_loss(assembled, document, world, replay, roles, hints, *both)
            unit = unit and replace(unit, without=tuple(dict.fromkeys((*unit.without, *names))))
    if unit is None and of_examples:
        return unit_of_examples(
            lambda found: assembled(document, world, replay, found, *both), replay, hints, *both, document.tree
        )
    if not replay.upstream if unit is None else _is_partial(unit):
        unit = _or_by_steps(unit, document, world, replay, hints, *both)
    if unit is None or _leaves_out_results(unit, both[1]):
        return None
    if unclear := of_softmax(unit, replay, *both):
        replay.logits = logits_of(replay, unclear)
        again = with_loss(assembled, document, world, replay, whole, hints, *both) if replay.logits else None
        if again is None or not has_right_one(again):
            raise Doubtful("the gradient that it is handed may be that of an output before its softmax")
        names = ", ".join(replay.logits.values())
        stated = f"the gradient that it is handed was taken for that of {names}, before the softmax"
        unit = replace(again, assumptions=(*again.assumptions, stated))
    unit = replace(unit, assumptions=(*unit.assumptions, *map(said_of_decay, silent)))
    if any(place.name.startswith(STEP_OF) for place in unit.subject.gradients.values()):
        return unit
    return _with_means(replace(unit, faults=(*unit.faults, *wrong_steps(both[1], unit, replay))), replay)


def _with_means(unit: Unit, replay: PairReplay) -> Unit:
    """Return a unit whose gradients are judged as sums where the backward pass takes the mean over a batch."""
    if unit.subject.loss.name != UPSTREAM:
        return unit
    shared = means(unit, [output for output in replay.outputs() if np.ndim(output)])
    if not shared:
        return unit
    before = unit.subject.times
    unit.subject.times = {**before, **{name: before.get(name, 1) * count for name, count in shared.items()}}
    (count,) = set(shared.values())
    stated = (
        f"upstream gradients were taken for those of each of {count} examples: the gradients of "
        f"{', '.join(shared)} are means over these, and were compared times {count}"
    )
    return replace(unit, assumptions=(*unit.assumptions, stated))


def _with_upstream(replay: PairReplay, roles: Roles, hints: Hints) -> Roles:
    """Choose the loss of a backward that is handed upstream gradients: of these alone, or of the forward's as well."""
    arrays = [leaf for leaf in leaves(replay.roots()) if is_floating(leaf.value)]
    values = {id(leaf.value): filled(leaf.value, seed) for seed, leaf in enumerate(arrays)}
    values |= {id(buffer): np.zeros_like(buffer) for buffer in roles.buffers}
    result = replay.run(own(replay.without_upstream(values)))
    silent = all(not np.any(place.read(result)) for place in roles.gradients.values())
    is_told = all(naming.is_gradient_argument(arrival.name) for arrival in replay.upstream)
    if not silent and is_told and roles.loss is not None and roles.loss.name != UPSTREAM:
        replay.own_loss = roles.loss.read
        return find(replay, hints, only=BOTH)
    # What only the backward is handed may be the targets of a loss of its own, which nothing here computes.
    has_targets = any(name not in {u.name for u in replay.upstream} | {"self"} for name in replay.own)
    return find(replay, hints, wants_loss=False) if has_targets and not silent else find(replay, hints, only=UPSTREAM)


def assembled(document: Document, world: World, replay: Replay, roles: Roles, *nodes: ast.FunctionDef | Loop) -> Unit:
    """Put a unit together from a call and its roles."""
    assert roles.loss is not None
    replay.zeroed = roles.buffers
    chosen = {**roles.parameters, **roles.inputs}
    short = short_names(chosen, frozenset(replay.roots()))
    parameters = {short[name]: leaf.value for name, leaf in chosen.items()}
    gradients = {short[name]: place for name, place in roles.gradients.items()}
    data = data_of(replay, {id(value) for value in (*parameters.values(), *roles.buffers)})
    data = {f"{name} of the module" if name in parameters else name: value for name, value in data.items()}
    ids = {name: id(value) for name, value in {**parameters, **data}.items()}
    subject = CallSubject(replay, ids, roles.loss, gradients)
    inside = [leaf for leaf in leaves(replay.roots()) if str(leaf) in roles.updated and is_floating(leaf.value)]
    subject.written = tuple(leaf.value for leaf in inside if id(leaf.value) not in ids.values())
    symbols = {name: symbol_count(data, name) for name, value in data.items() if holds_integers(value)}
    cases = CallCases(parameters, data, symbols, inputs=frozenset(short[name] for name in roles.inputs))
    if not _runs(subject, cases):  # words and their tags are numbered apart
        cases = replace(cases, symbols={name: _own_count(data, name) for name in symbols})
    cases = with_lengths(subject, cases)
    eliminated = sorted(short[name] for name in roles.eliminated if name in short)
    return Unit(
        name=replay.name,
        document=document,
        world=world,
        subject=subject,
        example=(parameters, data),
        cases=cases,
        editable=frozenset().union(*editable_lines(document, roles, nodes)),
        functions=nodes,
        names={name: str(place) for name, place in gradients.items()},
        without=tuple(weights_without(replay, roles, {name for name, _ in update_pairs(document.tree)})),
        assumptions=tuple(
            f"{gradients[name]} was taken for the gradient of {name}: nothing else was left" for name in eliminated
        ),
        moves=bool(roles.updated & roles.parameters.keys()),
        covers=frozenset(replay.name.split("/")),
    )


def weights_without(replay: Replay, roles: Roles, moved: set[str]) -> Iterator[str]:
    """Return the arrays without a gradient that lie where those with one do: parameters that were left out.

    Where the file updates parameters by their names, `moved`, globals that it does not update are data.
    """
    by_name = any(leaf.name in moved for leaf in roles.parameters.values())
    upstream = {arrival.identity for arrival in replay.upstream} if isinstance(replay, PairReplay) else set()

    def home(leaf: Leaf) -> tuple[Any, ...]:
        steps = list(leaf.path)
        while len(steps) > 2 and isinstance(steps[-1], int):  # self.weights[0] lives where self.biases[0] does
            steps.pop()
        return (tuple(steps[:-1]), leaf.path[0] in replay.entry.arguments)

    homes = {home(leaf) for leaf in roles.parameters.values()}
    for name in roles.without:
        leaf = roles.active[name]
        if id(leaf.value) in upstream:
            continue
        is_plain_argument = len(leaf.path) == 1 and leaf.path[0] in replay.entry.arguments
        is_moved = leaf.name in moved or (name in roles.updated and not is_state(leaf))  # `self.h` goes on from here
        is_data = by_name and (len(leaf.path) == 1 or is_state(leaf)) and not is_moved
        if is_binary(leaf.value) or MASK.search(str(leaf)):
            continue
        if name in roles.unclaimed:
            yield leaf.name
        elif not is_data and home(leaf) in homes and not is_plain_argument and not naming.DATA.match(leaf.name):
            yield "_".join(str(step).lstrip(".") for step in leaf.path if step != "self")


def editable_lines(
    document: Document, roles: Roles, nodes: Sequence[ast.FunctionDef | Loop]
) -> Iterator[frozenset[int]]:
    """Return the lines of the backward pass in each of the functions: of a pair, all of the second one."""
    assert roles.loss is not None
    if len(nodes) == 1:
        yield backward_lines(
            document.tree, nodes[0], [str(roles.loss), roles.loss.name, *getattr(roles.loss, "names", ())]
        )
    else:
        yield backward_lines(document.tree, nodes[1], [])


def short_names(leaves: Mapping[str, Leaf], taken: frozenset[str]) -> dict[str, str]:
    """Return a plain name for each path: its last word where that is unique, all of its words where not."""
    last = [leaf.name for leaf in leaves.values()]
    made = {}
    for path, leaf in leaves.items():
        words = [str(step).lstrip(".") for step in leaf.path if step != "self"]
        whole = "_".join(words)
        is_free = leaf.name not in taken or len(leaf.path) == 1
        made[path] = leaf.name if last.count(leaf.name) == 1 and leaf.name.isidentifier() and is_free else whole
    return made


def data_of(replay: Replay, taken: set[int]) -> dict[str, Any]:
    """Return what else a call starts from and may be drawn anew: floating arrays, and integers in arrays and lists."""
    found: dict[str, Any] = {}
    roots = replay.roots()
    waiting: list[tuple[Path, Any]] = [((n,), v) for n, v in roots.items() if n not in replay.names]
    waiting += [((n,), v) for n, v in roots.items() if n in replay.names and isinstance(v, np.ndarray)]
    seen: set[int] = {*taken, *replay.kept}
    while waiting:
        path, value = waiting.pop(0)
        if id(value) in seen or len(path) > 3:
            continue
        seen.add(id(value))
        if (
            is_floating(value)
            or holds_integers(value)
            or (isinstance(value, list) and value and all(is_floating(i) and id(i) not in taken for i in value))
        ):
            found[spelled(path)] = value
        elif isinstance(value, list | tuple) and len(value) <= 50:
            waiting += [((*path, place), item) for place, item in enumerate(value)]
        elif isinstance(value, Mapping) and len(value) <= 50:
            waiting += [((*path, key), item) for key, item in value.items() if isinstance(key, str | int)]
        elif hasattr(value, "__dict__") and not isinstance(value, type) and path[:1] == ("self",):
            waiting += [((*path, f".{name}"), item) for name, item in vars(value).items() if is_floating(item)]
    return found


def holds_integers(value: Any) -> bool:
    """Tell whether a value is a sequence of symbols."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iu" and value.ndim >= 1 and value.size > 0
    return isinstance(value, list) and bool(value) and all(isinstance(i, int | np.integer) for i in value)


def symbol_count(data: Mapping[str, Any], name: str) -> int:
    """Return how many symbols there are: as many as all sequences of the call show together."""
    everywhere = [np.max(value) for value in data.values() if holds_integers(value)]
    own = int(np.max(data[name]))
    return int(max(everywhere)) + 1 if len(np.shape(data[name])) == 1 else own + 1


def _own_count(data: Mapping[str, Any], name: str) -> int:
    """Return how many symbols a sequence shows, and those that lie in one container with it."""
    root = name.partition("[")[0]
    return 1 + max(int(np.max(v)) for n, v in data.items() if n.partition("[")[0] == root and holds_integers(v))


def _runs(subject: CallSubject, cases: CallCases) -> bool:
    """Tell whether a call has no symbols that are out of bounds."""
    try:
        subject(*cases.build(cases.draw(0, 0)).arguments)
    except IndexError:
        return False
    except Exception:  # noqa: BLE001 - it is told elsewhere
        return True
    return True


def with_lengths(subject: CallSubject, cases: CallCases) -> CallCases:
    """Return cases of several numbers of steps, if the function works with those."""
    lengths = [len(value) for value in cases.data.values() if isinstance(value, list) or holds_integers(value)]
    if not lengths:
        return cases
    steps = max(set(lengths), key=lengths.count)
    sequences = frozenset(
        name
        for name, value in cases.data.items()
        if (isinstance(value, list) or holds_integers(value)) and len(value) == steps
    )
    varied = CallCases(cases.parameters, cases.data, cases.symbols, sequences, steps, cases.inputs)
    for other in (1, 2, steps + 3):
        key = varied.draw(0, 0)._replace(sizes=(other,))
        try:
            outcome = subject(*varied.build(key).arguments)
            fits = all(np.shape(outcome.gradients[name]) == value.shape for name, value in cases.parameters.items())
        except Exception:  # noqa: BLE001 - it works with its own number of steps alone
            fits = False
        if not fits:
            return CallCases(cases.parameters, cases.data, cases.symbols, frozenset(), 0, cases.inputs)
    return varied
