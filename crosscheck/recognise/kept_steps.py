"""Gradients that hold their rate, and are taken away as they are: `self.steps += rate * d_weights`, `dW = rate * g`."""

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from crosscheck.recognise import naming
from crosscheck.recognise.moving import is_rate
from crosscheck.recognise.pairs import UPSTREAM
from crosscheck.recognise.places import RETURNED, Place
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.results import sources
from crosscheck.recognise.shares import Claims, is_right, is_times, slopes
from crosscheck.recognise.signed_steps import steps_in
from crosscheck.recognise.statements import assigned_in, root_word
from crosscheck.recognise.unit import Unit
from crosscheck.source.walking import walk, walked

NO_RATE = naming.re.compile(
    r"lam|reg|beta|decay|mom|^[clmn]\d?$|^n_|size|count|num|half|weight|scale", naming.re.IGNORECASE
)
"""What numbers are called that are small as well, and part of a gradient"""
LARGEST = 0.5
"""Below it a number without such a name is a rate; 0.5 itself is a half"""


def at_a_rate(unit: Unit, replay: Replay, tree: ast.Module) -> Unit:
    """Return a unit whose gradients are judged divided by a rate, where none is right as it is and one is so.

    They must be what the file takes away without a rate: otherwise it is there twice. Of a layer that is handed an
    upstream gradient, only what it keeps may hold a rate, and not what it hands on.
    """
    kept = {
        name
        for name, place in unit.subject.gradients.items()
        if place.where != RETURNED or unit.subject.loss.name != UPSTREAM or _is_rated_by(place.name, unit.functions)
    }
    moved = {name: place for name, place in unit.subject.gradients.items() if name in kept}
    known = rates_within(replay, moved, [name.rpartition(".")[2] for name in unit.names], tree)
    try:
        claims = slopes(unit) if known else {}
    except Exception:  # noqa: BLE001 - theirs: what cannot be called is told elsewhere
        return unit
    name = next((name for name, rate in known.items() if _holds(claims, kept, rate)), None)
    if name is None:
        return unit
    unit.subject.times = {**unit.subject.times, **dict.fromkeys(kept, 1 / known[name])}
    names = ", ".join(sorted(kept))
    stated = f"what is taken away of {names} holds the rate {name}: it was judged divided by that"
    return replace(unit, assumptions=(*unit.assumptions, stated))


def _is_rated_by(gradient: str, functions: Iterable[ast.AST]) -> bool:
    r"""Tell whether a function multiplies what it calls a gradient by a rate: `delta_w[i] = self.rate * x * e`.

    >>> code = "def change(x, e):\n    dw = rate * x * e\n    return dw, x @ e"
    >>> _is_rated_by("dw", [ast.parse(code)]), _is_rated_by("dx", [ast.parse(code)])
    (True, False)
    """
    for node in (part for function in functions for part in walked(function)):
        for target, value in assigned_in(node):
            if root_word(target) == gradient:
                products = (part for part in walked(value) if isinstance(part, ast.BinOp))
                sides = [side for part in products if isinstance(part.op, ast.Mult) for side in (part.left, part.right)]
                if any(is_rate(root_word(side)) for side in sides):
                    return True
    return False


def rates_within(
    replay: Replay, gradients: Mapping[str, Place], parameters: Collection[str], tree: ast.Module
) -> dict[str, float]:
    """Return the rates, by their names, that gradients may hold: all are taken away without one, or all that is moved.

    Raises what the call raises.
    """
    numbers, steps = _small_numbers(tree), list(steps_in(tree))
    named = {moved for moved, _, _ in steps if moved in parameters}
    own = [step for moved, step, _ in steps if moved in named or not named]
    rated = [step for step in own if _is_rated(step, numbers)]
    taken = {word for step in own if step not in rated for word in _words(step)}
    words = {place.name for place in gradients.values()}
    words_taken = {*taken, *(word.removesuffix("s") for word in taken)}  # of a list of them
    if not gradients or not own or (rated and not words <= words_taken):
        return {}
    held = ((place.name, value) for place, value in sources(replay.run({})) if isinstance(value, int | float))
    found = {name: float(value) for name, value in held if value not in (0, 1) and (is_rate(name) or name in numbers)}
    return found | {f"{number:g}": number for number in _written(tree, words)}


def _written(tree: ast.Module, words: Collection[str]) -> Iterator[float]:
    """Yield the small numbers that are written out where some variables are assigned: `dW = 0.1 * g`."""
    for node in walked(tree):
        if isinstance(node, ast.Assign) and set(map(root_word, node.targets)) & set(words):
            yield from (number for part in walked(node.value) if (number := _small(part)) is not None)


def _is_rated(step: ast.expr, numbers: set[str]) -> bool:
    """Tell whether a rate is in a step, or a number that may be one."""
    parts = walked(step)
    is_number = any(isinstance(part, ast.Constant) and isinstance(part.value, float) for part in parts)
    return is_number or any(is_rate(word) or word in numbers for word in _words(step))


def _words(step: ast.expr) -> set[str]:
    return {root_word(part) for part in walked(step) if isinstance(part, ast.Name | ast.Attribute | ast.Subscript)}


def _holds(claims: Claims, kept: set[str], rate: float) -> bool:
    """Tell whether a kept gradient is the derivative times a rate, and none the derivative itself."""
    return any(is_times(claims[name], rate) for name in kept) and not any(is_right(claims[name]) for name in kept)


def _small_numbers(tree: ast.Module) -> set[str]:
    """Return the variables that are a small number and nothing else, and are not called like part of a gradient."""
    stores = [node.id for node in walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    single = {name for name, count in Counter(stores).items() if count == 1 and not NO_RATE.search(name)}
    assigned = (node for node in walk(tree) if isinstance(node, ast.Assign) and _small(node.value) is not None)
    return {target.id for node in assigned for target in node.targets if isinstance(target, ast.Name)} & single


def _small(value: ast.AST) -> float | None:
    """Return a number that is written out where it is small enough for a rate, else None."""
    number = value.value if isinstance(value, ast.Constant) else None
    return number if isinstance(number, float) and 0 < number < LARGEST else None
