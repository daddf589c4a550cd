"""The learner's folder and the file that knows what is solved."""

import subprocess
import sys
from pathlib import Path

import pytest

from crosscheck.cli.entry import run
from crosscheck.errors import CrosscheckError
from crosscheck.learn.course import Chapter, Course, course
from crosscheck.learn.progress import FILE, keep, read
from crosscheck.learn.workspace import Workspace

ROOT = Path(__file__).resolve().parents[3]
HELLO, LINEAR, STEPS = (course().exercise(name) for name in ("hello", "linear", "t_steps"))


@pytest.fixture
def workspace(tmp_path):
    return Workspace.make(course(), tmp_path / "w")[0]


def test_a_folder_is_made_and_brought_up_to_date_without_touching_anything(tmp_path):
    workspace, added = Workspace.make(course(), tmp_path / "w")
    assert workspace.path(HELLO) in added
    assert workspace.path(HELLO).read_text() == HELLO.stub
    workspace.path(HELLO).write_text("mine")
    workspace.path(LINEAR).unlink()
    workspace.solve(HELLO)
    again, added = Workspace.make(course(), tmp_path / "w")
    assert added == [workspace.path(LINEAR)]
    assert again.path(HELLO).read_text() == "mine"
    assert list(again.progress().solved) == ["hello"]


def test_a_folder_that_holds_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(CrosscheckError, match="holds something, and no course") as raised:
        Workspace.make(course(), tmp_path)
    assert raised.value.code == "folder-in-use"
    with pytest.raises(CrosscheckError, match="is a file"):
        Workspace.make(course(), tmp_path / "thesis.tex")


def test_a_course_is_found_from_within_and_its_absence_told(workspace, tmp_path):
    assert Workspace.find(course(), workspace.path(LINEAR).parent).folder == workspace.folder
    with pytest.raises(CrosscheckError, match="crosscheck learn init"):
        Workspace.find(course(), tmp_path)


def test_a_reset_keeps_every_version_and_forgets_that_it_was_solved(workspace):
    path = workspace.path(LINEAR)
    kept = []
    for text in ("first", "second"):
        path.write_text(text)
        workspace.solve(LINEAR)
        kept.append(workspace.reset(LINEAR))
        assert path.read_text() == LINEAR.stub
        assert workspace.progress().solved == {}
    assert [one.name for one in kept] == ["linear.py.1", "linear.py.2"]
    assert [one.read_text() for one in kept] == ["first", "second"]
    path.unlink()
    assert workspace.reset(LINEAR) is None
    assert path.read_text() == LINEAR.stub


def test_where_the_learner_is_outlives_another_order_and_a_file_that_moved(workspace):
    workspace.solve(HELLO)
    workspace.go_to(STEPS)
    others = Course((Chapter(0, "All", "9_all", (STEPS, LINEAR, HELLO)),))
    moved = Workspace(workspace.folder, others)
    assert moved.current() is STEPS
    assert moved.path(STEPS) == workspace.path(STEPS)
    assert moved.following(None) is STEPS
    assert moved.following(LINEAR) is STEPS
    fewer = Workspace(workspace.folder, Course((Chapter(0, "All", "9_all", (HELLO, LINEAR)),)))
    assert fewer.current() is LINEAR
    fewer.solve(LINEAR)
    assert fewer.following(None) is None
    assert "at t_steps" in (workspace.folder / FILE).read_text()


def test_names_of_another_version_are_kept(workspace):
    (workspace.folder / FILE).write_text("solved from_the_future\nat hello\n")
    workspace.solve(HELLO)
    assert list(workspace.progress().solved) == ["from_the_future", "hello"]
    assert not workspace.progress().damaged


def test_a_damaged_file_loses_what_is_damaged_and_is_kept(workspace):
    damaged = b"solved hello\n\x00\xff\xfe rubbish\nat linear\nhints 99999999 hello\n"
    (workspace.folder / FILE).write_bytes(damaged)
    assert read(workspace.folder).damaged
    workspace.solve(LINEAR)
    assert list(workspace.progress().solved) == ["hello", "linear"]
    assert workspace.progress().at == "linear"
    assert not workspace.progress().damaged
    assert (workspace.folder / f"{FILE}.1").read_bytes() == damaged


