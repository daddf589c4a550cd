"""Every operation of an engine tried: how it can be called, which lines are its own, and what a first look shows."""

import ast
import types
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from crosscheck.recognise.engines.building import Bench, Combine, Way, nested, pairs, shared, ways_of
from crosscheck.recognise.engines.engine import Engine
from crosscheck.recognise.engines.expressions import (
    NOTHING,
    Expression,
    alone_with,
    closings,
    possible_closings,
    quickly_right,
)
from crosscheck.recognise.engines.operations import BATCHES, BROADCAST, DUNDERS, Operation, operations_of
from crosscheck.recognise.engines.tracing import Spot, Trace, traced
from crosscheck.source.walking import walk


@dataclass
class Tried:
    """One operation with what was seen of it."""

    operation: Operation
    ways: list[Way]
    expressions: list[Expression] = field(default_factory=list)
    sharing: list[Expression] = field(default_factory=list)
    """Those in which something is used twice"""
    trace: Trace = field(default_factory=Trace)
    right: dict[str, bool | None] = field(default_factory=dict)
    """By regime, at a first look; None where it raises"""
    own: frozenset[Spot] = frozenset()
    """Lines of the way back that belong to it"""
    made_of: list["Tried"] = field(default_factory=list)
    """Other operations that it is made of, and nothing else"""
    code: types.CodeType | None = None
    """Of the function that it is"""

    @property
    def multiplies(self) -> bool:
        """Whether it is a product of matrices, for which shapes mean something else."""
        return any(way.arguments.shapes[:2] == ((3, 4), (4, 2)) for way in self.ways)

    @property
    def is_right(self) -> bool:
        """Whether nothing that is its own was wrong at a first look."""
        return all(self.right[one.regime] is True for one in (*self.expressions, *self.sharing))

    @property
    def is_wrong(self) -> bool:
        """Whether something was wrong at a first look, and did not only raise, as a logarithm does below zero."""
        return any(self.right[one.regime] is False for one in (*self.expressions, *self.sharing))

    @property
    def shares_right(self) -> bool:
        """Whether what is used twice came out right at a first look."""
        return all(self.right[one.regime] is not False for one in self.sharing)


