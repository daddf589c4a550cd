"""Shapes that a docstring says arguments have: `x: data of shape (N, D)`, `W - (D, H) weights`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

SHAPE = re.compile(r"[(\[]\s*([A-Za-z_0-9*+ ]+(?:,\s*[A-Za-z_0-9*+ ]*)+)\s*[)\]]")
_CROSSED = r"(?<![\w.])([A-Z]\w?|\d+) ?[x×] ?([A-Z]\w?|\d+)(?!\w)"
CROSSED = re.compile(_CROSSED)
"""A shape as the gist writes it: `hprev is Hx1 array of initial hidden state`"""
_TOKEN = re.compile(r"^(?:\d*\s*\*?\s*[A-Za-z]\w{0,23}|\d+)(?:\s*\+\s*[A-Za-z]\w{0,23})?$")
_WORDS = re.compile(
    r"optional|default|list|tuple|int|float|dict|array|string|bool|see|and|or|the|with|if|training|next|previous|ndarray",
    re.IGNORECASE,
)
NEXT = re.compile(r"\n[ \t]*(?:[-*][ \t]+)?(\w+)[ \t]*(?:\([^()\n]*\)[ \t]*)?(?::|--)")
"""Where a docstring goes on to something else"""
PROPERTY = re.compile(r"shape|size|dim|type|note|where|with|returns?$", re.IGNORECASE)
"""What is said of the same thing in a line of its own"""
REACH = 240
"""Letters between a name and its shape in a docstring"""


@dataclass(frozen=True)
class Said:
    """What a docstring says of one name."""

    shape: tuple[str, ...] | None
    integers: bool
    one_hot: bool
    single: bool = False
    """Whether it is one integer"""


def documented(text: str, names: Iterable[str]) -> dict[str, Said]:
    r"""Return what a docstring says of names.

    >>> documented("x: Input data, of shape (N, D)", ["x"])["x"].shape
    ('N', 'D')
    >>> documented("b: Biases, H of them\n- h: States of shape (T, H)", ["b"])
    {}
    >>> documented("X (numpy array): Inputs\n    pool_size (int): Size of a window", ["X"])
    {}
    >>> documented("x -- a vector in shape (word vector length, )", ["x"])["x"].shape
    ('word_vector_length',)
    >>> documented("d_out shape: (Batch_Size, Time_Steps, Embedding_Dim)", ["d_out"])["d_out"].shape
    ('Batch_Size', 'Time_Steps', 'Embedding_Dim')
    >>> documented("hprev is Hx1 array of initial hidden state", ["hprev"])["hprev"].shape
    ('H', '1')
    >>> documented("data: Our 10000x64 matrix of training data", ["data"])["data"].shape  # as many as they may be
    ('_', '_')
    """
    places = {name: [m.end() for m in re.finditer(rf"(?<![\w']){re.escape(name)}(?!\w)", text)] for name in names}
    starts = sorted((place, name) for name, found in places.items() for place in found if _introduces(text, place))
    found: dict[str, Said] = {}
    for number, (place, name) in enumerate(starts):
        if name in found and found[name].shape is not None:
            continue
        end = starts[number + 1][0] - len(starts[number + 1][1]) if number + 1 < len(starts) else len(text)
        following = number + 1
        while following < len(starts) and re.fullmatch(r"\s*(?:,|and|/|&)\s*", text[place:end]):  # gamma and beta: (D,)
            following += 1
            end = starts[following][0] - len(starts[following][1]) if following < len(starts) else len(text)
            place = starts[following - 1][0]
        chunk = text[place : min(end, place + REACH)]
        chunk = next((chunk[: m.start()] for m in NEXT.finditer(chunk) if not PROPERTY.match(m[1])), chunk)
        shape = next((s for s in map(_shape, SHAPE.finditer(chunk)) if s), None) or _spelt_out(chunk)
        crossed = CROSSED.search(chunk.partition("\n")[0]) if shape is None else None
        shape = (
            tuple("_" if size.isdigit() and size != "1" else size for size in crossed.groups()) if crossed else shape
        )
        head = chunk.partition("(")[0] + chunk[:60]
        integers = bool(re.search(r"\bint(?:eger)?s?\b|\bindices\b|\bindex\b", head, re.IGNORECASE))
        if shape is not None or integers:
            one_hot = "one-hot" in chunk.lower() or "one hot" in chunk.lower()
            single = shape is None and bool(
                re.match(r"\s*(?:[:(-]|--)?\s*(?:an? |the )?int(?:eger)?\b", chunk, re.IGNORECASE)
            )
            found[name] = Said(shape, integers, one_hot, single)
    return found


def _introduces(text: str, place: int) -> bool:
    """Tell whether a name is being explained where it stands, rather than used in a formula or a shape."""
    plainly = rf"\s*(?:[:,]|--?|and\b|/|&|=|\(|(?:of |has |with )?shape\b|(?:is|are) (?:an? )?{_CROSSED})"
    return bool(re.match(plainly, text[place : place + 24]))


def _spelt_out(text: str) -> tuple[str, ...] | None:
    """Return a shape whose sizes are called by several words each: `in shape (word vector length, )`."""
    found = re.search(r"shape\s*[:=]?\s*\(([A-Za-z #]+(?:,[A-Za-z #]*)+)\)", text)
    tokens = [token.strip(" #") for token in found[1].split(",")] if found else []
    return tuple(re.sub(r"\W+", "_", token) for token in tokens if token) or None


def _shape(match: re.Match[str]) -> tuple[str, ...] | None:
    tokens = [token.strip() for token in match[1].split(",")]
    tokens = tokens[:-1] if tokens[-1:] == [""] else tokens
    if not tokens or not all(_TOKEN.match(token) and not _WORDS.fullmatch(token) for token in tokens):
        return None
    return tuple(tokens)
