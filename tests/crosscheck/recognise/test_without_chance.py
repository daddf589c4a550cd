"""No verdict is by chance: searches end by what they tried, and calls that hide what time does are not believed."""

import ast
import math
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.doubts import Doubts
from crosscheck.recognise.guesses import ARRAY, VALUE, Key, Slot
from crosscheck.recognise.letters import Size
from crosscheck.recognise.scenarios import Played, Scenario
from crosscheck.recognise.solving import RUNS_IN_ALL, Solver
from crosscheck.recognise.world import World
from crosscheck.source import read

READER = """import numpy as np

class Reader:
    def __init__(self, wide, deep):
        self.A = np.random.randn(deep, wide)
        self.R = np.random.randn(deep, deep)
        self.o = np.random.randn(deep)

    def learn(self, xs, wanted):
        h = [np.zeros(len(self.o))]
        for x in xs:
            h.append(np.tanh(self.A @ x + self.R @ h[-1]))
        miss = self.o @ h[-1] - wanted
        dA, dR, do, dh = np.zeros_like(self.A), np.zeros_like(self.R), miss * h[-1], miss * self.o
        for k in range(len(xs), 0, -1):
            dz = dh * (1 - h[k] ** 2)
            dA += np.outer(dz, xs[k - 1])
            dR += np.outer(dz, h[k - 1])
            dh = self.R.T @ dz
        return miss ** 2 / 2, dA, dR, do
"""


def test_a_search_that_leads_nowhere_ends_by_its_calls_and_not_by_the_clock(tmp_path: Path) -> None:
    class Contrary(Scenario):
        calls = 0

        def play(self, values: Mapping[Key, Any]) -> Played:
            self.calls += 1
            one, *_, other = (np.shape(value) for value in values.values() if np.ndim(value))
            raise ValueError(f"operands could not be broadcast together with shapes {one} {(*other, 4)} ")

    scenario = Contrary(*_reader(tmp_path))
    found, _ = Solver(scenario, time.process_time() + math.inf).searched()
    assert found is None
    assert 20 < scenario.calls <= RUNS_IN_ALL


@pytest.mark.parametrize(("steps", "doubt"), [(1, "xs"), (4, "")])
def test_a_made_up_sequence_of_one_step_is_doubted(steps: int, doubt: str, tmp_path: Path) -> None:
    scenario = Scenario(*_reader(tmp_path))
    solver = Solver(scenario, time.process_time() + 9.0)
    sizes = {"xs": (Size((), steps), Size((), 3)), "wanted": ()}
    slots = {key: slot._replace(kind=ARRAY, sizes=sizes.get(key.name, slot.sizes)) if key.name in sizes else slot
             for key, slot in next(iter(scenario.guesses())).slots.items()}  # fmt: skip
    made = {"wide": 3, "deep": 4}
    slots = {key: Slot(VALUE, value=made[key.name]) if key.name in made else slot for key, slot in slots.items()}
    played, entries = solver.recorded(replace(next(iter(scenario.guesses())), slots=slots))
    assert len(next(value for key, value in played.values.items() if key.name == "xs")) == steps
    doubts = Doubts(scenario.world.document, scenario, played, entries, "nothing in the file calls it")
    assert doubts._single_step() == doubt


def _reader(folder: Path) -> tuple[World, Mapping[str, ast.FunctionDef], str, None]:
    path = folder / "reader.py"
    path.write_text(READER)
    document = read(path)
    return World(document).run(), functions_of(document.tree), "Reader.learn", None
