"""Arrays that are held to be sums of others: with which factors, in every entry."""

import numpy as np

CLOSE = 1e-6
"""How closely a rule is followed, relative: the steps are differences of parameters, which round"""
FEWEST = 5
"""Entries without which no rule is told from another"""
SMALLEST = 1e-300
"""The least that a column may be of: nothing is divided by less"""


def fit(wanted: np.ndarray, *columns: np.ndarray) -> np.ndarray | None:
    """Return the factors with which columns add up to what is wanted in every entry; None if there are none."""
    table = np.stack(columns, 1).astype(float)
    if wanted.size <= len(columns) or not np.isfinite(table).all() or not np.isfinite(wanted).all():
        return None
    scale = np.abs(table).max(0)
    if not (scale > SMALLEST).all():
        return None
    factors = np.linalg.lstsq(table / scale, wanted, rcond=None)[0] / scale
    off = np.max(np.abs(table @ factors - wanted) / np.maximum(np.abs(wanted), 1e-3 * np.max(np.abs(wanted))))
    return factors if off < CLOSE else None


def counts(factor: float, column: np.ndarray, wanted: np.ndarray) -> bool:
    """Tell whether a part of a sum is more than what rounding leaves of it."""
    return abs(factor) * float(np.max(np.abs(column))) > CLOSE * float(np.max(np.abs(wanted)))
