"""Penalties that a program states, of several weights in one breath perhaps: gradients have them of all of these.

    e = e + (beta / 2) * (P[i][k] ** 2 + Q[k][j] ** 2)

Where the step of P decays and that of Q does not, or none does, no loss of the program has these gradients.
"""

import ast
import copy
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.loss_forms import Decayed, Scaled
from crosscheck.recognise.loss_samples import Sample
from crosscheck.recognise.loss_weighing import Choice
from crosscheck.recognise.penalised import squared_by
from crosscheck.recognise.stated_costs import decays_in_steps
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.source.walking import kept, operands, walked

FEWEST = 2
"""Weights of which some have to decay as others do"""


class Penalty(NamedTuple):
    """The squares of some arrays, weighed alike in one statement."""

    weight: ast.expr
    names: frozenset[str]
    statement: ast.stmt


def with_all_decays(
    choice: Choice, parameters: Mapping[str, Leaf], gradients: Mapping[str, Any], sample: Sample, replay: Any
) -> Choice | None:
    """Return the choice of a loss that penalises all that the program penalises together; None if that is no other.

    Some of it must decay, or the weight of the penalty be used for nothing else. What a turn states of itself is a loss
    that gradients are held against as it is: only what stands around counts, and for losses that are made up.
    """
    known = choice.loss.strengths if isinstance(choice.loss, Decayed) else {}
    if isinstance(choice.loss.inner if isinstance(choice.loss, Decayed) else choice.loss, Scaled):
        return None  # a number of the program's own has in it what it says
    tree = replay.world.document.tree
    keys = {leaf.name: key for key, leaf in parameters.items() if key in choice.active}
    inside = set(map(id, walked(replay.node)))
    for penalty in _penalties(tree):
        if not penalty.names <= keys.keys() or id(penalty.statement) in inside:
            continue
        names = {keys[name] for name in penalty.names}
        if names <= known.keys() or not names <= choice.right:
            continue
        if len(names) >= FEWEST and names & known.keys():
            strength = max(known[name] for name in names & known.keys())
        elif known or _is_used(penalty, tree):
            continue
        else:
            strength = _strength(penalty.weight, choice.loss, tree)
        if strength is not None and strength > 0:
            return _decayed(choice, names, strength, parameters, gradients, sample)
    return None


def _decayed(
    choice: Choice,
    names: Collection[str],
    strength: float,
    parameters: Mapping[str, Leaf],
    gradients: Mapping[str, Any],
    sample: Sample,
) -> Choice:
    """Return a choice of a loss with the squares of some parameters in it, of which some gradients have none."""
    own = choice.loss if isinstance(choice.loss, Decayed) else Decayed(choice.loss, {}, {})
    missing = frozenset(names) - own.strengths.keys()
    weights = {**own.weights, **{name: parameters[name] for name in missing}}
    touched = {name: place for name, place in gradients.items() if sample.is_sparse.get(name)}
    loss = own._replace(weights=weights, strengths={**own.strengths, **dict.fromkeys(missing, strength)})
    right = choice.right - missing
    return choice._replace(loss=loss._replace(touched={**touched, **own.touched}), right=right, is_stated=not right)


def _strength(weight: ast.expr, loss: Any, tree: ast.AST) -> float | None:
    """Return twice the weight of squares, as it is in a loss times a rate; None if it is written nowhere, or zero."""
    numbers = {name: number for name, number in _numbers(tree) if name in _words(weight)}
    plain = ast.fix_missing_locations(ast.Expression(_Plain().visit(copy.deepcopy(weight))))
    try:
        value = eval(compile(plain, "<weight>", "eval"), {"__builtins__": {}}, numbers)  # noqa: S307
    except (NameError, ZeroDivisionError, AttributeError):
        return None
    return abs(2.0 * float(value) * getattr(loss, "constant", 1.0)) or None


class _Plain(ast.NodeTransformer):
    """Makes `self.alpha` an `alpha`."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return ast.copy_location(ast.Name(node.attr, ast.Load()), node)


def _words(weight: ast.expr) -> set[str]:
    return {root_word(part) for part in walked(weight) if isinstance(part, ast.Name | ast.Attribute)} - {"self"}


def _numbers(tree: ast.AST) -> Iterator[tuple[str, float]]:
    r"""Yield the numbers that a module gives to names, in assignments, as defaults of arguments, and in calls.

    >>> sorted(_numbers(ast.parse("lam = 0.5; f(w, beta=2)\ndef f(w, n, mu=1): n = 3; w = n")))
    [('beta', 2.0), ('lam', 0.5), ('mu', 1.0), ('n', 3.0)]
    """
    given: list[tuple[str, ast.expr | None]] = []
    for node in walked(tree):
        given += [(target.id, value) for target, value in assigned_in(node) if isinstance(target, ast.Name)]
        if isinstance(node, ast.arguments):
            last = [*node.posonlyargs, *node.args][-len(node.defaults) :] if node.defaults else []
            given += zip((one.arg for one in last), node.defaults, strict=True)
            given += zip((one.arg for one in node.kwonlyargs), node.kw_defaults, strict=True)
        if isinstance(node, ast.keyword) and node.arg:
            given.append((node.arg, node.value))
    for name, value in given:
        if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
            yield name, float(value.value)


def _is_used(penalty: Penalty, tree: ast.AST) -> bool:
    """Tell whether the weight of a penalty is in anything computed but penalties; of a number, whether steps decay."""
    words = _words(penalty.weight)
    if not words:
        return decays_in_steps(tree)
    others = [node for node in walked(tree) if isinstance(node, ast.Assign | ast.AugAssign | ast.Return)]
    stated = {id(one.statement) for one in _penalties(tree)}
    computed = (
        part for node in others if id(node) not in stated for part in walked(node) if isinstance(part, ast.BinOp)
    )
    return bool(words & {root_word(part) for one in computed for part in walked(one) if isinstance(part, ast.expr)})


@kept
def _penalties(tree: ast.AST) -> tuple[Penalty, ...]:
    """Return what a module adds to other terms that weighs the squares of some arrays alike.

    >>> code = '''e = 0
    ... e = e + (r - p) ** 2
    ... e = e + (beta / 2) * (pow(P[i][k], 2) + pow(Q[k][j], 2))
    ... cost = miss + lam * np.sum(self.W ** 2) + lam * np.sum(V ** 2)
    ... speed = 0.5 * (x ** 2 + y ** 2)'''
    >>> [(ast.unparse(one.weight), sorted(one.names)) for one in _penalties(ast.parse(code))]
    [('beta / 2', ['P', 'Q']), ('lam', ['V', 'W'])]
    """
    return tuple(penalty for node in walked(tree) for penalty in _penalties_in(node))


def _penalties_in(node: ast.AST) -> Iterator[Penalty]:
    values = [node.value] if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) else []
    values += [value for _, value in assigned_in(node)]
    values += [node.value] if isinstance(node, ast.Return) and node.value is not None else []
    for value in values:
        terms = list(operands(value, ast.Add))
        if not isinstance(node, ast.AugAssign) and len(terms) == 1:
            continue  # it is added to nothing
        found: dict[str, tuple[ast.expr, set[str]]] = {}
        for term in terms:
            weight, names = squared_by(term)
            if weight is not None and names:
                found.setdefault(ast.unparse(weight), (weight, set()))[1].update(names)
        for weight, names in found.values():
            if names:
                assert isinstance(node, ast.stmt)
                yield Penalty(weight, frozenset(names), node)
