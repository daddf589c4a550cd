"""Files that a program reads: each holds the same synthetic text, and what is written goes nowhere."""

import io
import pathlib
import random
import re
from collections.abc import Callable
from typing import Any

LETTERS = "abcd e\n"
"""The vocabulary of the text that every file seems to hold"""
SAVED = re.compile(r"model|weight|param|checkpoint|ckpt", re.IGNORECASE)
"""What files are called that a training run leaves behind: what they would hold cannot be made up"""


def text(letters: str = LETTERS, length: int = 1200) -> str:
    """Return a text of short words in which every letter occurs soon and often.

    >>> sorted(set(text()[:40])) == sorted(LETTERS)
    True
    """
    stream = random.Random(5)  # noqa: S311 - the same text every time
    plain = [letter for letter in letters if not letter.isspace()]
    first, second, *others = plain
    # Few words, so that a vocabulary of words is small too; symbols repeat within the first few steps.
    words = [first + second + first + second, "".join(others), *("".join(stream.sample(plain, k=3)) for _ in range(6))]
    gaps = [letter for letter in letters if letter.isspace()] or [""]
    made = "".join(word + gaps[number % len(gaps)] for number, word in enumerate(words))
    while len(made) < length:
        made += stream.choice(words) + stream.choice(gaps)
    return made


class Files:
    """`open` and its relatives: every text file holds the same synthetic text, what is written goes nowhere."""

    def __init__(
        self, contents: str, folder: str, pickled: Callable[[], Any], binary: Callable[[str], bytes | None]
    ) -> None:
        self.contents, self.folder, self.pickled, self.binary = contents, folder, pickled, binary
        self.read: set[str] = set()

    def open(self, file: Any, mode: str = "r", *_: Any, **__: Any) -> Any:
        """Return a file in memory."""
        if any(letter in str(mode) for letter in "wax+"):
            return io.BytesIO() if "b" in mode else io.StringIO()
        name = str(file)
        self.read.add(pathlib.PurePath(name).name)
        made = self.binary(name)
        if made is not None:
            return io.BytesIO(made)
        return io.BytesIO(self.contents.encode()) if "b" in str(mode) else io.StringIO(self.contents)

    def fetch(self, *_: Any, **__: Any) -> io.BytesIO:
        """Return a page of text."""
        self.read.add("a page")
        return io.BytesIO(self.contents.encode())

    def pickle(self, *_: Any, **__: Any) -> Any:
        """Return what a pickle holds. Raises FileNotFoundError where that is not known."""
        return self.pickled()


def is_there(path: Any) -> bool:
    """Tell whether a file is there, as far as a module can know.

    >>> is_there("data/input.txt"), is_there("data/model.npz")
    (True, False)
    """
    return not SAVED.search(pathlib.PurePath(str(path)).name)


def _one_file(*_: Any, **__: Any) -> list[str]:
    return ["input.txt"]
