"""Which loss a gradient belongs to: the call's own, or one that is chosen by evidence, and then stated."""

import ast
import copy
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.all_wrong import stated_loss
from crosscheck.recognise.argument_names import BIAS, MATRIX
from crosscheck.recognise.backward_passes import words_called
from crosscheck.recognise.circulation import Unstated, as_of_none, may_be_told
from crosscheck.recognise.formulas import Hinge, Implied, Residual
from crosscheck.recognise.handed_errors import way_above
from crosscheck.recognise.inner_turns import of_all_turns
from crosscheck.recognise.kept_apart import sum_of_terms
from crosscheck.recognise.kept_steps import at_a_rate, rates_within
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.loops import LoopReplay
from crosscheck.recognise.loss_choice import chosen
from crosscheck.recognise.loss_forms import Decayed, Loss, Scaled, number_in
from crosscheck.recognise.loss_samples import copies, samples_of
from crosscheck.recognise.loss_weighing import Choice, weighed
from crosscheck.recognise.matching import homes_of, is_at_home
from crosscheck.recognise.no_loss import belonging_to_none
from crosscheck.recognise.pairing import update_pairs
from crosscheck.recognise.pairs import BOTH, UPSTREAM, PairReplay
from crosscheck.recognise.penalised import is_halved
from crosscheck.recognise.places import RETURNED, Place
from crosscheck.recognise.raised import Way, signs_for
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.results import sources
from crosscheck.recognise.roles import Hints, Roles, buffers_of, filled, find, numbers_added_to
from crosscheck.recognise.shares import is_right, slopes
from crosscheck.recognise.shown_steps import Shown
from crosscheck.recognise.siblings import siblings_of
from crosscheck.recognise.slices import backward_lines
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.recognise.step_signs import signs_of
from crosscheck.recognise.unit import Doubtful, Unit
from crosscheck.recognise.unnamed import better
from crosscheck.recognise.updates import goes_uphill
from crosscheck.recognise.watching import Watched
from crosscheck.recognise.world import World
from crosscheck.source import Document
from crosscheck.source.walking import walked
from crosscheck.verdicts import Finding, Severity

DIVERGENCE = naming.re.compile(r"\bkl\b|kl_|_kl\b|kullback|diverg|elbo|variational|sparsity", naming.re.IGNORECASE)
"""What tells of a loss that is not of an output alone, and holds for some gradients and not for others"""
WEAK = naming.re.compile(r"err|^e$|miss|diff", naming.re.IGNORECASE)


def is_plain(replay: Replay, roles: Roles) -> bool:
    """Tell whether a call's loss needs no evidence: by its name, or because outputs have upstream gradients."""
    loss = roles.loss
    if loss is None:
        return False
    upstream = getattr(replay, "upstream", ())
    if loss.name in (UPSTREAM, BOTH):
        return all(naming.is_gradient_argument(arrival.name) for arrival in upstream)
    is_weak = bool(WEAK.search(loss.name)) and not is_halved(replay.world.tree, loss.name)
    if not _is_held(loss) and (is_weak or naming.NOT_LOSS.search(loss.name) or naming.OF_LOSS.match(loss.name)):
        return False
    if naming.LOSS.search(loss.name):
        return True
    if loss.where == RETURNED and (_returns_sizes(replay) or _returns_many(replay)):
        return False
    has_numbers = any(leaf.value.ndim == 0 for leaf in roles.active.values())  # it may return these, moved
    is_first = loss.where == RETURNED and loss.path[1:] in ((), (0,))
    return (is_first or _is_forwards_own(replay, loss)) and not has_numbers


def _returns_sizes(replay: Replay) -> bool:
    """Tell whether a number without a name is made of absolute values: errors are reported so, whatever the loss is."""
    node = functions_in(replay.world.tree).get(replay.entry.function)
    returned = [n.value for n in walked(node) if isinstance(n, ast.Return) and n.value] if node else []
    first = [value.elts[0] if isinstance(value, ast.Tuple) and value.elts else value for value in returned]
    calls = (n for value in first for n in walked(value) if isinstance(n, ast.Call))
    return any(root_word(call.func) in ("abs", "absolute", "fabs") for call in calls)


