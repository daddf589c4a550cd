"""How far a gradient is from its reference, also where entries are zero."""

import numpy as np


def gradient_error(found, reference):
    """Return how far found is from reference, relative to the largest entry of reference: one number.

    Both are arrays (N,). If reference is 0 everywhere, return 0 if found is so as well, and infinity if it is not.
    """
    difference = np.max(np.abs(found - reference))
    largest = np.max(np.abs(reference))
    if largest == 0:
        return 0.0 if difference == 0 else np.inf
    return difference / largest
