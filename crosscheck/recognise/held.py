"""Values that an author holds constant, and says so: `target = z.copy()  # stop gradient`, `y = detach(z)`.

So are targets that a reward and the discounted value behind it make: nobody goes back through `r + gamma * V(s2)`. The
loss depends on them, and its gradient is meant to go round them. They are held at what they are while it is
differentiated: these targets at once, others where the derivative of the loss as it stands is another one.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from crosscheck.recognise.statements import root_word
from crosscheck.source import Document
from crosscheck.source.walking import operands, walk

SAYS = re.compile(
    r"stop(?:s|ped)?[-_ ]?(?:the )?grad|\bdetach|semi[-_ ]?grad|"
    r"\b(?:held|hold|kept|keep|treat(?:ed|s)?|taken) (?:\w+ )?(?:as )?(?:an? )?(?:constant|fixed)\b|"
    r"\bconstant\b.{0,12}\b(?:no|without)\b.{0,12}\bgrad|\bno (?:back-?prop\w*|gradients?) through\b",
    re.IGNORECASE,
)
BOOTSTRAPPED = "targets that a reward and a discounted value make were held constant while the loss was differentiated"
REWARD = re.compile(r"reward|^r(?:_?(?:t|next|\d))?s?$", re.IGNORECASE)
DISCOUNT = re.compile(r"gamma|discount", re.IGNORECASE)
CALLED = re.compile(r"^(?:detach(?:ed)?|stop_?grad(?:ient)?s?)$", re.IGNORECASE)


def mark_held(document: Document) -> list[int]:
    """Mark the assignments of a document that are said to be constant, for instrument.py, and return their lines."""
    lines = set(_told(document)) if SAYS.search(document.code) else set()
    found = []
    for node in walk(document.tree):
        if isinstance(node, ast.Assign):
            own = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            by_call = isinstance(node.value, ast.Call) and CALLED.match(root_word(node.value.func))
            if by_call or not lines.isdisjoint(own) or _is_bootstrapped(node.value):
                node.is_held = True  # pyright: ignore[reportAttributeAccessIssue]
                found.append(node.lineno)
    return sorted(found)


def has_bootstrapped(tree: ast.AST) -> bool:
    """Tell whether any target is a reward and a discounted value."""
    return any(isinstance(node, ast.Assign) and _is_bootstrapped(node.value) for node in walk(tree))


def _is_bootstrapped(value: ast.expr) -> bool:
    """Tell whether a target is a reward and a discounted value: the value before it is subtracted elsewhere.

    >>> targets = ("r + gamma * v", "reward + (1 - done) * self.gamma * q.max()", "r + gamma * v - V[s]", "a + b * c")
    >>> [_is_bootstrapped(ast.parse(target, mode="eval").body) for target in targets]
    [True, True, False, False]
    """
    sides = (value.left, value.right) if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add) else ()
    plain = [side for side in sides if isinstance(side, ast.Name | ast.Attribute | ast.Subscript)]
    factors = [factor for side in sides for factor in operands(side, ast.Mult)]
    is_discounted = any(DISCOUNT.search(root_word(factor)) for factor in factors)
    return is_discounted and any(REWARD.search(root_word(side)) for side in plain)


def _told(document: Document) -> Iterator[int]:
    """Yield the lines that a comment in them, or directly above them, calls constant."""
    texts = document.code.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(document.code).readline):
        if token.type == tokenize.COMMENT and SAYS.search(token.string):
            line = token.start[0]
            while line < len(texts) and texts[line - 1].lstrip().startswith("#"):
                line += 1
            yield line