def _returns_many(replay: Replay) -> bool:
    """Tell whether all that a function returns comes out of one comprehension: the first of it is like the others."""
    node = functions_in(replay.world.document.tree).get(replay.entry.function)
    returned = [n.value for n in walked(node) if isinstance(n, ast.Return) and n.value] if node else []
    return bool(returned) and all(isinstance(value, ast.ListComp | ast.GeneratorExp) for value in returned)


def _is_forwards_own(replay: Replay, loss: Place) -> bool:
    """Tell whether a number is what a forward returns first, and its backward is handed nothing that it lacks.

    A forward that returns a probability has no targets: these its backward is handed.
    """
    own = getattr(replay, "own", None)
    if (
        own is None
        or loss.where != RETURNED
        or (loss.path[1:] not in (("forward",), ("forward", 0)) and not _is_held(loss))
    ):
        return False
    return all(
        name == "self" or value is None or (np.ndim(value) == 0 and value == 1 and naming.is_gradient_argument(name))
        for name, value in own.items()
    )


def _is_held(loss: Place) -> bool:
    """Tell whether the forward returns an object that holds nothing but a number, as `Tensor.data` does."""
    return loss.path[1:-1] == ("forward",) and str(loss.path[-1]).lstrip(".") in ("data", "value", "val", "v")


def with_loss(
    assemble: Callable[..., Unit], document: Document, world: World, replay: Replay, roles: Roles, *others: Any
) -> Unit | None:
    """Return the unit that a call is: with its own loss, or with the one that its gradients are derivatives of."""
    unit = _with_loss(assemble, document, world, replay, roles, *others)
    return unit and at_a_rate(unit, replay, document.tree)


def _with_loss(
    assemble: Callable[..., Unit],
    document: Document,
    world: World,
    replay: Replay,
    roles: Roles,
    hints: Hints,
    *nodes: Any,
) -> Unit | None:
    shown = _rates_of_shown(nodes[-1], replay)
    if is_plain(replay, roles) and not shown:
        unit = _plain(assemble, document, world, replay, roles, *nodes) if roles.gradients else None
        unit = unit and better(assemble, document, world, replay, roles, unit, *nodes)
        unit = unit and of_all_turns(assemble, document, world, replay, roles, unit, *nodes)
        return unit and _with_terms(assemble, document, world, replay, unit, hints, *nodes)
    siblings = siblings_of(replay, functions_in(document.tree), locals_of(nodes))
    best: tuple[Watched, Roles, Choice] | None = None
    tried: list[tuple[Watched, Roles]] = []
    for bare in (without_upstream(replay, one) for one in (find(replay, hints, wants_loss=False), roles)):
        bare = _without_sums(bare, nodes[-1], document.tree)
        known = {**bare.parameters, **bare.inputs}
        signs = signs_of(document.tree, bare.gradients)
        if isinstance(replay, LoopReplay) and signs:
            places = {name: bare.gradients[name] for name in known}
            told = {name for name, leaf in known.items() if is_told(leaf, (places[name].name, *places[name].names))}
            stepped = set(stepped_in(document.tree)) if told - signs.keys() else set()
            told = {name for name in told if known[name].name not in stepped}
            known = {name: leaf for name, leaf in known.items() if name in signs.keys() | told}
        if not known:
            continue
        bare.buffers = replay.zeroed = buffers_of(bare.gradients, list(bare.active.values()), known, replay.roots())
        replay.silent = numbers_added_to(bare.gradients, known, replay.roots())
        watched = Watched(replay, nodes[-1], siblings)
        within = _rates_added(replay, bare.gradients, known, signs, document.tree)
        choice = chosen(watched, known, bare.gradients, signs, [*shown, 1.0, *within])
        tried.append((watched, bare))
        if choice is not None and (best is None or len(choice.right) > len(best[2].right)):
            best = watched, bare, choice
    if best is None and tried and isinstance(replay, LoopReplay):
        watched, bare = tried[0]
        choice = stated_loss(watched, {**bare.parameters, **bare.inputs}, bare.gradients, {1.0})
        best = None if choice is None else (watched, bare, choice)
    if best is None or best[2].right < {*best[1].gradients}:
        best = next(filter(None, (_of_terms(*one) for one in tried)), best)
    if best is None:
        for watched, bare in tried[:1]:
            world.unexplained.append(
                (replay.name, lambda w=watched, b=bare: _of_none(assemble, document, world, w, b, *nodes))
            )
        return _own_number(assemble, document, world, replay, roles, *nodes)
    watched, bare, choice = best
    if leaves_out(replay, bare, choice.active) or leaves_out_moved(document.tree, watched, bare, choice.active):
        return None
    if _is_hinge(choice.loss) and _counts(watched, hints):
        return None
    is_partly = _is_made_up(choice.loss) and not choice.is_stated and choice.right < choice.active
    if is_partly and DIVERGENCE.search(document.code):  # the rest may have that of a divergence besides
        return None
    replay.zeroed = watched.zeroed
    return adopted(assemble, document, world, watched, bare, choice, *nodes)


