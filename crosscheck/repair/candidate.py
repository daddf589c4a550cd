"""One edit that might mend a backward pass, before anyone has tried it."""

from dataclasses import dataclass

from crosscheck.source.document import Edit


@dataclass(frozen=True)
class Candidate:
    """A small edit of the source."""

    edits: tuple[Edit, ...]
    line: int
    """The line that is to be changed"""
    code: str
    """What was wrong if this mends it: a code of crosscheck.diagnose"""
    cost: float
    """How unlikely, and how far from the original: the cheapest are tried first. 1 is an everyday slip"""
    about: str
    """The variable concerned, as the source calls it"""
    parts: tuple[tuple[str, int, str], ...] = ()
    """(code, line, variable) of each edit, where several were joined"""

    @property
    def own_parts(self) -> tuple[tuple[str, int, str], ...]:
        """(code, line, variable) of each edit."""
        return self.parts or ((self.code, self.line, self.about),)

    def overlaps(self, other: "Candidate") -> bool:
        """Tell whether both cannot be made at once."""
        return any(
            (one.start < two.end and two.start < one.end) or one.start == two.start
            for one in self.edits
            for two in other.edits
        )

    def joined(self, other: "Candidate") -> "Candidate":
        """Return both together; line, code and name are those of the first."""
        edits = tuple(sorted(self.edits + other.edits, key=lambda edit: edit.start))
        parts = self.own_parts + other.own_parts
        return Candidate(edits, self.line, self.code, self.cost + other.cost, self.about, parts)
