"""Cutting a long text into windows of T steps, in three layouts, from any saved position.

- A *sweep* goes through one text from left to right, as the gist does: the hidden state is carried from window to
  window and reset when the sweep starts again from the left.
- *Streams* are B sweeps side by side, one column of the batch each, over B equal parts of the text.
- *Documents* are swept one after another; no window reaches across a boundary, and each starts from a fresh state.

The iterators never end: a limit in steps or epochs belongs to the training loop. Windows are views of the data.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from manual.errors import InputError
from manual.options import check_count


class Position(NamedTuple):
    """Where a window starts: three small integers to save, and to start an iterator from."""

    epoch: int = 0
    """Complete passes over the data so far."""
    document: int = 0
    """Index among the documents; 0 in a sweep and in streams."""
    offset: int = 0
    """Index of the window's first input within its document, text or stream."""


START = Position()


class Window(NamedTuple):
    """One stretch of data to train on: T steps, fewer only at the end of a document."""

    inputs: Int[np.ndarray, " time *batch"]
    """Symbol indices, shape (T,), or (T, B) for streams."""
    targets: Int[np.ndarray, " time *batch"]
    """The symbol that follows each input, same shape."""
    reset: bool
    """Whether the hidden state is to be zero before the first step."""
    position: Position
    """Where this window starts."""
    following: Position
    """Where the next one starts."""


def sweep(indices: Int[np.ndarray, " time"], length: int, start: Position = START) -> Iterator[Window]:
    """Sweep from left to right in windows of `length` = T steps, without end.

    The sweep starts again from the left as soon as `offset + T + 1 >= len(indices)`. That is the gist's rule: it leaves
    out the last window even where its targets would just fit.

    Raises InputError at once for a text of fewer than T + 1 symbols, and for a position that does not exist in it.
    """
    check_count("window length", length)
    _check_text_length(len(indices), length)
    _check_position(start, [_sweep_end(len(indices), length)])
    return _sweep_rows(indices, length, start)


def streams(indices: Int[np.ndarray, " time"], length: int, count: int, start: Position = START) -> Iterator[Window]:
    """Sweep over `count` = B equal, contiguous parts of the text at once; inputs and targets have shape (T, B).

    Column b reads part b, so its state is carried from window to window as in a sweep of that part alone; all of them
    wrap together. Fewer than B symbols at the end of the text are left out. Raises InputError as `sweep` does.
    """
    check_count("window length", length)
    check_count("number of streams", count)
    _check_text_length(len(indices), length)
    part = len(indices) // count
    if part < length + 1:
        raise InputError(
            f"{count} streams cut the text of {len(indices)} symbols into parts of {part}, and a window of {length} "
            f"needs {length + 1}: use at most {len(indices) // (length + 1)} streams{_or_window(part - 1)}."
        )
    _check_position(start, [_sweep_end(part, length)])
    return _sweep_rows(indices[: part * count].reshape(count, part).T, length, start)


def documents(pieces: Sequence[Int[np.ndarray, " _"]], length: int, start: Position = START) -> Iterator[Window]:
    """Sweep over each document in turn, the last window of each as short as it needs to be; then start again.

    Every symbol of a document but the first is a target exactly once. Documents of fewer than two symbols have no
    target and are left out. Raises InputError if that leaves none, and for a position that does not exist.
    """
    check_count("window length", length)
    kept = [piece for piece in pieces if len(piece) >= 2]
    if not kept:
        raise InputError("No document holds two symbols, one to read and one to predict: use another separator.")
    _check_position(start, [len(piece) - 1 for piece in kept])
    return _sweep_documents(kept, length, start)


def split_at(
    indices: Int[np.ndarray, " time"], separator: Int[np.ndarray, " separator"]
) -> list[Int[np.ndarray, " _"]]:
    """Cut behind every occurrence of `separator`, leftmost first and without overlap; nothing is dropped.

    The separator stays at the end of its document: the model learns where documents end. With a line break as
    separator every line is a document. Raises InputError if it is empty or does not occur.
    """
    if not len(separator):
        raise InputError("The separator of documents is empty: use a line break, for instance.")
    found = np.zeros(0, np.int64)
    if len(separator) <= len(indices):
        places = np.lib.stride_tricks.sliding_window_view(indices, len(separator))
        found = np.flatnonzero((places == separator).all(axis=1))
    if not found.size:
        raise InputError("The separator of documents does not occur in the text: use one that does.")
    ends = [0]
    for place in found.tolist():
        if place >= ends[-1]:
            ends.append(place + len(separator))
    return [piece for piece in np.split(indices, ends[1:]) if len(piece)]


