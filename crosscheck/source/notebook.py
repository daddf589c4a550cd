"""Notebooks: the code of the cells one after another, and where in the JSON each character of it stands."""

import json
import re
from collections.abc import Iterator
from json.decoder import scanstring  # pyright: ignore[reportAttributeAccessIssue] (C, without stubs)
from pathlib import Path
from typing import Any, NamedTuple

from crosscheck.source.errors import SourceError
from crosscheck.source.translation import Change, Translation

_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")
_SCALAR = re.compile(r"[^\s,\]}]+")
_SPACE = re.compile(r"\s*")


class Literal(NamedTuple):
    """A string of the JSON, and where its characters (without the quotes) stand."""

    value: str
    start: int
    end: int


class Notebook(NamedTuple):
    """The code of a notebook."""

    step: Translation
    """From the JSON to the code cells' sources, one after another, each on a line of its own."""
    cells: tuple[tuple[int, int], ...]
    """(number of the cell counted from 1 with all kinds of cells, where it begins in the code)."""
    python2: bool
    """The notebook says that its kernel is Python 2."""


def read_notebook(text: str, path: Path) -> Notebook:
    """Find the code in a notebook of format 2, 3 or 4. Raises SourceError `not-a-notebook`, `empty-file`."""
    try:
        plain = json.loads(text, strict=False)
        tree = _value(text, 0)[0]
    except json.JSONDecodeError as error:
        raise SourceError(
            f"{path}, line {error.lineno}: this is no valid JSON ({error.msg}), so it is no whole notebook: "
            "restore it, or export its code as a script.",
            code="not-a-notebook",
            line=error.lineno,
        ) from error
    except (RecursionError, ValueError) as error:
        raise SourceError(
            f"{path} is JSON that cannot be read ({error}): restore it.", code="not-a-notebook"
        ) from error
    if not isinstance(plain, dict) or not isinstance(plain.get("cells", plain.get("worksheets")), list):
        raise SourceError(f"{path} is JSON without cells, so it is no notebook: check the file.", code="not-a-notebook")
    metadata = plain.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    language, version = _language(metadata)
    if language not in {"", "python", "ipython"}:
        raise SourceError(f"{path} is a notebook in {language}: only Python can be checked.", code="not-python")
    sources = [(number, literals) for number, literals in _sources(tree) if literals]
    if not any(literal.value.strip() for _, literals in sources for literal in literals):
        raise SourceError(f"{path} has no code in its cells: there is nothing to check.", code="empty-file")
    return _joined(text, sources, python2=version.startswith("2"))


def _joined(text: str, sources: list[tuple[int, list[Literal]]], *, python2: bool) -> Notebook:
    changes: list[Change] = []
    begins: list[tuple[int, int]] = []
    at, length = 0, 0
    for number, literals in sources:
        for index, literal in enumerate(literals):
            gap = "\n" if index == 0 and begins else ""
            changes.append(Change(at, literal.start, gap))
            length += len(gap)
            if index == 0:
                begins.append((number, length))
            changes += _escapes(text, literal)
            at, length = literal.end, length + len(literal.value)
    changes.append(Change(at, len(text), ""))
    return Notebook(Translation.of(text, changes, _as_json), tuple(begins), python2)


def _as_json(new: str) -> str:
    return json.dumps(new, ensure_ascii=False)[1:-1]


def _escapes(text: str, literal: Literal) -> Iterator[Change]:
    for escape in _ESCAPE.finditer(text, literal.start, literal.end):
        yield Change(*escape.span(), json.loads(f'"{escape[0]}"'))


def _language(metadata: dict[str, Any]) -> tuple[str, str]:
    info, kernel = metadata.get("language_info"), metadata.get("kernelspec")
    info = info if isinstance(info, dict) else {}
    kernel = kernel if isinstance(kernel, dict) else {}
    language = str(info.get("name") or kernel.get("language") or "").lower()
    version = str(info.get("version") or "")
    name = str(kernel.get("name") or "").lower()
    return re.sub(r"[\d.]+$", "", language), version or ("2" if name in {"python2", "python 2"} else "")


def _sources(tree: Any) -> Iterator[tuple[int, list[Literal]]]:
    """Yield (number of the cell, the strings of its source) for the code cells."""
    sheets = tree.get("worksheets")
    lists = [tree.get("cells")] if sheets is None else [s.get("cells") for s in sheets if isinstance(s, dict)]
    cells = [cell for cells in lists if isinstance(cells, list) for cell in cells]
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            continue
        kind = cell.get("cell_type")
        source = cell.get("source", cell.get("input"))
        if isinstance(kind, Literal) and kind.value == "code":
            given = source if isinstance(source, list) else [source]
            yield number, [part for part in given if isinstance(part, Literal)]


def _value(text: str, at: int) -> tuple[Any, int]:
    """Read JSON that is known to be valid; strings come with their places, numbers as None."""
    at = _after_space(text, at)
    if text[at] == '"':
        value, end = scanstring(text, at + 1, False)
        return Literal(value, at + 1, end - 1), end
    if text[at] == "{":
        return _members(text, at + 1)
    if text[at] == "[":
        return _items(text, at + 1)
    found = _SCALAR.match(text, at)
    assert found is not None
    return None, found.end()


def _members(text: str, at: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    at = _after_space(text, at)
    while text[at] != "}":
        at = _after_space(text, at + (text[at] == ","))
        name, at = scanstring(text, at + 1, False)
        found[name], at = _value(text, _after_space(text, at) + 1)
        at = _after_space(text, at)
    return found, at + 1


def _items(text: str, at: int) -> tuple[list[Any], int]:
    found = []
    at = _after_space(text, at)
    while text[at] != "]":
        item, at = _value(text, at + (text[at] == ","))
        found.append(item)
        at = _after_space(text, at)
    return found, at + 1


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
