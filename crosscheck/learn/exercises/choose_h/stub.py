"""Choose the step of a finite difference, and see what it does. Run this file to see a table."""


def difference(x, h):
    """Return the slope of x³ at the number x, as a one-sided difference finds it."""
    return ((x + h) ** 3 - x**3) / h


def error(x, h):
    """Return how far off that is, as a part of the true slope 3x²."""
    return abs(difference(x, h) / (3 * x**2) - 1)


def choose_h(x):
    """Return a step h for the number x such that error(x, h) is below 1e-6.

    x is positive or negative; it may be as small as 0.00001, and as large as 1000000. It is not 0.
    """
    raise NotImplementedError("TODO: return h")


if __name__ == "__main__":
    x = 1.7
    print(f"x = {x:g}")
    for exponent in range(1, 17):
        h = 10.0**-exponent
        print(f"h = {h:.0e}   difference {difference(x, h):.12f}   error {error(x, h):.0e}")
