"""The README's recipes for continuous integration, taken from there and carried out as far as one machine can."""

import os
import re
import shutil
import tomllib

import pytest
import yaml

from tests.adoption.conftest import ROOT, run

RIGHT = ["-k", "attention"]


def recipe(after):
    """Return the fenced block of the README that follows some words."""
    text = (ROOT / "README.md").read_text()
    return re.search(r"```\w+\n(.*?)```", text[text.index(after) :], re.DOTALL)[1]


@pytest.fixture
def shell(python):
    """Run a line as a shell does in the new environment."""
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"

    def shell(line, folder, status=0):
        return run(["bash", "-c", line], folder, status, env={**os.environ, "PATH": path})

    return shell


def test_github_actions(shell, project):
    steps = yaml.safe_load(recipe("GitHub Actions:"))["jobs"]["gradients"]["steps"]
    push, nightly = (step["run"] for step in steps if "pytest" in step.get("run", "") and "if" in step)
    shell(f"{push} {' '.join(map(repr, RIGHT))}", project)
    assert (project / "gradients.sarif").is_file()
    nightly = nightly.replace("examples=2000", "examples=20")
    assert "crosscheck: seed" in shell(f"{nightly} {' '.join(map(repr, RIGHT))}", project)


def test_pre_commit(shell, python, project):
    run([python, "-m", "pip", "install", "--quiet", "pre-commit"])
    (project / "layers").mkdir()
    shutil.move(project / "layers.py", project / "layers" / "attention.py")
    (project / ".pre-commit-config.yaml").write_text(recipe("pre-commit, for files"))
    shell("git init -q . && git add -A", project)
    out = shell("pre-commit run --all-files", project, status=1)
    assert "rms_norm: DISAGREE" in out


def test_tox(shell, python, project, wheel):
    run([python, "-m", "pip", "install", "--quiet", "tox"])
    written = recipe("\ntox:").replace('"backprop-crosscheck"', f'"{wheel}"')
    assert tomllib.loads(written)["tool"]["tox"]["env_list"] == ["gradients"]
    file = project / "pyproject.toml"
    file.write_text(file.read_text() + written)
    out = shell(f"PIP_CONSTRAINT={ROOT / 'requirements.lock'} tox run", project, status=1)
    assert "2 failed, 2 passed" in out


def test_a_cluster_on_this_machine(shell, python, wheel, tmp_path):
    text = (ROOT / "crosscheck" / "campaign" / "README.md").read_text()
    install, *lines = re.search(r"```sh\n(.*?)```", text, re.DOTALL)[1].splitlines()
    assert install == "python -m pip install 'backprop-crosscheck[dask]'"
    run([python, "-m", "pip", "install", "--quiet", "-c", ROOT / "requirements.lock", f"{wheel}[dask]"])
    port = 20000 + os.getpid() % 20000
    script = "\n".join(["set -me", *lines]).replace("8786", str(port)).replace("1000000", "20000")
    assert "AGREE" in shell(script, tmp_path)
