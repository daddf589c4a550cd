"""What there was when a statement was executed: the names that it could have used, and what it should have made."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crosscheck.contract import SubjectError, call
from crosscheck.recognise.copying import copied
from crosscheck.repair.adjoints.bench import Bench
from crosscheck.repair.adjoints.probe import Replacing, asked

MOST = 4
"""Turns that are looked at"""
ABOVE = 3
"""Frames from the probe up to someone's code"""


@dataclass(frozen=True)
class Scene:
    """One execution of a statement."""

    names: dict[str, Any]
    """The module's"""
    variables: dict[str, Any]
    """The function's"""
    true: np.ndarray
    """What it should compute"""


class Watching(Replacing):
    """Puts the truth in the place of what a statement computes, and keeps what it saw."""

    def __init__(self, mark: int, true: Sequence[np.ndarray], others: Mapping[int, Sequence[np.ndarray]]) -> None:
        super().__init__({**others, mark: true})
        self.mark, self.true = mark, true
        self.scenes: list[Scene] = []

    def passed(self, mark: int, turn: int, value: Any) -> Any:
        """Keep what is there to be used."""
        if mark == self.mark and turn < len(self.true) and (len(self.scenes) < MOST or turn == len(self.true) - 1):
            frame = sys._getframe(ABOVE)
            memo: dict[int, Any] = {}
            variables = {name: copied(item, memo) for name, item in frame.f_locals.items()}
            arrays = {n: copied(v, memo) for n, v in frame.f_globals.items() if isinstance(v, np.ndarray | list | dict)}
            is_module = frame.f_locals is frame.f_globals
            names = {**frame.f_globals, **arrays}
            self.scenes.append(Scene(names, {} if is_module else variables, np.array(self.true[turn])))
        return super().passed(mark, turn, value)


def scenes_of(
    bench: Bench, arguments: Sequence[Any], mark: int, true: Sequence[np.ndarray],
    others: Mapping[int, Sequence[np.ndarray]],
) -> list[Scene]:  # fmt: skip
    """Return what there was when a statement was executed, as it would be if it computed what it should."""
    watching = Watching(mark, true, others)
    try:
        with asked(bench.hooks, watching):
            call(bench.subject, arguments, time_limit=10.0)
    except SubjectError:
        return []
    return watching.scenes
