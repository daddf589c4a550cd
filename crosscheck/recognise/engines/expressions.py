"""Expressions of one engine: what is built from which numbers, and how the way back from it begins."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise.engines.engine import Engine
from crosscheck.recognise.replay import standing_in

DOMAINS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]] = {
    "any": lambda random, shape: (0.2 + 1.6 * random.random(shape)) * random.choice([-1.0, 1.0], shape),
    "positive": lambda random, shape: 0.2 + 1.6 * random.random(shape),
    "share": lambda random, shape: 0.1 + 0.8 * random.random(shape),
    "above one": lambda random, shape: 1.1 + 1.6 * random.random(shape),
}
"""Numbers that functions are defined for; none lies near zero, where many have a kink"""
WHOLE = (2, 3)
"""Whole numbers that a node is combined with"""


class Leaf(NamedTuple):
    """A node at the beginning, of which a gradient is asked."""

    shape: tuple[int, ...]
    domain: str = "any"


@dataclass(frozen=True)
class Expression:
    """Something that is computed with an engine."""

    regime: str
    """What kind of use it is: `ordinary`, `same-operand-twice`"""
    leaves: Mapping[str, Leaf]
    build: Callable[[Mapping[str, Any], Mapping[str, Any]], Any]
    """From nodes and plain numbers to the node at the end. Raises whatever the file raises."""
    text: str
    """How it is written"""
    numbers: Mapping[str, str] = field(default_factory=dict)
    """Plain numbers by name: "number" or "whole\""""
    held: Mapping[str, Leaf] = field(default_factory=dict)
    """Nodes of which no gradient is asked: targets"""
    twins: Mapping[str, str] = field(default_factory=dict)
    """Further nodes that hold the very numbers of a leaf, and whose gradients belong to it"""
    shape: tuple[int, ...] = ()
    """Of what it makes"""
    closing: "Closing | None" = None

    def drawn(self, random: np.random.Generator, scale: float = 1.0) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Draw the leaves' numbers, and the plain ones."""
        values: dict[str, np.ndarray] = {}
        for name, leaf in self.leaves.items():
            factor = scale if leaf.domain in ("any", "positive") else 1.0
            values[name] = np.asarray(factor * DOMAINS[leaf.domain](random, leaf.shape))
        numbers: dict[str, Any] = {}
        for name, kind in self.numbers.items():
            whole, drawn = int(random.choice(WHOLE)), float(DOMAINS["any"](random, ()))
            numbers[name] = whole if kind == "whole" else drawn
        for name, leaf in self.held.items():
            numbers[name] = np.asarray(DOMAINS[leaf.domain](random, leaf.shape))
        return values, numbers


class Closing(NamedTuple):
    """How an upstream gradient is given to what an expression makes."""

    text: str
    root: Callable[[Any, Any], tuple[Any, Any]]
    """From the node and the weights to the node that is gone back from, and what that is handed"""
    weighted: bool = True
    """Whether the weights may be other than one"""


class Run(NamedTuple):
    """What one expression gave."""

    loss: Any
    gradients: dict[str, Any]
    shape: tuple[int, ...] = ()
    """Of what was made"""


def run(
    engine: Engine,
    expression: Expression,
    values: Mapping[str, Any],
    numbers: Mapping[str, Any],
    weights: Any,
    *,
    backward: bool = True,
    between: Callable[[], Any] = lambda: None,
) -> Run:
    """Build an expression and go back through it. Its loss is the sum of what it makes times the weights.

    `between` is called after the forward pass. Raises whatever the file raises.
    """
    engine.fresh()
    nodes = {name: engine.make(value) for name, value in values.items()}
    held = {name: engine.make(numbers[name]) for name in expression.held}
    twins = {name: engine.make(values[leaf]) for name, leaf in expression.twins.items()}
    out = expression.build({**nodes, **held, **twins}, numbers)
    made = engine.read(out)
    loss = np.sum(weights * made) if np.ndim(made) else (weights * made)
    if not backward:
        return Run(loss, {}, np.shape(made))
    assert expression.closing is not None
    root, upstream = expression.closing.root(out, weights)
    between()
    returned = engine.back(root, upstream)
    gradients = {name: engine.gradient(node, returned) for name, node in nodes.items()}
    for name, leaf in expression.twins.items():
        both = [one for one in (gradients[leaf], engine.gradient(twins[name], returned)) if one is not None]
        gradients[leaf] = sum(both[1:], both[0]) if both else None
    return Run(loss, gradients)


def closings(engine: Engine) -> Iterator[Closing]:
    """Yield the ways to begin the way back that are right where nothing is computed: the best first."""
    for closing in possible_closings(engine):
        if _is_sound(engine, closing):
            yield closing


NOTHING = "nothing"
"""What stands for beginning the way back at the node itself"""


