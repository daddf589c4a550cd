"""Expressions that compute what a statement should: its own, with one part exchanged, or a term more.

What the statement should compute is known, and so is all that it could use: whether an expression is right can be told
by its value alone, thousands of times a second. What is right here is an edit like any other, to be tried and judged.
"""

import ast
import copy
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from crosscheck.repair.adjoints.blame import Inquest, unexplained
from crosscheck.repair.adjoints.culprit import Culprit
from crosscheck.repair.adjoints.marks import VALUE
from crosscheck.repair.adjoints.scenes import Scene
from crosscheck.repair.adjoints.words import Word, is_usable, value_of, words_of
from crosscheck.repair.candidate import Candidate
from crosscheck.repair.clock import Clock
from crosscheck.repair.places import Place
from crosscheck.repair.scope import Scope
from crosscheck.repair.syntax import computed, targets

NEAR = 1e-7
"""Share of the largest entry by which a right value may be off"""
PART = "__part__"
MANY = 10
"""Edits that are handed on"""
CHEAP, DEAR, NEW = 2.0, 3.0, 4.5
"""Costs of an exchanged part, of a factor or term more, and of an expression that has little to do with the old one"""


@dataclass(frozen=True)
class _Made:
    text: str
    value: Any
    code: str
    cost: float


class Rewriting:
    """The expressions for one statement."""

    def __init__(self, scope: Scope, place: Place, value: ast.expr, scenes: Sequence[Scene], seconds: float) -> None:
        self.scope, self.place, self.value, self.scenes, self.seconds = scope, place, value, scenes, seconds
        self.clock = Clock()
        self.scene = scenes[0]
        self.words = words_of(self.scene, scope)
        self.whole = ast.unparse(value)
        self.found: dict[str, Candidate] = {}

    def candidates(self) -> list[Candidate]:
        """Return the edits under which the statement computes what it should, the likeliest first."""
        with np.errstate(all="ignore"):
            for node in _parts(self.value):
                self._exchange(node)
            if not self.found:
                self._add()
        return sorted(self.found.values(), key=lambda one: one.cost)[:MANY]

    def _exchange(self, node: ast.expr) -> None:
        """Try whatever may stand in the place of one part."""
        own = ast.unparse(node)
        now = value_of(own, self.scene)
        code = compile(_with_part(self.value, node), "<edit>", "eval")
        variables = dict(self.scene.variables)
        for made in self._in_place_of(node, own, now):
            if self.clock.spent > self.seconds:
                return
            variables[PART] = made.value
            try:
                value = eval(code, self.scene.names, variables)  # noqa: S307 - their own expression
            except Exception:  # noqa: BLE001, S112 - it was not written for this
                continue
            if _is_near(value, self.scene.true):
                self._keep(node, made)

    def _in_place_of(self, node: ast.expr, own: str, now: Any) -> Iterator[_Made]:
        if isinstance(node, ast.Call):
            for name, function in self._relatives(node.func):
                text = f"{name}({own.partition('(')[2]}"
                value = value_of(text, self.scene)
                if callable(function) and is_usable(value):
                    yield _Made(text, value, "wrong-activation-derivative", CHEAP)
        if not is_usable(now):
            return
        bracketed = own if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call) else f"({own})"
        is_mask = _is_mask(now)
        yield from () if is_mask else _alone(bracketed, now, self.scope.numpy)
        for word in self.words:
            if word.text == own:
                continue
            shape = np.shape(word.value)
            if shape == np.shape(now):
                yield _Made(word.text, word.value, "wrong-variable", CHEAP + 0.5 * (not shape))
            elif shape[::-1] == np.shape(now):
                yield _Made(f"{word.text}.T", word.value.T, "wrong-variable", CHEAP + 0.5)
            if is_mask or not _spreads(shape, np.shape(now)):
                continue
            for symbol, apply, code in OPERATIONS[:1] if _is_mask(word.value) else OPERATIONS:
                yield _Made(f"({bracketed} {symbol} {word.text})", apply(now, word.value), code, DEAR)
            if shape and not _is_mask(word.value):
                for text, slope in _slopes(word):
                    yield _Made(f"({bracketed} * {text})", now * slope, "derivative-forgotten", DEAR + 0.3)

    def _relatives(self, function: ast.expr) -> Iterator[tuple[str, Any]]:
        """Yield the functions that were imported from where a function was, and those of the file."""
        names, own = self.scene.names, ast.unparse(function)
        known = value_of(own, self.scene)
        home = getattr(known, "__module__", None) or ""
        for name, value in names.items():
            is_other = callable(value) and not isinstance(value, type) and name != own and not name.startswith("__")
            if is_other and isinstance(function, ast.Name) and (getattr(value, "__module__", None) or "") == home:
                yield name, value

    def _add(self) -> None:
        """Try terms that are products of two things, and expressions that are nothing else."""
        now = value_of(self.whole, self.scene)
        true = self.scene.true
        rest = true - now if is_usable(now) and np.shape(now) == true.shape else None
        arrays = [word for word in self.words if np.ndim(word.value) and not _is_mask(word.value)]
        for one in arrays:
            for other in arrays:
                if self.clock.spent > self.seconds:
                    return
                for text, value in _products(one, other, true.shape):
                    if rest is not None and np.any(rest) and _is_near(value, rest):
                        self._keep(self.value, _Made(f"{self.whole} + {text}", None, "missing-term", NEW))
                    elif rest is not None and np.any(rest) and _is_near(-value, rest):
                        self._keep(self.value, _Made(f"{self.whole} - {text}", None, "missing-term", NEW))
                    elif _is_near(value, true):
                        self._keep(self.value, _Made(text, None, "wrong-variable", NEW + 1))

    def _keep(self, node: ast.expr, made: _Made) -> None:
        """Keep an edit whose expression is right in every other scene as well."""
        whole = ast.unparse(_with_part(self.value, node)).replace(PART, f"({made.text})")
        if all(_is_near(value_of(whole, scene), scene.true) for scene in self.scenes[1:]):
            text = ast.unparse(ast.parse(made.text)) if node is self.value else made.text  # no brackets around all
            edit = self.scope.text.replace(node, text)
            about = next(targets(self.place.statement), "")
            cost = made.cost + 0.02 * len(made.text)
            code = "derivative-of-activated-value" if self._is_activated(node, made) else made.code
            self.found.setdefault(whole, Candidate((edit,), node.lineno, code, cost, about))

    def _is_activated(self, node: ast.expr, made: _Made) -> bool:
        """Tell whether what is exchanged is what a function of the file, or tanh, makes of what takes its place."""
        if made.code != "wrong-variable" or made.value is None:
            return False
        own = value_of(ast.unparse(node), self.scene)
        functions = [f for f in self.scene.names.values() if isinstance(f, types.FunctionType)]
        for function in [np.tanh, *(f for f in functions if f.__code__.co_argcount == 1)]:
            try:
                if np.shape(own) and _is_near(function(np.array(made.value)), np.asarray(own, float)):
                    return True
            except Exception:  # noqa: BLE001, S112 - it was not written for this
                continue
        return False


