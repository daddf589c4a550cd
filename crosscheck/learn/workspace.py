"""The learner's folder: a file for each exercise, beside it its theory, and the file that knows what is solved."""

from dataclasses import dataclass
from pathlib import Path

from crosscheck.errors import CrosscheckError
from crosscheck.learn import progress as progresses
from crosscheck.learn.course import Course, Exercise
from crosscheck.learn.progress import FILE, Progress, changing, keep, write

DEFAULT = "gradients"
README = """# Deriving gradients by hand

    crosscheck learn            watches this folder: save a file, and you are told whether it is right
    crosscheck learn list       what there is, and what is solved
    crosscheck learn --help     the rest: run, hint, theory, reset, solution, check-all

Every exercise is a .py file with something left to write, and a .md file with its theory. Solved ones can be carried
away: `crosscheck check FILE` judges them like anybody's code.
"""


@dataclass(frozen=True)
class Workspace:
    """One learner's folder."""

    folder: Path
    course: Course

    @classmethod
    def find(cls, course: Course, start: Path) -> "Workspace":
        """Return the one that a folder is or lies in. Raises CrosscheckError `no-course-here`."""
        for folder in (start, *start.parents):
            if (folder / FILE).is_file():
                return cls(folder, course)
        below = start / DEFAULT
        where = f"change into {DEFAULT}" if (below / FILE).is_file() else "make it with: crosscheck learn init"
        raise CrosscheckError(f"There is no course in {start}: {where}.", code="no-course-here")

    @classmethod
    def make(cls, course: Course, folder: Path) -> tuple["Workspace", list[Path]]:
        """Make a folder, or bring one up to date: what is there is never touched. Returns the files that were added.

        Raises CrosscheckError `folder-in-use` if it holds something else.
        """
        if folder.exists() and not folder.is_dir():
            raise CrosscheckError(f"{folder} is a file: name a folder that is to be made.", code="folder-in-use")
        if folder.is_dir() and any(folder.iterdir()) and not (folder / FILE).exists():
            raise CrosscheckError(
                f"{folder} holds something, and no course: name a folder that is to be made.", code="folder-in-use"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CrosscheckError(f"{folder} cannot be made ({error.strerror}): name another one.") from error
        workspace = cls(folder, course)
        added = workspace._fill()
        with changing(folder) as progress:  # the last file: only a folder that is complete is a course
            progress.at = progress.at or course.exercises[0].name
        return workspace, added

    def _fill(self) -> list[Path]:
        added = []
        wanted = {self.folder / "README.md": README}
        for exercise in self.course.exercises:
            path = self.path(exercise)
            wanted |= {path: exercise.stub, path.with_suffix(".md"): exercise.text("theory.md")}
        for path, text in wanted.items():
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                write(path, text)
                added.append(path)
        return added

    def path(self, exercise: Exercise) -> Path:
        """Return the learner's file: where the course puts it, or where it is, should the course have moved it."""
        usual = self.folder / self.course.chapter(exercise).folder / f"{exercise.name}.py"
        if usual.exists():
            return usual
        return next(iter(sorted(self.folder.glob(f"*/{exercise.name}.py"))), usual)

    def source(self, exercise: Exercise) -> str:
        """Return what the learner has written. Raises CrosscheckError `file-missing`, `file-unreadable`."""
        path = self.path(exercise)
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise CrosscheckError(
                f"{path} is gone: crosscheck learn reset {exercise.name} brings it back.", code="file-missing"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise CrosscheckError(f"{path} cannot be read: {error}.", code="file-unreadable") from error

    def progress(self) -> Progress:
        """Return what is solved."""
        return progresses.read(self.folder)

    def current(self) -> Exercise:
        """Return the exercise the learner works on: where they were, else the first one that is not solved."""
        progress = self.progress()
        named = {exercise.name: exercise for exercise in self.course.exercises}
        if progress.at in named:
            return named[progress.at]
        return self.following(None) or self.course.exercises[0]

    def following(self, after: Exercise | None) -> Exercise | None:
        """Return the next one that is not solved, from behind `after` on and then from the beginning."""
        solved, exercises = self.progress().solved, self.course.exercises
        start = 0 if after is None else exercises.index(after) + 1
        order = [*exercises[start:], *exercises[:start]]
        return next((one for one in order if one.name not in solved and not one.lacks and one is not after), None)

    def go_to(self, exercise: Exercise) -> None:
        """Remember where the learner is."""
        with changing(self.folder) as progress:
            progress.at = exercise.name

    def solve(self, exercise: Exercise) -> None:
        """Remember that one is solved."""
        with changing(self.folder) as progress:
            progress.solved[exercise.name] = None

    def next_hint(self, exercise: Exercise) -> tuple[int, str]:
        """Return the number of the next hint, from 1 on, and the hint; after the last one, that one again."""
        with changing(self.folder) as progress:
            number = min(progress.hints.get(exercise.name, 0) + 1, len(exercise.hints))
            progress.hints[exercise.name] = number
        return number, exercise.hints[number - 1]

    def reset(self, exercise: Exercise) -> Path | None:
        """Bring back the file as it was at the beginning; what was there is kept, and its new name returned."""
        path = self.path(exercise)
        kept = keep(path) if path.exists() else None
        path.parent.mkdir(exist_ok=True)
        write(path, exercise.stub)
        with changing(self.folder) as progress:
            progress.solved.pop(exercise.name, None)
            progress.hints.pop(exercise.name, None)
        return kept
