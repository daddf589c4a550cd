"""From a file to symbol indices and back: reading text, and the vocabulary that numbers its symbols."""

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int64

from manual.errors import InputError
from manual.indices import check_indices

# What one symbol is, level by level; the flag lets the dot match line breaks as well.
SYMBOL: dict[str, re.Pattern[str]] = {"character": re.compile(".", re.DOTALL), "word": re.compile(r"\n|\S+")}

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_text(path: str | os.PathLike[str]) -> str:
    r"""Read a UTF-8 file; `\r\n` and `\r` become `\n`, and a byte order mark at the start is dropped.

    Raises InputError for a file that is missing, a folder, a device, unreadable, empty, binary or not UTF-8.
    """
    try:
        if Path(path).is_char_device():  # /dev/zero never ends
            raise InputError(f"{path} is a device: name a plain text file.")
        raw = Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError(f"There is no file {path}: check the name, it is looked for from {Path.cwd()}.") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder: name a text file inside it.") from None
    except PermissionError:
        raise InputError(f"{path} may not be read by this user: change its permissions, or copy it.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): name a plain text file.") from None
    if not raw:
        raise InputError(f"{path} is empty: name a file that holds some text.")
    if raw.startswith(UTF16_MARKS):
        raise InputError(f"{path} looks like UTF-16: convert it first, for instance with iconv -f UTF-16 -t UTF-8.")
    if b"\0" in raw:
        raise InputError(f"{path} looks binary (a NUL at byte {raw.index(0)}): name a plain text file.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # `error.start` counts from behind a byte order mark, `raw` from before it.
        byte = error.start + len(raw) - len(error.object)
        line = raw.count(b"\n", 0, byte) + 1
        raise InputError(
            f"{path} is not UTF-8 (byte 0x{raw[byte]:02x} at offset {byte}, line {line}): convert it first, for "
            "instance with iconv -f LATIN1 -t UTF-8."
        ) from None
    if not text:
        raise InputError(f"{path} holds a byte order mark and nothing else: name a file that holds some text.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True)
class Vocabulary:
    r"""The distinct symbols of a text in code point order; a symbol's index is its place in that order.

    At level "character" every code point is a symbol, and nothing is lost. At level "word" a symbol is a run of
    characters that are not white space (punctuation stays with its word), or one line break; other white space only
    separates. `decode` then writes one space between words and none beside a line break, so that runs of spaces, tabs
    and indentation come back as one space or none, while `encode(decode(indices))` is always `indices`.

    >>> vocabulary = Vocabulary.from_text("to be\nor  not to be", level="word")
    >>> vocabulary.symbols
    ('\n', 'be', 'not', 'or', 'to')
    >>> vocabulary.decode(vocabulary.encode("or  not\n be"))
    'or not\nbe'
    """

    symbols: tuple[str, ...]
    level: str = "character"

    def __post_init__(self) -> None:
        _check_level(self.level)
        if not self.symbols or list(self.symbols) != sorted(set(self.symbols)):
            raise InputError("The symbols of a vocabulary are distinct and sorted: build it with Vocabulary.from_text.")
        for symbol in self.symbols:
            if not SYMBOL[self.level].fullmatch(symbol):
                raise InputError(f"{symbol!r} is not one symbol at level {self.level!r}: choose another level.")

    @classmethod
    def from_text(cls, text: str, level: str = "character") -> "Vocabulary":
        """Collect the symbols of `text`. Raises InputError unless there are at least two to tell apart."""
        _check_level(level)
        symbols = tuple(sorted(set(SYMBOL[level].findall(text))))
        if not symbols:
            raise InputError(f"The text holds no symbol at level {level!r}: a longer text is needed.")
        if len(symbols) == 1:
            raise InputError(
                f"The text consists of one symbol, {symbols[0]!r}, so that there is nothing to learn: a text with at "
                "least two distinct symbols is needed."
            )
        return cls(symbols, level)

    def __len__(self) -> int:
        """Return the vocabulary size V."""
        return len(self.symbols)

    @cached_property
    def _indices(self) -> dict[str, int]:
        return {symbol: index for index, symbol in enumerate(self.symbols)}

    def encode(self, text: str) -> Int64[np.ndarray, " time"]:
        """Give the index of every symbol. Raises InputError that names the first unknown symbol and its position."""
        symbols = SYMBOL[self.level].findall(text)
        try:
            return np.fromiter(map(self._indices.__getitem__, symbols), np.int64, len(symbols))
        except KeyError:
            raise InputError(self._unknown_symbol(text)) from None

    def decode(self, indices: Any) -> str:
        """Write out a one-dimensional array or sequence of indices; the class says what becomes of white space.

        Raises InputError for indices that are not integers of 0 to V − 1: NumPy would read −1 as the last symbol.
        """
        if np.size(indices) == 0:
            return ""
        array = check_indices("indices", indices, len(self))
        if array.ndim != 1:
            raise InputError(f"indices has shape {array.shape}, expected one axis: decode one sequence at a time.")
        symbols = [self.symbols[index] for index in array]
        if self.level == "character":
            return "".join(symbols)
        return re.sub(" ?\n ?", "\n", " ".join(symbols))

    def _unknown_symbol(self, text: str) -> str:
        found = next(match for match in SYMBOL[self.level].finditer(text) if match.group() not in self._indices)
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - (text.rfind("\n", 0, found.start()) + 1) + 1
        return (
            f"The {self.level} {found.group()!r} (line {line}, column {column}) is not among the {len(self)} symbols "
            "of the vocabulary: leave it out, or train on a text that contains it."
        )


def _check_level(level: str) -> None:
    if level not in SYMBOL:
        raise InputError(f"level is {level!r}, expected one of {', '.join(map(repr, SYMBOL))}.")
