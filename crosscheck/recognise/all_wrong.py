"""Steps of which none is right, beside a loss that the program states and plainly goes back from.

That steps are those of a loss is otherwise told by some of them that are right. A slip in the last layer leaves none.
What is left to go by: the loss is a usual one of an output and a target, whose difference the program takes, and each
parameter moves by a plain rate.
"""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.formulas import FORMULAS, Implied
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.loss_candidates import candidates
from crosscheck.recognise.loss_forms import Scaled
from crosscheck.recognise.loss_samples import Sample, samples_of
from crosscheck.recognise.loss_weighing import Choice
from crosscheck.recognise.no_loss import OTHER_TERMS
from crosscheck.recognise.pairing import unpacked_names
from crosscheck.recognise.places import RETURNED
from crosscheck.recognise.statements import root_word
from crosscheck.recognise.steps import updates_of
from crosscheck.recognise.watching import Watched
from crosscheck.source.walking import walked

WHOLE = naming.re.compile(r"^_?(?:total_?|train_?)?(?:loss|cost|j)$", naming.re.IGNORECASE)
"""What is a loss and no difference, whatever is subtracted in it"""
CALLED = naming.re.compile(
    r"^_?(?:total_?|train_?|mean_?|epoch_?|running_?|batch_?)?(?:loss|cost|total|nll|bce|j|mse|sse|"
    r"error|errore|erro|fehler|hata|p[ée]rdida|perda|perdita|perte|"
    r"co[uû]t|costo|custo|coste|kosten|verlust)$",
    naming.re.IGNORECASE,
)
NO_GRADIENT = naming.re.compile(
    r"\bsign\(|sqrt|rprop|momentum|veloc|adam|perceptron|clip|l1\b|huber|smooth", naming.re.I
)
"""What tells of steps that are no multiple of the gradient of the loss that is stated, by design"""
SAME = 1e-7
"""How far the derivatives of two losses are apart, relative, that are the same but for a constant"""


def stated_loss(
    replay: Watched, moved: Mapping[str, Leaf], gradients: Mapping[str, Any], rates: Collection[float]
) -> Choice | None:
    """Return the loss that steps at one rate are to be of, though none is right; None if there is no telling.

    Raises what the call raises.
    """
    world, names = replay.world, {leaf.name for leaf in moved.values()}
    if len(set(rates)) != 1 or OTHER_TERMS.search(world.document.code) or NO_GRADIENT.search(ast.unparse(replay.node)):
        return None
    if replay.entry.function.partition(", ")[0] in world.missing or not are_plain(world.document.tree, names):
        return None
    samples = samples_of(replay, moved, gradients)
    known = list(candidates(replay, samples))
    told = [
        one for one in known if isinstance(one, Implied) and one.formula in FORMULAS and _is_taken(one, replay.node)
    ]
    for stated in _called_losses(known, replay, samples, moved):
        if any(_are_same(stated, one, samples, moved) for one in told):
            (rate,) = set(rates)
            return Choice(stated._replace(constant=rate), frozenset(), frozenset(moved), False)
    return None


def states_loss(replay: Watched, moved: Mapping[str, Leaf], gradients: Mapping[str, Any]) -> bool:
    """Tell whether a number that depends on all that is moved is called a loss. Raises what the call raises."""
    samples = samples_of(replay, moved, gradients)
    return any(_called_losses(list(candidates(replay, samples)), replay, samples, moved))


def _called_losses(
    known: Sequence[Any], replay: Watched, samples: Sequence[Sample], moved: Mapping[str, Leaf]
) -> Iterator[Scaled]:
    for one in known:
        if isinstance(one, Scaled) and _is_called_loss(one, replay) and _moves_all(one, samples, moved):
            yield one


def _is_called_loss(stated: Scaled, replay: Watched) -> bool:
    """Tell whether a number is called a loss where it is computed, or where it is handed to."""
    place, names = stated.place, {stated.place.name}
    if place.where == RETURNED:
        handed = unpacked_names(replay.world.document.tree, replay.entry.function.rpartition(".")[2])
        names |= handed.get(tuple(step for step in place.path[1:] if isinstance(step, int)), set())
    return any(map(CALLED.match, names))


def are_plain(tree: ast.AST, names: Collection[str]) -> bool:
    """Tell whether parameters are moved by products with a rate, each of them."""
    rated = {name for name, value in updates_of(tree) if any(map(_is_rate, _factors(value)))}
    return set(names) <= rated


def _is_rate(factor: ast.expr) -> bool:
    """Tell whether a factor of a step is called a rate, or is a small number."""
    if isinstance(factor, ast.Constant):
        return isinstance(factor.value, float) and 0 < factor.value < 1
    return bool(naming.RATE.search(root_word(factor)))