SOLVING = """
import sys
from pathlib import Path
from crosscheck.learn.progress import changing

for number in range(25):
    with changing(Path(sys.argv[1])) as progress:
        progress.solved[sys.argv[2] + str(number)] = None
"""


def test_two_at_once_lose_nothing_of_each_other(workspace):
    command = [sys.executable, "-c", SOLVING, str(workspace.folder)]
    workers = [subprocess.Popen([*command, who], cwd=ROOT) for who in ("a", "b")]
    assert [worker.wait(120) for worker in workers] == [0, 0]
    assert set(workspace.progress().solved) == {f"{who}{number}" for who in "ab" for number in range(25)}


def test_a_kill_before_the_last_moment_leaves_the_old_file(workspace, monkeypatch):
    workspace.solve(HELLO)
    monkeypatch.setattr("manual.atomic.Path.replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        workspace.solve(LINEAR)
    assert list(workspace.progress().solved) == ["hello"]


def test_hints_come_one_after_the_other_and_the_last_one_stays(workspace):
    assert [workspace.next_hint(LINEAR)[0] for _ in range(5)] == [1, 2, 3, 3, 3]
    assert workspace.next_hint(HELLO) == (1, HELLO.hints[0])


def test_a_copy_never_takes_the_place_of_another(tmp_path):
    path = tmp_path / "x.py"
    path.write_text("new")
    (tmp_path / "x.py.1").write_text("old")
    assert keep(path) == tmp_path / "x.py.2"
    assert (tmp_path / "x.py.1").read_text() == "old"


@pytest.fixture
def inside(workspace, monkeypatch):
    monkeypatch.chdir(workspace.folder)
    return workspace


def test_the_commands_from_the_first_file_to_a_solved_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["learn", "run"]) == 2
    assert "crosscheck learn init" in capsys.readouterr().err
    assert run(["learn", "init"]) == 0
    assert "cd gradients" in capsys.readouterr().out
    monkeypatch.chdir(tmp_path / "gradients")
    assert run(["learn", "run"]) == 1
    assert "TODO: the derivative" in capsys.readouterr().out
    file = tmp_path / "gradients" / "0_hello" / "hello.py"
    file.write_text(file.read_text().replace("3 * x", "2 * x"))
    assert run(["learn", "run", "hello"]) == 0
    assert "Solved." in capsys.readouterr().out
    assert run(["learn", "list"]) == 0
    assert "1/" in capsys.readouterr().out


def test_texts_and_questions(inside, capsys):
    assert run(["learn", "hint", "linear"]) == 0
    assert "Hint 1 of 3" in capsys.readouterr().out
    assert run(["learn", "theory", "linear"]) == 0
    out = capsys.readouterr().out
    assert "A matrix times a vector" in out
    assert max(map(len, out.split("Read on")[0].splitlines())) <= 100
    assert run(["learn", "solution", "linear"]) == 2
    assert "add --yes" in capsys.readouterr().err
    assert run(["learn", "solution", "linear", "--yes"]) == 0
    assert "np.outer(dy, x)" in capsys.readouterr().out
    inside.path(LINEAR).write_text("mine")
    assert run(["learn", "reset", "linear"]) == 2
    assert inside.path(LINEAR).read_text() == "mine"
    assert run(["learn", "reset", "linear", "--yes"]) == 0
    assert inside.path(LINEAR).read_text() == LINEAR.stub


def test_what_cannot_be_done_is_told_in_one_sentence(inside, capsys):
    assert run(["learn"]) == 2
    assert "crosscheck learn run NAME" in capsys.readouterr().err
    assert run(["learn", "run", "helo"]) == 2
    assert "did you mean hello?" in capsys.readouterr().err
    inside.path(HELLO).unlink()
    assert run(["learn", "run", "hello"]) == 2
    assert "crosscheck learn reset hello brings it back" in capsys.readouterr().err
    inside.path(HELLO).write_bytes(b"\xff\xfe")
    assert run(["learn", "run", "hello"]) == 2
    assert "cannot be read" in capsys.readouterr().err
