"""What a file reads and cannot find."""

from dataclasses import dataclass

from crosscheck.source.document import Edit


@dataclass(frozen=True)
class Problem:
    """A name that cannot be found."""

    code: str
    """`undefined-name`, `missing-import`, `no-first-value`; `perhaps-undefined` where names may come from unseen."""
    message: str
    line: int
    """Of `Document.code`."""
    name: str
    suggestion: str | None
    edits: tuple[Edit, ...] = ()
    """What mends it everywhere, where one spelling is obvious; for a missing import the import."""
