"""Reading someone's source: scripts and notebooks of Python 2 and 3, edits on spans, names, lints. Nothing is run."""

from crosscheck.source.document import Document, Edit, Place, read
from crosscheck.source.errors import SourceError
from crosscheck.source.meaning import compiled, executable, names_of

__all__ = ["Document", "Edit", "Place", "SourceError", "compiled", "executable", "names_of", "read"]
