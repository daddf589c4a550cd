"""What a run of tests may choose, and where: on the command line, in pytest's ini, under [tool.crosscheck.pytest].

One table serves the three. The command line wins over what a test says itself; a test wins over the files.
"""

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from crosscheck.errors import CrosscheckError
from crosscheck.testing.session import check_inconclusive


class Option(NamedTuple):
    """One choice: `--crosscheck-NAME`, `crosscheck_NAME` in the ini, `NAME` in the table."""

    name: str
    read: Callable[[Any], Any]
    """Turns what was written, text or a TOML value, into the value; raises ValueError or CrosscheckError"""
    metavar: str | None
    """None for a switch"""
    help: str


class Choices(NamedTuple):
    """The values of all options, by name: those that the command line sets, and those of the files."""

    command: Mapping[str, Any]
    files: Mapping[str, Any]

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value that holds."""
        return self.command.get(name, self.files.get(name, default))


def _positive(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        number = kind(value)
        if not number > 0:
            raise ValueError("it must be above 0")
        return number

    return read


def _seed(value: Any) -> int:
    if value == "fresh":
        return secrets.randbelow(2**31)
    number = int(value)
    if number < 0:
        raise ValueError("it must be at least 0")
    return number


def _names(value: Any) -> tuple[str, ...]:
    parts = value.replace(",", " ").split() if isinstance(value, str) else value
    return tuple(str(part) for part in parts)


def _switch(value: Any) -> bool:
    text = str(value).lower()
    if text not in ("true", "false", "yes", "no", "1", "0", "on", "off"):
        raise ValueError("it is true or false")
    return text in ("true", "yes", "1", "on")


OPTIONS = (
    Option("examples", _positive(int), "N", "random cases for each gradient (200; without a twin 40)"),
    Option("seed", _seed, "N", "draws the cases (0); `fresh` draws a new one, which is printed"),
    Option("regimes", _names, "NAMES", "cases of these regimes only, separated by commas"),
    Option("case", str, "KEY", "judge one case alone, as a failure printed it"),
    Option("inconclusive", check_inconclusive, "WHAT", "what becomes of a test that nothing could be said about: "
           "fail (as it is), skip or pass"),
    Option("budget", _positive(float), "SECONDS", "stop drawing cases for a gradient after so long (never)"),
    Option("explain", _switch, "YES|NO", "search the source of a wrong gradient for the reason and a repair (yes)"),
    Option("cache", Path, "DIR", "keep what JAX compiles there: later runs start faster"),
    Option("baseline", Path, "FILE", "report what a gradient's test has lost against this file"),
    Option("json", Path, "FILE", "write the reports as JSON"),
    Option("junit", Path, "FILE", "write the reports as JUnit XML"),
    Option("sarif", Path, "FILE", "write the findings as SARIF 2.1.0"),
    Option("html", Path, "FILE", "write the reports as one HTML page"),
    Option("github", _switch, "YES|NO", "print annotations for GitHub (yes where GITHUB_ACTIONS is set)"),
)  # fmt: skip


def choices(command: Mapping[str, Any], ini: Mapping[str, Any], table: Mapping[str, Any], file: Path | None) -> Choices:
    """Read what was written at the three places. Raises CrosscheckError that names the place of what is wrong."""
    known = {option.name for option in OPTIONS}
    if unknown := sorted({str(name).replace("-", "_") for name in table} - known):
        raise CrosscheckError(
            f"{file} sets {unknown[0]} in [tool.crosscheck.pytest], which may hold {', '.join(sorted(known))}.",
            code="bad-settings",
        )
    given, files = {}, {}
    for option in OPTIONS:
        if command.get(option.name) is not None:
            given[option.name] = _value(option, command[option.name], f"--crosscheck-{option.name}")
        elif ini.get(option.name) not in (None, ""):
            files[option.name] = _value(option, ini[option.name], f"crosscheck_{option.name} in pytest's settings")
        elif option.name in table:
            files[option.name] = _value(option, table[option.name], f"{option.name} in {file}")
    return Choices(given, files)


def arguments_of_check(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the values that `crosscheck.check` takes, by the names that it gives them."""
    names = {"examples": "examples", "seed": "seed", "regimes": "regimes", "case": "only", "budget": "budget"}
    return {names[name]: value for name, value in values.items() if name in names}


def _value(option: Option, written: Any, place: str) -> Any:
    try:
        return option.read(written)
    except (ValueError, TypeError) as error:
        raise CrosscheckError(
            f"{place} is {written!r}, which is no value for it ({error}): {option.help}.", code="bad-settings"
        ) from error
