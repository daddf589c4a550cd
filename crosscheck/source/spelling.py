"""Which of several names a misspelt one is near."""

from collections.abc import Iterable


def nearest(name: str, candidates: Iterable[Iterable[str]]) -> str | None:
    """Return the one name that another is a misspelling of, in the first group that has any; None if that is a guess.

    >>> nearest("tah", (["tanh", "exp"], ["tan", "tanh"])), nearest("tah", (["tan", "tanh"],))
    ('tanh', None)
    """
    allowed = min(2, (len(name) - 1) // 2)  # slips of the finger in a name of so many letters: none in one of two
    for group in candidates:
        near = sorted((distance(name, other), other) for other in group if abs(len(other) - len(name)) <= 2)
        near = [(far, other) for far, other in near if far <= min(allowed, (len(other) - 1) // 2) and other != name]
        if near:
            return near[0][1] if len(near) == 1 or near[0][0] < near[1][0] else None
    return None


def distance(one: str, other: str) -> int:
    """Return how many letters must be inserted, dropped, replaced or swapped with their neighbour.

    >>> distance("traget", "target"), distance("inuput", "inputs")
    (1, 2)
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        last, before, row = before, row, [i]
        for j, against in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if last and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
