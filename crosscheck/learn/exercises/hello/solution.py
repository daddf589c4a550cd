"""Hello: change one character, save, and see it pass."""


def derivative(x):
    """Return the derivative of x² at x, a number."""
    return 2 * x
