"""Verdicts are aggregated in the order of their weight; findings are JSON objects."""

import dataclasses
import itertools

import pytest

from crosscheck.verdicts import Finding, Severity, Verdict, aggregate

ORDER = [Verdict.DISAGREE, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.AGREE]


@pytest.mark.parametrize("given", [given for n in (1, 2, 3, 4) for given in itertools.permutations(Verdict, n)])
def test_the_weightiest_verdict_wins(given):
    assert aggregate(given) is min(given, key=ORDER.index)


def test_nothing_judged_is_never_agree():
    assert aggregate([]) is Verdict.INCONCLUSIVE


def test_values_are_the_words_of_the_report():
    assert [str(verdict) for verdict in ORDER] == ["disagree", "error", "inconclusive", "agree"]
    assert [str(severity) for severity in Severity] == ["error", "warning", "note"]


def test_a_finding_becomes_the_object_of_the_report():
    finding = Finding("gradient-shape", Severity.ERROR, "Wxh", "Transpose it.", line=7)
    assert dataclasses.asdict(finding) == {
        "code": "gradient-shape",
        "severity": "error",
        "parameter": "Wxh",
        "message": "Transpose it.",
        "file": None,
        "cell": None,
        "line": 7,
    }
