"""How often a loop turns in a call with made-up arguments: through all of these, but for the rounds of a training."""

import ast
import re
from collections.abc import Sequence, Sized
from typing import Any

from crosscheck.source.walking import walked

TURNS = 30
"""Turns of a loop that called what we are looking for, after which it is a training loop and has shown enough"""
LONGEST = 120
"""Turns of one that goes through what was made up: nothing of that is longer"""
MANY = 2000
"""Turns of a loop that calls functions which must be a training: what it is in is not called again as a whole"""
ROUNDS = re.compile(r"epoch|n_?iter|iterations?|max_?iter|num_?iter|rounds|trials|\bepisodes?", re.IGNORECASE)
"""What the turns of a training are called"""


def counts_rounds(loop: ast.For) -> bool:
    """Tell whether a loop counts the rounds of a training.

    >>> [counts_rounds(ast.parse(f"for {loop}: pass").body[0]) for loop in ("e in range(epochs)", "t in range(steps)")]
    [True, False]
    """
    return bool(ROUNDS.search(f"{ast.unparse(loop.target)} {ast.unparse(loop.iter)}"))


def most_turns(values: Any, *, is_patient: bool, is_round: bool) -> int:
    """Return how often a loop that calls functions, or writes gradients, may turn."""
    is_long = isinstance(values, Sized) and len(values) > LONGEST
    return LONGEST if is_patient and not is_round and not is_long else TURNS


def trains_long(values: Any) -> bool:
    """Tell whether a loop that calls functions goes through so much that it must be a training."""
    return isinstance(values, Sized) and len(values) > MANY


def passing_loops(tree: ast.AST) -> frozenset[str]:
    r"""Return the lines of the loops that change arrays in their place under a condition, and may pass over that.

    >>> code = "for u, m in seen:\n  if r[u, m] > 0:\n    e = r[u, m] - p[u] @ q[m]\n    p[u] += e * q[m]"
    >>> passing_loops(ast.parse(code)), passing_loops(ast.parse(code.replace("if r", "while r")))
    (frozenset({'1'}), frozenset())
    >>> passing_loops(ast.parse("for u, m in seen:\n  if r[u, m] == 0:\n    continue\n  p[u] += e(u, m) * q[m]"))
    frozenset({'1'})
    """
    loops = (node for node in walked(tree) if isinstance(node, ast.For | ast.While))
    return frozenset(str(loop.lineno) for loop in loops if _passes(loop))


def _passes(loop: ast.For | ast.While) -> bool:
    """Tell whether a condition without an alternative decides if entries of arrays are changed, or goes on before."""
    asked = [part for part in loop.body if isinstance(part, ast.If) and not part.orelse]
    goes_on = any(isinstance(part.body[-1], ast.Continue) for part in asked)
    return any(_changes_entries(part.body) for part in asked) or (goes_on and _changes_entries(loop.body))


def _changes_entries(body: Sequence[ast.stmt]) -> bool:
    stores = (part for own in body for part in walked(own) if isinstance(getattr(part, "ctx", None), ast.Store))
    return any(isinstance(target, ast.Subscript) for target in stores)
