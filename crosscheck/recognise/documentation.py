"""What an author wrote about a function, in docstrings or comments."""

import ast
import re
from collections.abc import Sequence

from crosscheck.source import Document
from crosscheck.source.walking import walk

STRAIGHT_THROUGH = re.compile(r"straight[-_ ]?through|(?-i:STE\b)|surrogate[-_ ]grad", re.IGNORECASE)


def documentation_of(name: str, document: Document) -> str:
    """Return what is written about a function: by itself, by its class, or by the next that has anything written."""
    owner, _, word = name.rpartition(".")
    tree = document.tree
    holders = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == owner] or [tree]
    found = [node for node in holders[0].body if isinstance(node, ast.FunctionDef)]
    own = next((f"{ast.get_docstring(n) or ''}\n{_comments(n, document.lines)}" for n in found if n.name == word), "")
    above = ast.get_docstring(holders[0]) if owner else None
    others = (ast.get_docstring(node) for node in found)
    return "\n".join(text for text in (own, above) if text and text.strip()) or next((t for t in others if t), "")


def goes_straight_through(name: str, document: Document) -> bool:
    """Tell whether a function, or its class, says that it lets gradients straight through, on purpose."""
    owner, _, word = name.rpartition(".")
    nodes = (node for node in walk(document.tree) if isinstance(node, ast.ClassDef | ast.FunctionDef))
    own = [node for node in nodes if node.name == (owner or word)]
    lines = (line for node in own for line in document.lines[node.lineno - 1 : node.end_lineno])
    return any(map(STRAIGHT_THROUGH.search, lines))


def _comments(node: ast.FunctionDef, lines: Sequence[str]) -> str:
    """Return the comments that stand directly above a function, beside its arguments, or before its first statement."""
    first = node.body[min(ast.get_docstring(node) is not None, len(node.body) - 1)].lineno
    start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    while start > 1 and lines[start - 2].lstrip().startswith("#"):
        start -= 1
    found = []
    for line in lines[start - 1 : first - 1]:
        code, hash_, said = line.partition("#")
        argument = re.match(r"\s*(?:def \w+\()?\s*(\w+)\s*(?:[:=][^,]*)?,?\s*\)?:?\s*$", code)
        if hash_ and (not code.strip() or argument):
            found.append(f"{argument[1]}: {said.strip()}" if argument else said.lstrip("#"))
    return "\n".join(found)
