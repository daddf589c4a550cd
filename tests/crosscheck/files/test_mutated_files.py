"""A short run of tests/quality/mutated_files.py, and proof that it sees what it looks for."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
QUICK = ["no_import", "averaged", "course_step", "course_rnn", "two_layer"]
FAULTY = """
import os, sys
import crosscheck.files.examine
from tests.quality.mutated_files import main

def examine(document, options, emit):
    if os.environ["FAULT"] == "bug":
        raise ZeroDivisionError("ours")
    emit({"event": "judged", "subject": {"function": "f", "verdict": "agree"}})

crosscheck.files.examine.examine = examine
sys.exit(main())
"""


def run(*command, fault=""):
    environment = {**os.environ, "PYTHONHASHSEED": "0", "FAULT": fault}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.thorough
def test_a_few_dozen_mutations_are_survived():
    told = run("-m", "tests.quality.mutated_files", *QUICK, "--mutations", "24", "--examples", "2", "--repairs", "0")
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.startswith("24 mutations, seed 0")


@pytest.mark.parametrize(("fault", "said"), [("bug", "BUG: Traceback"), ("acquittal", "agree, but worst")])
def test_a_fault_is_seen(tmp_path, fault, said):
    """With an examination that breaks, or that acquits whatever it reads, the run fails."""
    told = run("-c", FAULTY, "course_step", "--only", "7", "--keep", str(tmp_path), fault=fault)
    assert told.returncode == 1, told.stdout + told.stderr
    assert said in told.stdout
    (kept,) = tmp_path.glob("*.json")
    assert json.loads(kept.read_text())