def _with_terms(
    assemble: Callable[..., Unit],
    document: Document,
    world: World,
    replay: Replay,
    unit: Unit,
    hints: Hints,
    *nodes: Any,
) -> Unit:
    """Return a unit of the sum of terms that are kept apart, where gradients are those of no term alone."""
    try:
        if all(map(is_right, slopes(unit).values())) and not unit.without:
            return unit
        found = _of_terms(Watched(replay, nodes[-1]), find(replay, hints, wants_loss=False))
    except Doubtful:
        raise
    except Exception:  # noqa: BLE001 - theirs: what cannot be called is told elsewhere
        return unit
    return unit if found is None else adopted(assemble, document, world, *found, *nodes)


def _of_terms(replay: Watched, bare: Roles) -> tuple[Watched, Roles, Choice] | None:
    """Choose the sum of terms that are kept apart, if it has all gradients for its derivatives."""
    known = {**bare.parameters, **bare.inputs}
    try:
        loss = sum_of_terms(replay, known, bare.gradients)
    except Doubtful:
        raise
    except Exception:  # noqa: BLE001 - theirs, in a state in which they are not called
        return None
    return None if loss is None else (replay, bare, Choice(loss, frozenset(known), frozenset(known), False))


def _without_sums(roles: Roles, node: ast.AST, tree: ast.Module) -> Roles:
    """Leave out the numbers that a turn only adds to: no parameters, whatever they may be moved by."""
    sums = {name for name, leaf in roles.active.items() if is_only_added_to(leaf, node, tree)}

    def kept(known: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in known.items() if name not in sums}

    made = replace(roles, gradients=kept(roles.gradients), parameters=kept(roles.parameters), inputs=kept(roles.inputs))
    return replace(made, without=[name for name in roles.without if name not in sums]) if sums else roles


def is_only_added_to(leaf: Leaf, node: ast.AST, tree: ast.AST) -> bool:
    """Tell whether a number is no parameter: a turn adds to it, and neither reads it nor calls what does."""
    if leaf.value.size != 1 or len(leaf.path) != 1 or not isinstance(node, ast.For | ast.While):
        return False
    functions = (n for n in walked(tree) if isinstance(n, ast.FunctionDef) and n.name in words_called(node))
    names = (n for whole in (node, *functions) for n in walked(whole) if isinstance(n, ast.Name))
    return not any(n.id == leaf.name and isinstance(n.ctx, ast.Load) for n in names)


def stepped_in(tree: ast.AST) -> Iterator[str]:
    """Yield what is computed of itself somewhere, as by a step, with its decay perhaps."""
    for node in walked(tree):
        if isinstance(node, ast.AugAssign):
            yield root_word(node.target)
        for target, value in assigned_in(node):
            parts = (part for part in walked(value) if isinstance(part, ast.Name | ast.Attribute | ast.Subscript))
            if root_word(target) in map(root_word, parts):
                yield root_word(target)


def is_told(leaf: Leaf, gradients: Iterable[str]) -> bool:
    """Tell whether a weight or bias has a gradient letter by letter, whatever becomes of it: `db1` beside `b1`."""
    gradients = list(gradients)
    is_weight = bool(BIAS.search(leaf.name) or MATRIX.search(leaf.name)) or naming.given_name(leaf.name) in gradients
    return is_weight and any(naming.is_gradient_of(name, leaf.name) == naming.PLAINLY for name in gradients)


def _rates_added(
    replay: Replay,
    gradients: Mapping[str, Place],
    known: Mapping[str, Leaf],
    signs: Mapping[str, int],
    tree: ast.Module,
) -> list[float]:
    """Return the rates that steps may hold that are added as they are: `step = -rate * g`, and `w += step`."""
    if -1 not in signs.values():
        return []
    return sorted(rates_within(replay, gradients, [leaf.name for leaf in known.values()], tree).values())


