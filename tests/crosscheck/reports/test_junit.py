"""JUnit XML, read back by libxml2 and held against the schema that Jenkins' xUnit plugin has for Surefire's files.

That schema is junit-10.xsd; junit.xsd beside this file states its rules for what we write.
"""

import jsonschema
import pytest
from lxml import etree

from crosscheck.reports import junit
from crosscheck.reports.schema import schema
from tests.crosscheck.reports import made

XSD = etree.XMLSchema(etree.parse(made.HERE / "junit.xsd"))
ELEMENTS = {"disagree": "failure", "error": "error", "inconclusive": "skipped", "agree": "system-out"}


def read(report):
    root = etree.fromstring(junit(report).encode())
    XSD.assertValid(root)
    return root


@pytest.mark.parametrize("report", made.KINDS, ids=made.NAMES)
def test_every_report_is_valid_and_its_counts_are_those_of_its_cases(report):
    jsonschema.validate(report, schema())
    root = read(report)
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(attribute)) == len(suite.findall(f"testcase/{element}"))
    assert int(root.get("failures")) == len(root.findall(".//failure"))
    assert (report["verdict"] == "disagree") == bool(root.findall(".//failure"))
    if report["verdict"] == "agree":
        assert not root.findall(".//error")


@pytest.mark.parametrize("verdict", ELEMENTS)
def test_a_verdict_is_an_outcome_of_its_own(verdict):
    root = read(made.file_report(subjects=[made.subject("f", verdict)]))
    (case,) = root.findall("testsuite/testcase")
    assert (case.get("name"), case.get("classname"), [child.tag for child in case]) == (
        "f", "models.x", [ELEMENTS[verdict]],
    )  # fmt: skip
    assert "f: " + verdict.upper() in case[0].text
    if verdict != "agree":
        assert case[0].get("message").startswith(verdict.upper())


def test_a_failure_says_what_is_wrong_why_and_how_to_see_it_again():
    (failure,) = read(made.file_report(subjects=[made.subject("f", "disagree")])).findall(".//failure")
    assert failure.get("message") == "DISAGREE in Wxh: line 4: nothing is carried."
    assert failure.get("type") == "carry-missing"
    for part in ("Wxh differs.", "+    dh = dy + dhnext", "reproduce: crosscheck check models/x.py --seed 0"):
        assert part in failure.text


def test_what_a_test_found_has_the_name_of_the_test():
    (suite,) = read(made.library_report("loss", name="tests/test_x.py::Case::test_f"))
    case = suite.find("testcase")
    assert (case.get("classname"), case.get("name")) == ("tests.test_x", "Case::test_f")
    assert suite.get("name") == "tests/test_x.py::Case::test_f"
    assert case[0].text.startswith("tests/test_x.py::Case::test_f: AGREE")


def test_what_was_not_judged_or_stops_a_file_is_a_case_too():
    root = read(made.file_report(subjects=[made.subject("f")], skipped=(made.skipped("g"),),
                                 error={"code": "timed-out", "message": "It hung.", "line": None}))  # fmt: skip
    found = {case.get("name"): case[0] for case in root.findall("testsuite/testcase")}
    assert {name: element.tag for name, element in found.items()} == {
        "f": "system-out", "g": "skipped", "the whole of it": "error",
    }  # fmt: skip
    assert found["g"].get("message") == "not judged: no loss was found"
    assert found["the whole of it"].get("message") == "It hung."
