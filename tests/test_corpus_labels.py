"""The corpus says of every program what is wrong with it, and those labels are proven."""

import subprocess
import sys
from pathlib import Path

import pytest

from crosscheck.diagnose.explanations import CODES
from tests.corpus import labels
from tests.corpus.diagnoses import RIGHT

ROOT = Path(__file__).parent.parent
PROGRAMS = labels.programs()


@pytest.mark.thorough
@pytest.mark.torch  # without it, the programs for torch are left out
def test_every_label_is_proven_by_central_differences():
    # A process of its own: the programs are to meet NumPy and JAX as they come, not as this suite configures them.
    command = [sys.executable, "-m", "tests.corpus.labels"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert told.returncode == 0, [line for line in told.stdout.splitlines() if line.startswith("BAD")] or told.stderr
    assert told.stdout.count("ok ") >= len(PROGRAMS)


def test_the_manifest_names_every_program_once():
    listed = [program["file"] for program in PROGRAMS]
    assert sorted(listed) == sorted(path.name for path in (labels.HERE / "programs").iterdir())


def test_there_are_enough_programs_of_each_verdict():
    wrong = [program for program in PROGRAMS if program["verdict"] != "agree"]
    assert len(wrong) >= 50
    assert len(PROGRAMS) - len(wrong) >= 30
    assert sum(program["one_edit"] for program in wrong) >= 40


def test_a_wrong_program_cannot_be_labelled_right():
    program = next(program for program in PROGRAMS if program["file"] == "shakespeare_py2.py")
    assert labels.judge(program)[0]
    assert not labels.judge({**program, "verdict": "agree", "edits": []})[0]


def test_a_right_program_cannot_be_labelled_wrong():
    program = next(program for program in PROGRAMS if program["file"] == "char_rnn_plain.py")
    harmless = {"line": 31, "kind": 24, "op": "replace", "wrong": "loss = 0.0", "right": "    loss = 0.25"}
    assert labels.judge(program)[0]
    assert not labels.judge({**program, "verdict": "disagree", "edits": [harmless]})[0]


def test_what_counts_as_a_right_diagnosis_is_one_that_exists() -> None:
    assert set(RIGHT) >= {kind for program in labels.programs() for kind in program.get("kinds", [])}
    assert set().union(*RIGHT.values()) <= set(CODES)
