"""Several reports as one, and what `crosscheck merge` says to files that are no reports."""

import itertools
import json
from pathlib import Path

import jsonschema
import pytest

from crosscheck.cli.entry import run
from crosscheck.cli.exits import Exit
from crosscheck.reports import merged
from crosscheck.reports.parts import gradients
from crosscheck.reports.schema import schema
from crosscheck.verdicts import Verdict
from tests.crosscheck.reports import made


def together(*reports):
    whole = merged(reports, target="all", seed=3, reproduce="again")
    jsonschema.validate(whole, schema())
    return whole


@pytest.mark.parametrize(("one", "other"), list(itertools.product(Verdict, repeat=2)))
def test_the_worse_verdict_is_that_of_both(one, other):
    whole = together(made.library_report("f", one), made.file_report("x.py", [made.subject("g", other)]))
    assert whole["verdict"] == min(one, other, key=list(Verdict).index)
    assert [file["verdict"] for file in whole["files"]] == [one, other]


def test_nothing_at_all_is_inconclusive():
    assert together()["verdict"] == "inconclusive"


def test_lists_and_sums_hold_what_stands_in_all():
    whole = together(made.file_report("x.py", [made.subject("f", "disagree")]), made.library_report("h"))
    assert (whole["target"], whole["seed"], whole["reproduce"]) == ("all", 3, "again")
    assert (whole["examples"], whole["judged"], whole["seconds"]) == (80, 76, 4.0)
    assert whole["regimes"] == {"one-step": 20, "longer": 60}
    assert whole["oracles"] == ["complex step"]
    assert len(whole["parameters"]) == 4
    assert whole["repair"]["diff"] == made.DIFF
    assert [(g.target, g.name) for g in gradients(whole)] == [("x.py", "f"), ("h", "h")]


@pytest.mark.parametrize("order", [1, -1])
def test_the_same_gradient_in_two_shards_is_counted_once_and_the_worse_verdict_stands(order):
    shards = [
        made.file_report("x.py", [made.subject("f"), made.subject("g")], skipped=(made.skipped("h"),)),
        made.file_report("x.py", [made.subject("g", "disagree"), made.subject("k")], skipped=(made.skipped("h"),)),
    ]
    whole = together(*shards[::order])
    assert {g.function: str(g.verdict) for g in gradients(whole)} == {"f": "agree", "g": "disagree", "k": "agree"}
    assert len(gradients(whole)) == 3
    assert (whole["verdict"], whole["examples"], len(whole["skipped"]), len(whole["findings"])) == (
        "disagree", 120, 1, 1,
    )  # fmt: skip
    assert len({one["name"] for one in whole["parameters"]}) == 6
    alike = together(made.library_report("h", "disagree"), made.library_report("h"), made.library_report("h"))
    assert (len(alike["files"]), alike["verdict"], alike["examples"]) == (1, "disagree", 40)


def test_subjects_of_one_name_in_different_places_are_different_gradients():
    places = [
        ("a.py", 3, None),
        ("b.py", 3, None),
        ("b.py", 9, None),
        ("b.py", 9, "t.py::test_f"),
        ("b.py", 9, "t.py::test_g"),
    ]
    reports = [made.library_report("loss", file=file, line=line, **({"name": name} if name else {}))
               for file, line, name in places]  # fmt: skip
    assert len(together(*reports)["files"]) == 5
    assert len(together(*reports, *reports)["files"]) == 5
    assert [g.name for g in gradients(together(*reports))][2:] == ["loss", "t.py::test_f", "t.py::test_g"]


def test_merging_twice_is_merging_once():
    one, two, three = (made.library_report(name) for name in "abc")
    nested = together(together(one, two), together(two, three))
    assert nested["files"] == together(one, two, three)["files"]


def test_what_stopped_a_run_is_not_lost():
    stopped = made.KINDS[made.NAMES.index("refused")]
    whole = together(made.library_report(), stopped)
    assert (whole["verdict"], whole["error"]["code"]) == ("error", "empty-folder")


def test_what_only_one_of_two_accounts_knows_is_kept():
    mutants = [{"line": 3, "before": "a", "after": "b", "outcome": "killed"}]
    whole = together(
        made.file_report("x.py", [made.subject("f", examples=50, judged=50)]),
        made.file_report("x.py", [made.subject("f", mutants=mutants)]),
    )
    assert (whole["subjects"][0]["mutants"], whole["subjects"][0]["examples"]) == (mutants, 50)


