"""Made-up calls of models with several outputs, as they would be with a single one: `w` is a vector then, and `y`."""

from collections import Counter
from dataclasses import replace

from crosscheck.recognise.guesses import ARRAY, Guess


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
