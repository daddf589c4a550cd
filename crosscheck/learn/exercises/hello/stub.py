"""Hello: change one character, save, and see it pass."""


def derivative(x):
    """Return the derivative of x² at x, a number."""
    # TODO: the derivative of x² is 2x. Change one character in the line below, and save the file.
    return 3 * x
