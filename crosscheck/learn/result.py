"""What the learner is told."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One returned value, for the table below the verdict."""

    name: str
    right: bool
    detail: str
    """The entry that is furthest off, where there is one."""


@dataclass(frozen=True, repr=False)
class Result:
    """The verdict on one answer."""

    solved: bool
    code: str
    """`solved`; `wrong:NAME` for a mistake that the exam lists; the name of a general one; the kind of a problem."""
    sentences: tuple[str, ...]
    """What is wrong and why, the most telling first."""
    rows: tuple[Row, ...] = ()
    remarks: tuple[str, ...] = ()
    """What could be better in an answer that passes."""
    printed: str = ""
    """The end of what the learner's code printed."""
    line: int | None = None

    def __str__(self) -> str:
        """Return what the terminal would show."""
        from crosscheck.learn.paint import PLAIN
        from crosscheck.learn.telling import verdict

        return "\n".join(verdict(self, PLAIN))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from crosscheck.learn.notebook import as_html

        return as_html(self)
