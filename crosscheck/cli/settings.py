"""Defaults from the user's `[tool.crosscheck]`, in the nearest pyproject.toml.

Keys there set the options of the main job, tables those of a command: `hidden-size = 50` under
`[tool.crosscheck.train]` is `--hidden-size 50` of `crosscheck train`. The command line wins. The table `waivers` is for
crosscheck/custom_rules.
"""

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import click

from crosscheck.errors import CrosscheckError


class Settings(NamedTuple):
    """What a file sets."""

    file: Path | None = None
    """None where there is no pyproject.toml."""
    defaults: dict[str, Any] = {}  # noqa: RUF012 (never changed: click reads it)
    """In the form of click's `default_map`."""
    problem: str | None = None
    """Why the file could not be used: a sentence."""

    @classmethod
    def find(cls, folder: Path) -> "Settings":
        """Read the nearest pyproject.toml at or above `folder`."""
        for place in (folder, *folder.parents):
            file = place / "pyproject.toml"
            if file.is_file():
                return cls._read(file)
        return cls()

    @classmethod
    def _read(cls, file: Path) -> "Settings":
        try:
            table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("crosscheck", {})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            return cls(file, problem=f"{file} cannot be read ({error}): mend it, or run from another folder.")
        if not isinstance(table, dict):
            return cls(file, problem=f"tool.crosscheck in {file} is not a table: write [tool.crosscheck].")
        return cls(file, _spelt_as_in_python(table))

    def raise_for_problem(self) -> None:
        """Raise CrosscheckError if the file could not be used."""
        if self.problem is not None:
            raise CrosscheckError(self.problem, code="bad-settings")


def check_names(command: click.Command, defaults: Any, file: Path | None, tables: frozenset[str] = frozenset()) -> None:
    """Raise CrosscheckError for a setting that `command` does not have; `tables` may stand beside its options."""
    if not isinstance(defaults, dict):
        raise CrosscheckError(f"{command.name} in {file} is not a table: write [tool.crosscheck.{command.name}].")
    options = {str(parameter.name) for parameter in command.params if isinstance(parameter, click.Option)}
    for name in sorted(defaults.keys() - options - tables):
        close = get_close_matches(name, sorted(options | tables), n=1)
        known = (
            f"did you mean {_spelt(close[0])}?" if close else f"it may hold {', '.join(map(_spelt, sorted(options)))}."
        )
        raise CrosscheckError(f"{file} sets {_spelt(name)}, which does not exist there: {known}", code="bad-settings")


def _spelt_as_in_python(table: dict[str, Any]) -> dict[str, Any]:
    return {
        name.replace("-", "_"): _spelt_as_in_python(value) if isinstance(value, dict) else value
        for name, value in table.items()
    }


def _spelt(name: str) -> str:
    return name.replace("_", "-")
