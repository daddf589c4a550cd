"""Values that an author holds constant, and says so: `target = z.copy()  # stop gradient`, `y = detach(z)`.

The loss depends on them, and its gradient is meant to go round them. Where the derivative of the loss as it stands is
another one, they are held at what they are while it is differentiated.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from crosscheck.recognise.statements import root_word
from crosscheck.source import Document
from crosscheck.source.walking import walk

SAYS = re.compile(
    r"stop(?:s|ped)?[-_ ]?(?:the )?grad|\bdetach|semi[-_ ]?grad|"
    r"\b(?:held|hold|kept|keep|treat(?:ed|s)?|taken) (?:\w+ )?(?:as )?(?:an? )?(?:constant|fixed)\b|"
    r"\bconstant\b.{0,12}\b(?:no|without)\b.{0,12}\bgrad|\bno (?:back-?prop\w*|gradients?) through\b",
    re.IGNORECASE,
)
CALLED = re.compile(r"^(?:detach(?:ed)?|stop_?grad(?:ient)?s?)$", re.IGNORECASE)


def mark_held(document: Document) -> list[int]:
    """Mark the assignments of a document that are said to be constant, for instrument.py, and return their lines."""
    lines = set(_told(document)) if SAYS.search(document.code) else set()
    found = []
    for node in walk(document.tree):
        if isinstance(node, ast.Assign):
            own = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            by_call = isinstance(node.value, ast.Call) and CALLED.match(root_word(node.value.func))
            if by_call or not lines.isdisjoint(own):
                node.is_held = True  # pyright: ignore[reportAttributeAccessIssue]
                found.append(node.lineno)
    return sorted(found)


def _told(document: Document) -> Iterator[int]:
    """Yield the lines that a comment in them, or directly above them, calls constant."""
    texts = document.code.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(document.code).readline):
        if token.type == tokenize.COMMENT and SAYS.search(token.string):
            line = token.start[0]
            while line < len(texts) and texts[line - 1].lstrip().startswith("#"):
                line += 1
            yield line
