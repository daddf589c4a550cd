"""The watching screen, with keys and saves from a script in place of a learner."""

import shutil

import pytest

from crosscheck.learn.course import Chapter, Course, course
from crosscheck.learn.looking import PAPERS
from crosscheck.learn.pupil import Pupil
from crosscheck.learn.watching import Watch, opened
from crosscheck.learn.workspace import Workspace

HELLO, LINEAR = (course().exercise(name) for name in ("hello", "linear"))
SHORT = Course((Chapter(0, "Hello", "0_hello", (HELLO,)), Chapter(1, "Calculus", "1_calculus", (LINEAR,))))


class Script:
    """A terminal that remembers what was drawn."""

    def __init__(self, columns=80, lines=24):
        self.columns, self.lines, self.keys, self.screens = columns, lines, [], []

    def key(self, _seconds):
        return self.keys.pop(0) if self.keys else None

    def draw(self, lines):
        self.screens.append(list(lines))

    def size(self):
        return self.columns, self.lines

    @property
    def shown(self):
        return "\n".join(self.screens[-1])


@pytest.fixture
def begun(tmp_path, request):
    terminal = Script(*getattr(request, "param", (80, 24)))
    watch = Watch(Workspace.make(SHORT, tmp_path / "w")[0], terminal)
    watch.go_to(watch.workspace.current())
    yield watch, terminal
    watch.close()


def press(watch, *keys):
    watch.terminal.keys += keys
    return [watch.step() for _ in keys][-1]


def save(watch, old, new):
    path = watch.workspace.path(watch.exercise)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    for _ in range(3):
        watch.step()


def test_saving_brings_the_verdict_and_nothing_moves_on_until_n(begun):
    watch, terminal = begun
    assert "TODO: the derivative of x²" in terminal.shown
    save(watch, "3 * x", "x * x")
    assert "It returns x² itself" in terminal.shown
    assert any("Checking" in "\n".join(screen) for screen in terminal.screens)
    press(watch, "n")
    assert watch.exercise is HELLO
    assert "n goes on when this one is solved" in terminal.shown
    save(watch, "x * x", "2 * x")
    assert "Solved." in terminal.shown
    assert "1/2" in terminal.shown
    for _ in range(5):
        watch.step()
    assert watch.exercise is HELLO
    press(watch, "n")
    assert watch.exercise is LINEAR
    assert watch.workspace.progress().at == "linear"


def test_while_nothing_happens_the_papers_are_prepared(begun, monkeypatch):
    prepared = []
    monkeypatch.setattr("crosscheck.learn.paper.Sheet.prepare", lambda sheet: prepared.append(sheet))
    watch, _ = begun
    watch.go_to(LINEAR)
    for _ in range(40):
        watch.step()
    assert len(prepared) == PAPERS * (len(LINEAR.exam.regimes) + 2)
    assert {sheet.paper.exercise for sheet in prepared} == {LINEAR}


def test_a_file_that_is_still_being_written_is_not_looked_at(begun):
    watch, terminal = begun
    path = watch.workspace.path(HELLO)
    count = len(terminal.screens)
    for part in ("", '"""Hel', HELLO.solution):
        path.write_text(part)
        watch.step()
    assert len(terminal.screens) == count
    watch.step()
    assert "Solved." in terminal.shown


def test_a_file_that_is_saved_again_is_not_waited_for(begun, monkeypatch):
    watch, terminal = begun
    path = watch.workspace.path(HELLO)
    load = Pupil.load

    def load_and_save(pupil, source, file):
        loaded = load(pupil, source, file)
        if source != HELLO.solution:
            path.write_text(HELLO.solution)
        return loaded

    monkeypatch.setattr(Pupil, "load", load_and_save)
    path.write_text(HELLO.solution.replace("    return", "    while True:\n        pass\n    return"))
    for _ in range(5):
        watch.step()
    assert "Solved." in terminal.shown
    assert not any("does not end" in line for screen in terminal.screens for line in screen)


def test_hints_theory_list_and_solution(begun):
    watch, terminal = begun
    press(watch, "h")
    assert "Hint 1 of 3" in terminal.shown
    press(watch, "t")
    assert "A derivative says how fast" in terminal.shown
    press(watch, "escape", "s")
    assert "Show the solution all the same? (y/n)" in terminal.shown
    press(watch, "n")
    assert "return 2 * x" not in terminal.shown
    press(watch, "s", "y")
    assert "return 2 * x" in terminal.shown
    press(watch, "l", "down")
    assert "linear" in terminal.shown
    press(watch, "enter")
    assert watch.exercise is LINEAR
    assert not press(watch, "q")


def test_a_reset_asks_and_keeps(begun):
    watch, terminal = begun
    path = watch.workspace.path(HELLO)
    save(watch, "3 * x", "2 * x")
    press(watch, "r", "x")
    assert path.read_text() != HELLO.stub
    press(watch, "r", "y")
    assert path.read_text() == HELLO.stub
    assert "hello.py.1" in terminal.shown.replace("\n", "")
    assert "0/2" in terminal.shown


def test_check_all_says_what_is_left(begun):
    watch, terminal = begun
    save(watch, "3 * x", "2 * x")
    press(watch, "c")
    assert "Not solved: linear." in terminal.shown
    terminal.keys += ["c", "x"]
    watch.step()
    assert "Stopped at hello." in terminal.shown


def test_a_file_that_is_gone_is_told_and_comes_back(begun):
    watch, terminal = begun
    path = watch.workspace.path(HELLO)
    path.unlink()
    for _ in range(3):
        watch.step()
    assert "crosscheck learn reset hello brings it back" in terminal.shown.replace("\n", " ").replace("  ", " ")
    path.write_text(HELLO.solution)
    for _ in range(3):
        watch.step()
    assert "Solved." in terminal.shown


@pytest.mark.parametrize("begun", [(40, 12), (80, 24), (200, 60)], indirect=True)
def test_every_screen_fits(begun):
    watch, terminal = begun
    for key in ("h", "t", "page down", "page down", "page down", "l", "down", "escape", "s", "y", "page down", "c"):
        press(watch, key)
    assert all(len(screen) <= terminal.lines for screen in terminal.screens)
    assert max(len(line) for screen in terminal.screens for line in screen) <= terminal.columns


def test_the_end_is_told(begun):
    watch, terminal = begun
    watch.workspace.solve(LINEAR)
    save(watch, "3 * x", "2 * x")
    assert "Everything is solved" in terminal.shown
    press(watch, "n")
    assert watch.exercise is HELLO


def test_what_another_watcher_solved_counts(begun):
    watch, terminal = begun
    Workspace(watch.workspace.folder, SHORT).solve(LINEAR)
    save(watch, "3 * x", "2 * x")
    assert "2/2" in terminal.shown
    assert set(watch.workspace.progress().solved) == {"hello", "linear"}


def test_an_exercise_without_its_library_is_skipped_kindly(begun, monkeypatch):
    watch, terminal = begun
    monkeypatch.setattr(type(HELLO), "lacks", property(lambda self: "torch" if self.name == "hello" else ""))
    watch.go_to(HELLO)
    assert "needs torch, which is not installed" in terminal.shown
    press(watch, "n")
    assert watch.exercise is LINEAR


def test_the_editor_is_started_or_its_absence_told(tmp_path):
    made = tmp_path / "made"
    assert opened(f"{shutil.which('touch')} {{path}}", made) == ""
    assert "could not be started" in opened("no-such-editor", made)
    assert "could not be started" in opened("'", made)