class Trials:
    """All operations of one engine."""

    def __init__(self, engine: Engine, tree: ast.Module) -> None:
        self.engine, self.tree = engine, tree
        self.tried: list[Tried] = []
        self.failed: list[Operation] = []
        """What looks like an operation and could not be called"""
        self.way_back: set[Spot] = set()
        """Lines that every operation is gone back through with"""
        self.known: list[tuple[str, Combine]] = []
        """Operations of two nodes that are right where each is used once"""
        plain = (one for one in possible_closings(engine) if not one.weighted)
        self.bare = sorted(plain, key=lambda one: one.text != NOTHING)

    def run(self) -> None:
        """Try every operation, with the ways to give an upstream gradient in turn until most come back right."""
        operations = operations_of(self.engine, self.tree)
        for closing in (*closings(self.engine), self.bare[0]):
            self.known = list(pairs(Bench(self.engine, closing, None)))
            self.bench = Bench(self.engine, closing, self.known[0][1] if self.known else None)
            self._try(operations)
            if 2 * len(self.right_ones()) >= len(self.simple()):
                break
        self._leave_out_unusual()

    def simple(self) -> list[Tried]:
        """Return the operations that are made of no others."""
        return [tried for tried in self.tried if not tried.made_of]

    def right_ones(self) -> list[Tried]:
        """Return those that are right where they are used in the plainest way."""
        return [tried for tried in self.simple() if tried.right[tried.expressions[0].regime] is True]

    def accumulates(self, tried: Tried) -> bool:
        """Tell whether the lines of an operation write gradients themselves."""
        lines = {line for _, line in tried.own}
        if not lines or not self.engine.gradient_name:
            return False
        found = False
        for node in walk(self.tree):
            if isinstance(node, ast.Attribute) and node.attr == self.engine.gradient_name and node.lineno in lines:
                found = found or isinstance(node.ctx, ast.Store) or _is_written_into(node, self.tree)
        return found

    def _try(self, operations: Sequence[Operation]) -> None:
        """Call the operations, find their lines, and take a first look at them."""
        self.tried, self.failed = [], []
        for operation in operations:
            ways = ways_of(self.bench, operation)
            if ways:
                self.tried.append(self._tried(operation, ways))
            elif self._should_be_one(operation):
                self.failed.append(operation)
        self._attribute()
        for tried in self.tried:
            self._look(tried)

    def _leave_out_unusual(self) -> None:
        """Hold shapes that not every engine is made for against an operation only where this engine is."""
        unusual = {
            (id(tried), way.expression.regime): way.arguments.unusual
            for tried in self.tried
            for way in tried.ways
            if way.arguments.unusual
        }
        meant = any(
            tried.right.get(regime) is True and unusual.get((id(tried), regime)) == BROADCAST
            for tried in self.tried
            for regime in tried.right
        )
        for tried in self.tried:
            for expression in tried.expressions[1:]:
                kind = unusual.get((id(tried), expression.regime))
                kind = BATCHES if kind and tried.multiplies else kind
                if kind and not (kind == BROADCAST and meant) and tried.right[expression.regime] is not True:
                    tried.expressions.remove(expression)
                    tried.sharing = [one for one in tried.sharing if not one.regime.endswith(expression.regime)]
                    del tried.right[expression.regime]

    def _tried(self, operation: Operation, ways: list[Way]) -> Tried:
        tried = Tried(operation, ways, [way.expression for way in ways], code=_code_of(self.engine, operation))
        broadcast = [way for way in ways if way.arguments.unusual == BROADCAST]
        for way in (ways[0], *broadcast[:1], *broadcast[3:4]):
            tried.sharing += shared(self.bench, operation, way)
        tried.expressions += nested(self.bench, operation, ways[0])
        for way in ways:
            tried.trace = tried.trace.joined(self._trace(way.expression))
        return tried

    def _trace(self, expression: Expression) -> Trace:
        """Run an expression with as little else as possible, and leave out what that adds to the way back."""
        for closing in (*self.bare, self.bench.closing):
            trace = traced(self.engine, replace(expression, closing=closing))
            alone = traced(self.engine, alone_with(self.engine, closing)) if trace else None
            if trace and alone and closing not in self.bare[-1:]:
                trace.backward -= {spot for spot in alone.backward if not self._is_way_back(spot[0])}
            if trace:
                return trace
        return traced(self.engine, replace(expression, closing=self.bare[0]), whole=False) or Trace()

    def _attribute(self) -> None:
        """Find out which lines of the way back belong to which operation."""
        forward = {code for tried in self.tried for code, _ in tried.trace.forward}
        backs = [tried.trace.backward for tried in self.tried if tried.trace.backward]
        common = set.intersection(*backs) if len(backs) > 1 else set()
        walks = {spot for back in backs for spot in back if self._is_way_back(spot[0])}
        self.way_back = common if len(backs) > 2 else walks
        owners: dict[Spot, int] = {}
        for tried in self.tried:
            if not self._calls_others(tried):
                for spot in tried.trace.backward:
                    owners[spot] = owners.get(spot, 0) + 1
        for tried in self.tried:
            own = {spot for spot in tried.trace.backward if spot[0] not in forward and spot not in self.way_back}
            tried.own = frozenset(
                spot
                for spot in own
                if not self._is_constructor(spot[0]) and (owners.get(spot) == 1 or not self._is_way_back(spot[0]))
            )
        self.way_back |= {spot for spot in walks if owners.get(spot) != 1}
        for tried in self.tried:
            inner = self._calls_others(tried)
            if tried.own <= {spot for other in inner for spot in other.own}:
                tried.made_of = inner

    def _look(self, tried: Tried) -> None:
        for expression in (*tried.expressions, *tried.sharing):
            tried.right[expression.regime] = quickly_right(self.engine, expression)

    def _calls_others(self, tried: Tried) -> list[Tried]:
        """Return the operations that are called by another one."""
        codes = {code for code, _ in tried.trace.forward} - {tried.code}
        return [
            other
            for other in self.tried
            if other.code in codes and tried.code not in {code for code, _ in other.trace.forward}
        ]

    def _is_way_back(self, code: types.CodeType) -> bool:
        owner = f"{self.engine.name}." if self.engine.method else ""
        start = f"{owner}{self.engine.backward_name}"
        return code.co_qualname == start or code.co_qualname.startswith(f"{start}.")

    def _is_constructor(self, code: types.CodeType) -> bool:
        return code.co_qualname.startswith(f"{self.engine.name}.__init__")

    def is_made_of_others(self, operation: Operation) -> bool:
        """Tell whether an operation only calls others: it makes no node, keeps no function, and writes no gradient."""
        code = getattr(operation.described, "__code__", None)
        if code is None or any(isinstance(constant, types.CodeType) for constant in code.co_consts):
            return False
        return not {self.engine.name, self.engine.gradient_name, "type", "__class__", "cls"} & set(code.co_names)

    def _should_be_one(self, operation: Operation) -> bool:
        """Tell whether what could not be called looks like an operation all the same."""
        if not operation.is_one:
            return False
        if DUNDERS.search(operation.word):
            return True
        code = getattr(operation.described, "__code__", None)
        used = code.co_names if code is not None else ()
        return self.engine.name in used and self.engine.data_name in used


def _is_written_into(node: ast.Attribute, tree: ast.Module) -> bool:
    """Tell whether something is written into what a node holds: `self.grad[index] += g`."""
    for outer in walk(tree):
        if isinstance(outer, ast.Subscript) and isinstance(outer.ctx, ast.Store) and outer.value is node:
            return True
        if isinstance(outer, ast.Call) and outer.args[:1] == [node] and ast.unparse(outer.func).endswith(".at"):
            return True
    return False


def _code_of(engine: Engine, operation: Operation) -> types.CodeType | None:
    """Return the code of the function that an operation is."""
    described = operation.described
    member = vars(engine.cls).get(operation.word) if "." in operation.name else None
    if isinstance(member, property):
        described = member.fget
    described = getattr(described, "__func__", described)
    if isinstance(described, type):
        described = vars(described).get("__init__")
    return getattr(described, "__code__", None)
