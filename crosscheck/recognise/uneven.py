"""The last batch of a training, which is a smaller one, where gradients are divided by the size of a full batch.

`dz = (p - y) / batch_size` beside a loss that is the mean over the rows that there are: in each full batch this is the
gradient, and in the last one a share of it.
"""

import re
from typing import Any

import numpy as np

from crosscheck.judge import JudgedCase
from crosscheck.recognise.replay import Replay
from crosscheck.recognise.unit import Unit
from crosscheck.verdicts import Finding, Severity

BATCH = re.compile(r"batch|^bs$|^mb$", re.IGNORECASE)
"""What the size of a batch is called"""
SAME = 1e-9
"""How far entries are apart, relative to the largest, that are the same"""
MESSAGE = (
    "In a batch of {rows} rows all gradients are {rows}/{full} of the derivatives of the loss, which is a mean over "
    "these rows: they are divided by {name} = {full}. Divide by the number of rows that there are."
)


def uneven_batch(unit: Unit, case: JudgedCase) -> Finding | None:
    """Say that the gradients of a case are right but for the size of its batch; None where they are not.

    All gradients must be one and the same share of the derivatives: that of some rows of a full batch.
    """
    names = [n for n in case.comparisons if n != "loss" and np.any(case.reference[n])]
    pairs = [(np.asarray(case.outcome[n], float), np.asarray(case.reference[n], float)) for n in names]
    if not pairs or not all(np.isfinite(outcome).all() for outcome, _ in pairs):
        return None
    share = sum(float(np.vdot(o, r)) for o, r in pairs) / sum(float(np.vdot(r, r)) for _, r in pairs)
    if not all(np.max(np.abs(o - share * r)) <= SAME * np.max(np.abs(r)) for o, r in pairs):
        return None
    for name, full in _sizes(unit):
        rows = share * full
        if 0.5 < rows < full - 0.5 and abs(rows - round(rows)) <= SAME * full:
            message = MESSAGE.format(rows=round(rows), full=full, name=name)
            return Finding("uneven-batch", Severity.WARNING, None, message)
    return None


def _sizes(unit: Unit) -> list[tuple[str, int]]:
    """Return the numbers that are called like the size of a batch."""
    replay = unit.subject.replay
    roots: dict[str, Any] = replay.roots() if isinstance(replay, Replay) else {}  # an engine has none
    held = {**roots, **getattr(roots.get("self"), "__dict__", {})}
    whole = [(name, value) for name, value in held.items() if isinstance(value, int | np.integer) and value > 1]
    return [(name, int(value)) for name, value in whole if BATCH.search(name)]
