"""Arrays that were made up with the wrong number of axes: what an error tells of them."""

import ast
import re
from collections.abc import Iterable, Iterator

from crosscheck.recognise.argument_names import BIAS
from crosscheck.recognise.failures import Failure
from crosscheck.recognise.guesses import ARRAY, INTEGERS, LIST, Guess, Key
from crosscheck.recognise.letters import ONE

MOST_AXES = 4


def of_ranks(guess: Guess, failure: Failure) -> Iterator[Guess]:
    """Yield guesses in which an array has more or fewer axes, as an error tells."""
    message = failure.message
    shaped = [k for k in failure.inside if guess.slots[k].kind in (ARRAY, INTEGERS, LIST)]
    unpacked = re.search(r"expected (\d+)", message)
    if unpacked and failure.statement is not None and ".shape" in ast.unparse(failure.statement):
        for key in shaped:
            more = len(guess.slots[key].sizes) >= int(unpacked[1])  # it is the shape of an entry then
            yield guess.with_rank(key, int(unpacked[1]) + more)
    fewer = re.search(r"too many values|setting an array element|too deep|cannot unpack", message)
    yield from with_ranks(guess, shaped, -1 if fewer else +1)
    everything = [k for k, slot in guess.slots.items() if slot.kind in (ARRAY, INTEGERS, LIST) and k not in shaped]
    everything.sort(key=lambda key: key.name[:1] in "WUVb")
    yield from with_ranks(guess, everything, -1 if fewer else +1)
    yield from with_ranks(guess, shaped, +1 if fewer else -1)


def with_ranks(guess: Guess, keys: Iterable[Key], change: int) -> Iterator[Guess]:
    """Yield guesses in which one of some arrays has more axes or fewer, by a `change`; biases stay as they are."""
    for key in keys:
        slot = guess.slots[key]
        rank = len(slot.sizes) + change
        if BIAS.search(key.name):
            continue
        if change < 0 and ONE in slot.sizes and rank:  # a row of one: its other size is known already
            yield guess.with_slot(key, slot._replace(sizes=tuple(size for size in slot.sizes if size != ONE)))
        if slot.kind in (ARRAY, INTEGERS) and 0 < rank <= (MOST_AXES if slot.kind == ARRAY else 2):
            yield guess.with_rank(key, rank)
        elif slot.kind == LIST and change > 0:
            yield guess.with_slot(key, slot._replace(kind=INTEGERS)).with_rank(key, rank)
