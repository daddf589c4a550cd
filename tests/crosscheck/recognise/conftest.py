"""What the tests of the recognition share."""

import pytest

from crosscheck.recognise import recognition


@pytest.fixture(autouse=True)
def one_plan(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Execute modules in one way, unless a test is about the others (`every_plan`): each takes as long again."""
    if "every_plan" not in request.fixturenames:
        monkeypatch.setattr(recognition, "PLANS", recognition.PLANS[:1])


@pytest.fixture
def every_plan() -> None:
    """Execute modules in other sizes as well, where ours are not all that they need."""
