"""The parts of the tests that are run in turn: together they are all, and no test is in two."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import pytest_collection_modifyitems


def chosen(part: str | None) -> tuple[list[str], list[str]]:
    left: list[str] = []
    hook = SimpleNamespace(pytest_deselected=lambda items: left.extend(item.nodeid for item in items))
    config: Any = SimpleNamespace(getoption=lambda _: part, hook=hook)
    items: list[Any] = [SimpleNamespace(nodeid=f"tests/test_a.py::test_{number}") for number in range(60)]
    every = [item.nodeid for item in items]
    pytest_collection_modifyitems(config, items)
    assert sorted([item.nodeid for item in items] + left) == sorted(every)
    return [item.nodeid for item in items], left


def test_every_test_is_in_one_part() -> None:
    assert chosen(None)[1] == []
    parts = [chosen(f"{number}/3")[0] for number in (1, 2, 3)]
    assert all(10 < len(part) < 30 for part in parts)
    assert len({name for part in parts for name in part}) == sum(map(len, parts)) == 60


@pytest.mark.parametrize("part", ["0/3", "4/3", "2", "a/b", "1/0"])
def test_what_is_no_part_is_refused(part: str) -> None:
    with pytest.raises(pytest.UsageError, match="write it as 2/3"):
        chosen(part)
