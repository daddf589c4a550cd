"""`crosscheck learn` at a terminal: save, "checking", verdict; nothing moves on until the learner says so.

The file is read again and again instead of waiting for events, which do not arrive in containers, on network drives
and under WSL. A process for the next answer is always waiting, and the papers are prepared while nothing happens, so
that an answer is there at once.
"""

import contextlib
import itertools
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from crosscheck.errors import CrosscheckError
from crosscheck.learn import telling
from crosscheck.learn.course import Exercise
from crosscheck.learn.keyboard import Terminal, listening_terminal
from crosscheck.learn.looking import PAPERS, look
from crosscheck.learn.paint import WIDEST, Paint
from crosscheck.learn.paper import paper
from crosscheck.learn.pupil import Pupil
from crosscheck.learn.result import Result
from crosscheck.learn.workspace import Workspace

POLL = 0.08
"""Seconds between two looks at the file; it must be the same in two of them, for an editor may still be writing"""
KEYS = (
    "n next", "h hint", "t theory", "l list", "c check all", "r reset", "s solution", "q quit",
)  # fmt: skip
KEYS_OF_LIST = ("up, down", "enter goes there", "l back", "q quit")
MOVING = {"up": -1, "k": -1, "down": 1, "j": 1}


def watch(workspace: Workspace, edit_command: str | None) -> int:
    """Watch until the learner quits. Returns 0."""
    with listening_terminal() as terminal, contextlib.closing(Watch(workspace, terminal, edit_command)) as watching:
        watching.go_to(workspace.current())
        while watching.step():
            pass
    return 0


