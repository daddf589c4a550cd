"""`crosscheck check`: verdicts as exit codes, one JSON object for whatever happens, no file changed unasked."""

import json
import subprocess
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from crosscheck.cli.entry import run
from crosscheck.cli.exits import Exit
from crosscheck.files import check

SCHEMA = json.loads(files("crosscheck").joinpath("schema.json").read_text(encoding="utf-8"))
STAND_INS = Path(__file__).resolve().parents[1] / "files"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Make the current folder one whose files say what is found in them: `# judged f agree`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(STAND_INS))
    check_file = check.check_file

    def interrupt(event):
        if event.get("function") == "interrupt":
            raise KeyboardInterrupt

    def by_stand_in(*arguments, **options):
        return check_file(*arguments, **{**options, "examine": "stand_ins:as_told", "handler": interrupt})

    monkeypatch.setattr(check, "check_file", by_stand_in)

    def write(**contents):
        for name, lines in contents.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text("pass\n" + lines.replace("; ", "\n"))
        return tmp_path

    return write


def as_json(arguments, capsys):
    """Run with --json -, and return (exit code, the one object)."""
    code = run(["check", *arguments, "--json", "-"])
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, SCHEMA)
    return code, found


@pytest.mark.parametrize(
    ("lines", "options", "code"),
    [
        ("# judged f agree", [], Exit.AGREE),
        ("# judged f disagree", [], Exit.DISAGREE),
        ("# judged f inconclusive", [], Exit.INCONCLUSIVE),
        ("# judged f agree; # skipped g", [], Exit.INCONCLUSIVE),
        ("# judged f agree; # skipped g", ["--skip-unrecognised"], Exit.AGREE),
        ("# judged f agree; # judged g disagree", ["--function", "f"], Exit.AGREE),
        ("# judged f agree; # judged g disagree", ["--function", "f", "--function", "g"], Exit.DISAGREE),
        ("# judged f agree; # failed timed-out", [], Exit.NOT_RUN),
        ("", [], Exit.NOT_RUN),
        ("x = (", [], Exit.NOT_RUN),
        ("# bug", [], Exit.BUG),
        ("# judged f agree; # interrupt", [], Exit.INTERRUPTED),
    ],
)
def test_the_verdict_is_the_exit_code_and_json_says_the_same(folder, capsys, lines, options, code):
    folder(x=lines)
    assert run(["check", "x.py", *options]) == code
    out = capsys.readouterr()
    assert ("x.py" in out.out) == (code != Exit.BUG)
    assert ("Traceback" in out.err) == (code == Exit.BUG)
    json_code, found = as_json(["x.py", *options], capsys)
    assert json_code == code
    words = {Exit.AGREE: "agree", Exit.DISAGREE: "disagree", Exit.INCONCLUSIVE: "inconclusive"}
    assert found["verdict"] == words.get(code, "error")
    assert (found["error"] is None) == (code in words)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["no.py"], "no-such-file"),
        (["x.py", "--budget", "-3"], "bad-budget"),
        (["x.py", "--seed", "-3"], "bad-usage"),
        (["x.py", "--no-such-option"], "bad-usage"),
        (["x.py", "--force"], "bad-usage"),
        ([], "bad-usage"),
        (["no.such.module:f"], "no-such-module"),
        (["empty"], "empty-folder"),
        (["x.py", "empty"], "empty-folder"),
        ([":f"], "no-such-file"),
        (["x.py", "--python", "/no/such/python"], "no-python"),
        (["dull"], "nothing-judged"),
    ],
)
def test_every_error_is_an_object_too(folder, capsys, arguments, error):
    folder(x="# judged f agree", dull__a="")
    Path("empty").mkdir()
    code, found = as_json(arguments, capsys)
    assert (code, found["verdict"], found["error"]["code"]) == (Exit.NOT_RUN, "error", error)
    assert found["error"]["message"]


def test_several_files_are_one_object(folder, capsys):
    folder(x="# judged f agree", y="# judged g disagree")
    code, found = as_json(["x.py", "y.py:g", "no.py"], capsys)
    assert (code, found["verdict"], found["target"]) == (Exit.DISAGREE, "disagree", "x.py y.py:g no.py")
    assert [subject["function"] for subject in found["subjects"]] == ["f", "g"]
    assert [file["verdict"] for file in found["files"]] == ["agree", "disagree", "error"]
    assert (found["examples"], found["error"]["code"]) == (80, "no-such-file")


def test_a_folder_is_searched_and_what_holds_no_gradient_is_passed_over(folder, capsys):
    folder(a__x="# judged f agree", a__deep__y="# judged g agree", a__dull="", a__venv__z="# judged h disagree")
    (Path("a") / ".hidden").mkdir()
    (Path("a") / ".hidden" / "z.py").write_text("x = (")
    code, found = as_json(["a"], capsys)
    assert code == Exit.AGREE
    assert [file["target"] for file in found["files"]] == ["a/deep/y.py", "a/x.py"]


def test_what_was_found_before_ctrl_c_is_printed(folder, capsys):
    folder(x="# judged f disagree; # interrupt")
    assert run(["check", "x.py"]) == Exit.INTERRUPTED
    assert "f: DISAGREE" in capsys.readouterr().out


def test_a_report_goes_to_a_file(folder, capsys):
    folder(x="# judged f agree")
    assert run(["check", "x.py", "--json", "r.json"]) == Exit.AGREE
    assert json.loads(Path("r.json").read_text())["verdict"] == "agree"
    assert "AGREE" in capsys.readouterr().out
    assert run(["check", "x.py", "--json", "no/r.json"]) == Exit.NOT_RUN
    assert capsys.readouterr().out == ""


def test_text_without_a_terminal_has_no_colours_and_no_wrapping(folder, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    folder(x="# judged f disagree")
    run(["check", "x.py"])
    out, err = capsys.readouterr()
    assert "\x1b" not in out
    assert "x.py, f: DISAGREE   38 of 40 cases judged, 2 regimes, 1.5 s\n" in out
    assert err == ""


def git(*arguments):
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], check=True, capture_output=True)


def test_fix_writes_the_first_repair_and_keeps_a_backup(folder, capsys):
    folder(x="# judged f disagree")
    before = Path("x.py").read_text()
    assert run(["check", "x.py", "--fix"]) == Exit.NOT_RUN
    assert "version control" in capsys.readouterr().err
    assert Path("x.py").read_text() == before
    git("init", "--quiet")
    git("add", "x.py")
    git("commit", "--quiet", "-m", "x")
    assert run(["check", "x.py", "--fix"]) == Exit.DISAGREE
    assert Path("x.py").read_text() == "y" + before[1:]
    assert Path("x.py.orig").read_text() == before
    assert "x.py.orig" in capsys.readouterr().err


def test_fix_without_a_repair_says_so(folder, capsys):
    folder(x="# judged f agree")
    assert run(["check", "x.py", "--fix"]) == Exit.AGREE
    assert "no repair" in capsys.readouterr().err
