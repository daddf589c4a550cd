"""How often a loop turns in a call with made-up arguments: through all of these, but for the rounds of a training."""

import ast
import re
from collections.abc import Sized
from typing import Any

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
