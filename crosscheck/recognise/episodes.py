"""Backward passes that are handed an episode at once, of forward passes that play it step by step.

`policy_forward(x)` returns `logp, h` of one step, and `policy_backward(eph, epdlogp)` is handed what was kept of all
steps, one row each. A forward pass of a few made-up steps is put beside the file, and judged with its backward pass.
"""

import ast
import copy
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.instrument import HOOKS
from crosscheck.recognise.places import returned_names
from crosscheck.recognise.statements import goes_back_in_time, root_word
from crosscheck.source.walking import walk

STEPS = 4
BEFORE = ("ep", "ep_", "all_", "batch_", "episode_", "stacked_")
BEHIND = ("s", "es", "_batch", "_list", "_history", "_stack", "_buffer", "_all")
SQUASHES = naming.re.compile(r"sigm|soft_?max|logistic|squash", naming.re.IGNORECASE)
SUFFIX = "_of_episode"
SAID = "{} was judged with {} of {} made-up steps, by the gradients that it is handed of {}"


class Episode(NamedTuple):
    """A backward pass with the forward pass of a step."""

    forward: str
    backward: str
    logits: str
    """What the gradients that the backward pass is handed are of"""
    text: str
    """Statements that play an episode and go back through it"""

    @property
    def said(self) -> str:
        """What is assumed."""
        return SAID.format(self.backward, self.forward, STEPS, self.logits)


def episodes(
    nodes: Mapping[str, ast.FunctionDef], entries: Mapping[str, list[Entry]], wanted: Collection[str]
) -> Iterator[Episode]:
    """Yield some backward passes with the forward passes that play their steps, as the calls of the file show them."""
    for name in wanted:
        if name in nodes and "." not in name:
            for other in (one for one in nodes if one != name and "." not in one and entries.get(one)):
                made = _episode(nodes[name], nodes[other], entries[other][0])
                if made is not None:
                    yield made
                    break


def _episode(backward: ast.FunctionDef, forward: ast.FunctionDef, played: Entry) -> Episode | None:
    """Return how to play an episode with two functions; None where their names do not say so."""
    handed, read = _arguments(backward), {part.id for part in walk(backward) if isinstance(part, ast.Name)}
    returned = {path[0]: names for path, names in returned_names(forward).items() if len(path) == 1}
    kept = {place: word for place, names in returned.items() if (word := _of_all(names, handed))}
    above = [word for word in handed if word not in kept.values() and _is_gradient_of_all(word)]
    inputs = {word: whole for word in _arguments(forward) if (whole := _of_all({word}, read))}
    others = [word for word in _arguments(forward) if word not in inputs]
    if not kept or len(above) != 1 or len(inputs) != 1 or _goes_on(forward, backward, others):
        return None
    logits = _logits(forward, above[0])
    ((step, whole),) = inputs.items()
    shape = np.shape(played.arguments.get(step, 0.0))
    if (
        logits is None
        or not shape
        or any(word not in played.names for word in (*others, *_others(handed, kept.values(), above)))
    ):
        return None
    alone = copy.deepcopy(forward)
    alone.name = f"{forward.name}_alone"
    _Returns(logits, [word for place in kept if (word := _word(returned[place]))]).visit(alone)
    every = ", ".join([logits, *kept.values()])
    called = ", ".join(step if word == step else word for word in _arguments(forward))
    text = f"""import numpy as np
{HOOKS}.entries.pop({backward.name!r}, None)
{ast.unparse(alone)}
def {forward.name}{SUFFIX}({", ".join([whole, *others])}):
    found = [{alone.name}({called}) for {step} in {whole}]
    {every} = [np.vstack([one[place] for one in found]) for place in range({1 + len(kept)})]
    return {every}
{whole} = np.random.RandomState(0).normal(size={(STEPS, *shape)})
{every} = {forward.name}{SUFFIX}({", ".join([whole, *others])})
{above[0]} = np.random.RandomState(1).normal(size=np.shape({logits}))
{backward.name}({", ".join(handed)})
"""
    return Episode(forward.name, backward.name, logits, text)


def _goes_on(forward: ast.FunctionDef, backward: ast.FunctionDef, others: Collection[str]) -> bool:
    r"""Tell whether a step goes on from the one before: gradients go through all of them then.

    >>> nodes = "def step(x, h): return h", "def f(x): return x", "def back(d):\n for t in reversed(range(4)): pass"
    >>> step, f, back = (ast.parse(text).body[0] for text in nodes)
    >>> _goes_on(step, f, ["h"]), _goes_on(f, back, []), _goes_on(f, f, [])
    (True, True, False)
    """
    loops = (part for part in walk(backward) if isinstance(part, ast.For))
    returned = {word for words in returned_names(forward).values() for word in words}
    is_state = any(word in returned or naming.STATE.match(word) for word in others)
    return is_state or any(map(goes_back_in_time, loops))


def _arguments(node: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in node.args.args]


def _others(handed: Collection[str], kept: Collection[str], above: Collection[str]) -> list[str]:
    stacked = {*kept, *above}
    return [word for word in handed if word not in stacked and not word.startswith(BEFORE)]


def _of_all(names: Collection[str], words: Collection[str]) -> str:
    """Return what all steps of something are called among some words; nothing if none of them says so.

    >>> _of_all({"h"}, ["eph", "epdlogp"]), _of_all({"h"}, ["hs", "d"]), _of_all({"h"}, ["h", "d"])
    ('eph', 'hs', '')
    """
    wholes = {made for word in names for made in (*(b + word for b in BEFORE), *(word + b for b in BEHIND))}
    return next((word for word in words if word in wholes), "")


def _is_gradient_of_all(word: str) -> bool:
    """Tell whether a word is that of the gradients of all steps: `epdlogp`, `dlogps`."""
    bare = [word.removeprefix(before) for before in BEFORE if word.startswith(before)] or [word]
    return any(naming.looks_like_gradient(one) or naming.is_gradient_argument(one) for one in bare)


def _logits(forward: ast.FunctionDef, above: str) -> str | None:
    """Return the variable of a forward pass that gradients are of by their name, or that it squashes at last."""
    stored = {part.id for part in walk(forward) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    bare = {above, *(above.removeprefix(before) for before in BEFORE if above.startswith(before))}
    named = {core for word in bare for core in (*naming.cores(word), *naming.cores(word.removesuffix("s")))} & stored
    calls = [part for part in walk(forward) if isinstance(part, ast.Call) and SQUASHES.search(root_word(part.func))]
    squashed = {part.args[0].id for part in calls if part.args and isinstance(part.args[0], ast.Name)} & stored
    found = squashed or named
    return next(iter(found)) if len(found) == 1 else None


def _word(names: Collection[str]) -> str:
    return next(iter(names), "")


class _Returns(ast.NodeTransformer):
    """Lets a function return some of its variables in place of what it returns."""

    def __init__(self, logits: str, kept: list[str]) -> None:
        self.words = [logits, *kept]

    def visit_Return(self, node: ast.Return) -> Any:
        """Replace what is returned."""
        names: list[ast.expr] = [ast.Name(word, ast.Load()) for word in self.words]
        return ast.copy_location(ast.Return(ast.Tuple(names, ast.Load())), node)
