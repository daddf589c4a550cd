"""Updates that are made of right gradients in a wrong way are mended where they are made."""

from pathlib import Path

import pytest

from crosscheck.diagnose import diagnose
from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.repair import find_repairs
from crosscheck.source import read
from tests.crosscheck.recognise.test_updates import MODEL, STEPS


@pytest.mark.parametrize(
    ("rule", "before", "after", "code"),
    [
        ("forgets", "self.mem[n] = g * g", "self.mem[n] += g * g", "update-memory-overwritten"),
        ("sgd climbs", "w += self.rate * g", "w -= self.rate * g", "update-climbs"),
    ],
)
def test_a_wrong_update_is_mended_and_named(rule: str, before: str, after: str, code: str, tmp_path: Path) -> None:
    source = MODEL.format(step="\n".join(" " * 12 + line for line in STEPS[rule]))
    (tmp_path / "line.py").write_text(source)
    (unit,) = recognise(read(tmp_path / "line.py")).units
    report = judge_unit(unit, examples=2)
    repairs = find_repairs(unit, report, seconds=20, seed=0)
    assert (repairs[0].before, repairs[0].after) == (before, after)
    (diagnosis,) = diagnose(unit, report, repairs)
    assert (diagnosis.code, diagnosis.line) == (code, repairs[0].line)
