"""What several tests of the recognition share."""

import pytest

from crosscheck.recognise import recognition


@pytest.fixture
def one_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Execute a module in one way only: what is not recognised then is tried in no other sizes, which takes time."""
    monkeypatch.setattr(recognition, "PLANS", recognition.PLANS[:1])
