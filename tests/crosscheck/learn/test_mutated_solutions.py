"""A short run of tests/quality/mutated_solutions.py, and proof that it sees what it looks for."""

import sys

from crosscheck.learn.course import course
from crosscheck.learn.result import Result
from tests.quality import mutated_solutions

EARLY = ["product", "chain", "linear", "tanh"]


def ran(monkeypatch, capsys, *options):
    monkeypatch.setattr(sys, "argv", ["mutated_solutions", *EARLY, *options])
    return mutated_solutions.main(), capsys.readouterr().out


def test_no_wrong_edit_passes(monkeypatch, capsys):
    status, out = ran(monkeypatch, capsys, "--edits", "30")
    assert status == 0, out
    assert out.startswith("30 edits, seed 0")


def test_an_edit_that_passes_is_seen(monkeypatch, capsys):
    acquitted = Result(True, "solved", ("Right.",))
    monkeypatch.setattr(mutated_solutions, "examine_source", lambda *_: acquitted)
    status, out = ran(monkeypatch, capsys, "--edits", "10")
    assert status == 1
    assert "PASSED" in out
    exercise = course().exercise("linear")
    assert mutated_solutions.is_right(exercise, exercise.solution)
    assert not mutated_solutions.is_right(exercise, exercise.solution.replace("W.T @ dy", "W.T @ dy * 1.0001"))
    assert not any(mutated_solutions.is_right(exercise, exercise.mistaken(wrong)) for wrong in exercise.exam.wrong[2:6])
