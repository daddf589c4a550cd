"""From a file to the units of its engine: one for each operation, and one for the way back through the graph."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crosscheck.recognise.engines.building import chains, graphs
from crosscheck.recognise.engines.cases import EngineCases
from crosscheck.recognise.engines.engine import Engine, engines_in
from crosscheck.recognise.engines.expressions import Expression, quickly_right
from crosscheck.recognise.engines.oracle import EngineOracle
from crosscheck.recognise.engines.reading import definitions, may_hold_engine
from crosscheck.recognise.engines.subject import EngineSubject
from crosscheck.recognise.engines.trials import Trials, Tried
from crosscheck.recognise.engines.uncleared import never_cleared
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.world import FILENAME, Plan, World
from crosscheck.source import Document
from crosscheck.source.walking import walk

SECONDS = 3.0
"""For what a file defines; its training is not run"""


@dataclass
class Engines:
    """What was found."""

    units: list[Unit] = field(default_factory=list)
    skipped: list[tuple[str, str, int]] = field(default_factory=list)
    """Name, reason and line"""
    names: frozenset[str] = frozenset()
    """Functions of the file that belong to an engine"""
    ways_back: frozenset[str] = frozenset()
    """What the functions are called that go back through one"""
    world: World | None = None
    remarks: list[str] = field(default_factory=list)
    """What was left out without harm"""


def engines_of(document: Document, plan: Plan, only: str | None = None) -> Engines:
    """Return the units of the engines in a file; none if it has none."""
    found = Engines()
    if not may_hold_engine(document.tree):
        return found
    world = World(definitions(document), replace(plan, small_sizes=False, call=None), SECONDS).run()
    world.document = document
    found.world = world
    for engine in engines_in(world):
        found.ways_back |= {engine.backward_name}
        _Search(document, engine, found, only).run()
        faults = never_cleared(document.tree, engine.name, engine.gradient_name, engine.backward_name)
        if found.units and faults:
            found.units[-1] = replace(found.units[-1], faults=(*found.units[-1].faults, *faults))
    return found


class _Search:
    """The way from one engine to its units."""

    def __init__(self, document: Document, engine: Engine, found: Engines, only: str | None) -> None:
        self.document, self.engine, self.found, self.only = document, engine, found, only
        self.trials = Trials(engine, document.tree)
        self.apart: list[Expression] = []
        """Expressions that the way back is judged by, beside graphs"""
        self.left_out: list[tuple[Tried, list[Expression], list[Expression]]] = []
        self.is_blamed = False
        """Whether most operations are wrong one after the other"""
        self.graphs: list[Expression] = []
        self.graphs_right: dict[str, bool | None] = {}

    def run(self) -> None:
        """Try every operation, then make units of them."""
        self.trials.run()
        for operation in self.trials.failed:
            reason = operation.problem or "no arguments were found that it can be called with"
            if self.trials.is_made_of_others(operation):
                self.found.remarks.append(
                    f"{operation.name} was left out, which has no derivative of its own: {reason}"
                )
            else:
                self.found.skipped.append((operation.name, f"it could not be called: {reason}", operation.line))
        self._blame_the_way_back()
        self._see_graphs()
        self._leave_sharing()
        self._units()
        self._cover()

    def _see_graphs(self) -> None:
        """Build graphs with an operation that is right wherever a node is used once.

        Where nodes that hold equal numbers are taken for one another, operations of one node are not used twice: their
        results would be equal.
        """
        faulty = {tried.operation.word for tried in self.trials.tried if not tried.shares_right}
        words = {"*": {"__mul__", "mul", "multiply"}, "+": {"__add__", "add"}, "-": {"__sub__", "sub"}}
        good = [(word, pair) for word, pair in self.trials.known if not words.get(word, {word}) & faulty]
        self.graphs = list(graphs(self.trials.bench, good[0][1], good[0][0])) if good else []
        self.graphs_right = {one.regime: quickly_right(self.engine, one) for one in self.graphs}
        if self.graphs and all(self.graphs_right.values()):  # the way back is right after all
            for tried, expressions, sharing in reversed(self.left_out):
                tried.expressions, tried.sharing = expressions, sharing
            self.is_blamed = False
        if self.graphs_right.get("equal-numbers") is False:
            for tried in self.trials.tried:
                tried.sharing = [one for one in tried.sharing if len(one.leaves) > 1]

    def _leave_sharing(self) -> None:
        """Leave what is used twice to the way back where that adds up the gradients."""
        for tried in self.trials.tried:
            if not tried.made_of and not self.trials.accumulates(tried):
                if all(tried.right[one.regime] is True for one in tried.expressions):
                    self.apart += tried.sharing
                tried.sharing = []
        for tried in self.trials.tried:
            if tried.made_of and not any(other.sharing for other in tried.made_of):
                tried.sharing = []

    def _blame_the_way_back(self) -> None:
        """Leave to the way back what goes wrong whichever operation is meant: it is no operation's fault.

        Where most operations are right alone and wrong one after the other, what carries gradients on is at fault.
        """
        for kind in ("nested", "used-twice"):
            holding = [
                (tried, regime) for tried in self.trials.right_ones() for regime in tried.right if kind in regime
            ]
            wrong = [regime for tried, regime in holding if tried.right[regime] is not True]
            is_blamed = len(wrong) > 1 and 2 * len(wrong) >= len(holding)
            self.is_blamed |= kind == "nested" and is_blamed
            if is_blamed and (self.is_blamed or not self.trials.bench.closing.weighted):
                for tried in self.trials.tried:
                    kept = [one for one in tried.expressions if kind not in one.regime] or tried.expressions[:1]
                    self.left_out.append((tried, tried.expressions, tried.sharing))
                    tried.expressions = kept
                    tried.sharing = [one for one in tried.sharing if kind not in one.regime]

    def _units(self) -> None:
        nothing_is_right = len(self.trials.simple()) > 1 and not self.trials.right_ones()
        if nothing_is_right:
            self.apart = [tried.expressions[0] for tried in self.trials.simple()]
        for tried in self.trials.tried:
            name, line = tried.operation.name, tried.operation.line
            wrong = [other.operation.name for other in tried.made_of if other.is_wrong]
            is_right_somewhere = any(tried.right.values()) and not (wrong or tried.is_wrong)
            if not self._is_wanted(name) or (tried.made_of and (tried.is_right or is_right_somewhere)):
                continue
            if wrong:
                verb = "are" if len(wrong) > 1 else "is"
                self.found.skipped.append((name, f"it is made of {', '.join(wrong)}, which {verb} not right", line))
            elif nothing_is_right or (tried.made_of and (self.is_blamed or not self.trials.bench.closing.weighted)):
                self.found.skipped.append((name, f"{self.back_name} leaves no gradient right", line))
            else:
                expressions = [*tried.expressions, *tried.sharing]
                self.found.units.append(self._unit(name, expressions, self._editable(tried), tried.right))
        self._graph_unit()

    @property
    def back_name(self) -> str:
        """What goes back, as the author calls it."""
        return f"{self.engine.name}.{self.engine.backward_name}" if self.engine.method else self.engine.backward_name

    def _editable(self, tried: Tried) -> frozenset[int]:
        if tried.own:
            return frozenset(line for _, line in tried.own)
        code = tried.code
        inner = [spot for spot in tried.trace.forward if code and spot[0].co_qualname.startswith(code.co_qualname)]
        return frozenset(line for _, line in inner)

    def _graph_unit(self) -> None:
        """Judge the way back itself, with an operation that is right wherever a node is used once."""
        if not self._is_wanted(self.back_name):
            return
        expressions = list(self.graphs)
        expressions += [replace(one, regime=f"{one.regime}-{n}") for n, one in enumerate(self.apart[:6])]
        if not expressions:
            singles = [one for tried in self.trials.right_ones() for one in tried.expressions[:1]]
            expressions = list(chains(self.trials.bench, singles))
        line = min((line for _, line in self.trials.way_back), default=1)
        if not expressions:
            reason = "no operation of two nodes was found right that a graph could be built with"
            self.found.skipped.append((self.back_name, reason, line))
            return
        right = {one.regime: quickly_right(self.engine, one) for one in expressions[len(self.graphs) :]}
        editable = frozenset(line for _, line in self.trials.way_back)
        self.found.units.append(self._unit(self.back_name, expressions, editable, {**self.graphs_right, **right}))

    def _unit(
        self, name: str, expressions: Sequence[Expression], editable: frozenset[int], right: Mapping[str, bool | None]
    ) -> Unit:
        order = sorted((one.regime for one in expressions), key=lambda regime: right.get(regime) is not False)
        cases = EngineCases(expressions, order)
        subject = EngineSubject(self.engine, expressions, name)
        leaves = dict.fromkeys(leaf for one in expressions for leaf in one.leaves)
        example = cases.build(cases.draw(0, 0)).arguments
        unit = Unit(
            name=name,
            document=self.document,
            world=self.engine.world,
            subject=subject,
            example=example,
            cases=cases,  # pyright: ignore[reportArgumentType]
            editable=editable,
            functions=tuple(_holding(self.document.tree, editable)),
            names={leaf: f"{leaf}.{self.engine.gradient_name or 'grad'}" for leaf in leaves},
            upstream=frozenset(_upstream(self.document.tree, editable, self.engine)),
            is_operation=True,
        )
        object.__setattr__(unit, "_oracle", EngineOracle(subject, subject.without_backward()))
        return unit

    def _is_wanted(self, name: str) -> bool:
        return not self.only or self.only in (name, name.rpartition(".")[2])

    def _cover(self) -> None:
        """Note the functions that belong to the engine."""
        names = set(self.found.names)
        codes = {code for tried in self.trials.tried for code, _ in (*tried.trace.forward, *tried.trace.backward)}
        names |= {code.co_qualname.partition(".<locals>")[0] for code in codes if code.co_filename == FILENAME}
        names |= {f"{self.engine.name}.{name}" for name in vars(self.engine.cls)}
        self.found.names = frozenset(names)


def _upstream(tree: ast.Module, lines: Collection[int], engine: Engine) -> Iterator[str]:
    """Yield what holds an upstream gradient: `out.grad`, and the arguments of what is handed one on some lines."""
    for node in walk(tree):
        if isinstance(node, ast.Lambda) and node.body.lineno in lines:
            yield from (argument.arg for argument in node.args.args)
        elif isinstance(node, ast.FunctionDef):
            inner = {one.lineno for one in walk(node) if isinstance(one, ast.stmt)}
            if node.body[0].lineno in lines:
                yield from (one.arg for one in node.args.args if one.arg not in ("self", "ctx", "context"))
            elif inner & set(lines) and engine.gradient_name:
                made = (one for one in walk(node) if isinstance(one, ast.Assign) and len(one.targets) == 1)
                for one in made:
                    if isinstance(one.value, ast.Call) and ast.unparse(one.value.func) == engine.name:
                        yield f"{ast.unparse(one.targets[0])}.{engine.gradient_name}"


def _holding(tree: ast.Module, lines: Collection[int]) -> Iterator[ast.AST]:
    """Yield the functions and methods that hold some of the lines."""
    for node in tree.body:
        for inner in node.body if isinstance(node, ast.ClassDef) else [node]:
            last = getattr(inner, "end_lineno", None) or inner.lineno
            if isinstance(inner, ast.FunctionDef) and any(inner.lineno <= line <= last for line in lines):
                yield inner
