"""Activations and losses that a program can be asked for and is not: slips in them are seen only where they are chosen.

    def __init__(self, activation="relu"): ...
    if self.activation == "tanh": ...

What stands for an activation when nothing is said is exchanged for each other one that the program knows by name, and
for one that it does not know: the last branch often stands for all that are left. So are those that calls ask for, if
both ways of a program know another that no call of it asks for. `loss_function="log_loss"` is exchanged for the other
losses that the program compares it with.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from crosscheck.source import Document, Edit
from crosscheck.source.walking import walk

ACTIVATION = re.compile(
    r"^(?:hidden_?)?(?:activations?|act|nonlin(?:earity)?|activation_?(?:fn|func|function|name|type))$", re.IGNORECASE
)
ELEMENTWISE = re.compile(r"^(?:relu|tanh|sigmoid|logistic|leaky_?relu|elu|softplus|swish|silu|gelu)$", re.IGNORECASE)
"""What acts on each number alone: a softmax goes with one loss, and is wrong before others"""
LOSS = re.compile(r"^(?:loss|cost|criterion|objective|error)(?:_?(?:fn|func|function|name|type))?$", re.IGNORECASE)
LOSS_WORDS = re.compile(r"mse|mae|mean|squared?|absolute|hinge|log|entropy|bce|huber|^l[12]$", re.IGNORECASE)
OF_OUTPUTS = re.compile("sigm|logistic", re.IGNORECASE)
MOST = 3
UNKNOWN = "another"
"""What no program calls an activation"""


class Alternative(NamedTuple):
    """A document in which another activation stands for the usual one."""

    argument: str
    value: str
    document: Document
    is_asked: bool = False
    """Whether a call asks for the usual one: what comes before and after may go with that alone"""


def alternatives(document: Document) -> Iterator[Alternative]:
    """Yield the document with the other activations that it knows, a few of them."""
    usual = dict(_defaults(document.tree))
    for argument, nodes in usual.items():
        known = {node.value for node in nodes}
        compared = _compared(document.tree, argument)
        others = [value for value in compared if value not in known][:MOST]
        others += [UNKNOWN] if known & set(compared) and ACTIVATION.match(argument) else []
        for value in others:
            yield Alternative(argument, value, document.mended([_edit(node, value) for node in nodes]))
    asked = _asked(document.tree)
    others = [value for value in _known_both_ways(document.tree) if value not in asked] if not usual else []
    for value in others[:MOST] if asked else ():
        known = next(iter(asked))
        nodes = asked[known]
        yield Alternative(known, value, document.mended([_edit(node, value) for node in nodes]), True)


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
            named = [*node.args.posonlyargs, *node.args.args]
            pairs = [*zip(named[len(named) - len(node.args.defaults) :], node.args.defaults, strict=True)]
            pairs += [
                (one, other) for one, other in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if other
            ]
            for argument, default in pairs:
                if isinstance(default, ast.Constant) and _is_choice(argument.arg, default):
                    found.setdefault(argument.arg, []).append(default)
    yield from found.items()


def _compared(tree: ast.Module, argument: str) -> list[str]:
    """Return the activations or losses that an argument of this name, or an attribute, is compared with."""
    found: dict[str, None] = {}
    for node in walk(tree):
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq):
            continue
        sides = [node.left, *node.comparators]
        names = {str(getattr(side, "id", getattr(side, "attr", ""))).lstrip("_") for side in sides}
        if argument in names:
            found |= {
                str(side.value): None for side in sides if isinstance(side, ast.Constant) and _is_choice(argument, side)
            }
    return list(found)


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


def _edit(node: ast.Constant, value: str) -> Edit:
    return Edit((node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0), repr(value))
