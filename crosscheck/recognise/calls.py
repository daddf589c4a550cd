"""Functions that compute a loss and its gradients in one call: the gist's shape, and methods like it."""

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.cases import CallCases
from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.leaves import spelled
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.roles import Roles, find, is_floating
from crosscheck.recognise.slices import backward_lines
from crosscheck.recognise.subject import CallSubject
from crosscheck.recognise.unit import Unit
from crosscheck.recognise.world import World
from crosscheck.source import Document

TRUNCATION = naming.re.compile(r"trunc|bptt", naming.re.IGNORECASE)


def unit_of(document: Document, world: World, entry: Entry, node: ast.FunctionDef) -> Unit | None:
    """Return the unit that a call is, None if it has no loss or no gradients. Raises what the function raises."""
    replay = Replay(world, entry)
    roles = find(replay, node)
    if roles.loss is None or not roles.gradients:
        return None
    return assembled(document, world, replay, roles, node)


def assembled(document: Document, world: World, replay: Replay, roles: Roles, node: ast.FunctionDef) -> Unit:
    """Put a unit together from a call and its roles."""
    assert roles.loss is not None
    chosen = {**roles.parameters, **roles.inputs}
    parameters = {name: leaf.value for name, leaf in chosen.items()}
    data = data_of(replay, {id(value) for value in parameters.values()})
    ids = {name: id(value) for name, value in {**parameters, **data}.items()}
    subject = CallSubject(replay, ids, roles.loss, roles.gradients)
    symbols = {name: symbol_count(data, name) for name, value in data.items() if holds_integers(value)}
    cases = CallCases(parameters, data, symbols, inputs=frozenset(roles.inputs))
    cases = with_lengths(subject, cases, node)
    return Unit(
        name=replay.entry.function,
        document=document,
        world=world,
        subject=subject,
        example=(parameters, data),
        cases=cases,
        editable=backward_lines(document.tree, node, [str(roles.loss), roles.loss.name]),
        functions=(node,),
        names={name: str(place) for name, place in roles.gradients.items()},
        covers=frozenset({replay.entry.function}),
    )


def data_of(replay: Replay, taken: set[int]) -> dict[str, Any]:
    """Return what else a call starts from and may be drawn anew: floating arrays, and integers in arrays and lists."""
    found: dict[str, Any] = {}
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((n,), v) for n, v in replay.entry.arguments.items()]
    waiting += [((name,), value) for name, value in replay.names.items() if isinstance(value, np.ndarray)]
    seen: set[int] = set(taken)
    while waiting:
        path, value = waiting.pop(0)
        if id(value) in seen or len(path) > 3:
            continue
        seen.add(id(value))
        if is_floating(value) or holds_integers(value) or (isinstance(value, list) and value and all(is_floating(item) for item in value)):
            found[spelled(path)] = value
        elif isinstance(value, list | tuple) and len(value) <= 50:
            waiting += [((*path, place), item) for place, item in enumerate(value)]
        elif isinstance(value, Mapping) and len(value) <= 50:
            waiting += [((*path, key), item) for key, item in value.items() if isinstance(key, str | int)]
        elif hasattr(value, "__dict__") and not isinstance(value, type) and path[0] == "self":
            waiting += [((*path, f".{name}"), item) for name, item in vars(value).items() if is_floating(item)]
    return found


def holds_integers(value: Any) -> bool:
    """Tell whether a value is a sequence of symbols."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iu" and value.ndim >= 1 and value.size > 0
    return isinstance(value, list) and bool(value) and all(isinstance(i, int | np.integer) for i in value)


def symbol_count(data: Mapping[str, Any], name: str) -> int:
    """Return how many symbols there are: as many as all sequences of the call show together."""
    everywhere = [np.max(value) for value in data.values() if holds_integers(value)]
    own = int(np.max(data[name]))
    return int(max(everywhere)) + 1 if len(np.shape(data[name])) == 1 else own + 1


def with_lengths(subject: CallSubject, cases: CallCases, node: ast.AST) -> CallCases:
    """Return cases of several numbers of steps, if the function works with those."""
    lengths = [len(value) for value in cases.data.values() if isinstance(value, list) or holds_integers(value)]
    if not lengths:
        return cases
    steps = max(set(lengths), key=lengths.count)
    sequences = frozenset(
        name
        for name, value in cases.data.items()
        if (isinstance(value, list) or holds_integers(value)) and len(value) == steps
    )
    varied = CallCases(cases.parameters, cases.data, cases.symbols, sequences, steps, cases.inputs)
    for other in (1, 2, steps + 3):
        key = varied.draw(0, 0)._replace(sizes=(other,))
        try:
            subject(*varied.build(key).arguments)
        except Exception:  # noqa: BLE001 - it works with its own number of steps alone
            return CallCases(cases.parameters, cases.data, cases.symbols, frozenset(), 0, cases.inputs)
    return varied