def rewritten(inquest: Inquest, scope: Scope, seconds: float) -> list[Candidate]:
    """Return the edits under which the statements that are to blame compute what they should, all of them together."""
    joined: list[Candidate] = []
    for blame in inquest.blames:
        own = _of_statement(inquest, blame.culprit, scope, seconds / len(inquest.blames))
        if not unexplained(blame):  # how the values differ says more than how the edit does
            own = [replace(one, code=blame.code) for one in own]
        joined = [a.joined(b) for a in joined for b in own if not a.overlaps(b)] if joined else own
        if not joined:
            return []
    return sorted(joined, key=lambda one: one.cost)[:MANY]


def _of_statement(inquest: Inquest, culprit: Culprit, scope: Scope, seconds: float) -> list[Candidate]:
    mark, inquiry = culprit.mark, inquest.inquiry
    if mark.kind != VALUE or mark.node is None or mark.statement is None or inquiry is None:
        return []
    written, start = ast.unparse(mark.node), (mark.statement.lineno, mark.statement.col_offset)
    for place in scope.editable:
        if (place.statement.lineno, place.statement.col_offset) == start:
            value = next((node for node in values_in(place.statement) if ast.unparse(node) == written), None)
            scenes = inquiry.scenes(culprit) if value is not None else []
            if value is not None and scenes:
                return Rewriting(scope, place, value, scenes, seconds).candidates()
    return []


