"""The wheel and the sdist, in every version of Python that is promised: installed, and used.

Versions that this machine does not have are skipped. They are looked for on the path, and where pyenv keeps them.
"""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.adoption.conftest import ROOT, installed, run

VERSIONS = ("3.11", "3.12", "3.13")
DATA = ("schema.json", "py.typed", "sonnets.txt", ".toml", ".html", ".css", ".js", "README.md")
"""Ends of the names of files that are no modules and without which something does not work"""
QUICKLY = {"JAX_PLATFORMS": "cpu", "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}


def interpreters(version):
    """Yield where an interpreter of a version may be."""
    yield shutil.which(f"python{version}")
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from sorted(versions.glob(f"{version}.*/bin/python"))


def works(python, version):
    code = "import sys, venv, ensurepip; print('.'.join(map(str, sys.version_info[:2])))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() == version


@pytest.fixture(scope="module")
def sdist(python, tmp_path_factory):
    """Return the sdist that this folder builds."""
    folder = tmp_path_factory.mktemp("sdist")
    run([python, "-m", "pip", "install", "--quiet", "hatchling"])
    run([python, "-m", "hatchling", "build", "-t", "sdist", "-d", folder])
    return next(folder.glob("*.tar.gz"))


def test_the_sdist_makes_the_same_wheel_with_all_of_its_data(python, wheel, sdist, tmp_path):
    run([python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, sdist])
    (again,) = tmp_path.glob("*.whl")
    first, second = (
        {entry.filename: entry.CRC for entry in zipfile.ZipFile(path).infolist()} for path in (wheel, again)
    )
    assert first == second
    packaged = {str(path.relative_to(ROOT)) for path in (ROOT / "crosscheck").rglob("*") if path.name.endswith(DATA)}
    assert packaged
    assert packaged <= first.keys()
    assert not [name for name in first if name.startswith("tests/")]


@pytest.mark.parametrize("version", VERSIONS)
def test_it_installs_and_works(version, python, wheel, project, tmp_path):
    if not works(python, version):  # else the environment of the other tests is such a one
        found = next((one for one in interpreters(version) if one and works(one, version)), None)
        if found is None:
            pytest.skip(f"there is no Python {version} on the path or under pyenv")
        python = installed(found, tmp_path / "venv", wheel)
    environment = {"env": {**os.environ, **QUICKLY}}
    assert "AGREE  rnn: 200 random cases, 150 training steps" in run(
        [python, "-m", "crosscheck"], project, **environment
    )
    out = run([python, "-m", "pytest", "-q", "--crosscheck-examples=20", "-k", "64"], project, **environment)
    assert "1 gradient: 1 agree" in out
