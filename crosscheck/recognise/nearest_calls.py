"""Which calls of a forward method a call of its backward method may belong to, by what was called between them."""

from collections.abc import Sequence

from crosscheck.recognise.hooks import Entry


def followed(pairs: Sequence[tuple[Entry, list[Entry]]]) -> list[tuple[Entry, list[Entry]]]:
    """Return the calls of a method that follow most of what one of them follows, and what each may belong to.

    Of the methods of its object that one of them follows no earlier calls are meant: another was made after these, and
    what they left there is gone. What functions return is handed on, and tells by itself which call is meant.
    """
    direct = {
        other.function
        for entry, others in pairs
        for other in others
        if entry.follows(other) and entry.ids.get("self", 0) == other.ids.get("self", 1)
    }
    kept = [
        (entry, [other for other in others if entry.follows(other) or other.function not in direct])
        for entry, others in pairs
    ]
    missed = [
        len(direct & {other.function for other in before} - {other.function for other in after})
        for (_, before), (_, after) in zip(pairs, kept, strict=True)
    ]
    return [pair for pair, count in zip(kept, missed, strict=True) if count == min(missed)]
