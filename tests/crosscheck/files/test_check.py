"""`check_file` puts together what the child says: verdict, JSON by the schema, text, exit."""

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

import crosscheck
from crosscheck.errors import CrosscheckError
from crosscheck.files.check import locate

SCHEMA = json.loads(files("crosscheck").joinpath("schema.json").read_text(encoding="utf-8"))
HERE = Path(__file__).resolve().parent


@pytest.fixture
def check(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.chdir(tmp_path)

    def of(*lines, target="x.py", **options):
        Path("x.py").write_text("\n".join(["pass", *lines]))
        report = crosscheck.check_file(target, examine="stand_ins:as_told", **options)
        jsonschema.validate(json.loads(report.to_json()), SCHEMA)
        return report

    return of


@pytest.mark.parametrize(
    ("lines", "options", "verdict"),
    [
        (["# judged f agree"], {}, "agree"),
        (["# judged f agree", "# judged g inconclusive"], {}, "inconclusive"),
        (["# judged f inconclusive", "# judged g error"], {}, "error"),
        (["# judged f error", "# judged g disagree", "# judged h agree"], {}, "disagree"),
        (["# judged f agree", "# failed timed-out"], {}, "error"),
        (["# judged f disagree", "# failed timed-out"], {}, "disagree"),
        (["# judged f agree", "# skipped g"], {}, "inconclusive"),
        (["# judged f agree", "# skipped g"], {"skip_unrecognised": True}, "agree"),
        (["# judged f agree", "# judged g disagree", "# skipped h"], {"function": "f"}, "agree"),
        (["# judged f agree", "# judged g disagree"], {"function": ["f", "g"]}, "disagree"),
        (["# skipped g"], {}, "inconclusive"),
        (["# skipped g"], {"skip_unrecognised": True}, "inconclusive"),
        (["# judged f agree", "# warning clip-without-effect"], {}, "agree"),
        ([], {}, "error"),
        (["# judged f agree"], {"function": "g"}, "error"),
    ],
)
def test_the_worst_verdict_counts(check, lines, options, verdict):
    assert check(*lines, **options).verdict == verdict


def test_one_subject_stands_at_the_top_as_well(check):
    report = check("# judged lossFun disagree", "# warning never-read", "# assumed Python 2", seed=5, examples=40)
    found = report.as_dict()
    assert [found["examples"], found["judged"], found["seed"]] == [40, 38, 5]
    assert found["parameters"][0]["name"] == "Wxh"
    assert found["parameters"][0]["worst"]["reference"] == "inf"
    assert [finding["code"] for finding in found["findings"]] == ["never-read", "gradient-differs"]
    assert found["repair"] == found["repairs"][0]
    assert found["repair"]["after"] == "dh = dy + dhnext"
    assert found["assumptions"] == ["Python 2", "mean loss"]
    assert found["oracles"] == ["complex step"]
    assert found["error"] is None
    assert found["reproduce"] == "crosscheck check x.py --seed 5 --examples 40"
    assert found["subjects"][0]["function"] == "lossFun"
    assert set(SCHEMA["required"]) - {"schema_version", "target", "seed", "skipped", "subjects", "reproduce"} <= set(
        found["subjects"][0]
    )


def test_several_subjects_stand_together(check):
    found = check("# judged f agree", "# judged g disagree").as_dict()
    assert [parameter["name"] for parameter in found["parameters"]] == ["f: Wxh", "g: Wxh"]
    assert (found["examples"], found["regimes"]) == (80, {"T=1": 40, "long": 40})


def test_the_report_prints_itself(check):
    text = str(check("# judged lossFun disagree", "# skipped g"))
    assert text.split("\n") == [
        "x.py, lossFun: DISAGREE   38 of 40 cases judged, 2 regimes, 1.5 s",
        "       verdict         judged   detects  furthest off",
        "  Wxh  disagree         40/40   2.0e-14  1e+12 tolerances",
        "  error: line 7: Wxh differs. [gradient-differs]",
        "  why: line 7: Nothing is carried. [no-carry]",
        "  repair: under this edit it agrees on 60 fresh cases",
        "    --- x.py",
        "    +++ x.py",
        "    @@ -7 +7 @@",
        "    -dh = dy",
        "    +dh = dy + dhnext",
        "  assumed: mean loss",
        "  oracles: complex step",
        "  not judged: g: no loss was found",
        "  reproduce: crosscheck check x.py --seed 0",
    ]


def test_a_repair_that_only_lets_the_code_run_says_so(check):
    report = check("# judged f disagree")
    (subject,) = report.subjects
    names = {**subject["repairs"][0], "verdict": "disagree", "diff": "+names\n"}
    text = str(replace(report, subjects=({**subject, "repairs": [names, *subject["repairs"]]},)))
    assert "  repair: with this edit it can be judged, and the verdict is disagree\n    +names\n  repair: under" in text


def test_the_verdict_of_all_stands_first_where_it_is_another(check):
    assert str(check("# judged f agree", "# skipped g")).startswith("x.py: INCONCLUSIVE\nx.py, f: AGREE ")
    assert str(check("# judged f agree", "# judged g agree")).startswith("x.py: AGREE   2 functions judged, ")
    assert str(check("# failed no-such-thing")).startswith("x.py: ERROR   0 functions judged")


def test_raise_for_verdict(check):
    check("# judged f agree").raise_for_verdict()
    with pytest.raises(crosscheck.Disagreement, match="dh = dy"):
        check("# judged f disagree").raise_for_verdict()
    skipped = check("# skipped f")
    skipped.raise_for_verdict(allow_inconclusive=True)
    with pytest.raises(crosscheck.Disagreement):
        skipped.raise_for_verdict()


def test_what_cannot_be_read_is_a_report(check):
    report = check(target="no.py")
    assert (report.verdict, report.error["code"]) == ("error", "no-such-file")
    report = check("x = (")
    assert (report.error["code"], report.error["line"]) == ("syntax-error", 2)
    report = check(target="no.such.module:f")
    assert report.error["code"] == "no-such-module"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"seed": -1}, "bad-seed"),
        ({"examples": 0}, "bad-examples"),
        ({"budget": 0.0}, "bad-budget"),
        ({"allow": ["everything"]}, "bad-allowance"),
        ({"memory": 1}, "bad-memory"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(options, code):
    with pytest.raises(CrosscheckError) as raised:
        crosscheck.check_file("x.py", **options)
    assert raised.value.code == code


def test_targets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "package").mkdir()
    for name in ("x.py", "package/__init__.py", "package/y.py", "a:b.py"):
        (tmp_path / name).write_text("raise SystemExit('imported')")
    assert locate("x.py") == (Path("x.py"), ())
    assert locate("x.py:f") == (Path("x.py"), ("f",))
    assert locate("a:b.py") == (Path("a:b.py"), ())
    assert locate("x:f") == (tmp_path / "x.py", ("f",))
    assert locate("package.y:A.f") == (tmp_path / "package" / "y.py", ("A.f",))
    assert locate("x.py:") == (Path("x.py"), ())
    assert locate("package:f") == (tmp_path / "package" / "__init__.py", ("f",))
    for target, says in (("package..y:f", "check the name"), (":f", "write FILE:FUNCTION")):
        with pytest.raises(CrosscheckError, match=says):
            locate(target)


def test_the_command_that_reproduces_a_named_function(check):
    assert check("# judged f agree", target="x.py:f").reproduce == "crosscheck check x.py:f --seed 0"
    named = check("# judged f agree", function="f", budget=30, allow=["writes"], skip_unrecognised=True)
    assert named.reproduce == (
        "crosscheck check x.py --function f --seed 0 --budget 30 --allow writes --skip-unrecognised"
    )