def split_every(indices: Int[np.ndarray, " time"], length: int) -> list[Int[np.ndarray, " _"]]:
    """Cut into documents of `length` symbols; what remains at the end is a shorter one."""
    check_count("document length", length)
    return [indices[start : start + length] for start in range(0, len(indices), length)]


@dataclass(frozen=True)
class Layout:
    """How a text is cut into windows: a sweep, unless streams or one of the two kinds of documents are asked for.

    Raises InputError for counts below 1 and for more than one choice.
    """

    length: int = 25
    """Window length T."""
    stream_count: int | None = None
    """Number of streams B."""
    separator: tuple[int, ...] | None = None
    """Symbol indices behind which a document ends."""
    document_length: int | None = None
    """Number of symbols of every document."""

    def __post_init__(self) -> None:
        check_count("window length", self.length)
        choices = {"streams": self.stream_count, "separator": self.separator, "document length": self.document_length}
        chosen = [name for name, value in choices.items() if value is not None]
        if len(chosen) > 1:
            raise InputError(
                f"A text is laid out in one way, and {' and '.join(chosen)} are given: choose one of them."
            )
        if self.stream_count is not None:
            check_count("number of streams", self.stream_count)
        if self.document_length is not None:
            check_count("document length", self.document_length)
            if self.document_length < 2:
                raise InputError("A document length of 1 leaves nothing to predict: use at least 2.")

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """`(B,)` for streams, otherwise `()`."""
        return () if self.stream_count is None else (self.stream_count,)

    @property
    def symbols_per_window(self) -> int:
        """T times B: what a full window predicts."""
        return self.length * (self.stream_count or 1)

    def windows(self, indices: Int[np.ndarray, " time"], start: Position = START) -> Iterator[Window]:
        """Cut `indices` as this layout says, beginning at `start`. Raises InputError at once for what cannot be cut."""
        if self.stream_count is not None:
            return streams(indices, self.length, self.stream_count, start)
        if self.separator is not None:
            return documents(split_at(indices, np.array(self.separator, np.int64)), self.length, start)
        if self.document_length is not None:
            return documents(split_every(indices, self.document_length), self.length, start)
        return sweep(indices, self.length, start)


def _sweep_rows(rows: Int[np.ndarray, " time *batch"], length: int, position: Position) -> Iterator[Window]:
    while True:
        begin, end = position.offset, position.offset + length
        wraps = end + length + 1 >= len(rows)
        following = Position(position.epoch + 1) if wraps else position._replace(offset=end)
        yield Window(rows[begin:end], rows[begin + 1 : end + 1], begin == 0, position, following)
        position = following


def _sweep_documents(pieces: list[Int[np.ndarray, " _"]], length: int, position: Position) -> Iterator[Window]:
    while True:
        piece = pieces[position.document]
        begin, end = position.offset, min(position.offset + length, len(piece) - 1)
        if end < len(piece) - 1:
            following = position._replace(offset=end)
        elif position.document + 1 < len(pieces):
            following = Position(position.epoch, position.document + 1)
        else:
            following = Position(position.epoch + 1)
        yield Window(piece[begin:end], piece[begin + 1 : end + 1], begin == 0, position, following)
        position = following


def _check_text_length(symbols: int, length: int) -> None:
    if symbols < 2:
        raise InputError(
            f"The length of the text is {symbols}, expected at least 2: one symbol to read and one to predict."
        )
    if symbols < length + 1:
        raise InputError(
            f"The text has {symbols} symbols, and a window of {length} needs {length + 1}: use a window of at most "
            f"{symbols - 1}, or a longer text."
        )


def _sweep_end(symbols: int, length: int) -> int:
    """Give the first offset that the wrap rule sends back to the left; offset 0 is always a window."""
    return max(1, symbols - length - 1)


def _check_position(position: Position, ends: list[int]) -> None:
    """Refuse a position outside the data; `ends[i]` is the first offset in document i where no window starts."""
    epoch, document, offset = position
    if epoch < 0 or not 0 <= document < len(ends) or not 0 <= offset < ends[document]:
        raise InputError(
            f"The position (epoch {epoch}, document {document}, offset {offset}) does not exist in this text: start "
            "from the beginning, or pass the text and layout that it was saved with."
        )


def _or_window(length: int) -> str:
    return f", or a window of at most {length}" if length >= 1 else ""
