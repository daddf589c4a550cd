"""Random edits of source files, from a flipped byte to a million lines: `mutated` applies a few of them."""

import json
import random
import re
from collections.abc import Callable

Edit = Callable[[random.Random, str], str | bytes]

_TOKEN = re.compile(r"\w+(?:\.\w+)?|\s+|[-+*/=<>!]+|.", re.DOTALL)
_OPERATORS = ("+", "-", "*", "/", "+=", "-=", "=", "**", "@", "<", "<=", "==", "!=", "%", "//", "and", "not", ",", ".")
_NUMBERS = ("0", "1", "-1", "2", "0.5", "1e-8", "1e300", "10**30", "9" * 25, "float('nan')", "None", "'a'", "[]")
_NAMES = ("Δh", "ℎ", "ﬁ", "а", "变量", "ｄＷ", "self", "np", "x", "None", "__class__", "print", "lambda")


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True) or [""]


def _at(rng: random.Random, items: list[str]) -> int:
    return rng.randrange(len(items))


def drop_line(rng: random.Random, text: str) -> str:
    """Drop one line."""
    lines = _lines(text)
    del lines[_at(rng, lines)]
    return "".join(lines)


def double_line(rng: random.Random, text: str) -> str:
    """Write one line twice."""
    lines = _lines(text)
    at = _at(rng, lines)
    return "".join([*lines[:at], lines[at], *lines[at:]])


def swap_neighbours(rng: random.Random, text: str) -> str:
    """Exchange two lines that follow each other."""
    lines = _lines(text)
    at = _at(rng, lines)
    return "".join([*lines[:at], *reversed(lines[at : at + 2]), *lines[at + 2 :]])


def move_line(rng: random.Random, text: str) -> str:
    """Put one line at another place."""
    lines = _lines(text)
    lines.insert(_at(rng, lines), lines.pop(_at(rng, lines)))
    return "".join(lines)


def shift_line(rng: random.Random, text: str) -> str:
    """Indent one line differently."""
    lines = _lines(text)
    at = _at(rng, lines)
    lines[at] = rng.choice(["    ", "  ", " ", "\t", "\f"]) + lines[at] if rng.random() < 0.5 else lines[at].lstrip(" ")
    return "".join(lines)


def _tokens(text: str) -> tuple[list[str], list[int]]:
    """Return the pieces of a text, and which of them are neither blanks nor comments, roughly."""
    tokens = _TOKEN.findall(text)
    comment, solid = False, []
    for at, token in enumerate(tokens):
        comment = (comment or token == "#") and "\n" not in token
        if not comment and not token.isspace():
            solid.append(at)
    return tokens, solid or [0]


def swap_tokens(rng: random.Random, text: str) -> str:
    """Exchange two tokens that stand near each other."""
    tokens, solid = _tokens(text)
    first = rng.randrange(len(solid))
    one, two = solid[first], solid[min(first + rng.randrange(1, 9), len(solid) - 1)]
    tokens[one], tokens[two] = tokens[two], tokens[one]
    return "".join(tokens)


def drop_token(rng: random.Random, text: str) -> str:
    """Drop one token, such as `.T`."""
    tokens, solid = _tokens(text)
    tokens[rng.choice(solid)] = ""
    return "".join(tokens)


def double_token(rng: random.Random, text: str) -> str:
    """Write one token twice."""
    tokens, solid = _tokens(text)
    tokens[rng.choice(solid)] *= 2
    return "".join(tokens)


def other_token(rng: random.Random, text: str) -> str:
    """Put a token of the same kind, mostly one that stands elsewhere in the text, in the place of another."""
    tokens, solid = _tokens(text)
    at = rng.choice(solid)
    kinds = ((str.isidentifier, _NAMES), (str.isnumeric, _NUMBERS), (lambda token: not token[0].isalnum(), _OPERATORS))
    for same, more in kinds:
        if same(tokens[at]):
            others = [tokens[place] for place in solid if same(tokens[place])]
            tokens[at] = rng.choice([*others, *more]) if rng.random() < 0.9 else rng.choice(more)
            break
    return "".join(tokens)


