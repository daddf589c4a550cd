"""What a data file may hold where plain text does not do: numbers in columns, labelled lines, tagged words, pictures.

Which separators and how many columns come from the program that reads it.
"""

import ast
import random
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from crosscheck.recognise import files_read, small_data
from crosscheck.recognise.frames import LABELS
from crosscheck.source.walking import walk

COLUMNS = 5
"""Of a table whose reader takes as many as there are"""
MOST_COLUMNS = 40
MOST_SEPARATORS = 3
MOST_WIDTHS = 3
PLAIN = "whitespace"
"""The separator of `split()`"""
WIDE = re.compile(r"\b78[45]\b|mnist|digit")
TABLE, LABEL_FIRST, LABEL_LAST, TAGGED, TAGGED_INLINE = "table", "label first", "label last", "tagged", "tagged inline"
TEXTS = re.compile(
    r"text|sentence|review|comment|tweet|message|content|title|headline|phrase|utterance|question|answer"
    r"|^(?:c[uü]mle|metin|yorum|texto|frase|oraci[oó]n|texte|phrase|satz|kalimat|zdanie|предложение|текст|文本|句子)$",
    re.IGNORECASE,
)
"""Columns that hold sentences"""
PICTURES = re.compile(r"ubyte|idx[13]", re.IGNORECASE)
"""Names of files of pictures of digits, or of their labels"""


@dataclass(frozen=True)
class Layout:
    """How the lines of a file look."""

    kind: str
    separator: str = PLAIN
    columns: int = COLUMNS
    header: tuple[str, ...] = ()
    """Names of the columns, where the program asks for them"""

    def written(self, letters: str, rows: int = small_data.EXAMPLES) -> str:
        r"""Return a file's contents.

        >>> Layout(TABLE, ",", 2, ("text", "label")).written("abcde\n", 2)
        'text,label\nabab cde ecd,0\ncab bad acb bdc,1\n'
        """
        between = " " if self.separator == PLAIN else self.separator
        if self.kind == TABLE:
            words = files_read.text(letters).split()
            sentences = [" ".join(words[3 * n : 3 * n + 3 + n % 2]) for n in range(len(self.header) and rows)]
            texts = {place for place, name in enumerate(self.header) if TEXTS.search(name)}
            cells = [
                [sentences[n] if place in texts else cell for place, cell in enumerate(row)]
                for n, row in enumerate(_table(self.columns, rows))
            ]
            lines = [between.join(map(str, row)) for row in cells]
            return "\n".join([between.join(self.header)] * bool(self.header) + lines) + "\n"
        return "\n".join(self._lines(files_read.text(letters).split(), between)) + "\n"

    def _lines(self, words: list[str], between: str) -> Iterator[str]:
        """Yield short sentences with labels or tags."""
        stream = random.Random(6)  # noqa: S311 - the same every time
        for number in range(small_data.EXAMPLES):
            sentence = words[4 * number : 4 * number + 3 + number % 2]
            label, tags = str(number * 7 % 12 % 2), [stream.choice("ABC") for _ in sentence]
            if self.kind == TAGGED:
                yield from (word + between + tag for word, tag in zip(sentence, tags, strict=True))
                yield ""
            elif self.kind == TAGGED_INLINE:
                yield " ".join(word + between + tag for word, tag in zip(sentence, tags, strict=True))
            else:
                text = " ".join(sentence)
                yield label + between + text if self.kind == LABEL_FIRST else text + between + label


def layouts(tree: ast.Module, hints: str) -> Iterator[Layout]:
    """Yield what the data files of a module may look like, likeliest first."""
    separators = _separators(tree)
    names = {_called(node) for node in walk(tree) if isinstance(node, ast.Call)}
    tables = [
        Layout(TABLE, separator, width, header)
        for separator in separators
        for width, header in ([*_named(tree)] if "DictReader" in names else [(w, ()) for w in _widths(tree, hints)])
        if separator not in ("/", "_")
    ]
    texts = [
        Layout(kind, separator)
        for separator in separators
        for kind in ((TAGGED_INLINE,) if separator in ("/", "_") else (LABEL_FIRST, LABEL_LAST, TAGGED))
    ]
    has_numbers = bool(names & {"float", "fromstring", "array", "asarray"}) or "float" in hints
    yield from (*tables, *texts) if has_numbers else (*texts, *tables)