class Watch:
    """One session at one terminal."""

    def __init__(self, workspace: Workspace, terminal: Terminal, edit_command: str | None = None) -> None:
        self.workspace, self.terminal, self.edit_command = workspace, terminal, edit_command
        self.exercise = workspace.current()
        self.result: Result | None = None
        self.note = ""
        """One paragraph below the verdict: a hint, or why a key did nothing."""
        self.page: list[str] | None = None
        """A text that is shown in place of the verdict."""
        self.listed: Exercise | None = None
        """The one that the list points at, while it is shown."""
        self.asked: tuple[str, Callable[[], None]] | None = None
        """A question that waits for y or n."""
        self.offset = 0
        self._pupil: Pupil | None = None
        self._seen: object = None
        self._before: object = None
        self._size = terminal.size()
        self._chores: Iterator[None] = iter(())

    @property
    def paint(self) -> Paint:
        """The terminal as it is wide now."""
        return replace(Paint.of(sys.stdout), width=max(20, min(self.terminal.size()[0] - 1, WIDEST)))

    def close(self) -> None:
        """End the process that waits for the next answer."""
        if self._pupil is not None:
            self._pupil.end()
            self._pupil = None

    def go_to(self, exercise: Exercise) -> None:
        """Show an exercise and remember it."""
        self.close()
        self.exercise, self.result, self.note, self.page, self.listed = exercise, None, "", None, None
        self.workspace.go_to(exercise)
        self._chores = _chores(exercise)
        self._seen = self._before = self._stamp()
        if self.edit_command:
            self.note = opened(self.edit_command, self.workspace.path(exercise))
        self.check()

    def step(self) -> bool:
        """Do what there is to do, or wait for a moment. False when the learner quits."""
        now = self._stamp()
        if now != self._seen and now == self._before:
            self._seen = now
            self.note, self.page, self.listed, self.asked = "", None, None, None
            self.check()
        self._before = now
        if self.terminal.size() != self._size:
            self._size = self.terminal.size()
            self.draw()
        key = self.terminal.key(POLL)
        if key is None:
            next(self._chores, None)
            return True
        return self.pressed(key)

    def check(self) -> None:
        """Look at the file and show the verdict."""
        if self.exercise.lacks:
            self.result = None
            self.note = f"This one needs {self.exercise.lacks}, which is not installed: n goes on without it."
            self.draw()
            return
        self.draw("Checking …")
        pupil, self._pupil = self._pupil or Pupil(self.exercise), None
        pupil.superseded = lambda: self._stamp() != self._seen
        try:
            self.result = look(self.workspace, self.exercise, pupil)
        except CrosscheckError as error:
            self.result = Result(False, "missing", (str(error),))
        self._pupil = Pupil(self.exercise)
        self.offset = 0
        self.draw()

    def pressed(self, key: str) -> bool:
        """Do what a key stands for. False for the last one."""
        if self.asked is not None:
            return self._answered(key)
        if self.listed is not None and self._in_list(key):
            return True
        if key == "q":
            return False
        if key in ("page down", "page up", *MOVING):
            self._scroll(key)
        elif key == "escape":
            self.page = None
        elif action := self._actions().get(key):
            self.note, self.page, self.listed, self.offset = "", None, None, 0
            action()
        self.draw()
        return True

    def _actions(self) -> dict[str, Callable[[], None]]:
        return {
            "n": self._next,
            "h": self._hint,
            "t": lambda: self._show(telling.theory(self.exercise, self.paint)),
            "l": self._list,
            "c": self._check_all,
            "r": lambda: self._ask("Bring the file back to its beginning? Yours is kept beside it.", self._reset),
            "s": self._solution,
            "e": lambda: self._note(opened(self.edit_command or "", self.workspace.path(self.exercise))),
        }

    def _answered(self, key: str) -> bool:
        assert self.asked is not None
        if key == "q":
            return False
        (_, action), self.asked = self.asked, None
        if key == "y":
            action()
        self.draw()
        return True

    def _in_list(self, key: str) -> bool:
        """Do what a key means in the list; False if it means nothing there."""
        assert self.listed is not None
        exercises = self.workspace.course.exercises
        if key in MOVING:
            place = exercises.index(self.listed) + MOVING[key]
            self.listed = exercises[max(0, min(place, len(exercises) - 1))]
        elif key == "enter":
            self.go_to(self.listed)
            return True
        elif key in ("escape", "l"):
            self.listed = None
        else:
            return False
        self.draw()
        return True

    def _next(self) -> None:
        is_solved = self.result is not None and self.result.solved
        if not is_solved and not self.exercise.lacks:
            self._note("n goes on when this one is solved. l shows the list, where another one can be chosen.")
            return
        following = self.workspace.following(self.exercise)
        if following is None:
            self._note("That was the last one: everything is solved.")
        else:
            self.go_to(following)

    def _hint(self) -> None:
        number, text = self.workspace.next_hint(self.exercise)
        self._note(f"Hint {number} of {len(self.exercise.hints)}. {text}")

    def _list(self) -> None:
        self.listed = self.exercise

    def _reset(self) -> None:
        kept = self.workspace.reset(self.exercise)
        self._seen = self._before = self._stamp()
        self.check()
        self._note(f"It is as it was at the beginning. Yours is in {kept}." if kept else "It is as it was.")

    def _solution(self) -> None:
        def show() -> None:
            self._show(telling.solution(self.exercise, self.paint))

        if self.exercise.name in self.workspace.progress().solved:
            show()
        else:
            self._ask("It is not solved yet. Show the solution all the same?", show)

    def _check_all(self) -> None:
        unsolved = []
        every = [one for one in self.workspace.course.exercises if not one.lacks]
        for number, exercise in enumerate(every, 1):
            self.draw(f"Checking all, any key stops: {number} of {len(every)}, {exercise.name} …")
            if self.terminal.key(0) is not None:
                self._note(f"Stopped at {exercise.name}. Not solved before it: {', '.join(unsolved) or 'none'}.")
                return
            with contextlib.suppress(CrosscheckError):  # a file that is gone is not solved
                if look(self.workspace, exercise).solved:
                    continue
            unsolved.append(exercise.name)
        self._note(f"Not solved: {', '.join(unsolved)}." if unsolved else "All are solved.")

    def _ask(self, question: str, action: Callable[[], None]) -> None:
        self.asked = question, action

    def _show(self, lines: list[str]) -> None:
        self.page = lines

    def _note(self, text: str) -> None:
        self.note = text

    def _scroll(self, key: str) -> None:
        room = max(1, self._size[1] - 6)
        self.offset += {"page down": room, "page up": -room}.get(key) or MOVING[key]

    def draw(self, doing: str | None = None) -> None:
        """Draw everything; `doing` says what is being waited for."""
        paint = self.paint
        head = self._head(paint)
        body = [piece for line in self._body(paint, doing) for piece in paint.cut(line)]
        foot = self._foot(paint, doing)
        room = max(3, self._size[1] - len(head) - len(foot) - 1)
        if self.listed is not None:  # what the list points at stays in sight
            place = next((n for n, line in enumerate(body) if line.startswith(("▶", ">"))), 0)
            self.offset = max(min(self.offset, place - 1), place - room + 2)
        self.offset = max(0, min(self.offset, len(body) - room))
        shown = body[self.offset : self.offset + room]
        if self.offset + room < len(body):
            shown[-1] = paint.bold("… more: space or ↓" if paint.symbols else "... more: space")
        self.terminal.draw([*head, *shown, "", *foot])

    def _head(self, paint: Paint) -> list[str]:
        chapter = self.workspace.course.chapter(self.exercise)
        return [
            paint.bar(*telling.counted(self.workspace)),
            "",
            paint.bold(f"{chapter.number} {chapter.title}: {self.exercise.title}"[: paint.width]),
            paint.path(self.workspace.path(self.exercise)),
            "",
        ]

    def _body(self, paint: Paint, doing: str | None) -> list[str]:
        if doing is not None:
            return [doing]
        if self.listed is not None:
            return telling.listing(self.workspace, paint, self.listed)
        if self.page is not None:
            return self.page
        lines = telling.verdict(self.result, paint) if self.result is not None else []
        if self.result is not None and self.result.solved:
            more = self.workspace.following(self.exercise)
            lines += ["", "n goes on." if more else "Everything is solved: this was the last one."]
        if self.note:
            lines += ["", *paint.wrapped(self.note)]
        return lines

    def _foot(self, paint: Paint, doing: str | None) -> list[str]:
        if doing is not None:
            return []
        if self.asked is not None:
            return paint.wrapped(f"{self.asked[0]} (y/n)")
        keys = KEYS_OF_LIST if self.listed is not None else KEYS
        unbroken = "  ".join(key.replace(" ", "\u00a0") for key in keys)
        return [line.replace("\u00a0", " ") for line in paint.wrapped(unbroken)]

    def _stamp(self) -> object:
        """Return what changes when the file is saved."""
        path = self.workspace.path(self.exercise)
        try:
            return path.stat().st_mtime_ns, path.read_bytes()
        except OSError:
            return None


def opened(command: str, path: Path) -> str:
    """Open a file with the learner's editor; returns what went wrong, or nothing."""
    if not command:
        return "Start with --edit-cmd, and the file is opened for you."
    try:
        words = [word.replace("{path}", str(path)) for word in shlex.split(command)]
        words += [] if "{path}" in command else [str(path)]
        nothing = subprocess.DEVNULL
        editor = subprocess.Popen(  # noqa: S603 (the learner's own command)
            words, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
        threading.Thread(target=editor.wait, daemon=True).start()
    except (OSError, ValueError) as error:
        return f"{command} could not be started ({error}): check --edit-cmd."
    return ""


def _chores(exercise: Exercise) -> Iterator[None]:
    """Prepare the papers of an exercise, a little at each step."""
    if exercise.lacks:
        return
    papers = [paper(exercise, seed) for seed in range(PAPERS)]
    for sheets in (one.sheets for one in papers), (one.square for one in papers):
        for sheet in itertools.chain.from_iterable(sheets):
            yield None
            sheet.prepare()
