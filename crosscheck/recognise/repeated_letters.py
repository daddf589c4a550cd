"""Texts that a loop cuts into pieces, written so that letters or words come again within each: gradients must add up.

    xs = [number[c] for c in text[place : place + L]]
    ids = [number[word] for word in text.split()]

What a call is handed is drawn anew for each case, with symbols that repeat. A text that a turn cuts itself stays, and a
short piece may have no letter twice: `dW[:, x] = ...` in place of `+=` would be right by chance.
"""

import ast
from dataclasses import replace
from typing import Any

from crosscheck.recognise.hooks import Entry
from crosscheck.source.walking import walk

FEWEST = 20
"""Letters or words of what is a text"""


def with_repeats(entry: Entry, loop: ast.For | ast.While) -> Entry:
    """Return the turn of a loop with such texts in place of its own; the same turn if the loop cuts none."""
    cut = {
        part.value.id
        for part in walk(loop)
        if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name) and isinstance(part.slice, ast.Slice)
    }
    parted = {
        part.func.value.id
        for part in walk(loop)
        if isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and part.func.attr == "split"
        and isinstance(part.func.value, ast.Name)
        and not part.args
    }

    def written(name: str, value: Any) -> Any:
        if name in parted and _is_sentence(value):
            return _with_words_again(value)
        return _again(value) if name in cut and _is_text(value) else value

    names, arguments = (
        {name: written(name, value) for name, value in known.items()} for known in (entry.names, entry.arguments)
    )
    is_same = all(one is entry.names[name] for name, one in names.items())
    if is_same and all(one is entry.arguments[name] for name, one in arguments.items()):
        return entry
    return replace(entry, names=names, arguments=arguments)


def _is_text(value: Any) -> bool:
    is_list = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return (isinstance(value, str) or is_list) and len(value) >= FEWEST


def _is_sentence(value: Any) -> bool:
    return isinstance(value, str) and len(value.split()) > 1 and all(map(str.isalpha, value.split()))


def _with_words_again(text: str) -> str:
    """Return a sentence in the words of another, of which every two come twice.

    >>> _with_words_again("a good plot"), _with_words_again("fun cast")
    ('a good a', 'fun cast fun')
    """
    words = text.split()
    pairs = [word for place in range(0, len(words), 2) for word in words[place : place + 2] * 2]
    return " ".join(pairs[: max(3, len(words))])


def _again(text: Any) -> Any:
    """Return a text of the same length and letters in which every two of them come twice.

    >>> _again("the cat")
    'ththe e'
    """
    pairs = [text[place : place + 2] * 2 for place in range(0, len(text), 2)]
    made = "".join(pairs) if isinstance(text, str) else [word for pair in pairs for word in pair]
    return made[: len(text)]
