"""Where the reports of a check go: every format, standard output, GitHub, colours. Nothing is run here."""

import json
from pathlib import Path

import pytest
from lxml import etree

from crosscheck.cli.entry import run
from crosscheck.cli.exits import Exit
from crosscheck.files import check
from crosscheck.files.report import FileReport
from tests.crosscheck.reports import made


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Let every check of x.py find that f is wrong, and every other that it is right."""
    monkeypatch.chdir(tmp_path)
    asked = []

    def check_file(target, **options):
        asked.append(options)
        subjects = (made.subject("f", "disagree" if target == "x.py" else "agree"),)
        return FileReport(target, 0, 1.0, f"crosscheck check {target}", subjects)

    monkeypatch.setattr(check, "check_file", check_file)
    return asked


def test_one_run_writes_every_format(told, capsys):
    names = {"json": "r.json", "html": "r.html", "junit": "r.xml", "sarif": "r.sarif"}
    options = [word for name, file in names.items() for word in (f"--{name}", file)]
    assert run(["check", "x.py", "y.py", *options]) == Exit.DISAGREE
    assert "f: DISAGREE" in capsys.readouterr().out
    found = {name: Path(file).read_text(encoding="utf-8") for name, file in names.items()}
    assert json.loads(found["json"])["verdict"] == "disagree"
    assert found["html"].startswith("<!DOCTYPE html>")
    assert etree.fromstring(found["junit"].encode()).get("failures") == "1"
    assert json.loads(found["sarif"])["runs"][0]["properties"]["verdict"] == "disagree"


@pytest.mark.parametrize("name", ["html", "junit", "sarif", "json"])
def test_any_format_may_be_all_of_standard_output(told, capsys, name):
    assert run(["check", "x.py", f"--{name}", "-"]) == Exit.DISAGREE
    out = capsys.readouterr().out
    assert out[:1] in "<{"
    assert "f: DISAGREE   38" not in out.split("\n")[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--junit", "no/r.xml"], "no/r.xml cannot be written"),
        (["--html", "."], ". cannot be written"),
        (["--junit", "-", "--json", "-"], "--json and --junit both go to standard output"),
        (["--junit", "r", "--sarif", "r"], "--junit and --sarif both go to r"),
    ],
)
def test_reports_that_cannot_be_written_are_refused_before_the_work(told, capsys, monkeypatch, options, said):
    monkeypatch.setattr(check, "check_file", None)
    assert run(["check", "x.py", *options]) == Exit.NOT_RUN
    assert said in capsys.readouterr().err


def test_github_gets_annotations_and_a_summary(told, capsys, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    Path("summary.md").write_text("before\n")
    assert run(["check", "x.py", "--github"]) == Exit.DISAGREE
    assert "\n::error file=x.py,line=4,title=crosscheck%3A f%3A DISAGREE::" in capsys.readouterr().out
    summary = Path("summary.md").read_text(encoding="utf-8")
    assert summary.startswith("before\n## ")
    assert "DISAGREE" in summary
    assert run(["check", "x.py", "--github", "--json", "-"]) == Exit.DISAGREE
    out, err = capsys.readouterr()
    assert json.loads(out)["verdict"] == "disagree"
    assert err.startswith("::error ")


@pytest.mark.parametrize(
    ("options", "environment", "coloured"),
    [
        ([], {}, False),
        (["--color"], {}, True),
        (["--color"], {"NO_COLOR": "1", "TERM": "dumb"}, True),
        (["--no-color"], {"FORCE_COLOR": "1"}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_terminals_and_for_who_asks(told, capsys, monkeypatch, options, environment, coloured):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    run(["check", "x.py", *options])
    assert ("\x1b[" in capsys.readouterr().out) == coloured


def test_pictures_are_gathered_for_a_page_alone(told, capsys):
    run(["check", "x.py", "--json", "r.json"])
    run(["check", "x.py", "--html", "r.html"])
    assert [options["pictures"] for options in told] == [False, True]
