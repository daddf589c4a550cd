"""Memory that belongs to two: returned arrays that overlap each other, an argument, or the next answer."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from crosscheck import trees
from crosscheck.contract.calling import Attempt
from crosscheck.contract.codes import finding
from crosscheck.contract.leaves import named_arguments
from crosscheck.contract.outcome import as_array, unpacked
from crosscheck.verdicts import Finding

# Steps of NumPy's exact test, whose worst case is exponential; ordinary views need a handful. (Any: NumPy's stubs know
# only its two named values.)
EFFORT: Any = 10_000


def overlapping(attempt: Attempt, names: Sequence[str]) -> Iterator[Finding]:
    """Yield one finding if a returned array overlaps an argument, and one if two returned arrays overlap."""
    returned = _returned(attempt)
    arguments = [(name, leaf) for name, leaf in named_arguments(attempt.handed, names) if isinstance(leaf, np.ndarray)]
    for (name, array), (argument, other) in itertools.product(returned, arguments):
        if _overlap(array, other):
            sentence = f"What is returned for {name} is a view of the argument {argument}: return a copy of it."
            yield finding("shares-input-memory", sentence, name)
            break
    for (name, array), (second, other) in itertools.combinations(returned, 2):
        if _overlap(array, other):
            sentence = f"What is returned for {name} and for {second} overlaps in memory: return a copy of one of them."
            yield finding("shares-memory", sentence, name)
            break


def reused(first: Attempt, second: Attempt) -> list[Finding]:
    """Return a finding if two calls, both answers still alive, returned the same memory."""
    for (name, array), (_, other) in itertools.product(_returned(first), _returned(second)):
        if _overlap(array, other):
            sentence = f"Two calls return the same memory for {name}: make its array anew in every call."
            return [finding("buffer-reused", sentence, name)]
    return []


def _returned(attempt: Attempt) -> list[tuple[str, np.ndarray]]:
    """Return the arrays as the subject made them. Intermediates may well be views: they are for looking at only."""
    outcome = unpacked(attempt.returned)
    trees_by_root: list[tuple[str, Any]] = [("loss", outcome.loss), ("parameters", outcome.gradients)]
    trees_by_root += [*outcome.inputs.items(), *outcome.auxiliary.items()]
    leaves = [(name, leaf, as_array(leaf)) for root, tree in trees_by_root for name, leaf in trees.flatten(tree, root)]
    # Arrays of other libraries that NumPy may only read (JAX's) cannot be changed, so nobody minds who holds them.
    return [
        (name, array)
        for name, leaf, array in leaves
        if array is not None and array.size and (isinstance(leaf, np.ndarray) or array.flags.writeable)
    ]


def _overlap(first: np.ndarray, second: np.ndarray) -> bool:
    if not np.may_share_memory(first, second):
        return False
    try:
        return np.shares_memory(first, second, max_work=EFFORT)
    except np.exceptions.TooHardError:
        return False  # interlaced in a way that no ordinary view is
