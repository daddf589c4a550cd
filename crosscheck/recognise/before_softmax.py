"""Gradients that a backward pass is handed of what a softmax is made of, where its forward returns the softmax.

`grad = probabilities - targets` is the gradient of the logits, and `network.backward(grad)` goes back from these. The
same is so for a sigmoid, where the program's own difference is handed on.
"""

import ast
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.leaves import leaves
from crosscheck.recognise.pairs import UPSTREAM, PairReplay, Upstream, part_of
from crosscheck.recognise.places import returned_names
from crosscheck.recognise.replay import Result
from crosscheck.recognise.roles import filled, is_floating, own
from crosscheck.recognise.shares import has_right_one
from crosscheck.recognise.statements import root_word
from crosscheck.recognise.unit import Unit
from crosscheck.source.walking import walk

CLOSE = 1e-9
LOGITS = re.compile(r"logit", re.IGNORECASE)
"""What is called so lies before a sigmoid or a softmax"""


def of_softmax(unit: Unit, replay: PairReplay, forward: ast.FunctionDef, backward: ast.FunctionDef) -> list[Upstream]:
    """Return the upstream gradients of a softmax that its backward does not look at, where no gradient is right.

    They may be those of the logits. Raises what the code raises.
    """
    if unit.subject.loss.name != UPSTREAM or has_right_one(unit):
        return []
    result, returned, read = _forward(replay), returned_names(forward), _read(backward)
    return [
        u
        for u in replay.upstream
        if not (returned.get(u.output, frozenset()) | _handed(replay, u)) & read
        and adds_up(part_of(result.returned["forward"], u.output))
    ]


def _handed(replay: PairReplay, upstream: Upstream) -> frozenset[str]:
    """Return what the backward calls an output, where it is handed that as well as its gradient."""
    arguments = replay.backward.arguments.items()
    return frozenset(n for n, value in arguments if replay.from_return.get(id(value)) == upstream.output)


def logits_of(replay: PairReplay, outputs: Sequence[Upstream]) -> dict[Any, str]:
    """Return the variables of the forward of which some outputs are the softmax.

    A layer that is a softmax and nothing else is handed them: that its backward leaves out the softmax may be a slip.
    """
    result, found = _forward(replay), {}
    handed = [value for value in result.arguments.values() if isinstance(value, np.ndarray)]
    for upstream in outputs:
        value = part_of(result.returned["forward"], upstream.output)
        for name, other in result.variables.items():
            if not isinstance(other, np.ndarray) or other.shape != value.shape or not _is_softmax(value, other):
                continue
            if not any(np.array_equal(other, given) for given in handed):
                found[upstream.output] = name
    return found


def of_sigmoid(
    unit: Unit, replay: PairReplay, forward: ast.FunctionDef, backward: ast.FunctionDef, tree: ast.Module
) -> list[Upstream]:
    """Return the upstream gradients of probabilities that a program calls its backward with differences for.

    Only where no gradient is right, and the backward does not look at the probabilities. Raises what the code raises.
    """
    is_told = says_logits(replay) or _is_handed_difference(backward.name, tree)
    if unit.subject.loss.name != UPSTREAM or not is_told or has_right_one(unit):
        return []
    result, returned, read = _forward(replay), returned_names(forward), _read(backward)
    outputs = [(u, part_of(result.returned["forward"], u.output)) for u in replay.upstream]
    return [
        u
        for u, value in outputs
        if not (returned.get(u.output, frozenset()) | _handed(replay, u)) & read
        and isinstance(value, np.ndarray)
        and ((value > 0) & (value < 1)).all()
    ]


def says_logits(replay: PairReplay) -> bool:
    """Tell whether a backward pass calls what it is handed the gradient of logits: `dlogit`."""
    return bool(replay.upstream) and all(LOGITS.search(one.name) for one in replay.upstream)


def _is_handed_difference(word: str, tree: ast.Module) -> bool:
    """Tell whether a function is called with a difference, `net.backward(p - y)`, or with a variable that is one."""
    for node in walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.Module | ast.For | ast.While):
            continue
        differences = {
            target.id
            for statement in node.body
            if isinstance(statement, ast.Assign) and _is_difference(statement.value)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }
        calls = (n for s in node.body for n in walk(s) if isinstance(n, ast.Call) and root_word(n.func) == word)
        for argument in (argument for call in calls for argument in call.args):
            if _is_difference(argument) or (isinstance(argument, ast.Name) and argument.id in differences):
                return True
    return False


def _is_difference(node: ast.expr) -> bool:
    """Tell whether an expression is a difference, divided or multiplied perhaps."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.Mult):
        return _is_difference(node.left) or _is_difference(node.right)
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)


def _forward(replay: PairReplay) -> Result:
    """Make the forward call of a pair, with random numbers."""
    arrays = [leaf for leaf in leaves(replay.roots()) if is_floating(leaf.value)]
    replay.forward_only = True
    try:
        return replay.run(own({id(leaf.value): filled(leaf.value, seed) for seed, leaf in enumerate(arrays)}))
    finally:
        replay.forward_only = False


def _read(node: ast.AST) -> set[str]:
    loaded = (n for n in walk(node) if isinstance(getattr(n, "ctx", None), ast.Load))
    return {n.id if isinstance(n, ast.Name) else getattr(n, "attr", "") for n in loaded}


def _is_softmax(value: np.ndarray, other: np.ndarray) -> bool:
    for axis in range(value.ndim):
        powers = np.exp(other - np.max(other, axis=axis, keepdims=True))
        if np.allclose(powers / powers.sum(axis=axis, keepdims=True), value, rtol=CLOSE, atol=CLOSE):
            return True
    return False


def adds_up(value: Any) -> bool:
    """Tell whether numbers are positive, and add up to one along an axis."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or not (value > 0).all():
        return False
    return any(n > 1 and np.allclose(value.sum(axis), 1, atol=CLOSE) for axis, n in enumerate(value.shape))
