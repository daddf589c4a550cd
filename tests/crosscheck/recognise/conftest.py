"""What the tests of the recognition share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crosscheck.recognise import recognition
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict


@pytest.fixture(autouse=True)
def one_plan(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Execute modules in one way, unless a test is about the others (`every_plan`): each takes as long again."""
    if "every_plan" not in request.fixturenames:
        monkeypatch.setattr(recognition, "PLANS", recognition.PLANS[:1])


@pytest.fixture
def every_plan() -> None:
    """Execute modules in other sizes as well, where ours are not all that they need."""


@pytest.fixture
def verdicts(tmp_path: Path) -> Callable[[str], list[Verdict]]:
    """Return the verdicts on a program of which everything is to be judged, unit by unit."""

    def of(code: str) -> list[Verdict]:
        path = tmp_path / "program.py"
        path.write_text(code)
        found = recognition.recognise(read(path))
        assert not found.skipped
        return [judge_unit(unit, examples=12).verdict for unit in found.units]

    return of


@pytest.fixture
def judged(tmp_path: Path) -> Callable[[str], tuple[set[Verdict], list[str]]]:
    """Return the verdicts on the units of a program, and the functions that are left out."""

    def of(code: str) -> tuple[set[Verdict], list[str]]:
        path = tmp_path / "program.py"
        path.write_text(code)
        found = recognition.recognise(read(path))
        return {judge_unit(unit).verdict for unit in found.units}, [one.function for one in found.skipped]

    return of