def values_in(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield what a statement computes, and what it hands to a call."""
    yield from computed(statement)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        yield from statement.value.args[-1:]


OPERATIONS: tuple[tuple[str, Callable[[Any, Any], Any], str], ...] = (
    ("*", np.multiply, "missing-factor"),
    ("/", np.divide, "constant-factor"),
    ("+", np.add, "missing-term"),
    ("-", np.subtract, "missing-term"),
)


def _alone(text: str, value: Any, numpy: str) -> Iterator[_Made]:
    """Yield what may become of a value without anything else."""
    yield _Made(f"({text} ** 2)", value**2, "wrong-power", CHEAP)
    yield _Made(f"(-{text})", -value, "wrong-sign", CHEAP)
    yield _Made(f"(1 - {text})", 1 - value, "wrong-activation-derivative", CHEAP + 0.5)
    yield _Made(f"(1 / {text})", 1 / value, "wrong-power", CHEAP + 1)
    for name in ("sign", "abs", "sqrt", "exp"):
        yield _Made(f"{numpy}{name}({text})", getattr(np, name)(value), "wrong-power", CHEAP + 1)
    if np.ndim(value) == 2:
        yield _Made(f"{text}.T", value.T, "transpose", CHEAP)
    if np.ndim(value) >= 2:
        yield _Made(f"{text}[..., ::-1, ::-1]", value[..., ::-1, ::-1], "transpose", CHEAP + 0.5)


def _slopes(word: Word) -> Iterator[tuple[str, Any]]:
    yield f"(1 - {word.text} ** 2)", 1 - word.value * word.value
    yield f"({word.text} * (1 - {word.text}))", word.value * (1 - word.value)
    yield f"({word.text} > 0)", word.value > 0


def _products(one: Word, other: Word, shape: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
    a, b = one.value, other.value
    if a.shape == b.shape == shape:
        yield f"{one.text} * {other.text}", a * b
    if a.shape == shape == b.shape:
        for text, slope in _slopes(other):
            yield f"{one.text} * {text}", a * slope
    if a.ndim > 2 or b.ndim > 2:
        return
    for left, x in ((one.text, a), (f"{one.text}.T", a.T)):
        for right, y in ((other.text, b), (f"{other.text}.T", b.T)):
            if x.shape[-1] == y.shape[0] and (*x.shape[:-1], *y.shape[1:]) == shape:
                yield f"{left} @ {right}", x @ y


def _spreads(shape: tuple[int, ...], over: tuple[int, ...]) -> bool:
    """Tell whether something of one shape can be spread over another."""
    pairs = zip(shape[::-1], over[::-1], strict=False)
    return len(shape) <= len(over) and all(n in (1, m) for n, m in pairs)


def _parts(value: ast.expr) -> Iterator[ast.expr]:
    """Yield the parts of an expression that have values of their own, the whole first."""
    yield value
    for child in ast.iter_child_nodes(value):
        if isinstance(value, ast.Subscript) and child is value.slice:
            continue
        if isinstance(value, ast.Call) and child is value.func:
            if isinstance(child, ast.Attribute):
                yield from _parts(child.value)
            continue
        if isinstance(child, ast.keyword):
            continue
        if isinstance(child, ast.expr) and not isinstance(child, ast.Constant | ast.Lambda | ast.ListComp):
            yield from _parts(child)


def _with_part(value: ast.expr, node: ast.expr) -> ast.Expression:
    """Return an expression with a name in the place of one of its parts."""
    path = next(_paths(value, node))
    made = ast.Expression(copy.deepcopy(value))
    owner: Any = made
    steps = [("body", None), *path]
    for name, place in steps[:-1]:
        owner = getattr(owner, name) if place is None else getattr(owner, name)[place]
    name, place = steps[-1]
    part = ast.copy_location(ast.Name(PART, ast.Load()), node)
    if place is None:
        setattr(owner, name, part)
    else:
        getattr(owner, name)[place] = part
    return made


def _paths(value: ast.AST, node: ast.AST) -> Iterator[list[tuple[str, int | None]]]:
    if value is node:
        yield []
    for name, field in ast.iter_fields(value):
        for place, child in enumerate(field) if isinstance(field, list) else [(None, field)]:
            if isinstance(child, ast.AST):
                for rest in _paths(child, node):
                    yield [(name, place), *rest]


def _is_mask(value: Any) -> bool:
    return np.asarray(value).dtype.kind == "b"


def _is_near(value: Any, true: np.ndarray) -> bool:
    try:
        array = np.asarray(value, float)
    except (TypeError, ValueError):
        return False
    if array.shape != true.shape:
        return False
    return bool(np.max(np.abs(array - true)) <= NEAR * float(np.max(np.abs(true), initial=1e-300)))
