"""The course from the installed wheel: a folder is made, every exercise is solved by script, and all of it passes."""

import time

import pytest

from tests.adoption.conftest import ROOT, run

EXERCISES = ROOT / "crosscheck" / "learn" / "exercises"
SECONDS = 180
"""What the whole course may take, each exercise in a process of its own"""


@pytest.fixture
def learn(python, tmp_path):
    """Return what runs `crosscheck learn` in a new course."""

    def call(*command, folder=tmp_path / "gradients", status=0):
        return run([python, "-m", "crosscheck", "learn", *command], folder, status)

    call("init", folder=tmp_path)
    return call


def test_the_whole_course_can_be_solved(learn, tmp_path):
    files = {path.stem: path for path in (tmp_path / "gradients").glob("*/*.py")}
    assert len(files) >= 50
    assert " left." in learn("check-all", status=1)
    for name, path in files.items():
        path.write_bytes((EXERCISES / name / "solution.py").read_bytes())
    started = time.monotonic()
    said = learn("check-all")
    assert "All solved." in said
    assert time.monotonic() - started < SECONDS
    progress = (tmp_path / "gradients" / "progress.txt").read_text()
    assert "solved t_steps\n" in progress


def test_the_notebook_is_written(learn, tmp_path):
    learn("notebook", "course.ipynb")
    assert (tmp_path / "gradients" / "course.ipynb").stat().st_size > 100_000
