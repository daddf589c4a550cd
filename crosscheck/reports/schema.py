"""The schema of reports, and whether an object keeps to it: what comes from a file may be anything."""

import json
import math
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from crosscheck.errors import CrosscheckError

SCHEMA_VERSION = 1

_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


@cache
def schema() -> Mapping[str, Any]:
    """Return crosscheck/schema.json."""
    return json.loads(files("crosscheck").joinpath("schema.json").read_text(encoding="utf-8"))


def read_report(file: Path | str) -> dict[str, Any]:
    """Read a report that `--json` wrote.

    Raises CrosscheckError `no-such-file`, `unreadable-file`, `not-a-report` (foreign or damaged), `newer-report`.
    """
    path = Path(file)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise CrosscheckError(f"There is no file {path}: check the name.", code="no-such-file") from None
    except OSError as error:
        reason = error.strerror or "it is no file"
        raise CrosscheckError(f"{path} cannot be read ({reason}): name a report.", code="unreadable-file") from None
    except UnicodeDecodeError:
        raise _foreign(path, "it is no text") from None
    try:
        report = json.loads(text, parse_constant=_refuse)
        complaint = next(complaints(report), None)
    except RecursionError:
        raise _foreign(path, "it is nested too deeply") from None
    except ValueError as error:
        where = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise _foreign(path, f"it is no JSON ({where})") from None
    if complaint is not None:
        number = report.get("schema_version") if isinstance(report, dict) else None
        if type(number) is int and number > SCHEMA_VERSION:
            raise CrosscheckError(
                f"{path} was written by a newer crosscheck (version {number} of the schema): update crosscheck here.",
                code="newer-report",
            )
        raise _foreign(path, complaint)
    return report


def complaints(report: Any) -> Iterator[str]:
    """Yield what is wrong with an object as a report, files inside of it included; nothing if it is one."""
    yield from _complaints(report, schema(), "")
    if isinstance(report, dict):
        inner = report.get("files", [])
        if not isinstance(inner, list):
            yield "files is no list"
        for file in inner if isinstance(inner, list) else ():
            yield from complaints(file)


def _complaints(value: Any, rule: Mapping[str, Any], place: str) -> Iterator[str]:
    """Yield what breaks a rule: the part of JSON Schema that crosscheck/schema.json uses."""
    where = place or "the whole"
    if "$ref" in rule:
        yield from _complaints(value, schema()["$defs"][rule["$ref"].rpartition("/")[2]], place)
    if "anyOf" in rule and all(any(_complaints(value, one, place)) for one in rule["anyOf"]):
        yield f"{where} is {_short(value)}"
    if ("enum" in rule and value not in rule["enum"]) or ("const" in rule and value != rule["const"]):
        yield f"{where} is {_short(value)}"
    kinds = rule.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        yield f"{where} is {_short(value)}"
        return
    if isinstance(value, dict):
        yield from (f"{where} has no {key}" for key in rule.get("required", ()) if key not in value)
        for key, inner in value.items():
            known = rule.get("properties", {}).get(key, rule.get("additionalProperties"))
            if known:
                yield from _complaints(inner, known, f"{place}.{key}" if place else key)
    elif isinstance(value, list) and "items" in rule:
        for number, inner in enumerate(value):
            yield from _complaints(inner, rule["items"], f"{place}[{number}]")
    elif isinstance(value, int | float) and not rule.get("minimum", -math.inf) <= value <= rule.get(
        "maximum", math.inf
    ):
        yield f"{where} is {value}"


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and not isinstance(value, bool)


def _short(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number in JSON")


def _foreign(path: Path, why: str) -> CrosscheckError:
    return CrosscheckError(
        f"{path} is no report of crosscheck: {why}. Write one with: crosscheck check FILE --json {path.name}",
        code="not-a-report",
    )
