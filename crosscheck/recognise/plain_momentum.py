"""What is remembered of earlier steps, where steps are all that is seen: it must lead the same way as they did.

    Δp = s + a m,  m' = d s + …        s: the step without a memory, m: the memory

The step after goes by a d s: against s where a d < 0. Nothing is said of memories that are no such multiples.
"""

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.recognise.fitting import CLOSE
from crosscheck.recognise.leaves import Leaf
from crosscheck.recognise.replay import Replay, Result
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walked

After = Callable[[Result, Leaf], np.ndarray | None]


def against(
    replay: Replay, parameters: Mapping[str, Leaf], every: Sequence[Leaf], start: Mapping[int, Any], after: After
) -> list[str]:
    """Return the parameters whose memories lead against the steps that they remember. Raises what the call raises."""
    found = []
    moved = {id(leaf.value) for leaf in parameters.values()}
    idle = [leaf for leaf in every if isinstance(leaf.value, np.ndarray) and leaf.value.dtype.kind == "f"]
    slow = set(followers_of({str(leaf.path[0]) for leaf in parameters.values()}, replay.world.document.tree))
    idle = [leaf for leaf in idle if id(leaf.value) not in moved and str(leaf.path[0]) not in slow]
    for name, leaf in parameters.items():
        memories = [memory for memory in idle if memory.value.shape == leaf.value.shape]
        if any(_leads_back(replay, leaf, memory, start, after) for memory in memories):
            found.append(name)
    return found


def followers_of(names: Collection[str], tree: ast.AST) -> Iterator[str]:
    """Yield what moves towards parameters, by how far it is away from them: slow copies, and no memories of steps.

    >>> list(followers_of({"net"}, ast.parse("slow[k] += 0.1 * (net[k] - slow[k]); v[k] += 0.1 * (g[k] - v[k])")))
    ['slow']
    """
    for part in walked(tree):
        if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Add):
            own = ast.unparse(part.target)
            off = (one for one in walked(part.value) if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Sub))
            if any(ast.unparse(one.right) == own and root_word(one.left) in names for one in off):
                yield root_word(part.target)


def _leads_back(replay: Replay, leaf: Leaf, memory: Leaf, start: Mapping[int, Any], after: After) -> bool:
    old = start.get(id(leaf.value), leaf.value)
    filled = 0.2 + np.random.default_rng(5).random(memory.value.shape)
    steps, ends = [], []
    for held in (np.zeros_like(memory.value), filled, 2.0 * filled):
        given = {**start, id(memory.value): held}
        result = replay.run({identity: v.copy() if hasattr(v, "copy") else v for identity, v in given.items()})
        now, end = after(result, leaf), after(result, memory)
        if now is None or end is None:
            return False
        steps.append(now - old)
        ends.append(end)
    one, two = _share(steps[1] - steps[0], filled), _share(steps[2] - steps[0], 2.0 * filled)
    kept = _share(ends[0], steps[0])
    return one * kept < 0 and abs(two - one) <= CLOSE * abs(one)


def _share(one: np.ndarray, other: np.ndarray) -> float:
    """Return by which number an array is a multiple of another; zero where it is none."""
    size = float(np.sum(other * other))
    share = float(np.sum(one * other)) / size if size else 0.0
    return share if share and np.allclose(one, share * other, CLOSE, CLOSE * abs(share) * size**0.5) else 0.0
