"""A backward pass that raises in the file's own sizes, on the file's own data, where its forward pass does not.

What fails with made-up arguments, in our sizes or on data in the place of theirs may be right all the same. So the
file is executed as it stands, and only where all that it computes with is its own is anything said.
"""

import ast
import re
import sys
from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np

from crosscheck.contract.calling import limited
from crosscheck.contract.failure import LateError
from crosscheck.recognise import naming
from crosscheck.recognise.backward_passes import NO_BACKWARD, functions_of, looks_like_backward
from crosscheck.recognise.statements import root_word, words
from crosscheck.recognise.world import FILENAME, Plan, World
from crosscheck.source import Document
from crosscheck.source.meaning import compiled, executable
from crosscheck.source.walking import walk

SECONDS = 5.0
"""For the file as it stands: what raises does so in the first turn of a training"""
DOES_NOT_FIT = re.compile(
    r"not aligned|mismatch in its core dimension|be broadcast|broadcastable output|index out of range|"
    r"is out of bounds|cannot reshape|too many indices"
)
"""Complaints of sizes and indices, which no version of Python or NumPy takes for granted"""
DRAWING = frozenset({"matplotlib", "pylab", "seaborn", "plotly", "bokeh", "tqdm"})
"""What changes no number"""
READING = re.compile(r"^(?:open|input|raw_input|argv|load\w*|read\w*|genfromtxt|fromfile|memmap|urlopen|urlretrieve)$")
"""Names of what brings in data from outside"""


class Raised(NamedTuple):
    """An error of a backward pass, as the file stands."""

    function: str
    line: int
    message: str
    """The error as Python names it"""
    callers: tuple[str, ...] = ()
    """The other backward passes that were on the way to it, the nearest first"""


def raised_in_backward(document: Document, right: Collection[str] = ()) -> Raised | None:
    """Return the error that the file's first failure is, if it arises on its way back; None if there is no telling.

    What is known to be `right` is not to blame for it.
    """
    if document.cells or not _is_of_its_own(document.tree):  # the cells of a notebook may run in another order
        return None
    world = World(document, Plan(small_sizes=False))
    error = _failure(document, world)
    if error is None or world.files.read or world.missing or not DOES_NOT_FIT.search(str(error)):
        return None
    nodes = functions_of(document.tree)
    found: list[tuple[str, int]] = []
    for line in reversed(list(_lines(error))):
        name = next((n for n, node in nodes.items() if node.lineno <= line <= (node.end_lineno or 0)), "")
        if name and _is_way_back(nodes[name], line):
            found.append((name, line))
    while found and found[0][0] in right:  # by itself: its caller is to blame
        found.pop(0)
    if not found:
        return None
    (name, line), *others = found
    return Raised(name, line, f"{type(error).__name__}: {error}", tuple(dict.fromkeys(n for n, _ in others)))


def _is_of_its_own(tree: ast.Module) -> bool:
    """Tell whether a file computes with what it makes itself, NumPy and the standard library at hand."""
    foreign, used = set(), set()
    for node in walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                root = (getattr(node, "module", None) or alias.name).partition(".")[0]
                if root != "numpy" and root not in DRAWING | sys.stdlib_module_names:
                    foreign.add((alias.asname or alias.name).partition(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            used.add(node.id)
        elif isinstance(node, ast.Attribute):
            used.add(node.attr)
    return not used & foreign and "*" not in foreign and not any(map(READING.match, used))


def _failure(document: Document, world: World) -> Exception | None:
    """Return what a file raises as it stands, None if it ends, leaves or takes too long."""
    code = compiled(executable(document), FILENAME)
    np.random.seed(3)  # noqa: NPY002 - the generator that the module uses
    try:
        with np.errstate(all="ignore"):
            limited(lambda: exec(code, world.names), (), SECONDS)  # noqa: S102 - what this project is asked to do
    except (LateError, SystemExit):
        return None
    except Exception as error:  # noqa: BLE001 - theirs
        return error
    return None


def _lines(error: BaseException) -> Iterator[int]:
    """Yield the lines of the file that led to an error, the last one last."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILENAME:
            yield trace.tb_lineno
        trace = trace.tb_next


def _is_way_back(node: ast.FunctionDef, line: int) -> bool:
    """Tell whether a line of a function belongs to its backward pass."""
    if NO_BACKWARD.search(node.name) or naming.BACKWARD.search(node.name):
        return not NO_BACKWARD.search(node.name)
    if not looks_like_backward(node):
        return False
    statements = (part for part in walk(node) if isinstance(part, ast.Assign | ast.AugAssign | ast.Return))
    within = [part for part in statements if part.lineno <= line <= (part.end_lineno or part.lineno)]
    return any(map(naming.looks_like_gradient, (word for part in within for word in _named(part))))


def _named(statement: ast.Assign | ast.AugAssign | ast.Return) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return [*map(root_word, filter(None, targets)), *(words(statement.value) if statement.value else [])]
