"""A text turned into another one, with the way back for edits.

A file is turned into Python 3 in steps (line ends, notebook cells, magics, Python 2). Each step remembers which spans
it replaced, so that an edit of the result becomes an edit of what was there before, and all else stays as it was.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from crosscheck.errors import CrosscheckError


class Change(NamedTuple):
    """Characters `start` to `end` of a text are replaced."""

    start: int
    end: int
    text: str


class Piece(NamedTuple):
    """A span of the text before, and the span of the text after that stands for it."""

    start: int
    end: int
    after_start: int
    after_end: int


def apply(text: str, changes: Iterable[Change]) -> str:
    """Return `text` with sorted changes made, none of which overlap.

    >>> apply("dh = dy", [Change(0, 2, "dx")])
    'dx = dy'
    """
    parts, at = [], 0
    for change in changes:
        parts += [text[at : change.start], change.text]
        at = change.end
    return "".join([*parts, text[at:]])


@dataclass(frozen=True)
class Translation:
    """One step: outside its pieces `after` is `before`, character for character."""

    before: str
    after: str
    pieces: tuple[Piece, ...]
    write: Callable[[str], str] = str
    """How new text is written in `before`."""

    @classmethod
    def of(cls, before: str, changes: Iterable[Change], write: Callable[[str], str] = str) -> "Translation":
        """Make sorted changes; those that overlap an earlier one are left out."""
        pieces, kept, at, shift = [], [], 0, 0
        for change in changes:
            if change.start < at:
                continue
            at = change.end
            start = change.start + shift
            pieces.append(Piece(change.start, change.end, start, start + len(change.text)))
            shift += len(change.text) - (change.end - change.start)
            kept.append(change)
        return cls(before, apply(before, kept), tuple(pieces), write)

    def edited(self, changes: Sequence[Change]) -> tuple["Translation", list[Change]]:
        """Return this step with `after` changed, and the changes that `before` needs for it."""
        back: list[Change] = []
        done: list[Change] = []
        pieces: list[Piece] = []
        waiting = iter([*self.pieces, None])
        piece, last = next(waiting), Piece(0, 0, 0, 0)
        shift = after_shift = 0

        for change in map(self._widened, sorted(changes, key=_place)):
            if done and change.start < done[-1].end:
                raise CrosscheckError("Two edits overlap: make them one after the other.", code="edits-overlap")
            at_end = change.start == change.end == len(self.after)
            while piece and piece.after_end <= change.start and not (at_end and piece.after_start == change.start):
                pieces.append(_moved(piece, shift, after_shift))
                last, piece = piece, next(waiting)
            start = last.end + change.start - last.after_end
            while piece and piece.after_end <= change.end and piece.after_start < change.end:
                last, piece = piece, next(waiting)
            end = last.end + change.end - last.after_end
            written = self.write(change.text)
            back.append(Change(start, end, written))
            done.append(change)
            if written != change.text:
                place = start + shift, change.start + after_shift
                pieces.append(Piece(place[0], place[0] + len(written), place[1], place[1] + len(change.text)))
            shift += len(written) - (end - start)
            after_shift += len(change.text) - (change.end - change.start)
            last = Piece(end, end, change.end, change.end)
        while piece:
            pieces.append(_moved(piece, shift, after_shift))
            piece = next(waiting)
        return Translation(apply(self.before, back), apply(self.after, done), tuple(pieces), self.write), back

    def _widened(self, change: Change) -> Change:
        """Let a change that begins or ends inside a piece take the whole piece, as it reads afterwards."""
        start, end, text = change
        for piece in self.pieces:
            if piece.after_start < start < piece.after_end:
                text, start = self.after[piece.after_start : start] + text, piece.after_start
            if piece.after_start < end < piece.after_end:
                text, end = text + self.after[end : piece.after_end], piece.after_end
        return Change(start, end, text)


def _place(change: Change) -> tuple[int, int]:
    return change.start, change.end


def _moved(piece: Piece, shift: int, after_shift: int) -> Piece:
    return Piece(piece.start + shift, piece.end + shift, piece.after_start + after_shift, piece.after_end + after_shift)
