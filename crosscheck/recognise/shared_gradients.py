"""Gradients that belong to one of two arrays: beside weights under the same keys there are masks, anchors, old copies.

Whose gradient it is, the derivative tells, where it is right for one of them.
"""

import copy
from dataclasses import replace

from crosscheck.recognise.shares import is_right, slopes
from crosscheck.recognise.unit import Unit


def with_one_owner(unit: Unit) -> Unit:
    """Return a unit in which no gradient is held against two arrays of which it is right for one."""
    owners: dict[object, set[str]] = {}
    for name, place in unit.subject.gradients.items():
        owners.setdefault((getattr(place, "where", name), getattr(place, "path", name)), set()).add(name)
    shared = [names for names in owners.values() if len(names) > 1]
    if not shared:
        return unit
    try:
        claims = slopes(unit)
    except Exception:  # noqa: BLE001 - theirs: judged as it is, it says what it raises
        return unit
    right = {name for name, found in claims.items() if is_right(found)}
    others = frozenset(name for names in shared if names & right for name in names - right)
    return _held(unit, others) if others else unit


def _held(unit: Unit, names: frozenset[str]) -> Unit:
    """Return a unit in which some parameters are data."""
    parameters, data = unit.example
    own = {name: value for name, value in parameters.items() if name not in names}
    held = {**data, **{name: parameters[name] for name in names}}
    subject = copy.copy(unit.subject)
    subject.gradients = {name: place for name, place in subject.gradients.items() if name not in names}
    cases = replace(unit.cases, parameters=own, data=held, inputs=unit.cases.inputs - names)
    faults = tuple(fault for fault in unit.faults if fault.parameter not in names)
    kept = {name: word for name, word in unit.names.items() if name not in names}
    return replace(unit, subject=subject, example=(own, held), cases=cases, names=kept, faults=faults)
