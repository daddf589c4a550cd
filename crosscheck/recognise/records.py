"""Arguments that are records of data, `data.x`, `data.y`, `data.m`: told by what a class reads of them.

They are of no class of the file, and nothing of them is called.
"""

import ast
import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from crosscheck.recognise.argument_names import TARGET
from crosscheck.recognise.naming import DATA
from crosscheck.recognise.tables import ASKED
from crosscheck.recognise.uses import Uses, uses_of
from crosscheck.source.walking import walk, walked

KNOWN = frozenset({*dir(np.ndarray), *dir(dict), *dir(list), *dir(str), *ASKED, "columns", "index"}) - {"data", "size"}
"""What is read of arrays, of containers and of tables"""
SEEN = "seen_"
"""What the attributes of a record are called while it is looked at what is done with them: a local name may be `x`"""


class Record(SimpleNamespace):
    """What has attributes and nothing else."""


class Fields(NamedTuple):
    """What is read of a record."""

    names: tuple[str, ...]
    uses: Uses
    """What is done with them, by their names"""

    def is_array(self, name: str) -> bool:
        """Tell whether something is used as an array, or called like data; otherwise it is a number."""
        uses = self.uses
        found = (
            uses.arrays | uses.indices | uses.iterated | uses.ranks.keys() | uses.least.keys() | uses.unpacked.keys()
        )
        return name in found or bool(DATA.match(name) or TARGET.match(name))


def records(
    node: ast.FunctionDef, kept: Mapping[str, Sequence[str]], others: Iterable[ast.FunctionDef]
) -> dict[str, Fields]:
    """Return the arguments of a constructor that are records, and what is read of them.

    >>> source = "def __init__(self, data): self.W, self.n = randn(data.K, 2), data.x.shape[0]"
    >>> records(ast.parse(source).body[0], {}, [])["data"].names
    ('K', 'x')
    """
    others = list(others)
    found: dict[str, Fields] = {}
    for argument in (a.arg for a in (*node.args.posonlyargs, *node.args.args)[1:]):
        held = set(kept.get(argument, ()))
        places = [(node, {argument, *held}), *((other, held) for other in others if other is not node)]
        read = dict.fromkeys(name for place, spellings in places for name in _read(place, spellings))
        called = any(_is_called(place, spellings) for place, spellings in places)
        if read and not called and not read.keys() & KNOWN:
            uses = Uses()
            for place, spellings in places:
                add_uses(uses, seen_of(place, spellings))
            found[argument] = Fields(tuple(read), uses)
    return found


def _read(node: ast.AST, spellings: set[str]) -> Iterator[str]:
    for part in walked(node):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Load) and ast.unparse(part.value) in spellings:
            yield part.attr


def _is_called(node: ast.AST, spellings: set[str]) -> bool:
    functions = (part.func for part in walked(node) if isinstance(part, ast.Call))
    return any(isinstance(f, ast.Attribute) and ast.unparse(f.value) in spellings for f in functions)


def seen_of(node: ast.AST, spellings: set[str]) -> Uses:
    """Return what a method does with what it reads of a record, and with variables that stand for it: `X = data.x`."""
    tree = _Plainly(spellings).visit(copy.deepcopy(node))
    aliases = {
        part.targets[0].id: part.value.id
        for part in walk(tree)
        if isinstance(part, ast.Assign)
        and isinstance(part.targets[0], ast.Name)
        and isinstance(part.value, ast.Name)
        and part.value.id.startswith(SEEN)
    }
    for part in walk(tree):
        if isinstance(part, ast.Name):
            part.id = aliases.get(part.id, part.id)
    return uses_of(tree)


class _Plainly(ast.NodeTransformer):
    """Puts a name in place of what is read of a record."""

    def __init__(self, spellings: set[str]) -> None:
        self.spellings = spellings

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Replace an attribute of the record."""
        if ast.unparse(node.value) in self.spellings:
            return ast.Name(SEEN + node.attr, node.ctx)
        self.generic_visit(node)
        return node


def add_uses(uses: Uses, seen: Uses) -> None:
    """Add what is said of the attributes of a record."""
    for fact, others in vars(seen).items():
        known = getattr(uses, fact)
        if isinstance(others, set):
            known |= {name.removeprefix(SEEN) for name in others if isinstance(name, str) and name.startswith(SEEN)}
        elif isinstance(others, dict):
            for name, said in others.items():
                if name.startswith(SEEN):
                    known.setdefault(name.removeprefix(SEEN), said)