def _rates_of_shown(node: ast.AST, replay: Replay) -> list[float]:
    """Return the numbers that all steps are multiplied by which a script shows, and may take later."""
    written = getattr(node, "shown", Shown()).rates
    if not written:
        return []
    held = {place.name: value for place, value in sources(replay.run({})) if isinstance(value, int | float)}
    numbers = {float(held.get(word, 1.0) if word.isidentifier() else word) for word in written}
    return sorted(number for number in numbers if number > 0 and number != 1.0)


def without_upstream(replay: Replay, roles: Roles) -> Roles:
    """Leave out what is handed to a call and was found to be its own gradient: `dh_list = errors` is one from above."""
    above = {n for n in roles.gradients if naming.is_gradient_argument(roles.active[n].name) or n in roles.inputs}
    if not above:
        return roles
    result = replay.run({})
    found = {name: np.asarray(roles.gradients[name].read(result)) for name in above}
    own = {n for n, array in found.items() if np.any(array) and np.array_equal(array, roles.active[n].value)}
    return replace(
        roles,
        gradients={name: place for name, place in roles.gradients.items() if name not in own},
        parameters={name: leaf for name, leaf in roles.parameters.items() if name not in own},
        inputs={name: leaf for name, leaf in roles.inputs.items() if name not in own},
    )


def _of_none(
    assemble: Callable[..., Unit], document: Document, world: World, replay: Watched, bare: Roles, *nodes: Any
) -> Unit | None:
    """Return the unit of gradients that are those of no loss at all; None where they may be of one."""
    signs = signs_of(document.tree, bare.gradients).values()
    rate = -1.0 if signs and set(signs) == {-1} else 1.0
    proof = belonging_to_none(replay, {**bare.parameters, **bare.inputs}, bare.gradients, rate)
    if proof is None:
        return _circulating(assemble, document, world, replay, bare, *nodes)
    unit = adopted(assemble, document, world, replay, bare, proof.nearest, *nodes)
    return replace(unit, assumptions=(proof.reason, *unit.assumptions))


def _circulating(
    assemble: Callable[..., Unit], document: Document, world: World, replay: Watched, bare: Roles, *nodes: Any
) -> Unit | None:
    """Return the unit of gradients that no function has together, whatever its values are."""
    unit = assemble(document, world, replay, replace(bare, loss=Unstated()), *nodes)
    known = {**bare.parameters, **bare.inputs}
    is_told = may_be_told(document.code, known, bare.gradients, unit.example[1])
    has_several = isinstance(replay.inner, LoopReplay)
    return as_of_none(unit, has_several=has_several) if is_told and not unit.moves else None


def leaves_out(replay: Replay, bare: Roles, active: Collection[str]) -> list[str]:
    """Return the arrays whose gradients are returned by their names, and on which a loss does not depend.

    Such a loss, of arguments that the parameters went into before, says nothing about what the function is there for.
    Nor does that of a softmax about the weights that a backward pass is handed beside the probabilities.
    """
    own = {id(value) for name, value in getattr(replay, "own", {}).items() if not naming.TRUTH.match(name)}
    return [
        name
        for name, place in bare.gradients.items()
        if name not in active
        and place.where == RETURNED
        and (
            id(bare.active[name].value) in own
            or any(naming.is_gradient_of(other, bare.active[name].name) == 3 for other in place.names)
        )
    ]


def leaves_out_moved(tree: ast.Module, replay: Replay, bare: Roles, active: Collection[str]) -> list[str]:
    """Return the arrays that the file moves by a gradient that is there, and on which a loss does not depend.

    They went into what the call begins with: `h = self.states[-1]`. Of these it says nothing.
    """
    moved = {name for name, _ in update_pairs(tree)}
    left = [name for name in bare.gradients if name not in active and bare.active[name].name in moved]
    result = replay.run({}) if left else None
    return [name for name in left if result is not None and np.any(bare.gradients[name].read(result))]


def _is_made_up(loss: Loss) -> bool:
    return isinstance(loss.inner if isinstance(loss, Decayed) else loss, Implied | Residual)


def _is_hinge(loss: Loss) -> bool:
    return isinstance(loss.inner if isinstance(loss, Decayed) else loss, Hinge)


