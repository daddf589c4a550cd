"""Made-up calls of models with several outputs, as they would be with a single one: `w` is a vector then, and `y`."""

from collections import Counter
from dataclasses import replace

from crosscheck.recognise.argument_names import TARGET
from crosscheck.recognise.guesses import ARRAY, Guess
from crosscheck.recognise.letters import ONE


def without_outputs(guess: Guess) -> Guess | None:
    """Return the guess without the axis that lies last in several arrays with names in small letters, and nowhere else.

    Those keep another axis each, and a matrix must remain. None if there is no such axis.

    >>> from crosscheck.recognise.guesses import Key, Slot
    >>> of = lambda **sizes: Guess({Key("f", n): Slot(ARRAY, tuple(found)) for n, found in sizes.items()}, {})
    >>> made = without_outputs(of(X="nd", w="dk", y="nk"))
    >>> {key.argument: "".join(slot.sizes) for key, slot in made.slots.items()}
    {'X': 'nd', 'w': 'd', 'y': 'n'}
    >>> without_outputs(of(X="nd", W="dk", y="nk")), without_outputs(of(x="nd", w="dk"))
    (None, None)
    """
    arrays = {key: slot for key, slot in guess.slots.items() if slot.kind == ARRAY and len(slot.sizes) > 1}
    counts = Counter(size for slot in guess.slots.values() for size in slot.sizes)
    for last in dict.fromkeys(slot.sizes[-1] for slot in arrays.values()):
        having = {key: slot for key, slot in arrays.items() if slot.sizes[-1] == last}
        is_last = counts[last] == len(having) > 1 and having.keys() != arrays.keys()
        if is_last and all(key.argument.islower() for key in having):
            slots = {key: slot._replace(sizes=slot.sizes[:-1], hot=None) for key, slot in having.items()}
            return replace(guess, slots={**guess.slots, **slots})
    return None


def with_columns(guess: Guess) -> Guess | None:
    """Return the guess in which targets are a column, where they are a row of numbers, one for each row of a table.

    A loss that multiplies them by a column of outputs is one of all pairs otherwise. None if there are no such targets.

    >>> from crosscheck.recognise.guesses import Key, Slot
    >>> of = lambda **sizes: Guess({Key("f", n): Slot(ARRAY, tuple(found)) for n, found in sizes.items()}, {})
    >>> made = with_columns(of(X="nd", y="n"))
    >>> made.slots[Key("f", "y")].sizes == ("n", ONE), with_columns(of(X="nd", y="nk")), with_columns(of(X="nd", w="n"))
    (True, None, None)
    """
    lengths = {slot.sizes[0] for slot in guess.slots.values() if len(slot.sizes) > 1}
    rows = {
        key: slot._replace(sizes=(*slot.sizes, ONE), hot=None)
        for key, slot in guess.slots.items()
        if slot.kind == ARRAY and len(slot.sizes) == 1 and slot.sizes[0] in lengths and TARGET.match(key.argument)
    }
    return replace(guess, slots={**guess.slots, **rows}) if rows else None