def possible_closings(engine: Engine) -> Iterator[Closing]:
    """Yield the ways in which an engine might be told what the entries of a result count."""
    make = engine.make
    handed = Closing("the gradient is handed to it", lambda out, weights: (out, weights))
    if engine.seed and engine.is_array:
        yield handed
    for text, times in ways(engine, "mul", "*"):
        if not engine.is_array:
            yield Closing(f"times a constant ({text})", lambda out, w, times=times: (times(out, make(w)), None))
            continue
        for reduced, reduce in _sums(engine):
            text_ = f"the {reduced} of it times constants ({text})"
            yield Closing(text_, lambda out, w, times=times, reduce=reduce: (reduce(times(out, make(w))), None))
        yield Closing(f"times constants ({text})", lambda out, w, times=times: (times(out, make(w)), None))
    if engine.seed and not engine.is_array:
        yield handed
    if engine.is_array:
        for reduced, reduce in _sums(engine):
            yield Closing(f"the {reduced} of it", lambda out, w, reduce=reduce: (reduce(out), None), weighted=False)  # noqa: ARG005
    yield Closing(NOTHING, lambda out, w: (out, None), weighted=False)  # noqa: ARG005


SYMBOLS: dict[str, Callable[[Any, Any], Any]] = {
    "*": lambda a, b: a * b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
}
NAMES = {"mul": ("mul", "multiply", "mult", "times", "Mul", "Multiply"), "add": ("add", "plus", "Add"), "sub": ("sub",)}


def ways(engine: Engine, word: str, symbol: str) -> Iterator[tuple[str, Callable[[Any, Any], Any]]]:
    """Yield the ways in which two nodes may be combined by an operation."""
    yield symbol, SYMBOLS[symbol]
    for name in NAMES[word]:
        known: Any = engine.world.names.get(name)
        if hasattr(engine.cls, name):
            yield name, lambda a, b, name=name: getattr(a, name)(b)
        elif known is not None:
            yield name, lambda a, b, known=known: known(a, b)
            yield name, lambda a, b, known=known: known()(a, b)
            yield name, lambda a, b, known=known: known.apply(a, b)


def _sums(engine: Engine) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    for owner, name in ((engine.cls, "sum"), (engine.world.names, "sum")):
        if owner is engine.cls and hasattr(owner, name):
            yield "sum", lambda out: out.sum()
            yield "sum", lambda out: out.sum(None)
            yield "sum", lambda out: _row_by_row(engine, out)
        elif owner is not engine.cls and name in engine.world.names:
            function: Any = engine.world.names[name]
            yield "sum", lambda out, function=function: function(out)


def _row_by_row(engine: Engine, out: Any) -> Any:
    """Sum along one axis after the other, where an axis must be given."""
    for _ in range(np.ndim(engine.read(out))):
        out = out.sum(0)
    return out


def alone_with(engine: Engine, closing: Closing) -> Expression:
    """Return a leaf that nothing is done with."""
    shape = (3, 4) if engine.is_array else ()
    return Expression("alone", {"self": Leaf(shape)}, lambda n, _: n["self"], "self", shape=shape, closing=closing)


def _is_sound(engine: Engine, closing: Closing) -> bool:
    """Tell whether the weights come back as the gradient of a node that nothing was done with."""
    return quickly_right(engine, alone_with(engine, closing)) is True


def weights_for(expression: Expression, random: np.random.Generator) -> Any:
    """Draw what each entry of the result counts in the loss: numbers that every format holds exactly, none zero."""
    assert expression.closing is not None
    if not expression.closing.weighted:
        return np.ones(expression.shape) if expression.shape else 1.0
    drawn = (np.floor(DOMAINS["any"](random, expression.shape) * 32) + 0.5) / 32
    return drawn if expression.shape else float(drawn)


GROSSLY = 1e-5
"""A share of the largest entry by which nothing is off that is right"""
STEP = 1e-4


def quickly_right(engine: Engine, expression: Expression, draws: int = 2) -> bool | None:
    """Tell by differences whether an expression's gradients are right, roughly; None if it cannot be run.

    What computes in float32 is run in float64 for that.
    """
    with standing_in(engine.finer):
        return _is_right(engine, expression, draws)


def _is_right(engine: Engine, expression: Expression, draws: int) -> bool | None:
    random = np.random.default_rng(11)
    for _ in range(draws):
        values, numbers = expression.drawn(random)
        weights = weights_for(expression, random)
        try:
            with np.errstate(all="ignore"):
                found = run(engine, expression, values, numbers, weights)
                for name, value in values.items():
                    given = found.gradients[name]
                    given = np.zeros(value.shape) if given is None else np.asarray(given, float)
                    if given.size != value.size:
                        return False
                    way = DOMAINS["any"](random, value.shape)
                    terms = given.reshape(value.shape) * way
                    slope = _slope(engine, expression, values, numbers, weights, name, way)
                    if not abs(np.sum(terms) - slope) <= GROSSLY * max(1.0, abs(slope), np.sum(np.abs(terms))):
                        return False
        except Exception:  # noqa: BLE001 - theirs
            return None
    return True


def _slope(
    engine: Engine, expression: Expression, values: Any, numbers: Any, weights: Any, name: str, way: np.ndarray
) -> float:
    """Return how the loss moves along a direction of one leaf."""
    ends = []
    for turn in (1, -1, 2, -2):
        there = {**values, name: values[name] + turn * STEP * way}
        ends.append(float(np.asarray(run(engine, expression, there, numbers, weights, backward=False).loss)))
    return (8 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / (12 * STEP)


def names_of(count: int, used: Sequence[str] = ()) -> list[str]:
    """Return names for leaves that nobody has named.

    >>> names_of(3, ["a"])
    ['b', 'c', 'd']
    """
    return [letter for letter in "abcdefgh" if letter not in used][:count]
