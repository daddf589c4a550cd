"""[tool.crosscheck.pytest] in the pyproject.toml of the tested project."""

import tomllib
from pathlib import Path
from typing import Any

from crosscheck.errors import CrosscheckError


def table(root: Path) -> tuple[dict[str, Any], Path | None]:
    """Return the table in the nearest pyproject.toml at or above `root`, and that file; ({}, None) where there is none.

    Raises CrosscheckError.
    """
    files = (folder / "pyproject.toml" for folder in (root, *root.parents))
    file = next((file for file in files if file.is_file()), None)
    text = "" if file is None else file.read_text(encoding="utf-8", errors="replace")
    if "crosscheck" not in text:  # most projects: no need to parse it
        return {}, None
    try:
        found = tomllib.loads(text).get("tool", {}).get("crosscheck", {}).get("pytest", {})
    except (tomllib.TOMLDecodeError, AttributeError) as error:
        raise CrosscheckError(f"{file} cannot be read ({error}): mend it.", code="bad-settings") from error
    if not isinstance(found, dict):
        raise CrosscheckError(
            f"tool.crosscheck.pytest in {file} is not a table: write [tool.crosscheck.pytest].", code="bad-settings"
        )
    return {name.replace("-", "_"): value for name, value in found.items()}, file
