"""The texts of an exercise name no symbol that the learner's file or the theory does not have."""

import builtins
import keyword
import re
from collections.abc import Iterator

import numpy as np

from crosscheck.learn.course import Exercise

_WORD = re.compile(r"[A-Za-z]\w*")
_QUOTED = re.compile(r"`([^`\n]+)`")
_SYMBOL = re.compile(r"d[A-Z]\w*|W[a-z]{1,2}|d[a-z]{1,3}_\w+")
"""What in running text can only be meant as a symbol: dW, Wxh, dh_next"""
_DEFINED = re.compile(r"^ {4,}([A-Za-z]\w*)\S* +=(?!=)", re.MULTILINE)
_ALWAYS = {"np", "TODO", "ANSWER", *dir(builtins), *keyword.kwlist}


def symbols(exercise: Exercise) -> Iterator[str]:
    """Yield the symbols that are used and not introduced."""
    theory = exercise.text("theory.md")
    known = (
        _ALWAYS | set(_WORD.findall(exercise.stub + exercise.solution)) | _without_subscripts(_DEFINED.findall(theory))
    )
    texts = {name: exercise.text(name) for name in ("theory.md", "hints.md", "derivation.md")}
    texts |= {f"the message of {wrong.name}": wrong.message for wrong in exercise.exam.wrong}
    for name, text in texts.items():
        for symbol in sorted({one for one in _used(text) if not _is_known(one, known)}):
            yield f"{name}: {symbol} is defined neither in the file nor by a formula of theory.md"


def _used(text: str) -> Iterator[str]:
    for quoted in _QUOTED.findall(text):
        yield from _WORD.findall(quoted)
    for word in _WORD.findall(_QUOTED.sub(" ", text)):
        if _SYMBOL.fullmatch(word):
            yield word


def _is_known(symbol: str, known: set[str]) -> bool:
    return len(symbol) == 1 or symbol in known or symbol.split("_")[0] in known or hasattr(np, symbol)


def _without_subscripts(names: list[str]) -> set[str]:
    return {part for name in names for part in (name, name.split("_")[0])}
