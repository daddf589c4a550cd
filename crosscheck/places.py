"""Where a function stands in its author's source."""

import functools
import inspect
from pathlib import Path
from typing import Any

from crosscheck.reports.parts import shown_path

_HOME = Path(__file__).resolve().parent


def place_of(function: Any) -> tuple[str | None, int | None]:
    """Return the file and the line in which a function begins; (None, None) where it was made by us, or in no file.

    A file below the current folder is named from there.
    """
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    if not hasattr(function, "__code__"):  # an object that can be called
        function = type(function).__call__
    code = getattr(function, "__code__", None)
    if code is None or not Path(code.co_filename).is_file() or Path(code.co_filename).resolve().is_relative_to(_HOME):
        return None, None
    return shown_path(code.co_filename), code.co_firstlineno
