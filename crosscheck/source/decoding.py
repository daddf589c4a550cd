"""From the bytes of a file to its text, so that the same bytes can be written again."""

import codecs
import difflib
import re
from pathlib import Path

from crosscheck.source.errors import SourceError
from crosscheck.source.translation import Change, Translation

# A notebook may hold pictures of this size; Python alone never does.
MOST_BYTES = 100_000_000

# Parsing takes about 1 KB of memory a line and 10 µs: above this it is data, or not written by hand.
MOST_LINES = 100_000
MOST_CHARACTERS = 10_000_000

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.MULTILINE)
_LINE_END = re.compile(r"\r\n?")


def text_of(path: Path) -> tuple[str, str]:
    """Return a file's text, its line ends as they are, and the encoding that turns it into the same bytes again."""
    return decode(_bytes_of(path), path)


def decode(content: bytes, path: Path) -> tuple[str, str]:
    """Return text and encoding: what the file declares, else UTF-8, else Latin-1 (which knows every byte)."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise SourceError(f"{path} is written in UTF-16: save it in UTF-8.", code="unreadable-file")
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise SourceError(
            f"{path}, line {line}: there is a null byte, so this is no text: check the file.",
            code="unreadable-file",
            line=line,
        )
    if not content.strip():
        raise SourceError(f"{path} is empty: there is nothing to check.", code="empty-file")
    marked = content.startswith(codecs.BOM_UTF8)
    candidates = ["utf-8-sig"] if marked else [*_declared(content), "utf-8"]
    for encoding in candidates:
        try:
            text = content.decode(encoding)
            if text.encode(encoding) == content:
                return text, encoding
        except (UnicodeError, LookupError):
            continue
    return content.decode("latin-1"), "latin-1"


def with_plain_line_ends(text: str) -> Translation:
    """Turn every line end into a newline; new lines are written with the line end that the text uses most."""
    found = list(_LINE_END.finditer(text))
    if not found:
        return Translation(text, text, ())
    most = max(("\n", "\r\n", "\r"), key=lambda end: _count(text, end))
    return Translation.of(
        text, [Change(*end.span(), "\n") for end in found], lambda new: new.replace("\n", most)
    )  # fmt: skip


def _count(text: str, end: str) -> int:
    both = text.count("\r\n")
    return both if end == "\r\n" else text.count(end) - both


def _declared(content: bytes) -> list[str]:
    head = b"\n".join(content.split(b"\n", 2)[:2])
    found = _COOKIE.search(head)
    if found is None:
        return []
    name = found[1].decode("ascii", "replace")
    try:
        return [name] if getattr(codecs.lookup(name), "_is_text_encoding", True) else []
    except LookupError:
        return []


def _neighbours(path: Path) -> list[str]:
    """Return the scripts and notebooks of the folder in which a file is not."""
    folder = path.parent
    return [one.name for one in folder.iterdir() if one.suffix in {".py", ".ipynb"}] if folder.is_dir() else []


def _bytes_of(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise SourceError(f"{path} is a folder: name a file in it.", code="unreadable-file")
        if not path.exists():
            near = difflib.get_close_matches(path.name, _neighbours(path), n=1)
            hint = f"did you mean {path.with_name(near[0])}?" if near else "check the name."
            raise SourceError(f"There is no file {path}: {hint}", code="no-such-file")
        if not path.is_file():
            raise SourceError(f"{path} is no ordinary file: name a script or a notebook.", code="unreadable-file")
        if path.stat().st_size > MOST_BYTES:
            raise SourceError(
                f"{path} has {path.stat().st_size:,} bytes, more than {MOST_BYTES:,}: cut out the model.",
                code="file-too-large",
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SourceError(f"{path} cannot be read ({reason}): check the name and its permissions.",
                          code="unreadable-file") from error  # fmt: skip
