"""Exit codes, messages and streams of the command line, in real processes."""

import io
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from crosscheck.cli.commands import COMMANDS, commands
from crosscheck.cli.entry import run
from crosscheck.cli.exits import Exit
from crosscheck.errors import CrosscheckError
from crosscheck.verdicts import Verdict

ROOT = Path(__file__).resolve().parents[2]


def crosscheck(*arguments, cwd, **options):
    """Run the command line as a user would, from another folder."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "crosscheck", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        text=True,
        timeout=100,
        check=False,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


def test_version(tmp_path):
    done = crosscheck("--version", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("crosscheck, version 0.")


def test_help_names_every_command_and_is_quick(tmp_path):
    before = os.times().children_user
    done = crosscheck("--help", cwd=tmp_path)
    assert done.returncode == 0
    for name, entry in COMMANDS.items():
        assert name in done.stdout
        assert entry.summary.split()[0] in done.stdout
    # Processor time, which other work on the machine does not stretch as it does the clock.
    assert os.times().children_user - before < 0.3


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_exists(name):
    command = commands.get_command(click.Context(commands), name)
    assert command is not None
    assert command.name == name
    assert COMMANDS[name].summary.rstrip(".") in (command.help or "").replace("\n", " ")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--stpes", "3"], "--steps"),
        (["--steps", "none"], "--steps"),
        (["trian", "x"], "trian"),
        (["train"], "FILE"),
        (["--seed", "3", "sample", "x"], "--seed before sample"),
        (["train", "x", "--engine", "torch"], "torch"),
        (["train", "x", "--resume", "y", "--hidden-size", "3"], "--hidden-size is fixed by the checkpoint"),
        (["train", "x", "--free", "--engine", "manual"], "--free"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(arguments, expected, capfd):
    assert run(arguments) == Exit.NOT_RUN
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert expected in err


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (CrosscheckError("Mend it."), Exit.NOT_RUN),
        (KeyboardInterrupt(), Exit.INTERRUPTED),
        (MemoryError(), Exit.NOT_RUN),
        (OSError(28, "No space left on device"), Exit.NOT_RUN),
        (OSError(5, "Input/output error"), Exit.BUG),
        (ZeroDivisionError("ours"), Exit.BUG),
        (RecursionError(), Exit.BUG),
        (click.Abort(), Exit.INTERRUPTED),
    ],
)
def test_whatever_is_raised_becomes_an_exit_code(raised, code, monkeypatch, capfd):
    def fail(_context):
        raise raised

    monkeypatch.setattr(commands, "invoke", fail)
    assert run([]) == code
    out, err = capfd.readouterr()
    assert out == ""
    assert ("Traceback" in err) == (code == Exit.BUG)


def test_every_verdict_has_its_exit_code():
    codes = {verdict: Exit.of(verdict) for verdict in Verdict}
    assert codes == {Verdict.AGREE: 0, Verdict.DISAGREE: 1, Verdict.ERROR: 2, Verdict.INCONCLUSIVE: 3}
    assert Exit.of(None) == 0


def test_a_closed_pipe_is_quiet_and_no_verdict(tmp_path):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as nobody_reads:
        done = crosscheck("--help", cwd=tmp_path, stdout=nobody_reads)
    assert (done.returncode, done.stderr) == (Exit.UNREAD, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output(tmp_path):
    with Path("/dev/full").open("w") as full:
        done = crosscheck("--help", cwd=tmp_path, stdout=full)
    assert done.returncode == Exit.NOT_RUN
    assert done.stderr.count("\n") == 1
    assert "No space left" in done.stderr


def test_a_full_disk_behind_standard_error_leaves_the_exit_code(monkeypatch):
    class Full(io.StringIO):
        def write(self, _text):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stderr", Full())
    assert run(["trian"]) == Exit.NOT_RUN


def test_a_closed_standard_output_leaves_the_exit_code(tmp_path):
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m crosscheck --help >&-"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_foreign_packages_in_the_current_folder_are_not_imported(tmp_path):
    for name in ("manual", "autodiff", "numpy"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise SystemExit('the foreign {name} was imported')\n")
    (tmp_path / "text.txt").write_text("to be or not to be")
    done = crosscheck("train", "text.txt", "--steps", "2", "--sequence-length", "5", cwd=tmp_path)
    assert (done.returncode, "foreign" in done.stdout + done.stderr) == (0, False)


def test_completion_is_offered(tmp_path):
    environment = {"_CROSSCHECK_COMPLETE": "bash_complete", "COMP_WORDS": "crosscheck tr", "COMP_CWORD": "1"}
    done = crosscheck(cwd=tmp_path, env=environment)
    assert done.stdout.strip() == "plain,train"


class TestSettings:
    def test_of_the_main_job_and_of_a_command(self, tmp_path, monkeypatch, capsys):
        (tmp_path / "pyproject.toml").write_text(
            "[tool.crosscheck]\nsteps = 7\n[tool.crosscheck.train]\nhidden-size = 11\n"
        )
        below = tmp_path / "deep" / "inside"
        below.mkdir(parents=True)
        monkeypatch.chdir(below)
        run(["train", "--help"])
        assert "[default: 11; x>=1]" in " ".join(capsys.readouterr().out.split())
        run(["--help"])
        assert "[default: 7; x>=1]" in " ".join(capsys.readouterr().out.split())

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("[tool.crosscheck]\nstepz = 7\n", "did you mean steps?"),
            ("[tool.crosscheck.train]\nhiden-size = 7\n", "did you mean hidden-size?"),
            ("[tool.crosscheck.train]\nsteps = 'many'\n", "It is set in"),
            ("[tool.crosscheck]\ntrain = 3\n", "is not a table"),
            ("[tool]\ncrosscheck = 3\n", "write [tool.crosscheck]"),
            ("[tool.crosscheck\n", "cannot be read"),
        ],
    )
    def test_mistakes_are_refused_with_the_file_named(self, text, expected, tmp_path, monkeypatch, capsys):
        (tmp_path / "pyproject.toml").write_text(text)
        monkeypatch.chdir(tmp_path)
        assert run(["train", "no.txt"]) == Exit.NOT_RUN
        err = capsys.readouterr().err
        assert expected in err
        assert str(tmp_path / "pyproject.toml") in err
        assert run(["--version"]) == 0
