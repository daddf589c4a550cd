"""Calls that were made up and that go back nowhere, because what they were handed is too short for what they do.

A training that cuts its text into windows, `for i in range(len(data) // steps)`, makes no turn of a text of a few
symbols, and returns all the same.
"""

import ast
from collections.abc import Collection, Mapping
from dataclasses import replace

from crosscheck.recognise.backward_passes import looks_like_backward, words_called
from crosscheck.recognise.guesses import ARRAY, INTEGERS, LIST, Guess

LONG = 71
"""Entries of what is made longer: some windows of the usual lengths"""


def longer(guess: Guess, entries: Collection[str], target: str, nodes: Mapping[str, ast.FunctionDef]) -> Guess | None:
    """Return a guess with longer sequences, where a call went through no backward pass that its function asks for.

    `entries` are the functions that the call went through. None where it went through one, or nothing can be longer.
    """
    asked = words_called(nodes[target])
    wanted = {name for name, node in nodes.items() if name.rpartition(".")[2] in asked and looks_like_backward(node)}
    if not wanted or wanted & set(entries):
        return None
    slots = [slot for key, slot in guess.slots.items() if key.owner == target and slot.sizes]
    firsts = {slot.sizes[0].letter for slot in slots if slot.kind in (LIST, INTEGERS, ARRAY)}
    others = {size.letter for slot in slots for size in slot.sizes[slot.kind in (LIST, INTEGERS, ARRAY) :]}
    free = firsts - others - guess.fixed - {None}
    numbers = {known: LONG if known in free else number for known, number in guess.numbers.items()}
    return replace(guess, numbers=numbers) if free else None
