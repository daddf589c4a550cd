"""Gradients that are handed what another function computed: `gradients(X, Y, A)` where `A = output(X, parameters)`.

The file shows where A comes from, in whatever function or loop calls all of them. So the value, `cost(A, Y)`, is a
function of the parameters as well, and the gradient is held against that.
"""

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.value_pairs import OTHER, Before, ValuePair
from crosscheck.recognise.world import World
from crosscheck.source.walking import walk

DEEPEST = 3
"""Functions that are gone through, one after another"""


class Made(NamedTuple):
    """What is assigned in one place, by a call of one of the file's functions."""

    names: tuple[str, ...]
    is_tuple: bool
    function: str
    given: Mapping[str, str]
    """By its arguments, the variables that it is handed"""
    line: int


def composed(pair: ValuePair, tree: ast.Module, nodes: Mapping[str, ast.FunctionDef]) -> Iterator[ValuePair]:
    """Yield the same two functions as they are called together somewhere, with what is computed before."""
    if "." in pair.gradient:
        return
    yield from expressed(pair, tree, nodes)
    for scope in [*(node for node in walk(tree) if isinstance(node, ast.FunctionDef)), tree]:
        calls = [(call.lineno, g) for call in _calls(scope, pair.gradient) if (g := _given(call, nodes[pair.gradient]))]
        values = [g for call in _calls(scope, pair.value) if (g := _given(call, nodes[pair.value]))]
        made = list(_made(scope, nodes))
        for line, given in calls:
            before = list(_before(set(given.values()), made, line))
            if not before:
                continue
            results = {name for one in before for name in one.names}
            shared = [own for own in values if results & set(own.values())] or [_by_names(pair, given)]
            value = shared[0]
            if value is None or not results & set(value.values()):
                continue
            wanted = [*(v for one in before for v in one.given.values()), *given.values(), *value.values()]
            arguments = [name for name in dict.fromkeys(wanted) if name not in results]
            deep = {v for one in before for v in one.given.values()} - results
            yield pair._replace(
                arguments=tuple(arguments),
                shared=frozenset(deep | (set(given.values()) & set(value.values())) - results),
                given=(value, given),
                before=tuple(Before(one.names, one.is_tuple, one.function, one.given) for one in before),
            )


def expressed(pair: ValuePair, tree: ast.Module, nodes: Mapping[str, ast.FunctionDef]) -> Iterator[ValuePair]:
    r"""Yield two functions where a caller hands the value what it makes of what it hands the gradient.

    >>> text = "def f(y, q): return q\ndef f_grad(X, y, b): return b\nb -= f_grad(X, y, b); print(f(y, X @ b))"
    >>> nodes = {node.name: node for node in ast.parse(text).body[:2]}
    >>> pair = ValuePair("f", "f_grad", ("y", "q", "X", "b"), frozenset("y"), ({"y": "y", "q": "q"}, {}), True)
    >>> [dict(one.given[0]) for one in expressed(pair, ast.parse(text), nodes)]
    [{'y': 'y', 'q': 'X @ b'}]
    """
    theirs = [given for call in _calls(tree, pair.gradient) if (given := _given(call, nodes[pair.gradient]))]
    names = [argument.arg for argument in nodes[pair.value].args.args]
    for given in theirs:
        own = {variable: name for name, variable in given.items()}
        for call in _calls(tree, pair.value):
            handed = {name: _in_terms(value, own, nodes) for name, value in zip(names, call.args, strict=False)}
            texts = {name: ast.unparse(value) for name, value in handed.items() if value is not None}
            if (
                len(texts) < len(call.args)
                or call.keywords
                or not any(not text.isidentifier() for text in texts.values())
            ):
                continue
            used = {part.id for value in handed.values() if value for part in walk(value) if isinstance(part, ast.Name)}
            both = {name: name for name in given}
            yield pair._replace(arguments=tuple(given), shared=frozenset(used & both.keys()), given=(texts, both))


def _in_terms(value: ast.expr, own: Mapping[str, str], nodes: Mapping[str, ast.FunctionDef]) -> ast.expr | None:
    """Return an expression in which variables have other names; None if it holds any that have none."""
    made = copy.deepcopy(value)
    for part in (part for part in walk(made) if isinstance(part, ast.Name)):
        if part.id not in own and part.id not in nodes and part.id not in MODULES:
            return None
        part.id = own.get(part.id, part.id)
    return made