def _counts(replay: Replay, hints: Hints) -> bool:
    """Tell whether something is moved by a whole number, as by a sum of labels: it is no gradient to the judge yet."""
    variables = replay.run({}).variables
    moving = [variables.get(word) for name, word in hints.updates if name != word and naming.looks_like_gradient(word)]
    return any(isinstance(value, np.integer) for value in moving)


def _plain(
    assemble: Callable[..., Unit], document: Document, world: World, replay: Replay, roles: Roles, *nodes: Any
) -> Unit:
    """Return the unit of a loss that needs no evidence; where the file adds gradients, it may be minus the loss."""
    assert roles.loss is not None
    is_above = roles.loss.name == UPSTREAM and isinstance(replay, PairReplay)
    stated, choice = (), None
    words, plain = [roles.loss.name, *roles.loss.names], signs_of(document.tree, roles.gradients)
    signs = signs_for(words, plain, document.tree, document.code, replay.entry.function)
    known = {**roles.parameters, **roles.inputs}
    if -1 in signs.values() and known:
        replay.zeroed = buffers_of(roles.gradients, list(roles.active.values()), known, replay.roots())
        watched = Watched(replay, nodes[-1])
        rates = [1.0, *_rates_added(replay, roles.gradients, known, signs, document.tree)]
        choice = weighed(Scaled(roles.loss), samples_of(watched, known, roles.gradients), known, signs, rates)
    if choice is not None and not isinstance(choice.loss, Scaled):  # decay that the stated loss has not is a slip
        choice = None
    adds = choice is not None and 2 * len(choice.climbs) < len(choice.right)
    if choice is not None and adds and choice.loss.constant < 0:  # pyright: ignore[reportAttributeAccessIssue]
        roles.loss = choice.loss  # pyright: ignore[reportAttributeAccessIssue] - read like any other place
        stated = (f"the loss was taken to be {choice.loss}: the file adds its gradients to the parameters",)
    unit = assemble(document, world, replay, roles, *nodes)
    told = choice is not None and (adds or choice.loss.constant > 0)  # pyright: ignore[reportAttributeAccessIssue]
    climbs = choice.climbs if choice is not None and told else frozenset()
    if is_above and isinstance(replay, PairReplay) and way_above(document.tree, replay) != Way.DOWN:
        climbs = frozenset()
    return replace(unit, assumptions=(*unit.assumptions, *stated), faults=faults_of(climbs))


def faults_of(climbs: Iterable[str]) -> tuple[Finding, ...]:
    """Return what is wrong with updates that go the wrong way; multipliers of constraints climb on purpose."""
    climbs = [name for name in climbs if not naming.MULTIPLIER.search(name)]
    text = "it climbs: the gradient is added where it must be subtracted, or the other way round"
    message = "The update of {} is wrong: {}."
    return tuple(Finding("update-differs", Severity.ERROR, n, message.format(n, text)) for n in sorted(climbs))


def _own_number(
    assemble: Callable[..., Unit], document: Document, world: World, replay: Replay, roles: Roles, *nodes: Any
) -> Unit | None:
    """Return the unit whose loss is a number returned under the name of an error, right for no gradient as it is."""
    loss = roles.loss
    is_error = (
        loss is not None
        and loss.where == RETURNED
        and bool(naming.LOSS.search(loss.name))
        and loss.path[1:] in ((), (0,))
        and not _returns_sizes(replay)
    )
    return assemble(document, world, replay, roles, *nodes) if is_error and roles.gradients else None


