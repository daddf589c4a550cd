"""The project inside is run by its own pytest, in an environment into which the built wheel was installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = Path(__file__).parent / "project"

collect_ignore = ["project"]


def run(command, folder=ROOT, status=0, **environment):
    done = subprocess.run([*map(str, command)], cwd=folder, capture_output=True, text=True, check=False, **environment)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def installed(interpreter, folder, wheel):
    """Make an environment in a folder, with the wheel and pytest in it and nothing else; return its interpreter."""
    run([interpreter, "-m", "venv", folder])
    python = folder / "bin" / "python"
    run([python, "-m", "pip", "install", "--quiet", "-c", ROOT / "requirements.lock", wheel, "pytest"])
    return python


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """Return the wheel that this folder builds."""
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT])
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def python(wheel, tmp_path_factory):
    """Return the interpreter of a new environment, in which the wheel and pytest are installed and nothing else."""
    return installed(sys.executable, tmp_path_factory.mktemp("environment"), wheel)


@pytest.fixture
def project(tmp_path):
    shutil.copytree(PROJECT, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "project"