MODULES = frozenset(["np", "numpy", "math"])


def _calls(scope: ast.AST, word: str) -> Iterator[ast.Call]:
    for node in walk(scope):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == word:
            yield node


def _given(call: ast.Call, node: ast.FunctionDef) -> dict[str, str]:
    """Return the variables that a call hands to a function, by argument; nothing if it hands anything else."""
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    handed = [*zip(names, call.args, strict=False), *((keyword.arg, keyword.value) for keyword in call.keywords)]
    found = {name: value.id for name, value in handed if name and isinstance(value, ast.Name)}
    return found if len(found) == len(call.args) + len(call.keywords) else {}


def _made(scope: ast.AST, nodes: Mapping[str, ast.FunctionDef]) -> Iterator[Made]:
    """Yield what a scope assigns by calls of the file's functions that neither begin nor move parameters."""
    for node in walk(scope):
        call = node.value if isinstance(node, ast.Assign) else None
        word = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
        if (
            not isinstance(call, ast.Call)
            or word not in nodes
            or (OTHER.search(word) and "predict" not in word.lower())
        ):
            continue
        target = node.targets[0]  # pyright: ignore[reportAttributeAccessIssue]
        parts = target.elts if isinstance(target, ast.Tuple) else [target]
        names = tuple(part.id for part in parts if isinstance(part, ast.Name))
        given = _given(call, nodes[word])
        if given and len(names) == len(parts):
            yield Made(names, isinstance(target, ast.Tuple), word, given, node.lineno)  # pyright: ignore


def _before(wanted: set[str], made: Sequence[Made], line: int, depth: int = 0) -> Iterator[Made]:
    """Yield what computes some variables last before a line, and before that what computes those that it needs."""
    for name in sorted(wanted):
        found = [one for one in made if name in one.names and one.line < line and name not in one.given.values()]
        if found and depth < DEEPEST:
            last = max(found, key=lambda one: one.line)
            yield from _before(set(last.given.values()), made, last.line, depth + 1)
            yield last


def _by_names(pair: ValuePair, given: Mapping[str, str]) -> dict[str, str] | None:
    """Return what a value would be handed where nobody calls it: what the gradient is handed under the same names."""
    known = {own: given[name] for name, own in pair.given[1].items() if isinstance(own, str) and name in given}
    wanted = {name: known.get(own) if isinstance(own, str) else None for name, own in pair.given[0].items()}
    found = {name: variable for name, variable in wanted.items() if variable is not None}
    return found if len(found) == len(wanted) else None


def called(world: World, pair: ValuePair) -> Entry | None:
    """Return a call of all the functions together that the recorded calls of each tell; None if they do not."""
    entries = world.hooks.entries
    for last in reversed([entry for entry in entries.get(pair.gradient, ()) if entry.finished]):
        known = {
            variable: last.arguments[name] for name, variable in pair.given[1].items() if isinstance(variable, str)
        }
        for one in reversed(pair.before):
            earlier = [entry for entry in entries.get(one.function, ()) if entry.finished and entry.order < last.order]
            fitting = [entry for entry in earlier if _returns(entry, one, known)]
            if not fitting:
                break
            known |= {variable: fitting[-1].arguments[name] for name, variable in one.given.items()}
        for entry in entries.get(pair.value, ()):
            for name, variable in pair.given[0].items():
                if isinstance(variable, str) and name in entry.arguments:
                    known.setdefault(variable, entry.arguments[name])
        if all(name in known for name in pair.arguments):
            arguments = {name: known[name] for name in pair.arguments}
            arguments |= {"self": last.arguments["self"]} if "self" in last.arguments else {}
            return Entry(pair.name, arguments, last.names, {}, finished=True, order=last.order)
    return None


def _returns(entry: Entry, one: Before, known: Mapping[str, object]) -> bool:
    """Tell whether a call returned what is known of the variables that it was assigned to."""
    returned = entry.returned if one.is_tuple else (entry.returned,)
    if not isinstance(returned, tuple) or len(returned) != len(one.names):
        return False
    pairs = [(value, known[name]) for name, value in zip(one.names, returned, strict=True) if name in known]
    arrays = [(value, held) for value, held in pairs if isinstance(value, np.ndarray) and isinstance(held, np.ndarray)]
    return bool(pairs) and all(np.array_equal(value, held) for value, held in arrays)
