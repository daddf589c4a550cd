"""Which entries of which gradients a line of the backward pass moves: found by moving it.

The slip stands on a line that moves every wrong entry; and most likely on one that moves no right one.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from crosscheck.errors import CrosscheckError
from crosscheck.repair.building import Builder
from crosscheck.repair.candidate import Candidate
from crosscheck.repair.places import Place
from crosscheck.repair.scope import Scope
from crosscheck.repair.screen import LOOKS, Screen
from crosscheck.source import Edit

MOVED = "((%s) * 1.37 + 0.11)"
"""What takes the place of a value: moved in any case, also where it is zero"""
VISIBLE = 1e-10
"""Share of an array's largest entry by which one must move to count"""
EXACTLY = 0.98
"""Share of entries that must be the same for two sets of entries to be the same: some are zero by chance"""


@dataclass(frozen=True)
class Evidence:
    """What moving a line showed."""

    cover: float
    """Share of the wrong entries that it moves"""
    excess: float
    """Share of right ones among those that it moves, in an ordinary case"""
    exact: bool
    """Whether it moves what is wrong and nothing else, in every case that was tried"""


class Probes:
    """Moves every line of a backward pass in turn."""

    def __init__(self, builder: Builder, screen: Screen, scope: Scope, start: Candidate | None = None) -> None:
        self.builder, self.screen, self.scope, self.start = builder, screen, scope, start
        self.numbers = range(min(LOOKS, len(screen.trials)))

    def evidence(self) -> dict[int, Evidence]:
        """Return what is known of the lines that could be moved."""
        base = self._subject(self.start)
        before = None if base is None else self._values(base)
        if before is None:
            return {}
        wrong = [self.screen.wrong(number, values) for number, values in zip(self.numbers, before, strict=True)]
        moves: dict[int, list[np.ndarray]] = {}
        for place in self.scope.editable:
            for edit in probes_of(self.scope, place):
                subject = self._subject(self._with(edit, place))
                after = None if subject is None else self._values(subject)
                if after is None:
                    continue
                moved = [_moved(one, other) for one, other in zip(before, after, strict=True)]
                known = moves.setdefault(place.line, moved)
                moves[place.line] = [a | b for a, b in zip(known, moved, strict=True)]
        found = {line: _evidence(wrong, moved) for line, moved in moves.items()}
        for place in self.scope.editable:  # an edit may stand on any line of its statement
            if place.is_simple and place.line in found:
                last = place.statement.end_lineno or place.line
                found |= {line: found[place.line] for line in range(place.line + 1, last + 1) if line not in found}
        return found

    def _with(self, edit: Edit, place: Place) -> Candidate | None:
        probe = Candidate((edit,), place.line, "probe", 0.0, "")
        if self.start is None:
            return probe
        return None if self.start.overlaps(probe) else self.start.joined(probe)

    def _subject(self, candidate: Candidate | None) -> Any:
        if candidate is None:
            return self.builder.unit.subject if self.start is None else None
        try:
            return self.builder.subject(candidate)
        except CrosscheckError:
            return None

    def _values(self, subject: Any) -> list[dict[str, np.ndarray]] | None:
        found = [self.screen.values(subject, number) for number in self.numbers]
        return None if any(values is None for values in found) else found  # pyright: ignore


def probes_of(scope: Scope, place: Place) -> Iterator[Edit]:
    """Yield the edits that move what a statement computes."""
    statement = place.statement
    if isinstance(statement, ast.Assign | ast.AugAssign | ast.Return) and statement.value is not None:
        for value in statement.value.elts if isinstance(statement.value, ast.Tuple) else [statement.value]:
            if not isinstance(value, ast.Tuple | ast.List | ast.Dict | ast.Constant | ast.ListComp | ast.DictComp):
                yield scope.text.replace(value, MOVED % scope.text.of(value))
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call) and len(statement.value.args) == 3:
        value = statement.value.args[2]  # np.add.at(dW, symbols, d)
        yield scope.text.replace(value, MOVED % scope.text.of(value))


def _moved(before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> np.ndarray:
    masks = []
    for name, old in before.items():
        new = after[name]
        if new.shape != old.shape:
            masks.append(np.ones(old.size, bool))
            continue
        with np.errstate(all="ignore"):
            far = ~(np.abs(new - old) <= VISIBLE * np.max(np.abs(old), initial=0))
        masks.append(far.reshape(-1))
    return np.concatenate(masks)


def _evidence(wrong: list[np.ndarray], moved: list[np.ndarray]) -> Evidence:
    count = sum(int(mask.sum()) for mask in wrong)
    cover = sum(int((w & m).sum()) for w, m in zip(wrong, moved, strict=True)) / max(count, 1)
    excess = float((moved[0] & ~wrong[0]).sum() / max(moved[0].sum(), 1))
    same = [_same(w, m) for w, m in zip(wrong, moved, strict=True)]
    return Evidence(cover, excess, all(same))


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    either = (one | other).sum()
    return not either or (one & other).sum() / either >= EXACTLY
