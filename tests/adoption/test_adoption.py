"""An outsider's project takes the tool into use: the built wheel, in a fresh environment, under a real pytest.

    python -m pytest tests/adoption

It is no part of the suite, because building and installing take a minute; continuous integration runs it.
"""

import json
from pathlib import Path

from tests.adoption.conftest import run

NAMES = {
    "gradients.attention": "agree",
    "gradients.rms_norm": "disagree",
    "gradients.softplus in float64": "agree",
    "test_softplus_in_float32": "disagree",
}


def test_right_and_wrong_gradients_are_told_apart(python, project):
    out = run([python, "-m", "pytest", "--crosscheck-json=report.json"], project, status=1)
    report = json.loads((project / "report.json").read_text())
    told = {file["name"].removeprefix("test_gradients.py::"): file["verdict"] for file in report["files"]}
    assert told == NAMES
    assert report["verdict"] == "disagree"
    assert "2 failed, 2 passed" in out
    assert {file["examples"] for file in report["files"]} == {100}


def test_the_baseline_is_written_once_and_holds(python, project):
    right = ["-k", "attention"]
    run([python, "-m", "pytest", "-q", *right, "--crosscheck-update-baseline"], project)
    assert '"test_gradients.py::gradients.attention"' in (project / "gradients.toml").read_text()
    assert "WEAKER" not in run([python, "-m", "pytest", *right], project)
    assert "WEAKER" in run([python, "-m", "pytest", *right, "--crosscheck-regimes=tiny"], project)


def test_the_second_run_with_a_cache_compiles_nothing(python, project):
    run([python, "-m", "pytest", "-q", "-k", "float64", "--crosscheck-cache=cache"], project)
    kept = {path.name for path in (project / "cache").iterdir()}
    run([python, "-m", "pytest", "-q", "-k", "float64", "--crosscheck-cache=cache"], project)
    new = {path.name for path in (project / "cache").iterdir()} - kept
    assert kept
    assert not [name for name in new if not name.endswith("-atime")]


def test_types_are_shipped(python):
    place = "import importlib.util as u, pathlib as p; print(p.Path(u.find_spec('crosscheck').origin).parent)"
    assert (Path(run([python, "-c", place]).strip()) / "py.typed").is_file()