def slip(rng: random.Random, text: str) -> str:
    """Make a slip that the text still parses with: an index, a sign, a transpose, an accumulation."""
    slips = [
        (r"\[t\]", "[t-1]"), (r"\[t-1\]", "[t]"), (r"\.T\b", ""), (r"\+=", "="), (r" = ", " += "), (r" \+ ", " - "),
        (r" - ", " + "), (r" \* ", " / "), (r"\b1\b", "2"), (r"\b0\b", "1"), (r"range\(", "range(1, "),
        (r"reversed\(", "list("), (r"\bdh\b", "dy"), (r"\*\* ?2", ""), (r"np\.tanh", "np.sin"), (r"axis=0", "axis=1"),
        (r"zeros_like", "ones_like"), (r"\.sum\(", ".mean("), (r"\)$", ") * 1.001"), (r"return ", "return 2, "),
    ]  # fmt: skip
    places = [(match, new) for old, new in slips for match in re.finditer(old, text, re.MULTILINE)]
    if not places:
        return drop_line(rng, text)
    match, new = rng.choice(places)
    return text[: match.start()] + new + text[match.end() :]


def rename(rng: random.Random, text: str) -> str:
    """Give one name everywhere another, often of letters beyond ASCII."""
    names = sorted(set(re.findall(r"\b[A-Za-z_]\w*\b", text))) or ["x"]
    return re.sub(rf"\b{rng.choice(names)}\b", rng.choice([*_NAMES, *names]), text)


def cut_off(rng: random.Random, text: str) -> str:
    """Keep the beginning."""
    return text[: rng.randrange(len(text) + 1)]


def delete_bytes(rng: random.Random, text: str) -> bytes:
    """Delete up to 20 bytes."""
    data = text.encode("utf-8", "surrogatepass")
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.randrange(1, 21) :]


def spoil_bytes(rng: random.Random, text: str) -> bytes:
    """Overwrite a few bytes with any others."""
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(rng.randrange(1, 6)):
        if data:
            data[rng.randrange(len(data))] = rng.choice([rng.randrange(256), rng.randrange(128)])
    return bytes(data)