@pytest.fixture
def shards(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(**reports):
        for name, report in reports.items():
            text = report if isinstance(report, str) else json.dumps(report)
            Path(f"{name}.json").write_text(text, encoding="utf-8")

    return write


@pytest.mark.parametrize(
    ("verdict", "code"),
    [("agree", Exit.AGREE), ("disagree", Exit.DISAGREE), ("inconclusive", Exit.INCONCLUSIVE), ("error", Exit.NOT_RUN)],
)
def test_the_command_answers_with_the_verdict_of_all(shards, capsys, verdict, code):
    shards(a=made.library_report("f"), b=made.library_report("g", verdict))
    assert run(["merge", "a.json", "b.json", "--junit", "j.xml", "--sarif", "s.json"]) == code
    out = capsys.readouterr().out
    assert out.split("\n")[-2].startswith(f"{verdict.upper()}   2 gradients: ")
    assert Path("j.xml").exists()
    assert Path("s.json").exists()
    assert run(["merge", "a.json", "b.json", "--json", "-"]) == code
    whole = json.loads(capsys.readouterr().out)
    jsonschema.validate(whole, schema())
    assert (whole["verdict"], whole["reproduce"]) == (verdict, "crosscheck merge a.json b.json")


DAMAGED = {
    "a list": ("[1]", "the whole is [1]"),
    "another object": ('{"verdict": "agree"}', "has no schema_version"),
    "cut": (json.dumps(made.library_report())[:300], "it is no JSON (line 1"),
    "no number": (json.dumps(made.library_report() | {"seconds": float("nan")}), "NaN is no number in JSON"),
    "a wrong verdict": (json.dumps(made.library_report() | {"verdict": "fine"}), 'verdict is "fine"'),
    "a wrong count": (json.dumps(made.library_report() | {"judged": -1}), "judged is -1"),
    "a truth": (json.dumps(made.library_report() | {"judged": True}), "judged is true"),
    "inside": (json.dumps(made.library_report() | {"parameters": [{"name": "W"}]}), "parameters[0] has no verdict"),
    "a file": (json.dumps(made.library_report() | {"files": [{}]}), "files[0] has no"),
    "infinite": (json.dumps(made.library_report()).replace('"seconds": 2.0', '"seconds": 1e999'), "seconds is Inf"),
    "deep": ("[" * 100_000, "nested too deeply"),
    "empty": ("", "it is no JSON"),
    "newer": (json.dumps(made.library_report() | {"schema_version": 2}), "newer crosscheck (version 2"),
}


@pytest.mark.parametrize(("text", "said"), DAMAGED.values(), ids=DAMAGED)
def test_what_is_no_report_gets_one_sentence(shards, capsys, text, said):
    shards(a=made.library_report(), b=text)
    assert run(["merge", "a.json", "b.json"]) == Exit.NOT_RUN
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.startswith("crosscheck: b.json ")
    assert err.count("\n") == 1


def test_files_that_cannot_be_read_or_written_are_refused(shards, capsys):
    shards(a=made.library_report())
    Path("b.json").write_bytes(b"\xff\xfe\x00")
    for arguments, said in [
        (["no.json"], "There is no file no.json"),
        (["."], "cannot be read"),
        (["b.json"], "it is no text"),
        (["a.json", "--junit", "no/j.xml"], "no/j.xml cannot be written"),
        (["a.json", "--junit", "-", "--json", "-"], "both go to standard output"),
        ([], "Missing argument"),
    ]:
        assert run(["merge", *arguments]) == Exit.NOT_RUN
        assert said in capsys.readouterr().err


def test_json_says_too_why_nothing_was_merged(shards, capsys):
    shards(a=made.library_report(), b="[]")
    for arguments, code in [
        (["a.json", "b.json"], "not-a-report"),
        (["no.json"], "no-such-file"),
        (["--no-such-option"], "bad-usage"),
        (["a.json", "--junit", "no/j.xml"], "bad-input"),
    ]:
        assert run(["merge", *arguments, "--json", "-"]) == Exit.NOT_RUN
        found = json.loads(capsys.readouterr().out)
        jsonschema.validate(found, schema())
        assert (found["verdict"], found["error"]["code"]) == ("error", code)
        assert found["reproduce"].startswith("crosscheck merge ")