def _factors(value: ast.expr) -> Iterator[ast.expr]:
    """Yield what is multiplied in an update, its own left out."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub | ast.Add):
        yield from _factors(value.right)
    elif isinstance(value, ast.BinOp):
        yield from _factors(value.left)
        yield from _factors(value.right)
    elif isinstance(value, ast.UnaryOp):
        yield from _factors(value.operand)
    else:
        yield value


def _is_taken(loss: Implied, node: ast.AST) -> bool:
    """Tell whether the program takes the difference of an output and its target, elsewhere than for the loss.

    Their sum is what a wrong sign makes of it. Where the target is a number, an entry of the output's copy is changed.
    """
    output, target = _bare(str(loss.output.path[0])), str(loss.target.path[0])
    if _is_changed_at(output, target, node):
        return True
    wanted = {output, target}
    statements = (part for part in walked(node) if isinstance(part, ast.Assign | ast.AugAssign))
    return any(
        isinstance(part, ast.BinOp)
        and isinstance(part.op, ast.Sub | ast.Add)
        and {_word(part.left), _word(part.right)} == wanted
        for statement in statements
        if not any(WHOLE.match(root_word(target)) for target in getattr(statement, "targets", ()))
        for part in walked(statement.value)
    )


def _is_changed_at(output: str, place: str, node: ast.AST) -> bool:
    r"""Tell whether an entry of a copy of an output is changed: `d = p.copy()`, and then `d[label] -= 1`.

    >>> _is_changed_at("p", "t", ast.parse("d = p.copy()\nd[t] = -1"))
    True
    >>> _is_changed_at("p", "t", ast.parse("loss -= p[t]\nd = np.zeros(3)\nd[t] = p[t]"))
    False
    """
    copies = {output}
    for part in (part for part in walked(node) if isinstance(part, ast.Assign)):
        call = part.value if isinstance(part.value, ast.Call) and root_word(part.value.func) == "copy" else None
        owner = call.func.value if call is not None and isinstance(call.func, ast.Attribute) else part.value
        copied = (
            one for one in (*(call.args if call is not None else ()), owner) if not isinstance(one, ast.Subscript)
        )
        if output in map(_word, copied):
            copies |= {target.id for target in part.targets if isinstance(target, ast.Name)}
    changed = [part.target for part in walked(node) if isinstance(part, ast.AugAssign)]
    changed += [target for part in walked(node) if isinstance(part, ast.Assign) for target in part.targets]
    entries = (one for one in changed if isinstance(one, ast.Subscript))
    return any(_word(one) in copies and place in map(_word, _indices(one)) for one in entries)


def _indices(entry: ast.Subscript) -> list[ast.expr]:
    return entry.slice.elts if isinstance(entry.slice, ast.Tuple) else [entry.slice]


def _word(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Call):  # `y - self.output(x)`
        return f"{root_word(node.func)}()"
    return node.id if isinstance(node, ast.Name) else ""


def _bare(result: str) -> str:
    """Return what a function returned under its own name alone: `Line.output(x)` is `output()`."""
    function, bracket, _ = result.partition("(")
    return f"{function.rpartition('.')[2]}()" if bracket else result


def _are_same(stated: Scaled, usual: Implied, samples: Sequence[Sample], moved: Collection[str]) -> bool:
    """Tell whether two losses differ by nothing but a constant factor, and what a sum of losses began with."""
    try:
        with np.errstate(all="ignore"):
            ends = [(s.slope(stated, name), s.slope(usual, name)) for s in samples for name in moved]
    except Exception:  # noqa: BLE001 - targets that do not fit everywhere
        return False
    ratios = np.array([one / other if other else np.nan for one, other in ends])
    return bool(np.isfinite(ratios).all() and np.ptp(ratios) <= SAME * abs(ratios[0]) and ratios[0] > 0)


def _moves_all(stated: Scaled, samples: Sequence[Sample], moved: Mapping[str, Leaf]) -> bool:
    """Tell whether a loss depends on all that is moved, and no step is its derivative times one and the same number."""
    try:
        slopes = {name: np.array([s.slope(stated, name) for s in samples]) for name in moved}
    except ArithmeticError:
        return False
    with np.errstate(all="ignore"):
        ratios = [np.array([s.claimed[name] for s in samples]) / slopes[name] for name in moved]
    known = [found for found in ratios if np.isfinite(found).all()]
    return len(known) == len(ratios) and all(np.ptp(found) > 1e-3 * np.max(np.abs(found)) for found in known)
