"""Baselines: what a gradient's test has lost."""

from pathlib import Path

import pytest

from crosscheck.errors import CrosscheckError
from crosscheck.testing.baseline import Standing, losses, read, write

BEFORE = Standing(judged=1.0, regimes=("ordinary", "tiny"), floor=1e-14, discrepancy=1.0)


def report(name="t", judged=20, floor=1e-14, discrepancy=0.3, regimes=("tiny", "ordinary")):
    parameter = {"detection_floor": floor, "worst": {"discrepancy": discrepancy}}
    return {
        "name": name, "judged": judged, "examples": 20, "regimes": dict.fromkeys(regimes, 1), "parameters": [parameter]
    }  # fmt: skip


def test_what_is_written_is_read_again(tmp_path: Path):
    standings = {'a "quoted" name': BEFORE, "tests/x.py::gradients.y": BEFORE._replace(judged=0.25)}
    write(tmp_path / "b.toml", standings)
    assert read(tmp_path / "b.toml") == standings
    assert read(tmp_path / "none.toml") == {}


def test_the_same_again_loses_nothing():
    assert Standing.of(report()) == BEFORE
    assert list(losses({"t": BEFORE}, [report(), report("new")])) == []


@pytest.mark.parametrize(
    ("change", "loss"),
    [
        ({"judged": 18}, "90% of the cases judged, 100% before"),
        ({"regimes": ("ordinary",)}, "no case of tiny any more"),
        ({"floor": 3e-14}, "detects errors of 3.0e-14, 1.0e-14 before"),
        ({"discrepancy": 2.5}, "up to 2.5 tolerances off, 1 before"),
        ({"discrepancy": "inf"}, "up to inf tolerances off, 1 before"),
    ],
)
def test_each_loss_is_told(change, loss):
    assert list(losses({"t": BEFORE}, [report(**change)])) == [("t", loss)]


@pytest.mark.parametrize("text", ["[t]\njudged = 1", "]", "t = 3"])
def test_a_damaged_file_is_refused_with_its_remedy(tmp_path: Path, text: str):
    (tmp_path / "b.toml").write_text(text)
    with pytest.raises(
        CrosscheckError, match=r"b\.toml cannot be read as a baseline .* restore it from version control"
    ):
        read(tmp_path / "b.toml")
