"""The schema of reports, and whether an object keeps to it: what comes from a file may be anything."""

import json
from collections.abc import Iterator, Mapping, Sequence
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


def _complaints(value: Any, rule: Mapping[str, Any], place: str) -> Iterator[str]:
    """Yield what breaks a rule: the part of JSON Schema that crosscheck/schema.json uses."""
    if "$ref" in rule:
        name = rule["$ref"].rpartition("/")[2]
        yield from _complaints(value, schema() if name == "#" else schema()["$defs"][name], place)
    kinds = rule.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if (
        ("anyOf" in rule and all(any(_complaints(value, one, place)) for one in rule["anyOf"]))
        or ("enum" in rule and value not in rule["enum"])
        or ("const" in rule and (value != rule["const"] or isinstance(value, bool)))
        or (kinds and not any(_is(value, kind) for kind in kinds))
    ):
        yield f"{place or 'the whole'} is {_short(value)}"
    elif isinstance(value, dict):
        yield from _of_object(value, rule, place)
    elif isinstance(value, list):
        yield from _of_list(value, rule, place)
    elif isinstance(value, int | float) and not rule.get("minimum", value) <= value <= rule.get("maximum", value):
        yield f"{place} is {_short(value)}"


def _of_object(value: Mapping[str, Any], rule: Mapping[str, Any], place: str) -> Iterator[str]:
    yield from (f"{place or 'the whole'} has no {key}" for key in rule.get("required", ()) if key not in value)
    if len(value) < rule.get("minProperties", 0):
        yield f"{place} is empty"
    for key, inner in value.items():
        known = rule.get("properties", {}).get(key, rule.get("additionalProperties"))
        if known:
            yield from _complaints(inner, known, f"{place}.{key}" if place else key)


def _of_list(value: Sequence[Any], rule: Mapping[str, Any], place: str) -> Iterator[str]:
    if not rule.get("minItems", 0) <= len(value) <= rule.get("maxItems", len(value)):
        yield f"{place} has {len(value)} entries"
    for number, inner in enumerate(value):
        first = rule.get("prefixItems", ())
        known = first[number] if number < len(first) else rule.get("items")
        if known:
            yield from _complaints(inner, known, f"{place}[{number}]")


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
