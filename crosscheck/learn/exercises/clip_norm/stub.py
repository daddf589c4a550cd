"""Clipping by the global norm: one factor for the whole model."""

import numpy as np


def clip_by_norm(gradients, bound):
    """Return dWxh, dWhh and dbh, shortened together so that their joint norm is at most bound.

    gradients is the tuple (dWxh (H, N), dWhh (H, H), dbh (H,)); it must stay as it is. bound is a positive number.
    Gradients whose joint norm is within the bound come back as they are, and so do zeros. Entries may be as large as
    1e180.
    """
    raise NotImplementedError("TODO: return dWxh, dWhh, dbh")
