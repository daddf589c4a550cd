"""The author's side: the exercises are as they must be, and verify sees where one is not."""

import dataclasses

import numpy as np
import pytest

from crosscheck.learn import course as courses
from crosscheck.learn.course import Course, course
from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients
from crosscheck.learn.verify import answers, files, manifest, symbols
from crosscheck.learn.verify.answers import SEEDS

EXERCISES = [
    pytest.param(one.name, marks=[pytest.mark.torch] if one.needs == "torch" else []) for one in course().exercises
]


@pytest.mark.thorough
@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_works(name):
    exercise = course().exercise(name)
    if exercise.lacks:
        pytest.skip(f"needs {exercise.lacks}")
    assert [*files(exercise), *symbols(exercise), *answers(exercise, SEEDS[:1])] == []


def test_the_manifest_is_in_order():
    assert list(manifest(course())) == []


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of an exercise whose files may be changed."""

    def copy(name, **changes):
        exercise = course().exercise(name)
        folder = tmp_path / name
        folder.mkdir()
        for path in exercise.folder.iterdir():
            if path.is_file():
                (folder / path.name).write_bytes(path.read_bytes())
        monkeypatch.setattr(courses, "EXERCISES", tmp_path)
        fresh = dataclasses.replace(exercise)
        fresh.__dict__["exam"] = dataclasses.replace(exercise.exam, **changes)
        return fresh, folder

    return copy


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("hints.md", "\n---\n", "\n", "hints.md holds 1 hints"),
        ("theory.md", "# Hello", "Hello", "does not begin with a heading"),
        ("solution.py", "return 2 * x\n", "return 2 * x  \n", "blanks at its end"),
        ("solution.py", "at x, a number", "at y", "differ in the docstring of derivative"),
        ("solution.py", "(x)", "(x, y=0)", "differ in the arguments of derivative"),
    ],
)
def test_a_fault_of_a_file_is_seen(copied, file, old, new, said):
    exercise, folder = copied("hello")
    edit(folder / file, old, new)
    assert any(said in fault for fault in files(exercise))


def test_of_a_class_only_the_bodies_of_its_methods_may_differ(copied):
    exercise, folder = copied("torch_rule")
    edit(folder / "solution.py", "ctx, dy", "ctx, dz")
    edit(folder / "solution.py", "given dy (B, D)", "given dz (B, D)")
    assert [fault.split(",")[0].split(" differ in ")[1] for fault in files(exercise)] == [
        "the arguments of RMSNorm.backward",
        "the docstring of RMSNorm.backward",
    ]


def test_a_stray_file_and_a_missing_one_are_seen(copied):
    exercise, folder = copied("hello")
    (folder / "notes.txt").write_text("x\n")
    (folder / "hints.md").unlink()
    assert list(files(exercise)) == ["hints.md is missing", "notes.txt does not belong there"]


def test_an_edit_that_fits_twice_is_seen(copied):
    exercise, _ = copied("hello", wrong=(Wrong("w", "No.", ("x", "y")),))
    assert any("times in solution.py, not once" in fault for fault in files(exercise))


def test_a_symbol_from_nowhere_is_seen(copied):
    exercise, folder = copied("linear")
    edit(folder / "hints.md", "`dx` needs", "`dx` and dQ need")
    assert list(symbols(exercise)) == ["hints.md: dQ is defined neither in the file nor by a formula of theory.md"]


def test_a_stub_that_passes_is_seen(copied):
    exercise, folder = copied("hello")
    edit(folder / "stub.py", "3 * x", "x + x")
    edit(folder / "stub.py", "TODO", "To do")
    assert "stub.py passes" in list(answers(exercise))


def test_a_solution_that_fails_is_seen(copied):
    exercise, folder = copied("hello", wrong=(), also_right=())
    edit(folder / "solution.py", "2 * x", "2.1 * x")
    found = list(answers(exercise))
    assert len(found) == 2
    assert found[0].startswith("solution.py does not pass with seed 1: [wrong]")


def test_a_mistake_that_is_none_and_one_that_equals_another_are_seen(copied):
    wrong = (
        Wrong("none", "It is right.", ("2 * x", "x * 2")),
        Wrong("first", "One.", ("2 * x", "3 * x")),
        Wrong("second", "Two.", ("2 * x", "x * 3")),
    )
    exercise, _ = copied("hello", wrong=wrong)
    assert list(answers(exercise)) == [
        "the mistake none passes with seed 1",
        "the mistake second is answered with [wrong:first] One.",
    ]


def test_an_exam_that_cannot_tell_is_refused(copied):
    def case(draw: Draw) -> Case:
        return Case((0.0,), lambda: gradients(lambda x: np.abs(x), np.array(0.0)))

    exercise, _ = copied("hello", case=case, wrong=(), also_right=())
    with pytest.raises(RuntimeError, match="cannot tell whether derivative is right"):
        list(answers(exercise))


def test_a_doubled_name_and_a_folder_nobody_names_are_seen():
    first, *others = course().chapters
    twice = dataclasses.replace(first, exercises=first.exercises * 2)
    assert list(manifest(Course((twice, *others)))) == ["manifest.toml: hello stands there 2 times"]
    assert "exercises/hello is not in the manifest" in list(manifest(Course(tuple(others))))


def test_sizes_differ_and_a_case_can_be_drawn_again():
    sizes = [Draw(seed).sizes("A", "B", "C", least=2) for seed in range(20)]
    assert all(len(set(one)) == 3 and min(one) >= 2 for one in sizes)
    assert len(set(sizes)) > 10
    assert sizes[7] == Draw(7).sizes("A", "B", "C", least=2)
    assert isinstance(course().exercise("hello").exam, Exam)