def insert_bytes(rng: random.Random, text: str) -> bytes:
    """Insert what does not belong into a text: NULs, marks, controls, halves of characters."""
    data = text.encode("utf-8", "surrogatepass")
    at = rng.choice([0, rng.randrange(len(data) + 1)])
    odd = [b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1a", b"\x0c", b"\r", b"\xc3", b"\xe2\x80\xa8", b"\x85", b"\\\\\n"]
    return data[:at] + rng.choice(odd) * rng.choice([1, 1, 1, 7]) + data[at:]


def encode_otherwise(rng: random.Random, text: str) -> bytes:
    """Save in another encoding, or declare one."""
    if rng.random() < 0.4:
        declared = rng.choice(["latin-1", "utf-16", "rot13", "no-such-thing", "utf_8_sig", "cp037", "idna", "hex"])
        return f"# -*- coding: {declared} -*-\n# é\n{text}".encode(rng.choice(["utf-8", "latin-1"]), "replace")
    return text.encode(rng.choice(["utf-16", "utf-32", "utf-16-le", "cp1252", "cp037", "utf-7", "latin-1"]), "replace")


def other_line_ends(rng: random.Random, text: str) -> bytes:
    """Change the ends of all lines, or of some."""
    ends = rng.choice([["\r"], ["\r\n"], ["\r", "\n", "\r\n"], ["\n", "\x0b"], ["\n\n"], ["\\\n", "\n", "\n"]])
    return "".join(line.rstrip("\n") + rng.choice(ends) for line in _lines(text)).encode("utf-8", "replace")


def mix_tabs(rng: random.Random, text: str) -> str:
    """Write tabs for the blanks in front of some lines."""
    return "".join(
        line.replace(" " * rng.choice([4, 8]), "\t") if rng.random() < 0.3 else line for line in _lines(text)
    )


def grow(rng: random.Random, text: str) -> str:
    """Add something enormous: lines, depth, digits, a long line, many functions."""
    lines = _lines(text)
    at = _at(rng, lines)
    depth = rng.choice([60, 120, 300, 3_000, 30_000])
    name = f"x{rng.randrange(1000)}"
    block = rng.choice([
        "# nothing\n" * rng.choice([90_000, 1_000_000]),
        f"{name} = 1\n" * rng.choice([3_000, 1_000_000]),
        f"{name} = {'(' * depth}1{')' * depth}\n",
        f"{name} = {'[' * depth}\n",
        f"{name} = {'-' * depth}1\n",
        f"{name} = {'+'.join('1' * depth)}\n",
        f"{name} = a{'.b' * depth}\n",
        f"{name} = {'9' * depth}\n",
        f"{name} = '{'x' * 100 * depth}'\n",
        "".join(f"{' ' * level}if x:\n" for level in range(min(depth, 200))) + " " * 200 + "pass\n",
        "".join(f"def f{number}(dy, x): return dy * {number}\n" for number in range(min(depth, 3_000))),
        f"{name} = {{{', '.join(f'{number}: {number}' for number in range(depth))}}}\n",
        f"{name} = {'f(' * min(depth, 3_000)}{')' * min(depth, 3_000)}\n",
        f"{name} = {'lambda: ' * depth}0\n",
    ])  # fmt: skip
    return "".join([*lines[:at], block, *lines[at:]])


def huge_number(rng: random.Random, text: str) -> str:
    """Make one number of the text enormous: a size, an index, a count."""
    places = list(re.finditer(r"(?<![\w.])\d+(?![\w.])", text))
    if not places:
        return drop_token(rng, text)
    place = rng.choice(places)
    return text[: place.start()] + rng.choice(["10**9", "10**18", "2**63", "-7", "1e308"]) + text[place.end() :]


def break_json(rng: random.Random, text: str) -> str:
    """Break a notebook as JSON, or as a notebook."""
    try:
        book = json.loads(text)
        cell = rng.choice(book["cells"])
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return drop_token(rng, text)
    odd = [None, 7, "", [], {}, [[]], True, -1.5, "code", ["a", 1], {"a": None}]
    what = rng.choice(["cell", "source", "type", "cells", "format", "outputs", "lines", "old", "order", "extra"])
    if what == "cell":
        book["cells"][rng.randrange(len(book["cells"]))] = rng.choice(odd)
    elif what == "source":
        cell["source"] = rng.choice(odd)
    elif what == "type":
        cell["cell_type"] = rng.choice(odd)
    elif what == "cells":
        book["cells"] = rng.choice(odd)
    elif what == "format":
        book["nbformat"] = rng.choice([*odd, 3, 99])
    elif what == "outputs":
        cell["outputs"] = [{"text": "x" * 3_000_000}]
    elif what == "lines" and isinstance(cell.get("source"), list):
        cell["source"].insert(rng.randrange(len(cell["source"]) + 1), rng.choice(odd))
    elif what == "old":
        book = {"worksheets": [{"cells": book["cells"]}], "nbformat": 3, "metadata": {}}
    elif what == "order":
        rng.shuffle(book["cells"])
    else:
        deep = "[" * 2_000 + "]" * 2_000
        return json.dumps(book)[:-1] + f', "extra": {deep}}}'
    return json.dumps(book, ensure_ascii=rng.random() < 0.5)


# Half of the edits leave something that may run: only there can a wrong gradient be acquitted.
WEIGHTS: dict[Edit, int] = {
    slip: 30, other_token: 14, swap_tokens: 8, drop_token: 6, double_token: 3, drop_line: 8, double_line: 5,
    swap_neighbours: 6, move_line: 5, shift_line: 5, rename: 5, cut_off: 3, delete_bytes: 4, spoil_bytes: 4,
    insert_bytes: 4, encode_otherwise: 3, other_line_ends: 3, mix_tabs: 2, grow: 3, huge_number: 4, break_json: 2,
}  # fmt: skip


def mutated(rng: random.Random, data: bytes, *, notebook: bool) -> tuple[bytes, list[str]]:
    """Return a file after one to three edits, and their names."""
    text = data.decode("utf-8", "surrogateescape") if _is_utf8(data) else data.decode("latin-1")
    names = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        edit = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if notebook and rng.random() < 0.2:
            edit = break_json
        names.append(edit.__name__)
        inside = notebook and rng.random() < 0.7 and edit is not break_json
        changed = _in_a_cell(rng, text, edit) if inside else edit(rng, text)
        if isinstance(changed, bytes):
            return changed, names
        text = changed
    return text.encode("utf-8", "surrogatepass"), names


def _in_a_cell(rng: random.Random, text: str, edit: Edit) -> str | bytes:
    """Edit the source of one code cell of a notebook; the notebook itself stays well-formed."""
    try:
        book = json.loads(text)
        cell = rng.choice([cell for cell in book["cells"] if cell["cell_type"] == "code"])
        changed = edit(rng, "".join(cell["source"]))
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return edit(rng, text)
    cell["source"] = changed.decode("utf-8", "replace") if isinstance(changed, bytes) else changed
    return json.dumps(book)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
