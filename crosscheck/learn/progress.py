"""What a learner has solved and where they are: a small text file of names in their folder.

It is replaced as a whole, so that a kill leaves the old one or the new one, and changed under a lock, so that two
watchers lose nothing of each other. Names that this version of the course does not have are kept: another one may.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crosscheck.errors import CrosscheckError
from manual.atomic import replace_file
from manual.errors import InputError

FILE = "progress.txt"
_HEAD = "# What is solved and where you are in the course; crosscheck learn keeps this file.\n"


@dataclass
class Progress:
    """The content of the file."""

    solved: dict[str, None] = field(default_factory=dict)
    """Names, in the order in which they were solved."""
    at: str | None = None
    """The exercise that the learner works on."""
    hints: dict[str, int] = field(default_factory=dict)
    """How many hints were shown."""
    damaged: bool = False
    """Whether some of it could not be read."""

    def text(self) -> str:
        """Return what is written.

        >>> print(Progress({"hello": None}, "linear", {"linear": 2}).text().partition(chr(10))[2], end="")
        solved hello
        hints 2 linear
        at linear
        """
        lines = [f"solved {name}" for name in self.solved]
        lines += [f"hints {count} {name}" for name, count in self.hints.items()]
        lines += [f"at {self.at}"] if self.at else []
        return _HEAD + "".join(f"{line}\n" for line in lines)

    @classmethod
    def of(cls, text: str) -> "Progress":
        """Read it; what makes no sense is left out."""
        found = cls()
        for line in text.splitlines():
            match line.split():
                case []:
                    pass
                case [mark, *_] if mark.startswith("#"):
                    pass
                case ["solved", name] if name.isidentifier():
                    found.solved[name] = None
                case ["at", name] if name.isidentifier():
                    found.at = name
                case ["hints", count, name] if name.isidentifier() and count.isdecimal() and len(count) < 3:
                    found.hints[name] = int(count)
                case _:
                    found.damaged = True
        return found


def read(folder: Path) -> Progress:
    """Return the progress of a folder; nothing if there is no file."""
    try:
        return Progress.of((folder / FILE).read_bytes().decode("utf-8", "replace"))
    except FileNotFoundError:
        return Progress()


@contextlib.contextmanager
def changing(folder: Path) -> Iterator[Progress]:
    """Read the progress, let it be changed, and write it, while nobody else does. Raises CrosscheckError if it cannot.

    A damaged file is kept beside the new one.
    """
    with _locked(folder):
        progress = read(folder)
        before = progress.text()
        yield progress
        if progress.damaged:
            keep(folder / FILE)
            progress.damaged = False
        elif progress.text() == before and (folder / FILE).exists():
            return
        write(folder / FILE, progress.text())


def write(path: Path, text: str) -> None:
    """Replace a file as a whole. Raises CrosscheckError `course-unwritable`."""
    try:
        replace_file(path, text.encode())
    except InputError as error:
        raise CrosscheckError(str(error), code="course-unwritable") from error


def keep(path: Path) -> Path:
    """Copy a file to a name beside it that nothing has yet: `x.py.1`, `x.py.2`, ... Returns it."""
    content = path.read_bytes()
    for number in range(1, 10_000):
        copy = path.with_name(f"{path.name}.{number}")
        try:
            with copy.open("xb") as file:
                file.write(content)
        except FileExistsError:
            continue
        return copy
    raise AssertionError("ten thousand copies")


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; where a file system has no locks, the rest of the care must do."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
