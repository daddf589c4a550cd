"""Loops and scripts that compute gradients themselves and that no unit holds: they must not pass as judged."""

import ast
from collections.abc import Collection, Iterator, Mapping

from crosscheck.recognise.backward_passes import holds_gradients
from crosscheck.recognise.learning import steps_by_errors
from crosscheck.recognise.loops import Loop, loops_of
from crosscheck.recognise.naming import BEGINS_LIKE_GRADIENT
from crosscheck.recognise.shown_steps import Shown
from crosscheck.recognise.statements import goes_back_in_time, root_word
from crosscheck.recognise.steps_of_turns import moves_at_rate
from crosscheck.source.walking import walk

FEWEST = 2
"""Gradients that are products of something, computed in one turn"""


def unjudged_loops(
    trees: tuple[ast.Module, ast.Module],
    nodes: Mapping[str, ast.FunctionDef],
    held: Collection[ast.AST],
) -> Iterator[tuple[str, Loop]]:
    """Yield the outermost loops that assemble gradients, outside of `held` nodes.

    `trees` are the module's own and the one that is executed. Loops of functions are told of with their functions.
    """
    inside = {id(part) for node in (*held, *nodes.values()) for part in walk(node)}
    for name, node in loops_of(*trees).items():
        around = any(id(part) == id(other) for other in held for part in walk(node))
        if id(node) in inside or around or goes_back_in_time(node) or not computes_gradients(node):
            continue
        inside |= {id(part) for part in walk(node)}
        yield name, node


def computes_gradients(loop: Loop) -> bool:
    """Tell whether a loop computes gradients itself, and does not only drive a function that does."""
    shown = getattr(loop, "shown", Shown())
    is_shown = bool(shown.owners) or len(shown.others) >= FEWEST
    is_assembled = len(_products(loop)) >= FEWEST or _fills_container(loop)
    return is_assembled or is_shown or steps_by_errors(loop) or _moves_by_sums(loop)


def _moves_by_sums(loop: Loop) -> bool:
    """Tell whether a loop moves several things at a rate by what it sums up where it moves them.

    >>> said = "net.w -= rate * np.mean(d * x); net.b -= rate * np.mean(d)", "w -= rate * dw; b -= rate * db"
    >>> [_moves_by_sums(ast.parse(f"while True: {one}").body[0]) for one in said]
    [True, False]
    """
    steps = [part for part in loop.body if isinstance(part, ast.stmt) and moves_at_rate(part)]
    calls = [{root_word(part.func) for part in walk(step) if isinstance(part, ast.Call)} for step in steps]
    return sum(bool(called & SUMS) for called in calls) >= FEWEST


SUMS = frozenset(["sum", "mean", "dot", "matmul"])


def _fills_container(loop: Loop) -> bool:
    """Tell whether a loop puts gradients into one thing at once: `g = {"W": X.T @ d, "b": d.sum(0)}`.

    >>> said = "g = {'W': X.T @ d, 'b': d.sum(0)}", "g = [d.sum(0), X.T @ d]", "out = {'W': X @ d, 'b': 1}"
    >>> [_fills_container(ast.parse(f"while True: {one}").body[0]) for one in said]
    [True, True, False]
    """
    for statement in (part for part in walk(loop) if isinstance(part, ast.Assign)):
        value, target = statement.value, statement.targets[0]
        held = value.values if isinstance(value, ast.Dict) else value.elts if isinstance(value, ast.List) else []
        if (
            holds_gradients(target)
            and len(held) >= FEWEST
            and any(_is_product(part) for one in held for part in walk(one))
        ):
            return True
    return False


def _products(loop: Loop) -> set[str]:
    """Return the names like those of gradients to which a loop assigns products of arrays."""
    found: set[str] = set()
    for statement in walk(loop):
        if isinstance(statement, ast.Assign | ast.AugAssign):
            is_product = any(_is_product(part) for part in walk(statement.value))
            stores = (n for n in walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
            found |= {n.id for n in stores if is_product and BEGINS_LIKE_GRADIENT.match(n.id)}
    return found


def _is_product(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.MatMult)
    return isinstance(node, ast.Call) and root_word(node.func) in ("dot", "matmul", "einsum", "outer")