def adopted(
    assemble: Callable[..., Unit],
    document: Document,
    world: World,
    replay: Watched,
    bare: Roles,
    choice: Choice,
    *nodes: Any,
) -> Unit:
    """Put the unit together that a chosen loss makes of a call without one."""
    told = {n: place for n, place in bare.gradients.items() if n in choice.active - choice.with_sizes}
    homes = homes_of(bare.active, told)
    idle = {n for n, place in bare.gradients.items() if n not in told and is_at_home(bare.active[n], place, homes)}
    judged = {*told, *(idle & bare.parameters.keys())}
    narrowed = Roles(
        choice.loss,  # pyright: ignore[reportArgumentType] - read like any other place
        {name: place for name, place in bare.gradients.items() if name in judged},
        {name: leaf for name, leaf in bare.parameters.items() if name in judged},
        {name: leaf for name, leaf in bare.inputs.items() if name in judged},
        depended_on(replay, choice.loss, bare.active, [*bare.without, *sorted(choice.with_sizes)]),
        bare.active,
        bare.updated,
        bare.buffers,
        bare.eliminated,
        bare.unclaimed,
    )
    used = str(choice.loss.place.path[0]) if isinstance(choice.loss, Scaled) else ""
    replay.siblings = [sibling for sibling in replay.siblings if str(sibling) == used]
    unit = assemble(document, world, replay, narrowed, *nodes)
    editable = unit.editable
    if isinstance(replay.inner, LoopReplay) and replay.inner.statements:  # the updates at the end are no forward
        start = copy.copy(nodes[-1])
        start.body = start.body[: replay.inner.statements]
        editable = backward_lines(document.tree, start, [choice.loss.name, *getattr(choice.loss, "names", ())])
    shown = "the number that is returned" if str(choice.loss) == "return" else str(choice.loss)
    stated = f"the loss was taken to be {shown}"
    if choice.with_sizes:
        names = ", ".join(bare.parameters[name].name for name in sorted(choice.with_sizes))
        stated += f"; a penalty of the sizes of {names} is in gradients besides, which no loss states"
    editable -= shared_lines(document, replay, choice.loss)
    climbs = choice.climbs
    if climbs == choice.active and goes_uphill(choice.loss, document.code):
        climbs = frozenset[str]()
    return replace(unit, assumptions=(*unit.assumptions, stated), editable=editable, faults=faults_of(climbs))


def depended_on(replay: Replay, loss: Loss, leaves_: Mapping[str, Leaf], names: Iterable[str]) -> list[str]:
    """Return the arrays among some that a loss depends on."""
    empty = {id(array) for array in replay.zeroed}
    known = [leaf for leaf in leaves_.values() if id(leaf.value) not in empty]
    start, at = _somewhere(replay, loss, known)
    found = []
    for name in names:
        value = start.get(id(leaves_[name].value))
        if value is None:
            continue
        try:
            moved = number_in(
                loss, replay.run(copies({**start, id(leaves_[name].value): value + 0.05 + 0.1 * np.abs(value)}))
            )
        except Exception:  # noqa: BLE001, S112 - an array that may not be moved is no parameter
            continue
        if moved != at:
            found.append(name)
    return found


STATES = 8
"""In which a loss is looked for: some may pass over it, `if rating[i, j] > 0`"""


def _somewhere(replay: Replay, loss: Loss, known: Sequence[Leaf]) -> tuple[dict[int, Any], float]:
    """Return a random state in which there is a loss, and the loss. Raises LookupError where there is none."""
    for number in range(STATES):
        start = {id(leaf.value): filled(leaf.value, 500 * number + place) for place, leaf in enumerate(known)}
        try:
            return start, number_in(loss, replay.run(copies(start)))
        except LookupError:
            continue
    raise LookupError(f"{loss} is not computed")


def functions_in(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """Return the functions of a module, and the methods of its classes by qualified name."""
    found = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for owner in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        found |= {f"{owner.name}.{node.name}": node for node in owner.body if isinstance(node, ast.FunctionDef)}
    return found


def locals_of(nodes: Iterable[ast.AST]) -> list[str]:
    """Return the names that some functions or loops assign."""
    words = (n for node in nodes for n in walked(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return list(dict.fromkeys(n.id for n in words))


def shared_lines(document: Document, replay: Watched, loss: Loss) -> frozenset[int]:
    """Return the lines that a loss depends on outside of the call's own function: no repair may touch them."""
    functions = {node.name: node for node in walked(document.tree) if isinstance(node, ast.FunctionDef)}
    starts = [sibling.function.rpartition(".")[2] for sibling in replay.siblings]
    first = str(getattr(loss, "output", getattr(loss, "difference", ("", ("",), "")))[1][0])
    if "()" in first:
        starts.append(first.partition("()")[0].rpartition(".")[2])
    reached: set[str] = set()
    waiting = [name for name in starts if name in functions]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            called = (n.func for n in walked(functions[name]) if isinstance(n, ast.Call))
            words = (root_word(func) for func in called if isinstance(func, ast.Name | ast.Attribute))
            waiting += [word for word in words if word in functions]
    nodes = [functions[name] for name in reached]
    lines = {line for node in nodes for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    calling = (n for n in walked(document.tree) if isinstance(n, ast.Assign) and isinstance(n.value, ast.Call))
    return frozenset(lines | {n.lineno for n in calling if root_word(n.value.func) in reached})  # pyright: ignore
