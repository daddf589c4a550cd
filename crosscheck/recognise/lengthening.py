"""Targets for all steps, where a file's own example has them for some and the backward pass takes as many as there are.

A recurrence that is trained on one step alone shows nothing of its way back through time.
"""

import ast
from dataclasses import replace
from typing import Any

import numpy as np

from crosscheck.recognise import naming
from crosscheck.recognise.argument_names import STATE, TARGET
from crosscheck.recognise.hooks import Entry
from crosscheck.source.walking import walk


def lengthened(forward: Entry, backward: Entry, node: ast.FunctionDef) -> tuple[Entry, str] | None:
    """Return a backward call with a target for every step of the forward call, and what was changed.

    None if it has these already, or does not ask how many there are.
    """
    words = [argument.arg for argument in node.args.args if TARGET.match(argument.arg)]
    steps = [
        len(value)
        for name, value in forward.arguments.items()
        if naming.DATA.match(name) and not STATE.match(name) and isinstance(value, np.ndarray | list) and np.ndim(value)
    ]
    if len(words) != 1 or not steps or not _counts(node, words[0]):
        return None
    target = backward.arguments.get(words[0])
    if not isinstance(target, np.ndarray | list) or not np.ndim(target) or not 0 < len(target) < max(steps):
        return None
    longer = _repeated(np.asarray(target), max(steps))
    given = {**backward.arguments, words[0]: longer.tolist() if isinstance(target, list) else longer}
    told = f"{words[0]} was given a row for each of {max(steps)} steps, where the file itself has {len(target)}"
    return replace(backward, arguments=given), told


def _counts(node: ast.FunctionDef, name: str) -> bool:
    """Tell whether a function asks how many targets there are."""
    return any(
        isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "len"
        and isinstance(call.args[0], ast.Name) and call.args[0].id == name
        for call in walk(node) if isinstance(call, ast.Call) and call.args
    )  # fmt: skip


def _repeated(values: np.ndarray, count: int) -> Any:
    """Return rows like those that there are, again and again; numbers that are no labels differ from row to row."""
    rows = values[np.arange(count) % len(values)]
    return rows if values.dtype.kind in "iub" else rows * (1 + np.arange(count) / 7).reshape(-1, *[1] * (rows.ndim - 1))
