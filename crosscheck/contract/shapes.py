"""What a wrong shape looks like, in words."""

Shape = tuple[int, ...]


def shape_sentence(name: str, given: Shape, expected: Shape) -> str:
    """Return the sentence for a gradient whose shape is not its parameter's, with the likeliest cause and the remedy.

    >>> shape_sentence("W", (5, 3), (3, 5))
    'The gradient of W has shape (5, 3), expected (3, 5), the shape of W: it looks transposed; return its .T.'
    """
    return (
        f"The gradient of {name} has shape {given}, expected {expected}, the shape of {name}: {_look(given, expected)}."
    )


def _look(given: Shape, expected: Shape) -> str:
    if len(given) == 2 and given == expected[::-1]:
        return "it looks transposed; return its .T"
    if given[:-1] == expected and given[-1:] == (1,):
        return "it looks like a column vector; return its [..., 0]"
    if _without_ones(given) == _without_ones(expected):
        return f"only axes of length 1 differ; return its .reshape({expected})"
    for axis, length in enumerate(given):
        if _without(given, axis) == expected:
            return f"axis {axis}, of length {length}, is one too many; was the sum over it (time, batch) left out?"
    for axis, length in enumerate(expected):
        if _without(expected, axis) == given:
            return f"axis {axis}, of length {length}, is missing; was there one sum too many?"
    if len(given) == len(expected):
        axis = next(axis for axis, length in enumerate(given) if length != expected[axis])
        return f"axis {axis} has {given[axis]} entries in place of {expected[axis]}"
    return f"it has {len(given)} axes in place of {len(expected)}"


def _without(shape: Shape, axis: int) -> Shape:
    return shape[:axis] + shape[axis + 1 :]


def _without_ones(shape: Shape) -> Shape:
    return tuple(length for length in shape if length != 1)
