"""An outsider's project takes the tool into use: the built wheel, in a fresh environment, under a real pytest.

    python -m pytest tests/adoption

It is no part of the suite, because building and installing take a minute; continuous integration runs it.
"""

import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = Path(__file__).parent / "project"
NAMES = {
    "gradients.attention": "agree",
    "gradients.attention_unscaled": "disagree",
    "gradients.log_sum_exp in float64": "agree",
    "test_log_sum_exp_in_float32": "disagree",
}


@pytest.fixture(scope="session")
def python(tmp_path_factory):
    """Return the interpreter of a new environment, in which the wheel and pytest are installed and nothing else."""
    folder = tmp_path_factory.mktemp("adoption")
    run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT])
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    run([python, "-m", "pip", "install", "--quiet", "-c", ROOT / "requirements.lock", wheel, "pytest"])
    return python


@pytest.fixture
def project(tmp_path):
    shutil.copytree(PROJECT, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "project"


def run(command, folder=ROOT, status=0):
    done = subprocess.run([*map(str, command)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def test_right_and_wrong_gradients_are_told_apart(python, project):
    out = run([python, "-m", "pytest", "--crosscheck-json=report.json"], project, status=1)
    report = json.loads((project / "report.json").read_text())
    told = {file["name"].removeprefix("test_gradients.py::"): file["verdict"] for file in report["files"]}
    assert told == NAMES
    assert report["verdict"] == "disagree"
    assert "2 failed, 2 passed" in out
    assert {file["examples"] for file in report["files"]} == {100}


def test_the_baseline_is_written_once_and_holds(python, project):
    right = ["-k", "attention and not unscaled"]
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
