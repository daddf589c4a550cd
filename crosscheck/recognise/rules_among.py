"""What the steps of one turn tell of one another: where others go by their own gradients, each one should."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import is_weight
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.rules import FOREIGN, STILL, TURNED, Step, is_right, plain_rate, within
from crosscheck.recognise.signed_steps import steps_in
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walk

FEWEST_OTHERS = 2
"""Parameters that are moved by their own gradients, beside one that is not"""
CLOSE = 1e-7
"""How closely a step is that of another gradient, relative: it is a difference of parameters, which rounds"""


def foreign(
    steps: Mapping[str, Step], numbers: Sequence[float], counters: Sequence[float], sign: int = 1
) -> dict[str, str]:
    """Say which steps are made of the gradient of another parameter, or of their own turned on its side.

    Two others at least are moved by their own gradients, and by the rule that such a step follows.
    """
    own = [name for name, step in steps.items() if is_right(step, numbers, counters, sign)]
    if len(own) < FEWEST_OTHERS:
        return {}

    def made_of(whole: Step, gradient: np.ndarray) -> bool:
        return _is_made_of(whole, gradient, rates, numbers, counters, sign)

    rates = [rate for name in own if (rate := plain_rate(steps[name], sign)) is not None]
    found = {}
    for name in (name for name in steps if name not in own):
        whole = steps[name].whole
        if whole is None or not whole.change.any() or made_of(whole, whole.gradient):
            continue  # of few entries no rule is told, and their own gradient may be met all the same
        for other in own:
            gradient = getattr(steps[other].whole, "gradient", None)
            if gradient is not None and made_of(whole, gradient):
                found[name] = f"{FOREIGN} {other}"
        if whole.gradient.ndim == 2 and min(whole.gradient.shape) > 1 and made_of(whole, whole.gradient.T):
            found[name] = TURNED
    return found


def _is_made_of(
    step: Step,
    gradient: np.ndarray,
    rates: Sequence[float],
    numbers: Sequence[float],
    counters: Sequence[float],
    sign: int,
) -> bool:
    """Tell whether a step follows a rule with another gradient, whatever axes of length one that has.

    Of few entries it must be the rate of others times that gradient.
    """
    if gradient.size > 1 and np.squeeze(gradient).shape != np.squeeze(step.change).shape:
        return False
    gradient = np.full(step.change.shape, gradient) if gradient.size == 1 else gradient.reshape(step.change.shape)
    meant = [rate * sign * gradient for rate in rates] if not step.memories else []
    if any(np.max(np.abs(step.change - one)) <= CLOSE * np.max(np.abs(one), initial=0.0) for one in meant):
        return True
    return bool(step.memories) and is_right(within(step._replace(gradient=gradient)), numbers, counters, sign)


def still(
    steps: Mapping[str, Step], leaves_: Mapping[str, Leaf], tree: ast.AST, updating: Sequence[ast.AST]
) -> dict[str, str]:
    """Say which weights are never moved though they have a gradient, and others of their kind are moved by theirs.

    Where moving is a matter of conditions, or something else in the program moves it, nothing is said.
    """
    moved = {name for name, step in steps.items() if step.whole is not None and step.whole.change.any()}
    if len(moved) < FEWEST_OTHERS or any(map(_is_conditional, updating)):
        return {}
    elsewhere = {word for word, _, _ in steps_in(tree)} | set(_rebound(updating))
    found = {}
    for name in (name for name in steps if name not in moved):
        whole, leaf = steps[name].whole, leaves_[name]
        among = {leaves_[other].path[:-1] for other in moved if len(leaves_[other].path) > 1}
        is_among = leaf.path[:-1] in among and not str(leaf.path[-1]).startswith(".")  # of one dictionary or list
        is_parameter = (is_weight(leaf.name) or is_among) and not naming.DATA.match(leaf.name)
        if is_parameter and leaf.name not in elsewhere and whole is not None and whole.gradient.any():
            found[name] = STILL
    return found


def _is_conditional(node: ast.AST) -> bool:
    """Tell whether some code moves anything only under a condition, or ends before it does."""
    return any(
        isinstance(part, ast.AugAssign | ast.Continue | ast.Break | ast.Return | ast.Call) and _moves(part)
        for choice in walk(node)
        if isinstance(choice, ast.If)
        for statement in (*choice.body, *choice.orelse)
        for part in walk(statement)
    )


SHOWS = naming.re.compile(r"print|append|format|plot|str|round|len|float|mean|write|info|save", naming.re.IGNORECASE)
"""What is called under a condition that only shows how the training goes"""


def _moves(part: ast.AST) -> bool:
    return not isinstance(part, ast.Call) or not SHOWS.search(root_word(part.func))


def _rebound(updating: Collection[ast.AST]) -> Iterator[str]:
    """Yield what the code that moves parameters assigns anew."""
    for node in updating:
        yield from (n.id for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
