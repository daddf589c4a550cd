"""A function that was finished in the course is judged outside of it like anybody's code."""

import dataclasses

import pytest

from crosscheck.learn import course as courses
from crosscheck.learn.course import course
from crosscheck.learn.verify import carried


@pytest.mark.parametrize("name", ["linear", "tanh"])
def test_the_check_of_files_agrees_with_a_solution(name):
    assert list(carried(course().exercise(name))) == []


def test_a_wrong_one_would_be_seen(tmp_path, monkeypatch):
    exercise = course().exercise("linear")
    (tmp_path / "linear").mkdir()
    (tmp_path / "linear" / "solution.py").write_text(exercise.mistaken(exercise.exam.wrong[0]))
    monkeypatch.setattr(courses, "EXERCISES", tmp_path)
    wrong = dataclasses.replace(exercise)
    wrong.__dict__["exam"] = exercise.exam
    (said,) = carried(wrong)
    assert said.startswith("crosscheck check says DISAGREE of solution.py")
