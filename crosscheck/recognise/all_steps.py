"""Lengths of sequences that an object is told beforehand: what it goes back through in all, it went forward through.

`backward` counts to `self.sequence_length`, where `forward` went through `inputs`. With more inputs than that the steps
would not be all, and the gradients those of no loss of all outputs.
"""

import ast
from collections.abc import Iterator
from dataclasses import replace

from crosscheck.recognise.guesses import ARRAY, INTEGERS, LIST, SIZE, Guess
from crosscheck.recognise.statements import root_word
from crosscheck.source.walking import walked


def of_all_steps(guess: Guess, forward: ast.FunctionDef, backward: ast.FunctionDef) -> Guess:
    """Return the guess in which a number of steps to go back is as many as there are to go forward."""
    counted = set(_counts(backward)) - set(_counts(forward))
    gone = set(_gone_through(forward))
    sizes = [key for key, slot in guess.slots.items() if slot.kind == SIZE and key.argument in counted]
    kinds = (ARRAY, INTEGERS, LIST)
    found = [key for key, slot in guess.slots.items() if slot.kind in kinds and slot.sizes and key.argument in gone]
    if not sizes or not found:
        return guess
    return replace(guess, together=(*guess.together, (*found[:1], *sizes))).of_one_length()


def _counts(node: ast.FunctionDef) -> Iterator[str]:
    """Yield the words of the numbers that a function counts up to: `range(self.steps)`."""
    for call in (part for part in walked(node) if isinstance(part, ast.Call) and root_word(part.func) == "range"):
        yield from (root_word(end) for end in call.args[-1:] if isinstance(end, ast.Name | ast.Attribute))


def _gone_through(node: ast.FunctionDef) -> Iterator[str]:
    """Yield the arguments that loops of a function go through: `for x in xs`, `range(len(xs))`, `enumerate(xs)`."""
    arguments = {argument.arg for argument in node.args.args}
    for loop in (part for part in walked(node) if isinstance(part, ast.For)):
        whole = loop.iter
        while isinstance(whole, ast.Call) and root_word(whole.func) in ("range", "len", "enumerate") and whole.args:
            whole = whole.args[-1]
        if isinstance(whole, ast.Name) and whole.id in arguments:
            yield whole.id
