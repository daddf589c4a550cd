"""Lines that read alike but for the names in them: an odd one out among them is a likely slip."""

import re
from collections.abc import Sequence

from crosscheck.repair.places import Place
from crosscheck.repair.scope import Scope
from crosscheck.source import Edit

NAME = re.compile(r"\b[A-Za-z_]\w*\b(?![\w(.])|'[^']*'|\"[^\"]*\"")
"""A variable; not what is called, nor what has an attribute"""


class Neighbours:
    """The statements of a backward pass by their shapes."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.places = [place for place in scope.editable if place.is_simple]
        self.shapes = {id(place): shape(scope.text.of(place.statement)) for place in self.places}
        self.others: dict[int, set[str]] = {}
        for place in self.places:
            body = [other for other in self.places if other.body is place.body and other is not place]
            self.others[id(place)] = {self.shapes[id(other)] for other in body}

    def are_joined_by(self, edits: Sequence[Edit]) -> bool:
        """Tell whether an edit of one statement lets it read like another of its block, which it does not yet."""
        if len(edits) != 1:
            return False
        (edit,) = edits
        place = self._holding(edit)
        if place is None or self.shapes[id(place)] in self.others[id(place)]:
            return False
        text, statement = self.scope.text, place.statement
        before, after = text.between(text.start(statement), edit.start), text.between(edit.end, text.end(statement))
        return shape(before + edit.text + after) in self.others[id(place)]

    def _holding(self, edit: Edit) -> Place | None:
        text = self.scope.text
        return next(
            (
                place
                for place in self.places
                if text.start(place.statement) <= edit.start and edit.end <= text.end(place.statement)
            ),
            None,
        )


def shape(statement: str) -> str:
    """Return a statement without its names.

    >>> shape("db = db - rate * self.gb")
    'N=N-N*self.N'
    """
    return NAME.sub("N", re.sub(r"\s+", "", statement))