def is_never_split(tree: ast.Module) -> bool:
    """Tell whether a program takes numbers from lines that it splits where our text has nothing to be split at.

    >>> is_never_split(ast.parse("rows = [float(one) for one in open('iris.csv').readline().split(',')]"))
    True
    """
    calls = [node for node in walk(tree) if isinstance(node, ast.Call)]
    is_split = any(_called(call) in ("split", "reader") for call in calls)
    has_numbers = any(_called(call) == "float" for call in calls)
    return is_split and has_numbers and not any(one in files_read.LETTERS or one == PLAIN for one in _separators(tree))


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _separators(tree: ast.Module) -> list[str]:
    """Return what the lines of a file are split at."""
    found: list[str] = []
    for call in (node for node in walk(tree) if isinstance(node, ast.Call)):
        named = [k.value for k in call.keywords if k.arg in ("delimiter", "sep", "delim")]
        if _called(call) in ("split", "rsplit", "partition", "rpartition"):
            given = [*call.args[:1], *named]
            found += [PLAIN] if not given else [a.value for a in given if isinstance(a, ast.Constant)]  # pyright: ignore
        elif _called(call) in ("reader", "DictReader"):
            found += [a.value for a in named if isinstance(a, ast.Constant)] if named else [","]  # pyright: ignore
    plain = [one for one in dict.fromkeys(found) if isinstance(one, str) and one not in ("", "\n", "\r\n", ".", "\n\n")]
    return sorted(plain, key=lambda one: one == PLAIN)[:MOST_SEPARATORS] or [","]


def _widths(tree: ast.Module, hints: str) -> list[int]:
    """Return how many columns a table may have: as many as a row is taken apart into, or as it is indexed for."""
    if WIDE.search(hints):
        return [small_data.SIDE**2 + 1]
    found = [
        len(node.targets[0].elts)
        for node in walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple)
        if any(_called(call) in ("split", "map") for call in walk(node.value) if isinstance(call, ast.Call))
    ]
    subscripts = [n for n in walk(tree) if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)]
    places = {n.slice.value for n in subscripts if isinstance(n.slice, ast.Constant) and type(n.slice.value) is int}
    takes_rest = any(
        isinstance(part, ast.Slice) or (isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub))
        for n in subscripts
        for part in (n.slice.elts if isinstance(n.slice, ast.Tuple) else [n.slice])
    )
    largest = max(places, default=0) + 1
    if 1 < largest <= MOST_COLUMNS and (not takes_rest or largest > COLUMNS):
        found.append(largest)
    handed = [n.value for call in walk(tree) if isinstance(call, ast.Call) for n in call.args if _is_width(n)]  # pyright: ignore[reportAttributeAccessIssue]
    return [
        *list(dict.fromkeys([*found, COLUMNS]))[:3],
        *(number + 1 for number in dict.fromkeys(handed[:MOST_WIDTHS])),
    ]


def _is_width(node: ast.expr) -> bool:
    """Tell whether an argument may be how many numbers a network is handed: a row holds them and a label."""
    return isinstance(node, ast.Constant) and type(node.value) is int and COLUMNS <= node.value < MOST_COLUMNS


def _named(tree: ast.Module) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the names that rows are asked for, and how many they are."""
    names = [
        node.slice.value
        for node in walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.ctx, ast.Load)
    ]
    header = tuple(dict.fromkeys(name for name in names if isinstance(name, str)))
    labels = [name for name in header if LABELS.search(name)]
    header = tuple(name for name in header if name not in labels) + tuple(labels)  # labels stand in the last column
    if header:
        yield len(header), header


def _table(columns: int, rows: int) -> np.ndarray:
    """Return whole numbers; labels in the last column, and in the first of several."""
    is_wide = columns > small_data.SIDE**2
    made = np.random.RandomState(8).randint(0, 9, size=(rows, columns))
    labels = small_data.classes(rows, 10 if is_wide else 2)
    if columns > 3:
        made[:, 0] = labels
    if not is_wide:
        made[:, -1] = labels
    return made


def pictures(name: str) -> bytes | None:
    """Return what a file of pictures of digits holds, or one of their labels: sizes, then bytes; None of others."""
    if not PICTURES.search(name):
        return None
    count, side = small_data.EXAMPLES, small_data.SIDE
    if re.search(r"label|idx1", name, re.IGNORECASE):
        return struct.pack(">ii", 2049, count) + small_data.classes(count, 10).astype(np.uint8).tobytes()
    values = np.random.RandomState(8).randint(0, 255, size=(count, side, side)).astype(np.uint8)
    return struct.pack(">iiii", 2051, count, side, side) + values.tobytes()
