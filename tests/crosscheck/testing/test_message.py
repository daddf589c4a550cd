"""What a failing test says."""

from typing import Any

from crosscheck.testing.message import MOST_LINES, failure


def parameter(name: str, verdict: str = "agree", **worst: Any) -> dict[str, Any]:
    shown = {"index": [2, 1], "subject": 0.25, "reference": -1.5, "noise": 1.5e-16, "time": 3, "variable": "dh"}
    return {
        "name": name, "verdict": verdict, "judged": 7, "cases": 11, "detection_floor": 1.5e-14,
        "worst": {**shown, **worst} if verdict == "disagree" else None,
    }  # fmt: skip


def report(**changes: Any) -> dict[str, Any]:
    plain = {"target": "rnn", "verdict": "disagree", "judged": 7, "examples": 11, "regimes": {"tiny": 11}}
    lists = {"parameters": [], "findings": [], "diagnoses": [], "repairs": [], "error": None}
    return {**plain, **lists, **changes}


def test_the_wrong_ones_come_first_with_the_worst_entry_and_where_it_starts():
    lines = failure(report(parameters=[parameter("by"), parameter("Whh", "disagree")]), "COMMAND").split("\n")
    assert lines[0] == "rnn: DISAGREE   7 of 11 cases judged, 1 regimes"
    assert lines[2].split()[0] == "Whh"
    assert lines[2].endswith("[2, 1]: 0.25, -1.5, 1.5e-16; starts at dh, step 3")
    assert lines[3].split() == ["by", "agree", "7/11", "1.5e-14"]
    assert lines[-1] == "  reproduce: COMMAND"


def test_the_reason_and_the_repair_are_shown():
    diff = "--- rnn.py\n+++ rnn.py\n@@ -1 +1 @@\n-dz = 1 - h\n+dz = 1 - h * h\n"
    diagnosis = {"code": "wrong-activation-derivative", "message": "line 8: the derivative\nis another"}
    text = failure(report(diagnoses=[diagnosis], repairs=[{"cases": 20, "diff": diff}]), "COMMAND")
    assert "  why: line 8: the derivative is another [wrong-activation-derivative]" in text
    assert "    -dz = 1 - h\n    +dz = 1 - h * h\n" in text
    assert "+++" not in text


def test_it_never_takes_more_than_forty_lines():
    findings = [{"severity": "note", "code": "prints", "message": "m\n" * 50}] * 60
    diff = "\n".join(["+x"] * 99)
    text = failure(
        report(
            parameters=[parameter(f"W{n}", "disagree") for n in range(60)],
            findings=[*findings, {"severity": "error", "code": "gradient-differs", "message": "is wrong"}],
            diagnoses=[{"code": "c", "message": "m"}] * 9,
            repairs=[{"cases": 20, "diff": diff}],
        ),
        "COMMAND",
    )
    assert text.count("\n") < MOST_LINES
    assert "… and 46 more" in text
    assert text.index("error: is wrong") < text.index("note: m m")


def test_numbers_that_json_cannot_carry_are_shown_as_they_are():
    wrong = parameter("W", "disagree", subject="nan", time=None, variable=None)
    assert "[2, 1]: nan, -1.5, 1.5e-16" in failure(report(parameters=[wrong | {"detection_floor": "inf"}]), "COMMAND")


def test_two_numbers_are_written_so_that_they_differ():
    wrong = parameter("W", "disagree", subject=1 / 3, reference=1 / 3 + 1e-12)
    assert "[2, 1]: 0.333333333333, 0.333333333334, " in failure(report(parameters=[wrong]), "COMMAND")
