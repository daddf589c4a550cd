"""The exception that means: this source cannot be read, and here is the line."""

from crosscheck.errors import CrosscheckError


class SourceError(CrosscheckError):
    """A source that cannot be understood; `line` counts as the user's editor does (in a notebook within the cell)."""

    def __init__(self, message: str, *, code: str, line: int | None = None, cell: int | None = None) -> None:
        super().__init__(message, code=code)
        self.line = line
        self.cell = cell
