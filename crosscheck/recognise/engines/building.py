"""From an operation to the expressions that it is judged in."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise.engines.engine import NUMBERS, Engine
from crosscheck.recognise.engines.expressions import Closing, Expression, Leaf, quickly_right, run, weights_for
from crosscheck.recognise.engines.operations import (
    DATA,
    DUNDERS,
    Arguments,
    Operation,
    possible_ways,
    remembers,
)

TRIALS = 5
MOST_WAYS = 7
Combine = Callable[[Any, Any], Any]


class Bench(NamedTuple):
    """What expressions are built with."""

    engine: Engine
    closing: Closing
    pair: Combine | None
    """An operation of two nodes that is known to be right where each of them is used once"""


class Way(NamedTuple):
    """One way to call an operation that works, with the plain expression of it."""

    arguments: Arguments
    expression: Expression
    whole: bool = True
    """Whether the way back runs as well"""


def ways_of(bench: Bench, operation: Operation) -> list[Way]:
    """Return the ways in which an operation can be called; [] if there are none, and the operation says why."""
    found: list[Way] = []
    for group in possible_ways(bench.engine, operation):
        chosen = any(one.fixed or one.held is not None or one.listed for one in group)
        if found and chosen and operation.word != "__getitem__":
            continue  # these are asked for where no node and no number will do
        working = [way for arguments in group if (way := _working(bench, operation, arguments))]
        if chosen and any(way.whole for way in working):
            working = [way for way in working if way.whole]
        if chosen and working and not _vary(working):
            working = working[:1]
        found += [way for way in working if way.expression.regime not in {one.expression.regime for one in found}]
    return found[:MOST_WAYS]


def _vary(ways: Sequence[Way]) -> bool:
    """Tell whether the ways are of one kind: places in an array, or axes of it, and not one guess after the other."""
    first = ways[0].arguments.fixed[:1]
    return all(type(one) in (int, slice) for one in first) or ways[0].arguments.listed


def _working(bench: Bench, operation: Operation, arguments: Arguments) -> Way | None:
    """Find numbers for which a call works, forward and back where possible."""
    forward = None
    for domains in _domains(len(arguments.shapes)):
        expression = _plain(operation, arguments, domains)
        made = _made(bench.engine, operation, expression)
        if made is None:
            continue
        expression = replace(expression, shape=made, closing=bench.closing)
        forward = forward or expression
        if quickly_right(bench.engine, expression, draws=1) is not None:
            return Way(arguments, expression)
        if not any(domain == "any" for domain in domains):
            break
    return None if forward is None else Way(arguments, forward, whole=False)


def _domains(count: int) -> Iterator[tuple[str, ...]]:
    yield ("any",) * count
    if count == 2:
        yield from (("positive", "any"), ("any", "positive"))
    for domain in ("positive", "share"):
        yield (domain,) * count
    if count == 2:
        yield ("share", "any")
    yield ("above one",) * count


def _made(engine: Engine, operation: Operation, expression: Expression) -> tuple[int, ...] | None:
    """Return the shape of what an expression makes; None if that is no node, or no ordinary numbers."""
    random = np.random.default_rng(3)
    shape = None
    for _ in range(TRIALS):
        values, numbers = expression.drawn(random)
        try:
            with np.errstate(all="ignore"):
                engine.fresh()
                nodes = {name: engine.make(value) for name, value in values.items()}
                nodes |= {name: engine.make(numbers[name]) for name in expression.held}
                out = expression.build(nodes, numbers)
                value = engine.read(out) if engine.holds(out) else None
        except (Exception, SystemExit) as error:  # noqa: BLE001 - theirs
            operation.problem = operation.problem or f"it raises {type(error).__name__}: {error}"
            return None
        if any(out is node for node in nodes.values()):
            operation.is_one = False
            return None
        if not isinstance(value, NUMBERS):
            operation.problem = operation.problem or "it returns nothing that was computed"
            return None
        array = np.asarray(value)
        if array.dtype.kind != "f" or not np.isfinite(array).all() or array.size == 0:
            return None
        if not DUNDERS.search(operation.word) and not remembers(engine, out, list(nodes.values())):
            operation.problem = "what it returns remembers nothing of what it was made of"
            return None
        shape = array.shape
    return shape


def _plain(operation: Operation, arguments: Arguments, domains: Sequence[str]) -> Expression:
    names = _names(operation, len(arguments.shapes))
    held = {name for name in names[1:] if DATA.search(name) and not DUNDERS.search(operation.word)}
    leaves = {n: Leaf(s, d) for n, s, d in zip(names, arguments.shapes, domains, strict=True)}
    numbers = {f"number{place or ''}": kind for place, kind in enumerate(arguments.numbers)}

    def build(nodes: Any, given: Any) -> Any:
        return operation.call(arguments, [nodes[name] for name in names], [given[name] for name in numbers])

    return Expression(
        regime_of(arguments),
        {name: leaf for name, leaf in leaves.items() if name not in held},
        build,
        f"{operation.name}({', '.join([*names, *numbers, *map(str, arguments.fixed)])})",
        numbers,
        {name: leaf for name, leaf in leaves.items() if name in held},
    )


def _names(operation: Operation, count: int) -> list[str]:
    names = [name for name in operation.argument_names[:count] if name.isidentifier()]
    others = [name for name in ("other", "third", "fourth") if name not in names]
    return [*names, *others][:count] if len(names) < count else names


def regime_of(arguments: Arguments) -> str:
    """Return a name for a way of calling."""
    words: list[str] = []
    if arguments.unusual or len(set(arguments.shapes)) > 1 or (3, 3) in arguments.shapes:
        words += ["shapes", *("x".join(map(str, shape)) or "one" for shape in arguments.shapes)]
    words += ["plain-number" if kind == "number" else "whole-number" for kind in arguments.numbers]
    words += ["given", *map(_word, arguments.fixed)] if arguments.fixed else []
    words += [f"{name.replace('_', '')}-{_word(value)}" for name, value in arguments.keywords]
    words += ["listed"] if arguments.listed else []
    words += (
        ["beside-one-hot" if np.ndim(arguments.held) > 1 else "beside-whole-numbers"]
        if arguments.held is not None
        else []
    )
    return "-".join(word for word in words if word) or "ordinary"


def _word(value: Any) -> str:
    text = "".join(c if c.isalnum() else "-" for c in str(value).lower())
    return "-".join(part for part in text.split("-") if part)[:30]


def shared(bench: Bench, operation: Operation, way: Way) -> Iterator[Expression]:
    """Yield the expressions in which a leaf is used twice."""
    plain, engine = way.expression, bench.engine
    names = list(plain.leaves)
    if len(names) == 2 and not way.arguments.listed and not plain.held:
        first, second = (plain.leaves[name] for name in names)
        shape = first.shape if first.shape == second.shape else (3, 3)
        if first.domain == second.domain and len(first.shape) == len(second.shape):
            twice = replace(
                plain,
                regime="same-operand-twice",
                leaves={names[0]: first._replace(shape=shape)},
                build=lambda nodes, given: plain.build(dict.fromkeys(names, nodes[names[0]]), given),
                text=f"{operation.name}({names[0]}, {names[0]})",
            )
            yield from _checked(engine, twice)
    pair = bench.pair
    if pair is not None:
        for name in names:
            yield from _checked(engine, _beside_another(plain, pair, name, operation))


def _beside_another(plain: Expression, pair: Combine, name: str, operation: Operation) -> Expression:
    """Return an operation and the same once more, which have one leaf in common."""
    others = {f"{other}_too": leaf for other, leaf in plain.leaves.items() if other != name}

    def build(nodes: Any, given: Any) -> Any:
        again = {**nodes, **{other.removesuffix("_too"): nodes[other] for other in others}}
        return pair(plain.build(nodes, given), plain.build(again, given))

    regime = "used-twice" if name == next(iter(plain.leaves)) else f"{name.lower().replace('_', '')}-used-twice"
    regime = regime if plain.regime == "ordinary" else f"{regime}-{plain.regime}"
    text = f"{plain.text} beside another with the same {name}"
    return replace(
        plain, regime=regime, leaves={**plain.leaves, **others}, build=build, text=f"{operation.name}: {text}"
    )


def nested(bench: Bench, operation: Operation, way: Way) -> Iterator[Expression]:
    """Yield the expression in which an operation is done to what it has made."""
    plain = way.expression
    first, *others = plain.leaves
    if plain.shape != plain.leaves[first].shape or way.arguments.listed:
        return
    more = {f"{name}_too": plain.leaves[name] for name in others}

    def build(nodes: Any, given: Any) -> Any:
        inner = plain.build(nodes, given)
        return plain.build({**nodes, first: inner, **{name: nodes[f"{name}_too"] for name in others}}, given)

    text = f"{operation.name} of what it has made"
    yield from _checked(
        bench.engine, replace(plain, regime="nested", leaves={**plain.leaves, **more}, build=build, text=text)
    )


def _checked(engine: Engine, expression: Expression) -> Iterator[Expression]:
    """Yield an expression with the shape that it makes, if it can be computed."""
    random = np.random.default_rng(3)
    shape: tuple[int, ...] = ()
    for _ in range(TRIALS):
        values, numbers = expression.drawn(random)
        try:
            with np.errstate(all="ignore"):
                made = run(engine, expression, values, numbers, 1.0, backward=False)
        except Exception:  # noqa: BLE001 - theirs
            return
        shape = made.shape
        if not np.isfinite(made.loss):
            return
    yield replace(expression, shape=shape)


def graphs(bench: Bench, pair: Combine, word: str) -> Iterator[Expression]:
    """Yield expressions in which what was computed is used more than once: what the way through the graph must bear."""
    engine = bench.engine
    leaf = Leaf((3, 4) if engine.is_array else ())

    def diamond(n: Any, _: Any) -> Any:
        u = pair(n["a"], n["b"])
        return pair(pair(u, n["c"]), u)

    def turned(n: Any, _: Any) -> Any:
        u = pair(n["a"], n["b"])
        return pair(u, pair(u, n["c"]))

    def square(n: Any, _: Any) -> Any:
        u = pair(n["a"], n["b"])
        return pair(u, u)

    def long_way(n: Any, _: Any) -> Any:
        u = pair(n["a"], n["b"])
        v = pair(pair(pair(u, n["c"]), n["a"]), u)
        return pair(pair(u, v), pair(v, n["c"]))

    def equal(n: Any, _: Any) -> Any:
        return pair(pair(n["a"], n["c"]), pair(n["b"], n["c"]))

    leaves = {"a": leaf, "b": leaf, "c": leaf}
    plain = {"a": leaf, "b": leaf}
    known = (
        ("ordinary", plain, lambda n, _: pair(n["a"], n["b"]), f"{word} of two nodes"),
        ("diamond", leaves, diamond, f"u = {word} of a and b, used by what is made of u, and beside it"),
        ("diamond-turned", leaves, turned, "the same, u on the left"),
        ("node-used-twice", plain, square, f"u = {word} of a and b, twice in one operation"),
        ("long-way", leaves, long_way, "u reaches the end on ways of different lengths"),
        ("equal-numbers", {"a": leaf, "c": leaf}, equal, "nodes a and b that hold equal numbers"),
    )
    for regime, own, build, text in known:
        twins = {"b": "a"} if regime == "equal-numbers" else {}
        yield from _checked(engine, Expression(regime, own, build, text, twins=twins, closing=bench.closing))


def chains(bench: Bench, singles: Sequence[Expression]) -> Iterator[Expression]:
    """Yield expressions in which operations of one node are done one after the other: all that is made with no other.

    An operation that is not right alone says nothing of the way back: `singles` are right.
    """
    steps = [one for one in singles if len(one.leaves) == 1 and not one.numbers and not one.held]
    for inner, outer in itertools.islice(itertools.permutations(steps, 2), MOST_WAYS):
        if inner.shape == next(iter(outer.leaves.values())).shape:
            yield from _checked(bench.engine, _after(inner, outer, f"chain-{inner.text}-{outer.text}"))
    for one in steps[:1]:
        if one.shape == next(iter(one.leaves.values())).shape:
            twice = _after(one, one, "twice")
            yield from _checked(bench.engine, _after(one, twice, "three-times"))


def _after(inner: Expression, outer: Expression, regime: str) -> Expression:
    """Return one operation, done to what another has made."""
    (name,) = outer.leaves
    regime = "-".join(_word(part) for part in regime.split("-"))
    return replace(
        inner,
        regime=regime,
        build=lambda nodes, given: outer.build({name: inner.build(nodes, given)}, given),
        text=f"{outer.text} of {inner.text}",
    )


def pairs(bench: Bench) -> Iterator[tuple[str, Combine]]:
    """Yield the operations of two nodes that are right where each node is used once."""
    from crosscheck.recognise.engines.expressions import ways

    leaf = Leaf((3, 4) if bench.engine.is_array else ())
    for word, symbol in (("mul", "*"), ("add", "+"), ("sub", "-")):
        for text, combine in ways(bench.engine, word, symbol):
            plain = Expression(
                "ordinary",
                {"a": leaf, "b": leaf},
                lambda n, _, combine=combine: combine(n["a"], n["b"]),
                text,
                shape=leaf.shape,
                closing=bench.closing,
            )
            if quickly_right(bench.engine, plain) is True:
                yield text, combine
                break


__all__ = ["Bench", "Way", "chains", "graphs", "nested", "pairs", "shared", "ways_of", "weights_for"]
