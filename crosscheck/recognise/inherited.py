"""Backward passes that a class leaves to its base, which says nothing of the forward pass: each class has its own."""

import ast
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from crosscheck.recognise.hooks import Entry
from crosscheck.recognise.objects import is_stub
from crosscheck.recognise.targets import keeping


def by_class(
    before: Sequence[str | None], name: str, nodes: Mapping[str, ast.FunctionDef], names: Mapping[str, Any]
) -> list[list[str | None]]:
    """Return the forward passes that a backward pass may belong to, for each class apart that has one of its own."""
    owner = names.get(name.rpartition(".")[0])
    empty = [forward for forward in before if forward is not None and is_stub(nodes[forward])]
    if not isinstance(owner, type) or not (empty or before == [None]):
        return [list(before)]
    found: list[list[str | None]] = []
    for kind in dict.fromkeys(v for v in names.values() if isinstance(v, type) and issubclass(v, owner)):
        own = [other for other in nodes if other.rpartition(".")[0] == kind.__name__ and not is_stub(nodes[other])]
        if kind is owner or f"{kind.__name__}.{name.rpartition('.')[2]}" in own:
            continue
        words = {forward.rpartition(".")[2] for forward in empty}
        named = [other for other in own if other.rpartition(".")[2] in words] if empty else keeping(name, own, nodes)
        found += [list[str | None]([other]) for other in named[:1]]
    return found or [list(before)]


def most_derived(owners: Sequence[str], names: Mapping[str, Any]) -> str:
    """Return, of the classes that methods stand in, the one whose objects have all of them; the first if none has."""
    kinds = {owner: names.get(owner) for owner in owners}
    for owner, kind in kinds.items():
        others = [other for other in kinds.values() if other is not kind]
        if isinstance(kind, type) and others and all(isinstance(o, type) and issubclass(kind, o) for o in others):
            return owner
    return owners[0]


def by_kind(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Return the calls of a method, those on objects of one class together."""
    found: dict[type, list[Entry]] = {}
    for entry in entries:
        found.setdefault(type(entry.arguments.get("self")), []).append(entry)
    return list(found.values())


def inherited(covers: Collection[str]) -> set[str]:
    """Return the methods of a unit where they are of two classes: another class may share one of them with it."""
    owners = {name.rpartition(".")[0] for name in covers}
    return set(covers) if len(owners) > 1 and "" not in owners else set()
