"""The manifest, and the folders of the exercises that it names."""

import importlib
import importlib.util
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from crosscheck.errors import CrosscheckError
from crosscheck.learn.exam import Exam, Wrong

HOME = Path(__file__).resolve().parent
EXERCISES = HOME / "exercises"
BOOK = HOME.parents[1] / "manual" / "README.md"
"""What the links of the exercises lead into"""
BY_HAND = ("numpy", "math")
"""What may be imported where a derivative is to be found by hand"""
HINTS = 3


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise; its texts are read when they are asked for. Each is equal to itself only."""

    name: str
    title: str
    chapter: int
    seconds: float
    """How long the learner's code may run."""
    imports: tuple[str, ...]
    """What the learner's code may import."""
    read: str
    """Where to read on: a heading of manual/README.md"""
    needs: str
    """A library that may be absent: then the exercise is skipped."""

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return EXERCISES / self.name

    @property
    def by_hand(self) -> bool:
        """Tell whether the derivative must be found without a machine."""
        return set(self.imports) <= set(BY_HAND)

    @property
    def lacks(self) -> str:
        """Return the library that is needed and not installed, or nothing."""
        return self.needs if self.needs and importlib.util.find_spec(self.needs) is None else ""

    def text(self, file: str) -> str:
        """Return one of its files."""
        return (self.folder / file).read_text(encoding="utf-8")

    @cached_property
    def stub(self) -> str:
        """What the learner starts from."""
        return self.text("stub.py")

    @cached_property
    def solution(self) -> str:
        """The same file, solved."""
        return self.text("solution.py")

    @cached_property
    def hints(self) -> tuple[str, ...]:
        """The hints, each more telling than the one before."""
        return tuple(part.strip() for part in self.text("hints.md").split("\n---\n"))

    @cached_property
    def exam(self) -> Exam:
        """How it is judged."""
        return importlib.import_module(f"crosscheck.learn.exercises.{self.name}.exam").EXAM

    def edited(self, edits: tuple[tuple[str, str], ...]) -> str:
        """Return the solution after the edits of a wrong answer; ValueError if one does not fit exactly once."""
        text = self.solution
        for old, new in edits:
            if text.count(old) != 1:
                raise ValueError(f"{self.name}: {old!r} occurs {text.count(old)} times in solution.py, not once.")
            text = text.replace(old, new)
        return text

    def mistaken(self, wrong: Wrong) -> str:
        """Return the solution with a mistake in it."""
        return self.edited(wrong.edits)


@dataclass(frozen=True)
class Chapter:
    """A part of the course."""

    number: int
    title: str
    folder: str
    """Of the learner's files, in the workspace"""
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True)
class Course:
    """All chapters, in order."""

    chapters: tuple[Chapter, ...]

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """All exercises, in order."""
        return tuple(exercise for chapter in self.chapters for exercise in chapter.exercises)

    def chapter(self, exercise: Exercise) -> Chapter:
        """Return the chapter of an exercise."""
        return next(chapter for chapter in self.chapters if exercise in chapter.exercises)

    def exercise(self, name: str) -> Exercise:
        """Return one by its name. Raises CrosscheckError `unknown-exercise`."""
        from difflib import get_close_matches

        named = {exercise.name: exercise for exercise in self.exercises}
        if name not in named:
            close = get_close_matches(name, named, n=1)
            hint = f"did you mean {close[0]}?" if close else "crosscheck learn list shows them all."
            raise CrosscheckError(f"There is no exercise {name}: {hint}", code="unknown-exercise")
        return named[name]


@cache
def course() -> Course:
    """Read the manifest."""
    manifest = tomllib.loads((HOME / "manifest.toml").read_text(encoding="utf-8"))
    return Course(tuple(_chapter(entry) for entry in manifest["chapter"]))


def _chapter(entry: dict) -> Chapter:
    number = entry["number"]
    exercises = tuple(
        Exercise(
            name=one["name"],
            title=one["title"],
            chapter=number,
            seconds=float(one.get("seconds", 5)),
            imports=tuple(one.get("imports", BY_HAND)),
            read=one.get("read", ""),
            needs=one.get("needs", ""),
        )
        for one in entry.get("exercise", [])
    )
    return Chapter(number, entry["title"], entry["folder"], exercises)
