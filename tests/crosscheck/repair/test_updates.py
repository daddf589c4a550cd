"""Updates that are made of right gradients in a wrong way are mended where they are made."""

from pathlib import Path

import pytest

from crosscheck.diagnose import diagnose
from crosscheck.recognise import Unit, recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.repair import find_repairs
from crosscheck.repair.scope import Scope
from crosscheck.repair.screen import Score
from crosscheck.repair.updates import UpdateScreen, UpdateSearch
from crosscheck.source import read
from tests.crosscheck.recognise.test_updates import MODEL, STEPS


def unit_of(rule: str, folder: Path) -> Unit:
    (folder / "line.py").write_text(MODEL.format(step="\n".join(" " * 12 + line for line in STEPS[rule])))
    (unit,) = recognise(read(folder / "line.py")).units
    return unit


@pytest.mark.parametrize(
    ("rule", "before", "after", "code"),
    [
        ("forgets", "self.mem[n] = g * g", "self.mem[n] += g * g", "update-memory-overwritten"),
        ("sgd climbs", "w += self.rate * g", "w -= self.rate * g", "update-climbs"),
    ],
)
def test_a_wrong_update_is_mended_and_named(rule: str, before: str, after: str, code: str, tmp_path: Path) -> None:
    unit = unit_of(rule, tmp_path)
    report = judge_unit(unit, examples=2)
    repairs = find_repairs(unit, report, seconds=20, seed=0)
    assert (repairs[0].before, repairs[0].after) == (before, after)
    (diagnosis,) = diagnose(unit, report, repairs)
    assert (diagnosis.code, diagnosis.line) == (code, repairs[0].line)


def test_lines_that_move_a_gradient_are_tried_after_all_that_move_a_step_alone(tmp_path: Path) -> None:
    unit = unit_of("forgets", tmp_path)
    scope = Scope(unit.document.code, (), unit.editable, unit.document.tree)
    ordered = UpdateSearch(unit, UpdateScreen(unit), scope, 60).ordered(Score(frozenset(), complete=True))
    lines = unit.document.code.split("\n")
    moving_gradients = [cost for cost, one in ordered if "grads = " in lines[one.line - 1]]
    of_the_memory = [cost for cost, one in ordered if "self.mem[n] = g" in lines[one.line - 1]]
    assert min(moving_gradients) > sorted(of_the_memory)[len(of_the_memory) // 2]
