"""Activations and losses that a program can be asked for and is not: slips in them are seen only where they are chosen.

    def __init__(self, activation="relu"): ...
    if self.activation == "tanh": ...

What stands for an activation when nothing is said is exchanged for each other one that the program knows by name, and
for one that it does not know: the last branch often stands for all that are left. So are those that calls ask for, if
both ways of a program know another that no call of it asks for. `loss_function="log_loss"` is exchanged for the other
losses that the program compares it with, and for one that it does not know. What a table holds is known as well:
`TABLE[activation]`.

`stride=1` hides whether a way back moves by the stride, and `padding=0` whether it leaves the padding out: of layers
that nothing in the program makes use of, which others may ask for anything, another number is tried for each.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple, TypeGuard

from crosscheck.recognise.defaults import defaults_of
from crosscheck.recognise.named_choices import asked_of_table, keys_of
from crosscheck.source import Document, Edit
from crosscheck.source.walking import last_word, walk

ACTIVATION = re.compile(
    r"^(?:hidden_?)?(?:activations?|act|nonlin(?:earity)?|activation_?(?:fn|func|function|name|type))$", re.IGNORECASE
)
ELEMENTWISE = re.compile(r"^(?:relu|tanh|sigmoid|logistic|leaky_?relu|elu|softplus|swish|silu|gelu)$", re.IGNORECASE)
"""What acts on each number alone: a softmax goes with one loss, and is wrong before others"""
OF_ALL = re.compile(r"soft_?(?:max|min)|log_?soft|max_?out|^$|none", re.IGNORECASE)
"""What acts on several numbers at once, or is no activation"""
LOSS = re.compile(r"^(?:loss|cost|criterion|objective|error)(?:_?(?:fn|func|function|name|type))?$", re.IGNORECASE)
LOSS_WORDS = re.compile(r"mse|mae|mean|squared?|absolute|hinge|log|entropy|bce|huber|^l[12]$", re.IGNORECASE)
OF_OUTPUTS = re.compile("sigm|logistic", re.IGNORECASE)
LOGARITHM = re.compile("log(?:1p|2|10)?$")
OPTIONS = {"stride": (1, 2), "strides": (1, 2), "pad": (0, 1), "padding": (0, 1), "dilation": (1, 2)}
"""Defaults of layers that hide what depends on them, and what shows it"""
WAYS = re.compile(r"forward|backward|(?:^|_)(?:fwd|bwd)(?:_|$)", re.IGNORECASE)
MOST = 4
UNKNOWN = "another"
"""What no program calls an activation"""


class Alternative(NamedTuple):
    """A document in which another activation stands for the usual one."""

    argument: str
    value: str | int
    document: Document
    is_asked: bool = False
    """Whether a call asks for the usual one: what comes before and after may go with that alone"""
    is_of_unused: bool = False
    """Whether it tells of layers alone that nothing in the program makes use of"""


def alternatives(document: Document) -> Iterator[Alternative]:
    """Yield the document with the other activations that it knows, a few of them."""
    usual = dict(_defaults(document.tree))
    for argument, nodes in usual.items():
        known = {node.value for node in nodes}
        compared = _compared(document.tree, argument)
        others = [value for value in compared if value not in known][:MOST]
        is_plain = bool(ACTIVATION.match(argument)) or not _takes_logarithms(document.tree)
        others += [UNKNOWN] if known & set(compared) and is_plain else []
        for value in others:
            yield Alternative(argument, value, document.mended([_edit(node, value) for node in nodes]))
    asked = _asked(document.tree)
    others = [value for value in _known_both_ways(document.tree) if value not in asked] if not usual else []
    for value in others[:MOST] if asked else ():
        known = next(iter(asked))
        nodes = asked[known]
        yield Alternative(known, value, document.mended([_edit(node, value) for node in nodes]), True)
    for argument, (hiding, telling) in OPTIONS.items():
        nodes = [node for node in _given(document.tree, argument) if node.value is not False and node.value == hiding]
        if nodes:
            edits = [_edit(node, telling) for node in nodes]
            yield Alternative(argument, telling, document.mended(edits), is_of_unused=True)


def _given(tree: ast.Module, argument: str) -> list[ast.Constant]:
    """Return the constants that are defaults of an argument wherever a layer is made, or a pass of it is asked for."""
    nodes = (node for node in walk(tree) if isinstance(node, ast.FunctionDef))
    asked = (node for node in nodes if node.name == "__init__" or WAYS.search(node.name))
    pairs = (pair for node in asked for pair in defaults_of(node))
    return [value for name, value in pairs if name == argument and isinstance(value, ast.Constant)]


def _takes_logarithms(tree: ast.Module) -> bool:
    """Tell whether a loss may be a cross-entropy: that goes with one kind of outputs, which something else chooses."""
    return any(isinstance(node, ast.Attribute | ast.Name) and LOGARITHM.match(last_word(node)) for node in walk(tree))


def _asked(tree: ast.Module) -> dict[str, list[ast.Constant]]:
    """Return the activations that calls ask for by name, and where; last what often goes with a loss."""
    found: dict[str, list[ast.Constant]] = {}
    for call in (node for node in walk(tree) if isinstance(node, ast.Call)):
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        given += [part for one in given if isinstance(one, ast.List | ast.Tuple) for part in one.elts]
        for node in given:
            if isinstance(node, ast.Constant) and _is_activation(node):
                found.setdefault(str(node.value), []).append(node)
    return dict(sorted(found.items(), key=lambda pair: bool(OF_OUTPUTS.search(pair[0]))))


def _known_both_ways(tree: ast.Module) -> list[str]:
    """Return the activations that something is compared with twice: forward and backward."""
    pairs = [node for node in walk(tree) if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq)]
    sides = [side for node in pairs for side in (node.left, *node.comparators)]
    words = [str(side.value) for side in sides if isinstance(side, ast.Constant) and _is_activation(side)]
    return [word for word in dict.fromkeys(words) if words.count(word) > 1]


def _defaults(tree: ast.Module) -> Iterator[tuple[str, list[ast.Constant]]]:
    found: dict[str, list[ast.Constant]] = {}
    for node in walk(tree):
        if isinstance(node, ast.FunctionDef):
            for argument, default in defaults_of(node):
                if isinstance(default, ast.Constant) and _is_choice(argument, default):
                    found.setdefault(argument, []).append(default)
    yield from found.items()


def _compared(tree: ast.Module, argument: str) -> list[str]:
    """Return the words that an argument of this name, or an attribute, is compared with, or that a table has for it."""
    tables = {
        last_word(target): keys
        for node in walk(tree)
        if isinstance(node, ast.Assign) and (keys := keys_of(node.value))
        for target in node.targets
    }
    found: dict[str, None] = {}
    for node in walk(tree):
        sides: list[ast.expr] = []
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
            sides = [node.left, *node.comparators]
        elif asked := asked_of_table(node):
            sides = [asked[1], *tables.get(last_word(asked[0]), keys_of(asked[0]))]
        if argument in {last_word(side).lstrip("_") for side in sides}:
            found |= {str(side.value): None for side in sides if _is_known(side, argument)}
    return list(found)


def _is_known(side: ast.expr, argument: str) -> TypeGuard[ast.Constant]:
    """Tell whether what an argument is compared with is a word that may be chosen: any, where an activation is."""
    if not isinstance(side, ast.Constant) or not isinstance(side.value, str):
        return False
    return not OF_ALL.search(side.value) if ACTIVATION.match(argument) else _is_choice(argument, side)


def _is_choice(argument: str, node: ast.Constant) -> bool:
    """Tell whether a word is an activation for an argument that asks for one, or a loss for one of these.

    >>> said = [("act", "relu"), ("act", "mse"), ("loss_function", "hinge_loss"), ("loss", "relu")]
    >>> [_is_choice(argument, ast.Constant(word)) for argument, word in said]
    [True, False, True, False]
    """
    if LOSS.match(argument):
        return isinstance(node.value, str) and bool(LOSS_WORDS.search(node.value))
    return bool(ACTIVATION.match(argument)) and _is_activation(node)


def _is_activation(node: ast.Constant) -> bool:
    return isinstance(node.value, str) and bool(ELEMENTWISE.match(node.value))


def _edit(node: ast.Constant, value: str | int) -> Edit:
    return Edit((node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0), repr(value))
